//! Letters: what they say, when they go, and what happens when they cannot.

#[cfg(test)]
mod fakes;
#[cfg(test)]
mod kinds;
#[cfg(test)]
mod letters;
#[cfg(test)]
mod outbox;
#[cfg(test)]
mod smtp;
#[cfg(test)]
mod worker;
