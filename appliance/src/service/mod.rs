//! The way of a request through the rules: load, plan, perform, decide, prepare, seal, commit, reveal.

mod admission;
mod flight;
mod load;
mod opened;
mod reveal;
mod write;

use crate::perform::perform;
use crate::ports::{CommitError, Fault, Unique, World};
use crate::records::index_user_id;
use crate::society::{BrowserCookie, SessionCookie, Society};
use admission::Sources;
use flight::{Boarded, Flights, What};
use load::Loaded;
use opened::Opened;
use reveal::{View, open_page, page_of_its_own};
use sekisho_core::account::Account;
use sekisho_core::alarm::Alarm;
use sekisho_core::clock::Members;
use sekisho_core::command::Command;
use sekisho_core::decide::{Decision, SessionChange, decide};
use sekisho_core::id::{ItemId, MemberId, SessionKey, SocietyName};
use sekisho_core::journey::{goal_of, next_step, serves};
use sekisho_core::letter::Language;
use sekisho_core::plan::{Ctx, Findings, Plan, Stop, plan};
use sekisho_core::refusal::Refusal;
use sekisho_core::session::Session;
use sekisho_core::shown::{LinkKind, Shown, Typed};
use sekisho_core::source::Source;
use sekisho_core::step::Step;
use sekisho_core::time::Timestamp;
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Mutex, PoisonError};
use write::Written;

/// What a request says of its browser.
pub struct Browser {
    /// The session cookie, if one came.
    pub session: Option<SessionCookie>,
    /// The cookie of a browser that members have logged in with, if one came.
    pub known: Option<BrowserCookie>,
    /// The language of pages and letters.
    pub language: Language,
    /// Where it comes from.
    pub source: Source,
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
    /// The browser's new id, if it has one from here on.
    pub known: Option<BrowserCookie>,
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
    flights: Flights,
    opened: Opened,
    sources: Sources,
    /// When a full session's browser was last heard of: in memory, so that a GET writes nothing (design law 4).
    seen: Mutex<BTreeMap<SessionKey, Timestamp>>,
    /// How far members' codes were from the host's clock.
    codes: Mutex<Members>,
    on_letter: Box<dyn Fn(&SocietyName) + Send + Sync>,
}

/// What became of one try to carry a form through.
enum Tried {
    /// Answered.
    Done(Box<Answer>),
    /// Something moved on meanwhile; what was measured for which plan may still serve.
    Conflict,
}

impl Service {
    /// A service over `world`. `on_letter` is called after each commit that has put a letter into a society's outbox.
    pub fn new(world: World, on_letter: impl Fn(&SocietyName) + Send + Sync + 'static) -> Self {
        Self {
            world,
            flights: Flights::default(),
            opened: Opened::default(),
            sources: Sources::default(),
            seen: Mutex::default(),
            codes: Mutex::default(),
            on_letter: Box::new(on_letter),
        }
    }

    /// The outside.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Forgets what is kept in memory for a while: opened records, and browsers not heard of since `then`. Once a minute.
    pub fn forget(&self, then: Timestamp, now: Timestamp) {
        self.opened.sweep(now);
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, seen| *seen >= then);
    }

    /// How many steps members' apps are ahead of the host's clock, where that says that the host's is wrong. Once a minute.
    pub fn look_at_codes(&self) -> Option<i8> {
        self.codes.lock().unwrap_or_else(PoisonError::into_inner).look(self.world.clock.read())
    }

    /// A member's right code was so many steps ahead of the host's clock.
    fn heard(&self, member: MemberId, offset: i8) {
        let mut hasher = DefaultHasher::new();
        member.hash(&mut hasher);
        // Enough to tell a hundred members apart, and no id that lies about in memory.
        let [a, b, c, d, ..] = hasher.finish().to_be_bytes();
        self.codes.lock().unwrap_or_else(PoisonError::into_inner).add(u32::from_be_bytes([a, b, c, d]), offset);
    }

    /// Answers a form. `typed` is what its page shows again if it is refused.
    pub fn submit(&self, society: &Society, browser: &Browser, command: Command, typed: Typed) -> Result<Answer, Fault> {
        if let Some(answer) = self.turned_away(society, browser, &command)? {
            return Ok(answer);
        }
        let mut boarded = None;
        if let Some(what) = What::of(&command) {
            // Whose counters it moves has to be known before it boards, and what is judged has to be loaded after.
            let loaded = self.load_for(society, browser, &command, self.world.now(&society.name)?)?;
            let sprays = loaded.rows.as_ref().is_some_and(|rows| rows.open.finished.is_none());
            boarded = self.flights.board(&society.name, loaded.counter, loaded.lane.browser(), what, sprays);
            if boarded.is_none() {
                return self.try_again(society, browser, &command, typed);
            }
        }
        let beside = boarded.as_ref().map_or(0, Boarded::sprays_beside);
        let mut measured = None;
        // One try, one after a conflict with equal plans, one with a new plan: then somebody else is busy here (design law 2).
        for _ in 0..3 {
            if let Tried::Done(answer) = self.try_submit(society, browser, &command, &typed, beside, &mut measured)? {
                return Ok(*answer);
            }
        }
        drop(boarded);
        self.try_again(society, browser, &command, typed)
    }

    /// Answers a GET of the screen `asked`: that screen if it is due or open beside what is due, the way to the one that is due if not.
    /// Changes nothing (design law 4). `as_text` asks for the text form of the key on the set-up page.
    pub fn show(&self, society: &Society, browser: &Browser, asked: Step, as_text: bool) -> Result<Answer, Fault> {
        let now = self.world.now(&society.name)?;
        if asked.is_open() {
            return Ok(page(CookieChange::Keep, open_page(asked, Typed::default()), None, None));
        }
        let loaded = self.load_session(society, browser, now)?;
        if loaded.timed_out {
            return Ok(timed_out());
        }
        let Some((key, session)) = &loaded.session else {
            let shown = Shown::Login { user_id: String::new() };
            return Ok(if asked == Step::Login { page(CookieChange::Keep, shown, None, None) } else { go(Step::Login) });
        };
        let (account, _) = self.account(society, &loaded, now)?;
        let due = next_step(goal_of(asked, Some(session)), Some(&account), Some(session), society.policy(), now);
        if due == Step::Login {
            // The credential behind the session's proof has moved on.
            return Ok(timed_out());
        }
        if session.factor.is_some() {
            self.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(*key, now);
        }
        if !serves(asked, due, &account, session, society.policy()) {
            return Ok(go(due));
        }
        let view = View { society, browser, loaded: &loaded, account: &account, session: Some(session), now, profile: OnceCell::new() };
        let (shown, name) = self.reveal(asked, &view, Typed { as_text, ..Typed::default() })?;
        Ok(page(CookieChange::Keep, shown, None, name))
    }

    fn try_submit(
        &self,
        society: &Society,
        browser: &Browser,
        command: &Command,
        typed: &Typed,
        beside: u32,
        measured: &mut Option<(Plan, Findings)>,
    ) -> Result<Tried, Fault> {
        let now = self.world.now(&society.name)?;
        let loaded = self.load_for(society, browser, command, now)?;
        if let Some(answer) = without_session(command, &loaded) {
            return Ok(Tried::Done(Box::new(answer)));
        }
        let ctx = Ctx { beside, ..self.context(society, browser, command, &loaded, now)? };
        let plan = match plan(command, &ctx) {
            Ok(plan) => plan,
            Err(Stop::NotDue(step)) => return Ok(Tried::Done(Box::new(go(step)))),
            Err(Stop::Refused(refusal, event)) => {
                if matches!(refusal, Refusal::Crowded(_)) {
                    self.world.alarm(Alarm::BrakeClosed, &society.name);
                }
                tracing::info!(society = %society.name, event = event.id(), refusal = refusal.id(), "not judged");
                return self
                    .refused(society, browser, &loaded, &ctx, ctx.session.as_ref(), command.step(), refusal, typed.clone())
                    .map(Box::new)
                    .map(Tried::Done);
            }
        };
        if measured.as_ref().is_none_or(|(before, _)| *before != plan) {
            let findings = perform(&plan, command, &ctx, society, &self.world)?;
            *measured = Some((plan, findings));
        }
        let Some((_, findings)) = measured else { return Ok(Tried::Conflict) };
        let mut decision = decide(command, findings, &ctx);
        self.prepare(society, &ctx, &mut decision)?;
        let Written { batch, cookie, known, has_letters } = self.write(society, browser, &loaded, &ctx, &mut decision)?;
        let offset = decision.offset;
        let opens_again = matches!(decision.session, SessionChange::Rise(_)) && decision.credentials.is_none();
        // Made before the commit, given after it: a page that cannot be made must not leave a counted try without its answer.
        let answer = self.answer(society, browser, command, &loaded, &ctx, decision, cookie, typed.clone())?;
        let answer = Answer { known, ..answer };
        match self.world.store.commit(&society.name, batch) {
            Err(CommitError::Conflict) => return Ok(Tried::Conflict),
            Err(CommitError::Fault(fault)) => return Err(fault),
            Err(CommitError::Taken(unique)) => {
                let refusal = match unique {
                    Unique::UserId => Refusal::UserIdTaken,
                    // Somebody else's credential id: told as any other answer that proves nothing (PK-17).
                    Unique::Passkey => Refusal::PasskeyRefused,
                    Unique::Email | Unique::Card => Refusal::EmailInUse,
                };
                return self
                    .refused(society, browser, &loaded, &ctx, ctx.session.as_ref(), command.step(), refusal, typed.clone())
                    .map(Box::new)
                    .map(Tried::Done);
            }
            Ok(()) => {}
        }
        if let Some(offset) = offset {
            self.heard(ctx.account.id, offset);
        }
        if has_letters {
            (self.on_letter)(&society.name);
        }
        if let (true, Some(rows)) = (opens_again, &loaded.rows) {
            self.opened.keep(rows.id, rows.credentials.clone(), ctx.account.credentials.clone(), now);
        }
        Ok(Tried::Done(Box::new(answer)))
    }

    fn context<'a>(
        &self,
        society: &'a Society,
        browser: &Browser,
        command: &Command,
        loaded: &Loaded,
        now: Timestamp,
    ) -> Result<Ctx<'a>, Fault> {
        // A dead link speaks of nobody; everything else opens one record, a decoy's if it must.
        let dead = matches!(command, Command::ConfirmEmail(None) | Command::OpenReset(None) | Command::Freeze(None));
        let (account, stored) = if dead { (Account::nobody(), None) } else { self.account(society, loaded, now)? };
        let profile = if command.needs_profile() { self.profile(society, loaded)? } else { None };
        let id_taken = match (command.claims(), &profile) {
            (Some(id), Some(profile)) if *id != profile.user_id => {
                let index = index_user_id(society.keys(&self.world)?, id);
                !self.world.store.taken(&society.name, Unique::UserId, &[index])?.is_empty()
            }
            _ => false,
        };
        Ok(Ctx {
            policy: society.policy(),
            now,
            clock: self.world.clock.now(),
            account,
            stored,
            known: loaded.rows.is_some(),
            profile,
            session: loaded.session.as_ref().map(|(_, session)| session.clone()),
            known_browser: loaded.lane.browser().is_some(),
            brake: loaded.found.brake.budget,
            brake_raised: loaded.found.brake.announced(now),
            beside: 0,
            id_taken,
            terms_hash: society.terms().hash,
            fresh_item: ItemId(self.world.entropy.bytes()?),
            language: browser.language,
        })
    }

    /// What a member sees once the decision is committed.
    #[expect(clippy::too_many_arguments, reason = "everything one request has gathered, used once")]
    fn answer(
        &self,
        society: &Society,
        browser: &Browser,
        command: &Command,
        loaded: &Loaded,
        ctx: &Ctx,
        decision: Decision,
        cookie: CookieChange,
        typed: Typed,
    ) -> Result<Answer, Fault> {
        let Some(refusal) = decision.refusal else {
            let done = match command {
                Command::ConfirmEmail(_) => Some(LinkKind::Email),
                Command::Freeze(_) => Some(LinkKind::Freeze),
                _ => None,
            };
            let waits = society.policy().wait_for_email && ctx.account.open.finished.is_none();
            let outcome = match done {
                Some(link) => page(CookieChange::Keep, Shown::LinkDone { link, waits }, None, None).outcome,
                None => Outcome::Go(decision.next),
            };
            return Ok(Answer { cookie, known: None, outcome });
        };
        let due = if matches!(decision.session, SessionChange::End) { None } else { command.step() };
        // What the refused form's page needs anew, a challenge, stands in the session as the decision leaves it.
        let session = match decision.session {
            SessionChange::Update(session) | SessionChange::Rise(session) => Some(session),
            SessionChange::Keep => ctx.session.clone(),
            SessionChange::End => None,
        };
        let answer = self.refused(society, browser, loaded, ctx, session.as_ref(), due.or(Some(Step::Login)), refusal, typed)?;
        Ok(Answer { cookie, ..answer })
    }

    /// The page of a refused form: its own again, or the one that tells of waits and locks.
    #[expect(clippy::too_many_arguments, reason = "everything one request has gathered, used once")]
    fn refused(
        &self,
        society: &Society,
        browser: &Browser,
        loaded: &Loaded,
        ctx: &Ctx,
        session: Option<&Session>,
        due: Option<Step>,
        refusal: Refusal,
        typed: Typed,
    ) -> Result<Answer, Fault> {
        if let Some(shown) = page_of_its_own(refusal) {
            return Ok(page(CookieChange::Keep, shown, Some(refusal), None));
        }
        // A link's form belongs to no step: its page stays, and says why nothing came of it.
        let Some(step) = due else {
            let (link, token) = typed.link.unwrap_or((LinkKind::Email, String::new()));
            let shown = Shown::LinkConfirm { link, token, waits: society.policy().wait_for_email };
            return Ok(page(CookieChange::Keep, shown, Some(refusal), None));
        };
        let view = View {
            society,
            browser,
            loaded,
            account: &ctx.account,
            session,
            now: ctx.now,
            profile: ctx.profile.clone().map_or_else(OnceCell::new, OnceCell::from),
        };
        let (shown, name) = self.reveal(step, &view, typed)?;
        Ok(page(CookieChange::Keep, shown, Some(refusal), name))
    }

    /// Somebody else is busy with this account: nothing was judged, nothing is counted.
    fn try_again(&self, society: &Society, browser: &Browser, command: &Command, typed: Typed) -> Result<Answer, Fault> {
        let now = self.world.now(&society.name)?;
        let loaded = self.load_for(society, browser, command, now)?;
        if let Some(answer) = without_session(command, &loaded) {
            return Ok(answer);
        }
        let ctx = self.context(society, browser, command, &loaded, now)?;
        if let Err(Stop::NotDue(due)) = plan(command, &ctx) {
            // The one who was faster has moved this browser on.
            return Ok(go(due));
        }
        self.refused(society, browser, &loaded, &ctx, ctx.session.as_ref(), command.step(), Refusal::TryAgain, typed)
    }

    fn seen(&self, key: &SessionKey) -> Option<Timestamp> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).get(key).copied()
    }
}

fn go(step: Step) -> Answer {
    Answer { cookie: CookieChange::Keep, known: None, outcome: Outcome::Go(step) }
}

fn page(cookie: CookieChange, shown: Shown, refusal: Option<Refusal>, member_name: Option<String>) -> Answer {
    Answer { cookie, known: None, outcome: Outcome::Show { shown, refusal, member_name } }
}

/// The answer to a form that needs a session, when there is none that lives.
fn without_session(command: &Command, loaded: &Loaded) -> Option<Answer> {
    let answer = || if loaded.timed_out { timed_out() } else { go(Step::Login) };
    (command.needs_session() && loaded.session.is_none()).then(answer)
}

/// A session that is no more: the page says so, and its cookie goes.
fn timed_out() -> Answer {
    page(CookieChange::Clear, Shown::LoginTimeout, None, None)
}
