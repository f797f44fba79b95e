//! Files that the configuration names: are they there, and can nobody else read or change them?

use super::Problem;
use sekisho_core::secret::Secret;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use zeroize::Zeroize;

/// Reports a secret that others than its owner can read or change.
pub(super) fn only_owner(file: &Path, problems: &mut Vec<Problem>) {
    if mode(file, problems).is_some_and(|mode| mode & 0o077 != 0) {
        let text = format!("others than its owner can open this secret; run: chmod 600 {}", file.display());
        problems.push(Problem::of(file, text));
    }
}

/// Reports a file or folder that others than its owner can change.
pub(super) fn only_owner_writes(file: &Path, problems: &mut Vec<Problem>) {
    if mode(file, problems).is_some_and(|mode| mode & 0o022 != 0) {
        problems.push(Problem::of(file, format!("others than its owner can change it; run: chmod go-w {}", file.display())));
    }
}

/// Reports a state folder that is missing or open to everybody.
pub(super) fn state_folder(folder: &Path, problems: &mut Vec<Problem>) {
    match std::fs::metadata(folder) {
        Ok(found) if !found.is_dir() => problems.push(Problem::of(folder, "state: this is no folder".to_owned())),
        // The group may look inside, so that its members can reach the staff socket.
        Ok(found) if found.permissions().mode() & 0o027 != 0 => {
            problems.push(Problem::of(folder, format!("state: others can open or change it; run: chmod o-rwx,g-w {}", folder.display())));
        }
        Ok(_) => {}
        Err(error) => {
            problems.push(Problem::of(folder, format!("state: {error}; run: install -d -m 700 -o sekisho {}", folder.display())));
        }
    }
}

/// The first line of a file that holds one secret, without its line break. The error is for operators and quotes nothing.
pub(super) fn secret_line(file: &Path) -> Result<Secret<String>, String> {
    let mut text = std::fs::read_to_string(file).map_err(|error| format!("{}: cannot be read: {error}", file.display()))?;
    let line = Secret::new(text.lines().next().unwrap_or_default().to_owned());
    text.zeroize();
    match line.expose().is_empty() {
        true => Err(format!("{}: empty; write the secret into its first line", file.display())),
        false => Ok(line),
    }
}

fn mode(file: &Path, problems: &mut Vec<Problem>) -> Option<u32> {
    match std::fs::metadata(file) {
        Ok(found) => Some(found.permissions().mode()),
        Err(error) => {
            problems.push(Problem::of(file, format!("cannot be read: {error}")));
            None
        }
    }
}
