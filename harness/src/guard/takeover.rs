//! What somebody who has found a first password can make of it: the rest of the first log-in, with a mailbox, a password and an app of
//! their own, on the rules alone.

use super::town::hash;
use sekisho_core::account::{Account, Profile, WrappedSeed};
use sekisho_core::birth::BirthDate;
use sekisho_core::command::{Command, Link};
use sekisho_core::decide::{Entry, SessionChange, decide};
use sekisho_core::email::EmailAddress;
use sekisho_core::guard::Budget;
use sekisho_core::id::ItemId;
use sekisho_core::journey::next_step;
use sekisho_core::letter::Language;
use sekisho_core::otp::{Code, device_name};
use sekisho_core::password::Password;
use sekisho_core::plan::{Ctx, Findings, Plan, plan};
use sekisho_core::secret::Secret;
use sekisho_core::session::{Acr, PendingSeed, Session};
use sekisho_core::step::{Goal, Step};
use sekisho_core::tenant::{Method, TenantPolicy};
use sekisho_core::time::{TimeStep, Timestamp};
use sekisho_core::user_id::UserId;

/// More pages than any journey has.
const PAGES: usize = 24;

/// How far the intruder comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Whether the portal opens.
    pub opened: bool,
    /// Whether the portal is told that the account is proven, and hands its data over.
    pub exposed: bool,
}

/// From `session`, which a first password has begun, as far as it goes.
pub fn take_over(policy: &TenantPolicy, account: Account, session: Session, now: Timestamp) -> Taken {
    let mut intruder = Intruder { policy, account, session: Some(session), now };
    for _ in 0..PAGES {
        let goal = intruder.session.as_ref().map_or(Goal::Portal, |session| session.goal);
        let step = next_step(goal, Some(&intruder.account), intruder.session.as_ref(), policy, now);
        if step == Step::Portal {
            let acr = intruder.session.as_ref().map(|session| session.acr(&intruder.account, policy));
            return Taken { opened: true, exposed: acr.is_some_and(|acr| !matches!(acr, Acr::Unproven | Acr::Provisional)) };
        }
        if !intruder.command(step).is_some_and(|command| intruder.send(&command)) {
            break;
        }
    }
    Taken { opened: false, exposed: false }
}

struct Intruder<'a> {
    policy: &'a TenantPolicy,
    account: Account,
    session: Option<Session>,
    now: Timestamp,
}

impl Intruder<'_> {
    /// What the page of `step` asks for; `None` where somebody without the letter cannot go on.
    fn command(&self, step: Step) -> Option<Command> {
        let password = || Password::typed(Secret::new("kutsu-no-himo-7".to_owned()), &self.policy.password);
        Some(match step {
            Step::Login => Command::Login { user_id: UserId::typed("12-3456789"), password: password() },
            Step::BirthDate => Command::GiveBirthDate(born()),
            Step::Terms => Command::AcceptTerms(self.policy.terms_version.clone()),
            Step::Email => Command::GiveEmail(EmailAddress::typed("intruder@mail.test")),
            Step::EmailWait => {
                let item = self.account.credentials.pending_email.as_ref()?.item;
                Command::ConfirmEmail(Some(Link { member: self.account.id, item }))
            }
            Step::Method => Command::ChooseMethod { method: Some(Method::Totp), user_id: None },
            Step::NewPassword => Command::SetPassword { password: password(), again: password(), sign_out_others: true },
            Step::FirstLoginComplete => Command::Logout { everywhere: false },
            Step::SetupTotp => Command::ConfirmTotp { code: Code::typed("123456"), device: device_name("phone"), sign_out_others: false },
            Step::RecoveryCodes => Command::LeaveRecoveryCodes,
            _ => return None,
        })
    }

    /// Sends a form that is right in all that the intruder can know. Whether it was taken.
    fn send(&mut self, command: &Command) -> bool {
        let ctx = Ctx {
            policy: self.policy,
            now: self.now,
            clock: self.now,
            account: self.account.clone(),
            stored: None,
            known: true,
            profile: profile(),
            session: self.session.clone().filter(|_| command.needs_session()),
            known_browser: false,
            brake: Budget::default(),
            brake_raised: 0,
            beside: 0,
            id_taken: false,
            terms_hash: [4; 32],
            fresh_item: ItemId([1; 8]),
            language: Language::Ja,
        };
        let Ok(measured) = plan(command, &ctx) else { return false };
        let decision = decide(command, &findings(&measured, self.now), &ctx);
        if decision.refusal.is_some() {
            return false;
        }
        if let Some(credentials) = decision.credentials {
            self.account.credentials = credentials;
        }
        if let Some(open) = decision.open {
            self.account.open = open;
        }
        self.session = match decision.session {
            SessionChange::Keep => self.session.take(),
            SessionChange::End => None,
            SessionChange::Update(session) | SessionChange::Rise(session) => Some(session),
        };
        if let (Some(Entry::TotpSeed), Some(session)) = (decision.enter, &mut self.session) {
            session.pending_seed = Some(PendingSeed { item: ItemId([2; 8]), sealed: vec![1], since: self.now });
        }
        true
    }
}

/// What is measured of what the intruder types.
fn findings(plan: &Plan, now: Timestamp) -> Findings {
    match plan {
        Plan::CheckPassword { .. } => Findings::Password { matches: true, pending: false },
        Plan::HashPassword { generation, .. } => Findings::NewPassword { is_present: false, hash: hash(*generation) },
        Plan::WrapTotp { .. } => Findings::WrappedTotp { matched: vec![TimeStep::of(now)], seed: WrappedSeed { kek: 1, blob: vec![9] } },
        _ => Findings::Nothing,
    }
}

fn born() -> Option<BirthDate> {
    BirthDate::new(1980, 12, 1)
}

fn profile() -> Option<Profile> {
    Some(Profile {
        name: "関所 太郎".to_owned(),
        user_id: UserId::typed("12-3456789"),
        birth: born()?,
        symbol: "12".to_owned(),
        number: "3456789".to_owned(),
        branch: "00".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::town::{From, Told, Town, Who};
    use crate::vectors::Vectors;
    use sekisho_core::tenant::Preset;

    #[test]
    fn a_first_password_alone_opens_everything_in_manual_an_unproven_account_in_guarded_and_nothing_in_hardened() {
        let vectors = Vectors::load(&Vectors::find().unwrap()).unwrap();
        let policy = &vectors.profiles["a"];
        let taken = |preset| {
            let policy = TenantPolicy { preset, ..policy.clone() };
            let mut town = Town::dormant(&policy, 1);
            let Told::In(session) = town.log_in(Who::Member(0), From::Stranger(1), true) else { panic!("the password is right") };
            let taken = town.take_over(0, *session);
            (taken.opened, taken.exposed)
        };
        assert_eq!([Preset::Manual, Preset::Guarded, Preset::Hardened].map(taken), [(true, true), (true, false), (false, false)]);
    }
}
