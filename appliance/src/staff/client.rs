//! The command-line tool's end of the socket.

use super::protocol::{LARGEST, Reply, Request, receive, send, send_frame};
use std::fs::File;
use std::io::{self, Read, Write};
use std::net::Shutdown;
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
    /// The connection broke.
    #[error("the connection to the server broke: {0}; run the command again, nothing half-done counts")]
    Broken(#[from] io::Error),
}

/// Sends `request` to the server behind `socket`, and `file` each time it asks; writes its lines to `out`.
pub fn call(socket: &Path, request: &Request, file: Option<&Path>, out: &mut dyn Write) -> Result<(), CallError> {
    let stream = UnixStream::connect(socket).map_err(|error| {
        let hint = match error.kind() {
            io::ErrorKind::PermissionDenied => "this user is no operator; use the service's user or its group",
            _ => "is the server running? start it with `systemctl start sekisho`",
        };
        CallError::NoServer { path: socket.display().to_string(), error, hint }
    })?;
    send(&mut &stream, request)?;
    thread::scope(|scope| {
        let end = converse(&stream, file, out, scope);
        // Whatever is still being sent has nobody to go to.
        drop(stream.shutdown(Shutdown::Both));
        end
    })
}

/// Reads answers up to the end. A file is sent beside, because the server speaks while it reads.
fn converse<'scope>(
    stream: &'scope UnixStream,
    file: Option<&'scope Path>,
    out: &mut dyn Write,
    scope: &'scope thread::Scope<'scope, '_>,
) -> Result<(), CallError> {
    loop {
        match receive(&mut &*stream)? {
            Reply::Line(line) => writeln!(out, "{line}")?,
            Reply::SendFile => {
                let file = File::open(file.ok_or_else(|| io::Error::other("the server asks for a file"))?)?;
                // If this breaks, the connection does, and its last word tells more than the broken pipe.
                scope.spawn(move || drop(send_file(file, stream)));
            }
            Reply::Done => return Ok(()),
            Reply::Failed(text) => return Err(CallError::Failed(text)),
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
