//! One line of the file as a member, or everything that is wrong with it. No reason quotes what the line says.

use super::columns::Fields;
use crate::staff::card::Card;
use crate::staff::verifiers::rule_password;
use sekisho_core::birth::{BirthDate, Era};
use sekisho_core::email::EmailAddress;
use sekisho_core::fold::fold;
use sekisho_core::password::Password;
use sekisho_core::secret::Secret;
use sekisho_core::staff::is_printable;
use sekisho_core::tenant::PasswordRule;
use sekisho_core::user_id::UserId;

/// Shortest first password that a society may give.
const SHORTEST_PASSWORD: usize = 8;

/// A member as a line of the file describes them.
pub struct Line {
    /// The card.
    pub card: Card,
    /// The birth date.
    pub birth: BirthDate,
    /// The name as the society writes it.
    pub name: String,
    /// An address that nobody has proven yet.
    pub email: Option<EmailAddress>,
    /// The user ID: of the file, or made from the card.
    pub user_id: UserId,
    /// What opens the first log-in.
    pub password: FirstPassword,
}

/// What opens the first log-in.
pub enum FirstPassword {
    /// Symbol, number and birth date in one.
    Rule(Password),
    /// What the society has given.
    Given(Password),
    /// Nothing, until staff issues something.
    None,
}

impl Line {
    /// Reads a line. `today` is `YYYYMMDD`. The error lists every reason.
    pub fn read(fields: &Fields, rule: &PasswordRule, today: &str) -> Result<Self, String> {
        let mut reasons = Vec::new();
        let mut keep = |result: Result<(), &'static str>| reasons.extend(result.err());
        let card = Card::typed(fields.symbol, fields.number, fields.branch);
        keep(card.as_ref().map(drop).map_err(|reason| *reason));
        let birth = birth_date(fields.birth_date).filter(|birth| birth.digits().as_str() <= today);
        keep(birth.map(drop).ok_or("birth_date: no such day up to today; write 1980-12-01, 19801201, 1980/12/01 or 昭和55年12月1日"));
        let name = fields.name.trim();
        keep(is_printable(name).then_some(()).ok_or("name: 1 to 64 characters, no line breaks"));
        let email = optional(fields.email, EmailAddress::typed);
        keep(email.as_ref().map(drop).map_err(|()| "email: this is no address that can be mailed to"));
        let user_id = user_id(fields.user_id, card.as_ref().ok());
        keep(user_id.as_ref().map(drop).ok_or("user_id: 1 to 64 characters, no spaces"));
        let given = optional(fields.first_password, |text| given_password(text, rule));
        keep(given.as_ref().map(drop).map_err(|()| "first_password: 8 characters or more, no control characters"));
        let no_rule = flag(fields.no_rule_password);
        keep(no_rule.map(drop).ok_or("no_rule_password: write 1 or 0, or leave it empty"));
        match (card, birth, email, user_id, given, no_rule) {
            (Ok(card), Some(birth), Ok(email), Some(user_id), Ok(given), Some(no_rule)) if reasons.is_empty() => {
                let password = match given {
                    Some(password) => FirstPassword::Given(password),
                    None if no_rule => FirstPassword::None,
                    None => rule_password(&card.symbol, &card.number, birth, rule).map_or(FirstPassword::None, FirstPassword::Rule),
                };
                Ok(Self { card, birth, name: name.to_owned(), email, user_id, password })
            }
            _ => Err(reasons.join("; ")),
        }
    }
}

fn given_password(text: &str, rule: &PasswordRule) -> Option<Password> {
    let fits = text.chars().count() >= SHORTEST_PASSWORD && !text.chars().any(|c| c.is_control() || c == '\u{fffd}');
    fits.then(|| Password::typed(Secret::new(text.to_owned()), rule)).flatten()
}

fn user_id(text: &str, card: Option<&Card>) -> Option<UserId> {
    let text = fold(text);
    match (text.is_empty(), card) {
        (true, Some(card)) => Some(UserId::typed(&card.default_user_id())),
        // The card is wrong, and that is reported already.
        (true, None) => Some(UserId::typed("")),
        (false, _) => (is_printable(&text) && !text.chars().any(char::is_whitespace)).then(|| UserId::typed(&text)),
    }
}

/// A field that may be empty: `Ok(None)`. `Err` when it is not, and `read` makes nothing of it.
fn optional<T>(text: &str, read: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, ()> {
    match text.trim() {
        "" => Ok(None),
        text => read(text).map(Some).ok_or(()),
    }
}

fn flag(text: &str) -> Option<bool> {
    match fold(text).to_lowercase().as_str() {
        "" | "0" | "false" | "no" | "×" | "いいえ" => Some(false),
        "1" | "true" | "yes" | "○" | "はい" => Some(true),
        _ => None,
    }
}

/// Eras as files write them.
const ERAS: [(&str, Era); 12] = [
    ("大正", Era::Taisho),
    ("昭和", Era::Showa),
    ("平成", Era::Heisei),
    ("令和", Era::Reiwa),
    ("大", Era::Taisho),
    ("昭", Era::Showa),
    ("平", Era::Heisei),
    ("令", Era::Reiwa),
    ("t", Era::Taisho),
    ("s", Era::Showa),
    ("h", Era::Heisei),
    ("r", Era::Reiwa),
];

/// A birth date in any of the forms that societies' files have.
pub fn birth_date(text: &str) -> Option<BirthDate> {
    let text = fold(text).to_lowercase();
    let era = ERAS.iter().find_map(|(name, era)| text.strip_prefix(name).map(|rest| (*era, rest)));
    let (era, rest) = era.unwrap_or((Era::Common, &text));
    let rest = rest.trim().replace('元', "1");
    let parts: Vec<&str> = if rest.chars().all(|c| c.is_ascii_digit()) {
        // 19801201, or s551201.
        let year = if era == Era::Common { 4 } else { 2 };
        let (year, month_day) = rest.split_at_checked(year)?;
        let (month, day) = month_day.split_at_checked(2)?;
        vec![year, month, day]
    } else {
        rest.trim_end_matches('日').split(['-', '/', '.', '年', '月']).map(str::trim).collect()
    };
    let [year, month, day] = parts.try_into().ok()?;
    let digits = |text: &str, longest: usize| (1..=longest).contains(&text.len()) && text.chars().all(|c| c.is_ascii_digit());
    let whole_year = era != Era::Common || year.len() == 4;
    (whole_year && digits(year, 4) && digits(month, 2) && digits(day, 2)).then(|| BirthDate::typed(era, year, month, day)).flatten()
}
