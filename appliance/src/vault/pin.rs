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

/// Modes that a file may have.
const FILE_MODES: &[u32] = &[0o400];

/// Modes that a credential may have: the service manager's access list for this one service shows as a readable group.
const CREDENTIAL_MODES: &[u32] = &[0o400, 0o440];

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
            read_file(&PathBuf::from(directory).join(name), CREDENTIAL_MODES)
        }
        Err(_) => read_file(path, FILE_MODES),
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;

    fn file(directory: &Path, text: &str, mode: u32) -> PathBuf {
        let path = directory.join("pin");
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        path
    }

    fn problem(result: Result<Secret<String>, VaultError>) -> String {
        result.err().unwrap().to_string()
    }

    #[test]
    fn a_file_of_mode_0400_is_read_without_its_line_end() {
        let directory = tempfile::tempdir().unwrap();
        for (text, pin) in [("12 34", "12 34"), ("12 34\n", "12 34"), ("12 34\r\n", "12 34"), ("12\n34\n", "12\n34")] {
            assert_eq!(read(&file(directory.path(), text, 0o400)).unwrap().expose(), pin);
            std::fs::remove_file(directory.path().join("pin")).unwrap();
        }
    }

    #[test]
    fn every_other_mode_is_refused_with_the_command_that_helps() {
        let directory = tempfile::tempdir().unwrap();
        for mode in (0..=0o777).filter(|mode| *mode != 0o400 && mode & 0o400 != 0) {
            let path = file(directory.path(), "secret-pin", mode);
            let line = problem(read(&path));
            assert!(line.contains(&format!("has mode {mode:04o}; run `chmod 0400 {}`", path.display())), "{line}");
            assert!(!line.contains("secret-pin"));
            std::fs::remove_file(path).unwrap();
        }
    }

    #[test]
    fn a_missing_empty_or_odd_file_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        assert!(problem(read(&directory.path().join("none"))).contains("cannot be read"));
        assert!(problem(read(directory.path())).contains("is not a file"));
        assert!(problem(read(&file(directory.path(), "\n", 0o400))).contains("is empty"));
    }

    #[test]
    fn a_credential_needs_the_service_manager_and_may_show_its_access_list_as_a_group() {
        let directory = tempfile::tempdir().unwrap();
        let path = file(directory.path(), "pin", 0o440);
        assert!(read_file(&path, CREDENTIAL_MODES).is_ok());
        assert!(read_file(&path, FILE_MODES).is_err());
        if std::env::var_os("CREDENTIALS_DIRECTORY").is_none() {
            assert!(problem(read(Path::new("$CREDENTIALS_DIRECTORY/pin"))).contains("LoadCredential="));
        }
    }
}
