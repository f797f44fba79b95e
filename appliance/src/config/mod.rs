//! Configuration: `sekisho.toml` for the process, `societies.d/NAME.toml` for each society.
//!
//! Everything is checked before anything starts, and every problem names file, line and what to write instead.
//! `deploy/sample` holds one of each with every key explained.

mod files;
mod problem;
mod process;
mod read;
mod society;

pub use problem::{Problem, Problems};
pub use process::{Hashing, Hsm, LogLevel, MailRelay, MailSecurity, Process, QUEUE_A_THREAD, StaffSocket, TlsVersion, WEAKEST};
pub use society::{SocietyConfig, TlsFiles};

use read::Source;
use std::path::{Path, PathBuf};

/// The whole configuration, checked.
pub struct Config {
    /// Of the process.
    pub process: Process,
    /// Of the societies, ordered by name.
    pub societies: Vec<SocietyConfig>,
}

/// Reads and checks everything that `serve` needs: values, files, permissions. All problems at once.
pub fn load(file: &Path) -> Result<Config, Problems> {
    let mut problems = Vec::new();
    let process = process::load(file, &mut problems);
    if let Some(process) = &process {
        process.check_files(&mut problems);
    }
    let folder = process.as_ref().map_or_else(|| beside(file, Path::new("societies.d")), |process| process.societies.clone());
    let societies = load_societies(&folder, &mut problems);
    match (process, problems.is_empty()) {
        (Some(process), true) => Ok(Config { process, societies }),
        _ => {
            problems.sort_by_key(|problem| (problem.file.clone(), problem.line.unwrap_or(usize::MAX)));
            Err(Problems(problems))
        }
    }
}

/// Reads what an operator's command needs to find the running process: `sekisho.toml` alone, none of the secrets.
pub fn load_process(file: &Path) -> Result<Process, Problems> {
    let mut problems = Vec::new();
    match (process::load(file, &mut problems), problems.is_empty()) {
        (Some(process), true) => Ok(process),
        _ => Err(Problems(problems)),
    }
}

/// Every `NAME.toml` of `folder`; other files are left alone, so that texts and certificates can stand beside them.
fn load_societies(folder: &Path, problems: &mut Vec<Problem>) -> Vec<SocietyConfig> {
    let listed = std::fs::read_dir(folder).and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect());
    let mut paths: Vec<PathBuf> = match listed {
        Ok(paths) => paths,
        Err(error) => {
            problems.push(Problem::of(folder, format!("cannot be read ({error}); make this folder with one NAME.toml for each society")));
            return Vec::new();
        }
    };
    files::only_owner_writes(folder, problems);
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    if paths.is_empty() {
        problems
            .push(Problem::of(folder, "no NAME.toml in it: there is no society to serve; begin with deploy/sample/societies.d".to_owned()));
    }
    let mut societies: Vec<SocietyConfig> = Vec::with_capacity(paths.len());
    for path in paths {
        let Some(society) = society::load(&path, problems) else { continue };
        if let Some(other) = societies.iter().find(|other| other.society.host == society.society.host) {
            let text =
                format!("host: {} belongs to {} already; every society needs a host of its own", society.society.host, other.society.name);
            problems.push(Problem { file: path, line: Some(society.host_line), text });
        } else {
            societies.push(society);
        }
    }
    societies
}

/// `path` as seen from the folder of `file`.
fn beside(file: &Path, path: &Path) -> PathBuf {
    file.parent().unwrap_or(Path::new("")).join(path)
}
