//! Four cookies, all `__Host-`: the session, the browser before it has one, the browser that is known, and the language (P-08).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cookie::{Cookie, SameSite};
use http::header::{COOKIE, HeaderMap};
use sekisho_core::letter::Language;
use zeroize::Zeroizing;

const SESSION: &str = "__Host-sid";
const KNOWN: &str = "__Host-bid";
const BEFORE: &str = "__Host-pre";
const LANGUAGE: &str = "__Host-lang";

/// How long a chosen language is remembered, in seconds: a year.
const LANGUAGE_SECONDS: i64 = 365 * 24 * 3600;

/// The cookies of a request that can be ours. One that is malformed, or stands twice, is treated as if it had not come.
#[derive(Default)]
pub struct Jar {
    /// Names the session.
    pub session: Option<Zeroizing<[u8; 32]>>,
    /// Names a browser that members have logged in with.
    pub known: Option<Zeroizing<[u8; 32]>>,
    /// Names the browser before it has a session. Nothing is stored under it (design law 6).
    pub before: Option<Zeroizing<[u8; 32]>>,
    /// The language chosen.
    pub language: Option<Language>,
}

impl Jar {
    /// Reads every `Cookie` header; HTTP/2 may send one for each cookie.
    pub fn read(headers: &HeaderMap) -> Self {
        let texts = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let pairs: Vec<_> = texts.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('=')).collect();
        let one = |name: &str| {
            let mut values = pairs.iter().filter(|(given, _)| *given == name).map(|(_, value)| *value);
            let value = values.next()?;
            values.next().is_none().then_some(value)
        };
        let language = match one(LANGUAGE) {
            Some("ja") => Some(Language::Ja),
            Some("en") => Some(Language::En),
            _ => None,
        };
        Self { session: one(SESSION).and_then(token), known: one(KNOWN).and_then(token), before: one(BEFORE).and_then(token), language }
    }
}

fn token(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    let mut bytes = Zeroizing::new([0; 33]);
    let length = URL_SAFE_NO_PAD.decode_slice(text, bytes.as_mut_slice()).ok()?;
    let value = bytes.get(..length)?;
    Some(Zeroizing::new(value.try_into().ok()?))
}

/// `Set-Cookie` of a new session: until the browser closes.
pub fn set_session(value: &[u8; 32]) -> String {
    build(SESSION, URL_SAFE_NO_PAD.encode(value)).to_string()
}

/// `Set-Cookie` of a browser's new id, for `seconds`. `Strict`: only our own forms send it where it matters.
pub fn set_known(value: &[u8; 32], seconds: u64) -> String {
    let mut cookie = build(KNOWN, URL_SAFE_NO_PAD.encode(value));
    cookie.set_max_age(cookie::time::Duration::seconds(i64::try_from(seconds).unwrap_or(i64::MAX)));
    cookie.set_same_site(SameSite::Strict);
    cookie.to_string()
}

/// `Set-Cookie` that ends it.
pub fn clear_session() -> String {
    let mut cookie = build(SESSION, String::new());
    cookie.set_max_age(cookie::time::Duration::ZERO);
    cookie.to_string()
}

/// `Set-Cookie` of a browser that has no session yet: until it closes.
pub fn set_before(value: &[u8; 32]) -> String {
    build(BEFORE, URL_SAFE_NO_PAD.encode(value)).to_string()
}

/// `Set-Cookie` of a chosen language.
pub fn set_language(language: Language) -> String {
    let mut cookie = build(LANGUAGE, language.tag().to_owned());
    cookie.set_max_age(cookie::time::Duration::seconds(LANGUAGE_SECONDS));
    cookie.to_string()
}

/// `Lax`, because links in mails and, later, OpenID requests are cross-site GETs of the whole window.
fn build(name: &'static str, value: String) -> Cookie<'static> {
    Cookie::build((name, value)).path("/").secure(true).http_only(true).same_site(SameSite::Lax).build()
}
