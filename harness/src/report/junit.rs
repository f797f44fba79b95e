//! JUnit XML: one suite for each driver, profile and preset, one case for each flow.

use crate::catalogue::preset_id;
use crate::guard::Measure;
use crate::run::{FlowRun, Verdict};
use quick_junit::{NonSuccessKind, Report, SerializeError, TestCase, TestCaseStatus, TestSuite};
use std::collections::BTreeMap;

/// The runs as XML.
pub fn xml(runs: &[FlowRun]) -> Result<String, SerializeError> {
    let mut suites: BTreeMap<String, TestSuite> = BTreeMap::new();
    for run in runs {
        let name = format!("{}.{}.{}", run.driver.id(), run.profile, preset_id(run.preset));
        let suite = suites.entry(name.clone()).or_insert_with(|| TestSuite::new(name.clone()));
        let mut case = TestCase::new(run.flow.clone(), status(&run.verdict));
        case.set_classname(name);
        suite.add_test_case(case);
    }
    let mut report = Report::new("sekisho-harness");
    report.add_test_suites(suites.into_values());
    report.to_string()
}

/// The measures of the guard as XML: one case for each.
pub fn of_measures(measures: &[Measure]) -> Result<String, SerializeError> {
    let mut suite = TestSuite::new("guard");
    for measure in measures {
        let mut status = if measure.holds() { TestCaseStatus::success() } else { TestCaseStatus::non_success(NonSuccessKind::Failure) };
        if !measure.holds() {
            status.set_message(format!("measured {} {}; bound: {}", measure.measured, measure.counts, measure.bound.said()));
        }
        suite.add_test_case(TestCase::new(measure.id.clone(), status));
    }
    let mut report = Report::new("sekisho-harness");
    report.add_test_suite(suite);
    report.to_string()
}

fn status(verdict: &Verdict) -> TestCaseStatus {
    let non_success = |kind, why: String| {
        let mut status = TestCaseStatus::non_success(kind);
        status.set_message(why);
        status
    };
    match verdict {
        Verdict::Passed => TestCaseStatus::success(),
        Verdict::Failed(why) => non_success(NonSuccessKind::Failure, why.join("\n")),
        Verdict::ControlFailed(why) => non_success(NonSuccessKind::Error, format!("no verdict: {}", why.join("\n"))),
        Verdict::NotReached(why) | Verdict::Broken(why) => non_success(NonSuccessKind::Error, why.clone()),
        Verdict::Skipped(why) => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(why.clone());
            status
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::DriverKind;

    fn run(flow: &str, verdict: Verdict) -> FlowRun {
        FlowRun {
            flow: flow.to_owned(),
            profile: "a".to_owned(),
            preset: sekisho_core::tenant::Preset::Guarded,
            driver: DriverKind::InProcess,
            seed: 1,
            verdict,
            covers: Default::default(),
            steps: Vec::new(),
            trace: String::new(),
            letters: Vec::new(),
            not_looked_at: Vec::new(),
            members: Vec::new(),
        }
    }

    #[test]
    fn every_verdict_has_its_place() {
        let runs = [
            run("good", Verdict::Passed),
            run("bad", Verdict::Failed(vec!["the page is wrong".to_owned()])),
            run("unclear", Verdict::ControlFailed(vec![])),
            run("left-out", Verdict::Skipped("needs a simulated clock".to_owned())),
        ];
        let xml = xml(&runs).unwrap();
        assert!(xml.contains(r#"<testsuite name="in-process.a.guarded" tests="4" disabled="1" errors="1" failures="1">"#), "{xml}");
        assert!(xml.contains("the page is wrong") && xml.contains("needs a simulated clock"));
    }
}
