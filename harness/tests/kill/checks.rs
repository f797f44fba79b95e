//! After the restart: every answer holds, and what was under way has happened wholly or not at all.

use crate::actor::{Actor, Link, Seat};
use crate::journey::{DURABLE, after};
use crate::wire::{Cut, Said, Wire, typed};
use sekisho_core::tenant::Limits;
use sekisho_harness::browser::Browser;
use sekisho_harness::world::totp_app::TotpApp;

/// Ended sessions that are looked at again after the next crash.
const ENDED_KEPT: usize = 3;

impl Actor {
    /// Looks at everything that was answered. Who `leaves` does so locked out.
    pub fn check(&mut self, wire: &mut Wire, leaves: bool) -> Result<(), Cut> {
        if self.guesses_only {
            while self.wrong_password(wire)? {}
            return Ok(());
        }
        self.check_sessions(wire)?;
        let mut seat = self.check_journey(wire)?;
        if self.is_set_up() && leaves {
            while self.wrong_code(wire, &mut seat)? {}
        } else if self.is_set_up() {
            self.check_codes(wire, seat)?;
        } else if self.seats.is_empty() {
            self.keep(seat);
        }
        self.check_old_credentials(wire)?;
        if self.link != Link::Unpressed {
            self.press_link(wire)?;
        }
        Ok(())
    }

    /// Sessions that were given are there, sessions that were ended are not.
    fn check_sessions(&mut self, wire: &mut Wire) -> Result<(), Cut> {
        let mut seats = std::mem::take(&mut self.seats);
        for seat in &mut seats {
            wire.open(&mut seat.browser, "/")?;
            let shows = seat.browser.page().expect("a page").step.clone().unwrap_or_default();
            let further = after(&seat.shows).filter(|_| seat.perhaps_further);
            assert!(
                shows == seat.shows || further == Some(shows.as_str()),
                "{}: a session that was answered with {} leads to {shows}",
                self.who(),
                seat.shows
            );
            (seat.shows, seat.perhaps_further) = (shows, false);
        }
        self.seats = seats;
        for cookie in &self.ended {
            assert!(!wire.is_live(cookie)?, "{}: a session that was ended lives", self.who());
        }
        self.ended.drain(..self.ended.len().saturating_sub(ENDED_KEPT));
        Ok(())
    }

    /// Logs in anew, and looks how far the member is: as far as was answered, or further by the form that was under way.
    fn check_journey(&mut self, wire: &mut Wire) -> Result<Seat, Cut> {
        let cut_at = self.cut_at.take();
        let next = DURABLE.get(self.reached).filter(|next| cut_at.as_deref() == Some(**next));
        let mut seat = self.log_in_with_what_counts(wire, next.copied())?;
        if seat.shows == "birth-date" {
            let (form, with) = self.form("birth-date");
            match wire.post(&mut seat.browser, form, &with)? {
                Said::Accepted(shows) => seat.shows = shows,
                Said::Refused(refusal) => panic!("{}: {refusal} for the birth date", self.who()),
            }
        }
        let found = DURABLE.iter().position(|page| *page == seat.shows);
        let found = found.or((seat.shows == "login-totp").then_some(DURABLE.len()));
        let found = found.unwrap_or_else(|| panic!("{}: the way goes on at {}", self.who(), seat.shows));
        assert!(
            found == self.reached || (next.is_some() && found == self.reached + 1),
            "{}: {} facts were answered, and the way goes on at {}; under way was {next:?}",
            self.who(),
            self.reached,
            seat.shows
        );
        let set_up = self.perhaps_set_up.take();
        match set_up {
            _ if found == self.reached => {}
            Some((app, step)) => self.has_set_up(app, step),
            None => self.reach(found),
        }
        Ok(seat)
    }

    /// Logs in. If the form of `under_way` may have changed user ID or password, what was before may count as well.
    fn log_in_with_what_counts(&mut self, wire: &mut Wire, under_way: Option<&str>) -> Result<Seat, Cut> {
        let member = &self.member;
        let changed = match under_way {
            Some("method") => (member.chosen_id.clone(), member.password.clone()),
            Some("new-password") => (member.user_id.clone(), member.chosen_password.clone()),
            _ => return self.log_in(wire),
        };
        match self.try_password(wire, &changed.0, &changed.1)? {
            (browser, Said::Accepted(shows)) => Ok(Seat { browser, shows, perhaps_further: false }),
            (_, Said::Refused(refusal)) => {
                assert_eq!(refusal, "login.wrong", "{}", self.who());
                if changed.0 == self.member.user_id {
                    self.passwords.one_more();
                }
                self.log_in(wire)
            }
        }
    }

    fn try_password(&self, wire: &mut Wire, id: &str, password: &str) -> Result<(Browser, Said), Cut> {
        let mut browser = Browser::default();
        wire.open(&mut browser, "/login")?;
        let said = wire.post(&mut browser, None, &typed(&[("user_id", id), ("password", password)]))?;
        Ok((browser, said))
    }

    /// What counted before the first log-in opens nothing once something else does.
    fn check_old_credentials(&mut self, wire: &mut Wire) -> Result<(), Cut> {
        let of = &self.member.registered;
        let (old_id, old_password) = (of.user_id.clone(), of.first_password.clone());
        let (id, password) = (self.member.user_id.clone(), self.member.password.clone());
        if self.old_tried || password == old_password {
            return Ok(());
        }
        self.old_tried = true;
        let (_, said) = self.try_password(wire, &id, &old_password)?;
        assert_eq!(said, Said::Refused("login.wrong".to_owned()), "{id}: the first password");
        self.passwords.one_more();
        let (_, said) = self.try_password(wire, &old_id, &password)?;
        assert!(matches!(said, Said::Refused(_)), "{old_id}: the first user ID");
        Ok(())
    }

    /// A code that was accepted is not accepted again; one that was under way is accepted once at most. A fresh one is.
    fn check_codes(&mut self, wire: &mut Wire, mut seat: Seat) -> Result<(), Cut> {
        if let Some(step) = self.perhaps_burnt {
            self.code(wire, &mut seat, step)?;
            seat = self.log_in(wire)?;
            self.code(wire, &mut seat, step)?;
        }
        if let Some(step) = self.burnt.filter(|_| self.codes.are_below(Limits::default().second_step.free - 1)) {
            self.code(wire, &mut seat, step)?;
            let is_good = TotpApp::step(wire.now(), 0).saturating_sub(1) <= step;
            self.tried_again += u32::from(is_good);
        }
        if let Some(step) = self.fresh_step(wire) {
            self.code(wire, &mut seat, step)?;
        }
        self.keep(seat);
        Ok(())
    }
}
