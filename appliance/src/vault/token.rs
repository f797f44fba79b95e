//! One loaded module and one token of it, logged in once.

use super::trouble::{Outcome, Trouble, VaultError, code};
use super::{TokenConfig, TokenDescription};
use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, AttributeType, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use cryptoki::types::AuthPin;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// A token with the login that all sessions of the process share.
pub(super) struct Token {
    /// Holds the login and is never used: the last session of a process that closes logs the process out.
    _anchor: Mutex<Session>,
    slot: Slot,
    access: Access,
    calls: Arc<AtomicU64>,
    pub(super) description: TokenDescription,
    /// Last, so that every session is closed before the module is given up.
    module: Module,
}

/// What sessions may do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// The server: it can make session objects, but neither makes nor destroys keys.
    ReadOnly,
    /// The key ceremony, and the check that tries what an attacker with the PIN would try.
    ReadWrite,
}

impl Token {
    /// Loads the module, finds the token and logs in with exactly one `C_Login`.
    pub(super) fn open(config: &TokenConfig, access: Access) -> Result<Self, VaultError> {
        let module = Module::load(&config.module)?;
        let slot = find_slot(&module, config)?;
        let calls = Arc::new(AtomicU64::new(0));
        let opening = |error| VaultError::while_doing("opening the first session")(Trouble::Pkcs11(error));
        let info = module.pkcs11.get_token_info(slot).map_err(opening)?;
        let description = TokenDescription {
            label: info.label().to_owned(),
            model: info.model().to_owned(),
            manufacturer: info.manufacturer_id().to_owned(),
            serial: info.serial_number().to_owned(),
        };
        let anchor = open_session(&module, slot, access).map_err(opening)?;
        calls.fetch_add(2, Ordering::Relaxed);
        match anchor.login(UserType::User, Some(&AuthPin::from(config.pin.expose().as_str()))) {
            // Another vault of this process is logged in to this token, and the login belongs to the process.
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => {}
            Err(error) => return Err(VaultError::Pin { label: config.token_label.clone(), cause: code(&error) }),
        }
        Ok(Self { _anchor: Mutex::new(anchor), slot, access, calls, description, module })
    }

    /// One more session. The login holds for it at once.
    pub(super) fn connect(&self) -> Outcome<Conn> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let session = open_session(&self.module, self.slot, self.access)?;
        Ok(Conn { session, calls: Arc::clone(&self.calls) })
    }

    /// Calls made so far.
    pub(super) fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// The module, for questions about its mechanisms.
    pub(super) fn mechanisms(&self) -> (&Pkcs11, Slot) {
        (&self.module.pkcs11, self.slot)
    }
}

fn open_session(module: &Module, slot: Slot, access: Access) -> Result<Session, Error> {
    match access {
        Access::ReadOnly => module.pkcs11.open_ro_session(slot),
        Access::ReadWrite => module.pkcs11.open_rw_session(slot),
    }
}

fn find_slot(module: &Module, config: &TokenConfig) -> Result<Slot, VaultError> {
    let listing = |error| VaultError::while_doing("listing tokens")(Trouble::Pkcs11(error));
    let mut present = Vec::new();
    let mut matching = Vec::new();
    for slot in module.pkcs11.get_slots_with_initialized_token().map_err(listing)? {
        let label = module.pkcs11.get_token_info(slot).map_err(listing)?.label().to_owned();
        if label == config.token_label {
            matching.push(slot);
        }
        present.push(label);
    }
    match matching.as_slice() {
        [slot] => Ok(*slot),
        others => Err(VaultError::Token {
            label: config.token_label.clone(),
            module: config.module.clone(),
            found: if others.is_empty() { "no token".to_owned() } else { format!("{} tokens", others.len()) },
            present: if present.is_empty() { "none".to_owned() } else { present.join(", ") },
        }),
    }
}

/// One session, and the count of the calls made on it. A failed call is counted like a finished one.
pub(super) struct Conn {
    session: Session,
    calls: Arc<AtomicU64>,
}

impl Conn {
    /// For ceremonies and checks, whose calls are not counted.
    pub(super) fn session(&self) -> &Session {
        &self.session
    }

    /// MAC or signature. Three calls: cryptoki 0.12 asks for the length first, also in its multi-part form (which makes four).
    pub(super) fn sign(&self, mechanism: &Mechanism, key: ObjectHandle, data: &[u8]) -> Outcome<Vec<u8>> {
        self.count(3);
        Ok(self.session.sign(mechanism, key, data)?)
    }

    /// Compares inside the token: `false` only when the token says that the signature is wrong. Two calls.
    pub(super) fn verify(&self, mechanism: &Mechanism, key: ObjectHandle, data: &[u8], signature: &[u8]) -> Outcome<bool> {
        self.count(2);
        match self.session.verify(mechanism, key, data, signature) {
            Ok(()) => Ok(true),
            Err(Error::Pkcs11(RvError::SignatureInvalid, _)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Three calls.
    pub(super) fn encrypt(&self, mechanism: &Mechanism, key: ObjectHandle, plain: &[u8]) -> Outcome<Vec<u8>> {
        self.count(3);
        Ok(self.session.encrypt(mechanism, key, plain)?)
    }

    /// Three calls.
    pub(super) fn decrypt(&self, mechanism: &Mechanism, key: ObjectHandle, cipher: &[u8]) -> Outcome<Vec<u8>> {
        self.count(3);
        Ok(self.session.decrypt(mechanism, key, cipher)?)
    }

    /// Makes a session object, which the guard destroys. Two calls.
    pub(super) fn create(&self, template: &[Attribute]) -> Outcome<SessionObject<'_>> {
        self.count(1);
        Ok(SessionObject { conn: self, handle: self.session.create_object(template)? })
    }

    /// Unwraps to a session object, which the guard destroys. Two calls.
    pub(super) fn unwrap(&self, kek: ObjectHandle, blob: &[u8], template: &[Attribute]) -> Outcome<SessionObject<'_>> {
        self.count(1);
        Ok(SessionObject { conn: self, handle: self.session.unwrap_key(&Mechanism::AesKeyWrap, kek, blob, template)? })
    }

    /// RFC 3394. Two calls.
    pub(super) fn wrap(&self, kek: ObjectHandle, key: ObjectHandle) -> Outcome<Vec<u8>> {
        self.count(2);
        Ok(self.session.wrap_key(&Mechanism::AesKeyWrap, kek, key)?)
    }

    /// The token's generator. One call.
    pub(super) fn random(&self, bytes: &mut [u8]) -> Outcome<()> {
        self.count(1);
        Ok(self.session.generate_random_slice(bytes)?)
    }

    /// Three calls for up to nine objects, one more for every ten.
    pub(super) fn find(&self, template: &[Attribute]) -> Outcome<Vec<ObjectHandle>> {
        let found = self.session.find_objects(template)?;
        self.count(3 + u64::try_from(found.len() / 10).unwrap_or(u64::MAX));
        Ok(found)
    }

    /// Those of `types` that the token tells. Two calls at most.
    pub(super) fn attributes(&self, key: ObjectHandle, types: &[AttributeType]) -> Outcome<Vec<Attribute>> {
        self.count(2);
        Ok(self.session.get_attributes(key, types)?)
    }

    fn count(&self, calls: u64) {
        self.calls.fetch_add(calls, Ordering::Relaxed);
    }
}

/// A session object that does not outlive its job. What the guard cannot destroy dies with the session.
pub(super) struct SessionObject<'a> {
    conn: &'a Conn,
    pub(super) handle: ObjectHandle,
}

impl SessionObject<'_> {
    /// Destroys it now and says whether that worked: if not, the worker has to drop its session.
    pub(super) fn destroy(self) -> Outcome<()> {
        let (conn, handle) = (self.conn, self.handle);
        std::mem::forget(self);
        conn.count(1);
        Ok(conn.session.destroy_object(handle)?)
    }
}

impl Drop for SessionObject<'_> {
    fn drop(&mut self) {
        self.conn.count(1);
        if let Err(error) = self.conn.session.destroy_object(self.handle) {
            tracing::warn!(cause = code(&error), "a session object was not destroyed; it ends with its session");
        }
    }
}

/// A module that is initialised. PKCS#11 allows that once in a process, so that all vaults on it share it and the last one finalizes it.
struct Module {
    path: PathBuf,
    pkcs11: Pkcs11,
}

static LOADED: Mutex<BTreeMap<PathBuf, (Pkcs11, usize)>> = Mutex::new(BTreeMap::new());

impl Module {
    fn load(path: &Path) -> Result<Self, VaultError> {
        let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((pkcs11, users)) = loaded.get_mut(path) {
            *users += 1;
            return Ok(Self { path: path.to_owned(), pkcs11: pkcs11.clone() });
        }
        let unusable = |error: Error| VaultError::Module { path: path.to_owned(), cause: code(&error) };
        let pkcs11 = Pkcs11::new(path).map_err(unusable)?;
        pkcs11.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)).map_err(unusable)?;
        loaded.insert(path.to_owned(), (pkcs11.clone(), 1));
        Ok(Self { path: path.to_owned(), pkcs11 })
    }
}

impl Drop for Module {
    fn drop(&mut self) {
        let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((_, users)) = loaded.get_mut(&self.path) else { return };
        *users -= 1;
        if *users == 0
            && let Some((pkcs11, _)) = loaded.remove(&self.path)
            && let Err(error) = pkcs11.finalize()
        {
            tracing::warn!(cause = code(&error), "the PKCS#11 module was not finalized");
        }
    }
}
