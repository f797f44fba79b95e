//! What is seen after a step, against what it expects.

use super::{Stage, Stop, key_on};
use crate::browser::jar;
use crate::browser::tab::Tab;
use crate::flow::{Action, Expect, KeyOnPage, Never, Step, USUAL_DEVICE};

impl Stage<'_> {
    /// Compares what is seen with what the step expects; letters are looked at afterwards.
    pub(super) fn look(&mut self, step: &Step, browser: &dyn Tab) -> Result<(), Stop> {
        let mut wrong = Vec::new();
        if step.action.shows_a_page() {
            self.look_at_page(step, browser, &mut wrong)?;
        }
        if matches!(step.action, Action::Staff(_)) {
            for text in &step.expect.said {
                let text = self.value(text)?;
                if !self.said.iter().any(|line| line.contains(&text)) {
                    wrong.push(format!("the staff were told {:?}; {text:?} was expected", self.said));
                }
            }
        }
        for never in &step.never {
            let Never::Session = never;
            if browser.holds(jar::SESSION) {
                wrong.push("the browser holds a session cookie".to_owned());
            }
        }
        if wrong.is_empty() { Ok(()) } else { Err(Stop::Seen(wrong)) }
    }

    fn look_at_page(&mut self, step: &Step, browser: &dyn Tab, wrong: &mut Vec<String>) -> Result<(), Stop> {
        let page = browser.page()?;
        let Expect { page: id, status, refusal, text, no_text, links, no_links, fields, options, key, .. } = &step.expect;
        let mut differ = |what: &str, seen: &dyn std::fmt::Debug, expected: &dyn std::fmt::Debug| {
            wrong.push(format!("{what} is {seen:?}; {expected:?} was expected"));
        };
        if id.is_some() && page.step != *id {
            differ("the page", &page.step, id);
        }
        if page.refusal != *refusal {
            differ("the refusal", &page.refusal, refusal);
        }
        let expected_status = status.or(refusal.is_none().then_some(200));
        if expected_status.is_some_and(|expected| expected != page.status) {
            differ("the status", &page.status, &expected_status);
        }
        // A run in another language cannot show the Japanese texts; everything else of a page is the same in every language.
        let is_foreign = |text: &str| page.language.as_deref() != Some("ja") && !text.is_ascii();
        for text in text {
            let text = self.value(text)?;
            if !page.text.contains(&text) && !is_foreign(&text) {
                differ("the text", &page.text, &text);
            }
        }
        for text in no_text {
            let text = self.value(text)?;
            if page.text.contains(&text) {
                differ("the text", &page.text, &format!("no {text}"));
            }
        }
        for link in links.iter().filter(|link| !page.links.contains(link)) {
            differ("the list of links", &page.links, link);
        }
        for link in no_links.iter().filter(|link| page.links.contains(link)) {
            differ("the list of links", &page.links, &format!("no {link}"));
        }
        for (name, value) in fields {
            let value = self.value(value)?;
            if page.standing(name) != Some(value.as_str()) {
                differ(&format!("what stands in {name}"), &page.standing(name), &value);
            }
        }
        for (name, expected) in options {
            if page.offered(name) != Some(expected.as_slice()) {
                differ(&format!("what {name} offers"), &page.offered(name), expected);
            }
        }
        if let Some(key) = key {
            let held = self.member(&step.member)?.apps.get(USUAL_DEVICE).cloned();
            let held = held.ok_or_else(|| Stop::Seen(vec!["the member has no app with a key".to_owned()]))?;
            let same = key_on(browser)? == held.key();
            if same != (*key == KeyOnPage::Same) {
                wrong.push(format!("the key on the page has to be the {} one", if same { "other" } else { "same" }));
            }
        }
        Ok(())
    }
}
