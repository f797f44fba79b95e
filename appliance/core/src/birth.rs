//! Birth dates: three fields and an era, as members write them.

use crate::fold::fold_code;
use serde::{Deserialize, Serialize};

/// A day of the Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BirthDate {
    year: u16,
    month: u8,
    day: u8,
}

/// How the year is counted. Era years begin in the year of the accession, which is year 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Era {
    /// 西暦
    Common,
    /// 大正
    Taisho,
    /// 昭和
    Showa,
    /// 平成
    Heisei,
    /// 令和
    Reiwa,
}

impl Era {
    /// All of them, in the order of the page.
    pub const ALL: [Self; 5] = [Self::Common, Self::Showa, Self::Heisei, Self::Reiwa, Self::Taisho];

    /// Permanent id, as in the form.
    pub fn id(self) -> &'static str {
        match self {
            Self::Common => "common",
            Self::Taisho => "taisho",
            Self::Showa => "showa",
            Self::Heisei => "heisei",
            Self::Reiwa => "reiwa",
        }
    }

    /// The year before year 1, and the last year of the era.
    fn years(self) -> (u16, u16) {
        match self {
            Self::Common => (0, 9999),
            Self::Taisho => (1911, 1926),
            Self::Showa => (1925, 1989),
            Self::Heisei => (1988, 2019),
            Self::Reiwa => (2018, 9999),
        }
    }
}

impl BirthDate {
    /// The date, if there is such a day between 1868 and 9999.
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return None,
        };
        ((1868..=9999).contains(&year) && (1..=days).contains(&day)).then_some(Self { year, month, day })
    }

    /// Reads the three fields of the page; full-width digits and spaces do not matter.
    pub fn typed(era: Era, year: &str, month: &str, day: &str) -> Option<Self> {
        let number = |text: &str| -> Option<u16> {
            let digits = fold_code(text);
            (digits.len() <= 4 && digits.chars().all(|c| c.is_ascii_digit())).then(|| digits.parse().ok()).flatten()
        };
        let (before, last) = era.years();
        let year = before.checked_add(number(year)?).filter(|year| *year > before && *year <= last)?;
        Self::new(year, u8::try_from(number(month)?).ok()?, u8::try_from(number(day)?).ok()?)
    }

    /// `YYYYMMDD`, as in a first password made by the rule.
    pub fn digits(self) -> String {
        format!("{:04}{:02}{:02}", self.year, self.month, self.day)
    }
}
