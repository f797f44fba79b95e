//! Getting in again: forgotten password, forgotten ID, lost device, and "it was not me".

use super::{Count, Draft, Kind};
use crate::account::{PasswordHash, Recovery};
use crate::audit::Event;
use crate::email::EmailAddress;
use crate::guard::{Asking, Guessable};
use crate::id::ItemId;
use crate::letter::{LetterKind, Notice};
use crate::session::{Credential, Proof, Session, Way};
use crate::step::{Goal, Step};

impl Draft<'_> {
    /// The same answer, the same counting and one letter for everybody; it goes to a proven address only, and to nobody while the first
    /// log-in is not finished or the budget is used up.
    pub(super) fn forgot_password(&mut self) {
        let ctx = self.ctx;
        let item = ctx.fresh_item;
        let to = self.recovery_address();
        let newest = if to.is_some() || !ctx.known { Some(item) } else { ctx.account.counters.reset };
        self.counts.extend([Count::Asked(Asking::Recovery), Count::Reset(newest)]);
        self.ask(to, LetterKind::Reset(item));
    }

    pub(super) fn forgot_user_id(&mut self) {
        let to = self.recovery_address();
        self.counts.push(Count::Asked(Asking::Recovery));
        self.ask(to, LetterKind::UserId);
    }

    fn recovery_address(&self) -> Option<EmailAddress> {
        let ctx = self.ctx;
        let account = &ctx.account;
        let within = ctx.now >= account.counters.recovery.next(&ctx.policy.limits.recovery, ctx.now);
        let may = ctx.known && account.open.finished.is_some() && !account.open.disabled && within;
        account.credentials.proven_email().filter(|_| may).map(|email| email.address.clone())
    }

    fn ask(&mut self, to: Option<EmailAddress>, kind: LetterKind) {
        match to {
            Some(to) => self.write(to, kind),
            None => self.write(EmailAddress::nobody(), LetterKind::Nothing),
        }
        self.audit.push(Event::RecoveryAsked);
        self.land = Some(Step::SeeMail);
    }

    /// The link is used: it leads into a session that has proved nothing but the mailbox, and can do nothing but recover.
    pub(super) fn open_reset(&mut self, item: ItemId) {
        let now = self.ctx.now;
        self.account.credentials.recovery = Some(Recovery { item, since: now, factor: None, password: None, counts_from: None });
        self.counts.push(Count::Reset(None));
        self.session = Some(Session { link: Some(item), ..Session::new(self.account.id, now, Goal::Recover) });
        self.change = Some(Kind::Rise);
        self.audit.push(Event::RecoveryBegun);
    }

    /// Nothing that is held is left: the second step is set up anew.
    pub(super) fn recover_anew(&mut self) {
        if let Some(session) = &mut self.session {
            session.anew = true;
            session.way = None;
            self.change = Some(Kind::Update);
        }
    }

    /// The last step of a recovery: what was given counts at once, or is put on hold.
    pub(super) fn recovered(&mut self, hash: PasswordHash, sign_out_others: bool) {
        let ctx = self.ctx;
        let holds = ctx.recovery_holds();
        let until = ctx.now.after(ctx.policy.lifetimes.hold);
        self.account.credentials.next_generation();
        let Some(recovery) = &mut self.account.credentials.recovery else { return };
        recovery.password = Some(hash);
        recovery.counts_from = holds.then_some(until);
        let item = recovery.item;
        let factor = recovery.factor.as_ref().map(|factor| (factor.id, factor.generation, factor.kind.method()));
        let (id, now) = (self.account.id, ctx.now);
        let held = self.session.as_ref().and_then(|session| session.factor).filter(|proof| proof.holds_for(&ctx.account));
        let mailbox = self.account.credentials.proven_email().map(|email| email.generation);
        let second = held.or_else(|| match factor {
            Some((factor, generation, crate::tenant::Method::Passkey)) => {
                Some(Proof::new(id, Credential::Passkey(factor), generation, now))
            }
            Some((factor, generation, _)) => Some(Proof::new(id, Credential::Totp(factor), generation, now)),
            // The link has shown the mailbox; a member with codes by mail has nothing else.
            None => mailbox.map(|generation| Proof::new(id, Credential::Mailbox, generation, now)),
        });
        if holds {
            self.audit.push(Event::RecoveryHeld);
            self.notify(Notice::RecoveryHeld(until));
            self.notify_from(Notice::RecoveryCounts(item), Some(until));
        } else {
            self.account.credentials.promote(now);
            self.end_others = sign_out_others || held.is_none();
            self.counts.extend(Self::RECOVERED);
            self.audit.push(Event::RecoveryFinished);
            self.notify(Notice::RecoveryFinished);
        }
        if let Some(session) = &mut self.session {
            let credential = if holds { Credential::PendingPassword } else { Credential::Password };
            session.password = Some(Proof::new(id, credential, hash.generation, now));
            session.factor = second;
            session.goal = Goal::Portal;
            session.link = None;
        }
        self.change = Some(Kind::Rise);
        let way = second.and_then(|proof| proof.way()).unwrap_or(Way::MailCode);
        if held.is_some() {
            self.counts.push(Count::Clear(Guessable::SecondStep));
        }
        self.logged_in(way);
    }

    /// Whoever has given what counts has shown that nothing is lost.
    pub(super) fn cancel_recovery(&mut self) {
        if self.account.credentials.recovery.take().is_some() {
            self.audit.push(Event::RecoveryCancelled);
            self.notify(Notice::RecoveryCancelled);
        }
    }

    /// "It was not me": cancels what is pending and restores nothing. Whoever has the present password and factor still gets in.
    pub(super) fn freeze(&mut self) {
        let finished = self.account.open.finished.is_some();
        let credentials = &mut self.account.credentials;
        credentials.recovery = None;
        credentials.method_change = None;
        if finished {
            credentials.pending_email = None;
        }
        credentials.frozen = Some(self.ctx.now);
        self.counts.push(Count::Reset(None));
        self.audit.push(Event::Frozen);
        self.notify(Notice::Frozen);
    }
}
