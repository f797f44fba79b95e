//! Keys that never leave their token: [`crate::ports::Vault`] over PKCS#11.
//!
//! A request is one job on one session of a worker ([`pool`]). Which keys there are, and what each may do, is data ([`keys`]); they are
//! made by [`ceremony`] and proved by [`selfcheck`] (at every start) and [`check`] (everything, on demand).
//!
//! What it cannot promise: a soft token lives in this process, and a process that holds the PIN can ask the token for any code or
//! record. See SECURITY.md.

pub mod ceremony;
pub mod check;
pub mod entropy;
pub mod keys;
pub mod pin;
mod pool;
mod seal;
mod selfcheck;
mod token;
mod totp;
mod trouble;

pub use trouble::VaultError;

use crate::ports::{Binding, Entropy, Fault, PepperCheck, Vault};
use cryptoki::mechanism::Mechanism;
use keys::{Family, Keyring};
use pool::Pool;
use seal::OwnedBinding;
use sekisho_core::account::WrappedSeed;
use sekisho_core::secret::Secret;
use sekisho_core::time::TimeStep;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use token::{Access, Conn, Token};
use trouble::Outcome;
use zeroize::Zeroizing;

/// How to reach the token.
pub struct TokenConfig {
    /// The PKCS#11 module, a shared library.
    pub module: PathBuf,
    /// The token's label.
    pub token_label: String,
    /// The user PIN, from [`pin::read`].
    pub pin: Secret<String>,
    /// Worker threads, each with one session. SoftHSM and kryoptic gain nothing beyond the cores; a networked HSM wants more.
    pub workers: usize,
    /// Jobs that may wait for a worker; one more is [`Fault::Busy`].
    pub queue: usize,
    /// Longest wait for a worker, and then again for the token.
    pub deadline: Duration,
}

/// What the token says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenDescription {
    /// Its label.
    pub label: String,
    /// Its model.
    pub model: String,
    /// Who made it.
    pub manufacturer: String,
    /// Its serial number.
    pub serial: String,
}

impl TokenDescription {
    /// Whether the token is software in our own process: for tests and trying out only.
    pub fn is_soft(&self) -> bool {
        let name = format!("{} {}", self.manufacturer, self.model).to_lowercase();
        ["softhsm", "kryoptic", "soft token"].iter().any(|soft| name.contains(soft))
    }
}

impl std::fmt::Display for TokenDescription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { label, model, manufacturer, serial } = self;
        write!(f, "{label} ({manufacturer}, {model}, serial {serial})")
    }
}

/// The vault over PKCS#11.
pub struct Pkcs11Vault {
    /// Before the token: its workers close their sessions first.
    pool: Pool<Conn>,
    token: Arc<Token>,
    keys: Arc<Keyring>,
}

impl Pkcs11Vault {
    /// Loads the module, logs in once, proves mechanisms and global keys, and starts the workers.
    ///
    /// `entropy` is mixed into every IV. The error is one line that names what is missing and what it is needed for.
    pub fn open(config: &TokenConfig, entropy: Arc<dyn Entropy>) -> Result<Self, VaultError> {
        let token = Arc::new(Token::open(config, Access::ReadOnly)?);
        let keys = Keyring::new(entropy);
        {
            let conn = token.connect().map_err(VaultError::while_doing("opening a session"))?;
            for line in selfcheck::run(&token, &conn, &keys) {
                line.result?;
            }
        }
        let starting = |error: std::io::Error| VaultError::Pkcs11 { doing: "starting the workers".to_owned(), cause: error.to_string() };
        let sessions = Arc::clone(&token);
        let pool = Pool::start(Box::new(move || sessions.connect()), config.workers, config.queue, config.deadline).map_err(starting)?;
        Ok(Self { pool, token, keys: Arc::new(keys) })
    }

    /// For the start-up banner, which says whether the token is a soft one.
    pub fn token_description(&self) -> &TokenDescription {
        &self.token.description
    }

    /// 32 bytes of the token's generator, for [`entropy::MixedEntropy`].
    pub fn random(&self) -> Result<Secret<[u8; 32]>, Fault> {
        self.job(|conn, _| {
            let mut bytes = Zeroizing::new([0; 32]);
            conn.random(bytes.as_mut_slice())?;
            Ok(Secret::new(*bytes))
        })
    }

    fn job<T: Send + 'static>(&self, work: impl FnOnce(&Conn, &Keyring) -> Outcome<T> + Send + 'static) -> Result<T, Fault> {
        let keys = Arc::clone(&self.keys);
        self.pool.run(move |conn| work(conn, &keys)).map_err(|trouble| {
            if trouble.is_stale_handle() {
                self.keys.forget();
            }
            Fault::from(trouble)
        })
    }
}

impl Vault for Pkcs11Vault {
    fn seal(&self, binding: &Binding, plain: &[u8]) -> Result<Vec<u8>, Fault> {
        let (binding, plain) = (OwnedBinding::of(binding), Zeroizing::new(plain.to_vec()));
        self.job(move |conn, keys| {
            let key = keys.newest(conn, &binding.family())?;
            seal::seal(conn, &key, &binding, &plain, keys.entropy())
        })
    }

    fn open(&self, binding: &Binding, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Fault> {
        let (binding, sealed) = (OwnedBinding::of(binding), sealed.to_vec());
        self.job(move |conn, keys| seal::open(conn, keys, &binding, &sealed))
    }

    fn pepper(&self, input: &[u8]) -> Result<(u32, [u8; 32]), Fault> {
        let input = Zeroizing::new(input.to_vec());
        self.job(move |conn, keys| {
            let key = keys.newest(conn, &Family::Pepper)?;
            let mac = conn.sign(&Mechanism::Sha256Hmac, key.handle, &input)?;
            let wrong = || Fault::Hsm(format!("HMAC-SHA-256 gave {} bytes", mac.len()));
            Ok((key.generation, mac.as_slice().try_into().map_err(|_| wrong())?))
        })
    }

    fn pepper_matches(&self, checks: [PepperCheck; 2]) -> Result<[bool; 2], Fault> {
        let checks = checks.map(|check| (check.pepper, Zeroizing::new(check.input.to_vec()), *check.mac));
        self.job(move |conn, keys| {
            let [current, pending] = checks.map(|(generation, input, mac)| {
                let absent = || keys::missing(&Family::Pepper.label(generation), &Family::Pepper);
                let key = keys.generation(conn, &Family::Pepper, generation)?.ok_or_else(absent)?;
                conn.verify(&Mechanism::Sha256Hmac, key.handle, &input, &mac)
            });
            Ok([current?, pending?])
        })
    }

    fn wrap_seed(&self, seed: &Secret<[u8; 20]>, steps: &[TimeStep]) -> Result<(WrappedSeed, Vec<u32>), Fault> {
        let (seed, steps) = (Zeroizing::new(*seed.expose()), steps.to_vec());
        self.job(move |conn, keys| totp::wrap(conn, keys, &seed, &steps))
    }

    fn totp(&self, seed: &WrappedSeed, steps: &[TimeStep]) -> Result<Vec<u32>, Fault> {
        let (seed, steps) = (seed.clone(), steps.to_vec());
        self.job(move |conn, keys| totp::check(conn, keys, &seed, &steps))
    }

    fn ready(&self) -> Result<(), Fault> {
        self.job(|conn, keys| totp::open_canary(conn, &keys.newest(conn, &Family::Kek)?))
    }

    fn calls(&self) -> u64 {
        self.token.calls()
    }
}
