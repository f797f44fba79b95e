//! One input: label, ※必須, support text above, error below, and the attributes that phones and password managers read.

use sekisho_core::refusal::Refusal;

/// What a template needs to draw an input. Texts are ids.
pub(super) struct Field<'a> {
    /// Its name in the form.
    pub name: &'static str,
    /// Id of its label.
    pub label: &'static str,
    /// Support text, ready to print; empty if there is none.
    pub hint: String,
    /// `text` or `password`.
    pub kind: &'static str,
    /// HTML's name for what goes in.
    pub autocomplete: &'static str,
    /// Which keys a phone shows.
    pub inputmode: &'static str,
    /// More characters than this cannot be typed: well above what is accepted, so that nothing is cut off unseen.
    pub maxlength: u32,
    /// What stands in it.
    pub value: &'a str,
    /// Id of one more element that describes it; empty if there is none.
    pub see: &'static str,
    /// Whether the form asks for it.
    pub required: bool,
}

impl<'a> Field<'a> {
    /// A text field.
    pub fn text(name: &'static str, label: &'static str, value: &'a str) -> Self {
        let (kind, autocomplete, inputmode, see) = ("text", "off", "text", "");
        Self { name, label, hint: String::new(), kind, autocomplete, inputmode, maxlength: 160, value, see, required: true }
    }

    /// A user ID.
    pub fn user_id(label: &'static str, value: &'a str) -> Self {
        Self { autocomplete: "username", maxlength: 128, ..Self::text("user_id", label, value) }
    }

    /// A password, `current-password` or `new-password`. Never filled in.
    pub fn password(name: &'static str, label: &'static str, autocomplete: &'static str) -> Self {
        Self { kind: "password", autocomplete, maxlength: 1024, ..Self::text(name, label, "") }
    }

    /// A one-time code: one field, never six (ux rule 3). Never filled in.
    pub fn code(hint: String) -> Self {
        let field = Self::text("code", "code", "");
        Self { autocomplete: "one-time-code", inputmode: "numeric", maxlength: 20, hint, ..field }
    }

    /// A code on paper, letters and digits in groups of four. Never filled in.
    pub fn paper_code(label: &'static str, hint: String) -> Self {
        Self { maxlength: 60, hint, ..Self::text("code", label, "") }
    }

    /// An address. A text field: `type=email` refuses carrier addresses such as `a..b@docomo.ne.jp`, which exist.
    pub fn email(label: &'static str, address: &'a str, hint: String) -> Self {
        Self { autocomplete: "email", inputmode: "email", maxlength: 320, hint, ..Self::text("email", label, address) }
    }

    /// The ids of everything that describes it, with the one of its error, for `aria-describedby`; empty if nothing does.
    pub fn described_by(&self, error: Option<String>) -> String {
        let hint = (!self.hint.is_empty()).then(|| format!("{}-hint", self.name));
        let see = (!self.see.is_empty()).then(|| self.see.to_owned());
        [hint, see, error].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

/// Names of the fields that a refusal speaks of.
pub(super) fn refused(refusal: &Refusal) -> &'static [&'static str] {
    match refusal {
        Refusal::WrongIdOrPassword => &["user_id", "password"],
        Refusal::WrongBirthDate | Refusal::NotADate => &["birth"],
        Refusal::EmailUnfit | Refusal::EmailInUse | Refusal::EmailUnchanged => &["email"],
        Refusal::MethodNotOffered | Refusal::MethodUnchanged => &["method"],
        Refusal::UserIdUnfit | Refusal::UserIdTaken => &["user_id"],
        Refusal::WrongPassword
        | Refusal::PasswordTooShort
        | Refusal::PasswordTooLong
        | Refusal::PasswordSign
        | Refusal::PasswordIsUserId
        | Refusal::PasswordUnchanged => &["password"],
        Refusal::PasswordsDiffer => &["again"],
        Refusal::WrongSetupCode
        | Refusal::WrongCode
        | Refusal::WrongMailCode
        | Refusal::MailCodeDead
        | Refusal::WrongRecoveryCode
        | Refusal::WrongActivationCode => &["code"],
        Refusal::DeviceNameUnfit | Refusal::DeviceNameTaken => &["device"],
        Refusal::BirthDateExhausted
        | Refusal::TermsChanged
        | Refusal::LinkDead
        | Refusal::TooManyDevices
        | Refusal::LastFactor
        | Refusal::PasskeyCancelled
        | Refusal::PasskeyKnown
        | Refusal::PasskeyUnsupported
        | Refusal::PasskeyExpired
        | Refusal::PasskeyRefused
        | Refusal::OnHold(_)
        | Refusal::LinkOnHold(_)
        | Refusal::AccountDisabled
        | Refusal::Wait(_)
        | Refusal::Crowded(_)
        | Refusal::PasswordLocked(_)
        | Refusal::AccountLocked
        | Refusal::TryAgain
        | Refusal::TooSoon => &[],
    }
}
