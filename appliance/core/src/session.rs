//! What one browser has proved, and when.

use crate::account::{Account, Factor, Recovery};
use crate::id::{FactorId, Generation, ItemId, MemberId, Revision};
use crate::passkey::Challenge;
use crate::step::Goal;
use crate::tenant::{Lifetimes, Method, TenantPolicy};
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
    /// What the member is here to do. Pages that only show something lead to [`Goal::Portal`] whatever stands here.
    pub goal: Goal,
    /// The reset link that this session came by.
    pub link: Option<ItemId>,
    /// The password proof. Only a recovery goes without, until the new one is set.
    pub password: Option<Proof>,
    /// When the birth date was given rightly in this session.
    pub birth_date: Option<Timestamp>,
    /// Wrong birth dates so far.
    pub birth_failures: u32,
    /// The second step's proof. With it and the password's the session is a full one.
    pub factor: Option<Proof>,
    /// Whether it began as a first log-in: such a session ends at "complete, log out" and never reaches the portal.
    pub first_login: bool,
    /// The second step that the member has chosen in place of the one that was asked for.
    pub way: Option<Way>,
    /// In a recovery: whether the member has said that nothing held is left, and sets the second step up anew.
    pub anew: bool,
    /// A TOTP seed that waits for its first code.
    pub pending_seed: Option<PendingSeed>,
    /// A passkey's challenge that waits for its answer.
    pub challenge: Option<Challenge>,
    /// A code by mail that waits to be typed.
    pub mail_code: Option<MailCode>,
    /// A passkey that was just made and may get a name.
    pub naming: Option<FactorId>,
    /// Whether recovery codes are to be offered.
    pub offer_codes: bool,
    /// Recovery codes that were just made, sealed: shown until the member says that they are kept.
    pub new_codes: Option<PendingSeed>,
    /// The method was changed here: the new one is set up at the next log-in, as the manuals tell.
    pub method_changed: bool,
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
    /// The password that a recovery on hold waits with. It counts once the hold is over; cancelled, it never does, whatever password
    /// comes after it.
    PendingPassword,
    /// A TOTP app.
    Totp(FactorId),
    /// A passkey.
    Passkey(FactorId),
    /// The mailbox behind the proven address: a second step, never a second factor (N-05).
    Mailbox,
    /// One of the recovery codes.
    RecoveryCode,
    /// A device that this session proved and then deleted: the session goes on without it.
    Deleted(Way),
}

impl Credential {
    /// Which factor it is, if it is one.
    pub(crate) fn factor(self) -> Option<FactorId> {
        match self {
            Self::Totp(id) | Self::Passkey(id) => Some(id),
            Self::Password | Self::PendingPassword | Self::Mailbox | Self::RecoveryCode | Self::Deleted(_) => None,
        }
    }

    /// Which kind of second step it is; `None`: a password.
    pub(crate) fn way(self) -> Option<Way> {
        match self {
            Self::Password | Self::PendingPassword => None,
            Self::Totp(_) => Some(Way::Totp),
            Self::Passkey(_) => Some(Way::Passkey),
            Self::Mailbox => Some(Way::MailCode),
            Self::RecoveryCode => Some(Way::RecoveryCode),
            Self::Deleted(way) => Some(way),
        }
    }
}

/// A kind of second step that a member can take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Way {
    /// A passkey.
    Passkey,
    /// A TOTP app.
    Totp,
    /// A code by mail.
    MailCode,
    /// A recovery code.
    RecoveryCode,
}

impl Way {
    /// All of them, strongest first; recovery codes are never first.
    pub const ALL: [Self; 4] = [Self::Passkey, Self::Totp, Self::MailCode, Self::RecoveryCode];

    /// Permanent id, as in forms.
    pub fn id(self) -> &'static str {
        match self {
            Self::Passkey => "passkey",
            Self::Totp => "totp",
            Self::MailCode => "mail-code",
            Self::RecoveryCode => "recovery-code",
        }
    }

    /// The way with this id.
    pub fn of_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.id() == id)
    }
}

impl From<Method> for Way {
    fn from(method: Method) -> Self {
        match method {
            Method::Passkey => Self::Passkey,
            Method::Totp => Self::Totp,
            Method::MailCode => Self::MailCode,
        }
    }
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

    /// Which factor it speaks of, if of one.
    pub fn factor(&self) -> Option<FactorId> {
        self.credential.factor()
    }

    /// Which kind of second step it is; `None`: a password.
    pub fn way(&self) -> Option<Way> {
        self.credential.way()
    }

    /// Whether it still speaks of `account`'s present credential, or of one that a recovery on hold waits with.
    pub fn holds_for(&self, account: &Account) -> bool {
        let credentials = &account.credentials;
        let present = match self.credential {
            Credential::Password | Credential::PendingPassword => credentials.password.generation(),
            Credential::Totp(id) | Credential::Passkey(id) => credentials.factor(id).map(|factor| factor.generation),
            Credential::Mailbox => credentials.proven_email().map(|email| email.generation),
            Credential::RecoveryCode => credentials.recovery_codes.as_ref().map(|codes| codes.generation),
            Credential::Deleted(_) => Some(self.generation).filter(|own| *own >= credentials.sessions_from),
        };
        self.member == account.id && (present == Some(self.generation) || self.is_pending(account))
    }

    /// Whether it speaks of a credential that a recovery on hold waits with.
    fn is_pending(&self, account: &Account) -> bool {
        account.credentials.held().is_some_and(|recovery| match self.credential {
            Credential::PendingPassword => recovery.password.is_some_and(|hash| hash.generation == self.generation),
            Credential::Totp(id) | Credential::Passkey(id) => {
                recovery.factor.as_ref().is_some_and(|factor| factor.id == id && factor.generation == self.generation)
            }
            Credential::Password | Credential::Mailbox | Credential::RecoveryCode | Credential::Deleted(_) => false,
        })
    }
}

/// A TOTP seed between the page that shows it and the code that confirms it, or recovery codes between their making and "I have kept
/// them". Sealed; dies with the session.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingSeed {
    /// Names it in its seal.
    pub item: ItemId,
    /// The sealed seed.
    pub sealed: Vec<u8>,
    /// When it was made.
    pub since: Timestamp,
}

/// A code by mail: derived when it is sent and when it is checked, never stored. Bound to its session; a newer one replaces it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailCode {
    /// Names it.
    pub item: ItemId,
    /// Which issue of the address it goes to: a code proves no other mailbox.
    pub mailbox: Generation,
    /// When it was asked for.
    pub since: Timestamp,
    /// Not accepted from here on.
    pub expires: Timestamp,
    /// Wrong codes so far.
    pub failures: u32,
}

/// Whether a session may go on at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Liveness {
    /// It may.
    Live,
    /// It was left for too long, or lasted too long.
    TimedOut,
}

/// What a full session is worth (design §7): what a portal behind it may rely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acr {
    /// A passkey with user verification: resistant to phishing.
    Passkey,
    /// Password and another factor (NIST AAL2).
    TwoFactor,
    /// Password and a code by mail: two steps, not two factors.
    TwoStepMail,
    /// Nothing but a password that others can work out has shown whose account it is.
    Unproven,
    /// By a recovery that is on hold.
    Provisional,
}

impl Acr {
    /// The permanent id, as OpenID Connect's `acr` (O-29).
    pub fn id(self) -> &'static str {
        match self {
            Self::Passkey => "phr",
            Self::TwoFactor => "urn:sekisho:acr:aal2",
            Self::TwoStepMail => "urn:sekisho:acr:two-step-mail",
            Self::Unproven => "urn:sekisho:acr:unproven",
            Self::Provisional => "urn:sekisho:acr:provisional",
        }
    }
}

impl Session {
    /// A session of `member` that has proved nothing yet.
    pub fn new(member: MemberId, now: Timestamp, goal: Goal) -> Self {
        Self {
            member,
            revision: Revision(0),
            began: now,
            touched: now,
            goal,
            link: None,
            password: None,
            birth_date: None,
            birth_failures: 0,
            factor: None,
            first_login: false,
            way: None,
            anew: false,
            pending_seed: None,
            challenge: None,
            mail_code: None,
            naming: None,
            offer_codes: false,
            new_codes: None,
            method_changed: false,
        }
    }

    /// Whether it may go on at `now`. `seen` is when its browser was last heard of.
    pub fn liveness(&self, seen: Timestamp, lifetimes: &Lifetimes, now: Timestamp) -> Liveness {
        let end = match (self.password, self.factor) {
            (Some(_), Some(_)) => seen.max(self.touched).after(lifetimes.session_idle).min(self.began.after(lifetimes.session)),
            _ => self.touched.after(lifetimes.half_login),
        };
        if now < end { Liveness::Live } else { Liveness::TimedOut }
    }

    /// Whether its password proof still counts. Beside the present password's, that of an older one does when the session is a full one
    /// and the member, changing it, left the other devices logged in.
    pub fn password_holds(&self, account: &Account) -> bool {
        let Some(proof) = self.password else { return false };
        let left_in = proof.member == account.id
            && proof.credential == Credential::Password
            && proof.generation >= account.credentials.sessions_from
            && account.credentials.password.is_chosen()
            && Some(proof.generation) <= account.credentials.password.generation()
            && self.factor_holds(account);
        proof.holds_for(account) || (left_in && !self.first_login)
    }

    /// Whether its second step's proof still counts.
    pub fn factor_holds(&self, account: &Account) -> bool {
        self.factor.is_some_and(|proof| proof.holds_for(account))
    }

    /// Whether both of its proofs are of what counts: what touches the member's other sessions needs that.
    pub fn is_full(&self, account: &Account) -> bool {
        self.password_holds(account) && self.factor_holds(account) && !self.is_provisional(account)
    }

    /// Whether it rests on a recovery that is on hold.
    pub fn is_provisional(&self, account: &Account) -> bool {
        [self.password, self.factor].into_iter().flatten().any(|proof| proof.is_pending(account))
    }

    /// The pending pair of a recovery on hold, where its password is what this session rests on: then its factor alone is asked for.
    fn pending_pair<'a>(&self, account: &'a Account) -> Option<&'a Recovery> {
        account.credentials.held().filter(|_| self.password.is_some_and(|proof| proof.is_pending(account)))
    }

    /// Whether it belongs to the recovery that is under way.
    pub fn is_of_recovery(&self, account: &Account) -> bool {
        let under_way = account.credentials.recovery.as_ref().filter(|recovery| recovery.counts_from.is_none());
        self.link.is_some() && under_way.map(|recovery| recovery.item) == self.link
    }

    /// The pending seed, if it may still be confirmed.
    pub fn live_seed(&self, lifetimes: &Lifetimes, now: Timestamp) -> Option<&PendingSeed> {
        self.pending_seed.as_ref().filter(|seed| now < seed.since.after(lifetimes.setup))
    }

    /// The challenge, if it may still be answered.
    pub fn live_challenge(&self, lifetimes: &Lifetimes, now: Timestamp) -> Option<&Challenge> {
        self.challenge.as_ref().filter(|challenge| now < challenge.since.after(lifetimes.challenge))
    }

    /// The code by mail, if it may still be typed.
    pub fn live_mail_code(&self, account: &Account, tries: u32, now: Timestamp) -> Option<&MailCode> {
        let mailbox = account.credentials.proven_email().map(|email| email.generation);
        self.mail_code.as_ref().filter(|code| now < code.expires && code.failures < tries && Some(code.mailbox) == mailbox)
    }

    /// What a full session is worth.
    pub fn acr(&self, account: &Account, policy: &TenantPolicy) -> Acr {
        match self.factor.and_then(|proof| proof.way()) {
            _ if self.is_provisional(account) => Acr::Provisional,
            _ if account.is_unproven(policy) => Acr::Unproven,
            Some(Way::Passkey) => Acr::Passkey,
            Some(Way::Totp | Way::RecoveryCode) => Acr::TwoFactor,
            Some(Way::MailCode) | None => Acr::TwoStepMail,
        }
    }
}

/// The second steps that a member can take in `session`, the one to ask for first: what was used last, then the strongest; recovery
/// codes never (ux 22). The pending pair of a recovery on hold opens with its own factor alone.
pub fn ways(account: &Account, session: &Session, policy: &TenantPolicy) -> Vec<Way> {
    let credentials = &account.credentials;
    let mailbox = credentials.has_mailbox(policy);
    if let Some(held) = session.pending_pair(account) {
        let factor = held.factor.as_ref().map(|factor| Way::from(factor.kind.method()));
        return factor.or(mailbox.then_some(Way::MailCode)).into_iter().collect();
    }
    let holds = |way: Way| match way {
        Way::Passkey => credentials.factors.iter().any(|factor| factor.kind.method() == Method::Passkey),
        Way::Totp => credentials.factors.iter().any(|factor| factor.kind.method() == Method::Totp),
        // A mailbox opens the reset link already: it is no held factor (design §7).
        Way::MailCode => mailbox && session.goal != Goal::Recover,
        Way::RecoveryCode => credentials.recovery_codes.as_ref().is_some_and(|codes| codes.left() > 0),
    };
    let mut ways: Vec<Way> = Way::ALL.into_iter().filter(|way| holds(*way)).collect();
    let last = account.open.logins.iter().map(|login| login.way).find(|way| *way != Way::RecoveryCode);
    let first = last.or(credentials.method.map(Way::from));
    ways.sort_by_key(|way| (*way == Way::RecoveryCode, Some(*way) != first));
    ways
}

/// The factors of one kind that count in `session`, last used first.
pub fn factors_in_use<'a>(account: &'a Account, session: &Session, method: Method) -> Vec<&'a Factor> {
    let mut factors: Vec<&Factor> = match session.pending_pair(account) {
        Some(held) => held.factor.iter().collect(),
        None => account.credentials.factors.iter().collect(),
    };
    factors.retain(|factor| factor.kind.method() == method);
    factors.sort_by_key(|factor| core::cmp::Reverse(account.open.last_use(factor.id).unwrap_or(factor.since)));
    factors
}
