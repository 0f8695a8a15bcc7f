//! Forgetting a person: their state, their open effects, their key and their files.

use std::sync::Arc;
use std::time::Duration;

use actors::journal::adapter::SegmentJournal;
use actors::journal::media::{MediaError, MediaStore, Removed};
use actors::model::{ContactId, TenantId};
use actors::system::System;
use tokio::task::spawn_blocking;

use super::running::Running;
use crate::http::{EraseFailed, Forgotten};

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
        tokio::spawn(late(self.system.clone(), self.files.clone(), contacts));
        Ok(Some(Forgotten { erased, removed }))
    }
}

async fn remove(files: &Arc<MediaStore>, contact: ContactId) -> Result<Removed, MediaError> {
    let files = files.clone();
    let removed = spawn_blocking(move || files.erase(contact)).await;
    removed.map_err(std::io::Error::other)?
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
