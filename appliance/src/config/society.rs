//! `societies.d/NAME.toml`: one society.

use super::{Problem, Source, beside, files};
use crate::society::{Society, Terms};
use rustls::client::verify_server_name;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::ParsedCertificate;
use rustls::sign::CertifiedKey;
use sekisho_core::email::EmailAddress;
use sekisho_core::id::SocietyName;
use sekisho_core::shown::{Face, Service};
use sekisho_core::tenant::TenantPolicy;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use toml::Spanned;

/// A society as configured.
pub struct SocietyConfig {
    /// What the service knows of it.
    pub society: Arc<Society>,
    /// What its members' browsers are shown.
    pub tls: TlsFiles,
    /// Where the host stands, for the check that no two societies share it.
    pub(super) host_line: usize,
}

/// Certificate and key of a society's host.
pub struct TlsFiles {
    /// PEM: the host's certificate first, then the intermediate ones.
    pub chain: PathBuf,
    /// PEM: PKCS#8, SEC1 or PKCS#1. Nobody but its owner can open it.
    pub key: PathBuf,
    /// Both as they were read, fitting together and issued for the host.
    pub certified: Arc<CertifiedKey>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Raw {
    host: Option<Spanned<String>>,
    port: Option<u16>,
    name_ja: Option<String>,
    name_en: Option<String>,
    phone: Option<String>,
    hours_ja: Option<String>,
    hours_en: Option<String>,
    mail_from: Option<Spanned<String>>,
    tls: RawTls,
    terms: RawTerms,
    services: Vec<RawService>,
    policy: Option<Spanned<TenantPolicy>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawTls {
    chain: Option<PathBuf>,
    key: Option<PathBuf>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawTerms {
    ja: Option<PathBuf>,
    en: Option<PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawService {
    name_ja: String,
    name_en: String,
    url: Spanned<String>,
}

/// Reads and checks one society with all files it names.
pub(super) fn load(file: &Path, problems: &mut Vec<Problem>) -> Option<SocietyConfig> {
    files::only_owner_writes(file, problems);
    let name = match SocietyName::try_from(file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()) {
        Ok(name) => name,
        Err(text) => {
            problems.push(Problem::of(file, format!("{text}; rename the file")));
            return None;
        }
    };
    let mut source = Source::open(file, problems)?;
    let raw: Raw = source.parse()?;
    let host = source.need(raw.host, "host", "host = \"login.example.jp\"").and_then(|host| checked_host(host, &mut source));
    let mail_from = source.need(raw.mail_from, "mail_from", "mail_from = \"login@example.jp\"");
    let mail_from = mail_from.and_then(|from| checked_address(&from, &mut source));
    let policy = source.need(raw.policy, "policy", "[policy] with the keys of deploy/sample/societies.d/example.toml");
    let policy = policy.and_then(|policy| checked_policy(policy, &mut source));
    let services = raw.services.into_iter().filter_map(|service| checked_service(service, &mut source)).collect();
    let text = |value: Option<String>, key, example, source: &mut Source| source.need(value.filter(|text| !text.is_empty()), key, example);
    let name_ja = text(raw.name_ja, "name_ja", "name_ja = \"例健康保険組合\"", &mut source);
    let name_en = text(raw.name_en, "name_en", "name_en = \"Example Health Insurance Society\"", &mut source);
    let phone = text(raw.phone, "phone", "phone = \"03-0000-0000\"", &mut source);
    let hours_ja = text(raw.hours_ja, "hours_ja", "hours_ja = \"平日 9:00–17:00\"", &mut source);
    let hours_en = text(raw.hours_en, "hours_en", "hours_en = \"weekdays 9:00–17:00\"", &mut source);
    let terms = terms(raw.terms, &mut source);
    let tls = tls(raw.tls, host.as_ref().map(|host| host.name.as_str()), &mut source);
    let host = host?;
    let origin = match raw.port {
        None | Some(443) => format!("https://{}", host.name),
        Some(port) => format!("https://{}:{port}", host.name),
    };
    let face = Face { name_ja: name_ja?, name_en: name_en?, phone: phone?, hours_ja: hours_ja?, hours_en: hours_en?, services };
    let society = Society::new(name, host.name, origin, policy?, face, terms?, mail_from?);
    Some(SocietyConfig { society: Arc::new(society), tls: tls?, host_line: host.line })
}

struct Host {
    name: String,
    line: usize,
}

fn checked_host(host: Spanned<String>, source: &mut Source) -> Option<Host> {
    let text = host.get_ref();
    let dns = matches!(ServerName::try_from(text.as_str()), Ok(ServerName::DnsName(_)));
    if dns && text.contains('.') && !text.ends_with('.') && *text == text.to_ascii_lowercase() {
        return Some(Host { line: source.line(&host.span()), name: host.into_inner() });
    }
    source.at(&host.span(), "host: write a full host name in small letters, without https:// and port, for example \"login.example.jp\"");
    None
}

fn checked_address(from: &Spanned<String>, source: &mut Source) -> Option<String> {
    let address = EmailAddress::typed(from.get_ref()).map(|address| address.text());
    if address.is_none() {
        source.at(&from.span(), "mail_from: write one address without a name, for example \"login@example.jp\"");
    }
    address
}

fn checked_policy(policy: Spanned<TenantPolicy>, source: &mut Source) -> Option<TenantPolicy> {
    let faults = policy.get_ref().faults();
    for fault in &faults {
        source.at(&policy.span(), format!("policy.{fault}"));
    }
    faults.is_empty().then(|| policy.into_inner())
}

fn checked_service(service: RawService, source: &mut Source) -> Option<Service> {
    let url = service.url.get_ref();
    let host = url.strip_prefix("https://").and_then(|rest| rest.split(['/', ':', '?', '#']).next()).unwrap_or_default();
    if ServerName::try_from(host).is_err() || url.chars().any(|c| c.is_whitespace() || c.is_control()) {
        source.at(&service.url.span(), "services.url: write a full address, for example \"https://portal.example.jp/\"");
        return None;
    }
    Some(Service { name_ja: service.name_ja, name_en: service.name_en, url: service.url.into_inner() })
}

fn terms(raw: RawTerms, source: &mut Source) -> Option<Terms> {
    let ja = source.need(raw.ja, "terms.ja", "ja = \"NAME.terms.ja.txt\" under [terms]");
    let en = source.need(raw.en, "terms.en", "en = \"NAME.terms.en.txt\" under [terms]");
    let (ja, en) = (text_file(&ja?, source), text_file(&en?, source));
    Some(Terms::new(ja?, en?))
}

/// A text for members.
fn text_file(path: &Path, source: &mut Source) -> Option<String> {
    let path = beside(source.file, path);
    let problems = source.problems();
    let before = problems.len();
    files::only_owner_writes(&path, problems);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if problems.len() == before => {
            problems.push(Problem::of(&path, format!("cannot be read: {error}; write it in UTF-8")));
            return None;
        }
        Err(_) => return None,
    };
    let text = Terms::text(&text);
    if text.is_none() {
        problems.push(Problem::of(&path, "empty; write the terms into it, paragraphs parted by empty lines".to_owned()));
    }
    text
}

fn tls(raw: RawTls, host: Option<&str>, source: &mut Source) -> Option<TlsFiles> {
    let chain = source.need(raw.chain, "tls.chain", "chain = \"/etc/sekisho/tls/NAME.chain.pem\" under [tls]");
    let key = source.need(raw.key, "tls.key", "key = \"/etc/sekisho/tls/NAME.key.pem\" under [tls]");
    let (chain, key) = (beside(source.file, &chain?), beside(source.file, &key?));
    let problems = source.problems();
    let before = problems.len();
    files::only_owner_writes(&chain, problems);
    files::only_owner(&key, problems);
    if problems.len() > before {
        return None;
    }
    match certified(&chain, &key, host) {
        Ok(certified) => Some(TlsFiles { chain, key, certified: Arc::new(certified) }),
        Err((file, text)) => {
            problems.push(Problem::of(file, text));
            None
        }
    }
}

/// Certificate and key, if they can be read, fit together and are for `host`.
fn certified<'a>(chain: &'a Path, key: &'a Path, host: Option<&str>) -> Result<CertifiedKey, (&'a Path, String)> {
    let certificates: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(chain)
        .and_then(Iterator::collect)
        .map_err(|error| (chain, format!("this is no PEM file of certificates: {error}")))?;
    let first = certificates.first().ok_or((chain, "no certificate in it; the host's own comes first".to_owned()))?;
    let parsed = ParsedCertificate::try_from(first).map_err(|error| (chain, format!("its first certificate does not parse: {error}")))?;
    if let Some(name) = host.and_then(|host| ServerName::try_from(host).ok()) {
        let text = || format!("its first certificate is not for {}; put the host's own certificate first", name.to_str());
        verify_server_name(&parsed, &name).map_err(|_| (chain, text()))?;
    }
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| (key, format!("this is no PEM file of a private key: {error}")))?;
    CertifiedKey::from_der(certificates.clone(), private, &rustls::crypto::ring::default_provider())
        .map_err(|error| (key, format!("it does not fit the certificate in {}: {error}", chain.display())))
}
