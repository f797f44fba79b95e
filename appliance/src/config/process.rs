//! `sekisho.toml`: the process.

use super::{Problem, Source, beside, files};
use crate::http::proxy::{Proxies, Says};
use crate::vault::pin;
use sekisho_core::account::HashCost;
use sekisho_core::source::{Networks, Prefix};
use serde::Deserialize;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZero;
use std::ops::Range;
use std::path::{Path, PathBuf};
use toml::Spanned;

/// What the process is and where its parts are. Paths are absolute, or seen from the working folder.
#[derive(Clone, Debug)]
pub struct Process {
    /// Where members come in, by TLS.
    pub listen: Vec<SocketAddr>,
    /// Where monitoring asks, in plain HTTP: loopback only.
    pub health: SocketAddr,
    /// Where the societies' files are kept.
    pub state: PathBuf,
    /// Where `NAME.toml` of each society is.
    pub societies: PathBuf,
    /// The lowest version of TLS that is spoken.
    pub tls_min: TlsVersion,
    /// How much is logged.
    pub log_level: LogLevel,
    /// Where operators' commands come in.
    pub staff: StaffSocket,
    /// The token.
    pub hsm: Hsm,
    /// The way to the post.
    pub mail: MailRelay,
    /// The password hash.
    pub hashing: Hashing,
    /// Who stands before us.
    pub proxies: Proxies,
    /// Networks behind whose one address many members sit.
    pub companies: Networks,
}

/// Versions of TLS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum TlsVersion {
    /// For members whose phones are old.
    #[serde(rename = "1.2")]
    V1_2,
    /// The default.
    #[default]
    #[serde(rename = "1.3")]
    V1_3,
}

/// How much is logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// What needs somebody now.
    Error,
    /// And what will.
    Warn,
    /// And what happens: start, stop, operators' commands.
    #[default]
    Info,
}

/// The Unix socket of operators' commands.
#[derive(Clone, Debug)]
pub struct StaffSocket {
    /// Its path.
    pub path: PathBuf,
    /// Whether the group of the process may use it, too: mode 0660 in place of 0600.
    pub group: bool,
}

/// The PKCS#11 token.
#[derive(Clone, Debug)]
pub struct Hsm {
    /// The module: a shared library.
    pub module: PathBuf,
    /// Label of the token.
    pub token: String,
    /// The file that holds its PIN, or `$CREDENTIALS_DIRECTORY/NAME` for a credential of systemd.
    pub pin_file: PathBuf,
    /// How many sessions work at the same time.
    pub pool: usize,
}

/// What `pin_file` begins with when systemd hands the PIN over (`LoadCredential=`, `LoadCredentialEncrypted=`).
const CREDENTIALS: &str = "$CREDENTIALS_DIRECTORY";

/// The SMTP relay that takes our letters.
#[derive(Clone, Debug)]
pub struct MailRelay {
    /// Its host name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the way there is protected.
    pub security: MailSecurity,
    /// Who we are to it, if it asks: name, and the file whose first line is the password.
    pub login: Option<(String, PathBuf)>,
    /// A PEM file with the certificate authority of a relay of your own; the public ones otherwise.
    pub ca_file: Option<PathBuf>,
}

/// How the way to the relay is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailSecurity {
    /// STARTTLS, without which nothing is sent. The default.
    #[default]
    Starttls,
    /// TLS from the first byte.
    Tls,
    /// Nothing: only to a relay on this very machine.
    Plain,
}

/// The password hash.
#[derive(Clone, Copy, Debug)]
pub struct Hashing {
    /// Cost of new hashes; not below [`WEAKEST`].
    pub cost: HashCost,
    /// Threads that hash.
    pub threads: usize,
    /// How many hashes may wait for one; more are refused at once.
    pub queue: usize,
}

/// OWASP's minimums for argon2id, memory in KiB and passes (security.md H-01). A cost has to reach one of them.
pub const WEAKEST: [(u32, u32); 5] = [(47_104, 1), (19_456, 2), (12_288, 3), (9_216, 4), (7_168, 5)];

/// More than this is a typing error: seconds a hash, gigabytes a thread.
const STRONGEST: HashCost = HashCost { memory_kib: 1 << 20, passes: 32, lanes: 16 };

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Raw {
    listen: Option<Vec<SocketAddr>>,
    health: Option<Spanned<SocketAddr>>,
    state: Option<PathBuf>,
    societies: Option<PathBuf>,
    tls_min: TlsVersion,
    log_level: LogLevel,
    staff: RawStaff,
    hsm: RawHsm,
    mail: RawMail,
    hashing: Option<Spanned<RawHashing>>,
    proxy: Option<Spanned<RawProxy>>,
    sources: RawSources,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawProxy {
    trusted: Vec<Spanned<Prefix>>,
    says: Option<Says>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawSources {
    companies: Vec<Spanned<Prefix>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawStaff {
    socket: Option<PathBuf>,
    group: bool,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawHsm {
    module: Option<PathBuf>,
    token: Option<String>,
    pin_file: Option<PathBuf>,
    pool: Option<Spanned<usize>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawMail {
    host: Option<Spanned<String>>,
    port: Option<u16>,
    security: MailSecurity,
    user: Option<Spanned<String>>,
    password_file: Option<PathBuf>,
    ca_file: Option<PathBuf>,
}

/// Hashes that may wait for one thread unless the configuration says otherwise: at 15 to 20 ms each, about half a second.
pub const QUEUE_A_THREAD: usize = 32;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawHashing {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    threads: Option<usize>,
    queue: Option<usize>,
}

impl Default for RawHashing {
    fn default() -> Self {
        Self { memory_kib: 19_456, passes: 2, lanes: 1, threads: None, queue: None }
    }
}

/// Reads `sekisho.toml`. Looks at no other file.
pub(super) fn load(file: &Path, problems: &mut Vec<Problem>) -> Option<Process> {
    files::only_owner_writes(file, problems);
    let mut source = Source::open(file, problems)?;
    let raw: Raw = source.parse()?;
    let listen = source.need(raw.listen.filter(|listen| !listen.is_empty()), "listen", "listen = [\"[::]:443\"]");
    let state = source.need(raw.state, "state", "state = \"/var/lib/sekisho\"").map(|state| beside(file, &state));
    let health = health(raw.health, &mut source);
    let hsm = hsm(raw.hsm, &mut source);
    let mail = mail(raw.mail, &mut source);
    let hashing = hashing(&raw.hashing.unwrap_or_else(|| Spanned::new(0..0, RawHashing::default())), &mut source);
    let proxies = proxies(raw.proxy, &mut source);
    let companies = networks(raw.sources.companies, "sources.companies", &mut source);
    let (listen, state, hsm, mail, hashing, proxies) = (listen?, state?, hsm?, mail?, hashing?, proxies?);
    let socket = raw.staff.socket.map_or_else(|| state.join("staff.sock"), |socket| beside(file, &socket));
    let societies = beside(file, &raw.societies.unwrap_or_else(|| PathBuf::from("societies.d")));
    let staff = StaffSocket { path: socket, group: raw.staff.group };
    let (tls_min, log_level) = (raw.tls_min, raw.log_level);
    Some(Process { listen, health, state, societies, tls_min, log_level, staff, hsm, mail, hashing, proxies, companies })
}

impl Process {
    /// Checks the files that the process needs: there, and closed to others.
    pub(super) fn check_files(&self, problems: &mut Vec<Problem>) {
        files::state_folder(&self.state, problems);
        // The module is code that runs with our keys in reach.
        files::only_owner_writes(&self.hsm.module, problems);
        if let Err(error) = pin::read(&self.hsm.pin_file) {
            problems.push(Problem::of(&self.hsm.pin_file, error.to_string()));
        }
        if let Some((_, file)) = &self.mail.login {
            secret(file, problems);
        }
        if let Some(file) = &self.mail.ca_file {
            files::only_owner_writes(file, problems);
        }
    }
}

fn secret(file: &Path, problems: &mut Vec<Problem>) {
    let before = problems.len();
    files::only_owner(file, problems);
    if problems.len() == before && std::fs::metadata(file).is_ok_and(|found| found.len() == 0) {
        problems.push(Problem::of(file, "empty; write the secret into its first line".to_owned()));
    }
}

fn health(raw: Option<Spanned<SocketAddr>>, source: &mut Source) -> SocketAddr {
    let Some(health) = raw else { return SocketAddr::from(([127, 0, 0, 1], 9180)) };
    if !health.get_ref().ip().is_loopback() {
        source.at(&health.span(), "health: plain HTTP stays on this machine; write \"127.0.0.1:9180\" or \"[::1]:9180\"");
    }
    health.into_inner()
}

/// Nobody is trusted who is not named.
fn proxies(raw: Option<Spanned<RawProxy>>, source: &mut Source) -> Option<Proxies> {
    let Some(raw) = raw else { return Some(Proxies::default()) };
    let span = raw.span();
    let RawProxy { trusted, says } = raw.into_inner();
    if trusted.is_empty() {
        source.at(&span, "proxy: nobody is trusted; write trusted = [\"10.0.0.5/32\"], or leave [proxy] out");
        return None;
    }
    let trusted = networks(trusted, "proxy.trusted", source);
    let says = source.need(says, "proxy.says", "says = \"proxy-v2\", or \"forwarded\", under [proxy]: how they say whom they carry")?;
    Some(Proxies { trusted, says })
}

fn networks(raw: Vec<Spanned<Prefix>>, key: &str, source: &mut Source) -> Networks {
    for everybody in raw.iter().filter(|network| network.get_ref().is_everybody()) {
        source.at(&everybody.span(), format!("{key}: that is everybody; write the addresses that are meant"));
    }
    Networks::new(raw.into_iter().map(Spanned::into_inner).collect())
}

fn hsm(raw: RawHsm, source: &mut Source) -> Option<Hsm> {
    let folder = source.file;
    let module = source.need(raw.module, "hsm.module", "module = \"/usr/lib/softhsm/libsofthsm2.so\" under [hsm]");
    let token = source.need(raw.token, "hsm.token", "token = \"sekisho\" under [hsm], the label of the token");
    let pin = source.need(raw.pin_file, "hsm.pin_file", "pin_file = \"/etc/sekisho/hsm.pin\" under [hsm]");
    let pin_file = pin.map(|pin| if pin.starts_with(CREDENTIALS) { pin } else { beside(folder, &pin) });
    let pool = in_range(raw.pool.as_ref(), 4, 1..=64, "hsm.pool", source);
    Some(Hsm { module: beside(folder, &module?), token: token?, pin_file: pin_file?, pool: pool? })
}

fn mail(raw: RawMail, source: &mut Source) -> Option<MailRelay> {
    let host = source.need(raw.host, "mail.host", "host = \"smtp.example.jp\" under [mail]")?;
    let here = host.get_ref().parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    if raw.security == MailSecurity::Plain && !here {
        source.at(
            &host.span(),
            "mail: letters cross the network in the clear; write security = \"starttls\" or \"tls\", or host = \"127.0.0.1\" for a relay on this machine",
        );
    }
    let login = match (raw.user, raw.password_file) {
        (Some(user), Some(file)) => Some((user.into_inner(), beside(source.file, &file))),
        (None, None) => None,
        (Some(user), None) => {
            source.at(&user.span(), "mail: a user without a password; add password_file = \"/etc/sekisho/relay.password\"");
            None
        }
        (None, Some(_)) => source.need(None, "mail.user", "user = \"sekisho\" under [mail], whose password password_file holds"),
    };
    let port = raw.port.unwrap_or(match raw.security {
        MailSecurity::Starttls => 587,
        MailSecurity::Tls => 465,
        MailSecurity::Plain => 25,
    });
    let ca_file = raw.ca_file.map(|ca| beside(source.file, &ca));
    Some(MailRelay { host: host.into_inner(), port, security: raw.security, login, ca_file })
}

fn hashing(raw: &Spanned<RawHashing>, source: &mut Source) -> Option<Hashing> {
    let span = raw.span();
    let raw = raw.get_ref();
    let cost = HashCost { memory_kib: raw.memory_kib, passes: raw.passes, lanes: raw.lanes };
    let weak = !WEAKEST.iter().any(|(memory, passes)| cost.memory_kib >= *memory && cost.passes >= *passes) || cost.lanes == 0;
    let strong = cost.memory_kib > STRONGEST.memory_kib || cost.passes > STRONGEST.passes || cost.lanes > STRONGEST.lanes;
    if weak {
        let known: Vec<String> = WEAKEST.iter().map(|(memory, passes)| format!("memory_kib = {memory} with passes = {passes}")).collect();
        source
            .at(&span, format!("hashing: weaker than OWASP's minimum for argon2id; write at least lanes = 1 and {}", known.join(", or ")));
    }
    if strong {
        source.at(&span, "hashing: one hash would take seconds; write memory_kib = 19456, passes = 2, lanes = 1 and measure from there");
    }
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let threads = raw.threads.unwrap_or(cores);
    let queue = raw.queue.unwrap_or(threads.saturating_mul(QUEUE_A_THREAD));
    if !(1..=256).contains(&threads) || !(1..=8192).contains(&queue) {
        source.at(&span, format!("hashing: threads lies between 1 and 256 (here: {cores}), queue between 1 and 8192"));
    }
    (!weak && !strong).then_some(Hashing { cost, threads, queue })
}

fn in_range(
    value: Option<&Spanned<usize>>,
    default: usize,
    range: std::ops::RangeInclusive<usize>,
    key: &str,
    source: &mut Source,
) -> Option<usize> {
    let Some(value) = value else { return Some(default) };
    if range.contains(value.get_ref()) {
        return Some(*value.get_ref());
    }
    let span: Range<usize> = value.span();
    source.at(&span, format!("{key}: write a number between {} and {}", range.start(), range.end()));
    None
}
