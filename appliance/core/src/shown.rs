//! What a page prints: plain data, opened by the shell for this one answer.

use crate::account::Profile;
use crate::id::FactorId;
use crate::letter::Language;
use crate::refusal::Refusal;
use crate::secret::Secret;
use crate::session::Way;
use crate::step::Step;
use crate::tenant::{Method, Offer, PasswordRule, UserIdRule};
use crate::time::Timestamp;
use core::time::Duration;

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
        /// The devices whose code serves, last used first. A choice where there are several.
        devices: Vec<DeviceChoice>,
        /// Whether it is asked for once more, before a change.
        again: bool,
    },
    /// `setup-passkey`.
    SetupPasskey {
        /// For the page's script: `PublicKeyCredentialCreationOptionsJSON`.
        options: String,
        /// Whether it is one more beside others, so that the page can be left.
        adds: bool,
    },
    /// `name-passkey`.
    NamePasskey {
        /// What stands in the field.
        name: String,
    },
    /// `recovery-codes`, before they are made.
    OfferRecoveryCodes {
        /// How many of an older ten are left, which making new ones kills.
        left: usize,
        /// Whether the member came to make them, or is being offered them.
        asked: bool,
    },
    /// `recovery-codes`, this once. Made to be printed on A4.
    RecoveryCodes {
        /// As they are printed.
        codes: Vec<Secret<String>>,
        /// When they were made.
        since: Timestamp,
    },
    /// `login-passkey`.
    LoginPasskey {
        /// For the page's script: `PublicKeyCredentialRequestOptionsJSON`.
        options: String,
        /// Whether it is asked for once more, before a change.
        again: bool,
    },
    /// `mail-code`.
    MailCode {
        /// Where the code goes, with most of it hidden.
        address: String,
        /// When the newest code was asked for and until when it serves; `None`: none lives.
        sent: Option<(Timestamp, Timestamp)>,
        /// From when on another one can be asked for.
        again_from: Timestamp,
        /// Whether the outbox has not been able to send it yet.
        delayed: bool,
    },
    /// `recovery-code`.
    GiveRecoveryCode {
        /// How many are left.
        left: usize,
    },
    /// `another-way`.
    AnotherWay {
        /// What the member holds, recovery codes last, and the one that was asked for.
        ways: Vec<(Way, bool)>,
    },
    /// `activation-code`.
    ActivationCode,
    /// `terms-declined`.
    TermsDeclined,
    /// `re-authentication`.
    Reauthentication {
        /// For the password manager's hidden field.
        user_id: String,
    },
    /// `portal`.
    Portal {
        /// When the member logged in last before this.
        last_login: Option<Timestamp>,
        /// By a recovery that is on hold until then: some things have to wait.
        on_hold: Option<Timestamp>,
        /// Whether to advise a passkey (N-04).
        advise_passkey: bool,
        /// How many recovery codes are left, where the log-in was by one of them.
        codes_left: Option<usize>,
    },
    /// `profile`.
    Profile(Box<ProfilePage>),
    /// `login-methods`.
    LoginMethods(Box<LoginMethods>),
    /// `own-page`.
    OwnPage(Box<OwnPage>),
    /// `change-email`.
    ChangeEmail {
        /// What stands in the field.
        address: String,
    },
    /// `change-user-id`.
    ChangeUserId(UserIdField),
    /// `change-method`.
    ChangeMethod {
        /// What can be chosen, in the society's order.
        offers: Vec<Offer>,
        /// The method in use.
        present: Option<Method>,
    },
    /// `delete-device`.
    DeleteDevice {
        /// What it is called.
        name: String,
        /// What it is.
        method: Method,
    },
    /// `forgot-password`.
    ForgotPassword {
        /// What was typed before.
        user_id: String,
    },
    /// `forgot-user-id`.
    ForgotUserId {
        /// What was typed before.
        birth_date: BirthDateFields,
        /// What was typed before.
        address: String,
    },
    /// `see-mail`.
    SeeMail,
    /// `recover`.
    Recover {
        /// What the member holds, recovery codes last.
        ways: Vec<Way>,
        /// Whether the second step can be set up anew.
        anew: bool,
        /// Whether a password reset by mail alone is on hold for 72 hours.
        holds: bool,
    },
    /// `logout`.
    Logout,
    /// A log-in was left half-way for too long.
    LoginTimeout,
    /// A wait, a lock: [`Page::refusal`] says which.
    Held,
    /// Behind the link in a mail: the button that does what the letter said.
    LinkConfirm {
        /// What the link is for.
        link: LinkKind,
        /// The link's token, for the form.
        token: String,
        /// Whether the journey waits for the link, so that there is a page to go back to.
        waits: bool,
    },
    /// It is done.
    LinkDone {
        /// What the link was for.
        link: LinkKind,
        /// Whether the journey waits for the link.
        waits: bool,
    },
    /// Help: phone, hours, what to do.
    Help,
    /// Something else that is not a page of the journey.
    Problem(Problem),
}

/// What a link in a mail is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// Proves an address.
    Email,
    /// Begins a recovery.
    Reset,
    /// "It was not me".
    Freeze,
}

impl LinkKind {
    /// Where such a link leads, and where the form behind it goes.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Email => "/link/email",
            Self::Reset => "/link/reset",
            Self::Freeze => "/link/freeze",
        }
    }
}

/// A device that can be chosen for a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceChoice {
    /// Which.
    pub id: FactorId,
    /// What its owner calls it.
    pub name: String,
    /// Whether it is chosen already.
    pub chosen: bool,
}

/// The member's data (プロフィール変更).
#[derive(Clone, Debug)]
pub struct ProfilePage {
    /// Name as the society writes it.
    pub name: String,
    /// User ID.
    pub user_id: String,
    /// Whether it can be changed.
    pub user_id_changes: bool,
    /// The address in use, and whether it is proven.
    pub email: Option<(String, bool)>,
    /// An address that waits for its link, and from when on the link serves if that is on hold.
    pub pending_email: Option<(String, Option<Timestamp>)>,
    /// The method in use.
    pub method: Option<Method>,
    /// A method that waits to be set up, and from when on it can be if that is on hold.
    pub pending_method: Option<(Method, Option<Timestamp>)>,
    /// Whether there is another method to choose.
    pub method_changes: bool,
}

/// Password and devices (ログイン方法変更).
#[derive(Clone, Debug)]
pub struct LoginMethods {
    /// When the password was made.
    pub password_since: Option<Timestamp>,
    /// The devices, TOTP apps and passkeys, newest last.
    pub devices: Vec<Device>,
    /// The kinds of which one more can be added.
    pub adds: Vec<Method>,
    /// When the recovery codes were made and how many are left.
    pub recovery_codes: Option<(Timestamp, usize)>,
}

/// A device of the member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Which.
    pub id: FactorId,
    /// What its owner calls it.
    pub name: String,
    /// TOTP app or passkey.
    pub method: Method,
    /// Since when.
    pub since: Timestamp,
    /// When it was last used.
    pub last_use: Option<Timestamp>,
    /// Of a passkey: whether it may be copied to other devices of its owner's account ("synced").
    pub synced: Option<bool>,
    /// Whether it can be deleted: the last second step cannot.
    pub can_go: bool,
}

/// The member's own page.
#[derive(Clone, Debug)]
pub struct OwnPage {
    /// Name as the society writes it.
    pub name: String,
    /// User ID.
    pub user_id: String,
    /// The address in use.
    pub email: Option<String>,
    /// The method in use.
    pub method: Option<Method>,
    /// The devices.
    pub devices: Vec<Device>,
    /// The newest full log-ins, newest first.
    pub logins: Vec<(Timestamp, Way)>,
    /// The open sessions: since when, when last used, and whether it is this one.
    pub sessions: Vec<(Timestamp, Timestamp, bool)>,
    /// What is pending, each with the instant when its wait ends if there is one.
    pub pending: Vec<(Pending, Option<Timestamp>)>,
    /// Whether the account is unproven and the activation code would end that.
    pub asks_activation: bool,
}

/// What can be pending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pending {
    /// A change of address, until its link is opened.
    Email,
    /// A change of method, until it is set up.
    Method(Method),
    /// A recovery, until its hold is over.
    Recovery,
}

/// What a member typed and may see again when a form is refused. Never a password or a code.
#[derive(Clone, Default)]
pub struct Typed {
    /// `login`, `method`, `change-user-id`, `forgot-password`.
    pub user_id: String,
    /// `birth-date`, `forgot-user-id`.
    pub birth_date: BirthDateFields,
    /// `email`, `change-email`, `forgot-user-id`.
    pub address: String,
    /// `setup-totp`, `name-passkey`.
    pub device: String,
    /// `login-totp`: the device chosen.
    pub device_id: Option<FactorId>,
    /// `setup-totp`: whether the key was shown as text.
    pub as_text: bool,
    /// Behind a link: what it is for, and its token.
    pub link: Option<(LinkKind, String)>,
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

    /// After how long another try is worth it, where that is known.
    pub fn retry(self) -> Option<Duration> {
        match self {
            Self::Busy => Some(Duration::from_secs(5)),
            Self::TryLater => Some(Duration::from_secs(30)),
            _ => None,
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

/// A page that waits longer than this tells its time, and stays.
const LONGEST_WAIT: Duration = Duration::from_secs(10 * 60);

impl Page<'_> {
    /// After how long the page goes on to the log-in page by itself. Only a page does so on which nothing can be typed, and which is
    /// over when the wait is (WCAG 2.2.1); it has a link there besides.
    pub fn goes_on(&self) -> Option<Duration> {
        match (&self.shown, &self.refusal) {
            (Shown::Problem(Problem::Busy), _) => Problem::Busy.retry(),
            (Shown::Held, Some(Refusal::Crowded(until))) => {
                Some(until.since(self.now).max(Duration::from_secs(1))).filter(|wait| *wait <= LONGEST_WAIT)
            }
            _ => None,
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
            Self::SetupPasskey { .. } => Step::SetupPasskey,
            Self::NamePasskey { .. } => Step::NamePasskey,
            Self::OfferRecoveryCodes { .. } | Self::RecoveryCodes { .. } => Step::RecoveryCodes,
            Self::LoginPasskey { .. } => Step::LoginPasskey,
            Self::MailCode { .. } => Step::MailCode,
            Self::GiveRecoveryCode { .. } => Step::GiveRecoveryCode,
            Self::AnotherWay { .. } => Step::AnotherWay,
            Self::ActivationCode => Step::ActivationCode,
            Self::TermsDeclined => Step::TermsDeclined,
            Self::Reauthentication { .. } => Step::Reauthentication,
            Self::Portal { .. } => Step::Portal,
            Self::Profile(_) => Step::Profile,
            Self::LoginMethods(_) => Step::LoginMethods,
            Self::OwnPage(_) => Step::OwnPage,
            Self::ChangeEmail { .. } => Step::ChangeEmail,
            Self::ChangeUserId(_) => Step::ChangeUserId,
            Self::ChangeMethod { .. } => Step::ChangeMethod,
            Self::DeleteDevice { .. } => Step::DeleteDevice,
            Self::ForgotPassword { .. } => Step::ForgotPassword,
            Self::ForgotUserId { .. } => Step::ForgotUserId,
            Self::SeeMail => Step::SeeMail,
            Self::Recover { .. } => Step::Recover,
            Self::Logout => Step::Logout,
            Self::LoginTimeout => return "login-timeout",
            Self::Held => {
                return match refusal {
                    Some(Refusal::AccountLocked) => "account-locked",
                    Some(Refusal::AccountDisabled) => "account-disabled",
                    Some(Refusal::PasswordLocked(_)) => "password-locked",
                    Some(Refusal::Crowded(_)) => "crowded",
                    _ => "wait",
                };
            }
            Self::LinkConfirm { link, .. } => {
                return match link {
                    LinkKind::Email => "link-confirm",
                    LinkKind::Reset => "link-reset",
                    LinkKind::Freeze => "link-freeze",
                };
            }
            Self::LinkDone { link, .. } => return if *link == LinkKind::Freeze { "link-frozen" } else { "link-done" },
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
