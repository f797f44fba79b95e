//! Every event by its permanent id. What is written down beside it: society, member, instant, and the refusal if there is one.

macro_rules! events {
    ($($(#[$doc:meta])* $name:ident = $id:literal),* $(,)?) => {
        /// Something that happened to an account.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Event {
            $($(#[$doc])* $name),*
        }

        impl Event {
            /// All events.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The permanent id.
            pub fn id(self) -> &'static str {
                match self { $(Self::$name => $id),* }
            }
        }
    };
}

events! {
    /// The first step of a log-in was right.
    PasswordAccepted = "login.password.ok",
    /// The first step of a log-in was wrong, or not judged.
    PasswordRefused = "login.password.refused",
    /// The birth date was right.
    BirthDateAccepted = "first-login.birth-date.ok",
    /// The birth date was wrong.
    BirthDateRefused = "first-login.birth-date.refused",
    /// The terms were agreed to.
    TermsAccepted = "terms.accepted",
    /// An address was given and waits for its link.
    EmailGiven = "email.given",
    /// An address was proven by its link.
    EmailProven = "email.proven",
    /// A link was opened that proves nothing.
    LinkRefused = "link.refused",
    /// A method was chosen.
    MethodChosen = "method.chosen",
    /// The user ID was changed.
    UserIdChanged = "user-id.changed",
    /// The member set a password.
    PasswordSet = "password.set",
    /// A form was refused for what it said, nothing having been guessed.
    FormRefused = "form.refused",
    /// The first log-in was finished.
    FirstLoginFinished = "first-login.finished",
    /// A TOTP app was set up.
    TotpSetUp = "totp.set-up",
    /// A code at set-up was wrong.
    TotpSetupRefused = "totp.set-up.refused",
    /// The second step was right: a full log-in.
    LoginCompleted = "login.completed",
    /// The second step was wrong, or not judged.
    CodeRefused = "login.code.refused",
    /// A passkey was made.
    PasskeySetUp = "passkey.set-up",
    /// An answer to the passkey set-up proved nothing.
    PasskeySetupRefused = "passkey.set-up.refused",
    /// A passkey's counter did not grow: the sign of a copy (WV-16).
    PasskeyCounter = "passkey.counter",
    /// A device got a name.
    DeviceNamed = "device.named",
    /// A device was deleted.
    DeviceDeleted = "device.deleted",
    /// A code was mailed.
    MailCodeSent = "mail-code.sent",
    /// Password or second step was given once more, before a change.
    Reauthenticated = "session.re-authenticated",
    /// Recovery codes were made.
    RecoveryCodesMade = "recovery-codes.made",
    /// A recovery code was used.
    RecoveryCodeUsed = "recovery-codes.used",
    /// A reset link or a reminder was asked for.
    RecoveryAsked = "recovery.asked",
    /// A reset link was opened.
    RecoveryBegun = "recovery.begun",
    /// A recovery gave everything back at once.
    RecoveryFinished = "recovery.finished",
    /// A recovery by mail alone is on hold.
    RecoveryHeld = "recovery.held",
    /// A full log-in with what counts cancelled a recovery.
    RecoveryCancelled = "recovery.cancelled",
    /// "It was not me": what was pending is cancelled.
    Frozen = "account.frozen",
    /// The activation code was right.
    ActivationAccepted = "activation-code.ok",
    /// The activation code was wrong, or not judged.
    ActivationRefused = "activation-code.refused",
    /// The terms were not agreed to.
    TermsDeclined = "terms.declined",
    /// A session was ended by its member.
    LoggedOut = "session.logged-out",
    /// All other sessions of a member were ended.
    OthersSignedOut = "session.others-ended",
    /// Staff lifted a lock.
    Unlocked = "staff.unlocked",
    /// Staff imported members.
    Imported = "staff.imported",
    /// Staff made the society's file.
    SocietyAdded = "staff.society-added",
    /// Staff issued a user ID or a password.
    PasswordIssued = "staff.password-issued",
    /// Staff issued an activation code.
    ActivationIssued = "staff.activation-issued",
    /// Staff let a first log-in begin again.
    Reopened = "staff.reopened",
    /// Staff removed a member's factors.
    FactorReset = "staff.factor-reset",
    /// Staff corrected a name.
    NameCorrected = "staff.name-corrected",
    /// Staff published terms.
    TermsPublished = "staff.terms-published",
    /// Staff closed an account.
    Disabled = "staff.disabled",
    /// Staff opened an account again.
    Enabled = "staff.enabled",
    /// Staff deleted a member.
    Deleted = "staff.deleted",
    /// Staff asked for what a second one has to approve.
    ApprovalAsked = "staff.approval-asked",
    /// Staff listed the society's concessions and limits.
    PolicyShown = "staff.policy-shown",
    /// Staff looked at a member.
    MemberShown = "staff.member-shown",
    /// Staff read the audit log.
    AuditRead = "staff.audit-read",
    /// Staff announced a morning of letters, which raises the spray brake's budget.
    LettersAnnounced = "staff.letters-announced",
    /// Staff said that the clock is right although it has jumped.
    ClockAccepted = "staff.clock-accepted",
    /// The clock has jumped ahead, and is not believed.
    ClockJumped = "clock.jumped",
    /// The codes of many members say that the clock is wrong.
    ClockMembers = "clock.members",
}
