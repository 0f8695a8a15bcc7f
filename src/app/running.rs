//! The running system as the edge sees it: the core's handle beside its journal's figures.

use std::sync::Arc;

use actors::journal::adapter::{Figures, SegmentJournal, WorkLeft};
use actors::journal::media::{Incoming, MediaError, MediaStore, Reading};
use actors::journal::{CommitError, Desk, Entry, ReadError, Refused};
use actors::model::{ChannelId, ContactId, EffectId, InEvent, InSeq, Key, Millis, Name, TenantId};
use actors::ports::{Clock, SystemClock};
use actors::system::System;
use actors::waiting::Waiting;
use actors::{channel, contact};
use serde_json::{Value, json};

use super::figures::age_s;
use crate::http::{Awaited, Core, EraseFailed, Forgotten};
use crate::store::Store;

/// System and journal.
#[derive(Clone)]
pub(super) struct Running {
    pub system: System<SegmentJournal>,
    pub journal: Arc<SegmentJournal>,
    pub files: Arc<MediaStore>,
    /// Rows of the database; none when the server runs without one.
    pub rows: Option<Store>,
}

impl Core for Running {
    fn ingest(&self, events: Vec<InEvent>) -> Awaited<'_, Result<(), Refused>> {
        Box::pin(async { self.system.ingest(events).await.map(drop) })
    }

    fn health(&self) -> Awaited<'_, Value> {
        Box::pin(async {
            let figures = self.journal.figures();
            let mut health = serde_json::to_value(self.system.health().await).unwrap_or_default();
            let live = health["contacts"]["live"].as_u64().unwrap_or_default();
            let parked = health["contacts"]["parked"].take();
            health["contacts"]["parked"] = parked.as_array().map_or(0, Vec::len).into();
            health["contacts"]["parked_ids"] = parked;
            health["contacts"]["known"] = figures.known.into();
            health["contacts"]["sleeping"] = (figures.known as u64).saturating_sub(live).into();
            health["journal"] = journal(&figures);
            let (left, now) = (self.journal.work_left(), SystemClock.now());
            health["contacts"]["quarantined"] = left.set_aside.into();
            health["dead_letters"] = left.dead_letters.into();
            health["oldest_dead_letter_age_s"] = age_s(left.oldest_dead_letter, now).into();
            health["uncertain_sends"] = left.uncertain.into();
            health["backlog"] = backlog(&left, now);
            health
        })
    }

    fn timeline(&self, key: Key) -> Awaited<'_, Result<Vec<Entry>, ReadError>> {
        Box::pin(self.system.timeline(key))
    }

    fn contact(&self, id: ContactId) -> Awaited<'_, Result<contact::State, ReadError>> {
        Box::pin(contact::read(&*self.journal, id))
    }

    fn channel(&self, id: ChannelId) -> Awaited<'_, Result<channel::State, ReadError>> {
        Box::pin(channel::read(&*self.journal, id))
    }

    fn contact_at(&self, id: ContactId) -> Awaited<'_, Result<(contact::State, InSeq), ReadError>> {
        Box::pin(contact::read_at(&*self.journal, id))
    }

    fn command(&self, event: InEvent) -> Awaited<'_, Result<InSeq, Refused>> {
        Box::pin(async {
            let accepted = self.system.ingest(vec![event]).await?;
            Ok(accepted.first().map_or(InSeq(0), |accepted| accepted.seq))
        })
    }

    fn waiting(&self, tenant: &TenantId, queue: &Name) -> Vec<Waiting> {
        self.system.waiting().of(tenant, queue)
    }

    fn waiting_is_complete(&self) -> bool {
        self.system.waiting().is_complete()
    }

    fn desk(&self, max: usize) -> Awaited<'_, Result<Desk, ReadError>> {
        Box::pin(self.system.desk(max))
    }

    fn redrive(&self, effect: EffectId) {
        self.system.redrive(effect);
    }

    fn dismiss(&self, effect: EffectId) {
        self.system.dismiss(effect);
    }

    fn release(&self, position: InSeq, input: InEvent) -> Awaited<'_, Result<(), Refused>> {
        Box::pin(self.system.release(position, input))
    }

    fn discard(&self, key: Key, position: InSeq) -> Awaited<'_, Result<(), CommitError>> {
        Box::pin(self.system.discard(key, position))
    }

    fn erase(
        &self,
        contact: ContactId,
        of: Option<TenantId>,
    ) -> Awaited<'_, Result<Option<Forgotten>, EraseFailed>> {
        Box::pin(self.forget(contact, of))
    }

    fn media(
        &self,
        contact: ContactId,
        name: String,
    ) -> Awaited<'_, Result<Option<Reading>, MediaError>> {
        Box::pin(async move {
            let files = self.files.clone();
            let opened = tokio::task::spawn_blocking(move || files.read(contact, &name));
            opened.await.map_err(std::io::Error::other)?
        })
    }

    fn keep(
        &self,
        tenant: TenantId,
        contact: ContactId,
    ) -> Awaited<'_, Result<Incoming, MediaError>> {
        Box::pin(async move {
            let files = self.files.clone();
            let begun = tokio::task::spawn_blocking(move || files.begin(&tenant, contact));
            begun.await.map_err(std::io::Error::other)?
        })
    }

    fn unpark(&self, contact: ContactId) {
        self.system.unpark(contact);
    }
}

fn journal(figures: &Figures) -> Value {
    json!({
        "ready": figures.ready,
        "full": figures.full,
        "waiting": figures.waiting,
        "groups": figures.groups,
        "records": figures.records,
        "bytes": figures.bytes,
        "flush_ns": figures.flush_ns,
        "refused_groups": figures.refused_groups,
        "segments": figures.segments,
        "active": figures.active,
        "replayed_segments": figures.replayed_segments,
        "torn_bytes": figures.torn_bytes,
        "fenced": figures.fenced,
        "inputs_lost": figures.lost_inputs,
        "steps_out_of_order": figures.disordered_steps,
        "damage": figures.damage.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

/// What waits, and for how long already.
fn backlog(left: &WorkLeft, now: Millis) -> Value {
    json!({
        "inputs": left.inputs,
        "oldest_input_age_s": age_s(left.oldest_input, now),
        "effects": left.effects,
        "oldest_effect_age_s": age_s(left.oldest_effect, now),
    })
}
