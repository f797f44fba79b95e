//! Letters by mail, as intents: the worker derives the link and sends.

use crate::email::EmailAddress;
use crate::id::ItemId;
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
}

/// What a letter says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum LetterKind {
    /// "Open this link to confirm that mail reaches you": proves the pending address `0`.
    ConfirmEmail(ItemId),
    /// "Your first log-in is complete."
    FirstLoginFinished,
    /// "A TOTP app was set up."
    TotpSetUp,
}

impl LetterKind {
    /// The permanent id.
    pub fn id(&self) -> &'static str {
        match self {
            Self::ConfirmEmail(_) => "confirm-email",
            Self::FirstLoginFinished => "first-login-finished",
            Self::TotpSetUp => "totp-set-up",
        }
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
