//! Announced mornings of letters: whose budget they raise, when, and what is refused.

use crate::acts::{Scene, kumo, named};
use crate::office::{NOW, OPERATOR, TestDesk};
use sekisho::ports::{Letters, Store};
use sekisho::staff::protocol::Request;
use sekisho_core::tenant::Preset;
use sekisho_core::time::Timestamp;

const HOUR: u64 = 3600;

/// Midnight in Japan of the day that [`NOW`] lies in, an hour before it.
const TODAY: u64 = NOW.0 - HOUR;

fn announce(scene: &Scene, from: &str, days: u32, members: u32) -> Result<String, String> {
    let desk = TestDesk::new("");
    let request = Request::AnnounceLetters { society: kumo(), from: from.to_owned(), days, members };
    scene.run(&request, &desk).map(|()| desk.said()).map_err(|error| error.to_string())
}

fn shown(scene: &Scene) -> String {
    let desk = TestDesk::new("");
    scene.run(&Request::PolicyShow { society: kumo() }, &desk).unwrap();
    desk.said()
}

#[test]
fn letters_raise_the_brakes_budget_on_their_days_in_japan_and_at_their_society_alone() {
    let scene = Scene::new(Preset::Guarded);
    let said = announce(&scene, "2026-11-23", 2, 3).unwrap();
    assert!(said.contains("letters to 3 members from 2026-11-23 00:00:00 JST until 2026-11-25 00:00:00 JST"), "{said}");
    assert_eq!(scene.audit(1), [("staff.letters-announced".to_owned(), Some(OPERATOR), Some("2026-11-23-2-days-3-members".to_owned()))]);
    let brake = scene.store.brake(&kumo()).unwrap();
    let from = TODAY + 24 * HOUR;
    for (at, members) in [(from - 1, 0), (from, 3), (from + 48 * HOUR - 1, 3), (from + 48 * HOUR, 0)] {
        assert_eq!(brake.announced(Timestamp(at)), members, "{at}");
    }
    assert!(scene.store.brake(&named("umi")).unwrap().letters.is_empty());
    assert!(shown(&scene).contains("announced: letters to 3 members from 2026-11-23 00:00:00 JST"));
}

#[test]
fn announcements_add_up_and_go_when_they_are_over() {
    let scene = Scene::new(Preset::Guarded);
    announce(&scene, "2026-11-22", 1, 1).unwrap();
    announce(&scene, "2026-11-22", 3, 2).unwrap();
    assert_eq!(scene.store.brake(&kumo()).unwrap().announced(NOW), 3);
    scene.clock.pass(23 * HOUR);
    let said = shown(&scene);
    assert!(said.contains("letters to 2 members") && !said.contains("letters to 1 members"), "{said}");
    announce(&scene, "2026-11-24", 1, 1).unwrap();
    let day = |number: u64| Timestamp(TODAY + number * 24 * HOUR);
    let expected = [Letters { from: day(0), until: day(3), members: 2 }, Letters { from: day(2), until: day(3), members: 1 }];
    assert_eq!(scene.store.brake(&kumo()).unwrap().letters, expected);
}

#[test]
fn what_cannot_be_a_morning_of_letters_is_refused() {
    let scene = Scene::new(Preset::Guarded);
    for (from, days, members, why) in [
        ("2026-11-20", 2, 1, "these days are over"),
        ("2027-11-20", 1, 1, "at most 92 days ahead"),
        ("2026-11-31", 1, 1, "a day as YYYY-MM-DD"),
        ("20261122", 1, 1, "a day as YYYY-MM-DD"),
        ("明日", 1, 1, "a day as YYYY-MM-DD"),
        ("2026-11-22", 0, 1, "--days: 1 to 14"),
        ("2026-11-22", 15, 1, "--days: 1 to 14"),
        ("2026-11-22", 1, 0, "--members: at least 1"),
        ("2026-11-22", 1, 4, "kumo has 3 members"),
    ] {
        let error = announce(&scene, from, days, members).unwrap_err();
        assert!(error.contains(why) && error.ends_with("Nothing was changed"), "{from}: {error}");
    }
    assert!(scene.store.brake(&kumo()).unwrap().letters.is_empty());
    assert!(scene.audit(10).iter().all(|(event, ..)| event != "staff.letters-announced"));
}
