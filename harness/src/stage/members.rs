//! The members of the try-out: a family that shares a card, and one person on her own.

use super::StagedSociety;
use std::io;

/// A member as the import brings it.
pub struct Member {
    /// Card symbol.
    pub symbol: &'static str,
    /// Card number.
    pub number: &'static str,
    /// Branch number: tells a family apart.
    pub branch: &'static str,
    /// `YYYY-MM-DD`.
    pub birth: &'static str,
    /// Name.
    pub name: &'static str,
    /// User ID, as the import makes it from the card unless the society gives one.
    pub user_id: String,
    /// First password: by rule, unless the society issues one.
    pub first_password: String,
    /// Whether both were issued by the society.
    pub issued: bool,
    /// An address at the mailbox; the member types it, the society does not know it.
    pub mail: String,
}

const PEOPLE: [(&str, &str, &str, &str, &str); 4] = [
    ("12", "3456789", "00", "1980-12-01", "見本 太郎"),
    ("12", "3456789", "01", "1982-03-15", "見本 花子"),
    ("12", "3456789", "02", "2008-07-07", "見本 一郎"),
    ("34", "1000001", "00", "1955-01-23", "試供 さくら"),
];

/// The members of `society`. In profile E the last one joined late and got an ID and a password by letter.
pub fn members(society: &StagedSociety) -> Vec<Member> {
    PEOPLE.iter().enumerate().map(|(place, person)| member(society, place, *person)).collect()
}

fn member(society: &StagedSociety, place: usize, person: (&'static str, &'static str, &'static str, &'static str, &'static str)) -> Member {
    let (symbol, number, branch, birth, name) = person;
    let issued = society.profile == "e" && place + 1 == PEOPLE.len();
    let (user_id, first_password) = match (issued, branch) {
        (true, _) => ("tomoshibi-0042".to_owned(), "Kari-2026-0042".to_owned()),
        (false, "00") => (format!("{symbol}-{number}"), by_rule(symbol, number, birth)),
        (false, _) => (format!("{symbol}-{number}-{branch}"), by_rule(symbol, number, birth)),
    };
    let mail = format!("member{place}@{}.example", society.name);
    Member { symbol, number, branch, birth, name, user_id, first_password, issued, mail }
}

fn by_rule(symbol: &str, number: &str, birth: &str) -> String {
    format!("{symbol}{number}{}", birth.replace('-', ""))
}

/// The import file of `society`.
pub(super) fn csv(society: &StagedSociety) -> io::Result<String> {
    let mut csv = String::from("symbol,number,branch,birth_date,name,email,user_id,first_password,no_rule_password\n");
    for member in members(society) {
        let Member { symbol, number, branch, birth, name, user_id, first_password, issued, .. } = member;
        let (user_id, first_password) = if issued { (user_id, first_password) } else { Default::default() };
        csv.push_str(&format!("{symbol},{number},{branch},{birth},{name},,{user_id},{first_password},\n"));
    }
    Ok(csv)
}
