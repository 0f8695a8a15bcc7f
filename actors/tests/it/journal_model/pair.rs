//! A journal and the model beside it, driven alike and compared.

use actors::journal::Journal;
use actors::journal::adapter::SegmentJournal;
use actors::journal::disk::sim::Dice;
use actors::journal::memory::Log;
use actors::model::{
    Attempt, AttemptNo, EffectId, InSeq, Key, Note, Outcome, Partition, Seconds, Shelf, Step,
    Strike,
};

use crate::support::people::{Told, done, event, hash, key, outcome, sending, state_of, step};

const PEOPLE: u64 = 6;

/// A journal, the model beside it, and the hand that drives both alike.
pub struct Pair {
    pub journal: SegmentJournal,
    pub model: Log,
    pub dice: Dice,
    pub next_id: u64,
    /// Of the journal; the model has one.
    pub lanes: u16,
}

impl Pair {
    pub async fn act(&mut self) {
        let key = key(self.dice.below(PEOPLE) as u8 + 1);
        match self.dice.below(10) {
            0..=3 => self.accept().await,
            4..=6 => self.consume(key).await,
            7..=8 => self.attempt(key).await,
            _ => self.note(key).await,
        }
    }

    async fn accept(&mut self) {
        let count = 1 + self.dice.below(3);
        let mut events = Vec::new();
        for _ in 0..count {
            let to = key(self.dice.below(PEOPLE) as u8 + 1);
            // Now and then the same input comes again.
            let repeat = self.next_id > 1 && self.dice.below(6) == 0;
            let id = match repeat {
                true => 1 + self.dice.below(self.next_id),
                false => self.next_id + 1,
            };
            self.next_id = self.next_id.max(id);
            events.push(event(to, id, self.dice.below(1500) as usize));
        }
        let accepted = self.journal.accept(events.clone()).await.unwrap();
        let expected = self.model.accept(events);
        for (accepted, expected) in accepted.iter().zip(&expected) {
            assert_eq!(accepted.previous.is_some(), expected.previous.is_some());
        }
    }

    /// The positions differ, because the segment journal counts attempts and carried records too;
    /// order and content are what both must agree on.
    async fn consume(&mut self, key: Key) {
        let ours = self.journal.load(key).await.unwrap();
        let theirs = self.model.load(key);
        let inputs = self
            .journal
            .next_inputs(key, ours.consumed, 1)
            .await
            .unwrap();
        let expected = self.model.next_inputs(key, theirs.consumed, 1);
        let contents = |inputs: &[(InSeq, _)]| {
            inputs
                .iter()
                .map(|(_, input)| input)
                .cloned()
                .collect::<Vec<actors::model::InEvent>>()
        };
        assert_eq!(
            contents(&inputs),
            contents(&expected),
            "next input of {key}"
        );
        let Some(((at, input), (model_at, _))) = inputs.first().zip(expected.first()) else {
            return;
        };
        let effects = self.dice.below(3) as usize;
        let report = self.dice.below(3) == 0;
        let wake = (self.dice.below(2) == 0).then(|| Seconds(1 + self.dice.below(1000) as u32));
        let set_aside = self.dice.below(12) == 0;
        let with_first = self.dice.below(2) == 0;
        let closes = self.dice.below(3) == 0;
        let make = |at: InSeq, open: &[EffectId]| -> (Step, Option<Attempt>) {
            let mut step = step(key, at, input.id, effects, report);
            // What the state is folded from must not depend on positions.
            step.events = input.id.0.to_vec();
            step.now = actors::model::Millis(self.next_id);
            step.wake = wake;
            step.set_aside = set_aside;
            step.closes = open.iter().take(usize::from(closes)).copied().collect();
            let first = step.effects.first().filter(|_| with_first);
            let first = first.map(|effect| sending(effect.id, 1));
            (step, first)
        };
        let ids = |loaded: &actors::journal::Loaded| {
            loaded
                .open
                .iter()
                .map(|open| open.effect.id)
                .collect::<Vec<_>>()
        };
        let (our_step, our_first) = make(*at, &ids(&ours));
        let (their_step, their_first) = make(*model_at, &ids(&theirs));
        let mut told = Told(state_of(key, &ours));
        told.fold(&our_step);
        let commit = self
            .journal
            .commit(key, &our_step, our_first.as_ref(), ours.version, &told);
        let version = commit.await.unwrap();
        let expected = self
            .model
            .commit(key, their_step, their_first, theirs.version);
        assert_eq!(Ok(version), expected);
        if self.dice.below(3) == 0 {
            self.journal.settled(key);
        }
    }

    async fn attempt(&mut self, key: Key) {
        let ours = self.journal.load(key).await.unwrap();
        let theirs = self.model.load(key);
        assert_eq!(ours.open.len(), theirs.open.len());
        if ours.open.is_empty() {
            return;
        }
        let at = self.dice.below(ours.open.len() as u64) as usize;
        let (our, their) = (&ours.open[at], &theirs.open[at]);
        let last = our.last.as_ref().map_or(AttemptNo(0), |last| last.no);
        let begun = our.last.as_ref().is_some_and(|last| last.outcome.is_none());
        let how = match self.dice.below(5) {
            0 => Outcome::InDoubt {
                reason: "time-out".into(),
            },
            1 => Outcome::Shelved {
                shelf: Shelf::DeadLetter,
                reason: "tries".into(),
            },
            _ => done(),
        };
        let make = |effect| match begun {
            true => outcome(effect, last.0, how.clone()),
            false => sending(effect, last.0 + 1),
        };
        let ours = self.journal.attempt(key, &make(our.effect.id), last).await;
        let theirs = self.model.attempt(key, make(their.effect.id), last);
        assert_eq!(ours.is_ok(), theirs.is_ok(), "{ours:?} {theirs:?}");
    }

    async fn note(&mut self, key: Key) {
        let which = self.dice.below(8);
        if which == 0 {
            let alias = [self.dice.below(50) as u8; 16];
            self.both(key, Note::Alias { alias }, Note::Alias { alias })
                .await;
            return;
        }
        let consumed = self.journal.load(key).await.unwrap().consumed;
        let ours = self.journal.next_inputs(key, consumed, 1).await.unwrap();
        let theirs = self
            .model
            .next_inputs(key, self.model.load(key).consumed, 1);
        if let Some(((our, _), (their, _))) = ours.first().zip(theirs.first()) {
            let strike = |input| {
                Note::Strike(Strike {
                    input,
                    weight: 1,
                    reason: "panic".into(),
                })
            };
            self.both(key, strike(*our), strike(*their)).await;
        }
    }

    async fn both(&mut self, key: Key, our: Note, their: Note) {
        self.journal.note(key, &our).await.unwrap();
        self.model.note(key, their);
    }

    /// Everything a restart must give back, compared entity by entity.
    pub async fn compare(&self) {
        for n in 1..=PEOPLE as u8 {
            let key = key(n);
            let (ours, theirs) = (self.journal.load(key).await.unwrap(), self.model.load(key));
            assert_eq!(ours.version, theirs.version, "version of {key}");
            assert_eq!(ours.strikes, theirs.strikes, "strikes of {key}");
            let events = |state: Vec<u8>| -> Vec<Vec<u8>> {
                state.chunks(16).map(|step| step[8..].to_vec()).collect()
            };
            let (our, their) = (state_of(key, &ours), state_of(key, &theirs));
            assert_eq!(events(our), events(their), "state of {key}");
            assert_eq!(ours.open.len(), theirs.open.len(), "open effects of {key}");
            for (our, their) in ours.open.iter().zip(&theirs.open) {
                assert_eq!(our.last, their.last);
                assert_eq!(
                    (our.planned, our.effect.report),
                    (their.planned, their.effect.report)
                );
            }
            let inputs = self
                .journal
                .next_inputs(key, ours.consumed, 1000)
                .await
                .unwrap();
            let expected = self.model.next_inputs(key, theirs.consumed, 1000);
            assert!(
                inputs
                    .iter()
                    .map(|(_, input)| input)
                    .eq(expected.iter().map(|(_, input)| input)),
                "inputs of {key}"
            );
        }
        for partition in (0..64).map(Partition) {
            let sorted = |mut keys: Vec<Key>| {
                keys.sort();
                keys
            };
            let backlog = self.journal.backlog(partition).await.unwrap();
            assert_eq!(sorted(backlog), sorted(self.model.backlog(partition)));
            let mut wakes = self.journal.wakes(partition).await.unwrap();
            wakes.sort();
            assert_eq!(wakes, self.model.wakes(partition));
        }
        let (desk, expected) = (self.journal.desk(999).await.unwrap(), self.model.desk(999));
        assert_eq!(desk.shelved.len(), expected.shelved.len());
        let inputs = |desk: &actors::journal::Desk| {
            let rows = desk.quarantined.iter();
            let mut rows: Vec<_> = rows
                .map(|(_, input, reason)| (input.clone(), reason.clone()))
                .collect();
            // Lanes give the inputs of one body their positions in any order.
            if self.lanes > 1 {
                rows.sort_by_key(|(input, _)| input.key);
            }
            rows
        };
        assert_eq!(inputs(&desk), inputs(&expected));
        for id in 1..=self.next_id {
            for n in 1..=PEOPLE as u8 {
                let partition = key(n).partition(64);
                let ours = self
                    .journal
                    .seen(partition, hash(id), InSeq(u64::MAX))
                    .await
                    .unwrap();
                let theirs = self.model.seen(partition, hash(id), InSeq(u64::MAX));
                assert_eq!(ours, theirs, "seen {id} in the partition of {}", key(n));
            }
        }
        for n in 0..50 {
            let alias = [n; 16];
            assert_eq!(
                self.journal.resolve(alias).await.unwrap(),
                self.model.resolve(alias)
            );
        }
    }
}
