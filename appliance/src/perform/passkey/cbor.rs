//! The CBOR that authenticators must speak: CTAP2's canonical form, cut down to what WebAuthn needs of it (RFC 8949 §4.2.1).
//!
//! Own code because the general libraries let pass what has to be refused here: a key that comes twice (the last one wins), lengths that
//! are not said beforehand, and bytes after the item.

/// Most containers in one another: an attestation object needs two, extensions three (CTAP2 allows four, its own included).
const MOST_NESTED: u8 = 8;

/// One item. Borrowed: what it says can be compared with the bytes it came from.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Item<'a> {
    Int(i128),
    Bytes(&'a [u8]),
    Text(&'a str),
    Array(Vec<Item<'a>>),
    /// In the order sent; no key comes twice.
    Map(Vec<(Item<'a>, Item<'a>)>),
    /// `false`, `true`, `null`, `undefined` and floating point: nothing that is looked into.
    Other(u8, u64),
}

impl<'a> Item<'a> {
    /// The first item of `bytes`, and what follows it. `None` when it is not canonical.
    pub fn read(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let mut reader = Reader(bytes);
        let item = reader.item(MOST_NESTED)?;
        Some((item, reader.0))
    }

    /// The one item that `bytes` are, with nothing after it.
    pub fn read_all(bytes: &'a [u8]) -> Option<Self> {
        Self::read(bytes).and_then(|(item, rest)| rest.is_empty().then_some(item))
    }

    /// The value under a text key, if this is a map and has it.
    pub fn field(&self, name: &str) -> Option<&Self> {
        self.entry(&Item::Text(name))
    }

    /// The value under an integer label, if this is a map and has it.
    pub fn label(&self, label: i128) -> Option<&Self> {
        self.entry(&Item::Int(label))
    }

    fn entry(&self, wanted: &Item<'_>) -> Option<&Self> {
        self.entries()?.iter().find_map(|(key, value)| (key == wanted).then_some(value))
    }

    /// What a map holds.
    pub fn entries(&self) -> Option<&[(Self, Self)]> {
        if let Self::Map(entries) = self { Some(entries) } else { None }
    }

    /// A byte string's bytes.
    pub fn bytes(&self) -> Option<&'a [u8]> {
        if let Self::Bytes(bytes) = self { Some(bytes) } else { None }
    }

    /// A text string's text.
    pub fn text(&self) -> Option<&'a str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// An integer's value.
    pub fn int(&self) -> Option<i128> {
        if let Self::Int(int) = self { Some(*int) } else { None }
    }
}

/// What has not been read yet.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// Major type, the five bits beside it, and the argument, which is in its shortest form (but for floating point).
    fn head(&mut self) -> Option<(u8, u8, u64)> {
        let first = *self.take(1)?.first()?;
        let (major, info) = (first >> 5, first & 0x1f);
        let (argument, least) = match info {
            0..24 => (u64::from(info), 0),
            24 => (self.argument(1)?, if major == 7 { 32 } else { 24 }),
            25 => (self.argument(2)?, 0x100),
            26 => (self.argument(4)?, 0x1_0000),
            27 => (self.argument(8)?, 0x1_0000_0000),
            // 28 to 30 are reserved, 31 is an indefinite length.
            _ => return None,
        };
        let is_float = major == 7 && info > 24;
        (is_float || argument >= least).then_some((major, info, argument))
    }

    fn argument(&mut self, count: usize) -> Option<u64> {
        Some(self.take(count)?.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)))
    }

    fn item(&mut self, nested: u8) -> Option<Item<'a>> {
        let (major, info, argument) = self.head()?;
        match major {
            0 => Some(Item::Int(i128::from(argument))),
            1 => Some(Item::Int(-1 - i128::from(argument))),
            2 => self.take(usize::try_from(argument).ok()?).map(Item::Bytes),
            3 => std::str::from_utf8(self.take(usize::try_from(argument).ok()?)?).ok().map(Item::Text),
            4 => self.array(argument, nested.checked_sub(1)?),
            5 => self.map(argument, nested.checked_sub(1)?),
            7 => Some(Item::Other(info, argument)),
            // Tags: not in the canonical form.
            _ => None,
        }
    }

    // Both end at the first item that is not there, so that a count alone reserves and costs nothing.
    fn array(&mut self, count: u64, nested: u8) -> Option<Item<'a>> {
        (0..count).map(|_| self.item(nested)).collect::<Option<_>>().map(Item::Array)
    }

    fn map(&mut self, count: u64, nested: u8) -> Option<Item<'a>> {
        let mut entries: Vec<(Item, Item)> = Vec::new();
        for _ in 0..count.min(MOST_ENTRIES + 1) {
            let key = self.item(nested)?;
            if entries.iter().any(|(known, _)| *known == key) {
                return None;
            }
            entries.push((key, self.item(nested)?));
        }
        (count <= MOST_ENTRIES).then_some(Item::Map(entries))
    }
}

/// Most entries of a map: twice what any extension list has, and few enough to compare every key with every other.
const MOST_ENTRIES: u64 = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_authenticators_send() {
        let item = Item::read_all(b"\xa3\x01\x02\x03\x26\x61a\x82\x41\xff\xf5").unwrap();
        assert_eq!(item.label(1).and_then(Item::int), Some(2));
        assert_eq!(item.label(3).and_then(Item::int), Some(-7));
        assert_eq!(item.field("a"), Some(&Item::Array(vec![Item::Bytes(&[0xff]), Item::Other(21, 21)])));
        assert_eq!(Item::read(b"\x01\x02"), Some((Item::Int(1), &b"\x02"[..])));
        assert_eq!(Item::read_all(b"\xfb\x00\x00\x00\x00\x00\x00\x00\x00"), Some(Item::Other(27, 0)));
    }

    #[test]
    fn refuses_what_is_not_canonical() {
        for (what, bytes) in [
            ("nothing", &b""[..]),
            ("bytes after the item", b"\x01\x02"),
            ("a key twice", b"\xa2\x01\x02\x01\x03"),
            ("a key twice, one of them longer than need be", b"\xa2\x01\x02\x18\x01\x03"),
            ("a number longer than need be", b"\x18\x17"),
            ("a length longer than need be", b"\x58\x01\xff"),
            ("a simple value longer than need be", b"\xf8\x15"),
            ("an indefinite map", b"\xbf\x01\x02\xff"),
            ("an indefinite byte string", b"\x5f\x41\x01\xff"),
            ("a reserved head", b"\x1c"),
            ("a tag", b"\xc0\x01"),
            ("text that is not UTF-8", b"\x61\xff"),
            ("a cut byte string", b"\x42\x01"),
            ("a cut map", b"\xa1\x01"),
            ("a map of 2^64 - 1 entries", b"\xbb\xff\xff\xff\xff\xff\xff\xff\xff\x01\x02"),
            ("an array of 2^64 - 1 items", b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
        ] {
            assert_eq!(Item::read_all(bytes), None, "{what}");
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |depth: usize| [vec![0x81; depth], vec![0x01]].concat();
        assert!(Item::read_all(&nested(usize::from(MOST_NESTED))).is_some());
        assert_eq!(Item::read_all(&nested(usize::from(MOST_NESTED) + 1)), None);
        assert_eq!(Item::read_all(&nested(60_000)), None);
    }

    #[test]
    fn a_map_has_a_bounded_number_of_entries() {
        let map = |count: u8| [vec![0xb8, count], (0..count).flat_map(|key| [0x19, 1, key, 0]).collect()].concat();
        assert!(Item::read_all(&map(64)).is_some());
        assert_eq!(Item::read_all(&map(65)), None);
    }
}
