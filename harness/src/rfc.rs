//! The standard vectors of `vectors/rfc`, each against the code it speaks of.

use crate::vectors::{VectorsError, folder, stem};
use crate::world::otpauth::KeyUri;
use crate::world::totp_app::{TotpApp, otp, truncated};
use argon2::{Algorithm, Argon2, AssociatedData, ParamsBuilder, Version};
use data_encoding::HEXLOWER_PERMISSIVE as HEX;
use ring::hmac;
use sekisho_core::otp::{Code, Window, accept};
use sekisho_core::time::{TimeStep, Timestamp};
use serde::Deserialize;
use serde_json::Value;
use std::path::Path;

/// What came of one vector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As it has to be.
    Right,
    /// Not.
    Wrong(String),
    /// Not tried, for a reason.
    Skipped(&'static str),
}

/// One vector.
#[derive(Clone, Debug)]
pub struct Checked {
    /// Its id, or its file and place.
    pub id: String,
    /// What came of it.
    pub outcome: Outcome,
}

/// Checks every file of `root/rfc`. A file that nothing checks is wrong, so that none is forgotten.
pub fn check_all(root: &Path) -> Result<Vec<Checked>, VectorsError> {
    let mut checked = Vec::new();
    for path in folder(&root.join("rfc"))? {
        checked.extend(check(&path)?);
    }
    Ok(checked)
}

/// Checks one file.
pub fn check(path: &Path) -> Result<Vec<Checked>, VectorsError> {
    let malformed = |error: serde_json::Error| VectorsError::Malformed { path: path.display().to_string(), error: error.to_string() };
    let text = std::fs::read_to_string(path).map_err(|error| VectorsError::Unreadable { path: path.display().to_string(), error })?;
    let name = stem(path);
    let checked = match name.as_str() {
        "rfc4226-appendix-d" => hotp(&serde_json::from_str(&text).map_err(malformed)?),
        "rfc6238-appendix-b" => totp(&serde_json::from_str(&text).map_err(malformed)?),
        "totp-edges" => edges(&serde_json::from_str(&text).map_err(malformed)?),
        "otpauth-key-uri" => key_uris(&serde_json::from_str(&text).map_err(malformed)?),
        "rfc9106-section-5" => argon2(&serde_json::from_str(&text).map_err(malformed)?),
        "rfc3394-section-4" => key_wrap(&serde_json::from_str(&text).map_err(malformed)?),
        _ => vec![Checked { id: name, outcome: Outcome::Wrong("nothing checks this file".to_owned()) }],
    };
    Ok(checked)
}

fn judge(id: impl Into<String>, is_right: bool, otherwise: impl FnOnce() -> String) -> Checked {
    Checked { id: id.into(), outcome: if is_right { Outcome::Right } else { Outcome::Wrong(otherwise()) } }
}

#[derive(Deserialize)]
struct Hotp {
    secret_hex: String,
    tests: Vec<HotpTest>,
}

#[derive(Deserialize)]
struct HotpTest {
    id: String,
    counter: u64,
    truncated_dec: u32,
    otp: String,
}

fn hotp(file: &Hotp) -> Vec<Checked> {
    let key = HEX.decode(file.secret_hex.as_bytes()).unwrap_or_default();
    let algorithm = hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY;
    let test = |test: &HotpTest| {
        let right = truncated(algorithm, &key, test.counter) == test.truncated_dec && otp(algorithm, &key, test.counter, 6) == test.otp;
        judge(&test.id, right, || otp(algorithm, &key, test.counter, 6))
    };
    file.tests.iter().map(test).collect()
}

#[derive(Deserialize)]
struct Totp {
    digits: u32,
    step_seconds: u64,
    secrets_ascii: std::collections::BTreeMap<String, String>,
    tests: Vec<TotpTest>,
}

#[derive(Deserialize)]
struct TotpTest {
    id: String,
    unix_time: u64,
    algorithm: String,
    otp: String,
}

fn totp(file: &Totp) -> Vec<Checked> {
    let test = |test: &TotpTest| {
        let algorithm = match test.algorithm.as_str() {
            "SHA1" => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            "SHA256" => hmac::HMAC_SHA256,
            "SHA512" => hmac::HMAC_SHA512,
            _ => return judge(&test.id, false, || format!("unknown algorithm {}", test.algorithm)),
        };
        let key = file.secrets_ascii.get(&test.algorithm).map(String::as_bytes).unwrap_or_default();
        let code = otp(algorithm, key, test.unix_time / file.step_seconds, file.digits);
        judge(&test.id, code == test.otp, || code.clone())
    };
    file.tests.iter().map(test).collect()
}

#[derive(Deserialize)]
struct Edges {
    source: String,
    instants: Vec<Instant>,
    leading_zeros: Vec<Instant>,
    collisions: Vec<Collision>,
}

#[derive(Deserialize)]
struct Instant {
    unix_time: u64,
    step: u64,
    otp6: String,
}

#[derive(Deserialize)]
struct Collision {
    step_a: u64,
    step_b: u64,
    unix_time_a: u64,
    otp6: String,
}

fn edges(file: &Edges) -> Vec<Checked> {
    let key = file.source.split(|c: char| !c.is_ascii_alphanumeric()).find(|word| word.len() == 32);
    let Some(app) = key.and_then(TotpApp::typed) else {
        return vec![judge("totp-edges", false, || "its source names no key".to_owned())];
    };
    let instant = |instant: &Instant| {
        let now = Timestamp(instant.unix_time);
        let step = TimeStep::of(now).0 == instant.step;
        let core = matched(&app, now, &instant.otp6).contains(&TimeStep(instant.step));
        let code = app.code(now, 0);
        judge(format!("totp-edges-{}", instant.unix_time), step && core && code == instant.otp6, || code.clone())
    };
    let instants = file.instants.iter().chain(&file.leading_zeros).map(instant);
    instants.chain(file.collisions.iter().map(|collision| once(&app, collision))).collect()
}

/// TO-05: digits that two near steps share are accepted once in the window, and the later step is burnt.
fn once(app: &TotpApp, collision: &Collision) -> Checked {
    let id = format!("totp-edges-collision-{}", collision.step_a);
    let Collision { step_a, step_b, unix_time_a, otp6 } = collision;
    let same = app.at_step(*step_a) == *otp6 && app.at_step(*step_b) == *otp6;
    // At a step between the two, or at the earlier one, both lie in the window.
    let between = Timestamp((step_a + (step_b - step_a) / 2) * TimeStep::SECONDS);
    let first = accept(&matched(app, between, otp6), None);
    let again = accept(&matched(app, between, otp6), first);
    let late = accept(&matched(app, Timestamp(step_b * TimeStep::SECONDS), otp6), first);
    let right =
        same && *unix_time_a / TimeStep::SECONDS == *step_a && first == Some(TimeStep(*step_b)) && again.is_none() && late.is_none();
    judge(id, right, || format!("first {first:?}, again {again:?}, later {late:?}"))
}

/// The steps of the core's window around `now` that carry `digits`.
fn matched(app: &TotpApp, now: Timestamp, digits: &str) -> Vec<TimeStep> {
    let window = Window::at(now);
    let truncated: Vec<u32> =
        window.steps().into_iter().map(|step| truncated(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, app.key(), step.0)).collect();
    Code::typed(digits).map(|code| code.matching(&window, &truncated)).unwrap_or_default()
}

#[derive(Deserialize)]
struct KeyUris {
    accept: Vec<Readable>,
    must_never_issue: Vec<Unreadable>,
}

#[derive(Deserialize)]
struct Readable {
    id: String,
    uri: String,
    secret_bits: usize,
    issuer: String,
    account: String,
    otp_at_59: String,
    otp_at_1111111109: String,
}

#[derive(Deserialize)]
struct Unreadable {
    id: String,
    uri: String,
}

fn key_uris(file: &KeyUris) -> Vec<Checked> {
    let readable = |test: &Readable| match KeyUri::parse_any(&test.uri) {
        Ok(read) => {
            let app = TotpApp::new(read.key.clone());
            let codes = app.code(Timestamp(59), 0) == test.otp_at_59 && app.code(Timestamp(1_111_111_109), 0) == test.otp_at_1111111109;
            let right = codes && read.key.len() * 8 == test.secret_bits && read.issuer == test.issuer && read.account == test.account;
            // What is too short for us to issue is still read as the standard says.
            let issued = KeyUri::parse(&test.uri).is_ok() == (test.secret_bits >= 160);
            judge(&test.id, right && issued, || format!("{} {}", read.issuer, read.account))
        }
        Err(error) => judge(&test.id, false, || error.to_string()),
    };
    let unreadable = |test: &Unreadable| judge(&test.id, KeyUri::parse(&test.uri).is_err(), || "it was read".to_owned());
    file.accept.iter().map(readable).chain(file.must_never_issue.iter().map(unreadable)).collect()
}

#[derive(Deserialize)]
struct Argon {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    tag_length: usize,
    password: String,
    salt: String,
    secret: String,
    associated_data: String,
    tests: Vec<ArgonTest>,
}

#[derive(Deserialize)]
struct ArgonTest {
    id: String,
    variant: String,
    tag: String,
}

fn argon2(file: &Argon) -> Vec<Checked> {
    file.tests
        .iter()
        .map(|test| {
            let tag = argon2_tag(file, &test.variant);
            judge(&test.id, tag.as_deref() == Ok(&test.tag), || format!("{tag:?}"))
        })
        .collect()
}

fn argon2_tag(file: &Argon, variant: &str) -> Result<String, String> {
    let bytes = |hex: &str| HEX.decode(hex.as_bytes()).map_err(|error| error.to_string());
    let text = |error: argon2::Error| error.to_string();
    let algorithm = match variant {
        "argon2d" => Algorithm::Argon2d,
        "argon2i" => Algorithm::Argon2i,
        "argon2id" => Algorithm::Argon2id,
        _ => return Err(format!("unknown variant {variant}")),
    };
    let mut params = ParamsBuilder::new();
    params.m_cost(file.memory_kib).t_cost(file.passes).p_cost(file.lanes).output_len(file.tag_length);
    params.data(AssociatedData::new(&bytes(&file.associated_data)?).map_err(text)?);
    let secret = bytes(&file.secret)?;
    let argon2 = Argon2::new_with_secret(&secret, algorithm, Version::V0x13, params.build().map_err(text)?).map_err(text)?;
    let mut tag = vec![0; file.tag_length];
    argon2.hash_password_into(&bytes(&file.password)?, &bytes(&file.salt)?, &mut tag).map_err(text)?;
    Ok(HEX.encode(&tag).to_lowercase())
}

fn key_wrap(file: &Value) -> Vec<Checked> {
    let tests = file.get("tests").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let id = |test: &Value| test.get("id").and_then(Value::as_str).unwrap_or("rfc3394").to_owned();
    let why = "key-encryption keys are made in the token and never brought in, so a known one cannot be tried through the appliance";
    tests.iter().map(|test| Checked { id: id(test), outcome: Outcome::Skipped(why) }).collect()
}
