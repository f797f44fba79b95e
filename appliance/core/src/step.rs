//! Every screen by its permanent id, and what a member is here to do.

/// What a member is here to do. First log-in and set-up are no goals: they follow from the account's facts on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Goal {
    /// The society's services.
    Portal,
    /// To leave.
    Logout,
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
    /// The first log-in is complete.
    FirstLoginComplete = "first-login-complete" at "/complete",
    /// Setting the TOTP app up.
    SetupTotp = "setup-totp" at "/setup-totp",
    /// The app's code.
    LoginTotp = "login-totp" at "/code",
    /// The society's services.
    Portal = "portal" at "/",
    /// Really log out?
    Logout = "logout" at "/logout",
}
