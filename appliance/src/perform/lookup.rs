//! Look-up secrets: recovery codes and the activation code, each one HMAC under the pepper.

use crate::ports::{Binding, Fault, PepperCheck, World};
use crate::records::{lookup_input, open_record, seal_record};
use crate::society::Society;
use sekisho_core::account::RecoveryCodes;
use sekisho_core::id::{Generation, ItemId, MemberId, Revision, SocietyName};
use sekisho_core::lookup::{CODES, Lookup};
use sekisho_core::plan::LookupKind;
use sekisho_core::secret::Secret;
use sekisho_core::session::PendingSeed;
use sekisho_core::time::Timestamp;
use zeroize::Zeroizing;

/// What is on file of one code.
pub(super) struct OnFile {
    pub(super) kind: LookupKind,
    pub(super) generation: Generation,
    pub(super) pepper: u32,
    pub(super) mac: [u8; 32],
}

/// Whether the token finds `typed` to be the code on file. Two comparisons, as for a password: the job is the same.
pub(super) fn check(society: &Society, world: &World, member: MemberId, file: &OnFile, typed: &Lookup) -> Result<bool, Fault> {
    const NOBODYS: [u8; 32] = [0; 32];
    let input = lookup_input(society.keys(world)?, member, file.kind, file.generation, typed);
    let check = |mac| PepperCheck { pepper: file.pepper, input: &input, mac };
    let [matches, _] = world.vault.pepper_matches([check(&file.mac), check(&NOBODYS)])?;
    Ok(matches && file.mac != NOBODYS)
}

/// Ten codes: what is kept of them, and the codes themselves, sealed for the page that shows them.
pub(super) fn make(
    society: &Society,
    world: &World,
    member: MemberId,
    generation: Generation,
    now: Timestamp,
) -> Result<(RecoveryCodes, PendingSeed), Fault> {
    let keys = society.keys(world)?;
    let mut kept = RecoveryCodes { generation, pepper: 0, since: now, macs: Vec::with_capacity(CODES) };
    let mut printed = Zeroizing::new(Vec::with_capacity(CODES));
    for index in 0..CODES {
        let code = Lookup::of(index, &Secret::new(world.entropy.bytes()?));
        let (pepper, mac) = world.vault.pepper(&lookup_input(keys, member, LookupKind::Recovery, generation, &code))?;
        if index > 0 && pepper != kept.pepper {
            return Err(Fault::Hsm("the pepper was changed while codes were made".to_owned()));
        }
        kept.pepper = pepper;
        kept.macs.push(Some(mac));
        printed.push(code.printed().expose().clone());
    }
    let item = ItemId(world.entropy.bytes()?);
    let record = seal_record(world.vault.as_ref(), &binding(&society.name, member, item), &*printed)?;
    Ok((kept, PendingSeed { item, sealed: record.sealed, since: now }))
}

/// The codes that a session still shows, as they are printed.
pub fn open_codes(society: &Society, world: &World, member: MemberId, codes: &PendingSeed) -> Result<Vec<Secret<String>>, Fault> {
    let printed: Vec<String> = open_record(world.vault.as_ref(), &binding(&society.name, member, codes.item), &codes.sealed)?;
    Ok(printed.into_iter().map(Secret::new).collect())
}

fn binding(society: &SocietyName, member: MemberId, item: ItemId) -> Binding<'_> {
    Binding { society, member: Some(member), record: "codes", revision: Revision(u64::from_be_bytes(item.0)) }
}
