//! The member's TOTP app: RFC 6238 over `ring`, and not over the server's crate, where a shared mistake would hide.

use ring::hmac;
use sekisho_core::time::Timestamp;

/// The largest number of digits that an app shows.
const MOST_DIGITS: u32 = 8;

/// RFC 4226 §5.3: the HMAC of `counter`, truncated to 31 bits.
pub fn truncated(algorithm: hmac::Algorithm, key: &[u8], counter: u64) -> u32 {
    let tag = hmac::sign(&hmac::Key::new(algorithm, key), &counter.to_be_bytes());
    let bytes = tag.as_ref();
    let offset = usize::from(bytes.last().copied().unwrap_or_default() & 0xf);
    let word: Option<[u8; 4]> = bytes.get(offset..offset + 4).and_then(|four| four.try_into().ok());
    u32::from_be_bytes(word.unwrap_or_default()) & 0x7fff_ffff
}

/// A code of `digits` digits (6 to 8), with its leading zeros.
pub fn otp(algorithm: hmac::Algorithm, key: &[u8], counter: u64, digits: u32) -> String {
    let modulus = 10u32.pow(digits.min(MOST_DIGITS));
    let width = digits as usize;
    format!("{:0width$}", truncated(algorithm, key, counter) % modulus)
}

/// A TOTP app with one key: SHA-1, 6 digits, 30 s.
#[derive(Clone)]
pub struct TotpApp {
    key: Vec<u8>,
    /// The last step whose code was typed.
    used: Option<u64>,
}

/// Seconds in which an app shows the same code.
pub const PERIOD: u64 = 30;

impl TotpApp {
    /// An app that holds `key`.
    pub fn new(key: Vec<u8>) -> Self {
        Self { key, used: None }
    }

    /// An app into which the key is typed in base32, as a page shows it: groups, upper or lower case.
    pub fn typed(key: &str) -> Option<Self> {
        let plain: String = key.chars().filter(|c| !c.is_whitespace() && *c != '-').collect::<String>().to_uppercase();
        let padded = plain.trim_end_matches('=');
        data_encoding::BASE32_NOPAD.decode(padded.as_bytes()).ok().filter(|key| !key.is_empty()).map(Self::new)
    }

    /// What it shows at `now`, if its clock is wrong by `error` seconds.
    pub fn code(&self, now: Timestamp, error: i64) -> String {
        self.at_step(Self::step(now, error))
    }

    /// The code of one time step.
    pub fn at_step(&self, step: u64) -> String {
        otp(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.key, step, 6)
    }

    /// The time step of a clock that is wrong by `error` seconds.
    pub fn step(now: Timestamp, error: i64) -> u64 {
        now.0.saturating_add_signed(error) / PERIOD
    }

    /// How many seconds it goes on showing that code.
    pub fn seconds_left(now: Timestamp) -> u64 {
        PERIOD - now.0 % PERIOD
    }

    /// Notes that a code was typed.
    pub fn typed_at(&mut self, step: u64) {
        self.used = self.used.max(Some(step));
    }

    /// The first step whose code has not been typed yet.
    pub fn next_step(&self) -> Option<u64> {
        self.used.map(|used| used + 1)
    }

    /// The key.
    pub fn key(&self) -> &[u8] {
        &self.key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_taken_in_groups_and_in_either_case() {
        let app = TotpApp::typed("HXDM VJEC JJWS RB3H WIZR 4IFU GFTM XBOZ").unwrap();
        assert_eq!(app.code(Timestamp(59), 0), "320382");
        assert_eq!(TotpApp::typed("hxdmvjecjjwsrb3hwizr4ifugftmxboz").unwrap().code(Timestamp(59), 0), "320382");
        assert!(TotpApp::typed("1111").is_none());
        assert!(TotpApp::typed("").is_none());
    }

    #[test]
    fn a_wrong_clock_shows_the_code_of_another_step() {
        let app = TotpApp::typed("HXDMVJECJJWSRB3HWIZR4IFUGFTMXBOZ").unwrap();
        assert_eq!(app.code(Timestamp(30), -30), app.at_step(0));
        assert_eq!(app.code(Timestamp(30), 30), app.at_step(2));
        assert_eq!(TotpApp::seconds_left(Timestamp(59)), 1);
        assert_eq!(TotpApp::seconds_left(Timestamp(60)), 30);
    }
}
