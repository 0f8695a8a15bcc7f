//! Forgetting a person.
//!
//! Every contact that is this person (itself, the older one it joined, those of its other
//! identities) consumes an `Erased` input: its state begins anew, and its open effects are closed
//! by the same record, so none of them is carried on. What had been set aside for an operator is let
//! go of. The records of before stay, sealed, in the segments that hold them until these leave the
//! journal.

use std::time::Duration;

use super::System;
use crate::contact::State;
use crate::fold::state_of;
use crate::journal::{CommitError, Journal, Loaded, ReadError, Refused};
use crate::model::{ContactId, InEvent, InSeq, Inbound, Key, Note, TenantId};

/// Contacts that one person may be; more than a person has identities for.
const SELVES_MAX: usize = 32;
/// Rows of the quarantine that are looked through.
const SET_ASIDE_MAX: usize = 10_000;
/// How long the contacts are waited for.
const PATIENCE: Duration = Duration::from_secs(10);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What was forgotten.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Erased {
    /// The contacts that were this person.
    pub contacts: Vec<ContactId>,
    /// Effects that were open and are not carried on.
    pub effects: usize,
    /// Inputs that had been set aside.
    pub inputs: usize,
}

/// A person could not be forgotten, or not yet.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    /// The journal could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The journal did not take it.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The journal did not take a note.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// It is on record and not carried out yet; ordering it again is harmless.
    #[error("the contact has not come to it yet, order it again")]
    NotYet,
}

impl<J: Journal> System<J> {
    /// Has a person forgotten; `None` when nothing is known of the contact, or nothing of this
    /// tenant's where one is named. When it returns, the state of every contact that was this person
    /// is empty.
    pub async fn erase(
        &self,
        contact: ContactId,
        of: Option<&TenantId>,
    ) -> Result<Option<Erased>, EraseError> {
        let Some(selves) = self.selves(contact, of).await? else {
            return Ok(None);
        };
        let mut erased = Erased::default();
        for (key, loaded) in &selves {
            erased.effects += loaded.open.len();
            if let Key::Contact(id) = key {
                // The alias of another self would lead back to this one.
                let alias = Note::Alias { alias: id.0 };
                self.environment.note(*key, &alias).await?;
                erased.contacts.push(*id);
            }
        }
        // What one self was about to tell another may be accepted behind the other's first order;
        // behind the second one nothing of before is left to tell.
        let rounds = if selves.len() > 1 { 2 } else { 1 };
        for _ in 0..rounds {
            let mut positions = Vec::with_capacity(selves.len());
            for (key, _) in &selves {
                positions.push((*key, self.order(*key).await?));
            }
            self.carried_out(positions).await?;
        }
        // Only now: what was accepted before the order may have been set aside while it waited.
        let desk = self.environment.journal.desk(SET_ASIDE_MAX).await?;
        for (position, input, _) in desk.quarantined {
            if selves.iter().any(|(key, _)| *key == input.key) {
                self.discard(input.key, position).await?;
                erased.inputs += 1;
            }
        }
        Ok(Some(erased))
    }

    /// Whether nothing is known of a contact, or nothing since it was forgotten.
    pub async fn is_blank(&self, contact: ContactId) -> Result<bool, ReadError> {
        let key = Key::Contact(contact);
        let loaded = self.environment.journal.load(key).await?;
        let state: State = state_of(key, &loaded)?;
        Ok(state.is_new())
    }

    /// Every contact that is the same person and of which anything is on record.
    async fn selves(
        &self,
        contact: ContactId,
        of: Option<&TenantId>,
    ) -> Result<Option<Vec<(Key, Loaded)>>, ReadError> {
        let journal = &self.environment.journal;
        let mut wanted = vec![Key::Contact(contact)];
        let mut selves: Vec<(Key, Loaded)> = Vec::new();
        let mut at = 0;
        while let Some(key) = wanted.get(at).copied() {
            at += 1;
            let loaded = journal.load(key).await?;
            let waits = !journal.next_inputs(key, InSeq(0), 1).await?.is_empty();
            if loaded.version.0 == 0 && !waits {
                continue;
            }
            let state: State = state_of(key, &loaded)?;
            let tenant = state.tenant.as_ref();
            if selves.is_empty() && of.is_some() && of != tenant {
                return Ok(None);
            }
            let by_name = tenant.into_iter().flat_map(|tenant| {
                let names = state.identities.iter();
                names.map(|name| self.identity().contact_id(tenant, name))
            });
            for other in state.joined.into_iter().chain(by_name.map(Key::Contact)) {
                if !wanted.contains(&other) && wanted.len() < SELVES_MAX {
                    wanted.push(other);
                }
            }
            selves.push((key, loaded));
        }
        Ok((!selves.is_empty()).then_some(selves))
    }

    async fn order(&self, key: Key) -> Result<InSeq, Refused> {
        let environment = &self.environment;
        let now = environment.clock.now();
        let name = format!("{key}/{}", now.0);
        let event = InEvent {
            key,
            id: self.identity().id_hash(b"erase", name.as_bytes()),
            stamp: None,
            received: now,
            body: Inbound::Erased,
        };
        let accepted = environment.ingest(vec![event]).await?;
        Ok(accepted.first().map_or(InSeq(0), |accepted| accepted.seq))
    }

    async fn carried_out(&self, positions: Vec<(Key, InSeq)>) -> Result<(), EraseError> {
        let journal = &self.environment.journal;
        let all = async {
            for (key, position) in positions {
                while journal.load(key).await?.consumed < position {
                    tokio::time::sleep(LOOK_EVERY).await;
                }
            }
            Ok(())
        };
        match tokio::time::timeout(PATIENCE, all).await {
            Ok(done) => done,
            Err(_) => Err(EraseError::NotYet),
        }
    }
}
