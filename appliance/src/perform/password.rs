//! Passwords: argon2id on the pool, then an HMAC under the pepper in the token (H-04).

use crate::ports::{Claim, Fault, PepperCheck, World};
use crate::records::{VerifierInput, verifier_input};
use crate::society::Society;
use sekisho_core::account::{HashCost, PasswordHash, Verifier};
use sekisho_core::alarm::Alarm;
use sekisho_core::id::{Generation, MemberId};
use sekisho_core::secret::Secret;

/// Whether the token finds `typed` to be what `verifier` was made from, and whether what the pending hash was made from.
///
/// One argon2id and two comparisons, whatever the verifier: a first password by rule, a password of nobody and an expired one
/// cost the same as one that was chosen (design law 3). A pending hash shares salt and cost with the present one; where there is none,
/// the second comparison is made all the same.
pub(super) fn check(
    society: &Society,
    world: &World,
    claim: Claim<'_>,
    member: MemberId,
    verifier: &Verifier,
    pending: Option<&PasswordHash>,
    typed: &[u8],
) -> Result<[bool; 2], Fault> {
    const NOBODYS: [u8; 32] = [0; 32];
    const FIRST_PEPPER: u32 = 1;
    let keys = society.keys(world)?;
    let (salt, cost, generation) = match verifier {
        Verifier::Issued { hash, .. } | Verifier::Chosen { hash, .. } => (hash.salt, hash.cost, hash.generation),
        Verifier::Rule { generation, .. } => ([0; 16], world.hasher.cost(), *generation),
        Verifier::None => ([0; 16], world.hasher.cost(), Generation(0)),
    };
    let argon = argon2id(world, claim, typed, &salt, cost)?;
    let hashed = VerifierInput::Hashed { argon2: argon.expose(), cost };
    let (input, pepper, mac) = match verifier {
        Verifier::Issued { hash, .. } | Verifier::Chosen { hash, .. } => (hashed, hash.pepper, &hash.mac),
        Verifier::Rule { mac, pepper, .. } => (VerifierInput::Rule { password: typed }, *pepper, mac),
        Verifier::None => (hashed, FIRST_PEPPER, &NOBODYS),
    };
    let input = verifier_input(keys, member, generation, &input);
    let shared = pending.filter(|hash| hash.salt == salt && hash.cost == cost);
    let waiting = VerifierInput::Hashed { argon2: argon.expose(), cost };
    let waiting = verifier_input(keys, member, shared.map_or(generation, |hash| hash.generation), &waiting);
    let second =
        PepperCheck { pepper: shared.map_or(pepper, |hash| hash.pepper), input: &waiting, mac: shared.map_or(&NOBODYS, |hash| &hash.mac) };
    let [present, waits] = world.vault.pepper_matches([PepperCheck { pepper, input: &input, mac }, second])?;
    Ok([present && !matches!(verifier, Verifier::None), waits && shared.is_some()])
}

/// A hash of `typed`: with a fresh salt at today's cost, or with the salt and cost it has to share.
pub(super) fn hash(
    society: &Society,
    world: &World,
    claim: Claim<'_>,
    member: MemberId,
    generation: Generation,
    shares: Option<([u8; 16], HashCost)>,
    typed: &[u8],
) -> Result<PasswordHash, Fault> {
    let keys = society.keys(world)?;
    let (salt, cost) = match shares {
        Some(shared) => shared,
        None => (world.entropy.bytes()?, world.hasher.cost()),
    };
    let argon = argon2id(world, claim, typed, &salt, cost)?;
    let input = verifier_input(keys, member, generation, &VerifierInput::Hashed { argon2: argon.expose(), cost });
    let (pepper, mac) = world.vault.pepper(&input)?;
    Ok(PasswordHash { salt, cost, mac, pepper, generation })
}

/// The hash, or operators are told that there was no place for it.
fn argon2id(world: &World, claim: Claim<'_>, typed: &[u8], salt: &[u8; 16], cost: HashCost) -> Result<Secret<[u8; 32]>, Fault> {
    let hashed = world.hasher.hash(claim, typed, salt, cost);
    if matches!(hashed, Err(Fault::Busy(_))) {
        world.alarm(Alarm::HashingFull, claim.society);
    }
    hashed
}
