//! Letters by mail, as intents: the worker derives the link and sends.

use crate::email::EmailAddress;
use crate::id::{Generation, ItemId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A letter to be sent, written in the commit that caused it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// Where to.
    pub to: EmailAddress,
    /// In which language.
    pub language: Language,
    /// What it says.
    pub kind: LetterKind,
    /// Not sent before this instant.
    pub not_before: Option<Timestamp>,
}

/// What a letter says. Links and codes are derived when it is sent: none of them stands here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum LetterKind {
    /// "Open this link to confirm that mail reaches you": proves the pending address of this name.
    ConfirmEmail(ItemId),
    /// "Reset your password": the link of this name.
    Reset(ItemId),
    /// "Your user ID is …".
    UserId,
    /// "Your code is …": of this name, until this instant.
    MailCode {
        /// Names it.
        item: ItemId,
        /// Not accepted from here on.
        expires: Timestamp,
    },
    /// "Your user ID and your first password are …", from the society's staff.
    Issued {
        /// Which issue of the password.
        generation: Generation,
        /// Not accepted from here on.
        expires: Timestamp,
    },
    /// Something has changed.
    Notice(Notice),
    /// Sent to nobody: it stands where a letter would, so that the work is the same (design law 3).
    Nothing,
}

impl LetterKind {
    /// The permanent id.
    pub fn id(&self) -> &'static str {
        match self {
            Self::ConfirmEmail(_) => "confirm-email",
            Self::Reset(_) => "reset",
            Self::UserId => "user-id",
            Self::MailCode { .. } => "mail-code",
            Self::Issued { .. } => "issued",
            Self::Notice(notice) => notice.id(),
            Self::Nothing => "nothing",
        }
    }
}

/// What a member is told of by mail. All but the first carry the link "it was not me", good for 7 days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Notice {
    /// The first log-in is complete.
    FirstLoginFinished,
    /// The password was changed.
    PasswordChanged,
    /// The address was changed; goes to the old one.
    EmailChanged,
    /// A change of address was asked for; goes to the old one.
    EmailChangeAsked,
    /// The user ID was changed.
    UserIdChanged,
    /// Another method was chosen.
    MethodChanged,
    /// A TOTP app was added.
    TotpAdded,
    /// A passkey was added.
    PasskeyAdded,
    /// A device was deleted.
    DeviceDeleted,
    /// Ten recovery codes were made.
    RecoveryCodesMade,
    /// A recovery code was used.
    RecoveryCodeUsed,
    /// A recovery gave everything back at once.
    RecoveryFinished,
    /// A recovery by mail alone is on hold until this instant.
    RecoveryHeld(Timestamp),
    /// The hold of this recovery is over; not sent if it was cancelled meanwhile.
    RecoveryCounts(ItemId),
    /// A full log-in cancelled a recovery.
    RecoveryCancelled,
    /// "It was not me" was pressed: what was pending is cancelled.
    Frozen,
    /// A passkey's counter did not grow: there may be a copy.
    PasskeyCounter,
    /// The account is locked.
    AccountLocked,
    /// The password is locked for a while: somebody keeps typing wrong ones.
    PasswordLocked,
    /// Somebody has the password and fails at the second step.
    SecondStepFailed,
    /// A full log-in by a browser that was not known.
    NewBrowser,
    /// The society's staff did something to the account.
    Staff(StaffAct),
}

/// What staff did, as its member is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum StaffAct {
    /// Lifted a lock.
    Unlocked,
    /// Issued a password, or a user ID and a password.
    PasswordIssued,
    /// Issued an activation code.
    ActivationIssued,
    /// Let the first log-in begin again.
    Reopened,
    /// Removed the factors.
    FactorReset,
    /// Corrected the name.
    NameCorrected,
    /// Closed the account.
    Disabled,
    /// Opened the account again.
    Enabled,
    /// Deleted the account.
    Deleted,
}

impl StaffAct {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Unlocked,
        Self::PasswordIssued,
        Self::ActivationIssued,
        Self::Reopened,
        Self::FactorReset,
        Self::NameCorrected,
        Self::Disabled,
        Self::Enabled,
        Self::Deleted,
    ];
}

impl Notice {
    /// One of each, for tables and tests; instants are T0.
    pub fn each() -> Vec<Self> {
        let mut all = vec![
            Self::FirstLoginFinished,
            Self::PasswordChanged,
            Self::EmailChanged,
            Self::EmailChangeAsked,
            Self::UserIdChanged,
            Self::MethodChanged,
            Self::TotpAdded,
            Self::PasskeyAdded,
            Self::DeviceDeleted,
            Self::RecoveryCodesMade,
            Self::RecoveryCodeUsed,
            Self::RecoveryFinished,
            Self::RecoveryHeld(Timestamp(0)),
            Self::RecoveryCounts(ItemId([0; 8])),
            Self::RecoveryCancelled,
            Self::Frozen,
            Self::PasskeyCounter,
            Self::AccountLocked,
            Self::PasswordLocked,
            Self::SecondStepFailed,
            Self::NewBrowser,
        ];
        all.extend(StaffAct::ALL.map(Self::Staff));
        all
    }

    /// The permanent id.
    pub fn id(&self) -> &'static str {
        match self {
            Self::FirstLoginFinished => "first-login-finished",
            Self::PasswordChanged => "password-changed",
            Self::EmailChanged => "email-changed",
            Self::EmailChangeAsked => "email-change-asked",
            Self::UserIdChanged => "user-id-changed",
            Self::MethodChanged => "method-changed",
            Self::TotpAdded => "totp-added",
            Self::PasskeyAdded => "passkey-added",
            Self::DeviceDeleted => "device-deleted",
            Self::RecoveryCodesMade => "recovery-codes-made",
            Self::RecoveryCodeUsed => "recovery-code-used",
            Self::RecoveryFinished => "recovery-finished",
            Self::RecoveryHeld(_) => "recovery-held",
            Self::RecoveryCounts(_) => "recovery-counts",
            Self::RecoveryCancelled => "recovery-cancelled",
            Self::Frozen => "frozen",
            Self::PasskeyCounter => "passkey-counter",
            Self::AccountLocked => "account-locked",
            Self::PasswordLocked => "password-locked",
            Self::SecondStepFailed => "second-step-failed",
            Self::NewBrowser => "new-browser",
            Self::Staff(StaffAct::Unlocked) => "staff-unlocked",
            Self::Staff(StaffAct::PasswordIssued) => "staff-password-issued",
            Self::Staff(StaffAct::ActivationIssued) => "staff-activation-issued",
            Self::Staff(StaffAct::Reopened) => "staff-reopened",
            Self::Staff(StaffAct::FactorReset) => "staff-factor-reset",
            Self::Staff(StaffAct::NameCorrected) => "staff-name-corrected",
            Self::Staff(StaffAct::Disabled) => "staff-disabled",
            Self::Staff(StaffAct::Enabled) => "staff-enabled",
            Self::Staff(StaffAct::Deleted) => "staff-deleted",
        }
    }

    /// Whether the letter carries the link "it was not me".
    pub fn can_be_disowned(&self) -> bool {
        !matches!(self, Self::FirstLoginFinished | Self::Frozen | Self::Staff(_))
    }
}

/// A language of pages and letters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Japanese, the first language everywhere.
    #[default]
    Ja,
    /// English.
    En,
}

impl Language {
    /// BCP 47 tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Ja => "ja",
            Self::En => "en",
        }
    }
}
