//! Facts about a member: what is sealed, what stands open, and what is counted.

use crate::birth::BirthDate;
use crate::email::EmailAddress;
use crate::guard::{Budget, Counter};
use crate::id::{FactorId, Generation, ItemId, MemberId, Revision};
use crate::otp::Burnt;
use crate::passkey::{Passkey, PasskeyState};
use crate::session::Way;
use crate::tenant::{Method, Preset, TenantPolicy};
use crate::time::Timestamp;
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
        let credentials = Credentials::with(Verifier::None, None);
        Self { id: MemberId([0; 16]), revision: Revision(0), credentials, open: OpenFacts::NEW, counters: Counters::default() }
    }

    /// Whether nothing but a first password by rule has shown whose account this is, where that matters (design §7).
    pub fn is_unproven(&self, policy: &TenantPolicy) -> bool {
        policy.preset == Preset::Guarded && !self.credentials.proven
    }
}

/// Sealed: everything a member proves with, each with its status, so that no row can be swapped, revived or promoted.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    /// The password that counts.
    pub password: Verifier,
    /// The last generation given out; the next password or factor takes the one after it.
    pub generation: Generation,
    /// The oldest issue of the password whose full sessions go on: a member who changes it may leave the other devices logged in.
    pub sessions_from: Generation,
    /// The address mail goes to, if any.
    pub email: Option<Email>,
    /// An address that waits for its link.
    pub pending_email: Option<PendingEmail>,
    /// The method chosen for the second step.
    pub method: Option<Method>,
    /// Another method that waits to be set up; the present one goes only after it is.
    pub method_change: Option<MethodChange>,
    /// Factors in use.
    pub factors: Vec<Factor>,
    /// What is left of the ten recovery codes.
    pub recovery_codes: Option<RecoveryCodes>,
    /// A recovery under way, or on hold.
    pub recovery: Option<Recovery>,
    /// The code on the society's letter, if one was issued.
    pub activation: Option<Activation>,
    /// Whether more than a first password by rule has shown whose account this is: an issued password, an activation code, an address
    /// that was on file, or staff. Until then the account is *unproven* (design §7).
    pub proven: bool,
    /// When "it was not me" was last pressed. Links of letters from before are spent.
    pub frozen: Option<Timestamp>,
    /// The last recovery that has come to count: the letter that says so goes only if it did.
    pub last_recovery: Option<ItemId>,
}

impl Credentials {
    /// What the import and staff begin with.
    pub fn with(password: Verifier, email: Option<Email>) -> Self {
        Self {
            password,
            generation: password.generation().unwrap_or(Generation(0)),
            sessions_from: Generation(0),
            email,
            pending_email: None,
            method: None,
            method_change: None,
            factors: Vec::new(),
            recovery_codes: None,
            recovery: None,
            activation: None,
            proven: false,
            frozen: None,
            last_recovery: None,
        }
    }

    /// The factor with this id.
    pub fn factor(&self, id: FactorId) -> Option<&Factor> {
        self.factors.iter().find(|factor| factor.id == id)
    }

    /// Every passkey that is kept: in use, and waiting in a recovery.
    pub fn passkeys(&self) -> impl Iterator<Item = (FactorId, &Passkey)> {
        let waiting = self.recovery.iter().filter_map(|recovery| recovery.factor.as_ref());
        self.factors.iter().chain(waiting).filter_map(|factor| factor.kind.passkey().map(|passkey| (factor.id, passkey)))
    }

    /// The address, if a link sent to it was opened.
    pub fn proven_email(&self) -> Option<&Email> {
        self.email.as_ref().filter(|email| email.proven)
    }

    /// Whether codes by mail are the second step: the method, in a society that offers it, and a mailbox that was proven.
    pub fn has_mailbox(&self, policy: &TenantPolicy) -> bool {
        self.method == Some(Method::MailCode) && policy.offers_method(Method::MailCode) && self.proven_email().is_some()
    }

    /// Takes the next generation.
    pub fn next_generation(&mut self) -> Generation {
        self.generation = self.following_generation();
        self.generation
    }

    /// The generation that [`Self::next_generation`] will take.
    pub fn following_generation(&self) -> Generation {
        Generation(self.generation.0.saturating_add(1))
    }

    /// The password and factor that a recovery on hold waits with, once its member has given both.
    pub fn held(&self) -> Option<&Recovery> {
        self.recovery.as_ref().filter(|recovery| recovery.counts_from.is_some())
    }

    /// What time alone does: a hold that is over makes its pending pair count, and the old one is gone; a recovery that was left half-way
    /// for longer than `half_login` is no more. Says whether anything changed.
    pub fn settle(&mut self, now: Timestamp, half_login: core::time::Duration) -> bool {
        let Some(recovery) = &self.recovery else { return false };
        match recovery.counts_from {
            Some(from) if from <= now => self.promote(from),
            None if recovery.since.after(half_login) <= now => self.recovery = None,
            _ => return false,
        }
        true
    }

    /// Makes the pending pair of a recovery the one that counts.
    pub fn promote(&mut self, since: Timestamp) {
        let Some(recovery) = self.recovery.take() else { return };
        self.last_recovery = Some(recovery.item);
        if let Some(hash) = recovery.password {
            self.password = Verifier::Chosen { hash, since };
            self.sessions_from = hash.generation;
        }
        if let Some(factor) = recovery.factor {
            self.method = Some(factor.kind.method());
            self.method_change = None;
            // The codes were made for the factors that are gone, and may lie beside the lost device.
            self.recovery_codes = None;
            self.factors = vec![factor];
        }
    }
}

/// A method that its member has chosen and not set up yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MethodChange {
    /// Which.
    pub to: Method,
    /// Not set up before this instant: an unproven account's change is on hold.
    pub not_before: Option<Timestamp>,
}

/// A recovery: from the opened link until what was given in it counts.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recovery {
    /// Names it: the link's item.
    pub item: ItemId,
    /// When its link was opened.
    pub since: Timestamp,
    /// The new factor, confirmed, once there is one.
    pub factor: Option<Factor>,
    /// The new password; it shares salt and cost with the present one, so that one argon2id serves both.
    pub password: Option<PasswordHash>,
    /// From when on the two count; `None` while the member is still at it.
    pub counts_from: Option<Timestamp>,
}

/// Ten codes for a day without the device: 75 random bits each behind a digit that says which (N-16, N-28).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryCodes {
    /// Which issue.
    pub generation: Generation,
    /// Which pepper.
    pub pepper: u32,
    /// When they were made.
    pub since: Timestamp,
    /// HMAC under the pepper of each; `None`: used.
    pub macs: Vec<Option<[u8; 32]>>,
}

impl RecoveryCodes {
    /// How many are left.
    pub fn left(&self) -> usize {
        self.macs.iter().flatten().count()
    }
}

/// The code on the society's letter.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activation {
    /// HMAC under the pepper.
    pub mac: [u8; 32],
    /// Which pepper.
    pub pepper: u32,
    /// Which issue.
    pub generation: Generation,
    /// Not accepted from here on.
    pub expires: Timestamp,
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
            (Self::None, _) => NEVER,
            // In `hardened` it opens nothing but the page that asks for the activation code.
            (Self::Rule { since, .. }, Preset::Guarded | Preset::Hardened) => since.after(policy.lifetimes.rule_password),
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
    /// Which issue: a proof by mail code is void when the address has changed.
    pub generation: Generation,
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
    /// The link does not serve before this instant: an unproven account's change is on hold.
    pub not_before: Option<Timestamp>,
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
    /// A passkey.
    Passkey(Box<Passkey>),
}

impl FactorKind {
    /// The passkey, if it is one.
    pub fn passkey(&self) -> Option<&Passkey> {
        match self {
            Self::Passkey(passkey) => Some(passkey),
            Self::Totp(_) => None,
        }
    }

    /// The method it serves.
    pub fn method(&self) -> Method {
        match self {
            Self::Totp(_) => Method::Totp,
            Self::Passkey(_) => Method::Passkey,
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
    /// What the last right code left behind, one for each TOTP factor.
    pub burnt: Vec<Burnt>,
    /// Counter and backup state, one for each passkey.
    pub passkeys: Vec<PasskeyState>,
    /// When each factor was last used.
    pub used: Vec<(FactorId, Timestamp)>,
    /// The newest full log-ins, newest first, at most [`OpenFacts::LOGINS`].
    pub logins: Vec<LoginRecord>,
    /// Staff have closed the account until they open it again.
    pub disabled: bool,
    /// When the member was last told of a log-in by a browser that was not known.
    pub new_browser_told: Option<Timestamp>,
}

/// One full log-in, for the member's own page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginRecord {
    /// When.
    pub at: Timestamp,
    /// With which second step.
    pub way: Way,
}

impl OpenFacts {
    /// How many log-ins the member's own page tells of.
    pub const LOGINS: usize = 5;

    /// Nothing done yet.
    pub const NEW: Self = Self {
        finished: None,
        consent: None,
        burnt: Vec::new(),
        passkeys: Vec::new(),
        used: Vec::new(),
        logins: Vec::new(),
        disabled: false,
        new_browser_told: None,
    };

    /// What the last right code of `factor` left behind.
    pub fn last_code(&self, factor: FactorId) -> Option<&Burnt> {
        self.burnt.iter().find(|burnt| burnt.factor == factor)
    }

    /// Burns every step up to that of `burnt`; never goes back.
    pub fn burn(&mut self, burnt: Burnt) {
        match self.burnt.iter_mut().find(|last| last.factor == burnt.factor) {
            Some(last) => *last = Burnt { step: last.step.max(burnt.step), ..burnt },
            None => self.burnt.push(burnt),
        }
    }

    /// When `factor` was last used.
    pub fn last_use(&self, factor: FactorId) -> Option<Timestamp> {
        self.used.iter().find(|(id, _)| *id == factor).map(|(_, at)| *at)
    }

    /// `factor` was used at `now`.
    pub fn touch(&mut self, factor: FactorId, now: Timestamp) {
        self.used.retain(|(id, _)| *id != factor);
        self.used.push((factor, now));
    }

    /// The counter and backup state of the passkey `factor`.
    pub fn passkey(&self, factor: FactorId) -> Option<PasskeyState> {
        self.passkeys.iter().copied().find(|state| state.factor == factor)
    }

    /// Keeps the counter and backup state of a passkey.
    pub fn keep_passkey(&mut self, state: PasskeyState) {
        self.passkeys.retain(|other| other.factor != state.factor);
        self.passkeys.push(state);
    }

    /// Writes a full log-in down.
    pub fn logged_in(&mut self, record: LoginRecord) {
        self.logins.insert(0, record);
        self.logins.truncate(Self::LOGINS);
    }

    /// Forgets what was kept of factors that are no more.
    pub fn forget_all_but(&mut self, factors: impl Fn(FactorId) -> bool) {
        self.burnt.retain(|burnt| factors(burnt.factor));
        self.used.retain(|(id, _)| factors(*id));
        self.passkeys.retain(|state| factors(state.factor));
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

/// A member's failures so far, one counter for each thing that can be guessed, and the letters asked for. IDs that are nobody's have
/// the same, in slots.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// Wrong passwords in the lane by which a try comes. Kept in that lane, and not here: see [`crate::lane`].
    #[serde(skip)]
    pub password: Counter,
    /// Wrong passwords of strangers at the try's source. Kept likewise.
    #[serde(skip)]
    pub share: Counter,
    /// Moves when the strangers' lane begins anew: after a success in it.
    pub strangers: u32,
    /// Moves when every lane begins anew: with another password, or by staff.
    pub lanes: u32,
    /// Browsers in which the member last logged in before this instant are known no more, in seconds since T0.
    pub known_from: u64,
    /// Wrong birth dates.
    pub birth_date: Counter,
    /// Wrong activation codes.
    pub activation: Counter,
    /// Wrong TOTP codes, passkeys and recovery codes, all together.
    pub second_step: Counter,
    /// Wrong codes by mail.
    pub mail_code: Counter,
    /// Reset links and reminders asked for.
    pub recovery: Budget,
    /// Codes by mail asked for.
    pub mail_codes: Budget,
    /// User IDs tried out.
    pub user_ids: Budget,
    /// The newest reset link, until it is used. Older ones are dead.
    pub reset: Option<ItemId>,
    /// Wrong second steps since the last right one, unlocks included: at [`crate::tenant::Limits::rebind_at`] the factor has to be bound
    /// anew and the password changed (SP 800-63B-4 §3.2.2).
    pub since_success: u32,
}
