//! Is this form due, and what must be measured before anything can be said?

use crate::account::{Account, FactorKind, PasswordHash, Profile, Verifier, WrappedSeed};
use crate::audit::Event;
use crate::command::{Command, EmailLink};
use crate::guard::{Counter, Gate};
use crate::id::{Generation, ItemId, MemberId};
use crate::journey::next_step;
use crate::letter::Language;
use crate::otp::Window;
use crate::password::Unfit;
use crate::refusal::Refusal;
use crate::session::{PendingSeed, Session, factor_in_use};
use crate::step::Step;
use crate::tenant::{Limit, Method, TenantPolicy};
use crate::time::{TimeStep, Timestamp};
use crate::user_id::UserId;

/// Everything a decision may look at. One shape for known and unknown.
pub struct Ctx<'a> {
    /// The society's rules.
    pub policy: &'a TenantPolicy,
    /// Now, never earlier than it has been: for expiry, locks and waits (design law 8).
    pub now: Timestamp,
    /// What the clock says: for TOTP alone.
    pub clock: Timestamp,
    /// Who this is about.
    pub account: Account,
    /// Whether there is such a member. If not, `account` is a decoy of the same shape and nothing ever fits.
    pub known: bool,
    /// Opened only for commands that [`Command::needs_profile`].
    pub profile: Option<Profile>,
    /// The browser's session, if it has one that has not timed out.
    pub session: Option<Session>,
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
}

/// What must be measured. Equal plans may reuse each other's findings.
#[derive(Clone, PartialEq, Eq)]
pub enum Plan {
    /// Nothing: the rules alone decide.
    Nothing,
    /// One argon2id and one comparison in the token, and the same work for a verifier that can never fit.
    CheckPassword {
        /// Whose.
        member: MemberId,
        /// Against what.
        verifier: Verifier,
    },
    /// As `CheckPassword` for the password that must not be chosen again, and the new one's hash.
    HashPassword {
        /// Whose.
        member: MemberId,
        /// The one in use.
        present: Verifier,
        /// Which issue the new one is.
        generation: Generation,
    },
    /// Three HMACs in the token under an unwrapped seed.
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
}

/// Raw measurements and products; never a verdict.
pub enum Findings {
    /// Of [`Plan::Nothing`].
    Nothing,
    /// Of [`Plan::CheckPassword`].
    Password {
        /// Whether the token found the two equal.
        matches: bool,
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
    if let Some((goal, step)) = command.belongs_to() {
        let account = ctx.session.as_ref().map(|_| &ctx.account);
        let due = next_step(goal, account, ctx.session.as_ref(), ctx.policy);
        if due != step {
            return Err(Stop::NotDue(due));
        }
    }
    match command {
        Command::Login { .. } => {
            pass(ctx.gate(ctx.account.counters.password, &ctx.policy.limits.password), Event::PasswordRefused)?;
            Ok(Plan::CheckPassword { member: ctx.account.id, verifier: ctx.account.credentials.password })
        }
        Command::GiveBirthDate(date) => {
            pass(ctx.gate(ctx.account.counters.birth_date, &ctx.policy.limits.birth_date), Event::BirthDateRefused)?;
            if date.is_some() { Ok(Plan::Nothing) } else { form(Refusal::NotADate) }
        }
        Command::GiveEmail(None) => form(Refusal::EmailUnfit),
        Command::AcceptTerms(version) if *version != ctx.policy.terms_version => form(Refusal::TermsChanged),
        Command::GiveEmail(Some(_)) | Command::ResendLink if letter_is_too_soon(command, ctx) => form(Refusal::TooSoon),
        Command::ConfirmEmail(link) if !link_is_live(link.as_ref(), ctx) => Err(Stop::Refused(Refusal::LinkDead, Event::LinkRefused)),
        Command::ChooseMethod { method, user_id } => method_form(*method, user_id.as_ref(), ctx),
        Command::SetPassword { password, again, .. } => {
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
            let generation = ctx.account.credentials.clone().next_generation();
            Ok(Plan::HashPassword { member: ctx.account.id, present: ctx.account.credentials.password, generation })
        }
        Command::ConfirmTotp { code, device, .. } => {
            pass(ctx.gate(ctx.account.counters.totp, &ctx.policy.limits.totp), Event::TotpSetupRefused)?;
            let seed = ctx.session.as_ref().and_then(|session| session.live_seed(&ctx.policy.lifetimes, ctx.now));
            let seed = seed.cloned().ok_or(Stop::NotDue(Step::Login))?;
            match (code, device) {
                (_, None) => form(Refusal::DeviceNameUnfit),
                (None, _) => form(Refusal::WrongSetupCode),
                _ => Ok(Plan::WrapTotp { seed, window: Window::at(ctx.clock) }),
            }
        }
        Command::GiveCode(code) => {
            pass(ctx.gate(ctx.account.counters.totp, &ctx.policy.limits.totp), Event::CodeRefused)?;
            let factor = factor_in_use(&ctx.account).ok_or(Stop::NotDue(Step::SetupTotp))?;
            let FactorKind::Totp(seed) = &factor.kind;
            match code {
                None => form(Refusal::WrongCode),
                Some(_) => Ok(Plan::CheckTotp { seed: seed.clone(), window: Window::at(ctx.clock) }),
            }
        }
        _ => Ok(Plan::Nothing),
    }
}

/// A form refused for what it says, nothing having been guessed.
fn form(refusal: Refusal) -> Result<Plan, Stop> {
    Err(Stop::Refused(refusal, Event::FormRefused))
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

fn letter_is_too_soon(command: &Command, ctx: &Ctx) -> bool {
    let Some(pending) = &ctx.account.credentials.pending_email else { return false };
    let limits = &ctx.policy.limits;
    let same_day = ctx.now.since(pending.counted_from).as_secs() < 24 * 3600;
    // Another address may be given at once: a typing error must not cost a minute. The day's number holds for both.
    let cooling = matches!(command, Command::ResendLink) && ctx.now < pending.since.after(limits.letter_every);
    cooling || (same_day && pending.letters >= limits.letters_a_day)
}

fn link_is_live(link: Option<&EmailLink>, ctx: &Ctx) -> bool {
    let pending = ctx.account.credentials.pending_email.as_ref();
    ctx.known && link.is_some_and(|link| link.member == ctx.account.id && pending.is_some_and(|pending| pending.item == link.item))
}

fn method_form(method: Option<Method>, user_id: Option<&UserId>, ctx: &Ctx) -> Result<Plan, Stop> {
    if !method.is_some_and(|method| ctx.policy.offers_method(method)) {
        return form(Refusal::MethodNotOffered);
    }
    let profile = ctx.profile.as_ref().ok_or(Stop::NotDue(Step::Method))?;
    match user_id {
        // The ID that the society gave binds to no rule; only a new choice does.
        Some(id) if *id != profile.user_id && !id.may_be_chosen(&ctx.policy.user_id) => form(Refusal::UserIdUnfit),
        _ => Ok(Plan::Nothing),
    }
}
