//! Forms that another site makes a browser send.

use super::support::*;
use http::StatusCode;
use sekisho::service::CookieChange;
use sekisho_core::shown::Shown;

const FORM: &str = "user_id=1&password=2";

#[test]
fn all_three_layers_have_to_agree() {
    let own = format!("https://{NORTH}");
    let sites = [None, Some("same-origin"), Some("none"), Some("same-site"), Some("cross-site")];
    let foreign = format!("https://{SOUTH}");
    let origins = [None, Some(own.as_str()), Some("null"), Some(foreign.as_str())];
    let tokens = [None, Some(csrf_for(&[1; 32])), Some(csrf_for(&[2; 32]))];
    for site in sites {
        for origin in origins {
            for token in &tokens {
                let stage = stage();
                let body = token.as_ref().map_or(FORM.to_owned(), |token| format!("{FORM}&csrf={token}"));
                let mut sent = raw_post("/login", body.as_bytes()).without("sec-fetch-site").with("cookie", &pre(1));
                if let Some(site) = site {
                    sent = sent.with("sec-fetch-site", site);
                }
                if let Some(origin) = origin {
                    sent = sent.with("origin", origin);
                }
                let from_us = match (site, origin) {
                    (Some("same-origin" | "none"), None | Some("null")) => true,
                    (Some("same-origin" | "none") | None, Some(origin)) => origin == own,
                    _ => false,
                };
                let good = from_us && *token == tokens[1];
                let status = stage.ask(sent).status();
                let context = format!("{site:?} {origin:?} {token:?}");
                assert_eq!(status == StatusCode::OK, good, "{context}");
                assert_eq!(status == StatusCode::FORBIDDEN, !good, "{context}");
                assert_eq!(stage.script.calls().len(), usize::from(good), "{context}");
            }
        }
    }
}

#[test]
fn two_values_of_one_header_are_no_word_of_ours() {
    let stage = stage();
    assert_eq!(stage.ask(post("/login", FORM).with("sec-fetch-site", "same-origin")).status(), StatusCode::FORBIDDEN);
    let own = format!("https://{NORTH}");
    assert_eq!(stage.ask(post("/login", FORM).with("origin", &own).with("origin", &own)).status(), StatusCode::FORBIDDEN);
    assert!(stage.script.calls().is_empty());
}

#[test]
fn a_form_without_its_browsers_cookie_is_refused() {
    let stage = stage();
    let body = format!("{FORM}&csrf={}", csrf_for(&[1; 32]));
    for cookie in ["", "__Host-pre=x", &pre(2), &format!("{}; {}", pre(1), pre(1)), &sid(2)] {
        assert_eq!(stage.ask(raw_post("/login", body.as_bytes()).with("cookie", cookie)).status(), StatusCode::FORBIDDEN, "{cookie}");
    }
    assert!(stage.script.calls().is_empty());
}

#[test]
fn the_token_is_masked_anew_and_any_change_voids_it() {
    let stage = stage();
    let mut tokens: Vec<String> = (0..10).map(|_| csrf_of(&stage.ask(get("/login").with("cookie", &pre(1))))).collect();
    for token in &tokens {
        assert_eq!(
            stage.ask(raw_post("/login", format!("{FORM}&csrf={token}").as_bytes()).with("cookie", &pre(1))).status(),
            StatusCode::OK
        );
    }
    let whole = tokens[0].clone();
    tokens.sort();
    tokens.dedup();
    assert_eq!(tokens.len(), 10);
    let calls = stage.script.calls().len();
    let mut spoilt =
        vec![String::new(), whole[1..].to_owned(), format!("{whole}A"), whole[..43].to_owned(), "A".repeat(86), "~".repeat(86)];
    for place in [0, 42, 44, 85] {
        let other = if &whole[place..=place] == "A" { "Q" } else { "A" };
        spoilt.push(format!("{}{other}{}", &whole[..place], &whole[place + 1..]));
    }
    for token in spoilt {
        let sent = raw_post("/login", format!("{FORM}&csrf={token}").as_bytes()).with("cookie", &pre(1));
        assert_eq!(stage.ask(sent).status(), StatusCode::FORBIDDEN, "{token}");
    }
    assert_eq!(stage.script.calls().len(), calls);
}

#[test]
fn a_page_that_comes_with_a_new_session_carries_the_token_of_that_session() {
    let stage = stage();
    stage.script.next(|| Ok(page(CookieChange::Set(session(9)), Shown::FirstLoginComplete, None)));
    let token = csrf_of(&stage.ask(post("/login", FORM)));
    assert!(sekisho::http::csrf::fits(&keys(), &[9; 32], &token));
    assert!(!sekisho::http::csrf::fits(&keys(), &[1; 32], &token));
}

#[test]
fn a_page_that_comes_with_the_end_of_a_session_carries_the_token_of_the_time_before() {
    let stage = stage();
    stage.script.next(|| Ok(page(CookieChange::Clear, Shown::LoginTimeout, None)));
    let response = stage.ask(get("/login").with("cookie", &format!("{}; {}", sid(2), pre(1))));
    assert!(sekisho::http::csrf::fits(&keys(), &[1; 32], &csrf_of(&response)));
    stage.script.next(|| Ok(page(CookieChange::Clear, Shown::LoginTimeout, None)));
    let fresh = cookies(&stage.ask(get("/login").with("cookie", &sid(2))));
    assert_eq!(fresh.len(), 2);
    assert!(fresh[0].starts_with("__Host-sid=;") && fresh[1].starts_with("__Host-pre="), "{fresh:?}");
}
