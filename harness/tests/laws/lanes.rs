//! A browser that has completed a log-in is known: it has a password counter and a flight of its own, and strangers cannot close it.

use crate::scene::{Person, Scene, WRONG, post_as};
use sekisho_core::source::Source;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};

/// Name of the cookie of a known browser.
const KNOWN: &str = "__Host-bid";

fn bid(person: &Person) -> Option<String> {
    person.browser.jar().value(KNOWN).map(str::to_owned)
}

/// A member whose browser is known, logged out.
fn known(scene: &Scene, name: &str) -> Person {
    let mut person = scene.member_at(name, "portal");
    log_out(scene, &mut person);
    person
}

fn log_out(scene: &Scene, person: &mut Person) {
    let mut driver = scene.driver();
    person.open(&mut driver, "/logout");
    assert_eq!(person.send(&mut driver, &[]), ("login", None, 200));
}

/// Wrong passwords from strangers until they have to wait.
fn close_the_strangers_lane(scene: &Scene, person: &Person) {
    let mut driver = scene.driver();
    for _ in 0..5 {
        assert_eq!(person.elsewhere().log_in_with(&mut driver, WRONG), ("login", Some("login.wrong"), 422));
    }
    let password = person.member.password.clone();
    assert_eq!(person.elsewhere().log_in_with(&mut driver, &password), ("wait", Some("guard.wait"), 429));
}

#[test]
fn strangers_who_fill_their_lane_do_not_keep_the_member_out() {
    let scene = Scene::new();
    let mut driver = scene.driver();
    let mut person = known(&scene, "m");
    close_the_strangers_lane(&scene, &person);
    let password = person.member.password.clone();
    assert_eq!(person.log_in_with(&mut driver, &password), ("login-totp", None, 200));
    person.walk(&mut driver, "portal");
    assert_eq!(scene.failures(&person), (5, 0), "what the known browser's log-in clears is its own lane");
    assert_eq!(person.elsewhere().log_in_with(&mut driver, WRONG), ("login", Some("login.wrong"), 422));
    assert_eq!(person.elsewhere().log_in_with(&mut driver, &password).0, "wait", "theirs goes on where it was");
}

#[test]
fn one_source_uses_up_its_share_of_the_strangers_lane_and_not_the_others() {
    let scene = Scene::new();
    let mut driver = scene.driver();
    let person = scene.member_at("m", "first-login-complete");
    let from = |address: &str| {
        let mut person = person.elsewhere();
        person.browser.source = Source::of(address.parse().expect("an address"));
        person
    };
    for wait in [0, 0, 0, 0, 0, 30, 60, 120, 240, 480] {
        scene.pass(wait);
        assert_eq!(from("203.0.113.9").log_in_with(&mut driver, WRONG), ("login", Some("login.wrong"), 422));
    }
    let password = person.member.password.clone();
    assert_eq!(
        from("203.0.113.200").log_in_with(&mut driver, &password),
        ("password-locked", Some("guard.password-locked"), 429),
        "its /24"
    );
    for _ in 0..2 {
        assert_eq!(from("198.51.100.7").log_in_with(&mut driver, WRONG), ("login", Some("login.wrong"), 422));
    }
    assert_eq!(from("192.0.2.7").log_in_with(&mut driver, &password), ("wait", Some("guard.wait"), 429), "three and two are five");
    scene.pass(30);
    assert_eq!(from("192.0.2.7").log_in_with(&mut driver, &password).0, "setup-totp");
}

#[test]
fn a_known_browsers_failures_are_counted_in_its_own_lane_and_have_the_same_limit() {
    let scene = Scene::new();
    let mut driver = scene.driver();
    let mut person = known(&scene, "m");
    let password = person.member.password.clone();
    for _ in 0..5 {
        assert_eq!(person.log_in_with(&mut driver, WRONG), ("login", Some("login.wrong"), 422));
    }
    assert_eq!(scene.failures(&person), (0, 0), "not with the strangers'");
    assert_eq!(person.log_in_with(&mut driver, &password), ("wait", Some("guard.wait"), 429));
    assert_eq!(person.elsewhere().log_in_with(&mut driver, &password), ("login-totp", None, 200), "the other lane is open");
    scene.pass(30);
    assert_eq!(person.log_in_with(&mut driver, WRONG), ("login", Some("login.wrong"), 422));
    assert_eq!(person.log_in_with(&mut driver, &password).0, "wait", "the waits grow as in the other lane");
}

#[test]
fn a_browser_is_known_for_those_who_have_logged_in_with_it_and_for_nobody_else() {
    let scene = Scene::new();
    let mut driver = scene.driver();
    let mut person = known(&scene, "m");
    let mut other = scene.member_at("other", "first-login-complete");
    other.browser = std::mem::take(&mut person.browser);
    assert_eq!(other.log_in_with(&mut driver, WRONG), ("login", Some("login.wrong"), 422));
    assert_eq!(scene.failures(&other), (1, 0), "a stranger's");
}

#[test]
fn guesses_are_judged_one_after_another_in_each_lane_and_lanes_do_not_wait_for_each_other() {
    let scene = Scene::new();
    let person = known(&scene, "m");
    let mut beside = person.elsewhere();
    beside.open(&mut scene.driver(), "/login");
    // A second window of the known browser.
    let id = person.member.user_id.clone();
    let mut person = person;
    person.open(&mut scene.driver(), "/login");
    let (inside, leave) = (std::sync::Arc::new(Barrier::new(2)), std::sync::Arc::new(Barrier::new(2)));
    let first = AtomicBool::new(true);
    let (told, released) = (std::sync::Arc::clone(&inside), std::sync::Arc::clone(&leave));
    scene.watches.vault.meet("pepper matches", move || {
        if first.swap(false, Ordering::SeqCst) {
            told.wait();
            released.wait();
        }
    });
    let guess = [("user_id", id.as_str()), ("password", WRONG)];
    std::thread::scope(|threads| {
        let inner = threads.spawn(|| post_as(&mut scene.driver(), &person, "/login", None, &guess).status().as_u16());
        inside.wait();
        let mut driver = scene.driver();
        let same_lane = post_as(&mut driver, &person, "/login", None, &guess).status().as_u16();
        let other_lane = beside.send(&mut driver, &guess) == ("login", Some("login.wrong"), 422);
        leave.wait();
        assert_eq!((same_lane, other_lane), (429, true));
        assert_eq!(inner.join().expect("a thread without panic"), 422);
    });
    assert_eq!(scene.failures(&person), (1, 0), "the stranger's one");
}

/// Whether a browser with this id, and nothing else, is known for the member: it gets in while strangers wait.
fn is_known(scene: &Scene, person: &Person, bid: &str) -> bool {
    let mut driver = scene.driver();
    let mut fresh = person.elsewhere();
    fresh.open(&mut driver, "/login");
    let cookies = format!("{}; {KNOWN}={bid}", fresh.browser.jar().header(false).expect("the cookie of a log-in page"));
    let fields = [("user_id", person.member.user_id.as_str()), ("password", person.member.password.as_str())];
    let answer = post_as(&mut driver, &fresh, "/login", Some(&cookies), &fields);
    match answer.status().as_u16() {
        303 => true,
        429 => false,
        other => panic!("{other}"),
    }
}

#[test]
fn a_browsers_id_changes_at_each_full_log_in_and_the_one_before_serves_until_the_new_one_was_used() {
    let scene = Scene::new();
    let mut driver = scene.driver();
    let mut person = scene.member("m");
    assert_eq!(bid(&person), None);
    person.walk(&mut driver, "setup-totp");
    let of_first_login = bid(&person).expect("a finished first log-in makes the browser known");
    person.walk(&mut driver, "portal");
    let one = bid(&person).expect("an id");
    assert_ne!(of_first_login, one);
    log_out(&scene, &mut person);
    assert_eq!(bid(&person), Some(one.clone()), "a log-out leaves it");
    person.walk(&mut driver, "login-totp");
    assert_eq!(bid(&person), Some(one.clone()), "half a log-in changes nothing");
    person.walk(&mut driver, "portal");
    let two = bid(&person).expect("an id");
    assert_ne!(one, two);
    log_out(&scene, &mut person);
    close_the_strangers_lane(&scene, &person);
    assert!(is_known(&scene, &person, &two) && is_known(&scene, &person, &one), "the answer with the new one may have been lost");
    assert!(!is_known(&scene, &person, &of_first_login), "the one before that is over");
    person.walk(&mut driver, "portal");
    let three = bid(&person).expect("an id");
    assert_eq!(person.elsewhere().log_in_with(&mut driver, WRONG).2, 422, "half a minute has passed meanwhile");
    assert!(is_known(&scene, &person, &three) && is_known(&scene, &person, &two));
    assert!(!is_known(&scene, &person, &one), "the new one was used");
}

#[test]
fn a_browser_knows_eight_members_at_most_and_forgets_who_was_there_longest_ago() {
    let scene = Scene::new();
    let mut driver = scene.driver();
    let mut shared = Default::default();
    let mut family = Vec::new();
    for number in 0..9 {
        let mut person = scene.member(&format!("member {number}"));
        person.browser = shared;
        person.walk(&mut driver, "portal");
        log_out(&scene, &mut person);
        shared = std::mem::take(&mut person.browser);
        scene.pass(60);
        family.push(person);
    }
    let mut knows = |person: &mut Person, shared: &mut sekisho_harness::browser::Browser| {
        for _ in 0..5 {
            assert_eq!(person.elsewhere().log_in_with(&mut driver, WRONG).2, 422);
        }
        person.browser = std::mem::take(shared);
        let password = person.member.password.clone();
        let step = person.log_in_with(&mut driver, &password).0.to_owned();
        if step == "login-totp" {
            person.open(&mut driver, "/logout");
            assert_eq!(person.send(&mut driver, &[]).0, "login");
        }
        *shared = std::mem::take(&mut person.browser);
        step == "login-totp"
    };
    assert!(!knows(&mut family[0], &mut shared), "the ninth has taken the place of the first");
    for place in [1, 8] {
        assert!(knows(&mut family[place], &mut shared), "member {place}");
    }
}
