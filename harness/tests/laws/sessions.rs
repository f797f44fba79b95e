//! Law 6: a session has one way in, a new cookie whenever its rights rise, and an end.

use crate::scene::{Person, Scene, fetch};
use http::Method;
use sekisho_harness::browser::page::Page;
use sekisho_harness::drivers::Driver;

/// What a browser with this session cookie, and nothing else, gets for `/`: the page, or where it is sent.
fn with_cookie(driver: &mut dyn Driver, cookie: &str) -> String {
    let answer = fetch(driver, &Method::GET, "/", Some(&format!("__Host-sid={cookie}")));
    if let Some(location) = answer.headers().get("location") {
        return location.to_str().expect("a path").to_owned();
    }
    let page = Page::parse("/", answer.status().as_u16(), &String::from_utf8_lossy(answer.body()));
    page.step.expect("a page with a step")
}

#[test]
fn the_cookie_changes_whenever_rights_rise_and_the_old_value_is_dead() {
    let scene = Scene::new();
    let mut driver = scene.driver();
    let mut person = scene.member("m");
    let mut dead: Vec<String> = Vec::new();
    let mut rise = |person: &mut Person, driver: &mut dyn Driver, from: &str, to: &str| {
        person.walk(driver, from);
        let before = person.cookie();
        assert!(dead.iter().all(|cookie| with_cookie(driver, cookie) == "login-timeout"), "before {from}");
        person.walk(driver, to);
        let after = person.cookie().expect("a session");
        assert_ne!(before.as_ref(), Some(&after), "{from}");
        dead.extend(before);
        assert!(dead.iter().all(|cookie| with_cookie(driver, cookie) == "login-timeout"), "after {from}");
        assert_ne!(with_cookie(driver, &after), "login-timeout", "{to}");
        after
    };
    let half = rise(&mut person, &mut driver, "login", "birth-date");
    let same = rise(&mut person, &mut driver, "new-password", "first-login-complete");
    assert_ne!(half, same);
    person.walk(&mut driver, "login");
    assert_eq!(with_cookie(&mut driver, &same), "login-timeout", "logged out");
    rise(&mut person, &mut driver, "login", "setup-totp");
    rise(&mut person, &mut driver, "setup-totp", "portal");
    let full = person.cookie().expect("a session");
    person.open(&mut driver, "/logout");
    assert_eq!(person.send(&mut driver, &[]), ("login", None, 200));
    assert_eq!((person.cookie(), with_cookie(&mut driver, &full).as_str()), (None, "login-timeout"));
    rise(&mut person, &mut driver, "login", "login-totp");
    rise(&mut person, &mut driver, "login-totp", "portal");
}

#[test]
fn steps_that_raise_no_rights_keep_the_cookie() {
    let scene = Scene::new();
    let mut driver = scene.driver();
    let mut person = scene.member_at("m", "birth-date");
    let before = person.cookie();
    person.walk(&mut driver, "new-password");
    assert_eq!(person.cookie(), before);
}

#[test]
fn log_out_everywhere_ends_every_session_of_the_member_and_of_nobody_else() {
    let scene = Scene::new();
    let mut driver = scene.driver();
    let mut other = scene.member_at("other", "portal");
    let mut person = scene.member_at("m", "portal");
    let (mut second, mut half) = (person.elsewhere(), person.elsewhere());
    second.walk(&mut driver, "portal");
    half.walk(&mut driver, "login-totp");
    person.open(&mut driver, "/logout");
    assert_eq!(person.send(&mut driver, &[("everywhere", "on")]), ("login", None, 200));
    assert_eq!(second.open(&mut driver, "/").0, "login-timeout");
    assert_eq!(half.open(&mut driver, "/code").0, "login-timeout");
    assert_eq!(other.open(&mut driver, "/").0, "portal");
}

#[test]
fn a_session_of_one_society_is_nothing_at_another() {
    let scene = Scene::of(&["a", "b"]);
    let person = scene.member_at("m", "portal");
    let cookie = person.cookie().expect("a session");
    let mut there = scene.appliance.driver("b").expect("the other society");
    assert_eq!(with_cookie(&mut there, &cookie), "login-timeout");
    assert_eq!(with_cookie(&mut scene.driver(), &cookie), "portal");
}

#[test]
fn a_full_session_ends_after_half_an_hour_without_a_request() {
    let scene = Scene::new();
    let mut driver = scene.driver();
    let mut person = scene.member_at("m", "portal");
    for _ in 0..2 {
        scene.pass(29 * 60 + 59);
        assert_eq!(person.open(&mut driver, "/").0, "portal", "29:59, and looking at a page counts");
    }
    scene.pass(30 * 60);
    assert_eq!(person.open(&mut driver, "/").0, "login-timeout");
    assert_eq!(person.cookie(), None);
}

#[test]
fn a_full_session_ends_after_twelve_hours_whatever_happens() {
    let scene = Scene::new();
    let mut driver = scene.driver();
    let mut person = scene.member_at("m", "login");
    person.walk(&mut driver, "portal");
    // It began with its password, in the same second.
    for _ in 0..12 * 3 - 1 {
        scene.pass(20 * 60);
        assert_eq!(person.open(&mut driver, "/").0, "portal");
    }
    scene.pass(20 * 60 - 1);
    assert_eq!(person.open(&mut driver, "/").0, "portal", "11:59:59");
    scene.pass(1);
    assert_eq!(person.open(&mut driver, "/").0, "login-timeout", "12:00:00");
}

#[test]
fn half_a_log_in_ends_half_an_hour_after_its_last_form() {
    let scene = Scene::new();
    let mut driver = scene.driver();
    let mut person = scene.member_at("m", "birth-date");
    scene.pass(29 * 60 + 59);
    assert_eq!(person.open(&mut driver, "/birth-date").0, "birth-date");
    person.birth_date(&mut driver, "birth-day");
    assert_eq!(person.seen(), ("terms", None, 200));
    scene.pass(29 * 60 + 59);
    assert_eq!(person.open(&mut driver, "/terms").0, "terms");
    scene.pass(1);
    assert_eq!(person.open(&mut driver, "/terms").0, "login-timeout", "looking at a page does not count");
}

#[test]
fn sessions_and_their_ends_outlive_the_process() {
    let scene = Scene::new();
    let (mut short, mut long) = (scene.member_at("short", "portal"), scene.member_at("long", "birth-date"));
    scene.pass(29 * 60 + 59);
    let scene = scene.restart();
    let mut driver = scene.driver();
    assert_eq!(short.open(&mut driver, "/").0, "portal");
    assert_eq!(long.open(&mut driver, "/birth-date").0, "birth-date");
    scene.pass(1);
    assert_eq!(long.open(&mut driver, "/birth-date").0, "login-timeout");
    let scene = {
        drop(driver);
        scene.restart()
    };
    // Who was looked at lately is in memory only: the end falls back to the last form, never beyond.
    assert_eq!(short.open(&mut scene.driver(), "/").0, "login-timeout");
}

#[test]
fn a_clock_that_is_set_back_revives_no_session_and_no_code() {
    let scene = Scene::new();
    let mut person = scene.member_at("m", "portal");
    let (mut idle, mut lives) = (person.elsewhere(), person.elsewhere());
    idle.walk(&mut scene.driver(), "portal");
    idle.typed(scene.driver().now());
    let burnt = idle.code(scene.driver().now());
    scene.pass(30 * 60);
    scene.appliance.clock().step(-40 * 60);
    assert_eq!(person.open(&mut scene.driver(), "/").0, "login-timeout", "before any restart");
    let scene = scene.restart();
    let mut driver = scene.driver();
    assert_eq!(idle.open(&mut driver, "/").0, "login-timeout", "and after it: the floor is on the disk");
    // Back at the very second in which the code was typed.
    scene.appliance.clock().step(10 * 60);
    lives.log_in_with(&mut driver, &lives.member.password.clone());
    assert_eq!(lives.seen(), ("login-totp", None, 200));
    assert_eq!(lives.send(&mut driver, &[("code", &burnt)]), ("login-totp", Some("totp.wrong"), 422));
}
