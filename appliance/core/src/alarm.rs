//! What operators are told of at once, by its permanent id: in the log, and as counters that monitoring reads. Never an address, never
//! an ID.

/// Something that somebody should look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Alarm {
    /// A source has spent its budget, and is told to wait (G-07).
    SourceFlooding,
    /// So many first passwords were wrong that all strangers of a society wait (G-08).
    BrakeClosed,
    /// A password was turned away: more of them wait than can be hashed in time (G-11).
    HashingFull,
    /// A connection was closed, or has to wait for another one's end (P-16).
    ConnectionsFull,
    /// The members' apps say that the host's clock is wrong.
    ClockMembers,
}

impl Alarm {
    /// All of them, in the order of their counters.
    pub const ALL: [Self; 5] = [Self::SourceFlooding, Self::BrakeClosed, Self::HashingFull, Self::ConnectionsFull, Self::ClockMembers];

    /// The permanent id.
    pub fn id(self) -> &'static str {
        match self {
            Self::SourceFlooding => "source.flooding",
            Self::BrakeClosed => "brake.closed",
            Self::HashingFull => "hashing.full",
            Self::ConnectionsFull => "connections.full",
            Self::ClockMembers => "clock.members",
        }
    }
}
