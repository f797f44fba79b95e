//! Law 3: an ID that is nobody's walks the same path as any other: same work, same counters, same bytes.

use crate::scene::{Person, Scene, WRONG};
use sekisho_harness::drivers::Driver;
use sekisho_harness::flow::{Clerk, StaffAct};
use sekisho_harness::told::{self, Told, masked};

/// One try at the log-in page, in a fresh browser.
pub fn told(scene: &Scene, person: &Person, password: &str) -> Told {
    let id = person.member.user_id.clone();
    told_at(scene, &mut person.elsewhere(), "/login", &[("user_id", &id), ("password", password)])
}

/// The form of the page at `at`, and what comes after it.
fn told_at(scene: &Scene, person: &mut Person, at: &str, with: &[(&str, &str)]) -> Told {
    told::told_at(&mut scene.driver(), &scene.watches, person, at, with).expect("a page with that form")
}

/// Says where two tries differ, and no more than that.
#[track_caller]
pub fn alike(one: &Told, other: &Told, what: &str) {
    assert_eq!(told::difference(one, other), None, "{what}");
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

/// A member of every kind, by what they are called here. Time has passed since they did anything, but for the last one.
fn everybody(scene: &Scene) -> Vec<(&'static str, Person)> {
    let mut driver = scene.driver();
    let locked = locked(scene);
    let disabled = scene.member_at("disabled", "portal");
    assert!(!scene.staff(&disabled, StaffAct::Disable, Clerk::First));
    let mut by_passkey = scene.member("by passkey").by("passkey");
    by_passkey.walk(&mut driver, "portal");
    let mut by_mail = scene.member("by mail").by("mail-code");
    by_mail.walk(&mut driver, "portal");
    let mut everybody = vec![
        ("unfinished", scene.member("unfinished")),
        ("waiting", scene.member_at("waiting", "email-wait")),
        ("without an app", scene.member_at("set-up", "setup-totp")),
        ("finished", scene.member_at("finished", "portal")),
        ("locked", locked),
        ("disabled", disabled),
        ("by passkey", by_passkey),
        ("by mail", by_mail),
    ];
    scene.pass(3600);
    everybody.push(("here this minute", scene.member_at("here", "portal")));
    everybody
}

#[test]
fn a_forgotten_password_tells_nobody_whether_there_is_such_a_member_nor_how_far_they_are() {
    let scene = Scene::new();
    let everybody = everybody(&scene);
    let nobody = everybody[0].1.nobody("z");
    let ask = |person: &Person| {
        let id = person.member.user_id.clone();
        told_at(&scene, &mut person.elsewhere(), "/forgot-password", &[("user_id", &id)])
    };
    // The fourth in an hour gets no letter any more, and nobody is told.
    for asked in 1..=4 {
        let expected = ask(&nobody);
        let [vault, store, _] = &expected.1;
        assert_eq!(vault.join(", "), "open credentials, seal letter", "asked {asked} times");
        assert_eq!(store.iter().filter(|call| call.starts_with("commit")).count(), 1, "asked {asked} times");
        assert_eq!(expected.0.last().map(|(status, _, page)| (*status, page.contains("data-step=\"see-mail\""))), Some((200, true)));
        for (who, person) in &everybody {
            alike(&ask(person), &expected, &format!("{who}, asked {asked} times"));
        }
    }
    let mut driver = scene.driver();
    let resets = |person: &Person, driver: &mut dyn Driver| {
        person.letters(driver).iter().filter(|letter| letter.text.contains("/link/reset?")).count()
    };
    let had: Vec<_> = everybody.iter().map(|(who, person)| (*who, resets(person, &mut driver))).collect();
    let expected = [0, 0, 3, 3, 3, 0, 3, 3, 3];
    assert_eq!(had.iter().map(|(_, letters)| *letters).collect::<Vec<_>>(), expected, "{had:?}");
}

#[test]
fn a_forgotten_id_tells_nobody_whether_birth_date_and_address_belong_together() {
    let scene = Scene::new();
    let everybody = everybody(&scene);
    let ask = |person: &Person, address: &str| {
        let birth = person.member.registered.birth;
        let (year, month, day) = (birth.year.to_string(), birth.month.to_string(), birth.day.to_string());
        let with = [("era", "common"), ("year", year.as_str()), ("month", &month), ("day", &day), ("email", address)];
        told_at(&scene, &mut person.elsewhere(), "/forgot-user-id", &with)
    };
    for asked in 1..=4 {
        let expected = ask(&everybody[0].1, "nobody@mail.test");
        let [vault, store, _] = &expected.1;
        assert_eq!(vault.join(", "), "open credentials, seal letter", "asked {asked} times");
        assert_eq!(store.iter().filter(|call| call.starts_with("commit")).count(), 1, "asked {asked} times");
        for (who, person) in &everybody {
            alike(&ask(person, &person.member.registered.mail), &expected, &format!("{who}, asked {asked} times"));
        }
    }
}

#[test]
fn a_browser_that_is_known_for_others_learns_no_more_than_a_fresh_one() {
    let scene = Scene::new();
    let mut driver = scene.driver();
    let everybody = everybody(&scene);
    let mut home = scene.member_at("home", "portal");
    home.open(&mut driver, "/logout");
    home.send(&mut driver, &[]);
    let nobody = everybody[0].1.nobody("z");
    let mut ask = |person: &Person| {
        let mut here = person.elsewhere();
        here.browser = std::mem::take(&mut home.browser);
        let id = person.member.user_id.clone();
        let told = told_at(&scene, &mut here, "/login", &[("user_id", &id), ("password", WRONG)]);
        home.browser = std::mem::take(&mut here.browser);
        told
    };
    let expected = ask(&nobody);
    assert!(expected.1[1].iter().any(|call| call == "known browser"));
    for (who, person) in &everybody {
        alike(&ask(person), &expected, who);
    }
}

#[test]
fn an_address_in_use_is_told_behind_its_own_link_and_nowhere_else() {
    let scene = Scene::new();
    let mut driver = scene.driver();
    let taken = scene.member_at("has it", "portal").member.registered.mail.clone();
    let mut told: Vec<Told> = Vec::new();
    for (name, address) in [("free", "free-address@mail.test"), ("taken", taken.as_str())] {
        let mut person = scene.member_at(name, "email");
        person.member.other_mail = address.to_owned();
        told.push(told_at(&scene, &mut person, "/email", &[("email", address)]));
        let mut person = scene.member_at(&format!("{name} later"), "portal");
        person.member.other_mail = address.to_owned();
        person.open(&mut driver, "/profile");
        assert_eq!(person.send(&mut driver, &[("goal", "change-email")]), ("change-email", None, 200));
        told.push(told_at(&scene, &mut person, "/profile/email", &[("email", address)]));
    }
    alike(&told[2], &told[0], "in the first log-in");
    alike(&told[3], &told[1], "as a change");
}

#[test]
fn an_id_in_use_is_told_alike_whoever_has_it() {
    let scene = Scene::of(&["a", "c"]);
    let mut driver = scene.appliance.driver("c").expect("the society");
    let unfinished = Person::registered(&mut driver, "unfinished");
    let mut disabled = Person::registered(&mut driver, "disabled");
    disabled.walk(&mut driver, "method");
    let mut person = Person::registered(&mut driver, "m");
    person.walk(&mut driver, "method");
    let mut ask = |whose: &Person| {
        person.open(&mut driver, "/method");
        person.browser.take_exchanges();
        scene.watches.take_calls();
        let id = whose.member.user_id.clone();
        assert_eq!(person.send(&mut driver, &[("method", "totp"), ("user_id", &id)]), ("method", Some("user-id.taken"), 422));
        let calls = scene.watches.take_calls();
        (person.browser.take_exchanges().iter().map(|exchange| masked(exchange, &whose.member)).collect(), calls)
    };
    let expected: Told = ask(&unfinished);
    alike(&ask(&disabled), &expected, "further in the first log-in");
}

#[test]
fn a_wrong_password_tells_nobody_whether_there_is_such_a_member_nor_how_far_they_are() {
    let scene = Scene::new();
    let everybody = everybody(&scene);
    let nobody = everybody[0].1.nobody("z");
    for (length, password) in [("right length", WRONG.to_owned()), ("empty", String::new()), ("1,000 bytes", "x".repeat(1000))] {
        let expected = told(&scene, &nobody, &password);
        assert_eq!(expected.0[0].0, 422);
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
    let nobody = member.nobody("z");
    let mut told_of = Vec::new();
    for seconds in [0, 0, 0, 0, 0, 0, 30, 0, 60, 120, 240, 480, 0] {
        scene.pass(seconds);
        let [one, other] = [&member, &nobody].map(|person| told(&scene, person, WRONG));
        alike(&one, &other, &format!("after {} tries", told_of.len()));
        told_of.push(one.0[0].0);
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
    let nobody = member.nobody("z");
    let [one, other] = [&member, &nobody].map(|person| {
        scene.watches.store.conflict_next(3);
        told(&scene, person, WRONG)
    });
    alike(&one, &other, "after conflicts");
    assert_eq!(one.0[0].0, 429);
}

#[test]
fn a_fault_is_told_alike() {
    use sekisho_harness::sim::watch::Trouble;
    let scene = Scene::new();
    let member = scene.member_at("m", "portal");
    let nobody = member.nobody("z");
    for call in ["open credentials", "pepper matches"] {
        let [one, other] = [&member, &nobody].map(|person| {
            scene.watches.vault.fail_next(call, Trouble::Hsm);
            told(&scene, person, WRONG)
        });
        alike(&one, &other, call);
        assert_eq!(one.0[0].0, 503);
    }
}
