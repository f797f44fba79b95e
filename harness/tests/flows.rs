//! Every flow of the vectors against the real appliance in process, one test for each profile.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use sekisho_harness::drivers::in_process::Appliance;
use sekisho_harness::run::{FlowRun, Verdict, check_residue, run_flow};
use sekisho_harness::vectors::Vectors;

/// The flows of `profile` on an appliance that draws everything from `seed`.
fn runs(profile: &str, seed: u64, only: Option<&str>) -> Vec<FlowRun> {
    let vectors = Vectors::load(&Vectors::find().expect("the vectors are there")).expect("the vectors are well-formed");
    let profiles = vectors.profiles.iter().filter(|(id, _)| *id == profile).map(|(id, policy)| (id.clone(), policy.clone())).collect();
    let appliance = Appliance::new(&profiles, seed).expect("an appliance on a throw-away token");
    let mut driver = appliance.driver(profile).expect("the profile's society");
    let flows = vectors.flows.iter().map(|(_, flow)| flow).filter(|flow| flow.profiles.iter().any(|have| have == profile));
    let flows = flows.filter(|flow| only.is_none_or(|id| flow.id == id));
    let mut runs: Vec<FlowRun> = flows.map(|flow| run_flow(&vectors, flow, profile, &mut driver, seed, &mut |_| {})).collect();
    let residue = check_residue(profile, &driver, seed, &mut runs);
    runs.push(residue);
    runs
}

fn every_flow_passes(profile: &str) {
    let runs = runs(profile, 1, None);
    assert!(runs.len() > 20, "only {} flows were run", runs.len());
    let failed: Vec<_> = runs.iter().filter(|run| run.verdict != Verdict::Passed).map(|run| (&run.flow, &run.verdict)).collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn every_flow_of_profile_a_passes_in_process() {
    every_flow_passes("a");
}

#[test]
fn every_flow_of_profile_b_passes_in_process() {
    every_flow_passes("b");
}

#[test]
fn every_flow_of_profile_c_passes_in_process() {
    every_flow_passes("c");
}

#[test]
fn every_flow_of_profile_d_passes_in_process() {
    every_flow_passes("d");
}

#[test]
fn every_flow_of_profile_e_passes_in_process() {
    every_flow_passes("e");
}

#[test]
fn the_same_seed_gives_the_same_trace_twice() {
    let traces = |seed| runs("a", seed, Some("login-totp.app")).into_iter().map(|run| run.trace).collect::<Vec<_>>();
    assert_eq!(traces(7), traces(7));
}
