//! Parsed forms: one variant for each thing a member can ask for.

use crate::birth::BirthDate;
use crate::email::EmailAddress;
use crate::guard::Guessable;
use crate::id::{ItemId, MemberId};
use crate::otp::Code;
use crate::password::Password;
use crate::step::{Goal, Step};
use crate::tenant::Method;
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
    ConfirmEmail(Option<EmailLink>),
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
    /// `login-totp`.
    GiveCode(Option<Code>),
    /// `logout`.
    Logout {
        /// Whether every other session of the member ends too.
        everywhere: bool,
    },
}

/// What a link in a mail speaks of, its seal and time having been checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EmailLink {
    /// Whose address.
    pub member: MemberId,
    /// Which pending item.
    pub item: ItemId,
}

impl Command {
    /// The goal and the screen whose form it is; `None`: a link, which belongs to an account and not to a browser.
    pub fn belongs_to(&self) -> Option<(Goal, Step)> {
        let step = match self {
            Self::Login { .. } => Step::Login,
            Self::GiveBirthDate(_) => Step::BirthDate,
            Self::AcceptTerms(_) => Step::Terms,
            Self::GiveEmail(_) => Step::Email,
            Self::ResendLink | Self::CorrectEmail => Step::EmailWait,
            Self::ConfirmEmail(_) => return None,
            Self::ChooseMethod { .. } => Step::Method,
            Self::SetPassword { .. } => Step::NewPassword,
            Self::ConfirmTotp { .. } => Step::SetupTotp,
            Self::GiveCode(_) => Step::LoginTotp,
            Self::Logout { .. } => return Some((Goal::Logout, Step::Logout)),
        };
        Some((Goal::Portal, step))
    }

    /// The screen whose form it is; `None`: a link.
    pub fn step(&self) -> Option<Step> {
        self.belongs_to().map(|(_, step)| step)
    }

    /// Whether its rules speak of the sealed profile.
    pub fn needs_profile(&self) -> bool {
        matches!(self, Self::GiveBirthDate(_) | Self::ChooseMethod { .. } | Self::SetPassword { .. })
    }

    /// What it guesses at, if it guesses: tries at one account and one of these are judged one after another (design law 2).
    pub fn guesses(&self) -> Option<Guessable> {
        match self {
            Self::Login { .. } => Some(Guessable::Password),
            Self::GiveBirthDate(_) => Some(Guessable::BirthDate),
            Self::ConfirmTotp { .. } | Self::GiveCode(_) => Some(Guessable::Totp),
            _ => None,
        }
    }
}
