//! What must hold after every exchange, whatever the flow is about. The names are those of the harness's design.

use crate::browser::Exchange;
use crate::mailbox::Mail;
use crate::world::member::Member;
use http::{HeaderMap, Method};
use sekisho_core::tenant::Preset;
use sekisho_core::time::Timestamp;
use std::collections::BTreeSet;

/// What `exchange` breaks, one sentence each, given everybody whose secrets the harness knows.
pub fn check<'a>(exchange: &Exchange, members: impl Iterator<Item = &'a Member>) -> Vec<String> {
    let mut broken = Vec::new();
    headers(&exchange.headers, &mut broken);
    redirect(exchange, &mut broken);
    cookies(exchange, &mut broken);
    if exchange.method == Method::GET && exchange.commits.is_some_and(|commits| commits > 0) {
        broken.push(format!("I18: the GET of {} has changed what is stored", exchange.address));
    }
    for member in members {
        secrets(exchange, member, &mut broken);
    }
    broken
}

/// What a browser has proved, and when.
#[derive(Clone, Copy, Debug, Default)]
pub struct Freshness {
    password: Option<Timestamp>,
    factor: Option<Timestamp>,
}

/// For how many seconds password and second step are fresh enough for a change (design §6).
const FRESH: u64 = 5 * 60;

/// Forms that change what a member logs in with or is reached by, and where an accepted one leads.
const CHANGES: [(&str, &str); 6] = [
    ("/new-password", "/login-methods"),
    ("/setup-totp", "/login-methods"),
    ("/login-methods/delete", "/login-methods"),
    ("/profile/email", "/profile"),
    ("/profile/method", "/profile"),
    ("/profile/user-id", "/profile"),
];

/// Whether a change of what a member logs in with or is reached by was accepted: it is told to the address in use (I08).
pub fn is_change(exchange: &Exchange) -> bool {
    accepted(exchange).is_some_and(|accepted| CHANGES.contains(&accepted))
}

/// The form that an exchange has sent with success, and where it leads.
fn accepted(exchange: &Exchange) -> Option<(&str, &str)> {
    let location = exchange.headers.get("location").and_then(|value| value.to_str().ok())?;
    (exchange.method == Method::POST && exchange.status == 303).then_some((exchange.address.as_str(), location))
}

impl Freshness {
    /// I07: a change is accepted only behind password and second step that were given a moment ago. `manual` does not ask for the user ID.
    pub fn see(&mut self, exchange: &Exchange, now: Timestamp, preset: Preset) -> Option<String> {
        let (form, to) = accepted(exchange)?;
        let fresh = |at: Option<Timestamp>| at.is_some_and(|at| now.since(at).as_secs() < FRESH);
        let asks = form != "/profile/user-id" || preset != Preset::Manual;
        let stale = asks && CHANGES.contains(&(form, to)) && !(fresh(self.password) && fresh(self.factor));
        match form {
            "/login" => *self = Self { password: Some(now), factor: None },
            "/re-authentication" | "/new-password" => self.password = Some(now),
            "/code" | "/passkey" | "/mail-code" | "/recovery-code" | "/setup-totp" | "/setup-passkey" if to != form => {
                self.factor = Some(now)
            }
            _ => {}
        }
        stale.then(|| format!("I07: {form} was accepted without password and second step of the last five minutes"))
    }
}

/// I11 for what is left lying about, files and logs: one pass over all of it for everything that anybody keeps to themself.
pub fn check_residue(residue: &[(String, Vec<u8>)], members: &[Member]) -> Result<Vec<String>, String> {
    let secrets: Vec<Known> = members.iter().flat_map(|member| known(member).into_iter().chain(personal(member))).collect();
    let finder = aho_corasick::AhoCorasick::new(secrets.iter().map(|secret| &secret.bytes)).map_err(|error| error.to_string())?;
    let mut found = BTreeSet::new();
    for (name, bytes) in residue {
        let hits = finder.find_iter(bytes).filter_map(|hit| secrets.get(hit.pattern().as_usize()));
        found.extend(hits.map(|secret| format!("I11: {} is in {name}", secret.what)));
    }
    Ok(found.into_iter().collect())
}

/// I11 for letters: nothing secret in them, and nothing personal in a subject.
pub fn check_letter(letter: &Mail, member: &Member) -> Vec<String> {
    let in_body = known(member).into_iter().filter(|secret| secret.place != Place::Letter && secret.is_in(letter.text.as_bytes()));
    let in_subject = known(member).into_iter().chain(personal(member)).filter(|secret| secret.is_in(letter.subject.as_bytes()));
    let body = in_body.map(|secret| format!("I11: {} is in a letter", secret.what));
    let birth = member.registered.birth;
    let date = [birth.digits(), birth.iso()].iter().any(|date| letter.text.contains(date));
    let date = date.then(|| "I11: the birth date is in a letter".to_owned());
    body.chain(in_subject.map(|secret| format!("I11: {} is in the subject of a letter", secret.what))).chain(date).collect()
}

/// The headers that every answer has to carry (I16): name, and what has to be in it.
const HEADERS: [(&str, &[&str]); 9] = [
    ("strict-transport-security", &["max-age="]),
    ("x-content-type-options", &["nosniff"]),
    ("referrer-policy", &["no-referrer"]),
    ("cache-control", &["no-store"]),
    ("cross-origin-opener-policy", &["same-origin"]),
    ("cross-origin-resource-policy", &["same-origin"]),
    ("cross-origin-embedder-policy", &["require-corp"]),
    ("permissions-policy", &["camera=()", "microphone=()", "geolocation=()"]),
    ("content-security-policy", &["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"]),
];

fn headers(headers: &HeaderMap, broken: &mut Vec<String>) {
    for (name, parts) in HEADERS {
        let values: Vec<&str> = headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
        match values.as_slice() {
            [value] => {
                let missing = parts.iter().filter(|part| !value.contains(**part));
                broken.extend(missing.map(|part| format!("I16: {name} does not say {part}")));
            }
            _ => broken.push(format!("I16: {name} stands {} times", values.len())),
        }
    }
    let policy = headers.get("content-security-policy").and_then(|value| value.to_str().ok()).unwrap_or_default();
    if policy.contains("unsafe-") || policy.contains('*') {
        broken.push("I16: content-security-policy lets in what is unsafe".to_owned());
    }
    if headers.contains_key("server") || headers.contains_key("x-powered-by") {
        broken.push("I16: the answer says what it was made by".to_owned());
    }
}

/// I17: a redirect is a 303 to a path of our own.
fn redirect(exchange: &Exchange, broken: &mut Vec<String>) {
    let redirects = (300..400).contains(&exchange.status);
    if !redirects {
        return;
    }
    let location = exchange.headers.get("location").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let local = location.starts_with('/') && !location.starts_with("//") && !location.contains('\\');
    if exchange.status != 303 || !local {
        broken.push(format!("I17: status {} to {location:?}", exchange.status));
    }
}

fn cookies(exchange: &Exchange, broken: &mut Vec<String>) {
    broken.extend(exchange.cookie_faults.iter().map(|fault| format!("P-08: {fault}")));
    let risen = exchange.has_session && !exchange.had_session;
    // The forms that a browser without a session can prove anything with; behind a reset link it can do nothing but recover.
    let proves = ["/login", "/link/reset"].contains(&exchange.address.as_str());
    let proves = proves && exchange.method == Method::POST && exchange.page.refusal.is_none();
    if risen && !proves {
        broken.push(format!("I01: a session cookie came with {} {}", exchange.method, exchange.address));
    }
}

/// I11: nothing that the member keeps to themself is in an address, a header or a page.
fn secrets(exchange: &Exchange, member: &Member, broken: &mut Vec<String>) {
    let page = exchange.page.step.as_deref();
    for secret in known(member) {
        if secret.is_in(exchange.address.as_bytes()) {
            broken.push(format!("I11: {} is in the address {}", secret.what, exchange.page.address));
        }
        let in_header = exchange.headers.iter().find(|(_, value)| secret.is_in(value.as_bytes()));
        broken.extend(in_header.map(|(name, _)| format!("I11: {} is in the header {name}", secret.what)));
        if secret.is_in(&exchange.body) && page.is_none_or(|page| secret.place.page() != Some(page)) {
            broken.push(format!("I11: {} is on the page {:?} at {}", secret.what, exchange.page.step, exchange.address));
        }
    }
}

struct Known {
    what: &'static str,
    bytes: Vec<u8>,
    place: Place,
}

/// Where a secret may stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Nowhere,
    SetupPage,
    CodesPage,
    Letter,
}

impl Place {
    /// The permanent id of the page.
    fn page(self) -> Option<&'static str> {
        match self {
            Self::SetupPage => Some("setup-totp"),
            Self::CodesPage => Some("recovery-codes"),
            Self::Nowhere | Self::Letter => None,
        }
    }
}

impl Known {
    fn is_in(&self, text: &[u8]) -> bool {
        self.bytes.len() <= text.len() && text.windows(self.bytes.len()).any(|window| window == self.bytes)
    }
}

/// What nobody but the member may ever read, in the forms that it could be written in.
fn known(member: &Member) -> Vec<Known> {
    let secret = |what, text: &str| Known { what, bytes: text.as_bytes().to_vec(), place: Place::Nowhere };
    let birth = member.registered.birth;
    let mut known = vec![
        secret("the first password", &member.registered.first_password),
        secret("the chosen password", &member.chosen_password),
        secret("the other password", &member.other_password),
        secret("the birth date", &birth.digits()),
        secret("the birth date", &birth.iso()),
    ];
    for issued in &member.issued {
        known.push(Known { what: "what the society has issued", bytes: issued.as_bytes().to_vec(), place: Place::Letter });
    }
    for code in &member.recovery_codes {
        for text in [code.clone(), code.replace('-', "")] {
            known.push(Known { what: "a recovery code", bytes: text.into_bytes(), place: Place::CodesPage });
        }
    }
    for app in member.apps.values() {
        let seed = |bytes| Known { what: "the TOTP seed", bytes, place: Place::SetupPage };
        let base32 = data_encoding::BASE32_NOPAD.encode(app.key());
        known.push(seed(base32.to_lowercase().into_bytes()));
        known.push(seed(base32.into_bytes()));
        known.push(seed(data_encoding::HEXLOWER.encode(app.key()).into_bytes()));
        known.push(seed(data_encoding::BASE64_NOPAD.encode(app.key()).into_bytes()));
        known.push(seed(app.key().to_vec()));
    }
    known
}

/// What may stand on the member's own pages and in letters to them, but not in files, logs and subjects.
fn personal(member: &Member) -> Vec<Known> {
    let known = |what, text: &str| Known { what, bytes: text.as_bytes().to_vec(), place: Place::Nowhere };
    vec![
        known("the address", &member.registered.mail),
        known("the other address", &member.other_mail),
        known("the name", &member.registered.name),
        known("the user ID", &member.registered.user_id),
        known("the chosen user ID", &member.chosen_id),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::browser::page::Page;
    use crate::world::member::tests::member;
    use crate::world::totp_app::TotpApp;
    use bytes::Bytes;
    use http::HeaderValue;

    /// A page that breaks nothing.
    fn good(html: &str) -> Exchange {
        let mut headers = HeaderMap::new();
        for (name, parts) in HEADERS {
            headers.insert(name, HeaderValue::from_str(&parts.join("; ")).unwrap());
        }
        Exchange {
            method: Method::GET,
            address: "/".to_owned(),
            status: 200,
            headers,
            body: Bytes::copy_from_slice(html.as_bytes()),
            page: Page::parse("/", 200, html),
            had_session: false,
            has_session: false,
            cookie_faults: Vec::new(),
            commits: Some(0),
        }
    }

    fn broken(exchange: &Exchange) -> String {
        check(exchange, std::iter::once(&enrolled())).join("\n")
    }

    fn enrolled() -> Member {
        let mut member = member(3);
        member.apps.insert("phone".to_owned(), TotpApp::new(vec![0xa5; 20]));
        member
    }

    #[test]
    fn a_good_answer_breaks_nothing() {
        assert_eq!(broken(&good("<main data-step='login'></main>")), "");
    }

    #[test]
    fn each_header_has_to_be_there_once_and_say_its_part() {
        for (name, _) in HEADERS {
            let mut exchange = good("");
            exchange.headers.remove(name);
            assert!(broken(&exchange).starts_with("I16"), "{name}");
            let mut exchange = good("");
            exchange.headers.insert(name, HeaderValue::from_static("none"));
            assert!(broken(&exchange).starts_with("I16"), "{name}");
        }
    }

    #[test]
    fn redirects_are_303_to_our_own_paths() {
        let of = |status, location: &'static str| {
            let mut exchange = good("");
            exchange.status = status;
            exchange.headers.insert("location", HeaderValue::from_static(location));
            broken(&exchange)
        };
        assert_eq!(of(303, "/login"), "");
        for (status, location) in [(302, "/login"), (303, "//evil.test"), (303, "https://evil.test"), (303, "/\\evil.test")] {
            assert!(of(status, location).starts_with("I17"), "{status} {location}");
        }
    }

    #[test]
    fn a_get_changes_nothing() {
        let exchange = Exchange { commits: Some(1), ..good("") };
        assert!(broken(&exchange).starts_with("I18"));
    }

    #[test]
    fn a_session_begins_with_an_accepted_password_only() {
        let risen = Exchange { has_session: true, ..good("<main data-step='login'></main>") };
        assert!(broken(&risen).starts_with("I01"));
        let login = |html: &str| Exchange { method: Method::POST, address: "/login".to_owned(), has_session: true, ..good(html) };
        assert_eq!(broken(&login("")), "");
        assert!(broken(&login("<p data-refusal='login.wrong'></p>")).starts_with("I01"));
        assert_eq!(broken(&Exchange { address: "/link/reset".to_owned(), ..login("") }), "");
        assert!(broken(&Exchange { address: "/link/freeze".to_owned(), ..login("") }).starts_with("I01"));
    }

    #[test]
    fn a_secret_is_found_in_address_header_and_page() {
        let member = enrolled();
        let mut exchange = good(&format!("<p>{}</p>", member.chosen_password));
        assert!(broken(&exchange).contains("the chosen password is on the page"));
        exchange = Exchange { address: format!("/login?p={}", member.registered.first_password), ..good("") };
        assert!(broken(&exchange).contains("the first password is in the address"));
        exchange = good("");
        exchange.headers.insert("x-log", HeaderValue::from_str(&member.registered.birth.digits()).unwrap());
        assert!(broken(&exchange).contains("the birth date is in the header x-log"));
    }

    #[test]
    fn the_seed_stands_on_the_set_up_page_and_nowhere_else() {
        let seed = data_encoding::BASE32_NOPAD.encode(&[0xa5; 20]);
        assert_eq!(broken(&good(&format!("<main data-step='setup-totp'>{seed}</main>"))), "");
        assert!(broken(&good(&format!("<main data-step='portal'>{seed}</main>"))).contains("the TOTP seed is on the page"));
        let found = check_residue(&[("a.redb".to_owned(), vec![0xa5; 64])], &[enrolled()]).unwrap();
        assert_eq!(found, ["I11: the TOTP seed is in a.redb"]);
    }

    fn posted(form: &str, to: &'static str) -> Exchange {
        let mut exchange = Exchange { method: Method::POST, address: form.to_owned(), status: 303, ..good("") };
        exchange.headers.insert("location", HeaderValue::from_static(to));
        exchange
    }

    #[test]
    fn a_change_needs_password_and_second_step_of_the_last_five_minutes() {
        let change = posted("/profile/email", "/profile");
        let at = |seconds: u64| Timestamp(1_800_000_000 + seconds);
        let mut fresh = Freshness::default();
        assert!(fresh.see(&change, at(0), Preset::Guarded).unwrap().starts_with("I07"));
        assert_eq!(fresh.see(&posted("/login", "/code"), at(0), Preset::Guarded), None);
        assert!(fresh.see(&change, at(1), Preset::Guarded).is_some(), "no second step yet");
        assert_eq!(fresh.see(&posted("/code", "/"), at(10), Preset::Guarded), None);
        assert_eq!(fresh.see(&change, at(299), Preset::Guarded), None);
        assert!(fresh.see(&change, at(300), Preset::Guarded).is_some(), "the password is stale");
        assert_eq!(fresh.see(&posted("/re-authentication", "/code"), at(301), Preset::Guarded), None);
        assert!(fresh.see(&change, at(311), Preset::Guarded).is_some(), "the second step is stale");
        assert_eq!(fresh.see(&posted("/profile/user-id", "/profile"), at(9_999), Preset::Manual), None);
        assert!(fresh.see(&posted("/profile/user-id", "/profile"), at(9_999), Preset::Hardened).is_some());
        assert_eq!(fresh.see(&posted("/profile/email", "/re-authentication"), at(9_999), Preset::Guarded), None, "it was not taken");
    }

    #[test]
    fn letters_hold_no_secret_and_subjects_nothing_personal() {
        let member = enrolled();
        let letter = |subject: &str, text: &str| Mail {
            to: String::new(),
            from: String::new(),
            subject: subject.to_owned(),
            text: text.to_owned(),
            message_id: String::new(),
            received: 0,
            raw: String::new(),
        };
        assert!(check_letter(&letter("お知らせ", "こんにちは"), &member).is_empty());
        assert!(!check_letter(&letter(&member.registered.name, ""), &member).is_empty());
        assert!(!check_letter(&letter("", &member.chosen_password), &member).is_empty());
    }
}
