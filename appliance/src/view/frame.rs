//! What every page has around its content: society, member, menu, language, refusal.

use super::field::Field;
use super::words::Words;
use super::{clock, field, style};
use fluent_bundle::{FluentArgs, FluentValue};
use sekisho_core::letter::Language;
use sekisho_core::shown::{Page, Shown};
use sekisho_core::step::Step;
use sekisho_core::time::Timestamp;

/// A page's data as its template reads them.
pub(super) struct Frame<'a> {
    page: &'a Page<'a>,
    words: Words,
}

/// Why the last form was not accepted: what happened, and what to do.
pub(super) struct Told {
    /// The permanent id.
    pub id: &'static str,
    /// One line.
    pub what: String,
    /// One line.
    pub todo: String,
}

impl<'a> Frame<'a> {
    /// The frame of `page`.
    pub fn new(page: &'a Page<'a>) -> Self {
        Self { page, words: Words::of(page.language) }
    }

    /// The text `id`.
    pub fn t(&self, id: impl AsRef<str>) -> String {
        self.words.get(id.as_ref(), &FluentArgs::new())
    }

    /// The text `id` with one value in it.
    pub fn t1(&self, id: &str, name: &str, value: impl AsRef<str>) -> String {
        self.words.get(id, &[(name, FluentValue::from(value.as_ref()))].into_iter().collect())
    }

    /// The text `id` with the two ends of a range in it.
    pub fn range(&self, id: &str, min: usize, max: usize) -> String {
        self.words.get(id, &[("min", FluentValue::from(min)), ("max", FluentValue::from(max))].into_iter().collect())
    }

    /// BCP 47 tag of the page's language.
    pub fn lang(&self) -> &'static str {
        self.page.language.tag()
    }

    /// The language that the button offers.
    pub fn other_lang(&self) -> &'static str {
        match self.page.language {
            Language::Ja => Language::En.tag(),
            Language::En => Language::Ja.tag(),
        }
    }

    /// The page's permanent id.
    pub fn id(&self) -> &'static str {
        self.page.shown.id(self.page.refusal.as_ref())
    }

    /// The heading. A link that is dead confirms nothing, whatever page it leads to.
    pub fn heading(&self) -> String {
        match &self.page.shown {
            Shown::Problem(problem) => self.t(format!("problem-{}", problem.id())),
            Shown::LinkDone { .. } if self.link_failed() => self.t("page-link-confirm"),
            _ => self.t(format!("page-{}", self.id())),
        }
    }

    /// The title: page and society, and whether something was refused.
    pub fn title(&self) -> String {
        let both = [("page", FluentValue::from(self.heading())), ("society", FluentValue::from(self.society()))];
        let title = self.words.get("title", &both.into_iter().collect());
        if self.page.refusal.is_some() { self.t1("title-refused", "title", &title) } else { title }
    }

    /// The society's name.
    pub fn society(&self) -> &'a str {
        self.in_language(&self.page.face.name_ja, &self.page.face.name_en)
    }

    /// The society's telephone number.
    pub fn phone(&self) -> &'a str {
        &self.page.face.phone
    }

    /// The number as a telephone reads it.
    pub fn dial(&self) -> String {
        self.phone().chars().filter(|c| c.is_ascii_digit() || *c == '+').collect()
    }

    /// When the society answers the telephone.
    pub fn hours(&self) -> &'a str {
        self.in_language(&self.page.face.hours_ja, &self.page.face.hours_en)
    }

    /// Name and address of every service.
    pub fn services(&self) -> impl Iterator<Item = (&'a str, &'a str)> + '_ {
        let services = &self.page.face.services;
        services.iter().map(|service| (self.in_language(&service.name_ja, &service.name_en), service.url.as_str()))
    }

    /// The member's name, behind a full log-in.
    pub fn member(&self) -> Option<&str> {
        self.page.member_name.as_deref()
    }

    /// The hidden field of every form.
    pub fn csrf(&self) -> &str {
        &self.page.csrf
    }

    /// What lets the browser take our style sheet.
    pub fn nonce(&self) -> &str {
        &self.page.nonce
    }

    /// Where the style sheet stands.
    pub fn style(&self) -> &'static str {
        style().0
    }

    /// When the page was made, to the second.
    pub fn clock(&self) -> String {
        clock::second(self.words, self.page.now)
    }

    /// A day and a minute.
    pub fn date(&self, at: &Timestamp) -> String {
        clock::date(self.words, *at)
    }

    /// A minute near now.
    pub fn minute(&self, at: &Timestamp) -> String {
        clock::minute(self.words, *at, self.page.now)
    }

    /// Why the last form was not accepted.
    pub fn told(&self) -> Option<Told> {
        let refusal = self.page.refusal.as_ref()?;
        let mut args = FluentArgs::new();
        if let Some(until) = refusal.until() {
            args.set("time", clock::minute(self.words, clock::round_up(until), self.page.now));
            args.set("span", clock::span(self.words, until, self.page.now));
        }
        args.set("waits", if self.waits() { "yes" } else { "no" });
        let id = refusal.id();
        let text = format!("refusal-{}", id.replace('.', "-"));
        Some(Told { id, what: self.words.get(&text, &args), todo: self.words.get(&format!("{text}.do"), &args) })
    }

    /// Whether the refusal speaks of the field `name`.
    pub fn wrong(&self, name: &str) -> bool {
        self.page.refusal.as_ref().is_some_and(|refusal| field::refused(refusal).contains(&name))
    }

    /// The ids of everything that describes `field`; empty if nothing does.
    pub fn described_by(&self, field: &Field) -> String {
        let error = self.wrong(field.name).then(|| match self.wrong_alone(field.name) {
            true => format!("{}-error", field.name),
            false => "refusal".to_owned(),
        });
        field.described_by(error)
    }

    /// Whether the refusal speaks of the field `name` and of no other, so that it can be repeated below that field.
    pub fn wrong_alone(&self, name: &str) -> bool {
        self.page.refusal.as_ref().is_some_and(|refusal| field::refused(refusal) == [name])
    }

    /// What stands below a field that is wrong.
    pub fn error(&self) -> String {
        self.told().map(|told| told.what).unwrap_or_default()
    }

    /// Whether the link that led here is of no more use.
    pub fn link_failed(&self) -> bool {
        use sekisho_core::refusal::Refusal;
        matches!(self.page.refusal, Some(Refusal::LinkDead | Refusal::EmailInUse))
    }

    /// Where the language button leads back to. Behind a link there is none: its token must not travel in another form.
    pub fn back(&self) -> Option<&'static str> {
        // A page made without a CSRF token: its form could only be refused.
        if self.csrf().is_empty() {
            return None;
        }
        let step = match &self.page.shown {
            Shown::Login { .. } | Shown::LoginTimeout | Shown::Held => Step::Login,
            Shown::BirthDate(_) => Step::BirthDate,
            Shown::Terms { .. } => Step::Terms,
            Shown::Email { .. } => Step::Email,
            Shown::EmailWait { .. } => Step::EmailWait,
            Shown::Method { .. } => Step::Method,
            Shown::NewPassword { .. } => Step::NewPassword,
            Shown::FirstLoginComplete => Step::FirstLoginComplete,
            Shown::SetupTotp(setup) if setup.as_text => return Some(SETUP_KEY_PATH),
            Shown::SetupTotp(_) => Step::SetupTotp,
            Shown::LoginTotp { .. } => Step::LoginTotp,
            Shown::Logout => Step::Logout,
            Shown::LinkConfirm { .. } => return None,
            Shown::Help => return Some("/help"),
            Shown::Portal { .. } | Shown::LinkDone { .. } | Shown::Problem(_) => Step::Portal,
        };
        Some(step.path())
    }

    /// Whether the first log-in waits for the link, as far as this page has to do with it.
    fn waits(&self) -> bool {
        match self.page.shown {
            Shown::Email { waits, .. } | Shown::LinkConfirm { waits, .. } | Shown::LinkDone { waits } => waits,
            _ => false,
        }
    }

    fn in_language(&self, ja: &'a str, en: &'a str) -> &'a str {
        match self.page.language {
            Language::Ja => ja,
            Language::En => en,
        }
    }
}

/// Where the key stands as text.
pub(super) const SETUP_KEY_PATH: &str = "/setup-totp/key";
