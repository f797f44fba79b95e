//! E-mail addresses, as people in Japan have them: `a..b@docomo.ne.jp` and `a.@ezweb.ne.jp` are real.

use crate::fold::fold;
use serde::{Deserialize, Serialize};

/// An address that can be mailed to. Personal data: it has no `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmailAddress {
    local: String,
    domain: String,
}

impl EmailAddress {
    /// Reads what was typed: NFKC, the domain in lower case. Dots in the local part stand where they like
    /// (carrier addresses break RFC 5321 §4.1.2 there and must be quoted on the wire); white space, quotes,
    /// commas and brackets are refused, and so is any second recipient.
    pub fn typed(text: &str) -> Option<Self> {
        let folded = fold(text);
        let (local, domain) = folded.rsplit_once('@')?;
        let domain = domain.to_ascii_lowercase();
        let sign = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
        let label = |label: &str| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        };
        let fits = (1..=64).contains(&local.len()) && local.len() + domain.len() < 254;
        let good = fits && local.chars().all(sign) && domain.contains('.') && domain.split('.').all(label);
        good.then(|| Self { local: local.to_owned(), domain })
    }

    /// Nobody's: stands where an address would in a letter that is not sent.
    pub fn nobody() -> Self {
        Self { local: "nobody".to_owned(), domain: "invalid".to_owned() }
    }

    /// The part before the last `@`, unquoted.
    pub fn local(&self) -> &str {
        &self.local
    }

    /// The part after the last `@`, in lower case.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The address as its owner writes it.
    pub fn text(&self) -> String {
        format!("{}@{}", self.local, self.domain)
    }

    /// Its first character and its domain: enough for its owner to know which mailbox is meant, and for nobody else.
    pub fn masked(&self) -> String {
        let first = self.local.chars().next().map(String::from).unwrap_or_default();
        format!("{first}***@{}", self.domain)
    }

    /// The address as it is compared: nobody has two that differ in case only.
    pub fn folded(&self) -> String {
        self.text().to_lowercase()
    }
}
