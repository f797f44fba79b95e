//! Reads `otpauth://` addresses, strictly: what this reader refuses, some app of the manuals would refuse or read differently.

use percent_encoding::percent_decode_str;

/// What an address says.
#[derive(Debug, PartialEq, Eq)]
pub struct KeyUri {
    /// The issuer: label prefix and parameter, which have to be equal.
    pub issuer: String,
    /// The account that the app shows.
    pub account: String,
    /// The key.
    pub key: Vec<u8>,
}

/// Why an address cannot be read, or must not be issued.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum UriError {
    /// Not a time-based one.
    #[error("not otpauth://totp/")]
    NotTotp,
    /// The label has no issuer, no account, or a colon too many.
    #[error("the label is not ISSUER:ACCOUNT")]
    Label,
    /// Not UTF-8 behind its percent signs.
    #[error("not UTF-8")]
    Utf8,
    /// A parameter twice, or one that is not known.
    #[error("parameter {0:?} is unknown or stands twice")]
    Parameter(String),
    /// A parameter is missing.
    #[error("parameter {0} is missing")]
    Missing(&'static str),
    /// The parameter `issuer` is not the label's.
    #[error("issuer and label differ")]
    Issuer,
    /// Not plain base32: upper case, no padding.
    #[error("the secret is not plain base32")]
    Base32,
    /// Fewer bits than SHA-1's 160 (OTP-17).
    #[error("the secret has {0} bits; 160 are needed")]
    Short(usize),
    /// Another algorithm, number of digits or period than the apps all know.
    #[error("{0} is not what every app knows")]
    Unusual(&'static str),
}

impl KeyUri {
    /// Reads what ours has to issue: SHA-1, 6 digits, 30 s, a key of 160 bits or more.
    pub fn parse(uri: &str) -> Result<Self, UriError> {
        let read = Self::parse_any(uri)?;
        let bits = read.key.len() * 8;
        if bits < 160 { Err(UriError::Short(bits)) } else { Ok(read) }
    }

    /// Reads what an app has to be able to read: as [`Self::parse`], with a key of any length.
    pub fn parse_any(uri: &str) -> Result<Self, UriError> {
        let rest = uri.strip_prefix("otpauth://totp/").ok_or(UriError::NotTotp)?;
        let (label, query) = rest.split_once('?').ok_or(UriError::Missing("secret"))?;
        let label = percent_decode_str(label).decode_utf8().map_err(|_| UriError::Utf8)?;
        let (issuer, account) = label.split_once(':').ok_or(UriError::Label)?;
        let account = account.trim_start();
        if issuer.is_empty() || account.is_empty() || account.contains(':') {
            return Err(UriError::Label);
        }
        let parameters = Parameters::read(query)?;
        if parameters.issuer.as_deref() != Some(issuer) {
            return Err(UriError::Issuer);
        }
        let usual = |value: &Option<String>, only: &str| value.as_deref().is_none_or(|value| value == only);
        for (value, only, name) in
            [(&parameters.algorithm, "SHA1", "algorithm"), (&parameters.digits, "6", "digits"), (&parameters.period, "30", "period")]
        {
            if !usual(value, only) {
                return Err(UriError::Unusual(name));
            }
        }
        let secret = parameters.secret.ok_or(UriError::Missing("secret"))?;
        let key = data_encoding::BASE32_NOPAD.decode(secret.as_bytes()).map_err(|_| UriError::Base32)?;
        Ok(Self { issuer: issuer.to_owned(), account: account.to_owned(), key })
    }
}

#[derive(Default)]
struct Parameters {
    secret: Option<String>,
    issuer: Option<String>,
    algorithm: Option<String>,
    digits: Option<String>,
    period: Option<String>,
}

impl Parameters {
    fn read(query: &str) -> Result<Self, UriError> {
        let mut read = Self::default();
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = percent_decode_str(value).decode_utf8().map_err(|_| UriError::Utf8)?.into_owned();
            let place = match name {
                "secret" => &mut read.secret,
                "issuer" => &mut read.issuer,
                "algorithm" => &mut read.algorithm,
                "digits" => &mut read.digits,
                "period" => &mut read.period,
                _ => return Err(UriError::Parameter(name.to_owned())),
            };
            if place.replace(value).is_some() {
                return Err(UriError::Parameter(name.to_owned()));
            }
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "HXDMVJECJJWSRB3HWIZR4IFUGFTMXBOZ";

    #[test]
    fn an_address_as_ours_issues_it_is_read() {
        let uri = format!(
            "otpauth://totp/%E7%B5%84%E5%90%88:ta%2A%2A%2A?secret={KEY}&issuer=%E7%B5%84%E5%90%88&algorithm=SHA1&digits=6&period=30"
        );
        let read = KeyUri::parse(&uri).unwrap();
        assert_eq!((read.issuer.as_str(), read.account.as_str(), read.key.len()), ("組合", "ta***", 20));
    }

    #[test]
    fn one_fault_at_a_time_is_refused_for_its_own_reason() {
        let of = |label: &str, query: &str| KeyUri::parse(&format!("otpauth://totp/{label}?{query}")).unwrap_err();
        assert_eq!(KeyUri::parse("otpauth://hotp/A:b?secret=A"), Err(UriError::NotTotp));
        assert_eq!(of("A:b", "issuer=A"), UriError::Missing("secret"));
        assert_eq!(of("A:b", &format!("secret={KEY}")), UriError::Issuer);
        assert_eq!(of("A:", &format!("secret={KEY}&issuer=A")), UriError::Label);
        assert_eq!(of("A:b", &format!("secret={KEY}&secret={KEY}&issuer=A")), UriError::Parameter("secret".to_owned()));
        assert_eq!(of("A:b", &format!("secret={KEY}&issuer=A&algorithm=SHA256")), UriError::Unusual("algorithm"));
        assert_eq!(of("A:b", "secret=JBSWY3DPEHPK3PXP&issuer=A"), UriError::Short(80));
    }
}
