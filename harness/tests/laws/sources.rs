//! Where a try comes from: a source that asks for too much waits before anything is hashed, whatever was typed, and stops nobody who is
//! known (G-07, G-11).

use crate::enumeration::{alike, told};
use crate::scene::{Person, Scene, WRONG};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response};
use sekisho_core::bucket::Admission;
use sekisho_core::source::Source;
use sekisho_core::time::Timestamp;
use sekisho_harness::drivers::in_process::InProcess;
use sekisho_harness::drivers::{Driver, DriverError};
use sekisho_harness::flow::{DriverKind, Given};
use sekisho_harness::mailbox::Mail;
use sekisho_harness::world::entropy::Dice;
use sekisho_harness::world::member::Registered;

const CROWDED: (&str, Option<&str>, u16) = ("crowded", Some("guard.crowded"), 429);

fn source(text: &str) -> Source {
    Source::of(text.parse().expect("an address"))
}

/// Tries of so many IDs that are nobody's, from this address: they move no member's counter and no brake. Whether they were let through,
/// to be judged or to wait as the ID has to.
fn flood(scene: &Scene, like: &Person, from: &str, tries: u32) -> Vec<bool> {
    let mut driver = scene.driver();
    let passed = (0..tries).map(|number| {
        let mut stranger = like.nobody(&format!("z{number:03}"));
        stranger.browser.source = source(from);
        stranger.log_in_with(&mut driver, WRONG) != CROWDED
    });
    passed.collect()
}

/// A member who has logged in with this browser, and out again.
fn at_home(scene: &Scene, name: &str) -> Person {
    let mut home = scene.member_at(name, "portal");
    home.open(&mut scene.driver(), "/logout");
    home.send(&mut scene.driver(), &[]);
    home
}

#[test]
fn a_source_that_has_spent_its_budget_waits_whatever_is_typed_and_costs_nothing() {
    let scene = Scene::new();
    let member = scene.member_at("m", "first-login-complete");
    scene.pass(3600);
    let burst = Admission::default().narrow.burst;
    assert_eq!(flood(&scene, &member, "192.0.2.1", burst), vec![true; burst as usize]);
    let commits = scene.commits();
    let expected = told(&scene, &member.nobody("y"), WRONG);
    assert_eq!(expected.0[0].0, 429);
    alike(&told(&scene, &member, WRONG), &expected, "a member");
    let password = member.member.password.clone();
    alike(&told(&scene, &member, &password), &expected, "a member, with the right password");
    let [token, store, hashes] = &expected.1;
    assert!(token.is_empty() && hashes.is_empty(), "{token:?}, {hashes:?}");
    assert!(store.iter().all(|call| !call.starts_with("load") && !call.starts_with("commit")), "{store:?}");
    assert_eq!(scene.commits(), commits);
    assert_eq!(scene.failures(&member), (0, 0));
    let counts: Vec<(&str, u64)> = scene.appliance.world().alarms.counts().map(|(alarm, count)| (alarm.id(), count)).collect();
    assert_eq!(counts[0], ("source.flooding", 3));
    scene.pass(1);
    let back = Admission::default().narrow.a_second;
    let passed = flood(&scene, &member, "192.0.2.1", back + 1);
    assert_eq!(passed.iter().filter(|passed| **passed).count(), back as usize, "so many come back in a second");
}

#[test]
fn the_page_of_a_crowded_source_goes_on_to_the_log_in_page_when_the_wait_is_over() {
    let scene = Scene::new();
    let mut member = scene.member_at("m", "first-login-complete");
    scene.pass(3600);
    flood(&scene, &member, "192.0.2.1", Admission::default().narrow.burst);
    let mut driver = scene.driver();
    let mut stranger = member.elsewhere();
    assert_eq!(stranger.log_in_with(&mut driver, WRONG), CROWDED);
    let headers = stranger.last().headers;
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    assert_eq!(header("refresh").as_deref(), Some("1; url=/login"));
    assert_eq!(header("retry-after").as_deref(), Some("1"));
    scene.pass(1);
    member = stranger;
    assert_eq!(member.open(&mut driver, "/login"), ("login", None, 200));
    let (id, password) = (member.member.user_id.clone(), member.member.password.clone());
    assert_eq!(member.send(&mut driver, &[("user_id", &id), ("password", &password)]).1, None);
}

#[test]
fn a_neighbour_has_a_budget_of_their_own_and_a_network_of_neighbours_one_together() {
    let scene = Scene::new();
    let member = scene.member("m");
    scene.pass(3600);
    let Admission { narrow, wide, .. } = Admission::default();
    for neighbour in 1..=wide.burst / narrow.burst {
        let passed = flood(&scene, &member, &format!("192.0.2.{neighbour}"), narrow.burst);
        assert!(passed.iter().all(|passed| *passed), "neighbour {neighbour}: {passed:?}");
    }
    assert_eq!(flood(&scene, &member, "192.0.2.200", 1), [false], "the /24 has spent its budget");
    assert_eq!(flood(&scene, &member, "192.0.3.1", 1), [true]);
    assert_eq!(flood(&scene, &member, "::ffff:192.0.2.201", 1), [false], "a mapped address is the IPv4 address");
    let passed = (0..narrow.burst).map(|host| flood(&scene, &member, &format!("2001:db8:1:2::{host:x}"), 1)[0]);
    assert!(passed.collect::<Vec<_>>().iter().all(|passed| *passed));
    assert_eq!(flood(&scene, &member, "2001:db8:1:2:ffff::1", 1), [false], "a /64 is one source");
    assert_eq!(flood(&scene, &member, "2001:db8:1:3::1", 1), [true]);
}

#[test]
fn a_known_browser_is_not_stopped_by_its_neighbours_and_knows_its_own_members_only() {
    let scene = Scene::new();
    let mut home = at_home(&scene, "home");
    let other = scene.member_at("other", "first-login-complete");
    scene.pass(3600);
    flood(&scene, &home, "192.0.2.1", Admission::default().narrow.burst);
    let mut driver = scene.driver();
    home.open(&mut driver, "/login");
    let (id, password) = (other.member.user_id.clone(), other.member.password.clone());
    assert_eq!(home.send(&mut driver, &[("user_id", &id), ("password", &password)]), CROWDED);
    let password = home.member.password.clone();
    scene.watches.take_calls();
    assert_eq!(home.log_in_with(&mut driver, &password), ("login-totp", None, 200));
    let [_, _, hashes] = scene.watches.take_calls();
    assert!(hashes.len() == 1 && hashes[0].ends_with("known=true"), "{hashes:?}");
}

#[test]
fn letters_draw_on_the_budget_too_and_four_of_them_as_much_as_one_password() {
    let scene = Scene::new();
    let member = scene.member("m");
    let mut driver = scene.driver();
    scene.pass(3600);
    let admission = Admission::default();
    flood(&scene, &member, "192.0.2.1", admission.narrow.burst - 1);
    let mut ask = || {
        let mut stranger = member.nobody("z");
        stranger.open(&mut driver, "/forgot-password");
        let id = stranger.member.user_id.clone();
        stranger.send(&mut driver, &[("user_id", &id)]).2
    };
    let asked: Vec<u16> = (0..=admission.letters).map(|_| ask()).collect();
    assert_eq!(asked, [200, 200, 200, 200, 429]);
}

/// Says in every request that it comes from somewhere else.
struct Spoofing<'a> {
    driver: InProcess<'a>,
    requests: u32,
}

impl Driver for Spoofing<'_> {
    fn kind(&self) -> DriverKind {
        self.driver.kind()
    }

    fn origin(&self) -> &str {
        self.driver.origin()
    }

    fn now(&self) -> Timestamp {
        self.driver.now()
    }

    fn wait_until(&mut self, instant: Timestamp) -> Result<(), DriverError> {
        self.driver.wait_until(instant)
    }

    fn register(&mut self, given: &Given, dice: &mut Dice) -> Result<Registered, DriverError> {
        self.driver.register(given, dice)
    }

    fn send(&mut self, mut request: Request<Bytes>) -> Result<Response<Bytes>, DriverError> {
        self.requests += 1;
        let address = format!("198.51.100.{}", self.requests % 250);
        for (name, value) in [
            ("forwarded", format!("for={address}")),
            ("x-forwarded-for", address.clone()),
            ("x-real-ip", address.clone()),
            ("cf-connecting-ip", address.clone()),
        ] {
            let value = HeaderValue::from_str(&value).map_err(|error| DriverError::Internal(error.to_string()))?;
            request.headers_mut().insert(HeaderName::from_static(name), value);
        }
        self.driver.send(request)
    }

    fn letters(&mut self, to: &str) -> Result<Vec<Mail>, DriverError> {
        self.driver.letters(to)
    }

    fn commits(&self) -> Option<u64> {
        self.driver.commits()
    }

    fn residue(&self) -> Vec<(String, Vec<u8>)> {
        self.driver.residue()
    }
}

/// tldw_server PR #2838, OxiCloud PR #326: whoever wrote another address into a header had another budget each time.
#[test]
fn a_header_that_names_another_source_gives_no_other_budget() {
    let scene = Scene::new();
    let member = scene.member("m");
    scene.pass(3600);
    let mut driver = Spoofing { driver: scene.driver(), requests: 0 };
    let tries = (0..=Admission::default().narrow.burst)
        .map(|number| member.nobody(&format!("z{number:03}")).log_in_with(&mut driver, WRONG).2)
        .collect::<Vec<_>>();
    let (last, before) = tries.split_last().expect("tries");
    assert!(before.iter().all(|status| *status == 422) && *last == 429, "{tries:?}");
}
