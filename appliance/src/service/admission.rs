//! Whether a source may ask for a hash or a letter at all (G-07, G-11): asked before anything is hashed or counted. Nothing of a source
//! is kept but numbers that it shares with others.

use super::{Answer, Browser, CookieChange, Service, page};
use crate::ports::{Fault, World};
use crate::society::Society;
use ring::hmac;
use sekisho_core::alarm::Alarm;
use sekisho_core::bucket::{Admission, Buckets, Place, Weight, Whose};
use sekisho_core::command::Command;
use sekisho_core::refusal::Refusal;
use sekisho_core::shown::Shown;
use sekisho_core::source::{Networks, Prefix, Source};
use sekisho_core::time::Timestamp;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// The budgets of all sources.
#[derive(Default)]
pub(super) struct Sources {
    admission: Admission,
    /// Networks behind whose one address many members sit.
    pub(super) companies: Networks,
    /// Random for each process: nobody outside can choose who falls on whose cells.
    key: OnceLock<hmac::Key>,
    buckets: Mutex<Buckets>,
}

impl Sources {
    /// Draws on the budgets of `source`; how long it has to wait, if it has to.
    fn ask(&self, world: &World, source: Source, weight: Weight) -> Result<Option<Duration>, Fault> {
        let key = self.key(world)?;
        let whose = match self.companies.of(source) {
            Some(network) => Whose::Company(place(key, network)),
            None => Whose::Own { narrow: place(key, source.narrow()), wide: place(key, source.wide()) },
        };
        // Each cell is written whole, so there is no half-done state.
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(buckets.take(&self.admission, whose, weight, world.clock.passed()).err())
    }

    fn key(&self, world: &World) -> Result<&hmac::Key, Fault> {
        if let Some(key) = self.key.get() {
            return Ok(key);
        }
        let bytes = world.entropy.bytes::<32>()?;
        Ok(self.key.get_or_init(|| hmac::Key::new(hmac::HMAC_SHA256, &bytes)))
    }
}

fn place(key: &hmac::Key, prefix: Prefix) -> Place {
    match hmac::sign(key, &prefix.encode()).as_ref() {
        [a, b, c, d, ..] => [u16::from_be_bytes([*a, *b]), u16::from_be_bytes([*c, *d])],
        _ => Place::default(),
    }
}

impl Service {
    /// With more room for these networks: companies, whose members all come from one address.
    #[must_use]
    pub fn with_companies(mut self, companies: Networks) -> Self {
        self.sources.companies = companies;
        self
    }

    /// The page of a stranger whose source has spent its budget. The same whatever was typed: nothing was looked at.
    pub(super) fn turned_away(&self, society: &Society, browser: &Browser, command: &Command) -> Result<Option<Answer>, Fault> {
        let Some(weight) = command.weight() else { return Ok(None) };
        let now = self.world.now(&society.name)?;
        if self.is_known(society, browser, command, now)? {
            return Ok(None);
        }
        let Some(wait) = self.sources.ask(&self.world, browser.source, weight)? else { return Ok(None) };
        self.world.alarm(Alarm::SourceFlooding, &society.name);
        let until = Timestamp(now.0.saturating_add(wait.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX)));
        Ok(Some(page(CookieChange::Keep, Shown::Held, Some(Refusal::Crowded(until)), None)))
    }

    /// Whether the member whom the form is about has logged in with this browser: then no neighbour stops it.
    fn is_known(&self, society: &Society, browser: &Browser, command: &Command, now: Timestamp) -> Result<bool, Fault> {
        let Some(cookie) = &browser.known else { return Ok(false) };
        // A cookie of nobody's making looks nothing up.
        let Some((_, known)) = self.world.store.browser(&society.name, cookie.key())? else { return Ok(false) };
        let rows = self.load_for(society, browser, command, now)?.rows;
        let lifetime = society.policy().lifetimes.browser;
        Ok(rows.is_some_and(|rows| known.lane(rows.id, &rows.counters, lifetime, now).is_some()))
    }
}
