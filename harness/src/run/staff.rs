//! The society's staff in a flow.

use super::letters::issued_in;
use super::{Stage, Stop, wrong};
use crate::drivers::StaffOrder;
use crate::flow::{AddressOnFile, FirstPassword, Given, StaffAct, StaffWork, Step};
use sekisho_core::lookup::Lookup;
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
        let order = StaffOrder {
            act: work.act,
            by: work.by,
            user_id: &member.user_id,
            card: (&card.symbol, &card.number, &card.branch),
            with: &with,
        };
        let answer = self.driver.staff(&order)?;
        if answer.refused != step.expect.refused {
            return Err(wrong(format!("the command was {}: {:?}", if answer.refused { "refused" } else { "done" }, answer.said)));
        }
        if let Some(file) = &answer.file {
            match work.act {
                StaffAct::ActivationCode => {
                    let code = code_in(file).ok_or_else(|| wrong(format!("no activation code stands in {file:?}")))?;
                    member.issue_code(code);
                }
                _ => {
                    let (user_id, password) = issued_in(file).ok_or_else(|| wrong(format!("no pair stands in {file:?}")))?;
                    member.issue(user_id, password);
                }
            }
        }
        if let (StaffAct::Rename, Some(name)) = (work.act, with.get("name")) {
            member.registered.name.clone_from(name);
        }
        self.said = answer.said;
        Ok(())
    }
}

/// The code in a file for the printer.
fn code_in(file: &str) -> Option<String> {
    let mut words = file.split(|c: char| c.is_whitespace() || c == ',' || c == '"');
    words.find(|word| word.contains('-') && Lookup::typed(word).is_some()).map(str::to_owned)
}
