//! Letters: outbox, worker, SMTP.
