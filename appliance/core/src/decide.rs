//! What follows from what was measured. The only place where a proof or a session is made.

use crate::account::{Account, Consent, Credentials, Email, Factor, FactorKind, OpenFacts, PasswordHash, PendingEmail, Profile, Verifier};
use crate::audit::Event;
use crate::command::Command;
use crate::email::EmailAddress;
use crate::guard::{Gate, Guessable};
use crate::id::{FactorId, Generation, Revision};
use crate::journey::{first_login_is_met, next_step};
use crate::letter::{Letter, LetterKind};
use crate::otp::accept;
use crate::plan::{Ctx, Findings};
use crate::refusal::Refusal;
use crate::session::{Credential, Proof, Session, factor_in_use};
use crate::step::{Goal, Step};
use crate::tenant::Method;
use crate::time::TimeStep;
use crate::user_id::UserId;

/// Everything that follows from one form. The shell commits it whole or not at all.
pub struct Decision {
    /// The credentials record, if it changes.
    pub credentials: Option<Credentials>,
    /// The profile, if it changes.
    pub profile: Option<Profile>,
    /// The open facts, if they change.
    pub open: Option<OpenFacts>,
    /// A user ID that becomes the member's; the index says whether it is free.
    pub claim_user_id: Option<UserId>,
    /// An address that becomes the member's alone; the index says whether it is free.
    pub claim_email: Option<EmailAddress>,
    /// What happens to the counters, in order.
    pub counts: Vec<Count>,
    /// What happens to the browser's session.
    pub session: SessionChange,
    /// Whether every other session of the member ends.
    pub end_others: bool,
    /// Letters to send.
    pub letters: Vec<Letter>,
    /// Events to write down.
    pub audit: Vec<Event>,
    /// Why not, if not.
    pub refusal: Option<Refusal>,
    /// The screen that comes next.
    pub next: Step,
    /// What the next screen needs made.
    pub enter: Option<Entry>,
}

/// One change of a counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// One more failure, added to what the store holds at the commit.
    Fail(Guessable),
    /// Success.
    Clear(Guessable),
}

/// What happens to the browser's session.
pub enum SessionChange {
    /// Nothing.
    Keep,
    /// It goes on under the same cookie.
    Update(Session),
    /// It begins, or its rights rise: a new cookie, the old one dead (ASVS 7.2.4).
    Rise(Session),
    /// It ends.
    End,
}

/// What a screen needs made before it can be shown. Never by a GET.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A TOTP seed, put into the session that the decision carries.
    TotpSeed,
}

/// Says what follows. `findings` has to be of the plan that [`crate::plan::plan`] made for the same `command` and `ctx`;
/// findings of another kind prove nothing.
pub fn decide(command: &Command, findings: &Findings, ctx: &Ctx) -> Decision {
    let mut draft = Draft::new(ctx);
    match (command, findings) {
        (Command::Login { .. }, Findings::Password { matches }) => draft.login(*matches),
        (Command::GiveBirthDate(Some(date)), _) => draft.birth_date(ctx.profile.as_ref().is_some_and(|profile| profile.birth == *date)),
        (Command::AcceptTerms(version), _) => draft.terms(version),
        (Command::GiveEmail(Some(address)), _) => draft.email(address.clone()),
        (Command::ResendLink, _) => draft.resend(),
        (Command::CorrectEmail, _) => draft.correct_email(),
        (Command::ConfirmEmail(Some(_)), _) => draft.email_proven(),
        (Command::ChooseMethod { method: Some(method), user_id }, _) => draft.method(*method, user_id.as_ref()),
        (Command::SetPassword { sign_out_others, .. }, Findings::NewPassword { is_present, hash }) => {
            draft.password(*is_present, *hash, *sign_out_others);
        }
        (Command::ConfirmTotp { device: Some(device), sign_out_others, .. }, Findings::WrappedTotp { matched, seed }) => {
            draft.totp_set_up(matched, FactorKind::Totp(seed.clone()), device, *sign_out_others);
        }
        (Command::GiveCode(_), Findings::Totp { matched }) => draft.code(matched),
        (Command::Logout { everywhere }, _) => draft.log_out(*everywhere),
        _ => draft.refuse(Refusal::TryAgain, Event::FormRefused),
    }
    draft.finish()
}

/// A decision in the making: the account and the session as they will be.
struct Draft<'a> {
    ctx: &'a Ctx<'a>,
    account: Account,
    session: Option<Session>,
    change: Option<Kind>,
    profile: Option<Profile>,
    claim_user_id: Option<UserId>,
    claim_email: Option<EmailAddress>,
    counts: Vec<Count>,
    end_others: bool,
    letters: Vec<Letter>,
    audit: Vec<Event>,
    refusal: Option<Refusal>,
}

/// Which [`SessionChange`] it will be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Update,
    Rise,
    End,
}

impl<'a> Draft<'a> {
    fn new(ctx: &'a Ctx<'a>) -> Self {
        Self {
            ctx,
            account: ctx.account.clone(),
            session: ctx.session.clone(),
            change: None,
            profile: None,
            claim_user_id: None,
            claim_email: None,
            counts: Vec::new(),
            end_others: false,
            letters: Vec::new(),
            audit: Vec::new(),
            refusal: None,
        }
    }

    fn refuse(&mut self, refusal: Refusal, event: Event) {
        self.refusal = Some(refusal);
        self.audit.push(event);
    }

    fn write(&mut self, to: EmailAddress, kind: LetterKind) {
        self.letters.push(Letter { to, language: self.ctx.language, kind });
    }

    /// Tells the member, where an address is proven.
    fn notify(&mut self, kind: LetterKind) {
        let proven = self.account.credentials.email.as_ref().filter(|email| email.proven);
        if let Some(address) = proven.map(|email| email.address.clone()) {
            self.write(address, kind);
        }
    }

    fn login(&mut self, matches: bool) {
        let ctx = self.ctx;
        let verifier = &ctx.account.credentials.password;
        let fits = matches && ctx.known && ctx.now < verifier.end(ctx.policy);
        let (true, Some(generation)) = (fits, verifier.generation()) else {
            self.counts.push(Count::Fail(Guessable::Password));
            return self.refuse(Refusal::WrongIdOrPassword, Event::PasswordRefused);
        };
        if ctx.gate(ctx.account.counters.totp, &ctx.policy.limits.totp) == Gate::LockedForGood {
            return self.refuse(Refusal::AccountLocked, Event::PasswordRefused);
        }
        self.audit.push(Event::PasswordAccepted);
        self.change = Some(Kind::Rise);
        self.session = Some(Session {
            member: self.account.id,
            revision: Revision(0),
            began: ctx.now,
            touched: ctx.now,
            password: Proof::new(self.account.id, Credential::Password, generation, ctx.now),
            birth_date: None,
            birth_failures: 0,
            factor: None,
            first_login: self.account.open.finished.is_none(),
            pending_seed: None,
        });
    }

    fn birth_date(&mut self, fits: bool) {
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

    fn terms(&mut self, version: &str) {
        self.change = Some(Kind::Update);
        self.account.open.consent = Some(Consent { version: version.to_owned(), hash: self.ctx.terms_hash, at: self.ctx.now });
        self.audit.push(Event::TermsAccepted);
    }

    fn email(&mut self, address: EmailAddress) {
        let now = self.ctx.now;
        self.change = Some(Kind::Update);
        let before = self.account.credentials.pending_email.take().filter(|old| now.since(old.counted_from).as_secs() < 24 * 3600);
        let (letters, counted_from) = before.map_or((0, now), |old| (old.letters, old.counted_from));
        let item = self.ctx.fresh_item;
        let pending = PendingEmail { item, address: address.clone(), since: now, letters: letters + 1, counted_from, correcting: false };
        self.account.credentials.pending_email = Some(pending);
        self.write(address, LetterKind::ConfirmEmail(item));
        self.audit.push(Event::EmailGiven);
    }

    fn resend(&mut self) {
        if let Some(pending) = &self.account.credentials.pending_email {
            self.email(pending.address.clone());
        }
    }

    fn correct_email(&mut self) {
        self.change = Some(Kind::Update);
        if let Some(pending) = &mut self.account.credentials.pending_email {
            pending.correcting = true;
        }
    }

    /// Belongs to the account, not to a browser: no session changes. The first browser goes on because the fact lies in the account.
    fn email_proven(&mut self) {
        let Some(pending) = self.account.credentials.pending_email.take() else { return };
        if !self.ctx.policy.share_email {
            self.claim_email = Some(pending.address.clone());
        }
        self.account.credentials.email = Some(Email { address: pending.address, proven: true });
        self.audit.push(Event::EmailProven);
    }

    fn method(&mut self, method: Method, user_id: Option<&UserId>) {
        self.change = Some(Kind::Update);
        self.account.credentials.method = Some(method);
        self.audit.push(Event::MethodChosen);
        let Some(profile) = &self.ctx.profile else { return };
        if let Some(id) = user_id.filter(|id| **id != profile.user_id) {
            self.claim_user_id = Some(id.clone());
            self.profile = Some(Profile { user_id: id.clone(), ..profile.clone() });
            self.audit.push(Event::UserIdChanged);
        }
    }

    fn password(&mut self, is_present: bool, hash: PasswordHash, sign_out_others: bool) {
        if is_present {
            return self.refuse(Refusal::PasswordUnchanged, Event::FormRefused);
        }
        let Some(session) = &mut self.session else { return };
        self.account.credentials.next_generation();
        self.account.credentials.password = Verifier::Chosen { hash, since: self.ctx.now };
        // Every other session's proof is void from here on; this one's is made anew (design law 2).
        session.password = Proof::new(self.account.id, Credential::Password, hash.generation, self.ctx.now);
        self.change = Some(Kind::Rise);
        self.end_others = sign_out_others;
        self.audit.push(Event::PasswordSet);
    }

    fn totp_set_up(&mut self, matched: &[TimeStep], kind: FactorKind, device: &str, sign_out_others: bool) {
        let Some(step) = accept(matched, None) else {
            return self.code_failed(Refusal::WrongSetupCode, Event::TotpSetupRefused);
        };
        let generation = self.account.credentials.next_generation();
        let id = FactorId(generation.0);
        self.account.credentials.factors.push(Factor { id, generation, name: device.to_owned(), since: self.ctx.now, kind });
        self.audit.push(Event::TotpSetUp);
        self.notify(LetterKind::TotpSetUp);
        if sign_out_others {
            self.end_others = true;
        }
        self.log_in_fully(id, generation, step);
    }

    fn code(&mut self, matched: &[TimeStep]) {
        let factor = factor_in_use(&self.account).map(|factor| (factor.id, factor.generation));
        let step = factor.and_then(|(id, _)| accept(matched, self.account.open.last_step(id)));
        match (factor, step) {
            (Some((id, generation)), Some(step)) => self.log_in_fully(id, generation, step),
            _ => self.code_failed(Refusal::WrongCode, Event::CodeRefused),
        }
    }

    /// The choke point: a full session comes from here and nowhere else (design law 6).
    fn log_in_fully(&mut self, id: FactorId, generation: Generation, step: TimeStep) {
        let Some(session) = &mut self.session else { return };
        session.factor = Some(Proof::new(self.account.id, Credential::Factor(id), generation, self.ctx.now));
        session.pending_seed = None;
        self.change = Some(Kind::Rise);
        self.account.open.burn(id, step);
        self.account.open.previous_login = self.account.open.last_login.replace(self.ctx.now);
        self.counts.extend([Count::Clear(Guessable::Password), Count::Clear(Guessable::Totp)]);
        self.audit.push(Event::LoginCompleted);
    }

    fn code_failed(&mut self, refusal: Refusal, event: Event) {
        self.counts.push(Count::Fail(Guessable::Totp));
        let limit = &self.ctx.policy.limits.totp;
        let after = self.ctx.account.counters.totp.failed(limit, self.ctx.now);
        if after.gate(limit, self.ctx.now) == Gate::LockedForGood {
            self.change = Some(Kind::End);
            return self.refuse(Refusal::AccountLocked, event);
        }
        self.refuse(refusal, event);
    }

    fn log_out(&mut self, everywhere: bool) {
        self.change = Some(Kind::End);
        self.end_others = everywhere;
        self.audit.push(Event::LoggedOut);
    }

    /// Ends a first log-in in the commit of the form that met its last requirement.
    fn finish_first_login(&mut self) {
        let Some(session) = &self.session else { return };
        let open = self.change.is_some_and(|kind| kind != Kind::End) && self.account.open.finished.is_none();
        if open && first_login_is_met(&self.account, session, self.ctx.policy) {
            self.account.open.finished = Some(self.ctx.now);
            self.counts.push(Count::Clear(Guessable::Password));
            self.audit.push(Event::FirstLoginFinished);
            self.notify(LetterKind::FirstLoginFinished);
        }
    }

    fn finish(mut self) -> Decision {
        self.finish_first_login();
        if self.end_others {
            self.audit.push(Event::OthersSignedOut);
        }
        let ctx = self.ctx;
        if self.change.is_some()
            && let Some(session) = &mut self.session
        {
            session.touched = ctx.now;
            session.revision = session.revision.next();
        }
        let session = self.session.filter(|_| self.change != Some(Kind::End));
        let next = next_step(Goal::Portal, Some(&self.account), session.as_ref(), ctx.policy);
        let lacks_seed = session.as_ref().is_some_and(|session| session.live_seed(&ctx.policy.lifetimes, ctx.now).is_none());
        let enter = (next == Step::SetupTotp && self.change.is_some() && lacks_seed).then_some(Entry::TotpSeed);
        Decision {
            credentials: (self.account.credentials != ctx.account.credentials).then_some(self.account.credentials),
            profile: self.profile,
            open: (self.account.open != ctx.account.open).then_some(self.account.open),
            claim_user_id: self.claim_user_id,
            claim_email: self.claim_email,
            counts: self.counts,
            session: match (self.change, session) {
                (Some(Kind::Update), Some(session)) => SessionChange::Update(session),
                (Some(Kind::Rise), Some(session)) => SessionChange::Rise(session),
                (Some(Kind::End), _) => SessionChange::End,
                _ => SessionChange::Keep,
            },
            end_others: self.end_others,
            letters: self.letters,
            audit: self.audit,
            refusal: self.refusal,
            next,
            enter,
        }
    }
}
