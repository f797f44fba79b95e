//! What one browser has proved, and when.

use crate::account::{Account, Factor};
use crate::id::{FactorId, Generation, ItemId, MemberId, Revision};
use crate::tenant::{Lifetimes, Method};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A session's row. The cookie that finds it is not in it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Whose it is.
    pub member: MemberId,
    /// Moves with every change; a change made from an older one is a conflict.
    pub revision: Revision,
    /// When it began.
    pub began: Timestamp,
    /// When its last form was accepted.
    pub touched: Timestamp,
    /// The password proof.
    pub password: Proof,
    /// When the birth date was given rightly in this session.
    pub birth_date: Option<Timestamp>,
    /// Wrong birth dates so far.
    pub birth_failures: u32,
    /// The factor's proof. With it the session is a full one.
    pub factor: Option<Proof>,
    /// Whether it began as a first log-in: such a session ends at "complete, log out" and never reaches the portal.
    pub first_login: bool,
    /// A TOTP seed that waits for its first code.
    pub pending_seed: Option<PendingSeed>,
}

/// That one credential of one member was proved. Only [`crate::decide`] makes one; it is void when the credential has moved on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    member: MemberId,
    credential: Credential,
    generation: Generation,
    at: Timestamp,
}

/// Which credential a proof speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Credential {
    /// The password.
    Password,
    /// A factor.
    Factor(FactorId),
}

impl Proof {
    /// Not public: outside `decide` nothing is proved.
    pub(crate) fn new(member: MemberId, credential: Credential, generation: Generation, at: Timestamp) -> Self {
        Self { member, credential, generation, at }
    }

    /// When it was given.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// Whether it still speaks of `account`'s present credential.
    pub fn holds_for(&self, account: &Account) -> bool {
        let present = match self.credential {
            Credential::Password => account.credentials.password.generation(),
            Credential::Factor(id) => account.credentials.factor(id).map(|factor| factor.generation),
        };
        self.member == account.id && present == Some(self.generation)
    }
}

/// A TOTP seed between the page that shows it and the code that confirms it. Sealed; dies with the session.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingSeed {
    /// Names it in its seal.
    pub item: ItemId,
    /// The sealed seed.
    pub sealed: Vec<u8>,
    /// When it was made.
    pub since: Timestamp,
}

/// Whether a session may go on at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Liveness {
    /// It may.
    Live,
    /// It was left for too long, or lasted too long.
    TimedOut,
}

impl Session {
    /// Whether it may go on at `now`. `seen` is when its browser was last heard of.
    pub fn liveness(&self, seen: Timestamp, lifetimes: &Lifetimes, now: Timestamp) -> Liveness {
        let end = match self.factor {
            Some(_) => seen.max(self.touched).after(lifetimes.session_idle).min(self.began.after(lifetimes.session)),
            None => self.touched.after(lifetimes.half_login),
        };
        if now < end { Liveness::Live } else { Liveness::TimedOut }
    }

    /// The pending seed, if it may still be confirmed.
    pub fn live_seed(&self, lifetimes: &Lifetimes, now: Timestamp) -> Option<&PendingSeed> {
        self.pending_seed.as_ref().filter(|seed| now < seed.since.after(lifetimes.setup))
    }
}

/// The factor that `account` proves its second step with, if it has set one up.
pub fn factor_in_use(account: &Account) -> Option<&Factor> {
    let method = account.credentials.method.unwrap_or(Method::Totp);
    account.credentials.factors.iter().find(|factor| factor.kind.method() == method)
}
