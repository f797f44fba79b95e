//! The running house: the real binary on a throw-away token and a stage of its own, killed and started again.

use sekisho_harness::drivers::remote::Target;
use sekisho_harness::mailbox::{Mail, Mailbox};
use sekisho_harness::sim::token::{MODULE, PIN};
use sekisho_harness::stage::{self, Ports, SOCIETIES};
use sekisho_harness::world::clock::HostClock;
use sekisho_harness::world::member::Member;
use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The profile whose society the members belong to: user IDs can be changed, and the address ends the first log-in.
pub const PROFILE: &str = "c";
const SOCIETY: &str = "kenpo-c";

/// The cheapest hashing that the configuration takes.
const HASHING: &str = "\n[hashing]\nmemory_kib = 7168\npasses = 5\nlanes = 1\n";

/// Longest wait for a start, and for a letter.
const PATIENCE: Duration = Duration::from_secs(60);

/// The binary, its folder, and its post.
pub struct House {
    binary: PathBuf,
    pub mailbox: Arc<Mailbox>,
    pub target: Target,
    health: SocketAddr,
    log: Arc<Mutex<String>>,
    server: Option<Server>,
    folder: tempfile::TempDir,
}

/// A running server. Does not outlive this value.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl House {
    /// A running server with `members` who have not logged in yet.
    pub fn new(members: &[Member]) -> Self {
        let binary = binary();
        let folder = tempfile::Builder::new().permissions(fs::Permissions::from_mode(0o700)).tempdir().expect("a folder");
        let mailbox = Mailbox::start(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), None).expect("a mailbox");
        let https = free_port(first_port());
        let ports = Ports { https, health: free_port(https + 1), smtp: mailbox.smtp_addr().port(), mailbox: 0 };
        let at = folder.path();
        stage::write(at, &ports, Path::new(MODULE), HostClock.now()).expect("the stage");
        for name in ["tokens", "state"] {
            fs::DirBuilder::new().create(at.join(name)).expect("a folder");
            fs::set_permissions(at.join(name), fs::Permissions::from_mode(0o700)).expect("our own folder");
        }
        write(
            &at.join("softhsm2.conf"),
            &format!("directories.tokendir = {}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n", at.display()),
        );
        write(&at.join("hsm.pin"), PIN);
        write(&at.join("members.csv"), &csv(members));
        let mut config = fs::OpenOptions::new().append(true).open(at.join("sekisho.toml")).expect("the configuration");
        config.write_all(HASHING.as_bytes()).expect("the configuration");
        let target = Target::load(&at.join("target.toml")).expect("the target file");
        let health = SocketAddr::from((Ipv4Addr::LOCALHOST, ports.health));
        let mut house = Self { binary, mailbox: Arc::new(mailbox), target, health, log: Arc::default(), server: None, folder };
        house.make_keys();
        house.start();
        house.register();
        house
    }

    fn make_keys(&self) {
        let token = ["--init-token", "--free", "--label", "sekisho-quickstart", "--so-pin", PIN, "--pin", PIN];
        run(self.command(Path::new("softhsm2-util")).args(token));
        run(self.sekisho().args(["keys", "init"]));
        for society in &SOCIETIES {
            run(self.sekisho().args(["keys", "add-society", society.name]));
        }
    }

    fn register(&self) {
        for society in &SOCIETIES {
            run(self.sekisho().args(["society", "add", society.name]));
        }
        run(self.sekisho().args(["member", "import", "--society", SOCIETY]).arg(self.folder.path().join("members.csv")));
    }

    /// Starts the server and waits until it is ready.
    pub fn start(&mut self) {
        let mut child = self.sekisho().arg("serve").stdin(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the server starts");
        let lines = BufReader::new(child.stderr.take().expect("piped")).lines();
        self.server = Some(Server(child));
        let (serves, serving) = channel();
        let log = Arc::clone(&self.log);
        std::thread::spawn(move || keep(lines.map_while(Result::ok), &log, &serves));
        assert!(serving.recv_timeout(PATIENCE).is_ok(), "the server does not start:\n{}", self.log());
        let mut answer = String::new();
        let mut stream = TcpStream::connect(self.health).expect("the health port");
        stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").expect("the health port");
        stream.read_to_string(&mut answer).expect("the health port");
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}\n{}", self.log());
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        let mut server = self.server.take().expect("a running server");
        assert!(server.0.try_wait().expect("our child").is_none(), "the server ended by itself:\n{}", self.log());
        server.0.kill().expect("our child");
        server.0.wait().expect("our child");
    }

    /// Whether so many letters have come to each address, or more: a letter may come twice.
    pub fn has_delivered<'a>(&self, letters: impl Iterator<Item = (&'a str, usize)>) {
        let expected: Vec<_> = letters.collect();
        assert!(!expected.is_empty(), "no letter was answered for");
        for (address, count) in expected {
            let mut mails = self.mailbox.mails();
            // A letter that comes again has the same id.
            let came =
                |mails: &[Mail]| mails.iter().filter(|mail| mail.to == address).map(|mail| &mail.message_id).collect::<BTreeSet<_>>().len();
            while came(&mails) < count {
                let before = mails.len();
                mails = self.mailbox.wait_for(before + 1, PATIENCE);
                assert!(mails.len() > before, "{count} letters to {address} were answered for, {} have come", came(&mails));
            }
        }
    }

    /// A crash is nothing that needs an operator.
    pub fn log_has_no_error(&self) {
        let log = self.log();
        let errors: Vec<&str> = log.lines().filter(|line| line.contains("\"level\":\"ERROR\"")).collect();
        assert!(log.contains("\"level\":\"INFO\"") && errors.is_empty(), "{errors:#?}");
    }

    fn log(&self) -> String {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn sekisho(&self) -> Command {
        let mut command = self.command(&self.binary);
        command.arg("--config").arg(self.folder.path().join("sekisho.toml"));
        command
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env("SOFTHSM2_CONF", self.folder.path().join("softhsm2.conf"));
        command
    }
}

/// Keeps the server's log, and says when it serves.
fn keep(lines: impl Iterator<Item = String>, log: &Mutex<String>, serves: &Sender<()>) {
    for line in lines {
        let is_serving = line.contains("\"message\":\"serving\"");
        let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
        log.push_str(&line);
        log.push('\n');
        if is_serving {
            // Nobody waits for it a second time.
            let _ = serves.send(());
        }
    }
}

/// The server of the same build as this test.
fn binary() -> PathBuf {
    const BUILD: &str = "build it first: cargo build -p sekisho";
    let this = std::env::current_exe().expect("our own path");
    let binary = this.parent().and_then(Path::parent).expect("target/debug/deps").join("sekisho");
    let changed = |file: &Path| fs::metadata(file).and_then(|found| found.modified());
    let built = changed(&binary).unwrap_or_else(|_| panic!("{BUILD}"));
    // What it was made of, as cargo has written it down beside it.
    let made_of = fs::read_to_string(binary.with_extension("d")).unwrap_or_else(|_| panic!("{BUILD}"));
    let sources = made_of.split_once(": ").map_or("", |(_, sources)| sources).replace("\\ ", "\0");
    for source in sources.split_whitespace().map(|source| source.replace('\0', " ")) {
        assert!(changed(Path::new(&source)).is_ok_and(|changed| changed <= built), "{BUILD}");
    }
    binary
}

fn run(command: &mut Command) {
    let done = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(done.status.success(), "{command:?}: {}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
}

fn write(file: &Path, text: &str) {
    let mut out = fs::OpenOptions::new().write(true).create_new(true).mode(0o400).open(file).expect("a new file");
    out.write_all(text.as_bytes()).expect("a new file");
}

/// Below the ports that the system gives to whoever connects: while the server is down nobody else gets one of its own.
fn first_port() -> u16 {
    15_000 + u16::try_from(std::process::id() % 7_500).expect("small") * 2
}

fn free_port(from: u16) -> u16 {
    (from..32_768).find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok()).expect("a free port")
}

fn csv(members: &[Member]) -> String {
    let line = |member: &Member| {
        let of = &member.registered;
        format!("{},{},{},{},{},{}\n", of.symbol, of.number, of.branch, of.birth.iso(), of.name, of.user_id)
    };
    std::iter::once("symbol,number,branch,birth_date,name,user_id\n".to_owned()).chain(members.iter().map(line)).collect()
}
