//! Forgetting a person.

use actors::model::{ContactId, Millis};
use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;

use super::line;
use crate::directory::Reach;
use crate::http::{ApiError, Caller, Edge, EraseFailed, Scope};

/// Longest stay of a record in the journal, and of an old snapshot in the checkpoint, in
/// milliseconds: a day, and as much again until the checkpoint is one file.
const GONE_AFTER_MS: u64 = 2 * 86_400_000;

/// What was removed, and what stays until when.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The contacts that were this person.
    contacts: Vec<String>,
    /// Open effects that are not carried on.
    effects: usize,
    /// Inputs that had been set aside for an operator.
    inputs: usize,
    /// Kept files; their key is gone with them.
    files: u64,
    /// Their bytes on disk.
    bytes: u64,
    /// Sealed records and snapshots of before are in the journal and the checkpoint no longer than
    /// this.
    remains_until: String,
}

/// `DELETE /api/v1/contacts/{id}`: forgets a person. What has reached a provider or the help desk
/// is theirs to forget. The request's line in the trace log is the proof.
pub async fn erase(
    State(edge): State<Edge>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Report>, ApiError> {
    caller.may(Scope::ContactsErase)?;
    let missing = ApiError::NotFound { what: "contact" };
    let contact = ContactId::parse(&id).map_err(|_| missing.clone())?;
    let of = match caller.reach() {
        Reach::Tenant(tenant) => Some(tenant.clone()),
        Reach::Platform => None,
    };
    let forgotten = edge.core.erase(contact, of).await.map_err(failed)?;
    let forgotten = forgotten.ok_or(missing)?;
    let until = Millis(edge.clock.now().0 + GONE_AFTER_MS);
    let contacts = forgotten.erased.contacts.iter();
    Ok(Json(Report {
        contacts: contacts.map(ToString::to_string).collect(),
        effects: forgotten.erased.effects,
        inputs: forgotten.erased.inputs,
        files: forgotten.removed.files,
        bytes: forgotten.removed.bytes,
        remains_until: line::time(until),
    }))
}

fn failed(error: EraseFailed) -> ApiError {
    tracing::error!(%error, "a person could not be forgotten");
    ApiError::Busy {
        code: "not_erased",
        reason: "the person is not forgotten yet; order it again, nothing is done twice",
        retry_after: std::time::Duration::from_secs(5),
    }
}
