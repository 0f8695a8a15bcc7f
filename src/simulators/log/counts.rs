//! Counts of the log by provider, effect id and recipient.
//!
//! `requests` counts arrivals, `accepted` those that took effect: an effect with more than
//! one accepted request was carried out twice. Each map is bounded; when it is full the
//! oldest key leaves, and `forgotten` says how many did.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use foldhash::HashMap;
use serde_json::{Map, Value, json};

use super::{Mark, Provider};

/// Keys kept per map.
const KEYS_MAX: usize = 1_000_000;

#[derive(Debug, Default)]
struct Count {
    requests: AtomicU64,
    accepted: AtomicU64,
}

/// The counts that a request belongs to, so that it is looked up once.
#[derive(Debug, Default)]
pub(super) struct Counted {
    effect: Option<Arc<Count>>,
    recipient: Option<Arc<Count>>,
}

#[derive(Debug, Default)]
struct Bounded {
    counts: HashMap<Arc<str>, Arc<Count>>,
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
    pub(super) fn arrived(&mut self, provider: Provider, mark: &Mark) -> Counted {
        let index = provider.index();
        let (effects, recipients) = (&mut self.effects[index], &mut self.recipients[index]);
        let effect = mark.effect.as_deref();
        let recipient = mark.recipient.as_deref();
        let counted = Counted {
            effect: effect.map(|effect| effects.of(effect)),
            recipient: recipient.map(|recipient| recipients.of(recipient)),
        };
        self.each(provider, &counted, |count| &count.requests);
        counted
    }

    pub(super) fn accepted(&self, provider: Provider, counted: &Counted) {
        self.each(provider, counted, |count| &count.accepted);
    }

    fn each(&self, provider: Provider, counted: &Counted, which: fn(&Count) -> &AtomicU64) {
        let Counted { effect, recipient } = counted;
        let named = effect.iter().chain(recipient).map(Arc::as_ref);
        for count in named.chain([&self.providers[provider.index()]]) {
            which(count).fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn totals(&self, lines: u64, lost: u64) -> Value {
        let mut providers = Map::new();
        for (index, provider) in Provider::ALL.iter().enumerate() {
            providers.insert(provider.name().to_owned(), self.providers[index].facts());
        }
        json!({"lines": lines, "writes_lost": lost, "providers": providers})
    }

    pub(super) fn describe(&self, repeated_only: bool, lines: u64, lost: u64) -> Value {
        let mut providers = Map::new();
        for (index, provider) in Provider::ALL.iter().enumerate() {
            let mut facts = self.providers[index].facts();
            let (effects, recipients) = (&self.effects[index], &self.recipients[index]);
            facts["effects"] = effects.describe(repeated_only);
            facts["effects_forgotten"] = effects.forgotten.into();
            facts["recipients"] = recipients.describe(repeated_only);
            facts["recipients_forgotten"] = recipients.forgotten.into();
            providers.insert(provider.name().to_owned(), facts);
        }
        json!({"lines": lines, "writes_lost": lost, "providers": providers})
    }
}

impl Count {
    fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    fn accepted(&self) -> u64 {
        self.accepted.load(Ordering::Relaxed)
    }

    fn facts(&self) -> Value {
        json!({"requests": self.requests(), "accepted": self.accepted()})
    }
}

impl Bounded {
    /// The count of a key, which takes the place of the oldest when it is new and there is no room.
    fn of(&mut self, key: &str) -> Arc<Count> {
        if let Some(count) = self.counts.get(key) {
            return Arc::clone(count);
        }
        if self.order.len() >= KEYS_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.counts.remove(&oldest);
            self.forgotten += 1;
        }
        let key = Arc::<str>::from(key);
        self.order.push_back(Arc::clone(&key));
        Arc::clone(self.counts.entry(key).or_default())
    }

    fn describe(&self, repeated_only: bool) -> Value {
        let shown = self
            .counts
            .iter()
            .filter(|(_, count)| !repeated_only || count.accepted() > 1);
        Value::Object(
            shown
                .map(|(key, count)| (key.to_string(), count.facts()))
                .collect(),
        )
    }
}
