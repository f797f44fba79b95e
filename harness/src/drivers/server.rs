//! The appliance's own server, on a loopback port, in a thread of its own.

use super::DriverError;
use base64::Engine as _;
use rcgen::{CertificateParams, KeyPair, PublicKeyData as _};
use ring::digest::{SHA256, digest};
use rustls::RootCertStore;
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;
use sekisho::http::App;
use sekisho::http::edge::Edge;
use sekisho::http::server::{Limits, serve};
use sekisho::http::tls;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A running server. Stops when dropped.
pub(crate) struct Server {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    key: KeyPair,
    certificates: Vec<CertifiedKey>,
    runtime: Runtime,
    stop: Option<oneshot::Sender<()>>,
    serving: Option<JoinHandle<()>>,
}

impl Server {
    /// Serves `app` for `hosts`, each with a certificate that it has signed itself, within the limits of production.
    pub(crate) fn start(app: Arc<App>, edge: Arc<Edge>, hosts: &[String]) -> Result<Self, DriverError> {
        let key = KeyPair::generate().map_err(internal)?;
        let certificates = hosts.iter().map(|host| certificate(host, &key)).collect::<Result<Vec<_>, DriverError>>()?;
        let tls = tls::config(hosts.iter().map(String::as_str).zip(&certificates), false).map_err(internal)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().map_err(internal)?;
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).map_err(internal)?;
        let address = listener.local_addr().map_err(internal)?;
        let (stop, stopped) = oneshot::channel();
        let serving = runtime.spawn(serve(app, edge, listener, tls, Limits::default(), async move { drop(stopped.await) }));
        Ok(Self { address, key, certificates, runtime, stop: Some(stop), serving: Some(serving) })
    }

    /// SHA-256 of the key of its certificates, as Chromium takes it.
    pub(crate) fn trusted_key(&self) -> String {
        base64::engine::general_purpose::STANDARD.encode(digest(&SHA256, &self.key.subject_public_key_info()))
    }

    /// Its certificates, as rustls takes them.
    pub(crate) fn roots(&self) -> Result<RootCertStore, DriverError> {
        let mut roots = RootCertStore::empty();
        for certificate in self.certificates.iter().flat_map(|certified| &certified.cert) {
            roots.add(certificate.clone()).map_err(internal)?;
        }
        Ok(roots)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(serving) = self.serving.take() {
            // Who asks has ended before, so nothing is in flight; a panic in there has been logged.
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
