//! What people read while flows run.

use crate::catalogue::preset_id;
use crate::coverage::Coverage;
use crate::guard::Measure;
use crate::run::{FlowRun, StepRun, Verdict};
use std::io::{self, Write};

/// One line for a step.
pub fn step(out: &mut dyn Write, step: &StepRun) -> io::Result<()> {
    let sign = if step.failures.is_empty() { "ok  " } else { "FAIL" };
    let last = step.lines.last();
    let page = last.and_then(|line| line.page.as_deref()).unwrap_or("-");
    let refusal = last.and_then(|line| line.refusal.as_deref()).map(|refusal| format!(" ({refusal})")).unwrap_or_default();
    writeln!(out, "  {sign} {} {} {page}{refusal}", step.flow, step.id)
}

/// One line for a flow, and what was wrong below it.
pub fn flow(out: &mut dyn Write, run: &FlowRun) -> io::Result<()> {
    let (sign, why): (_, &[String]) = match &run.verdict {
        Verdict::Passed => ("passed", &[]),
        Verdict::Failed(why) => ("FAILED", why),
        Verdict::ControlFailed(why) => ("no verdict, a flow before it failed", why),
        Verdict::Skipped(why) => ("skipped", std::slice::from_ref(why)),
        Verdict::NotReached(why) => ("NOT REACHED", std::slice::from_ref(why)),
        Verdict::Broken(why) => ("BROKEN", std::slice::from_ref(why)),
    };
    let preset = preset_id(run.preset);
    writeln!(out, "{} {} {preset} {}: {sign}", run.driver.id(), run.profile, run.flow)?;
    for line in why {
        writeln!(out, "    {line}")?;
    }
    for what in &run.not_looked_at {
        writeln!(out, "    not looked at: {what}")?;
    }
    if matches!(run.verdict, Verdict::Failed(_) | Verdict::ControlFailed(_)) {
        let FlowRun { driver, profile, flow, seed, .. } = run;
        let again = format!("--driver {} --profiles {profile} --presets {preset} --flow {flow} --seed {seed} --steps", driver.id());
        writeln!(out, "    again: sekisho-harness run {again}")?;
    }
    Ok(())
}

/// A measure: what was tried, what it may come to, what it came to. What it shares with the one before is not said again.
pub fn measure(out: &mut dyn Write, measure: &Measure, before: Option<&Measure>) -> io::Result<()> {
    let Measure { id, attack, knows, counts, bound, measured, note, rows } = measure;
    if before.is_none_or(|before| (before.attack, before.knows) != (attack, knows)) {
        writeln!(out, "\n{attack}\n  knows: {knows}\n  rows:  {}", rows.join(", "))?;
    }
    let sign = if measure.holds() { "ok  " } else { "FAIL" };
    writeln!(out, "  {sign} {id}: {} {counts}", number(*measured))?;
    writeln!(out, "       bound: {}", bound.said())?;
    if note.is_empty() { Ok(()) } else { writeln!(out, "       {note}") }
}

/// A number as people read it: whole, or with as many places as tell something.
pub fn number(number: f64) -> String {
    match number.abs() {
        size if size == 0.0 || size >= 100.0 || number.fract() == 0.0 => format!("{number:.0}"),
        size if size >= 0.1 => format!("{number:.2}"),
        _ => format!("{number:.1e}"),
    }
}

/// The table of coverage.
pub fn coverage(out: &mut dyn Write, coverage: &Coverage) -> io::Result<()> {
    for (driver, profile, preset, of) in coverage.rows() {
        writeln!(out, "{driver} {profile} {preset}: {} of {} catalogue steps shown", of.covered, of.steps)?;
    }
    Ok(())
}
