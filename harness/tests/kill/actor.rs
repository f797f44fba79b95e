//! One member, what they were answered, and what they do under load.
//!
//! Every answer is compared with what was answered before, at once: the model below says which answers there can be.

use crate::journey::HAS_ADDRESS;
use crate::wire::{Cut, Said, Wire, typed};
use sekisho_core::tenant::Limits;
use sekisho_harness::browser::{Browser, jar};
use sekisho_harness::flow::USUAL_DEVICE;
use sekisho_harness::world::entropy::Dice;
use sekisho_harness::world::member::Member;
use sekisho_harness::world::totp_app::TotpApp;

/// Browsers that a member keeps open.
const SEATS: usize = 4;

/// Failures that a member makes by the way, so that they are never told to wait: what the checks cost comes on top.
const CARELESS: u32 = 2;

/// A member with everything that has been answered to them.
pub struct Actor {
    pub member: Member,
    /// Whether they do nothing but try wrong passwords.
    pub guesses_only: bool,
    /// Browsers in which something is proved.
    pub(super) seats: Vec<Seat>,
    /// Session cookies that were ended by an answer.
    pub(super) ended: Vec<String>,
    /// Facts of the first log-in and the set-up that were answered: so many of [`crate::journey::DURABLE`].
    pub(super) reached: usize,
    /// The form of the journey that was under way when the server went.
    pub(super) cut_at: Option<String>,
    /// Wrong passwords since the last success.
    pub(super) passwords: Failures,
    /// Wrong codes since the last success.
    pub(super) codes: Failures,
    /// The last time step whose code was accepted.
    pub(super) burnt: Option<u64>,
    /// A time step whose code was under way when the server went.
    pub(super) perhaps_burnt: Option<u64>,
    /// A set-up that was under way.
    pub(super) perhaps_set_up: Option<(TotpApp, u64)>,
    /// Whether the link in the letter was pressed.
    pub(super) link: Link,
    /// Whether the answer to the set-up promised a letter.
    pub(super) told_of_set_up: bool,
    /// Whether what counted before the first log-in has been tried since.
    pub(super) old_tried: bool,
    /// Accepted codes that were tried again while their time step was still good.
    pub tried_again: u32,
}

/// A browser in which something is proved.
pub struct Seat {
    pub(super) browser: Browser,
    /// The page that was answered last.
    pub(super) shows: String,
    /// Whether a form of that page was under way when the server went.
    pub(super) perhaps_further: bool,
}

/// Whether the link in the letter was pressed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Link {
    Unpressed,
    Perhaps,
    Pressed,
}

/// A counter as far as it can be known: between the failures that were answered, and those and one that was not.
#[derive(Clone, Copy, Default)]
pub(super) struct Failures {
    least: u32,
    most: u32,
}

impl Failures {
    pub(super) fn one_more(&mut self) {
        self.least += 1;
        self.most += 1;
    }

    fn perhaps_one_more(&mut self) {
        self.most += 1;
    }

    pub(super) fn none(&mut self) {
        *self = Self::default();
    }

    pub(super) fn perhaps_none(&mut self) {
        self.least = 0;
    }

    /// Whether so many failures in a row are the most there can be.
    pub(super) fn are_below(&self, count: u32) -> bool {
        self.most < count
    }

    /// Takes in the answer to something wrong: `wrong` is the refusal of a try that was judged.
    fn judged(&mut self, said: &Result<Said, Cut>, wrong: &str, free: u32, who: &str) {
        match said {
            Ok(Said::Refused(refusal)) if refusal == wrong => {
                assert!(self.least < free, "{who}: {wrong} after {} failures that were answered; the counter went back", self.least);
                self.one_more();
            }
            Ok(Said::Refused(refusal)) if refusal == "guard.wait" => {
                assert!(self.most >= free, "{who}: has to wait after {} failures at most; one was counted twice", self.most);
            }
            Ok(other) => panic!("{who}: {other:?} for something wrong"),
            Err(Cut) => self.perhaps_one_more(),
        }
    }
}

impl Actor {
    pub fn new(member: Member) -> Self {
        Self {
            member,
            guesses_only: false,
            seats: Vec::new(),
            ended: Vec::new(),
            reached: 0,
            cut_at: None,
            passwords: Failures::default(),
            codes: Failures::default(),
            burnt: None,
            perhaps_burnt: None,
            perhaps_set_up: None,
            link: Link::Unpressed,
            told_of_set_up: false,
            old_tried: false,
            tried_again: 0,
        }
    }

    pub(super) fn who(&self) -> &str {
        &self.member.registered.user_id
    }

    /// Does one thing, or one thing further.
    pub fn act(&mut self, wire: &mut Wire, dice: &mut Dice) -> Result<(), Cut> {
        if self.guesses_only {
            // The fifth tells to wait; it is left to the check, with one that may be under way.
            return if self.passwords.are_below(4) { self.wrong_password(wire).map(drop) } else { Ok(()) };
        }
        if !self.is_set_up() {
            let may_press = self.reached == HAS_ADDRESS && self.link == Link::Unpressed;
            return if may_press && dice.below(2) == 0 { self.press_link(wire) } else { self.walk(wire) };
        }
        match dice.below(10) {
            0..=2 => self.log_in_fully(wire),
            3 | 4 => self.log_in_twice_with_one_code(wire),
            5 => self.log_out(wire),
            6 if self.passwords.are_below(CARELESS) => self.wrong_password(wire).map(drop),
            7 if self.codes.are_below(CARELESS) => {
                let mut seat = self.log_in(wire)?;
                self.wrong_code(wire, &mut seat)?;
                self.keep(seat);
                Ok(())
            }
            8 => self.press_link(wire),
            _ => {
                let seat = self.log_in(wire)?;
                self.keep(seat);
                Ok(())
            }
        }
    }

    /// Keeps a browser open, and lets the oldest one be.
    pub(super) fn keep(&mut self, seat: Seat) {
        self.seats.push(seat);
        if self.seats.len() > SEATS {
            self.seats.remove(0);
        }
    }

    /// Logs in with the password, in a new browser.
    pub(super) fn log_in(&mut self, wire: &mut Wire) -> Result<Seat, Cut> {
        let (id, password) = (self.member.user_id.clone(), self.member.password.clone());
        let mut browser = Browser::default();
        wire.open(&mut browser, "/login")?;
        let said = wire.post(&mut browser, None, &typed(&[("user_id", &id), ("password", &password)]));
        match said? {
            Said::Accepted(shows) => Ok(Seat { browser, shows, perhaps_further: false }),
            Said::Refused(refusal) => panic!("{}: {refusal} for the password that counts", self.who()),
        }
    }

    fn log_in_fully(&mut self, wire: &mut Wire) -> Result<(), Cut> {
        let Some(step) = self.fresh_step(wire) else { return Ok(()) };
        let mut seat = self.log_in(wire)?;
        self.code(wire, &mut seat, step)?;
        self.keep(seat);
        Ok(())
    }

    /// Types the code of a time step. A fresh one has to be accepted, one that has served never is.
    pub(super) fn code(&mut self, wire: &mut Wire, seat: &mut Seat, step: u64) -> Result<(), Cut> {
        let code = self.app().at_step(step);
        let half = seat.browser.jar().value(jar::SESSION).map(str::to_owned);
        let said = wire.post(&mut seat.browser, None, &typed(&[("code", &code)]));
        let has_served = self.burnt.is_some_and(|burnt| step <= burnt);
        let is_answered = said.is_ok();
        match said {
            Ok(Said::Accepted(shows)) => {
                assert!(!has_served, "{}: the code of step {step} was accepted twice", self.who());
                self.accepted(step);
                self.ended.extend(half);
                seat.shows = shows;
            }
            said if has_served => self.codes.judged(&said, "totp.wrong", Limits::default().second_step.free, &self.member.user_id),
            Ok(said) => {
                let perhaps = self.perhaps_burnt.is_some_and(|perhaps| step <= perhaps);
                assert!(perhaps, "{}: {said:?} for the fresh code of step {step}", self.who());
                self.codes.judged(&Ok(said), "totp.wrong", Limits::default().second_step.free, &self.member.user_id);
                self.burnt = self.burnt.max(Some(step));
            }
            Err(Cut) => self.perhaps_accepted(step),
        }
        if self.perhaps_burnt <= self.burnt {
            self.perhaps_burnt = None;
        }
        if is_answered { Ok(()) } else { Err(Cut) }
    }

    pub(super) fn accepted(&mut self, step: u64) {
        self.burnt = self.burnt.max(Some(step));
        self.codes.none();
        self.passwords.none();
    }

    fn perhaps_accepted(&mut self, step: u64) {
        self.perhaps_burnt = Some(step);
        self.codes.perhaps_none();
        self.passwords.perhaps_none();
    }

    /// The same fresh code in two browsers at the same time: one of them is let in at most.
    fn log_in_twice_with_one_code(&mut self, wire: &mut Wire) -> Result<(), Cut> {
        let Some(step) = self.fresh_step(wire) else { return Ok(()) };
        let mut seats = [self.log_in(wire)?, self.log_in(wire)?];
        let with = typed(&[("code", &self.app().at_step(step))]);
        let [one, other] = &mut seats;
        let said = wire.post_both(&mut one.browser, &mut other.browser, &with);
        let accepted = said.iter().filter(|said| matches!(said, Ok(Said::Accepted(_)))).count();
        assert!(accepted <= 1, "{}: the code of step {step} was accepted in two browsers", self.who());
        let is_cut = said.iter().any(Result::is_err);
        assert!(accepted == 1 || is_cut, "{}: {said:?} for the fresh code of step {step}", self.who());
        if accepted == 1 {
            self.accepted(step);
        } else if is_cut {
            self.perhaps_accepted(step);
        }
        for (seat, said) in seats.into_iter().zip(said) {
            match said {
                Ok(Said::Accepted(shows)) => self.keep(Seat { shows, ..seat }),
                // The other one was being judged; this one was neither judged nor counted.
                Ok(Said::Refused(refusal)) if refusal == "guard.try-again" => self.keep(seat),
                Ok(Said::Refused(refusal)) => {
                    assert_eq!(refusal, "totp.wrong", "{}", self.member.user_id);
                    if accepted == 1 {
                        self.codes.one_more();
                    } else {
                        self.codes.perhaps_one_more();
                    }
                    self.keep(seat);
                }
                Err(Cut) => self.codes.perhaps_one_more(),
            }
        }
        if is_cut { Err(Cut) } else { Ok(()) }
    }

    /// Ends a full session.
    fn log_out(&mut self, wire: &mut Wire) -> Result<(), Cut> {
        let Some(place) = self.seats.iter().position(|seat| seat.shows == "portal") else { return Ok(()) };
        let cookie = self.seats[place].browser.jar().value(jar::SESSION).map(str::to_owned);
        let seat = &mut self.seats[place];
        wire.open(&mut seat.browser, "/")?;
        wire.follow(&mut seat.browser, "/logout")?;
        let said = wire.post(&mut seat.browser, Some("/logout"), &typed(&[]));
        // Answered or not: nobody is sure of this session any more.
        self.seats.remove(place);
        assert_eq!(said?, Said::Accepted("login".to_owned()), "{}", self.member.user_id);
        self.ended.extend(cookie);
        Ok(())
    }

    /// A wrong password, in a new browser. Whether it was judged.
    pub(super) fn wrong_password(&mut self, wire: &mut Wire) -> Result<bool, Cut> {
        let (id, wrong) = (self.member.user_id.clone(), format!("{}x", self.member.password));
        let mut browser = Browser::default();
        wire.open(&mut browser, "/login")?;
        let said = wire.post(&mut browser, None, &typed(&[("user_id", &id), ("password", &wrong)]));
        self.passwords.judged(&said, "login.wrong", Limits::default().password.free, &id);
        Ok(said? == Said::Refused("login.wrong".to_owned()))
    }

    /// A wrong code. Whether it was judged.
    pub(super) fn wrong_code(&mut self, wire: &mut Wire, seat: &mut Seat) -> Result<bool, Cut> {
        let now = TotpApp::step(wire.now(), 0);
        let near: Vec<String> = (now - 3..=now + 3).map(|step| self.app().at_step(step)).collect();
        let wrong = (0..).map(|number| format!("{number:06}")).find(|code| !near.contains(code)).expect("one of seven and one");
        let said = wire.post(&mut seat.browser, None, &typed(&[("code", &wrong)]));
        self.codes.judged(&said, "totp.wrong", Limits::default().second_step.free, &self.member.user_id);
        Ok(said? == Said::Refused("totp.wrong".to_owned()))
    }

    /// Presses the link in the letter, if it has come.
    pub(super) fn press_link(&mut self, wire: &mut Wire) -> Result<(), Cut> {
        let Some(link) = wire.link(&self.member.registered.mail) else { return Ok(()) };
        let mut browser = Browser::default();
        wire.open_from_mail(&mut browser, &link)?;
        let said = wire.post(&mut browser, Some("/link/email"), &typed(&[]));
        match &said {
            Ok(Said::Accepted(_)) => {
                assert!(self.link != Link::Pressed, "{}: the link served twice", self.who());
                self.link = Link::Pressed;
            }
            Ok(Said::Refused(refusal)) => {
                assert!(*refusal == "link.dead" && self.link != Link::Unpressed, "{}: {refusal} for a fresh link", self.who());
                self.link = Link::Pressed;
            }
            Err(Cut) if self.link == Link::Unpressed => self.link = Link::Perhaps,
            Err(Cut) => {}
        }
        said.map(drop)
    }

    pub(super) fn app(&self) -> &TotpApp {
        self.member.apps.get(USUAL_DEVICE).expect("an app with a key")
    }

    /// A time step whose code the server takes for half a minute from now, and that has not been typed: the present one or the next.
    pub(super) fn fresh_step(&self, wire: &Wire) -> Option<u64> {
        let now = TotpApp::step(wire.now(), 0);
        fresh(self.app(), now, self.burnt.max(self.perhaps_burnt))
    }
}

/// The present step or the next one, if it is later than `used` and its digits belong to no step near it.
pub(super) fn fresh(app: &TotpApp, now: u64, used: Option<u64>) -> Option<u64> {
    let near = |step: u64| (now - 2..=now + 3).filter(move |other| *other != step);
    let alone = |step: &u64| near(*step).all(|other| app.at_step(other) != app.at_step(*step));
    [now, now + 1].into_iter().filter(|step| used.is_none_or(|used| *step > used)).find(alone)
}
