//! Which effects belong to a traced message.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use actors::model::EffectId;

use super::{SpanId, TraceId};

/// Effects of traced messages that are remembered; beyond it the oldest is forgotten, and its calls
/// leave no span.
pub const LINKS_MAX: usize = 10_000;

/// Where a call belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// The trace.
    pub trace: TraceId,
    /// The span of the decision.
    pub decided: SpanId,
    /// The span of the last call, the decision's before any.
    pub last: SpanId,
}

/// Links by effect. Locked for traced messages alone.
#[derive(Debug, Default)]
pub struct Links {
    any: AtomicBool,
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    links: HashMap<EffectId, Link>,
    order: VecDeque<EffectId>,
}

impl Links {
    /// Whether there has been any.
    pub fn any(&self) -> bool {
        self.any.load(Ordering::Relaxed)
    }

    /// These effects were decided there.
    pub fn add(&self, effects: impl Iterator<Item = EffectId>, link: Link) {
        let mut table = self.table();
        for effect in effects {
            if table.links.insert(effect, link).is_none() {
                table.order.push_back(effect);
            }
            if table.order.len() > LINKS_MAX
                && let Some(oldest) = table.order.pop_front()
            {
                table.links.remove(&oldest);
            }
        }
        self.any.store(true, Ordering::Relaxed);
    }

    /// Where this effect belongs.
    pub fn of(&self, effect: EffectId) -> Option<Link> {
        self.table().links.get(&effect).copied()
    }

    /// A call was made for it.
    pub fn sent(&self, effect: EffectId, call: SpanId) {
        if let Some(link) = self.table().links.get_mut(&effect) {
            link.last = call;
        }
    }

    /// Its holders do not panic half-way.
    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use actors::model::{ContactId, Key};

    use super::*;

    fn effect(n: usize) -> EffectId {
        let hash = (n as u64).to_be_bytes();
        let key = Key::Contact(ContactId([1; 16]));
        EffectId { key, hash }
    }

    #[test]
    fn the_oldest_effects_are_forgotten_beyond_the_bound() {
        let links = Links::default();
        assert!(!links.any());
        let trace = TraceId::derived(b"a", b"b");
        let decided = trace.span("decide", &[]);
        let last = decided;
        let link = Link {
            trace,
            decided,
            last,
        };
        links.add((0..=LINKS_MAX).map(effect), link);
        assert!(links.any());
        assert_eq!(links.of(effect(0)), None);
        assert_eq!(links.of(effect(1)), Some(link));
        let call = trace.span("send", &[]);
        links.sent(effect(LINKS_MAX), call);
        let sent = links.of(effect(LINKS_MAX)).expect("the newest is kept");
        assert_eq!((sent.decided, sent.last), (decided, call));
    }
}
