//! What goes wrong between us and the token, in words for operators.

use crate::ports::Fault;
use cryptoki::error::{Error, RvError};
use std::path::PathBuf;

/// Why the vault does not start, or a key ceremony does not go on. One line; it says who must do what.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The shared library is not there, or is no PKCS#11 module, or refuses to begin.
    #[error("HSM: the PKCS#11 module {path} cannot be used: {cause}; install it or correct `module` in the configuration", path = .path.display())]
    Module {
        /// As configured.
        path: PathBuf,
        /// What the loader or the module said.
        cause: String,
    },
    /// No token, or more than one, has the configured label.
    #[error("HSM: {found} labelled {label:?} behind {module} (there: {present}); initialise the token or correct `token_label`", module = .module.display())]
    Token {
        /// As configured.
        label: String,
        /// As configured.
        module: PathBuf,
        /// `no token` or `2 tokens`.
        found: String,
        /// The labels that are there.
        present: String,
    },
    /// The token refused the PIN.
    #[error(
        "HSM: the token {label:?} refused the PIN ({cause}); it was tried once and is not tried again: correct the PIN file, then start anew"
    )]
    Pin {
        /// Of the token.
        label: String,
        /// The return code.
        cause: String,
    },
    /// The PIN file cannot be used.
    #[error("HSM: the PIN file {path}: {problem}", path = .path.display())]
    PinFile {
        /// As configured.
        path: PathBuf,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// The token lacks something.
    #[error("HSM: MISSING {what}, needed for {purpose} ({how})")]
    Missing {
        /// A mechanism or a key.
        what: String,
        /// What it is needed for.
        purpose: String,
        /// Where it was looked for, or what to do.
        how: String,
    },
    /// Something that is there does not do what it should.
    #[error("HSM: self-check FAILED: {what}: {found}")]
    Check {
        /// What was tried.
        what: String,
        /// What came of it.
        found: String,
    },
    /// A key ceremony would make what is there already.
    #[error("HSM: {0}")]
    Ceremony(String),
    /// Anything else the token answered.
    #[error("HSM: {doing}: {cause}")]
    Pkcs11 {
        /// What was being done.
        doing: String,
        /// The return code.
        cause: String,
    },
}

impl VaultError {
    /// Names what was being done when the token answered with an error.
    pub(super) fn while_doing(doing: impl Into<String>) -> impl FnOnce(Trouble) -> Self {
        move |trouble| Self::Pkcs11 { doing: doing.into(), cause: trouble.to_string() }
    }
}

/// What a job on a session can end with.
pub(super) type Outcome<T> = Result<T, Trouble>;

/// Why a job failed. The worker drops its session after the first kind, and keeps it after the second.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The token said so: the session may be stuck.
    Pkcs11(Error),
    /// We say so; the session is well.
    Fault(Fault),
}

impl Trouble {
    /// Whether cached object handles can be the cause. Neither SoftHSM nor kryoptic says `UserNotLoggedIn` for an old handle.
    pub(super) fn is_stale_handle(&self) -> bool {
        use RvError::{
            GeneralError, KeyHandleInvalid, ObjectHandleInvalid, SessionClosed, SessionHandleInvalid, UnwrappingKeyHandleInvalid,
            UserNotLoggedIn, WrappingKeyHandleInvalid,
        };
        matches!(
            self,
            Self::Pkcs11(Error::Pkcs11(
                GeneralError
                    | KeyHandleInvalid
                    | ObjectHandleInvalid
                    | SessionClosed
                    | SessionHandleInvalid
                    | UnwrappingKeyHandleInvalid
                    | UserNotLoggedIn
                    | WrappingKeyHandleInvalid,
                _
            ))
        )
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Pkcs11(error)
    }
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Trouble> for Fault {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Pkcs11(error) => Self::Hsm(code(&error)),
            Trouble::Fault(fault) => fault,
        }
    }
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Pkcs11(error) => f.write_str(&code(error)),
            Self::Fault(fault) => fault.fmt(f),
        }
    }
}

/// `C_Sign: DeviceError`. The crate's own text of a return code is a paragraph of the standard.
pub(super) fn code(error: &Error) -> String {
    match error {
        Error::Pkcs11(code, function) => format!("C_{function:?}: {code:?}"),
        other => other.to_string(),
    }
}
