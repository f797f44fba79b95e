//! The appliance as it is deployed, in a folder that goes with the bench: token, certificates, configuration, process.

use crate::AnyError;
use crate::browser::Site;
use crate::load::Crew;
use crate::member::now;
use rcgen::{CertificateParams, KeyPair};
use rustix::process::{Pid, Signal, kill_process};
use sekisho::staff::client;
use sekisho::staff::protocol::Request;
use sekisho_core::id::SocietyName;
use sekisho_harness::mailbox::Mailbox;
use sekisho_harness::sim::token::{MODULE, PIN};
use sekisho_harness::stage::{self, Ports};
use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// The society whose members log in: an address proven in the first log-in, then the app.
pub const SOCIETY: &str = "kenpo-b";

/// The society that big imports go to.
pub const IMPORTED: &str = "kenpo-c";

/// Longest wait for the process to be ready.
const PATIENCE: Duration = Duration::from_secs(60);

/// The folder and everything in it.
pub struct Lab {
    folder: tempfile::TempDir,
    /// What is measured.
    pub binary: PathBuf,
    ports: Ports,
    /// Where the letters arrive.
    pub mailbox: Mailbox,
}

impl Lab {
    /// A new token with keys, and the configuration of the societies, below `parent`. `binary` is the release of `sekisho`.
    pub fn set_up(binary: PathBuf, parent: &Path) -> Result<Self, AnyError> {
        fs::create_dir_all(parent)?;
        let folder = tempfile::Builder::new().prefix("load").permissions(fs::Permissions::from_mode(0o700)).tempdir_in(parent)?;
        let mailbox = Mailbox::start(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), None)?;
        let [https, health] = free_ports()?;
        let ports = Ports { https, health, smtp: mailbox.smtp_addr().port(), mailbox: 0 };
        let lab = Self { folder, binary, ports, mailbox };
        stage::write(lab.folder.path(), &ports, Path::new(MODULE), now())?;
        for name in ["tokens", "state"] {
            fs::create_dir(lab.file(name))?;
            fs::set_permissions(lab.file(name), fs::Permissions::from_mode(0o700))?;
        }
        let tokens = lab.file("tokens");
        let conf = format!("directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n", tokens.display());
        fs::write(lab.file("softhsm2.conf"), conf)?;
        fs::write(lab.file("hsm.pin"), PIN)?;
        fs::set_permissions(lab.file("hsm.pin"), fs::Permissions::from_mode(0o400))?;
        let token = ["--init-token", "--free", "--label", "sekisho-quickstart", "--pin", PIN, "--so-pin", PIN];
        lab.done(Command::new("softhsm2-util").args(token))?;
        lab.sekisho(&["keys", "init"])?;
        for society in [SOCIETY, IMPORTED] {
            lab.sekisho(&["keys", "add-society", society])?;
        }
        Ok(lab)
    }

    /// A file of the folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Bytes in the society's file.
    pub fn stored(&self) -> u64 {
        let files = fs::read_dir(self.file("state/societies")).into_iter().flatten().flatten();
        files.filter_map(|file| file.metadata().ok()).filter(fs::Metadata::is_file).map(|file| file.len()).sum()
    }

    /// The way to the society's pages.
    pub fn site(&self) -> Result<Site, AnyError> {
        Site::new(&format!("{SOCIETY}.localhost"), self.ports.https, &self.file("ca.pem"))
    }

    /// Runs a command of the binary to its end.
    pub fn sekisho(&self, args: &[&str]) -> Result<(), AnyError> {
        self.done(Command::new(&self.binary).arg("--config").arg(self.file("sekisho.toml")).args(args))
    }

    fn done(&self, command: &mut Command) -> Result<(), AnyError> {
        let done = command.env("SOFTHSM2_CONF", self.file("softhsm2.conf")).output().map_err(|error| format!("{command:?}: {error}"))?;
        if done.status.success() {
            return Ok(());
        }
        let (out, err) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        Err(format!("{command:?}: {}\n{out}{err}", done.status).into())
    }

    /// Adds societies of which nobody is a member, until there are `count` in the configuration.
    pub fn pretend_societies(&self, count: usize) -> Result<(), AnyError> {
        let folder = self.file("societies.d");
        let text = fs::read_to_string(folder.join(format!("{SOCIETY}.toml")))?;
        let key = KeyPair::generate()?;
        fs::write(self.file("nobody.key"), key.serialize_pem())?;
        fs::set_permissions(self.file("nobody.key"), fs::Permissions::from_mode(0o400))?;
        for number in fs::read_dir(&folder)?.count()..count {
            let name = format!("s{number:05}");
            let host = format!("{name}.localhost");
            // The configuration is refused if a certificate is not for its host.
            fs::write(self.file(&format!("{name}.pem")), CertificateParams::new(vec![host.clone()])?.self_signed(&key)?.pem())?;
            let own = text.replace(&format!("{SOCIETY}.localhost"), &host);
            let own = own.replace(&format!("../{SOCIETY}.pem"), &format!("../{name}.pem"));
            fs::write(folder.join(format!("{name}.toml")), own.replace(&format!("../{SOCIETY}.key"), "../nobody.key"))?;
        }
        Ok(())
    }

    /// Starts the process and waits until it answers.
    pub fn start(&self, crew: &Crew) -> Result<Server, AnyError> {
        let log = File::options().create(true).append(true).open(self.file("sekisho.log"))?;
        let mut command = Command::new(&self.binary);
        command.arg("--config").arg(self.file("sekisho.toml")).arg("serve");
        command.env("SOFTHSM2_CONF", self.file("softhsm2.conf")).stdout(log.try_clone()?).stderr(log);
        let site = self.site()?;
        let begun = Instant::now();
        let child = command.spawn().map_err(|error| format!("{}: {error}", self.binary.display()))?;
        let mut server = Server { child, socket: self.file("state/staff.sock"), ready: Duration::ZERO, first_page: Duration::ZERO };
        while !is_ready(self.ports.health) {
            server.still_there(begun).map_err(|error| format!("{error}\n{}", self.log_tail()))?;
        }
        server.ready = begun.elapsed();
        // A society without a file answers, too: with the page that says that it cannot yet.
        crew.run(async {
            let mut connection = site.connect().await?;
            crate::browser::Memory::default().get(&mut connection, "/login").await
        })?;
        server.first_page = begun.elapsed();
        Ok(server)
    }

    /// The last lines that the process wrote.
    pub fn log_tail(&self) -> String {
        let text = fs::read(self.file("sekisho.log")).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        lines.get(lines.len().saturating_sub(8)..).unwrap_or_default().join("\n")
    }
}

/// The running appliance. Ends when dropped.
pub struct Server {
    child: Child,
    socket: PathBuf,
    /// From its start to the first 200 of `/readyz`.
    pub ready: Duration,
    /// From its start to the first page.
    pub first_page: Duration,
}

impl Server {
    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What `sekisho society numbers` says.
    pub fn numbers(&self) -> Result<Numbers, AnyError> {
        let society = SocietyName::try_from(SOCIETY.to_owned())?;
        let mut out = Vec::new();
        client::call(&self.socket, &Request::SocietyNumbers { society }, &client::Luggage::default(), &mut out)?;
        Numbers::read(std::str::from_utf8(&out)?)
    }

    /// Ends it as a supervisor does. Returns how long that took.
    pub fn stop(mut self) -> Result<Duration, AnyError> {
        let begun = Instant::now();
        kill_process(Pid::from_child(&self.child), Signal::TERM)?;
        let status = self.child.wait()?;
        if status.success() { Ok(begun.elapsed()) } else { Err(format!("sekisho ended with {status}").into()) }
    }

    /// Ends it as a power cut does.
    pub fn kill(mut self) -> Result<(), AnyError> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    fn still_there(&mut self, begun: Instant) -> Result<(), AnyError> {
        if let Some(status) = self.child.try_wait()? {
            return Err(format!("sekisho ended while starting: {status}").into());
        }
        if begun.elapsed() > PATIENCE {
            return Err("sekisho is not ready after a minute".into());
        }
        std::thread::sleep(Duration::from_millis(1));
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// What the appliance tells of its work since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    /// Durable transactions.
    pub commits: u64,
    /// Decisions written in them.
    pub batches: u64,
    /// PKCS#11 calls.
    pub calls: u64,
}

impl Numbers {
    /// Reads lines of `name  value`.
    fn read(text: &str) -> Result<Self, AnyError> {
        let value = |name: &str| {
            let found = text.lines().filter_map(|line| line.split_once("  ")).find(|(given, _)| *given == name);
            found.and_then(|(_, value)| value.trim().parse().ok()).ok_or_else(|| format!("sekisho society numbers tells no {name}"))
        };
        Ok(Self { commits: value("commits")?, batches: value("batches")?, calls: value("pkcs11-calls")? })
    }

    /// What was done since `before`.
    pub fn since(&self, before: &Self) -> Self {
        let Self { commits, batches, calls } = *self;
        Self {
            commits: commits.saturating_sub(before.commits),
            batches: batches.saturating_sub(before.batches),
            calls: calls.saturating_sub(before.calls),
        }
    }
}

/// Builds the release of the appliance, as it is deployed: with its own features and nobody else's. `folder` is cargo's target folder.
pub fn release(folder: &Path) -> Result<PathBuf, AnyError> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo).args(["build", "--release", "--package", "sekisho"]).status()?;
    if built.success() { Ok(folder.join("release/sekisho")) } else { Err("the release could not be built".into()) }
}

/// Two ports that were free a moment ago.
fn free_ports() -> Result<[u16; 2], AnyError> {
    let [a, b] = [TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?, TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?];
    Ok([a.local_addr()?.port(), b.local_addr()?.port()])
}

fn is_ready(port: u16) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer.starts_with("HTTP/1.1 200"))
    };
    ask().unwrap_or(false)
}
