//! The parts of a log-in, one by one: `cargo bench -p sekisho-benches --bench steps`.

use criterion::{BatchSize, Criterion};
use sekisho::ports::{AuditRow, Batch, Binding, SocietyRoots, Store, Vault};
use sekisho::store::RedbStore;
use sekisho::vault::Pkcs11Vault;
use sekisho::vault::entropy::OsEntropy;
use sekisho::view::render;
use sekisho_benches::AnyError;
use sekisho_core::account::{Account, Factor, FactorKind, HashCost, OpenFacts, PasswordHash, Verifier, WrappedSeed};
use sekisho_core::command::Command;
use sekisho_core::decide::{SessionChange, decide};
use sekisho_core::id::{FactorId, Generation, ItemId, MemberId, Revision, SocietyName};
use sekisho_core::journey::next_step;
use sekisho_core::letter::Language;
use sekisho_core::otp::Code;
use sekisho_core::password::Password;
use sekisho_core::plan::{Ctx, Findings, plan};
use sekisho_core::secret::Secret;
use sekisho_core::session::Session;
use sekisho_core::shown::{Face, Page, Shown};
use sekisho_core::step::Goal;
use sekisho_core::tenant::{Method, TenantPolicy};
use sekisho_core::time::{TimeStep, Timestamp};
use sekisho_core::user_id::UserId;
use sekisho_harness::sim::token::ThrowawayToken;
use std::hint::black_box;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

const NOW: Timestamp = Timestamp(1_800_000_000);

/// Threads that commit at the same time.
const COMMITTERS: u64 = 64;

fn main() -> Result<(), AnyError> {
    let society = SocietyName::try_from("bench".to_owned())?;
    // First of all: it starts the program anew with the token in its environment.
    let token = ThrowawayToken::with_keys(std::slice::from_ref(&society))?;
    let mut criterion = Criterion::default().configure_from_args();
    rules(&mut criterion)?;
    page(&mut criterion);
    vault(&mut criterion, &Pkcs11Vault::open(&token.config(), Arc::new(OsEntropy))?, &society)?;
    store(&mut criterion, &society)?;
    criterion.final_summary();
    Ok(())
}

/// What comes next, what to measure, and what follows: a right code behind a right password.
fn rules(criterion: &mut Criterion) -> Result<(), AnyError> {
    let policy: TenantPolicy = toml::from_str(include_str!("../../vectors/profiles/b.toml"))?;
    let ctx = |session| Ctx {
        policy: &policy,
        now: NOW,
        clock: NOW,
        account: account(),
        stored: None,
        known: true,
        profile: None,
        session,
        known_browser: true,
        brake: Default::default(),
        brake_raised: 0,
        beside: 0,
        id_taken: false,
        terms_hash: [0; 32],
        fresh_item: ItemId([9; ItemId::LEN]),
        language: Language::Ja,
    };
    let password = Password::typed(Secret::new("correct-Horse".to_owned()), &policy.password);
    let login = Command::Login { user_id: UserId::typed("12-345"), password };
    let SessionChange::Rise(session) = decide(&login, &Findings::Password { matches: true, pending: false }, &ctx(None)).session else {
        return Err("a right password gave no session".into());
    };
    let session: Session = session;
    let code = Command::GiveCode { code: Code::typed("123456"), device: None };
    let found = Findings::Totp { matched: vec![TimeStep::of(NOW)] };
    let decided = decide(&code, &found, &ctx(Some(session.clone())));
    if decided.refusal.is_some() {
        return Err("a right code was refused".into());
    }
    criterion.bench_function("rules: next_step, plan, decide (a right code)", |bencher| {
        let ready = || ctx(Some(session.clone()));
        bencher.iter_batched(
            ready,
            |ctx| {
                let step = next_step(Goal::Portal, Some(&ctx.account), ctx.session.as_ref(), ctx.policy, NOW);
                let plan = plan(&code, &ctx).is_ok();
                black_box((step, plan, decide(&code, &found, &ctx)))
            },
            BatchSize::SmallInput,
        );
    });
    Ok(())
}

/// Somebody with a password and an app, who has finished the first log-in.
fn account() -> Account {
    let cost = HashCost { memory_kib: 19_456, passes: 2, lanes: 1 };
    let hash = PasswordHash { salt: [1; 16], cost, mac: [2; 32], pepper: 1, generation: Generation(1) };
    let seed = WrappedSeed { kek: 1, blob: vec![3; 32] };
    let mut account = Account { id: MemberId([7; MemberId::LEN]), ..Account::nobody() };
    account.open = OpenFacts { finished: Some(NOW), ..OpenFacts::NEW };
    account.credentials.password = Verifier::Chosen { hash, since: NOW };
    account.credentials.method = Some(Method::Totp);
    account.credentials.factors.push(Factor {
        id: FactorId(1),
        generation: Generation(2),
        name: "phone".to_owned(),
        since: NOW,
        kind: FactorKind::Totp(seed),
    });
    account
}

fn page(criterion: &mut Criterion) {
    let face = Face {
        name_ja: "見本健康保険組合".to_owned(),
        name_en: "Sample Health Insurance Society".to_owned(),
        phone: "000-0000-0000".to_owned(),
        hours_ja: "平日 9:00–17:00".to_owned(),
        hours_en: "weekdays 9:00–17:00".to_owned(),
        services: Vec::new(),
    };
    let page = Page {
        language: Language::Ja,
        face: &face,
        member_name: None,
        csrf: "x".repeat(86),
        nonce: "n".repeat(22),
        now: NOW,
        refusal: None,
        shown: Shown::Login { user_id: String::new() },
    };
    criterion.bench_function("page: the log-in page", |bencher| bencher.iter(|| render(black_box(&page))));
}

fn vault(criterion: &mut Criterion, vault: &Pkcs11Vault, society: &SocietyName) -> Result<(), AnyError> {
    let steps = [TimeStep(1), TimeStep(2), TimeStep(3)];
    let (seed, _) = vault.wrap_seed(&Secret::new(*b"12345678901234567890"), &steps)?;
    let before = vault.calls();
    vault.totp(&seed, &steps)?;
    println!("vault: {} PKCS#11 calls for one TOTP check", vault.calls() - before);
    criterion.bench_function("vault: TOTP, three steps", |bencher| bencher.iter(|| vault.totp(&seed, &steps)));
    let binding = Binding { society, member: Some(MemberId([7; MemberId::LEN])), record: "profile", revision: Revision(3) };
    let plain = [5; 300];
    let sealed = vault.seal(&binding, &plain)?;
    criterion.bench_function("vault: seal 300 bytes", |bencher| bencher.iter(|| vault.seal(&binding, &plain)));
    criterion.bench_function("vault: open 300 bytes", |bencher| bencher.iter(|| vault.open(&binding, &sealed)));
    Ok(())
}

fn store(criterion: &mut Criterion, society: &SocietyName) -> Result<(), AnyError> {
    // Below the target folder, because the temporary files may lie in memory, where a sync costs nothing.
    let parent = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let private = std::fs::Permissions::from_mode(0o700);
    let folder = tempfile::Builder::new().permissions(private).tempdir_in(parent)?;
    let store = RedbStore::open(folder.path())?;
    let decoy = sekisho::ports::SealedRecord { revision: Revision(0), sealed: vec![0; 100] };
    store.create(society, &SocietyRoots { secret: vec![0; 60], decoy })?;
    let commit = || drop(black_box(store.commit(society, batch())));
    criterion.bench_function("store: a durable commit, alone", |bencher| bencher.iter(commit));
    let before = store.numbers(society)?;
    criterion.bench_function("store: a durable commit, 64 at the same time", |bencher| {
        bencher.iter_custom(|count| {
            let begun = Instant::now();
            std::thread::scope(|scope| {
                for committer in 0..COMMITTERS {
                    let share = count / COMMITTERS + u64::from(committer < count % COMMITTERS);
                    scope.spawn(move || (0..share).for_each(|_| commit()));
                }
            });
            begun.elapsed()
        });
    });
    let after = store.numbers(society)?;
    let shared = (after.batches - before.batches) as f64 / (after.commits - before.commits).max(1) as f64;
    println!("store: {shared:.1} of 64 shared one sync");
    Ok(())
}

fn batch() -> Batch {
    let row = AuditRow { at: NOW, member: None, event: "bench".to_owned(), refusal: None, note: None, staff: None };
    Batch { audit: vec![row], ..Batch::at(NOW) }
}
