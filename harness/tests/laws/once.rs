//! What serves once serves once: a code, a link or a challenge, used by two browsers at the same instant, opens one of them.
//!
//! Single flight would hide what the commit has to decide, so the two come through two fronts, and neither commits before both have
//! decided.

use crate::scene::{Person, Scene, Work, post_as};
use http::Response;
use sekisho_harness::browser::page::Page;
use sekisho_harness::drivers::Driver;

/// What one of two is told: the step that it is on then, and whether it was given a session.
fn told(answer: &Response<bytes::Bytes>) -> (String, bool) {
    let header = |name: &str| answer.headers().get_all(name).iter().filter_map(|value| value.to_str().ok());
    let given = header("set-cookie").any(|cookie| cookie.starts_with("__Host-sid=") && !cookie.starts_with("__Host-sid=;"));
    let page = Page::parse("/", answer.status().as_u16(), &String::from_utf8_lossy(answer.body()));
    let at = header("location").next().map(str::to_owned).or(page.refusal).or(page.step).unwrap_or_default();
    (at, given)
}

/// The same form, sent by two windows with the same cookies at the same instant.
fn twice(scene: &Scene, sitting: &Person, at: &'static str, fields: &[(&str, &str)]) -> [(String, bool); 2] {
    let send =
        || -> Work<'_, (String, bool)> { Box::new(move |driver: &mut dyn Driver| told(&post_as(driver, sitting, at, None, fields))) };
    let mut told = scene.at_the_same_instant([send(), send()]);
    told.sort_by_key(|(_, given)| !given);
    told
}

/// The form of two browsers, at the same instant: whether each was let on, and where they are then.
fn both(scene: &Scene, one: &Person, other: &Person, at: &'static str, fields: [&[(&str, &str)]; 2]) -> [(String, bool); 2] {
    let [mine, theirs] = fields;
    let mut told = scene.at_the_same_instant([
        Box::new(|driver: &mut dyn Driver| told(&post_as(driver, one, at, None, mine))),
        Box::new(|driver: &mut dyn Driver| told(&post_as(driver, other, at, None, theirs))),
    ]);
    told.sort_by_key(|(_, given)| !given);
    told
}

fn logged_out(scene: &Scene, mut person: Person) -> Person {
    let mut driver = scene.driver();
    person.open(&mut driver, "/logout");
    person.send(&mut driver, &[]);
    person
}

#[test]
fn a_code_of_an_app_opens_one_of_two_windows() {
    let scene = Scene::new();
    let mut driver = scene.driver();
    let mut person = logged_out(&scene, scene.member_at("m", "portal"));
    person.walk(&mut driver, "login-totp");
    person.next_code(&mut driver);
    let code = person.code(driver.now());
    let [first, second] = twice(&scene, &person, "/code", &[("code", &code)]);
    assert_eq!(first, ("/".to_owned(), true));
    assert!(!second.1, "{second:?}");
}

#[test]
fn a_code_by_mail_opens_one_of_two_windows_and_no_other_log_in() {
    let scene = Scene::new();
    let mut driver = scene.driver();
    let mut person = scene.member("m").by("mail-code");
    person.walk(&mut driver, "portal");
    let mut person = logged_out(&scene, person);
    scene.pass(61);
    person.walk(&mut driver, "mail-code");
    let code = person.mailed_code(&mut driver);
    let mut elsewhere = person.elsewhere();
    scene.pass(61);
    elsewhere.walk(&mut driver, "mail-code");
    let refused = elsewhere.send(&mut driver, &[("action", "give"), ("code", &code)]);
    assert_eq!(refused, ("mail-code", Some("mail-code.wrong"), 422), "it is another log-in's");
    let [first, second] = twice(&scene, &person, "/mail-code", &[("action", "give"), ("code", &code)]);
    assert_eq!(first, ("/".to_owned(), true));
    assert!(!second.1, "{second:?}");
}

#[test]
fn an_answer_to_a_passkeys_challenge_opens_one_of_two_windows() {
    let scene = Scene::new();
    let mut driver = scene.driver();
    let mut person = scene.member("m").by("passkey");
    person.walk(&mut driver, "portal");
    let mut person = logged_out(&scene, person);
    person.walk(&mut driver, "login-passkey");
    let answer = person.passkey_answer(driver.origin(), None);
    let [first, second] = twice(&scene, &person, "/passkey", &[("credential", &answer)]);
    assert_eq!(first, ("/".to_owned(), true));
    assert!(!second.1, "{second:?}");
}

#[test]
fn an_answer_that_makes_a_passkey_makes_one() {
    let scene = Scene::new();
    let mut driver = scene.driver();
    let mut person = scene.member("m").by("passkey");
    person.walk(&mut driver, "setup-passkey");
    let answer = person.passkey_answer(driver.origin(), None);
    let [first, second] = twice(&scene, &person, "/setup-passkey", &[("credential", &answer)]);
    assert_eq!(first, ("/name-passkey".to_owned(), true));
    assert!(!second.1, "{second:?}");
}

/// A finished member with recovery codes, logged out.
fn with_codes(scene: &Scene) -> Person {
    let mut driver = scene.driver();
    let mut person = scene.member_at("m", "recovery-codes");
    person.send(&mut driver, &[("action", "make")]);
    person.member.recovery_codes = person.page().recovery_codes();
    person.walk(&mut driver, "portal");
    logged_out(scene, person)
}

#[test]
fn a_recovery_code_opens_one_of_two_browsers() {
    let scene = Scene::new();
    let mut driver = scene.driver();
    let person = with_codes(&scene);
    let [one, other] = [person.elsewhere(), person.elsewhere()].map(|mut person| {
        person.walk(&mut driver, "login-totp");
        person.open(&mut driver, "/another-way");
        assert_eq!(person.send(&mut driver, &[("way", "recovery-code")]), ("recovery-code", None, 200));
        person
    });
    let code = person.member.recovery_codes[3].clone();
    let fields = [("code", code.as_str())];
    let [first, second] = both(&scene, &one, &other, "/recovery-code", [&fields, &fields]);
    assert_eq!(first, ("/".to_owned(), true));
    assert_eq!(second, ("recovery-code.wrong".to_owned(), false));
    assert_eq!(scene.failures(&person), (0, 1));
}

/// Two browsers on the page behind a link, and what its button sends.
fn behind(scene: &Scene, person: &Person, link: &str) -> ([Person; 2], String) {
    let mut driver = scene.driver();
    let two = [person.elsewhere(), person.elsewhere()].map(|mut person| {
        person.browser.open_from_mail(&mut driver, link).expect("the link opens");
        person
    });
    let token = two[0].standing("t");
    (two, token)
}

#[test]
fn a_reset_link_opens_one_of_two_browsers() {
    let scene = Scene::new();
    let mut driver = scene.driver();
    let mut person = logged_out(&scene, scene.member_at("m", "portal"));
    person.open(&mut driver, "/forgot-password");
    let id = person.member.user_id.clone();
    assert_eq!(person.send(&mut driver, &[("user_id", &id)]), ("see-mail", None, 200));
    let ([one, other], token) = behind(&scene, &person, &person.link_of(&mut driver, "reset"));
    let fields = [("t", token.as_str())];
    let [first, second] = both(&scene, &one, &other, "/link/reset", [&fields, &fields]);
    assert_eq!(first, ("/recover".to_owned(), true));
    assert_eq!(second, ("link.dead".to_owned(), false));
}

#[test]
fn a_link_that_proves_an_address_serves_one_of_two_browsers() {
    let scene = Scene::new();
    let person = scene.member_at("m", "email-wait");
    let ([one, other], token) = behind(&scene, &person, &person.link(&mut scene.driver()));
    let fields = [("t", token.as_str())];
    let mut told = both(&scene, &one, &other, "/link/email", [&fields, &fields]);
    told.sort();
    assert_eq!(told, [("link-done".to_owned(), false), ("link.dead".to_owned(), false)]);
}

#[test]
fn a_link_that_says_it_was_not_me_serves_one_of_two_browsers() {
    let scene = Scene::new();
    let mut driver = scene.driver();
    let mut person = scene.member_at("m", "portal");
    person.open(&mut driver, "/profile");
    assert_eq!(person.send(&mut driver, &[("goal", "change-email")]), ("change-email", None, 200));
    let other_mail = person.member.other_mail.clone();
    assert_eq!(person.send(&mut driver, &[("email", &other_mail)]), ("profile", None, 200));
    let ([one, other], token) = behind(&scene, &person, &person.link_of(&mut driver, "freeze"));
    let fields = [("t", token.as_str())];
    let mut told = both(&scene, &one, &other, "/link/freeze", [&fields, &fields]);
    told.sort();
    assert_eq!(told, [("link-frozen".to_owned(), false), ("link.dead".to_owned(), false)]);
}
