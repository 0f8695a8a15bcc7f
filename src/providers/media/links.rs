//! Addresses of kept files that a provider may fetch for an hour.
//!
//! Gupshup takes a file by its address only (Gupshup, media). The address names the file, says until
//! when it holds, and proves with an HMAC that this server gave it out; nobody can make one for
//! another file or a later hour, and a forgotten person's file has no key any more.

use std::sync::Arc;

use actors::model::{ContactId, IdentityKey};
use actors::ports::Clock;
use reqwest::Url;

use crate::providers::transport::{BadSettings, base_url, below};

/// How long an address holds, in seconds.
const LIFE_S: u64 = 3_600;
const PURPOSE: &[u8] = b"file link";

/// Makes addresses of kept files.
pub struct Links {
    base: Url,
    identity: IdentityKey,
    clock: Arc<dyn Clock>,
}

impl Links {
    /// Addresses below `public_url`, under which providers reach this server.
    ///
    /// # Errors
    /// When it is no web address.
    pub fn new(
        public_url: &str,
        identity: IdentityKey,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, BadSettings> {
        let base = base_url(public_url, "http(s)://host[/path] without query")?;
        Ok(Self {
            base,
            identity,
            clock,
        })
    }

    /// An address of a file of a contact that holds from now on.
    pub(super) fn address(&self, contact: ContactId, name: &str) -> Url {
        let until = self.clock.now().0 / 1_000 + LIFE_S;
        let proof = self.identity.proof(PURPOSE, &claim(contact, name, until));
        let mut url = below(&self.base, &["files", &contact.to_string(), name]);
        url.query_pairs_mut()
            .append_pair("until", &until.to_string())
            .append_pair("proof", &hex::encode(proof));
        url
    }
}

/// Whether this server gave out an address of this file that holds at `now_s` still.
pub fn holds(
    identity: &IdentityKey,
    (contact, name): (ContactId, &str),
    (until, proof): (u64, &str),
    now_s: u64,
) -> bool {
    let Ok(proof) = hex::decode(proof) else {
        return false;
    };
    let claim = claim(contact, name, until);
    now_s <= until && identity.proves(PURPOSE, &claim, &proof)
}

fn claim(contact: ContactId, name: &str, until: u64) -> Vec<u8> {
    format!("{contact}/{name}/{until}").into_bytes()
}

impl std::fmt::Debug for Links {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Links")
            .field("base", &self.base.as_str())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use actors::model::Millis;

    use super::*;

    struct At(u64);

    impl Clock for At {
        fn now(&self) -> Millis {
            Millis(self.0 * 1_000)
        }
    }

    #[test]
    fn an_address_holds_for_its_file_and_its_hour_only() {
        let identity = IdentityKey::new(&[7; 32]);
        let links = Links::new(
            "https://bot.example/x/",
            identity.clone(),
            Arc::new(At(1_000)),
        );
        let contact = ContactId([1; 16]);
        let url = links.expect("usable").address(contact, "abc");
        assert_eq!(url.path(), format!("/x/files/{contact}/abc"));
        let pairs: std::collections::HashMap<_, _> = url.query_pairs().collect();
        let until: u64 = pairs["until"].parse().expect("seconds");
        let asks = |contact, name, until, now| {
            holds(&identity, (contact, name), (until, &pairs["proof"]), now)
        };
        assert!(asks(contact, "abc", until, 1_000) && asks(contact, "abc", until, 4_600));
        assert!(!asks(contact, "abc", until, 4_601), "the hour is over");
        assert!(!asks(contact, "abc", until + 1, 1_000), "another hour");
        assert!(!asks(contact, "abd", until, 1_000), "another file");
        assert!(
            !asks(ContactId([2; 16]), "abc", until, 1_000),
            "another person"
        );
        let other = IdentityKey::new(&[8; 32]);
        let proof = (until, &*pairs["proof"]);
        assert!(
            !holds(&other, (contact, "abc"), proof, 1_000),
            "another server"
        );
        assert!(
            !holds(&identity, (contact, "abc"), (until, ""), 1_000),
            "no proof"
        );
    }
}
