//! Every flow of the vectors against the real appliance in process, one test for each profile and preset; and nothing of the catalogue
//! is left unseen.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use sekisho_core::tenant::{Preset, TenantPolicy};
use sekisho_harness::coverage::coverage;
use sekisho_harness::drivers::in_process::Appliance;
use sekisho_harness::flow::DriverKind;
use sekisho_harness::run::{FlowRun, Setting, Verdict, check_residue, run_flow};
use sekisho_harness::vectors::Vectors;
use std::collections::BTreeMap;

fn vectors() -> Vectors {
    Vectors::load(&Vectors::find().expect("the vectors are there")).expect("the vectors are well-formed")
}

/// The flows of `profile` under `preset` on an appliance that draws everything from `seed`.
fn runs(vectors: &Vectors, profile: &str, preset: Preset, seed: u64, only: Option<&str>) -> Vec<FlowRun> {
    let setting = Setting { profile, preset };
    let society = setting.society();
    let policy = vectors.profiles.get(profile).expect("the profile").clone();
    let policies = BTreeMap::from([(society.clone(), TenantPolicy { preset, ..policy })]);
    let appliance = Appliance::new(&policies, seed).expect("an appliance on a throw-away token");
    let mut driver = appliance.driver(&society).expect("the society");
    let flows = vectors.flows.iter().map(|(_, flow)| flow).filter(|flow| flow.is_for(profile, preset));
    let flows = flows.filter(|flow| only.is_none_or(|id| flow.id == id));
    let mut runs: Vec<FlowRun> = flows.map(|flow| run_flow(vectors, flow, setting, &mut driver, seed, &mut |_| {})).collect();
    let residue = check_residue(setting, &driver, seed, &mut runs);
    runs.push(residue);
    runs
}

fn every_flow_passes(profile: &str, preset: Preset) {
    let vectors = vectors();
    let runs = runs(&vectors, profile, preset, 1, None);
    assert!(runs.len() > 100, "only {} flows were run", runs.len());
    let failed: Vec<_> = runs.iter().filter(|run| run.verdict != Verdict::Passed).map(|run| (&run.flow, &run.verdict)).collect();
    assert!(failed.is_empty(), "{failed:#?}");
    let shown = coverage(&vectors.catalogue, DriverKind::InProcess, &[(profile.to_owned(), preset)], &runs);
    let missing: Vec<&String> = shown.rows().flat_map(|(.., of)| &of.missing).collect();
    assert!(missing.is_empty(), "no passed flow shows {missing:?}");
}

macro_rules! societies {
    ($($name:ident: $profile:literal $preset:ident;)*) => {
        $(#[test]
        fn $name() {
            every_flow_passes($profile, Preset::$preset);
        })*
    };
}

societies! {
    every_flow_of_profile_a_passes_under_manual: "a" Manual;
    every_flow_of_profile_a_passes_under_guarded: "a" Guarded;
    every_flow_of_profile_a_passes_under_hardened: "a" Hardened;
    every_flow_of_profile_b_passes_under_manual: "b" Manual;
    every_flow_of_profile_b_passes_under_guarded: "b" Guarded;
    every_flow_of_profile_b_passes_under_hardened: "b" Hardened;
    every_flow_of_profile_c_passes_under_manual: "c" Manual;
    every_flow_of_profile_c_passes_under_guarded: "c" Guarded;
    every_flow_of_profile_c_passes_under_hardened: "c" Hardened;
    every_flow_of_profile_d_passes_under_manual: "d" Manual;
    every_flow_of_profile_d_passes_under_guarded: "d" Guarded;
    every_flow_of_profile_d_passes_under_hardened: "d" Hardened;
    every_flow_of_profile_e_passes_under_manual: "e" Manual;
    every_flow_of_profile_e_passes_under_guarded: "e" Guarded;
    every_flow_of_profile_e_passes_under_hardened: "e" Hardened;
}

#[test]
fn the_same_seed_gives_the_same_trace_twice() {
    let vectors = vectors();
    let traces = |seed| {
        let runs = runs(&vectors, "a", Preset::Guarded, seed, Some("login-totp.app"));
        runs.into_iter().map(|run| run.trace).collect::<Vec<_>>()
    };
    assert_eq!(traces(7), traces(7));
}
