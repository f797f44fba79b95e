//! Every "no" by its permanent id.

use crate::time::Timestamp;

/// Why a form was not accepted. Says nothing that its reader may not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// The pair of user ID and password does not fit; never which of the two.
    WrongIdOrPassword,
    /// Not the password, asked for once more before a change.
    WrongPassword,
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
    /// Another device of the member has the name.
    DeviceNameTaken,
    /// The member has as many devices as there may be.
    TooManyDevices,
    /// A member needs a second step: the last one can be replaced, not deleted.
    LastFactor,
    /// The passkey dialogue was closed, or took too long.
    PasskeyCancelled,
    /// The device holds a passkey of this member already.
    PasskeyKnown,
    /// The browser knows no passkeys.
    PasskeyUnsupported,
    /// The page with the challenge was too old, or its challenge was used.
    PasskeyExpired,
    /// The answer proves nothing; never why.
    PasskeyRefused,
    /// A code by mail that is wrong.
    WrongMailCode,
    /// A code by mail that is too old, replaced, or was tried too often.
    MailCodeDead,
    /// A recovery code that is wrong or used.
    WrongRecoveryCode,
    /// An activation code that is wrong, used or too old.
    WrongActivationCode,
    /// The address is the one in use.
    EmailUnchanged,
    /// The method is the one in use.
    MethodUnchanged,
    /// A recovery is on hold: this has to wait until then.
    OnHold(Timestamp),
    /// The link does not serve before this instant.
    LinkOnHold(Timestamp),
    /// Staff have closed the account. Told only behind the right password.
    AccountDisabled,
    /// Too many failures: not before this instant.
    Wait(Timestamp),
    /// So many strangers have tried, from this source or at this society, that all of them wait: not before this instant. Nothing was
    /// judged, whatever was typed.
    Crowded(Timestamp),
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
            Self::WrongPassword => "re-authentication.wrong",
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
            Self::DeviceNameTaken => "device-name.taken",
            Self::TooManyDevices => "device.too-many",
            Self::LastFactor => "device.last",
            Self::PasskeyCancelled => "passkey.cancelled",
            Self::PasskeyKnown => "passkey.known",
            Self::PasskeyUnsupported => "passkey.unsupported",
            Self::PasskeyExpired => "passkey.expired",
            Self::PasskeyRefused => "passkey.refused",
            Self::WrongMailCode => "mail-code.wrong",
            Self::MailCodeDead => "mail-code.dead",
            Self::WrongRecoveryCode => "recovery-code.wrong",
            Self::WrongActivationCode => "activation-code.wrong",
            Self::EmailUnchanged => "email.unchanged",
            Self::MethodUnchanged => "method.unchanged",
            Self::OnHold(_) => "recovery.on-hold",
            Self::LinkOnHold(_) => "link.on-hold",
            Self::AccountDisabled => "guard.account-disabled",
            Self::Wait(_) => "guard.wait",
            Self::Crowded(_) => "guard.crowded",
            Self::PasswordLocked(_) => "guard.password-locked",
            Self::AccountLocked => "guard.account-locked",
            Self::TryAgain => "guard.try-again",
            Self::TooSoon => "mail.too-soon",
        }
    }

    /// The instant from which it will be otherwise, where there is one.
    pub fn until(&self) -> Option<Timestamp> {
        match self {
            Self::Wait(until) | Self::Crowded(until) | Self::PasswordLocked(until) | Self::OnHold(until) | Self::LinkOnHold(until) => {
                Some(*until)
            }
            _ => None,
        }
    }

    /// One of each, for tables and tests; instants are T0.
    pub fn each() -> [Self; 44] {
        const T0: Timestamp = Timestamp(0);
        [
            Self::WrongIdOrPassword,
            Self::WrongPassword,
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
            Self::DeviceNameTaken,
            Self::TooManyDevices,
            Self::LastFactor,
            Self::PasskeyCancelled,
            Self::PasskeyKnown,
            Self::PasskeyUnsupported,
            Self::PasskeyExpired,
            Self::PasskeyRefused,
            Self::WrongMailCode,
            Self::MailCodeDead,
            Self::WrongRecoveryCode,
            Self::WrongActivationCode,
            Self::EmailUnchanged,
            Self::MethodUnchanged,
            Self::OnHold(T0),
            Self::LinkOnHold(T0),
            Self::AccountDisabled,
            Self::Wait(T0),
            Self::Crowded(T0),
            Self::PasswordLocked(T0),
            Self::AccountLocked,
            Self::TryAgain,
            Self::TooSoon,
        ]
    }
}
