//! From user ID and password to the end of the first log-in.

use crate::view::field::Field;
use crate::view::frame::Frame;
use askama::Template;
use sekisho_core::birth::Era;
use sekisho_core::shown::{BirthDateFields, UserIdField};
use sekisho_core::tenant::{self, Offer, PasswordRule};
use sekisho_core::time::Timestamp;

/// Signs that a user ID may have beside letters and digits, and signs that it may not.
pub(super) const USER_ID_SIGNS: (&str, &str) = ("- _ . @", "! \" # $ % & ' ( ) * + , / : ; < = > ? [ \\ ] ^ ` { | } ~");

/// Signs that a password may have where the society's set is ASCII: all there are, in the order of the manuals.
const PASSWORD_SIGNS: &str = "! \" # $ % & ' ( ) = ~ | ` { + * } < > ? _ - ^ \\ @ [ ; : ] , . /";

#[derive(Template)]
#[template(path = "login.html")]
pub(super) struct Login<'a> {
    f: &'a Frame<'a>,
    user_id: Field<'a>,
    password: Field<'a>,
}

impl<'a> Login<'a> {
    pub(super) fn new(f: &'a Frame<'a>, user_id: &'a str) -> Self {
        Self { f, user_id: Field::user_id("user-id", user_id), password: Field::password("password", "password", "current-password") }
    }
}

/// Era, year, month and day.
pub(super) struct BirthFields<'a> {
    f: &'a Frame<'a>,
    fields: &'a BirthDateFields,
}

impl<'a> BirthFields<'a> {
    pub(super) fn new(f: &'a Frame<'a>, fields: &'a BirthDateFields) -> Self {
        Self { f, fields }
    }

    pub(super) fn eras(&self) -> impl Iterator<Item = (&'static str, String, bool)> + '_ {
        let chosen = Era::ALL.iter().find(|era| era.id() == self.fields.era).unwrap_or(&Era::Common);
        Era::ALL.iter().map(move |era| (era.id(), self.f.t(format!("era-{}", era.id())), era == chosen))
    }

    /// Name, label, and what goes in.
    pub(super) fn parts(&self) -> [(&'static str, String, &str); 3] {
        let label = |name| self.f.t(format!("birth-{name}"));
        [
            ("year", label("year"), self.fields.year.as_str()),
            ("month", label("month"), self.fields.month.as_str()),
            ("day", label("day"), self.fields.day.as_str()),
        ]
    }
}

#[derive(Template)]
#[template(path = "birth-date.html")]
pub(super) struct BirthDate<'a> {
    f: &'a Frame<'a>,
    birth: BirthFields<'a>,
}

impl<'a> BirthDate<'a> {
    pub(super) fn new(f: &'a Frame<'a>, fields: &'a BirthDateFields) -> Self {
        Self { f, birth: BirthFields::new(f, fields) }
    }
}

#[derive(Template)]
#[template(path = "terms.html")]
pub(super) struct Terms<'a> {
    pub(super) f: &'a Frame<'a>,
    pub(super) version: &'a str,
    pub(super) text: &'a str,
}

impl Terms<'_> {
    /// Paragraphs are parted by empty lines, whichever system the text was written on.
    fn paragraphs(&self) -> Vec<String> {
        let text = self.text.replace("\r\n", "\n");
        text.split("\n\n").map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
    }
}

#[derive(Template)]
#[template(path = "terms-declined.html")]
pub(super) struct TermsDeclined<'a> {
    pub(super) f: &'a Frame<'a>,
}

#[derive(Template)]
#[template(path = "activation-code.html")]
pub(super) struct ActivationCode<'a> {
    f: &'a Frame<'a>,
    code: Field<'a>,
}

impl<'a> ActivationCode<'a> {
    pub(super) fn new(f: &'a Frame<'a>) -> Self {
        Self { f, code: Field::paper_code("activation-code", f.t("paper-code-hint")) }
    }
}

#[derive(Template)]
#[template(path = "email.html")]
pub(super) struct Email<'a> {
    f: &'a Frame<'a>,
    email: Field<'a>,
    waits: bool,
}

impl<'a> Email<'a> {
    pub(super) fn new(f: &'a Frame<'a>, address: &'a str, waits: bool) -> Self {
        Self { f, email: Field::email("email", address, f.t("email-hint")), waits }
    }
}

#[derive(Template)]
#[template(path = "email-wait.html")]
pub(super) struct EmailWait<'a> {
    pub(super) f: &'a Frame<'a>,
    pub(super) address: &'a str,
    pub(super) since: &'a Timestamp,
    pub(super) delayed: bool,
}

#[derive(Template)]
#[template(path = "method.html")]
pub(super) struct Method<'a> {
    f: &'a Frame<'a>,
    choices: Vec<Choice>,
    user_id: Option<Field<'a>>,
}

/// A method that can be chosen.
pub(super) struct Choice {
    pub(super) id: &'static str,
    pub(super) recommended: bool,
    /// Where there is one only, it is chosen already: nobody has to look for it.
    pub(super) chosen: bool,
    /// Whether it is the one in use.
    pub(super) present: bool,
}

/// What a member can choose from, in the society's order.
pub(super) fn choices(offers: &[Offer], present: Option<tenant::Method>) -> Vec<Choice> {
    let choice = |offer: &Offer| Choice {
        id: offer.method.id(),
        recommended: offer.recommended,
        chosen: offers.len() == 1,
        present: present == Some(offer.method),
    };
    offers.iter().map(choice).collect()
}

impl<'a> Method<'a> {
    pub(super) fn new(f: &'a Frame<'a>, offers: &'a [Offer], user_id: Option<&'a UserIdField>) -> Self {
        let user_id = user_id.map(|field| {
            let (label, hint) = if field.asked { ("user-id-asked", "user-id-asked-hint") } else { ("user-id", "user-id-optional-hint") };
            chosen_user_id(f, field, label, hint)
        });
        Self { f, choices: choices(offers, None), user_id }
    }
}

/// The field for a user ID of the member's own choice, which the list of signs describes.
pub(super) fn chosen_user_id<'a>(f: &Frame, field: &'a UserIdField, label: &'static str, hint: &str) -> Field<'a> {
    Field { hint: f.range(hint, field.rule.min, field.rule.max), see: "user_id-chars", ..Field::user_id(label, &field.user_id) }
}

#[derive(Template)]
#[template(path = "new-password.html")]
pub(super) struct NewPassword<'a> {
    f: &'a Frame<'a>,
    user_id: &'a str,
    rule: &'a PasswordRule,
    password: Field<'a>,
    again: Field<'a>,
}

impl<'a> NewPassword<'a> {
    pub(super) fn new(f: &'a Frame<'a>, user_id: &'a str, rule: &'a PasswordRule) -> Self {
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
pub(super) struct FirstLoginComplete<'a> {
    pub(super) f: &'a Frame<'a>,
}
