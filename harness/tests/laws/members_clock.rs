//! The host's clock is wrong and the members' phones are right: their codes say so before they are refused.

use crate::scene::{Person, Scene};
use sekisho_core::source::Source;
use sekisho_harness::drivers::Driver as _;
use sekisho_harness::world::totp_app::PERIOD;
use std::net::Ipv4Addr;

/// Fewer members say nothing.
const QUORUM: u32 = 31;

/// Members with apps, none of whom has logged in by a code yet, each at home: so many at one address would have to wait.
fn members(scene: &Scene, count: u32) -> Vec<Person> {
    let at_home = |number: u32| {
        let mut person = scene.member(&format!("m{number}"));
        person.browser.source = Source::of(Ipv4Addr::from(0x0a00_0001 + (number << 8)).into());
        person.walk(&mut scene.driver(), "portal");
        person
    };
    (0..count).map(at_home).collect()
}

/// All of them log in, with phones that show what a clock shows that is `seconds` ahead of the host's.
fn all_log_in(scene: &Scene, people: &[Person], seconds: i64) {
    let mut driver = scene.driver();
    for person in people {
        let mut sitting = person.elsewhere();
        sitting.browser.source = person.browser.source;
        sitting.walk(&mut driver, "login-totp");
        let code = sitting.app().code(driver.now(), seconds);
        assert_eq!(sitting.send(&mut driver, &[("code", &code)]), ("portal", None, 200));
    }
}

/// Some minutes pass, until the middle of a step by the host's clock.
fn pass(scene: &Scene) {
    let since = scene.driver().now().0 % PERIOD;
    scene.pass(10 * PERIOD + PERIOD / 2 + PERIOD - since);
}

/// What the audit log has of the alarm.
fn alarms(scene: &Scene) -> Vec<String> {
    let (world, society) = (scene.appliance.world(), scene.appliance.society(crate::scene::PROFILE).expect("the society"));
    let rows = world.store.audit_tail(&society.name, 10_000).expect("the store reads").into_iter();
    rows.filter(|row| row.event == "clock.members").filter_map(|row| row.note).collect()
}

#[test]
fn a_host_that_is_40_seconds_ahead_is_told_of_once_and_again_after_it_was_right() {
    let scene = Scene::new();
    let people = members(&scene, QUORUM);
    pass(&scene);
    all_log_in(&scene, &people, 0);
    scene.pass(60);
    assert!(alarms(&scene).is_empty(), "a right clock");

    scene.driver().jump(40).expect("the host's clock is set wrong");
    pass(&scene);
    all_log_in(&scene, &people[1..], -40);
    scene.pass(60);
    assert!(alarms(&scene).is_empty(), "one member too few");
    all_log_in(&scene, &people[..1], -40);
    scene.pass(60);
    assert_eq!(alarms(&scene), ["about-30-s-ahead"]);
    scene.pass(60);
    assert_eq!(alarms(&scene).len(), 1, "once, not at every look");

    scene.driver().jump(-40).expect("the host's clock is set right");
    pass(&scene);
    all_log_in(&scene, &people, 0);
    scene.pass(60);
    assert_eq!(alarms(&scene).len(), 1);

    scene.driver().jump(-40).expect("the host's clock is set wrong");
    pass(&scene);
    all_log_in(&scene, &people, 40);
    scene.pass(60);
    assert_eq!(alarms(&scene), ["about-30-s-ahead", "about-30-s-behind"]);
}

#[test]
fn slow_typing_and_one_member_whose_phone_is_wrong_are_no_alarm() {
    let scene = Scene::new();
    let people = members(&scene, QUORUM);
    pass(&scene);
    let (slow, quick) = people.split_at(23);
    all_log_in(&scene, slow, -30);
    all_log_in(&scene, quick, 0);
    for _ in 0..QUORUM {
        pass(&scene);
        all_log_in(&scene, &people[..1], 30);
    }
    assert!(alarms(&scene).is_empty());
}
