//! Facts about a member: what is sealed, what stands open, and what is counted.

use crate::birth::BirthDate;
use crate::email::EmailAddress;
use crate::guard::Counter;
use crate::id::{FactorId, Generation, ItemId, MemberId, Revision};
use crate::tenant::{Method, Preset, TenantPolicy};
use crate::time::{TimeStep, Timestamp};
use crate::user_id::UserId;
use serde::{Deserialize, Serialize};

/// A member as one request sees it.
#[derive(Clone)]
pub struct Account {
    /// Who it is.
    pub id: MemberId,
    /// Revision of the rows below; a commit from an older one is a conflict.
    pub revision: Revision,
    /// The sealed record of what the member proves with.
    pub credentials: Credentials,
    /// What stands open beside it.
    pub open: OpenFacts,
    /// Failures so far.
    pub counters: Counters,
}

impl Account {
    /// Nobody: the shape of an account where there is none to speak of. Nothing fits it.
    pub fn nobody() -> Self {
        let credentials = Credentials {
            password: Verifier::None,
            generation: Generation(0),
            email: None,
            pending_email: None,
            method: None,
            factors: Vec::new(),
        };
        Self { id: MemberId([0; 16]), revision: Revision(0), credentials, open: OpenFacts::NEW, counters: Counters::default() }
    }
}

/// Sealed: everything a member proves with, each with its status, so that no row can be swapped, revived or promoted.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    /// The password that counts.
    pub password: Verifier,
    /// The last generation given out; the next password or factor takes the one after it.
    pub generation: Generation,
    /// The address mail goes to, if any.
    pub email: Option<Email>,
    /// An address that waits for its link.
    pub pending_email: Option<PendingEmail>,
    /// The method chosen for the second step.
    pub method: Option<Method>,
    /// Factors in use.
    pub factors: Vec<Factor>,
}

impl Credentials {
    /// The factor with this id.
    pub fn factor(&self, id: FactorId) -> Option<&Factor> {
        self.factors.iter().find(|factor| factor.id == id)
    }

    /// Takes the next generation.
    pub fn next_generation(&mut self) -> Generation {
        self.generation = Generation(self.generation.0.saturating_add(1));
        self.generation
    }
}

/// How a password is checked. Absence never means that the rule applies.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verifier {
    /// No password opens this account.
    None,
    /// The first password by rule: symbol, number and birth date. Made at import without argon2, 30 million at once;
    /// the pepper in the HSM is what protects it at rest.
    Rule {
        /// HMAC under the pepper.
        mac: [u8; 32],
        /// Which pepper.
        pepper: u32,
        /// Which issue.
        generation: Generation,
        /// Since when it counts. How long is the preset's to say, so that a stricter one holds for members imported before it.
        since: Timestamp,
    },
    /// Issued by staff or given in the import: opens the first log-in and must be changed there.
    Issued {
        /// The hash.
        hash: PasswordHash,
        /// Not accepted from here on.
        expires: Timestamp,
    },
    /// Chosen by the member.
    Chosen {
        /// The hash.
        hash: PasswordHash,
        /// Since when.
        since: Timestamp,
    },
}

impl Verifier {
    /// Which issue of the password this is.
    pub fn generation(&self) -> Option<Generation> {
        match self {
            Self::None => None,
            Self::Rule { generation, .. } => Some(*generation),
            Self::Issued { hash, .. } | Self::Chosen { hash, .. } => Some(hash.generation),
        }
    }

    /// The instant from which on it opens nothing: T0 when it never does, the last instant there is when it has no end.
    pub fn end(&self, policy: &TenantPolicy) -> Timestamp {
        const NEVER: Timestamp = Timestamp(0);
        const NO_END: Timestamp = Timestamp(u64::MAX);
        match (self, policy.preset) {
            (Self::None, _) | (Self::Rule { .. }, Preset::Hardened) => NEVER,
            (Self::Rule { since, .. }, Preset::Guarded) => since.after(policy.lifetimes.rule_password),
            // A concession of `manual` (design §11).
            (Self::Rule { .. }, Preset::Manual) | (Self::Chosen { .. }, _) => NO_END,
            (Self::Issued { expires, .. }, _) => *expires,
        }
    }

    /// Whether the member chose it.
    pub fn is_chosen(&self) -> bool {
        matches!(self, Self::Chosen { .. })
    }
}

/// HMAC(pepper, argon2id(password, salt) ‖ society secret ‖ member ‖ parameters ‖ generation) (H-04).
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordHash {
    /// Salt of the argon2id run, unique (H-10).
    pub salt: [u8; 16],
    /// Cost of the argon2id run.
    pub cost: HashCost,
    /// The HMAC.
    pub mac: [u8; 32],
    /// Which pepper.
    pub pepper: u32,
    /// Which issue of the password.
    pub generation: Generation,
}

/// Cost of argon2id (RFC 9106 §3.1), 32 bytes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HashCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

/// An address and whether its owner has shown that mail reaches them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Email {
    /// The address.
    pub address: EmailAddress,
    /// Whether a link sent to it has been opened. An unproven address serves no recovery and no mail code.
    pub proven: bool,
}

/// An address that becomes the member's when the link sent to it is opened.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingEmail {
    /// Names it in the link; a newer one kills the older link.
    pub item: ItemId,
    /// The address.
    pub address: EmailAddress,
    /// When its newest letter was asked for.
    pub since: Timestamp,
    /// How many letters have been asked for since `counted_from`.
    pub letters: u32,
    /// When the counting began; it begins anew after a day.
    pub counted_from: Timestamp,
    /// Whether the member went back to type another address. The link stays good until that is done.
    pub correcting: bool,
}

/// A factor in use.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Factor {
    /// Its number within the member.
    pub id: FactorId,
    /// Which issue it is.
    pub generation: Generation,
    /// The name its owner gave it.
    pub name: String,
    /// Since when.
    pub since: Timestamp,
    /// What it is.
    pub kind: FactorKind,
}

/// The secret or public part of a factor.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum FactorKind {
    /// A TOTP seed, wrapped under the HSM's key-encryption key.
    Totp(WrappedSeed),
}

impl FactorKind {
    /// The method it serves.
    pub fn method(&self) -> Method {
        match self {
            Self::Totp(_) => Method::Totp,
        }
    }
}

/// A TOTP seed that only the HSM can unwrap (RFC 3394), and only to a key that signs.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrappedSeed {
    /// Which key-encryption key.
    pub kek: u32,
    /// The wrapped key.
    pub blob: Vec<u8>,
}

/// Sealed: who the member is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Name as the society writes it.
    pub name: String,
    /// User ID.
    pub user_id: UserId,
    /// Birth date.
    pub birth: BirthDate,
    /// Card symbol (記号).
    pub symbol: String,
    /// Card number (番号).
    pub number: String,
    /// Branch number (枝番): tells the members of one family apart.
    pub branch: String,
}

/// Open, beside the sealed records: progress of the first log-in, consent, and what moves at every log-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenFacts {
    /// When the first log-in was finished.
    pub finished: Option<Timestamp>,
    /// The newest terms agreed to.
    pub consent: Option<Consent>,
    /// Last time step burnt, one for each TOTP factor; a code of it or of an earlier one is dead (OTP-10, OTP-11).
    pub burnt: Vec<(FactorId, TimeStep)>,
    /// When the last full log-in was.
    pub last_login: Option<Timestamp>,
    /// When the one before it was: what the portal page shows, so that a stranger's log-in is noticed.
    pub previous_login: Option<Timestamp>,
}

impl OpenFacts {
    /// Nothing done yet.
    pub const NEW: Self = Self { finished: None, consent: None, burnt: Vec::new(), last_login: None, previous_login: None };

    /// The last time step burnt for `factor`.
    pub fn last_step(&self, factor: FactorId) -> Option<TimeStep> {
        self.burnt.iter().find(|(id, _)| *id == factor).map(|(_, step)| *step)
    }

    /// Burns every step up to `step`; never goes back.
    pub fn burn(&mut self, factor: FactorId, step: TimeStep) {
        match self.burnt.iter_mut().find(|(id, _)| *id == factor) {
            Some((_, last)) => *last = (*last).max(step),
            None => self.burnt.push((factor, step)),
        }
    }
}

/// That a member agreed, to what, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// Version of the terms.
    pub version: String,
    /// SHA-256 of the text that was shown.
    pub hash: [u8; 32],
    /// When.
    pub at: Timestamp,
}

/// A member's failures so far, one counter for each thing that can be guessed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// Wrong passwords.
    pub password: Counter,
    /// Wrong birth dates.
    pub birth_date: Counter,
    /// Wrong TOTP codes.
    pub totp: Counter,
}
