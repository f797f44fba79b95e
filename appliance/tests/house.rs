//! The house's own rules: who may import whom, and what may not stand in a file.

use sekisho_core::bucket::{Admission, Rate};
use sekisho_core::tenant::{Limit, Limits};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Each room of `appliance/src` and the rooms it may import (design §2). `core` may be imported by all.
const MAY_IMPORT: [(&str, &[&str]); 14] = [
    ("alarms", &["ports"]),
    ("ports", &["alarms", "society"]),
    ("society", &["ports"]),
    ("records", &["ports", "society"]),
    ("otpauth", &["ports"]),
    ("perform", &["ports", "records", "society"]),
    ("vault", &["ports"]),
    ("store", &["ports"]),
    ("mail", &["ports", "records", "society"]),
    ("view", &[]),
    ("route", &["ports", "society"]),
    ("service", &["otpauth", "perform", "ports", "records", "society"]),
    ("http", &["alarms", "ports", "route", "service", "society", "view"]),
    ("staff", &["config", "ports", "records", "service", "society"]),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match path.extension() {
            _ if path.is_dir() => files.extend(rust_files(&path)),
            Some(end) if end == "rs" => files.push(path),
            _ => {}
        }
    }
    files
}

/// The rooms that `text` names after `crate::`.
fn imports(text: &str) -> BTreeSet<String> {
    let named = |rest: &str| rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect::<String>();
    let mut rooms = BTreeSet::new();
    for (_, rest) in text.match_indices("crate::").map(|(at, found)| (at, text.get(at + found.len()..).unwrap_or_default())) {
        match rest.strip_prefix('{') {
            Some(list) => rooms.extend(list.split('}').next().unwrap_or_default().split(',').map(|one| named(one.trim()))),
            None => _ = rooms.insert(named(rest)),
        }
    }
    rooms.remove("");
    rooms
}

#[test]
fn rooms_import_only_what_the_design_lets_them() {
    for (room, allowed) in MAY_IMPORT {
        let source = root().join("src");
        let mut files = rust_files(&source.join(room));
        files.extend([source.join(format!("{room}.rs"))].into_iter().filter(|file| file.exists()));
        assert!(!files.is_empty(), "{room} has gone; take it out of the table");
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            for import in imports(&text) {
                assert!(import == room || allowed.contains(&import.as_str()), "{} imports {import}: {room} may not", file.display());
            }
        }
    }
}

#[test]
fn the_core_does_no_input_output_and_reads_no_clock() {
    for file in rust_files(&root().join("core/src")) {
        let text = fs::read_to_string(&file).unwrap();
        for word in
            ["std::fs", "std::net", "std::env", "std::thread", "SystemTime", "time::Instant", "async ", "unsafe", "rand::", "getrandom"]
        {
            assert!(!text.contains(word), "{} speaks of {word}", file.display());
        }
    }
}

#[test]
fn the_one_script_is_small_and_makes_no_markup() {
    let script = fs::read_to_string(root().join("templates/passkey.js")).unwrap();
    assert!(script.len() <= 3072, "{} bytes", script.len());
    // It is printed between tags by a template engine, under a policy that wants Trusted Types and a nonce.
    for word in
        ["innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval", "Function(", "setAttribute", "</", "{{", "{%", "{#", "://"]
    {
        assert!(!script.contains(word), "the script holds {word}");
    }
}

#[test]
fn nothing_is_left_to_be_done_later() {
    let this = Path::new(file!()).file_name();
    for folder in ["src", "core", "tests", "../harness", "../benches"] {
        for file in rust_files(&root().join(folder)).iter().filter(|file| file.file_name() != this) {
            // What deploy/test runs by name, because a browser is needed for it.
            let text = fs::read_to_string(file).unwrap().replace("#[ignore = \"needs Chromium; deploy/test runs it\"]", "");
            for word in ["TODO", "FIXME", "XXX", "todo!", "unimplemented!", "#[ignore", "#[allow"] {
                assert!(!text.contains(word), "{} holds {word}", file.display());
            }
        }
    }
}

/// A span as SECURITY.md writes it.
fn span(span: Duration) -> String {
    match span.as_secs() {
        seconds if seconds.is_multiple_of(3600) => format!("{} h", seconds / 3600),
        seconds if seconds.is_multiple_of(60) => format!("{} min", seconds / 60),
        seconds => format!("{seconds} s"),
    }
}

#[test]
fn security_md_states_the_limits_that_hold() {
    // ASVS 6.1.1
    let limits = Limits::default();
    let row = |what: &str, limit: Limit, recovery: &str| {
        let waits = format!("waits of {}, doubling to {}", span(limit.first_wait), span(limit.longest_wait));
        let lock = match limit.lock {
            Some(lock) => format!("at {}: {}, doubling to {}", limit.lock_at, span(lock), span(limit.longest_lock)),
            None => format!("at {}: the account", limit.lock_at),
        };
        let ends = match (limit.lock, limit.forgive_every) {
            (Some(_), Some(every)) => format!("time;{recovery} staff. One failure is forgiven every {}", span(every)),
            _ => "staff (`sekisho member unlock`)".to_owned(),
        };
        format!("| {what} | {} | {waits} | {lock} | {ends} |", limit.free)
    };
    let security = fs::read_to_string(root().join("../SECURITY.md")).unwrap();
    let rows = [
        row("password, in each lane", limits.password, " a recovery that counts;"),
        format!(
            "| of strangers' free tries, those of one source (/24 or /48) | {} of {} | the same waits and locks for that source | – | as above |",
            limits.share, limits.password.free
        ),
        row("birth date, all log-ins together", limits.birth_date, ""),
        row("activation code", limits.activation, ""),
        row("TOTP code, passkey, recovery code", limits.second_step, ""),
        format!(
            "| second step, since the last right one | {} | – | the account | staff: a new factor and a new password |",
            limits.rebind_at
        ),
        format!("| code by mail, one mail | {} | its code is dead | – | a new code |", limits.mail_code_tries),
        format!(
            "| code by mail, all mails together | {} | a wait of {} | – | time |",
            limits.mail_code.free,
            span(limits.mail_code.first_wait)
        ),
        format!(
            "| codes by mail asked for | one in {}, {} an hour, {} a day | no further mail | – | time |",
            span(limits.mail_codes.every),
            limits.mail_codes.an_hour,
            limits.mail_codes.a_day
        ),
        format!(
            "| reset links and reminders | {} an hour, {} a day | the same answer, no mail | – | time |",
            limits.recovery.an_hour, limits.recovery.a_day
        ),
        format!(
            "| first passwords, all members of a society, strangers' browsers | {} an hour, {} a day | every stranger waits, whatever the ID | – | time |",
            limits.brake.an_hour, limits.brake.a_day
        ),
        format!(
            "| user IDs tried out, in a session | {} an hour, {} a day | a wait, for free ones and taken ones alike | – | time |",
            limits.user_ids.an_hour, limits.user_ids.a_day
        ),
        format!("| birth date, in one log-in | {} | the log-in ends, counted as one wrong password | – | – |", limits.birth_dates),
    ];
    let Admission { narrow, wide, company, letters, connections, company_connections } = Admission::default();
    let source = |what: &str, rate: Rate| format!("| passwords of {what} | {} | {} a second |", rate.burst, rate.a_second);
    let sources = [
        source("one IPv4 address or IPv6 /64", narrow),
        source("one /24 or /48", wide),
        source("one company's network, in the place of both", company),
        format!("| forms that ask for a letter | {letters} count as one password | – |"),
        format!("| connections of one IPv4 address or IPv6 /64 | {connections} | as they end |"),
        format!("| connections of one company's network | {company_connections} | as they end |"),
    ];
    for row in rows.into_iter().chain(sources) {
        assert!(security.contains(&row), "SECURITY.md lacks: {row}");
    }
}
