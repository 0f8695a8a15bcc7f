//! How a person is known to providers, and the contact id derived from it.

use ring::hmac;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{ContactId, IdHash, Phone, TenantId};

/// One name under which a provider knows a person.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Identity {
    /// A phone number, in the spelling the provider used.
    Phone(Phone),
    /// A business-scoped user id such as `US.13491208655302741918`.
    UserId(SmolStr),
}

/// The secret made with the data directory; it is never rotated, because ids derive from it.
#[derive(Clone)]
pub struct IdentityKey(hmac::Key);

impl IdentityKey {
    /// Wraps 32 secret bytes.
    pub fn new(secret: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// The id of the contact first seen under `identity`: HMAC-SHA256 over tenant and canonical
    /// identity, cut to 16 bytes.
    pub fn contact_id(&self, tenant: &TenantId, identity: &Identity) -> ContactId {
        ContactId(self.sign(b"contact", tenant, identity))
    }

    /// The key of `identity` in the alias index. It differs from the contact id so that the index
    /// does not tell which contacts were first seen under which identity.
    pub fn alias(&self, tenant: &TenantId, identity: &Identity) -> [u8; 16] {
        self.sign(b"alias", tenant, identity)
    }

    /// Hash of what makes an input the same input: `scope` names provider and line, `id` is the
    /// provider's message id.
    pub fn id_hash(&self, scope: &[u8], id: &[u8]) -> IdHash {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(b"input");
        context.update(&(scope.len() as u32).to_be_bytes());
        context.update(scope);
        context.update(id);
        let mut hash = [0; 8];
        hash.copy_from_slice(&context.sign().as_ref()[..8]);
        IdHash(hash)
    }

    /// Proves later that this data directory said `text` for a purpose.
    pub fn proof(&self, purpose: &[u8], text: &[u8]) -> [u8; 32] {
        let mut proof = [0; 32];
        proof.copy_from_slice(self.proving(purpose, text).sign().as_ref());
        proof
    }

    /// Whether `proof` is the one for `text`, in time that does not tell how much of it is.
    pub fn proves(&self, purpose: &[u8], text: &[u8], proof: &[u8]) -> bool {
        let own = self.proof(purpose, text);
        // Compared by their tags, so that the time taken tells nothing of where they differ.
        let tag = hmac::sign(&self.0, &own);
        hmac::verify(&self.0, proof, tag.as_ref()).is_ok()
    }

    fn proving(&self, purpose: &[u8], text: &[u8]) -> hmac::Context {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(b"proof");
        context.update(&(purpose.len() as u32).to_be_bytes());
        context.update(purpose);
        context.update(text);
        context
    }

    fn sign(&self, purpose: &[u8], tenant: &TenantId, identity: &Identity) -> [u8; 16] {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(purpose);
        context.update(&(tenant.as_str().len() as u32).to_be_bytes());
        context.update(tenant.as_str().as_bytes());
        match identity {
            Identity::Phone(phone) => {
                context.update(b"p");
                context.update(phone.canonical().digits().as_bytes());
            }
            Identity::UserId(id) => {
                context.update(b"u");
                context.update(id.as_bytes());
            }
        }
        let mut id = [0; 16];
        id.copy_from_slice(&context.sign().as_ref()[..16]);
        id
    }
}

impl std::fmt::Debug for IdentityKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IdentityKey([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_spellings_are_one_contact_and_two_tenants_are_two() {
        let key = IdentityKey::new(&[1; 32]);
        let tenant = TenantId::new("demo").expect("valid");
        let other = TenantId::new("other").expect("valid");
        let old = Identity::Phone(Phone::parse("5215512345678").expect("valid"));
        let new = Identity::Phone(Phone::parse("525512345678").expect("valid"));
        assert_eq!(key.contact_id(&tenant, &old), key.contact_id(&tenant, &new));
        assert_ne!(key.contact_id(&tenant, &old), key.contact_id(&other, &old));
        assert_ne!(key.contact_id(&tenant, &old).0, key.alias(&tenant, &old));
    }
}
