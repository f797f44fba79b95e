//! What a page looks like to somebody who sees it, or has it read out: pictures, axe-core, width, weight, complaints.
//!
//! Every distinct page (page id, refusal, language) is looked at once, where a flow meets it first.

use super::cdp::Event;
use super::journey::{Journey, Resource};
use super::tab::ChromiumTab;
use super::{Options, metrics};
use crate::browser::BrowserError;
use crate::browser::page::Page;
use crate::browser::tab::{Moment, Tab as _};
use crate::drivers::{DriverError, Pages};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Widths in CSS pixels at which nothing may be cut off or need scrolling sideways: the smallest phones, and 400 % zoom (WCAG 1.4.10).
const NARROW: [u32; 2] = [320, 360];

/// Most bytes over the wire for a page with everything on it, where it has no script.
const HEAVIEST: u64 = 30_000;

/// Most rules of axe that are printed for one page, and elements for one rule.
const SHOWN: usize = 5;

/// The way to a page, and what it has said since.
#[derive(Debug)]
pub(super) struct View {
    journey: Journey,
}

impl View {
    pub(super) fn new(journey: Journey) -> Self {
        Self { journey }
    }

    /// What has come after the page was there.
    pub(super) fn late(&mut self, events: Vec<Event>) {
        events.iter().for_each(|event| self.journey.take(event));
    }
}

/// What makes a page another page.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Kind {
    page: String,
    refusal: Option<String>,
    language: String,
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { page, refusal, language } = self;
        let refusal = refusal.as_ref().map(|refusal| format!(" ({refusal})")).unwrap_or_default();
        write!(f, "page {page}{refusal} in {language}")
    }
}

/// Looks at pages and keeps what it finds.
pub(super) struct Inspector {
    options: Options,
    axe: Option<String>,
    seen: BTreeSet<Kind>,
    findings: BTreeSet<String>,
    /// Bytes of what was loaded once and is taken from the cache since.
    weights: BTreeMap<String, u64>,
}

/// What `page.js` says of the width.
#[derive(Debug, Deserialize)]
struct Width {
    scrolls: bool,
    over: Vec<String>,
    script: bool,
}

/// What is wrong by a rule of axe.
#[derive(Debug, Deserialize)]
struct Violation {
    id: String,
    help: String,
    nodes: Vec<Node>,
}

#[derive(Debug, Deserialize)]
struct Node {
    html: String,
}

impl Inspector {
    pub(super) fn new(options: &Options) -> Result<Self, DriverError> {
        let read = |file: &std::path::PathBuf| {
            std::fs::read_to_string(file).map_err(|error| DriverError::NotSetUp(format!("{}: {error}", file.display())))
        };
        let axe = options.axe.as_ref().map(read).transpose()?;
        Ok(Self { options: options.clone(), axe, seen: BTreeSet::new(), findings: BTreeSet::new(), weights: BTreeMap::new() })
    }

    /// What was found since this was last called. Pages that were looked at are not looked at again.
    pub(super) fn take(&mut self) -> Pages {
        let no_axe = || "accessibility: no axe-core was named with --axe".to_owned();
        let not_looked_at = self.axe.is_none().then(no_axe).into_iter().collect();
        let findings = std::mem::take(&mut self.findings).into_iter().collect();
        Pages { seen: std::mem::take(&mut self.seen).len(), findings, not_looked_at }
    }

    /// Looks at the page that a step has led to.
    pub(super) fn look(&mut self, tab: &mut ChromiumTab, view: &View, moment: &Moment) -> Result<(), BrowserError> {
        if let Some(folder) = &self.options.screenshots {
            let Moment { profile, flow, step: (of, step) } = moment;
            let name = if of == flow { format!("{step}.png") } else { format!("{of}.{step}.png") };
            picture(tab, &folder.join(profile).join(flow).join(name))?;
        }
        let page = tab.page()?.clone();
        let kind = Kind {
            page: page.step.clone().unwrap_or_else(|| page.address.clone()),
            refusal: page.refusal.clone(),
            language: page.language.clone().unwrap_or_default(),
        };
        let Moment { flow, step: (_, step), .. } = moment;
        // What a page complains of is new each time, so it is read each time.
        let mut wrong: Vec<String> = view.journey.complaints.clone();
        for part in view.journey.parts().filter(|part| !part.is_cached) {
            self.weights.insert(part.url.clone(), part.bytes);
        }
        if self.seen.insert(kind.clone()) {
            self.look_closely(tab, view, &page, &mut wrong)?;
        }
        self.findings.extend(wrong.into_iter().map(|what| format!("{kind}: {what} (first at {flow} {step})")));
        Ok(())
    }

    fn look_closely(&self, tab: &mut ChromiumTab, view: &View, page: &Page, wrong: &mut Vec<String>) -> Result<(), BrowserError> {
        let mut has_script = false;
        for width in NARROW {
            tab.call("Emulation.setDeviceMetricsOverride", metrics(width))?;
            let Width { scrolls, over, script } = answer(tab.ask("width", &Value::Null)?)?;
            has_script |= script;
            if scrolls {
                wrong.push(format!("it has to be scrolled sideways at {width} px because of {over:?}"));
            }
        }
        tab.call("Emulation.setDeviceMetricsOverride", metrics(self.options.width))?;
        let parts: Vec<&Resource> = view.journey.parts().collect();
        wrong.extend(too_much(&parts, &self.weights, has_script));
        if let Some(axe) = &self.axe {
            wrong.extend(violations(tab, axe, self.options.no_script)?);
        }
        if page.step.is_none() {
            wrong.push("its main element says no page id".to_owned());
        }
        Ok(())
    }
}

/// What of a page's parts is too many or too heavy.
fn too_much(parts: &[&Resource], weights: &BTreeMap<String, u64>, has_script: bool) -> Vec<String> {
    let mut wrong = Vec::new();
    let count = |kind: &str| parts.iter().filter(|part| part.kind == kind).count();
    for (kind, most) in [("Document", 1), ("Stylesheet", 1), ("Script", usize::from(has_script))] {
        if count(kind) > most {
            wrong.push(format!("it asks for {} times {kind}", count(kind)));
        }
    }
    let known = |part: &&&Resource| matches!(part.kind.as_str(), "Document" | "Stylesheet" | "Script");
    wrong.extend(parts.iter().filter(|part| !known(part)).map(|part| format!("it asks for {} {}", part.kind, part.url)));
    let weight: u64 =
        parts.iter().map(|part| if part.is_cached { weights.get(&part.url).copied().unwrap_or_default() } else { part.bytes }).sum();
    if !has_script && weight > HEAVIEST {
        wrong.push(format!("it weighs {weight} bytes; {HEAVIEST} are allowed"));
    }
    wrong
}

/// Runs axe beside the page's own scripts; its content policy stays as it is. axe uses timers, so scripts are on meanwhile.
fn violations(tab: &mut ChromiumTab, axe: &str, no_script: bool) -> Result<Vec<String>, BrowserError> {
    let scripts = |off: bool| json!({ "value": off });
    if no_script {
        tab.call("Emulation.setScriptExecutionDisabled", scripts(false))?;
    }
    tab.evaluate(axe)?;
    let found = tab.evaluate("axe.run(document, { resultTypes: ['violations'] }).then((found) => found.violations)")?;
    if no_script {
        tab.call("Emulation.setScriptExecutionDisabled", scripts(true))?;
    }
    // What axe itself did to the page is not the page's.
    drop(tab.take_events());
    let violations: Vec<Violation> = answer(found)?;
    Ok(violations.iter().map(Violation::told).collect())
}

impl Violation {
    fn told(&self) -> String {
        let Self { id, help, nodes } = self;
        let short = |node: &Node| node.html.chars().take(120).collect::<String>();
        let elements: Vec<String> = nodes.iter().take(SHOWN).map(short).collect();
        format!("axe {id}: {help}: {}", elements.join(" | "))
    }
}

fn answer<T: serde::de::DeserializeOwned>(value: Value) -> Result<T, DriverError> {
    serde_json::from_value(value).map_err(|error| DriverError::Internal(format!("a script of the harness: {error}")))
}

/// The whole page, as it stands in a window of the chosen width.
fn picture(tab: &ChromiumTab, file: &Path) -> Result<(), BrowserError> {
    let failed = |error: std::io::Error| DriverError::NotSetUp(format!("{}: {error}", file.display()));
    let shot = tab.call("Page.captureScreenshot", json!({ "format": "png", "captureBeyondViewport": true, "optimizeForSpeed": true }))?;
    let png = STANDARD.decode(shot.get("data").and_then(Value::as_str).unwrap_or_default());
    let png = png.map_err(|_| DriverError::Internal("a picture that is not base64".to_owned()))?;
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    std::fs::write(file, png).map_err(failed)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(kind: &str, url: &str, bytes: u64, is_cached: bool) -> Resource {
        Resource { kind: kind.to_owned(), url: url.to_owned(), bytes, is_cached }
    }

    #[test]
    fn a_page_of_html_and_one_sheet_is_light_enough() {
        let (html, css) = (part("Document", "/", 9_000, false), part("Stylesheet", "/s.css", 0, true));
        let weights = BTreeMap::from([("/s.css".to_owned(), 8_000)]);
        assert_eq!(too_much(&[&html, &css], &weights, false), Vec::<String>::new());
    }

    #[test]
    fn what_is_in_the_cache_weighs_what_it_weighed() {
        let (html, css) = (part("Document", "/", 9_000, false), part("Stylesheet", "/s.css", 0, true));
        let weights = BTreeMap::from([("/s.css".to_owned(), 22_000)]);
        assert_eq!(too_much(&[&html, &css], &weights, false), ["it weighs 31000 bytes; 30000 are allowed"]);
        assert_eq!(too_much(&[&html, &css], &weights, true), Vec::<String>::new());
    }

    #[test]
    fn nothing_is_asked_for_but_the_page_and_its_sheet() {
        let (html, script) = (part("Document", "/", 1, false), part("Script", "/s.js", 1, false));
        let (sheet, other, font) =
            (part("Stylesheet", "/1.css", 1, false), part("Stylesheet", "/2.css", 1, false), part("Font", "/f", 1, false));
        let wrong = too_much(&[&html, &sheet, &other, &font, &script], &BTreeMap::new(), false);
        assert_eq!(wrong, ["it asks for 2 times Stylesheet", "it asks for 1 times Script", "it asks for Font /f"]);
        assert_eq!(too_much(&[&html, &sheet, &script], &BTreeMap::new(), true), Vec::<String>::new());
    }

    #[test]
    fn a_violation_names_rule_and_element() {
        let found = json!([{ "id": "label", "help": "Form elements must have labels", "nodes": [{ "html": "<input name=\"code\">" }] }]);
        let violations: Vec<Violation> = answer(found).unwrap();
        assert_eq!(violations[0].told(), "axe label: Form elements must have labels: <input name=\"code\">");
    }
}
