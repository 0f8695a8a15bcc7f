//! Readable items of webhooks that belong to nobody here, kept for an operator to look at.
//!
//! They are answered 200, because the provider could do nothing better with another answer. The
//! newest of each tenant are kept in memory, where their personal data does not reach the disk in
//! clear; the counter of all of them is a metric.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use actors::model::{ChannelId, Millis, TenantId};
use bytes::Bytes;

use super::webhooks::meta::{Line, Unplaced, Why};

/// Items kept for each tenant.
const ITEMS_MAX: usize = 200;
/// Bytes kept of one item.
const ITEM_BYTES_MAX: usize = 16 * 1024;

/// One item as it is kept.
#[derive(Clone, Debug)]
pub struct Item {
    /// The channel it came to.
    pub channel: ChannelId,
    /// When it came.
    pub received: Millis,
    /// Why it has no place.
    pub why: Why,
    /// Its JSON, cut to [`ITEM_BYTES_MAX`].
    pub raw: Bytes,
}

/// The newest items of each tenant.
#[derive(Debug, Default)]
pub struct Shelf {
    tenants: Mutex<HashMap<TenantId, VecDeque<Item>>>,
}

impl Shelf {
    /// Keeps the items that came to `line` in one body; the oldest leave when there are too many.
    pub fn keep(&self, line: &Line, received: Millis, items: Vec<Unplaced>) {
        if items.is_empty() {
            return;
        }
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = tenants.entry(line.tenant.clone()).or_default();
        for Unplaced { why, raw } in items {
            if kept.len() >= ITEMS_MAX {
                kept.pop_front();
            }
            // A copy of its own, so that a small item does not hold a whole body.
            let raw = Bytes::copy_from_slice(&raw[..raw.len().min(ITEM_BYTES_MAX)]);
            kept.push_back(Item {
                channel: line.channel,
                received,
                why,
                raw,
            });
        }
    }

    /// The items of the tenants that `seen` lets through, oldest first within a tenant.
    pub fn items(&self, seen: impl Fn(&TenantId) -> bool) -> Vec<Item> {
        let tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        let visible = tenants.iter().filter(|(tenant, _)| seen(tenant));
        visible
            .flat_map(|(_, items)| items.iter().cloned())
            .collect()
    }
}
