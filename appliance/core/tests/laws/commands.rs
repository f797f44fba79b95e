//! Every form, rightly filled in and otherwise; and everything that a measurement may find.

use sekisho_core::account::{Account, WrappedSeed};
use sekisho_core::birth::BirthDate;
use sekisho_core::command::{Command, FreezeLink, Link, PasskeyAnswer};
use sekisho_core::id::{FactorId, ItemId, MemberId};
use sekisho_core::lookup::Lookup;
use sekisho_core::otp::{Code, device_name};
use sekisho_core::passkey::{Assertion, Flaw, NewPasskey};
use sekisho_core::password::Password;
use sekisho_core::plan::{Created, Findings, Plan};
use sekisho_core::secret::Secret;
use sekisho_core::session::Way;
use sekisho_core::step::{Goal, Step};
use sekisho_core::tenant::{Method, PasswordRule, TenantPolicy, UserIdChange};
use sekisho_core::time::TimeStep;
use sekisho_core::user_id::UserId;

use crate::state::{MEMBER, NOW, State, address, codes, hash, passkey, seed};

/// What nobody was ever sent.
pub const NO_ITEM: ItemId = ItemId([0xee; 8]);
/// A device that nobody has.
const NO_DEVICE: FactorId = FactorId(9_999);

pub fn password(text: &str) -> Option<Password> {
    Password::typed(Secret::new(text.to_owned()), &PasswordRule::default())
}

pub fn login() -> Command {
    Command::Login { user_id: UserId::typed("12-3456789"), password: password("12345678919801201") }
}

pub fn set_password(sign_out_others: bool) -> Command {
    Command::SetPassword { password: password("kutsu-no-himo-7"), again: password("kutsu-no-himo-7"), sign_out_others }
}

pub fn link(item: ItemId) -> Link {
    Link { member: MEMBER, item }
}

/// "It was not me", of a letter that was sent just now.
pub fn freeze() -> Command {
    Command::Freeze(Some(FreezeLink { member: MEMBER, sent: NOW }))
}

pub fn begin(goal: Goal) -> Command {
    let page = match goal {
        Goal::ChangeEmail | Goal::ChangeUserId | Goal::ChangeMethod => Step::Profile,
        _ => Step::LoginMethods,
    };
    Command::Begin { goal, page }
}

pub fn answer() -> PasskeyAnswer {
    PasskeyAnswer::Json("{}".to_owned())
}

pub fn code() -> Option<Code> {
    Code::typed("123456")
}

pub fn lookup() -> Option<Lookup> {
    Lookup::typed("0000-0000-0000-0000")
}

pub fn confirm_totp(device: &str) -> Command {
    Command::ConfirmTotp { code: code(), device: device_name(device), sign_out_others: false }
}

/// What answers the second step that is due.
pub fn second_step(state: &State, policy: &TenantPolicy) -> Command {
    match state.next(policy) {
        Step::LoginPasskey => Command::GivePasskey(answer()),
        Step::MailCode => Command::GiveMailCode(code()),
        Step::GiveRecoveryCode => Command::GiveRecoveryCode(lookup()),
        _ => Command::GiveCode { code: code(), device: None },
    }
}

/// Every form, rightly filled in and otherwise, as this state makes it possible.
pub fn commands(policy: &TenantPolicy, state: &State) -> Vec<Command> {
    let mut all = first_login(policy);
    all.extend(second_steps(state));
    all.extend(settings(state));
    all.extend(recovery(state));
    all
}

fn first_login(policy: &TenantPolicy) -> Vec<Command> {
    let user_id = (policy.user_id_change != UserIdChange::Never).then(|| UserId::typed("sekisho.taro1"));
    let method = |method| Command::ChooseMethod { method, user_id: user_id.clone() };
    let mut all = vec![
        login(),
        Command::GiveBirthDate(BirthDate::new(1980, 12, 1)),
        Command::GiveBirthDate(BirthDate::new(1980, 12, 2)),
        Command::GiveBirthDate(None),
        Command::AcceptTerms(policy.terms_version.clone()),
        Command::AcceptTerms("of yesterday".to_owned()),
        Command::DeclineTerms,
        Command::GiveEmail(Some(address("a..b@docomo.example"))),
        Command::GiveEmail(None),
        Command::ResendLink,
        Command::CorrectEmail,
        Command::ChooseMethod { method: Some(Method::Totp), user_id: Some(UserId::typed("!")) },
        method(None),
        set_password(true),
        set_password(false),
        Command::SetPassword { password: password("kutsu-no-himo-7"), again: password("kutsu-no-himo-8"), sign_out_others: true },
        Command::SetPassword { password: password("kutsu-no-himo-7"), again: None, sign_out_others: true },
        Command::SetPassword { password: None, again: None, sign_out_others: true },
    ];
    all.extend(Method::ALL.map(|chosen| method(Some(chosen))));
    for page in [Step::ActivationCode, Step::OwnPage] {
        all.extend([lookup(), None].map(|code| Command::GiveActivationCode { code, page }));
    }
    all
}

fn second_steps(state: &State) -> Vec<Command> {
    let next = format!("device {}", state.account.credentials.generation.0 + 1);
    let taken = state.account.credentials.factors.first().map_or_else(String::new, |factor| factor.name.clone());
    let mut all = vec![
        confirm_totp(&next),
        confirm_totp(&taken),
        Command::ConfirmTotp { code: None, device: device_name(&next), sign_out_others: false },
        Command::NamePasskey(Some(next)),
        Command::NamePasskey(Some(taken)),
        Command::NamePasskey(None),
        Command::GiveCode { code: code(), device: None },
        Command::GiveCode { code: code(), device: Some(NO_DEVICE) },
        Command::GiveCode { code: None, device: None },
        Command::GiveMailCode(code()),
        Command::GiveMailCode(None),
        Command::ResendMailCode,
        Command::GiveRecoveryCode(lookup()),
        Command::GiveRecoveryCode(None),
    ];
    for answers in [Command::CreatePasskey as fn(PasskeyAnswer) -> Command, Command::GivePasskey] {
        all.extend([answer(), PasskeyAnswer::Cancelled, PasskeyAnswer::Known, PasskeyAnswer::Unsupported].map(answers));
    }
    all.extend(devices(state).map(|device| Command::GiveCode { code: code(), device: Some(device) }));
    all.extend(Way::ALL.map(Command::ChooseWay));
    all
}

fn settings(state: &State) -> Vec<Command> {
    let goals = [
        Goal::Portal,
        Goal::Logout,
        Goal::Recover,
        Goal::ChangePassword,
        Goal::ChangeEmail,
        Goal::ChangeUserId,
        Goal::ChangeMethod,
        Goal::AddDevice(Method::Totp),
        Goal::AddDevice(Method::Passkey),
        Goal::AddDevice(Method::MailCode),
        Goal::DeleteDevice(NO_DEVICE),
        Goal::RecoveryCodes,
    ];
    let mut all = vec![
        Command::EndOthers,
        Command::GivePassword(password("kutsu-no-himo-7")),
        Command::ChangeEmail(Some(address("new@example.test"))),
        Command::ChangeEmail(Some(address("old@example.test"))),
        Command::ChangeEmail(None),
        Command::ChangeUserId(UserId::typed("sekisho.taro2")),
        Command::ChangeUserId(UserId::typed("!")),
        Command::ChangeMethod(None),
        Command::DeleteDevice,
        Command::MakeRecoveryCodes,
        Command::LeaveRecoveryCodes,
        Command::Logout { everywhere: false },
        Command::Logout { everywhere: true },
    ];
    all.extend(goals.map(begin));
    all.extend(devices(state).map(|device| begin(Goal::DeleteDevice(device))));
    all.extend(Method::ALL.map(|method| Command::ChangeMethod(Some(method))));
    all
}

fn recovery(state: &State) -> Vec<Command> {
    let account = &state.account;
    let pending = account.credentials.pending_email.as_ref().map(|pending| pending.item);
    let stranger = MemberId([8; 16]);
    let mut all = vec![
        Command::ForgotPassword(UserId::typed("12-3456789")),
        Command::ForgotUserId(BirthDate::new(1980, 12, 1).map(|birth| (birth, address("old@example.test")))),
        Command::ForgotUserId(None),
        Command::Recover(None),
        Command::OpenReset(None),
        Command::OpenReset(Some(link(NO_ITEM))),
        Command::ConfirmEmail(None),
        Command::ConfirmEmail(Some(link(NO_ITEM))),
        Command::Freeze(None),
        freeze(),
        Command::Freeze(Some(FreezeLink { member: stranger, sent: NOW })),
    ];
    for item in [account.counters.reset, pending].into_iter().flatten() {
        // A link of one kind opens nothing of another, nor another member's.
        all.extend([Command::OpenReset as fn(_) -> _, Command::ConfirmEmail].map(|open| open(Some(link(item)))));
        all.push(Command::OpenReset(Some(Link { member: stranger, item })));
        all.push(Command::ConfirmEmail(Some(Link { member: stranger, item })));
    }
    all.extend(Way::ALL.map(|way| Command::Recover(Some(way))));
    all
}

fn devices(state: &State) -> impl Iterator<Item = FactorId> {
    let credentials = &state.account.credentials;
    let waiting = credentials.recovery.as_ref().and_then(|recovery| recovery.factor.as_ref());
    credentials.factors.iter().chain(waiting).map(|factor| factor.id)
}

/// Everything that a measurement of `plan` may have found, and some that it cannot have. The first is the best that can be.
pub fn findings(plan: &Plan, account: &Account) -> Vec<Findings> {
    let wrapped = || WrappedSeed { kek: 1, blob: vec![9] };
    let now = TimeStep::of(NOW);
    let last = account.open.burnt.iter().map(|burnt| burnt.step).max();
    let later = TimeStep(last.map_or(now.0, |last| last.0 + 1));
    let both = || [true, false].map(|matches| Findings::Code { matches }).into();
    match plan {
        Plan::Nothing => vec![Findings::Nothing],
        Plan::CheckPassword { .. } => [(true, false), (false, false), (false, true), (true, true)]
            .map(|(matches, pending)| Findings::Password { matches, pending })
            .into(),
        Plan::HashPassword { generation, .. } => {
            [false, true].map(|is_present| Findings::NewPassword { is_present, hash: hash(*generation) }).into()
        }
        Plan::CheckTotp { .. } => {
            let steps = [Some(later), None, last].map(|step| step.into_iter().collect::<Vec<_>>());
            steps.map(|matched| Findings::Totp { matched }).into()
        }
        Plan::WrapTotp { .. } => [vec![now], vec![]].map(|matched| Findings::WrappedTotp { matched, seed: wrapped() }).into(),
        Plan::VerifyCreation { .. } => {
            let made = NewPasskey { passkey: passkey(), counter: 0, backed_up: false };
            let name = "passkey".to_owned();
            vec![Findings::Created(Ok(Created { made, name })), Findings::Created(Err(Flaw::Signature))]
        }
        Plan::VerifyAssertion { candidates, .. } => {
            let counted = |factor, grows: u32| {
                let counter = account.open.passkey(factor).map_or(0, |state| state.counter) + grows;
                Findings::Asserted(Ok(Assertion { factor, counter, backed_up: false }))
            };
            let good = candidates.iter().map(|(factor, _)| counted(*factor, 1));
            // A counter that stands still is one of a copy, except where it stands at nothing.
            let still = candidates.iter().map(|(factor, _)| counted(*factor, 0));
            good.chain(still).chain([Findings::Asserted(Err(Flaw::Signature))]).collect()
        }
        Plan::CheckMailCode { .. } | Plan::CheckLookup { .. } => both(),
        Plan::MakeRecoveryCodes { generation, .. } => vec![Findings::RecoveryCodes { codes: codes(*generation), sealed: seed() }],
    }
}

/// The best that a measurement of `plan` can have found.
pub fn good(plan: &Plan, account: &Account) -> Findings {
    findings(plan, account).into_iter().next().unwrap_or(Findings::Nothing)
}

/// Whether `findings` show that a second step was given, or a new one works.
pub fn proves_a_second_step(findings: &Findings, account: &Account) -> bool {
    match findings {
        Findings::Totp { matched } | Findings::WrappedTotp { matched, .. } => !matched.is_empty(),
        Findings::Asserted(Ok(Assertion { factor, counter, .. })) => {
            let last = account.open.passkey(*factor).map_or(0, |state| state.counter);
            *counter > last || (*counter == 0 && last == 0)
        }
        Findings::Created(Ok(_)) | Findings::Code { matches: true } => true,
        _ => false,
    }
}
