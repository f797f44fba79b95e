//! Commands about one member.

use super::card::Card;
use super::protocol::Who;
use super::{Desk, Office, StaffError, empty, in_japan, row};
use crate::ports::{Batch, CounterKey, Key, MemberRows};
use crate::records::{index_user_id, open_credentials, open_profile};
use crate::society::Society;
use sekisho_core::account::{Credentials, Email, Verifier};
use sekisho_core::audit::Event;
use sekisho_core::decide::Count;
use sekisho_core::guard::{Counter, Gate, Guessable};
use sekisho_core::tenant::{Limit, TenantPolicy};
use sekisho_core::time::Timestamp;
use sekisho_core::user_id::UserId;

/// Shows what a telephone call needs: who it is, how far the first log-in is, what is locked. No secret and no whole address.
pub fn show(office: &Office, society: &Society, who: &Who, desk: &dyn Desk) -> Result<(), StaffError> {
    let member = find(office, society, who)?;
    // Written down before anything is shown, so that nobody is looked at without a trace.
    office.audit(society, Event::MemberShown, Some(member.id), desk)?;
    let vault = office.world.vault.as_ref();
    let profile = open_profile(vault, &society.name, member.id, &member.profile)?;
    let credentials = open_credentials(vault, &society.name, member.id, &member.credentials)?;
    let now = office.world.now(&society.name)?;
    desk.line(&format!("name            {}", profile.name))?;
    desk.line(&format!("user ID         {}", profile.user_id.as_str()))?;
    desk.line(&format!("card            {} {} {}", profile.symbol, profile.number, profile.branch))?;
    desk.line(&format!("first log-in    {}", member.open.finished.map_or("not finished".to_owned(), in_japan)))?;
    desk.line(&format!("last log-in     {}", member.open.logins.first().map_or("never".to_owned(), |login| in_japan(login.at))))?;
    desk.line(&format!("password        {}", password(&credentials, &society.policy, now)))?;
    desk.line(&format!("e-mail          {}", email(credentials.email.as_ref(), credentials.pending_email.is_some())))?;
    desk.line(&format!("method          {}", credentials.method.map_or("not chosen", |method| method.id())))?;
    for factor in &credentials.factors {
        desk.line(&format!("device          {} ({}), since {}", factor.name, factor.kind.method().id(), in_japan(factor.since)))?;
    }
    let limits = &society.policy.limits;
    desk.line(&format!("wrong passwords {}", counter(member.counters.password, &limits.password, now)))?;
    desk.line(&format!("wrong dates     {}", counter(member.counters.birth_date, &limits.birth_date, now)))?;
    desk.line(&format!("wrong letters   {}", counter(member.counters.activation, &limits.activation, now)))?;
    desk.line(&format!("wrong codes     {}", counter(member.counters.second_step, &limits.second_step, now)))?;
    desk.line(&format!("wrong by mail   {}", counter(member.counters.mail_code, &limits.mail_code, now)))?;
    desk.line(&format!("audit id        {}", data_encoding::HEXLOWER.encode(&member.id.0)))?;
    Ok(())
}

/// Lifts waits and locks. What the member has to prove stays the same.
pub fn unlock(office: &Office, society: &Society, who: &Who, desk: &dyn Desk) -> Result<(), StaffError> {
    let member = find(office, society, who)?;
    let now = office.world.now(&society.name)?;
    let guessed = [Guessable::Password, Guessable::BirthDate, Guessable::ActivationCode, Guessable::SecondStep, Guessable::MailCode];
    let clear = guessed.map(Count::Clear).to_vec();
    let batch = Batch {
        counts: Some((CounterKey::Member(member.id), clear, society.policy.limits)),
        audit: vec![row(now, Event::Unlocked, Some(member.id), desk)],
        ..empty(now)
    };
    office.world.store.commit(&society.name, batch)?;
    desk.line("unlocked: the member can try again at once, with the same password and the same device as before")?;
    Ok(())
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
        Verifier::None => "none: this member cannot log in; issuing one anew comes with a later version".to_owned(),
        Verifier::Rule { .. } => format!("first password by the rule, {until}"),
        Verifier::Issued { .. } => format!("issued first password, {until}"),
        Verifier::Chosen { since, .. } => format!("the member's own, since {}", in_japan(*since)),
    }
}

fn email(email: Option<&Email>, pending: bool) -> String {
    let waiting = if pending { "; a new one waits for its link" } else { "" };
    let Some(email) = email else { return format!("none{waiting}") };
    let first: String = email.address.local().chars().take(1).collect();
    let state = if email.proven { "confirmed" } else { "not confirmed" };
    format!("{first}***@{} ({state}){waiting}", email.address.domain())
}

fn counter(counter: Counter, limit: &Limit, now: Timestamp) -> String {
    match counter.gate(limit, now) {
        Gate::Open => counter.failures.to_string(),
        Gate::Wait(end) => format!("{}: has to wait until {}", counter.failures, in_japan(end)),
        Gate::Locked(end) => format!("{}: LOCKED until {}", counter.failures, in_japan(end)),
        Gate::LockedForGood => format!("{}: LOCKED until staff unlocks", counter.failures),
    }
}
