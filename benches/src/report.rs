//! The table: what was measured beside the targets of the design, section 10.

use crate::alone::Alone;
use crate::enrol::Spent;
use crate::lab::Server;
use crate::load::Level;
use std::fmt::Write;
use std::time::Duration;

/// A line of the table.
pub struct Row {
    what: String,
    measured: String,
    target: String,
    /// `None` where there is no target.
    reached: Option<bool>,
}

/// A line with a target.
pub fn row(what: impl Into<String>, measured: impl Into<String>, target: impl Into<String>, reached: bool) -> Row {
    Row { what: what.into(), measured: measured.into(), target: target.into(), reached: Some(reached) }
}

/// A line without one.
pub fn note(what: impl Into<String>, measured: impl Into<String>) -> Row {
    Row { what: what.into(), measured: measured.into(), target: String::new(), reached: None }
}

/// As Markdown.
pub fn table(rows: &[Row]) -> String {
    let mut out = String::from("| what | measured | target | |\n|---|---|---|---|\n");
    for Row { what, measured, target, reached } in rows {
        let reached = match reached {
            Some(true) => "reached",
            Some(false) => "**not reached**",
            None => "",
        };
        // Writing to a String cannot fail.
        let _ = writeln!(out, "| {what} | {measured} | {target} | {reached} |");
    }
    out
}

/// One level of load, `cores` being hashed on, with room for `queue` waiting hashes. `alone` is the yardstick of the same run.
pub fn level(level: &Level, alone: &Alone, cores: usize, queue: usize) -> Vec<Row> {
    let n = level.in_flight;
    let mut rows = vec![speed(level, alone, cores)];
    let (p50, p99) = (ms(level.percentile(0.50)), ms(level.percentile(0.99)));
    let waits = format!("{p50:.0} ms; {p99:.0} ms");
    if n > queue {
        // What is refused costs, too, so that nothing can be said of one log-in.
        rows.push(row(format!("{n} in flight, overloaded: p50; p99 of accepted log-ins"), waits, "p99 ≤ 1000 ms", p99 <= 1000.0));
    } else {
        rows.push(match n {
            8 => row("8 in flight: p50; p99", waits, "≤ 75; ≤ 120 ms", p50 <= 75.0 && p99 <= 120.0),
            n => note(format!("{n} in flight: p50; p99"), waits),
        });
        rows.extend(cpu(level, n >= 2 * cores));
        rows.extend(store_and_token(level));
    }
    if level.busy + level.starved > 0 {
        rows.push(note(format!("{n} in flight: refused with 503; waits for a fresh code"), format!("{}; {}", level.busy, level.starved)));
    }
    rows
}

/// Log-ins per second as a part of what hashing alone would give. By the clock that is true only while nothing else runs, on
/// either side; by CPU time it is true anyhow, and says what the cores could do. Below saturation neither is a target.
fn speed(level: &Level, alone: &Alone, cores: usize) -> Row {
    let by_clock = level.rate() / alone.rate;
    let by_cpu = ms(alone.each) / level.per_login(ms(level.server.total + level.client));
    let what = format!("{} in flight: log-ins per second; ÷ argon2id alone, by the clock; by CPU time, the client's too", level.in_flight);
    let measured = format!("{:.1}; {by_clock:.2}; {by_cpu:.2}", level.rate());
    if level.in_flight < 2 * cores {
        return note(what, measured);
    }
    row(what, measured, "both ≥ 0.80", by_clock.min(by_cpu) >= 0.80)
}

fn cpu(level: &Level, saturated: bool) -> Vec<Row> {
    let n = level.in_flight;
    let argon2 = level.server.argon2();
    let share = argon2.as_secs_f64() / level.server.total.as_secs_f64();
    let beside = level.per_login(ms(level.server.total.saturating_sub(argon2)));
    let (hash, client) = (level.per_login(ms(argon2)), level.per_login(ms(level.client)));
    let what = format!("{n} in flight: argon2's share of the server's CPU");
    let share = if saturated { row(what, format!("{share:.3}"), "≥ 0.90", share >= 0.90) } else { note(what, format!("{share:.3}")) };
    vec![
        share,
        row(format!("{n} in flight: CPU per log-in beside argon2"), format!("{beside:.2} ms"), "≤ 0.70 ms", beside <= 0.70),
        note(format!("{n} in flight: CPU per log-in of argon2; of the client"), format!("{hash:.2} ms; {client:.2} ms")),
    ]
}

fn store_and_token(level: &Level) -> Vec<Row> {
    let n = level.in_flight;
    let numbers = level.numbers;
    let commits = level.per_login(numbers.commits as f64);
    let batches = level.per_login(numbers.batches as f64);
    let calls = level.per_login(numbers.calls as f64);
    let written = level.per_login(level.written as f64) / 1000.0;
    vec![
        row(
            format!("{n} in flight: durable commits per log-in (decisions written)"),
            format!("{commits:.2} ({batches:.2})"),
            "≤ 2",
            commits <= 2.0,
        ),
        row(format!("{n} in flight: PKCS#11 calls per log-in"), format!("{calls:.1}"), "≤ 22", calls <= 22.05),
        row(format!("{n} in flight: written per log-in"), format!("{written:.1} kB"), "≤ 10 kB", written <= 10.0),
    ]
}

/// Where the CPU of a level went, by kind of thread.
pub fn threads(level: &Level) -> String {
    let mut out = format!("{} in flight, server CPU per log-in by thread (µs):", level.in_flight);
    let known: Duration = level.server.threads.values().sum();
    for (name, spent) in &level.server.threads {
        let _ = write!(out, " {name} {:.0};", level.per_login(ms(*spent)) * 1000.0);
    }
    let ended = level.per_login(ms(level.server.total.saturating_sub(known))) * 1000.0;
    let others = level.others.as_secs_f64() / level.elapsed.as_secs_f64();
    let _ = write!(out, " ended threads {ended:.0}. Other processes used {others:.2} cores.");
    out
}

/// The passkey step alone. The devices have signed before; what a browser does beside that is on the same cores as the server.
pub fn passkey_step(level: &Level) -> Vec<Row> {
    let calls = level.per_login(level.numbers.calls as f64);
    let (rate, n) = (level.rate(), level.in_flight);
    let (server, client) = (level.per_login(ms(level.server.total)), level.per_login(ms(level.client)));
    vec![
        row(format!("passkey step alone, {n} connections: per second"), format!("{rate:.0}"), "≥ 1500", rate >= 1500.0),
        row("passkey step alone: PKCS#11 calls", format!("{calls:.1}"), "≤ 11", calls <= 11.05),
        note(
            "passkey step alone: server CPU; client CPU (same cores; the device's signature is made before); written",
            format!("{server:.2} ms; {client:.2} ms; {:.1} kB", level.per_login(level.written as f64) / 1000.0),
        ),
    ]
}

/// The second step alone, by an app.
pub fn second_step(level: &Level) -> Vec<Row> {
    let shared = level.numbers.batches as f64 / level.numbers.commits.max(1) as f64;
    let calls = level.per_login(level.numbers.calls as f64);
    let rate = level.rate();
    let n = level.in_flight;
    vec![
        row(format!("second step alone, {n} connections: TOTP checks per second"), format!("{rate:.0}"), "≥ 2000", rate >= 2000.0),
        row(format!("second step alone, {n} connections: log-ins per fsync"), format!("{shared:.1}"), "≥ 8", shared >= 8.0),
        note(
            "second step alone: server CPU; client CPU; PKCS#11 calls; written",
            format!(
                "{:.2} ms; {:.2} ms; {calls:.1}; {:.1} kB",
                level.per_login(ms(level.server.total)),
                level.per_login(ms(level.client)),
                level.per_login(level.written as f64) / 1000.0
            ),
        ),
    ]
}

/// How fast it starts.
pub fn start(how: &str, server: &Server) -> Row {
    let (ready, page) = (ms(server.ready), ms(server.first_page));
    row(format!("start {how}: to /readyz; to the first page"), format!("{ready:.0} ms; {page:.0} ms"), "≤ 200 ms", page <= 200.0)
}

/// Resident memory of an idle process.
pub fn idle(members: usize, bytes: u64) -> Row {
    let mib = mib(bytes);
    let bound = if members <= 10_000 { 20.0 } else { 64.0 };
    row(format!("resident memory idle, {members} members"), format!("{mib:.1} MiB"), format!("≤ {bound:.0} MiB"), mib <= bound)
}

/// Resident memory under load.
pub fn loaded(idle: u64, level: &Level, hashing: u64) -> Row {
    let bound = mib(idle) + mib(hashing) + 20.0;
    let mib = mib(level.resident);
    let what = format!("resident memory, {} in flight", level.in_flight);
    row(what, format!("{mib:.1} MiB"), format!("idle + hashing + 20 = {bound:.0} MiB"), mib <= bound)
}

/// How long the first log-ins took.
pub fn enrolment(members: usize, spent: &Spent) -> String {
    let Spent { forms, letters, set_up, notices, mails } = *spent;
    let [forms, letters, set_up, notices] = [forms, letters, set_up, notices].map(|span| span.as_secs_f64());
    let all = forms + letters + set_up + notices;
    format!(
        "{members} first log-ins in {all:.0} s: forms {forms:.0} s, links {letters:.0} s more, link to app {set_up:.0} s, notices {notices:.0} s more; {mails} letters, {:.0} a second",
        mails as f64 / all
    )
}

/// The size of the release.
pub fn binary(bytes: u64) -> Row {
    let mb = bytes as f64 / 1e6;
    row("release binary", format!("{mb:.1} MB"), "≤ 10 MB", mb <= 10.0)
}

/// An import of `rows` members.
pub fn import(rows: usize, span: Duration, stored: u64) -> Vec<Row> {
    let a_minute = rows as f64 / span.as_secs_f64() * 60.0;
    vec![
        row(format!("import of {rows} members with rule passwords"), format!("{a_minute:.0} a minute"), "≥ 100000", a_minute >= 100_000.0),
        note("stored per member", format!("{:.0} bytes", stored as f64 / rows as f64)),
    ]
}

fn ms(span: Duration) -> f64 {
    span.as_secs_f64() * 1000.0
}

fn mib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
