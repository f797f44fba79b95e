//! In which language a request wants its answer: the choice made, or else what the browser prefers, or else Japanese.

use http::header::{ACCEPT_LANGUAGE, HeaderMap};
use sekisho_core::letter::Language;

/// The language of the answer, given the choice in the cookie.
pub fn choose(chosen: Option<Language>, headers: &HeaderMap) -> Language {
    chosen.unwrap_or_else(|| {
        let texts = headers.get_all(ACCEPT_LANGUAGE).iter().filter_map(|value| value.to_str().ok());
        let known = texts.flat_map(|text| text.split(',')).filter_map(wish).filter(|(_, weight)| *weight > 0.0);
        // The first of the heaviest: `max_by` would take the last.
        known.reduce(|best, next| if next.1 > best.1 { next } else { best }).map(|(language, _)| language).unwrap_or_default()
    })
}

/// One entry of `Accept-Language` (RFC 9110 §12.5.4), if it names a language of ours.
fn wish(entry: &str) -> Option<(Language, f32)> {
    let (tag, parameter) = entry.split_once(';').unwrap_or((entry, "q=1"));
    let primary = tag.trim().split('-').next()?.to_ascii_lowercase();
    let weight = parameter.trim().strip_prefix("q=").and_then(|q| q.parse().ok()).filter(|q| (0.0..=1.0).contains(q))?;
    [Language::Ja, Language::En].into_iter().find(|language| language.tag() == primary).map(|language| (language, weight))
}

#[cfg(test)]
mod tests {
    use super::choose;
    use http::header::{ACCEPT_LANGUAGE, HeaderMap, HeaderValue};
    use sekisho_core::letter::Language;

    #[test]
    fn the_choice_comes_before_the_browser_and_japanese_before_nothing() {
        let accepts = |text: &'static str| HeaderMap::from_iter([(ACCEPT_LANGUAGE, HeaderValue::from_static(text))]);
        assert_eq!(choose(None, &HeaderMap::new()), Language::Ja);
        assert_eq!(choose(None, &accepts("en-GB,en;q=0.9")), Language::En);
        assert_eq!(choose(None, &accepts("en;q=0.5, ja;q=0.8")), Language::Ja);
        assert_eq!(choose(None, &accepts("ja;q=0.8, en;q=0.8")), Language::Ja);
        assert_eq!(choose(None, &accepts("fr, de")), Language::Ja);
        assert_eq!(choose(None, &accepts("en;q=0, en;q=x, en;q=nan")), Language::Ja);
        assert_eq!(choose(Some(Language::Ja), &accepts("en")), Language::Ja);
    }
}
