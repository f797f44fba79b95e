//! What the kernel says of a process, from `/proc`.

use std::collections::BTreeMap;
use std::io::{Error, ErrorKind, Result};
use std::time::Duration;

/// `USER_HZ`: 100 on every Linux that Rust runs on.
const TICK: Duration = Duration::from_millis(10);

/// CPU time of a process.
#[derive(Clone, Debug, Default)]
pub struct Cpu {
    /// User and system, of all threads, also of those that have ended.
    pub total: Duration,
    /// The part of living threads, by name without its number.
    pub threads: BTreeMap<String, Duration>,
}

impl Cpu {
    /// Of the process `pid`, so far.
    pub fn of(pid: u32) -> Result<Self> {
        let total = ticks(&std::fs::read_to_string(format!("/proc/{pid}/stat"))?)?.1;
        let mut threads = BTreeMap::new();
        for task in std::fs::read_dir(format!("/proc/{pid}/task"))? {
            // A thread may end while we look.
            let Ok(stat) = std::fs::read_to_string(task?.path().join("stat")) else { continue };
            let (name, spent) = ticks(&stat)?;
            *threads.entry(kind(&name).to_owned()).or_default() += spent;
        }
        Ok(Self { total, threads })
    }

    /// What was spent since `before`.
    pub fn since(&self, before: &Self) -> Self {
        let spent =
            |(name, now): (&String, &Duration)| (name.clone(), now.saturating_sub(before.threads.get(name).copied().unwrap_or_default()));
        Self { total: self.total.saturating_sub(before.total), threads: self.threads.iter().map(spent).collect() }
    }

    /// Of the threads that hash.
    pub fn argon2(&self) -> Duration {
        self.threads.get("argon2").copied().unwrap_or_default()
    }
}

/// All cores together: how long they were not idle since the machine started.
pub fn machine_busy() -> Result<Duration> {
    let stat = std::fs::read_to_string("/proc/stat")?;
    let line = stat.lines().next().unwrap_or_default();
    // user, nice, system, idle, iowait, irq, softirq, steal
    let fields = line.split_whitespace().skip(1).take(8).enumerate().filter(|(place, _)| !matches!(place, 3 | 4));
    let busy: u64 = fields.filter_map(|(_, field)| field.parse::<u64>().ok()).sum();
    Ok(Duration::from_millis(10 * busy))
}

/// Bytes that the process `pid` has caused to be written to storage, so far.
pub fn written(pid: u32) -> Result<u64> {
    field(&format!("/proc/{pid}/io"), "write_bytes:")
}

/// Resident memory of the process `pid` in bytes.
pub fn resident(pid: u32) -> Result<u64> {
    Ok(field(&format!("/proc/{pid}/status"), "VmRSS:")? * 1024)
}

fn field(path: &str, name: &str) -> Result<u64> {
    let text = std::fs::read_to_string(path)?;
    let value = text.lines().find_map(|line| line.strip_prefix(name)).and_then(|rest| rest.split_whitespace().next()?.parse().ok());
    value.ok_or_else(|| Error::new(ErrorKind::InvalidData, format!("{path} has no {name}")))
}

/// Name and CPU time of a `stat` line. The name stands in brackets and may hold anything.
fn ticks(stat: &str) -> Result<(String, Duration)> {
    let parse = || {
        let (head, rest) = stat.rsplit_once(')')?;
        let name = head.split_once('(')?.1;
        // utime and stime are fields 14 and 15 of the line; `rest` begins with field 3.
        let mut times = rest.split_whitespace().skip(11).map(|field| field.parse::<u32>().ok());
        Some((name.to_owned(), TICK * (times.next()?? + times.next()??)))
    };
    parse().ok_or_else(|| Error::new(ErrorKind::InvalidData, format!("not a stat line: {stat}")))
}

/// A thread's name without its number.
fn kind(name: &str) -> &str {
    name.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches(['-', ' '])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stat_line_is_read_whatever_the_name_is() {
        let line = "7 (a) b (c) S 1 7 7 0 -1 4194304 99 0 0 0 250 50 0 0 20 0 1 0 5 1 1";
        assert_eq!(ticks(line).unwrap(), ("a) b (c".to_owned(), Duration::from_secs(3)));
        assert!(ticks("7 (short) S 1").is_err());
    }

    #[test]
    fn threads_of_one_pool_share_a_name() {
        assert_eq!(
            ["argon2-0", "argon2-12", "tokio-rt-worker", "store kenpo-b"].map(kind),
            ["argon2", "argon2", "tokio-rt-worker", "store kenpo-b"]
        );
    }

    #[test]
    fn this_process_can_be_read() {
        let pid = std::process::id();
        assert!(resident(pid).unwrap() > 1 << 20);
        assert!(written(pid).is_ok() && machine_busy().unwrap() > Duration::ZERO);
        assert!(!Cpu::of(pid).unwrap().threads.is_empty());
    }
}
