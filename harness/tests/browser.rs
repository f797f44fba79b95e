//! Every flow of the vectors in a real browser, one test for each profile and manner. They need Chromium and axe-core, which
//! `deploy/test` provides: `SEKISHO_AXE=…/axe.min.js cargo nextest run -p sekisho-harness --test browser --run-ignored only`.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use sekisho_harness::chromium::{Options, Tongue};
use sekisho_harness::drivers::browser::House;
use sekisho_harness::run::{FlowRun, Setting, Verdict, WITHOUT_SCRIPTS, check_pages, check_residue, run_flow_twice};
use sekisho_harness::vectors::Vectors;
use std::collections::BTreeMap;

/// The flows of `profile` under its own preset, in Chromium and again in process; both have to agree. The command line runs them under
/// every preset.
fn runs(profile: &str, options: Options) -> Vec<FlowRun> {
    let vectors = Vectors::load(&Vectors::find().expect("the vectors are there")).expect("the vectors are well-formed");
    let policy = vectors.profiles.get(profile).expect("the profile").clone();
    let setting = Setting { profile, preset: policy.preset };
    let society = setting.society();
    let axe = std::env::var_os("SEKISHO_AXE").expect("SEKISHO_AXE names axe.min.js; deploy/test fetches it");
    let options = Options { axe: Some(axe.into()), ..options };
    let house = House::new(&BTreeMap::from([(society.clone(), policy)]), 1, &options).expect("an appliance and a Chromium before it");
    let (mut driver, mut beside) = (house.driver(&society).expect("the society"), house.beside(&society).expect("its like"));
    let flows = vectors.flows.iter().map(|(_, flow)| flow).filter(|flow| flow.is_for(profile, setting.preset));
    let mut runs: Vec<FlowRun> =
        flows.map(|flow| run_flow_twice(&vectors, flow, setting, (&mut driver, &mut beside), 1, &mut |_| {})).collect();
    let residue = check_residue(setting, &driver, 1, &mut runs);
    runs.push(residue);
    runs.extend(check_pages(setting, &mut driver, 1));
    runs
}

fn every_flow_passes(profile: &str, options: Options) {
    let runs = runs(profile, options);
    assert!(runs.len() > 20, "only {} flows were run", runs.len());
    let without_scripts_skipped = Verdict::Skipped(WITHOUT_SCRIPTS.to_owned());
    let failed: Vec<_> = runs
        .iter()
        .filter(|run| run.verdict != Verdict::Passed && run.verdict != without_scripts_skipped)
        .map(|run| (&run.flow, &run.verdict))
        .collect();
    assert!(failed.is_empty(), "{failed:#?}");
    let not_looked_at: Vec<_> = runs.iter().flat_map(|run| &run.not_looked_at).collect();
    assert!(not_looked_at.is_empty(), "{not_looked_at:#?}");
}

fn without_scripts() -> Options {
    Options { no_script: true, ..Options::default() }
}

#[test]
#[ignore = "needs Chromium; deploy/test runs it"]
fn every_flow_of_profile_a_passes_in_chromium() {
    every_flow_passes("a", Options::default());
}

#[test]
#[ignore = "needs Chromium; deploy/test runs it"]
fn every_flow_of_profile_b_passes_in_chromium() {
    every_flow_passes("b", Options::default());
}

#[test]
#[ignore = "needs Chromium; deploy/test runs it"]
fn every_flow_of_profile_c_passes_in_chromium() {
    every_flow_passes("c", Options::default());
}

#[test]
#[ignore = "needs Chromium; deploy/test runs it"]
fn every_flow_of_profile_d_passes_in_chromium() {
    every_flow_passes("d", Options::default());
}

#[test]
#[ignore = "needs Chromium; deploy/test runs it"]
fn every_flow_of_profile_e_passes_in_chromium() {
    every_flow_passes("e", Options::default());
}

#[test]
#[ignore = "needs Chromium; deploy/test runs it"]
fn every_flow_of_profile_a_passes_without_scripts() {
    every_flow_passes("a", without_scripts());
}

#[test]
#[ignore = "needs Chromium; deploy/test runs it"]
fn every_flow_of_profile_b_passes_without_scripts() {
    every_flow_passes("b", without_scripts());
}

#[test]
#[ignore = "needs Chromium; deploy/test runs it"]
fn every_flow_of_profile_c_passes_without_scripts() {
    every_flow_passes("c", without_scripts());
}

#[test]
#[ignore = "needs Chromium; deploy/test runs it"]
fn every_flow_of_profile_d_passes_without_scripts() {
    every_flow_passes("d", without_scripts());
}

#[test]
#[ignore = "needs Chromium; deploy/test runs it"]
fn every_flow_of_profile_e_passes_without_scripts() {
    every_flow_passes("e", without_scripts());
}

#[test]
#[ignore = "needs Chromium; deploy/test runs it"]
fn every_flow_of_profile_e_passes_in_english() {
    every_flow_passes("e", Options { language: Tongue::En, width: 1280, ..Options::default() });
}
