//! Sockets that are opened and left: against the appliance's own server, on the loopback network and the host's clock.

use super::{Bound, Ground, Measure};
use crate::catalogue::ProfileId;
use crate::drivers::DriverError;
use crate::drivers::in_process::Appliance;
use crate::drivers::server::Server;
use crate::drivers::wired::{Line, Wired};
use crate::flow::{AddressOnFile, FirstPassword, Given};
use crate::sim::log::Log;
use crate::world::entropy::Dice;
use crate::world::visitor::Visitor;
use futures_util::stream::{StreamExt as _, TryStreamExt as _};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use sekisho::http::server::Limits;
use sekisho_core::alarm::Alarm;
use sekisho_core::bucket::Admission;
use std::collections::BTreeMap;
use std::io::{ErrorKind, Read as _};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::time::timeout;

/// The society that is attacked.
const PROFILE: &str = "a";

/// The address that half of the sockets come from.
const ONE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// How many are opened at the same time.
const AT_ONCE: usize = 64;

/// Longest span for one of them to be opened.
const PATIENCE: Duration = Duration::from_secs(10);

/// Files of the process that are no sockets of the attack's: the store, the token, the member's connections.
const OTHER_FILES: u64 = 200;

/// How often the member logs in meanwhile: some fifty requests.
const LOG_INS: usize = 8;

/// Longest time for a hundredth of the member's requests (G-11).
const SLOWEST: Duration = Duration::from_secs(2);

/// What a connection may cost in KiB of memory: a request's headers (16), a TLS record (17), and half as much again for everything else.
const KIB_EACH: u64 = 50;

/// Opens sockets, sends nothing or half of something, and lets a member come meanwhile.
pub fn attack(ground: &Ground) -> Result<Vec<Measure>, DriverError> {
    let policy = ground.vectors.profiles.get(PROFILE).cloned();
    let policy = policy.ok_or_else(|| DriverError::NotSetUp(format!("the vectors have no profile {PROFILE}")))?;
    let appliance = Appliance::at(ground.premises()?, &[(ProfileId::from(PROFILE), policy)].into(), ground.seed, |world| world)?;
    let host = appliance.society(PROFILE)?.host.clone();
    let server = Server::start(appliance.front(), appliance.edge(), std::slice::from_ref(&host))?;
    let line = Line::new(&server, &host)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(internal)?;
    let mut driver = Wired::new(appliance.driver(PROFILE)?, line.clone(), &runtime);
    let mut member = member(&mut driver, ground.seed)?;

    let (sockets, fits) = fitting(ground.sockets)?;
    let before = memory()?;
    let hello = half_a_hello(&line)?;
    let opened = runtime.block_on(open(&line, &hello, sockets))?;
    driver.spans.clear();
    let mut came = usize::from(log_in(&mut driver, &mut member)?);
    // Connections are taken in the order of their coming: whatever was opened before the member came has been judged.
    let after = memory()?;
    let mut held = BTreeMap::new();
    for (from, _) in opened.iter().filter(|(_, stream)| stream.as_ref().is_some_and(is_open)) {
        *held.entry(*from).or_insert(0_u64) += 1;
    }
    for _ in 1..LOG_INS {
        came += usize::from(log_in(&mut driver, &mut member)?);
    }
    let still = opened.iter().filter(|(_, stream)| stream.as_ref().is_some_and(is_open)).count();
    let raised = appliance.world().alarms.counts().filter(|(alarm, _)| *alarm == Alarm::ConnectionsFull).map(|(_, count)| count).sum();
    drop(opened);
    Ok(Seen { sockets, fits, held, still, came, spans: driver.spans, growth: after.saturating_sub(before), raised }.measures())
}

/// What the attack came to.
struct Seen {
    sockets: usize,
    /// What there is to say of their number.
    fits: String,
    /// Connections by the address that holds them, while the member came.
    held: BTreeMap<Ipv4Addr, u64>,
    /// How many of them were still open when the member had come for the last time.
    still: usize,
    came: usize,
    spans: Vec<Duration>,
    /// In bytes, of both ends of each connection.
    growth: u64,
    raised: u64,
}

impl Seen {
    fn measures(mut self) -> Vec<Measure> {
        let most = Admission::default().connections;
        let all: u64 = self.held.values().sum();
        let one = self.held.get(&ONE).copied().unwrap_or(0);
        self.spans.sort();
        let p99 = self.spans.get((self.spans.len() * 99).div_ceil(100).saturating_sub(1)).copied().unwrap_or(Duration::MAX);
        let median = self.spans.get(self.spans.len() / 2).copied().unwrap_or_default();
        let Self { sockets, fits, still, came, growth, raised, .. } = &self;
        let measure = |id: &str, counts, bound, measured, note: String| Measure {
            id: id.to_owned(),
            attack: "idle and slow sockets, half from one address: a third say nothing, a third half a TLS hello, a third half a request",
            knows: "the server's address",
            counts,
            bound,
            measured,
            note,
            rows: &["P-15", "P-16", "G-11"],
        };
        let note = format!("of {sockets} opened{fits}; {all} are held in all, {still} when the member had come for the last time");
        vec![
            measure(
                "sockets.one-address.held",
                "connections that one address holds",
                Bound::AtMost(most.into(), "Admission::connections".to_owned()),
                one as f64,
                note,
            ),
            measure(
                "sockets.addresses-to-fill",
                "addresses that can hold every connection the server takes",
                Bound::None("Limits::connections and Admission::connections: a botnet fills them, and each ends in 10 to 30 s".to_owned()),
                (Limits::default().connections as f64 / f64::from(most)).ceil(),
                "worked out, not tried: a new connection then waits for another one's end".to_owned(),
            ),
            measure(
                "sockets.alarms",
                "alarms connections.full",
                Bound::AtLeast(1.0, "operators are told".to_owned()),
                *raised as f64,
                String::new(),
            ),
            measure(
                "sockets.member.in",
                "log-ins of a member at another address meanwhile, up to the portal",
                Bound::Exactly(LOG_INS as f64, "nobody's sockets keep a member out".to_owned()),
                *came as f64,
                String::new(),
            ),
            measure(
                "sockets.member.p99",
                "milliseconds of the member's requests, 99th percentile, new TLS connections included",
                Bound::AtMost(SLOWEST.as_millis() as f64, "security table, G-11".to_owned()),
                p99.as_millis() as f64,
                format!("of {} requests; half of them within {} ms", self.spans.len(), median.as_millis()),
            ),
            measure(
                "sockets.memory",
                "KiB of memory for each connection that is held, both ends",
                Bound::AtMost(KIB_EACH as f64, "headers 16, a TLS record 17, and half as much again".to_owned()),
                (growth / all.max(1) / 1024) as f64,
                format!("{} MiB for {all}", growth >> 20),
            ),
        ]
    }
}

/// A member who has logged in before, at a browser that is known.
fn member(driver: &mut Wired<'_>, seed: u64) -> Result<Visitor, DriverError> {
    let given = Given { member: "m".to_owned(), first_password: FirstPassword::Temporary, address: AddressOnFile::None };
    let mut member = Visitor::registered(driver, &given, &mut Dice::new(seed, "m"))?;
    if member.walk(driver, "portal")? && member.log_out(driver)?.0 == "login" {
        return Ok(member);
    }
    Err(DriverError::Internal(format!("a member does not get in before anybody attacks, but to {:?}", member.seen()?)))
}

/// From the log-in page to the portal, and out again.
fn log_in(driver: &mut Wired<'_>, member: &mut Visitor) -> Result<bool, DriverError> {
    member.open(driver, "/login")?;
    let is_in = member.walk(driver, "portal")?;
    if is_in {
        member.log_out(driver)?;
    }
    Ok(is_in)
}

/// As many of `wanted` sockets as this process may have open, both ends of each, and what there is to say of that.
fn fitting(wanted: usize) -> Result<(usize, String), DriverError> {
    let limit = getrlimit(Resource::Nofile);
    let needed = (wanted as u64).saturating_mul(2).saturating_add(OTHER_FILES);
    if limit.current.is_some_and(|current| current < needed) {
        let raised = limit.maximum.map_or(needed, |maximum| maximum.min(needed));
        setrlimit(Resource::Nofile, Rlimit { current: Some(raised), maximum: limit.maximum }).map_err(internal)?;
    }
    let Some(files) = getrlimit(Resource::Nofile).current else { return Ok((wanted, String::new())) };
    let fit = usize::try_from(files.saturating_sub(OTHER_FILES) / 2).unwrap_or(usize::MAX);
    let note = format!(", instead of {wanted}: this process may have {files} files open");
    Ok(if fit < wanted { (fit, note) } else { (wanted, String::new()) })
}

/// Each with the address it comes from; `None` for what was closed at once.
async fn open(line: &Line, hello: &[u8], count: usize) -> Result<Vec<(Ipv4Addr, Option<TcpStream>)>, DriverError> {
    let one = async |place: usize| {
        let from = if place.is_multiple_of(2) { ONE } else { spread(place) };
        let opened = timeout(PATIENCE, slow(line, hello, from, place / 2 % 3)).await;
        match opened {
            Ok(Ok(stream)) => Ok((from, Some(stream.into_std().map_err(internal)?))),
            Ok(Err(_)) => Ok((from, None)),
            Err(_) => Err(DriverError::Unreachable(format!("a socket from {from} is not open after {} s", PATIENCE.as_secs()))),
        }
    };
    futures_util::stream::iter(0..count).map(one).buffer_unordered(AT_ONCE).try_collect().await
}

/// One of 250 addresses of 127.0.1.0/24: of five thousand sockets, ten come from each.
fn spread(place: usize) -> Ipv4Addr {
    let [.., low] = (place / 2 % 250).to_be_bytes();
    Ipv4Addr::new(127, 0, 1, low)
}

/// A socket that says nothing, half a hello, or half a request, and waits.
async fn slow(line: &Line, hello: &[u8], from: Ipv4Addr, kind: usize) -> std::io::Result<tokio::net::TcpStream> {
    match kind {
        0 => line.connect(from).await,
        1 => {
            let mut stream = line.connect(from).await?;
            stream.write_all(hello).await?;
            Ok(stream)
        }
        _ => {
            let mut stream = line.shake_hands(from).await?;
            stream.write_all(b"GET /login HTTP/1.1\r\nHost: ").await?;
            stream.flush().await?;
            // What is left is the socket; the server's half of the connection is what counts.
            Ok(stream.into_inner().0)
        }
    }
}

/// The first half of what a client says first.
fn half_a_hello(line: &Line) -> Result<Vec<u8>, DriverError> {
    let mut client = rustls::ClientConnection::new(line.config.clone(), line.name.clone()).map_err(internal)?;
    let mut hello = Vec::new();
    client.write_tls(&mut hello).map_err(internal)?;
    hello.truncate(hello.len() / 2);
    Ok(hello)
}

/// Whether the server has not closed it. What it has said is read and forgotten.
fn is_open(mut stream: &TcpStream) -> bool {
    let mut bytes = [0; 4096];
    loop {
        match stream.read(&mut bytes) {
            Ok(0) => return false,
            Ok(_) => {}
            Err(error) => return error.kind() == ErrorKind::WouldBlock,
        }
    }
}

/// Bytes of memory that this process has resident, without what its log takes.
fn memory() -> Result<u64, DriverError> {
    let status = std::fs::read_to_string("/proc/self/status").map_err(internal)?;
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    let resident = resident.ok_or_else(|| DriverError::NotSetUp("/proc/self/status tells no VmRSS".to_owned()))?;
    Ok((resident * 1024).saturating_sub(Log::install().bytes() as u64))
}

fn internal(error: impl ToString) -> DriverError {
    DriverError::Internal(error.to_string())
}
