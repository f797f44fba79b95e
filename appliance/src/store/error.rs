//! What can go wrong below the ports. The text is for operators, and says what they can do.

use crate::ports::{CommitError, Fault, Unique};
use std::io;
use std::path::PathBuf;

/// Why a society's file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The directory is not one that member data can lie in.
    #[error("{}: {reason}; give the store a directory of its own with mode 0700", path.display())]
    Directory {
        /// Which one.
        path: PathBuf,
        /// What is wrong with it.
        reason: io::Error,
    },
    /// A society without a file.
    #[error("no such file; run `sekisho society add`")]
    Missing,
    /// A society that has its file already.
    #[error("the society has its file already; nothing was written")]
    Exists,
    /// A row or file from the future.
    #[error(
        "table {table} has format {found}, and this sekisho reads up to {known}; start the newer sekisho again, or restore the backup made before it"
    )]
    Newer {
        /// Which table.
        table: String,
        /// The format byte in it.
        found: u8,
        /// The newest format this build reads.
        known: u8,
    },
    /// A row that cannot be read.
    #[error("a row of table {table} is damaged ({reason}); restore the last backup")]
    Damaged {
        /// Which table.
        table: String,
        /// What the decoder says.
        reason: &'static str,
    },
    /// A value that cannot be written.
    #[error("a row cannot be encoded: {0}; report this as a bug")]
    Encode(postcard::Error),
    /// An import that is over, or was given up.
    #[error("import {0} is not open; begin it again with a new number")]
    ImportOver(u64),
    /// The file is shut after a failed commit or on a full disk, until the process starts again.
    #[error("shut after a failed write ({0}); free or repair the disk, then restart sekisho")]
    Shut(String),
    /// The file is being shut after an error and will be opened again.
    #[error("being reopened after an error; try again")]
    Reopening,
    /// The writer's thread could not be started.
    #[error("no thread for the writer: {0}; raise the limit on tasks")]
    Thread(io::Error),
    /// Another process has the file.
    #[error("another process has the file open; stop it first")]
    Held,
    /// The engine or the disk.
    #[error(transparent)]
    Engine(redb::Error),
}

impl From<redb::Error> for StoreError {
    fn from(error: redb::Error) -> Self {
        match error {
            redb::Error::DatabaseAlreadyOpen => Self::Held,
            error => Self::Engine(error),
        }
    }
}

macro_rules! from_engine {
    ($($error:ident),*) => {
        $(impl From<redb::$error> for StoreError {
            fn from(error: redb::$error) -> Self {
                redb::Error::from(error).into()
            }
        })*
    };
}

from_engine!(StorageError, TableError, TransactionError, CommitError, DatabaseError);

/// Why one item of a group was not applied. Nothing of it was written.
#[derive(Debug)]
pub(super) enum Refused {
    /// It was made from something that has moved on.
    Conflict,
    /// A unique index holds the value for another member.
    Taken(Unique),
    /// The store.
    Store(StoreError),
}

impl<E: Into<StoreError>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self::Store(error.into())
    }
}

impl Refused {
    /// Parts what concerns this item alone from what makes the whole transaction useless.
    pub(super) fn or_fatal(self) -> Result<Self, StoreError> {
        match self {
            Self::Store(error @ StoreError::Engine(_)) => Err(error),
            refused => Ok(refused),
        }
    }

    /// As the service sees it.
    pub(super) fn for_file(self, name: &str) -> CommitError {
        match self {
            Self::Conflict => CommitError::Conflict,
            Self::Taken(unique) => CommitError::Taken(unique),
            Self::Store(error) => CommitError::Fault(fault(name, &error)),
        }
    }
}

/// `error` with the file it concerns.
pub(super) fn fault(name: &str, error: &StoreError) -> Fault {
    Fault::Store(format!("{name}.redb: {error}"))
}
