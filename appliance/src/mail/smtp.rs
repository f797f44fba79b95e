//! The way to the relay. TLS with a verified certificate, or a plain connection that stays on this machine: nothing between
//! (ASVS 12.3.1, 12.3.2).

use super::letters::one_line;
use crate::ports::{MailError, Mailer, Outgoing};
use lettre::address::{Address, Envelope};
use lettre::message::Mailbox;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls as Wire, TlsParameters, TlsVersion};
use lettre::{Message, SmtpTransport, Transport as _};
use sekisho_core::email::EmailAddress;
use sekisho_core::letter::Language;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use zeroize::Zeroizing;

/// Port of submission over TLS from the first byte (RFC 8314 §3.3).
const SUBMISSIONS: u16 = 465;

/// How a certificate begins in a file (RFC 7468 §5.1).
const PEM: &[u8] = b"-----BEGIN CERTIFICATE-----";

/// The relay, as the configuration names it.
#[derive(Clone, Debug)]
pub struct Relay {
    /// Host name; the relay's certificate has to carry it.
    pub host: String,
    /// Port.
    pub port: u16,
    /// How the connection is protected.
    pub tls: Tls,
    /// The certificates (PEM) that may vouch for the relay, and no others; without it those that Mozilla trusts.
    pub ca_file: Option<PathBuf>,
    /// Log-in name at the relay.
    pub user: Option<String>,
    /// File that holds the password alone; a line end after it is cut off.
    pub password_file: Option<PathBuf>,
    /// How long one step of the conversation may take, in seconds.
    pub timeout_seconds: u64,
}

/// How the connection to the relay is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// TLS from the first byte on port 465, STARTTLS on every other. A relay that offers neither gets no letter.
    Required,
    /// TLS from the first byte on any port.
    Implicit,
    /// None. Only to a loopback address: for a relay on this machine, and for tests.
    LoopbackPlain,
}

/// Why a relay cannot be used. One line that says what to change.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// Letters would leave the machine in the clear.
    #[error(
        "mail relay {0}: security = \"plain\" is for a loopback address such as 127.0.0.1; remove it to use TLS, or name such an address"
    )]
    PlainOutside(String),
    /// Half of a log-in.
    #[error("mail relay: user and password_file belong together; give both or neither")]
    HalfLogin,
    /// A file does not open.
    #[error("mail relay: {file}: {source}")]
    File {
        /// Which.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The password file holds no text.
    #[error("mail relay: {0}: not text in UTF-8")]
    Password(PathBuf),
    /// A file of no use: with it no relay could ever be believed.
    #[error("mail relay: {0}: holds no certificate in PEM")]
    NoCertificate(PathBuf),
    /// The certificates or the host name are no good.
    #[error("mail relay: TLS cannot be set up: {0}; check host and ca_file")]
    Tls(String),
}

/// Hands letters to one relay, over connections that are kept for the next letter.
pub struct SmtpMailer {
    transport: SmtpTransport,
}

impl SmtpMailer {
    /// Reads the files that `relay` names. Does not connect yet.
    ///
    /// # Errors
    /// Says what to change in the configuration.
    pub fn new(relay: &Relay) -> Result<Self, RelayError> {
        let builder = SmtpTransport::builder_dangerous(&relay.host)
            .port(relay.port)
            .tls(wire(relay)?)
            .timeout(Some(Duration::from_secs(relay.timeout_seconds)));
        let builder = match (&relay.user, &relay.password_file) {
            (Some(user), Some(file)) => builder.credentials(Credentials::new(user.clone(), password(file)?)),
            (None, None) => builder,
            _ => return Err(RelayError::HalfLogin),
        };
        Ok(Self { transport: builder.build() })
    }
}

impl Mailer for SmtpMailer {
    fn send(&self, letter: &Outgoing) -> Result<(), MailError> {
        let message = message(letter)?;
        self.transport.send(&message).map(drop).map_err(|error| verdict(&error))
    }
}

/// The letter as it goes over the wire.
fn message(letter: &Outgoing) -> Result<Message, MailError> {
    let to = recipient(letter.to)?;
    let from: Address =
        letter.society.mail_from.parse().map_err(|_| MailError::Later(format!("{}: mail_from is no address", letter.society.name)))?;
    let name = match letter.language {
        Language::Ja => &letter.society.face.name_ja,
        Language::En => &letter.society.face.name_en,
    };
    // With an own envelope: lettre would read the addresses back from the headers, and fail at a quoted local part.
    let envelope = Envelope::new(Some(from.clone()), vec![to.clone()]).map_err(unwritable)?;
    Message::builder()
        .from(Mailbox::new(Some(one_line(name)), from))
        .to(Mailbox::new(None, to))
        .subject(one_line(&letter.subject))
        .message_id(Some(one_line(&letter.message_id)))
        .date(SystemTime::UNIX_EPOCH + Duration::from_secs(letter.date.0))
        // RFC 3834: no out-of-office answer comes back.
        .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()))
        .header(ContentType::TEXT_PLAIN)
        .envelope(envelope)
        .body(letter.body.expose().clone())
        .map_err(unwritable)
}

/// The recipient, with the local part quoted where dots stand as no dot-atom allows (`a..b@`, `a.@`, RFC 5321 §4.1.2).
fn recipient(to: &EmailAddress) -> Result<Address, MailError> {
    let local = to.local();
    let dot_atom = !local.starts_with('.') && !local.ends_with('.') && !local.contains("..");
    let address = if dot_atom { Address::new(local, to.domain()) } else { Address::new(format!("\"{local}\""), to.domain()) };
    address.map_err(|_| MailError::Never("the recipient's address cannot be written in SMTP".to_owned()))
}

fn unwritable(error: lettre::error::Error) -> MailError {
    MailError::Never(format!("the letter cannot be written: {error}"))
}

/// A header's text without control characters, so that no name can begin a header of its own.
/// What the relay's answer means. Its words are left out: they often repeat the recipient's address, and this text is logged.
fn verdict(error: &lettre::transport::smtp::Error) -> MailError {
    let Some(code) = error.status().map(u16::from) else {
        let text = if error.is_response() { "its answer is no SMTP".to_owned() } else { error.to_string() };
        return MailError::Later(text);
    };
    match code {
        // These speak of this recipient or this letter (RFC 5321 §4.2.3). Other 5xx, such as 530 and 535 (log-in) or 554
        // (no service here), speak of the connection: there an operator can help, and no letter is given up.
        550..=553 | 555 | 556 => MailError::Never(format!("answer {code}")),
        _ => MailError::Later(format!("answer {code}")),
    }
}

fn wire(relay: &Relay) -> Result<Wire, RelayError> {
    match relay.tls {
        Tls::LoopbackPlain if relay.host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback()) => Ok(Wire::None),
        Tls::LoopbackPlain => Err(RelayError::PlainOutside(relay.host.clone())),
        Tls::Required if relay.port != SUBMISSIONS => Ok(Wire::Required(parameters(relay)?)),
        Tls::Required | Tls::Implicit => Ok(Wire::Wrapper(parameters(relay)?)),
    }
}

fn parameters(relay: &Relay) -> Result<TlsParameters, RelayError> {
    let tls = |error: lettre::transport::smtp::Error| RelayError::Tls(error.to_string());
    let builder = TlsParameters::builder(relay.host.clone()).set_min_tls_version(TlsVersion::Tlsv12);
    let builder = match &relay.ca_file {
        None => builder.certificate_store(CertificateStore::WebpkiRoots),
        Some(file) => {
            let pem = read(file)?;
            if !pem.windows(PEM.len()).any(|window| window == PEM) {
                return Err(RelayError::NoCertificate(file.clone()));
            }
            let roots = Certificate::from_pem(&pem).map_err(tls)?;
            builder.certificate_store(CertificateStore::None).add_root_certificate(roots)
        }
    };
    builder.build_rustls().map_err(tls)
}

fn password(file: &Path) -> Result<String, RelayError> {
    let bytes = Zeroizing::new(read(file)?);
    let text = std::str::from_utf8(&bytes).map_err(|_| RelayError::Password(file.to_owned()))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

fn read(file: &Path) -> Result<Vec<u8>, RelayError> {
    std::fs::read(file).map_err(|source| RelayError::File { file: file.to_owned(), source })
}
