//! The first log-in and the set-up, one form at a time.

use crate::actor::{Actor, Link, Seat, fresh};
use crate::wire::{Cut, Said, Typed, Wire, typed};
use sekisho_harness::browser::jar;
use sekisho_harness::flow::USUAL_DEVICE;
use sekisho_harness::world::totp_app::TotpApp;

/// The pages whose forms leave a durable fact, in the society's order. After the last one a member is set up.
pub const DURABLE: [&str; 5] = ["terms", "method", "new-password", "email", "setup-totp"];

/// How many of the facts there are once the user ID, the password, the address are the member's own.
const HAS_USER_ID: usize = 2;
const HAS_PASSWORD: usize = 3;
pub const HAS_ADDRESS: usize = 4;

/// The pages of a first log-in, in order.
const FIRST_LOGIN: [&str; 6] = ["birth-date", "terms", "method", "new-password", "email", "first-login-complete"];

/// The page that comes after this one in a first log-in.
pub fn after(page: &str) -> Option<&'static str> {
    let place = FIRST_LOGIN.iter().position(|have| *have == page)?;
    FIRST_LOGIN.get(place + 1).copied()
}

impl Actor {
    /// Whether first log-in and set-up are done.
    pub fn is_set_up(&self) -> bool {
        self.reached == DURABLE.len()
    }

    /// Whether the first log-in is done.
    pub fn has_finished(&self) -> bool {
        self.reached >= HAS_ADDRESS
    }

    /// The next form on the way to the portal.
    pub fn walk(&mut self, wire: &mut Wire) -> Result<(), Cut> {
        let Some(mut seat) = self.seats.pop() else {
            let seat = self.log_in(wire)?;
            self.keep(seat);
            return Ok(());
        };
        if seat.shows == "setup-totp" {
            return self.set_up(wire, seat);
        }
        let (form, with) = self.form(&seat.shows);
        let cookie = seat.browser.jar().value(jar::SESSION).map(str::to_owned);
        let rises = seat.shows == "new-password";
        let ends = seat.shows == "first-login-complete";
        match wire.post(&mut seat.browser, form, &with) {
            Ok(Said::Accepted(next)) => {
                if let Some(place) = DURABLE.iter().position(|page| *page == seat.shows) {
                    self.reach(place + 1);
                }
                self.ended.extend(cookie.filter(|_| rises || ends));
                if !ends {
                    self.keep(Seat { shows: next, ..seat });
                }
                Ok(())
            }
            Ok(Said::Refused(refusal)) => panic!("{}: {refusal} at {}", self.who(), seat.shows),
            Err(Cut) => {
                self.cut_at = Some(seat.shows.clone());
                if !rises && !ends {
                    self.keep(Seat { perhaps_further: true, ..seat });
                }
                Err(Cut)
            }
        }
    }

    /// Sets the app up: the key as text, and the first code.
    fn set_up(&mut self, wire: &mut Wire, mut seat: Seat) -> Result<(), Cut> {
        if let Err(Cut) = wire.follow(&mut seat.browser, "/setup-totp/key") {
            self.keep(seat);
            return Err(Cut);
        }
        let key = seat.browser.page().expect("the page with the key").key.clone().expect("a key");
        let app = TotpApp::typed(&key).expect("base32");
        let step = fresh(&app, TotpApp::step(wire.now(), 0), None).expect("one of two codes is like no other");
        let cookie = seat.browser.jar().value(jar::SESSION).map(str::to_owned);
        let with = typed(&[("code", &app.at_step(step)), ("device", "スマートフォン")]);
        match wire.post(&mut seat.browser, None, &with) {
            Ok(Said::Accepted(shows)) => {
                self.has_set_up(app, step);
                self.ended.extend(cookie);
                self.keep(Seat { shows, ..seat });
                Ok(())
            }
            Ok(Said::Refused(refusal)) => panic!("{}: {refusal} for the first code", self.who()),
            Err(Cut) => {
                self.cut_at = Some(seat.shows);
                self.perhaps_set_up = Some((app, step));
                Err(Cut)
            }
        }
    }

    pub fn has_set_up(&mut self, app: TotpApp, step: u64) {
        self.member.apps.insert(USUAL_DEVICE.to_owned(), app);
        self.accepted(step);
        self.told_of_set_up = self.link == Link::Pressed;
        self.reached = DURABLE.len();
    }

    /// `facts` of [`DURABLE`] are there: what counts for the member from now on.
    pub fn reach(&mut self, facts: usize) {
        self.reached = facts;
        if facts >= HAS_USER_ID {
            self.member.user_id.clone_from(&self.member.chosen_id);
        }
        if facts >= HAS_PASSWORD {
            self.member.password.clone_from(&self.member.chosen_password);
        }
        if facts == HAS_ADDRESS {
            // The first log-in is finished with it, and that forgives.
            self.passwords.none();
        }
    }

    /// The letters that answers have promised: to which address, and how many.
    pub fn letters(&self) -> Option<(&str, usize)> {
        (self.reached >= HAS_ADDRESS).then_some((self.member.registered.mail.as_str(), 1 + usize::from(self.told_of_set_up)))
    }

    /// What the member sends from this page.
    pub fn form(&self, page: &str) -> (Option<&'static str>, Typed) {
        let member = &self.member;
        let birth = member.registered.birth;
        let (year, month, day) = (birth.year.to_string(), birth.month.to_string(), birth.day.to_string());
        match page {
            "birth-date" => (None, typed(&[("era", "common"), ("year", &year), ("month", &month), ("day", &day)])),
            "terms" => (None, typed(&[("action", "accept")])),
            "method" => (None, typed(&[("method", "totp"), ("user_id", &member.chosen_id)])),
            "new-password" => (None, typed(&[("password", &member.chosen_password), ("again", &member.chosen_password)])),
            "email" => (None, typed(&[("email", &member.registered.mail)])),
            "first-login-complete" => (Some("/logout"), typed(&[])),
            other => panic!("{}: the page {other} is not on the way", self.who()),
        }
    }
}
