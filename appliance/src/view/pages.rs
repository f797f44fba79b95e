//! One template for each thing that can be shown.

use super::field::Field;
use super::frame::{Frame, SETUP_KEY_PATH};
use askama::Template;
use sekisho_core::birth::Era;
use sekisho_core::refusal::Refusal;
use sekisho_core::shown::{BirthDateFields, Page, Problem, Shown, TotpSetup, UserIdField};
use sekisho_core::tenant::{Offer, PasswordRule};
use sekisho_core::time::Timestamp;

/// Signs that a user ID may have beside letters and digits, and signs that it may not.
const USER_ID_SIGNS: (&str, &str) = ("- _ . @", "! \" # $ % & ' ( ) * + , / : ; < = > ? [ \\ ] ^ ` { | } ~");

/// Signs that a password may have where the society's set is ASCII: all there are, in the order of the manuals.
const PASSWORD_SIGNS: &str = "! \" # $ % & ' ( ) = ~ | ` { + * } < > ? _ - ^ \\ @ [ ; : ] , . /";

/// The page as HTML, or the template's error.
pub(super) fn html(page: &Page) -> askama::Result<String> {
    let f = &Frame::new(page);
    match &page.shown {
        Shown::Login { user_id } => Login::new(f, user_id).render(),
        Shown::BirthDate(fields) => BirthDate { f, fields }.render(),
        Shown::Terms { version, text } => Terms { f, version, text }.render(),
        Shown::Email { address, waits } => Email::new(f, address, *waits).render(),
        Shown::EmailWait { address, since, delayed } => EmailWait { f, address, since, delayed: *delayed }.render(),
        Shown::Method { offers, user_id } => Method::new(f, offers, user_id.as_ref()).render(),
        Shown::NewPassword { user_id, rule } => NewPassword::new(f, user_id, rule).render(),
        Shown::FirstLoginComplete => FirstLoginComplete { f }.render(),
        Shown::SetupTotp(setup) => SetupTotp::new(f, setup).render(),
        Shown::LoginTotp { device } => LoginTotp { f, device, code: Field::code(f.t("code-hint")) }.render(),
        Shown::Portal { last_login } => Portal { f, last_login: last_login.as_ref() }.render(),
        Shown::Logout => Logout { f }.render(),
        Shown::LoginTimeout => LoginTimeout { f }.render(),
        Shown::Held => Held { f, ends: page.refusal.as_ref().is_none_or(|refusal| *refusal != Refusal::AccountLocked) }.render(),
        Shown::LinkConfirm { token, .. } => LinkConfirm { f, token }.render(),
        Shown::LinkDone { waits } => LinkDone { f, waits: *waits }.render(),
        Shown::Help => Help { f }.render(),
        Shown::Problem(problem) => ProblemPage { f, problem: *problem }.render(),
    }
}

#[derive(Template)]
#[template(path = "login.html")]
struct Login<'a> {
    f: &'a Frame<'a>,
    user_id: Field<'a>,
    password: Field<'a>,
}

impl<'a> Login<'a> {
    fn new(f: &'a Frame<'a>, user_id: &'a str) -> Self {
        Self { f, user_id: Field::user_id("user-id", user_id), password: Field::password("password", "password", "current-password") }
    }
}

#[derive(Template)]
#[template(path = "birth-date.html")]
struct BirthDate<'a> {
    f: &'a Frame<'a>,
    fields: &'a BirthDateFields,
}

impl BirthDate<'_> {
    fn eras(&self) -> impl Iterator<Item = (&'static str, String, bool)> + '_ {
        let chosen = Era::ALL.iter().find(|era| era.id() == self.fields.era).unwrap_or(&Era::Common);
        Era::ALL.iter().map(move |era| (era.id(), self.f.t(format!("era-{}", era.id())), era == chosen))
    }

    /// Name, label, and what goes in.
    fn parts(&self) -> [(&'static str, String, &str); 3] {
        let label = |name| self.f.t(format!("birth-{name}"));
        [
            ("year", label("year"), self.fields.year.as_str()),
            ("month", label("month"), self.fields.month.as_str()),
            ("day", label("day"), self.fields.day.as_str()),
        ]
    }
}

#[derive(Template)]
#[template(path = "terms.html")]
struct Terms<'a> {
    f: &'a Frame<'a>,
    version: &'a str,
    text: &'a str,
}

impl<'a> Terms<'a> {
    /// Paragraphs are parted by empty lines, whichever system the text was written on.
    fn paragraphs(&self) -> Vec<String> {
        let text = self.text.replace("\r\n", "\n");
        text.split("\n\n").map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
    }
}

#[derive(Template)]
#[template(path = "email.html")]
struct Email<'a> {
    f: &'a Frame<'a>,
    email: Field<'a>,
    waits: bool,
}

impl<'a> Email<'a> {
    /// A text field: `type=email` refuses carrier addresses such as `a..b@docomo.ne.jp`, which exist.
    fn new(f: &'a Frame<'a>, address: &'a str, waits: bool) -> Self {
        let field = Field::text("email", "email", address);
        Self { f, email: Field { autocomplete: "email", inputmode: "email", maxlength: 320, hint: f.t("email-hint"), ..field }, waits }
    }
}

#[derive(Template)]
#[template(path = "email-wait.html")]
struct EmailWait<'a> {
    f: &'a Frame<'a>,
    address: &'a str,
    since: &'a Timestamp,
    delayed: bool,
}

#[derive(Template)]
#[template(path = "method.html")]
struct Method<'a> {
    f: &'a Frame<'a>,
    offers: &'a [Offer],
    user_id: Option<Field<'a>>,
}

impl<'a> Method<'a> {
    fn new(f: &'a Frame<'a>, offers: &'a [Offer], user_id: Option<&'a UserIdField>) -> Self {
        let user_id = user_id.map(|field| {
            let (label, hint) = if field.asked { ("user-id-asked", "user-id-asked-hint") } else { ("user-id", "user-id-optional-hint") };
            let hint = f.range(hint, field.rule.min, field.rule.max);
            Field { hint, see: "user_id-chars", ..Field::user_id(label, &field.user_id) }
        });
        Self { f, offers, user_id }
    }

    /// Id, whether it is recommended, and whether it is chosen already: where there is one way only, nobody has to look for it.
    fn choices(&self) -> impl Iterator<Item = (&'static str, bool, bool)> + '_ {
        self.offers.iter().map(|offer| (offer.method.id(), offer.recommended, self.offers.len() == 1))
    }
}

#[derive(Template)]
#[template(path = "new-password.html")]
struct NewPassword<'a> {
    f: &'a Frame<'a>,
    user_id: &'a str,
    rule: &'a PasswordRule,
    password: Field<'a>,
    again: Field<'a>,
}

impl<'a> NewPassword<'a> {
    fn new(f: &'a Frame<'a>, user_id: &'a str, rule: &'a PasswordRule) -> Self {
        let password = Field { see: "password-rule", ..Field::password("password", "new-password", "new-password") };
        let again = Field { hint: f.t("again-hint"), ..Field::password("again", "again", "new-password") };
        Self { f, user_id, rule, password, again }
    }

    fn length(&self) -> String {
        self.f.range("password-rule-length", self.rule.min, self.rule.max)
    }
}

#[derive(Template)]
#[template(path = "first-login-complete.html")]
struct FirstLoginComplete<'a> {
    f: &'a Frame<'a>,
}

#[derive(Template)]
#[template(path = "setup-totp.html")]
struct SetupTotp<'a> {
    f: &'a Frame<'a>,
    setup: &'a TotpSetup,
    code: Field<'a>,
    device: Field<'a>,
}

impl<'a> SetupTotp<'a> {
    fn new(f: &'a Frame<'a>, setup: &'a TotpSetup) -> Self {
        let device = Field { hint: f.t("device-hint"), ..Field::text("device", "device", &setup.device) };
        Self { f, setup, code: Field::code(f.t("code-hint")), device }
    }

    /// Name and value of everything an app asks for beside the key.
    fn settings(&self) -> [(String, String); 4] {
        let fixed = |id: &str| (self.f.t(id), self.f.t(format!("{id}-value")));
        let account = (self.f.t("setup-key-account"), self.setup.account.clone());
        [account, fixed("setup-key-type"), fixed("setup-key-digits"), fixed("setup-key-period")]
    }
}

#[derive(Template)]
#[template(path = "login-totp.html")]
struct LoginTotp<'a> {
    f: &'a Frame<'a>,
    device: &'a str,
    code: Field<'a>,
}

#[derive(Template)]
#[template(path = "portal.html")]
struct Portal<'a> {
    f: &'a Frame<'a>,
    last_login: Option<&'a Timestamp>,
}

#[derive(Template)]
#[template(path = "logout.html")]
struct Logout<'a> {
    f: &'a Frame<'a>,
}

#[derive(Template)]
#[template(path = "login-timeout.html")]
struct LoginTimeout<'a> {
    f: &'a Frame<'a>,
}

#[derive(Template)]
#[template(path = "held.html")]
struct Held<'a> {
    f: &'a Frame<'a>,
    /// Whether time alone ends it.
    ends: bool,
}

#[derive(Template)]
#[template(path = "link-confirm.html")]
struct LinkConfirm<'a> {
    f: &'a Frame<'a>,
    token: &'a str,
}

#[derive(Template)]
#[template(path = "link-done.html")]
struct LinkDone<'a> {
    f: &'a Frame<'a>,
    waits: bool,
}

#[derive(Template)]
#[template(path = "help.html")]
struct Help<'a> {
    f: &'a Frame<'a>,
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    f: &'a Frame<'a>,
    problem: Problem,
}
