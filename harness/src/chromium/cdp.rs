//! A Chromium process and the Chrome DevTools Protocol to it: JSON messages, each ended by a NUL, over two pipes. There is no port that
//! anybody else on the machine could connect to, and when the harness ends for whatever reason, Chromium reads the end of its pipe
//! and ends too.
//!
//! Why not a crate: what the harness needs of the protocol is this file. The WebDriver crates see neither browser contexts nor network
//! events, and the one that generates all of the protocol is a hundred thousand lines.

use crate::drivers::DriverError;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;
use tempfile::TempDir;

/// Longest silence of a Chromium that has something to say.
const PATIENCE: Duration = Duration::from_secs(30);

/// Chromium reads descriptor 3 and writes 4. A shell moves its own pipes there, which would otherwise take unsafe code.
const SHELL: &str = r#"exec "$0" "$@" 3<&0 4>&1 </dev/null >/dev/null"#;

/// What every Chromium of the harness is started with: no window, no sandbox (it runs as root in containers, and loads our pages only),
/// and nothing that would talk to anybody by itself.
const ARGUMENTS: [&str; 14] = [
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-features=Translate,OptimizationHints,MediaRouter,HttpsUpgrades",
    "--no-first-run",
    "--no-default-browser-check",
    "--password-store=basic",
];

/// A call that came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum CdpError {
    /// The program does not start. Whoever runs the harness installs it.
    #[error("{0} does not start ({1}); install Debian's package chromium, or name another one with --chromium")]
    NoProgram(String, std::io::Error),
    /// The process has ended.
    #[error("Chromium has ended; the last it wrote: {0}")]
    Gone(String),
    /// Nothing has come for [`PATIENCE`].
    #[error("Chromium has been silent for {} s", PATIENCE.as_secs())]
    Silent,
    /// Chromium does not do that.
    #[error("Chromium refuses {method}: {why}")]
    Refused {
        /// What was asked for.
        method: String,
        /// What it says.
        why: String,
    },
    /// An answer that is not what the protocol promises.
    #[error("Chromium's answer to {0} has another form")]
    Malformed(&'static str),
}

impl From<CdpError> for DriverError {
    fn from(error: CdpError) -> Self {
        match &error {
            CdpError::NoProgram(..) => Self::NotSetUp(error.to_string()),
            CdpError::Gone(_) | CdpError::Silent => Self::Unreachable(error.to_string()),
            CdpError::Refused { .. } | CdpError::Malformed(_) => Self::Internal(error.to_string()),
        }
    }
}

/// Something that Chromium tells by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// `Domain.event`.
    pub method: String,
    /// What belongs to it.
    pub params: Value,
}

/// A message as it comes over the pipe: the answer to a call, or an event.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    id: Option<u64>,
    session_id: Option<String>,
    method: Option<String>,
    #[serde(default)]
    params: Value,
    #[serde(default)]
    result: Value,
    error: Option<Complaint>,
}

#[derive(Debug, Deserialize)]
struct Complaint {
    message: String,
}

/// A call whose answer has not been read.
#[derive(Debug)]
#[must_use = "an answer that nobody reads may be a refusal"]
pub struct Call {
    id: u64,
    method: String,
}

/// A running Chromium. Ends when dropped.
pub struct Connection {
    child: Child,
    to: ChildStdin,
    from: Receiver<Vec<u8>>,
    last: u64,
    answers: BTreeMap<u64, Result<Value, String>>,
    events: BTreeMap<String, VecDeque<Event>>,
    /// Its profile, and what it writes to its standard error.
    folder: TempDir,
}

impl Connection {
    /// Starts `program` with [`ARGUMENTS`] and `arguments`, on a profile of its own.
    ///
    /// # Errors
    /// There is no such program.
    pub fn start(program: &Path, arguments: &[String]) -> Result<Self, CdpError> {
        let none = |error| CdpError::NoProgram(program.display().to_string(), error);
        let folder = tempfile::Builder::new().prefix("sekisho-chromium-").tempdir().map_err(none)?;
        let log = std::fs::File::create(folder.path().join(LOG)).map_err(none)?;
        let mut child = Command::new("sh")
            .args(["-c", SHELL])
            .arg(program)
            .args(ARGUMENTS)
            .args(arguments)
            .arg(format!("--user-data-dir={}", folder.path().display()))
            .arg("about:blank")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .map_err(none)?;
        let (Some(to), Some(out)) = (child.stdin.take(), child.stdout.take()) else { return Err(CdpError::Malformed("the start")) };
        let (sender, from) = channel();
        // The thread ends with the pipe, which ends with Chromium.
        std::thread::spawn(move || {
            for message in BufReader::new(out).split(0).map_while(Result::ok) {
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        let mut connection = Self { child, to, from, last: 0, answers: BTreeMap::new(), events: BTreeMap::new(), folder };
        match connection.call(None, "Browser.getVersion", json!({})) {
            Err(CdpError::Gone(log)) => {
                let error = std::io::Error::other(if log.is_empty() { "it ends at once".to_owned() } else { log });
                Err(none(error))
            }
            Err(error) => Err(error),
            Ok(_) => Ok(connection),
        }
    }

    /// Sends a call and does not wait for its answer. `session`: which target it is for; none for the browser as a whole.
    pub fn send(&mut self, session: Option<&str>, method: &str, params: Value) -> Result<Call, CdpError> {
        self.last += 1;
        let mut message = json!({ "id": self.last, "method": method, "params": params });
        if let (Some(session), Some(message)) = (session, message.as_object_mut()) {
            message.insert("sessionId".to_owned(), session.into());
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        let sent = self.to.write_all(&bytes).and_then(|()| self.to.flush());
        sent.map_err(|_| self.gone())?;
        Ok(Call { id: self.last, method: method.to_owned() })
    }

    /// Waits for the answer to `call`. Events that come meanwhile are kept.
    pub fn answer(&mut self, call: Call) -> Result<Value, CdpError> {
        loop {
            if let Some(answer) = self.answers.remove(&call.id) {
                return answer.map_err(|why| CdpError::Refused { method: call.method, why });
            }
            self.read()?;
        }
    }

    /// A call and its answer.
    pub fn call(&mut self, session: Option<&str>, method: &str, params: Value) -> Result<Value, CdpError> {
        let call = self.send(session, method, params)?;
        self.answer(call)
    }

    /// The next event of a session; waits for it.
    pub fn event(&mut self, session: &str) -> Result<Event, CdpError> {
        loop {
            if let Some(event) = self.events.get_mut(session).and_then(VecDeque::pop_front) {
                return Ok(event);
            }
            self.read()?;
        }
    }

    /// The next event of a session, or `None` once `call` is answered; waits for either.
    pub fn event_or_answer(&mut self, session: &str, call: &Call) -> Result<Option<Event>, CdpError> {
        loop {
            if let Some(event) = self.events.get_mut(session).and_then(VecDeque::pop_front) {
                return Ok(Some(event));
            }
            if self.answers.contains_key(&call.id) {
                return Ok(None);
            }
            self.read()?;
        }
    }

    /// The events of a session that nobody has asked for yet.
    pub fn take_events(&mut self, session: &str) -> Vec<Event> {
        self.events.remove(session).map(Vec::from).unwrap_or_default()
    }

    fn read(&mut self) -> Result<(), CdpError> {
        let bytes = self.from.recv_timeout(PATIENCE).map_err(|why| match why {
            RecvTimeoutError::Timeout => CdpError::Silent,
            RecvTimeoutError::Disconnected => self.gone(),
        })?;
        let message: Message = serde_json::from_slice(&bytes).map_err(|_| CdpError::Malformed("anything"))?;
        match (message.id, message.method) {
            (Some(id), _) => {
                let answer = message.error.map_or(Ok(message.result), |complaint| Err(complaint.message));
                self.answers.insert(id, answer);
            }
            (None, Some(method)) => {
                let event = Event { method, params: message.params };
                self.events.entry(message.session_id.unwrap_or_default()).or_default().push_back(event);
            }
            (None, None) => {}
        }
        Ok(())
    }

    fn gone(&self) -> CdpError {
        let log = std::fs::read(self.folder.path().join(LOG)).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        CdpError::Gone(log.lines().last().unwrap_or_default().to_owned())
    }
}

const LOG: &str = "stderr.log";

impl Drop for Connection {
    fn drop(&mut self) {
        // It writes its profile when it is asked to close, and the folder cannot go before; the end of its pipe is the sign.
        let asked = self.send(None, "Browser.close", json!({}));
        while asked.is_ok() && self.from.recv_timeout(Duration::from_secs(5)).is_ok() {}
        // One that has ended cannot be killed, and that is well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
