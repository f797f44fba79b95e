//! Law 3: an ID that is nobody's walks the same path as any other: same work, same counters, same bytes.

use crate::scene::{Person, Scene, WRONG, masked};
use sekisho_harness::drivers::Driver;

/// What a try shows outside, and what was done for it inside.
type Told = ((u16, Vec<(String, String)>, String), [Vec<String>; 3]);

/// One wrong try in a fresh browser.
fn told(scene: &Scene, person: &Person, password: &str) -> Told {
    let (mut driver, mut person) = (scene.driver(), person.elsewhere());
    person.open(&mut driver, "/login");
    scene.watches.take_calls();
    let id = person.member.user_id.clone();
    person.send(&mut driver, &[("user_id", &id), ("password", password)]);
    let calls = scene.watches.take_calls();
    (masked(&person.last(), &person), calls)
}

/// Says where two tries differ, and no more than that.
#[track_caller]
fn alike(one: &Told, other: &Told, what: &str) {
    assert_eq!(one.1, other.1, "the work: {what}");
    assert_eq!((one.0.0, &one.0.1), (other.0.0, &other.0.1), "status and headers: {what}");
    let differs = one.0.2.lines().zip(other.0.2.lines()).find(|(one, other)| one != other);
    assert_eq!(differs, None, "{what}");
    assert_eq!(one.0.2, other.0.2, "{what}");
}

/// Somebody whose ID is not in the society, of the same length as everybody's.
fn nobody(like: &Person, last: &str) -> Person {
    let mut person = like.elsewhere();
    let id = &like.member.user_id;
    person.member.user_id = format!("{}{last}", &id[..id.len() - last.len()]);
    person
}

/// A member whose codes were wrong until only staff can help.
fn locked(scene: &Scene) -> Person {
    let mut driver = scene.driver();
    let person = scene.member_at("locked", "portal");
    for _ in 0..20 {
        scene.pass(3600);
        let mut person = person.elsewhere();
        person.walk(&mut driver, "login-totp");
        let wrong = person.wrong_code(driver.now());
        person.send(&mut driver, &[("code", &wrong)]);
    }
    assert_eq!(scene.failures(&person), (0, 20));
    let password = person.member.password.clone();
    assert_eq!(person.elsewhere().log_in_with(&mut driver, &password), ("account-locked", Some("guard.account-locked"), 403));
    person
}

#[test]
fn a_wrong_password_tells_nobody_whether_there_is_such_a_member_nor_how_far_they_are() {
    let scene = Scene::new();
    let locked = locked(&scene);
    let mut everybody = vec![
        ("unfinished", scene.member("unfinished")),
        ("waiting", scene.member_at("waiting", "email-wait")),
        ("without an app", scene.member_at("set-up", "setup-totp")),
        ("finished", scene.member_at("finished", "portal")),
        ("locked", locked),
    ];
    scene.pass(3600);
    everybody.push(("here this minute", scene.member_at("here", "portal")));
    let nobody = nobody(&everybody[0].1, "z");
    for (length, password) in [("right length", WRONG.to_owned()), ("empty", String::new()), ("1,000 bytes", "x".repeat(1000))] {
        let expected = told(&scene, &nobody, &password);
        assert_eq!(expected.0.0, 422);
        let [vault, store, hashes] = &expected.1;
        assert_eq!((vault.join(", ").as_str(), hashes.len()), ("open credentials, pepper matches", 1), "{length}");
        assert_eq!(store.iter().filter(|call| call.starts_with("commit")).count(), 1, "{length}: a judged try is counted");
        for (who, person) in &everybody {
            alike(&told(&scene, person, &password), &expected, &format!("{who}, {length}"));
        }
    }
}

#[test]
fn waits_and_locks_are_told_alike_for_members_and_for_ids_of_nobody() {
    let scene = Scene::new();
    let member = scene.member_at("m", "portal");
    let nobody = nobody(&member, "z");
    let mut told_of = Vec::new();
    for seconds in [0, 0, 0, 0, 0, 0, 30, 0, 60, 120, 240, 480, 0] {
        scene.pass(seconds);
        let [one, other] = [&member, &nobody].map(|person| told(&scene, person, WRONG));
        alike(&one, &other, &format!("after {} tries", told_of.len()));
        told_of.push(one.0.0);
    }
    let (wrong, wait) = (422, 429);
    assert_eq!(told_of, [wrong, wrong, wrong, wrong, wrong, wait, wrong, wait, wrong, wrong, wrong, wrong, wait]);
    assert_eq!(scene.failures(&member), (10, 0));
    assert_eq!(member.elsewhere().log_in_with(&mut scene.driver(), WRONG).0, "password-locked");
    assert_eq!(nobody.elsewhere().log_in_with(&mut scene.driver(), WRONG).0, "password-locked");
}

#[test]
fn a_try_while_another_is_judged_is_told_alike() {
    let scene = Scene::new();
    let member = scene.member_at("m", "portal");
    let nobody = nobody(&member, "z");
    let [one, other] = [&member, &nobody].map(|person| {
        scene.watches.store.conflict_next(3);
        told(&scene, person, WRONG)
    });
    alike(&one, &other, "after conflicts");
    assert_eq!(one.0.0, 429);
}

#[test]
fn a_fault_is_told_alike() {
    use sekisho_harness::sim::watch::Trouble;
    let scene = Scene::new();
    let member = scene.member_at("m", "portal");
    let nobody = nobody(&member, "z");
    for call in ["open credentials", "pepper matches"] {
        let [one, other] = [&member, &nobody].map(|person| {
            scene.watches.vault.fail_next(call, Trouble::Hsm);
            told(&scene, person, WRONG)
        });
        alike(&one, &other, call);
        assert_eq!(one.0.0, 503);
    }
}
