//! Half a log-in: what ends it, what it counts as, and whose it is.

use crate::scene::{Person, Scene, WRONG, fetch, post_as};
use bytes::Bytes;
use http::{Method, Response};
use sekisho_harness::browser::page::Page;
use sekisho_harness::drivers::Driver;

#[test]
fn three_wrong_birth_dates_end_the_log_in_and_count_as_one_wrong_password() {
    let scene = Scene::new();
    let mut driver = scene.driver();
    let mut person = scene.member_at("m", "birth-date");
    let cookie = person.cookie();
    for _ in 0..2 {
        person.birth_date(&mut driver, "birth-day|wrong");
        assert_eq!(person.seen(), ("birth-date", Some("birth-date.wrong"), 422));
        assert_eq!(scene.failures(&person), (0, 0));
    }
    person.birth_date(&mut driver, "birth-day|wrong");
    assert_eq!(person.seen(), ("login", Some("birth-date.exhausted"), 422));
    assert_eq!((scene.failures(&person), person.cookie()), ((1, 0), None));
    let cookie = format!("__Host-sid={}", cookie.expect("a session"));
    let answer = fetch(&mut driver, &Method::GET, "/birth-date", Some(&cookie));
    assert!(String::from_utf8_lossy(answer.body()).contains("data-step=\"login-timeout\""), "the session is gone");
    let password = person.member.password.clone();
    assert_eq!(person.log_in_with(&mut driver, &password), ("birth-date", None, 200));
    person.birth_date(&mut driver, "birth-day");
    assert_eq!(person.seen(), ("terms", None, 200));
    assert_eq!(scene.failures(&person), (1, 0), "only a finished log-in forgives");
}

#[test]
fn birth_dates_are_not_free_for_whoever_logs_in_anew_before_the_third() {
    let scene = Scene::new();
    let mut driver = scene.driver();
    let person = scene.member("m");
    for judged in 0..20 {
        let mut person = person.elsewhere();
        let password = person.member.password.clone();
        assert_eq!(person.log_in_with(&mut driver, &password).0, "birth-date", "after {judged} log-ins");
        for _ in 0..2 {
            person.birth_date(&mut driver, "birth-day|wrong");
            if person.seen() == ("wait", Some("guard.wait"), 429) {
                return;
            }
        }
    }
    panic!("forty birth dates were judged");
}

/// The log-in form for `whom`, sent from a browser that shows another page of another member: its token, its cookies.
fn log_in_over(driver: &mut dyn Driver, sitting: &Person, whom: &Person, password: &str) -> Response<Bytes> {
    post_as(driver, sitting, "/login", None, &[("user_id", &whom.member.user_id), ("password", password)])
}

/// Shows that the log-in form means who is typed in it, and neither whose the browser was nor what is left of that.
fn the_typed_member_is_meant(scene: &Scene, mut sitting: Person) {
    let mut driver = scene.driver();
    let other = scene.member("b");
    let before = sitting.cookie().expect("a session");
    let of_a = sitting.member.password.clone();
    for wrong in [WRONG, &of_a] {
        let answer = log_in_over(&mut driver, &sitting, &other, wrong);
        let text = String::from_utf8_lossy(answer.body()).into_owned();
        let page = Page::parse("/login", answer.status().as_u16(), &text);
        assert_eq!((page.step.as_deref(), page.refusal.as_deref()), (Some("login"), Some("login.wrong")));
        for of_a in [&sitting.member.registered.name, &sitting.member.user_id, &sitting.member.registered.mail] {
            assert!(!text.contains(of_a.as_str()), "{of_a} is shown");
        }
    }
    assert_eq!((scene.failures(&other), scene.failures(&sitting)), ((2, 0), (0, 0)), "it was the other's password that was judged");
    let answer = log_in_over(&mut driver, &sitting, &other, &other.member.password);
    assert_eq!((answer.status().as_u16(), answer.headers().get("location").and_then(|at| at.to_str().ok())), (303, Some("/birth-date")));
    let cookies: Vec<_> = answer.headers().get_all("set-cookie").iter().filter_map(|cookie| cookie.to_str().ok()).collect();
    assert!(cookies.len() == 1 && cookies[0].starts_with("__Host-sid=") && !cookies[0].contains(&before), "{cookies:?}");
    assert_eq!(sitting.open(&mut driver, "/").0, "login-timeout", "the old session is gone");
}

#[test]
fn a_log_in_over_a_living_session_is_the_typed_members() {
    let scene = Scene::new();
    let mut sitting = scene.member_at("a", "portal");
    sitting.open(&mut scene.driver(), "/logout");
    the_typed_member_is_meant(&scene, sitting);
}

#[test]
fn a_log_in_over_a_session_that_a_new_password_has_voided_is_the_typed_members() {
    let scene = Scene::new();
    let mut driver = scene.driver();
    let mut sitting = scene.member_at("a", "new-password");
    let mut elsewhere = sitting.elsewhere();
    elsewhere.walk(&mut driver, "new-password");
    let chosen = elsewhere.member.chosen_password.clone();
    elsewhere.send(&mut driver, &[("password", &chosen), ("again", &chosen), ("sign_out", "off")]);
    assert_eq!(elsewhere.seen(), ("first-login-complete", None, 200));
    sitting.member.password = chosen;
    the_typed_member_is_meant(&scene, sitting);
}
