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
fn every_attack_of_the_door_is_run_here_and_no_id_stands_twice() {
    let here: Vec<&str> = PINNED.iter().map(|(attack, _)| *attack).collect();
    let there: Vec<&str> = ATTACKS.iter().map(|(attack, _)| *attack).collect();
    assert_eq!(here, there);
    let ids: Vec<&str> = PINNED.iter().flat_map(|(_, ids)| ids.iter().copied()).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
}
