//! A device's clock: how wrong it may be, what is learned of it, and for how long.

use crate::scene::{Person, Scene, Seen};
use sekisho_harness::drivers::Driver as _;
use sekisho_harness::world::totp_app::{PERIOD, TotpApp};

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;
const STEP: i64 = PERIOD as i64;

/// A right code.
const IN: Seen<'static> = ("portal", None, 200);
/// One that is none.
const WRONG: Seen<'static> = ("login-totp", Some("totp.wrong"), 422);

/// A member with an app, some time after it was set up and at the beginning of a step.
fn member(scene: &Scene) -> Person {
    let person = scene.member_at("m", "portal");
    scene.pass(HOUR);
    assert_eq!(scene.driver().now().0 % PERIOD, 0);
    person
}

/// The answer to a code of the member's phone, whose clock is wrong by `error` seconds.
fn assert_told(scene: &Scene, person: &Person, error: i64, answer: Seen<'_>, why: &str) {
    let mut driver = scene.driver();
    let mut sitting = person.elsewhere();
    sitting.walk(&mut driver, "login-totp");
    let code = sitting.app().code(driver.now(), error);
    assert_eq!(sitting.send(&mut driver, &[("code", &code)]), answer, "{error} s: {why}");
}

/// What is on file of the phone: how many steps its last right code was ahead of the clock.
fn offset(scene: &Scene, person: &Person) -> i8 {
    let burnt = scene.rows(person).open.burnt;
    assert_eq!(burnt.len(), 1, "one device");
    burnt[0].offset
}

/// OTP-08. With the ten seconds that typing takes the code is two steps old now and then.
#[test]
fn a_phone_that_is_25_seconds_slow_gets_in_ten_times() {
    const ERROR: i64 = -25 - 10;
    let scene = Scene::new();
    let person = member(&scene);
    let mut seen = Vec::new();
    for _ in 0..10 {
        scene.pass(HOUR + 7);
        assert_told(&scene, &person, ERROR, IN, "within what is learned");
        let now = scene.driver().now();
        let steps = TotpApp::step(now, 0) - TotpApp::step(now, ERROR);
        assert_eq!(u64::from(offset(&scene, &person).unsigned_abs()), steps);
        seen.push(steps);
    }
    assert!(seen.contains(&1) && seen.contains(&2), "{seen:?}");
}

/// OTP-06, OTP-07: two steps off only where one was learned, and on that side; three never.
#[test]
fn a_phone_that_is_further_off_than_was_learned_is_refused_and_counted() {
    let scene = Scene::new();
    let person = member(&scene);
    for (failures, steps) in (1..).zip([-3, -2, 2, 3]) {
        assert_told(&scene, &person, steps * STEP, WRONG, "nothing is learned yet");
        assert_eq!(scene.failures(&person), (0, failures));
    }
    assert_told(&scene, &person, -STEP, IN, "one step is always right");
    assert_eq!(offset(&scene, &person), -1);
    scene.pass(HOUR);
    for (failures, steps) in (1..).zip([-3, 2, 3]) {
        assert_told(&scene, &person, steps * STEP, WRONG, "late was learned, and not so late");
        assert_eq!(scene.failures(&person), (0, failures));
    }
    assert_told(&scene, &person, -2 * STEP, IN, "one step more on the side that was learned");
    scene.pass(HOUR);
    assert_told(&scene, &person, -3 * STEP, WRONG, "it goes no further");
    assert_told(&scene, &person, STEP, IN, "one step is always right");
    scene.pass(HOUR);
    assert_told(&scene, &person, -2 * STEP, WRONG, "the last right code counts");
    assert_told(&scene, &person, 2 * STEP, IN, "and so does what it says");
}

/// OTP-09.
#[test]
fn what_was_learned_before_a_gap_of_forty_days_is_not_applied() {
    let scene = Scene::new();
    let person = member(&scene);
    assert_told(&scene, &person, -STEP, IN, "one step is always right");
    scene.pass(29 * DAY);
    assert_told(&scene, &person, -2 * STEP, IN, "learned a month ago at most");
    scene.pass(40 * DAY);
    assert_told(&scene, &person, -2 * STEP, WRONG, "nobody knows how far it has run meanwhile");
    assert_told(&scene, &person, -STEP, IN, "it is learned anew");
    scene.pass(HOUR);
    assert_told(&scene, &person, -2 * STEP, IN, "and applied");
}

/// OTP-11, OTP-12: what is older than a right code is dead, whatever the window.
#[test]
fn a_learned_step_gives_no_used_code_a_second_life() {
    let scene = Scene::new();
    let person = member(&scene);
    assert_told(&scene, &person, -STEP, IN, "one step is always right");
    scene.pass(PERIOD);
    assert_told(&scene, &person, -2 * STEP, WRONG, "the same code, still in the window");
    assert_told(&scene, &person, -STEP, IN, "the next one");
}
