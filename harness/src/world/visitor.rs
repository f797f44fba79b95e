//! Somebody who sits at a browser and does what its pages ask for, as members and attackers do whom no flow describes.

use crate::browser::Browser;
use crate::browser::page::Page;
use crate::drivers::{Driver, DriverError, link_to};
use crate::flow::{Given, KeyWay, USUAL_DEVICE};
use crate::mailbox::Mail;
use crate::world::authenticator::{Hostile, Mutation};
use crate::world::entropy::Dice;
use crate::world::member::Member;
use crate::world::otpauth::KeyUri;
use crate::world::qr;
use crate::world::totp_app::{PERIOD, TotpApp};
use sekisho_core::source::Source;
use sekisho_core::time::Timestamp;
use std::collections::BTreeMap;

/// Most pages from anywhere to anywhere.
const PAGES: usize = 24;

/// A member, or who takes their place, and the browser they sit at.
pub struct Visitor {
    /// What they know and have.
    pub member: Member,
    /// Where they type it.
    pub browser: Browser,
    /// The method that they choose.
    pub method: &'static str,
    /// Their passkey, once they have made one.
    pub passkey: Option<Hostile>,
}

/// What a page says of itself: step, refusal, status.
pub type Seen<'a> = (&'a str, Option<&'a str>, u16);

impl Visitor {
    /// A member who has just got the letter, and an empty browser.
    pub fn registered(driver: &mut dyn Driver, given: &Given, dice: &mut Dice) -> Result<Self, DriverError> {
        let registered = driver.register(given, dice)?;
        Ok(Self { member: Member::new(registered, dice), browser: Browser::default(), method: "totp", passkey: None })
    }

    /// The same member, or who knows all that they know, at another browser.
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

    /// Somebody like them whose ID is nobody's: of the same length, with this end.
    #[must_use]
    pub fn nobody(&self, end: &str) -> Self {
        let mut nobody = self.elsewhere();
        let id = &self.member.user_id;
        let kept = id.chars().count().saturating_sub(end.chars().count());
        nobody.member.user_id = id.chars().take(kept).chain(end.chars()).collect();
        nobody
    }

    /// The same, where a request comes from this address.
    #[must_use]
    pub fn at(mut self, source: Source) -> Self {
        self.browser.source = source;
        self
    }

    /// Types an address.
    pub fn open(&mut self, driver: &mut dyn Driver, at: &str) -> Result<Seen<'_>, DriverError> {
        self.browser.open(driver, at)?;
        self.seen()
    }

    /// Sends a form of the page.
    pub fn send(&mut self, driver: &mut dyn Driver, with: &[(&str, &str)]) -> Result<Seen<'_>, DriverError> {
        let with = with.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.browser.submit(driver, None, &with)?;
        self.seen()
    }

    /// Opens the log-in page and sends it with this password.
    pub fn log_in_with(&mut self, driver: &mut dyn Driver, password: &str) -> Result<Seen<'_>, DriverError> {
        self.open(driver, "/login")?;
        let id = self.member.user_id.clone();
        self.send(driver, &[("user_id", &id), ("password", password)])
    }

    /// Ends the session.
    pub fn log_out(&mut self, driver: &mut dyn Driver) -> Result<Seen<'_>, DriverError> {
        self.open(driver, "/logout")?;
        self.send(driver, &[])
    }

    /// What the page says of itself.
    pub fn seen(&self) -> Result<Seen<'_>, DriverError> {
        let page = self.page()?;
        Ok((page.step.as_deref().unwrap_or_default(), page.refusal.as_deref(), page.status))
    }

    /// The page that is open.
    pub fn page(&self) -> Result<&Page, DriverError> {
        Ok(self.browser.page()?)
    }

    /// Does what the page asks for, page after page, until the page `until` is shown. Whether it came to that: a refusal is the end.
    pub fn walk(&mut self, driver: &mut dyn Driver, until: &str) -> Result<bool, DriverError> {
        if self.browser.page().is_err() {
            self.open(driver, "/")?;
        }
        for _ in 0..PAGES {
            let (step, refusal, status) = self.seen()?;
            if refusal.is_some() || status != 200 || step == until {
                return Ok(refusal.is_none() && status == 200);
            }
            let step = step.to_owned();
            self.go_on(driver, &step)?;
        }
        Err(DriverError::Internal(format!("{until} is never reached; the last page is {:?}", self.seen()?)))
    }

    fn go_on(&mut self, driver: &mut dyn Driver, step: &str) -> Result<(), DriverError> {
        let now = driver.now();
        match step {
            "login" => {
                let (id, password) = (self.member.user_id.clone(), self.member.password.clone());
                self.send(driver, &[("user_id", &id), ("password", &password)])?;
            }
            "activation-code" => {
                let code = self.refer("activation-code", now)?;
                self.send(driver, &[("code", &code)])?;
            }
            "birth-date" => drop(self.birth_date(driver, "birth-day")?),
            "terms" => drop(self.send(driver, &[("version", &self.standing("version")?), ("action", "accept")])?),
            "email" => {
                let mail = self.member.registered.mail.clone();
                self.send(driver, &[("email", &mail)])?;
            }
            "email-wait" => {
                let link = self.link(driver)?;
                self.elsewhere().at(self.browser.source).press(driver, &link)?;
                self.browser.reload(driver)?;
            }
            "method" => drop(self.send(driver, &[("method", self.method)])?),
            "new-password" => {
                let chosen = self.member.chosen_password.clone();
                if self.send(driver, &[("password", &chosen), ("again", &chosen)])?.1.is_none() {
                    self.member.password = chosen;
                }
            }
            "first-login-complete" => self.browser.submit(driver, Some("/logout"), &BTreeMap::new())?,
            "setup-totp" => {
                self.enrol()?;
                self.type_code(driver, &[("device", "わたしの電話")])?;
            }
            "login-totp" => {
                self.next_code(driver)?;
                self.type_code(driver, &[])?;
            }
            "setup-passkey" | "login-passkey" => drop(self.answer_passkey(driver, None)?),
            "name-passkey" => drop(self.send(driver, &[("device", "わたしの鍵")])?),
            "mail-code" => {
                let code = self.mailed_code(driver)?;
                self.send(driver, &[("action", "give"), ("code", &code)])?;
            }
            "recovery-codes" => drop(self.send(driver, &[("action", "leave")])?),
            "re-authentication" => {
                let password = self.member.password.clone();
                self.send(driver, &[("password", &password)])?;
            }
            _ => return Err(DriverError::Internal(format!("nobody can go on from {step}"))),
        }
        Ok(())
    }

    /// What a reference stands for.
    fn refer(&self, reference: &str, now: Timestamp) -> Result<String, DriverError> {
        self.member.refer(reference, now).map_err(internal)
    }

    /// Sends the birth date; `day` is a reference to it.
    pub fn birth_date(&mut self, driver: &mut dyn Driver, day: &str) -> Result<Seen<'_>, DriverError> {
        let now = driver.now();
        let [year, month, day] = [self.refer("birth-year", now)?, self.refer("birth-month", now)?, self.refer(day, now)?];
        self.send(driver, &[("era", "common"), ("year", &year), ("month", &month), ("day", &day)])
    }

    /// The newest link that has come.
    pub fn link(&self, driver: &mut dyn Driver) -> Result<String, DriverError> {
        let letters = self.letters(driver)?;
        letters.iter().filter_map(|letter| link_to(driver.origin(), letter)).next_back().ok_or_else(|| internal("no letter has a link"))
    }

    /// What has come by mail, oldest first.
    pub fn letters(&self, driver: &mut dyn Driver) -> Result<Vec<Mail>, DriverError> {
        driver.letters(&self.member.registered.mail)
    }

    /// The code of the newest letter that has one.
    pub fn mailed_code(&self, driver: &mut dyn Driver) -> Result<String, DriverError> {
        let is_code = |line: &&str| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit());
        let letters = self.letters(driver)?;
        let mut codes = letters.iter().flat_map(|letter| letter.text.lines().map(str::trim)).filter(is_code);
        codes.next_back().map(str::to_owned).ok_or_else(|| internal("no letter has a code"))
    }

    /// Opens the link of a letter, and presses its button.
    pub fn press(&mut self, driver: &mut dyn Driver, link: &str) -> Result<Seen<'_>, DriverError> {
        self.browser.open_from_mail(driver, link)?;
        let token = self.standing("t")?;
        self.send(driver, &[("t", &token)])
    }

    /// Answers the page's passkey dialogue with the member's passkey; one is made first where the page wants a new one.
    pub fn answer_passkey(&mut self, driver: &mut dyn Driver, mutation: Option<Mutation>) -> Result<Seen<'_>, DriverError> {
        let answer = self.passkey_answer(driver.origin(), mutation)?;
        self.browser.answer_passkey_with(driver, &answer)?;
        self.seen()
    }

    /// What the authenticator says to the page's dialogue.
    pub fn passkey_answer(&mut self, origin: &str, mutation: Option<Mutation>) -> Result<String, DriverError> {
        let dialogue = self.page()?.passkey.clone().ok_or_else(|| internal("the page has no passkey dialogue"))?;
        let unread = || internal("the dialogue's options cannot be read");
        if dialogue.is_new {
            // Another passkey for everybody: credential ids are a society's own.
            let seed = self.member.user_id.bytes().fold(0, |seed: u64, byte| seed.wrapping_mul(131).wrapping_add(byte.into()));
            let key = self.passkey.insert(Hostile::new(seed));
            return key.create(&dialogue.options, origin, mutation).ok_or_else(unread);
        }
        let key = self.passkey.as_mut().ok_or_else(|| internal("nobody has made a passkey"))?;
        key.counter += 1;
        key.get(&dialogue.options, origin, mutation).ok_or_else(unread)
    }

    /// Takes the key from the page's picture.
    pub fn enrol(&mut self) -> Result<(), DriverError> {
        let [picture] = self.page()?.pictures.as_slice() else { return Err(internal("the page has not one picture")) };
        let uri = KeyUri::parse(&qr::read(picture, KeyWay::Camera).map_err(internal)?).map_err(internal)?;
        self.member.apps.insert(USUAL_DEVICE.to_owned(), TotpApp::new(uri.key));
        Ok(())
    }

    /// Waits until the app shows a code that was not typed yet.
    pub fn next_code(&self, driver: &mut dyn Driver) -> Result<(), DriverError> {
        let next = self.member.apps.get(USUAL_DEVICE).and_then(TotpApp::next_step).unwrap_or_default();
        let until = Timestamp(next * PERIOD).max(driver.now());
        driver.wait_until(until)
    }

    /// Sends the code that the app shows, and what else the form asks for.
    fn type_code(&mut self, driver: &mut dyn Driver, with: &[(&str, &str)]) -> Result<(), DriverError> {
        let now = driver.now();
        let app = self.member.apps.get(USUAL_DEVICE).ok_or_else(|| internal("no app has a key"))?;
        let code = app.code(now, 0);
        self.send(driver, &[&[("code", code.as_str())], with].concat())?;
        self.typed(now);
        Ok(())
    }

    /// Notes that the code of `now` was typed.
    pub fn typed(&mut self, now: Timestamp) {
        if let Some(app) = self.member.apps.get_mut(USUAL_DEVICE) {
            app.typed_at(TotpApp::step(now, 0));
        }
    }

    /// What stands in a field of the page.
    pub fn standing(&self, name: &str) -> Result<String, DriverError> {
        self.page()?.standing(name).map(str::to_owned).ok_or_else(|| internal(format!("the page has no {name}")))
    }
}

fn internal(error: impl ToString) -> DriverError {
    DriverError::Internal(error.to_string())
}
