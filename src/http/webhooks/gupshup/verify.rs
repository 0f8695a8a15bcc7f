//! Proof that a body comes from Gupshup: it knows the whole address.

use std::fmt;

use bytes::Bytes;
use ring::digest::{Digest, SHA256, digest};

/// The last part of a channel's webhook address, as it was agreed on.
pub struct PathSecret(Option<Digest>);

/// The address does not end in the channel's secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the address does not end in this channel's secret")]
pub struct WrongSecret;

/// A body whose origin is proven. Only [`verify()`] makes one.
#[derive(Clone, Debug)]
pub struct Verified(Bytes);

impl PathSecret {
    /// Wraps the secret; an empty one opens nothing.
    pub fn new(secret: &str) -> Self {
        Self((!secret.is_empty()).then(|| digest(&SHA256, secret.as_bytes())))
    }
}

impl fmt::Debug for PathSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PathSecret([redacted])")
    }
}

impl Verified {
    /// The body.
    pub const fn body(&self) -> &Bytes {
        &self.0
    }
}

/// Checks `given`, the last part of the address that was called. Comparing digests tells nothing
/// about the secret through the time it takes.
pub fn verify(secret: &PathSecret, given: &str, body: Bytes) -> Result<Verified, WrongSecret> {
    let kept = secret.0.as_ref().ok_or(WrongSecret)?;
    let same = kept.as_ref() == digest(&SHA256, given.as_bytes()).as_ref();
    same.then_some(Verified(body)).ok_or(WrongSecret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_secret_opens_a_body() {
        let secret = PathSecret::new("demo-secret");
        let open = |given| verify(&secret, given, Bytes::from_static(b"{}"));
        assert_eq!(open("demo-secret").expect("open").body(), "{}");
        for wrong in ["", "demo", "demo-secret ", "Demo-secret"] {
            assert_eq!(open(wrong).err(), Some(WrongSecret), "{wrong}");
        }
        let none = PathSecret::new("");
        assert!(
            verify(&none, "", Bytes::new()).is_err(),
            "an empty secret opens nothing"
        );
    }
}
