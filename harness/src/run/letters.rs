//! Letters in a flow: which came by a step, and what is in them.

use super::{Stage, Stop, wrong};
use crate::drivers::link_to;
use crate::flow::{Action, LetterKind, Step, Which};
use crate::invariants;
use crate::mailbox::Mail;
use sekisho_core::shown::LinkKind;
use std::collections::BTreeMap;

/// How many letters had come to each address before a step.
pub(super) type Before = BTreeMap<String, usize>;

impl Stage<'_> {
    /// Counts the letters to the addresses that matter: those that the step speaks of, and the member's own before a change.
    pub(super) fn letters_before(&mut self, step: &Step) -> Result<Before, Stop> {
        let mut addresses = step.expect.mails.keys().map(|to| self.value(to)).collect::<Result<Vec<_>, _>>()?;
        let may_change = matches!(step.action, Action::Submit { .. } | Action::Passkey(_)) && self.driver.kind().has_simulated_clock();
        if let Some(member) = self.members.get(&step.member).filter(|_| may_change) {
            addresses.extend([member.registered.mail.clone(), member.other_mail.clone()]);
        }
        addresses.sort();
        addresses.dedup();
        addresses.into_iter().map(|to| Ok((to.clone(), self.driver.letters(&to)?.len()))).collect()
    }

    /// Compares the letters with what the step expects. They are looked through for what does not belong into them.
    pub(super) fn look_at_letters(&mut self, step: &Step, before: &Before) -> Result<(), Stop> {
        let mut wrong = Vec::new();
        for (to, expected) in &step.expect.letters {
            let letters = self.letters_to(to, &mut wrong)?;
            if letters.len() != *expected {
                wrong.push(format!("{} letters have come to the address; {expected} were expected", letters.len()));
            }
        }
        for (to, expected) in &step.expect.mails {
            let had = before.get(&self.value(to)?).copied().unwrap_or_default();
            let letters = self.letters_to(to, &mut wrong)?;
            let mut came: Vec<LetterKind> = letters.iter().skip(had).map(|letter| self.kind_of(letter)).collect();
            // Letters that are due in the same second go out in any order.
            came.sort_unstable();
            let mut expected = expected.clone();
            expected.sort_unstable();
            if came != expected {
                let subjects: Vec<&str> = letters.iter().skip(had).map(|letter| letter.subject.as_str()).collect();
                wrong.push(format!("{came:?} {subjects:?} came to {to}; {expected:?} was expected"));
            }
        }
        for (to, texts) in &step.expect.newest {
            let letters = self.letters_to(to, &mut wrong)?;
            let newest = letters.last().map(|letter| format!("{}\n{}", letter.subject, letter.text)).unwrap_or_default();
            for text in texts {
                let text = self.value(text)?;
                if !newest.contains(&text) {
                    wrong.push(format!("the newest letter is {newest:?}; {text:?} was expected in it"));
                }
            }
        }
        if wrong.is_empty() { Ok(()) } else { Err(Stop::Seen(wrong)) }
    }

    fn letters_to(&mut self, to: &str, wrong: &mut Vec<String>) -> Result<Vec<Mail>, Stop> {
        let letters = self.driver.letters(&self.value(to)?)?;
        for (letter, member) in letters.iter().flat_map(|letter| self.members.values().map(move |member| (letter, member))) {
            wrong.extend(invariants::check_letter(letter, member));
        }
        Ok(letters)
    }

    /// I08: a change of the member's has just been accepted, and whoever reads the mail that was proven before it is told.
    pub(super) fn check_told(&mut self, step: &Step, before: &Before) -> Result<Option<String>, Stop> {
        let Some(address) = self.members.get(&step.member).and_then(|member| member.proven_mail.clone()) else { return Ok(None) };
        let Some(had) = before.get(&address) else { return Ok(None) };
        let letters = self.driver.letters(&address)?;
        let told = letters.iter().skip(*had).any(|letter| self.kind_of(letter) == LetterKind::Freeze);
        Ok((!told).then(|| "I08: a change was accepted, and no letter with \"it was not me\" came to the address in use".to_owned()))
    }

    /// To whom letters have come, each letter once.
    pub(super) fn letters(&mut self) -> Vec<String> {
        if !self.driver.kind().has_simulated_clock() {
            return Vec::new();
        }
        let addresses = self.members.iter().flat_map(|(name, member)| {
            [("address", &member.registered.mail), ("other address", &member.other_mail)]
                .map(|(which, to)| (format!("{name}'s {which}"), to))
        });
        let addresses: Vec<(String, String)> = addresses.map(|(whose, to)| (whose, to.clone())).collect();
        let count = |(whose, to): (String, String)| {
            // A post that does not work has made the flow fail already.
            let letters = self.driver.letters(&to).unwrap_or_default();
            vec![whose; letters.len()]
        };
        addresses.into_iter().flat_map(count).collect()
    }

    /// The link of a letter, as path and query.
    pub(super) fn link(&mut self, to: &str, kind: Option<LetterKind>, which: Which) -> Result<String, Stop> {
        let letters = self.driver.letters(&self.value(to)?)?;
        let fits = |letter: &&Mail| kind.is_none_or(|kind| self.kind_of(letter) == kind);
        let mut links = letters.iter().filter(fits).filter_map(|letter| link_to(self.driver.origin(), letter));
        let link = match which {
            Which::Newest => links.next_back(),
            Which::Oldest => links.next(),
        };
        link.ok_or_else(|| wrong(format!("none of the {} letters to the address has such a link", letters.len())))
    }

    /// The code of the newest letter.
    pub(super) fn mail_code(&mut self, to: &str) -> Result<String, Stop> {
        let letters = self.driver.letters(&self.value(to)?)?;
        let code = letters.last().and_then(code_in);
        code.ok_or_else(|| wrong(format!("the newest of the {} letters to the address has no code", letters.len())))
    }

    /// User ID and password of the newest letter.
    pub(super) fn issued(&mut self, to: &str) -> Result<(String, String), Stop> {
        let letters = self.driver.letters(&self.value(to)?)?;
        let issued = letters.last().and_then(|letter| issued_in(&letter.text));
        issued.ok_or_else(|| wrong(format!("the newest of the {} letters to the address has no user ID and password", letters.len())))
    }

    fn kind_of(&self, letter: &Mail) -> LetterKind {
        match link_to(self.driver.origin(), letter) {
            Some(link) if link.starts_with(LinkKind::Email.path()) => LetterKind::Confirm,
            Some(link) if link.starts_with(LinkKind::Reset.path()) => LetterKind::Reset,
            Some(link) if link.starts_with(LinkKind::Freeze.path()) => LetterKind::Freeze,
            _ if code_in(letter).is_some() => LetterKind::Code,
            _ => LetterKind::Plain,
        }
    }
}

/// The six digits that stand alone on a line.
fn code_in(letter: &Mail) -> Option<String> {
    let mut lines = letter.text.lines().map(|line| line.chars().filter(|c| !c.is_whitespace()).collect::<String>());
    lines.find(|line| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit()))
}

/// What stands below the lines `ユーザID:` and `…パスワード:`.
fn issued_in(text: &str) -> Option<(String, String)> {
    let below = |label: &str| {
        let mut lines = text.lines().map(str::trim).skip_while(|line| !line.trim_end_matches([':', '：']).ends_with(label));
        lines.nth(1).map(str::to_owned)
    };
    Some((below("ユーザID")?, below("パスワード")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_stands_alone_on_its_line() {
        let letter = |text: &str| Mail {
            to: String::new(),
            from: String::new(),
            subject: String::new(),
            text: text.to_owned(),
            message_id: String::new(),
            received: 0,
            raw: String::new(),
        };
        assert_eq!(code_in(&letter("コード\n\n  012 345\n\n000-000-0000")).as_deref(), Some("012345"));
        assert_eq!(code_in(&letter("お電話は 012345 へ")), None);
    }

    #[test]
    fn id_and_password_stand_below_their_labels() {
        let text = "ユーザIDと仮のパスワードを発行しました。\n\nユーザID:\ns10-001\n\n仮のパスワード:\nAb-cd\n";
        assert_eq!(issued_in(text), Some(("s10-001".to_owned(), "Ab-cd".to_owned())));
        assert_eq!(issued_in("ユーザID:\ns10"), None);
    }
}
