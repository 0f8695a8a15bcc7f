//! A core without a journal: it keeps what it is given, decides commands at once and answers from
//! what a test put into it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use actors::journal::media::{Incoming, MediaError, MediaStore, Reading};
use actors::journal::{CommitError, Desk, Entry, ReadError, Refused};
use actors::model::{ChannelId, ContactId, EffectId, InEvent, InSeq, Key, Name, TenantId};
use actors::ports::ChannelSettings;
use actors::waiting::Waiting;
use actors::{channel, contact};
use serde_json::Value;

use crate::http::{Awaited, Core, EraseFailed, Forgotten};

/// A core that keeps what it is given.
#[derive(Default)]
pub struct Memory {
    pub taken: Mutex<Vec<InEvent>>,
    pub refuses: Mutex<Option<Refused>>,
    pub histories: Mutex<HashMap<Key, Vec<Entry>>>,
    pub desk: Mutex<Desk>,
    pub orders: Mutex<Vec<String>>,
    pub contacts: Mutex<HashMap<ContactId, (contact::State, InSeq)>>,
    pub settings: Mutex<Option<Arc<ChannelSettings>>>,
    pub waiting: Mutex<Vec<Waiting>>,
    pub people: Mutex<HashMap<ContactId, contact::State>>,
    pub files: Mutex<Option<Arc<MediaStore>>>,
}

impl Core for Memory {
    fn ingest(&self, events: Vec<InEvent>) -> Awaited<'_, Result<(), Refused>> {
        Box::pin(async move {
            if let Some(refused) = self.refuses.lock().expect("no panic").clone() {
                return Err(refused);
            }
            self.taken.lock().expect("no panic").extend(events);
            Ok(())
        })
    }

    fn health(&self) -> Awaited<'_, Value> {
        Box::pin(async {
            serde_json::json!({
                "contacts": {"live": 1, "parked": 1, "parked_ids": ["ct_1"], "some": ["ct_2"]},
                "gateways": [{"tenant": "demo"}, {"tenant": "other"}],
            })
        })
    }

    fn timeline(&self, key: Key) -> Awaited<'_, Result<Vec<Entry>, ReadError>> {
        let found = self.histories.lock().expect("no panic").get(&key).cloned();
        Box::pin(async { Ok(found.unwrap_or_default()) })
    }

    fn contact(&self, id: ContactId) -> Awaited<'_, Result<contact::State, ReadError>> {
        let found = self.people.lock().expect("no panic").get(&id).cloned();
        Box::pin(async { Ok(found.unwrap_or_default()) })
    }

    fn channel(&self, id: ChannelId) -> Awaited<'_, Result<channel::State, ReadError>> {
        let taken = self.taken.lock().expect("no panic").clone();
        let inputs = taken.iter().filter(|event| event.key == Key::Channel(id));
        let state = inputs.fold(channel::State::default(), |state, event| {
            let context = channel::Context {
                now: event.received,
                kept_ms: u64::MAX,
                position: InSeq(1),
                seen_before: false,
            };
            channel::decide(&state, event, context).state
        });
        Box::pin(async { Ok(state) })
    }

    fn contact_at(&self, id: ContactId) -> Awaited<'_, Result<(contact::State, InSeq), ReadError>> {
        let contacts = self.contacts.lock().expect("no panic");
        let found = contacts.get(&id).cloned().unwrap_or_default();
        Box::pin(async { Ok(found) })
    }

    /// Decided at once, as the contact's actor would.
    fn command(&self, event: InEvent) -> Awaited<'_, Result<InSeq, Refused>> {
        if let Some(refused) = self.refuses.lock().expect("no panic").clone() {
            return Box::pin(async { Err(refused) });
        }
        let mut contacts = self.contacts.lock().expect("no panic");
        let Key::Contact(id) = event.key else {
            panic!("a command to a contact");
        };
        let (state, consumed) = contacts.entry(id).or_default();
        *consumed = InSeq(consumed.0 + 1);
        let settings = self.settings.lock().expect("no panic").clone();
        let context = contact::Context {
            again: None,
            now: event.received,
            position: *consumed,
            seen_before: false,
            settings: settings.as_deref(),
            alias_of: None,
            siblings: &[],
        };
        *state = contact::decide(state, &event, context).state;
        let position = *consumed;
        self.taken.lock().expect("no panic").push(event);
        Box::pin(async move { Ok(position) })
    }

    fn waiting(&self, tenant: &TenantId, queue: &Name) -> Vec<Waiting> {
        let rows = self.waiting.lock().expect("no panic").clone();
        let here = |row: &Waiting| row.tenant == *tenant && row.queue.as_ref() == Some(queue);
        rows.into_iter().filter(here).collect()
    }

    fn waiting_is_complete(&self) -> bool {
        true
    }

    fn desk(&self, _: usize) -> Awaited<'_, Result<Desk, ReadError>> {
        let desk = self.desk.lock().expect("no panic").clone();
        Box::pin(async { Ok(desk) })
    }

    fn redrive(&self, effect: EffectId) {
        self.orders
            .lock()
            .expect("no panic")
            .push(format!("redrive {effect}"));
    }

    fn dismiss(&self, effect: EffectId) {
        self.orders
            .lock()
            .expect("no panic")
            .push(format!("dismiss {effect}"));
    }

    fn release(&self, position: InSeq, input: InEvent) -> Awaited<'_, Result<(), Refused>> {
        let order = format!("release {} of {}", position.0, input.key);
        self.orders.lock().expect("no panic").push(order);
        Box::pin(async { Ok(()) })
    }

    fn discard(&self, key: Key, position: InSeq) -> Awaited<'_, Result<(), CommitError>> {
        let order = format!("discard {} of {key}", position.0);
        self.orders.lock().expect("no panic").push(order);
        Box::pin(async { Ok(()) })
    }

    fn erase(
        &self,
        contact: ContactId,
        of: Option<TenantId>,
    ) -> Awaited<'_, Result<Option<Forgotten>, EraseFailed>> {
        let order = format!("erase {contact} of {of:?}");
        self.orders.lock().expect("no panic").push(order);
        Box::pin(async { Ok(None) })
    }

    fn media(
        &self,
        contact: ContactId,
        name: String,
    ) -> Awaited<'_, Result<Option<Reading>, MediaError>> {
        let files = self.files.lock().expect("no panic").clone();
        Box::pin(async move { files.map_or(Ok(None), |files| files.read(contact, &name)) })
    }

    fn keep(
        &self,
        tenant: TenantId,
        contact: ContactId,
    ) -> Awaited<'_, Result<Incoming, MediaError>> {
        let files = self.files.lock().expect("no panic").clone();
        Box::pin(async move { files.ok_or(MediaError::Full)?.begin(&tenant, contact) })
    }

    fn unpark(&self, contact: ContactId) {
        self.orders
            .lock()
            .expect("no panic")
            .push(format!("unpark {contact}"));
    }
}
