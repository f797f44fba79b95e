//! TLS: rustls on ring, 1.3 and where configured 1.2, one certificate per society, chosen by SNI.

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::ResolvesServerCertUsingSni;
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};
use rustls::{ServerConfig, crypto};
use std::sync::Arc;

/// A society's certificate.
pub struct Certificate<'a> {
    /// For which host name.
    pub host: &'a str,
    /// The chain in PEM, the host's own certificate first.
    pub chain: &'a [u8],
    /// Its private key in PEM: PKCS#8, SEC 1 or PKCS#1.
    pub key: &'a [u8],
}

/// What is wrong with a certificate. The operator replaces the file.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// Not PEM, or nothing in it.
    #[error("{host}: the {part} is not PEM that can be read: {error}")]
    Pem {
        /// Whose.
        host: String,
        /// Certificate or key.
        part: &'static str,
        /// What the reader says.
        error: rustls::pki_types::pem::Error,
    },
    /// rustls will not serve it.
    #[error("{host}: certificate and key cannot be served: {error}")]
    Unfit {
        /// Whose.
        host: String,
        /// What rustls says.
        error: rustls::Error,
    },
    /// rustls will not serve at all.
    #[error("TLS: {0}")]
    Config(rustls::Error),
}

/// The server's configuration for these societies. A name that is not among them, or none, ends the handshake (P-19).
///
/// Sessions are resumed from a cache in memory, never from a ticket that carries one, and only under the name they were made
/// for (rustls compares, RFC 6066 §3). No early data (P-20).
pub fn config(certificates: &[Certificate], tls12: bool) -> Result<Arc<ServerConfig>, TlsError> {
    let provider = Arc::new(crypto::ring::default_provider());
    let mut by_name = ResolvesServerCertUsingSni::new();
    for Certificate { host, chain, key } in certificates {
        let pem = |part, error| TlsError::Pem { host: (*host).to_owned(), part, error };
        let unfit = |error| TlsError::Unfit { host: (*host).to_owned(), error };
        let chain: Vec<_> = CertificateDer::pem_slice_iter(chain).collect::<Result<_, _>>().map_err(|error| pem("certificate", error))?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|error| pem("key", error))?;
        by_name.add(host, CertifiedKey::from_der(chain, key, &provider).map_err(unfit)?).map_err(unfit)?;
    }
    let versions: &[_] = if tls12 { &[&TLS13, &TLS12] } else { &[&TLS13] };
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .map_err(TlsError::Config)?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(by_name));
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config.max_early_data_size = 0;
    Ok(Arc::new(config))
}
