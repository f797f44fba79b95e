//! Every screen by its permanent id, and what a member is here to do.

use crate::id::FactorId;
use crate::tenant::Method;
use serde::{Deserialize, Serialize};

/// What a member is here to do. First log-in and set-up are no goals: they follow from the account's facts on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Goal {
    /// The society's services, and the pages of the member's own.
    Portal,
    /// To leave.
    Logout,
    /// Another password.
    ChangePassword,
    /// Another address.
    ChangeEmail,
    /// Another user ID.
    ChangeUserId,
    /// Another method for the second step.
    ChangeMethod,
    /// One more device.
    AddDevice(Method),
    /// One device less.
    DeleteDevice(FactorId),
    /// Ten new recovery codes.
    RecoveryCodes,
    /// To get in again without the password. Begins with the link in a mail.
    Recover,
}

macro_rules! steps {
    ($($(#[$doc:meta])* $name:ident = $id:literal at $path:literal),* $(,)?) => {
        /// A screen of the journey. Its id is permanent: pages, harness, audit and documents speak it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Step {
            $($(#[$doc])* $name),*
        }

        impl Step {
            /// All screens of the journey.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The permanent id.
            pub fn id(self) -> &'static str {
                match self { $(Self::$name => $id),* }
            }

            /// Where the screen stands.
            pub fn path(self) -> &'static str {
                match self { $(Self::$name => $path),* }
            }
        }
    };
}

steps! {
    /// User ID and password.
    Login = "login" at "/login",
    /// Birth date.
    BirthDate = "birth-date" at "/birth-date",
    /// Terms.
    Terms = "terms" at "/terms",
    /// E-mail address.
    Email = "email" at "/email",
    /// Waiting for the link in the mail.
    EmailWait = "email-wait" at "/email/wait",
    /// Choice of method, and of a user ID where the society allows one.
    Method = "method" at "/method",
    /// A password of the member's own.
    NewPassword = "new-password" at "/new-password",
    /// The activation code on the letter.
    ActivationCode = "activation-code" at "/activation-code",
    /// Terms that were not agreed to.
    TermsDeclined = "terms-declined" at "/terms/declined",
    /// The first log-in is complete.
    FirstLoginComplete = "first-login-complete" at "/complete",
    /// Setting the TOTP app up.
    SetupTotp = "setup-totp" at "/setup-totp",
    /// Making a passkey.
    SetupPasskey = "setup-passkey" at "/setup-passkey",
    /// A name for a passkey that was just made.
    NamePasskey = "name-passkey" at "/name-passkey",
    /// Ten recovery codes: offered, then shown once.
    RecoveryCodes = "recovery-codes" at "/recovery-codes",
    /// The app's code.
    LoginTotp = "login-totp" at "/code",
    /// The passkey.
    LoginPasskey = "login-passkey" at "/passkey",
    /// The code in a mail.
    MailCode = "mail-code" at "/mail-code",
    /// A recovery code.
    GiveRecoveryCode = "recovery-code" at "/recovery-code",
    /// The second steps that the member holds.
    AnotherWay = "another-way" at "/another-way",
    /// The password once more, before a change.
    Reauthentication = "re-authentication" at "/re-authentication",
    /// The society's services.
    Portal = "portal" at "/",
    /// The member's data: user ID, address, method.
    Profile = "profile" at "/profile",
    /// Password and devices.
    LoginMethods = "login-methods" at "/login-methods",
    /// Sessions, log-ins, what is pending.
    OwnPage = "own-page" at "/own-page",
    /// Another address.
    ChangeEmail = "change-email" at "/profile/email",
    /// Another user ID.
    ChangeUserId = "change-user-id" at "/profile/user-id",
    /// Another method.
    ChangeMethod = "change-method" at "/profile/method",
    /// Really delete this device?
    DeleteDevice = "delete-device" at "/login-methods/delete",
    /// The password is forgotten: which ID?
    ForgotPassword = "forgot-password" at "/forgot-password",
    /// The ID is forgotten: birth date and address.
    ForgotUserId = "forgot-user-id" at "/forgot-user-id",
    /// "See your mail", whatever was typed.
    SeeMail = "see-mail" at "/see-mail",
    /// Behind the reset link: is something held, or is the second step set up anew?
    Recover = "recover" at "/recover",
    /// Really log out?
    Logout = "logout" at "/logout",
}

impl Step {
    /// Whether it only shows things behind a log-in, and is where changes begin.
    pub fn is_hub(self) -> bool {
        matches!(self, Self::Portal | Self::Profile | Self::LoginMethods | Self::OwnPage)
    }

    /// Whether it is open to everybody, with or without a session.
    pub fn is_open(self) -> bool {
        matches!(self, Self::ForgotPassword | Self::ForgotUserId | Self::SeeMail)
    }

    /// Whether it asks for a second step.
    pub fn is_second_step(self) -> bool {
        matches!(self, Self::LoginTotp | Self::LoginPasskey | Self::MailCode | Self::GiveRecoveryCode)
    }
}
