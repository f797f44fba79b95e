//! A few of each attack through everything there is: pages, rules, database and token, on a clock that only the attack moves.

pub mod crowd;
pub mod relative;
pub mod strangers;
pub mod telling;

use super::{Bound, Ground, Measure};
use crate::catalogue::ProfileId;
use crate::drivers::in_process::{Appliance, InProcess};
use crate::drivers::{Driver as _, DriverError};
use crate::flow::{AddressOnFile, FirstPassword, Given};
use crate::sim::watch::Watches;
use crate::world::entropy::Dice;
use crate::world::visitor::Visitor;
use sekisho_core::source::Source;
use sekisho_core::tenant::{Limits, Preset, TenantPolicy};
use std::collections::BTreeMap;
use std::time::Duration;

/// The society that is attacked: its members wait for a letter before they choose a method.
const PROFILE: &str = "a";

/// One whose members may choose an ID.
const WITH_IDS: &str = "c";

/// The profiles that these attacks need keys for.
pub(super) const PROFILES: [&str; 2] = [PROFILE, WITH_IDS];

/// A password that nobody has, of the length of the chosen ones.
pub const WRONG: &str = "wrongwrongwrongwrong-A1";

/// The `place`th source: a network of its own, so that nothing but the ID is common to two of them.
fn source(place: u16) -> Source {
    let [high, low] = place.to_be_bytes();
    Source::of([10, high, low, 1].into())
}

/// One society, who attacks it, and who watches.
struct Door {
    appliance: Appliance,
    watches: Watches,
    profile: &'static str,
    seed: u64,
}

impl Door {
    /// The society of `profile`, as its policy stands.
    fn new(ground: &Ground, profile: &'static str) -> Result<Self, DriverError> {
        Self::with(ground, profile, |_| {})
    }

    /// The same under another preset.
    fn under(ground: &Ground, profile: &'static str, preset: Preset) -> Result<Self, DriverError> {
        Self::with(ground, profile, |policy| policy.preset = preset)
    }

    fn with(ground: &Ground, profile: &'static str, change: impl FnOnce(&mut TenantPolicy)) -> Result<Self, DriverError> {
        let policy = ground.vectors.profiles.get(profile);
        let mut policy = policy.cloned().ok_or_else(|| DriverError::NotSetUp(format!("the vectors have no profile {profile}")))?;
        change(&mut policy);
        let watches = Watches::default();
        let around = watches.clone();
        let policies: BTreeMap<ProfileId, TenantPolicy> = [(profile.to_owned(), policy)].into();
        let appliance = Appliance::at(ground.premises()?, &policies, ground.seed, move |world| around.around(world))?;
        Ok(Self { appliance, watches, profile, seed: ground.seed })
    }

    fn driver(&self) -> Result<InProcess<'_>, DriverError> {
        self.appliance.driver(self.profile)
    }

    fn limits(&self) -> Result<Limits, DriverError> {
        Ok(self.appliance.society(self.profile)?.policy().limits)
    }

    /// A member who has just got a letter with a password that nobody can work out.
    fn member(&self, name: &str) -> Result<Visitor, DriverError> {
        self.registered(name, FirstPassword::Temporary)
    }

    /// A member whose first password others can work out.
    fn by_rule(&self, name: &str) -> Result<Visitor, DriverError> {
        self.registered(name, FirstPassword::Rule)
    }

    fn registered(&self, name: &str, first_password: FirstPassword) -> Result<Visitor, DriverError> {
        let given = Given { member: name.to_owned(), first_password, address: AddressOnFile::None };
        Visitor::registered(&mut self.driver()?, &given, &mut Dice::new(self.seed, name))
    }

    /// A member who has walked up to the page `until`.
    fn member_at(&self, name: &str, until: &str) -> Result<Visitor, DriverError> {
        let mut member = self.member(name)?;
        if member.walk(&mut self.driver()?, until)? {
            return Ok(member);
        }
        Err(DriverError::Internal(format!("a member does not get to {until}, but to {:?}", member.seen()?)))
    }

    /// A member whose browser is known, logged out.
    fn known(&self, name: &str) -> Result<Visitor, DriverError> {
        let mut member = self.member_at(name, "portal")?;
        member.log_out(&mut self.driver()?)?;
        Ok(member)
    }

    /// Time passes.
    fn pass(&self, seconds: u64) -> Result<(), DriverError> {
        let mut driver = self.driver()?;
        let until = driver.now().after(Duration::from_secs(seconds));
        driver.wait_until(until)
    }

    /// How many hashes were made since this was last asked: one for each password that was judged, of members and of nobody alike.
    fn hashes(&self) -> usize {
        let [_, _, hashes] = self.watches.take_calls();
        hashes.len()
    }
}

/// What several measures have in common.
struct About {
    attack: &'static str,
    knows: &'static str,
    rows: &'static [&'static str],
}

impl About {
    fn measure(&self, id: impl Into<String>, counts: &'static str, bound: Bound, measured: usize, note: impl Into<String>) -> Measure {
        let Self { attack, knows, rows } = *self;
        Measure { id: id.into(), attack, knows, counts, bound, measured: measured as f64, note: note.into(), rows }
    }
}

fn exactly(number: usize, why: impl Into<String>) -> Bound {
    Bound::Exactly(number as f64, why.into())
}

fn at_most(number: usize, why: impl Into<String>) -> Bound {
    Bound::AtMost(number as f64, why.into())
}

fn at_least(number: usize, why: impl Into<String>) -> Bound {
    Bound::AtLeast(number as f64, why.into())
}
