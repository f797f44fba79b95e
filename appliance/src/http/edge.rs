//! The edge: where a connection really comes from, and how many of them a source may hold (P-16).

use super::proxy::{Proxies, Says};
use crate::alarms::Alarms;
use crate::ports::Clock;
use http::HeaderMap;
use sekisho_core::alarm::Alarm;
use sekisho_core::bucket::Admission;
use sekisho_core::source::{Networks, Prefix, Source};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What all listeners share.
pub struct Edge {
    proxies: Proxies,
    companies: Networks,
    admission: Admission,
    alarms: Arc<Alarms>,
    clock: Arc<dyn Clock>,
    connections: Arc<Held>,
    long_bodies: Arc<Held>,
}

/// Long bodies that one source may be sending at a time: a passkey's answer is one, and few members of one house give theirs at once.
const LONG_BODIES: u32 = 8;

/// How many of something each network holds. There are never more entries than things that are held.
#[derive(Default)]
struct Held(Mutex<BTreeMap<Prefix, u32>>);

impl Held {
    /// One more for `network`, if it has fewer than `most`.
    fn take(self: &Arc<Self>, network: Prefix, most: u32) -> Option<Place> {
        // Counts have no half-done state.
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = held.get(&network).copied().unwrap_or(0);
        (count < most).then(|| {
            held.insert(network, count + 1);
            Place { held: Arc::clone(self), network }
        })
    }
}

/// A source's place among its connections, or long bodies; given back on drop.
pub struct Place {
    held: Arc<Held>,
    network: Prefix,
}

impl Edge {
    /// Behind these proxies, and with more room for these companies.
    pub fn new(proxies: Proxies, companies: Networks, admission: Admission, alarms: Arc<Alarms>, clock: Arc<dyn Clock>) -> Self {
        Self { proxies, companies, admission, alarms, clock, connections: Arc::default(), long_bodies: Arc::default() }
    }

    /// Whether a connection of `peer` begins with a header that says whom it carries.
    pub fn announces(&self, peer: Source) -> bool {
        self.proxies.says == Says::ProxyV2 && self.proxies.trusts(peer)
    }

    /// Where a request over a connection from `peer` comes from.
    pub fn source(&self, peer: Source, headers: &HeaderMap) -> Source {
        match self.proxies.says {
            Says::ProxyV2 => peer,
            Says::Forwarded => super::forwarded::source(&self.proxies, peer, headers),
        }
    }

    /// What a connection from `peer` holds from its first byte: a place, or nothing where `peer` is a proxy, which carries others.
    /// `None`: it has to be closed.
    pub fn accept(&self, peer: Source) -> Option<Option<Place>> {
        if self.proxies.trusts(peer) { Some(None) } else { self.enter(peer).map(Some) }
    }

    /// A place for one more connection from `source`, if it may have one.
    pub fn enter(&self, source: Source) -> Option<Place> {
        let (network, most) = match self.companies.of(source) {
            Some(company) => (company, self.admission.company_connections),
            None => (source.narrow(), self.admission.connections),
        };
        let place = self.connections.take(network, most);
        if place.is_none() {
            self.full();
        }
        place
    }

    /// A place for one more long body from `source`, if it may send one.
    pub fn long_body(&self, source: Source) -> Option<Place> {
        match self.companies.of(source) {
            Some(company) => self.long_bodies.take(company, u32::MAX),
            None => self.long_bodies.take(source.narrow(), LONG_BODIES),
        }
    }

    /// Tells operators that somebody had to wait for a connection, or was sent away.
    pub fn full(&self) {
        self.alarms.raise(Alarm::ConnectionsFull, None, self.clock.passed());
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut held = self.held.0.lock().unwrap_or_else(PoisonError::into_inner);
        match held.get_mut(&self.network) {
            Some(count) if *count > 1 => *count -= 1,
            _ => _ = held.remove(&self.network),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sekisho_core::time::Timestamp;
    use std::time::Duration;

    struct Standing;

    impl Clock for Standing {
        fn now(&self) -> Timestamp {
            Timestamp(0)
        }

        fn passed(&self) -> Duration {
            Duration::ZERO
        }
    }

    fn edge() -> Arc<Edge> {
        let admission = Admission { connections: 2, company_connections: 4, ..Admission::default() };
        let companies = Networks::new(vec!["203.0.113.0/28".parse().unwrap()]);
        Arc::new(Edge::new(Proxies::default(), companies, admission, Arc::default(), Arc::new(Standing)))
    }

    fn places(edge: &Arc<Edge>, from: &[&str]) -> Vec<Option<Place>> {
        from.iter().map(|address| edge.enter(Source::of(address.parse().unwrap()))).collect()
    }

    #[test]
    fn each_line_has_its_places_and_a_company_has_more_for_all_of_its_lines() {
        let edge = edge();
        let lines =
            places(&edge, &["192.0.2.1", "::ffff:192.0.2.1", "192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2", "2001:db8::3"]);
        let entered: Vec<bool> = lines.iter().map(Option::is_some).collect();
        assert_eq!(entered, [true, true, false, true, true, true, false]);
        let company = places(&edge, &["203.0.113.1", "203.0.113.2", "203.0.113.3", "203.0.113.1", "203.0.113.4"]);
        assert_eq!(company.iter().filter(|place| place.is_some()).count(), 4);
        let counts: Vec<u64> = edge.alarms.counts().map(|(_, count)| count).collect();
        assert_eq!(counts.iter().sum::<u64>(), 3, "each that was sent away");
    }

    #[test]
    fn one_line_sends_eight_long_bodies_at_a_time_and_a_company_as_many_as_it_has_members() {
        let edge = edge();
        let bodies = |from: &str| (0..20).map(|_| edge.long_body(Source::of(from.parse().unwrap()))).collect::<Vec<_>>();
        let taken = |bodies: &[Option<Place>]| bodies.iter().filter(|place| place.is_some()).count();
        let (one, other, company) = (bodies("192.0.2.1"), bodies("192.0.2.2"), bodies("203.0.113.1"));
        assert_eq!([&one, &other, &company].map(|bodies| taken(bodies)), [8, 8, 20]);
        drop(one);
        assert_eq!(taken(&bodies("192.0.2.1")), 8);
    }

    #[test]
    fn a_place_that_is_given_back_is_free_and_leaves_nothing_behind() {
        let edge = edge();
        let mut held = places(&edge, &["192.0.2.1", "192.0.2.1"]);
        assert!(edge.enter(Source::of([192, 0, 2, 1].into())).is_none());
        held.pop();
        held.extend(places(&edge, &["192.0.2.1"]));
        assert!(held.iter().all(Option::is_some));
        drop(held);
        assert!(edge.connections.0.lock().unwrap().is_empty(), "nothing grows with the sources that have come and gone");
    }
}
