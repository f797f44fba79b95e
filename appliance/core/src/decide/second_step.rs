//! The second step: proving it, and setting it up.

use super::{Count, Draft, Kind};
use crate::account::{Factor, FactorKind, LoginRecord, RecoveryCodes, WrappedSeed};
use crate::audit::Event;
use crate::command::PasskeyAnswer;
use crate::guard::{Gate, Guessable};
use crate::id::{FactorId, Generation};
use crate::letter::Notice;
use crate::lookup::Lookup;
use crate::otp::{Burnt, accept, offset};
use crate::passkey::{Assertion, Flaw, PasskeyState, counter_is_good};
use crate::plan::Created;
use crate::refusal::Refusal;
use crate::session::{Credential, PendingSeed, Proof, Way, factors_in_use};
use crate::step::{Goal, Step};
use crate::tenant::Method;
use crate::time::TimeStep;

impl Draft<'_> {
    pub(super) fn code(&mut self, device: Option<FactorId>, matched: &[TimeStep]) {
        let factor = self.ctx.totp_device(device).map(|(id, _)| id);
        let last = |id| self.account.open.last_code(id).map(|burnt| burnt.step);
        let step = factor.and_then(|id| accept(matched, last(id)));
        let (Some(id), Some(step)) = (factor, step) else { return self.failed(Refusal::WrongCode, Event::CodeRefused) };
        let offset = offset(matched, self.ctx.clock);
        self.account.open.burn(Burnt { factor: id, step, offset });
        self.offset = Some(offset);
        self.factor_given(Credential::Totp(id), id);
    }

    pub(super) fn passkey(&mut self, asserted: Result<Assertion, Flaw>) {
        // Used, whatever the answer was worth.
        self.spend_challenge();
        let Ok(Assertion { factor, counter, backed_up }) = asserted else {
            return self.failed(Refusal::PasskeyRefused, Event::CodeRefused);
        };
        let last = self.account.open.passkey(factor).map_or(0, |state| state.counter);
        if !counter_is_good(last, counter) {
            self.audit.push(Event::PasskeyCounter);
            self.notify(Notice::PasskeyCounter);
            return self.failed(Refusal::PasskeyRefused, Event::CodeRefused);
        }
        self.account.open.keep_passkey(PasskeyState { factor, counter, backed_up });
        self.factor_given(Credential::Passkey(factor), factor);
    }

    /// No answer came, or one to a challenge that is no more: nothing is judged or counted, and a fresh challenge is made.
    pub(super) fn passkey_unanswered(&mut self, answer: &PasskeyAnswer) {
        self.spend_challenge();
        let refusal = match answer {
            PasskeyAnswer::Json(_) => Refusal::PasskeyExpired,
            PasskeyAnswer::Cancelled => Refusal::PasskeyCancelled,
            PasskeyAnswer::Known => Refusal::PasskeyKnown,
            PasskeyAnswer::Unsupported => Refusal::PasskeyUnsupported,
        };
        self.refuse(refusal, Event::FormRefused);
    }

    fn spend_challenge(&mut self) {
        if let Some(session) = &mut self.session {
            session.challenge = None;
            self.change = Some(Kind::Update);
        }
    }

    pub(super) fn mail_code(&mut self, matches: bool) {
        let generation = self.account.credentials.proven_email().map(|email| email.generation);
        let (true, Some(generation)) = (matches, generation) else {
            let tries = self.ctx.policy.limits.mail_code_tries;
            let Some(code) = self.session.as_mut().and_then(|session| session.mail_code.as_mut()) else { return };
            code.failures = code.failures.saturating_add(1);
            let refusal = if code.failures < tries { Refusal::WrongMailCode } else { Refusal::MailCodeDead };
            self.change = Some(Kind::Update);
            self.counts.push(Count::Fail(Guessable::MailCode));
            return self.refuse(refusal, Event::CodeRefused);
        };
        self.counts.push(Count::Clear(Guessable::MailCode));
        if self.account.credentials.method_change.is_some_and(|change| change.to == Method::MailCode) {
            self.method_set_up(Method::MailCode);
            // The devices of the method before it go with this; those of other methods are told of by their own letters.
            self.notify(Notice::MethodChanged);
        }
        self.given(Credential::Mailbox, generation);
    }

    pub(super) fn mail_code_again(&mut self) {
        self.change = Some(Kind::Update);
        self.send_mail_code();
    }

    pub(super) fn recovery_code(&mut self, code: Option<&Lookup>, matches: bool) {
        let index = code.and_then(Lookup::index);
        let codes = self.account.credentials.recovery_codes.as_mut();
        let entry = codes.zip(index).and_then(|(codes, index)| Some((codes.generation, codes.macs.get_mut(index)?)));
        let Some((generation, mac)) = entry.filter(|(_, mac)| matches && mac.is_some()) else {
            return self.failed(Refusal::WrongRecoveryCode, Event::CodeRefused);
        };
        *mac = None;
        self.audit.push(Event::RecoveryCodeUsed);
        self.notify(Notice::RecoveryCodeUsed);
        self.given(Credential::RecoveryCode, generation);
    }

    /// Another second step than the one that was asked for.
    pub(super) fn choose_way(&mut self, way: Way) {
        if let Some(session) = &mut self.session {
            session.way = Some(way);
            session.anew = false;
            self.change = Some(Kind::Update);
        }
    }

    pub(super) fn totp_set_up(&mut self, matched: &[TimeStep], seed: &WrappedSeed, device: &str, sign_out_others: bool) {
        let Some(step) = accept(matched, None) else {
            return self.failed(Refusal::WrongSetupCode, Event::TotpSetupRefused);
        };
        let (id, generation) = self.add(FactorKind::Totp(seed.clone()), device.to_owned());
        // Whoever sets a device up reads and types for the first time: how late the code is tells little of the clock.
        self.account.open.burn(Burnt { factor: id, step, offset: 0 });
        self.audit.push(Event::TotpSetUp);
        self.notify(Notice::TotpAdded);
        // A recovery ends what it ends when it is done, and on hold it ends nothing.
        self.end_others |= sign_out_others && self.ctx.goal() != Goal::Recover;
        if let Some(session) = &mut self.session {
            session.pending_seed = None;
        }
        self.set_up(Credential::Totp(id), id, generation);
    }

    pub(super) fn passkey_set_up(&mut self, created: &Result<Created, Flaw>) {
        self.spend_challenge();
        let Ok(Created { made, name }) = created else {
            // Nobody's secret was guessed at: nothing is counted.
            return self.refuse(Refusal::PasskeyRefused, Event::PasskeySetupRefused);
        };
        let name = self.free_name(name);
        let (id, generation) = self.add(FactorKind::Passkey(Box::new(made.passkey.clone())), name);
        self.account.open.keep_passkey(PasskeyState { factor: id, counter: made.counter, backed_up: made.backed_up });
        self.audit.push(Event::PasskeySetUp);
        self.notify(Notice::PasskeyAdded);
        if let Some(session) = &mut self.session {
            session.naming = Some(id);
        }
        self.set_up(Credential::Passkey(id), id, generation);
    }

    /// `name`, or the first of "name 2", "name 3", … that no device has (ux 17).
    fn free_name(&self, name: &str) -> String {
        let taken = |name: &str| self.account.credentials.factors.iter().any(|factor| factor.name == name);
        let numbered = (2..).map(|number| format!("{name} {number}"));
        core::iter::once(name.to_owned()).chain(numbered).find(|name| !taken(name)).unwrap_or_default()
    }

    pub(super) fn passkey_named(&mut self, name: &str) {
        let Some(session) = &mut self.session else { return };
        let named = session.naming.take();
        let adds = matches!(session.goal, Goal::AddDevice(_));
        let credentials = &mut self.account.credentials;
        let waiting = credentials.recovery.as_mut().and_then(|recovery| recovery.factor.as_mut());
        let factor = credentials.factors.iter_mut().chain(waiting).find(|factor| Some(factor.id) == named);
        if let Some(factor) = factor.filter(|factor| !name.is_empty() && factor.name != name) {
            name.clone_into(&mut factor.name);
            self.audit.push(Event::DeviceNamed);
        }
        self.change = Some(Kind::Update);
        if adds {
            self.land(Step::LoginMethods);
        }
    }

    /// Puts a new factor where it belongs: beside the others, or with what a recovery waits with.
    fn add(&mut self, kind: FactorKind, name: String) -> (FactorId, Generation) {
        let recovers = self.ctx.goal() == Goal::Recover;
        let credentials = &mut self.account.credentials;
        let generation = credentials.next_generation();
        let id = FactorId(generation.0);
        let factor = Factor { id, generation, name, since: self.ctx.now, kind };
        match credentials.recovery.as_mut().filter(|_| recovers) {
            Some(recovery) => recovery.factor = Some(factor),
            None => credentials.factors.push(factor),
        }
        (id, generation)
    }

    /// What follows from a factor that was just set up: a step of a recovery, one more device, or the log-in.
    fn set_up(&mut self, credential: Credential, id: FactorId, generation: Generation) {
        self.change = Some(Kind::Rise);
        match self.ctx.goal() {
            Goal::Recover => {}
            // A passkey is given its name first.
            Goal::AddDevice(Method::Passkey) => {}
            Goal::AddDevice(_) => self.land(Step::LoginMethods),
            _ => {
                let is_first = self.account.credentials.recovery_codes.is_none();
                if let Some(method) = self.account.credentials.factor(id).map(|factor| factor.kind.method()) {
                    self.method_set_up(method);
                }
                self.account.open.touch(id, self.ctx.now);
                self.given(credential, generation);
                if let Some(session) = &mut self.session {
                    session.offer_codes = is_first;
                }
            }
        }
    }

    /// The method that was waiting is set up: the one before it goes.
    fn method_set_up(&mut self, method: Method) {
        let credentials = &mut self.account.credentials;
        if credentials.method_change.is_some_and(|change| change.to == method) {
            credentials.method_change = None;
            credentials.method = Some(method);
            credentials.factors.retain(|factor| factor.kind.method() == method);
        }
    }

    fn factor_given(&mut self, credential: Credential, id: FactorId) {
        let Some(session) = &self.session else { return };
        let method = if credential == Credential::Passkey(id) { Method::Passkey } else { Method::Totp };
        let factors = factors_in_use(&self.ctx.account, session, method);
        let Some(generation) = factors.into_iter().find(|factor| factor.id == id).map(|factor| factor.generation) else { return };
        self.account.open.touch(id, self.ctx.now);
        self.given(credential, generation);
    }

    /// The choke point: the second step's proof comes from here and nowhere else, and with it a full session (design law 6).
    fn given(&mut self, credential: Credential, generation: Generation) {
        let (Some(session), Some(way)) = (&mut self.session, credential.way()) else { return };
        let was_full = session.password_holds(&self.ctx.account) && session.factor_holds(&self.ctx.account);
        let is_provisional = session.is_provisional(&self.account);
        session.factor = Some(Proof::new(self.account.id, credential, generation, self.ctx.now));
        session.way = None;
        session.challenge = None;
        session.mail_code = None;
        session.pending_seed = None;
        self.change = Some(Kind::Rise);
        // What a recovery on hold waits with gives no fresh guesses at what counts.
        if !is_provisional {
            self.counts.push(Count::Clear(Guessable::SecondStep));
        }
        if session.goal == Goal::Recover || was_full {
            return self.audit.push(Event::Reauthenticated);
        }
        self.logged_in(way);
    }

    /// A full log-in. With what counts it cancels a recovery that waits: its member has shown that nothing is lost.
    pub(super) fn logged_in(&mut self, way: Way) {
        let is_provisional = self.session.as_ref().is_some_and(|session| session.is_provisional(&self.account));
        self.tell_of_new_browser();
        self.account.open.logged_in(LoginRecord { at: self.ctx.now, way });
        self.audit.push(Event::LoginCompleted);
        if !is_provisional {
            self.remember = true;
            self.counts.push(Count::Clear(Guessable::Password));
            self.cancel_recovery();
        }
        self.note = self.acr().map(|acr| acr.id());
    }

    /// A full log-in by a browser that was not known, told once a day at most. The first log-in of all is none to tell of.
    fn tell_of_new_browser(&mut self) {
        const DAY: u64 = 24 * 3600;
        let now = self.ctx.now;
        let told = self.account.open.new_browser_told.is_some_and(|told| now.since(told).as_secs() < DAY);
        // A recovery has a letter of its own, which says more.
        let recovers = self.ctx.goal() == Goal::Recover;
        if !self.ctx.known_browser && !told && !recovers && !self.account.open.logins.is_empty() {
            self.account.open.new_browser_told = Some(now);
            self.notify(Notice::NewBrowser);
        }
    }

    /// A second step that was judged and is wrong.
    fn failed(&mut self, refusal: Refusal, event: Event) {
        self.counts.push(Count::Fail(Guessable::SecondStep));
        let limit = &self.ctx.policy.limits.second_step;
        let before = self.ctx.account.counters.second_step;
        let after = before.failed(limit, self.ctx.now);
        let rebinds = self.ctx.account.counters.since_success.saturating_add(1) >= self.ctx.policy.limits.rebind_at;
        if after.failures == self.ctx.policy.limits.tell_at {
            self.notify(Notice::SecondStepFailed);
        }
        if rebinds || after.gate(limit, self.ctx.now) == Gate::LockedForGood {
            self.change = Some(Kind::End);
            self.notify(Notice::AccountLocked);
            return self.refuse(Refusal::AccountLocked, event);
        }
        self.refuse(refusal, event);
    }

    pub(super) fn recovery_codes_made(&mut self, codes: &RecoveryCodes, sealed: &PendingSeed) {
        self.account.credentials.next_generation();
        self.account.credentials.recovery_codes = Some(codes.clone());
        if let Some(session) = &mut self.session {
            session.new_codes = Some(sealed.clone());
            // A session by one of the old ones goes on with the new ones: else nobody could read them.
            if let Some(at) = session.factor.filter(|proof| proof.way() == Some(Way::RecoveryCode)).map(|proof| proof.at()) {
                session.factor = Some(Proof::new(self.account.id, Credential::RecoveryCode, codes.generation, at));
            }
        }
        self.change = Some(Kind::Update);
        self.audit.push(Event::RecoveryCodesMade);
        self.notify(Notice::RecoveryCodesMade);
    }

    pub(super) fn recovery_codes_left(&mut self) {
        let Some(session) = &mut self.session else { return };
        session.offer_codes = false;
        session.new_codes = None;
        let asked = session.goal == Goal::RecoveryCodes;
        self.change = Some(Kind::Update);
        if asked {
            self.land(Step::LoginMethods);
        }
    }
}
