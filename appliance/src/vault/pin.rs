//! Where the PIN comes from: a file that only its owner can read, or a credential of the service manager.

use super::trouble::VaultError;
use sekisho_core::secret::Secret;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// What a path begins with when it names a credential (systemd.exec(5), `LoadCredential=`).
const CREDENTIALS: &str = "$CREDENTIALS_DIRECTORY";

/// Longest PIN file, in bytes.
const LIMIT: u64 = 1024;

/// Reads the PIN from `path`, or from `$CREDENTIALS_DIRECTORY/NAME`.
///
/// A file has to have mode 0400 and to belong to the process's user or root. One line end at its end is dropped.
pub fn read(path: &Path) -> Result<Secret<String>, VaultError> {
    match path.strip_prefix(CREDENTIALS) {
        Ok(name) => {
            let directory = std::env::var_os("CREDENTIALS_DIRECTORY").ok_or_else(|| {
                refused(path, "CREDENTIALS_DIRECTORY is not set; start by the service manager with LoadCredential=".to_owned())
            })?;
            // The service manager makes the directory for this service alone; an access list shows as a readable group.
            read_file(&PathBuf::from(directory).join(name), &[0o400, 0o440])
        }
        Err(_) => read_file(path, &[0o400]),
    }
}

fn read_file(path: &Path, modes: &[u32]) -> Result<Secret<String>, VaultError> {
    let unreadable = |error: std::io::Error| refused(path, format!("cannot be read: {error}"));
    let file = File::open(path).map_err(unreadable)?;
    let meta = file.metadata().map_err(unreadable)?;
    let mode = meta.mode() & 0o7777;
    if !meta.is_file() {
        return Err(refused(path, "is not a file".to_owned()));
    }
    if !modes.contains(&mode) {
        return Err(refused(path, format!("has mode {mode:04o}; run `chmod 0400 {}`", path.display())));
    }
    let me = rustix::process::geteuid().as_raw();
    if meta.uid() != me && meta.uid() != 0 {
        return Err(refused(path, format!("belongs to uid {}; run `chown {me} {}`", meta.uid(), path.display())));
    }
    let mut text = Zeroizing::new(String::with_capacity(usize::try_from(LIMIT).unwrap_or(0)));
    file.take(LIMIT).read_to_string(&mut text).map_err(unreadable)?;
    let pin = text.strip_suffix('\n').unwrap_or(&text);
    let pin = pin.strip_suffix('\r').unwrap_or(pin);
    if pin.is_empty() {
        return Err(refused(path, "is empty; write the token's user PIN into it".to_owned()));
    }
    Ok(Secret::new(pin.to_owned()))
}

fn refused(path: &Path, problem: String) -> VaultError {
    VaultError::PinFile { path: path.to_owned(), problem }
}
