//! The appliance in process, behind its own TLS server on a loopback port, and Chromium before it. Clock, letters and staff are those of
//! [`in_process`](super::in_process), so every flow that runs there runs here.
//!
//! What comes before a flow is walked by the harness's own browser, as quickly as in process: each of those flows is also run by itself,
//! and is seen by Chromium then. Where the flow itself begins, Chromium takes cookies, page and passkeys over.

use super::in_process::{Appliance, InProcess};
use super::{Driver, DriverError, Pages, StaffAnswer, StaffOrder};
use crate::browser::tab::Tab;
use crate::browser::{Browser, BrowserError};
use crate::catalogue::ProfileId;
use crate::chromium::{Chromium, Options};
use crate::flow::{DriverKind, Given};
use crate::mailbox::Mail;
use crate::world::entropy::Dice;
use crate::world::member::Registered;
use base64::Engine as _;
use bytes::Bytes;
use http::{Request, Response};
use rcgen::{CertificateParams, KeyPair, PublicKeyData as _};
use ring::digest::{SHA256, digest};
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;
use sekisho::http::App;
use sekisho::http::edge::Edge;
use sekisho::http::server::{Limits, serve};
use sekisho::http::tls;
use sekisho_core::tenant::TenantPolicy;
use sekisho_core::time::Timestamp;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// What is put behind a profile's id for the society whose flows are run in process, to compare with.
const BESIDE: &str = "-beside";

/// An appliance, its server, and Chromium. For each profile there is a second society, which is reached in process.
pub struct House {
    // They go in this order: who asks, who carries, who answers.
    chromium: Rc<Chromium>,
    _server: Server,
    appliance: Appliance,
}

impl House {
    /// A new appliance with its server, and a Chromium. As [`Appliance::new`], this has to come first in the process.
    ///
    /// # Errors
    /// SoftHSM or Chromium is not installed.
    pub fn new(profiles: &BTreeMap<ProfileId, TenantPolicy>, seed: u64, options: &Options) -> Result<Self, DriverError> {
        let twice = profiles.iter().flat_map(|(id, policy)| [(id.clone(), policy.clone()), (format!("{id}{BESIDE}"), policy.clone())]);
        let appliance = Appliance::new(&twice.collect(), seed)?;
        let hosts = profiles.keys().map(|profile| Ok(appliance.society(profile)?.host.clone())).collect::<Result<Vec<_>, DriverError>>()?;
        let (server, trusted_key) = Server::start(appliance.front(), appliance.edge(), &hosts)?;
        let chromium = Chromium::start(options, server.port, &trusted_key)?;
        Ok(Self { chromium, _server: server, appliance })
    }

    /// The driver of one profile's society.
    pub fn driver(&self, profile: &str) -> Result<InBrowser<'_>, DriverError> {
        Ok(InBrowser { inner: self.appliance.driver(profile)?, chromium: Rc::clone(&self.chromium) })
    }

    /// Its Chromium.
    pub fn chromium(&self) -> &Rc<Chromium> {
        &self.chromium
    }

    /// The driver of a society like that, in process and on the same clock.
    pub fn beside(&self, profile: &str) -> Result<InProcess<'_>, DriverError> {
        self.appliance.driver(&format!("{profile}{BESIDE}"))
    }
}

/// Drives one society of a [`House`].
pub struct InBrowser<'a> {
    inner: InProcess<'a>,
    chromium: Rc<Chromium>,
}

impl Driver for InBrowser<'_> {
    fn kind(&self) -> DriverKind {
        DriverKind::Browser
    }

    fn origin(&self) -> &str {
        self.inner.origin()
    }

    fn now(&self) -> Timestamp {
        self.inner.now()
    }

    fn wait_until(&mut self, instant: Timestamp) -> Result<(), DriverError> {
        self.inner.wait_until(instant)
    }

    fn jump(&mut self, seconds: i64) -> Result<(), DriverError> {
        self.inner.jump(seconds)
    }

    fn register(&mut self, given: &Given, dice: &mut Dice) -> Result<Registered, DriverError> {
        self.inner.register(given, dice)
    }

    fn send(&mut self, request: Request<Bytes>) -> Result<Response<Bytes>, DriverError> {
        self.inner.send(request)
    }

    fn letters(&mut self, to: &str) -> Result<Vec<Mail>, DriverError> {
        self.inner.letters(to)
    }

    fn commits(&self) -> Option<u64> {
        self.inner.commits()
    }

    fn residue(&self) -> Vec<(String, Vec<u8>)> {
        self.inner.residue()
    }

    fn staff(&mut self, order: &StaffOrder<'_>) -> Result<StaffAnswer, DriverError> {
        self.inner.staff(order)
    }

    fn adopt(&mut self, own: Browser, reloads: bool) -> Result<Box<dyn Tab>, BrowserError> {
        let mut tab = self.chromium.tab(self.inner.origin())?;
        tab.take_over(self, own, reloads)?;
        Ok(Box::new(tab))
    }

    fn runs_scripts(&self) -> bool {
        self.chromium.runs_scripts()
    }

    fn pages(&mut self) -> Option<Pages> {
        Some(self.chromium.pages())
    }
}

/// The appliance's own server in threads of its own. Stops when dropped.
struct Server {
    port: u16,
    runtime: Runtime,
    stop: Option<oneshot::Sender<()>>,
    serving: Option<JoinHandle<()>>,
}

impl Server {
    /// Serves `app` for `hosts`, each with a certificate that it has signed itself. Returns the SHA-256 of their key besides.
    fn start(app: Arc<App>, edge: Arc<Edge>, hosts: &[String]) -> Result<(Self, String), DriverError> {
        let key = KeyPair::generate().map_err(internal)?;
        let certified = hosts.iter().map(|host| Ok((host.as_str(), certificate(host, &key)?))).collect::<Result<Vec<_>, DriverError>>()?;
        let tls = tls::config(certified.iter().map(|(host, certified)| (*host, certified)), false).map_err(internal)?;
        let trusted_key = base64::engine::general_purpose::STANDARD.encode(digest(&SHA256, &key.subject_public_key_info()));
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().map_err(internal)?;
        let listener = runtime.block_on(TcpListener::bind(("127.0.0.1", 0))).map_err(internal)?;
        let port = listener.local_addr().map_err(internal)?.port();
        let (stop, stopped) = oneshot::channel();
        let serving = runtime.spawn(serve(app, edge, listener, tls, Limits::default(), async move { drop(stopped.await) }));
        Ok((Self { port, runtime, stop: Some(stop), serving: Some(serving) }, trusted_key))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(serving) = self.serving.take() {
            // Chromium has ended before, so nothing is in flight; a panic in there has been logged.
            let _ = self.runtime.block_on(serving);
        }
    }
}

fn certificate(host: &str, key: &KeyPair) -> Result<CertifiedKey, DriverError> {
    let signed = CertificateParams::new(vec![host.to_owned()]).and_then(|params| params.self_signed(key)).map_err(internal)?;
    let secret = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    Ok(CertifiedKey::new(vec![signed.der().clone()], any_supported_type(&secret).map_err(internal)?))
}

fn internal(error: impl ToString) -> DriverError {
    DriverError::Internal(error.to_string())
}
