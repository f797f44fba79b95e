//! Law 4: no GET changes what is stored, and a link waits for its button.

use crate::scene::{Person, Scene, fetch};
use http::Method;
use sekisho::route::ROUTES;
use sekisho_core::step::Step;
use std::collections::BTreeSet;

/// Whether nothing but questions was asked of the store since it was last looked at.
fn only_reads(scene: &Scene) -> bool {
    let reads = ["floor", "roots", "terms", "load", "delayed letter", "known browser", "sessions"];
    scene.watches.store.take_calls().iter().all(|call| reads.iter().any(|read| call.starts_with(read)))
}

/// Every path there is, with the link of a letter where one is wanted.
fn every_path(link: &str) -> BTreeSet<String> {
    let screens = Step::ALL.iter().map(|step| step.path().to_owned());
    let others = [
        "/setup-totp/key",
        "/language",
        "/help",
        "/.well-known/passkey-endpoints",
        "/.well-known/change-password",
        "/link/reset?t=none",
        "/link/freeze?t=none",
        sekisho::view::style().0,
        sekisho::view::script().0,
        link,
    ]
    .map(str::to_owned);
    let paths: BTreeSet<String> = screens.chain(others).collect();
    assert_eq!(paths.len(), ROUTES.len(), "every route has to be asked for");
    paths
}

#[test]
fn no_get_of_anything_by_anybody_changes_what_is_stored() {
    let scene = Scene::new();
    let mut driver = scene.driver();
    let mut people: Vec<Person> = ["birth-date", "email-wait", "method", "new-password", "first-login-complete", "setup-totp", "portal"]
        .map(|until| scene.member_at(until, until))
        .into();
    for (method, until) in
        [("passkey", "setup-passkey"), ("passkey", "name-passkey"), ("mail-code", "mail-code"), ("totp", "recovery-codes")]
    {
        let mut person = scene.member(until).by(method);
        person.walk(&mut driver, until);
        people.push(person);
    }
    let mut half = people[6].elsewhere();
    half.walk(&mut driver, "login-totp");
    people.push(half);
    let link = people[1].link(&mut driver);
    let stranger = people[0].elsewhere();
    people.push(stranger);
    let before = scene.commits();
    scene.watches.take_calls();
    for person in &people {
        let cookies = person.browser.jar().header(false);
        for path in every_path(&link) {
            for method in [Method::GET, Method::HEAD] {
                let status = fetch(&mut driver, &method, &path, cookies.as_deref()).status().as_u16();
                assert!([200, 303, 405].contains(&status), "{method} {path}: {status}");
                assert!(only_reads(&scene), "{method} {path}");
                assert_eq!(scene.commits(), before, "{method} {path}");
            }
        }
    }
    // The same cookies, their sessions over.
    scene.pass(3600);
    let before = scene.commits();
    scene.watches.take_calls();
    for person in &people {
        for path in every_path(&link) {
            fetch(&mut driver, &Method::GET, &path, person.browser.jar().header(false).as_deref());
        }
    }
    assert!(only_reads(&scene));
    assert_eq!(scene.commits(), before);
}

#[test]
fn a_mail_scanner_that_opens_a_link_leaves_it_to_the_member() {
    let scene = Scene::new();
    let mut driver = scene.driver();
    let mut person = scene.member_at("m", "email-wait");
    let link = person.link(&mut driver);
    for method in [Method::GET, Method::HEAD, Method::GET] {
        assert_eq!(fetch(&mut driver, &method, &link, None).status().as_u16(), 200);
    }
    assert_eq!(person.open(&mut driver, "/email/wait").0, "email-wait", "nothing is proven yet");
    let mut phone = person.elsewhere();
    phone.browser.open_from_mail(&mut driver, &link).expect("the link opens");
    assert_eq!(phone.send(&mut driver, &[("t", &phone.standing("t"))]), ("link-done", None, 200));
    assert_eq!(phone.cookie(), None, "a link gives no session");
    assert_eq!(person.open(&mut driver, "/email/wait").0, "method", "the first browser goes on");
    assert_eq!(fetch(&mut driver, &Method::GET, &link, None).status().as_u16(), 200);
    phone.browser.open_from_mail(&mut driver, &link).expect("the link opens");
    assert_eq!(phone.send(&mut driver, &[("t", &phone.standing("t"))]), ("link-confirm", Some("link.dead"), 422), "once");
}
