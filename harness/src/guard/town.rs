//! A society on the rules alone: `plan`, `decide` and the arithmetic of the counters, with tables in memory for a store. What an attack
//! of a month costs a token, an engine and a network is not in it; what it gains is.

use super::takeover::{Taken, take_over};
use crate::drivers::DriverError;
use sekisho::ports::CounterKey;
use sekisho::store::Names;
use sekisho_core::account::{
    Account, Activation, Counters, Credentials, Email, Factor, FactorKind, HashCost, PasswordHash, Verifier, WrappedSeed,
};
use sekisho_core::command::Command;
use sekisho_core::decide::{Count, Decision, SessionChange, decide};
use sekisho_core::email::EmailAddress;
use sekisho_core::guard::{Budget, Counter, Guessable};
use sekisho_core::id::{BlindIndex, FactorId, Generation, ItemId, MemberId};
use sekisho_core::lane::{Cell, Cells, Name, Strangers, places, tag};
use sekisho_core::letter::{Language, LetterKind, Notice};
use sekisho_core::otp::Code;
use sekisho_core::password::Password;
use sekisho_core::plan::{Ctx, Findings, Stop, plan};
use sekisho_core::refusal::Refusal;
use sekisho_core::secret::Secret;
use sekisho_core::session::Session;
use sekisho_core::source::Source;
use sekisho_core::tenant::{Method, Preset, TenantPolicy};
use sekisho_core::time::{TimeStep, Timestamp};
use sekisho_core::user_id::UserId;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// When every attack begins.
pub const BEGIN: Timestamp = Timestamp(1_800_000_000);

/// Whose ID is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// A member, by number.
    Member(usize),
    /// Nobody, by number.
    Nobody(u32),
}

/// From where it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    /// A browser that is not known, in the /24 of this number.
    Stranger(u32),
    /// The member's own browser.
    Home,
}

/// What a try is answered with.
pub enum Told {
    /// Not judged: not before this instant.
    Wait(Timestamp),
    /// Judged, and wrong.
    Wrong,
    /// Right: this session.
    In(Box<Session>),
    /// Something else.
    Refused(Refusal),
}

/// The society.
#[derive(Clone)]
pub struct Town<'a> {
    policy: &'a TenantPolicy,
    /// What time it is.
    pub now: Timestamp,
    members: Vec<Resident>,
    nobody: Account,
    lanes: BTreeMap<u32, Cell>,
    brake: Budget,
    /// For how many members letters are announced.
    pub announced: u32,
    /// Tries that were judged, right or wrong.
    pub judged: u64,
    /// Letters that told a member of something.
    pub notices: BTreeMap<&'static str, u64>,
}

/// A member, and what the browser at home has counted.
#[derive(Clone)]
struct Resident {
    account: Account,
    home: Counter,
}

impl<'a> Town<'a> {
    /// A society of `dormant` members as the import leaves them: a first password by rule, and nothing else. Where the preset needs the
    /// letter's code, each has one.
    pub fn dormant(policy: &'a TenantPolicy, dormant: u32) -> Self {
        let member = |number| {
            let password = Verifier::Rule { mac: [3; 32], pepper: 1, generation: Generation(0), since: BEGIN };
            let mut credentials = Credentials::with(password, None);
            let expires = BEGIN.after(policy.lifetimes.issued_password);
            let code = Activation { mac: [8; 32], pepper: 1, generation: Generation(0), expires };
            credentials.activation = (policy.preset == Preset::Hardened).then_some(code);
            Resident { account: Account { id: id(number), credentials, ..Account::nobody() }, home: Counter::default() }
        };
        Self {
            policy,
            now: BEGIN,
            members: (0..dormant).map(member).collect(),
            nobody: Account { credentials: Credentials::with(chosen(), None), ..Account::nobody() },
            lanes: BTreeMap::new(),
            brake: Budget::default(),
            announced: 0,
            judged: 0,
            notices: BTreeMap::new(),
        }
    }

    /// A society of so many members with a password of their own and an app, who have logged in at home.
    ///
    /// # Errors
    /// The sample address is none.
    pub fn settled(policy: &'a TenantPolicy, settled: u32) -> Result<Self, DriverError> {
        let mut town = Self::dormant(policy, settled);
        for (number, member) in (0..).zip(&mut town.members) {
            let address = EmailAddress::typed(&format!("m{number}@mail.test"));
            let address = address.ok_or_else(|| DriverError::Internal("the sample address is none".to_owned()))?;
            let email = Email { address, proven: true, generation: Generation(1) };
            let kind = FactorKind::Totp(WrappedSeed { kek: 1, blob: vec![9] });
            let factor = Factor { id: FactorId(2), generation: Generation(2), name: "phone".to_owned(), since: BEGIN, kind };
            let credentials = Credentials::with(chosen(), Some(email));
            member.account.credentials =
                Credentials { method: Some(Method::Totp), factors: vec![factor], proven: true, generation: Generation(2), ..credentials };
            member.account.open.finished = Some(BEGIN);
        }
        Ok(town)
    }

    /// How many places of the strangers' lane have been written.
    pub fn places(&self) -> usize {
        self.lanes.len()
    }

    /// What a stranger's try at `who` from there would be met by, nothing being tried.
    pub fn gate(&self, who: Who, from: u32) -> Timestamp {
        let counters = self.counters(who, From::Stranger(from));
        let end = |counter: Counter| counter.end(&self.policy.limits.password);
        end(counters.password).max(end(counters.share))
    }

    /// Until when the spray brake holds strangers; now or earlier when it does not.
    pub fn brake_until(&self) -> Timestamp {
        self.brake.next(&self.policy.limits.brake.raised_for(self.announced), self.now)
    }

    /// Types a password, right or wrong.
    pub fn log_in(&mut self, who: Who, from: From, right: bool) -> Told {
        let command = Command::Login { user_id: UserId::typed("12-3456789"), password: typed() };
        self.judge(&command, who, from, None, &Findings::Password { matches: right, pending: false })
    }

    /// Types a code of the app, right or wrong, behind the password that `session` has given.
    pub fn code(&mut self, who: Who, from: From, session: Session, right: bool) -> Told {
        let matched = if right { vec![TimeStep::of(self.now)] } else { Vec::new() };
        let command = Command::GiveCode { code: Code::typed("123456"), device: None };
        self.judge(&command, who, from, Some(session), &Findings::Totp { matched })
    }

    /// What an intruder makes of a session that a member's first password has begun.
    pub fn take_over(&self, number: usize, session: Session) -> Taken {
        take_over(self.policy, self.account(Who::Member(number)).clone(), session, self.now)
    }

    fn judge(&mut self, command: &Command, who: Who, from: From, session: Option<Session>, findings: &Findings) -> Told {
        let account = Account { counters: self.counters(who, from), ..self.account(who).clone() };
        let ctx = Ctx {
            policy: self.policy,
            now: self.now,
            clock: self.now,
            account,
            stored: None,
            known: matches!(who, Who::Member(_)),
            profile: None,
            session,
            known_browser: from == From::Home,
            brake: self.brake,
            brake_raised: self.announced,
            beside: 0,
            id_taken: false,
            terms_hash: [0; 32],
            fresh_item: ItemId([0; 8]),
            language: Language::Ja,
        };
        match plan(command, &ctx) {
            Ok(_) => {}
            Err(Stop::Refused(refusal, _)) => return refusal.until().map_or(Told::Refused(refusal), Told::Wait),
            Err(Stop::NotDue(_)) => return Told::Refused(Refusal::TryAgain),
        }
        let decision = decide(command, findings, &ctx);
        self.judged += 1;
        self.keep(who, from, &decision);
        match (decision.refusal, decision.session) {
            (None, SessionChange::Rise(session) | SessionChange::Update(session)) => Told::In(Box::new(session)),
            (Some(Refusal::WrongIdOrPassword | Refusal::WrongCode), _) => Told::Wrong,
            (Some(refusal), _) => Told::Refused(refusal),
            (None, _) => Told::Wrong,
        }
    }

    /// What the store does with a decision.
    fn keep(&mut self, who: Who, from: From, decision: &Decision) {
        let (limits, now) = (self.policy.limits, self.now);
        if decision.sprayed == Some(true) {
            self.brake = self.brake.asked(now);
        }
        for letter in &decision.letters {
            let notice = match letter.kind {
                LetterKind::Notice(Notice::PasswordLocked) => "locked",
                LetterKind::Notice(_) => "another",
                _ => continue,
            };
            *self.notices.entry(notice).or_default() += 1;
        }
        let is_password = |count: &&Count| matches!(count, Count::Fail(Guessable::Password) | Count::Clear(Guessable::Password));
        let counters = self.counters(who, from);
        match from {
            From::Home => {
                let (own, common): (Vec<Count>, Vec<Count>) = decision.counts.iter().partition(is_password);
                let Some(member) = self.member_mut(who) else { return };
                for count in own {
                    let fails = matches!(count, Count::Fail(_));
                    member.home = if fails { member.home.failed(&limits.password, now) } else { Counter::default() };
                }
                member.account.counters = counters.after(&common, &limits, now);
            }
            From::Stranger(source) => {
                let wrong = decision.counts.iter().filter(|count| **count == Count::Fail(Guessable::Password)).count();
                let names = self.names(who, source);
                let strangers = self.strangers(&names);
                let after = (0..wrong).fold(strangers, |strangers, _| strangers.failed(&limits.password, limits.share, now));
                if wrong > 0 {
                    self.write(&names, &after);
                }
                if let Some(member) = self.member_mut(who) {
                    member.account.counters = counters.after(&decision.counts, &limits, now);
                }
            }
        }
        if let (Some(open), Some(member)) = (&decision.open, self.member_mut(who)) {
            member.account.open = open.clone();
        }
    }

    /// The member's counters as a try from there finds them.
    fn counters(&self, who: Who, from: From) -> Counters {
        let of = self.account(who).counters;
        match (from, who) {
            (From::Stranger(source), _) => of.among(&self.strangers(&self.names(who, source)), &self.policy.limits),
            (From::Home, Who::Member(number)) => {
                Counters { password: self.members.get(number).map(|member| member.home).unwrap_or_default(), ..of }
            }
            (From::Home, Who::Nobody(_)) => of,
        }
    }

    fn account(&self, who: Who) -> &Account {
        match who {
            Who::Member(number) => self.members.get(number).map_or(&self.nobody, |member| &member.account),
            Who::Nobody(_) => &self.nobody,
        }
    }

    fn member_mut(&mut self, who: Who) -> Option<&mut Resident> {
        if let Who::Member(number) = who { self.members.get_mut(number) } else { None }
    }

    fn names(&self, who: Who, source: u32) -> Names {
        let key = match who {
            Who::Member(number) => CounterKey::Member(id(u32::try_from(number).unwrap_or(u32::MAX))),
            Who::Nobody(number) => CounterKey::Nobody(BlindIndex(u128::MAX.wrapping_sub(number.into()).to_be_bytes())),
        };
        let source = Source::of(Ipv4Addr::from_bits(source.wrapping_shl(8)).into());
        Names::of(key, &self.account(who).counters, Some(source.wide()))
    }

    fn strangers(&self, names: &Names) -> Strangers {
        let cells = |name: &Name| Cells(places(name).map(|place| self.lanes.get(&place).copied().unwrap_or_default()));
        let share = names.share.as_ref();
        Strangers { lane: cells(&names.lane), share: share.map(cells).unwrap_or_default(), source: share.map_or(0, tag) }
    }

    fn write(&mut self, names: &Names, strangers: &Strangers) {
        let share = names.share.map(|share| (share, strangers.share));
        for (name, cells) in std::iter::once((names.lane, strangers.lane)).chain(share) {
            self.lanes.extend(places(&name).into_iter().zip(cells.0));
        }
    }
}

/// As random as a real one, and the same at each run.
fn id(number: u32) -> MemberId {
    MemberId(u128::from(number).to_be_bytes())
}

fn chosen() -> Verifier {
    Verifier::Chosen { hash: hash(Generation(1)), since: BEGIN }
}

/// What is on file of a password that was chosen.
pub fn hash(generation: Generation) -> PasswordHash {
    PasswordHash { salt: [1; 16], cost: HashCost { memory_kib: 8, passes: 1, lanes: 1 }, mac: [2; 32], pepper: 1, generation }
}

fn typed() -> Option<Password> {
    Password::typed(Secret::new("12-3456789-19800101".to_owned()), &sekisho_core::tenant::PasswordRule::default())
}
