//! What a timeline's line tells of files on their way.

use actors::model::{Fetch, Kept, SentFile, TicketFile};
use serde_json::{Value, json};

/// Adds what is fetched.
pub(super) fn fetch(fetch: &Fetch, facts: &mut Value) {
    let media = &fetch.media;
    facts["content"] = media.kind.name().into();
    facts["mime"] = media.mime.as_str().into();
    if let Some(name) = &media.file_name {
        facts["file"] = name.as_str().into();
    }
}

/// Adds what goes onto a ticket.
pub(super) fn attach(file: &TicketFile, facts: &mut Value) {
    facts["ticket"] = file.ticket.into();
    facts["file"] = file.file_name.as_str().into();
    facts["media"] = file.name.as_str().into();
}

/// Adds what is sent to the person.
pub(super) fn sent(file: &SentFile, facts: &mut Value) {
    facts["media"] = json!({"name": file.name, "size": file.size, "mime": file.mime});
    if let Some(name) = &file.file_name {
        facts["file"] = name.as_str().into();
    }
}

/// Adds what the store keeps; its name is the last part of the address it is read at.
pub(super) fn kept(kept: &Kept, facts: &mut Value) {
    facts["media"] = json!({
        "name": kept.name,
        "size": kept.size,
        "mime": kept.mime,
        "sha256": hex::encode(kept.digest),
    });
}
