//! Where the order of what a person saw was broken on purpose.
//!
//! A lane waits for its head for a bounded time and then goes on. The timeline must show that: when
//! an effect leaves while an earlier one of the same lane and priority has no end, there is a gap.

use std::collections::HashMap;

use actors::journal::Entry;
use actors::model::{Attempt, Effect, EffectId, Lane, Millis, Priority};

/// An effect that was passed by a later one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The effect that was left behind.
    pub passed: EffectId,
    /// The effect that went first.
    pub by: EffectId,
    /// When.
    pub at: Millis,
}

#[derive(Debug)]
struct Waiting {
    lane: Lane,
    priority: Priority,
    ordinal: usize,
}

/// Follows the records of one entity in order and finds its gaps.
#[derive(Debug, Default)]
pub struct Gaps {
    waiting: HashMap<EffectId, Waiting>,
    planned: usize,
}

impl Gaps {
    /// Takes one record and tells the gaps that it opened, oldest first.
    pub fn follow(&mut self, entry: &Entry) -> Vec<Gap> {
        match entry {
            Entry::Step(_, step) => {
                step.effects.iter().for_each(|effect| self.plan(effect));
                Vec::new()
            }
            Entry::Attempt(Attempt::Sending { effect, at, .. }) => self.begin(*effect, *at),
            Entry::Attempt(Attempt::Outcome {
                effect, outcome, ..
            }) => {
                if outcome.is_final() {
                    self.waiting.remove(effect);
                }
                Vec::new()
            }
            Entry::Input(..) | Entry::Note(_) => Vec::new(),
        }
    }

    fn plan(&mut self, effect: &Effect) {
        // What has no order cannot be out of it.
        if effect.lane == Lane::Free {
            return;
        }
        let ordinal = self.planned;
        self.planned += 1;
        let waiting = Waiting {
            lane: effect.lane.clone(),
            priority: effect.priority,
            ordinal,
        };
        self.waiting.insert(effect.id, waiting);
    }

    fn begin(&mut self, by: EffectId, at: Millis) -> Vec<Gap> {
        let Some(begun) = self.waiting.get(&by) else {
            return Vec::new();
        };
        let mut passed: Vec<(usize, EffectId)> = self
            .waiting
            .iter()
            .filter(|(_, other)| other.lane == begun.lane && other.priority == begun.priority)
            .filter(|(_, other)| other.ordinal < begun.ordinal)
            .map(|(id, other)| (other.ordinal, *id))
            .collect();
        passed.sort_unstable_by_key(|(ordinal, _)| *ordinal);
        // One gap is told once, however many effects follow.
        for (_, id) in &passed {
            self.waiting.remove(id);
        }
        passed
            .into_iter()
            .map(|(_, passed)| Gap { passed, by, at })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use actors::model::{
        AttemptNo, Call, Class, ContactId, IdHash, InSeq, Key, Outcome, Reply, Step, Version,
    };

    use super::*;

    fn id(index: u16) -> EffectId {
        EffectId::derive(
            Key::Contact(ContactId([1; 16])),
            InSeq(1),
            IdHash([0; 8]),
            index,
        )
    }

    fn planned(effects: &[(u16, Lane, Priority)]) -> Entry {
        let effects = effects.iter().map(|(index, lane, priority)| Effect {
            id: id(*index),
            lane: lane.clone(),
            priority: *priority,
            class: Class::Reply,
            gateway: None,
            expires: None,
            report: false,
            call: Call::MarkRead {
                message: "wamid.1".into(),
                typing: false,
            },
        });
        let step = Step {
            consumed: InSeq(1),
            input: IdHash([0; 8]),
            now: Millis(0),
            schema: 1,
            events: Vec::new(),
            effects: effects.collect(),
            closes: Vec::new(),
            wake: None,
            set_aside: false,
        };
        Entry::Step(Version(1), step)
    }

    fn sending(index: u16, at: u64) -> Entry {
        Entry::Attempt(Attempt::Sending {
            effect: id(index),
            no: AttemptNo(1),
            at: Millis(at),
            possible_repeat: false,
            charge: None,
            line: None,
        })
    }

    fn ended(index: u16, outcome: Outcome) -> Entry {
        let (effect, no, at) = (id(index), AttemptNo(1), Millis(9));
        Entry::Attempt(Attempt::Outcome {
            effect,
            no,
            at,
            outcome,
        })
    }

    fn gaps(entries: &[Entry]) -> Vec<Gap> {
        let mut gaps = Gaps::default();
        entries
            .iter()
            .flat_map(|entry| gaps.follow(entry))
            .collect()
    }

    #[test]
    fn an_effect_that_passes_an_unfinished_one_leaves_one_gap() {
        let person = |index| (index, Lane::Person, Priority::Reply);
        let doubt = Outcome::InDoubt {
            reason: "no answer".into(),
        };
        let found = gaps(&[
            planned(&[person(1), person(2), person(3)]),
            sending(1, 1),
            ended(1, doubt),
            sending(2, 120_001),
            ended(2, Outcome::Done(Reply::default())),
            sending(3, 120_002),
        ]);
        assert_eq!(
            found,
            [Gap {
                passed: id(1),
                by: id(2),
                at: Millis(120_001)
            }]
        );
    }

    #[test]
    fn order_within_lane_and_priority_leaves_no_gap() {
        let found = gaps(&[
            planned(&[
                (1, Lane::Person, Priority::Marketing),
                (2, Lane::Person, Priority::Reply),
                (3, Lane::Ticket(0), Priority::Reply),
                (4, Lane::Free, Priority::Reply),
                (5, Lane::Person, Priority::Reply),
            ]),
            sending(3, 1),
            sending(2, 1),
            ended(2, Outcome::Done(Reply::default())),
            sending(5, 2),
        ]);
        assert_eq!(found, []);
    }
}
