//! Where a society's bytes lie. Behind a trait, so that a simulation can cut the power below the engine.

use super::error::StoreError;
use redb::{Builder, Database, DatabaseError};
use sekisho_core::id::SocietyName;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Where databases lie.
pub trait Backends: Send + Sync {
    /// How many bytes the society's file has; `None` when it has none.
    fn size(&self, society: &SocietyName) -> io::Result<Option<u64>>;

    /// Opens the society's file, and makes an empty one when it has none. `builder` carries the cache size.
    /// The new file has its name only when the engine can open it again, whatever happens meanwhile.
    fn open(&self, society: &SocietyName, builder: &Builder) -> Result<Database, DatabaseError>;
}

/// Files in one directory: `NAME.redb`, mode 0600, in a directory of mode 0700.
pub struct Files {
    dir: PathBuf,
}

impl Files {
    /// Takes `dir`, and makes it if it is not there. Refuses one that others can look into.
    pub fn new(dir: PathBuf) -> Result<Self, StoreError> {
        match make_private(&dir) {
            Ok(()) => Ok(Self { dir }),
            Err(reason) => Err(StoreError::Directory { path: dir, reason }),
        }
    }

    fn path(&self, society: &SocietyName) -> PathBuf {
        self.dir.join(format!("{society}.redb"))
    }
}

impl Backends for Files {
    fn size(&self, society: &SocietyName) -> io::Result<Option<u64>> {
        match std::fs::metadata(self.path(society)) {
            Ok(metadata) => Ok(Some(metadata.len())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn open(&self, society: &SocietyName, builder: &Builder) -> Result<Database, DatabaseError> {
        match private().open(self.path(society)) {
            Ok(file) => builder.create_file(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => self.make(society, builder),
            Err(error) => Err(error.into()),
        }
    }
}

impl Files {
    /// Makes the file under another name: one that a power cut left half made would never open again.
    fn make(&self, society: &SocietyName, builder: &Builder) -> Result<Database, DatabaseError> {
        let unfinished = self.dir.join(format!("{society}.new"));
        let file = private().create(true).open(&unfinished)?;
        if file.try_lock().is_err() {
            return Err(DatabaseError::DatabaseAlreadyOpen);
        }
        file.set_len(0)?;
        let db = builder.create_file(file)?;
        std::fs::rename(&unfinished, self.path(society))?;
        File::open(&self.dir)?.sync_all()?;
        Ok(db)
    }
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(0o600);
    options
}

fn make_private(dir: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    let mode = std::fs::metadata(dir)?.permissions().mode();
    if mode & 0o077 == 0 { Ok(()) } else { Err(io::Error::other(format!("others may look into it (mode {:o})", mode & 0o777))) }
}
