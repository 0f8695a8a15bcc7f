//! What is left to do, counted over all entities that are not at rest.

use super::{Active, Ending, Index};
use crate::model::{Key, Partition};

/// What is left to do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Left {
    /// Inputs that wait to be consumed.
    pub inputs: usize,
    /// Of each partition with inputs that wait, the oldest: its entity and sequence. Oldest first.
    pub oldest_inputs: Vec<(u64, Key)>,
    /// Effects that are planned, under way, retrying or in doubt.
    pub effects: usize,
    /// When the oldest of these was decided, Unix milliseconds.
    pub oldest_effect: Option<u64>,
    /// Inputs set aside for an operator.
    pub set_aside: usize,
    /// Effects whose retries are used up.
    pub dead_letters: usize,
    /// When the first last try of these began, Unix milliseconds.
    pub oldest_dead_letter: Option<u64>,
    /// Effects that nobody knows the outcome of and that must not be repeated.
    pub uncertain: usize,
}

impl Index {
    /// What is left to do. Locks one partition after the other; sleeping entities are not looked at.
    pub fn left(&self) -> Left {
        let mut left = Left::default();
        for partition in (0..self.partitions()).map(Partition) {
            let shard = self.partition(partition);
            let mut oldest = None;
            for (key, active) in &shard.active {
                left.count(active);
                let first = active.inputs.front().map(|(seq, _)| (*seq, *key));
                oldest = first.into_iter().chain(oldest).min();
            }
            left.oldest_inputs.extend(oldest);
        }
        left.oldest_inputs.sort_unstable();
        left
    }
}

impl Left {
    fn count(&mut self, active: &Active) {
        self.inputs += active.inputs.len();
        self.set_aside += active.set_aside.len();
        for open in &active.open {
            let ending = open.last.as_ref().and_then(|last| last.outcome);
            match ending.map(|(_, _, ending)| ending) {
                Some(Ending::Shelved) => {
                    self.dead_letters += 1;
                    let oldest = self.oldest_dead_letter.into_iter();
                    self.oldest_dead_letter =
                        oldest.chain(open.last.as_ref().map(|last| last.sent)).min();
                }
                Some(Ending::Uncertain) => self.uncertain += 1,
                Some(Ending::Final) => {}
                Some(Ending::GoesOn) | None => {
                    self.effects += 1;
                    let oldest = self.oldest_effect.into_iter().chain([open.planned]);
                    self.oldest_effect = oldest.min();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::index::change::{AttemptChange, Change, StepChange};
    use crate::journal::index::{Applied, entity_of};
    use crate::journal::record::{Header, Kind, Position, Scope};
    use crate::model::ContactId;

    const KEY: Key = Key::Contact(ContactId([7; 16]));

    struct Bench {
        index: Index,
        seq: u64,
        version: u64,
    }

    impl Bench {
        fn new() -> Self {
            let index = Index::new(4);
            let (seq, version) = (0, 0);
            Self {
                index,
                seq,
                version,
            }
        }

        fn apply(&mut self, kind: Kind, change: Change) -> Applied {
            self.seq += 1;
            self.version += u64::from(kind == Kind::Step);
            let header = Header {
                kind,
                entity: entity_of(KEY),
                scope: Scope::Ring,
                key_id: 0,
                seq: self.seq,
                entity_seq: self.version,
                input_hash: [0; 8],
                epoch: 0,
                next_wake: 0,
                body_bytes: 0,
            };
            let at = Position {
                segment: 1,
                header: 0,
                body: self.seq as u32,
                ordinal: self.seq as u32,
            };
            self.index.apply(&header, at, change)
        }

        /// Accepts an input and gives its sequence.
        fn input(&mut self) -> u64 {
            self.apply(Kind::Input, Change::Input);
            self.seq
        }

        fn step(&mut self, consumed: u64, effects: &[u8]) -> Applied {
            let effects = effects.iter().map(|hash| ([*hash; 8], false));
            let step = StepChange {
                consumed,
                planned: consumed * 1_000,
                effects: effects.collect(),
                closes: Vec::new(),
                set_aside: false,
                state: None,
            };
            self.apply(Kind::Step, Change::Step(Box::new(step)))
        }

        fn ended(&mut self, effect: u8, ending: Ending) {
            let attempt = AttemptChange {
                effect: [effect; 8],
                no: 1,
                at: 100 + u64::from(effect),
                ending: Some(ending),
            };
            self.apply(Kind::Outcome, Change::Attempt(attempt));
        }
    }

    #[test]
    fn a_step_that_passes_an_input_over_or_repeats_one_is_noticed() {
        let mut bench = Bench::new();
        let (first, second, third) = (bench.input(), bench.input(), bench.input());
        let applied = bench.step(first, &[]);
        assert_eq!((applied.passed_over, applied.out_of_order), (0, false));
        let applied = bench.step(third, &[]);
        assert_eq!((applied.passed_over, applied.out_of_order), (1, false));
        let applied = bench.step(second, &[]);
        assert_eq!((applied.passed_over, applied.out_of_order), (0, true));
    }

    #[test]
    fn what_is_left_is_counted_until_it_ends() {
        let mut bench = Bench::new();
        assert_eq!(bench.index.left(), Left::default());
        let (first, second) = (bench.input(), bench.input());
        let left = bench.index.left();
        assert_eq!((left.inputs, left.effects), (2, 0));
        assert_eq!(left.oldest_inputs, [(first, KEY)]);
        bench.step(first, &[1, 2, 3]);
        bench.step(second, &[4]);
        bench.ended(1, Ending::Final);
        bench.ended(2, Ending::GoesOn);
        bench.ended(3, Ending::Shelved);
        let left = bench.index.left();
        assert_eq!((left.inputs, left.effects), (0, 2));
        assert_eq!(left.oldest_effect, Some(first * 1_000));
        bench.ended(2, Ending::Uncertain);
        let left = bench.index.left();
        assert_eq!(left.oldest_effect, Some(second * 1_000));
        assert_eq!((left.effects, left.dead_letters, left.uncertain), (1, 1, 1));
        assert_eq!(left.oldest_dead_letter, Some(103));
        bench.ended(4, Ending::Shelved);
        let left = bench.index.left();
        assert_eq!((left.dead_letters, left.oldest_dead_letter), (2, Some(103)));
        bench.ended(3, Ending::Final);
        assert_eq!(bench.index.left().oldest_dead_letter, Some(104));
    }
}
