//! The static table of everything that is served. What is not in it does not exist.
//!
//! Paths are compared as they come, byte by byte: nothing is decoded, joined or cleaned, so `//`, `..`, `%2f` and the like
//! name nothing (P-22).

use sekisho_core::shown::LinkKind;
use sekisho_core::step::Step;

/// The longest form that any page of ours sends, in bytes, if it carries no passkey (P-17).
pub const FORM_BYTES: usize = 16 * 1024;

/// The longest value of a field, in bytes. A password may have 1,024 (N-07); what is longer is refused by its own rule.
pub const VALUE_BYTES: usize = 4 * 1024;

/// The longest answer of an authenticator, in bytes of JSON (P-17). A passkey without attestation has one or two thousand.
pub const CREDENTIAL_BYTES: usize = 64 * 1024;

/// One thing that is served.
#[derive(Debug)]
pub struct Route {
    /// The permanent id, for the request log.
    pub id: &'static str,
    place: Place,
    /// What a GET (or HEAD) of it answers; `None`: 405.
    pub page: Option<Page>,
    /// Which form a POST to it carries; `None`: 405.
    pub form: Option<Form>,
    /// Bytes that a body may have.
    pub body_limit: usize,
    /// Bytes that one value of its form may have, read.
    pub value_limit: usize,
}

/// Where a route stands.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// At its screen's path.
    Of(Step),
    /// At a path of its own.
    At(&'static str),
    /// At the path of the style sheet, which carries its hash.
    Style,
    /// At the path of the script, which carries its hash.
    Script,
}

/// Where the files stand whose paths carry their hashes.
#[derive(Clone, Copy, Debug)]
pub struct Files<'a> {
    /// The style sheet.
    pub style: &'a str,
    /// The script of the passkey pages.
    pub script: &'a str,
}

/// What a GET answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// A screen of the journey.
    Step {
        /// Which.
        step: Step,
        /// Whether the key of the set-up page is asked for as text.
        as_text: bool,
    },
    /// The button behind the link in a mail. Its query carries the link's token.
    Link(LinkKind),
    /// Help.
    Help,
    /// The style sheet: the same for everybody, and for ever.
    Style,
    /// The script of the passkey pages: likewise.
    Script,
    /// Where password managers make and manage passkeys (W3C "A Well-Known URL for Relying Party Passkey Endpoints"; ux 20).
    PasskeyEndpoints,
    /// Where they lead a member who changes a password: the way to that page (W3C "A Well-Known URL for Changing Passwords"; ux 20).
    ChangePassword,
}

/// A form, by the page that carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A screen's own form.
    Step(Step),
    /// The button behind the link in a mail.
    Link(LinkKind),
    /// The choice of a language.
    Language,
}

const fn route(id: &'static str, place: Place, page: Option<Page>, form: Option<Form>) -> Route {
    let (body_limit, value_limit) = match form {
        None => (0, 0),
        // A browser may send each byte of the JSON as three.
        Some(Form::Step(Step::SetupPasskey | Step::LoginPasskey)) => (3 * CREDENTIAL_BYTES + VALUE_BYTES, CREDENTIAL_BYTES),
        Some(_) => (FORM_BYTES, VALUE_BYTES),
    };
    Route { id, place, page, form, body_limit, value_limit }
}

const fn screen(id: &'static str, step: Step) -> Route {
    route(id, Place::Of(step), Some(Page::Step { step, as_text: false }), Some(Form::Step(step)))
}

const fn screen_without_form(id: &'static str, step: Step) -> Route {
    route(id, Place::Of(step), Some(Page::Step { step, as_text: false }), None)
}

const fn link(id: &'static str, kind: LinkKind) -> Route {
    route(id, Place::At(kind.path()), Some(Page::Link(kind)), Some(Form::Link(kind)))
}

const fn page(id: &'static str, place: Place, page: Page) -> Route {
    route(id, place, Some(page), None)
}

/// Everything that is served.
pub static ROUTES: &[Route] = &[
    screen("login", Step::Login),
    screen("birth-date", Step::BirthDate),
    screen("terms", Step::Terms),
    screen_without_form("terms-declined", Step::TermsDeclined),
    screen("email", Step::Email),
    screen("email-wait", Step::EmailWait),
    screen("method", Step::Method),
    screen("new-password", Step::NewPassword),
    screen("activation-code", Step::ActivationCode),
    screen_without_form("first-login-complete", Step::FirstLoginComplete),
    screen("setup-totp", Step::SetupTotp),
    page("setup-totp-key", Place::At("/setup-totp/key"), Page::Step { step: Step::SetupTotp, as_text: true }),
    screen("setup-passkey", Step::SetupPasskey),
    screen("name-passkey", Step::NamePasskey),
    screen("recovery-codes", Step::RecoveryCodes),
    screen("login-totp", Step::LoginTotp),
    screen("login-passkey", Step::LoginPasskey),
    screen("mail-code", Step::MailCode),
    screen("recovery-code", Step::GiveRecoveryCode),
    screen("another-way", Step::AnotherWay),
    screen("re-authentication", Step::Reauthentication),
    screen_without_form("portal", Step::Portal),
    screen("profile", Step::Profile),
    screen("login-methods", Step::LoginMethods),
    screen("own-page", Step::OwnPage),
    screen("change-email", Step::ChangeEmail),
    screen("change-user-id", Step::ChangeUserId),
    screen("change-method", Step::ChangeMethod),
    screen("delete-device", Step::DeleteDevice),
    screen("forgot-password", Step::ForgotPassword),
    screen("forgot-user-id", Step::ForgotUserId),
    screen_without_form("see-mail", Step::SeeMail),
    screen("recover", Step::Recover),
    screen("logout", Step::Logout),
    link("link-email", LinkKind::Email),
    link("link-reset", LinkKind::Reset),
    link("link-freeze", LinkKind::Freeze),
    route("language", Place::At("/language"), None, Some(Form::Language)),
    page("help", Place::At("/help"), Page::Help),
    page("style", Place::Style, Page::Style),
    page("script", Place::Script, Page::Script),
    page("passkey-endpoints", Place::At("/.well-known/passkey-endpoints"), Page::PasskeyEndpoints),
    page("change-password", Place::At("/.well-known/change-password"), Page::ChangePassword),
];

/// The route at `path`.
pub fn find(path: &str, files: Files) -> Option<&'static Route> {
    ROUTES.iter().find(|route| route.path(files) == path)
}

impl Route {
    /// Where it stands.
    pub fn path<'a>(&self, files: Files<'a>) -> &'a str {
        match self.place {
            Place::Of(step) => step.path(),
            Place::At(at) => at,
            Place::Style => files.style,
            Place::Script => files.script,
        }
    }

    /// Its methods, as in the `Allow` header.
    pub fn allow(&self) -> &'static str {
        match (&self.page, &self.form) {
            (Some(_), Some(_)) => "GET, HEAD, POST",
            (Some(_), None) => "GET, HEAD",
            (None, _) => "POST",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CREDENTIAL_BYTES, FORM_BYTES, Files, Form, Page, ROUTES, VALUE_BYTES, find};
    use sekisho_core::step::Step;
    use std::collections::BTreeSet;

    const FILES: Files = Files { style: "/style-0.css", script: "/passkey-0.js" };

    #[test]
    fn every_screen_is_served_at_its_own_path_under_its_own_id() {
        for step in Step::ALL {
            let route = find(step.path(), FILES).expect("a route");
            assert_eq!(route.id, step.id());
            assert_eq!(route.page, Some(Page::Step { step: *step, as_text: false }));
            assert!(route.form.is_none() || route.form == Some(Form::Step(*step)));
        }
    }

    #[test]
    fn only_pages_that_ask_for_nothing_have_no_form() {
        let shows_only = Step::ALL.iter().filter(|step| find(step.path(), FILES).is_some_and(|route| route.form.is_none()));
        let ids: BTreeSet<_> = shows_only.map(|step| step.id()).collect();
        assert_eq!(ids, BTreeSet::from(["first-login-complete", "portal", "see-mail", "terms-declined"]));
    }

    #[test]
    fn ids_and_paths_are_unique_and_every_route_answers_something() {
        let ids: BTreeSet<_> = ROUTES.iter().map(|route| route.id).collect();
        let paths: BTreeSet<_> = ROUTES.iter().map(|route| route.path(FILES)).collect();
        assert_eq!((ids.len(), paths.len()), (ROUTES.len(), ROUTES.len()));
        assert!(ROUTES.iter().all(|route| route.page.is_some() || route.form.is_some()));
        assert!(ROUTES.iter().all(|route| (route.body_limit > 0) == route.form.is_some()));
    }

    #[test]
    fn only_a_passkeys_answer_may_be_long() {
        for route in ROUTES.iter().filter(|route| route.form.is_some()) {
            let limits = match route.id {
                "setup-passkey" | "login-passkey" => (3 * CREDENTIAL_BYTES + VALUE_BYTES, CREDENTIAL_BYTES),
                _ => (FORM_BYTES, VALUE_BYTES),
            };
            assert_eq!((route.body_limit, route.value_limit), limits, "{}", route.id);
        }
    }

    #[test]
    fn nothing_near_a_path_is_that_path() {
        for path in [
            "/login/",
            "//login",
            "/./login",
            "/x/../login",
            "/%6cogin",
            "/login%00",
            "/LOGIN",
            "login",
            "",
            "*",
            "/setup-totp%2fkey",
            "/link",
            "/link/",
            "/profile/",
            "/.well-known",
            "/.well-known/",
            "/well-known/change-password",
        ] {
            assert!(find(path, FILES).is_none(), "{path}");
        }
        assert!(find(FILES.style, FILES).is_some() && find(FILES.script, FILES).is_some());
        assert!(find("/style-1.css", FILES).is_none() && find("/passkey-1.js", FILES).is_none());
    }
}
