//! The command line. Everything is written to one `Write`, and the exit code says how it ended.

use crate::catalogue::{ALL_PRESETS, ProfileId, preset_id};
use crate::chromium;
use crate::coverage::coverage;
use crate::drivers::browser::House;
use crate::drivers::in_process::{Appliance, Premises};
use crate::drivers::remote::{Remote, Target};
use crate::drivers::{Driver, DriverError};
use crate::flow::{DriverKind, Flow};
use crate::guard::{self, Ground, Measure};
use crate::lint::lint;
use crate::report::{self, Report, text};
use crate::rfc::{self, Outcome};
use crate::run::{FlowRun, Setting, Verdict, check_pages, check_residue, run_flow, run_flow_twice};
use crate::vectors::{Vectors, VectorsError};
use crate::world::clock::HostClock;
use crate::world::totp_app::TotpApp;
use crate::{mailbox, stage};
use clap::{Args, Parser, Subcommand, ValueEnum};
use sekisho_core::tenant::{Preset, TenantPolicy};
use sekisho_core::time::Timestamp;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::num::NonZero;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Replays every flow of the manuals against Sekisho.
#[derive(Debug, Parser)]
#[command(name = "sekisho-harness", version, about)]
pub struct Cli {
    /// The folder `vectors`; looked for from here upwards when absent
    #[arg(long, global = true, value_name = "DIR")]
    pub vectors: Option<PathBuf>,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run flows
    Run(RunArgs),
    /// Run every flow and say which steps of the catalogue that shows
    Coverage {
        /// How the appliance is reached; `remote` has no members for every flow
        #[arg(long, value_enum, default_value = "in-process")]
        driver: DriverKind,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Check that the vectors fit together
    Lint,
    /// Check the standard vectors
    Vectors,
    /// Be the post: an SMTP sink, and a page that shows its mails
    Mailbox(mailbox::Options),
    /// Write what a try-out on this machine needs
    Stage(stage::Options),
    /// Print the present code of a TOTP key
    Code {
        /// The key in base32, as a page shows it
        key: String,
        /// Another instant than now: seconds since 1970 UTC
        #[arg(long, value_name = "SECONDS")]
        at: Option<u64>,
    },
}

/// What is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Group {
    /// The flows of the manuals
    Flows,
    /// Attacks on the door, each measured beside its bound; by itself, on simulated clocks, without a target
    Guard,
}

/// Which flows, how, against what.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// What is run
    #[arg(long, value_enum, default_value = "flows")]
    pub group: Group,
    /// How the appliance is reached
    #[arg(long, value_enum, default_value = "in-process")]
    pub driver: DriverKind,
    /// Where it is and whom it can be logged in as; for remote
    #[arg(long, value_name = "FILE", required_if_eq("driver", "remote"))]
    pub target: Option<PathBuf>,
    /// Only these profiles
    #[arg(long, value_delimiter = ',')]
    pub profiles: Vec<ProfileId>,
    /// Only these presets; all when absent, and for remote the one of the profile
    #[arg(long, value_delimiter = ',', value_parser = preset_of)]
    pub presets: Vec<Preset>,
    /// Only these flows
    #[arg(long = "flow", value_name = "ID")]
    pub flows: Vec<String>,
    /// What names, passwords and choices are drawn from
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Print every step
    #[arg(long)]
    pub steps: bool,
    /// Write report.json and junit.xml there
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// How Chromium is run.
    #[command(flatten)]
    pub chromium: chromium::Options,
}

/// How the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Exit {
    Green = 0,
    Failed = 1,
    Data = 2,
    NotReached = 3,
    NoVerdict = 4,
    Incomplete = 5,
    Internal = 70,
}

/// Why nothing could be run.
#[derive(Debug, thiserror::Error)]
enum CliError {
    #[error(transparent)]
    Vectors(#[from] VectorsError),
    #[error(transparent)]
    Driver(#[from] DriverError),
    #[error("{0}")]
    Usage(String),
    #[error("writing failed: {0}")]
    Io(#[from] io::Error),
}

impl CliError {
    fn exit(&self) -> Exit {
        match self {
            Self::Vectors(_) | Self::Usage(_) => Exit::Data,
            Self::Driver(DriverError::Unreachable(_) | DriverError::NotSetUp(_)) => Exit::NotReached,
            Self::Driver(DriverError::Internal(_)) | Self::Io(_) => Exit::Internal,
        }
    }
}

/// Does what the command line asks for. Returns the exit code.
pub fn run(cli: &Cli, out: &mut dyn Write) -> u8 {
    let exit = command(cli, out).unwrap_or_else(|error| {
        // If even this cannot be written, the exit code has to do.
        let _ = writeln!(out, "{error}");
        error.exit()
    });
    exit as u8
}

fn command(cli: &Cli, out: &mut dyn Write) -> Result<Exit, CliError> {
    match &cli.command {
        Command::Run(args) if args.group == Group::Guard => run_guard(&load(cli)?, args, out),
        Command::Run(args) => run_flows(&load(cli)?, args, out),
        Command::Coverage { driver, json } => show_coverage(&load(cli)?, *driver, *json, out),
        Command::Lint => {
            let findings = lint(&load(cli)?)?;
            for finding in &findings {
                writeln!(out, "{finding}")?;
            }
            writeln!(out, "{} findings", findings.len())?;
            Ok(if findings.is_empty() { Exit::Green } else { Exit::Data })
        }
        Command::Vectors => show_vectors(cli, out),
        Command::Mailbox(options) => {
            mailbox::run(options, out)?;
            Ok(Exit::Green)
        }
        Command::Stage(options) => {
            stage::run(options, HostClock.now(), out)?;
            Ok(Exit::Green)
        }
        Command::Code { key, at } => {
            let app = TotpApp::typed(key).ok_or_else(|| CliError::Usage("the key is not base32".to_owned()))?;
            let now = at.map_or_else(|| HostClock.now(), Timestamp);
            writeln!(out, "{} {} s", app.code(now, 0), TotpApp::seconds_left(now))?;
            Ok(Exit::Green)
        }
    }
}

fn load(cli: &Cli) -> Result<Vectors, CliError> {
    let root = cli.vectors.clone().map_or_else(Vectors::find, Ok)?;
    Ok(Vectors::load(&root)?)
}

fn show_vectors(cli: &Cli, out: &mut dyn Write) -> Result<Exit, CliError> {
    let root = cli.vectors.clone().map_or_else(Vectors::find, Ok)?;
    let checked = rfc::check_all(&root)?;
    for vector in &checked {
        match &vector.outcome {
            Outcome::Right => writeln!(out, "ok   {}", vector.id)?,
            Outcome::Wrong(why) => writeln!(out, "FAIL {}: {why}", vector.id)?,
            Outcome::Skipped(why) => writeln!(out, "skip {}: {why}", vector.id)?,
        }
    }
    let wrong = checked.iter().any(|vector| matches!(vector.outcome, Outcome::Wrong(_)));
    Ok(if wrong { Exit::Failed } else { Exit::Green })
}

fn run_flows(vectors: &Vectors, args: &RunArgs, out: &mut dyn Write) -> Result<Exit, CliError> {
    let runs = every(vectors, args, out)?;
    let shown = coverage(&vectors.catalogue, args.driver, &settings(vectors, args)?, &runs);
    text::coverage(out, &shown)?;
    if let Some(folder) = &args.out {
        Report::new(&runs, &shown).write(folder)?;
    }
    Ok(exit(&runs))
}

fn run_guard(vectors: &Vectors, args: &RunArgs, out: &mut dyn Write) -> Result<Exit, CliError> {
    let chooses = !args.profiles.is_empty() || !args.presets.is_empty() || !args.flows.is_empty() || args.steps;
    if chooses || args.driver != DriverKind::InProcess {
        return Err(CliError::Usage("--group guard runs every attack in process; it takes --seed and --out, and nothing else".to_owned()));
    }
    let (mut written, mut before) = (Ok(()), None);
    let mut seen = |measure: &Measure| {
        if written.is_ok() {
            written = text::measure(out, measure, before.as_ref());
        }
        before = Some(measure.clone());
    };
    let measures = guard::run(&Ground::new(vectors, args.seed), &mut seen)?;
    written?;
    let broken = measures.iter().filter(|measure| !measure.holds()).count();
    writeln!(out, "\n{} measures, {broken} beyond their bound", measures.len())?;
    if let Some(folder) = &args.out {
        report::write_measures(&measures, folder)?;
    }
    Ok(if broken > 0 { Exit::Failed } else { Exit::Green })
}

fn show_coverage(vectors: &Vectors, driver: DriverKind, json: bool, out: &mut dyn Write) -> Result<Exit, CliError> {
    let args = RunArgs {
        group: Group::Flows,
        driver,
        target: None,
        profiles: Vec::new(),
        presets: Vec::new(),
        flows: Vec::new(),
        seed: 1,
        steps: false,
        out: None,
        chromium: chromium::Options::default(),
    };
    let mut log = Vec::new();
    let runs = every(vectors, &args, &mut log)?;
    let shown = coverage(&vectors.catalogue, args.driver, &settings(vectors, &args)?, &runs);
    if json {
        writeln!(out, "{}", serde_json::to_string(&shown).map_err(io::Error::other)?)?;
        return Ok(Exit::Green);
    }
    out.write_all(&log)?;
    text::coverage(out, &shown)?;
    for (_, profile, preset, of) in shown.rows().filter(|(.., of)| !of.missing.is_empty()) {
        writeln!(out, "missing for {profile} under {preset}: {}", of.missing.join(" "))?;
    }
    Ok(if shown.is_complete() { Exit::Green } else { Exit::Incomplete })
}

/// Runs the chosen flows at the chosen societies.
fn every(vectors: &Vectors, args: &RunArgs, out: &mut dyn Write) -> Result<Vec<FlowRun>, CliError> {
    let settings = settings(vectors, args)?;
    if let Some(unknown) = args.flows.iter().find(|id| !vectors.flows.iter().any(|(_, flow)| flow.id == **id)) {
        return Err(CliError::Usage(format!("there is no flow {unknown}")));
    }
    let mut runs = Vec::new();
    match args.driver {
        DriverKind::InProcess => {
            for (lines, of) in side_by_side(vectors, args, &settings)? {
                out.write_all(&lines)?;
                runs.extend(of);
            }
        }
        DriverKind::Browser => {
            let house = House::new(&policies(vectors, &settings), args.seed, &args.chromium)?;
            for (profile, preset) in &settings {
                let setting = Setting { profile, preset: *preset };
                let mut beside = house.beside(&setting.society())?;
                runs.extend(at_society(vectors, args, setting, &mut house.driver(&setting.society())?, Some(&mut beside), out)?);
            }
        }
        DriverKind::Remote => {
            let target = args.target.as_deref().ok_or_else(|| CliError::Usage("--target is missing".to_owned()))?;
            let target = Target::load(target)?;
            for (profile, preset) in &settings {
                let setting = Setting { profile, preset: *preset };
                runs.extend(at_society(vectors, args, setting, &mut Remote::new(&target, profile)?, None, out)?);
            }
        }
    }
    Ok(runs)
}

/// What the flows at one society have said and seen.
type Said = (Vec<u8>, Vec<FlowRun>);

/// Each society in an appliance of its own, with a clock of its own, as many at the same time as there are cores.
fn side_by_side(vectors: &Vectors, args: &RunArgs, settings: &[(ProfileId, Preset)]) -> Result<Vec<Said>, CliError> {
    let policies = policies(vectors, settings);
    let premises = Premises::new(policies.keys(), args.seed)?;
    let one = |(profile, preset): &(ProfileId, Preset)| -> Result<Said, CliError> {
        let setting = Setting { profile, preset: *preset };
        let society = setting.society();
        let policy = policies.iter().filter(|(id, _)| **id == society).map(|(id, policy)| (id.clone(), policy.clone())).collect();
        let appliance = Appliance::at(&premises, &policy, args.seed, |world| world)?;
        let mut lines = Vec::new();
        let runs = at_society(vectors, args, setting, &mut appliance.driver(&society)?, None, &mut lines)?;
        Ok((lines, runs))
    };
    let next = AtomicUsize::new(0);
    let work = || -> Vec<(usize, Result<Said, CliError>)> {
        let places = std::iter::from_fn(|| Some(next.fetch_add(1, Ordering::Relaxed)));
        places.map_while(|place| settings.get(place).map(|setting| (place, one(setting)))).collect()
    };
    let workers = std::thread::available_parallelism().map_or(1, NonZero::get).min(settings.len());
    let mut done: Vec<_> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        let panicked = |_| vec![(usize::MAX, Err(DriverError::Internal("a thread has panicked".to_owned()).into()))];
        workers.into_iter().flat_map(|worker| worker.join().unwrap_or_else(panicked)).collect()
    });
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, said)| said).collect()
}

fn at_society(
    vectors: &Vectors,
    args: &RunArgs,
    setting: Setting<'_>,
    driver: &mut dyn Driver,
    mut beside: Option<&mut dyn Driver>,
    out: &mut dyn Write,
) -> Result<Vec<FlowRun>, CliError> {
    let mut runs = Vec::new();
    let asked = |flow: &&Flow| args.flows.is_empty() || args.flows.contains(&flow.id);
    let flows = vectors.flows.iter().map(|(_, flow)| flow).filter(asked);
    for flow in flows.filter(|flow| flow.is_for(setting.profile, setting.preset)) {
        let mut written = Ok(());
        let mut seen = |step: &_| {
            if args.steps && written.is_ok() {
                written = text::step(out, step);
            }
        };
        let run = match &mut beside {
            Some(beside) => run_flow_twice(vectors, flow, setting, (driver, &mut **beside), args.seed, &mut seen),
            None => run_flow(vectors, flow, setting, driver, args.seed, &mut seen),
        };
        written?;
        text::flow(out, &run)?;
        runs.push(run);
    }
    let residue = check_residue(setting, driver, args.seed, &mut runs);
    for beside in std::iter::once(residue).chain(check_pages(setting, driver, args.seed)) {
        text::flow(out, &beside)?;
        runs.push(beside);
    }
    Ok(runs)
}

/// The societies that are asked for: profile and preset.
fn settings(vectors: &Vectors, args: &RunArgs) -> Result<Vec<(ProfileId, Preset)>, CliError> {
    let RunArgs { profiles, presets, driver, .. } = args;
    if let Some(unknown) = profiles.iter().find(|profile| !vectors.profiles.contains_key(*profile)) {
        return Err(CliError::Usage(format!("there is no profile {unknown}")));
    }
    let asked = vectors.profiles.iter().filter(|(profile, _)| profiles.is_empty() || profiles.contains(profile));
    Ok(asked
        .flat_map(|(profile, policy)| {
            let is_asked = |preset: &Preset| match (presets.is_empty(), driver) {
                (true, DriverKind::Remote) => *preset == policy.preset,
                (none, _) => none || presets.contains(preset),
            };
            ALL_PRESETS.into_iter().filter(is_asked).map(|preset| (profile.clone(), preset)).collect::<Vec<_>>()
        })
        .collect())
}

/// What each of these societies is set up with.
fn policies(vectors: &Vectors, settings: &[(ProfileId, Preset)]) -> BTreeMap<String, TenantPolicy> {
    let policy = |(profile, preset): &(ProfileId, Preset)| {
        let setting = Setting { profile, preset: *preset };
        Some((setting.society(), TenantPolicy { preset: *preset, ..vectors.profiles.get(profile)?.clone() }))
    };
    settings.iter().filter_map(policy).collect()
}

fn preset_of(id: &str) -> Result<Preset, String> {
    let known = ALL_PRESETS.map(preset_id).join(", ");
    ALL_PRESETS.into_iter().find(|preset| preset_id(*preset) == id).ok_or_else(|| format!("there are {known}"))
}

/// The worst of what happened.
fn exit(runs: &[FlowRun]) -> Exit {
    let any = |is: fn(&Verdict) -> bool| runs.iter().any(|run| is(&run.verdict));
    match () {
        () if any(|verdict| matches!(verdict, Verdict::Broken(_))) => Exit::Internal,
        () if any(|verdict| matches!(verdict, Verdict::NotReached(_))) => Exit::NotReached,
        () if any(|verdict| matches!(verdict, Verdict::Failed(_))) => Exit::Failed,
        () if any(|verdict| matches!(verdict, Verdict::ControlFailed(_))) => Exit::NoVerdict,
        () if !any(|verdict| *verdict == Verdict::Passed) => Exit::Incomplete,
        () => Exit::Green,
    }
}
