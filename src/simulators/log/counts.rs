//! Counts of the log by provider, effect id and recipient.
//!
//! `requests` counts arrivals, `accepted` those that took effect: an effect with more than
//! one accepted request was carried out twice. Each map is bounded; when it is full the
//! oldest key leaves, and `forgotten` says how many did.

use std::collections::VecDeque;
use std::sync::Arc;

use foldhash::HashMap;
use serde_json::{Map, Value, json};

use super::{Mark, Provider};

/// Keys kept per map.
const KEYS_MAX: usize = 1_000_000;

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    requests: u64,
    accepted: u64,
}

#[derive(Debug, Default)]
struct Bounded {
    counts: HashMap<Arc<str>, Count>,
    order: VecDeque<Arc<str>>,
    forgotten: u64,
}

/// Counts of one simulator run.
#[derive(Debug, Default)]
pub(super) struct Counts {
    providers: [Count; Provider::ALL.len()],
    effects: [Bounded; Provider::ALL.len()],
    recipients: [Bounded; Provider::ALL.len()],
}

impl Counts {
    pub(super) fn arrived(&mut self, provider: Provider, mark: &Mark) {
        self.each(provider, mark, |count| count.requests += 1);
    }

    pub(super) fn accepted(&mut self, provider: Provider, mark: &Mark) {
        self.each(provider, mark, |count| count.accepted += 1);
    }

    fn each(&mut self, provider: Provider, mark: &Mark, change: impl Fn(&mut Count)) {
        let index = provider.index();
        change(&mut self.providers[index]);
        if let Some(effect) = &mark.effect {
            self.effects[index].count(effect, &change);
        }
        if let Some(recipient) = &mark.recipient {
            self.recipients[index].count(recipient, &change);
        }
    }

    pub(super) fn totals(&self, lines: u64, lost: u64) -> Value {
        let mut providers = Map::new();
        for (index, provider) in Provider::ALL.iter().enumerate() {
            let Count { requests, accepted } = self.providers[index];
            let facts = json!({"requests": requests, "accepted": accepted});
            providers.insert(provider.name().to_owned(), facts);
        }
        json!({"lines": lines, "writes_lost": lost, "providers": providers})
    }

    pub(super) fn describe(&self, repeated_only: bool, lines: u64, lost: u64) -> Value {
        let mut providers = Map::new();
        for (index, provider) in Provider::ALL.iter().enumerate() {
            let Count { requests, accepted } = self.providers[index];
            let facts = json!({
                "requests": requests,
                "accepted": accepted,
                "effects": self.effects[index].describe(repeated_only),
                "effects_forgotten": self.effects[index].forgotten,
                "recipients": self.recipients[index].describe(repeated_only),
                "recipients_forgotten": self.recipients[index].forgotten,
            });
            providers.insert(provider.name().to_owned(), facts);
        }
        json!({"lines": lines, "writes_lost": lost, "providers": providers})
    }
}

impl Bounded {
    fn count(&mut self, key: &str, change: impl Fn(&mut Count)) {
        if let Some(count) = self.counts.get_mut(key) {
            return change(count);
        }
        if self.order.len() >= KEYS_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.counts.remove(&oldest);
            self.forgotten += 1;
        }
        let key = Arc::<str>::from(key);
        self.order.push_back(Arc::clone(&key));
        change(self.counts.entry(key).or_default());
    }

    fn describe(&self, repeated_only: bool) -> Value {
        let shown = self
            .counts
            .iter()
            .filter(|(_, count)| !repeated_only || count.accepted > 1);
        let entries = shown.map(|(key, count)| {
            (
                key.to_string(),
                json!({"requests": count.requests, "accepted": count.accepted}),
            )
        });
        Value::Object(entries.collect())
    }
}
