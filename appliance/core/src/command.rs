//! Parsed forms: one variant for each thing a member can ask for.

use crate::birth::BirthDate;
use crate::bucket::Weight;
use crate::email::EmailAddress;
use crate::guard::{Asking, Guessable};
use crate::id::{FactorId, ItemId, MemberId};
use crate::lookup::Lookup;
use crate::otp::Code;
use crate::password::Password;
use crate::session::Way;
use crate::step::{Goal, Step};
use crate::tenant::Method;
use crate::time::Timestamp;
use crate::user_id::UserId;

/// What a form asks for. A field that does not parse is `None` where its own page explains it; what no page of ours could
/// send never gets this far.
pub enum Command {
    /// `login`: user ID and password. `None`: empty, or longer than any password; it walks the same path and never fits.
    Login {
        /// Who, folded.
        user_id: UserId,
        /// With what.
        password: Option<Password>,
    },
    /// `birth-date`.
    GiveBirthDate(Option<BirthDate>),
    /// `terms`: agrees to this version.
    AcceptTerms(String),
    /// `email`: this address is mine.
    GiveEmail(Option<EmailAddress>),
    /// `email-wait`: send it again.
    ResendLink,
    /// `email-wait`: the address was wrong.
    CorrectEmail,
    /// The button behind the link in a mail. `None`: the link's seal or its time says no.
    ConfirmEmail(Option<Link>),
    /// `method`.
    ChooseMethod {
        /// Which.
        method: Option<Method>,
        /// The ID the member wants from now on; `None`: the page has no such field.
        user_id: Option<UserId>,
    },
    /// `new-password`.
    SetPassword {
        /// The password; `None`: empty or longer than any.
        password: Option<Password>,
        /// The same once more.
        again: Option<Password>,
        /// Whether every other session of the member ends.
        sign_out_others: bool,
    },
    /// `setup-totp`.
    ConfirmTotp {
        /// The first code of the new app.
        code: Option<Code>,
        /// What the device is to be called.
        device: Option<String>,
        /// Whether every other session of the member ends.
        sign_out_others: bool,
    },
    /// `setup-passkey`.
    CreatePasskey(PasskeyAnswer),
    /// `name-passkey`. `None`: unfit; empty: as it is.
    NamePasskey(Option<String>),
    /// `login-totp`.
    GiveCode {
        /// The code.
        code: Option<Code>,
        /// Of which device; `None`: there is but one, and no choice on the page.
        device: Option<FactorId>,
    },
    /// `login-passkey`.
    GivePasskey(PasskeyAnswer),
    /// `mail-code`.
    GiveMailCode(Option<Code>),
    /// `mail-code`: send another one.
    ResendMailCode,
    /// `recovery-code`.
    GiveRecoveryCode(Option<Lookup>),
    /// `another-way`.
    ChooseWay(Way),
    /// `activation-code`, and the same field on the member's own page.
    GiveActivationCode {
        /// The code.
        code: Option<Lookup>,
        /// Which of the two pages.
        page: Step,
    },
    /// `terms`: does not agree.
    DeclineTerms,
    /// `recovery-codes`: make ten.
    MakeRecoveryCodes,
    /// `recovery-codes`: not now, or "I have kept them".
    LeaveRecoveryCodes,
    /// A button of a page behind the log-in: begins a change.
    Begin {
        /// Which.
        goal: Goal,
        /// The page.
        page: Step,
    },
    /// `own-page`: ends the member's other sessions.
    EndOthers,
    /// `re-authentication`.
    GivePassword(Option<Password>),
    /// `change-email`.
    ChangeEmail(Option<EmailAddress>),
    /// `change-user-id`.
    ChangeUserId(UserId),
    /// `change-method`.
    ChangeMethod(Option<Method>),
    /// `delete-device`: yes.
    DeleteDevice,
    /// `forgot-password`.
    ForgotPassword(UserId),
    /// `forgot-user-id`. `None`: does not parse; it walks the same path and fits nobody.
    ForgotUserId(Option<(BirthDate, EmailAddress)>),
    /// The button behind a reset link. `None`: the link's seal or its time says no.
    OpenReset(Option<Link>),
    /// `recover`: with something held, or (`None`) anew.
    Recover(Option<Way>),
    /// The button behind "it was not me". `None`: the link's seal or its time says no.
    Freeze(Option<FreezeLink>),
    /// `logout`.
    Logout {
        /// Whether every other session of the member ends too.
        everywhere: bool,
    },
}

/// What a page with a passkey dialogue sends.
pub enum PasskeyAnswer {
    /// The browser's answer: JSON, not looked at yet.
    Json(String),
    /// The dialogue was closed, or took too long.
    Cancelled,
    /// The authenticator says that it holds a passkey of this member already.
    Known,
    /// The browser knows no passkeys.
    Unsupported,
}

/// What a link in a mail speaks of, its seal and time having been checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Whose.
    pub member: MemberId,
    /// Which item.
    pub item: ItemId,
}

/// The link "it was not me", its seal and time having been checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FreezeLink {
    /// Whose.
    pub member: MemberId,
    /// When its letter was sent.
    pub sent: Timestamp,
}

impl Command {
    /// The screen whose form it is; `None`: a link, which belongs to an account and not to a browser.
    pub fn step(&self) -> Option<Step> {
        Some(match self {
            Self::Login { .. } => Step::Login,
            Self::GiveBirthDate(_) => Step::BirthDate,
            Self::AcceptTerms(_) | Self::DeclineTerms => Step::Terms,
            Self::GiveEmail(_) => Step::Email,
            Self::ResendLink | Self::CorrectEmail => Step::EmailWait,
            Self::ConfirmEmail(_) | Self::OpenReset(_) | Self::Freeze(_) => return None,
            Self::ChooseMethod { .. } => Step::Method,
            Self::SetPassword { .. } => Step::NewPassword,
            Self::ConfirmTotp { .. } => Step::SetupTotp,
            Self::CreatePasskey(_) => Step::SetupPasskey,
            Self::NamePasskey(_) => Step::NamePasskey,
            Self::GiveCode { .. } => Step::LoginTotp,
            Self::GivePasskey(_) => Step::LoginPasskey,
            Self::GiveMailCode(_) | Self::ResendMailCode => Step::MailCode,
            Self::GiveRecoveryCode(_) => Step::GiveRecoveryCode,
            Self::ChooseWay(_) => Step::AnotherWay,
            Self::GiveActivationCode { page, .. } | Self::Begin { page, .. } => *page,
            Self::MakeRecoveryCodes | Self::LeaveRecoveryCodes => Step::RecoveryCodes,
            Self::EndOthers => Step::OwnPage,
            Self::GivePassword(_) => Step::Reauthentication,
            Self::ChangeEmail(_) => Step::ChangeEmail,
            Self::ChangeUserId(_) => Step::ChangeUserId,
            Self::ChangeMethod(_) => Step::ChangeMethod,
            Self::DeleteDevice => Step::DeleteDevice,
            Self::ForgotPassword(_) => Step::ForgotPassword,
            Self::ForgotUserId(_) => Step::ForgotUserId,
            Self::Recover(_) => Step::Recover,
            Self::Logout { .. } => Step::Logout,
        })
    }

    /// Whether it needs a session: everything but the log-in, what is forgotten, and links.
    pub fn needs_session(&self) -> bool {
        self.step().is_some_and(|step| step != Step::Login && !step.is_open())
    }

    /// What it asks for that is limited, if it does.
    pub fn asks(&self) -> Option<Asking> {
        match self {
            Self::ForgotPassword(_) | Self::ForgotUserId(_) => Some(Asking::Recovery),
            Self::ResendMailCode => Some(Asking::MailCode),
            _ => self.claims().map(|_| Asking::UserId),
        }
    }

    /// The user ID that would become the member's.
    pub fn claims(&self) -> Option<&UserId> {
        match self {
            Self::ChangeUserId(id) => Some(id),
            Self::ChooseMethod { user_id, .. } => user_id.as_ref(),
            _ => None,
        }
    }

    /// Whether its rules speak of the sealed profile.
    pub fn needs_profile(&self) -> bool {
        matches!(
            self,
            Self::GiveBirthDate(_)
                | Self::ChooseMethod { .. }
                | Self::SetPassword { .. }
                | Self::ChangeUserId(_)
                | Self::ConfirmEmail(Some(_))
        )
    }

    /// What it costs the source of a browser that is not known; `None`: nothing that a source could be told to wait for.
    pub fn weight(&self) -> Option<Weight> {
        match self {
            Self::Login { .. } | Self::GivePassword(_) | Self::SetPassword { .. } => Some(Weight::Password),
            Self::ForgotPassword(_) | Self::ForgotUserId(_) => Some(Weight::Letter),
            _ => None,
        }
    }

    /// What it guesses at, if it guesses: tries at one account and one of these are judged one after another (design law 2).
    pub fn guesses(&self) -> Option<Guessable> {
        match self {
            Self::Login { .. } | Self::GivePassword(_) => Some(Guessable::Password),
            Self::GiveBirthDate(_) => Some(Guessable::BirthDate),
            Self::GiveActivationCode { .. } => Some(Guessable::ActivationCode),
            Self::ConfirmTotp { .. } | Self::GiveCode { .. } | Self::GiveRecoveryCode(_) => Some(Guessable::SecondStep),
            Self::GivePasskey(PasskeyAnswer::Json(_)) => Some(Guessable::SecondStep),
            Self::GiveMailCode(_) => Some(Guessable::MailCode),
            _ => None,
        }
    }
}
