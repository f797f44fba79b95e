//! Whether the time of an answer tells who is a member: `cargo bench -p sekisho-benches --bench who_is_there -- [options]`.
//!
//! Wrong passwords for IDs of members and of nobody, in turn, over new TLS connections, against the release binary with the argon2id of
//! production (G-10). Not in CI: a machine that does something else besides would tell its own story.

use clap::Parser;
use sekisho_benches::AnyError;
use sekisho_benches::browser::{Memory, Site};
use sekisho_benches::enrol;
use sekisho_benches::lab::{Lab, SOCIETY, release};
use sekisho_benches::load::Crew;
use sekisho_benches::member::{Member, csv};
use sekisho_benches::samples::{TELLING_T, cropped, ks_critical, ks_d, median, welch_t};
use sekisho_core::tenant::Limits;
use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Compares how long a wrong password takes for IDs that are members' and for others.
#[derive(Parser)]
struct Options {
    /// Wrong passwords for each of the two.
    #[arg(long, default_value_t = 1000)]
    tries: usize,
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
    run(&options, &crew, &lab).inspect_err(|_| eprintln!("the appliance's last lines:\n{}", lab.log_tail()))
}

fn run(options: &Options, crew: &Crew, lab: &Lab) -> Result<(), AnyError> {
    let server = lab.start(crew)?;
    let site = lab.site()?;
    lab.sekisho(&["society", "add", SOCIETY])?;
    // As many as are free at one ID; the next would be a wait.
    let free = usize::try_from(Limits::default().password.free)?;
    let count = options.tries.div_ceil(free);
    let file = lab.file("who-is-there.csv");
    fs::write(&file, csv(0, count))?;
    lab.sekisho(&["member", "import", &file.to_string_lossy(), "--society", SOCIETY])?;
    let (members, _) = enrol::all(crew, &site, &lab.mailbox, (0..count).map(Member::new).collect())?;
    println!("{count} members have come; now {} wrong passwords each for them and for nobody", options.tries);

    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    let mut place = 0;
    for round in 0..options.tries {
        let member = members.get(round % count).ok_or("no member")?;
        // Of the same length: an import has no serials like these.
        let nobody = Member::new(5_000_000 + round % count).user_id;
        // Who comes first takes turns as well.
        let mut pair = [(&member.user_id, &mut known), (&nobody, &mut unknown)];
        if round % 2 == 1 {
            pair.reverse();
        }
        for (id, times) in pair {
            place += 1;
            times.push(crew.run(wrong_password(&site, id, network(place)))?);
        }
    }
    drop(server);
    tell(&known, &unknown);
    Ok(())
}

/// Milliseconds from the form to its answer. The page before is not measured: it is the same for everybody.
async fn wrong_password(site: &Site, id: &str, from: Ipv4Addr) -> Result<f64, AnyError> {
    let mut browser = Memory::default();
    let mut connection = site.connect_from(from).await?;
    browser.page(&mut connection, "/login", "login").await?;
    let fields = [("user_id", id), ("password", "wrongwrongwrongwrong-A1")];
    let begun = Instant::now();
    let answer = browser.post(&mut connection, "/login", &fields).await?;
    let span = begun.elapsed();
    if answer.status != http::StatusCode::UNPROCESSABLE_ENTITY {
        return Err(format!("a wrong password was answered with {}: it was not judged, so its time means nothing", answer.status).into());
    }
    Ok(span.as_secs_f64() * 1000.0)
}

/// An address in a /24 of its own on the loopback network, so that no source's budget or share is what is measured.
fn network(place: usize) -> Ipv4Addr {
    let [.., high, low] = (place % 0xfe00 + 0x100).to_be_bytes();
    Ipv4Addr::new(127, high, low, 1)
}

fn tell(known: &[f64], unknown: &[f64]) {
    println!("\n| | members | nobody |\n|---|---|---|");
    println!("| median | {:.3} ms | {:.3} ms |", median(known), median(unknown));
    for (what, [known, unknown]) in
        [("all", [known.to_vec(), unknown.to_vec()]), ("without the slowest hundredth", cropped([known, unknown]))]
    {
        let (t, d) = (welch_t(&known, &unknown), ks_d(&known, &unknown));
        let critical = ks_critical(known.len(), unknown.len());
        println!(
            "{what}: Welch's t {t:+.2} ({} and {} times); Kolmogorov-Smirnov D {d:.4}, {critical:.4} once in a hundred",
            known.len(),
            unknown.len()
        );
        let told = if t.abs() < TELLING_T && d < critical { "nothing told" } else { "SOMETHING IS TOLD" };
        println!("{what}: {told} (|t| < {TELLING_T}, D < {critical:.4})");
    }
}
