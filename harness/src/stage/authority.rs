//! A certificate authority that lives for one try-out; its key is never written down.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, IsCa, KeyPair, KeyUsagePurpose};
use sekisho_core::time::Timestamp;
use std::io;
use std::time::{Duration, UNIX_EPOCH};

/// The authority, with its key in memory.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    now: Timestamp,
}

impl Authority {
    /// A new authority, good for a year from the day before `now`.
    pub fn new(now: Timestamp) -> io::Result<Self> {
        let mut params = CertificateParams::default();
        params.distinguished_name = name("Sekisho quickstart CA");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        (params.not_before, params.not_after) = validity(now);
        let key = KeyPair::generate().map_err(io::Error::other)?;
        Ok(Self { issuer: CertifiedIssuer::self_signed(params, key).map_err(io::Error::other)?, now })
    }

    /// Its certificate, in PEM.
    pub fn certificate(&self) -> String {
        self.issuer.pem()
    }

    /// A certificate for `host` and its key, both in PEM.
    pub fn issue(&self, host: &str) -> io::Result<(String, String)> {
        let mut params = CertificateParams::new(vec![host.to_owned()]).map_err(io::Error::other)?;
        params.distinguished_name = name(host);
        (params.not_before, params.not_after) = validity(self.now);
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let certificate = params.signed_by(&key, &self.issuer).map_err(io::Error::other)?;
        Ok((certificate.pem(), key.serialize_pem()))
    }
}

fn name(common: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common);
    name
}

/// A year: some browsers take no longer one even from an authority that a person has added.
fn validity<T: From<std::time::SystemTime>>(now: Timestamp) -> (T, T) {
    const DAY: u64 = 24 * 3600;
    let at = |seconds| T::from(UNIX_EPOCH + Duration::from_secs(seconds));
    (at(now.0.saturating_sub(DAY)), at(now.0.saturating_add(364 * DAY)))
}
