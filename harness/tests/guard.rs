//! Every attack of `run --group guard`, once: each measure within its bound, under its permanent id.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use sekisho_harness::guard::{ATTACKS, Bound, Ground, Measure};
use sekisho_harness::vectors::Vectors;
use std::collections::BTreeSet;

/// More than one address may hold, and few enough for a test.
const SOCKETS: usize = 720;

/// Runs one attack; every measure holds, and the ids are these.
fn run(name: &str, ids: &[&str]) -> Vec<Measure> {
    let vectors = Vectors::load(&Vectors::find().expect("the vectors are there")).expect("the vectors are well-formed");
    let mut ground = Ground::new(&vectors, 1);
    ground.sockets = SOCKETS;
    let (_, attack) = ATTACKS.iter().find(|(known, _)| *known == name).expect("an attack of that name");
    let measures = attack(&ground).expect("its ground is there");
    for measure in &measures {
        assert!(
            measure.holds(),
            "{}: {} {}, bound {}; {}",
            measure.id,
            measure.measured,
            measure.counts,
            measure.bound.said(),
            measure.note
        );
    }
    assert_eq!(measures.iter().map(|measure| measure.id.as_str()).collect::<Vec<_>>(), ids);
    measures
}

macro_rules! attacks {
    ($($name:ident is $attack:literal: [$($id:literal),* $(,)?] $(and $also:ident)?;)*) => {
        $(
            #[test]
            fn $name() {
                let measures = run($attack, &[$($id),*]);
                assert!(!measures.is_empty());
                $($also(&measures);)?
            }
        )*

        /// Every attack, and its ids. They are permanent: retired, never reused.
        const PINNED: &[(&str, &[&str])] = &[$(($attack, &[$($id),*])),*];
    };
}

attacks! {
    guesses_in_every_order_stay_within_the_limits is "model": [
        "model.judged-in-a-day",
        "model.known-browser-waits",
        "model.codes-in-a-row",
    ];
    a_month_of_spraying_opens_no_more_than_the_brake_lets_through is "spray.month": [
        "spray.list.manual.judged",
        "spray.list.manual.opened",
        "spray.list.manual.exposed",
        "spray.list.guarded.judged",
        "spray.list.guarded.opened",
        "spray.list.guarded.exposed",
        "spray.list.hardened.judged",
        "spray.list.hardened.opened",
        "spray.list.hardened.exposed",
        "spray.year.manual.judged",
        "spray.year.manual.opened",
        "spray.year.manual.exposed",
        "spray.year.guarded.judged",
        "spray.year.guarded.opened",
        "spray.year.guarded.exposed",
        "spray.year.hardened.judged",
        "spray.year.hardened.opened",
        "spray.year.hardened.exposed",
    ];
    a_thousand_sources_have_no_more_guesses_than_two is "sources": [
        "sources.first-day",
        "sources.month",
    ];
    a_botnet_makes_no_known_browser_wait is "botnet": [
        "botnet.known-browsers-refused",
    ];
    a_stolen_password_gives_no_more_codes_than_are_told_of is "stolen-password": [
        "stolen-password.guesses",
        "stolen-password.chance",
        "stolen-password.told",
        "stolen-password.locked-out",
    ];
    a_flooded_table_holds_few_up is "flood.table": [
        "flood.table.places",
        "flood.table.held-up",
        "flood.table.held-up-nobody",
    ];
    a_company_of_five_thousand_gets_in is "company": [
        "company.listed.in",
        "company.listed.p99",
        "company.unlisted.in",
        "company.unlisted.p99",
    ];
    a_flood_of_passwords_is_hashed_after_the_members is "flood.hashing": [
        "flood.hashing.known-p99",
        "flood.hashing.known-refused",
        "flood.hashing.waiting",
        "flood.hashing.neighbours",
    ];
    many_at_once_get_one_try is "door.crowd": [
        "door.crowd.member.judged",
        "door.crowd.member.counted",
        "door.crowd.nobody.judged",
        "door.crowd.nobody.counted",
        "door.crowd.right.locked",
        "door.crowd.right.counted",
        "door.crowd.right.through",
    ];
    who_knows_the_card_gets_no_further_than_the_preset_says is "door.relative": [
        "door.relative.manual.opened",
        "door.relative.manual.exposed",
        "door.honest.manual.in",
        "door.relative.guarded.opened",
        "door.relative.guarded.exposed",
        "door.honest.guarded.in",
        "door.relative.hardened.opened",
        "door.relative.hardened.exposed",
        "door.honest.hardened.in",
    ] and the_relative_really_walks;
    strangers_keep_no_member_out is "door.strangers": [
        "door.botnet.judged",
        "door.botnet.refused",
        "door.spray.judged",
        "door.spray.passed",
        "door.spray.refused",
        "door.spray.alarms",
    ];
    no_answer_tells_who_is_a_member is "door.telling": [
        "door.telling.login",
        "door.telling.wait",
        "door.telling.forgot-password",
        "door.telling.forgot-user-id",
        "door.telling.address",
        "door.user-id.answered",
        "door.user-id.afterwards",
    ];
    nobodys_sockets_keep_a_member_out is "sockets": [
        "sockets.one-address.held",
        "sockets.addresses-to-fill",
        "sockets.alarms",
        "sockets.member.in",
        "sockets.member.p99",
        "sockets.memory",
    ];
}

/// That nothing is exposed in `guarded` says something only if something was opened there.
fn the_relative_really_walks(measures: &[Measure]) {
    let of = |id: &str| measures.iter().find(|measure| measure.id == id).map(|measure| (measure.measured, &measure.bound));
    for id in ["door.relative.manual.opened", "door.relative.guarded.opened"] {
        assert!(matches!(of(id), Some((measured, Bound::None(_))) if measured > 0.0), "{id}: {:?}", of(id));
    }
}

#[test]
fn every_attack_is_run_here_and_no_id_stands_twice() {
    let here: Vec<&str> = PINNED.iter().map(|(attack, _)| *attack).collect();
    let there: Vec<&str> = ATTACKS.iter().map(|(attack, _)| *attack).collect();
    assert_eq!(here, there);
    let ids: Vec<&str> = PINNED.iter().flat_map(|(_, ids)| ids.iter().copied()).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
}
