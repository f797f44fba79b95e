//! The key ceremonies: the only code that makes keys. Each runs in a process of its own; a running server sees new keys at once.

use super::TokenConfig;
use super::keys::{self, Family, GLOBAL};
use super::selfcheck;
use super::token::{Access, Conn, Token};
use super::trouble::VaultError;
use cryptoki::object::{Attribute, ObjectClass};
use sekisho_core::id::SocietyName;

/// A key of the token, as `keys list` shows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyInfo {
    /// What it is for.
    pub family: Family,
    /// Which one of its family.
    pub generation: u32,
}

impl KeyInfo {
    /// `CKA_LABEL`.
    pub fn label(&self) -> String {
        self.family.label(self.generation)
    }
}

/// Makes the global keys on a token that has none of them, and returns them.
///
/// A token that has some is refused: to replace a lost key silently would make everything under it unreadable for ever.
pub fn init(config: &TokenConfig) -> Result<Vec<KeyInfo>, VaultError> {
    let (token, conn) = begin(config)?;
    for line in selfcheck::mechanisms(&token) {
        line.result?;
    }
    let mut present = Vec::new();
    let mut absent = Vec::new();
    for family in GLOBAL {
        let found = keys::handles(&conn, &family).map_err(VaultError::while_doing(format!("looking for {}", family.id())))?;
        if found.is_empty() { absent.push(family.label(1)) } else { present.push(family.id()) }
    }
    match (present.is_empty(), absent.is_empty()) {
        (true, _) => {}
        (false, true) => return Err(VaultError::Ceremony("the token has its global keys already; nothing was changed".to_owned())),
        (false, false) => {
            return Err(VaultError::Ceremony(format!(
                "the token has {} but not {}; nothing was changed: restore the token from its backup, or initialise it anew if nothing was ever sealed",
                present.join(", "),
                absent.join(", "),
            )));
        }
    }
    GLOBAL.into_iter().map(|family| make(&conn, family)).collect()
}

/// Makes a society's first data key.
pub fn add_society(config: &TokenConfig, society: &SocietyName) -> Result<KeyInfo, VaultError> {
    let (_token, conn) = begin(config)?;
    let family = Family::Data(society.clone());
    let found = keys::handles(&conn, &family).map_err(VaultError::while_doing(format!("looking for {}", family.id())))?;
    if let Some(generation) = found.keys().next_back() {
        return Err(VaultError::Ceremony(format!("the token has {} already; nothing was changed", family.label(*generation))));
    }
    make(&conn, family)
}

/// The keys of the token that carry a name of ours, sorted.
pub fn list(config: &TokenConfig) -> Result<Vec<KeyInfo>, VaultError> {
    let token = Token::open(config, Access::ReadOnly)?;
    let listing = || VaultError::while_doing("listing keys");
    let conn = token.connect().map_err(listing())?;
    let mut found = Vec::new();
    for class in [ObjectClass::SECRET_KEY, ObjectClass::PRIVATE_KEY] {
        for handle in conn.find(&[Attribute::Class(class), Attribute::Token(true)]).map_err(listing())? {
            let label = keys::label(&conn, handle).map_err(listing())?;
            found.extend(Family::parse(&label).map(|(family, generation)| KeyInfo { family, generation }));
        }
    }
    found.sort();
    Ok(found)
}

fn begin(config: &TokenConfig) -> Result<(Token, Conn), VaultError> {
    let token = Token::open(config, Access::ReadWrite)?;
    let conn = token.connect().map_err(VaultError::while_doing("opening a read-write session"))?;
    Ok((token, conn))
}

fn make(conn: &Conn, family: Family) -> Result<KeyInfo, VaultError> {
    family.generate(conn, 1).map_err(VaultError::while_doing(format!("making {}", family.label(1))))?;
    Ok(KeyInfo { family, generation: 1 })
}
