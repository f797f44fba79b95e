//! Everything that the appliance logs, at the most talkative level, kept so that it can be searched for secrets (I11).

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use tracing_subscriber::filter::LevelFilter;

/// The log of this process. There is one, whoever asks for it.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

static LOG: OnceLock<Log> = OnceLock::new();

impl Log {
    /// Takes over the process's log. Once it is taken, everybody gets the same one.
    pub fn install() -> Self {
        let log = LOG.get_or_init(|| {
            let log = Self::default();
            let writer = log.clone();
            let subscriber = tracing_subscriber::fmt().with_max_level(LevelFilter::TRACE).with_ansi(false).without_time();
            // Somebody else's subscriber would keep what is logged from us; there is none in the harness.
            let _ = subscriber.with_writer(move || writer.clone()).try_init();
            log
        });
        log.clone()
    }

    /// What has been logged so far.
    pub fn written(&self) -> Vec<u8> {
        self.lock().clone()
    }

    /// How many bytes that is.
    pub fn bytes(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
