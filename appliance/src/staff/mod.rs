//! The operators' commands: functions over [`World`] and [`Society`], reached through a Unix socket.
//!
//! Who may open the socket is an operator, known by the number of the Unix user; every command is written into the society's audit log
//! with that number. The command-line tool is a client of the socket and holds no rules.

pub mod acts;
pub mod card;
pub mod client;
pub mod clock;
pub mod import;
pub mod letters;
pub mod member;
mod paper;
pub mod policy;
pub mod protocol;
pub mod requests;
pub mod server;
pub mod society;
pub mod stop;
pub mod terms;
mod verifiers;

use crate::ports::{AuditRow, Batch, CommitError, Fault, Unique, World};
use crate::society::Society;
use clock::ClockWatch;
use protocol::Request;
use sekisho_core::audit::Event;
use sekisho_core::id::{MemberId, SocietyName};
use sekisho_core::time::Timestamp;
use std::io::{self, Read};
use std::sync::{Arc, Mutex};
use stop::Stop;

/// What the commands work on.
pub struct Office {
    /// The outside.
    pub world: World,
    /// The societies that had a file in `societies.d` at start.
    pub societies: Vec<Arc<Society>>,
    /// How many members an import seals at the same time; as many as the token has sessions.
    pub jobs: usize,
    /// Ends long work when the process ends.
    pub stop: Arc<Stop>,
    /// The watch over the host's clock, from this office's beginning.
    pub clock: Arc<ClockWatch>,
    importing: Mutex<()>,
    publishing: Mutex<()>,
    waker: Option<Waker>,
}

/// Tells the mail worker that a society has letters.
type Waker = Box<dyn Fn(&SocietyName) + Send + Sync>;

/// Who asks, and the way back. Lines are for people.
pub trait Desk {
    /// Number of the Unix user.
    fn uid(&self) -> u32;

    /// Says something, at once.
    fn line(&self, text: &str) -> io::Result<()>;

    /// The file of this number that comes with the command, from its beginning; the first is 0. Can be asked for again.
    fn file(&self, which: usize) -> io::Result<Box<dyn Read + '_>>;

    /// Whether what was said last is to be done.
    fn agrees(&self) -> io::Result<bool>;

    /// Hands over a file for the printer: secrets, which go into no line.
    fn hand_over(&self, file: &[u8]) -> io::Result<()>;
}

/// Why a command was not done. One line, for the operator, without a secret.
#[derive(Debug, thiserror::Error)]
pub enum StaffError {
    /// What was asked cannot be done; it says what to do instead. Nothing was changed.
    #[error("{0}")]
    Refused(String),
    /// A part of the appliance does not do its work.
    #[error("{0}; nothing was changed, try again when that is mended")]
    Fault(#[from] Fault),
    /// The operator has gone.
    #[error("the connection ended: {0}")]
    Gone(#[from] io::Error),
}

/// What was asked cannot be done.
fn refused<T>(text: String) -> Result<T, StaffError> {
    Err(StaffError::Refused(format!("{text}. Nothing was changed")))
}

impl From<CommitError> for StaffError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Fault(fault) => Self::Fault(fault),
            CommitError::Taken(Unique::UserId) => {
                Self::Refused("another member has this user ID; nothing was changed, choose another one".to_owned())
            }
            CommitError::Conflict | CommitError::Taken(_) => {
                Self::Refused("something else changed the same record at this moment; nothing was changed, run it again".to_owned())
            }
        }
    }
}

impl Office {
    /// An office over `world` for `societies`.
    pub fn new(world: World, societies: Vec<Arc<Society>>, jobs: usize, stop: Arc<Stop>) -> Self {
        let clock = Arc::new(ClockWatch::start(Arc::clone(&world.clock)));
        Self { world, societies, jobs: jobs.max(1), stop, clock, importing: Mutex::new(()), publishing: Mutex::new(()), waker: None }
    }

    /// With a way to have letters sent at once; without one they wait for the mail worker's next round.
    #[must_use]
    pub fn waking(self, wake: impl Fn(&SocietyName) + Send + Sync + 'static) -> Self {
        Self { waker: Some(Box::new(wake)), ..self }
    }

    fn wake(&self, society: &SocietyName) {
        if let Some(wake) = &self.waker {
            wake(society);
        }
    }

    /// Does what is asked. Ends with the last line said, or with the reason why not.
    pub fn run(&self, request: &Request, desk: &dyn Desk) -> Result<(), StaffError> {
        match request {
            Request::SocietyAdd { society } => society::add(self, self.society(society)?, desk),
            Request::SocietyNumbers { society } => society::numbers(self, self.society(society)?, desk),
            Request::AnnounceLetters { society, from, days, members } => {
                letters::announce(self, self.society(society)?, from, *days, *members, desk)
            }
            Request::ClockAccept => clock::accept(self, desk),
            Request::MemberImport { society, encoding, dry_run } => import::run(self, self.society(society)?, *encoding, *dry_run, desk),
            Request::MemberShow { society, who } => member::show(self, self.society(society)?, who, desk),
            Request::MemberAct { society, who, wish, takes_file } => acts::wish(self, self.society(society)?, who, wish, *takes_file, desk),
            Request::Requests { society } => requests::list(self, self.society(society)?, desk),
            Request::Approve { society, request, takes_file } => {
                requests::approve(self, self.society(society)?, request, *takes_file, desk)
            }
            Request::TermsPublish { society, version } => terms::publish(self, self.society(society)?, version, desk),
            Request::PolicyShow { society } => policy::show(self, self.society(society)?, desk),
            Request::AuditTail { society, lines } => society::audit_tail(self, self.society(society)?, *lines, desk),
        }
    }

    fn society(&self, name: &SocietyName) -> Result<&Society, StaffError> {
        self.societies.iter().find(|society| society.name == *name).map(AsRef::as_ref).ok_or_else(|| {
            let text =
                "is not one of this process's societies; add societies.d/NAME.toml, check it with `sekisho check-config`, and restart";
            StaffError::Refused(format!("{name} {text}"))
        })
    }

    /// Writes down what one of the staff has done.
    fn audit(&self, society: &Society, event: Event, member: Option<MemberId>, desk: &dyn Desk) -> Result<(), StaffError> {
        let now = self.world.now(&society.name)?;
        Ok(self.world.store.commit(&society.name, Batch { audit: vec![row(now, event, member, None, desk)], ..Batch::at(now) })?)
    }
}

fn row(at: Timestamp, event: Event, member: Option<MemberId>, note: Option<String>, desk: &dyn Desk) -> AuditRow {
    AuditRow { at, member, event: event.id().to_owned(), refusal: None, note, staff: Some(desk.uid()) }
}

/// Japan's only zone, without summer time.
fn japan() -> jiff::tz::TimeZone {
    jiff::tz::Offset::constant(9).to_time_zone()
}

/// An instant as operators in Japan read it.
fn in_japan(at: Timestamp) -> String {
    let zone = japan();
    let instant = i64::try_from(at.0).ok().and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    instant.map_or_else(|| at.0.to_string(), |instant| instant.to_zoned(zone).strftime("%Y-%m-%d %H:%M:%S JST").to_string())
}
