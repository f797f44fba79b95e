//! A TOTP seed between its making and its first code: sealed in the session, wrapped under the HSM's key when it is confirmed.

use crate::ports::{Binding, Fault, World};
use crate::society::Society;
use sekisho_core::account::WrappedSeed;
use sekisho_core::id::{ItemId, MemberId, Revision, SocietyName};
use sekisho_core::otp::{SEED_BYTES, Window};
use sekisho_core::secret::Secret;
use sekisho_core::session::PendingSeed;
use sekisho_core::time::Timestamp;

/// A fresh seed, sealed for `member`.
pub fn new_seed(society: &Society, world: &World, member: MemberId, now: Timestamp) -> Result<PendingSeed, Fault> {
    let item = ItemId(world.entropy.bytes()?);
    let seed = Secret::new(world.entropy.bytes::<SEED_BYTES>()?);
    let sealed = world.vault.seal(&binding(&society.name, member, item), seed.expose())?;
    Ok(PendingSeed { item, sealed, since: now })
}

/// Opens a pending seed: for the page that shows it, and for the job that wraps it.
pub fn open_seed(society: &Society, world: &World, member: MemberId, seed: &PendingSeed) -> Result<Secret<[u8; SEED_BYTES]>, Fault> {
    let plain = world.vault.open(&binding(&society.name, member, seed.item), &seed.sealed)?;
    let seed: [u8; SEED_BYTES] = plain.as_slice().try_into().map_err(|_| Fault::Damaged("a pending seed has another length".to_owned()))?;
    Ok(Secret::new(seed))
}

/// Wraps a pending seed; the codes come from the wrapped form.
pub(super) fn wrap(
    society: &Society,
    world: &World,
    member: MemberId,
    seed: &PendingSeed,
    window: &Window,
) -> Result<(WrappedSeed, Vec<u32>), Fault> {
    world.vault.wrap_seed(&open_seed(society, world, member, seed)?, &window.steps())
}

fn binding(society: &SocietyName, member: MemberId, item: ItemId) -> Binding<'_> {
    Binding { society, member: Some(member), record: "seed", revision: Revision(u64::from_be_bytes(item.0)) }
}
