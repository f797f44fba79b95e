//! The command-line tool's end of the socket.

use super::protocol::{LARGEST, Reply, Request, receive, receive_frame, send, send_frame};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::fs::OpenOptionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::thread;
use zeroize::Zeroizing;

/// Why a command was not done. One line, for the operator.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// Nobody answers.
    #[error("{path}: {error}; {hint}")]
    NoServer {
        /// The socket.
        path: String,
        /// Why.
        error: io::Error,
        /// What to do.
        hint: &'static str,
    },
    /// The server says no, and why.
    #[error("{0}")]
    Failed(String),
    /// The file for the printer cannot be made.
    #[error("{path}: {error}; nothing was done. Name a file that is not there yet, in a folder that only you can open")]
    NoPaper {
        /// The file.
        path: String,
        /// Why.
        error: io::Error,
    },
    /// It was issued, and the file could not be written.
    #[error("{path}: {error}; what was issued is lost, issue it again")]
    PaperLost {
        /// The file.
        path: String,
        /// Why.
        error: io::Error,
    },
    /// The connection broke.
    #[error("the connection to the server broke: {0}; look with `sekisho audit tail` whether it was done, and if not run it again")]
    Broken(#[from] io::Error),
}

/// What the command line brings along.
#[derive(Clone, Copy, Default)]
pub struct Luggage<'a> {
    /// Files that the server may ask for, in the order of the command.
    pub files: &'a [&'a Path],
    /// Where the file for the printer goes. It must not be there.
    pub paper: Option<&'a Path>,
    /// Asks the operator whether it is to be done; without it the answer is no.
    pub agrees: Option<&'a dyn Fn() -> io::Result<bool>>,
}

/// Sends `request` to the server behind `socket`, and what it asks for; writes its lines to `out`.
pub fn call(socket: &Path, request: &Request, luggage: &Luggage, out: &mut dyn Write) -> Result<(), CallError> {
    // Made before anything is asked for: what is issued must not be lost for want of a file.
    let mut paper = luggage.paper.map(Paper::new).transpose()?;
    let stream = UnixStream::connect(socket).map_err(|error| {
        let hint = match error.kind() {
            io::ErrorKind::PermissionDenied => "this user is no operator; use the service's user or its group",
            _ => "is the server running? start it with `systemctl start sekisho`",
        };
        CallError::NoServer { path: socket.display().to_string(), error, hint }
    })?;
    send(&mut &stream, request)?;
    thread::scope(|scope| {
        let end = converse(&stream, luggage, paper.as_mut(), out, scope);
        // Whatever is still being sent has nobody to go to.
        drop(stream.shutdown(Shutdown::Both));
        end
    })
}

/// Reads answers up to the end. A file is sent beside, because the server speaks while it reads.
fn converse<'scope>(
    stream: &'scope UnixStream,
    luggage: &Luggage,
    mut paper: Option<&mut Paper>,
    out: &mut dyn Write,
    scope: &'scope thread::Scope<'scope, '_>,
) -> Result<(), CallError> {
    loop {
        match receive(&mut &*stream)? {
            Reply::Line(line) => writeln!(out, "{line}")?,
            Reply::SendFile(which) => {
                let file = luggage.files.get(which).ok_or_else(|| io::Error::other("the server asks for a file"))?;
                let file = File::open(file)?;
                // If this breaks, the connection does, and its last word tells more than the broken pipe.
                scope.spawn(move || drop(send_file(file, stream)));
            }
            Reply::TakeFile => {
                let content = receive_frame(&mut &*stream)?;
                let paper = paper.as_mut().ok_or_else(|| io::Error::other("the server sends a file"))?;
                writeln!(out, "{}", paper.write(&content)?)?;
            }
            Reply::Confirm => {
                let agrees = luggage.agrees.map_or(Ok(false), |ask| ask())?;
                send(&mut &*stream, &agrees)?;
            }
            Reply::Done => return Ok(()),
            Reply::Failed(text) => return Err(CallError::Failed(text)),
        }
    }
}

/// The file for the printer: for its owner alone, from its first instant. Goes again unless something was written into it.
struct Paper {
    path: String,
    file: File,
    written: bool,
}

impl Paper {
    fn new(path: &Path) -> Result<Self, CallError> {
        let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        let path = path.display().to_string();
        match opened {
            Ok(file) => Ok(Self { path, file, written: false }),
            Err(error) => Err(CallError::NoPaper { path, error }),
        }
    }

    /// Writes it to the disk; says so.
    fn write(&mut self, content: &[u8]) -> Result<String, CallError> {
        let done = self.file.write_all(content).and_then(|()| self.file.sync_all());
        done.map_err(|error| CallError::PaperLost { path: self.path.clone(), error })?;
        self.written = true;
        Ok(format!("written: {}, for your eyes alone; remove it when it is printed", self.path))
    }
}

impl Drop for Paper {
    fn drop(&mut self) {
        if !self.written {
            // It is empty: if it stays nobody learns anything.
            drop(fs::remove_file(&self.path));
        }
    }
}

/// Sends the file in frames, and the empty one that ends it. A file that cannot be read ends the connection in its place.
fn send_file(mut file: File, mut to: &UnixStream) -> io::Result<()> {
    let mut chunk = Zeroizing::new(vec![0; LARGEST]);
    loop {
        let count = file.read(&mut chunk).or_else(|error| {
            to.shutdown(Shutdown::Write)?;
            Err(error)
        })?;
        send_frame(&mut to, chunk.get(..count).unwrap_or_default())?;
        if count == 0 {
            return Ok(());
        }
    }
}
