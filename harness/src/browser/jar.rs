//! Cookies as a browser keeps them, for one host.

use cookie::{Cookie, SameSite};
use std::collections::BTreeMap;

/// Name of the session cookie.
pub const SESSION: &str = "__Host-sid";

/// One browser's cookies.
#[derive(Clone, Debug, Default)]
pub struct Jar(BTreeMap<String, Kept>);

#[derive(Clone, Debug)]
struct Kept {
    value: String,
    strict: bool,
}

impl Jar {
    /// Takes one `Set-Cookie` value. A browser drops silently what breaks the rules; here that is an error.
    pub fn take(&mut self, header: &str) -> Result<(), String> {
        let cookie = Cookie::parse(header.to_owned()).map_err(|error| format!("a cookie that does not parse: {error}"))?;
        let name = cookie.name().to_owned();
        let fault = |fault| Err(format!("cookie {name}: {fault}"));
        if !name.starts_with("__Host-") {
            return fault("its name does not begin with __Host-");
        }
        if cookie.secure() != Some(true) || cookie.path() != Some("/") || cookie.domain().is_some() {
            return fault("__Host- needs Secure, Path=/ and no Domain");
        }
        if cookie.http_only() != Some(true) {
            return fault("it is not HttpOnly");
        }
        let strict = match cookie.same_site() {
            Some(SameSite::Strict) => true,
            Some(SameSite::Lax) => false,
            _ => return fault("SameSite is neither Lax nor Strict"),
        };
        let dead = cookie.max_age().is_some_and(|age| !age.is_positive()) || cookie.value().is_empty();
        if dead {
            self.0.remove(&name);
        } else {
            self.0.insert(name, Kept { value: cookie.value().to_owned(), strict });
        }
        Ok(())
    }

    /// The `Cookie` header of a request, if there is one to send. `cross_site`: the request was caused by another site.
    pub fn header(&self, cross_site: bool) -> Option<String> {
        let sent = self.0.iter().filter(|(_, kept)| !(cross_site && kept.strict));
        let pairs: Vec<String> = sent.map(|(name, kept)| format!("{name}={}", kept.value)).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    /// Whether it holds a cookie of this name.
    pub fn holds(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Its cookies in the order of their names: name, value, and whether they are `SameSite=Strict`.
    pub fn cookies(&self) -> impl Iterator<Item = (&str, &str, bool)> {
        self.0.iter().map(|(name, kept)| (name.as_str(), kept.value.as_str(), kept.strict))
    }

    /// The value of a cookie.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|kept| kept.value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_cookie_is_kept_sent_and_cleared() {
        let mut jar = Jar::default();
        jar.take("__Host-sid=abc; Secure; HttpOnly; SameSite=Lax; Path=/").unwrap();
        jar.take("__Host-pre=def; Secure; HttpOnly; SameSite=Strict; Path=/").unwrap();
        assert_eq!(jar.header(false).unwrap(), "__Host-pre=def; __Host-sid=abc");
        assert_eq!(jar.header(true).unwrap(), "__Host-sid=abc");
        jar.take("__Host-sid=; Max-Age=0; Secure; HttpOnly; SameSite=Lax; Path=/").unwrap();
        assert!(!jar.holds(SESSION));
    }

    #[test]
    fn each_rule_that_is_broken_is_named() {
        let of = |header| Jar::default().take(header).unwrap_err();
        assert!(of("sid=a; Secure; HttpOnly; SameSite=Lax; Path=/").contains("__Host-"));
        assert!(of("__Host-sid=a; HttpOnly; SameSite=Lax; Path=/").contains("Secure"));
        assert!(of("__Host-sid=a; Secure; HttpOnly; SameSite=Lax; Path=/login").contains("Path=/"));
        assert!(of("__Host-sid=a; Secure; HttpOnly; SameSite=Lax; Path=/; Domain=example.test").contains("no Domain"));
        assert!(of("__Host-sid=a; Secure; SameSite=Lax; Path=/").contains("HttpOnly"));
        assert!(of("__Host-sid=a; Secure; HttpOnly; SameSite=None; Path=/").contains("SameSite"));
    }
}
