//! Who knows what stands on a member's card, and when they were born: a relative, or whoever has the society's list.

use super::{About, Door, PROFILE, exactly, source};
use crate::catalogue::{ALL_PRESETS, preset_id};
use crate::drivers::{Driver as _, DriverError, StaffOrder};
use crate::flow::{Clerk, StaffAct};
use crate::guard::{Bound, Ground, Measure};
use crate::run::column;
use crate::world::visitor::Visitor;
use sekisho_core::session::Acr;
use sekisho_core::tenant::Preset;
use std::collections::BTreeMap;

/// What they type where they are asked for the code on a letter that they have not got.
const GUESSED_CODE: &str = "0ABC-DEFG-HJKM-NPQR";

/// First log-ins by somebody else, and by the member, under each preset.
pub fn attack(ground: &Ground) -> Result<Vec<Measure>, DriverError> {
    ALL_PRESETS
        .into_iter()
        .map(|preset| under(ground, preset))
        .collect::<Result<Vec<_>, _>>()
        .map(|all| all.into_iter().flatten().collect())
}

fn under(ground: &Ground, preset: Preset) -> Result<Vec<Measure>, DriverError> {
    let about = About {
        attack: "the first log-ins of two members who have not come yet, at a browser and with a mailbox of the attacker's own",
        knows: "symbol, number and birth date of both: their first passwords by rule; not the activation code that one has got by letter",
        rows: &["J-12", "J-17", "J-18", "W-03", "W-04"],
    };
    let door = Door::under(ground, PROFILE, preset)?;
    let without = door.by_rule("without a code")?;
    let with = with_code(&door, "with a code")?;
    let (mut opened, mut last) = (0, Vec::new());
    for (place, victim) in [(1, &without), (2, &with)] {
        let mut relative = victim.elsewhere().at(source(place));
        relative.member.registered.mail = format!("relative-{place}@mail.test");
        relative.member.activation_code = Some(GUESSED_CODE.to_owned());
        opened += usize::from(full_log_in(&door, &mut relative)?);
        let (step, refusal, _) = relative.seen()?;
        last.push(format!("{step} ({})", refusal.unwrap_or("nothing refused")));
    }
    let log_ins = door.appliance.log_ins(PROFILE)?;
    let exposed = exposing(&log_ins);
    let id = preset_id(preset);
    let conceded = || Bound::None(format!("the concession `rule-password` of {id}: whoever knows the card is taken for the member"));
    let refused = |why: &str| exactly(0, why);
    let (may_open, may_expose) = match preset {
        Preset::Manual => (conceded(), conceded()),
        Preset::Guarded => {
            (conceded(), refused("an account that nothing but the rule has opened is unproven, and no portal hands data over"))
        }
        Preset::Hardened => (refused("no first password by rule without the activation code"), refused("nothing is opened")),
    };
    let walked = format!("of 2; the last pages: {}", last.join(", "));
    let worth = format!("of {}; what they are worth (acr): {log_ins:?}", log_ins.len());
    Ok(vec![
        about.measure(format!("door.relative.{id}.opened"), "accounts opened up to the portal", may_open, opened, walked),
        about.measure(format!("door.relative.{id}.exposed"), "log-ins whose data a portal would hand over", may_expose, exposed, worth),
        honest(ground, preset)?,
    ])
}

/// The member who has the letter with the code.
fn honest(ground: &Ground, preset: Preset) -> Result<Measure, DriverError> {
    let about = About {
        attack: "nobody's: the member's own first log-in, with the code on the letter",
        knows: "the first password by rule, the birth date, the activation code",
        rows: &["J-17", "J-18"],
    };
    let door = Door::under(ground, PROFILE, preset)?;
    let mut member = with_code(&door, "honest")?;
    let mut is_in = full_log_in(&door, &mut member)?;
    if is_in && exposing(&door.appliance.log_ins(PROFILE)?) == 0 {
        // Not asked for on the way: it is typed on the page of the member's own, and counts from the next log-in on.
        let mut driver = door.driver()?;
        let code = member.member.activation_code.clone().unwrap_or_default();
        member.walk(&mut driver, "portal")?;
        member.open(&mut driver, "/own-page")?;
        member.send(&mut driver, &[("action", "activation-code"), ("code", &code)])?;
        member.log_out(&mut driver)?;
        is_in = full_log_in(&door, &mut member)?;
    }
    let log_ins = door.appliance.log_ins(PROFILE)?;
    let is_in = is_in && log_ins.last().is_some_and(|last| exposes(last));
    let note = format!("what the log-ins are worth (acr): {log_ins:?}");
    let bound = exactly(1, "what stops the relative must not stop the member");
    Ok(about.measure(
        format!("door.honest.{}.in", preset_id(preset)),
        "members who get in, their data with them",
        bound,
        is_in.into(),
        note,
    ))
}

/// A member whom the staff have sent an activation code.
fn with_code(door: &Door, name: &str) -> Result<Visitor, DriverError> {
    let mut member = door.by_rule(name)?;
    let (card, with) = (&member.member.registered, BTreeMap::new());
    let card = (card.symbol.as_str(), card.number.as_str(), card.branch.as_str());
    let answer = door.driver()?.staff(&StaffOrder { act: StaffAct::ActivationCode, by: Clerk::First, card, with: &with })?;
    let code = answer.file.as_deref().and_then(|file| column(file, "activation_code"));
    let code = code.ok_or_else(|| DriverError::Internal(format!("the staff print no activation code: {:?}", answer.said)))?;
    member.member.issue_code(code);
    Ok(member)
}

/// Walks up to the portal, and comes again another time. Whether that leads there.
fn full_log_in(door: &Door, visitor: &mut Visitor) -> Result<bool, DriverError> {
    let mut driver = door.driver()?;
    if !visitor.walk(&mut driver, "portal")? {
        return Ok(false);
    }
    visitor.log_out(&mut driver)?;
    visitor.walk(&mut driver, "portal")
}

/// How many log-ins of these a portal would hand data over for.
fn exposing(log_ins: &[String]) -> usize {
    log_ins.iter().filter(|worth| exposes(worth)).count()
}

fn exposes(worth: &str) -> bool {
    ![Acr::Unproven.id(), Acr::Provisional.id()].contains(&worth)
}
