//! Look-up secrets (NIST SP 800-63B-4 §3.1.2): recovery codes, and the activation code on the letter.
//!
//! Sixteen signs of Crockford's base32, which has no letters that look like digits: a digit that says which code it is, and 75 random
//! bits. Printed in groups of four; typed in any case, with or without hyphens and spaces, in full width or not.

use crate::fold::fold_code;
use crate::secret::Secret;

/// Signs of a code.
pub const SIGNS: usize = 16;

/// How many recovery codes there are.
pub const CODES: usize = 10;

/// Random bytes that [`Lookup::of`] takes: five bits of each are used.
pub const RANDOM_BYTES: usize = SIGNS - 1;

/// Crockford's base32: no I, L, O, U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A code as it is compared.
pub struct Lookup(Secret<String>);

impl Lookup {
    /// The code number `index` (0 to 9) made of `random`.
    pub fn of(index: usize, random: &Secret<[u8; RANDOM_BYTES]>) -> Self {
        let sign = |value: usize| char::from(ALPHABET.get(value % 32).copied().unwrap_or(b'0'));
        let mut code = String::with_capacity(SIGNS);
        code.push(sign(index % CODES));
        code.extend(random.expose().iter().map(|byte| sign(usize::from(*byte))));
        Self(Secret::new(code))
    }

    /// Reads a code; `None` is refused without asking the HSM. I and L are read as 1, O as 0.
    pub fn typed(text: &str) -> Option<Self> {
        let mut code = String::with_capacity(SIGNS);
        for sign in fold_code(text).chars() {
            let read = match sign.to_ascii_uppercase() {
                'I' | 'L' => '1',
                'O' => '0',
                other => other,
            };
            let known = u8::try_from(read).is_ok_and(|byte| ALPHABET.contains(&byte));
            if !known || code.len() == SIGNS {
                return None;
            }
            code.push(read);
        }
        (code.len() == SIGNS).then(|| Self(Secret::new(code)))
    }

    /// Which of the ten it says it is.
    pub fn index(&self) -> Option<usize> {
        self.0.expose().chars().next().and_then(|sign| sign.to_digit(10)).and_then(|digit| usize::try_from(digit).ok())
    }

    /// The bytes under the pepper.
    pub fn bytes(&self) -> &[u8] {
        self.0.expose().as_bytes()
    }

    /// As it is printed: four groups of four.
    pub fn printed(&self) -> Secret<String> {
        let mut text = String::with_capacity(SIGNS + 3);
        for (place, sign) in self.0.expose().chars().enumerate() {
            if place > 0 && place % 4 == 0 {
                text.push('-');
            }
            text.push(sign);
        }
        Secret::new(text)
    }
}
