//! Commands about one member.

use super::card::Card;
use super::protocol::Who;
use super::{Desk, Office, StaffError, in_japan};
use crate::ports::{CounterKey, Key, MemberRows};
use crate::records::{index_user_id, open_credentials, open_profile};
use crate::society::Society;
use sekisho_core::account::{Account, Credentials, Email, OpenFacts, Profile, Verifier};
use sekisho_core::audit::Event;
use sekisho_core::guard::{Counter, Gate};
use sekisho_core::id::MemberId;
use sekisho_core::tenant::{Limit, TenantPolicy};
use sekisho_core::time::Timestamp;
use sekisho_core::user_id::UserId;

/// Shows what a telephone call needs: who it is, how far the first log-in is, what is locked. No secret and no whole address.
pub fn show(office: &Office, society: &Society, who: &Who, desk: &dyn Desk) -> Result<(), StaffError> {
    let rows = find(office, society, who)?;
    // Written down before anything is shown, so that nobody is looked at without a trace.
    office.audit(society, Event::MemberShown, Some(rows.id), desk)?;
    let Looked { rows, mut account, profile } = Looked::open(office, society, rows)?;
    let (policy, now) = (society.policy(), office.world.now(&society.name)?);
    account.credentials.settle(now, policy.lifetimes.half_login);
    let (credentials, open) = (&account.credentials, &account.open);
    let say = |what: &str, text: String| desk.line(&format!("{what:<16}{text}"));
    say("name", profile.name)?;
    say("user ID", profile.user_id.as_str().to_owned())?;
    say("card", format!("{} {} {}", profile.symbol, profile.number, profile.branch))?;
    say("account", account_state(open, credentials).to_owned())?;
    say("first log-in", open.finished.map_or("not finished".to_owned(), in_japan))?;
    say("last log-in", open.logins.first().map_or("never".to_owned(), |login| in_japan(login.at)))?;
    say("password", password(credentials, policy, now))?;
    say("activation code", activation(credentials, now))?;
    say("e-mail", email(credentials.email.as_ref(), credentials.pending_email.is_some()))?;
    say("method", credentials.method.map_or("not chosen", |method| method.id()).to_owned())?;
    for factor in &credentials.factors {
        let used = open.last_use(factor.id).map_or(String::new(), |at| format!(", last used {}", in_japan(at)));
        say("device", format!("{} ({}), since {}{used}", factor.name, factor.kind.method().id(), in_japan(factor.since)))?;
    }
    say("recovery codes", credentials.recovery_codes.as_ref().map_or("none".to_owned(), |codes| format!("{} left", codes.left())))?;
    if let Some(from) = credentials.held().and_then(|recovery| recovery.counts_from) {
        say("recovery", format!("by mail, on hold until {}", in_japan(from)))?;
    }
    let limits = &policy.limits;
    let strangers = office.world.store.strangers(&society.name, CounterKey::Member(rows.id), None)?;
    let counters = rows.counters.among(&strangers, limits);
    say("wrong passwords", counter(counters.password, &limits.password, now))?;
    say("wrong dates", counter(counters.birth_date, &limits.birth_date, now))?;
    say("wrong letters", counter(counters.activation, &limits.activation, now))?;
    say("wrong codes", counter(counters.second_step, &limits.second_step, now))?;
    say("wrong by mail", counter(counters.mail_code, &limits.mail_code, now))?;
    say("audit id", data_encoding::HEXLOWER.encode(&rows.id.0))?;
    Ok(())
}

fn account_state(open: &OpenFacts, credentials: &Credentials) -> &'static str {
    match (open.disabled, credentials.proven) {
        (true, _) => "DISABLED until `sekisho member enable`",
        (false, true) => "open, proven",
        (false, false) => "open, unproven",
    }
}

fn activation(credentials: &Credentials, now: Timestamp) -> String {
    match &credentials.activation {
        None => "none".to_owned(),
        Some(code) if now < code.expires => format!("until {}", in_japan(code.expires)),
        Some(code) => format!("over since {}", in_japan(code.expires)),
    }
}

/// A member as an act begins with it.
pub(super) struct Looked {
    /// The rows as they stand.
    pub(super) rows: MemberRows,
    /// What the rules look at, not settled.
    pub(super) account: Account,
    /// Who it is.
    pub(super) profile: Profile,
}

impl Looked {
    /// By what staff typed.
    pub(super) fn find(office: &Office, society: &Society, who: &Who) -> Result<Self, StaffError> {
        Self::open(office, society, find(office, society, who)?)
    }

    /// By the random number.
    pub(super) fn by_id(office: &Office, society: &Society, id: MemberId) -> Result<Self, StaffError> {
        let rows = office.world.store.load(&society.name, Key::Member(id))?.member;
        Self::open(office, society, rows.ok_or_else(|| StaffError::Refused("this member is there no more".to_owned()))?)
    }

    fn open(office: &Office, society: &Society, rows: MemberRows) -> Result<Self, StaffError> {
        let vault = office.world.vault.as_ref();
        let profile = open_profile(vault, &society.name, rows.id, &rows.profile)?;
        let credentials = open_credentials(vault, &society.name, rows.id, &rows.credentials)?;
        let (open, counters) = (rows.open.clone(), rows.counters);
        let account = Account { id: rows.id, revision: rows.revision, credentials, open, counters };
        Ok(Self { rows, account, profile })
    }
}

fn find(office: &Office, society: &Society, who: &Who) -> Result<MemberRows, StaffError> {
    let keys = society.keys(&office.world)?;
    let store = &office.world.store;
    let (found, by) = match who {
        Who::UserId(id) => {
            let found = store.load(&society.name, Key::UserId(index_user_id(keys, &UserId::typed(id))))?.member;
            (found, "user ID; look at the letter, or find the member by --symbol and --number")
        }
        Who::Card { symbol, number, branch } => {
            let card = Card::typed(symbol, number, branch).map_err(|text| StaffError::Refused(text.to_owned()))?;
            let found = store.find_card(&society.name, card.index(keys))?;
            (found, "symbol, number and branch; a family shares symbol and number, so try --branch")
        }
    };
    found.ok_or_else(|| StaffError::Refused(format!("{} has no member with this {by}", society.name)))
}

fn password(credentials: &Credentials, policy: &TenantPolicy, now: Timestamp) -> String {
    let until = match credentials.password.end(policy) {
        Timestamp(0) => "not accepted under this preset".to_owned(),
        Timestamp(u64::MAX) => "without end".to_owned(),
        end if now < end => format!("until {}", in_japan(end)),
        end => format!("over since {}", in_japan(end)),
    };
    match &credentials.password {
        Verifier::None => "none: this member cannot log in; issue one with `sekisho member issue`".to_owned(),
        Verifier::Rule { .. } => format!("first password by the rule, {until}"),
        Verifier::Issued { .. } => format!("issued first password, {until}"),
        Verifier::Chosen { since, .. } => format!("the member's own, since {}", in_japan(*since)),
    }
}

fn email(email: Option<&Email>, pending: bool) -> String {
    let waiting = if pending { "; a new one waits for its link" } else { "" };
    let Some(email) = email else { return format!("none{waiting}") };
    let state = if email.proven { "confirmed" } else { "not confirmed" };
    format!("{} ({state}){waiting}", email.address.masked())
}

fn counter(counter: Counter, limit: &Limit, now: Timestamp) -> String {
    match counter.gate(limit, now) {
        Gate::Open => counter.failures.to_string(),
        Gate::Wait(end) => format!("{}: has to wait until {}", counter.failures, in_japan(end)),
        Gate::Locked(end) => format!("{}: LOCKED until {}", counter.failures, in_japan(end)),
        Gate::LockedForGood => format!("{}: LOCKED until staff unlocks", counter.failures),
    }
}
