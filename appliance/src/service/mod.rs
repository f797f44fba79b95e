//! The way of a request through the rules: load, plan, perform, decide, prepare, seal, commit, reveal.

use crate::ports::{Fault, World};
use crate::society::{SessionCookie, Society};
use sekisho_core::command::Command;
use sekisho_core::letter::Language;
use sekisho_core::refusal::Refusal;
use sekisho_core::shown::{Shown, Typed};
use sekisho_core::step::{Goal, Step};

/// What a request says of its browser.
pub struct Browser {
    /// The session cookie, if one came.
    pub session: Option<SessionCookie>,
    /// The language of pages and letters.
    pub language: Language,
}

/// What an answer does to the session cookie.
pub enum CookieChange {
    /// Nothing.
    Keep,
    /// A new value.
    Set(SessionCookie),
    /// It goes.
    Clear,
}

/// What a request gets.
pub struct Answer {
    /// What happens to the session cookie.
    pub cookie: CookieChange,
    /// Page or way.
    pub outcome: Outcome,
}

/// Page or way.
pub enum Outcome {
    /// 303 to this screen.
    Go(Step),
    /// A page. A refused form is answered with its page, what was typed (and is no secret) still in it.
    Show {
        /// What it shows.
        shown: Shown,
        /// Why not, if not.
        refusal: Option<Refusal>,
        /// For the top right.
        member_name: Option<String>,
    },
}

/// The service: rules from `core`, the outside from [`World`].
pub struct Service {
    world: World,
}

impl Service {
    /// A service over `world`.
    pub fn new(world: World) -> Self {
        Self { world }
    }

    /// The outside.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Answers a form. `typed` is what its page shows again if it is refused.
    pub fn submit(&self, _society: &Society, _browser: &Browser, _command: Command, _typed: Typed) -> Result<Answer, Fault> {
        Err(Fault::Busy("not wired yet"))
    }

    /// Answers a GET of the screen `asked` for `goal`: that screen if it is due, the way to the one that is due if not.
    /// Changes nothing (design law 4). `variant` asks for the text form of the key on the set-up page.
    pub fn show(&self, _society: &Society, _browser: &Browser, _goal: Goal, _asked: Step, _variant: bool) -> Result<Answer, Fault> {
        Err(Fault::Busy("not wired yet"))
    }
}
