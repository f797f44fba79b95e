//! What follows from what was measured. The only place where a proof or a session is made.

mod change;
mod first_login;
mod recovery;
mod second_step;

use crate::account::{Account, Counters, Credentials, OpenFacts, Profile, Verifier};
use crate::audit::Event;
use crate::command::Command;
use crate::email::EmailAddress;
use crate::guard::{Asking, Guessable};
use crate::id::ItemId;
use crate::journey::{needs_activation, next_step};
use crate::letter::{Letter, LetterKind, Notice};
use crate::passkey::Ceremony;
use crate::plan::{Ctx, Findings, live_activation, mail_code_waits};
use crate::refusal::Refusal;
use crate::session::{Acr, Credential, MailCode, Proof, Session};
use crate::step::{Goal, Step};
use crate::time::Timestamp;
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
    /// What the log-in that was just completed is worth, or the concession that it rests on: written beside the events.
    pub note: Option<&'static str>,
    /// For a wrong password by a stranger: whether it counts on the society's spray brake. Written in either case, so that the work does not
    /// tell a member who has not logged in yet from everybody else.
    pub sprayed: Option<bool>,
    /// Whether the browser is known for this member from here on: after a full log-in, a first log-in or a recovery (G-02).
    pub remember: bool,
    /// How many steps a right code of an app was ahead of the host's clock: for the watch over that clock.
    pub offset: Option<i8>,
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
    /// One more letter asked for.
    Asked(Asking),
    /// The lock is lifted, for passwords in every lane; what was counted since the last success stays.
    Unlock(Guessable),
    /// No browser is known for the member any more, but for one that this very decision makes known.
    ForgetBrowsers,
    /// This reset link is the newest from now on; `None`: none lives.
    Reset(Option<ItemId>),
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
    /// A challenge for a passkey, likewise.
    Challenge(Ceremony),
}

/// Says what follows. `findings` has to be of the plan that [`crate::plan::plan`] made for the same `command` and `ctx`;
/// findings of another kind prove nothing.
pub fn decide(command: &Command, findings: &Findings, ctx: &Ctx) -> Decision {
    let mut draft = Draft::new(ctx);
    match (command, findings) {
        (Command::Login { .. }, Findings::Password { matches, pending }) => draft.login(*matches, *pending),
        (Command::GivePassword(_), Findings::Password { matches, .. }) => draft.password_again(*matches),
        (Command::GiveBirthDate(Some(date)), _) => draft.birth_date(ctx.profile.as_ref().is_some_and(|profile| profile.birth == *date)),
        (Command::GiveActivationCode { page, .. }, Findings::Code { matches }) => draft.activation(*matches, *page),
        (Command::GiveActivationCode { page, .. }, Findings::Nothing) => draft.activation(false, *page),
        (Command::AcceptTerms(version), _) => draft.terms(version),
        (Command::DeclineTerms, _) => draft.terms_declined(),
        (Command::GiveEmail(Some(address)), _) => draft.email(address.clone(), None),
        (Command::ChangeEmail(Some(address)), _) => draft.change_email(address),
        (Command::ResendLink, _) => draft.resend(),
        (Command::CorrectEmail, _) => draft.correct_email(),
        (Command::ConfirmEmail(Some(_)), _) => draft.email_proven(),
        (Command::ChooseMethod { method: Some(method), user_id }, _) => draft.method(*method, user_id.as_ref()),
        (Command::SetPassword { sign_out_others, .. }, Findings::NewPassword { is_present, hash }) => {
            draft.password(*is_present, *hash, *sign_out_others);
        }
        (Command::ConfirmTotp { device: Some(device), sign_out_others, .. }, Findings::WrappedTotp { matched, seed }) => {
            draft.totp_set_up(matched, seed, device, *sign_out_others);
        }
        (Command::CreatePasskey(_), Findings::Created(created)) => draft.passkey_set_up(created),
        (Command::CreatePasskey(answer), Findings::Nothing) => draft.passkey_unanswered(answer),
        (Command::NamePasskey(Some(name)), _) => draft.passkey_named(name),
        (Command::GiveCode { device, .. }, Findings::Totp { matched }) => draft.code(*device, matched),
        (Command::GivePasskey(_), Findings::Asserted(asserted)) => draft.passkey(*asserted),
        (Command::GivePasskey(answer), Findings::Nothing) => draft.passkey_unanswered(answer),
        (Command::GiveMailCode(_), Findings::Code { matches }) => draft.mail_code(*matches),
        (Command::ResendMailCode, _) => draft.mail_code_again(),
        (Command::GiveRecoveryCode(code), Findings::Code { matches }) => draft.recovery_code(code.as_ref(), *matches),
        (Command::ChooseWay(way), _) | (Command::Recover(Some(way)), _) => draft.choose_way(*way),
        (Command::Recover(None), _) => draft.recover_anew(),
        (Command::MakeRecoveryCodes, Findings::RecoveryCodes { codes, sealed }) => draft.recovery_codes_made(codes, sealed),
        (Command::LeaveRecoveryCodes, _) => draft.recovery_codes_left(),
        (Command::Begin { goal, .. }, _) => draft.begin(*goal),
        (Command::EndOthers, _) => draft.end_others(),
        (Command::ChangeUserId(id), _) => draft.change_user_id(id),
        (Command::ChangeMethod(Some(method)), _) => draft.change_method(*method),
        (Command::DeleteDevice, _) => draft.delete_device(),
        (Command::ForgotPassword(_), _) => draft.forgot_password(),
        (Command::ForgotUserId(_), _) => draft.forgot_user_id(),
        (Command::OpenReset(Some(link)), _) => draft.open_reset(link.item),
        (Command::Freeze(Some(_)), _) => draft.freeze(),
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
    /// The page to land on when a change is done.
    land: Option<Step>,
    profile: Option<Profile>,
    claim_user_id: Option<UserId>,
    claim_email: Option<EmailAddress>,
    counts: Vec<Count>,
    end_others: bool,
    letters: Vec<Letter>,
    audit: Vec<Event>,
    note: Option<&'static str>,
    sprayed: Option<bool>,
    remember: bool,
    offset: Option<i8>,
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
            land: None,
            profile: None,
            claim_user_id: None,
            claim_email: None,
            counts: Vec::new(),
            end_others: false,
            letters: Vec::new(),
            audit: Vec::new(),
            note: None,
            sprayed: None,
            remember: false,
            offset: None,
            refusal: None,
        }
    }

    /// With another password, guesses at the old one say nothing, and whoever used it is known no more (G-17).
    const RECOVERED: [Count; 2] = [Count::Unlock(Guessable::Password), Count::ForgetBrowsers];

    fn refuse(&mut self, refusal: Refusal, event: Event) {
        self.refusal = Some(refusal);
        self.audit.push(event);
    }

    fn write(&mut self, to: EmailAddress, kind: LetterKind) {
        self.letters.push(Letter { to, language: self.ctx.language, kind, not_before: None });
    }

    /// Tells the member, where an address is proven.
    fn notify(&mut self, notice: Notice) {
        self.notify_from(notice, None);
    }

    /// As [`Self::notify`], but not before an instant.
    fn notify_from(&mut self, notice: Notice, not_before: Option<Timestamp>) {
        if let Some(to) = self.account.credentials.proven_email().map(|email| email.address.clone()) {
            self.letters.push(Letter { to, language: self.ctx.language, kind: LetterKind::Notice(notice), not_before });
        }
    }

    fn login(&mut self, matches: bool, pending: bool) {
        let ctx = self.ctx;
        let credentials = &ctx.account.credentials;
        let verifier = &credentials.password;
        let lacks_code = needs_activation(&ctx.account, ctx.policy) && live_activation(ctx).is_none();
        let current = matches && ctx.now < verifier.end(ctx.policy) && !lacks_code;
        let held = credentials.held().and_then(|recovery| recovery.password).filter(|_| pending);
        let present = verifier.generation().filter(|_| current).map(|generation| (Credential::Password, generation));
        let proved = present.or(held.map(|hash| (Credential::PendingPassword, hash.generation)));
        let Some((credential, generation)) = proved.filter(|_| ctx.known) else {
            self.stranger_failed();
            return self.refuse(Refusal::WrongIdOrPassword, Event::PasswordRefused);
        };
        if ctx.account.open.disabled {
            return self.refuse(Refusal::AccountDisabled, Event::PasswordRefused);
        }
        if ctx.is_locked() {
            return self.refuse(Refusal::AccountLocked, Event::PasswordRefused);
        }
        self.audit.push(Event::PasswordAccepted);
        self.note = matches!(verifier, Verifier::Rule { .. }).then_some(crate::concession::RULE_PASSWORD);
        self.change = Some(Kind::Rise);
        self.session = Some(Session {
            password: Some(Proof::new(self.account.id, credential, generation, ctx.now)),
            first_login: self.account.open.finished.is_none(),
            ..Session::new(self.account.id, ctx.now, Goal::Portal)
        });
    }

    /// A wrong password at the log-in page. The try that locks is told to the member; for everybody else a letter to nobody stands there.
    fn stranger_failed(&mut self) {
        let ctx = self.ctx;
        let limit = &ctx.policy.limits.password;
        let is_first_password = !ctx.account.credentials.password.is_chosen();
        self.counts.push(Count::Fail(Guessable::Password));
        self.sprayed = (!ctx.known_browser).then_some(ctx.known && is_first_password);
        let Counters { password, share, .. } = ctx.account.counters;
        if [password, share].iter().any(|counter| counter.failed(limit, ctx.now).failures == limit.lock_at) {
            let before = self.letters.len();
            if ctx.known {
                self.notify(Notice::PasswordLocked);
            }
            if self.letters.len() == before {
                self.write(EmailAddress::nobody(), LetterKind::Nothing);
            }
        }
    }

    /// The password once more, before a change: the present one. What a recovery on hold waits with changes nothing.
    fn password_again(&mut self, matches: bool) {
        let generation = self.ctx.account.credentials.password.generation().filter(|_| matches);
        let (Some(generation), Some(session)) = (generation, &mut self.session) else {
            self.counts.push(Count::Fail(Guessable::Password));
            return self.refuse(Refusal::WrongPassword, Event::PasswordRefused);
        };
        session.password = Some(Proof::new(self.account.id, Credential::Password, generation, self.ctx.now));
        self.change = Some(Kind::Rise);
        self.audit.push(Event::Reauthenticated);
    }

    fn begin(&mut self, goal: Goal) {
        if let Some(session) = &mut self.session {
            session.goal = goal;
            // A device or a way chosen for the log-in is not one for this.
            session.way = None;
            session.pending_seed = None;
            self.change = Some(Kind::Update);
        }
    }

    /// The change is done: back to the page where it began.
    fn land(&mut self, page: Step) {
        if let Some(session) = &mut self.session {
            session.goal = Goal::Portal;
            self.change = self.change.or(Some(Kind::Update));
            self.land = Some(page);
        }
    }

    fn end_others(&mut self) {
        self.end_others = true;
        self.change = Some(Kind::Update);
        self.land(Step::OwnPage);
    }

    /// Whoever has half a log-in, or a recovery on hold, ends nobody's session but their own.
    fn log_out(&mut self, everywhere: bool) {
        self.change = Some(Kind::End);
        self.end_others = everywhere && self.session.as_ref().is_some_and(|session| session.is_full(&self.account));
        self.audit.push(Event::LoggedOut);
    }

    /// A fresh code by mail, where the budget has one.
    fn send_mail_code(&mut self) {
        let ctx = self.ctx;
        let email = self.account.credentials.proven_email().map(|email| (email.address.clone(), email.generation));
        let Some((to, mailbox)) = email else { return };
        if mail_code_waits(ctx) {
            return;
        }
        let expires = ctx.now.after(ctx.policy.lifetimes.mail_code);
        if let Some(session) = &mut self.session {
            session.mail_code = Some(MailCode { item: ctx.fresh_item, mailbox, since: ctx.now, expires, failures: 0 });
        }
        self.write(to, LetterKind::MailCode { item: ctx.fresh_item, expires });
        self.counts.push(Count::Asked(Asking::MailCode));
        self.audit.push(Event::MailCodeSent);
    }

    /// What the next screen needs: a letter is written here, what needs chance or the HSM is asked of the shell.
    fn enter(&mut self, next: Step) -> Option<Entry> {
        let ctx = self.ctx;
        self.change.filter(|kind| *kind != Kind::End)?;
        let session = self.session.as_ref()?;
        let lifetimes = &ctx.policy.lifetimes;
        let asked = |ceremony| {
            let live = session.live_challenge(lifetimes, ctx.now).is_some_and(|challenge| challenge.ceremony == ceremony);
            (!live).then_some(Entry::Challenge(ceremony))
        };
        match next {
            Step::SetupTotp => session.live_seed(lifetimes, ctx.now).is_none().then_some(Entry::TotpSeed),
            Step::SetupPasskey => asked(Ceremony::Create),
            Step::LoginPasskey => asked(Ceremony::Get),
            Step::MailCode => {
                let live = session.live_mail_code(&self.account, ctx.policy.limits.mail_code_tries, ctx.now);
                if live.is_none() && self.refusal.is_none() {
                    self.send_mail_code();
                }
                None
            }
            _ => None,
        }
    }

    /// Of devices that are no more nothing is kept.
    fn forget_what_is_gone(&mut self) {
        let waiting = self.account.credentials.recovery.as_ref().and_then(|recovery| recovery.factor.as_ref());
        let kept: Vec<_> = self.account.credentials.factors.iter().chain(waiting).map(|factor| factor.id).collect();
        self.account.open.forget_all_but(|id| kept.contains(&id));
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
        if self.change == Some(Kind::End) {
            self.session = None;
        }
        let goal = self.session.as_ref().map_or(Goal::Portal, |session| session.goal);
        let due = next_step(goal, Some(&self.account), self.session.as_ref(), ctx.policy, ctx.now);
        let next = self.land.filter(|land| land.is_open() || due == Step::Portal || *land == Step::TermsDeclined).unwrap_or(due);
        let enter = self.enter(next);
        // A refusal writes nothing, and a form that anybody may send as little.
        if self.refusal.is_none() && self.change.is_some() {
            self.forget_what_is_gone();
        }
        let credentials_change = self.account.credentials != ctx.account.credentials;
        let open_change = self.account.open != ctx.account.open;
        // What time alone has changed is written with the next change of anything, and not for its own sake.
        let settles = ctx.stored.is_some() && (open_change || self.change.is_some());
        let writes = credentials_change || settles;
        if writes && ctx.stored.as_ref().is_some_and(|stored| stored.last_recovery != ctx.account.credentials.last_recovery) {
            // A recovery has come to count since: what one that counts at once does is done now.
            self.counts.extend(Self::RECOVERED);
        }
        Decision {
            credentials: writes.then_some(self.account.credentials),
            profile: self.profile,
            open: open_change.then_some(self.account.open),
            claim_user_id: self.claim_user_id,
            claim_email: self.claim_email,
            counts: self.counts,
            session: match (self.change, self.session) {
                (Some(Kind::Update), Some(session)) => SessionChange::Update(session),
                (Some(Kind::Rise), Some(session)) => SessionChange::Rise(session),
                (Some(Kind::End), _) => SessionChange::End,
                _ => SessionChange::Keep,
            },
            end_others: self.end_others,
            letters: self.letters,
            audit: self.audit,
            note: self.note,
            sprayed: self.sprayed,
            remember: self.remember,
            offset: self.offset,
            refusal: self.refusal,
            next,
            enter,
        }
    }
}

impl Draft<'_> {
    /// What the session is worth now.
    fn acr(&self) -> Option<Acr> {
        self.session.as_ref().map(|session| session.acr(&self.account, self.ctx.policy))
    }
}
