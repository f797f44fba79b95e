//! What must hold after every exchange, whatever the flow is about. The names are those of the harness's design.

use crate::browser::Exchange;
use crate::mailbox::Mail;
use crate::world::member::Member;
use http::{HeaderMap, Method};
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
    let in_body = known(member).into_iter().filter(|secret| secret.is_in(letter.text.as_bytes()));
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
    // The one form that a browser without a session can prove anything with.
    let proves = exchange.method == Method::POST && exchange.address == "/login" && exchange.page.refusal.is_none();
    if risen && !proves {
        broken.push(format!("I01: a session cookie came with {} {}", exchange.method, exchange.address));
    }
}

/// I11: nothing that the member keeps to themself is in an address, a header or a page.
fn secrets(exchange: &Exchange, member: &Member, broken: &mut Vec<String>) {
    let shows_key = exchange.page.step.as_deref() == Some("setup-totp");
    for secret in known(member) {
        if secret.is_in(exchange.address.as_bytes()) {
            broken.push(format!("I11: {} is in the address {}", secret.what, exchange.page.address));
        }
        let in_header = exchange.headers.iter().find(|(_, value)| secret.is_in(value.as_bytes()));
        broken.extend(in_header.map(|(name, _)| format!("I11: {} is in the header {name}", secret.what)));
        if secret.is_in(&exchange.body) && !(secret.is_seed && shows_key) {
            broken.push(format!("I11: {} is on the page {:?} at {}", secret.what, exchange.page.step, exchange.address));
        }
    }
}

struct Known {
    what: &'static str,
    bytes: Vec<u8>,
    is_seed: bool,
}

impl Known {
    fn is_in(&self, text: &[u8]) -> bool {
        self.bytes.len() <= text.len() && text.windows(self.bytes.len()).any(|window| window == self.bytes)
    }
}

/// What nobody but the member may ever read, in the forms that it could be written in.
fn known(member: &Member) -> Vec<Known> {
    let secret = |what, text: String| Known { what, bytes: text.into_bytes(), is_seed: false };
    let seed = |bytes| Known { what: "the TOTP seed", bytes, is_seed: true };
    let mut known = vec![
        secret("the first password", member.registered.first_password.clone()),
        secret("the chosen password", member.chosen_password.clone()),
        secret("the birth date", member.registered.birth.digits()),
        secret("the birth date", member.registered.birth.iso()),
    ];
    if let Some(app) = &member.app {
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
    let known = |what, text: &str| Known { what, bytes: text.as_bytes().to_vec(), is_seed: false };
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
        member.app = Some(TotpApp::new(vec![0xa5; 20]));
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
