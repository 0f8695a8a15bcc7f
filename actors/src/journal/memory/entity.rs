//! What the records of one entity add up to.

use std::collections::BTreeMap;

use crate::journal::{LastAttempt, OpenEffect};
use crate::model::{
    Attempt, AttemptNo, EffectId, InEvent, InSeq, Key, Note, Seconds, Step, Version,
};

/// One entity, folded from its records.
#[derive(Clone, Debug, Default)]
pub(super) struct Entity {
    pub inputs: BTreeMap<InSeq, InEvent>,
    pub steps: Vec<Step>,
    pub consumed: InSeq,
    pub open: Vec<OpenEffect>,
    pub strikes: BTreeMap<InSeq, (u8, String)>,
    pub set_aside: Vec<InSeq>,
    pub wake: Option<Seconds>,
    pub merged_into: Option<Key>,
}

impl Entity {
    pub fn version(&self) -> Version {
        Version(self.steps.len() as u64)
    }

    pub fn last_input(&self) -> InSeq {
        self.inputs.keys().next_back().copied().unwrap_or_default()
    }

    pub fn has_work(&self) -> bool {
        self.last_input() > self.consumed || self.open.iter().any(|open| !is_shelved(open))
    }

    pub fn take_step(&mut self, step: &Step) {
        self.consumed = step.consumed;
        self.wake = step.wake;
        if step.set_aside {
            self.set_aside.push(step.consumed);
        } else {
            self.strikes.remove(&step.consumed);
        }
        self.open
            .retain(|open| !step.closes.contains(&open.effect.id));
        self.open
            .extend(step.effects.iter().map(|effect| OpenEffect {
                effect: effect.clone(),
                planned: step.now,
                last: None,
            }));
        self.steps.push(step.clone());
    }

    /// The number of the last attempt on record of an effect that is open.
    pub fn last_attempt(&self, effect: EffectId) -> Option<AttemptNo> {
        let open = self.open.iter().find(|open| open.effect.id == effect)?;
        Some(open.last.as_ref().map_or(AttemptNo(0), |last| last.no))
    }

    pub fn take_attempt(&mut self, attempt: &Attempt) {
        let Some(at) = self
            .open
            .iter()
            .position(|open| open.effect.id == attempt.effect())
        else {
            return;
        };
        let open = &mut self.open[at];
        match attempt {
            Attempt::Sending {
                no,
                at,
                possible_repeat,
                line,
                ..
            } => {
                open.last = Some(LastAttempt {
                    no: *no,
                    sent: *at,
                    possible_repeat: *possible_repeat,
                    line: *line,
                    outcome: None,
                });
            }
            Attempt::Outcome {
                no, at, outcome, ..
            } => {
                let begun = open.last.as_ref();
                let (sent, possible_repeat, line) = begun.map_or((*at, false, None), |last| {
                    (last.sent, last.possible_repeat, last.line)
                });
                let ended = Some((*at, outcome.clone()));
                open.last = Some(LastAttempt {
                    no: *no,
                    sent,
                    possible_repeat,
                    line,
                    outcome: ended,
                });
                if outcome.is_final() && !open.effect.report {
                    self.open.remove(self.position_of(attempt));
                }
            }
        }
    }

    pub fn take_note(&mut self, note: &Note) {
        match note {
            Note::Strike(strike) => {
                let entry = self.strikes.entry(strike.input).or_default();
                entry.0 = entry.0.saturating_add(strike.weight);
                entry.1 = strike.reason.to_string();
            }
            Note::Released { input } => self.set_aside.retain(|held| held != input),
            Note::Merged { into } => self.merged_into = Some(*into),
            Note::Alias { .. } | Note::Config { .. } => {}
        }
    }

    fn position_of(&self, attempt: &Attempt) -> usize {
        self.open
            .iter()
            .position(|open| open.effect.id == attempt.effect())
            .expect("the caller has just found it")
    }
}

pub(super) fn is_shelved(open: &OpenEffect) -> bool {
    let outcome = open.last.as_ref().and_then(|last| last.outcome.as_ref());
    matches!(outcome, Some((_, crate::model::Outcome::Shelved { .. })))
}
