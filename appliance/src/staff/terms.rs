//! New terms for a society (staff.5): in force at once; every member is asked before going on.

use super::{Desk, Office, StaffError, refused, row};
use crate::ports::{Batch, PublishedTerms, StaffBatch};
use crate::society::{LONGEST_VERSION, Society, Terms};
use sekisho_core::audit::Event;
use sekisho_core::fold::fold;
use std::io::Read;
use std::sync::PoisonError;

/// Longest text in bytes: some 80,000 characters.
const LONGEST: usize = 256 * 1024;

/// Publishes the terms whose texts come with the command.
pub fn publish(office: &Office, society: &Society, version: &str, desk: &dyn Desk) -> Result<(), StaffError> {
    // One after another, so that what is in force is what was committed last.
    let _only = office.publishing.lock().unwrap_or_else(PoisonError::into_inner);
    // Opens the file, and with it puts what was published before in force.
    society.keys(&office.world)?;
    let version = fold(version);
    let fits = (1..=LONGEST_VERSION).contains(&version.chars().count()) && !version.chars().any(|c| c.is_control() || c.is_whitespace());
    if !fits {
        return refused(format!("version: 1 to {LONGEST_VERSION} characters without spaces, for example 2027-04-01"));
    }
    let before = office.world.store.terms(&society.name)?;
    if society.has_had_terms(&version) || before.iter().any(|terms| terms.version == version) {
        return refused(format!("{} has had terms of version {version}; who agreed to those has not agreed to these", society.name));
    }
    let ja = text("--ja", desk, 0)?;
    let en = text("--en", desk, 1)?;
    let now = office.world.now(&society.name)?;
    let terms = PublishedTerms { version: version.clone(), ja, en, at: now };
    let staff = StaffBatch {
        terms: Some(terms.clone()),
        ..StaffBatch::of(Batch { audit: vec![row(now, Event::TermsPublished, None, Some(version), desk)], ..Batch::at(now) })
    };
    office.world.store.act(&society.name, staff)?;
    let line = format!("published: version {} is in force from now on; every member is asked before going on", terms.version);
    society.publish(terms);
    desk.line(&line)?;
    Ok(())
}

fn text(option: &str, desk: &dyn Desk, which: usize) -> Result<String, StaffError> {
    let mut bytes = Vec::new();
    desk.file(which)?.take(u64::try_from(LONGEST).unwrap_or(u64::MAX) + 1).read_to_end(&mut bytes)?;
    if bytes.len() > LONGEST {
        return refused(format!("{option}: longer than {} KiB; is this the right file?", LONGEST / 1024));
    }
    let text = String::from_utf8(bytes).ok().filter(|text| !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')));
    match text.as_deref().and_then(Terms::text) {
        Some(text) => Ok(text),
        None => refused(format!("{option}: write the terms in UTF-8, paragraphs parted by empty lines")),
    }
}
