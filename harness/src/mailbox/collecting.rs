//! The post of a simulation: no wire, no clock of its own, and faults on demand.

use super::Mail;
use sekisho::ports::{MailError, Mailer, Outgoing};
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What happens to a letter that is handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailFault {
    /// It is not taken; try again.
    Later,
    /// It is not taken, ever.
    Never,
    /// It is taken, and arrives when [`CollectingMailer::deliver_delayed`] is called.
    Delay,
    /// It is taken, and arrives twice.
    Duplicate,
    /// It arrives, and yet the sender is told that it did not.
    DeliverAndFail,
}

/// A mailer that keeps what it is given.
#[derive(Default)]
pub struct CollectingMailer {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    mails: Vec<Mail>,
    delayed: Vec<Mail>,
    faults: VecDeque<MailFault>,
}

impl CollectingMailer {
    /// Every mail that has arrived, in order of arrival.
    pub fn mails(&self) -> Vec<Mail> {
        self.lock().mails.clone()
    }

    /// Those of them that are `asked` for.
    pub fn mails_that(&self, asked: impl Fn(&Mail) -> bool) -> Vec<Mail> {
        self.lock().mails.iter().filter(|mail| asked(mail)).cloned().collect()
    }

    /// The next `times` letters meet `fault`; faults wait in line.
    pub fn fail_next(&self, times: usize, fault: MailFault) {
        self.lock().faults.extend(std::iter::repeat_n(fault, times));
    }

    /// Lets the delayed mails arrive, the last first: mail keeps no order. Returns how many.
    pub fn deliver_delayed(&self) -> usize {
        let mut state = self.lock();
        let delayed = std::mem::take(&mut state.delayed);
        let count = delayed.len();
        state.mails.extend(delayed.into_iter().rev());
        count
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Mailer for CollectingMailer {
    fn send(&self, letter: &Outgoing) -> Result<(), MailError> {
        let mail = Mail {
            to: letter.to.text(),
            from: letter.society.mail_from.clone(),
            subject: letter.subject.clone(),
            text: letter.body.expose().clone(),
            message_id: letter.message_id.trim_matches(['<', '>']).to_owned(),
            received: letter.date.0,
            raw: String::new(),
        };
        let mut state = self.lock();
        let fault = state.faults.pop_front();
        match fault {
            None => state.mails.push(mail),
            Some(MailFault::Later) => return Err(MailError::Later("planned by the simulation".to_owned())),
            Some(MailFault::Never) => return Err(MailError::Never("planned by the simulation".to_owned())),
            Some(MailFault::Delay) => state.delayed.push(mail),
            Some(MailFault::Duplicate) => state.mails.extend([mail.clone(), mail]),
            Some(MailFault::DeliverAndFail) => {
                state.mails.push(mail);
                return Err(MailError::Later("planned by the simulation".to_owned()));
            }
        }
        Ok(())
    }
}
