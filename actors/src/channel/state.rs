//! What a channel remembers, and the events that change it. New variants are appended; changed ones
//! need a new schema version and a lift in [`crate::fold`].

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use crate::fold::{Folded, UnreadableState, put_state, take, take_state};
use crate::journal::StateBytes;
use crate::model::{IdHash, InSeq, Millis, Seconds, Step, TenantId, Unplaced, WhyUnplaced};

/// Items kept; the oldest leave.
pub const ITEMS_MAX: usize = 200;
/// Bytes of text kept of all items together; the oldest lose theirs and keep their place.
pub const RAW_BYTES_MAX: usize = 40 * 1024;

/// A channel's state: the fold of its events.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The organisation, from the first item on.
    pub tenant: Option<TenantId>,
    /// Items without a place since the channel began, by reason; repeats are not counted.
    pub counts: BTreeMap<WhyUnplaced, u64>,
    /// Items that came again and were not kept again.
    pub repeats: u64,
    /// The newest items, oldest first.
    pub items: VecDeque<Item>,
    /// Items that left since the channel began.
    pub gone: u64,
}

/// One item as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// Its position among the inputs, by which it is found in the journal.
    pub position: InSeq,
    /// What makes it the same item when it comes again.
    pub id: IdHash,
    /// When it came.
    pub received: Millis,
    /// Why it has no place.
    pub why: WhyUnplaced,
    /// How many items of its body it stands for.
    pub items: u32,
    /// How long it was, in bytes.
    pub bytes: u32,
    /// Its text as far as it was kept; `None` once newer items needed the room or its time was
    /// over.
    pub raw: Option<String>,
}

/// One change of a channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// An item without a place came for the first time.
    ItemKept {
        /// When it came.
        received: Millis,
        /// Its place and its id are those of the step that consumed it.
        item: Unplaced,
    },
    /// An item had been taken before; nothing else changed.
    ItemRepeated,
    /// The input is none that a channel acts on.
    Ignored,
    /// The texts of items received up to `until` were kept long enough.
    TextsForgotten {
        /// The last of them.
        until: Millis,
    },
}

impl State {
    /// Whether this item is among those that are kept.
    pub fn holds(&self, id: IdHash) -> bool {
        self.items.iter().any(|item| item.id == id)
    }

    /// When the oldest text was received.
    pub fn oldest_text(&self) -> Option<Millis> {
        let with_text = self.items.iter().filter(|item| item.raw.is_some());
        with_text.map(|item| item.received).min()
    }

    /// When the channel wants to be woken to forget a text that is kept for `kept_ms`.
    pub fn next_wake(&self, kept_ms: u64) -> Option<Seconds> {
        let due = |received: Millis| received.plus_ms(kept_ms).ceil_seconds();
        self.oldest_text().map(due)
    }

    /// Applies one recorded event of the step that consumed the input `id` at `position`.
    pub fn apply(&mut self, event: &Event, position: InSeq, id: IdHash) {
        match event {
            Event::ItemKept { received, item } => {
                self.tenant = Some(item.tenant.clone());
                *self.counts.entry(item.why).or_default() += u64::from(item.items);
                self.items.push_back(Item {
                    position,
                    id,
                    received: *received,
                    why: item.why,
                    items: item.items,
                    bytes: item.bytes,
                    raw: Some(item.raw.clone()),
                });
                self.make_room();
            }
            Event::ItemRepeated => self.repeats += 1,
            Event::Ignored => {}
            Event::TextsForgotten { until } => {
                let old = |item: &&mut Item| item.received <= *until;
                self.items
                    .iter_mut()
                    .filter(old)
                    .for_each(|item| item.raw = None);
            }
        }
    }

    fn make_room(&mut self) {
        while self.items.len() > ITEMS_MAX {
            self.items.pop_front();
            self.gone += 1;
        }
        let mut room = RAW_BYTES_MAX;
        for item in self.items.iter_mut().rev() {
            let length = item.raw.as_ref().map_or(0, String::len);
            match room.checked_sub(length) {
                Some(left) => room = left,
                // Everything older goes, too, so that the texts kept are the newest without a gap.
                None => {
                    room = 0;
                    item.raw = None;
                }
            }
        }
    }
}

impl StateBytes for State {
    fn encode(&self, out: &mut Vec<u8>) {
        put_state(self, out);
    }
}

impl Folded for State {
    fn decode(bytes: &[u8]) -> Result<Self, UnreadableState> {
        take_state(bytes)
    }

    fn fold(&mut self, step: &Step) -> Result<(), UnreadableState> {
        let events: Vec<Event> = take(step.schema, &step.events)?;
        for event in events {
            self.apply(&event, step.consumed, step.input);
        }
        Ok(())
    }
}
