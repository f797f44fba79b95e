//! The first log-in: what is given once, in the society's order.

use super::{Count, Draft, Kind};
use crate::account::{Consent, Email, PendingEmail, Profile, Verifier};
use crate::audit::Event;
use crate::email::EmailAddress;
use crate::guard::{Asking, Guessable};
use crate::journey::first_login_is_met;
use crate::letter::{LetterKind, Notice};
use crate::refusal::Refusal;
use crate::step::Step;
use crate::tenant::Method;
use crate::time::Timestamp;
use crate::user_id::UserId;

impl Draft<'_> {
    pub(super) fn birth_date(&mut self, fits: bool) {
        let Some(session) = &mut self.session else { return };
        self.change = Some(Kind::Update);
        if fits {
            session.birth_date = Some(self.ctx.now);
            self.counts.push(Count::Clear(Guessable::BirthDate));
            return self.audit.push(Event::BirthDateAccepted);
        }
        self.counts.push(Count::Fail(Guessable::BirthDate));
        session.birth_failures += 1;
        if session.birth_failures < self.ctx.policy.limits.birth_dates {
            return self.refuse(Refusal::WrongBirthDate, Event::BirthDateRefused);
        }
        self.change = Some(Kind::End);
        self.counts.push(Count::Fail(Guessable::Password));
        self.refuse(Refusal::BirthDateExhausted, Event::BirthDateRefused);
    }

    /// The code on the letter shows whose account it is. What was on hold for want of it is so no more.
    pub(super) fn activation(&mut self, matches: bool, page: Step) {
        if !matches {
            self.counts.push(Count::Fail(Guessable::ActivationCode));
            return self.refuse(Refusal::WrongActivationCode, Event::ActivationRefused);
        }
        self.counts.push(Count::Clear(Guessable::ActivationCode));
        self.account.credentials.activation = None;
        self.prove();
        self.change = Some(Kind::Rise);
        self.audit.push(Event::ActivationAccepted);
        if page.is_hub() {
            self.land(page);
        }
    }

    /// The account is proven from here on.
    fn prove(&mut self) {
        let credentials = &mut self.account.credentials;
        credentials.proven = true;
        if let Some(change) = &mut credentials.method_change {
            change.not_before = None;
        }
        if let Some(pending) = &mut credentials.pending_email {
            pending.not_before = None;
        }
    }

    pub(super) fn terms(&mut self, version: &str) {
        self.change = Some(Kind::Update);
        self.account.open.consent = Some(Consent { version: version.to_owned(), hash: self.ctx.terms_hash, at: self.ctx.now });
        self.audit.push(Event::TermsAccepted);
    }

    /// Nothing is kept of it: the terms stand there again the next time.
    pub(super) fn terms_declined(&mut self) {
        self.audit.push(Event::TermsDeclined);
        self.land = Some(Step::TermsDeclined);
    }

    pub(super) fn email(&mut self, address: EmailAddress, not_before: Option<Timestamp>) {
        let now = self.ctx.now;
        self.change = Some(Kind::Update);
        let before = self.account.credentials.pending_email.take().filter(|old| now.since(old.counted_from).as_secs() < 24 * 3600);
        let (letters, counted_from) = before.map_or((0, now), |old| (old.letters, old.counted_from));
        let item = self.ctx.fresh_item;
        self.account.credentials.pending_email = Some(PendingEmail {
            item,
            address: address.clone(),
            since: now,
            letters: letters + 1,
            counted_from,
            correcting: false,
            not_before,
        });
        self.write(address, LetterKind::ConfirmEmail(item));
        self.audit.push(Event::EmailGiven);
    }

    pub(super) fn resend(&mut self) {
        if let Some(pending) = &self.account.credentials.pending_email {
            self.email(pending.address.clone(), pending.not_before);
        }
    }

    pub(super) fn correct_email(&mut self) {
        self.change = Some(Kind::Update);
        if let Some(pending) = &mut self.account.credentials.pending_email {
            pending.correcting = true;
        }
    }

    /// Belongs to the account, not to a browser: no session changes. The first browser goes on because the fact lies in the account.
    pub(super) fn email_proven(&mut self) {
        let Some(pending) = self.account.credentials.pending_email.take() else { return };
        if !self.ctx.policy.share_email {
            self.claim_email = Some(pending.address.clone());
        }
        let old = self.account.credentials.email.take();
        let was_on_file = old.as_ref().is_some_and(|old| !old.proven && old.address == pending.address);
        if old.as_ref().is_some_and(|old| old.proven && old.address != pending.address) {
            self.account.credentials.email.clone_from(&old);
            self.notify(Notice::EmailChanged);
            // A reset link that went to the old address opens nothing any more.
            self.counts.push(Count::Reset(None));
        }
        let generation = self.account.credentials.next_generation();
        self.account.credentials.email = Some(Email { address: pending.address, proven: true, generation });
        if was_on_file {
            // The society knew it before: whoever reads mail there is who the society means.
            self.prove();
        }
        self.audit.push(Event::EmailProven);
    }

    pub(super) fn method(&mut self, method: Method, user_id: Option<&UserId>) {
        if user_id.is_some_and(|id| self.user_id(id).is_err()) {
            return;
        }
        self.change = Some(Kind::Update);
        self.account.credentials.method = Some(method);
        self.audit.push(Event::MethodChosen);
    }

    /// Says whether it is another one than before; an error is a refusal. What is told of an ID, free or taken, is counted.
    pub(super) fn user_id(&mut self, id: &UserId) -> Result<bool, ()> {
        let Some(profile) = self.ctx.profile.as_ref().filter(|profile| profile.user_id != *id) else { return Ok(false) };
        self.counts.push(Count::Asked(Asking::UserId));
        if self.ctx.id_taken {
            self.refuse(Refusal::UserIdTaken, Event::FormRefused);
            return Err(());
        }
        self.claim_user_id = Some(id.clone());
        self.profile = Some(Profile { user_id: id.clone(), ..profile.clone() });
        self.audit.push(Event::UserIdChanged);
        Ok(true)
    }

    /// Whether the first password alone shows whose account it is: one that the society issued does.
    pub(super) fn proves_identity(password: &Verifier) -> bool {
        matches!(password, Verifier::Issued { .. })
    }

    /// Ends a first log-in in the commit of the form that met its last requirement.
    pub(super) fn finish_first_login(&mut self) {
        let Some(session) = &self.session else { return };
        let open = self.change.is_some_and(|kind| kind != Kind::End) && self.account.open.finished.is_none();
        if open && session.password_holds(&self.account) && first_login_is_met(&self.account, session, self.ctx.policy) {
            self.account.open.finished = Some(self.ctx.now);
            self.counts.push(Count::Clear(Guessable::Password));
            self.audit.push(Event::FirstLoginFinished);
            self.remember = true;
            self.notify(Notice::FirstLoginFinished);
        }
    }
}
