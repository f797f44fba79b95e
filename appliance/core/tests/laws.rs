//! The laws of the journey, over every state that a member and a browser can reach, in all five societies' orders.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use sekisho_core::account::{Account, Email, HashCost, PasswordHash, Profile, Verifier, WrappedSeed};
use sekisho_core::birth::BirthDate;
use sekisho_core::command::{Command, EmailLink};
use sekisho_core::decide::{Count, Decision, SessionChange, decide};
use sekisho_core::email::EmailAddress;
use sekisho_core::guard::{Counter, Guessable};
use sekisho_core::id::{Generation, ItemId, MemberId};
use sekisho_core::journey::next_step;
use sekisho_core::letter::Language;
use sekisho_core::otp::Code;
use sekisho_core::password::Password;
use sekisho_core::plan::{Ctx, Findings, Plan, Stop, plan};
use sekisho_core::refusal::Refusal;
use sekisho_core::secret::Secret;
use sekisho_core::session::{PendingSeed, Session};
use sekisho_core::step::{Goal, Step};
use sekisho_core::tenant::{FirstLoginItem, Method, PasswordRule, Preset, TenantPolicy, UserIdChange};
use sekisho_core::time::{TimeStep, Timestamp};
use sekisho_core::user_id::UserId;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

const NOW: Timestamp = Timestamp(1_800_000_000);
const MEMBER: MemberId = MemberId([7; 16]);
const ITEM: ItemId = ItemId([1; 8]);
const COST: HashCost = HashCost { memory_kib: 8, passes: 1, lanes: 1 };

fn policies() -> Vec<(&'static str, TenantPolicy)> {
    let read = |text: &str| toml::from_str(text).expect("a profile parses");
    vec![
        ("a", read(include_str!("../../../vectors/profiles/a.toml"))),
        ("b", read(include_str!("../../../vectors/profiles/b.toml"))),
        ("c", read(include_str!("../../../vectors/profiles/c.toml"))),
        ("d", read(include_str!("../../../vectors/profiles/d.toml"))),
        ("e", read(include_str!("../../../vectors/profiles/e.toml"))),
    ]
}

/// One member and one browser.
#[derive(Clone)]
struct State {
    account: Account,
    session: Option<Session>,
}

impl State {
    fn start() -> Self {
        let mut account = Account { id: MEMBER, ..Account::nobody() };
        account.credentials.password = Verifier::Rule { mac: [3; 32], pepper: 1, generation: Generation(0), since: NOW };
        Self { account, session: None }
    }

    /// As the import and staff leave members behind: a password by rule or issued, an address on file or none.
    fn starts() -> Vec<Self> {
        let hash = PasswordHash { salt: [5; 16], cost: COST, mac: [6; 32], pepper: 1, generation: Generation(0) };
        let issued = Verifier::Issued { hash, expires: NOW.after(core::time::Duration::from_secs(1)) };
        let address = EmailAddress::typed("on.file@example.test").expect("an address");
        let [plain, mut with_address, mut with_issued] = [Self::start(), Self::start(), Self::start()];
        with_address.account.credentials.email = Some(Email { address, proven: false });
        with_issued.account.credentials.password = issued;
        vec![plain, with_address, with_issued]
    }

    /// The society publishes new terms.
    fn after_new_terms(&self) -> Self {
        let mut next = self.clone();
        if let Some(consent) = &mut next.account.open.consent {
            consent.version = "of yesterday".to_owned();
        }
        next
    }

    /// Equal states have equal names. How many letters were asked for, and how many tries failed, is no state of the journey.
    fn name(&self) -> String {
        let mut account = self.account.clone();
        if let Some(pending) = &mut account.credentials.pending_email {
            pending.letters = 0;
        }
        // Nor is which time step was burnt last: time passes, and every state is met again with a later one.
        account.open.burnt.clear();
        let session = self.session.clone().map(|session| Session { revision: sekisho_core::id::Revision(0), birth_failures: 0, ..session });
        let facts = (&account.credentials, &account.open, &session);
        serde_json::to_string(&facts).expect("plain data")
    }

    fn due(&self, policy: &TenantPolicy) -> Step {
        next_step(Goal::Portal, Some(&self.account), self.session.as_ref(), policy)
    }

    fn ctx<'a>(&self, policy: &'a TenantPolicy, known: bool) -> Ctx<'a> {
        Ctx {
            policy,
            now: NOW,
            clock: NOW,
            account: self.account.clone(),
            known,
            profile: Some(profile()),
            session: self.session.clone(),
            terms_hash: [4; 32],
            fresh_item: ITEM,
            language: Language::Ja,
        }
    }

    /// What the shell does with a decision.
    fn after(&self, decision: Decision) -> Self {
        let mut next = self.clone();
        if let Some(credentials) = decision.credentials {
            next.account.credentials = credentials;
        }
        if let Some(open) = decision.open {
            next.account.open = open;
        }
        next.session = match decision.session {
            SessionChange::Keep => next.session,
            SessionChange::End => None,
            SessionChange::Update(session) | SessionChange::Rise(session) => Some(session),
        };
        if decision.enter.is_some()
            && let Some(session) = &mut next.session
        {
            session.pending_seed = Some(PendingSeed { item: ITEM, sealed: vec![1], since: NOW });
        }
        next
    }
}

fn profile() -> Profile {
    Profile {
        name: "関所 太郎".to_owned(),
        user_id: UserId::typed("12-3456789"),
        birth: BirthDate::new(1980, 12, 1).expect("a day"),
        symbol: "12".to_owned(),
        number: "3456789".to_owned(),
        branch: "00".to_owned(),
    }
}

fn password(text: &str) -> Option<Password> {
    Password::typed(Secret::new(text.to_owned()), &PasswordRule::default())
}

fn login() -> Command {
    Command::Login { user_id: UserId::typed("12-3456789"), password: password("12345678919801201") }
}

/// Every form, rightly filled in and otherwise.
fn commands(policy: &TenantPolicy) -> Vec<Command> {
    let link = EmailLink { member: MEMBER, item: ITEM };
    let set = |again| Command::SetPassword { password: password("kutsu-no-himo-7"), again: password(again), sign_out_others: true };
    let totp = |device: &str| Command::ConfirmTotp {
        code: Code::typed("123456"),
        device: sekisho_core::otp::device_name(device),
        sign_out_others: false,
    };
    let user_id = (policy.user_id_change != UserIdChange::Never).then(|| UserId::typed("sekisho.taro1"));
    vec![
        login(),
        Command::GiveBirthDate(BirthDate::new(1980, 12, 1)),
        Command::GiveBirthDate(BirthDate::new(1980, 12, 2)),
        Command::GiveBirthDate(None),
        Command::AcceptTerms(policy.terms_version.clone()),
        Command::AcceptTerms("of yesterday".to_owned()),
        Command::GiveEmail(EmailAddress::typed("a..b@docomo.example")),
        Command::GiveEmail(None),
        Command::ResendLink,
        Command::CorrectEmail,
        Command::ConfirmEmail(Some(link)),
        Command::ConfirmEmail(Some(EmailLink { item: ItemId([2; 8]), ..link })),
        Command::ConfirmEmail(None),
        Command::ChooseMethod { method: Some(Method::Totp), user_id: user_id.clone() },
        Command::ChooseMethod { method: Some(Method::Passkey), user_id },
        Command::ChooseMethod { method: None, user_id: None },
        set("kutsu-no-himo-7"),
        set("kutsu-no-himo-8"),
        totp("phone"),
        totp(""),
        Command::GiveCode(Code::typed("123456")),
        Command::GiveCode(None),
        Command::Logout { everywhere: false },
    ]
}

/// Everything that a measurement of `plan` may have found.
fn findings(plan: &Plan, account: &Account) -> Vec<Findings> {
    let hash = |generation| PasswordHash { salt: [1; 16], cost: COST, mac: [2; 32], pepper: 1, generation };
    let seed = || WrappedSeed { kek: 1, blob: vec![9] };
    let now = TimeStep::of(NOW);
    let later = account.open.burnt.iter().map(|(_, step)| step.0 + 1).max().unwrap_or(now.0);
    let steps = [vec![], vec![now], vec![TimeStep(now.0 - 1)], vec![TimeStep(now.0 - 1), TimeStep(now.0 + 1)], vec![TimeStep(later)]];
    match plan {
        Plan::Nothing => vec![Findings::Nothing],
        Plan::CheckPassword { .. } => vec![Findings::Password { matches: false }, Findings::Password { matches: true }],
        Plan::HashPassword { generation, .. } => {
            [true, false].map(|is_present| Findings::NewPassword { is_present, hash: hash(*generation) }).into()
        }
        Plan::CheckTotp { .. } => steps.map(|matched| Findings::Totp { matched }).into(),
        Plan::WrapTotp { .. } => steps.map(|matched| Findings::WrappedTotp { matched, seed: seed() }).into(),
    }
}

fn proves_a_code(findings: &Findings) -> bool {
    matches!(findings, Findings::Totp { matched } | Findings::WrappedTotp { matched, .. } if !matched.is_empty())
}

/// Walks every state reachable from a member nobody has heard of, checks each move, and returns the moves.
fn explore(name: &str, policy: &TenantPolicy) -> BTreeMap<String, (State, BTreeSet<String>)> {
    let mut states = BTreeMap::new();
    let mut open = VecDeque::from(State::starts());
    while let Some(state) = open.pop_front() {
        if states.contains_key(&state.name()) {
            continue;
        }
        check_state(name, policy, &state);
        // The browser may be closed at any time, and another one opened.
        let mut moves = vec![State { session: None, ..state.clone() }, state.after_new_terms()];
        for command in commands(policy) {
            moves.extend(try_command(policy, &state, &command));
        }
        states.insert(state.name(), (state, moves.iter().map(State::name).collect()));
        open.extend(moves);
    }
    states
}

fn try_command(policy: &TenantPolicy, state: &State, command: &Command) -> Vec<State> {
    let ctx = state.ctx(policy, true);
    let planned = plan(command, &ctx);
    if let Some((goal, step)) = command.belongs_to() {
        let due = next_step(goal, Some(&state.account), state.session.as_ref(), policy);
        assert_eq!(
            planned.as_ref().err() == Some(&Stop::NotDue(due)),
            due != step,
            "a form is taken at its own step and at no other: {}",
            due.id()
        );
    }
    let Ok(plan) = planned else { return Vec::new() };
    let mut moves = Vec::new();
    for findings in findings(&plan, &state.account) {
        let decision = decide(command, &findings, &ctx);
        let fresh_factor = matches!(&decision.session, SessionChange::Rise(session) if session.factor.is_some())
            && state.session.as_ref().is_none_or(|session| session.factor.is_none());
        if fresh_factor {
            assert!(proves_a_code(&findings), "a factor is proved by a code that matched and by nothing else");
            assert!(state.session.is_some(), "and behind a password");
            assert!(decision.open.as_ref().is_some_and(|open| !open.burnt.is_empty()), "and the code is burnt in the same commit");
        }
        if decision.refusal.is_some() {
            assert!(
                decision.credentials.is_none() && decision.open.is_none() && decision.letters.is_empty(),
                "a refusal changes no account"
            );
        }
        moves.push(state.after(decision));
    }
    moves
}

fn check_state(name: &str, policy: &TenantPolicy, state: &State) {
    let step = state.due(policy);
    let account = &state.account;
    if step == Step::Portal {
        let session = state.session.as_ref().expect("the portal has a session");
        assert!(session.password.holds_for(account), "{name}: the portal needs the password");
        assert!(session.factor.is_some_and(|proof| proof.holds_for(account)), "{name}: the portal needs the factor");
        assert!(!session.first_login, "{name}: a first log-in does not reach the portal");
        assert!(account.open.finished.is_some(), "{name}: the portal needs a finished first log-in");
        assert!(account.open.consent.as_ref().is_some_and(|consent| consent.version == policy.terms_version), "{name}: and the terms");
        assert!(account.credentials.password.is_chosen(), "{name}: and a password of the member's own");
    }
    if account.open.finished.is_some() {
        return;
    }
    // The society's order: whoever is asked for one item has given what stands before it.
    let item = match step {
        Step::BirthDate => FirstLoginItem::BirthDate,
        Step::Terms => FirstLoginItem::Terms,
        Step::Email | Step::EmailWait => FirstLoginItem::Email,
        Step::Method => FirstLoginItem::Method,
        Step::NewPassword => FirstLoginItem::NewPassword,
        _ => return,
    };
    let session = state.session.as_ref().expect("no page but the log-in without a session");
    for before in policy.first_login.iter().take_while(|before| **before != item) {
        let given = match before {
            FirstLoginItem::BirthDate => session.birth_date.is_some(),
            FirstLoginItem::Terms => account.open.consent.as_ref().is_some_and(|consent| consent.version == policy.terms_version),
            FirstLoginItem::Email if policy.wait_for_email => account.credentials.email.as_ref().is_some_and(|email| email.proven),
            FirstLoginItem::Email => account.credentials.email.is_some() || account.credentials.pending_email.is_some(),
            FirstLoginItem::Method => account.credentials.method.is_some(),
            FirstLoginItem::NewPassword => account.credentials.password.is_chosen(),
        };
        assert!(given, "{name}: {before:?} comes before {}", step.id());
    }
}

#[test]
fn every_reachable_state_keeps_the_laws_and_can_still_reach_the_portal() {
    for (name, policy) in policies() {
        assert_eq!(policy.faults(), Vec::<&str>::new(), "{name}");
        let states = explore(name, &policy);
        let steps: BTreeSet<Step> = states.values().map(|(state, _)| state.due(&policy)).collect();
        let mut expected: BTreeSet<Step> = Step::ALL.iter().copied().collect();
        expected.remove(&Step::Logout); // another goal
        if !policy.wait_for_email {
            expected.remove(&Step::EmailWait);
        }
        assert_eq!(steps, expected, "{name}: every screen is reached");

        // Backwards from the portal: no member is ever stuck.
        let mut good: BTreeSet<&String> =
            states.iter().filter(|(_, (state, _))| state.due(&policy) == Step::Portal).map(|(key, _)| key).collect();
        loop {
            let more: Vec<&String> = states
                .iter()
                .filter(|(key, (_, moves))| !good.contains(key) && moves.iter().any(|to| good.contains(to)))
                .map(|(key, _)| key)
                .collect();
            if more.is_empty() {
                break;
            }
            good.extend(more);
        }
        assert_eq!(good.len(), states.len(), "{name}: from every state a way leads to the portal");
        println!("profile {name}: {} states", states.len());
    }
}

#[test]
fn no_measurement_opens_anything_for_an_id_that_is_nobodys() {
    for (_, policy) in policies() {
        let nobody = State { account: State::start().account, session: None };
        for matches in [false, true] {
            let decision = decide(&login(), &Findings::Password { matches }, &nobody.ctx(&policy, false));
            assert!(matches!(decision.session, SessionChange::Keep));
            assert_eq!(decision.refusal.map(|refusal| refusal.id()), Some("login.wrong"));
        }
    }
}

#[test]
fn known_and_unknown_ids_get_plans_and_decisions_of_one_shape() {
    let (_, policy) = policies().remove(0);
    let state = State::start();
    let mut unknown = state.ctx(&policy, false);
    unknown.account = Account::nobody();
    unknown.account.credentials.password = Verifier::Chosen {
        hash: PasswordHash { salt: [0; 16], cost: COST, mac: [0; 32], pepper: 1, generation: Generation(0) },
        since: NOW,
    };
    let known = state.ctx(&policy, true);
    for ctx in [&known, &unknown] {
        assert!(matches!(plan(&login(), ctx), Ok(Plan::CheckPassword { .. })));
    }
    let wrong = Findings::Password { matches: false };
    let [known, unknown] = [&known, &unknown].map(|ctx| decide(&login(), &wrong, ctx));
    assert_eq!(known.counts, unknown.counts);
    assert_eq!(known.counts, [Count::Fail(Guessable::Password)]);
    assert_eq!(known.audit, unknown.audit);
    assert_eq!(known.refusal, unknown.refusal);
    assert_eq!(known.next, unknown.next);
    assert!(known.credentials.is_none() && known.open.is_none() && unknown.credentials.is_none() && unknown.open.is_none());
}

#[test]
fn findings_of_another_plan_prove_nothing() {
    let (_, policy) = policies().remove(0);
    let state = State::start();
    let others = [Findings::Nothing, Findings::Totp { matched: vec![TimeStep::of(NOW)] }];
    for findings in others {
        let decision = decide(&login(), &findings, &state.ctx(&policy, true));
        assert!(matches!(decision.session, SessionChange::Keep));
        assert!(decision.refusal.is_some());
    }
}

#[test]
fn a_first_password_by_rule_opens_for_as_long_as_the_preset_says_whenever_it_was_imported() {
    const DAY: u64 = 24 * 3600;
    let (_, mut policy) = policies().remove(0);
    let cases = [(Preset::Manual, 10_000, true), (Preset::Guarded, 89, true), (Preset::Guarded, 90, false), (Preset::Hardened, 0, false)];
    for (preset, days, opens) in cases {
        policy.preset = preset;
        let mut state = State::start();
        let since = Timestamp(NOW.0 - days * DAY);
        state.account.credentials.password = Verifier::Rule { mac: [3; 32], pepper: 1, generation: Generation(0), since };
        let decision = decide(&login(), &Findings::Password { matches: true }, &state.ctx(&policy, true));
        assert_eq!(matches!(decision.session, SessionChange::Rise(_)), opens, "{preset:?} after {days} days");
    }
}

#[test]
fn an_issued_password_opens_until_its_end() {
    let (_, policy) = policies().remove(0);
    for (expires, opens) in [(NOW.0, false), (NOW.0 + 1, true)] {
        let mut state = State::start();
        let hash = PasswordHash { salt: [1; 16], cost: COST, mac: [2; 32], pepper: 1, generation: Generation(0) };
        state.account.credentials.password = Verifier::Issued { hash, expires: Timestamp(expires) };
        let decision = decide(&login(), &Findings::Password { matches: true }, &state.ctx(&policy, true));
        assert_eq!(matches!(decision.session, SessionChange::Rise(_)), opens);
    }
}

#[test]
fn a_new_log_in_gives_no_fresh_guesses_at_the_birth_date() {
    let (_, policy) = policies().remove(0);
    let ctx = State::start().ctx(&policy, true);
    let state = State::start().after(decide(&login(), &Findings::Password { matches: true }, &ctx));
    let wrong = Command::GiveBirthDate(BirthDate::new(1980, 1, 12));
    let mut ctx = state.ctx(&policy, true);
    assert_eq!(decide(&wrong, &Findings::Nothing, &ctx).counts, [Count::Fail(Guessable::BirthDate)]);
    let limit = &policy.limits.birth_date;
    ctx.account.counters.birth_date = (0..limit.free).fold(Default::default(), |counter: Counter, _| counter.failed(limit, NOW));
    let right = Command::GiveBirthDate(BirthDate::new(1980, 12, 1));
    assert!(matches!(plan(&right, &ctx), Err(Stop::Refused(Refusal::Wait(_), _))), "told to wait, the right date unjudged");
}

#[test]
fn three_wrong_birth_dates_end_the_log_in_and_count_as_one_wrong_password() {
    let (_, policy) = policies().remove(0);
    let ctx = State::start().ctx(&policy, true);
    let mut state = State::start().after(decide(&login(), &Findings::Password { matches: true }, &ctx));
    let wrong = Command::GiveBirthDate(BirthDate::new(1980, 1, 12));
    for refusal in ["birth-date.wrong", "birth-date.wrong", "birth-date.exhausted"] {
        let decision = decide(&wrong, &Findings::Nothing, &state.ctx(&policy, true));
        assert_eq!(decision.refusal.map(|refusal| refusal.id()), Some(refusal));
        let password = decision.counts.contains(&Count::Fail(Guessable::Password));
        assert_eq!(password, refusal == "birth-date.exhausted");
        state = state.after(decision);
    }
    assert!(state.session.is_none());
}

#[test]
fn a_changed_password_voids_the_proof_of_every_other_session() {
    let (_, policy) = policies().remove(0);
    let ctx = State::start().ctx(&policy, true);
    let mut state = State::start().after(decide(&login(), &Findings::Password { matches: true }, &ctx));
    let elsewhere = state.session.clone();
    state.account.credentials.next_generation();
    let hash = PasswordHash { salt: [1; 16], cost: COST, mac: [2; 32], pepper: 1, generation: state.account.credentials.generation };
    state.account.credentials.password = Verifier::Chosen { hash, since: NOW };
    state.session = elsewhere;
    assert_eq!(state.due(&policy), Step::Login);
}
