//! Forgetting a person: their state, their open effects, their key, their files and their traces.

use std::sync::Arc;
use std::time::Duration;

use actors::journal::adapter::SegmentJournal;
use actors::journal::media::{MediaError, MediaStore, Removed};
use actors::journal::{Entry, ReadError};
use actors::model::{ContactId, Key, TenantId};
use actors::system::System;
use tokio::task::spawn_blocking;

use super::running::Running;
use crate::http::{EraseFailed, Forgotten};
use crate::store::{Store, StoreError};

/// When the database is asked again that did not answer.
const AGAIN: Duration = Duration::from_secs(30);
/// A download that was under way may still bring a file until then.
const DOWNLOADS_END: Duration = Duration::from_secs(150);

impl Running {
    /// The journal first, so that nothing is decided any more with what is removed then.
    pub(super) async fn forget(
        &self,
        contact: ContactId,
        of: Option<TenantId>,
    ) -> Result<Option<Forgotten>, EraseFailed> {
        let Some(erased) = self.system.erase(contact, of.as_ref()).await? else {
            return Ok(None);
        };
        let mut removed = Removed::default();
        for contact in &erased.contacts {
            let now = remove(&self.files, *contact).await?;
            removed.files += now.files;
            removed.bytes += now.bytes;
        }
        let contacts = erased.contacts.clone();
        tokio::spawn(late(
            self.system.clone(),
            self.files.clone(),
            contacts.clone(),
        ));
        if let Some(rows) = self.rows.clone() {
            tokio::spawn(forget_traces(self.system.clone(), rows, contacts));
        }
        Ok(Some(Forgotten { erased, removed }))
    }
}

async fn remove(files: &Arc<MediaStore>, contact: ContactId) -> Result<Removed, MediaError> {
    let files = files.clone();
    let removed = spawn_blocking(move || files.erase(contact)).await;
    removed.map_err(std::io::Error::other)?
}

/// Removes the lines of the trace log that lead to these contacts: at once, and once more when calls
/// that were under way have left theirs. While the database is away it is tried again; what a stop of
/// the server leaves goes with its age.
async fn forget_traces(system: System<SegmentJournal>, rows: Store, contacts: Vec<ContactId>) {
    for pause in [Duration::ZERO, DOWNLOADS_END] {
        tokio::time::sleep(pause).await;
        for contact in &contacts {
            while let Err(error) = forget_traces_of(&system, &rows, *contact).await {
                tracing::warn!(%error, %contact, "a forgotten person's traces stay for now");
                tokio::time::sleep(AGAIN).await;
            }
        }
    }
}

async fn forget_traces_of(
    system: &System<SegmentJournal>,
    rows: &Store,
    contact: ContactId,
) -> Result<(), NotForgotten> {
    let entries = system.timeline(Key::Contact(contact)).await?;
    let inputs = entries.iter().filter_map(|entry| match entry {
        Entry::Input(_, event) => Some(format!("in_{:?}", event.id)),
        Entry::Step(..) | Entry::Attempt(_) | Entry::Note(_) => None,
    });
    rows.remove_traces_of(contact, &inputs.collect::<Vec<_>>())
        .await?;
    Ok(())
}

/// Why traces of a person stay.
#[derive(Debug, thiserror::Error)]
enum NotForgotten {
    #[error(transparent)]
    Journal(#[from] ReadError),
    #[error(transparent)]
    Rows(#[from] StoreError),
}

/// Removes what a download brought meanwhile, unless the person has written again.
async fn late(system: System<SegmentJournal>, files: Arc<MediaStore>, contacts: Vec<ContactId>) {
    tokio::time::sleep(DOWNLOADS_END).await;
    for contact in contacts {
        if !matches!(system.is_blank(contact).await, Ok(true)) {
            continue;
        }
        if let Err(error) = remove(&files, contact).await {
            tracing::error!(%error, %contact, "a forgotten person's late file was not removed");
        }
    }
}
