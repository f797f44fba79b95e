//! Laws 5 and 7 for letters: a relay or a token that is down delays them, and nothing is lost.

use crate::scene::Scene;
use sekisho_harness::drivers::Driver;
use sekisho_harness::mailbox::MailFault;
use sekisho_harness::sim::watch::Trouble;

#[test]
fn while_the_relay_is_down_the_page_says_so_and_the_letter_comes_later() {
    let scene = Scene::new();
    let mut driver = scene.driver();
    let mut person = scene.member_at("m", "email-wait");
    let delayed = "ただいまメールの送信に時間がかかっています";
    assert!(!person.page().text.contains(delayed));
    let mail = person.member.registered.mail.clone();
    scene.appliance.mailer().fail_next(1, MailFault::Later);
    assert_eq!(driver.letters(&mail).expect("the post").len(), 0);
    person.browser.reload(&mut driver).expect("it loads again");
    assert!(person.page().text.contains(delayed), "{}", person.page().text);
    scene.pass(60);
    assert_eq!(driver.letters(&mail).expect("the post").len(), 1);
    person.browser.reload(&mut driver).expect("it loads again");
    assert!(!person.page().text.contains(delayed));
    person.walk(&mut driver, "portal");
}

#[test]
fn a_letter_outlives_every_fault_on_its_way() {
    let scene = Scene::new();
    let mut driver = scene.driver();
    let mut person = scene.member_at("m", "email-wait");
    let mail = person.member.registered.mail.clone();
    for (watch, trouble) in [(&scene.watches.vault, Trouble::Hsm), (&scene.watches.store, Trouble::Store)] {
        for nth in 1..8 {
            watch.fail_call(nth, trouble);
            drop(driver.letters(&mail).expect("the post"));
            watch.calm();
        }
    }
    let letters = driver.letters(&mail).expect("the post");
    assert!(!letters.is_empty(), "at least once");
    assert!(letters.iter().all(|letter| letter.message_id == letters[0].message_id), "and always the same one");
    person.walk(&mut driver, "portal");
}

#[test]
fn a_letter_is_neither_lost_nor_sent_in_vain_when_the_process_ends_before_it_goes() {
    let scene = Scene::new();
    let mut person = scene.member_at("m", "email-wait");
    let scene = scene.restart();
    person.walk(&mut scene.driver(), "method");
}
