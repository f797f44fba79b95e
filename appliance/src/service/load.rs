//! Loading what a decision may look at. Known and unknown walk the same path (design law 3).

use super::{Browser, Service};
use crate::ports::{CounterKey, Fault, Found, Key, MemberRows};
use crate::records::{index_reminder, index_user_id, open_credentials, open_profile};
use crate::society::Society;
use sekisho_core::account::{Account, Counters, Credentials, Profile, Verifier};
use sekisho_core::command::Command;
use sekisho_core::guard::Counter;
use sekisho_core::id::{BlindIndex, BrowserId, BrowserKey, MemberId, Revision, SessionKey};
use sekisho_core::lane::Strangers;
use sekisho_core::session::{Liveness, Session};
use sekisho_core::tenant::Limits;
use sekisho_core::time::Timestamp;

/// What one read transaction says of a request.
pub(super) struct Loaded {
    /// The member's rows, if there is such a member.
    pub(super) rows: Option<MemberRows>,
    /// The browser's session, alive.
    pub(super) session: Option<(SessionKey, Session)>,
    /// For the log-in form and the reset link: the living session that a new one will replace. It proves nothing for them.
    pub(super) replaced: Option<(SessionKey, Revision)>,
    /// A cookie came, and no living session belongs to it.
    pub(super) timed_out: bool,
    /// Whose counters a try moves.
    pub(super) counter: CounterKey,
    /// The browser's cookie, if it is one that members have logged in with.
    pub(super) browser: Option<BrowserKey>,
    /// By which lane a guess at the password comes.
    pub(super) lane: Lane,
    /// What else was found.
    pub(super) found: Found,
}

/// By which lane a guess at a password comes, and the wrong ones in it.
pub(super) enum Lane {
    /// By none: no password is guessed at.
    None,
    /// By that of a browser that is known for the member.
    Known(BrowserId, Counter),
    /// By that of all others.
    Strangers(Box<Strangers>),
}

impl Lane {
    /// The known browser.
    pub(super) fn browser(&self) -> Option<BrowserId> {
        if let Self::Known(id, _) = self { Some(*id) } else { None }
    }

    /// The counters as a try that comes by this lane finds them.
    fn of(&self, counters: Counters, limits: &Limits) -> Counters {
        match self {
            Self::None => counters,
            Self::Known(_, password) => Counters { password: *password, ..counters },
            Self::Strangers(strangers) => counters.among(strangers, limits),
        }
    }
}

impl Loaded {
    /// What `found` says before anything is known of a session or a lane; `typed` names an ID that is nobody's.
    fn from(mut found: Found, typed: BlindIndex) -> Self {
        let rows = found.member.take();
        let counter = rows.as_ref().map_or(CounterKey::Nobody(typed), |rows| CounterKey::Member(rows.id));
        Self { rows, session: None, replaced: None, timed_out: false, counter, browser: None, lane: Lane::None, found }
    }
}

/// The member that a link which is none speaks of.
const NOBODY: MemberId = MemberId([0; 16]);

impl Service {
    /// Rows for a form: by the browser's session, or by what was typed or linked.
    pub(super) fn load_for(&self, society: &Society, browser: &Browser, command: &Command, now: Timestamp) -> Result<Loaded, Fault> {
        let nobody = BlindIndex([0; 16]);
        let key = match command {
            // A link belongs to an account and not to a browser: its session proves nothing for it.
            Command::ConfirmEmail(link) | Command::OpenReset(link) => (Key::Member(link.map_or(NOBODY, |link| link.member)), nobody),
            Command::Freeze(link) => (Key::Member(link.map_or(NOBODY, |link| link.member)), nobody),
            // Who types an ID means that ID, whosever session the browser still has.
            Command::Login { user_id, .. } | Command::ForgotPassword(user_id) => {
                let index = index_user_id(society.keys(&self.world)?, user_id);
                (Key::UserId(index), index)
            }
            Command::ForgotUserId(typed) => {
                let keys = society.keys(&self.world)?;
                let index = typed.as_ref().map_or(nobody, |(birth, address)| index_reminder(keys, *birth, address));
                (Key::Reminder(index), index)
            }
            _ => {
                // Whatever ends a log-in or a first log-in speaks of the lane, and nearly every form may be the one that does.
                let loaded = self.load_session(society, browser, now)?;
                return self.in_lane(society, browser, loaded, now);
            }
        };
        // Two of them begin a session: what the browser has until then goes.
        let begins = matches!(command, Command::Login { .. } | Command::OpenReset(_));
        let before = if begins { self.load_session(society, browser, now)?.session } else { None };
        let replaced = before.map(|(key, session)| (key, session.revision));
        let loaded = Loaded { replaced, ..self.load_key(society, key.0, key.1)? };
        if matches!(command, Command::Login { .. }) { self.in_lane(society, browser, loaded, now) } else { Ok(loaded) }
    }

    /// Looks for the lane: of a known browser, or of all others. The same reads for an ID that is nobody's.
    fn in_lane(&self, society: &Society, browser: &Browser, loaded: Loaded, now: Timestamp) -> Result<Loaded, Fault> {
        let store = &self.world.store;
        let mut known = None;
        if let Some(cookie) = &browser.known {
            let key = cookie.key();
            known = store.browser(&society.name, key)?.map(|(id, known)| (key, id, known));
        }
        let (id, counters) = loaded.rows.as_ref().map_or((NOBODY, Counters::default()), |rows| (rows.id, rows.counters));
        let lifetime = society.policy().lifetimes.browser;
        let own = known.as_ref().and_then(|(_, of, known)| Some((*of, known.lane(id, &counters, lifetime, now)?)));
        let lane = match own {
            Some((of, password)) => Lane::Known(of, password),
            None => Lane::Strangers(Box::new(store.strangers(&society.name, loaded.counter, Some(browser.source.wide()))?)),
        };
        Ok(Loaded { lane, browser: known.map(|(key, ..)| key), ..loaded })
    }

    /// Rows by the browser's session alone.
    pub(super) fn load_session(&self, society: &Society, browser: &Browser, now: Timestamp) -> Result<Loaded, Fault> {
        let nobody = BlindIndex([0; 16]);
        let Some(cookie) = &browser.session else {
            return Ok(Loaded::from(Found::default(), nobody));
        };
        let key = cookie.key();
        let mut loaded = self.load_key(society, Key::Session(key), nobody)?;
        let seen = self.seen(&key);
        let live = loaded.found.session.take().filter(|session| {
            session.liveness(seen.unwrap_or(session.touched), &society.policy().lifetimes, now) == Liveness::Live && loaded.rows.is_some()
        });
        loaded.timed_out = live.is_none();
        loaded.session = live.map(|session| (key, session));
        Ok(loaded)
    }

    fn load_key(&self, society: &Society, key: Key, typed: BlindIndex) -> Result<Loaded, Fault> {
        Ok(Loaded::from(self.world.store.load(&society.name, key)?, typed))
    }

    /// The account behind `loaded`, as time has left it, and its stored credentials where time has changed them. For an ID that is nobody's a decoy of the
    /// same shape is opened, so that the work is the same.
    pub(super) fn account(&self, society: &Society, loaded: &Loaded, now: Timestamp) -> Result<(Account, Option<Credentials>), Fault> {
        let vault = self.world.vault.as_ref();
        let Some(rows) = &loaded.rows else {
            let nobody = Account::nobody();
            let mut credentials = open_credentials(vault, &society.name, nobody.id, society.decoy(&self.world)?)?;
            if let Verifier::Chosen { hash, .. } = &mut credentials.password {
                // As dear as a first password by rule, whatever a hash cost when the decoy was made.
                hash.cost = self.world.hasher.cost();
            }
            let counters = loaded.lane.of(loaded.found.asked, &society.policy().limits);
            return Ok((Account { credentials, counters, ..nobody }, None));
        };
        // Who typed an ID must not learn from the work whether that member was here a minute ago: only a session asks the memory.
        let remembered = if loaded.session.is_some() { self.opened.find(rows.id, &rows.credentials, now) } else { None };
        let mut credentials = match remembered {
            Some(credentials) => credentials,
            None => open_credentials(vault, &society.name, rows.id, &rows.credentials)?,
        };
        let mut stored = None;
        if credentials.recovery.is_some() {
            let before = credentials.clone();
            stored = credentials.settle(now, society.policy().lifetimes.half_login).then_some(before);
        }
        let counters = loaded.lane.of(rows.counters, &society.policy().limits);
        let account = Account { id: rows.id, revision: rows.revision, credentials, open: rows.open.clone(), counters };
        Ok((account, stored))
    }

    /// The sealed profile behind `loaded`, if there is a member.
    pub(super) fn profile(&self, society: &Society, loaded: &Loaded) -> Result<Option<Profile>, Fault> {
        let open = |rows: &MemberRows| open_profile(self.world.vault.as_ref(), &society.name, rows.id, &rows.profile);
        loaded.rows.as_ref().map(open).transpose()
    }
}
