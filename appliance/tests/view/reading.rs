//! Renders pages and looks into them.

use crate::samples::{every, face, page};
use scraper::{ElementRef, Html, Selector};
use sekisho::view;
use sekisho_core::letter::Language;
use sekisho_core::refusal::Refusal;
use sekisho_core::shown::Shown;

/// Both languages.
pub const LANGUAGES: [Language; 2] = [Language::Ja, Language::En];

/// Every page in both languages, as it is and once for each refusal that can stand on it, by a name for messages.
pub fn rendered() -> Vec<(String, Option<Refusal>, String)> {
    let face = face();
    let mut out = Vec::new();
    for language in LANGUAGES {
        for at in 0..every().len() {
            let refusals = every().remove(at).2;
            for refusal in std::iter::once(None).chain(refusals.into_iter().map(Some)) {
                let (name, shown, _) = every().remove(at);
                let what = format!("{} {name} {:?}", language.tag(), refusal.map(|refusal| refusal.id()));
                out.push((what, refusal, view::render(&page(&face, language, shown, refusal))));
            }
        }
    }
    out
}

/// A page in Japanese.
pub fn ja(shown: Shown, refusal: Option<Refusal>) -> Html {
    Html::parse_document(&view::render(&page(&face(), Language::Ja, shown, refusal)))
}

/// All elements that `selector` finds, in order.
pub fn all<'a>(html: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    html.select(&Selector::parse(selector).unwrap()).collect()
}

/// An attribute; empty if it is not there.
pub fn attr<'a>(element: &ElementRef<'a>, name: &str) -> &'a str {
    element.value().attr(name).unwrap_or_default()
}

/// What an element says, white space made single.
pub fn text(element: &ElementRef) -> String {
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Texts of the page's own buttons and of links that look like one.
pub fn buttons(html: &Html) -> Vec<String> {
    all(html, "main button, main a.primary, main a.secondary").iter().map(text).collect()
}

/// Names of the fields that the form to `action` sends, in order.
pub fn names(html: &Html, action: &str) -> Vec<String> {
    let inside = format!("main form[action='{action}'] [name]");
    let mut names: Vec<String> = all(html, &inside).iter().map(|field| attr(field, "name").to_owned()).collect();
    names.dedup();
    names
}
