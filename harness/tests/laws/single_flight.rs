//! Law 2: guesses at one member are judged one after another; a code is good once; what conflicts is looked at again. What a crowd comes
//! to is measured by the guard group (`door.crowd`).

use crate::scene::{Person, Scene, WRONG};
use sekisho_core::time::Timestamp;
use sekisho_harness::drivers::Driver;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};

/// Lets the one inside leave, also when the test fails meanwhile: a failure must not hang.
struct Release(Arc<Barrier>);

impl Drop for Release {
    fn drop(&mut self) {
        self.0.wait();
    }
}

/// Two browsers of one member, each before the code page, and the code that both will type.
fn two_before_the_code(scene: &Scene) -> (Person, Person, String, Timestamp) {
    let mut driver = scene.driver();
    let person = scene.member_at("m", "portal");
    let (mut one, mut other) = (person.elsewhere(), person.elsewhere());
    one.walk(&mut driver, "login-totp");
    other.walk(&mut driver, "login-totp");
    one.next_code(&mut driver);
    let code = one.code(driver.now());
    (one, other, code, driver.now())
}

#[test]
fn a_code_that_is_being_judged_is_not_judged_twice() {
    let scene = Scene::new();
    let (mut one, mut other, code, _) = two_before_the_code(&scene);
    let (inside, leave) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let first = AtomicBool::new(true);
    let (told, released) = (Arc::clone(&inside), Arc::clone(&leave));
    scene.watches.vault.meet("totp", move || {
        if first.swap(false, Ordering::SeqCst) {
            told.wait();
            released.wait();
        }
    });
    let mut driver = scene.driver();
    let full = std::thread::scope(|threads| {
        let one = threads.spawn(|| {
            one.send(&mut scene.driver(), &[("code", &code)]);
            one
        });
        inside.wait();
        let release = Release(leave);
        // More than once: who is turned away must not give away the place of the one inside.
        for _ in 0..3 {
            assert_eq!(other.send(&mut driver, &[("code", &code)]), ("login-totp", Some("guard.try-again"), 429));
        }
        assert_eq!(scene.failures(&other), (0, 0), "it was not counted");
        drop(release);
        one.join().expect("a thread without panic").seen().0 == "portal"
    });
    assert!(full);
    other.browser.reload(&mut driver).expect("it loads again");
    assert_eq!(other.send(&mut driver, &[("code", &code)]), ("login-totp", Some("totp.wrong"), 422), "the code is burnt");
    assert_eq!(scene.failures(&other), (0, 1));
}

#[test]
fn a_code_judged_at_two_places_at_once_opens_one_session() {
    let scene = Scene::new();
    let (one, other, code, _) = two_before_the_code(&scene);
    // Two fronts know nothing of each other's flights: only the commit can tell.
    let both = Arc::new(Barrier::new(2));
    let inside = Arc::clone(&both);
    scene.watches.vault.meet("totp", move || {
        inside.wait();
    });
    let steps = std::thread::scope(|threads| {
        let (scene, code) = (&scene, &code);
        let judged = [one, other].map(|mut person| {
            threads.spawn(move || {
                let front = scene.appliance.another_front().expect("a front");
                let mut driver = scene.appliance.driver_through(&front, crate::scene::PROFILE).expect("the society");
                person.send(&mut driver, &[("code", code)]);
                let (step, refusal, _) = person.seen();
                (step.to_owned(), refusal.map(str::to_owned), person.member.user_id.clone())
            })
        });
        let mut steps = judged.map(|thread| thread.join().expect("a thread without panic"));
        steps.sort();
        steps.map(|(step, refusal, _)| (step, refusal))
    });
    let expected = [("login-totp", Some("totp.wrong")), ("portal", None)];
    assert_eq!(steps, expected.map(|(step, refusal)| (step.to_owned(), refusal.map(str::to_owned))));
}

#[test]
fn after_one_conflict_the_findings_serve_again() {
    let scene = Scene::new();
    let mut driver = scene.driver();
    let mut person = scene.member("m");
    scene.watches.store.conflict_next(1);
    scene.watches.take_calls();
    assert_eq!(person.log_in_with(&mut driver, WRONG), ("login", Some("login.wrong"), 422));
    assert_eq!(scene.watches.hasher.take_calls().len(), 1);
    assert_eq!(scene.failures(&person), (1, 0), "counted once");
    scene.watches.store.conflict_next(1);
    let password = person.member.password.clone();
    assert_eq!(person.log_in_with(&mut driver, &password), ("birth-date", None, 200));
    assert_eq!(scene.watches.hasher.take_calls().len(), 1);
    assert_eq!(scene.failures(&person), (1, 0), "half a log-in forgives nothing");
}

#[test]
fn what_conflicts_three_times_is_not_judged_whether_right_or_wrong() {
    let scene = Scene::new();
    let mut driver = scene.driver();
    let mut person = scene.member("m");
    for password in [WRONG.to_owned(), person.member.password.clone()] {
        let before = scene.commits();
        scene.watches.store.conflict_next(3);
        assert_eq!(person.log_in_with(&mut driver, &password), ("login", Some("guard.try-again"), 429));
        assert_eq!((scene.commits(), scene.failures(&person), person.cookie()), (before, (0, 0), None));
    }
    assert_eq!(person.log_in_with(&mut driver, &person.member.password.clone()), ("birth-date", None, 200));
}

#[test]
fn a_password_that_changes_while_it_is_judged_opens_nothing() {
    let scene = Scene::new();
    let mut driver = scene.driver();
    let person = scene.member_at("m", "new-password");
    let old = person.member.password.clone();
    let first = AtomicBool::new(true);
    let (inside, leave) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let (told, released) = (Arc::clone(&inside), Arc::clone(&leave));
    scene.watches.vault.meet("pepper matches", move || {
        if first.swap(false, Ordering::SeqCst) {
            told.wait();
            released.wait();
        }
    });
    let stale = person.elsewhere();
    std::thread::scope(|threads| {
        let late = threads.spawn(|| {
            let mut stale = stale;
            stale.log_in_with(&mut scene.driver(), &old);
            stale
        });
        inside.wait();
        let release = Release(leave);
        let mut person = person;
        person.walk(&mut driver, "first-login-complete");
        drop(release);
        let late = late.join().expect("a thread without panic");
        // Judged against the password of before, so that what it got is worth nothing.
        assert_eq!((late.seen().0, late.cookie()), ("login-timeout", None));
    });
}

/// Many at once would all find room in the budget before the first of them is counted.
#[test]
fn a_letter_that_is_being_asked_for_is_not_asked_for_beside() {
    let scene = Scene::new();
    let person = scene.member_at("m", "portal");
    let id = person.member.user_id.clone();
    let (mut one, mut other) = (person.elsewhere(), person.elsewhere());
    for browser in [&mut one, &mut other] {
        browser.open(&mut scene.driver(), "/forgot-password");
    }
    let (inside, leave) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let first = AtomicBool::new(true);
    let (told, released) = (Arc::clone(&inside), Arc::clone(&leave));
    scene.watches.vault.meet("seal letter", move || {
        if first.swap(false, Ordering::SeqCst) {
            told.wait();
            released.wait();
        }
    });
    let beside = std::thread::scope(|threads| {
        let asking = threads.spawn(|| one.send(&mut scene.driver(), &[("user_id", &id)]).2);
        inside.wait();
        let release = Release(leave);
        let (_, refusal, status) = other.send(&mut scene.driver(), &[("user_id", &id)]);
        let beside = (refusal.map(str::to_owned), status);
        drop(release);
        assert_eq!(asking.join().expect("a thread without panic"), 200);
        beside
    });
    assert_eq!(beside, (Some("guard.try-again".to_owned()), 429));
    assert_eq!(scene.counters(&person).recovery.in_hour, 1);
}
