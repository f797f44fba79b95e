//! Every "no" by its permanent id.

use crate::time::Timestamp;

/// Why a form was not accepted. Says nothing that its reader may not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// The pair of user ID and password does not fit; never which of the two.
    WrongIdOrPassword,
    /// Not the birth date on file.
    WrongBirthDate,
    /// So many wrong birth dates that the log-in ends.
    BirthDateExhausted,
    /// No such day.
    NotADate,
    /// The terms changed while they were being read.
    TermsChanged,
    /// Nobody can be mailed there.
    EmailUnfit,
    /// Another member of the society uses the address. Told only after its link was opened.
    EmailInUse,
    /// The link is spent, too old, replaced by a newer one, or was never ours.
    LinkDead,
    /// The society does not offer it.
    MethodNotOffered,
    /// The user ID breaks the rule.
    UserIdUnfit,
    /// Another member has the user ID. Told only inside a session.
    UserIdTaken,
    /// Fewer characters than the rule's minimum.
    PasswordTooShort,
    /// More than its maximum.
    PasswordTooLong,
    /// A sign that the society's set does not have.
    PasswordSign,
    /// The password is the user ID.
    PasswordIsUserId,
    /// The password is the one in use.
    PasswordUnchanged,
    /// The two fields differ.
    PasswordsDiffer,
    /// A code that is wrong, late or used before at set-up; never which.
    WrongSetupCode,
    /// A code that is wrong, late or used before at log-in; never which.
    WrongCode,
    /// The device name is empty, too long, or has signs that disguise it.
    DeviceNameUnfit,
    /// Too many failures: not before this instant.
    Wait(Timestamp),
    /// The password is locked until this instant.
    PasswordLocked(Timestamp),
    /// The account is locked until staff end it. Told only behind the right password.
    AccountLocked,
    /// Another try at the same account is being judged; this one was not, and is not counted.
    TryAgain,
    /// A letter was asked for again too soon.
    TooSoon,
}

impl Refusal {
    /// The permanent id.
    pub fn id(&self) -> &'static str {
        match self {
            Self::WrongIdOrPassword => "login.wrong",
            Self::WrongBirthDate => "birth-date.wrong",
            Self::BirthDateExhausted => "birth-date.exhausted",
            Self::NotADate => "birth-date.not-a-date",
            Self::TermsChanged => "terms.changed",
            Self::EmailUnfit => "email.unfit",
            Self::EmailInUse => "email.in-use",
            Self::LinkDead => "link.dead",
            Self::MethodNotOffered => "method.not-offered",
            Self::UserIdUnfit => "user-id.unfit",
            Self::UserIdTaken => "user-id.taken",
            Self::PasswordTooShort => "password.too-short",
            Self::PasswordTooLong => "password.too-long",
            Self::PasswordSign => "password.sign",
            Self::PasswordIsUserId => "password.is-user-id",
            Self::PasswordUnchanged => "password.unchanged",
            Self::PasswordsDiffer => "password.differ",
            Self::WrongSetupCode => "totp.setup-wrong",
            Self::WrongCode => "totp.wrong",
            Self::DeviceNameUnfit => "device-name.unfit",
            Self::Wait(_) => "guard.wait",
            Self::PasswordLocked(_) => "guard.password-locked",
            Self::AccountLocked => "guard.account-locked",
            Self::TryAgain => "guard.try-again",
            Self::TooSoon => "mail.too-soon",
        }
    }

    /// The instant from which a try is judged again, where there is one.
    pub fn until(&self) -> Option<Timestamp> {
        match self {
            Self::Wait(until) | Self::PasswordLocked(until) => Some(*until),
            _ => None,
        }
    }

    /// One of each, for tables and tests; instants are T0.
    pub fn each() -> [Self; 25] {
        const T0: Timestamp = Timestamp(0);
        [
            Self::WrongIdOrPassword,
            Self::WrongBirthDate,
            Self::BirthDateExhausted,
            Self::NotADate,
            Self::TermsChanged,
            Self::EmailUnfit,
            Self::EmailInUse,
            Self::LinkDead,
            Self::MethodNotOffered,
            Self::UserIdUnfit,
            Self::UserIdTaken,
            Self::PasswordTooShort,
            Self::PasswordTooLong,
            Self::PasswordSign,
            Self::PasswordIsUserId,
            Self::PasswordUnchanged,
            Self::PasswordsDiffer,
            Self::WrongSetupCode,
            Self::WrongCode,
            Self::DeviceNameUnfit,
            Self::Wait(T0),
            Self::PasswordLocked(T0),
            Self::AccountLocked,
            Self::TryAgain,
            Self::TooSoon,
        ]
    }
}
