//! From a decision to one durable transaction: making what the next screen needs, sealing, gathering.

use super::load::Loaded;
use super::{Browser, CookieChange, Service};
use crate::perform::new_seed;
use crate::ports::{AuditRow, Batch, Counted, Fault, MemberWrite, Remembered};
use crate::records::{index_email, index_passkey, index_reminder, index_user_id, seal_credentials, seal_letter, seal_profile};
use crate::society::{BrowserCookie, SessionCookie, Society};
use sekisho_core::account::Credentials;
use sekisho_core::decide::{Count, Decision, Entry, SessionChange};
use sekisho_core::guard::Guessable;
use sekisho_core::id::{BlindIndex, BrowserId, MemberId, Revision, SessionKey};
use sekisho_core::passkey::Challenge;
use sekisho_core::plan::Ctx;
use sekisho_core::session::Session;
use zeroize::Zeroizing;

/// What is to be committed, and what the answer carries once it is.
pub(super) struct Written {
    pub(super) batch: Batch,
    pub(super) cookie: CookieChange,
    pub(super) known: Option<BrowserCookie>,
    pub(super) has_letters: bool,
}

impl Service {
    /// Makes what the next screen needs (never by a GET).
    pub(super) fn prepare(&self, society: &Society, ctx: &Ctx, decision: &mut Decision) -> Result<(), Fault> {
        let (SessionChange::Update(session) | SessionChange::Rise(session)) = &mut decision.session else { return Ok(()) };
        match decision.enter {
            Some(Entry::TotpSeed) => session.pending_seed = Some(new_seed(society, &self.world, session.member, ctx.now)?),
            Some(Entry::Challenge(ceremony)) => {
                session.challenge = Some(Challenge { bytes: self.world.entropy.bytes()?, ceremony, since: ctx.now });
            }
            None => {}
        }
        Ok(())
    }

    /// Seals what changes and gathers it.
    pub(super) fn write(
        &self,
        society: &Society,
        browser: &Browser,
        loaded: &Loaded,
        ctx: &Ctx,
        decision: &mut Decision,
    ) -> Result<Written, Fault> {
        let member = ctx.known.then_some(ctx.account.id);
        let session_from = loaded.session.as_ref().map(|(key, session)| (*key, session.revision)).or(loaded.replaced);
        let (session_from, session_to, cookie) = self.session_rows(session_from, &decision.session)?;
        let mut outbox = Vec::new();
        for letter in &decision.letters {
            let id = u64::from_be_bytes(self.world.entropy.bytes()?);
            outbox.push(seal_letter(self.world.vault.as_ref(), &society.name, ctx.account.id, id, letter)?);
        }
        let refusal = decision.refusal.map(|refusal| refusal.id().to_owned());
        let note = decision.note.map(str::to_owned);
        let row = |event: &str| AuditRow {
            at: ctx.now,
            member,
            event: event.to_owned(),
            refusal: refusal.clone(),
            note: note.clone(),
            staff: None,
        };
        let has_letters = !outbox.is_empty();
        let counts = std::mem::take(&mut decision.counts);
        let (lane, counts) = split(counts, loaded.lane.browser());
        let lane = lane.zip(member).map(|((key, counts), member)| (key, member, counts, ctx.policy.limits));
        let known = decision.remember.then(|| self.world.entropy.bytes().map(|bytes| BrowserCookie(Zeroizing::new(bytes)))).transpose()?;
        let remember = |cookie: &BrowserCookie| Remembered { from: loaded.browser, to: cookie.key(), member: ctx.account.id };
        let batch = Batch {
            now: ctx.now,
            member: member.map(|id| self.member_rows(society, id, ctx, decision)).transpose()?.flatten(),
            counts: (!counts.is_empty()).then_some(Counted {
                key: loaded.counter,
                counts,
                limits: ctx.policy.limits,
                from: Some(browser.source.wide()),
            }),
            lane,
            sprayed: decision.sprayed,
            remember: known.as_ref().map(remember),
            session_from,
            session_to,
            end_others: member.filter(|_| decision.end_others),
            outbox,
            audit: decision.audit.iter().map(|event| row(event.id())).collect(),
        };
        Ok(Written { batch, cookie, known, has_letters })
    }

    fn member_rows(&self, society: &Society, id: MemberId, ctx: &Ctx, decision: &Decision) -> Result<Option<MemberWrite>, Fault> {
        let (vault, revision) = (self.world.vault.as_ref(), ctx.account.revision.next());
        if decision.credentials.is_none() && decision.profile.is_none() && decision.open.is_none() {
            return Ok(None);
        }
        let keys = society.keys(&self.world)?;
        let credentials = decision.credentials.as_ref().map(|it| seal_credentials(vault, &society.name, id, revision, it));
        let profile = decision.profile.as_ref().map(|it| seal_profile(vault, &society.name, id, revision, it));
        let old_id = ctx.profile.as_ref().map(|profile| index_user_id(keys, &profile.user_id));
        let indexes = |credentials: &Credentials| Indexes {
            email: credentials.proven_email().map(|email| index_email(keys, &email.address)),
            reminder: credentials
                .proven_email()
                .zip(ctx.profile.as_ref())
                .map(|(email, profile)| index_reminder(keys, profile.birth, &email.address)),
            passkeys: credentials.passkeys().map(|(_, passkey)| index_passkey(keys, &passkey.credential_id)).collect(),
        };
        // Every log-in writes open facts; what finds the member moves with the credentials alone.
        let moves = |after: &Credentials| (indexes(ctx.stored.as_ref().unwrap_or(&ctx.account.credentials)), indexes(after));
        let (before, after) = decision.credentials.as_ref().map(moves).unwrap_or_default();
        let moved = |index: &&BlindIndex, others: &[BlindIndex]| !others.contains(index);
        Ok(Some(MemberWrite {
            id,
            from: ctx.account.revision,
            credentials: credentials.transpose()?,
            profile: profile.transpose()?,
            open: decision.open.clone(),
            user_id: old_id.zip(decision.claim_user_id.as_ref().map(|new| index_user_id(keys, new))),
            email: decision.claim_email.as_ref().map(|new| (before.email, index_email(keys, new))),
            reminder: after.reminder.filter(|_| before.reminder != after.reminder).map(|to| (before.reminder, to)),
            passkeys_claimed: after.passkeys.iter().filter(|index| moved(index, &before.passkeys)).copied().collect(),
            passkeys_released: before.passkeys.iter().filter(|index| moved(index, &after.passkeys)).copied().collect(),
        }))
    }

    /// The rows of the browser's session before and after, and what its cookie does.
    fn session_rows(&self, from: Option<(SessionKey, Revision)>, change: &SessionChange) -> Result<SessionRows, Fault> {
        Ok(match change {
            SessionChange::Keep => (None, None, CookieChange::Keep),
            SessionChange::End => (from, None, CookieChange::Clear),
            SessionChange::Update(session) => (from, from.map(|(key, _)| (key, session.clone())), CookieChange::Keep),
            SessionChange::Rise(session) => {
                let cookie = SessionCookie(Zeroizing::new(self.world.entropy.bytes()?));
                (from, Some((cookie.key(), session.clone())), CookieChange::Set(cookie))
            }
        })
    }
}

/// What goes into the lane of a known browser, and what goes where everything else is counted.
fn split(counts: Vec<Count>, lane: Option<BrowserId>) -> (Option<(BrowserId, Vec<Count>)>, Vec<Count>) {
    let Some(key) = lane else { return (None, counts) };
    let is_password = |count: &Count| matches!(count, Count::Fail(Guessable::Password) | Count::Clear(Guessable::Password));
    let (own, common): (Vec<Count>, Vec<Count>) = counts.into_iter().partition(is_password);
    ((!own.is_empty()).then_some((key, own)), common)
}

/// What finds a member, beside ID and card.
#[derive(Default)]
struct Indexes {
    email: Option<BlindIndex>,
    reminder: Option<BlindIndex>,
    passkeys: Vec<BlindIndex>,
}

type SessionRows = (Option<(SessionKey, Revision)>, Option<(SessionKey, Session)>, CookieChange);
