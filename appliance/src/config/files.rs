//! Files that the configuration names: are they there, and can nobody else read or change them?

use super::Problem;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Reports a secret that others than its owner can read, or that anybody can change.
pub(super) fn only_owner(file: &Path, problems: &mut Vec<Problem>) {
    if mode(file, problems).is_some_and(|mode| mode & 0o277 != 0) {
        let text = format!("a secret is for its owner to read and for nobody to change; run: chmod 400 {}", file.display());
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

fn mode(file: &Path, problems: &mut Vec<Problem>) -> Option<u32> {
    match std::fs::metadata(file) {
        Ok(found) => Some(found.permissions().mode()),
        Err(error) => {
            problems.push(Problem::of(file, format!("cannot be read: {error}")));
            None
        }
    }
}
