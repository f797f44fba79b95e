//! Members: what each of them has on paper and in mind, and how a flow speaks of it.

use crate::flow::USUAL_DEVICE;
use crate::flow::{AddressOnFile, FirstPassword, Given};
use crate::world::authenticator::Authenticator;
use crate::world::entropy::Dice;
use crate::world::totp_app::TotpApp;
use sekisho_core::time::Timestamp;
use std::collections::BTreeMap;

/// A birth date as the member writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Birth {
    /// Year of the common era.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
}

impl Birth {
    /// Reads `YYYY-MM-DD`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '-');
        let birth = Self { year: parts.next()?.parse().ok()?, month: parts.next()?.parse().ok()?, day: parts.next()?.parse().ok()? };
        sekisho_core::birth::BirthDate::new(birth.year, birth.month, birth.day).map(|_| birth)
    }

    /// `YYYYMMDD`, as it ends a first password by rule.
    pub fn digits(self) -> String {
        format!("{:04}{:02}{:02}", self.year, self.month, self.day)
    }

    /// `YYYY-MM-DD`.
    pub fn iso(self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// What an import needs to know of a member, and the member of the import.
#[derive(Clone, Debug)]
pub struct Registered {
    /// The user ID that the society gave.
    pub user_id: String,
    /// The first password.
    pub first_password: String,
    /// Name as the society writes it.
    pub name: String,
    /// Birth date.
    pub birth: Birth,
    /// Card symbol.
    pub symbol: String,
    /// Card number.
    pub number: String,
    /// Branch number.
    pub branch: String,
    /// An address whose letters the mailbox gets.
    pub mail: String,
    /// What the first password is.
    pub kind: FirstPassword,
    /// Whether the society knows the address.
    pub address: AddressOnFile,
}

const LETTERS_AND_DIGITS: &[u8] = b"abcdefghijkmnpqrstuvwxyz23456789";
const DIGITS: &[u8] = b"0123456789";

impl Registered {
    /// Draws a member. Secrets are long, so that finding one somewhere is never chance. Cards are unique by `serial`.
    pub fn draw(given: &Given, serial: u32, dice: &mut Dice) -> Self {
        let birth = Birth { year: 1950 + dice.below(50) as u16, month: 1 + dice.below(12) as u8, day: 10 + dice.below(19) as u8 };
        let symbol = format!("{}", 10 + serial / 1000);
        let number = format!("{:03}{}", serial % 1000, dice.text(DIGITS, 4));
        let first_password = match given.first_password {
            FirstPassword::Any | FirstPassword::Temporary => dice.text(LETTERS_AND_DIGITS, 16),
            FirstPassword::Rule => format!("{symbol}{number}{}", birth.digits()),
        };
        Self {
            user_id: format!("s{symbol}-{number}"),
            first_password,
            name: format!("試験 {}", dice.text(LETTERS_AND_DIGITS, 6)),
            birth,
            symbol,
            number,
            branch: "00".to_owned(),
            mail: format!("{}@mail.test", dice.text(LETTERS_AND_DIGITS, 12)),
            kind: given.first_password,
            address: given.address,
        }
    }
}

/// A member in the course of a flow.
pub struct Member {
    /// As the society registered them.
    pub registered: Registered,
    /// The ID that counts now.
    pub user_id: String,
    /// The password that counts now.
    pub password: String,
    /// The ID they would like.
    pub chosen_id: String,
    /// The ID that they would like after that.
    pub other_id: String,
    /// The password they would like.
    pub chosen_password: String,
    /// The password that they would like after that.
    pub other_password: String,
    /// Another address of theirs.
    pub other_mail: String,
    /// Where the letter went whose link they opened last.
    pub opened_mail: Option<String>,
    /// The address that a link of theirs has proven last.
    pub proven_mail: Option<String>,
    /// Whether they have set a second step up, and no staff have taken it away.
    pub has_second_step: bool,
    /// Their TOTP apps that have a key, by the device that they run on.
    pub apps: BTreeMap<String, TotpApp>,
    /// How many seconds their apps' clocks are wrong by.
    pub app_clock: i64,
    /// Their devices with passkeys.
    pub devices: BTreeMap<String, Authenticator>,
    /// The code that a letter brought last.
    pub mail_code: Option<String>,
    /// Their recovery codes, in the order of the page.
    pub recovery_codes: Vec<String>,
    /// The first one that was left of the ten before these.
    pub old_code: Option<String>,
    /// How many of these are used, from the first on.
    pub codes_used: usize,
    /// Passwords and codes that the society has sent since the first one.
    pub issued: Vec<String>,
    /// The activation code on the letter that came last.
    pub activation_code: Option<String>,
    /// The one on the letter before.
    pub old_activation_code: Option<String>,
}

/// A reference in a flow that cannot be followed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no reference: {1}")]
pub struct BadReference(String, &'static str);

impl Member {
    /// A member who has just got the letter.
    pub fn new(registered: Registered, dice: &mut Dice) -> Self {
        Self {
            user_id: registered.user_id.clone(),
            password: registered.first_password.clone(),
            chosen_id: format!("tabi-{}", dice.text(DIGITS, 7)),
            other_id: format!("yama-{}", dice.text(DIGITS, 7)),
            chosen_password: format!("{}-A1", dice.text(LETTERS_AND_DIGITS, 20)),
            other_password: format!("{}-B2", dice.text(LETTERS_AND_DIGITS, 20)),
            other_mail: format!("other-{}", registered.mail),
            opened_mail: None,
            proven_mail: None,
            has_second_step: false,
            apps: BTreeMap::new(),
            app_clock: 0,
            devices: BTreeMap::new(),
            mail_code: None,
            recovery_codes: Vec::new(),
            old_code: None,
            codes_used: 0,
            issued: Vec::new(),
            activation_code: None,
            old_activation_code: None,
            registered,
        }
    }

    /// Ten new recovery codes in place of the old ones.
    pub fn keep_codes(&mut self, codes: Vec<String>) {
        self.old_code = self.recovery_codes.get(self.codes_used).cloned();
        self.recovery_codes = codes;
        self.codes_used = 0;
    }

    /// A recovery code was accepted.
    pub fn code_used(&mut self) {
        self.codes_used += 1;
    }

    /// The society has sent a new pair.
    pub fn issue(&mut self, user_id: String, password: String) {
        self.issued.push(password.clone());
        self.user_id = user_id;
        self.password = password;
    }

    /// The society has sent an activation code.
    pub fn issue_code(&mut self, code: String) {
        self.issued.push(code.clone());
        self.old_activation_code = self.activation_code.replace(code);
    }

    /// What `reference` (`user-id`, `code|spaced`, …) stands for at `now`.
    pub fn refer(&self, reference: &str, now: Timestamp) -> Result<String, BadReference> {
        let bad = |why| BadReference(reference.to_owned(), why);
        let mut parts = reference.split('|');
        let name = parts.next().unwrap_or_default();
        let birth = self.registered.birth;
        let mut value = match name {
            "user-id" => self.user_id.clone(),
            "first-user-id" => self.registered.user_id.clone(),
            "chosen-id" => self.chosen_id.clone(),
            "other-id" => self.other_id.clone(),
            "password" => self.password.clone(),
            "first-password" => self.registered.first_password.clone(),
            "today" => day_in_japan(now),
            "chosen-password" => self.chosen_password.clone(),
            "other-password" => self.other_password.clone(),
            "mail" => self.registered.mail.clone(),
            "other-mail" => self.other_mail.clone(),
            "name" => self.registered.name.clone(),
            "birth-year" => birth.year.to_string(),
            "birth-month" => birth.month.to_string(),
            "birth-day" => birth.day.to_string(),
            "birth-era" => if birth.year < 1989 { "showa" } else { "heisei" }.to_owned(),
            "birth-era-year" => if birth.year < 1989 { birth.year - 1925 } else { birth.year - 1988 }.to_string(),
            "code" => self.code(USUAL_DEVICE, now).ok_or_else(|| bad("the member has no app with a key"))?,
            "mail-code" => self.mail_code.clone().ok_or_else(|| bad("no letter with a code was read"))?,
            "recovery-code" => {
                let code = self.recovery_codes.get(self.codes_used);
                code.cloned().ok_or_else(|| bad("no recovery code is left, or none was kept"))?
            }
            "used-recovery-code" => {
                let code = self.codes_used.checked_sub(1).and_then(|last| self.recovery_codes.get(last));
                code.cloned().ok_or_else(|| bad("no recovery code was used"))?
            }
            "old-recovery-code" => self.old_code.clone().ok_or_else(|| bad("no older recovery codes were kept"))?,
            "activation-code" => self.activation_code.clone().ok_or_else(|| bad("no letter with an activation code was read"))?,
            "old-activation-code" => self.old_activation_code.clone().ok_or_else(|| bad("no letter before was read"))?,
            _ => match name.strip_prefix("code.") {
                Some(device) => self.code(device, now).ok_or_else(|| bad("the member has no app with a key there"))?,
                None => return Err(bad("unknown name")),
            },
        };
        for change in parts {
            value = match change {
                "upper" => value.to_uppercase(),
                "wide" => value.chars().map(wide).collect(),
                "spaced" => spaced(&value),
                "short" => value.chars().take(5).collect(),
                "wrong" => wrong(&value),
                _ => return Err(bad("unknown change; there are upper, wide, spaced, short, wrong")),
            };
        }
        Ok(value)
    }

    /// What the app on `device` shows.
    fn code(&self, device: &str, now: Timestamp) -> Option<String> {
        self.apps.get(device).map(|app| app.code(now, self.app_clock))
    }
}

/// The date as pages write it.
fn day_in_japan(now: Timestamp) -> String {
    let zone = jiff::tz::Offset::constant(9).to_time_zone();
    let instant = i64::try_from(now.0).ok().and_then(|seconds| jiff::Timestamp::from_second(seconds).ok()).unwrap_or_default();
    instant.to_zoned(zone).strftime("%Y年%-m月%-d日").to_string()
}

/// As a Japanese keyboard writes it in full width.
fn wide(c: char) -> char {
    match c {
        '!'..='~' => char::from_u32(u32::from(c) + 0xfee0).unwrap_or(c),
        _ => c,
    }
}

/// With a space in the middle, as apps show a code.
fn spaced(code: &str) -> String {
    let (left, right) = code.split_at_checked(code.len() / 2).unwrap_or((code, ""));
    format!("{left} {right}")
}

/// The same shape, another value: every digit but leading zeros moves on, or else the last letter.
fn wrong(value: &str) -> String {
    if value.chars().all(|c| c.is_ascii_digit()) && value.len() > 2 {
        return value.chars().map(|c| char::from(b'0' + (c as u8 - b'0' + 5) % 10)).collect();
    }
    if let Ok(number) = value.parse::<u8>() {
        return (number % 28 + 1).to_string();
    }
    let mut changed: String = value.chars().take(value.chars().count().saturating_sub(1)).collect();
    changed.push(if value.ends_with(['x', 'X']) { 'y' } else { 'x' });
    changed
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn member(seed: u64) -> Member {
        let given = Given { member: "m".to_owned(), first_password: FirstPassword::Rule, address: AddressOnFile::None };
        let mut dice = Dice::new(seed, "m");
        Member::new(Registered::draw(&given, 7, &mut dice), &mut dice)
    }

    const NOW: Timestamp = Timestamp(1_800_000_000);

    #[test]
    fn a_drawn_member_is_one_that_the_core_takes() {
        for seed in 0..200 {
            let member = member(seed);
            let rule = sekisho_core::tenant::UserIdRule::default();
            assert!(sekisho_core::user_id::UserId::typed(&member.chosen_id).may_be_chosen(&rule));
            assert_eq!(Birth::parse(&member.registered.birth.iso()), Some(member.registered.birth));
            assert!(sekisho_core::email::EmailAddress::typed(&member.registered.mail).is_some());
            let era = sekisho_core::birth::Era::ALL.into_iter().find(|era| era.id() == member.refer("birth-era", NOW).unwrap()).unwrap();
            let read = |name| member.refer(name, NOW).unwrap();
            let birth = sekisho_core::birth::BirthDate::typed(era, &read("birth-era-year"), &read("birth-month"), &read("birth-day"));
            assert_eq!(birth.unwrap().digits(), member.registered.birth.digits());
            assert_ne!(read("birth-day|wrong"), read("birth-day"));
        }
    }

    #[test]
    fn a_rule_password_is_symbol_number_and_birth_date() {
        let registered = member(1).registered;
        assert_eq!(registered.first_password, format!("{}{}{}", registered.symbol, registered.number, registered.birth.digits()));
    }

    #[test]
    fn references_are_a_closed_list() {
        let member = member(1);
        assert_eq!(member.refer("user-id|upper", NOW).unwrap(), member.user_id.to_uppercase());
        assert!(member.refer("secret", NOW).is_err());
        assert!(member.refer("user-id|rot13", NOW).is_err());
        assert!(member.refer("code", NOW).is_err(), "no app yet");
    }

    #[test]
    fn changes_change() {
        assert_eq!(spaced("123456"), "123 456");
        assert_eq!(wrong("094999"), "549444");
        assert_eq!(wrong("28"), "1");
        assert_eq!(wrong("abcx"), "abcy");
        assert_eq!("a-1".chars().map(wide).collect::<String>(), "ａ－１");
    }
}
