//! The society's staff in a flow.

use super::{Stage, Stop, wrong};
use crate::drivers::StaffOrder;
use crate::flow::{AddressOnFile, Clerk, FirstPassword, Given, StaffAct, StaffWork, Step};
use std::collections::BTreeMap;

impl Stage<'_> {
    /// A command of the staff's, about the step's member.
    pub(super) fn staff(&mut self, step: &Step, work: &StaffWork) -> Result<(), Stop> {
        if work.act == StaffAct::Import {
            let kind = |name: &str| work.with.get(name).map(String::as_str);
            let first_password = if kind("first-password") == Some("rule") { FirstPassword::Rule } else { FirstPassword::Any };
            let address = if kind("address") == Some("on-file") { AddressOnFile::OnFile } else { AddressOnFile::None };
            return self.register(&Given { member: step.member.clone(), first_password, address });
        }
        let value = |(name, value): (&String, &String)| Ok((name.clone(), self.value(value)?));
        let with: BTreeMap<String, String> = work.with.iter().map(value).collect::<Result<_, Stop>>()?;
        let member = self.members.get_mut(&step.member).ok_or_else(|| wrong("no such member is given"))?;
        let card = &member.registered;
        let order = StaffOrder { act: work.act, by: work.by, card: (&card.symbol, &card.number, &card.branch), with: &with };
        let answer = self.driver.staff(&order)?;
        if answer.refused != step.expect.refused {
            return Err(wrong(format!("the command was {}: {:?}", if answer.refused { "refused" } else { "done" }, answer.said)));
        }
        if let Some(file) = &answer.file {
            let column = |name| column(file, name).ok_or_else(|| wrong(format!("the file for the printer has no {name}: {file:?}")));
            match work.act {
                StaffAct::ActivationCode => member.issue_code(column("activation_code")?),
                _ => member.issue(column("user_id")?, column("first_password")?),
            }
        }
        if matches!(work.act, StaffAct::ResetFactor | StaffAct::Delete) && work.by == Clerk::Second {
            member.has_second_step = false;
        }
        if let (StaffAct::Rename, Some(name)) = (work.act, with.get("name")) {
            member.registered.name.clone_from(name);
        }
        self.said = answer.said;
        Ok(())
    }

    /// I09: whoever has set a second step up still has one, unless staff have taken it away.
    pub(super) fn check_second_steps(&mut self) -> Result<Vec<String>, Stop> {
        let mut broken = Vec::new();
        let simulated = self.driver.kind().has_simulated_clock();
        for (name, member) in self.members.iter().filter(|(_, member)| simulated && member.has_second_step) {
            let card = &member.registered;
            let card = (card.symbol.as_str(), card.number.as_str(), card.branch.as_str());
            let answer = self.driver.staff(&StaffOrder { act: StaffAct::Show, by: Clerk::First, card, with: &BTreeMap::new() })?;
            let is = |line: &String, what: &str, value: &str| {
                line.split_once(' ').is_some_and(|(name, rest)| name == what && rest.contains(value))
            };
            let has_one = answer.said.iter().any(|line| is(line, "device", "") || is(line, "method", "mail-code"));
            if !has_one {
                broken.push(format!("I09: {name} has no second step any more: {:?}", answer.said));
            }
        }
        Ok(broken)
    }
}

/// A value of a file for the printer: one line of names, one of values, every value quoted.
pub(crate) fn column(file: &str, name: &str) -> Option<String> {
    let mut lines = file.trim_start_matches('\u{feff}').lines();
    let place = lines.next()?.split(',').position(|column| column == name)?;
    let values = lines.next()?.strip_prefix('"')?.strip_suffix('"')?;
    values.split("\",\"").nth(place).map(|value| value.replace("\"\"", "\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_by_the_name_of_its_column() {
        let file = "\u{feff}symbol,name,activation_code\r\n\"12\",\"A, \"\"B\"\"\",\"0ABC-DEFG\"\r\n";
        assert_eq!(column(file, "activation_code").as_deref(), Some("0ABC-DEFG"));
        assert_eq!(column(file, "name").as_deref(), Some("A, \"B\""));
        assert_eq!(column(file, "first_password"), None);
    }
}
