//! Complete log-ins against the release binary: `cargo bench -p sekisho-benches --bench login_load -- [options]`.

use clap::Parser;
use sekisho_benches::alone::{self, Alone};
use sekisho_benches::enrol;
use sekisho_benches::lab::{IMPORTED, Lab, SOCIETY, Server, release};
use sekisho_benches::load::{Crew, log_ins, second_steps};
use sekisho_benches::member::{Device, Member, csv};
use sekisho_benches::readings::resident;
use sekisho_benches::report::{self, Row};
use sekisho_benches::{AnyError, browser::Site};
use sekisho_core::account::HashCost;
use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What the appliance hashes with unless told otherwise.
const COST: HashCost = HashCost { memory_kib: 19_456, passes: 2, lanes: 1 };

/// How many hashes may wait in it, unless told otherwise.
const QUEUE: usize = 128;

/// Measures complete log-ins (password and TOTP) over TLS, on the machine's own cores. Prints; judges nothing but its own errors.
#[derive(Parser)]
struct Options {
    /// Members to enrol. One can log in once in half a minute: take 60 for each log-in per second that the machine gives.
    #[arg(long, default_value_t = 6000)]
    members: usize,
    /// Seconds for each number in flight.
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// Log-ins at the same time.
    #[arg(long, value_delimiter = ',', default_value = "1,8,64")]
    in_flight: Vec<usize>,
    /// Members for the second step alone; 0 leaves it out.
    #[arg(long, default_value_t = 4000)]
    second_steps: usize,
    /// Members with a passkey, for the passkey step alone; 0 leaves it out.
    #[arg(long, default_value_t = 4000)]
    passkeys: usize,
    /// Rows of a big import; 0 leaves it out.
    #[arg(long, default_value_t = 0)]
    import: usize,
    /// Societies in the configuration of a last start; 0 leaves it out.
    #[arg(long, default_value_t = 0)]
    societies: usize,
    /// The binary; without it the release is built.
    #[arg(long)]
    binary: Option<PathBuf>,
    /// What cargo adds.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> Result<(), AnyError> {
    let options = Options::parse();
    let crew = Crew::new()?;
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let target = folder.parent().ok_or("no target folder")?;
    let binary = options.binary.clone().map_or_else(|| release(target), Ok)?;
    let lab = Lab::set_up(binary, folder)?;
    let mut rows = vec![report::binary(fs::metadata(&lab.binary)?.len())];
    let done = run(&options, &crew, &lab, &mut rows);
    println!("\n{}", report::table(&rows));
    done.inspect_err(|_| eprintln!("the appliance's last lines:\n{}", lab.log_tail()))
}

fn run(options: &Options, crew: &Crew, lab: &Lab, rows: &mut Vec<Row>) -> Result<(), AnyError> {
    let site = lab.site()?;
    let cores = alone::cores();
    let server = lab.start(crew)?;
    rows.push(report::start("with no members", &server));
    lab.sekisho(&["society", "add", SOCIETY])?;
    let count = options.members + options.passkeys;
    import(lab, SOCIETY, count)?;
    let everybody = (0..options.members).map(Member::new).chain((options.members..count).map(Member::with_passkey)).collect();
    let (members, spent) = enrol::all(crew, &site, &lab.mailbox, everybody)?;
    println!("{}", report::enrolment(members.len(), &spent));
    let (members, holders): (Vec<_>, Vec<_>) = members.into_iter().partition(|member| matches!(member.device, Device::App(_)));

    server.kill()?;
    let server = lab.start(crew)?;
    rows.push(report::start("after kill -9", &server));
    let idle = resident(server.pid())?;
    rows.push(report::idle(count, idle));

    let yardstick = alone::measure(COST, Duration::from_secs(options.seconds.min(10)))?;
    say_alone(&yardstick, cores);
    let members = levels(options, crew, lab, &site, &server, members, (idle, yardstick), rows)?;
    if options.second_steps > 0 {
        // Everybody's last code is behind them: the next one is fresh after a step and a half.
        std::thread::sleep(Duration::from_secs(45));
        let some = members.into_iter().take(options.second_steps).collect();
        let (level, _) = second_steps(crew, &site, &server, some, 64)?;
        println!("{}", report::threads(&level));
        rows.extend(report::second_step(&level));
    }
    if options.passkeys > 0 {
        let (level, _) = second_steps(crew, &site, &server, holders, 64)?;
        println!("{}", report::threads(&level));
        rows.extend(report::passkey_step(&level));
    }
    let server = if options.import > 0 { big_import(options, crew, lab, server, rows)? } else { server };
    println!("stopped by SIGTERM within {:.0} ms", server.stop()?.as_secs_f64() * 1000.0);
    if options.societies > 0 {
        lab.pretend_societies(options.societies)?;
        let server = lab.start(crew)?;
        rows.push(report::start(&format!("with {} societies", options.societies), &server));
        rows.push(report::idle(options.members + options.passkeys + options.import, resident(server.pid())?));
    }
    Ok(())
}

fn say_alone(alone: &Alone, cores: usize) {
    let Alone { rate, each, others } = alone;
    let HashCost { memory_kib, passes, lanes } = COST;
    println!(
        "argon2id alone (m={memory_kib}, t={passes}, p={lanes}) on {cores} threads: {rate:.1} a second, {:.2} ms CPU each; others used {:.0} % of the cores",
        each.as_secs_f64() * 1000.0,
        others * 100.0
    );
}

#[expect(clippy::too_many_arguments, reason = "one place, and a struct for it would have no other use")]
fn levels(
    options: &Options,
    crew: &Crew,
    lab: &Lab,
    site: &Site,
    server: &Server,
    members: Vec<Member>,
    (idle, yardstick): (u64, Alone),
    rows: &mut Vec<Row>,
) -> Result<Vec<Member>, AnyError> {
    let cores = alone::cores();
    let members = RefCell::new(members.into());
    for in_flight in &options.in_flight {
        let level = log_ins(crew, site, server, &members, *in_flight, Duration::from_secs(options.seconds))?;
        println!("{}", report::threads(&level));
        rows.extend(report::level(&level, &yardstick, cores, QUEUE));
        if options.in_flight.iter().filter(|n| **n <= QUEUE).max() == Some(in_flight) {
            rows.push(report::loaded(idle, &level, cores as u64 * u64::from(COST.memory_kib) * 1024));
        }
    }
    println!("the society's file has {:.1} MB after that", lab.stored() as f64 / 1e6);
    Ok(members.into_inner().into())
}

fn big_import(options: &Options, crew: &Crew, lab: &Lab, server: Server, rows: &mut Vec<Row>) -> Result<Server, AnyError> {
    lab.sekisho(&["society", "add", IMPORTED])?;
    let before = lab.stored();
    let span = import(lab, IMPORTED, options.import)?;
    rows.extend(report::import(options.import, span, lab.stored() - before));
    server.stop()?;
    let server = lab.start(crew)?;
    rows.push(report::idle(options.members + options.passkeys + options.import, resident(server.pid())?));
    Ok(server)
}

/// Imports `count` members into `society`. Returns how long the command took.
fn import(lab: &Lab, society: &str, count: usize) -> Result<Duration, AnyError> {
    let file = lab.file(&format!("{society}-bench.csv"));
    fs::write(&file, csv(0, count))?;
    let begun = Instant::now();
    lab.sekisho(&["member", "import", &file.to_string_lossy(), "--society", society])?;
    Ok(begun.elapsed())
}
