//! `keys check`: every key with every attribute, and everything that someone with the PIN must not be able to do, tried.

use super::TokenConfig;
use super::entropy::OsEntropy;
use super::keys::{self, Family, Keyring, UNWRAP_TEMPLATE};
use super::selfcheck;
pub use super::selfcheck::Line;
use super::token::{Access, Conn, Token};
use super::totp;
use super::trouble::{Outcome, Trouble, VaultError, code};
use cryptoki::error::Error;
use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::aead::GcmParams;
use cryptoki::object::{Attribute, AttributeInfo, AttributeType, KeyType, ObjectClass, ObjectHandle};
use std::sync::Arc;

/// What was checked, line by line.
pub struct Report {
    /// In the order in which it was checked.
    pub lines: Vec<Line>,
}

impl Report {
    /// Whether everything is as it has to be.
    pub fn passed(&self) -> bool {
        self.lines.iter().all(|line| line.result.is_ok())
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for line in &self.lines {
            match &line.result {
                Ok(()) => writeln!(f, "ok      {}", line.what)?,
                Err(error) => writeln!(f, "FAILED  {error}")?,
            }
        }
        let failed = self.lines.iter().filter(|line| line.result.is_err()).count();
        writeln!(f, "{} checks, {failed} failed", self.lines.len())
    }
}

/// The whole sweep, in read-write sessions: what fails there for want of a permission fails for the right reason.
pub fn full(config: &TokenConfig) -> Report {
    let mut lines = Vec::new();
    if let Err(error) = sweep(config, &mut lines) {
        lines.push(Line::new("the token", Err(error)));
    }
    Report { lines }
}

fn sweep(config: &TokenConfig, lines: &mut Vec<Line>) -> Result<(), VaultError> {
    let token = Token::open(config, Access::ReadWrite)?;
    let connect = || token.connect().map_err(VaultError::while_doing("opening a session"));
    let keyring = Keyring::new(Arc::new(OsEntropy));
    lines.extend(selfcheck::run(&token, &connect()?, &keyring));
    let conn = connect()?;
    for class in [ObjectClass::SECRET_KEY, ObjectClass::PRIVATE_KEY] {
        let found = conn.find(&[Attribute::Class(class), Attribute::Token(true)]).map_err(VaultError::while_doing("listing keys"))?;
        for key in found {
            let label = keys::label(&conn, key).map_err(VaultError::while_doing("reading a label"))?;
            match Family::parse(&label).filter(|(family, _)| family.class() == class) {
                Some((family, generation)) => lines.extend(check_key(&connect()?, &keyring, &family, generation, key)),
                None => lines.push(Line::known(
                    format!("key {label:?}"),
                    Ok(Err("it is none of ours; a token of the appliance holds nothing else".to_owned())),
                )),
            }
        }
    }
    Ok(())
}

fn check_key(conn: &Conn, keyring: &Keyring, family: &Family, generation: u32, key: ObjectHandle) -> Vec<Line> {
    let label = family.label(generation);
    let mut lines = vec![Line::known(format!("{label}: attributes"), attributes(conn, family, key))];
    lines.push(refused(conn, &label, "read CKA_VALUE", readable(conn, key)));
    lines.push(refused(
        conn,
        &label,
        "set CKA_EXTRACTABLE",
        conn.session().update_attributes(key, &[Attribute::Extractable(true)]).map(|()| None),
    ));
    lines.push(refused(conn, &label, "copy", conn.session().copy_object(key, &[Attribute::Token(false)]).map(Some)));
    match family {
        Family::Kek => lines.extend(kek_probes(conn, &label, key)),
        Family::Data(_) => lines.push(Line::known(
            format!("{label}: seals"),
            keyring.generation(conn, family, generation).map(|found| found.map(drop).ok_or_else(|| "it is not found by CKA_ID".to_owned())),
        )),
        Family::Pepper | Family::Audit => {}
    }
    lines
}

/// Everything the profile says, compared; and that the key was made in the token and never left it.
fn attributes(conn: &Conn, family: &Family, key: ObjectHandle) -> Outcome<Result<(), String>> {
    let mut expected = family.flags();
    expected.extend([Attribute::AlwaysSensitive(true), Attribute::NeverExtractable(true), Attribute::Local(true)]);
    expected.push(Attribute::Id(family.id().into_bytes()));
    match family {
        Family::Kek | Family::Data(_) => expected.extend([Attribute::KeyType(KeyType::AES), Attribute::ValueLen(32.into())]),
        Family::Pepper => expected.extend([Attribute::KeyType(KeyType::GENERIC_SECRET), Attribute::ValueLen(32.into())]),
        Family::Audit => expected.push(Attribute::KeyType(KeyType::EC)),
    }
    let mut wrong = Vec::new();
    for attribute in expected {
        let found = conn.attributes(key, &[attribute.attribute_type()])?;
        if found.first() != Some(&attribute) {
            wrong.push(format!(
                "{attribute:?} expected, {} found",
                found.first().map_or("nothing".to_owned(), |found| format!("{found:?}"))
            ));
        }
    }
    if *family == Family::Kek {
        let template = conn.session().get_attribute_info(key, &[UNWRAP_TEMPLATE])?;
        if !matches!(template.as_slice(), [AttributeInfo::Available(length)] if *length > 0) {
            wrong.push("it has no CKA_UNWRAP_TEMPLATE, so that seeds can be unwrapped readable; move to a new generation".to_owned());
        }
    }
    Ok(if wrong.is_empty() { Ok(()) } else { Err(wrong.join("; ")) })
}

/// What must not work with a key-encryption key, nor with what it unwraps (vault facts 2a).
fn kek_probes(conn: &Conn, label: &str, kek: ObjectHandle) -> Vec<Line> {
    let session = conn.session();
    let blob = match totp::wrap_under(conn, kek, &[0x5a; 20]) {
        Ok(blob) => blob,
        Err(trouble) => return vec![Line::known(format!("{label}: wraps"), Err(trouble))],
    };
    let mut lines = Vec::new();
    for other in [
        Attribute::Extractable(true),
        Attribute::Sensitive(false),
        Attribute::Token(true),
        Attribute::Verify(true),
        Attribute::Encrypt(true),
        Attribute::Decrypt(true),
        Attribute::Wrap(true),
        Attribute::Unwrap(true),
        Attribute::Derive(true),
        Attribute::Copyable(true),
        Attribute::Modifiable(true),
    ] {
        let tried = session.unwrap_key(&Mechanism::AesKeyWrap, kek, &blob, &totp::unwrapped_but(&other)).map(Some);
        lines.push(refused(conn, label, &format!("unwrap a seed with {other:?}"), tried));
    }
    lines.extend(seed_probes(conn, label, kek, &blob));
    for other in [Attribute::Decrypt(true), Attribute::Encrypt(true), Attribute::Sign(true), Attribute::Derive(true)] {
        lines.push(refused(
            conn,
            label,
            &format!("set {other:?}"),
            session.update_attributes(kek, std::slice::from_ref(&other)).map(|()| None),
        ));
        lines.push(refused(conn, label, &format!("copy with {other:?}"), session.copy_object(kek, &[other]).map(Some)));
    }
    // Last: where one of them begins, the session is left with an operation that never ends.
    let mut iv = [0; 12];
    match GcmParams::new(&mut iv, b"probe", 128.into()).map(Mechanism::AesGcm) {
        Ok(gcm) => {
            lines.push(refused(conn, label, "C_Decrypt", session.decrypt_init(&gcm, kek).map(|()| None)));
            lines.push(refused(conn, label, "C_Encrypt", session.encrypt_init(&gcm, kek).map(|()| None)));
        }
        Err(error) => lines.push(Line::known(format!("{label}: C_Decrypt"), Err(Trouble::Pkcs11(error)))),
    }
    lines
}

fn seed_probes(conn: &Conn, label: &str, kek: ObjectHandle, blob: &[u8]) -> Vec<Line> {
    let session = conn.session();
    let seed = match conn.unwrap(kek, blob, &totp::unwrapped()) {
        Ok(seed) => seed,
        Err(trouble) => return vec![Line::known(format!("{label}: unwraps a seed as the appliance does"), Err(trouble))],
    };
    let mut lines = vec![Line::new(format!("{label}: unwraps a seed as the appliance does"), Ok(()))];
    lines.push(refused(conn, label, "read an unwrapped seed", readable(conn, seed.handle)));
    for other in [Attribute::Derive(true), Attribute::Extractable(true), Attribute::Sensitive(false)] {
        let tried = session.update_attributes(seed.handle, std::slice::from_ref(&other)).map(|()| None);
        lines.push(refused(conn, label, &format!("set {other:?} on an unwrapped seed"), tried));
    }
    for other in [Attribute::Token(true), Attribute::Token(false), Attribute::Extractable(true)] {
        let tried = session.copy_object(seed.handle, std::slice::from_ref(&other)).map(Some);
        lines.push(refused(conn, label, &format!("copy an unwrapped seed with {other:?}"), tried));
    }
    let rewrapped = session.wrap_key(&Mechanism::AesKeyWrap, kek, seed.handle).map(|_| None);
    lines.push(refused(conn, label, "wrap an unwrapped seed again", rewrapped));
    lines
}

/// cryptoki answers with an empty list, not with an error, when a value is sensitive.
fn readable(conn: &Conn, key: ObjectHandle) -> Result<Option<ObjectHandle>, Error> {
    let told = conn.session().get_attributes(key, &[AttributeType::Value])?;
    if told.is_empty() { Err(Error::InvalidValue) } else { Ok(None) }
}

/// A probe that has to fail. What it makes is destroyed.
fn refused(conn: &Conn, label: &str, probe: &str, tried: Result<Option<ObjectHandle>, Error>) -> Line {
    let answer = match tried {
        Err(_) => Ok(()),
        Ok(made) => {
            let left = made.and_then(|made| conn.session().destroy_object(made).err());
            let rest = left.map_or(String::new(), |error| format!("; what it made is still there ({})", code(&error)));
            Err(format!("it SUCCEEDED: whoever holds the PIN can get at what this key protects{rest}"))
        }
    };
    Line::known(format!("{label}: refuses to {probe}"), Ok(answer))
}
