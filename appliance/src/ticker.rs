//! What happens once a minute: the floor under the clock follows it as far as it is believed, members' codes are asked whether it is
//! right, and sessions that are over go.

use crate::service::Service;
use crate::society::Society;
use crate::staff::clock::ClockWatch;
use crate::staff::stop::Stop;
use sekisho_core::time::Timestamp;
use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

/// The thread. Ends when the process's [`Stop`] is set; dropping it waits for that.
pub struct Ticker(Option<JoinHandle<()>>);

impl Ticker {
    /// Starts it.
    pub fn start(service: Arc<Service>, societies: Vec<Arc<Society>>, clock: Arc<ClockWatch>, stop: Arc<Stop>) -> io::Result<Self> {
        let thread = thread::Builder::new().name("ticker".to_owned()).spawn(move || {
            let mut is_first = true;
            while !stop.wait(MINUTE) {
                // Not at once: members who come right after the start do not wait for files that are opened for this.
                if std::mem::take(&mut is_first) {
                    clock.compare(service.world(), &societies);
                }
                tick(&service, &societies, &clock);
            }
        })?;
        Ok(Self(Some(thread)))
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        if let Some(thread) = self.0.take() {
            // A panic there was reported by its own hook.
            drop(thread.join());
        }
    }
}

/// One tick. Sessions are removed by the time that is believed: what a wrong clock has removed does not come back when it is set right.
pub fn tick(service: &Service, societies: &[Arc<Society>], clock: &ClockWatch) {
    let watch = clock.look(service.world(), societies);
    clock.tell_of_members(service.world(), societies, service.look_at_codes());
    let now = service.world().clock.now();
    for society in societies {
        let lifetimes = &society.policy().lifetimes;
        let over = Timestamp(watch.believed().0.saturating_sub(lifetimes.session.as_secs()));
        let unused = Timestamp(watch.believed().0.saturating_sub(lifetimes.browser.as_secs()));
        if let Err(fault) = service.world().store.tick(&society.name, watch.floor(), over, unused) {
            tracing::error!(society = %society.name, %fault, "the minute's work could not be done");
        }
        service.forget(Timestamp(now.0.saturating_sub(lifetimes.session_idle.as_secs())), now);
    }
}
