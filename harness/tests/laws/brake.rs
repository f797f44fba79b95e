//! Guesses that are spread over a society's members: the spray brake, and what a hundred wrong second steps end in.

use crate::enumeration::{alike, told};
use crate::scene::{Person, Scene, WRONG};
use sekisho_harness::drivers::{Driver as _, StaffOrder};
use sekisho_harness::flow::{Clerk, StaffAct};
use std::collections::BTreeMap;

const HOUR: u64 = 3600;

/// Wrong first passwords in an hour.
const BUDGET: usize = 20;

/// `count` wrong first passwords, four for each of as many members as that takes: fewer than one of them has to wait for.
fn spray(scene: &Scene, name: &str, count: usize) -> Vec<Person> {
    let mut driver = scene.driver();
    let members: Vec<Person> = (0..count.div_ceil(4)).map(|number| scene.member(&format!("{name} {number}"))).collect();
    for guess in 0..count {
        let seen = members[guess / 4].elsewhere();
        let mut seen = seen;
        assert_eq!(seen.log_in_with(&mut driver, WRONG), ("login", Some("login.wrong"), 422), "guess {guess}");
    }
    members
}

#[test]
fn twenty_wrong_first_passwords_in_an_hour_close_a_society_for_strangers_and_for_strangers_alone() {
    let scene = Scene::new();
    let mut driver = scene.driver();
    let mut home = scene.member_at("home", "portal");
    home.open(&mut driver, "/logout");
    home.send(&mut driver, &[]);
    let unfinished = scene.member("unfinished");
    let nobody = home.nobody("z");
    spray(&scene, "sprayed", BUDGET);
    scene.watches.take_calls();
    let expected = told(&scene, &nobody, WRONG);
    assert_eq!(expected.0[0].0, 429);
    for (who, person) in [("finished", &home), ("unfinished", &unfinished)] {
        alike(&told(&scene, person, WRONG), &expected, who);
        let password = person.member.password.clone();
        alike(&told(&scene, person, &password), &expected, &format!("{who}, with the right password"));
    }
    let [_, _, hashes] = &expected.1;
    assert_eq!(hashes.len(), 0, "what is not judged is not hashed");
    let password = home.member.password.clone();
    assert_eq!(home.log_in_with(&mut driver, &password), ("login-totp", None, 200), "a known browser passes");
    scene.pass(HOUR - 1);
    assert_eq!(unfinished.elsewhere().log_in_with(&mut driver, &password).0, "crowded");
    scene.pass(1);
    let password = unfinished.member.password.clone();
    assert_eq!(unfinished.elsewhere().log_in_with(&mut driver, &password), ("birth-date", None, 200), "the hour is over");
}

#[test]
fn a_day_has_two_hundred_wrong_first_passwords_and_not_twenty_times_twenty_four() {
    let scene = Scene::new();
    let mut driver = scene.driver();
    for hour in 0..10 {
        spray(&scene, &format!("hour {hour}"), BUDGET);
        scene.pass(HOUR);
    }
    let mut person = scene.member("m");
    assert_eq!(person.log_in_with(&mut driver, WRONG), ("crowded", Some("guard.crowded"), 429));
    scene.pass(14 * HOUR);
    assert_eq!(person.log_in_with(&mut driver, WRONG), ("login", Some("login.wrong"), 422));
}

#[test]
fn announced_letters_raise_the_budget_on_their_days_and_no_longer() {
    let scene = Scene::new();
    let mut driver = scene.driver();
    let mut strangers = (0..10).map(|number| scene.member(&format!("stranger {number}"))).collect::<Vec<_>>().into_iter();
    let mut tries = |expected: &str| {
        let mut stranger = strangers.next().expect("enough of them");
        assert_eq!(stranger.log_in_with(&mut scene.driver(), WRONG).0, expected);
    };
    let with = [("in-days", "1"), ("days", "1"), ("members", "10")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    let with = BTreeMap::from(with);
    let order = StaffOrder { act: StaffAct::AnnounceLetters, by: Clerk::First, card: ("", "", ""), with: &with };
    let answer = driver.staff(&order).expect("the staff are there");
    assert!(!answer.refused, "{:?}", answer.said);
    spray(&scene, "the day before", BUDGET);
    tries("crowded");
    // It is 17 o'clock in Japan.
    scene.pass(7 * HOUR);
    spray(&scene, "the day itself", BUDGET);
    tries("login");
    tries("crowded");
    scene.pass(24 * HOUR);
    spray(&scene, "the day after", BUDGET);
    tries("crowded");
}

#[test]
fn guesses_at_chosen_passwords_and_at_nobody_close_nothing() {
    let scene = Scene::new();
    let mut driver = scene.driver();
    let finished = scene.member_at("finished", "first-login-complete");
    for guess in 0..4 {
        for last in "bcdefgh".chars() {
            let stranger = finished.nobody(&last.to_string()).log_in_with(&mut driver, WRONG).2;
            assert_eq!(stranger, 422, "guess {guess} at nobody");
        }
        assert_eq!(finished.elsewhere().log_in_with(&mut driver, WRONG).2, 422);
    }
    let mut person = scene.member("m");
    let password = person.member.password.clone();
    assert_eq!(person.log_in_with(&mut driver, &password), ("birth-date", None, 200));
}

#[test]
fn after_a_hundred_wrong_second_steps_no_unlock_helps_but_a_new_password_and_a_new_factor_do() {
    let scene = Scene::new();
    let mut driver = scene.driver();
    let person = scene.member_at("m", "portal");
    let mut wrong = 0;
    for unlocked in 0..5 {
        for _ in 0..20 {
            scene.pass(HOUR);
            let mut person = person.elsewhere();
            person.walk(&mut driver, "login-totp");
            let code = person.wrong_code(driver_now(&scene));
            person.send(&mut driver, &[("code", &code)]);
            wrong += 1;
        }
        assert_eq!(scene.counters(&person).since_success, wrong, "an unlock forgets none of them");
        let is_refused = scene.staff(&person, StaffAct::UnlockAccount, Clerk::First);
        assert_eq!(is_refused, unlocked == 4, "after {wrong} wrong second steps");
    }
    let password = person.member.password.clone();
    assert_eq!(person.elsewhere().log_in_with(&mut driver, &password), ("account-locked", Some("guard.account-locked"), 403));
    assert!(scene.two_of_the_staff(&person, StaffAct::ResetFactor).1, "whoever guessed a hundred times has the password");
    let (file, refused) = scene.two_of_the_staff(&person, StaffAct::IssueByLetter);
    assert!(!refused);
    assert_eq!(person.elsewhere().log_in_with(&mut driver, &password).1, Some("login.wrong"), "the old password is over");
    assert!(!scene.two_of_the_staff(&person, StaffAct::ResetFactor).1);
    let file = file.expect("a file for the printer");
    let values: Vec<&str> = file.lines().nth(1).expect("a line of values").trim_matches('"').split("\",\"").collect();
    let names: Vec<&str> = file.trim_start_matches('\u{feff}').lines().next().expect("a line of names").split(',').collect();
    let issued = names.iter().position(|name| name.trim_matches('"') == "first_password").map(|place| values[place]).expect("a password");
    let mut person = person.elsewhere();
    person.member.password = issued.to_owned();
    person.walk(&mut driver, "setup-totp");
    person.walk(&mut driver, "portal");
    assert_eq!(scene.counters(&person).since_success, 0);
}

fn driver_now(scene: &Scene) -> sekisho_core::time::Timestamp {
    scene.driver().now()
}
