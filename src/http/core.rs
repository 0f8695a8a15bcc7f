//! What the edge asks of the core, and nothing more.
//!
//! The composition root gives it the running system; the edge's own tests give it a core that
//! remembers or refuses.

use std::pin::Pin;

use actors::journal::media::{Incoming, MediaError, Reading, Removed};
use actors::journal::{CommitError, Desk, Entry, ReadError, Refused};
use actors::model::{ChannelId, ContactId, EffectId, InEvent, InSeq, Key, Name, TenantId};
use actors::system::{EraseError, Erased};
use actors::waiting::Waiting;
use actors::{channel, contact};
use serde_json::Value;

/// An answer that is awaited.
pub type Awaited<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What was forgotten of a person.
#[derive(Clone, Debug, Default)]
pub struct Forgotten {
    /// In the journal.
    pub erased: Erased,
    /// Of their files.
    pub removed: Removed,
}

/// A person could not be forgotten.
#[derive(Debug, thiserror::Error)]
pub enum EraseFailed {
    /// In the journal.
    #[error(transparent)]
    Journal(#[from] EraseError),
    /// Their files.
    #[error(transparent)]
    Files(#[from] MediaError),
}

/// The running system as the edge sees it.
pub trait Core: Send + Sync + 'static {
    /// Makes the events of one webhook body durable; when it returns `Ok` they are on disk.
    fn ingest(&self, events: Vec<InEvent>) -> Awaited<'_, Result<(), Refused>>;
    /// How journal, actors and gateways are, as JSON.
    fn health(&self) -> Awaited<'_, Value>;
    /// The records of an entity, oldest first.
    fn timeline(&self, key: Key) -> Awaited<'_, Result<Vec<Entry>, ReadError>>;
    /// A contact as it is on record.
    fn contact(&self, id: ContactId) -> Awaited<'_, Result<contact::State, ReadError>>;
    /// A channel as it is on record.
    fn channel(&self, id: ChannelId) -> Awaited<'_, Result<channel::State, ReadError>>;
    /// A contact as it is on record, and the position of the last input it consumed.
    fn contact_at(&self, id: ContactId) -> Awaited<'_, Result<(contact::State, InSeq), ReadError>>;
    /// Makes an operator's command durable; gives its position.
    fn command(&self, event: InEvent) -> Awaited<'_, Result<InSeq, Refused>>;
    /// Those of a tenant who are in a queue, the longest there first.
    fn waiting(&self, tenant: &TenantId, queue: &Name) -> Vec<Waiting>;
    /// Whether that list has been made up again since the start.
    fn waiting_is_complete(&self) -> bool;
    /// What waits for an operator, at most `max` of each kind.
    fn desk(&self, max: usize) -> Awaited<'_, Result<Desk, ReadError>>;
    /// Sends a shelved effect again.
    fn redrive(&self, effect: EffectId);
    /// Takes a shelved effect off its list.
    fn dismiss(&self, effect: EffectId);
    /// Lets an input that had been set aside be consumed after all; `Ok` means that the order is on
    /// disk.
    fn release(&self, position: InSeq, input: InEvent) -> Awaited<'_, Result<(), Refused>>;
    /// Takes an input off the quarantine for good.
    fn discard(&self, key: Key, position: InSeq) -> Awaited<'_, Result<(), CommitError>>;
    /// Opens a file of a contact; `None` when there is none.
    fn media(
        &self,
        contact: ContactId,
        name: String,
    ) -> Awaited<'_, Result<Option<Reading>, MediaError>>;
    /// Begins to keep a file of a contact.
    fn keep(
        &self,
        tenant: TenantId,
        contact: ContactId,
    ) -> Awaited<'_, Result<Incoming, MediaError>>;
    /// Forgets a person; `None` when nothing is known of the contact, or nothing of this tenant's.
    fn erase(
        &self,
        contact: ContactId,
        of: Option<TenantId>,
    ) -> Awaited<'_, Result<Option<Forgotten>, EraseFailed>>;
    /// Lets a parked contact be brought to life again.
    fn unpark(&self, contact: ContactId);
}
