//! A clock that jumps: the floor waits for the word of one of the staff, and everybody can read of both.

use crate::acts::{Scene, kumo, named};
use crate::office::{NOW, OPERATOR, TestDesk, society, world};
use sekisho::ports::Store;
use sekisho::service::Service;
use sekisho::staff::clock::ClockWatch;
use sekisho::staff::protocol::Request;
use sekisho::ticker::tick;
use sekisho_core::tenant::Preset;
use sekisho_core::time::Timestamp;
use std::sync::Arc;

const MINUTE: u64 = 60;

/// So many minutes with a tick at the end of each.
fn minutes(scene: &Scene, count: u64) {
    let service = Service::new(scene.world.clone(), |_| {});
    for _ in 0..count {
        scene.clock.pass(MINUTE);
        tick(&service, &scene.office.societies, &scene.office.clock);
    }
}

fn floor(scene: &Scene) -> u64 {
    scene.store.floor(&kumo()).unwrap().0
}

fn accept(scene: &Scene, desk: &TestDesk) -> Result<(), String> {
    scene.run(&Request::ClockAccept, desk).map_err(|error| error.to_string())
}

/// The society's newest event.
fn newest(scene: &Scene, society: &str) -> (String, Option<u32>, Option<String>) {
    let row = scene.store.audit_tail(&named(society), 1).unwrap().pop().unwrap();
    (row.event, row.staff, row.note)
}

#[test]
fn a_jump_moves_the_floor_only_after_it_is_accepted_and_both_are_written_down() {
    let scene = Scene::new(Preset::Guarded);
    minutes(&scene, 60);
    assert_eq!(floor(&scene), NOW.0 + 3600);
    scene.clock.jump(2 * 3600);
    minutes(&scene, 2);
    assert_eq!(floor(&scene), NOW.0 + 3600 + 2 * MINUTE, "the time that has passed, and not the jump");
    for society in ["kumo", "umi"] {
        assert_eq!(newest(&scene, society), ("clock.jumped".to_owned(), None, Some("7200-s-ahead".to_owned())));
    }
    let jumps = scene.audit(100).iter().filter(|(event, ..)| event == "clock.jumped").count();
    assert_eq!(jumps, 1, "once, not at every tick");
    let desk = TestDesk::new("");
    accept(&scene, &desk).unwrap();
    let said = desk.said();
    for part in ["the clock says 2026-11-22 04:02:00 JST", "it should say  2026-11-22 02:02:00 JST", "7200 s ahead", "accepted"] {
        assert!(said.contains(part), "{part} in {said}");
    }
    for society in ["kumo", "umi"] {
        assert_eq!(newest(&scene, society), ("staff.clock-accepted".to_owned(), Some(OPERATOR), Some("7200-s-ahead".to_owned())));
    }
    minutes(&scene, 1);
    assert_eq!(floor(&scene), NOW.0 + 3600 + 3 * MINUTE + 7200);
}

#[test]
fn a_jump_removes_no_session_before_it_is_accepted() {
    let scene = Scene::new(Preset::Guarded);
    let session = scene.at_home("12-3");
    scene.clock.jump(24 * 3600);
    minutes(&scene, 1);
    assert!(scene.has_session(session), "a clock that is set right gives it back");
    accept(&scene, &TestDesk::new("")).unwrap();
    minutes(&scene, 1);
    assert!(!scene.has_session(session));
}

#[test]
fn where_there_is_nothing_to_accept_or_the_operator_does_not_agree_nothing_changes() {
    let scene = Scene::new(Preset::Guarded);
    minutes(&scene, 60);
    scene.clock.jump(3600);
    let nothing = |desk: TestDesk| accept(&scene, &desk).unwrap_err();
    assert!(nothing(TestDesk::new("")).contains("has not jumped; there is nothing to accept. Nothing was changed"));
    scene.clock.jump(3601);
    assert!(nothing(TestDesk::new("").disagreeing()).contains("not accepted; nothing was changed"));
    assert_eq!(newest(&scene, "kumo").0, "clock.jumped", "the command sees a jump that no tick has seen");
    minutes(&scene, 1);
    assert_eq!(floor(&scene), NOW.0 + 2 * 3600 + MINUTE);
    scene.clock.jump(3600);
    accept(&scene, &TestDesk::new("")).unwrap();
    assert!(nothing(TestDesk::new("")).contains("nothing to accept"));
}

#[test]
fn a_clock_that_starts_far_ahead_of_the_newest_floor_waits_for_the_staff_too() {
    let scene = Scene::new(Preset::Guarded);
    let (kumo, umi) = (kumo(), named("umi"));
    let jump_at_start = |floors: [u64; 2]| {
        for (name, floor) in [&kumo, &umi].into_iter().zip(floors) {
            scene.store.tick(name, Timestamp(floor), Timestamp(0), Timestamp(0)).unwrap();
        }
        let watch = ClockWatch::start(scene.clock.clone());
        watch.compare(&scene.world, &scene.office.societies);
        watch.look(&scene.world, &scene.office.societies).jump().map(|jump| jump.as_secs())
    };
    assert_eq!(jump_at_start([0, 0]), None, "a first start has nothing to compare with");
    assert_eq!(jump_at_start([NOW.0 - 9000, NOW.0 - 5000]), Some(5000), "the newest counts");
    assert_eq!(newest(&scene, "umi"), ("clock.jumped".to_owned(), None, Some("5000-s-ahead".to_owned())));
    assert_eq!(jump_at_start([NOW.0 - 9000, NOW.0 - 60]), None, "a file that was closed says nothing");
}

#[test]
fn what_members_say_is_told_every_society_once_until_they_say_it_no_more() {
    let scene = Scene::new(Preset::Guarded);
    let watch = ClockWatch::start(scene.clock.clone());
    let told = |steps: Option<i8>| {
        watch.tell_of_members(&scene.world, &scene.office.societies, steps);
        let rows = scene.store.audit_tail(&named("umi"), 100).unwrap().into_iter();
        rows.filter(|row| row.event == "clock.members").filter_map(|row| row.note).collect::<Vec<_>>()
    };
    assert!(told(None).is_empty());
    assert_eq!(told(Some(-2)), ["about-60-s-ahead"]);
    assert_eq!(told(Some(-1)), ["about-60-s-ahead"], "once");
    scene.clock.jump(7200);
    watch.look(&scene.world, &scene.office.societies);
    assert_eq!(told(Some(-1)), ["about-60-s-ahead"], "a jump is another matter");
    assert_eq!(told(None).len(), 1);
    assert_eq!(told(Some(1)), ["about-60-s-ahead", "about-30-s-behind"]);
    assert_eq!(newest(&scene, "kumo"), ("clock.members".to_owned(), None, Some("about-30-s-behind".to_owned())));
}

#[test]
fn a_society_without_a_file_is_passed_over() {
    let scene = Scene::new(Preset::Guarded);
    let (outside, ..) = world(scene.store.clone());
    let societies = [Arc::new(society("keyless", Preset::Guarded))];
    let watch = ClockWatch::start(scene.clock.clone());
    watch.compare(&outside, &societies);
    scene.clock.jump(7200);
    assert!(watch.look(&outside, &societies).jump().is_some());
    assert!(scene.store.roots(&named("keyless")).unwrap().is_none());
}
