//! Proof that a body comes from Meta.
//!
//! The signature is over the exact bytes: Meta escapes what JSON would not have to, so a body that
//! was parsed and written again has another one. Verified and unverified bodies are different
//! types, so that a reader cannot be given the wrong one.

use bytes::Bytes;
use ring::{digest, hmac};
use serde::Deserialize;

/// The longest challenge that is echoed; real ones are numbers of about ten digits.
const CHALLENGE_MAX: usize = 128;

/// The app's secret, ready to check signatures.
#[derive(Clone)]
pub struct AppSecret(hmac::Key);

/// An app secret without a single byte would accept anybody's signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the app secret is empty: copy it from the app's basic settings")]
pub struct EmptySecret;

/// The body is not signed with this app's secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Forged {
    /// No `X-Hub-Signature-256` came.
    #[error("the header x-hub-signature-256 is missing")]
    Unsigned,
    /// The header is not `sha256=` and 64 hexadecimal digits.
    #[error("the header x-hub-signature-256 has another form than sha256=<hex>")]
    Malformed,
    /// The signature belongs to other bytes or to another secret.
    #[error("the signature does not fit the body and this app's secret")]
    Mismatch,
}

/// A body whose origin is proven. Only [`verify()`] makes one.
#[derive(Clone, Debug)]
pub struct Verified<B>(B);

/// Query of the subscription handshake.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Handshake {
    /// Always `subscribe`.
    #[serde(rename = "hub.mode")]
    pub mode: String,
    /// What to answer.
    #[serde(rename = "hub.challenge")]
    pub challenge: String,
    /// What both sides agreed on.
    #[serde(rename = "hub.verify_token")]
    pub verify_token: String,
}

impl AppSecret {
    /// Wraps the secret.
    pub fn new(secret: &str) -> Result<Self, EmptySecret> {
        if secret.is_empty() {
            return Err(EmptySecret);
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes())))
    }
}

impl std::fmt::Debug for AppSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AppSecret([redacted])")
    }
}

impl<B> Verified<B> {
    /// The body.
    pub const fn body(&self) -> &B {
        &self.0
    }
}

/// Checks `signature`, the value of the header `X-Hub-Signature-256`, over `body` in constant time.
pub fn verify(
    secret: &AppSecret,
    signature: Option<&[u8]>,
    body: Bytes,
) -> Result<Verified<Bytes>, Forged> {
    let hex = signature
        .ok_or(Forged::Unsigned)?
        .strip_prefix(b"sha256=")
        .ok_or(Forged::Malformed)?;
    let mut tag = [0; 32];
    hex::decode_to_slice(hex, &mut tag).map_err(|_| Forged::Malformed)?;
    hmac::verify(&secret.0, &body, &tag).map_err(|_| Forged::Mismatch)?;
    Ok(Verified(body))
}

/// The plain text to answer the handshake with; `None` is a 403.
pub fn challenge(query: &Handshake, verify_token: &str) -> Option<String> {
    // Comparing digests tells nothing about the token through the time it takes.
    let digest = |text: &str| digest::digest(&digest::SHA256, text.as_bytes());
    let same = digest(&query.verify_token).as_ref() == digest(verify_token).as_ref();
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let echoable =
        (1..=CHALLENGE_MAX).contains(&query.challenge.len()) && query.challenge.chars().all(legal);
    let proven = query.mode == "subscribe" && same && !verify_token.is_empty();
    (proven && echoable).then(|| query.challenge.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"object":"whatsapp_business_account","name":"Jos\u00e9 \/ @"}"#;

    fn sign(secret: &str, body: &[u8]) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        format!("sha256={}", hex::encode(hmac::sign(&key, body)))
    }

    fn check(signature: Option<&str>) -> Result<(), Forged> {
        let secret = AppSecret::new("demo-app-secret").expect("not empty");
        let body = Bytes::from_static(BODY);
        verify(&secret, signature.map(str::as_bytes), body).map(|verified| {
            assert_eq!(verified.body(), &BODY);
        })
    }

    #[test]
    fn only_the_app_secret_over_the_exact_bytes_opens_a_body() {
        let good = sign("demo-app-secret", BODY);
        assert_eq!(check(Some(&good)), Ok(()));
        assert_eq!(
            check(Some(&good.to_uppercase().replace("SHA", "sha"))),
            Ok(())
        );
        assert_eq!(check(Some(&sign("other", BODY))), Err(Forged::Mismatch));
        let reserialised = String::from_utf8_lossy(BODY).replace("\\/", "/");
        let other = sign("demo-app-secret", reserialised.as_bytes());
        assert_eq!(check(Some(&other)), Err(Forged::Mismatch));
    }

    #[test]
    fn a_missing_or_odd_signature_is_refused() {
        assert_eq!(check(None), Err(Forged::Unsigned));
        for odd in [
            "",
            "sha256=",
            "sha256=00",
            "sha1=00",
            "sha256=zz",
            &"0".repeat(71),
        ] {
            assert_eq!(check(Some(odd)), Err(Forged::Malformed), "{odd}");
        }
    }

    #[test]
    fn a_known_vector_is_accepted() {
        // HMAC-SHA256, RFC 4231 test case 2.
        let secret = AppSecret::new("Jefe").expect("not empty");
        let tag = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        let body = Bytes::from_static(b"what do ya want for nothing?");
        assert!(verify(&secret, Some(tag.as_bytes()), body).is_ok());
        assert_eq!(AppSecret::new("").err(), Some(EmptySecret));
    }

    #[test]
    fn the_handshake_echoes_only_to_who_knows_the_token() {
        let query = |token: &str, challenge: &str| Handshake {
            mode: "subscribe".into(),
            challenge: challenge.into(),
            verify_token: token.into(),
        };
        let answer = challenge(
            &query("demo-verify-token", "1158201444"),
            "demo-verify-token",
        );
        assert_eq!(answer.as_deref(), Some("1158201444"));
        assert_eq!(challenge(&query("guess", "1"), "demo-verify-token"), None);
        assert_eq!(challenge(&query("", "1"), ""), None);
        assert_eq!(challenge(&query("t", "<script>"), "t"), None);
        let mut other_mode = query("t", "1");
        other_mode.mode = "unsubscribe".into();
        assert_eq!(challenge(&other_mode, "t"), None);
    }
}
