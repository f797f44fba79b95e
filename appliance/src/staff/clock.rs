//! The clock's jumps (design law 8): an alarm when there is one, and the word of one of the staff that it is true (staff.13). Another
//! alarm where members' codes say that the clock is wrong.

use super::{Desk, Office, StaffError, in_japan, row};
use crate::ports::{AuditRow, Batch, Clock, CommitError, Fault, World};
use crate::society::Society;
use sekisho_core::audit::Event;
use sekisho_core::clock::{Reading, Watch};
use sekisho_core::time::{TimeStep, Timestamp};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The watch over the host's clock: one for the process, whose societies all stand on the same host.
pub struct ClockWatch {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

struct State {
    watch: Watch,
    /// Whether the jump that the watch knows of has been told.
    alarmed: bool,
    /// Whether it has been told what members say.
    told_by_members: bool,
}

impl ClockWatch {
    /// Begins to watch `clock`.
    pub fn start(clock: Arc<dyn Clock>) -> Self {
        let watch = Watch::start(clock.read());
        Self { clock, state: Mutex::new(State { watch, alarmed: false, told_by_members: false }) }
    }

    /// Compares the clock with the newest floor of the societies' files: to be done once, after the start. A floor that the clock is not
    /// far ahead of settles it, so that as a rule few files are opened.
    pub fn compare(&self, world: &World, societies: &[Arc<Society>]) {
        let now = self.clock.now();
        let mut newest = None;
        for floor in societies.iter().filter_map(|society| floor(world, society)) {
            newest = newest.max(Some(floor));
            if Watch::start(Reading { clock: now, passed: Duration::ZERO }).against(floor).jump().is_none() {
                return;
            }
        }
        if let Some(floor) = newest {
            let mut state = self.lock();
            state.watch = state.watch.against(floor);
        }
    }

    /// Looks at the clock. Where it has jumped ahead that is told: in the log each time, and once in the societies' audit logs.
    pub fn look(&self, world: &World, societies: &[Arc<Society>]) -> Watch {
        let (watch, is_new) = {
            let mut state = self.lock();
            state.watch = state.watch.after(self.clock.read());
            let jumped = state.watch.jump().is_some();
            let is_new = jumped && !state.alarmed;
            state.alarmed = jumped;
            (state.watch, is_new)
        };
        if let Some(jump) = watch.jump() {
            let event = Event::ClockJumped.id();
            tracing::error!(
                event,
                seconds = jump.as_secs(),
                "the clock has jumped ahead, or nothing has run for so long: set the host's time right, or run `sekisho clock accept`"
            );
            if is_new {
                alarm(world, societies, Event::ClockJumped, &note(jump));
            }
        }
        watch
    }

    /// Tells how many steps members are ahead of the host, where that says that the host is wrong: in the log each time, and once in the
    /// societies' audit logs.
    pub fn tell_of_members(&self, world: &World, societies: &[Arc<Society>], steps: Option<i8>) {
        let was_told = std::mem::replace(&mut self.lock().told_by_members, steps.is_some());
        let Some(steps) = steps else { return };
        tracing::error!(
            event = Event::ClockMembers.id(),
            steps,
            "members' codes say that the clock is wrong: set the host's time right before their codes are refused"
        );
        if !was_told {
            let side = if steps < 0 { "ahead" } else { "behind" };
            let seconds = u64::from(steps.unsigned_abs()) * TimeStep::SECONDS;
            alarm(world, societies, Event::ClockMembers, &format!("about-{seconds}-s-{side}"));
        }
    }

    fn accept(&self, shown: Reading) {
        let mut state = self.lock();
        state.watch = state.watch.accept(shown);
        state.alarmed = false;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The floor in a society's file, if it has one. A file that cannot be read is told of where somebody needs it.
fn floor(world: &World, society: &Society) -> Option<Timestamp> {
    world.store.roots(&society.name).ok().flatten()?;
    world.store.floor(&society.name).ok().filter(|floor| *floor > Timestamp(0))
}

fn alarm(world: &World, societies: &[Arc<Society>], event: Event, note: &str) {
    let row = |at| AuditRow { at, member: None, event: event.id().to_owned(), refusal: None, note: Some(note.to_owned()), staff: None };
    for society in societies {
        if let Err(fault) = write(world, society, row) {
            tracing::error!(society = %society.name, event = event.id(), %fault, "the alarm is not in the audit log");
        }
    }
}

/// Writes an event into a society's audit log, if the society has a file.
fn write(world: &World, society: &Society, event: impl Fn(Timestamp) -> AuditRow) -> Result<(), Fault> {
    if world.store.roots(&society.name)?.is_none() {
        return Ok(());
    }
    let now = world.now(&society.name)?;
    match world.store.commit(&society.name, Batch { audit: vec![event(now)], ..Batch::at(now) }) {
        Ok(()) => Ok(()),
        Err(CommitError::Fault(fault)) => Err(fault),
        Err(refused) => Err(Fault::Store(refused.to_string())),
    }
}

fn note(jump: Duration) -> String {
    format!("{}-s-ahead", jump.as_secs())
}

/// Says what the clock says and by how much it has jumped, and believes it if the operator does. Written into every society's audit log
/// before it counts.
pub fn accept(office: &Office, desk: &dyn Desk) -> Result<(), StaffError> {
    let world = &office.world;
    let shown = world.clock.read();
    let watch = office.clock.look(world, &office.societies);
    let Some(jump) = watch.jump() else {
        let text = format!("the clock says {} and has not jumped; there is nothing to accept. Nothing was changed", in_japan(shown.clock));
        return Err(StaffError::Refused(text));
    };
    desk.line(&format!("the clock says {}", in_japan(shown.clock)))?;
    desk.line(&format!("it should say  {}", in_japan(watch.believed())))?;
    desk.line(&format!("it is {} s ahead, or nothing has run for so long; accepting it cannot be undone", jump.as_secs()))?;
    if !desk.agrees()? {
        return Err(StaffError::Refused("not accepted; nothing was changed. If the clock is wrong, set the host's time right".to_owned()));
    }
    for society in &office.societies {
        write(world, society, |at| row(at, Event::ClockAccepted, None, Some(note(jump)), desk))?;
    }
    office.clock.accept(shown);
    desk.line("accepted: within a minute no society takes an earlier time for true")?;
    Ok(())
}
