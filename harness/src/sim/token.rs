//! A SoftHSM token that lives as long as its value: for tests, simulations and benches.
//!
//! SoftHSM reads `SOFTHSM2_CONF` from the environment of its own process, and a running process cannot set that safely. So the
//! first [`ThrowawayToken`] of a process writes a configuration into a new directory and starts the program anew in its place (`execve`:
//! same process, same arguments) with the variable set. Make the token before anything else: what was done before is done again.
//! That works alike under `cargo nextest`, `cargo bench` and in a binary, and children see the same tokens. `cargo test` needs
//! `--test-threads=1`: SoftHSM sees only tokens that were there when it was initialised, once in a process.

use sekisho::vault::{TokenConfig, VaultError, ceremony};
use sekisho_core::id::SocietyName;
use sekisho_core::secret::Secret;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Where Debian's package libsofthsm2 puts the module.
pub const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";

/// The user PIN of every throw-away token.
pub const PIN: &str = "4711-4711";

const CONF: &str = "SOFTHSM2_CONF";

/// Tokens of this process: how many were made, for their labels, and how many live, for the directory.
static MADE: AtomicUsize = AtomicUsize::new(0);
static LIVE: AtomicUsize = AtomicUsize::new(0);

/// An initialised token in a directory of its own. Drop it last: with the last one the directory goes.
pub struct ThrowawayToken {
    directory: PathBuf,
    label: String,
}

impl ThrowawayToken {
    /// An empty token. Needs the packages softhsm2 and libsofthsm2. A vault that is open already does not see it.
    pub fn new() -> io::Result<Self> {
        Self::denying(&[])
    }

    /// An empty token behind a SoftHSM that lacks these mechanisms (`CKM_…`). Holds for every token of the process that is opened next.
    pub fn denying(mechanisms: &[&str]) -> io::Result<Self> {
        let directory = std::env::temp_dir().join(format!("sekisho-token-{}", std::process::id()));
        let conf = directory.join("softhsm2.conf");
        std::fs::create_dir_all(directory.join("tokens"))?;
        write_conf(&conf, &directory, mechanisms)?;
        if std::env::var_os(CONF).as_deref() != Some(conf.as_os_str()) {
            return Err(Command::new(std::env::current_exe()?).args(std::env::args_os().skip(1)).env(CONF, &conf).exec());
        }
        let label = format!("throw-away {}", MADE.fetch_add(1, Ordering::Relaxed));
        LIVE.fetch_add(1, Ordering::Relaxed);
        let token = Self { directory, label };
        token.initialise()?;
        Ok(token)
    }

    /// A token with its global keys and one data key for each society.
    pub fn with_keys(societies: &[SocietyName]) -> io::Result<Self> {
        let token = Self::new()?;
        let made = |error: VaultError| io::Error::other(error);
        ceremony::init(&token.config()).map_err(made)?;
        for society in societies {
            ceremony::add_society(&token.config(), society).map_err(made)?;
        }
        Ok(token)
    }

    /// How to reach it: two workers, 64 waiting jobs, 10 s.
    pub fn config(&self) -> TokenConfig {
        TokenConfig {
            module: PathBuf::from(MODULE),
            token_label: self.label.clone(),
            pin: Secret::new(PIN.to_owned()),
            workers: 2,
            queue: 64,
            deadline: Duration::from_secs(10),
        }
    }

    fn initialise(&self) -> io::Result<()> {
        let done = Command::new("softhsm2-util")
            .args(["--init-token", "--free", "--label", &self.label, "--pin", PIN, "--so-pin", PIN])
            .output()
            .map_err(|error| io::Error::other(format!("softhsm2-util: {error}; install the package softhsm2")))?;
        if done.status.success() {
            return Ok(());
        }
        Err(io::Error::other(format!("softhsm2-util: {}", String::from_utf8_lossy(&done.stderr).trim())))
    }
}

impl Drop for ThrowawayToken {
    fn drop(&mut self) {
        if LIVE.fetch_sub(1, Ordering::Relaxed) == 1 {
            // A directory that stays behind in the temporary files harms nobody.
            let _ = std::fs::remove_dir_all(&self.directory);
        }
    }
}

fn write_conf(path: &Path, directory: &Path, denied: &[&str]) -> io::Result<()> {
    // SoftHSM 2.6.1 keeps the leading '-' on the first name, so that one is spent on a name that does not exist.
    let mechanisms = if denied.is_empty() { "ALL".to_owned() } else { format!("-x,{}", denied.join(",")) };
    let tokens = directory.join("tokens");
    std::fs::write(
        path,
        format!(
            "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\nslots.removable = false\nslots.mechanisms = {mechanisms}\n",
            tokens.display()
        ),
    )
}
