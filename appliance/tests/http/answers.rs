//! What every answer carries, and which answer goes with what the service says.

use super::support::*;
use http::{Response, StatusCode};
use sekisho::ports::Fault;
use sekisho::route::{Page, ROUTES};
use sekisho::service::CookieChange;
use sekisho_core::refusal::Refusal;
use sekisho_core::shown::Shown;
use sekisho_core::step::Step;
use sekisho_core::time::Timestamp;
use std::collections::BTreeSet;
use std::time::Duration;

const PLAIN: &str = "Secure";

fn carries_the_headers(response: &Response<bytes::Bytes>) {
    for (name, value) in [
        ("strict-transport-security", "max-age=63072000; includeSubDomains"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cross-origin-embedder-policy", "require-corp"),
        ("x-frame-options", "DENY"),
        ("x-xss-protection", "0"),
    ] {
        assert_eq!(header(response, name), value, "{} {name}", response.status());
    }
    let policy = header(response, "content-security-policy");
    for part in [
        "default-src 'none'",
        "require-trusted-types-for 'script'",
        "img-src 'self' data:",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ] {
        assert!(policy.split("; ").any(|have| have == part), "{part} in {policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    let permissions = header(response, "permissions-policy");
    for part in ["camera=()", "microphone=()", "geolocation=()"] {
        assert!(permissions.split(", ").any(|have| have == part), "{part} in {permissions}");
    }
    // Script and passkeys go together: a page that has the one may have the other, and no other page has either.
    let has_script = text(response).contains("<script");
    let nonce = if has_script { format!("script-src 'nonce-{}'", nonce_of(response)) } else { "script-src 'none'".to_owned() };
    assert!(policy.split("; ").any(|have| have == nonce), "{nonce} in {policy}");
    let passkeys = if has_script { "(self)" } else { "()" };
    for ceremony in ["create", "get"] {
        let part = format!("publickey-credentials-{ceremony}={passkeys}");
        assert!(permissions.split(", ").any(|have| have == part), "{part} in {permissions}");
    }
    assert_eq!(header(response, "server"), "");
    let immutable = matches!(header(response, "content-type"), "text/css; charset=utf-8" | "text/javascript; charset=utf-8");
    assert_eq!(header(response, "cache-control"), if immutable { "public, max-age=31536000, immutable" } else { "no-store" });
    assert_eq!(header(response, "vary").is_empty(), immutable);
}

#[test]
fn every_status_carries_the_fixed_headers() {
    let stage = stage();
    let shows = |refusal| stage.script.shows(login(), Some(refusal));
    let mut seen = BTreeSet::new();
    let mut check = |response: Response<bytes::Bytes>| {
        carries_the_headers(&response);
        seen.insert(response.status().as_u16());
    };
    check(stage.ask(get("/login")));
    check(stage.ask(get(sekisho::view::style().0)));
    check(stage.ask(get(sekisho::view::script().0)));
    check(stage.ask(get("/.well-known/passkey-endpoints")));
    check(stage.ask(get("/.well-known/change-password")));
    stage.script.shows(passkey(), None);
    check(stage.ask(get("/passkey")));
    stage.script.shows(passkey(), Some(Refusal::PasskeyRefused));
    check(stage.ask(post("/passkey", "credential=%7B%7D")));
    shows(Refusal::OnHold(NOW));
    check(stage.ask(post("/profile", "goal=change-email")));
    stage.script.next(|| Ok(go(CookieChange::Keep, Step::BirthDate)));
    check(stage.ask(get("/")));
    check(stage.ask(post("/login", "user_id=1")));
    check(stage.ask(raw_post("/login", b"csrf=x").with("cookie", &pre(1))));
    check(stage.ask(get("/nowhere")));
    check(stage.ask(get("/login").by("PUT")));
    check(stage.ask(raw_post("/login", &[b'a'; 20_000])));
    check(stage.ask(raw_post("/login", b"").instead("content-type", "text/plain")));
    check(stage.ask(get("/login").instead("host", SOUTH)));
    shows(Refusal::WrongCode);
    check(stage.ask(post("/code", "code=123456")));
    shows(Refusal::TryAgain);
    check(stage.ask(post("/code", "code=123456")));
    stage.script.next(|| Err(Fault::Hsm("gone".to_owned())));
    check(stage.ask(post("/code", "code=123456")));
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), [200, 303, 400, 403, 404, 405, 409, 413, 415, 421, 422, 429, 503]);
}

#[test]
fn the_nonce_is_new_in_each_answer_and_stands_in_its_page() {
    let stage = stage();
    let nonces: BTreeSet<String> = (0..20)
        .map(|_| {
            let response = stage.ask(get("/login"));
            let nonce = nonce_of(&response);
            assert!(nonce.len() >= 22);
            assert!(text(&response).contains(&format!("nonce=\"{nonce}\"")));
            nonce
        })
        .collect();
    assert_eq!(nonces.len(), 20);
}

#[test]
fn each_refusal_has_its_status_and_says_when_to_come_back_if_that_is_known() {
    let until = NOW.after(Duration::from_secs(480));
    for refusal in Refusal::each() {
        let stage = stage();
        let refusal = match refusal {
            Refusal::Wait(_) => Refusal::Wait(until),
            Refusal::Crowded(_) => Refusal::Crowded(until),
            Refusal::PasswordLocked(_) => Refusal::PasswordLocked(until),
            Refusal::OnHold(_) => Refusal::OnHold(until),
            Refusal::LinkOnHold(_) => Refusal::LinkOnHold(until),
            other => other,
        };
        stage.script.shows(login(), Some(refusal));
        let response = stage.ask(post("/login", "user_id=1&password=2"));
        let (status, retry) = match refusal {
            Refusal::Wait(_) | Refusal::Crowded(_) | Refusal::PasswordLocked(_) => (429, "480"),
            Refusal::TryAgain | Refusal::TooSoon => (429, ""),
            Refusal::OnHold(_) | Refusal::LinkOnHold(_) => (409, "480"),
            Refusal::AccountLocked | Refusal::AccountDisabled => (403, ""),
            _ => (422, ""),
        };
        assert_eq!((response.status().as_u16(), header(&response, "retry-after")), (status, retry), "{}", refusal.id());
        assert!(text(&response).contains(&format!("data-refusal=\"{}\"", refusal.id())));
    }
}

#[test]
fn a_wait_that_ends_this_second_is_still_a_second() {
    let stage = stage();
    stage.script.shows(Shown::Held, Some(Refusal::Wait(NOW)));
    assert_eq!(header(&stage.ask(get("/login")), "retry-after"), "1");
}

/// WCAG 2.2.1: a page goes on by itself only where nothing can be typed, after a wait that somebody may sit out.
#[test]
fn only_a_busy_moment_and_a_short_crowd_go_on_to_the_log_in_page_by_themselves() {
    let later = |seconds| Timestamp(NOW.0 + seconds);
    for (refusal, refresh) in [
        (Refusal::Crowded(NOW), "1; url=/login"),
        (Refusal::Crowded(later(480)), "480; url=/login"),
        (Refusal::Crowded(later(600)), "600; url=/login"),
        (Refusal::Crowded(later(601)), ""),
        (Refusal::Wait(later(30)), ""),
        (Refusal::PasswordLocked(later(30)), ""),
    ] {
        let stage = stage();
        stage.script.shows(Shown::Held, Some(refusal));
        let response = stage.ask(post("/login", "user_id=1&password=2"));
        assert_eq!((response.status().as_u16(), header(&response, "refresh")), (429, refresh), "{refusal:?}");
    }
    for (fault, refresh) in [(Fault::Busy("a queue"), "5; url=/login"), (Fault::Hsm("a slot".to_owned()), "")] {
        let stage = stage();
        stage.script.next(move || Err(fault));
        let response = stage.ask(post("/login", "user_id=1&password=2"));
        assert_eq!((response.status().as_u16(), header(&response, "refresh")), (503, refresh));
    }
    assert_eq!(header(&stage().ask(get("/login")), "refresh"), "");
}

#[test]
fn a_fault_is_told_as_try_later_and_its_cause_to_nobody() {
    for (fault, page) in [
        (Fault::Hsm("slot 3 is gone".to_owned()), "try-later"),
        (Fault::Store("disk 3 is gone".to_owned()), "try-later"),
        (Fault::Damaged("record 3 is gone".to_owned()), "try-later"),
        (Fault::Busy("queue 3 is gone"), "busy"),
    ] {
        let stage = stage();
        stage.script.next(move || Err(fault));
        let response = stage.ask(post("/login", "user_id=1&password=2"));
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(header(&response, "retry-after").parse::<u64>().unwrap() > 0);
        assert!(text(&response).contains(&format!("data-step=\"{page}\"")), "{}", text(&response));
        assert!(!text(&response).contains("gone"));
    }
}

#[test]
fn without_randomness_there_is_no_page_but_a_plain_line() {
    let stage = stage();
    stage.entropy.fails.store(true, std::sync::atomic::Ordering::SeqCst);
    let response = stage.ask(get("/login"));
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(header(&response, "content-type"), "text/plain; charset=utf-8");
    carries_the_headers(&response);
}

#[test]
fn a_way_is_a_303_to_the_screens_path_with_the_new_cookie() {
    let stage = stage();
    stage.script.next(|| Ok(go(CookieChange::Set(session(9)), Step::BirthDate)));
    let response = stage.ask(post("/login", "user_id=1&password=2"));
    assert_eq!((response.status().as_u16(), header(&response, "location")), (303, "/birth-date"));
    assert_eq!(cookies(&response), [format!("{}; HttpOnly; SameSite=Lax; {PLAIN}; Path=/", sid(9))]);
}

#[test]
fn the_first_page_names_the_browser_and_later_ones_do_not_name_it_again() {
    let stage = stage();
    let first = cookies(&stage.ask(get("/login")));
    let [cookie] = first.as_slice() else { panic!("one cookie: {first:?}") };
    let (value, attributes) = cookie.split_once("; ").unwrap();
    assert!(value.starts_with("__Host-pre=") && value.len() == "__Host-pre=".len() + 43, "{value}");
    assert_eq!(attributes, "HttpOnly; SameSite=Lax; Secure; Path=/");
    assert!(cookies(&stage.ask(get("/login").with("cookie", value))).is_empty());
    assert!(cookies(&stage.ask(get("/login").with("cookie", &sid(2)))).is_empty());
}

#[test]
fn a_page_that_is_not_there_does_not_name_the_browser_anew() {
    // A browser asked for its icon without cookies; the answer's cookie took the place of the log-in page's, whose form then failed.
    let stage = stage();
    let missing = stage.ask(get("/favicon.ico"));
    assert_eq!((missing.status(), cookies(&missing).len()), (StatusCode::NOT_FOUND, 0));
    let token = csrf_of(&stage.ask(get("/nowhere").with("cookie", &pre(1))));
    assert!(sekisho::http::csrf::fits(&keys(), &[1; 32], &token));
}

#[test]
fn a_forged_cookie_or_two_of_one_name_are_as_none() {
    let long = format!("__Host-sid={}", "A".repeat(44));
    for cookie in
        ["__Host-sid=x", "__Host-sid=", &long, &format!("__Host-sid=\"{}\"", &sid(2)[11..]), &format!("{}; {}", sid(2), sid(3)), "sid=1"]
    {
        let stage = stage();
        stage.ask(get("/login").with("cookie", cookie));
        assert_eq!(*stage.script.sessions.lock().unwrap(), [None], "{cookie}");
    }
    let stage = stage();
    stage.ask(get("/login").with("cookie", &sid(2)).with("cookie", &sid(3)));
    stage.ask(get("/login").with("cookie", &format!("a=b; {}", sid(2))).with("cookie", &pre(3)));
    assert_eq!(*stage.script.sessions.lock().unwrap(), [None, Some([2; 32])]);
}

#[test]
fn leaving_clears_session_and_stored_pages_but_not_the_language() {
    let stage = stage();
    stage.script.next(|| Ok(go(CookieChange::Clear, Step::Login)));
    let body = format!("csrf={}&everywhere=on", csrf_for(&[2; 32]));
    let response = stage.ask(raw_post("/logout", body.as_bytes()).with("cookie", &sid(2)));
    assert_eq!(stage.script.calls(), ["north submit logout"]);
    assert_eq!(header(&response, "clear-site-data"), "\"cache\", \"storage\"");
    assert_eq!(cookies(&response), ["__Host-sid=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0"]);
}

#[test]
fn head_is_a_get_without_its_body() {
    let stage = stage();
    let (got, headed) = (stage.ask(get("/help")), stage.ask(get("/help").by("HEAD")));
    assert_eq!(headed.status(), got.status());
    assert!(headed.body().is_empty() && !got.body().is_empty());
    assert_eq!(header(&headed, "content-length"), header(&got, "content-length"));
    assert_eq!(header(&headed, "content-type"), header(&got, "content-type"));
}

#[test]
fn a_get_of_each_path_asks_the_service_for_its_screen_and_nothing_else() {
    for route in ROUTES {
        for method in ["GET", "HEAD"] {
            let stage = stage();
            let response = stage.ask(get(&format!("{}?t=abc", path_of(route))).by(method));
            let (status, calls) = match route.page {
                Some(Page::Step { step, as_text }) => (200, vec![format!("north show {} {as_text}", step.id())]),
                Some(Page::ChangePassword) => (303, Vec::new()),
                Some(_) => (200, Vec::new()),
                None => (405, Vec::new()),
            };
            assert_eq!((response.status().as_u16(), stage.script.calls()), (status, calls), "{method} {}", route.id);
            assert!(stage.script.commands.lock().unwrap().is_empty());
            carries_the_headers(&response);
        }
    }
}

#[test]
fn the_files_are_what_the_pages_name_and_stay_for_ever() {
    let stage = stage();
    for ((path, contents), media) in [(sekisho::view::style(), "text/css"), (sekisho::view::script(), "text/javascript")] {
        let response = stage.ask(get(path));
        assert_eq!(header(&response, "content-type"), format!("{media}; charset=utf-8"));
        assert_eq!(header(&response, "cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(text(&response), contents);
        assert!(cookies(&response).is_empty());
    }
    stage.script.shows(passkey(), None);
    let page = stage.ask(get("/passkey"));
    let script = text(&page).split('<').find(|tag| tag.starts_with("script ")).expect("a script").to_owned();
    assert!(script.contains(&format!("src=\"{}\"", sekisho::view::script().0)), "{script}");
    assert!(script.contains(&format!("nonce=\"{}\"", nonce_of(&page))), "{script}");
}

#[test]
fn password_managers_find_the_pages_of_passkeys_and_password() {
    // W3C "A Well-Known URL for Relying Party Passkey Endpoints": 200, JSON, no redirect.
    let stage = stage();
    let endpoints = stage.ask(get("/.well-known/passkey-endpoints"));
    assert_eq!((endpoints.status().as_u16(), header(&endpoints, "content-type")), (200, "application/json"));
    let read: serde_json::Value = serde_json::from_slice(endpoints.body()).unwrap();
    let page = format!("https://{NORTH}/login-methods");
    assert_eq!(read, serde_json::json!({ "enroll": page, "manage": page }));
    // W3C "A Well-Known URL for Changing Passwords": a redirect, and 404 for what is not there.
    let change = stage.ask(get("/.well-known/change-password"));
    assert_eq!((change.status().as_u16(), header(&change, "location")), (303, "/login-methods"));
    let nothing = stage.ask(get("/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200"));
    assert_eq!(nothing.status().as_u16(), 404);
    assert!(cookies(&endpoints).is_empty() && cookies(&change).is_empty());
    assert!(stage.script.calls().is_empty());
}

#[test]
fn looking_at_a_link_changes_nothing_and_asks_nobody() {
    let stage = stage();
    for (path, page) in [("/link/email", "link-confirm"), ("/link/reset", "link-reset"), ("/link/freeze", "link-freeze")] {
        let response = stage.ask(get(&format!("{path}?t=abc_-&utm=1")));
        assert_eq!(response.status(), StatusCode::OK);
        assert!(text(&response).contains(&format!("data-step=\"{page}\"")), "{path}");
        assert!(text(&response).contains("value=\"abc_-\""), "{path}");
        assert_eq!(stage.ask(get(&format!("{path}?t=abc")).by("HEAD")).status(), StatusCode::OK);
        for broken in ["", "?t=", "?t=a&t=b", "?t=%00", "?t=a%20b", &format!("?t={}", "a".repeat(257))] {
            assert_eq!(stage.ask(get(&format!("{path}{broken}"))).status(), StatusCode::BAD_REQUEST, "{path}{broken}");
        }
    }
    assert!(stage.script.calls().is_empty());
}

#[test]
fn a_chosen_language_is_remembered_and_leads_back() {
    let stage = stage();
    let response = stage.ask(post("/language", "language=en&back=%2Fhelp"));
    assert_eq!((response.status().as_u16(), header(&response, "location")), (303, "/help"));
    assert_eq!(cookies(&response), ["__Host-lang=en; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=31536000"]);
    let page = stage.ask(get("/help").with("cookie", "__Host-lang=en").with("accept-language", "ja"));
    assert!(text(&page).contains("lang=\"en\""));
    let files = [sekisho::view::style().0, sekisho::view::script().0];
    let others =
        ["https://evil.test/", "//evil.test", "/help?x", "/help/", "%2F%2Fevil.test", "/language", "", "/link/email", "/link/reset"];
    for back in others.into_iter().chain(files).chain(["/.well-known/change-password", "/.well-known/passkey-endpoints"]) {
        assert_eq!(stage.ask(post("/language", &format!("language=en&back={back}"))).status(), StatusCode::BAD_REQUEST, "{back}");
    }
    assert_eq!(stage.ask(post("/language", "language=fr&back=%2Fhelp")).status(), StatusCode::BAD_REQUEST);
    for route in ROUTES.iter().filter(|route| matches!(route.page, Some(Page::Step { .. }))) {
        let response = stage.ask(post("/language", &format!("language=ja&back={}", path_of(route))));
        assert_eq!((response.status().as_u16(), header(&response, "location")), (303, path_of(route)));
    }
    assert!(stage.script.calls().is_empty());
}
