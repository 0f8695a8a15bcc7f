//! Identities of everything the journal and the actors speak about.

use std::fmt;

use ring::digest;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// A short readable name given at set-up: 1 to 40 of `a-z 0-9 -`, starting with a letter or digit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "SmolStr", into = "SmolStr")]
pub struct Name(SmolStr);

/// The paying organisation.
pub type TenantId = Name;

/// Text that does not have the form of the id it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a valid {what}; expected {expected}")]
pub struct ParseIdError {
    text: String,
    what: &'static str,
    expected: &'static str,
}

impl Name {
    /// Checks and wraps a name.
    pub fn new(text: &str) -> Result<Self, ParseIdError> {
        let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let valid =
            (1..=40).contains(&text.len()) && text.chars().all(legal) && !text.starts_with('-');
        if !valid {
            return Err(ParseIdError {
                text: text.chars().take(60).collect(),
                what: "name",
                expected: "1 to 40 of a-z, 0-9 and '-', not starting with '-'",
            });
        }
        Ok(Self(text.into()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<SmolStr> for Name {
    type Error = ParseIdError;
    fn try_from(text: SmolStr) -> Result<Self, Self::Error> {
        Self::new(&text)
    }
}

impl From<Name> for SmolStr {
    fn from(name: Name) -> Self {
        name.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

macro_rules! id16 {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub [u8; 16]);

        impl $name {
            /// The readable prefix of the text form.
            pub const PREFIX: &'static str = $prefix;

            /// Reads the text form, prefix and 32 hexadecimal digits.
            pub fn parse(text: &str) -> Result<Self, ParseIdError> {
                text.strip_prefix($prefix)
                    .and_then(hex_to_bytes)
                    .map(Self)
                    .ok_or_else(|| ParseIdError {
                        text: text.chars().take(60).collect(),
                        what: stringify!($name),
                        expected: concat!($prefix, " and 32 hexadecimal digits"),
                    })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str($prefix)?;
                write_hex(f, &self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

id16!(
    /// A person of a tenant, assigned once (see [`super::IdentityKey::contact_id`]).
    ContactId,
    "ct_"
);
id16!(
    /// A messaging line of a tenant.
    ChannelId,
    "ch_"
);
id16!(
    /// The account at a provider that one gateway actor owns.
    GatewayId,
    "gw_"
);

impl ChannelId {
    /// The id of the channel that `tenant` calls `name`.
    pub fn of(tenant: &TenantId, name: &Name) -> Self {
        Self(digest16(&["channel", tenant.as_str(), name.as_str()]))
    }
}

impl GatewayId {
    /// The id of the gateway to `provider` through the connection that `tenant` calls `name`.
    pub fn of(provider: &str, tenant: &TenantId, name: &Name) -> Self {
        Self(digest16(&[
            "gateway",
            provider,
            tenant.as_str(),
            name.as_str(),
        ]))
    }
}

/// Which kind of entity a key names; one byte in a record header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum EntityKind {
    /// A person of a tenant.
    Contact = 1,
    /// A messaging line.
    Channel = 2,
    /// An account at a provider.
    Gateway = 3,
}

/// The entity whose inputs are kept in order in the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Key {
    /// A person of a tenant.
    Contact(ContactId),
    /// A messaging line.
    Channel(ChannelId),
    /// An account at a provider.
    Gateway(GatewayId),
}

impl Key {
    /// The kind byte and the 16 bytes of a record header.
    pub const fn parts(&self) -> (EntityKind, [u8; 16]) {
        match self {
            Self::Contact(id) => (EntityKind::Contact, id.0),
            Self::Channel(id) => (EntityKind::Channel, id.0),
            Self::Gateway(id) => (EntityKind::Gateway, id.0),
        }
    }

    /// The inverse of [`Key::parts`]; `None` for an unknown kind byte.
    pub const fn from_parts(kind: u8, bytes: [u8; 16]) -> Option<Self> {
        match kind {
            1 => Some(Self::Contact(ContactId(bytes))),
            2 => Some(Self::Channel(ChannelId(bytes))),
            3 => Some(Self::Gateway(GatewayId(bytes))),
            _ => None,
        }
    }

    /// The partition this entity lives in: its first 8 bytes modulo the number of partitions.
    pub fn partition(&self, partitions: u16) -> Partition {
        let (_, bytes) = self.parts();
        let mut first = [0; 8];
        first.copy_from_slice(&bytes[..8]);
        Partition((u64::from_be_bytes(first) % u64::from(partitions)) as u16)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Contact(id) => id.fmt(f),
            Self::Channel(id) => id.fmt(f),
            Self::Gateway(id) => id.fmt(f),
        }
    }
}

/// A slice of the entities, the unit of fencing and rebuilding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Partition(pub u16);

/// Position of a record in the journal; for an input, its place in the order of acceptance.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct InSeq(pub u64);

/// How many steps an entity has taken; the entity sequence of its last step.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Version(pub u64);

impl Version {
    /// The version after one more step.
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// Keyed 8-byte hash of what makes an input the same input when it comes again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct IdHash(pub [u8; 8]);

impl fmt::Debug for IdHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(f, &self.0)
    }
}

/// Id of an effect: its entity's key and a hash of the deciding input and the effect's index, so
/// that a status which names only the effect finds its entity. Text form: `e`, 50 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EffectId {
    /// The entity that decided the effect.
    pub key: Key,
    /// First 8 bytes of SHA-256(input position ‖ input hash ‖ index).
    pub hash: [u8; 8],
}

impl EffectId {
    /// The id of the `index`-th effect decided by `key` when it consumed `input` at `position`.
    pub fn derive(key: Key, position: InSeq, input: IdHash, index: u16) -> Self {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(&position.0.to_be_bytes());
        context.update(&input.0);
        context.update(&index.to_be_bytes());
        let mut hash = [0; 8];
        hash.copy_from_slice(&context.finish().as_ref()[..8]);
        Self { key, hash }
    }

    /// Reads the text form.
    pub fn parse(text: &str) -> Result<Self, ParseIdError> {
        let error = || ParseIdError {
            text: text.chars().take(60).collect(),
            what: "effect id",
            expected: "'e' and 50 hexadecimal digits",
        };
        let bytes: [u8; 25] = text
            .strip_prefix('e')
            .and_then(hex_to_bytes)
            .ok_or_else(error)?;
        let mut key = [0; 16];
        key.copy_from_slice(&bytes[1..17]);
        let mut hash = [0; 8];
        hash.copy_from_slice(&bytes[17..]);
        let key = Key::from_parts(bytes[0], key).ok_or_else(error)?;
        Ok(Self { key, hash })
    }
}

impl fmt::Display for EffectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, key) = self.key.parts();
        let mut bytes = [kind as u8; 25];
        bytes[1..17].copy_from_slice(&key);
        bytes[17..].copy_from_slice(&self.hash);
        let mut text = [b'e'; 51];
        put_hex(&mut text[1..], &bytes);
        f.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for EffectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn digest16(parts: &[&str]) -> [u8; 16] {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(&(part.len() as u32).to_be_bytes());
        context.update(part.as_bytes());
    }
    let mut id = [0; 16];
    id.copy_from_slice(&context.finish().as_ref()[..16]);
    id
}

/// Writes up to 16 bytes. Ids are written for every message, and one write is much cheaper than one
/// a byte.
fn write_hex(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    let mut text = [0; 32];
    let text = text.get_mut(..2 * bytes.len()).ok_or(fmt::Error)?;
    put_hex(text, bytes);
    f.write_str(std::str::from_utf8(text).map_err(|_| fmt::Error)?)
}

/// Two digits a byte, as far as there is room.
fn put_hex(text: &mut [u8], bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for (pair, byte) in text.chunks_exact_mut(2).zip(bytes) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
}

fn hex_to_bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    let nibble = |c: u8| (c as char).to_digit(16).map(|d| d as u8);
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn effect_id_text_form_parses_back() {
        let key = Key::Contact(ContactId([7; 16]));
        let id = EffectId::derive(key, InSeq(9), IdHash([3; 8]), 1);
        assert_eq!(EffectId::parse(&id.to_string()), Ok(id));
        assert_ne!(id, EffectId::derive(key, InSeq(9), IdHash([3; 8]), 2));
        assert!(EffectId::parse("e01").is_err());
    }

    #[test]
    fn names_refuse_what_could_not_stand_in_a_path() {
        assert!(Name::new("demo-meta").is_ok());
        for bad in ["", "-a", "Demo", "a/b", "á", &"x".repeat(41)] {
            assert!(Name::new(bad).is_err(), "{bad}");
        }
    }
}
