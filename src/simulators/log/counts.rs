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

#[derive(Debug, Default)]
struct Count {
    requests: u64,
    accepted: u64,
}

/// Which counts a request belongs to, so that they are looked up once.
#[derive(Debug, Default)]
pub(super) struct Counted {
    effect: Option<Nth>,
    recipient: Option<Nth>,
}

/// A key's number in its map, counted from the first one ever.
type Nth = u64;

/// Counts by key. The newest stand together at the end, and few others are asked for.
#[derive(Debug, Default)]
struct Bounded {
    known: HashMap<Arc<str>, Nth>,
    counts: VecDeque<(Arc<str>, Count)>,
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
        self.each(provider, &counted, |count| count.requests += 1);
        counted
    }

    pub(super) fn accepted(&mut self, provider: Provider, counted: &Counted) {
        self.each(provider, counted, |count| count.accepted += 1);
    }

    fn each(&mut self, provider: Provider, counted: &Counted, one_more: fn(&mut Count)) {
        let index = provider.index();
        let effect = counted.effect;
        let effect = effect.and_then(|nth| self.effects[index].at(nth));
        let recipient = counted.recipient;
        let recipient = recipient.and_then(|nth| self.recipients[index].at(nth));
        let named = effect.into_iter().chain(recipient);
        named.chain([&mut self.providers[index]]).for_each(one_more);
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
    fn facts(&self) -> Value {
        json!({"requests": self.requests, "accepted": self.accepted})
    }
}

impl Bounded {
    /// The number of a key, for which the oldest leaves when it is new and there is no room.
    fn of(&mut self, key: &str) -> Nth {
        if let Some(nth) = self.known.get(key) {
            return *nth;
        }
        if self.counts.len() >= KEYS_MAX
            && let Some((oldest, _)) = self.counts.pop_front()
        {
            self.known.remove(&oldest);
            self.forgotten += 1;
        }
        let nth = self.forgotten + self.counts.len() as Nth;
        let key = Arc::<str>::from(key);
        self.counts.push_back((Arc::clone(&key), Count::default()));
        self.known.insert(key, nth);
        nth
    }

    /// The count of the `nth` key, unless it has left.
    fn at(&mut self, nth: Nth) -> Option<&mut Count> {
        let at = usize::try_from(nth.checked_sub(self.forgotten)?).ok()?;
        self.counts.get_mut(at).map(|(_, count)| count)
    }

    fn describe(&self, repeated_only: bool) -> Value {
        let shown = self
            .counts
            .iter()
            .filter(|(_, count)| !repeated_only || count.accepted > 1);
        Value::Object(
            shown
                .map(|(key, count)| (key.to_string(), count.facts()))
                .collect(),
        )
    }
}
