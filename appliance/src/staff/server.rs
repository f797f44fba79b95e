//! The server's end of the socket: threads, because the commands block and are few.

use super::protocol::{FileFrames, Reply, Request, receive, send, send_frame};
use super::{Desk, Office, StaffError};
use rustix::fs::Mode;
use std::io::{self, Read};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Commands at the same time; more are told to come back.
const MOST: usize = 8;

/// A client that says or takes nothing for so long is gone.
const PATIENCE: Duration = Duration::from_secs(60);

/// The listening socket. Dropping it ends the listening; commands that run end by [`Office::stop`].
pub struct Server {
    path: PathBuf,
    listener: Arc<UnixListener>,
    thread: Option<JoinHandle<()>>,
    office: Arc<Office>,
}

/// Listens at `path`, for the process's own user, and if `group` for its group.
pub fn listen(path: &Path, group: bool, office: Arc<Office>) -> io::Result<Server> {
    let listener = Arc::new(bind(path, group)?);
    let (of_thread, heard, running) = (Arc::clone(&office), Arc::clone(&listener), Arc::new(AtomicUsize::new(0)));
    let thread = thread::Builder::new().name("staff".to_owned()).spawn(move || accept(&heard, &of_thread, &running))?;
    Ok(Server { path: path.to_owned(), listener, thread: Some(thread), office })
}

impl Drop for Server {
    fn drop(&mut self) {
        self.office.stop.set();
        // Wakes the thread out of `accept`, even if somebody has removed the socket's file.
        let woken = rustix::net::shutdown(self.listener.as_ref(), rustix::net::Shutdown::Both);
        if let (Some(thread), Ok(())) = (self.thread.take(), woken) {
            // A panic there was reported by its own hook.
            drop(thread.join());
        }
        drop(std::fs::remove_file(&self.path));
    }
}

fn bind(path: &Path, group: bool) -> io::Result<UnixListener> {
    match UnixStream::connect(path) {
        Ok(_) => return Err(io::Error::new(io::ErrorKind::AddrInUse, "another sekisho answers here; stop it first")),
        // What a process that was killed left behind.
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => std::fs::remove_file(path)?,
        Err(_) => {}
    }
    // Closed from its first instant: a mode that is set afterwards leaves a gap.
    let closed = if group { Mode::from_raw_mode(0o117) } else { Mode::from_raw_mode(0o177) };
    let before = rustix::process::umask(closed);
    let listener = UnixListener::bind(path);
    rustix::process::umask(before);
    listener
}

fn accept(listener: &UnixListener, office: &Arc<Office>, running: &Arc<AtomicUsize>) {
    for stream in listener.incoming() {
        if office.stop.is_set() {
            return;
        }
        let Ok(stream) = stream else { continue };
        if running.fetch_add(1, Ordering::SeqCst) >= MOST {
            running.fetch_sub(1, Ordering::SeqCst);
            drop(send(&mut &stream, &Reply::Failed("too many commands at the same time; try again in a minute".to_owned())));
            continue;
        }
        let (office, running) = (Arc::clone(office), Arc::clone(running));
        let counted = Arc::clone(&running);
        let spawned = thread::Builder::new().name("staff command".to_owned()).spawn(move || {
            if let Err(error) = answer(&stream, &office) {
                tracing::warn!(%error, "staff: a connection ended early");
            }
            running.fetch_sub(1, Ordering::SeqCst);
        });
        if spawned.is_err() {
            counted.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

/// One connection: one request, lines, one end.
fn answer(stream: &UnixStream, office: &Office) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let desk = SocketDesk { uid: rustix::net::sockopt::socket_peercred(stream)?.uid.as_raw(), stream };
    let request: Request = match receive(&mut &*stream) {
        Ok(request) => request,
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            let text = format!("{error}; is this tool of the same version as the server?");
            return send(&mut &*stream, &Reply::Failed(text));
        }
        Err(error) => return Err(error),
    };
    let (command, society) = request.label();
    let done = office.run(&request, &desk);
    tracing::info!(command, society = society.map(tracing::field::display), uid = desk.uid, done = done.is_ok(), "staff");
    match done {
        Ok(()) => send(&mut &*stream, &Reply::Done),
        Err(StaffError::Gone(error)) => Err(error),
        Err(error) => send(&mut &*stream, &Reply::Failed(error.to_string())),
    }
}

struct SocketDesk<'a> {
    uid: u32,
    stream: &'a UnixStream,
}

impl Desk for SocketDesk<'_> {
    fn uid(&self) -> u32 {
        self.uid
    }

    fn line(&self, text: &str) -> io::Result<()> {
        send(&mut &*self.stream, &Reply::Line(text.to_owned()))
    }

    fn file(&self, which: usize) -> io::Result<Box<dyn Read + '_>> {
        send(&mut &*self.stream, &Reply::SendFile(which))?;
        Ok(Box::new(FileFrames::new(self.stream)))
    }

    fn agrees(&self) -> io::Result<bool> {
        send(&mut &*self.stream, &Reply::Confirm)?;
        receive(&mut &*self.stream)
    }

    fn hand_over(&self, file: &[u8]) -> io::Result<()> {
        send(&mut &*self.stream, &Reply::TakeFile)?;
        send_frame(&mut &*self.stream, file)
    }
}
