//! Files of people on their way: from the provider to the store, from the store to a ticket.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{ContactId, Media, TenantId};

/// A file in the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Its name in the store, 32 hexadecimal digits; the contact's key makes it from the bytes.
    pub name: SmolStr,
    /// Its length in bytes.
    pub size: u64,
    /// Its media type as its bytes say, for example `image/jpeg`.
    pub mime: SmolStr,
    /// SHA-256 of its bytes.
    pub digest: [u8; 32],
}

/// A file to be fetched from the provider into the store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fetch {
    /// Whose quota it counts against.
    pub tenant: TenantId,
    /// The file as the provider names it.
    pub media: Media,
}

/// A file of the store that goes onto a ticket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TicketFile {
    /// The help desk's id of the ticket.
    pub ticket: u64,
    /// Under whose key it lies.
    pub contact: ContactId,
    /// Its name in the store.
    pub name: SmolStr,
    /// What it is called on the ticket, with an extension; at least 24 characters.
    pub file_name: String,
    /// Its media type.
    pub mime: SmolStr,
    /// What stands on the ticket instead when the help desk does not take this kind of file.
    pub note: String,
}
