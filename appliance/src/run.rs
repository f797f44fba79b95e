//! The running process: its parts chosen and put together, and its end.

use crate::config::{Config, Hashing, Hsm, LogLevel, MailRelay, MailSecurity, Process, SocietyConfig, TlsVersion};
use crate::http::edge::Edge;
use crate::http::{App, health, server, tls};
use crate::mail::outbox::Outbox;
use crate::mail::smtp::{Relay, SmtpMailer, Tls};
use crate::mail::worker::Worker;
use crate::perform::hasher::Argon2Pool;
use crate::ports::{Clock, World};
use crate::service::Service;
use crate::society::Society;
use crate::staff::stop::Stop;
use crate::staff::{self, Office};
use crate::store::RedbStore;
use crate::ticker::Ticker;
use crate::vault::entropy::{MixedEntropy, OsEntropy};
use crate::vault::{Pkcs11Vault, TokenConfig, pin};
use rustix::process::{Resource, getrlimit, setrlimit};
use rustix::time::{ClockId, clock_gettime};
use sekisho_core::bucket::Admission;
use sekisho_core::time::Timestamp;
use std::fmt::Display;
use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Jobs that may wait for a session of the token.
const TOKEN_QUEUE: usize = 1024;

/// How long a job waits for the token at most.
const TOKEN_DEADLINE: Duration = Duration::from_secs(5);

/// How long one step of the conversation with the mail relay may take.
const RELAY_SECONDS: u64 = 20;

/// How long an idle thread that answers requests is kept: starting one costs as much as a log-in's share of everything but hashing.
const KEEP_ALIVE: Duration = Duration::from_secs(60);

/// Stack of a thread that answers requests. They are many, and none goes deep.
const STACK_BYTES: usize = 1024 * 1024;

/// The host's clock.
struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the process learns what time it is")]
    fn now(&self) -> Timestamp {
        Timestamp(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()))
    }

    /// Since the host started; the time in which it slept counts.
    fn passed(&self) -> Duration {
        let since = clock_gettime(ClockId::Boottime);
        Duration::from_secs(u64::try_from(since.tv_sec).unwrap_or_default())
    }
}

/// Serves until SIGTERM or SIGINT, then finishes what is in flight. The error is one line for the operator.
pub fn serve(config: Config) -> Result<(), String> {
    // Fails only when a provider is installed already, and then it is this one.
    drop(rustls::crypto::ring::default_provider().install_default());
    let Config { process, societies } = config;
    raise_file_limit(server::Limits::default().connections);
    let world = world(&process)?;
    let tls = {
        let keys = societies.iter().map(|it| (it.society.host.as_str(), it.tls.certified.as_ref()));
        tls::config(keys, process.tls_min == TlsVersion::V1_2).map_err(text)?
    };
    let societies: Vec<Arc<Society>> = societies.into_iter().map(|SocietyConfig { society, .. }| society).collect();

    let stop = Arc::new(Stop::default());
    let letters = Worker::spawn(Outbox::new(world.clone())?, societies.clone()).map_err(text)?;
    let waker = letters.waker();
    let service = Service::new(world.clone(), move |society| waker.wake(society)).with_companies(process.companies.clone());
    let service = Arc::new(service);
    let waker = letters.waker();
    let office = Office::new(world.clone(), societies.clone(), process.hsm.pool, Arc::clone(&stop));
    let ticker = Ticker::start(Arc::clone(&service), societies.clone(), Arc::clone(&office.clock), Arc::clone(&stop)).map_err(text)?;
    let office = Arc::new(office.waking(move |society| waker.wake(society)));
    let socket = staff::server::listen(&process.staff.path, process.staff.group, office);
    let socket = socket.map_err(|error| format!("{}: {error}", process.staff.path.display()))?;

    let app = Arc::new(App::new(service, societies, Arc::clone(&world.clock), Arc::clone(&world.entropy)));
    // Whoever waits for a hash has a place among the requests: beside as many of them as can wait there has to be room for all others.
    let hashing = process.hashing.threads + process.hashing.queue;
    let limits = server::Limits { work: hashing + server::Limits::default().work, ..server::Limits::default() };
    let served = runtime(limits.work).map_err(text)?.block_on(network(&process, app, tls, limits, world));
    // In this order: no more commands, no more ticks, the letter in hand, and with the last world the store's files and the token.
    drop(socket);
    stop.set();
    drop((ticker, letters));
    tracing::info!("stopped");
    served
}

/// How to reach the token: for `serve`, and for the key commands. Reads the PIN.
pub fn token(hsm: &Hsm) -> Result<TokenConfig, String> {
    let pin = pin::read(&hsm.pin_file).map_err(text)?;
    let Hsm { module, token, pool, .. } = hsm.clone();
    Ok(TokenConfig { module, token_label: token, pin, workers: pool, queue: TOKEN_QUEUE, deadline: TOKEN_DEADLINE })
}

fn world(process: &Process) -> Result<World, String> {
    let vault = Pkcs11Vault::open(&token(&process.hsm)?, Arc::new(OsEntropy)).map_err(text)?;
    tracing::info!(version = env!("CARGO_PKG_VERSION"), token = %vault.token_description(), "starting");
    if vault.token_description().is_soft() {
        tracing::warn!("the keys are in a soft token: for trying out and for tests, not for members' data (SECURITY.md)");
    }
    let entropy = Arc::new(MixedEntropy::new(Arc::new(OsEntropy), &vault.random().map_err(text)?));
    let Hashing { cost, threads, queue } = process.hashing;
    Ok(World {
        clock: Arc::new(SystemClock),
        entropy,
        vault: Arc::new(vault),
        store: Arc::new(RedbStore::open(process.state.join("societies")).map_err(text)?),
        hasher: Arc::new(Argon2Pool::new(threads, queue, cost).map_err(text)?),
        mailer: Arc::new(SmtpMailer::new(&relay(&process.mail)).map_err(text)?),
        alarms: Arc::default(),
    })
}

fn relay(mail: &MailRelay) -> Relay {
    let (user, password_file) = mail.login.clone().unzip();
    Relay {
        host: mail.host.clone(),
        port: mail.port,
        tls: match mail.security {
            MailSecurity::Starttls => Tls::Required,
            MailSecurity::Tls => Tls::Implicit,
            MailSecurity::Plain => Tls::LoopbackPlain,
        },
        ca_file: mail.ca_file.clone(),
        user,
        password_file,
        timeout_seconds: RELAY_SECONDS,
    }
}

/// Takes as many open files as the host allows, and says when that is fewer than connections and societies' files may need.
fn raise_file_limit(connections: usize) {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, "the limit of open files could not be raised");
    }
    let needed = connections + 1024;
    if limit.maximum.is_some_and(|most| most < needed as u64) {
        tracing::warn!(limit = limit.maximum, needed, "few open files: many idle connections could keep members out; set LimitNOFILE=");
    }
}

fn runtime(work: usize) -> io::Result<Runtime> {
    // Room beside the requests for what else may block: readiness.
    let mut runtime = Builder::new_multi_thread();
    runtime.enable_all().max_blocking_threads(work + 32).thread_stack_size(STACK_BYTES).thread_keep_alive(KEEP_ALIVE).build()
}

async fn network(
    process: &Process,
    app: Arc<App>,
    tls: Arc<rustls::ServerConfig>,
    limits: server::Limits,
    world: World,
) -> Result<(), String> {
    let mut terminate = signal(SignalKind::terminate()).map_err(text)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(text)?;
    let Process { proxies, companies, .. } = process;
    let (alarms, clock) = (Arc::clone(&world.alarms), Arc::clone(&world.clock));
    let edge = Arc::new(Edge::new(proxies.clone(), companies.clone(), Admission::default(), alarms, clock));
    let mut listeners = Vec::new();
    for address in &process.listen {
        listeners.push(TcpListener::bind(address).await.map_err(|error| format!("listen {address}: {error}"))?);
    }
    let health = TcpListener::bind(process.health).await.map_err(|error| format!("health {}: {error}", process.health))?;
    let (stop, stopped) = watch::channel(false);
    let ended = |mut stopped: watch::Receiver<bool>| async move { drop(stopped.wait_for(|stop| *stop).await) };

    let ready: health::Readiness = Arc::new(move || world.vault.ready().inspect_err(|fault| tracing::error!(%fault, "not ready")).is_ok());
    let watched = tokio::spawn(health::serve(health, ready, ended(stopped.clone())));
    let serving: Vec<_> = listeners
        .into_iter()
        .map(|listener| {
            let (app, edge, tls) = (Arc::clone(&app), Arc::clone(&edge), Arc::clone(&tls));
            tokio::spawn(server::serve(app, edge, listener, tls, limits.clone(), ended(stopped.clone())))
        })
        .collect();
    tracing::info!(listen = ?process.listen, health = %process.health, "serving");
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping: finishing what is in flight");
    stop.send_replace(true);
    for task in serving {
        task.await.map_err(text)?;
    }
    watched.await.map_err(text)
}

/// Writes the log: one JSON object a line on standard error, for journald or whatever reads it.
pub fn log(level: LogLevel) {
    let (ours, others) = match level {
        LogLevel::Error => (Level::ERROR, Level::ERROR),
        LogLevel::Warn => (Level::WARN, Level::ERROR),
        LogLevel::Info => (Level::INFO, Level::WARN),
    };
    let filter = Targets::new().with_default(others).with_target("sekisho", ours);
    let lines = tracing_subscriber::fmt::layer().json().flatten_event(true).with_writer(io::stderr);
    // Fails only when there is a log already, and then there is one.
    drop(tracing_subscriber::registry().with(lines).with(filter).try_init());
}

fn text(error: impl Display) -> String {
    error.to_string()
}
