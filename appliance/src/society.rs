//! A society as the running process knows it: its configuration, and once its file is open, its keys.

use crate::ports::{Binding, Fault, PublishedTerms, SealedRecord, World};
use core::time::Duration;
use ring::digest::{SHA256, digest};
use ring::{hkdf, hmac};
use sekisho_core::command::{FreezeLink, Link};
use sekisho_core::id::{BlindIndex, BrowserKey, Generation, ItemId, MemberId, Revision, SessionKey, SocietyName};
use sekisho_core::lookup::{Lookup, RANDOM_BYTES};
use sekisho_core::secret::Secret;
use sekisho_core::shown::{Face, LinkKind};
use sekisho_core::tenant::TenantPolicy;
use sekisho_core::time::Timestamp;
use std::sync::OnceLock;
use zeroize::Zeroizing;

/// Longest version of terms, in characters.
pub const LONGEST_VERSION: usize = 40;

/// A society's configuration, checked, and its keys once they are open.
pub struct Society {
    /// Short name: file, keys, configuration.
    pub name: SocietyName,
    /// The one host name its members use.
    pub host: String,
    /// `https://host[:port]`, without a slash at the end: the start of every link (G-14).
    pub origin: String,
    /// Its rules as configured; [`Society::rules`] says which are in force.
    rules: Rules,
    /// What it shows of itself.
    pub face: Face,
    /// Sender address of its letters.
    pub mail_from: String,
    opened: OnceLock<(SocietyKeys, SealedRecord)>,
}

/// What a society asks of its members.
///
/// Terms that staff publish are in force at once, without a restart: then newer rules stand behind these. Older ones stay in memory
/// until the process ends, so that a request goes on with those it began with; terms are published a few times a year.
pub struct Rules {
    /// The policy; its version of the terms is that of `terms`.
    pub policy: TenantPolicy,
    /// The terms in this version.
    pub terms: Terms,
    newer: OnceLock<Box<Self>>,
}

impl Rules {
    fn newest(&self) -> &Self {
        let mut rules = self;
        while let Some(newer) = rules.newer.get() {
            rules = newer;
        }
        rules
    }
}

/// The terms, in both languages. Consent records the hash of the Japanese text, which is the one that binds.
pub struct Terms {
    /// Japanese text, paragraphs parted by empty lines.
    pub ja: String,
    /// English text.
    pub en: String,
    /// SHA-256 of the Japanese text.
    pub hash: [u8; 32],
}

impl Terms {
    /// Of two texts that [`Terms::text`] has read.
    pub fn new(ja: String, en: String) -> Self {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, ja.as_bytes()).as_ref());
        Self { ja, en, hash }
    }

    /// A text as members read it: without byte order mark, with Unix line ends, so that an editor on another system does not change its
    /// hash. `None` when nothing is left.
    pub fn text(text: &str) -> Option<String> {
        let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n").trim().to_owned();
        (!text.is_empty()).then_some(text)
    }
}

impl Society {
    /// A society whose keys are not open yet.
    pub fn new(name: SocietyName, host: String, origin: String, policy: TenantPolicy, face: Face, terms: Terms, mail_from: String) -> Self {
        let rules = Rules { policy, terms, newer: OnceLock::new() };
        Self { name, host, origin, rules, face, mail_from, opened: OnceLock::new() }
    }

    /// What is in force now. One request asks once where it needs both parts, or they could be of two versions.
    pub fn rules(&self) -> &Rules {
        self.rules.newest()
    }

    /// Its rules.
    pub fn policy(&self) -> &TenantPolicy {
        &self.rules().policy
    }

    /// The terms in their present version.
    pub fn terms(&self) -> &Terms {
        &self.rules().terms
    }

    /// Whether terms of this version have been in force, as far as this process knows: those of the configuration, and what it has published.
    pub fn has_had_terms(&self, version: &str) -> bool {
        let mut rules = Some(&self.rules);
        while let Some(one) = rules {
            if one.policy.terms_version == version {
                return true;
            }
            rules = one.newer.get().map(AsRef::as_ref);
        }
        false
    }

    /// Puts published terms in force. They stand above those of the configuration.
    pub fn publish(&self, published: PublishedTerms) {
        let policy = TenantPolicy { terms_version: published.version, ..self.policy().clone() };
        let mut newer = Box::new(Rules { policy, terms: Terms::new(published.ja, published.en), newer: OnceLock::new() });
        while let Err(back) = self.rules().newer.set(newer) {
            newer = back;
        }
    }

    /// The society's keys; the first call opens the sealed secret.
    pub fn keys(&self, world: &World) -> Result<&SocietyKeys, Fault> {
        Ok(&self.opened(world)?.0)
    }

    /// Credentials of nobody, still sealed. Kept, so that an ID that is nobody's costs no read more than another (design law 3).
    pub fn decoy(&self, world: &World) -> Result<&SealedRecord, Fault> {
        Ok(&self.opened(world)?.1)
    }

    fn opened(&self, world: &World) -> Result<&(SocietyKeys, SealedRecord), Fault> {
        if let Some(opened) = self.opened.get() {
            return Ok(opened);
        }
        let roots =
            world.store.roots(&self.name)?.ok_or_else(|| Fault::Store(format!("{}: no file; run `sekisho society add`", self.name)))?;
        let binding = Binding { society: &self.name, member: None, record: "secret", revision: Revision(0) };
        let secret = world.vault.open(&binding, &roots.secret)?;
        let published = world.store.terms(&self.name)?.pop();
        Ok(self.opened.get_or_init(|| {
            published.into_iter().for_each(|terms| self.publish(terms));
            (SocietyKeys::derive(&secret), roots.decoy)
        }))
    }
}

/// Subkeys of a society's secret, one for each use (HKDF-SHA-256, RFC 5869).
pub struct SocietyKeys {
    index: hmac::Key,
    link: hmac::Key,
    csrf: hmac::Key,
    user_handle: hmac::Key,
    /// Goes into every password verifier.
    password: Zeroizing<[u8; 32]>,
}

impl SocietyKeys {
    /// From the 32 bytes of the society secret.
    pub fn derive(secret: &[u8]) -> Self {
        let root = hkdf::Salt::new(hkdf::HKDF_SHA256, b"sekisho society 1").extract(secret);
        let subkey = |info: &'static str| {
            let mut key = Zeroizing::new([0; 32]);
            // 32 bytes are within HKDF's limit, so neither step can fail; a zero key would be a silent disaster all the same.
            let filled = root.expand(&[info.as_bytes()], hkdf::HKDF_SHA256).and_then(|okm| okm.fill(key.as_mut_slice()));
            assert!(filled.is_ok(), "HKDF-SHA-256 gives 32 bytes");
            key
        };
        let mac = |info| hmac::Key::new(hmac::HMAC_SHA256, subkey(info).as_slice());
        Self { index: mac("index"), link: mac("link"), csrf: mac("csrf"), user_handle: mac("user-handle"), password: subkey("password") }
    }

    /// Finds a row without telling what was typed. `kind` keeps user IDs, cards and addresses apart.
    pub fn index(&self, kind: &'static str, parts: &[&str]) -> BlindIndex {
        let mut context = hmac::Context::with_key(&self.index);
        for part in std::iter::once(&kind).chain(parts) {
            context.update(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
            context.update(part.as_bytes());
        }
        let mut index = [0; BlindIndex::LEN];
        index.copy_from_slice(context.sign().as_ref().split_at(BlindIndex::LEN).0);
        BlindIndex(index)
    }

    /// What a browser's forms carry so that no other page can send them.
    pub fn csrf(&self, cookie: &[u8; 32]) -> [u8; 32] {
        let mut token = [0; 32];
        token.copy_from_slice(hmac::sign(&self.csrf, cookie).as_ref());
        token
    }

    /// What authenticators know a member by (WR-21): in the form of a random UUID (version 4), another in every society, and telling
    /// nothing of the member's own number to those who have not the society's secret.
    pub fn user_handle(&self, member: MemberId) -> [u8; 16] {
        let tag = hmac::sign(&self.user_handle, &member.0);
        let mut handle = [0; 16];
        handle.copy_from_slice(tag.as_ref().split_at(16).0);
        let [.., version, _, variant, _, _, _, _, _, _, _] = &mut handle;
        *version = 0x40 | (*version & 0x0f);
        *variant = 0x80 | (*variant & 0x3f);
        handle
    }

    /// Part of every password verifier of this society.
    pub fn password(&self) -> &[u8; 32] {
        &self.password
    }

    /// The token of a link in a letter: member, item, end, and a MAC of the three and of what the link is for. Nothing of it is stored.
    pub fn link(&self, kind: LinkKind, link: Link, expires: Timestamp) -> Vec<u8> {
        let mut token = Vec::with_capacity(LINK_BYTES);
        token.extend_from_slice(&link.member.0);
        token.extend_from_slice(&link.item.0);
        token.extend_from_slice(&expires.0.to_be_bytes());
        let mac = hmac::sign(&self.link, &[purpose(kind), &token].concat());
        token.extend_from_slice(mac.as_ref());
        token
    }

    /// Reads [`Self::link`] back; `None` when it is not ours, for something else, or over at `now`.
    pub fn read_link(&self, kind: LinkKind, token: &[u8], now: Timestamp) -> Option<Link> {
        self.read_token(kind, token, now).map(|(link, _)| link)
    }

    /// Reads a link "it was not me" back; `lifetime` is how long such links serve, and tells when its letter was sent.
    pub fn read_freeze_link(&self, token: &[u8], lifetime: Duration, now: Timestamp) -> Option<FreezeLink> {
        let (link, expires) = self.read_token(LinkKind::Freeze, token, now)?;
        Some(FreezeLink { member: link.member, sent: Timestamp(expires.0.saturating_sub(lifetime.as_secs())) })
    }

    fn read_token(&self, kind: LinkKind, token: &[u8], now: Timestamp) -> Option<(Link, Timestamp)> {
        let (payload, mac) = token.split_at_checked(MemberId::LEN + ItemId::LEN + 8)?;
        hmac::verify(&self.link, &[purpose(kind), payload].concat(), mac).ok()?;
        let (member, rest) = payload.split_at_checked(MemberId::LEN)?;
        let (item, expires) = rest.split_at_checked(ItemId::LEN)?;
        let expires = Timestamp(u64::from_be_bytes(expires.try_into().ok()?));
        let link = Link { member: MemberId(member.try_into().ok()?), item: ItemId(item.try_into().ok()?) };
        (now < expires).then_some((link, expires))
    }

    /// The six digits of a code by mail, as a number below a million. Derived when the letter is sent and when the code is typed.
    pub fn mail_code(&self, member: MemberId, item: ItemId, expires: Timestamp) -> Secret<u32> {
        let mac = self.tag(b"mail-code", &[&member.0, &item.0, &expires.0.to_be_bytes()]);
        let value = mac.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes));
        Secret::new(u32::try_from(value % 1_000_000).unwrap_or_default())
    }

    /// A first password that the society issues: twelve signs, 60 bits, none of which looks like another. Derived when its letter is
    /// written; only its verifier is stored.
    pub fn issued_password(&self, member: MemberId, generation: Generation, expires: Timestamp) -> Secret<String> {
        const SIGNS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
        let mac = self.tag(b"issued", &[&member.0, &generation.0.to_be_bytes(), &expires.0.to_be_bytes()]);
        let sign = |byte: &u8| char::from(SIGNS.get(usize::from(byte % 32)).copied().unwrap_or(b'0'));
        Secret::new(mac.iter().take(12).map(sign).collect())
    }

    /// The activation code on the letter.
    pub fn activation_code(&self, member: MemberId, generation: Generation) -> Lookup {
        let mac = self.tag(b"activation", &[&member.0, &generation.0.to_be_bytes()]);
        let mut random = [0; RANDOM_BYTES];
        random.copy_from_slice(mac.split_at(RANDOM_BYTES).0);
        Lookup::of(0, &Secret::new(random))
    }

    fn tag(&self, what: &[u8], parts: &[&[u8]]) -> Zeroizing<[u8; 32]> {
        let mut context = hmac::Context::with_key(&self.link);
        for part in std::iter::once(&what).chain(parts) {
            context.update(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
            context.update(part);
        }
        let mut out = Zeroizing::new([0; 32]);
        out.copy_from_slice(context.sign().as_ref());
        out
    }
}

fn purpose(kind: LinkKind) -> &'static [u8] {
    match kind {
        LinkKind::Email => b"confirm-email",
        LinkKind::Reset => b"reset",
        LinkKind::Freeze => b"freeze",
    }
}

/// Length of a link's token.
pub const LINK_BYTES: usize = MemberId::LEN + ItemId::LEN + 8 + 32;

/// The cookie of a browser that members have logged in with: 256 random bits. The store knows its SHA-256 only.
pub struct BrowserCookie(pub Zeroizing<[u8; 32]>);

impl BrowserCookie {
    /// What the store knows it by.
    pub fn key(&self) -> BrowserKey {
        BrowserKey(sha256(&self.0))
    }
}

/// A session cookie's value: 256 random bits. The store knows its SHA-256 only (N-20).
pub struct SessionCookie(pub Zeroizing<[u8; 32]>);

impl SessionCookie {
    /// What the store knows it by.
    pub fn key(&self) -> SessionKey {
        SessionKey(sha256(&self.0))
    }
}

fn sha256(bytes: &[u8; 32]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest(&SHA256, bytes).as_ref());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_handles_are_uuids_of_their_own_in_every_society() {
        let (one, other) = (SocietyKeys::derive(&[1; 32]), SocietyKeys::derive(&[2; 32]));
        let (member, neighbour) = (MemberId([3; MemberId::LEN]), MemberId([4; MemberId::LEN]));
        let handle = one.user_handle(member);
        assert_eq!((handle[6] >> 4, handle[8] >> 6), (4, 2));
        assert_eq!(handle, one.user_handle(member));
        assert_ne!(handle, one.user_handle(neighbour));
        assert_ne!(handle, other.user_handle(member));
    }
}
