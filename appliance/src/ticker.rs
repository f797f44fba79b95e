//! What happens once a minute: the floor under the clock follows it, and sessions that are over go.

use crate::service::Service;
use crate::society::Society;
use crate::staff::stop::Stop;
use sekisho_core::time::Timestamp;
use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

/// A clock that is further ahead than this of what it said a minute ago has jumped: the floor stays (design law 8).
const JUMP: Duration = Duration::from_secs(3600);

/// The thread. Ends when the process's [`Stop`] is set; dropping it waits for that.
pub struct Ticker(Option<JoinHandle<()>>);

impl Ticker {
    /// Starts it.
    pub fn start(service: Arc<Service>, societies: Vec<Arc<Society>>, stop: Arc<Stop>) -> io::Result<Self> {
        let thread = thread::Builder::new().name("ticker".to_owned()).spawn(move || {
            let mut believed = service.world().clock.now();
            while !stop.wait(MINUTE) {
                believed = tick(&service, &societies, believed);
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

/// One tick. `believed` is what the clock said when it was last believed; returns the new value.
pub fn tick(service: &Service, societies: &[Arc<Society>], believed: Timestamp) -> Timestamp {
    let now = service.world().clock.now();
    if now.since(believed) > JUMP {
        tracing::error!(
            seconds = now.since(believed).as_secs(),
            "the clock has jumped ahead; what expires is measured by it, but the floor stays until a restart. Check the host's time"
        );
        return believed;
    }
    for society in societies {
        let lifetimes = &society.policy.lifetimes;
        let over = Timestamp(now.0.saturating_sub(lifetimes.session.as_secs()));
        if let Err(fault) = service.world().store.tick(&society.name, now, over) {
            tracing::error!(society = %society.name, %fault, "the minute's work could not be done");
        }
        service.forget_seen(Timestamp(now.0.saturating_sub(lifetimes.session_idle.as_secs())));
    }
    now.max(believed)
}
