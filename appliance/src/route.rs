//! The static table of everything that is served. What is not in it does not exist.
//!
//! Paths are compared as they come, byte by byte: nothing is decoded, joined or cleaned, so `//`, `..`, `%2f` and the like
//! name nothing (P-22).

use sekisho_core::step::Step;

/// The longest form that any page of ours sends, in bytes (P-17).
pub const FORM_BYTES: usize = 16 * 1024;

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
    Link,
    /// Help.
    Help,
    /// The style sheet: the same for everybody, and for ever.
    Style,
}

/// A form, by the page that carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A screen's own form.
    Step(Step),
    /// The button behind the link in a mail.
    Link,
    /// The choice of a language.
    Language,
}

const fn screen(id: &'static str, step: Step) -> Route {
    let page = Some(Page::Step { step, as_text: false });
    Route { id, place: Place::Of(step), page, form: Some(Form::Step(step)), body_limit: FORM_BYTES }
}

const fn without_form(id: &'static str, place: Place, page: Page) -> Route {
    Route { id, place, page: Some(page), form: None, body_limit: 0 }
}

/// Everything that is served.
pub static ROUTES: &[Route] = &[
    screen("login", Step::Login),
    screen("birth-date", Step::BirthDate),
    screen("terms", Step::Terms),
    screen("email", Step::Email),
    screen("email-wait", Step::EmailWait),
    screen("method", Step::Method),
    screen("new-password", Step::NewPassword),
    without_form(
        "first-login-complete",
        Place::Of(Step::FirstLoginComplete),
        Page::Step { step: Step::FirstLoginComplete, as_text: false },
    ),
    screen("setup-totp", Step::SetupTotp),
    without_form("setup-totp-key", Place::At("/setup-totp/key"), Page::Step { step: Step::SetupTotp, as_text: true }),
    screen("login-totp", Step::LoginTotp),
    without_form("portal", Place::Of(Step::Portal), Page::Step { step: Step::Portal, as_text: false }),
    screen("logout", Step::Logout),
    Route { id: "link-email", place: Place::At("/link/email"), page: Some(Page::Link), form: Some(Form::Link), body_limit: FORM_BYTES },
    Route { id: "language", place: Place::At("/language"), page: None, form: Some(Form::Language), body_limit: FORM_BYTES },
    without_form("help", Place::At("/help"), Page::Help),
    without_form("style", Place::Style, Page::Style),
];

/// The route at `path`, the style sheet standing at `style`.
pub fn find(path: &str, style: &str) -> Option<&'static Route> {
    ROUTES.iter().find(|route| match route.place {
        Place::Of(step) => step.path() == path,
        Place::At(at) => at == path,
        Place::Style => style == path,
    })
}

impl Route {
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
    use super::{Form, Page, ROUTES, find};
    use sekisho_core::step::Step;
    use std::collections::BTreeSet;

    const STYLE: &str = "/style-0.css";

    #[test]
    fn every_screen_is_served_at_its_own_path_under_its_own_id() {
        for step in Step::ALL {
            let route = find(step.path(), STYLE).expect("a route");
            assert_eq!(route.id, step.id());
            assert_eq!(route.page, Some(Page::Step { step: *step, as_text: false }));
            assert!(route.form.is_none() || route.form == Some(Form::Step(*step)));
        }
    }

    #[test]
    fn ids_are_unique_and_every_route_answers_something() {
        let ids: BTreeSet<_> = ROUTES.iter().map(|route| route.id).collect();
        assert_eq!(ids.len(), ROUTES.len());
        assert!(ROUTES.iter().all(|route| route.page.is_some() || route.form.is_some()));
        assert!(ROUTES.iter().all(|route| (route.body_limit > 0) == route.form.is_some()));
    }

    #[test]
    fn nothing_near_a_path_is_that_path() {
        for path in
            ["/login/", "//login", "/./login", "/x/../login", "/%6cogin", "/login%00", "/LOGIN", "login", "", "*", "/setup-totp%2fkey"]
        {
            assert!(find(path, STYLE).is_none(), "{path}");
        }
        assert!(find(STYLE, STYLE).is_some());
        assert!(find("/style-1.css", STYLE).is_none());
    }
}
