//! What goes over the socket: frames of a length (4 bytes, most significant first) and as many bytes.
//!
//! The client sends one [`Request`]. The server answers with any number of [`Reply::Line`] and one end. Where a command comes with files
//! the server asks for one with [`Reply::SendFile`]; it comes in raw frames and ends with an empty one. A file for the printer follows
//! [`Reply::TakeFile`] in one raw frame. [`Reply::Confirm`] is answered with `true` or `false`.
//!
//! No field holds a password: staff never choose one (ASVS 6.4.6).

use super::import::Encoding;
use sekisho_core::id::SocietyName;
use sekisho_core::staff::Delivery;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::io::{self, Read, Write};
use zeroize::Zeroizing;

/// Largest frame in bytes.
pub const LARGEST: usize = 64 * 1024;

/// One command.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum Request {
    /// Makes a society's file.
    SocietyAdd {
        /// Which.
        society: SocietyName,
    },
    /// Tells how many members there are, and what the process has done.
    SocietyNumbers {
        /// Whose.
        society: SocietyName,
    },
    /// Says on which days letters with first passwords reach members.
    AnnounceLetters {
        /// Whose.
        society: SocietyName,
        /// The first day, in Japan: `YYYY-MM-DD`.
        from: String,
        /// How many days.
        days: u32,
        /// How many members get one.
        members: u32,
    },
    /// Believes the clock although it has jumped.
    ClockAccept,
    /// Registers members from a CSV file.
    MemberImport {
        /// Whose.
        society: SocietyName,
        /// Of the file.
        encoding: Encoding,
        /// Check only.
        dry_run: bool,
    },
    /// Shows one member.
    MemberShow {
        /// Whose.
        society: SocietyName,
        /// Whom.
        who: Who,
    },
    /// Does something to one member, or asks for it where it takes two persons.
    MemberAct {
        /// Whose.
        society: SocietyName,
        /// Whom.
        who: Who,
        /// What.
        wish: Wish,
        /// Whether the client has made a file for the printer.
        takes_file: bool,
    },
    /// Lists what waits for a second person.
    Requests {
        /// Whose.
        society: SocietyName,
    },
    /// Does what another operator has asked for.
    Approve {
        /// Whose.
        society: SocietyName,
        /// Which: six digits.
        request: String,
        /// Whether the client has made a file for the printer.
        takes_file: bool,
    },
    /// Puts terms in force. The Japanese text comes as file 0, the English one as file 1.
    TermsPublish {
        /// Whose.
        society: SocietyName,
        /// The version that members agree to.
        version: String,
    },
    /// Lists the society's concessions, limits and lifetimes.
    PolicyShow {
        /// Whose.
        society: SocietyName,
    },
    /// Shows the newest lines of the audit log.
    AuditTail {
        /// Whose.
        society: SocietyName,
        /// How many.
        lines: usize,
    },
}

impl Request {
    /// Its name and whose society it is about, if it is about one, for the log. No personal data.
    pub fn label(&self) -> (&'static str, Option<&SocietyName>) {
        let (command, society) = match self {
            Self::ClockAccept => return ("clock accept", None),
            Self::AnnounceLetters { society, .. } => ("society announce-letters", society),
            Self::SocietyAdd { society } => ("society add", society),
            Self::SocietyNumbers { society } => ("society numbers", society),
            Self::MemberImport { society, .. } => ("member import", society),
            Self::MemberShow { society, .. } => ("member show", society),
            Self::MemberAct { society, wish, .. } => (wish.command(), society),
            Self::Requests { society } => ("requests", society),
            Self::Approve { society, .. } => ("approve", society),
            Self::TermsPublish { society, .. } => ("terms publish", society),
            Self::PolicyShow { society } => ("policy show", society),
            Self::AuditTail { society, .. } => ("audit tail", society),
        };
        (command, Some(society))
    }
}

/// What is to be done to a member.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum Wish {
    /// A first password, and if wanted another user ID.
    Issue {
        /// The user ID that comes with it.
        new_user_id: Option<String>,
        /// Whether a finished first log-in begins again.
        first_login: bool,
        /// How it leaves the house.
        by: Delivery,
    },
    /// A code for the letter.
    ActivationCode,
    /// The first password by the rule again.
    Reopen,
    /// Lifts waits and locks.
    Unlock {
        /// Of the first step.
        password: bool,
        /// Of the second step.
        account: bool,
    },
    /// Removes devices and recovery codes.
    ResetFactor,
    /// Corrects the name.
    Rename {
        /// As the society writes it.
        name: String,
    },
    /// Closes the account.
    Disable,
    /// Opens it again.
    Enable,
    /// Removes the member.
    Delete,
}

impl Wish {
    fn command(&self) -> &'static str {
        match self {
            Self::Issue { .. } => "member issue",
            Self::ActivationCode => "member activation-code",
            Self::Reopen => "member reopen",
            Self::Unlock { .. } => "member unlock",
            Self::ResetFactor => "member reset-factor",
            Self::Rename { .. } => "member rename",
            Self::Disable => "member disable",
            Self::Enable => "member enable",
            Self::Delete => "member delete",
        }
    }
}

/// How a member is named.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum Who {
    /// By user ID.
    UserId(String),
    /// By card.
    Card {
        /// 記号
        symbol: String,
        /// 番号
        number: String,
        /// 枝番, or nothing.
        branch: String,
    },
}

/// One answer.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reply {
    /// A line for people; more follows.
    Line(String),
    /// The file of this number, please, from its beginning. The first is 0.
    SendFile(usize),
    /// Here is the file for the printer, in the frame that follows.
    TakeFile,
    /// Is this to be done?
    Confirm,
    /// It is done. The end.
    Done,
    /// It is not done, and why. The end.
    Failed(String),
}

/// Sends a value as one frame.
pub fn send<T: Serialize>(to: &mut impl Write, value: &T) -> io::Result<()> {
    send_frame(to, &serde_json::to_vec(value)?)
}

/// Receives a value. A field, a command or a size that is not known is an error.
pub fn receive<T: DeserializeOwned>(from: &mut impl Read) -> io::Result<T> {
    let frame = receive_frame(from)?;
    serde_json::from_slice(&frame).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, format!("not understood: {error}")))
}

/// Sends one frame.
pub fn send_frame(to: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    let length = u32::try_from(bytes.len()).ok().filter(|_| bytes.len() <= LARGEST);
    let length = length.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "frame too large"))?;
    to.write_all(&length.to_be_bytes())?;
    to.write_all(bytes)?;
    to.flush()
}

/// Receives one frame; one over [`LARGEST`] is refused before anything is reserved for it. Wiped when dropped: first passwords pass here.
pub fn receive_frame(from: &mut impl Read) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
    if length > LARGEST {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "frame too large"));
    }
    let mut bytes = Zeroizing::new(vec![0; length]);
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// A file as it comes in frames, up to the empty one.
pub struct FileFrames<R> {
    from: R,
    frame: Zeroizing<Vec<u8>>,
    read: usize,
    ended: bool,
}

impl<R: Read> FileFrames<R> {
    /// Reads frames from `from`.
    pub fn new(from: R) -> Self {
        Self { from, frame: Zeroizing::new(Vec::new()), read: 0, ended: false }
    }
}

impl<R: Read> Read for FileFrames<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.read >= self.frame.len() && !self.ended {
            self.frame = receive_frame(&mut self.from)?;
            self.read = 0;
            self.ended = self.frame.is_empty();
        }
        let mut left = self.frame.get(self.read..).unwrap_or_default();
        let count = left.read(into)?;
        self.read += count;
        Ok(count)
    }
}
