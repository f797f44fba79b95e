//! Which keys there are, with every attribute as data; and how a running vault finds them.

use super::seal::{self, canary_binding};
use super::token::Conn;
use super::totp;
use super::trouble::{Outcome, Trouble};
use crate::ports::{Entropy, Fault};
use cryptoki::mechanism::{Mechanism, MechanismInfo, MechanismType};
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use sekisho_core::id::SocietyName;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

/// Keys of one use, in generations: the newest one makes, all of them read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// Wraps and unwraps TOTP seeds, and nothing else.
    Kek,
    /// MACs password verifiers.
    Pepper,
    /// Signs the audit log (ES256).
    Audit,
    /// Seals one society's records.
    Data(SocietyName),
}

/// The global families, in the order in which they are made.
pub const GLOBAL: [Family; 3] = [Family::Kek, Family::Pepper, Family::Audit];

impl Family {
    /// `CKA_ID`, the same for all generations.
    pub fn id(&self) -> String {
        match self {
            Self::Kek => "kek".to_owned(),
            Self::Pepper => "pepper".to_owned(),
            Self::Audit => "audit".to_owned(),
            Self::Data(society) => format!("data-{society}"),
        }
    }

    /// `CKA_LABEL` of one generation.
    pub fn label(&self, generation: u32) -> String {
        format!("{}-{generation}", self.id())
    }

    /// Reads a label back.
    pub fn parse(label: &str) -> Option<(Self, u32)> {
        let (id, generation) = label.rsplit_once('-')?;
        let family = match id {
            "kek" => Self::Kek,
            "pepper" => Self::Pepper,
            "audit" => Self::Audit,
            data => Self::Data(SocietyName::try_from(data.strip_prefix("data-")?.to_owned()).ok()?),
        };
        Some((family, generation.parse().ok()?))
    }

    /// What the family is for, in words for operators.
    pub fn purpose(&self) -> String {
        match self {
            Self::Kek => "TOTP seeds".to_owned(),
            Self::Pepper => "password verifiers".to_owned(),
            Self::Audit => "the audit log's signatures".to_owned(),
            Self::Data(society) => format!("the records of the society {society}"),
        }
    }

    /// What to run when there is none.
    pub fn remedy(&self) -> String {
        match self {
            Self::Data(society) => format!("run `sekisho keys add-society {society}`"),
            Self::Kek | Self::Pepper | Self::Audit => "run `sekisho keys init`".to_owned(),
        }
    }

    pub(super) fn class(&self) -> ObjectClass {
        match self {
            Self::Audit => ObjectClass::PRIVATE_KEY,
            Self::Kek | Self::Pepper | Self::Data(_) => ObjectClass::SECRET_KEY,
        }
    }

    /// The uses it has; all others are forbidden.
    fn uses(&self) -> &'static [AttributeType] {
        match self {
            Self::Kek => &[AttributeType::Wrap, AttributeType::Unwrap],
            Self::Pepper => &[AttributeType::Sign, AttributeType::Verify],
            Self::Audit => &[AttributeType::Sign],
            Self::Data(_) => &[AttributeType::Encrypt, AttributeType::Decrypt],
        }
    }

    /// Only a society's keys can be destroyed: that is how a society ends.
    fn destroyable(&self) -> bool {
        matches!(self, Self::Data(_))
    }

    /// The flags of the (private or secret) key. `MODIFIABLE` comes last: SoftHSM refuses what follows it.
    pub(super) fn flags(&self) -> Vec<Attribute> {
        let may = |use_| self.uses().contains(&use_);
        let mut flags = vec![Attribute::Token(true), Attribute::Private(true), Attribute::Sensitive(true), Attribute::Extractable(false)];
        flags.extend([
            Attribute::Sign(may(AttributeType::Sign)),
            Attribute::Decrypt(may(AttributeType::Decrypt)),
            Attribute::Unwrap(may(AttributeType::Unwrap)),
            Attribute::Derive(false),
        ]);
        if self.class() == ObjectClass::SECRET_KEY {
            flags.extend([
                Attribute::Verify(may(AttributeType::Verify)),
                Attribute::Encrypt(may(AttributeType::Encrypt)),
                Attribute::Wrap(may(AttributeType::Wrap)),
            ]);
        }
        flags.extend([Attribute::Destroyable(self.destroyable()), Attribute::Copyable(false), Attribute::Modifiable(false)]);
        flags
    }

    /// Makes one generation in a read-write session.
    pub(super) fn generate(&self, conn: &Conn, generation: u32) -> Outcome<()> {
        let named = |class, key_type| {
            vec![
                Attribute::Class(class),
                Attribute::KeyType(key_type),
                Attribute::Label(self.label(generation).into_bytes()),
                Attribute::Id(self.id().into_bytes()),
            ]
        };
        let session = conn.session();
        match self {
            Self::Kek => {
                let unwrapped = NestedTemplate::new(&totp::UNWRAPPED);
                let mut template = named(ObjectClass::SECRET_KEY, KeyType::AES);
                template.extend([Attribute::ValueLen(32.into()), unwrapped.attribute()]);
                template.extend(self.flags());
                session.generate_key(&Mechanism::AesKeyGen, &template)?;
            }
            Self::Data(_) => {
                let mut template = named(ObjectClass::SECRET_KEY, KeyType::AES);
                template.push(Attribute::ValueLen(32.into()));
                template.extend(self.flags());
                session.generate_key(&Mechanism::AesKeyGen, &template)?;
            }
            Self::Pepper => {
                let mut template = named(ObjectClass::SECRET_KEY, KeyType::GENERIC_SECRET);
                template.push(Attribute::ValueLen(32.into()));
                template.extend(self.flags());
                session.generate_key(&Mechanism::GenericSecretKeyGen, &template)?;
            }
            Self::Audit => {
                let mut public = named(ObjectClass::PUBLIC_KEY, KeyType::EC);
                public.extend([
                    Attribute::EcParams(P256.to_vec()),
                    Attribute::Token(true),
                    Attribute::Private(false),
                    Attribute::Verify(true),
                ]);
                public.extend([Attribute::Destroyable(false), Attribute::Copyable(false), Attribute::Modifiable(false)]);
                let mut private = named(ObjectClass::PRIVATE_KEY, KeyType::EC);
                private.extend(self.flags());
                session.generate_key_pair(&Mechanism::EccKeyPairGen, &public, &private)?;
            }
        }
        Ok(())
    }
}

/// DER of the object identifier of P-256.
const P256: [u8; 10] = [0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];

/// `CKA_UNWRAP_TEMPLATE`, which cryptoki 0.12 cannot name.
pub(super) const UNWRAP_TEMPLATE: AttributeType = AttributeType::VendorDefined(0x4000_0212);

/// One attribute of a nested template: its number and its value as the module reads it.
pub(super) struct Nested(pub(super) usize, pub(super) NestedValue);

/// Either kind of value that a template of ours has.
pub(super) enum NestedValue {
    Flag(bool),
    Number(usize),
}

/// An array of `CK_ATTRIBUTE` as bytes. The values it points at live in it, so it has to outlive the call that uses it.
struct NestedTemplate {
    bytes: Vec<u8>,
    /// Each in its own allocation: they stay where they are when this struct moves.
    _values: Vec<Box<[u8]>>,
}

impl NestedTemplate {
    fn new(attributes: &[Nested]) -> Self {
        let mut bytes = Vec::new();
        let mut values = Vec::new();
        for Nested(number, value) in attributes {
            let value: Box<[u8]> = match value {
                NestedValue::Flag(flag) => Box::new([u8::from(*flag)]),
                NestedValue::Number(number) => Box::new(number.to_ne_bytes()),
            };
            // CK_ATTRIBUTE { type, pValue, ulValueLen }: on Unix three machine words.
            for word in [*number, value.as_ptr().expose_provenance(), value.len()] {
                bytes.extend_from_slice(&word.to_ne_bytes());
            }
            values.push(value);
        }
        Self { bytes, _values: values }
    }

    fn attribute(&self) -> Attribute {
        Attribute::VendorDefined((UNWRAP_TEMPLATE, self.bytes.clone()))
    }
}

/// Asks what a module says of a mechanism.
pub(super) type HasFlag = fn(&MechanismInfo) -> bool;

/// A mechanism the appliance cannot do without.
pub(super) struct Need {
    pub(super) mechanism: MechanismType,
    pub(super) name: &'static str,
    /// Each by name, with the question for it.
    pub(super) flags: &'static [(&'static str, HasFlag)],
    pub(super) purpose: &'static str,
}

/// All of them.
pub(super) const NEEDS: [Need; 8] = [
    Need {
        mechanism: MechanismType::AES_KEY_GEN,
        name: "CKM_AES_KEY_GEN",
        flags: &[("generate", |info| info.generate())],
        purpose: "the key ceremony: kek-N and society data keys",
    },
    Need {
        mechanism: MechanismType::GENERIC_SECRET_KEY_GEN,
        name: "CKM_GENERIC_SECRET_KEY_GEN",
        flags: &[("generate", |info| info.generate())],
        purpose: "the key ceremony: pepper-N",
    },
    Need {
        mechanism: MechanismType::ECC_KEY_PAIR_GEN,
        name: "CKM_EC_KEY_PAIR_GEN",
        flags: &[("generate-key-pair", |info| info.generate_key_pair())],
        purpose: "the key ceremony: audit-N",
    },
    Need {
        mechanism: MechanismType::AES_KEY_WRAP,
        name: "CKM_AES_KEY_WRAP",
        flags: &[("wrap", |info| info.wrap()), ("unwrap", |info| info.unwrap())],
        purpose: "TOTP seeds (RFC 3394)",
    },
    Need {
        mechanism: MechanismType::SHA1_HMAC,
        name: "CKM_SHA_1_HMAC",
        flags: &[("sign", |info| info.sign())],
        purpose: "TOTP (RFC 6238 SHA-1)",
    },
    Need {
        mechanism: MechanismType::SHA256_HMAC,
        name: "CKM_SHA256_HMAC",
        flags: &[("sign", |info| info.sign()), ("verify", |info| info.verify())],
        purpose: "password verifiers",
    },
    Need {
        mechanism: MechanismType::AES_GCM,
        name: "CKM_AES_GCM",
        flags: &[("encrypt", |info| info.encrypt()), ("decrypt", |info| info.decrypt())],
        purpose: "sealed records",
    },
    Need {
        mechanism: MechanismType::ECDSA,
        name: "CKM_ECDSA",
        flags: &[("sign", |info| info.sign())],
        purpose: "the audit log's signatures (ES256)",
    },
];

/// A key of the token, found.
#[derive(Clone)]
pub(super) struct Key {
    pub(super) generation: u32,
    pub(super) handle: ObjectHandle,
    /// Made under this key when it was found: opens as long as the key and the token are well. Empty for keys that open nothing.
    pub(super) canary: Arc<[u8]>,
}

/// Handles of keys, found when first needed: a search takes 0.2 to 80 ms on SoftHSM.
pub(super) struct Keyring {
    found: RwLock<BTreeMap<Family, BTreeMap<u32, Key>>>,
    entropy: Arc<dyn Entropy>,
}

impl Keyring {
    pub(super) fn new(entropy: Arc<dyn Entropy>) -> Self {
        Self { found: RwLock::default(), entropy }
    }

    /// The other source of the IVs.
    pub(super) fn entropy(&self) -> &dyn Entropy {
        self.entropy.as_ref()
    }

    /// The key that makes.
    pub(super) fn newest(&self, conn: &Conn, family: &Family) -> Outcome<Key> {
        if let Some(key) = self.cached(family, |keys| keys.last_key_value().map(|(_, key)| key.clone())) {
            return Ok(key);
        }
        let keys = self.search(conn, family)?;
        let newest = keys.last_key_value().map(|(_, key)| key.clone());
        newest.ok_or_else(|| missing(&family.label(1), family))
    }

    /// The key that made something. Another process may have added it since: a miss searches again.
    pub(super) fn generation(&self, conn: &Conn, family: &Family, generation: u32) -> Outcome<Option<Key>> {
        if let Some(key) = self.cached(family, |keys| keys.get(&generation).cloned()) {
            return Ok(Some(key));
        }
        Ok(self.search(conn, family)?.remove(&generation))
    }

    /// Handles may have died: search again when next needed.
    pub(super) fn forget(&self) {
        self.found.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn cached(&self, family: &Family, pick: impl FnOnce(&BTreeMap<u32, Key>) -> Option<Key>) -> Option<Key> {
        self.found.read().unwrap_or_else(PoisonError::into_inner).get(family).and_then(pick)
    }

    fn search(&self, conn: &Conn, family: &Family) -> Outcome<BTreeMap<u32, Key>> {
        let mut keys = BTreeMap::new();
        for (generation, handle) in handles(conn, family)? {
            let mut key = Key { generation, handle, canary: Arc::from([]) };
            key.canary = match family {
                Family::Data(society) => seal::seal(conn, &key, &canary_binding(society), &[], self.entropy())?.into(),
                Family::Kek => totp::canary(conn, &key)?.into(),
                Family::Pepper | Family::Audit => Arc::from([]),
            };
            keys.insert(generation, key);
        }
        self.found.write().unwrap_or_else(PoisonError::into_inner).insert(family.clone(), keys.clone());
        Ok(keys)
    }
}

/// A fault that names the key.
pub(super) fn missing(label: &str, family: &Family) -> Trouble {
    Fault::Hsm(format!("MISSING key {label}, needed for {} ({})", family.purpose(), family.remedy())).into()
}

/// The generations of a family that the token has. Two keys with one label are refused: nobody could say which of them made what.
pub(super) fn handles(conn: &Conn, family: &Family) -> Outcome<BTreeMap<u32, ObjectHandle>> {
    let template = [Attribute::Class(family.class()), Attribute::Token(true), Attribute::Id(family.id().into_bytes())];
    let mut generations = BTreeMap::new();
    for handle in conn.find(&template)? {
        let label = label(conn, handle)?;
        let Some((_, generation)) = Family::parse(&label).filter(|(parsed, _)| parsed == family) else {
            continue;
        };
        if generations.insert(generation, handle).is_some() {
            return Err(Fault::Hsm(format!("two keys are labelled {label}; remove the one that is not in the ceremony's protocol")).into());
        }
    }
    Ok(generations)
}

/// `CKA_LABEL` of an object; empty when it has none.
pub(super) fn label(conn: &Conn, handle: ObjectHandle) -> Outcome<String> {
    let attributes = conn.attributes(handle, &[AttributeType::Label])?;
    let text = attributes.into_iter().find_map(|attribute| match attribute {
        Attribute::Label(label) => String::from_utf8(label).ok(),
        _ => None,
    });
    Ok(text.unwrap_or_default())
}

/// The public point of `audit-N`, 65 bytes, uncompressed.
pub(super) fn audit_point(conn: &Conn, generation: u32) -> Outcome<Vec<u8>> {
    let template = [Attribute::Class(ObjectClass::PUBLIC_KEY), Attribute::Label(Family::Audit.label(generation).into_bytes())];
    let absent = || Trouble::from(Fault::Hsm(format!("the public half of audit-{generation} is missing")));
    let handle = conn.find(&template)?.first().copied().ok_or_else(absent)?;
    let attributes = conn.attributes(handle, &[AttributeType::EcPoint])?;
    let point = attributes.into_iter().find_map(|attribute| match attribute {
        // A DER octet string around it: as the standard has it, and as SoftHSM and kryoptic do it.
        Attribute::EcPoint(point) => match point.as_slice() {
            [0x04, 0x41, bare @ ..] if bare.len() == 65 => Some(bare.to_vec()),
            _ => Some(point),
        },
        _ => None,
    });
    point.ok_or_else(absent)
}
