//! What every page has around its content: society, member, menu, language, refusal.

use super::field::Field;
use super::words::Words;
use super::{clock, field, has_script, script, style};
use fluent_bundle::{FluentArgs, FluentValue};
use sekisho_core::letter::Language;
use sekisho_core::refusal::Refusal;
use sekisho_core::shown::{LinkKind, Page, Service, Shown};
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
    /// Whether nothing went wrong: somebody has thought better of it (ux 18).
    pub calm: bool,
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

    /// The text `id` with a number in it.
    pub fn count(&self, id: &str, count: &usize) -> String {
        self.words.get(id, &[("count", FluentValue::from(*count))].into_iter().collect())
    }

    /// The text `id` with a day and a minute in it.
    pub fn at(&self, id: &str, time: &Timestamp) -> String {
        self.t1(id, "time", self.date(time))
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
            Shown::LinkDone { link: LinkKind::Email, .. } if self.link_failed() => self.t("page-link-confirm"),
            _ => self.t(format!("page-{}", self.id())),
        }
    }

    /// The title: page and society, and whether something was refused.
    pub fn title(&self) -> String {
        let both = [("page", FluentValue::from(self.heading())), ("society", FluentValue::from(self.society()))];
        let title = self.words.get("title", &both.into_iter().collect());
        let failed = self.page.refusal.as_ref().is_some_and(|refusal| !is_calm(refusal));
        if failed { self.t1("title-refused", "title", &title) } else { title }
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

    /// Initial, name and address of every service.
    pub fn services(&self) -> impl Iterator<Item = (char, &'a str, &'a str)> + '_ {
        let name = |service: &'a Service| self.in_language(&service.name_ja, &service.name_en);
        let services = self.page.face.services.iter();
        services.map(move |service| (name(service).chars().next().unwrap_or('・'), name(service), service.url.as_str()))
    }

    /// The member's name, behind a full log-in.
    pub fn member(&self) -> Option<&str> {
        self.page.member_name.as_deref()
    }

    /// Address and label of everything in the menu.
    pub fn menu(&self) -> impl Iterator<Item = (&'static str, String)> + '_ {
        let mine = [Step::Portal, Step::Profile, Step::LoginMethods, Step::OwnPage];
        let mine = mine.into_iter().filter(|_| self.member().is_some()).map(|step| (step.path(), self.t(format!("menu-{}", step.id()))));
        mine.chain([(HELP_PATH, self.t("menu-help"))])
    }

    /// Whether the page is the one at `path`.
    pub fn is_at(&self, path: &str) -> bool {
        self.path() == path
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

    /// Where the page's script stands, if it has one.
    pub fn script(&self) -> Option<&'static str> {
        has_script(&self.page.shown).then(|| script().0)
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

    /// The minute from which on something goes, near now: never too early.
    pub fn minute_from(&self, from: &Timestamp) -> String {
        self.minute(&clock::round_up(*from))
    }

    /// Why the last form was not accepted.
    pub fn told(&self) -> Option<Told> {
        let refusal = self.page.refusal.as_ref()?;
        let mut args = FluentArgs::new();
        if let Some(until) = refusal.until() {
            args.set("time", clock::minute(self.words, clock::round_up(until), self.page.now));
            args.set("span", clock::span(self.words, until, self.page.now));
        }
        args.set("at", self.place());
        let id = refusal.id();
        let text = format!("refusal-{}", id.replace('.', "-"));
        let (what, todo) = (self.words.get(&text, &args), self.words.get(&format!("{text}.do"), &args));
        Some(Told { id, what, todo, calm: is_calm(refusal) })
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

    /// Whether the link that led here is of no use, or not yet.
    pub fn link_failed(&self) -> bool {
        matches!(self.page.refusal, Some(Refusal::LinkDead | Refusal::EmailInUse | Refusal::LinkOnHold(_)))
    }

    /// Whether the passkey dialogue has been here already, so that its button starts it once more.
    pub fn tries_again(&self) -> bool {
        matches!(self.page.refusal, Some(Refusal::PasskeyCancelled | Refusal::PasskeyExpired | Refusal::PasskeyRefused))
    }

    /// Where the language button leads back to. Behind a link there is none: its token must not travel in another form.
    pub fn back(&self) -> Option<&'static str> {
        // A page made without a CSRF token: its form could only be refused.
        let none = self.csrf().is_empty() || matches!(self.page.shown, Shown::LinkConfirm { .. });
        (!none).then(|| self.path())
    }

    /// Where the page, or the one to go on from, stands.
    fn path(&self) -> &'static str {
        match &self.page.shown {
            Shown::SetupTotp(setup) if setup.as_text => SETUP_KEY_PATH,
            Shown::LoginTimeout | Shown::Held => Step::Login.path(),
            Shown::Help => HELP_PATH,
            _ => Step::ALL.iter().find(|step| step.id() == self.id()).unwrap_or(&Step::Portal).path(),
        }
    }

    /// Where a refusal stands, as far as what to do depends on it.
    fn place(&self) -> &'static str {
        match &self.page.shown {
            Shown::Email { waits: true, .. } => "waits",
            Shown::LinkConfirm { link, waits, .. } | Shown::LinkDone { link, waits } => match link {
                LinkKind::Email if *waits => "waits",
                LinkKind::Email => "link-email",
                LinkKind::Reset => "link-reset",
                LinkKind::Freeze => "link-freeze",
            },
            _ => self.id(),
        }
    }

    fn in_language(&self, ja: &'a str, en: &'a str) -> &'a str {
        match self.page.language {
            Language::Ja => ja,
            Language::En => en,
        }
    }
}

/// Whether nothing went wrong: closing a dialogue is a choice (ux 18), and a crowd is nobody's error.
fn is_calm(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::PasskeyCancelled | Refusal::Crowded(_))
}

/// Where help stands.
const HELP_PATH: &str = "/help";

/// Where the key stands as text.
pub(super) const SETUP_KEY_PATH: &str = "/setup-totp/key";
