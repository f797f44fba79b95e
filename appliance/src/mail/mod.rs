//! Letters: from an intent in the outbox to a mail at the relay (design law 7).
//!
//! [`letters`] writes the words around what [`carry`] derives, [`outbox`] sends what is due and tries again, [`worker`] decides when to
//! look, [`smtp`] hands one mail to the relay.

mod carry;
pub mod letters;
pub mod outbox;
pub mod smtp;
pub mod worker;
