//! One society of profile a, members who walk through it, and what can be seen of the store.

use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use sekisho::ports::{CounterKey, Key, MemberRows};
use sekisho::records::index_user_id;
use sekisho_core::account::Counters;
use sekisho_core::time::Timestamp;
use sekisho_core::user_id::UserId;
use sekisho_harness::browser::jar::SESSION;
use sekisho_harness::browser::page::Page;
use sekisho_harness::browser::{Browser, Exchange, somewhere};
use sekisho_harness::drivers::in_process::{Appliance, InProcess};
use sekisho_harness::drivers::{Driver, StaffOrder, link_to};
use sekisho_harness::flow::{AddressOnFile, Clerk, FirstPassword, Given, KeyWay, StaffAct, USUAL_DEVICE};
use sekisho_harness::mailbox::Mail;
use sekisho_harness::sim::watch::Watches;
use sekisho_harness::vectors::Vectors;
use sekisho_harness::world::authenticator::{Hostile, Mutation};
use sekisho_harness::world::entropy::Dice;
use sekisho_harness::world::member::Member;
use sekisho_harness::world::otpauth::KeyUri;
use sekisho_harness::world::qr;
use sekisho_harness::world::totp_app::{PERIOD, TotpApp};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::time::Duration;

/// The society that the laws are shown at.
pub const PROFILE: &str = "a";

/// A password that nobody has, of the length of the chosen ones.
pub const WRONG: &str = "wrongwrongwrongwrong-A1";

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
        let (world, society) = (self.appliance.world(), self.appliance.society(PROFILE).expect("the society"));
        let keys = society.keys(world).expect("its keys");
        let index = index_user_id(keys, &UserId::typed(&person.member.user_id));
        let found = world.store.load(&society.name, Key::UserId(index)).expect("the store reads");
        found.member.expect("a member of that ID")
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
        let rows = self.rows(person);
        let (world, society) = (self.appliance.world(), self.appliance.society(PROFILE).expect("the society"));
        let strangers = world.store.strangers(&society.name, CounterKey::Member(rows.id), Some(somewhere().wide()));
        let counters = rows.counters.among(&strangers.expect("the store reads"), &society.policy().limits);
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

/// A member and the browser they sit at.
pub struct Person {
    pub member: Member,
    pub browser: Browser,
    /// The method that they choose.
    pub method: &'static str,
    /// Their passkey, once they have made one.
    pub passkey: Option<Hostile>,
}

/// What a page says of itself: step, refusal, status.
pub type Seen<'a> = (&'a str, Option<&'a str>, u16);

impl Person {
    pub fn registered(driver: &mut dyn Driver, name: &str) -> Self {
        let given = Given { member: name.to_owned(), first_password: FirstPassword::Temporary, address: AddressOnFile::None };
        let mut dice = Dice::new(1, name);
        let registered = driver.register(&given, &mut dice).expect("the import takes the member");
        Self { member: Member::new(registered, &mut dice), browser: Browser::default(), method: "totp", passkey: None }
    }

    /// The same member, who prefers this method.
    pub fn by(self, method: &'static str) -> Self {
        Self { method, ..self }
    }

    /// The same member at another browser.
    pub fn elsewhere(&self) -> Self {
        let of = &self.member;
        let mut member = Member::new(of.registered.clone(), &mut Dice::new(1, "elsewhere"));
        member.user_id.clone_from(&of.user_id);
        member.password.clone_from(&of.password);
        member.chosen_id.clone_from(&of.chosen_id);
        member.other_id.clone_from(&of.other_id);
        member.chosen_password.clone_from(&of.chosen_password);
        member.other_password.clone_from(&of.other_password);
        member.other_mail.clone_from(&of.other_mail);
        member.apps.clone_from(&of.apps);
        member.recovery_codes.clone_from(&of.recovery_codes);
        member.codes_used = of.codes_used;
        Self { member, browser: Browser::default(), method: self.method, passkey: self.passkey.clone() }
    }

    pub fn open(&mut self, driver: &mut dyn Driver, at: &str) -> Seen<'_> {
        self.browser.open(driver, at).expect("it opens");
        self.seen()
    }

    /// Sends a form of the page.
    pub fn send(&mut self, driver: &mut dyn Driver, with: &[(&str, &str)]) -> Seen<'_> {
        let with = with.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.browser.submit(driver, None, &with).expect("the page has such a form");
        self.seen()
    }

    /// Opens the log-in page and sends it with this password.
    pub fn log_in_with(&mut self, driver: &mut dyn Driver, password: &str) -> Seen<'_> {
        assert_eq!(self.open(driver, "/login").0, "login");
        let id = self.member.user_id.clone();
        self.send(driver, &[("user_id", &id), ("password", password)])
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
        self.browser.page().expect("a page is open")
    }

    pub fn seen(&self) -> Seen<'_> {
        let page = self.page();
        (page.step.as_deref().unwrap_or_default(), page.refusal.as_deref(), page.status)
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
        if self.browser.page().is_err() {
            self.open(driver, "/");
        }
        for _ in 0..24 {
            let (step, refusal, status) = self.seen();
            let step = step.to_owned();
            assert!(refusal.is_none() && status == StatusCode::OK, "{step}: {refusal:?}, {status}");
            if step == until {
                return;
            }
            self.go_on(driver, &step);
        }
        panic!("{until} is never reached; the last page is {:?}", self.seen());
    }

    fn go_on(&mut self, driver: &mut dyn Driver, step: &str) {
        let now = driver.now();
        match step {
            "login" => {
                let (id, password) = (self.member.user_id.clone(), self.member.password.clone());
                self.send(driver, &[("user_id", &id), ("password", &password)]);
            }
            "birth-date" => self.birth_date(driver, "birth-day"),
            "terms" => drop(self.send(driver, &[("version", &self.standing("version")), ("action", "accept")])),
            "email" => {
                let mail = self.member.registered.mail.clone();
                self.send(driver, &[("email", &mail)]);
            }
            "email-wait" => {
                let link = self.link(driver);
                assert_eq!(self.elsewhere().press(driver, &link), ("link-done", None, 200));
                self.browser.reload(driver).expect("it loads again");
            }
            "method" => drop(self.send(driver, &[("method", self.method)])),
            "new-password" => {
                let chosen = self.member.chosen_password.clone();
                self.send(driver, &[("password", &chosen), ("again", &chosen)]);
                self.member.password = chosen;
            }
            "first-login-complete" => {
                self.browser.submit(driver, Some("/logout"), &BTreeMap::new()).expect("the page has the button");
            }
            "setup-totp" => {
                self.enrol();
                let code = self.code(now);
                self.send(driver, &[("code", &code), ("device", "わたしの電話")]);
                self.typed(now);
            }
            "login-totp" => {
                self.next_code(driver);
                let code = self.code(driver.now());
                self.send(driver, &[("code", &code)]);
                self.typed(driver.now());
            }
            "setup-passkey" | "login-passkey" => drop(self.answer_passkey(driver, None)),
            "name-passkey" => drop(self.send(driver, &[("device", "わたしの鍵")])),
            "mail-code" => {
                let code = self.mailed_code(driver);
                self.send(driver, &[("action", "give"), ("code", &code)]);
            }
            "recovery-codes" => drop(self.send(driver, &[("action", "leave")])),
            "re-authentication" => {
                let password = self.member.password.clone();
                self.send(driver, &[("password", &password)]);
            }
            _ => panic!("nobody can go on from {step}"),
        }
    }

    /// Sends the birth date; `day` is a reference to it.
    pub fn birth_date(&mut self, driver: &mut dyn Driver, day: &str) {
        let [year, month, day] =
            ["birth-year", "birth-month", day].map(|name| self.member.refer(name, driver.now()).expect("a birth date"));
        self.send(driver, &[("era", "common"), ("year", &year), ("month", &month), ("day", &day)]);
    }

    /// The newest link that has come.
    pub fn link(&self, driver: &mut dyn Driver) -> String {
        let letters = self.letters(driver);
        letters.iter().filter_map(|letter| link_to(driver.origin(), letter)).next_back().expect("a letter with a link")
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
        driver.letters(&self.member.registered.mail).expect("the post comes")
    }

    /// The code of the newest letter that has one.
    pub fn mailed_code(&self, driver: &mut dyn Driver) -> String {
        let is_code = |line: &&str| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit());
        let letters = self.letters(driver);
        let mut codes = letters.iter().flat_map(|letter| letter.text.lines().map(str::trim)).filter(is_code);
        codes.next_back().expect("a letter with a code").to_owned()
    }

    /// Opens the link of a letter, and presses its button.
    pub fn press(&mut self, driver: &mut dyn Driver, link: &str) -> Seen<'_> {
        self.browser.open_from_mail(driver, link).expect("the link opens");
        let token = self.standing("t");
        self.send(driver, &[("t", &token)])
    }

    /// Answers the page's passkey dialogue with the member's passkey; one is made first where the page wants a new one.
    pub fn answer_passkey(&mut self, driver: &mut dyn Driver, mutation: Option<Mutation>) -> Seen<'_> {
        let answer = self.passkey_answer(driver.origin(), mutation);
        self.send_passkey(driver, &answer)
    }

    /// What the authenticator says to the page's dialogue.
    pub fn passkey_answer(&mut self, origin: &str, mutation: Option<Mutation>) -> String {
        let dialogue = self.page().passkey.clone().expect("a passkey dialogue");
        if dialogue.is_new {
            // Another passkey for everybody: credential ids are a society's own.
            let seed = self.member.user_id.bytes().fold(0, |seed: u64, byte| seed.wrapping_mul(131).wrapping_add(byte.into()));
            let key = self.passkey.insert(Hostile::new(seed));
            return key.create(&dialogue.options, origin, mutation).expect("options");
        }
        let key = self.passkey.as_mut().expect("a passkey");
        key.counter += 1;
        key.get(&dialogue.options, origin, mutation).expect("options")
    }

    /// Sends the page's form as its script does.
    pub fn send_passkey(&mut self, driver: &mut dyn Driver, answer: &str) -> Seen<'_> {
        self.browser.answer_passkey_with(driver, answer).expect("the page has a passkey dialogue");
        self.seen()
    }

    /// Takes the key from the page's picture.
    pub fn enrol(&mut self) {
        let [picture] = self.page().pictures.as_slice() else { panic!("one picture") };
        let uri = KeyUri::parse(&qr::read(picture, KeyWay::Camera).expect("a QR code")).expect("a key");
        self.member.apps.insert(USUAL_DEVICE.to_owned(), TotpApp::new(uri.key));
    }

    /// Waits until the app shows a code that was not typed yet.
    pub fn next_code(&self, driver: &mut dyn Driver) {
        let next = self.member.apps.get(USUAL_DEVICE).and_then(TotpApp::next_step).unwrap_or_default();
        let until = Timestamp(next * PERIOD).max(driver.now());
        driver.wait_until(until).expect("time passes");
    }

    /// Notes that the code of `now` was typed.
    pub fn typed(&mut self, now: Timestamp) {
        if let Some(app) = self.member.apps.get_mut(USUAL_DEVICE) {
            app.typed_at(TotpApp::step(now, 0));
        }
    }

    /// What stands in a field of the page.
    pub fn standing(&self, name: &str) -> String {
        self.page().standing(name).unwrap_or_else(|| panic!("the page has no {name}")).to_owned()
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

/// An answer without what differs from one answer to the next: the form's token, the nonce, and what was typed.
pub fn masked(exchange: &Exchange, person: &Person) -> (u16, Vec<(String, String)>, String) {
    let policy = exchange.headers.get("content-security-policy").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).unwrap_or_default();
    let fields = exchange.page.forms.iter().flat_map(|form| &form.fields);
    let tokens: Vec<String> = fields.filter(|field| field.name == "csrf").filter_map(|field| field.value.clone()).collect();
    let mask = |text: &str| {
        let mut text = text.replace(&person.member.user_id, "ID").replace(&person.member.registered.name, "NAME");
        text = text.replace(&person.member.registered.mail, "ADDRESS").replace(&person.member.other_mail, "ADDRESS");
        for hidden in tokens.iter().map(String::as_str).chain([nonce]).filter(|hidden| !hidden.is_empty()) {
            text = text.replace(hidden, "…");
        }
        text
    };
    let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        let value = value.to_str().unwrap_or_default();
        let value = if name == "set-cookie" { value.split(['=', ';']).next().unwrap_or_default().to_owned() } else { mask(value) };
        (name.to_string(), value)
    };
    let mut headers: Vec<_> = exchange.headers.iter().map(header).collect();
    headers.sort();
    (exchange.status, headers, mask(&String::from_utf8_lossy(&exchange.body)))
}
