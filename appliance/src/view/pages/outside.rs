//! Beside the journey: the way out, waits, links, help and problems.

use crate::view::frame::Frame;
use askama::Template;
use sekisho_core::refusal::Refusal;
use sekisho_core::shown::{LinkKind, Page, Problem};

#[derive(Template)]
#[template(path = "logout.html")]
pub(super) struct Logout<'a> {
    pub(super) f: &'a Frame<'a>,
}

#[derive(Template)]
#[template(path = "login-timeout.html")]
pub(super) struct LoginTimeout<'a> {
    pub(super) f: &'a Frame<'a>,
}

#[derive(Template)]
#[template(path = "held.html")]
pub(super) struct Held<'a> {
    f: &'a Frame<'a>,
    /// Whether time alone ends it.
    ends: bool,
    /// Whether it came of wrong tries, which may have been somebody else's.
    guessed: bool,
    /// Whether it goes on to the log-in page by itself.
    goes_on: bool,
}

impl<'a> Held<'a> {
    pub(super) fn new(f: &'a Frame<'a>, page: &Page) -> Self {
        let refusal = page.refusal.as_ref();
        let ends = !matches!(refusal, Some(Refusal::AccountDisabled | Refusal::AccountLocked));
        let guessed = !matches!(refusal, Some(Refusal::AccountDisabled | Refusal::Crowded(_)));
        Self { f, ends, guessed, goes_on: page.goes_on().is_some() }
    }
}

#[derive(Template)]
#[template(path = "link-confirm.html")]
pub(super) struct LinkConfirm<'a> {
    pub(super) f: &'a Frame<'a>,
    pub(super) link: LinkKind,
    pub(super) token: &'a str,
}

impl LinkConfirm<'_> {
    /// Where its form goes, what it says, and its button.
    fn form(&self) -> (&'static str, String, String) {
        let (lead, button) = match self.link {
            LinkKind::Email => ("link-confirm-lead", "do-confirm-email"),
            LinkKind::Reset => ("link-reset-lead", "do-reset"),
            LinkKind::Freeze => ("link-freeze-lead", "do-freeze"),
        };
        (self.link.path(), self.f.t(lead), self.f.t(button))
    }
}

#[derive(Template)]
#[template(path = "link-done.html")]
pub(super) struct LinkDone<'a> {
    pub(super) f: &'a Frame<'a>,
    pub(super) link: LinkKind,
    pub(super) waits: bool,
}

#[derive(Template)]
#[template(path = "help.html")]
pub(super) struct Help<'a> {
    pub(super) f: &'a Frame<'a>,
}

#[derive(Template)]
#[template(path = "problem.html")]
pub(super) struct ProblemPage<'a> {
    pub(super) f: &'a Frame<'a>,
    pub(super) problem: Problem,
    /// Whether it goes on to the log-in page by itself.
    pub(super) goes_on: bool,
}
