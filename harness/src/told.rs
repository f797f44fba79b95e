//! What a try tells: its answers, without what differs from one to the next by chance, and the work that was done for it inside.

use crate::browser::Exchange;
use crate::drivers::{Driver, DriverError};
use crate::sim::watch::Watches;
use crate::world::member::Member;
use crate::world::visitor::Visitor;

/// Status, headers and page.
pub type Answer = (u16, Vec<(String, String)>, String);

/// What a try shows outside, answer by answer, and what was done for it inside: by the token, the database and argon2id.
pub type Told = (Vec<Answer>, [Vec<String>; 3]);

/// An answer without what differs from one answer to the next: the form's token, the nonce, and what was typed.
pub fn masked(exchange: &Exchange, member: &Member) -> Answer {
    let policy = exchange.headers.get("content-security-policy").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).unwrap_or_default();
    let fields = exchange.page.forms.iter().flat_map(|form| &form.fields);
    let tokens: Vec<String> = fields.filter(|field| field.name == "csrf").filter_map(|field| field.value.clone()).collect();
    let mask = |text: &str| {
        let mut text = text.replace(&member.user_id, "ID").replace(&member.registered.name, "NAME");
        text = text.replace(&member.registered.mail, "ADDRESS").replace(&member.other_mail, "ADDRESS");
        for hidden in tokens.iter().map(String::as_str).chain([nonce]).filter(|hidden| !hidden.is_empty()) {
            text = text.replace(hidden, "…");
        }
        text
    };
    let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        let value = value.to_str().unwrap_or_default();
        let value = if name == "set-cookie" { value.split(['=', ';']).next().unwrap_or_default().to_owned() } else { mask(value) };
        (name.to_string(), value)
    };
    let mut headers: Vec<_> = exchange.headers.iter().map(header).collect();
    headers.sort();
    (exchange.status, headers, mask(&String::from_utf8_lossy(&exchange.body)))
}

/// What the form of the page at `at` tells, and what comes after it.
pub fn told_at(
    driver: &mut dyn Driver,
    watches: &Watches,
    visitor: &mut Visitor,
    at: &str,
    with: &[(&str, &str)],
) -> Result<Told, DriverError> {
    visitor.open(driver, at)?;
    visitor.browser.take_exchanges();
    watches.take_calls();
    visitor.send(driver, with)?;
    let calls = watches.take_calls().map(|calls| calls.into_iter().map(without_chance).collect());
    Ok((visitor.browser.take_exchanges().iter().map(|exchange| masked(exchange, &visitor.member)).collect(), calls))
}

/// A call without the random name of the letter that it is about: whoever asks is told of no letter, and one that goes to nobody has a
/// name as well.
fn without_chance(call: String) -> String {
    match call.split_once("Reset(").map(|(before, rest)| (before, rest.split_once(", lane").map_or("", |(_, rest)| rest))) {
        Some((before, rest)) => format!("{before}Reset, lane{rest}"),
        None => call,
    }
}

/// Where two tries tell something different, and no more than that; `None`: nowhere.
pub fn difference(one: &Told, other: &Told) -> Option<String> {
    if one.1 != other.1 {
        return Some(format!("the work: {:?} and {:?}", one.1, other.1));
    }
    if one.0.len() != other.0.len() {
        return Some(format!("{} answers and {}", one.0.len(), other.0.len()));
    }
    one.0.iter().zip(&other.0).find(|(one, other)| one != other).map(|(one, other)| {
        if (one.0, &one.1) != (other.0, &other.1) {
            return format!("status and headers: {:?} and {:?}", (one.0, &one.1), (other.0, &other.1));
        }
        let lines = one.2.lines().zip(other.2.lines()).find(|(one, other)| one != other);
        lines.map_or_else(|| "the end of a page".to_owned(), |(one, other)| format!("{one:?} and {other:?}"))
    })
}
