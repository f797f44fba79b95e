//! One society of profile a, members who walk through it, and what can be seen of the store.

use bytes::Bytes;
use http::{Method, Request, header};
use sekisho::ports::MemberRows;
use sekisho_core::account::Counters;
use sekisho_core::time::Timestamp;
use sekisho_harness::browser::jar::SESSION;
use sekisho_harness::browser::page::Page;
use sekisho_harness::browser::{Exchange, somewhere};
use sekisho_harness::drivers::in_process::{Appliance, InProcess};
use sekisho_harness::drivers::{Driver, StaffOrder};
use sekisho_harness::flow::{AddressOnFile, Clerk, FirstPassword, Given, StaffAct, USUAL_DEVICE};
pub use sekisho_harness::guard::door::WRONG;
use sekisho_harness::mailbox::Mail;
use sekisho_harness::sim::watch::Watches;
use sekisho_harness::vectors::Vectors;
use sekisho_harness::world::authenticator::Mutation;
use sekisho_harness::world::entropy::Dice;
use sekisho_harness::world::totp_app::TotpApp;
pub use sekisho_harness::world::visitor::Seen;
use sekisho_harness::world::visitor::Visitor;
use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::time::Duration;

/// The society that the laws are shown at.
pub const PROFILE: &str = "a";

/// The appliance and the watches over its parts.
pub struct Scene {
    pub appliance: Appliance,
    pub watches: Watches,
}

impl Scene {
    pub fn new() -> Self {
        Self::of(&[PROFILE])
    }

    /// With a society for each of these profiles.
    pub fn of(profiles: &[&str]) -> Self {
        let vectors = Vectors::load(&Vectors::find().expect("the vectors are there")).expect("the vectors are well-formed");
        let profiles: BTreeMap<_, _> = vectors.profiles.into_iter().filter(|(id, _)| profiles.contains(&id.as_str())).collect();
        let watches = Watches::default();
        let around = watches.clone();
        let appliance = Appliance::with(&profiles, 1, move |world| around.around(world)).expect("an appliance on a throw-away token");
        Self { appliance, watches }
    }

    /// The process ends, and another one begins.
    pub fn restart(self) -> Self {
        Self { appliance: self.appliance.restart().expect("it starts again"), ..self }
    }

    pub fn driver(&self) -> InProcess<'_> {
        self.appliance.driver(PROFILE).expect("the society")
    }

    /// A member who has just got the letter, and an empty browser.
    pub fn member(&self, name: &str) -> Person {
        Person::registered(&mut self.driver(), name)
    }

    /// A member who has walked up to the page `until`.
    pub fn member_at(&self, name: &str, until: &str) -> Person {
        let mut person = self.member(name);
        person.walk(&mut self.driver(), until);
        person
    }

    /// Time passes, and the process does what it does once a minute.
    pub fn pass(&self, seconds: u64) {
        let mut driver = self.driver();
        let until = driver.now().after(Duration::from_secs(seconds));
        driver.wait_until(until).expect("time passes");
    }

    /// What the store has of a member.
    pub fn rows(&self, person: &Person) -> MemberRows {
        let found = self.appliance.rows(PROFILE, &person.member.user_id).expect("the store reads");
        found.expect("a member of that ID")
    }

    pub fn counters(&self, person: &Person) -> Counters {
        self.rows(person).counters
    }

    /// Lets the society's staff do something to a member; whether they were refused.
    pub fn staff(&self, person: &Person, act: StaffAct, by: Clerk) -> bool {
        let (of, with) = (&person.member.registered, BTreeMap::new());
        let order = StaffOrder { act, by, card: (&of.symbol, &of.number, &of.branch), with: &with };
        self.driver().staff(&order).expect("the staff are there").refused
    }

    /// Lets two of the staff do to a member what takes two; the file for the printer, if there is one, and whether they were refused.
    pub fn two_of_the_staff(&self, person: &Person, act: StaffAct) -> (Option<String>, bool) {
        let (of, with) = (&person.member.registered, BTreeMap::new());
        let mut driver = self.driver();
        let mut order = |by| {
            let order = StaffOrder { act, by, card: (&of.symbol, &of.number, &of.branch), with: &with };
            driver.staff(&order).expect("the staff are there")
        };
        if order(Clerk::First).refused {
            return (None, true);
        }
        let answer = order(Clerk::Second);
        (answer.file, answer.refused)
    }

    /// Two things done through two fronts that know nothing of each other's flights, so that both decide before either has committed.
    pub fn at_the_same_instant<T: Send>(&self, works: [Work<'_, T>; 2]) -> [T; 2] {
        let tickets = Arc::new(AtomicUsize::new(2));
        let both = Arc::new(Barrier::new(2));
        let meet = {
            let (tickets, both) = (Arc::clone(&tickets), Arc::clone(&both));
            move || {
                if tickets.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
                    both.wait();
                }
            }
        };
        self.watches.store.meet("commit", meet.clone());
        let done = std::thread::scope(|threads| {
            let threads = works.map(|work| {
                let meet = meet.clone();
                threads.spawn(move || {
                    let front = self.appliance.another_front().expect("a front");
                    let done = work(&mut self.appliance.driver_through(&front, PROFILE).expect("the society"));
                    // Who never came to a commit lets the other one go.
                    meet();
                    done
                })
            });
            threads.map(|thread| thread.join().expect("a thread without panic"))
        });
        self.watches.store.meet("commit", || {});
        done
    }

    /// Failures on file: wrong passwords from browsers that are not known, as the next one where everybody sits is met by them, and wrong
    /// second steps.
    pub fn failures(&self, person: &Person) -> (u32, u32) {
        let counters = self.appliance.counters(PROFILE, &person.member.user_id, somewhere()).expect("the store reads");
        (counters.password.failures.max(counters.share.failures), counters.second_step.failures)
    }

    /// Batches that have been committed, and the transactions they were in.
    pub fn commits(&self) -> (u64, u64) {
        let world = self.appliance.world();
        let numbers = world.store.numbers(&self.appliance.society(PROFILE).expect("the society").name).expect("numbers");
        (numbers.batches, numbers.commits)
    }
}

/// Something that one of two does at the same instant as the other.
pub type Work<'a, T> = Box<dyn FnOnce(&mut dyn Driver) -> T + Send + 'a>;

/// A [`Visitor`] who takes every hitch for a failed test.
pub struct Person(Visitor);

impl Deref for Person {
    type Target = Visitor;

    fn deref(&self) -> &Visitor {
        &self.0
    }
}

impl DerefMut for Person {
    fn deref_mut(&mut self) -> &mut Visitor {
        &mut self.0
    }
}

impl Person {
    pub fn registered(driver: &mut dyn Driver, name: &str) -> Self {
        let given = Given { member: name.to_owned(), first_password: FirstPassword::Temporary, address: AddressOnFile::None };
        Self(Visitor::registered(driver, &given, &mut Dice::new(1, name)).expect("the import takes the member"))
    }

    /// The same member, who prefers this method.
    pub fn by(mut self, method: &'static str) -> Self {
        self.0.method = method;
        self
    }

    /// The same member at another browser.
    pub fn elsewhere(&self) -> Self {
        Self(self.0.elsewhere())
    }

    /// Somebody whose ID is not in the society, of the same length as everybody's.
    pub fn nobody(&self, end: &str) -> Self {
        Self(self.0.nobody(end))
    }

    pub fn open(&mut self, driver: &mut dyn Driver, at: &str) -> Seen<'_> {
        self.0.open(driver, at).expect("it opens")
    }

    /// Sends a form of the page.
    pub fn send(&mut self, driver: &mut dyn Driver, with: &[(&str, &str)]) -> Seen<'_> {
        self.0.send(driver, with).expect("the page has such a form")
    }

    /// Opens the log-in page and sends it with this password.
    pub fn log_in_with(&mut self, driver: &mut dyn Driver, password: &str) -> Seen<'_> {
        self.0.log_in_with(driver, password).expect("a log-in page")
    }

    /// Their app.
    pub fn app(&self) -> &TotpApp {
        self.member.apps.get(USUAL_DEVICE).expect("an app with a key")
    }

    /// The code that the app shows.
    pub fn code(&self, now: Timestamp) -> String {
        self.app().code(now, 0)
    }

    /// A code that is none of the window's.
    pub fn wrong_code(&self, now: Timestamp) -> String {
        let app = self.app();
        let step = TotpApp::step(now, 0);
        let right: Vec<String> = (step - 2..=step + 2).map(|step| app.at_step(step)).collect();
        ["000000", "111111", "222222", "333333", "444444", "555555"]
            .into_iter()
            .find(|code| !right.contains(&(*code).to_owned()))
            .expect("one")
            .to_owned()
    }

    pub fn page(&self) -> &Page {
        self.0.page().expect("a page is open")
    }

    pub fn seen(&self) -> Seen<'_> {
        self.0.seen().expect("a page is open")
    }

    /// The value of the session cookie.
    pub fn cookie(&self) -> Option<String> {
        self.browser.jar().value(SESSION).map(str::to_owned)
    }

    /// The last request and its answer.
    pub fn last(&mut self) -> Exchange {
        self.browser.take_exchanges().pop().expect("something was sent")
    }

    /// Does what the page asks for, page after page, until the page `until` is shown.
    pub fn walk(&mut self, driver: &mut dyn Driver, until: &str) {
        let reached = self.0.walk(driver, until).expect("every page has a way on");
        assert!(reached, "{until} is not reached; the last page is {:?}", self.seen());
    }

    /// Sends the birth date; `day` is a reference to it.
    pub fn birth_date(&mut self, driver: &mut dyn Driver, day: &str) {
        self.0.birth_date(driver, day).expect("a birth date");
    }

    /// The newest link that has come.
    pub fn link(&self, driver: &mut dyn Driver) -> String {
        self.0.link(driver).expect("a letter with a link")
    }

    /// The newest link of one kind (`reset`, `freeze`, `email`), whatever has come since.
    pub fn link_of(&self, driver: &mut dyn Driver, kind: &str) -> String {
        let start = format!("{}/link/{kind}?", driver.origin());
        let letters = self.letters(driver);
        let mut links = letters.iter().flat_map(|letter| letter.text.lines()).filter(|line| line.starts_with(&start));
        links.next_back().expect("a letter with such a link")[driver.origin().len()..].to_owned()
    }

    /// What has come by mail, oldest first.
    pub fn letters(&self, driver: &mut dyn Driver) -> Vec<Mail> {
        self.0.letters(driver).expect("the post comes")
    }

    /// The code of the newest letter that has one.
    pub fn mailed_code(&self, driver: &mut dyn Driver) -> String {
        self.0.mailed_code(driver).expect("a letter with a code")
    }

    /// Opens the link of a letter, and presses its button.
    pub fn press(&mut self, driver: &mut dyn Driver, link: &str) -> Seen<'_> {
        self.0.press(driver, link).expect("the link opens")
    }

    /// Answers the page's passkey dialogue with the member's passkey; one is made first where the page wants a new one.
    pub fn answer_passkey(&mut self, driver: &mut dyn Driver, mutation: Option<Mutation>) -> Seen<'_> {
        self.0.answer_passkey(driver, mutation).expect("a passkey dialogue")
    }

    /// What the authenticator says to the page's dialogue.
    pub fn passkey_answer(&mut self, origin: &str, mutation: Option<Mutation>) -> String {
        self.0.passkey_answer(origin, mutation).expect("a passkey dialogue")
    }

    /// Sends the page's form as its script does.
    pub fn send_passkey(&mut self, driver: &mut dyn Driver, answer: &str) -> Seen<'_> {
        self.browser.answer_passkey_with(driver, answer).expect("the page has a passkey dialogue");
        self.seen()
    }

    /// Takes the key from the page's picture.
    pub fn enrol(&mut self) {
        self.0.enrol().expect("a picture with a key");
    }

    /// Waits until the app shows a code that was not typed yet.
    pub fn next_code(&self, driver: &mut dyn Driver) {
        self.0.next_code(driver).expect("time passes");
    }

    /// What stands in a field of the page.
    pub fn standing(&self, name: &str) -> String {
        self.0.standing(name).unwrap_or_else(|error| panic!("{error}"))
    }
}

/// The form of `at`, sent from a second window of the browser that shows a page of `sitting`'s: its token, its cookies, or these.
pub fn post_as(
    driver: &mut dyn Driver,
    sitting: &Person,
    at: &str,
    cookies: Option<&str>,
    fields: &[(&str, &str)],
) -> http::Response<Bytes> {
    let all = sitting.page().forms.iter().flat_map(|form| &form.fields);
    let token = all.filter(|field| field.name == "csrf").find_map(|field| field.value.clone()).expect("a token");
    let form = std::iter::once(("csrf", token.as_str())).chain(fields.iter().copied());
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let own = || sitting.browser.jar().header(false).expect("cookies");
    let request = Request::post(at)
        .header(header::HOST, driver.origin().trim_start_matches("https://"))
        .header(header::ORIGIN, driver.origin())
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::COOKIE, cookies.map_or_else(own, str::to_owned));
    driver.send(request.body(Bytes::from(body)).expect("a request")).expect("an answer")
}

/// A request as a program sends it that is no browser: no cookies but these, no word of where it comes from.
pub fn fetch(driver: &mut dyn Driver, method: &Method, at: &str, cookies: Option<&str>) -> http::Response<Bytes> {
    let mut request = Request::builder().method(method).uri(at).header(header::HOST, driver.origin().trim_start_matches("https://"));
    if let Some(cookies) = cookies {
        request = request.header(header::COOKIE, cookies);
    }
    driver.send(request.body(Bytes::new()).expect("a request")).expect("an answer")
}
