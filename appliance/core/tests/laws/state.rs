//! A member, a browser and a society, as plain facts; and what the shell does with a decision.

use sekisho_core::account::{
    Account, Activation, Consent, Email, Factor, FactorKind, HashCost, PasswordHash, Profile, RecoveryCodes, Verifier, WrappedSeed,
};
use sekisho_core::birth::BirthDate;
use sekisho_core::command::Command;
use sekisho_core::decide::{Count, Decision, Entry, SessionChange, decide};
use sekisho_core::email::EmailAddress;
use sekisho_core::guard::{Budget, Counter, Guessable};
use sekisho_core::id::{FactorId, Generation, ItemId, MemberId};
use sekisho_core::journey::next_step;
use sekisho_core::letter::Language;
use sekisho_core::passkey::{Challenge, Passkey};
use sekisho_core::plan::{Ctx, Stop, plan};
use sekisho_core::session::{PendingSeed, Session};
use sekisho_core::step::{Goal, Step};
use sekisho_core::tenant::{Method, Preset, TenantPolicy};
use sekisho_core::time::Timestamp;
use sekisho_core::user_id::UserId;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

use crate::commands::{good, login};

pub const NOW: Timestamp = Timestamp(1_800_000_000);
/// Longer ago than a proof stays fresh.
pub const STALE: Timestamp = Timestamp(NOW.0 - 360);
pub const MEMBER: MemberId = MemberId([7; 16]);
pub const COST: HashCost = HashCost { memory_kib: 8, passes: 1, lanes: 1 };

/// The five societies under all three presets.
pub fn policies() -> Vec<(String, TenantPolicy)> {
    let files = [
        ("a", include_str!("../../../../vectors/profiles/a.toml")),
        ("b", include_str!("../../../../vectors/profiles/b.toml")),
        ("c", include_str!("../../../../vectors/profiles/c.toml")),
        ("d", include_str!("../../../../vectors/profiles/d.toml")),
        ("e", include_str!("../../../../vectors/profiles/e.toml")),
    ];
    let presets = [Preset::Manual, Preset::Guarded, Preset::Hardened];
    let read = |text: &str, preset| TenantPolicy { preset, ..toml::from_str(text).expect("a profile parses") };
    files.iter().flat_map(|(name, text)| presets.map(|preset| (format!("{name} {preset:?}"), read(text, preset)))).collect()
}

/// The society `name` under `preset`.
pub fn policy(name: &str, preset: Preset) -> TenantPolicy {
    let wanted = format!("{name} {preset:?}");
    policies().into_iter().find(|(name, _)| *name == wanted).expect("a society").1
}

/// One member, the browser that acts, and another one that lies beside it.
#[derive(Clone)]
pub struct State {
    pub account: Account,
    pub profile: Profile,
    pub session: Option<Session>,
    /// The session of the member's, or an attacker's, other browser.
    pub parked: Option<Session>,
}

impl State {
    /// As the import leaves a member behind: a first password by rule, and no address.
    pub fn imported() -> Self {
        let mut account = Account { id: MEMBER, ..Account::nobody() };
        account.credentials.password = Verifier::Rule { mac: [3; 32], pepper: 1, generation: Generation(0), since: NOW };
        Self { account, profile: profile(), session: None, parked: None }
    }

    /// As the import and staff leave members behind: a password by rule or issued, an address on file or none, a code on the letter or none.
    pub fn imports(policy: &TenantPolicy) -> Vec<Self> {
        let issued = Verifier::Issued { hash: hash(Generation(0)), expires: NOW.after(core::time::Duration::from_secs(1)) };
        let mut starts = vec![Self::imported(); 4];
        let [plain, with_address, with_issued, with_code] = starts.as_mut_slice() else { return starts };
        with_address.account.credentials.email =
            Some(Email { address: address("on.file@example.test"), proven: false, generation: Generation(0) });
        with_issued.account.credentials.password = issued;
        with_code.account.credentials.activation = Some(activation());
        if policy.preset == Preset::Hardened {
            // Without the letter's code a password by rule opens nothing there: they could do nothing but wait for staff.
            for start in [plain, with_address] {
                start.account.credentials.activation = Some(activation());
            }
        }
        starts
    }

    /// A member with everything set up, and no session: `devices` stand beside the method.
    pub fn member(policy: &TenantPolicy, method: Method, devices: &[Method]) -> Self {
        let mut state = Self::imported();
        let credentials = &mut state.account.credentials;
        credentials.password = Verifier::Chosen { hash: hash(Generation(1)), since: NOW };
        credentials.generation = Generation(2);
        credentials.email = Some(Email { address: address("old@example.test"), proven: true, generation: Generation(2) });
        credentials.method = Some(method);
        credentials.proven = true;
        for device in devices {
            let generation = credentials.next_generation();
            credentials.factors.push(factor(*device, generation));
        }
        state.account.open.finished = Some(NOW);
        state.account.open.consent = Some(Consent { version: policy.terms_version.clone(), hash: [4; 32], at: NOW });
        state
    }

    /// The same with recovery codes.
    pub fn with_codes(mut self) -> Self {
        let generation = self.account.credentials.next_generation();
        self.account.credentials.recovery_codes = Some(codes(generation));
        self
    }

    /// The same, known by nothing but a first password by rule; the letter's code lies ready.
    pub fn unproven(mut self) -> Self {
        self.account.credentials.proven = false;
        self.account.credentials.activation = Some(activation());
        self
    }

    /// The same, locked by too many wrong second steps.
    pub fn locked(mut self, policy: &TenantPolicy) -> Self {
        let limit = &policy.limits.second_step;
        self.account.counters.second_step =
            (0..limit.lock_at).fold(Counter::default(), |counter, _| counter.failed(limit, Timestamp(NOW.0 - 7200)));
        self
    }

    pub fn is_locked(&self, policy: &TenantPolicy) -> bool {
        self.account.counters.second_step.failures >= policy.limits.second_step.lock_at
    }

    /// The same with a full log-in behind it.
    pub fn logged_in(self, policy: &TenantPolicy) -> Self {
        let mut state = self.go(policy, &login());
        for _ in 0..3 {
            let Some(session) = &state.session else { break };
            let command = match state.due(policy) {
                Step::LoginTotp | Step::LoginPasskey | Step::MailCode | Step::GiveRecoveryCode => {
                    crate::commands::second_step(&state, policy)
                }
                _ => break,
            };
            assert!(session.factor.is_none(), "a second step is asked for once");
            state = state.go(policy, &command);
        }
        state
    }

    /// Takes `command` with findings that are all good.
    ///
    /// # Panics
    /// When it is refused.
    pub fn go(&self, policy: &TenantPolicy, command: &Command) -> Self {
        let ctx = self.ctx_for(policy, command);
        let plan = match plan(command, &ctx) {
            Ok(plan) => plan,
            Err(Stop::NotDue(step)) => panic!("not due: {} is", step.id()),
            Err(Stop::Refused(refusal, _)) => panic!("refused: {}", refusal.id()),
        };
        let decision = decide(command, &good(&plan, &self.account), &ctx);
        assert_eq!(decision.refusal, None);
        self.after(&decision)
    }

    /// The refusal that `command` meets before anything is measured.
    pub fn refused(&self, policy: &TenantPolicy, command: &Command) -> Option<&'static str> {
        match plan(command, &self.ctx_for(policy, command)) {
            Ok(_) => None,
            Err(Stop::NotDue(_)) => Some("not due"),
            Err(Stop::Refused(refusal, _)) => Some(refusal.id()),
        }
    }

    pub fn due(&self, policy: &TenantPolicy) -> Step {
        self.due_for(Goal::Portal, policy)
    }

    pub fn due_for(&self, goal: Goal, policy: &TenantPolicy) -> Step {
        next_step(goal, Some(&self.account), self.session.as_ref(), policy, NOW)
    }

    /// What the session is here to do next.
    pub fn next(&self, policy: &TenantPolicy) -> Step {
        self.due_for(self.session.as_ref().map_or(Goal::Portal, |session| session.goal), policy)
    }

    pub fn reaches_portal(&self, policy: &TenantPolicy) -> bool {
        self.due(policy) == Step::Portal
    }

    pub fn is_provisional(&self) -> bool {
        self.session.as_ref().is_some_and(|session| session.is_provisional(&self.account))
    }

    pub fn ctx<'a>(&self, policy: &'a TenantPolicy) -> Ctx<'a> {
        Ctx {
            policy,
            now: NOW,
            clock: NOW,
            account: self.account.clone(),
            stored: None,
            known: true,
            profile: Some(self.profile.clone()),
            session: self.session.clone(),
            known_browser: true,
            brake: Budget::default(),
            brake_raised: 0,
            beside: 0,
            id_taken: false,
            terms_hash: [4; 32],
            fresh_item: self.fresh_item(),
            language: Language::Ja,
        }
    }

    /// A link, a log-in and "forgotten" belong to an account, and the browser's session says nothing for them.
    pub fn ctx_for<'a>(&self, policy: &'a TenantPolicy, command: &Command) -> Ctx<'a> {
        let mut ctx = self.ctx(policy);
        if !command.needs_session() {
            ctx.session = None;
        }
        ctx
    }

    /// What the shell does with a decision.
    pub fn after(&self, decision: &Decision) -> Self {
        let mut next = self.clone();
        if let Some(credentials) = &decision.credentials {
            next.account.credentials = credentials.clone();
        }
        if let Some(open) = &decision.open {
            next.account.open = open.clone();
        }
        if let Some(profile) = &decision.profile {
            next.profile = profile.clone();
        }
        for count in &decision.counts {
            match count {
                Count::Clear(Guessable::SecondStep) => next.account.counters.second_step = Counter::default(),
                Count::Reset(item) => next.account.counters.reset = *item,
                Count::Clear(_) | Count::Fail(_) | Count::Asked(_) | Count::Unlock(_) | Count::ForgetBrowsers => {}
            }
        }
        if decision.end_others {
            next.parked = None;
        }
        next.session = match &decision.session {
            SessionChange::Keep => next.session,
            SessionChange::End => None,
            SessionChange::Update(session) | SessionChange::Rise(session) => Some(session.clone()),
        };
        if let (Some(entry), Some(session)) = (decision.enter, &mut next.session) {
            match entry {
                Entry::TotpSeed => session.pending_seed = Some(seed()),
                Entry::Challenge(ceremony) => session.challenge = Some(Challenge { bytes: [1; 32], ceremony, since: NOW }),
            }
        }
        next
    }

    /// The browser is closed, or its session times out.
    pub fn closed(&self) -> Self {
        Self { session: None, ..self.clone() }
    }

    /// The other browser acts.
    pub fn swapped(&self) -> Self {
        Self { session: self.parked.clone(), parked: self.session.clone(), ..self.clone() }
    }

    /// The society publishes new terms.
    pub fn with_new_terms(&self) -> Self {
        let mut next = self.clone();
        if let Some(consent) = &mut next.account.open.consent {
            consent.version = "of yesterday".to_owned();
        }
        next
    }

    /// Six minutes pass: proofs are no longer fresh, and a passkey's challenge is dead.
    pub fn six_minutes_later(&self) -> Self {
        let aged = |session: &Session| -> Session {
            let mut row = serde_json::to_value(session).expect("plain data");
            for proof in ["password", "factor"] {
                if let Some(at) = row.get_mut(proof).and_then(|proof| proof.get_mut("at")) {
                    *at = Value::from(STALE.0);
                }
            }
            let session: Session = serde_json::from_value(row).expect("still a session");
            Session { challenge: None, ..session }
        };
        Self { session: self.session.as_ref().map(aged), parked: self.parked.as_ref().map(aged), ..self.clone() }
    }

    /// Three days pass, and every hold with them.
    pub fn hold_over(&self) -> Self {
        let mut next = self.clone();
        let credentials = &mut next.account.credentials;
        if let Some(recovery) = &mut credentials.recovery {
            recovery.counts_from = recovery.counts_from.map(|_| NOW);
            recovery.since = Timestamp(0);
        }
        credentials.settle(NOW, core::time::Duration::from_secs(1800));
        if let Some(pending) = &mut credentials.pending_email {
            pending.not_before = None;
        }
        if let Some(change) = &mut credentials.method_change {
            change.not_before = None;
        }
        next
    }

    /// A name that no link, code or pending item of this state has.
    pub fn fresh_item(&self) -> ItemId {
        let highest = self.items().into_iter().max().map_or(0, |item| item.0[7]);
        ItemId([0, 0, 0, 0, 0, 0, 0, highest.saturating_add(1)])
    }

    fn items(&self) -> Vec<ItemId> {
        let credentials = &self.account.credentials;
        let sessions = [&self.session, &self.parked];
        let of_sessions = sessions.into_iter().flatten().flat_map(|session| [session.link, session.mail_code.map(|code| code.item)]);
        let of_account = [
            self.account.counters.reset,
            credentials.recovery.as_ref().map(|recovery| recovery.item),
            credentials.pending_email.as_ref().map(|pending| pending.item),
        ];
        of_account.into_iter().chain(of_sessions).flatten().collect()
    }

    /// Equal states have equal names. What the journey does not ask is left out: how often letters were sent and tries failed, which
    /// time step was burnt last, how devices are called, all log-ins but the newest, when things began. Numbers that only have to be equal,
    /// or in order, are replaced by their ranks.
    pub fn name(&self, policy: &TenantPolicy) -> String {
        let mut account = self.account.clone();
        let credentials = &mut account.credentials;
        if let Some(pending) = &mut credentials.pending_email {
            pending.letters = 0;
        }
        credentials.frozen = None;
        let waiting = credentials.recovery.as_mut().and_then(|recovery| recovery.factor.as_mut());
        for factor in credentials.factors.iter_mut().chain(waiting) {
            factor.name.clear();
        }
        let last = account.open.logins.iter().map(|login| login.way).find(|way| *way != sekisho_core::session::Way::RecoveryCode);
        let consent = account.open.consent.as_ref().is_some_and(|consent| consent.version == policy.terms_version);
        let session = |session: &Option<Session>| {
            let mut session = session.clone()?;
            session.revision = sekisho_core::id::Revision(0);
            session.birth_failures = 0;
            if let Some(code) = &mut session.mail_code {
                code.failures = 0;
            }
            Some(session)
        };
        let sessions = (session(&self.session), session(&self.parked));
        let open = (last, consent, account.open.finished.is_some(), account.open.disabled, self.is_locked(policy));
        let facts = (&account.credentials, open, &sessions, account.counters.reset, self.profile.user_id.as_str());
        let mut facts = serde_json::to_value(facts).expect("plain data");
        let (mut numbers, mut items) = (BTreeSet::new(), BTreeMap::new());
        ranks(&mut facts, None, &mut |number| {
            numbers.insert(number);
            number
        });
        let rank: BTreeMap<u64, u64> = numbers.into_iter().zip(0..).collect();
        ranks(&mut facts, None, &mut |number| rank.get(&number).copied().unwrap_or(number));
        name_items(&mut facts, &mut items);
        facts.to_string()
    }
}

/// Visits every generation and factor id: the two are one sequence.
fn ranks(value: &mut Value, key: Option<&str>, visit: &mut impl FnMut(u64) -> u64) {
    match value {
        Value::Object(fields) => fields.iter_mut().for_each(|(key, value)| ranks(value, Some(key), visit)),
        Value::Array(values) => values.iter_mut().for_each(|value| ranks(value, None, visit)),
        Value::Number(number) if key.is_some_and(|key| SEQUENCE.contains(&key)) => {
            *value = Value::from(visit(number.as_u64().unwrap_or_default()));
        }
        _ => {}
    }
}

const SEQUENCE: [&str; 7] = ["generation", "sessions_from", "id", "Totp", "Passkey", "DeleteDevice", "naming"];

/// Items are arrays of eight numbers, and nothing else here is.
fn name_items(value: &mut Value, items: &mut BTreeMap<String, usize>) {
    match value {
        Value::Array(values) if values.len() == ItemId::LEN && values.iter().all(Value::is_number) => {
            let next = items.len();
            *value = Value::from(*items.entry(Value::from(values.clone()).to_string()).or_insert(next));
        }
        Value::Array(values) => values.iter_mut().for_each(|value| name_items(value, items)),
        Value::Object(fields) => fields.values_mut().for_each(|value| name_items(value, items)),
        _ => {}
    }
}

pub fn address(text: &str) -> EmailAddress {
    EmailAddress::typed(text).expect("an address")
}

pub fn hash(generation: Generation) -> PasswordHash {
    PasswordHash { salt: [1; 16], cost: COST, mac: [2; 32], pepper: 1, generation }
}

pub fn seed() -> PendingSeed {
    PendingSeed { item: ItemId([9; 8]), sealed: vec![1], since: NOW }
}

pub fn passkey() -> Passkey {
    Passkey { credential_id: vec![1], public_key: vec![2], backup_eligible: false, transports: Vec::new(), aaguid: [0; 16] }
}

/// One code, so that it runs out in one step.
pub fn codes(generation: Generation) -> RecoveryCodes {
    RecoveryCodes { generation, pepper: 1, since: NOW, macs: vec![Some([8; 32])] }
}

fn activation() -> Activation {
    Activation { mac: [8; 32], pepper: 1, generation: Generation(0), expires: NOW.after(core::time::Duration::from_secs(1)) }
}

fn factor(method: Method, generation: Generation) -> Factor {
    let kind = match method {
        Method::Passkey => FactorKind::Passkey(Box::new(passkey())),
        Method::Totp | Method::MailCode => FactorKind::Totp(WrappedSeed { kek: 1, blob: vec![9] }),
    };
    Factor { id: FactorId(generation.0), generation, name: format!("device {}", generation.0), since: NOW, kind }
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
