//! When entities asked to be woken: at most one second each.
//!
//! The index lives in memory and is rebuilt from the journal at start. At the due second the keeper
//! accepts an input `Woken`, deduplicated by entity and second, so a wake that comes twice is one.
//! A million contacts wait here, so the second stands once for each of them: whoever changes it says
//! which it was before.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

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
    /// By the second they are looked at.
    due: BTreeSet<(Seconds, Key)>,
    /// Those looked at in another second than the one asked for: that one, and when instead.
    moved: HashMap<Key, (Seconds, Seconds)>,
}

impl Wakes {
    /// An entity that had asked for one second asks for another; `None` is no wake.
    pub fn set(&self, key: Key, before: Option<Seconds>, due: Option<Seconds>) {
        if before == due {
            return;
        }
        let mut wheel = self.wheel();
        if let Some(before) = before {
            wheel.remove(key, before);
        }
        if let Some(due) = due {
            wheel.due.insert((due, key));
        }
    }

    /// Enters the wakes found at start, spreading the overdue ones. One whose entity took a step
    /// since they were looked for comes once for nothing.
    pub fn restore(&self, found: Vec<(Key, Seconds)>, now: Seconds) {
        let mut wheel = self.wheel();
        for (nth, (key, due)) in found.into_iter().enumerate() {
            let at = if due < now {
                Seconds(now.0 + nth as u32 % SPREAD_S)
            } else {
                due
            };
            wheel.enter(key, due, at);
        }
    }

    /// Enters a wake again that was due and could not be accepted; it is looked at `at` that second.
    pub fn put_off(&self, key: Key, due: Seconds, at: Seconds) {
        self.wheel().enter(key, due, at);
    }

    /// Takes the entities due at `now`, with the second each had asked for.
    pub fn take_due(&self, now: Seconds) -> Vec<(Key, Seconds)> {
        let mut wheel = self.wheel();
        let Wheel { due, moved } = &mut *wheel;
        let mut taken = Vec::new();
        while let Some((at, key)) = due.first().copied().filter(|(at, _)| *at <= now) {
            due.pop_first();
            let asked = match moved.get(&key) {
                Some((asked, instead)) if *instead == at => *asked,
                _ => at,
            };
            if asked != at {
                moved.remove(&key);
            }
            taken.push((key, asked));
        }
        taken
    }

    /// How many entities wait to be woken.
    pub fn len(&self) -> usize {
        self.wheel().due.len()
    }

    fn wheel(&self) -> MutexGuard<'_, Wheel> {
        // The wheel is consistent between its few operations, none of which can panic half-way.
        self.wheel.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wheel {
    fn enter(&mut self, key: Key, asked: Seconds, at: Seconds) {
        if asked != at {
            self.moved.insert(key, (asked, at));
        }
        self.due.insert((at, key));
    }

    fn remove(&mut self, key: Key, asked: Seconds) {
        let at = match self.moved.get(&key) {
            Some((moved, instead)) if *moved == asked => *instead,
            _ => asked,
        };
        if at != asked {
            self.moved.remove(&key);
        }
        self.due.remove(&(at, key));
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
        wakes.set(key(1), None, Some(Seconds(10)));
        wakes.set(key(1), Some(Seconds(10)), Some(Seconds(20)));
        wakes.set(key(2), None, Some(Seconds(10)));
        wakes.set(key(2), Some(Seconds(10)), None);
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

    #[test]
    fn a_spread_wake_is_changed_like_another() {
        let wakes = Wakes::default();
        let found = (0..3).map(|n| (key(n), Seconds(5))).collect();
        wakes.restore(found, Seconds(100));
        wakes.set(key(1), Some(Seconds(5)), None);
        wakes.set(key(2), Some(Seconds(5)), Some(Seconds(110)));
        assert_eq!(wakes.len(), 2);
        assert_eq!(wakes.take_due(Seconds(105)), [(key(0), Seconds(5))]);
        assert_eq!(wakes.take_due(Seconds(110)), [(key(2), Seconds(110))]);
    }

    #[test]
    fn a_wake_put_off_keeps_the_second_it_asked_for() {
        let wakes = Wakes::default();
        wakes.set(key(1), None, Some(Seconds(10)));
        assert_eq!(wakes.take_due(Seconds(10)), [(key(1), Seconds(10))]);
        wakes.put_off(key(1), Seconds(10), Seconds(11));
        assert_eq!(wakes.take_due(Seconds(10)), []);
        assert_eq!(wakes.take_due(Seconds(11)), [(key(1), Seconds(10))]);
        assert_eq!(wakes.len(), 0);
    }
}
