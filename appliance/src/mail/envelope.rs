//! A letter as the outbox keeps it: sealed, bound to its member and its row.

use crate::ports::{Binding, Fault, NewLetter, OutboxRow, World};
use sekisho_core::id::{MemberId, Revision, SocietyName};
use sekisho_core::letter::Letter;
use zeroize::Zeroizing;

/// First byte of the payload. A change of [`Letter`]'s encoding moves it.
const FORMAT: u8 = 1;

/// Seals `letter` for the row `id` of `member`: the row of a new letter.
///
/// # Errors
/// What the vault says. Nothing has been written then.
pub fn seal_letter(world: &World, society: &SocietyName, member: MemberId, id: u64, letter: &Letter) -> Result<NewLetter, Fault> {
    let fields = Zeroizing::new(postcard::to_allocvec(letter).map_err(|error| Fault::Damaged(format!("letter: {error}")))?);
    let mut plain = Zeroizing::new(Vec::with_capacity(1 + fields.len()));
    plain.push(FORMAT);
    plain.extend_from_slice(&fields);
    let sealed = world.vault.seal(&binding(society, member, id), &plain)?;
    Ok(NewLetter { id, member, sealed })
}

/// Opens the letter of `row`.
///
/// # Errors
/// [`Fault::Damaged`] when this row is not what was written, whatever the reason: it will never open.
/// Every other fault passes.
pub fn open_letter(world: &World, society: &SocietyName, row: &OutboxRow) -> Result<Letter, Fault> {
    let plain = world.vault.open(&binding(society, row.member, row.id), &row.sealed)?;
    let (format, fields) = plain.split_first().ok_or_else(|| Fault::Damaged("letter: empty".to_owned()))?;
    if *format != FORMAT {
        return Err(Fault::Damaged(format!("letter: format {format}, this program reads {FORMAT}; was it written by a newer one?")));
    }
    // postcard's errors name the fault, never the bytes.
    postcard::from_bytes(fields).map_err(|error| Fault::Damaged(format!("letter: {error}")))
}

fn binding(society: &SocietyName, member: MemberId, id: u64) -> Binding<'_> {
    Binding { society, member: Some(member), record: "letter", revision: Revision(id) }
}
