//! Proof that a body comes from the GLPI that has the secret.
//!
//! The signature is lower-case hexadecimal HMAC-SHA256 over the body followed by the time stamp's
//! text. The stamp is that of queueing and stays through retries, which come a minute apart for as
//! long as GLPI's cron is late, so a tight tolerance would refuse what is honest. A replayed webhook
//! costs one look at GLPI and no more, which is why a day is allowed.

use bytes::Bytes;
use ring::digest::{Digest, SHA256, digest};
use ring::hmac;

use actors::model::Millis;

/// How old a webhook may be, in seconds.
pub const AGE_S_MAX: u64 = 86_400;
/// How far in the future its stamp may lie, in seconds: clocks differ.
const AHEAD_S_MAX: u64 = 600;
/// What GLPI signs to ask whether this address knows the secret.
const CHALLENGE: &[u8] = b"validate_cra_challenge";

/// A connection's secret, ready to check signatures.
pub struct WebhookSecret(hmac::Key);

/// The two headers of a signed webhook.
#[derive(Clone, Copy, Debug, Default)]
pub struct Signed<'a> {
    /// `X-GLPI-signature`.
    pub signature: Option<&'a [u8]>,
    /// `X-GLPI-timestamp`.
    pub stamp: Option<&'a [u8]>,
}

/// A body whose origin is proven. Only [`verify()`] makes one.
#[derive(Clone, Debug)]
pub struct Verified {
    body: Bytes,
    stamp: u64,
}

/// Why a body is not taken as this GLPI's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Forged {
    /// A header is missing.
    #[error("it has no signature or no time stamp")]
    Unsigned,
    /// A header does not have its form.
    #[error("its signature or its time stamp does not have the form of one")]
    Malformed,
    /// The signature is of another body, another time or another secret.
    #[error("its signature is not this secret's for this body and time")]
    Mismatch,
    /// It is too old, or from the future.
    #[error("it was queued more than a day ago, or in the future")]
    Stale,
}

impl WebhookSecret {
    /// Wraps the secret; an empty one would accept anybody's signature and is none.
    pub fn new(secret: &str) -> Option<Self> {
        let key = || hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        (!secret.is_empty()).then(|| Self(key()))
    }
}

impl std::fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WebhookSecret([redacted])")
    }
}

impl Verified {
    /// The body.
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// When GLPI queued it, in seconds since 1970.
    pub const fn stamp(&self) -> u64 {
        self.stamp
    }

    pub(super) fn digest(&self) -> Digest {
        digest(&SHA256, &self.body)
    }

    #[cfg(test)]
    pub(super) const fn for_test(body: Bytes, stamp: u64) -> Self {
        Self { body, stamp }
    }
}

/// Checks the signature over body and stamp in constant time, and the stamp's age.
pub fn verify(
    secret: &WebhookSecret,
    signed: Signed<'_>,
    body: Bytes,
    now: Millis,
) -> Result<Verified, Forged> {
    let (hex, text) = signed.signature.zip(signed.stamp).ok_or(Forged::Unsigned)?;
    let mut tag = [0; 32];
    hex::decode_to_slice(hex, &mut tag).map_err(|_| Forged::Malformed)?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let stamp = str::from_utf8(text).ok().filter(|text| digits(text));
    let stamp: u64 = stamp
        .and_then(|text| text.parse().ok())
        .ok_or(Forged::Malformed)?;
    let mut signed = Vec::with_capacity(body.len() + text.len());
    signed.extend_from_slice(&body);
    signed.extend_from_slice(text);
    hmac::verify(&secret.0, &signed, &tag).map_err(|_| Forged::Mismatch)?;
    let now_s = now.0 / 1_000;
    if stamp.saturating_add(AGE_S_MAX) < now_s || stamp > now_s.saturating_add(AHEAD_S_MAX) {
        return Err(Forged::Stale);
    }
    Ok(Verified { body, stamp })
}

/// The answer to GLPI's question whether this address knows the secret. GLPI proves that it knows it
/// first; without that proof anything could be had signed here.
pub fn answer_challenge(secret: &WebhookSecret, crc_token: &str) -> Option<String> {
    let mut tag = [0; 32];
    hex::decode_to_slice(crc_token, &mut tag).ok()?;
    hmac::verify(&secret.0, CHALLENGE, &tag).ok()?;
    Some(hex::encode(hmac::sign(&secret.0, crc_token.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = b"{\n    \"item\": {\"id\": 7}\n}";
    const NOW: Millis = Millis(1_800_000_000_000);

    fn sign(secret: &str, data: &[u8]) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        hex::encode(hmac::sign(&key, data))
    }

    fn check(signature: Option<&str>, stamp: Option<&str>) -> Result<u64, Forged> {
        let secret = WebhookSecret::new("s3cret").expect("not empty");
        let signed = Signed {
            signature: signature.map(str::as_bytes),
            stamp: stamp.map(str::as_bytes),
        };
        let verified = verify(&secret, signed, Bytes::from_static(BODY), NOW)?;
        assert_eq!(verified.body(), BODY);
        Ok(verified.stamp())
    }

    fn at(stamp: u64) -> (String, String) {
        let stamp = stamp.to_string();
        let signature = sign("s3cret", &[BODY, stamp.as_bytes()].concat());
        (signature, stamp)
    }

    #[test]
    fn only_the_secret_over_body_and_stamp_opens_a_body() {
        let (signature, stamp) = at(1_800_000_000);
        assert_eq!(check(Some(&signature), Some(&stamp)), Ok(1_800_000_000));
        let other = sign("other", &[BODY, stamp.as_bytes()].concat());
        assert_eq!(check(Some(&other), Some(&stamp)), Err(Forged::Mismatch));
        let without = sign("s3cret", BODY);
        assert_eq!(check(Some(&without), Some(&stamp)), Err(Forged::Mismatch));
        assert_eq!(
            check(Some(&signature), Some("1800000001")),
            Err(Forged::Mismatch)
        );
    }

    #[test]
    fn missing_and_odd_headers_are_refused() {
        let (signature, stamp) = at(1_800_000_000);
        assert_eq!(check(None, Some(&stamp)), Err(Forged::Unsigned));
        assert_eq!(check(Some(&signature), None), Err(Forged::Unsigned));
        for odd in ["", "-1", "+1800000000", "18e8", "1800000000 "] {
            assert_eq!(
                check(Some(&signature), Some(odd)),
                Err(Forged::Malformed),
                "{odd}"
            );
        }
        assert_eq!(check(Some("zz"), Some(&stamp)), Err(Forged::Malformed));
    }

    #[test]
    fn retries_of_a_day_are_taken_and_older_ones_are_not() {
        for (stamp, expected) in [
            (1_800_000_000 - AGE_S_MAX, true),
            (1_800_000_000 - AGE_S_MAX - 1, false),
            (1_800_000_600, true),
            (1_800_000_601, false),
        ] {
            let (signature, text) = at(stamp);
            let checked = check(Some(&signature), Some(&text));
            let wanted = expected.then_some(stamp).ok_or(Forged::Stale);
            assert_eq!(checked, wanted, "{stamp}");
        }
    }

    #[test]
    fn the_challenge_is_answered_only_to_who_knows_the_secret() {
        let secret = WebhookSecret::new("s3cret").expect("not empty");
        let token = sign("s3cret", CHALLENGE);
        let answer = answer_challenge(&secret, &token).expect("an answer");
        assert_eq!(answer, sign("s3cret", token.as_bytes()));
        // What an attacker would like to have signed.
        let forged = hex::encode([BODY, b"1800000000"].concat());
        assert_eq!(answer_challenge(&secret, &forged), None);
        assert_eq!(answer_challenge(&secret, ""), None);
        assert!(WebhookSecret::new("").is_none());
    }
}
