//! When entities asked to be woken: at most one second each.
//!
//! The index lives in memory and is rebuilt from the journal at start. At the due second the keeper
//! accepts an input `Woken`, deduplicated by entity and second, so a wake that comes twice is one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use foldhash::HashMap;

use crate::model::{Key, Seconds};

/// Overdue wakes found at start are spread over this many seconds.
const SPREAD_S: u32 = 30;

/// The wake index.
#[derive(Debug, Default)]
pub(crate) struct Wakes {
    wheel: Mutex<Wheel>,
}

#[derive(Debug, Default)]
struct Wheel {
    by_second: BTreeMap<Seconds, BTreeSet<Key>>,
    /// The second asked for, and the second it is looked at (later when spread).
    by_key: HashMap<Key, (Seconds, Seconds)>,
}

impl Wakes {
    /// Replaces the wake of an entity; `None` clears it.
    pub fn set(&self, key: Key, due: Option<Seconds>) {
        self.wheel().set(key, due.map(|due| (due, due)));
    }

    /// Enters the wakes found at start, spreading the overdue ones.
    pub fn restore(&self, found: Vec<(Key, Seconds)>, now: Seconds) {
        let mut wheel = self.wheel();
        for (nth, (key, due)) in found.into_iter().enumerate() {
            let spread = Seconds(now.0 + nth as u32 % SPREAD_S);
            let at = if due < now { spread } else { due };
            // A step taken since the scan knows better.
            if !wheel.by_key.contains_key(&key) {
                wheel.set(key, Some((due, at)));
            }
        }
    }

    /// Takes the entities due at `now`, with the second each had asked for.
    pub fn take_due(&self, now: Seconds) -> Vec<(Key, Seconds)> {
        let mut wheel = self.wheel();
        let later = wheel.by_second.split_off(&Seconds(now.0.saturating_add(1)));
        let due = std::mem::replace(&mut wheel.by_second, later);
        due.into_values()
            .flatten()
            .filter_map(|key| wheel.by_key.remove(&key).map(|(asked, _)| (key, asked)))
            .collect()
    }

    /// How many entities wait to be woken.
    pub fn len(&self) -> usize {
        self.wheel().by_key.len()
    }

    fn wheel(&self) -> std::sync::MutexGuard<'_, Wheel> {
        // The wheel is consistent between its few operations, none of which can panic half-way.
        self.wheel
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Wheel {
    fn set(&mut self, key: Key, wake: Option<(Seconds, Seconds)>) {
        let previous = match wake {
            Some(wake) => self.by_key.insert(key, wake),
            None => self.by_key.remove(&key),
        };
        if let Some((_, at)) = previous
            && let Some(keys) = self.by_second.get_mut(&at)
        {
            keys.remove(&key);
            if keys.is_empty() {
                self.by_second.remove(&at);
            }
        }
        if let Some((_, at)) = wake {
            self.by_second.entry(at).or_default().insert(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ContactId;

    fn key(n: u8) -> Key {
        Key::Contact(ContactId([n; 16]))
    }

    #[test]
    fn an_entity_has_one_wake_and_the_last_one_counts() {
        let wakes = Wakes::default();
        wakes.set(key(1), Some(Seconds(10)));
        wakes.set(key(1), Some(Seconds(20)));
        wakes.set(key(2), Some(Seconds(10)));
        wakes.set(key(2), None);
        assert_eq!(wakes.take_due(Seconds(15)), []);
        assert_eq!(wakes.take_due(Seconds(20)), [(key(1), Seconds(20))]);
        assert_eq!(wakes.take_due(Seconds(99)), []);
    }

    #[test]
    fn overdue_wakes_are_spread_and_keep_the_second_they_asked_for() {
        let wakes = Wakes::default();
        let found = (0..60).map(|n| (key(n), Seconds(5))).collect();
        wakes.restore(found, Seconds(100));
        let first = wakes.take_due(Seconds(100));
        assert_eq!(first.len(), 2);
        assert!(first.iter().all(|(_, asked)| *asked == Seconds(5)));
        assert_eq!(wakes.take_due(Seconds(130)).len(), 58);
    }
}
