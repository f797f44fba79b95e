//! Laws 1 and 5: a fault is never a wrong credential and never a step forward; a failed commit says nothing.

use crate::lives::{with_a_passkey, with_codes_by_mail, with_everything_forgotten};
use crate::scene::{Person, Scene, WRONG};
use bytes::Bytes;
use http::{Method, Request, Response, header};
use sekisho_core::time::Timestamp;
use sekisho_harness::browser::page::Page;
use sekisho_harness::drivers::in_process::InProcess;
use sekisho_harness::drivers::{Driver, DriverError};
use sekisho_harness::flow::{DriverKind, Given};
use sekisho_harness::mailbox::Mail;
use sekisho_harness::sim::watch::{Trouble, Watch};
use sekisho_harness::told::masked;
use sekisho_harness::world::entropy::Dice;
use sekisho_harness::world::member::Registered;
use std::collections::BTreeSet;

/// Sends every request as often as it takes until each of its calls to one part has failed once, and looks at each answer. Each try
/// meets a process that has just begun, so that no memory hides a call. Then the request goes through as it was.
pub struct Stumbling<'a> {
    pub scene: &'a Scene,
    watch: &'a Watch,
    trouble: Trouble,
    inner: InProcess<'a>,
    /// Every call that has failed, by name.
    failed: BTreeSet<String>,
    times: usize,
}

impl<'a> Stumbling<'a> {
    fn new(scene: &'a Scene, watch: &'a Watch, trouble: Trouble) -> Self {
        Self { scene, watch, trouble, inner: scene.driver(), failed: BTreeSet::new(), times: 0 }
    }

    fn try_once(&mut self, request: &Request<Bytes>, nth: usize) -> Result<Response<Bytes>, String> {
        let front = self.scene.appliance.another_front().expect("a front");
        let mut driver = self.scene.appliance.driver_through(&front, crate::scene::PROFILE).expect("the society");
        let before = self.scene.commits();
        self.watch.fail_call(nth, self.trouble);
        let answer = driver.send(request.clone()).expect("an answer");
        let Some(call) = self.watch.calm() else { return Ok(answer) };
        let what = format!("call {nth} ({call}) of {} {} met {:?}", request.method(), request.uri(), self.trouble);
        assert_eq!(self.scene.commits(), before, "{what}: something was stored");
        turned_away(&answer, self.trouble, &what);
        Err(call)
    }
}

/// The page that asks to try later, which gives nothing and says nothing.
fn turned_away(answer: &Response<Bytes>, trouble: Trouble, what: &str) {
    let page = Page::parse("/", answer.status().as_u16(), &String::from_utf8_lossy(answer.body()));
    let expected = if trouble == Trouble::Busy { "busy" } else { "try-later" };
    assert_eq!((page.status, page.step.as_deref()), (503, Some(expected)), "{what}");
    assert_eq!(page.refusal, None, "{what}: a refusal");
    assert!(answer.headers().contains_key(header::RETRY_AFTER), "{what}: no Retry-After");
    assert!(!answer.headers().contains_key(header::SET_COOKIE), "{what}: a cookie");
}

impl Driver for Stumbling<'_> {
    fn kind(&self) -> DriverKind {
        self.inner.kind()
    }

    fn origin(&self) -> &str {
        self.inner.origin()
    }

    fn now(&self) -> Timestamp {
        self.inner.now()
    }

    fn wait_until(&mut self, instant: Timestamp) -> Result<(), DriverError> {
        self.inner.wait_until(instant)
    }

    fn register(&mut self, given: &Given, dice: &mut Dice) -> Result<Registered, DriverError> {
        self.inner.register(given, dice)
    }

    fn send(&mut self, request: Request<Bytes>) -> Result<Response<Bytes>, DriverError> {
        for nth in 1.. {
            match self.try_once(&request, nth) {
                Ok(answer) => return Ok(answer),
                Err(call) => {
                    self.failed.insert(call);
                    self.times += 1;
                }
            }
        }
        unreachable!("a request has an end")
    }

    fn letters(&mut self, to: &str) -> Result<Vec<Mail>, DriverError> {
        self.inner.letters(to)
    }

    fn commits(&self) -> Option<u64> {
        self.inner.commits()
    }

    fn residue(&self) -> Vec<(String, Vec<u8>)> {
        self.inner.residue()
    }
}

/// First log-in, set-up, log-in and log-out, with every kind of refusal on the way, each call of each request failing once.
fn a_whole_life(driver: &mut Stumbling) {
    let mut person = driver.scene.member("m");
    let scene = driver.scene;
    assert_eq!(person.log_in_with(driver, WRONG), ("login", Some("login.wrong"), 422));
    assert_eq!(scene.failures(&person), (1, 0));
    person.browser.reload(driver).expect("it loads again");
    person.walk(driver, "birth-date");
    person.birth_date(driver, "birth-day|wrong");
    assert_eq!(person.seen(), ("birth-date", Some("birth-date.wrong"), 422));
    person.birth_date(driver, "birth-day");
    person.walk(driver, "email-wait");
    assert_eq!(person.send(driver, &[("action", "resend")]), ("email-wait", Some("mail.too-soon"), 429));
    person.browser.reload(driver).expect("it loads again");
    person.walk(driver, "new-password");
    let first = person.member.password.clone();
    assert_eq!(person.send(driver, &[("password", &first), ("again", &first)]), ("new-password", Some("password.unchanged"), 422));
    person.browser.reload(driver).expect("it loads again");
    person.walk(driver, "setup-totp");
    assert_eq!(scene.failures(&person), (0, 0), "a finished first log-in has cleared them");
    person.enrol();
    let wrong = person.wrong_code(driver.now());
    assert_eq!(person.send(driver, &[("code", &wrong), ("device", "電話")]), ("setup-totp", Some("totp.setup-wrong"), 422));
    assert_eq!(scene.failures(&person), (0, 1));
    person.browser.reload(driver).expect("it loads again");
    person.walk(driver, "portal");
    assert_eq!(scene.failures(&person), (0, 0));
    person.open(driver, "/logout");
    assert_eq!(person.send(driver, &[]), ("login", None, 200));
    person.walk(driver, "login-totp");
    let wrong = person.wrong_code(driver.now());
    assert_eq!(person.send(driver, &[("code", &wrong)]), ("login-totp", Some("totp.wrong"), 422));
    assert_eq!(scene.failures(&person), (0, 1));
    person.browser.reload(driver).expect("it loads again");
    person.walk(driver, "portal");
    assert_eq!(scene.failures(&person), (0, 0));
}

fn every_call_may_fail(watch: impl Fn(&Scene) -> &Watch, trouble: Trouble, calls: &[&str], at_least: usize) {
    every_call_of(a_whole_life, watch, trouble, calls, at_least);
}

fn every_call_of(life: impl Fn(&mut Stumbling), watch: impl Fn(&Scene) -> &Watch, trouble: Trouble, calls: &[&str], at_least: usize) {
    let scene = Scene::new();
    let mut driver = Stumbling::new(&scene, watch(&scene), trouble);
    life(&mut driver);
    for call in calls {
        assert!(driver.failed.iter().any(|failed| failed.starts_with(call)), "{call} never failed; {:?}", driver.failed);
    }
    assert!(driver.times >= at_least, "only {} calls failed", driver.times);
}

const VAULT: [&str; 11] = [
    "open secret",
    "open credentials",
    "open profile",
    "open seed",
    "seal credentials",
    "seal seed",
    "seal letter",
    "pepper matches",
    "pepper",
    "wrap seed",
    "totp",
];

const STORE: [&str; 7] = ["floor", "roots", "load by user ID", "load by session", "load by member", "delayed letter", "commit"];

#[test]
fn no_call_of_the_token_that_fails_is_a_wrong_credential_or_a_step_forward() {
    every_call_may_fail(|scene| &scene.watches.vault, Trouble::Hsm, &VAULT, 60);
}

#[test]
fn no_call_of_the_token_that_finds_a_damaged_record_is_a_wrong_credential_or_a_step_forward() {
    every_call_may_fail(|scene| &scene.watches.vault, Trouble::Damaged, &VAULT, 60);
}

#[test]
fn no_call_that_the_token_is_too_busy_for_is_a_wrong_credential_or_a_step_forward() {
    every_call_may_fail(|scene| &scene.watches.vault, Trouble::Busy, &VAULT, 60);
}

#[test]
fn no_call_of_the_store_that_fails_is_a_wrong_credential_or_a_step_forward() {
    every_call_may_fail(|scene| &scene.watches.store, Trouble::Store, &STORE, 150);
}

#[test]
fn no_call_that_the_store_is_too_busy_for_is_a_wrong_credential_or_a_step_forward() {
    every_call_may_fail(|scene| &scene.watches.store, Trouble::Busy, &STORE, 150);
}

#[test]
fn a_full_hashing_queue_is_no_wrong_password() {
    // Five passwords are judged on the way, two are hashed; a refused new one is both.
    every_call_may_fail(|scene| &scene.watches.hasher, Trouble::Busy, &["hash"], 8);
}

const SETTINGS: [&str; 8] =
    ["open credentials", "open profile", "seal credentials", "seal seed", "seal letter", "pepper matches", "pepper", "wrap seed"];

const PASSKEYS: [&str; 7] = ["open credentials", "open codes", "seal credentials", "seal codes", "seal letter", "pepper matches", "pepper"];

const READS: [&str; 5] = ["load by user ID", "load by session", "load by member", "known browser", "commit"];

#[test]
fn no_call_that_fails_on_the_way_of_a_passkey_is_a_wrong_credential_or_a_step_forward() {
    every_call_of(with_a_passkey, |scene| &scene.watches.vault, Trouble::Hsm, &PASSKEYS, 60);
    every_call_of(with_a_passkey, |scene| &scene.watches.store, Trouble::Store, &READS, 150);
}

#[test]
fn no_call_that_fails_on_the_way_of_codes_by_mail_and_settings_is_a_wrong_credential_or_a_step_forward() {
    every_call_of(with_codes_by_mail, |scene| &scene.watches.vault, Trouble::Hsm, &SETTINGS, 80);
    every_call_of(with_codes_by_mail, |scene| &scene.watches.store, Trouble::Store, &READS, 200);
    every_call_of(with_codes_by_mail, |scene| &scene.watches.hasher, Trouble::Busy, &["hash"], 6);
}

#[test]
fn no_call_that_fails_on_the_way_of_a_recovery_is_a_wrong_credential_or_a_step_forward() {
    every_call_of(with_everything_forgotten, |scene| &scene.watches.vault, Trouble::Hsm, &SETTINGS, 80);
    every_call_of(with_everything_forgotten, |scene| &scene.watches.store, Trouble::Store, &READS, 200);
    every_call_of(with_everything_forgotten, |scene| &scene.watches.store, Trouble::Busy, &["load by reminder"], 200);
    every_call_of(with_everything_forgotten, |scene| &scene.watches.hasher, Trouble::Busy, &["hash"], 6);
}

/// The answer to the same form with a right and with a wrong guess, in two browsers, when the commit fails.
fn says_nothing(scene: &Scene, name: &str, until: &str, guess: impl Fn(&mut Person, &mut dyn Driver, bool)) {
    let mut driver = scene.driver();
    let answers = [true, false].map(|right| {
        let mut person = scene.member(&format!("{name} {right}"));
        person.walk(&mut driver, "first-login-complete");
        if until == "login-totp" {
            person.walk(&mut driver, "portal");
        }
        if until != "setup-totp" {
            person.browser = Default::default();
        }
        person.walk(&mut driver, until);
        person.next_code(&mut driver);
        let (failures, revision) = (scene.failures(&person), scene.rows(&person).revision);
        scene.watches.store.take_calls();
        fail_the_commit(scene, &mut person, &mut driver, |person, driver| guess(person, driver, right));
        assert_eq!((scene.failures(&person), scene.rows(&person).revision), (failures, revision));
        let (before, exchange) = (person.cookie(), person.last());
        assert_eq!((exchange.status, exchange.method.clone()), (503, Method::POST), "{name}");
        assert_eq!(person.cookie(), before);
        let seen = masked(&exchange, &person.member);
        // What fails does so for the member too: a judged wrong try is counted as soon as it can be.
        person.browser.open(&mut driver, if until == "login" { "/login" } else { "/" }).expect("it opens");
        if until == "setup-totp" {
            person.enrol();
        }
        guess(&mut person, &mut driver, right);
        assert_eq!(person.page().refusal.is_none(), right, "{name}: {:?}", person.seen());
        let after = scene.failures(&person);
        assert_eq!(after.0 + after.1 > failures.0 + failures.1, !right, "{name}: a judged try is counted, and only that");
        seen
    });
    let [right, wrong] = answers;
    assert_eq!(right, wrong, "{name}");
}

/// Lets everything go well but the commit.
fn fail_the_commit(scene: &Scene, person: &mut Person, driver: &mut dyn Driver, act: impl FnOnce(&mut Person, &mut dyn Driver)) {
    scene.watches.store.fail_next("commit", Trouble::Store);
    act(person, driver);
    assert!(scene.watches.store.calm().is_some_and(|call| call.starts_with("commit")));
}

#[test]
fn a_failed_commit_says_nothing_about_the_password() {
    says_nothing(&Scene::new(), "password", "login", |person, driver, right| {
        let password = if right { person.member.password.clone() } else { WRONG.to_owned() };
        let id = person.member.user_id.clone();
        person.send(driver, &[("user_id", &id), ("password", &password)]);
    });
}

#[test]
fn a_failed_commit_says_nothing_about_the_first_code_of_an_app() {
    says_nothing(&Scene::new(), "set-up", "setup-totp", |person, driver, right| {
        person.enrol();
        let code = if right { person.code(driver.now()) } else { person.wrong_code(driver.now()) };
        person.send(driver, &[("code", &code), ("device", "電話")]);
    });
}

#[test]
fn a_failed_commit_says_nothing_about_the_code() {
    says_nothing(&Scene::new(), "code", "login-totp", |person, driver, right| {
        let code = if right { person.code(driver.now()) } else { person.wrong_code(driver.now()) };
        person.send(driver, &[("code", &code)]);
    });
}
