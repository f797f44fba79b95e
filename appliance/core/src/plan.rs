//! Is this form due, and what must be measured before anything can be said?

use crate::account::{
    Account, Activation, Counters, Credentials, FactorKind, HashCost, PasswordHash, Profile, RecoveryCodes, Verifier, WrappedSeed,
};
use crate::audit::Event;
use crate::command::{Command, Link, PasskeyAnswer};
use crate::guard::{Budget, Counter, Gate};
use crate::id::{FactorId, Generation, ItemId, MemberId};
use crate::journey::{goal_of, next_step, serves};
use crate::letter::Language;
use crate::lookup::Lookup;
use crate::otp::Window;
use crate::passkey::{Assertion, Ceremony, Challenge, Flaw, MOST_PASSKEYS, NewPasskey, Passkey};
use crate::password::{Password, Unfit};
use crate::refusal::Refusal;
use crate::session::{MailCode, PendingSeed, Session, Way, factors_in_use, ways};
use crate::step::{Goal, Step};
use crate::tenant::{Limit, Method, TenantPolicy, UserIdChange};
use crate::time::{TimeStep, Timestamp};
use crate::user_id::UserId;

/// Most TOTP apps that one member may have.
pub const MOST_TOTP: usize = 10;

/// Everything a decision may look at. One shape for known and unknown.
pub struct Ctx<'a> {
    /// The society's rules.
    pub policy: &'a TenantPolicy,
    /// Now, never earlier than it has been: for expiry, locks and waits (design law 8).
    pub now: Timestamp,
    /// What the clock says: for TOTP alone.
    pub clock: Timestamp,
    /// Who this is about, as [`crate::account::Credentials::settle`] leaves it.
    pub account: Account,
    /// Its credentials as they are stored, where settling has changed them: then the next write of anything writes them too.
    pub stored: Option<Credentials>,
    /// Whether there is such a member. If not, `account` is a decoy of the same shape and nothing ever fits.
    pub known: bool,
    /// Opened only for commands that [`Command::needs_profile`].
    pub profile: Option<Profile>,
    /// The browser's session, if it has one that has not timed out.
    pub session: Option<Session>,
    /// Whether this member has logged in with this browser before: its wrong passwords have a lane of their own.
    pub known_browser: bool,
    /// Wrong first passwords in the society, from browsers that are not known.
    pub brake: Budget,
    /// How many of those the society has announced letters for, on top of what is always allowed.
    pub brake_raised: u32,
    /// How many other first passwords of strangers are being judged in the society at this moment: each may be one more of them.
    pub beside: u32,
    /// Whether the user ID that [`Command::claims`] is somebody else's already.
    pub id_taken: bool,
    /// SHA-256 of the terms in their present version.
    pub terms_hash: [u8; 32],
    /// A fresh random name, should this request make a pending item.
    pub fresh_item: ItemId,
    /// The language of the page, for letters.
    pub language: Language,
}

impl Ctx<'_> {
    /// The counter of `limit`'s kind and what it allows now.
    pub(crate) fn gate(&self, counter: Counter, limit: &Limit) -> Gate {
        counter.gate(limit, self.now)
    }

    /// Whether too many wrong second steps have locked the account: many in a row, or very many since the last right one.
    pub(crate) fn is_locked(&self) -> bool {
        let limits = &self.policy.limits;
        let counters = &self.account.counters;
        self.gate(counters.second_step, &limits.second_step) == Gate::LockedForGood || counters.since_success >= limits.rebind_at
    }

    /// The spray brake: while it holds, no stranger's try at the society is judged, whatever the ID (G-08). Nor are more of them at a time
    /// than it has room for: or many at once would be judged before the first has been counted.
    fn brake_gate(&self) -> Result<(), Stop> {
        let quota = self.policy.limits.brake.raised_for(self.brake_raised);
        let next = self.brake.next(&quota, self.now);
        let refusal = match () {
            () if self.now < next => Refusal::Crowded(next),
            () if self.beside >= self.brake.room(&quota, self.now) => Refusal::TryAgain,
            () => return Ok(()),
        };
        Err(Stop::Refused(refusal, Event::PasswordRefused))
    }

    /// What the session is here to do.
    pub(crate) fn goal(&self) -> Goal {
        self.session.as_ref().map_or(Goal::Portal, |session| session.goal)
    }

    /// Whether what this recovery gives is put on hold: by the mail link alone, in `guarded`.
    pub(crate) fn recovery_holds(&self) -> bool {
        let proved = self.session.as_ref().is_some_and(|session| session.factor_holds(&self.account));
        self.policy.holds_recovery() && !proved
    }

    /// Until when a change of address or method by an unproven account is on hold (design §7).
    pub(crate) fn change_hold(&self) -> Option<Timestamp> {
        let unproven = self.account.is_unproven(self.policy) && self.account.open.finished.is_some();
        unproven.then(|| self.now.after(self.policy.lifetimes.hold))
    }

    /// The TOTP app whose code is looked at: the one chosen, or the one used last.
    pub(crate) fn totp_device(&self, chosen: Option<FactorId>) -> Option<(FactorId, &WrappedSeed)> {
        let devices = factors_in_use(&self.account, self.session.as_ref()?, Method::Totp);
        let device = devices.into_iter().find(|device| chosen.is_none_or(|chosen| device.id == chosen))?;
        match &device.kind {
            FactorKind::Totp(seed) => Some((device.id, seed)),
            FactorKind::Passkey(_) => None,
        }
    }

    /// The challenge that an answer of `ceremony` may use up.
    fn challenge(&self, ceremony: Ceremony) -> Option<Challenge> {
        let live = self.session.as_ref()?.live_challenge(&self.policy.lifetimes, self.now).copied();
        live.filter(|challenge| challenge.ceremony == ceremony)
    }
}

/// What must be measured. Equal plans may reuse each other's findings.
#[derive(Clone, PartialEq, Eq)]
pub enum Plan {
    /// Nothing: the rules alone decide.
    Nothing,
    /// One argon2id and two comparisons in the token, and the same work for a verifier that can never fit.
    CheckPassword {
        /// Whose.
        member: MemberId,
        /// Against what.
        verifier: Verifier,
        /// And against what a recovery on hold waits with.
        pending: Option<PasswordHash>,
    },
    /// As `CheckPassword` for the password that must not be chosen again, and the new one's hash.
    HashPassword {
        /// Whose.
        member: MemberId,
        /// The one in use.
        present: Verifier,
        /// Which issue the new one is.
        generation: Generation,
        /// Salt and cost that the new one has to share, so that one argon2id serves both; `None`: fresh ones.
        shares: Option<([u8; 16], HashCost)>,
    },
    /// An HMAC for each step of the window, in the token, under an unwrapped seed.
    CheckTotp {
        /// The seed.
        seed: WrappedSeed,
        /// For which steps.
        window: Window,
    },
    /// As `CheckTotp`, for a seed that is wrapped in the same job.
    WrapTotp {
        /// The sealed seed.
        seed: PendingSeed,
        /// For which steps.
        window: Window,
    },
    /// The strict check and the library's, of an answer that makes a passkey.
    VerifyCreation {
        /// To which challenge.
        challenge: Challenge,
        /// The passkeys that the member has already.
        existing: Vec<Passkey>,
    },
    /// The strict check and the library's, of an answer by a passkey.
    VerifyAssertion {
        /// Whose.
        member: MemberId,
        /// To which challenge.
        challenge: Challenge,
        /// The member's passkeys.
        candidates: Vec<(FactorId, Passkey)>,
    },
    /// The code that was mailed, derived again.
    CheckMailCode {
        /// Whose.
        member: MemberId,
        /// Which.
        code: MailCode,
    },
    /// One HMAC in the token.
    CheckLookup {
        /// Whose.
        member: MemberId,
        /// Which kind of code.
        kind: LookupKind,
        /// Which issue.
        generation: Generation,
        /// Which pepper.
        pepper: u32,
        /// What is on file; all zero where the code is used or there is none.
        mac: [u8; 32],
    },
    /// Ten codes, and an HMAC of each.
    MakeRecoveryCodes {
        /// Whose.
        member: MemberId,
        /// Which issue they are.
        generation: Generation,
    },
}

/// The kinds of look-up secrets: what is under the pepper for one is never what is for the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LookupKind {
    /// A recovery code.
    Recovery,
    /// The activation code on the letter.
    Activation,
}

/// Raw measurements and products; never a verdict.
pub enum Findings {
    /// Of [`Plan::Nothing`].
    Nothing,
    /// Of [`Plan::CheckPassword`].
    Password {
        /// Whether the token found the two equal.
        matches: bool,
        /// Whether it found the pending one equal.
        pending: bool,
    },
    /// Of [`Plan::HashPassword`].
    NewPassword {
        /// Whether it is the one in use.
        is_present: bool,
        /// The new hash.
        hash: PasswordHash,
    },
    /// Of [`Plan::CheckTotp`].
    Totp {
        /// Steps whose code was typed.
        matched: Vec<TimeStep>,
    },
    /// Of [`Plan::WrapTotp`].
    WrappedTotp {
        /// Steps whose code was typed.
        matched: Vec<TimeStep>,
        /// The seed, wrapped.
        seed: WrappedSeed,
    },
    /// Of [`Plan::VerifyCreation`].
    Created(Result<Created, Flaw>),
    /// Of [`Plan::VerifyAssertion`].
    Asserted(Result<Assertion, Flaw>),
    /// Of [`Plan::CheckMailCode`] and [`Plan::CheckLookup`].
    Code {
        /// Whether it is the one.
        matches: bool,
    },
    /// Of [`Plan::MakeRecoveryCodes`].
    RecoveryCodes {
        /// What is kept.
        codes: RecoveryCodes,
        /// The codes themselves, sealed for the page that shows them.
        sealed: PendingSeed,
    },
}

/// A passkey just made, and what its maker is called.
pub struct Created {
    /// The passkey.
    pub made: NewPasskey,
    /// A name to begin with.
    pub name: String,
}

/// Why a form goes no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// It is not this form's turn: back to the screen whose turn it is.
    NotDue(Step),
    /// It was refused without anything having been measured. Nothing is counted and nothing changes.
    Refused(Refusal, Event),
}

/// Says what to measure for `command`, or why not to.
pub fn plan(command: &Command, ctx: &Ctx) -> Result<Plan, Stop> {
    is_due(command, ctx)?;
    match command {
        Command::Login { .. } | Command::GivePassword(_) => check_password(ctx),
        Command::GiveBirthDate(date) => {
            pass(ctx.gate(ctx.account.counters.birth_date, &ctx.policy.limits.birth_date), Event::BirthDateRefused)?;
            if date.is_some() { Ok(Plan::Nothing) } else { form(Refusal::NotADate) }
        }
        Command::GiveActivationCode { code, .. } => {
            pass(ctx.gate(ctx.account.counters.activation, &ctx.policy.limits.activation), Event::ActivationRefused)?;
            Ok(check_activation(code.as_ref(), ctx))
        }
        Command::GiveEmail(None) | Command::ChangeEmail(None) => form(Refusal::EmailUnfit),
        Command::ChangeEmail(Some(address)) if ctx.account.credentials.proven_email().is_some_and(|email| email.address == *address) => {
            form(Refusal::EmailUnchanged)
        }
        Command::AcceptTerms(version) if *version != ctx.policy.terms_version => form(Refusal::TermsChanged),
        Command::GiveEmail(Some(_)) | Command::ChangeEmail(Some(_)) | Command::ResendLink if letter_is_too_soon(command, ctx) => {
            form(Refusal::TooSoon)
        }
        Command::ConfirmEmail(link) => confirm_email(link.as_ref(), ctx),
        Command::OpenReset(link) if !reset_is_live(link.as_ref(), ctx) => dead_link(),
        Command::Freeze(link) => {
            let spent = |sent| ctx.account.credentials.frozen.is_some_and(|frozen| sent <= frozen);
            match link {
                Some(link) if ctx.known && link.member == ctx.account.id && !spent(link.sent) => Ok(Plan::Nothing),
                _ => dead_link(),
            }
        }
        Command::ChooseMethod { method, user_id } => method_form(*method, user_id.as_ref(), ctx),
        // Nor where nothing is left to be set up anew.
        Command::SetPassword { .. } if ctx.goal() == Goal::Recover && ctx.is_locked() => {
            Err(Stop::Refused(Refusal::AccountLocked, Event::CodeRefused))
        }
        Command::SetPassword { password, again, .. } => new_password(password.as_ref(), again.as_ref(), ctx),
        Command::ConfirmTotp { code, device, .. } => confirm_totp(code.is_some(), device.as_deref(), ctx),
        Command::CreatePasskey(answer) => {
            pass(second_step_gate(Way::Totp, ctx), Event::PasskeySetupRefused)?;
            Ok(create_passkey(answer, ctx))
        }
        Command::NamePasskey(name) => name_passkey(name.as_deref(), ctx),
        Command::GiveCode { code, device } => {
            pass(second_step_gate(Way::Totp, ctx), Event::CodeRefused)?;
            let (id, seed) = ctx.totp_device(*device).ok_or(Stop::NotDue(Step::AnotherWay))?;
            let window = Window::of(ctx.account.open.last_code(id), ctx.clock);
            match code {
                None => form(Refusal::WrongCode),
                Some(_) => Ok(Plan::CheckTotp { seed: seed.clone(), window }),
            }
        }
        Command::GivePasskey(answer) => {
            pass(second_step_gate(Way::Passkey, ctx), Event::CodeRefused)?;
            Ok(give_passkey(answer, ctx))
        }
        Command::GiveMailCode(code) => {
            pass(second_step_gate(Way::MailCode, ctx), Event::CodeRefused)?;
            pass(ctx.gate(ctx.account.counters.mail_code, &ctx.policy.limits.mail_code), Event::CodeRefused)?;
            let tries = ctx.policy.limits.mail_code_tries;
            let live = ctx.session.as_ref().and_then(|session| session.live_mail_code(&ctx.account, tries, ctx.now));
            match (live, code) {
                (None, _) => form(Refusal::MailCodeDead),
                (Some(_), None) => form(Refusal::WrongMailCode),
                (Some(live), Some(_)) => Ok(Plan::CheckMailCode { member: ctx.account.id, code: *live }),
            }
        }
        Command::ResendMailCode if mail_code_waits(ctx) => form(Refusal::TooSoon),
        Command::GiveRecoveryCode(code) => {
            pass(second_step_gate(Way::RecoveryCode, ctx), Event::CodeRefused)?;
            recovery_code(code.as_ref(), ctx)
        }
        Command::ChooseWay(way) | Command::Recover(Some(way)) if !holds(*way, ctx) => form(Refusal::MethodNotOffered),
        Command::Recover(None) if !ctx.policy.recovers_by_mail() => form(Refusal::MethodNotOffered),
        // The lock of the second step does not end by a mail link (RE-05).
        Command::Recover(None) if ctx.is_locked() => Err(Stop::Refused(Refusal::AccountLocked, Event::CodeRefused)),
        Command::Begin { .. } | Command::EndOthers if is_provisional(ctx) => {
            form(Refusal::OnHold(ctx.account.credentials.held().and_then(|recovery| recovery.counts_from).unwrap_or(ctx.now)))
        }
        Command::Begin { goal, page } => begin(*goal, *page, ctx),
        Command::ChangeUserId(id) => user_id_form(id, ctx),
        Command::ChangeMethod(method) => change_method(*method, ctx),
        Command::DeleteDevice if !can_delete(ctx) => form(Refusal::LastFactor),
        Command::MakeRecoveryCodes => {
            let generation = ctx.account.credentials.following_generation();
            Ok(Plan::MakeRecoveryCodes { member: ctx.account.id, generation })
        }
        _ => Ok(Plan::Nothing),
    }
}

/// A form is taken at the step that is due, or at one of its side doors, and nowhere else.
fn is_due(command: &Command, ctx: &Ctx) -> Result<(), Stop> {
    let Some(step) = command.step() else { return Ok(()) };
    let goal = goal_of(step, ctx.session.as_ref());
    let Some(session) = &ctx.session else {
        return if step == Step::Login || step.is_open() { Ok(()) } else { Err(Stop::NotDue(Step::Login)) };
    };
    let due = next_step(goal, Some(&ctx.account), Some(session), ctx.policy, ctx.now);
    if serves(step, due, &ctx.account, session, ctx.policy) { Ok(()) } else { Err(Stop::NotDue(due)) }
}

/// A form refused for what it says, nothing having been guessed.
fn form(refusal: Refusal) -> Result<Plan, Stop> {
    Err(Stop::Refused(refusal, Event::FormRefused))
}

fn dead_link() -> Result<Plan, Stop> {
    Err(Stop::Refused(Refusal::LinkDead, Event::LinkRefused))
}

/// Lets a try through, or says how long to wait. Told to everybody alike (design §6).
fn pass(gate: Gate, event: Event) -> Result<(), Stop> {
    let refusal = match gate {
        Gate::Open => return Ok(()),
        Gate::Wait(until) => Refusal::Wait(until),
        Gate::Locked(until) => Refusal::PasswordLocked(until),
        Gate::LockedForGood => Refusal::AccountLocked,
    };
    Err(Stop::Refused(refusal, event))
}

/// In a recovery a passkey and a recovery code, which nobody guesses, end the lock that wrong codes have made (LO-11).
fn second_step_gate(way: Way, ctx: &Ctx) -> Gate {
    let gate = match ctx.gate(ctx.account.counters.second_step, &ctx.policy.limits.second_step) {
        Gate::Open if ctx.is_locked() => Gate::LockedForGood,
        gate => gate,
    };
    let ends_it = ctx.goal() == Goal::Recover && matches!(way, Way::Passkey | Way::RecoveryCode);
    if gate == Gate::LockedForGood && ends_it { Gate::Open } else { gate }
}

fn check_password(ctx: &Ctx) -> Result<Plan, Stop> {
    if ctx.session.is_none() && !ctx.known_browser {
        ctx.brake_gate()?;
    }
    let Counters { password, share, .. } = ctx.account.counters;
    for counter in [password, share] {
        pass(ctx.gate(counter, &ctx.policy.limits.password), Event::PasswordRefused)?;
    }
    let credentials = &ctx.account.credentials;
    let pending = credentials.held().and_then(|recovery| recovery.password);
    Ok(Plan::CheckPassword { member: ctx.account.id, verifier: credentials.password, pending })
}

/// The letter's code that may still be used.
pub(crate) fn live_activation<'a>(ctx: &'a Ctx) -> Option<&'a Activation> {
    ctx.account.credentials.activation.as_ref().filter(|code| ctx.now < code.expires)
}

fn check_activation(code: Option<&Lookup>, ctx: &Ctx) -> Plan {
    let (Some(live), Some(_)) = (live_activation(ctx), code) else { return Plan::Nothing };
    let Activation { generation, pepper, mac, .. } = *live;
    Plan::CheckLookup { member: ctx.account.id, kind: LookupKind::Activation, generation, pepper, mac }
}

fn letter_is_too_soon(command: &Command, ctx: &Ctx) -> bool {
    let Some(pending) = &ctx.account.credentials.pending_email else { return false };
    let limits = &ctx.policy.limits;
    let same_day = ctx.now.since(pending.counted_from).as_secs() < 24 * 3600;
    // Another address may be given at once: a typing error must not cost a minute. The day's number holds for both.
    let cooling = matches!(command, Command::ResendLink) && ctx.now < pending.since.after(limits.letter_every);
    cooling || (same_day && pending.letters >= limits.letters_a_day)
}

fn confirm_email(link: Option<&Link>, ctx: &Ctx) -> Result<Plan, Stop> {
    let pending = ctx.account.credentials.pending_email.as_ref();
    let link = link.filter(|link| ctx.known && link.member == ctx.account.id && !ctx.account.open.disabled);
    match link.zip(pending).filter(|(link, pending)| link.item == pending.item) {
        None => dead_link(),
        Some((_, pending)) => match pending.not_before.filter(|from| ctx.now < *from) {
            Some(from) => Err(Stop::Refused(Refusal::LinkOnHold(from), Event::LinkRefused)),
            None => Ok(Plan::Nothing),
        },
    }
}

fn reset_is_live(link: Option<&Link>, ctx: &Ctx) -> bool {
    let account = &ctx.account;
    let is_newest = |link: &Link| link.member == account.id && account.counters.reset == Some(link.item);
    ctx.known && account.open.finished.is_some() && !account.open.disabled && link.is_some_and(is_newest)
}

fn method_form(method: Option<Method>, user_id: Option<&UserId>, ctx: &Ctx) -> Result<Plan, Stop> {
    if !method.is_some_and(|method| ctx.policy.offers_method(method)) {
        return form(Refusal::MethodNotOffered);
    }
    user_id.map_or(Ok(Plan::Nothing), |id| user_id_form(id, ctx))
}

/// The ID that the society gave binds to no rule; only a new choice does. Whether an ID is free is told so many times and no more (W-07).
fn user_id_form(id: &UserId, ctx: &Ctx) -> Result<Plan, Stop> {
    let profile = ctx.profile.as_ref().ok_or(Stop::NotDue(Step::Login))?;
    if *id == profile.user_id {
        return Ok(Plan::Nothing);
    }
    if !id.may_be_chosen(&ctx.policy.user_id) {
        return form(Refusal::UserIdUnfit);
    }
    let next = ctx.account.counters.user_ids.next(&ctx.policy.limits.user_ids, ctx.now);
    if ctx.now < next { form(Refusal::Wait(next)) } else { Ok(Plan::Nothing) }
}

fn change_method(method: Option<Method>, ctx: &Ctx) -> Result<Plan, Stop> {
    let credentials = &ctx.account.credentials;
    match method {
        Some(Method::MailCode) if credentials.proven_email().is_none() => form(Refusal::MethodNotOffered),
        Some(method) if !ctx.policy.offers_method(method) => form(Refusal::MethodNotOffered),
        Some(method) if credentials.method == Some(method) && credentials.method_change.is_none() => form(Refusal::MethodUnchanged),
        Some(_) => Ok(Plan::Nothing),
        None => form(Refusal::MethodNotOffered),
    }
}

fn new_password(password: Option<&Password>, again: Option<&Password>, ctx: &Ctx) -> Result<Plan, Stop> {
    // The parser takes neither an empty password nor one longer than any rule allows; the page has caught the first.
    let Some(password) = password else { return form(Refusal::PasswordTooLong) };
    let Some(again) = again else { return form(Refusal::PasswordsDiffer) };
    let profile = ctx.profile.as_ref().ok_or(Stop::NotDue(Step::NewPassword))?;
    match password.fitness(&ctx.policy.password, &profile.user_id) {
        Err(Unfit::TooShort) => return form(Refusal::PasswordTooShort),
        Err(Unfit::TooLong) => return form(Refusal::PasswordTooLong),
        Err(Unfit::Sign) => return form(Refusal::PasswordSign),
        Err(Unfit::IsUserId) => return form(Refusal::PasswordIsUserId),
        Ok(()) if !password.is_same_as(again) => return form(Refusal::PasswordsDiffer),
        Ok(()) => {}
    }
    let present = ctx.account.credentials.password;
    let shares = match present {
        Verifier::Chosen { hash, .. } if ctx.goal() == Goal::Recover && ctx.recovery_holds() => Some((hash.salt, hash.cost)),
        _ => None,
    };
    let generation = ctx.account.credentials.following_generation();
    Ok(Plan::HashPassword { member: ctx.account.id, present, generation, shares })
}

fn confirm_totp(has_code: bool, device: Option<&str>, ctx: &Ctx) -> Result<Plan, Stop> {
    pass(second_step_gate(Way::Totp, ctx), Event::TotpSetupRefused)?;
    let seed = ctx.session.as_ref().and_then(|session| session.live_seed(&ctx.policy.lifetimes, ctx.now));
    let seed = seed.cloned().ok_or(Stop::NotDue(Step::Login))?;
    match device {
        None => form(Refusal::DeviceNameUnfit),
        Some(name) if name_is_taken(name, None, ctx) => form(Refusal::DeviceNameTaken),
        Some(_) if !has_code => form(Refusal::WrongSetupCode),
        Some(_) => Ok(Plan::WrapTotp { seed, window: Window::at(ctx.clock) }),
    }
}

/// Whether another device than `own` is called `name`.
fn name_is_taken(name: &str, own: Option<FactorId>, ctx: &Ctx) -> bool {
    // What a recovery sets up takes the place of the others, and may be called like one of them.
    let beside = ctx.goal() != Goal::Recover;
    beside && ctx.account.credentials.factors.iter().any(|factor| factor.name == name && Some(factor.id) != own)
}

fn create_passkey(answer: &PasskeyAnswer, ctx: &Ctx) -> Plan {
    match (answer, ctx.challenge(Ceremony::Create)) {
        (PasskeyAnswer::Json(_), Some(challenge)) => {
            let existing = ctx.account.credentials.passkeys().map(|(_, passkey)| passkey.clone()).collect();
            Plan::VerifyCreation { challenge, existing }
        }
        _ => Plan::Nothing,
    }
}

fn give_passkey(answer: &PasskeyAnswer, ctx: &Ctx) -> Plan {
    let (PasskeyAnswer::Json(_), Some(challenge), Some(session)) = (answer, ctx.challenge(Ceremony::Get), &ctx.session) else {
        return Plan::Nothing;
    };
    let held = factors_in_use(&ctx.account, session, Method::Passkey).into_iter();
    let candidates = held.filter_map(|factor| factor.kind.passkey().map(|passkey| (factor.id, passkey.clone()))).collect();
    Plan::VerifyAssertion { member: ctx.account.id, challenge, candidates }
}

fn name_passkey(name: Option<&str>, ctx: &Ctx) -> Result<Plan, Stop> {
    let own = ctx.session.as_ref().and_then(|session| session.naming);
    match name {
        None => form(Refusal::DeviceNameUnfit),
        Some(name) if name_is_taken(name, own, ctx) => form(Refusal::DeviceNameTaken),
        Some(_) => Ok(Plan::Nothing),
    }
}

/// Whether another code by mail has to wait.
pub(crate) fn mail_code_waits(ctx: &Ctx) -> bool {
    ctx.now < ctx.account.counters.mail_codes.next(&ctx.policy.limits.mail_codes, ctx.now)
}

fn recovery_code(code: Option<&Lookup>, ctx: &Ctx) -> Result<Plan, Stop> {
    let codes = ctx.account.credentials.recovery_codes.as_ref().ok_or(Stop::NotDue(Step::AnotherWay))?;
    let Some(code) = code else { return form(Refusal::WrongRecoveryCode) };
    let mac = code.index().and_then(|index| codes.macs.get(index).copied().flatten()).unwrap_or_default();
    let (generation, pepper) = (codes.generation, codes.pepper);
    Ok(Plan::CheckLookup { member: ctx.account.id, kind: LookupKind::Recovery, generation, pepper, mac })
}

fn holds(way: Way, ctx: &Ctx) -> bool {
    ctx.session.as_ref().is_some_and(|session| ways(&ctx.account, session, ctx.policy).contains(&way))
}

fn is_provisional(ctx: &Ctx) -> bool {
    ctx.session.as_ref().is_some_and(|session| session.is_provisional(&ctx.account))
}

fn begin(goal: Goal, page: Step, ctx: &Ctx) -> Result<Plan, Stop> {
    let account = &ctx.account;
    match goal {
        Goal::AddDevice(method) if method != Method::MailCode && !has_room(account, method) => form(Refusal::TooManyDevices),
        Goal::AddDevice(method) if method == Method::MailCode || !ctx.policy.offers_method(method) => form(Refusal::MethodNotOffered),
        Goal::DeleteDevice(id) if account.credentials.factor(id).is_none() => Err(Stop::NotDue(page)),
        Goal::DeleteDevice(id) if !may_delete(account, ctx.policy, id) => form(Refusal::LastFactor),
        Goal::ChangeUserId if ctx.policy.user_id_change == UserIdChange::Never => Err(Stop::NotDue(page)),
        Goal::Portal | Goal::Logout | Goal::Recover => Err(Stop::NotDue(page)),
        _ => Ok(Plan::Nothing),
    }
}

/// Whether one more device of this kind fits beside the others. For codes by mail there is none to add.
pub fn has_room(account: &Account, method: Method) -> bool {
    let most = match method {
        Method::Totp => MOST_TOTP,
        Method::Passkey => MOST_PASSKEYS,
        Method::MailCode => 0,
    };
    account.credentials.factors.iter().filter(|factor| factor.kind.method() == method).count() < most
}

/// Whether a second step remains without the device `id`. Recovery codes are none: they run out.
pub fn may_delete(account: &Account, policy: &TenantPolicy, id: FactorId) -> bool {
    account.credentials.factors.iter().any(|factor| factor.id != id) || account.credentials.has_mailbox(policy)
}

fn can_delete(ctx: &Ctx) -> bool {
    matches!(ctx.goal(), Goal::DeleteDevice(id) if may_delete(&ctx.account, ctx.policy, id))
}
