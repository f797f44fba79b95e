//! What a page prints: plain data, opened by the shell for this one answer.

use crate::account::Profile;
use crate::letter::Language;
use crate::refusal::Refusal;
use crate::secret::Secret;
use crate::step::Step;
use crate::tenant::{Offer, PasswordRule, UserIdRule};
use crate::time::Timestamp;

/// One page.
pub struct Page<'a> {
    /// In which language.
    pub language: Language,
    /// The society whose page it is.
    pub face: &'a Face,
    /// The member's name at the top right, behind a full log-in.
    pub member_name: Option<String>,
    /// Value of the hidden field that every form carries.
    pub csrf: String,
    /// For the inline style sheet (CSP).
    pub nonce: String,
    /// When the page was made: clock times and "in N minutes".
    pub now: Timestamp,
    /// Why the last form was not accepted.
    pub refusal: Option<Refusal>,
    /// What it shows.
    pub shown: Shown,
}

/// What a society shows of itself. Texts come from its configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Face {
    /// Its name in Japanese.
    pub name_ja: String,
    /// Its name in English.
    pub name_en: String,
    /// Where members can call.
    pub phone: String,
    /// When.
    pub hours_ja: String,
    /// When, in English.
    pub hours_en: String,
    /// What stands on the portal page.
    pub services: Vec<Service>,
}

/// A service on the portal page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its name in Japanese.
    pub name_ja: String,
    /// Its name in English.
    pub name_en: String,
    /// Where it is: an absolute https address.
    pub url: String,
}

/// What a page shows.
pub enum Shown {
    /// `login`.
    Login {
        /// What was typed before.
        user_id: String,
    },
    /// `birth-date`.
    BirthDate(BirthDateFields),
    /// `terms`.
    Terms {
        /// Which version.
        version: String,
        /// The text, paragraphs parted by empty lines.
        text: String,
    },
    /// `email`.
    Email {
        /// What stands in the field.
        address: String,
        /// Whether the journey waits for the link.
        waits: bool,
    },
    /// `email-wait`.
    EmailWait {
        /// Where the letter went.
        address: String,
        /// When it was asked for.
        since: Timestamp,
        /// Whether the outbox has not been able to send it yet.
        delayed: bool,
    },
    /// `method`.
    Method {
        /// What can be chosen, in the society's order.
        offers: Vec<Offer>,
        /// The field for a user ID, where the society has it.
        user_id: Option<UserIdField>,
    },
    /// `new-password`.
    NewPassword {
        /// For the password manager's hidden field.
        user_id: String,
        /// What may be chosen.
        rule: PasswordRule,
    },
    /// `first-login-complete`.
    FirstLoginComplete,
    /// `setup-totp`.
    SetupTotp(Box<TotpSetup>),
    /// `login-totp`.
    LoginTotp {
        /// The device whose code is asked for.
        device: String,
    },
    /// `portal`.
    Portal {
        /// When the member logged in last before this.
        last_login: Option<Timestamp>,
    },
    /// `logout`.
    Logout,
    /// A log-in was left half-way for too long.
    LoginTimeout,
    /// A wait, a lock: [`Page::refusal`] says which.
    Held,
    /// Behind the link in a mail: the button that confirms.
    LinkConfirm {
        /// The link's token, for the form.
        token: String,
        /// Whether the journey waits for the link, so that there is a page to go back to.
        waits: bool,
    },
    /// The address is confirmed.
    LinkDone {
        /// Whether the journey waits for the link.
        waits: bool,
    },
    /// Help: phone, hours, what to do.
    Help,
    /// Something else that is not a page of the journey.
    Problem(Problem),
}

/// What a member typed and may see again when a form is refused. Never a password or a code.
#[derive(Clone, Default)]
pub struct Typed {
    /// `login` and `method`.
    pub user_id: String,
    /// `birth-date`.
    pub birth_date: BirthDateFields,
    /// `email`.
    pub address: String,
    /// `setup-totp`.
    pub device: String,
    /// `setup-totp`: whether the key was shown as text.
    pub as_text: bool,
    /// Behind a link: its token.
    pub link: String,
}

/// What stands in the three fields and the era box.
#[derive(Clone, Default)]
pub struct BirthDateFields {
    /// Id of the era.
    pub era: String,
    /// As typed.
    pub year: String,
    /// As typed.
    pub month: String,
    /// As typed.
    pub day: String,
}

/// The user ID field of the method page.
pub struct UserIdField {
    /// What stands in it.
    pub user_id: String,
    /// Whether the page asks for a new ID or merely allows one.
    pub asked: bool,
    /// What may be chosen.
    pub rule: UserIdRule,
}

/// The set-up page of a TOTP app.
pub struct TotpSetup {
    /// The QR code as a PNG picture, in base64.
    pub png: Secret<String>,
    /// The key in base32, in groups of four (OTP-24).
    pub key: Secret<String>,
    /// The `otpauth://` address for an app on the same phone.
    pub uri: Secret<String>,
    /// The account name that the app will show.
    pub account: String,
    /// What stands in the device name field.
    pub device: String,
    /// Whether the key is shown as text (スキャンできませんか？) in place of the picture.
    pub as_text: bool,
}

/// Answers that are not pages of the journey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// A form that no page of ours could have sent. 400.
    BadRequest,
    /// A form from another page, or from a page that is too old. 403.
    Forbidden,
    /// No such page. 404.
    NotFound,
    /// Not with this method. 405.
    MethodNotAllowed,
    /// More than any form has. 413.
    TooLarge,
    /// Not a form. 415.
    UnsupportedMedia,
    /// No such society here. 421.
    Misdirected,
    /// The appliance is too busy; nothing was judged or counted. 503.
    Busy,
    /// A part of the appliance does not answer; nothing was judged or counted. 503.
    TryLater,
    /// A mistake of ours. 500.
    Internal,
}

impl Problem {
    /// HTTP status.
    pub fn status(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::TooLarge => 413,
            Self::UnsupportedMedia => 415,
            Self::Misdirected => 421,
            Self::Internal => 500,
            Self::Busy | Self::TryLater => 503,
        }
    }

    /// The permanent id.
    pub fn id(self) -> &'static str {
        match self {
            Self::BadRequest => "bad-request",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not-found",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::TooLarge => "too-large",
            Self::UnsupportedMedia => "unsupported-media",
            Self::Misdirected => "misdirected",
            Self::Busy => "busy",
            Self::TryLater => "try-later",
            Self::Internal => "internal",
        }
    }
}

impl Shown {
    /// The permanent id that the page carries in `data-step`.
    pub fn id(&self, refusal: Option<&Refusal>) -> &'static str {
        let step = match self {
            Self::Login { .. } => Step::Login,
            Self::BirthDate(_) => Step::BirthDate,
            Self::Terms { .. } => Step::Terms,
            Self::Email { .. } => Step::Email,
            Self::EmailWait { .. } => Step::EmailWait,
            Self::Method { .. } => Step::Method,
            Self::NewPassword { .. } => Step::NewPassword,
            Self::FirstLoginComplete => Step::FirstLoginComplete,
            Self::SetupTotp(_) => Step::SetupTotp,
            Self::LoginTotp { .. } => Step::LoginTotp,
            Self::Portal { .. } => Step::Portal,
            Self::Logout => Step::Logout,
            Self::LoginTimeout => return "login-timeout",
            Self::Held => {
                return match refusal {
                    Some(Refusal::AccountLocked) => "account-locked",
                    Some(Refusal::PasswordLocked(_)) => "password-locked",
                    _ => "wait",
                };
            }
            Self::LinkConfirm { .. } => return "link-confirm",
            Self::LinkDone { .. } => return "link-done",
            Self::Help => return "help",
            Self::Problem(problem) => return problem.id(),
        };
        step.id()
    }
}

/// The user ID as an authenticator app may show it: stars and its last two characters, which tell a family apart. The default ID begins
/// with the card's symbol, so its beginning stays out (OTP-22).
pub fn masked(profile: &Profile) -> String {
    let id: Vec<char> = profile.user_id.as_str().chars().collect();
    let hidden = id.len().saturating_sub(2);
    let end: String = id.get(hidden..).unwrap_or_default().iter().collect();
    format!("{}{end}", "*".repeat(hidden.clamp(3, 8)))
}
