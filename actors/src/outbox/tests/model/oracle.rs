//! What the oracle knows, and what it demands of every send.

use super::*;

/// What the oracle knows of one effect.
#[derive(Debug)]
pub(in super::super) struct Known {
    pub(in super::super) effect: Effect,
    pub(in super::super) planned: Millis,
    pub(in super::super) order: usize,
    pub(in super::super) last: Option<LastAttempt>,
    /// Instants at which a try took effect.
    pub(in super::super) took_effect: Vec<Millis>,
    /// An operator sent it again.
    pub(in super::super) redriven: bool,
    /// The last try was surely not done, as far as the outbox can know.
    pub(in super::super) surely_not_done: bool,
    pub(in super::super) repeats: usize,
    pub(in super::super) started: bool,
    pub(in super::super) closed: bool,
}

impl Known {
    pub(super) fn recorded(&self) -> AttemptNo {
        self.last.as_ref().map_or(AttemptNo(0), |last| last.no)
    }

    pub(super) fn outcome(&self) -> Option<&Outcome> {
        let (_, outcome) = self.last.as_ref()?.outcome.as_ref()?;
        Some(outcome)
    }

    pub(in super::super) fn has_ended(&self) -> bool {
        self.outcome().is_some_and(Outcome::is_final)
    }

    pub(in super::super) fn redriven(&self) -> bool {
        self.redriven
    }

    pub(in super::super) fn is_shelved(&self) -> bool {
        matches!(self.outcome(), Some(Outcome::Shelved { .. }))
    }

    pub(super) fn is_open(&self) -> bool {
        !self.has_ended() || self.effect.report && !self.closed
    }
}

impl World {
    pub(super) fn check_send(&mut self, effect: &Effect, no: AttemptNo, possible_repeat: bool) {
        let in_flight = |flight: &&Flight| self.known[&flight.effect].effect.lane == effect.lane;
        if effect.lane != Lane::Free {
            let count = self.flights.iter().filter(in_flight).count();
            assert_eq!(count, 0, "two in flight in {:?}", effect.lane);
        }
        self.check_order(effect);
        let known = self
            .known
            .get_mut(&effect.id)
            .expect("planned before it is sent");
        assert_eq!(
            known.effect, *effect,
            "byte for byte the same through every attempt"
        );
        assert!(
            !known.has_ended(),
            "nothing is sent after its end: {known:?}"
        );
        if !known.surely_not_done && !known.redriven {
            assert!(no > AttemptNo(1));
            match effect.class {
                Class::Once | Class::Disposable => panic!("sent twice: {known:?}"),
                Class::Reply => {
                    assert!(possible_repeat, "an unmarked repeat: {known:?}");
                    known.repeats += 1;
                    assert_eq!(known.repeats, 1, "repeated more than once: {known:?}");
                }
                // Whether the search was conclusive shows in what took effect.
                Class::Searchable => {}
                // Twice is as good as once.
                Class::Repeatable => {}
            }
        }
        known.started = true;
        known.surely_not_done = false;
    }

    /// Nothing that waits for its first try and is older or more urgent is overtaken.
    fn check_order(&self, effect: &Effect) {
        let this = &self.known[&effect.id];
        if effect.lane == Lane::Free || this.started || this.redriven {
            return;
        }
        for other in self.known.values() {
            let waits = !other.started && !other.has_ended() && !other.redriven;
            let rival = other.effect.lane == effect.lane && other.order != this.order;
            let first = (other.effect.priority, other.order) < (effect.priority, this.order);
            assert!(
                !(waits && rival && first),
                "{other:?} was overtaken by {this:?}"
            );
        }
    }
}
