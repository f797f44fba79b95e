//! A running appliance over HTTPS. Its clock is the host's; its letters are read from a mailbox page.

use super::{Driver, DriverError};
use crate::flow::{AddressOnFile, DriverKind, FirstPassword, Given};
use crate::mailbox::Mail;
use crate::world::clock::HostClock;
use crate::world::entropy::Dice;
use crate::world::member::{Birth, Registered};
use bytes::Bytes;
use http::{Request, Response, Uri};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use sekisho_core::time::Timestamp;
use serde::Deserialize;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

/// Longest wait for one answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// Longest wait for a letter; the outbox works at its own pace.
const MAIL_PATIENCE: Duration = Duration::from_secs(10);

/// How often the mailbox is looked at meanwhile.
const MAIL_LOOK: Duration = Duration::from_millis(200);

/// Longest span that a real clock is waited for.
const LONGEST_WAIT: u64 = 60;

/// The largest answer that is read.
const LARGEST: usize = 4 << 20;

/// The target file of `run --driver remote`: where the appliance is, and whom it can be logged in as.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Target {
    /// PEM file of the certificate authority that vouches for the appliance; relative to the target file.
    pub ca_file: PathBuf,
    /// `http://host:port/mails.json` of the mailbox that gets the appliance's letters.
    pub mails: String,
    /// Its societies.
    pub profile: Vec<TargetProfile>,
}

/// A society of the target.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TargetProfile {
    /// The profile that it is set up with.
    pub id: String,
    /// `https://host[:port]`. Names below `.localhost` are taken to 127.0.0.1 without asking anybody.
    pub origin: String,
    /// Members who have not logged in yet. Each flow uses up its own.
    #[serde(default)]
    pub member: Vec<TargetMember>,
}

/// A member of the target who has not logged in yet.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TargetMember {
    /// User ID.
    pub user_id: String,
    /// First password.
    pub first_password: String,
    /// What that is, if anybody asks for a certain one.
    #[serde(default)]
    pub kind: FirstPassword,
    /// `YYYY-MM-DD`.
    pub birth: String,
    /// An address at the mailbox. Drawn when absent.
    pub mail: Option<String>,
    /// Whether it is on file.
    #[serde(default)]
    pub address: AddressOnFile,
}

impl TargetMember {
    /// Whether this is somebody like `given`.
    fn fits(&self, given: &Given) -> bool {
        let password = given.first_password == FirstPassword::Any || self.kind == given.first_password;
        password && self.address == given.address
    }
}

impl Target {
    /// Reads a target file.
    pub fn load(path: &Path) -> Result<Self, DriverError> {
        let text = std::fs::read_to_string(path).map_err(|error| DriverError::NotSetUp(format!("{}: {error}", path.display())))?;
        let mut target: Self = toml::from_str(&text).map_err(|error| DriverError::NotSetUp(format!("{}: {error}", path.display())))?;
        if let Some(folder) = path.parent() {
            target.ca_file = folder.join(&target.ca_file);
        }
        Ok(target)
    }
}

/// Drives one society of a running appliance.
pub struct Remote {
    origin: String,
    authority: Authority,
    mails: String,
    tls: tokio_rustls::TlsConnector,
    runtime: tokio::runtime::Runtime,
    members: VecDeque<TargetMember>,
    clock: HostClock,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Authority {
    host: String,
    port: u16,
}

impl Authority {
    fn of(uri: &str, default_port: u16) -> Result<Self, DriverError> {
        let bad = || DriverError::NotSetUp(format!("{uri:?} is no address"));
        let parsed: Uri = uri.parse().map_err(|_| bad())?;
        let host = parsed.host().ok_or_else(bad)?.to_owned();
        Ok(Self { host, port: parsed.port_u16().unwrap_or(default_port) })
    }

    /// What to connect to. `localhost` and everything below it is this host (RFC 6761 §6.3), whatever its resolver says.
    fn endpoint(&self) -> (&str, u16) {
        let local = self.host == "localhost" || self.host.ends_with(".localhost");
        (if local { "127.0.0.1" } else { &self.host }, self.port)
    }
}

impl Remote {
    /// The driver of one society of `target`.
    pub fn new(target: &Target, profile: &str) -> Result<Self, DriverError> {
        let society = target.profile.iter().find(|society| society.id == profile);
        let society = society.ok_or_else(|| DriverError::NotSetUp(format!("the target file has no profile {profile}")))?;
        if !society.origin.starts_with("https://") || society.origin.ends_with('/') {
            return Err(DriverError::NotSetUp(format!("{}: write https://host[:port]", society.origin)));
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        Ok(Self {
            origin: society.origin.clone(),
            authority: Authority::of(&society.origin, 443)?,
            mails: target.mails.clone(),
            tls: connector(&target.ca_file)?,
            runtime: runtime.map_err(|error| DriverError::Internal(error.to_string()))?,
            members: society.member.iter().cloned().collect(),
            clock: HostClock,
        })
    }

    fn mails(&self) -> Result<Vec<Mail>, DriverError> {
        let authority = Authority::of(&self.mails, 80)?;
        let uri: Uri = self.mails.parse().map_err(|_| DriverError::NotSetUp(format!("{:?} is no address", self.mails)))?;
        let request = Request::builder()
            .uri(uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str))
            .header(http::header::HOST, format!("{}:{}", authority.host, authority.port))
            .body(Full::new(Bytes::new()))
            .map_err(|error| DriverError::Internal(error.to_string()))?;
        let answer = self.runtime.block_on(patiently(async {
            let stream = TcpStream::connect(authority.endpoint()).await?;
            exchange(stream, request).await
        }))?;
        serde_json::from_slice(answer.body()).map_err(|error| DriverError::Unreachable(format!("{}: {error}", self.mails)))
    }
}

impl Driver for Remote {
    fn kind(&self) -> DriverKind {
        DriverKind::Remote
    }

    fn origin(&self) -> &str {
        &self.origin
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn wait_until(&mut self, instant: Timestamp) -> Result<(), DriverError> {
        let span = instant.since(self.now());
        if span.as_secs() > LONGEST_WAIT {
            return Err(DriverError::Internal(format!("a real clock is not waited for longer than {LONGEST_WAIT} s")));
        }
        let begun = self.now();
        while self.now() < instant && self.now().since(begun).as_secs() <= LONGEST_WAIT {
            pause(Duration::from_millis(500));
        }
        Ok(())
    }

    fn register(&mut self, given: &Given, dice: &mut Dice) -> Result<Registered, DriverError> {
        let place = self.members.iter().position(|member| member.fits(given));
        let member = place.and_then(|place| self.members.remove(place)).ok_or_else(|| {
            let Given { first_password, address, .. } = given;
            DriverError::NotSetUp(format!(
                "no member is left for whom the first password is {first_password:?} and the address {address:?}"
            ))
        })?;
        let birth = Birth::parse(&member.birth).ok_or_else(|| DriverError::NotSetUp(format!("birth {:?}: no date", member.birth)))?;
        let drawn = Registered::draw(given, 0, dice);
        Ok(Registered {
            user_id: member.user_id,
            first_password: member.first_password,
            birth,
            mail: member.mail.unwrap_or(drawn.mail),
            ..drawn
        })
    }

    fn send(&mut self, request: Request<Bytes>) -> Result<Response<Bytes>, DriverError> {
        let name = ServerName::try_from(self.authority.host.clone())
            .map_err(|_| DriverError::NotSetUp(format!("{}: no host name", self.authority.host)))?;
        let mut request = request.map(Full::new);
        // One connection for each request, so that nothing of one browser can be taken for another's.
        request.headers_mut().insert(http::header::CONNECTION, http::HeaderValue::from_static("close"));
        self.runtime.block_on(patiently(async {
            let stream = TcpStream::connect(self.authority.endpoint()).await?;
            let stream = self.tls.connect(name, stream).await?;
            exchange(stream, request).await
        }))
    }

    fn letters(&mut self, to: &str) -> Result<Vec<Mail>, DriverError> {
        // The first letter is waited for, and after it a moment in which no further one comes.
        let begun = self.now();
        let mut seen = None;
        loop {
            let letters: Vec<Mail> = self.mails()?.into_iter().filter(|letter| letter.to == to).collect();
            let settled = seen == Some(letters.len()) && !letters.is_empty();
            if settled || self.now().since(begun) >= MAIL_PATIENCE {
                return Ok(letters);
            }
            seen = Some(letters.len());
            pause(MAIL_LOOK * 5);
        }
    }

    fn commits(&self) -> Option<u64> {
        None
    }

    fn residue(&self) -> Vec<(String, Vec<u8>)> {
        Vec::new()
    }
}

/// Lets real time pass: a channel on which nothing comes.
fn pause(span: Duration) {
    let (_sender, receiver) = mpsc::channel::<()>();
    // The time-out is the point.
    let _ = receiver.recv_timeout(span);
}

fn connector(ca_file: &Path) -> Result<tokio_rustls::TlsConnector, DriverError> {
    let not = |error: String| DriverError::NotSetUp(format!("{}: {error}", ca_file.display()));
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(ca_file).map_err(|error| not(error.to_string()))? {
        roots.add(certificate.map_err(|error| not(error.to_string()))?).map_err(|error| not(error.to_string()))?;
    }
    Ok(tokio_rustls::TlsConnector::from(Arc::new(client_config(roots)?)))
}

/// A client that trusts these and speaks HTTP/1.1.
pub(super) fn client_config(roots: rustls::RootCertStore) -> Result<rustls::ClientConfig, DriverError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let versions = versions.map_err(|error| DriverError::Internal(error.to_string()))?;
    let mut config = versions.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

pub(super) type AnyError = Box<dyn std::error::Error + Send + Sync>;

pub(super) async fn patiently<T>(work: impl Future<Output = Result<T, AnyError>>) -> Result<T, DriverError> {
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(DriverError::Unreachable(error.to_string())),
        Err(_) => Err(DriverError::Unreachable(format!("no answer within {} s", PATIENCE.as_secs()))),
    }
}

pub(super) async fn exchange<S>(stream: S, request: Request<Full<Bytes>>) -> Result<Response<Bytes>, AnyError>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let answer = async {
        let (parts, body) = sender.send_request(request).await?.into_parts();
        let body = http_body_util::Limited::new(body, LARGEST).collect().await?.to_bytes();
        drop(sender);
        Ok::<_, AnyError>(Response::from_parts(parts, body))
    };
    // The connection moves only while it is polled; how it ends does not matter once the answer is there.
    let (answer, _) = tokio::join!(answer, connection);
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_below_localhost_are_this_host() {
        let endpoint = |uri| Authority::of(uri, 443).map(|authority| (authority.endpoint().0.to_owned(), authority.port)).unwrap();
        assert_eq!(endpoint("https://kenpo.localhost:8443"), ("127.0.0.1".to_owned(), 8443));
        assert_eq!(endpoint("https://login.example.test"), ("login.example.test".to_owned(), 443));
        assert_eq!(endpoint("https://notlocalhost:1"), ("notlocalhost".to_owned(), 1));
    }

    #[test]
    fn a_target_file_names_societies_and_members_and_nothing_unknown() {
        let text = r#"
            ca-file = "ca.pem"
            mails = "http://127.0.0.1:8025/mails.json"
            [[profile]]
            id = "a"
            origin = "https://a.localhost:8443"
            [[profile.member]]
            user-id = "12-3456789"
            first-password = "12345678919700102"
            kind = "rule"
            birth = "1970-01-02"
        "#;
        let target: Target = toml::from_str(text).unwrap();
        let given = |first_password, address| Given { member: "m".to_owned(), first_password, address };
        let member = &target.profile[0].member[0];
        assert!(member.fits(&given(FirstPassword::Any, AddressOnFile::None)));
        assert!(member.fits(&given(FirstPassword::Rule, AddressOnFile::None)));
        assert!(!member.fits(&given(FirstPassword::Temporary, AddressOnFile::None)));
        assert!(!member.fits(&given(FirstPassword::Any, AddressOnFile::OnFile)));
        assert!(toml::from_str::<Target>(&format!("retries = 3\n{text}")).is_err());
    }
}
