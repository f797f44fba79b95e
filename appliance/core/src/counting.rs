//! What a decision does to a member's counters.

use crate::account::Counters;
use crate::decide::Count;
use crate::guard::{Asking, Counter, Guessable};
use crate::lane::Strangers;
use crate::tenant::{Limit, Limits};
use crate::time::Timestamp;

impl Counters {
    /// As a stranger's try finds them.
    #[must_use]
    pub fn among(self, strangers: &Strangers, limits: &Limits) -> Self {
        let [password, share] = [strangers.lane, strangers.share].map(|cells| cells.estimate(&limits.password));
        Self { password, share, ..self }
    }

    /// After `counts`, in order. A wrong password stands in a lane and not here: what is said of it here is only which lanes begin anew.
    #[must_use]
    pub fn after(mut self, counts: &[Count], limits: &Limits, now: Timestamp) -> Self {
        for count in counts {
            match count {
                Count::Fail(Guessable::Password) => {}
                Count::Clear(Guessable::Password) => {
                    // A success with nothing to clear is every ordinary log-in.
                    if self.password.failures > 0 || self.share.failures > 0 {
                        self.strangers = self.strangers.wrapping_add(1);
                    }
                }
                Count::Unlock(Guessable::Password) => self.lanes = self.lanes.wrapping_add(1),
                Count::Fail(what) => {
                    if let Some((counter, limit)) = self.guessed(limits, *what) {
                        *counter = counter.failed(limit, now);
                    }
                    if *what == Guessable::SecondStep {
                        self.since_success = self.since_success.saturating_add(1);
                    }
                }
                Count::Unlock(what) | Count::Clear(what) => {
                    if let Some((counter, _)) = self.guessed(limits, *what) {
                        *counter = Counter::default();
                    }
                    if *count == Count::Clear(Guessable::SecondStep) {
                        self.since_success = 0;
                    }
                }
                Count::Asked(Asking::Recovery) => self.recovery = self.recovery.asked(now),
                Count::Asked(Asking::MailCode) => self.mail_codes = self.mail_codes.asked(now),
                Count::Asked(Asking::UserId) => self.user_ids = self.user_ids.asked(now),
                Count::Reset(newest) => self.reset = *newest,
                Count::ForgetBrowsers => self.known_from = now.0,
            }
        }
        self
    }

    /// The counter of what was guessed at, and its limit.
    fn guessed<'a>(&'a mut self, limits: &'a Limits, what: Guessable) -> Option<(&'a mut Counter, &'a Limit)> {
        Some(match what {
            Guessable::Password => return None,
            Guessable::BirthDate => (&mut self.birth_date, &limits.birth_date),
            Guessable::ActivationCode => (&mut self.activation, &limits.activation),
            Guessable::SecondStep => (&mut self.second_step, &limits.second_step),
            Guessable::MailCode => (&mut self.mail_code, &limits.mail_code),
        })
    }
}
