//! First passwords: what is under the pepper for them. One place, so that import and staff cannot differ.

use super::Office;
use crate::ports::{Claim, Fault};
use crate::records::{VerifierInput, verifier_input};
use crate::society::SocietyKeys;
use sekisho_core::account::{PasswordHash, Verifier};
use sekisho_core::birth::BirthDate;
use sekisho_core::id::{Generation, MemberId, SocietyName};
use sekisho_core::password::Password;
use sekisho_core::secret::Secret;
use sekisho_core::tenant::PasswordRule;
use sekisho_core::time::Timestamp;
use std::time::Duration;

/// How often, and after which pause, a part that is too busy is asked again: members' log-ins come first.
const TRIES: u32 = 300;
const PAUSE: Duration = Duration::from_millis(200);

/// The first password by the rule: symbol, number, birth date as `YYYYMMDD`; folded as any password is.
pub(super) fn rule_password(symbol: &str, number: &str, birth: BirthDate, rule: &PasswordRule) -> Option<Password> {
    Password::typed(Secret::new(format!("{symbol}{number}{}", birth.digits())), rule)
}

/// A password as the log-in page reads it.
pub(super) fn typed(text: &Secret<String>, rule: &PasswordRule) -> Option<Password> {
    Password::typed(Secret::new(text.expose().clone()), rule)
}

/// The rule password's verifier: no argon2, the pepper in the token protects it. How long it serves is the preset's to say, at log-in.
pub(super) fn rule(
    office: &Office,
    keys: &SocietyKeys,
    id: MemberId,
    generation: Generation,
    since: Timestamp,
    password: &Password,
) -> Result<Verifier, Fault> {
    let input = verifier_input(keys, id, generation, &VerifierInput::Rule { password: password.bytes() });
    let (pepper, mac) = patiently(office, || office.world.vault.pepper(&input))?;
    Ok(Verifier::Rule { mac, pepper, generation, since })
}

/// The verifier of a password that the society has given.
pub(super) fn issued(
    office: &Office,
    society: &SocietyName,
    keys: &SocietyKeys,
    id: MemberId,
    generation: Generation,
    expires: Timestamp,
    password: &Password,
) -> Result<Verifier, Fault> {
    let world = &office.world;
    let salt: [u8; 16] = world.entropy.bytes()?;
    let cost = world.hasher.cost();
    // Whoever sits before a page comes first.
    let claim = Claim { society, known: false };
    let argon2 = patiently(office, || world.hasher.hash(claim, password.bytes(), &salt, cost))?;
    let input = verifier_input(keys, id, generation, &VerifierInput::Hashed { argon2: argon2.expose(), cost });
    let (pepper, mac) = patiently(office, || world.vault.pepper(&input))?;
    Ok(Verifier::Issued { hash: PasswordHash { salt, cost, mac, pepper, generation }, expires })
}

/// Asks again while a part is too busy with members.
pub(super) fn patiently<T>(office: &Office, mut ask: impl FnMut() -> Result<T, Fault>) -> Result<T, Fault> {
    for _ in 1..TRIES {
        match ask() {
            Err(Fault::Busy(_)) if !office.stop.wait(PAUSE) => {}
            result => return result,
        }
    }
    ask()
}
