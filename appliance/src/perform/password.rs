//! Passwords: argon2id on the pool, then an HMAC under the pepper in the token (H-04).

use crate::ports::{Fault, PepperCheck, World};
use crate::records::{VerifierInput, verifier_input};
use crate::society::Society;
use sekisho_core::account::{PasswordHash, Verifier};
use sekisho_core::id::{Generation, MemberId};

/// Whether the token finds `typed` to be what `verifier` was made from.
///
/// One argon2id and two comparisons, whatever the verifier: a first password by rule, a password of nobody and an expired one
/// cost the same as one that was chosen (design law 3). The second comparison is the place of a pending password.
pub(super) fn check(society: &Society, world: &World, member: MemberId, verifier: &Verifier, typed: &[u8]) -> Result<bool, Fault> {
    const NOBODYS: [u8; 32] = [0; 32];
    const FIRST_PEPPER: u32 = 1;
    let keys = society.keys(world)?;
    let (salt, cost, generation) = match verifier {
        Verifier::Issued { hash, .. } | Verifier::Chosen { hash, .. } => (hash.salt, hash.cost, hash.generation),
        Verifier::Rule { generation, .. } => ([0; 16], world.hasher.cost(), *generation),
        Verifier::None => ([0; 16], world.hasher.cost(), Generation(0)),
    };
    let argon = world.hasher.hash(typed, &salt, cost)?;
    let hashed = VerifierInput::Hashed { argon2: argon.expose(), cost };
    let (input, pepper, mac) = match verifier {
        Verifier::Issued { hash, .. } | Verifier::Chosen { hash, .. } => (hashed, hash.pepper, &hash.mac),
        Verifier::Rule { mac, pepper, .. } => (VerifierInput::Rule { password: typed }, *pepper, mac),
        Verifier::None => (hashed, FIRST_PEPPER, &NOBODYS),
    };
    let input = verifier_input(keys, member, generation, &input);
    let current = PepperCheck { pepper, input: &input, mac };
    let pending = PepperCheck { pepper, input: &input, mac: &NOBODYS };
    let [matches, _] = world.vault.pepper_matches([current, pending])?;
    Ok(matches && !matches!(verifier, Verifier::None))
}

/// A hash of `typed` with a fresh salt, at today's cost.
pub(super) fn hash(
    society: &Society,
    world: &World,
    member: MemberId,
    generation: Generation,
    typed: &[u8],
) -> Result<PasswordHash, Fault> {
    let keys = society.keys(world)?;
    let (salt, cost) = (world.entropy.bytes()?, world.hasher.cost());
    let argon = world.hasher.hash(typed, &salt, cost)?;
    let input = verifier_input(keys, member, generation, &VerifierInput::Hashed { argon2: argon.expose(), cost });
    let (pepper, mac) = world.vault.pepper(&input)?;
    Ok(PasswordHash { salt, cost, mac, pepper, generation })
}
