//! Law 8 for links, and law 4's other half: a link lives a day from its sending, by a clock that never runs backwards.

use crate::scene::{Person, Scene};

const DAY: u64 = 24 * 3600;

/// A member who waits for a letter, and the link in it.
fn linked(scene: &Scene, name: &str) -> (Person, String) {
    let person = scene.member_at(name, "email-wait");
    let link = person.link(&mut scene.driver());
    (person.elsewhere(), link)
}

/// Opens the link and presses its button.
fn press(scene: &Scene, phone: &mut Person, link: &str) -> (String, Option<String>) {
    let mut driver = scene.driver();
    phone.browser.open_from_mail(&mut driver, link).expect("the link opens");
    let (step, refusal, _) = phone.send(&mut driver, &[("t", &phone.standing("t"))]);
    (step.to_owned(), refusal.map(str::to_owned))
}

fn done() -> (String, Option<String>) {
    ("link-done".to_owned(), None)
}

fn dead() -> (String, Option<String>) {
    ("link-confirm".to_owned(), Some("link.dead".to_owned()))
}

#[test]
fn a_link_works_until_the_last_second_of_its_day() {
    let scene = Scene::new();
    let ((mut one, first), (mut other, second)) = (linked(&scene, "one"), linked(&scene, "other"));
    scene.pass(DAY - 1);
    assert_eq!(press(&scene, &mut one, &first), done());
    scene.pass(1);
    assert_eq!(press(&scene, &mut other, &second), dead());
}

#[test]
fn a_link_that_is_over_stays_so_when_the_clock_is_set_back_and_the_process_begins_anew() {
    let scene = Scene::new();
    let (mut phone, link) = linked(&scene, "m");
    scene.pass(DAY);
    scene.appliance.clock().step(-3600);
    assert_eq!(press(&scene, &mut phone, &link), dead());
    let scene = scene.restart();
    assert_eq!(press(&scene, &mut phone, &link), dead());
}

#[test]
fn a_lock_does_not_end_sooner_when_the_clock_is_set_back() {
    let scene = Scene::new();
    let mut person = scene.member("m");
    for _ in 0..5 {
        person.log_in_with(&mut scene.driver(), crate::scene::WRONG);
    }
    scene.pass(0);
    scene.appliance.clock().step(-3600);
    let password = person.member.password.clone();
    assert_eq!(person.log_in_with(&mut scene.driver(), &password), ("wait", Some("guard.wait"), 429));
    scene.appliance.clock().step(3600);
    scene.pass(30);
    assert_eq!(person.log_in_with(&mut scene.driver(), &password), ("birth-date", None, 200));
}
