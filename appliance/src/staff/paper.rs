//! The file for the printer: CSV of one member, in UTF-8 with a byte order mark, as office programs in Japan read it.

use super::in_japan;
use sekisho_core::account::Profile;
use sekisho_core::secret::Secret;
use sekisho_core::time::Timestamp;
use zeroize::Zeroizing;

/// What was issued.
pub(super) struct Paper {
    /// Name of its column.
    pub(super) what: &'static str,
    /// The password or the code.
    pub(super) secret: Secret<String>,
    /// Not accepted from here on.
    pub(super) expires: Timestamp,
}

/// Room for one line with every field at its longest, each sign quoted, so that nothing moves and leaves a copy behind.
const ROOM: usize = 4096;

/// The file: a line of names and a line of values.
pub(super) fn csv(profile: &Profile, paper: &Paper) -> Zeroizing<Vec<u8>> {
    let until = in_japan(paper.expires);
    let names = ["symbol", "number", "branch", "name", "user_id", paper.what, "valid_until"];
    let values =
        [&profile.symbol, &profile.number, &profile.branch, &profile.name, profile.user_id.as_str(), paper.secret.expose(), until.as_str()];
    let mut file = Zeroizing::new(Vec::with_capacity(ROOM));
    file.extend_from_slice("\u{feff}".as_bytes());
    file.extend_from_slice(names.join(",").as_bytes());
    for (place, value) in values.into_iter().enumerate() {
        file.extend_from_slice(if place == 0 { b"\r\n\"" } else { b",\"" });
        for byte in value.bytes() {
            file.extend(std::iter::repeat_n(byte, if byte == b'"' { 2 } else { 1 }));
        }
        file.push(b'"');
    }
    file.extend_from_slice(b"\r\n");
    file
}
