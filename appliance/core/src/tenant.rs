//! What differs between societies, as data. There is no code for one society.

use core::time::Duration;
use serde::{Deserialize, Serialize};

/// A kind of second step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// A passkey (WebAuthn) with user verification.
    Passkey,
    /// A TOTP app (RFC 6238).
    Totp,
    /// A code by mail: a second step, never a second factor (NIST SP 800-63B-4 §3.1.3.1).
    MailCode,
}

impl Method {
    /// Permanent id, as in forms and configuration.
    pub fn id(self) -> &'static str {
        match self {
            Self::Passkey => "passkey",
            Self::Totp => "totp",
            Self::MailCode => "mail-code",
        }
    }

    /// All methods.
    pub const ALL: [Self; 3] = [Self::Passkey, Self::Totp, Self::MailCode];

    /// The method with this id.
    pub fn of_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.id() == id)
    }
}

/// A method that a society offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offer {
    /// Which one.
    pub method: Method,
    /// Whether the page marks it as recommended (推奨).
    #[serde(default)]
    pub recommended: bool,
}

/// One requirement of a first log-in after the first password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FirstLoginItem {
    /// The member's birth date, asked in every session until the first log-in is done.
    BirthDate,
    /// The society's terms in their present version.
    Terms,
    /// An e-mail address.
    Email,
    /// The method of the second step, and where the society allows it a user ID of the member's own.
    Method,
    /// A password of the member's own.
    NewPassword,
}

/// Whether the first log-in lets the member choose a user ID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UserIdChange {
    /// The ID stays.
    Never,
    /// The field may be left as it is.
    Optional,
    /// The page asks for a new one, and lets the old one stand.
    Asked,
}

/// How strictly the weak points of the paper manuals are treated (design §7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// The paper to the letter.
    Manual,
    /// The same screens, with holds and notices behind them.
    Guarded,
    /// NIST AAL2 and ASVS.
    Hardened,
}

/// Which passwords may be chosen. Binds new passwords only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PasswordRule {
    /// Fewest code points; never below 8 (N-06).
    pub min: usize,
    /// Most code points; at least 64 (N-07).
    pub max: usize,
    /// Only the half-width letters, digits and signs that the manuals list. Decides the folding: NFKC if set, else NFC.
    pub ascii: bool,
}

impl Default for PasswordRule {
    fn default() -> Self {
        Self { min: 8, max: 64, ascii: true }
    }
}

/// Which user IDs may be chosen. Binds newly chosen IDs only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserIdRule {
    /// Fewest characters.
    pub min: usize,
    /// Most characters.
    pub max: usize,
}

impl Default for UserIdRule {
    fn default() -> Self {
        Self { min: 8, max: 13 }
    }
}

/// One row of the table of limits: failures that are free, waits that follow, the lock at the end (design §6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Failures in a row before the first wait.
    pub free: u32,
    /// The first wait; each further failure doubles it.
    pub first_wait: Duration,
    /// No wait is longer.
    pub longest_wait: Duration,
    /// The failure that locks.
    pub lock_at: u32,
    /// How long the first lock lasts, doubling with each further failure up to `longest_lock`; `None`: until staff end it.
    pub lock: Option<Duration>,
    /// No timed lock is longer.
    pub longest_lock: Duration,
    /// One failure is forgiven each time this has passed; `None`: only success forgives.
    pub forgive_every: Option<Duration>,
}

/// How many letters of one kind may be asked for at one account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// How long after one letter the next may be asked for.
    pub every: Duration,
    /// In an hour.
    pub an_hour: u32,
    /// In a day.
    pub a_day: u32,
}

impl Quota {
    /// The spray brake's, on a day on which first passwords reach so many members by letter: an eighth of them may err in one hour, a
    /// quarter in one day. A tenth of all tries being wrong, that is a ninth of the members at least once, has to pass.
    #[must_use]
    pub fn raised_for(self, members: u32) -> Self {
        let raised = |count: u32, part: u32| count.saturating_add(members / part);
        Self { every: self.every, an_hour: raised(self.an_hour, 8), a_day: raised(self.a_day, 4) }
    }
}

/// The society's limits on guessing. SECURITY.md shows the defaults and a test compares the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Wrong passwords at one account, in each lane; strangers' also from each source by itself.
    pub password: Limit,
    /// Of the free tries of the strangers' lane at one account, as many as one source can use up.
    pub share: u32,
    /// Wrong birth dates in one log-in; then back to the log-in page, counted as one wrong password.
    pub birth_dates: u32,
    /// Wrong birth dates at one account, all log-ins together: without it a new log-in would give three fresh guesses.
    pub birth_date: Limit,
    /// Wrong activation codes at one account.
    pub activation: Limit,
    /// Wrong TOTP codes, passkeys and recovery codes at one account, all devices and set-ups together.
    pub second_step: Limit,
    /// Wrong second steps since the last right one, unlocks included, at which nothing but a new factor and a new password helps.
    pub rebind_at: u32,
    /// Wrong second steps in a row of which the member is told: somebody else has the password.
    pub tell_at: u32,
    /// Wrong first passwords in a society, all its members together, from browsers that are not known: the spray brake.
    pub brake: Quota,
    /// Wrong codes by mail at one account, all mails together.
    pub mail_code: Limit,
    /// Wrong codes for one mail; then its code is dead.
    pub mail_code_tries: u32,
    /// Codes by mail.
    pub mail_codes: Quota,
    /// Reset links and reminders of the user ID.
    pub recovery: Quota,
    /// User IDs tried out by one member, those that are free and those that are not (W-07).
    pub user_ids: Quota,
    /// How long before a letter can be asked for again.
    pub letter_every: Duration,
    /// Letters that one pending address causes in a day.
    pub letters_a_day: u32,
}

impl Default for Limits {
    fn default() -> Self {
        const MINUTE: u64 = 60;
        const HOUR: u64 = 60 * MINUTE;
        let password = Limit {
            free: 5,
            first_wait: Duration::from_secs(30),
            longest_wait: Duration::from_secs(8 * MINUTE),
            lock_at: 10,
            lock: Some(Duration::from_secs(HOUR)),
            longest_lock: Duration::from_secs(24 * HOUR),
            forgive_every: Some(Duration::from_secs(12 * HOUR)),
        };
        Self {
            password,
            share: 3,
            birth_dates: 3,
            birth_date: password,
            activation: password,
            second_step: Limit {
                free: 5,
                first_wait: Duration::from_secs(30),
                longest_wait: Duration::from_secs(HOUR),
                lock_at: 20,
                lock: None,
                longest_lock: Duration::from_secs(24 * HOUR),
                forgive_every: None,
            },
            rebind_at: 100,
            tell_at: 3,
            brake: Quota { every: Duration::ZERO, an_hour: 20, a_day: 200 },
            mail_code: Limit {
                free: 20,
                first_wait: Duration::from_secs(24 * HOUR),
                longest_wait: Duration::from_secs(24 * HOUR),
                lock_at: u32::MAX,
                lock: None,
                longest_lock: Duration::from_secs(24 * HOUR),
                forgive_every: None,
            },
            mail_code_tries: 5,
            mail_codes: Quota { every: Duration::from_secs(MINUTE), an_hour: 5, a_day: 10 },
            recovery: Quota { every: Duration::ZERO, an_hour: 3, a_day: 10 },
            user_ids: Quota { every: Duration::ZERO, an_hour: 10, a_day: 10 },
            letter_every: Duration::from_secs(MINUTE),
            letters_a_day: 10,
        }
    }
}

/// How long things live (design §6, last row of the table).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// A log-in that is not finished, counted from its last accepted form.
    pub half_login: Duration,
    /// A TOTP seed that waits for its first code.
    pub setup: Duration,
    /// The link that proves an address.
    pub confirm_link: Duration,
    /// The link of "I forgot my password", counted from its sending.
    pub reset_link: Duration,
    /// The link "it was not me".
    pub freeze_link: Duration,
    /// The challenge of a passkey ceremony.
    pub challenge: Duration,
    /// A code by mail.
    pub mail_code: Duration,
    /// How long a recovery by mail alone, or a change by an unproven account, is on hold in `guarded`.
    pub hold: Duration,
    /// How fresh password and second step have to be for a change.
    pub reauthentication: Duration,
    /// How long a browser stays known for a member after its last full log-in.
    pub browser: Duration,
    /// A session without a request.
    pub session_idle: Duration,
    /// A session, whatever happens.
    pub session: Duration,
    /// A password that staff issued or the import gave, and an activation code.
    pub issued_password: Duration,
    /// A first password by rule, in `guarded` and `hardened`.
    pub rule_password: Duration,
}

impl Default for Lifetimes {
    fn default() -> Self {
        Self {
            half_login: Duration::from_secs(30 * 60),
            setup: Duration::from_secs(30 * 60),
            confirm_link: Duration::from_secs(24 * 3600),
            reset_link: Duration::from_secs(5 * 60),
            freeze_link: Duration::from_secs(7 * 24 * 3600),
            challenge: Duration::from_secs(5 * 60),
            mail_code: Duration::from_secs(10 * 60),
            hold: Duration::from_secs(72 * 3600),
            reauthentication: Duration::from_secs(5 * 60),
            browser: Duration::from_secs(365 * 24 * 3600),
            session_idle: Duration::from_secs(30 * 60),
            session: Duration::from_secs(12 * 3600),
            issued_password: Duration::from_secs(30 * 24 * 3600),
            rule_password: Duration::from_secs(90 * 24 * 3600),
        }
    }
}

/// Everything in which one society's log-in may differ from another's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TenantPolicy {
    /// How strictly the manuals' weak points are treated.
    pub preset: Preset,
    /// The methods offered, in the order of the page. Not empty.
    pub methods: Vec<Offer>,
    /// What a first log-in asks for, in the society's order. Each item at most once.
    pub first_login: Vec<FirstLoginItem>,
    /// Whether the first log-in waits until the link in the mail has been opened (A, B, E) or goes on at once (C, D).
    pub wait_for_email: bool,
    /// Whether several members may use one address.
    pub share_email: bool,
    /// Whether the method page lets the user ID be changed.
    pub user_id_change: UserIdChange,
    /// The version of the terms that members have to have agreed to.
    pub terms_version: String,
    /// Rule for chosen user IDs.
    #[serde(default)]
    pub user_id: UserIdRule,
    /// Rule for chosen passwords.
    #[serde(default)]
    pub password: PasswordRule,
    /// Limits on guessing: the same for every society, so that SECURITY.md can state them.
    #[serde(skip)]
    pub limits: Limits,
    /// How long things live: likewise.
    #[serde(skip)]
    pub lifetimes: Lifetimes,
}

impl TenantPolicy {
    /// The methods that a member can choose, in the society's order. `hardened` takes no mailbox for a second step (N-05).
    pub fn offers(&self) -> impl Iterator<Item = Offer> + '_ {
        self.methods.iter().copied().filter(|offer| self.preset != Preset::Hardened || offer.method != Method::MailCode)
    }

    /// What is wrong with it, one sentence each; an empty list is a policy that can be served.
    pub fn faults(&self) -> Vec<&'static str> {
        let place = |item| self.first_login.iter().position(|have| *have == item);
        let twice = |item: &FirstLoginItem| self.first_login.iter().filter(|have| *have == item).count() > 1;
        let mut faults = Vec::new();
        let mut fault = |is: bool, text| {
            if is {
                faults.push(text)
            }
        };
        fault(self.offers().next().is_none(), "methods: none of them can be used under this preset; offer at least totp or passkey");
        fault(self.first_login.iter().any(twice), "first_login: an item stands twice");
        fault(place(FirstLoginItem::NewPassword).is_none(), "first_login: new-password is missing; a first password must not stay");
        fault(place(FirstLoginItem::Method).is_none(), "first_login: method is missing");
        let waits_too_late = self.wait_for_email && place(FirstLoginItem::Email) > place(FirstLoginItem::NewPassword);
        fault(waits_too_late, "wait_for_email: email has to stand before new-password, or the link could be what finishes the log-in");
        let waits_for_no_mail = !self.wait_for_email && self.methods.iter().any(|offer| offer.method == Method::MailCode);
        fault(waits_for_no_mail, "methods: mail-code needs wait_for_email, or a code would go to an address that nobody has proven");
        fault(self.password.min < 8, "password.min: below 8 (NIST SP 800-63B-4 §3.1.1.2)");
        fault(self.password.max < 64, "password.max: below 64 (NIST SP 800-63B-4 §3.1.1.2)");
        fault(
            self.user_id.min < 1 || self.user_id.max > 64 || self.user_id.min > self.user_id.max,
            "user_id: min and max lie between 1 and 64",
        );
        fault(self.terms_version.is_empty(), "terms_version: empty");
        faults
    }

    /// Whether a mail link alone leads to a new second step and password (RE-05): not in `hardened`.
    pub fn recovers_by_mail(&self) -> bool {
        self.preset != Preset::Hardened
    }

    /// Whether what a mail link alone has led to is put on hold.
    pub fn holds_recovery(&self) -> bool {
        self.preset == Preset::Guarded
    }

    /// Whether `method` can be chosen.
    pub fn offers_method(&self, method: Method) -> bool {
        self.offers().any(|offer| offer.method == method)
    }
}
