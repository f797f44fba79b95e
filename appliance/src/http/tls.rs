//! TLS: rustls on ring, 1.3 and where configured 1.2, one certificate per society, chosen by SNI.

use rustls::server::ResolvesServerCertUsingSni;
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};
use rustls::{ServerConfig, crypto};
use std::sync::Arc;

/// What is wrong with a certificate. The operator replaces the file.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
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
pub fn config<'a>(hosts: impl IntoIterator<Item = (&'a str, &'a CertifiedKey)>, tls12: bool) -> Result<Arc<ServerConfig>, TlsError> {
    let provider = Arc::new(crypto::ring::default_provider());
    let mut by_name = ResolvesServerCertUsingSni::new();
    for (host, certified) in hosts {
        by_name.add(host, certified.clone()).map_err(|error| TlsError::Unfit { host: host.to_owned(), error })?;
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
