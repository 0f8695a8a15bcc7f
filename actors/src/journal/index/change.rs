//! What a record changes in the index. Producers compute it from the values they write, recovery
//! from the bodies it reads; both go through the same functions.

use smol_str::SmolStr;

use crate::journal::codec::{self, Told, Unreadable};
use crate::journal::record::{Header, Kind};
use crate::model::{Attempt, Key, Note, Outcome, Shelf, Step};

use super::Ending;

/// What a record changes in the index.
#[derive(Debug, Clone)]
pub enum Change {
    /// An input waits.
    Input,
    /// An input was consumed.
    Step(Box<StepChange>),
    /// An attempt began or ended.
    Attempt(AttemptChange),
    /// Another name of the entity.
    Alias([u8; 16]),
    /// The entity was drained into another.
    Merged(Key),
    /// A count against an input.
    Strike {
        /// The input.
        input: u64,
        /// How much it counts.
        weight: u8,
        /// Why.
        reason: SmolStr,
    },
    /// An operator dealt with a set-aside input.
    Released(u64),
    /// An older record has a new place.
    Carried(Header),
    /// Nothing that the index keeps.
    Nothing,
}

/// What a step changes.
#[derive(Debug, Clone)]
pub struct StepChange {
    /// Position of the consumed input.
    pub consumed: u64,
    /// When it was decided, Unix milliseconds.
    pub planned: u64,
    /// The effects it opens: hash and whether their end is reported.
    pub effects: Vec<([u8; 8], bool)>,
    /// The effects it closes.
    pub closes: Vec<[u8; 8]>,
    /// The input was set aside.
    pub set_aside: bool,
    /// The entity's state after it, when the writer had it.
    pub state: Option<std::sync::Arc<[u8]>>,
}

/// What an attempt changes.
#[derive(Debug, Clone, Copy)]
pub struct AttemptChange {
    /// The effect.
    pub effect: [u8; 8],
    /// Which try.
    pub no: u32,
    /// When, Unix milliseconds.
    pub at: u64,
    /// How it ended; `None` when it begins.
    pub ending: Option<Ending>,
}

impl Change {
    /// What a record read back changes.
    pub fn read(header: &Header, body: &[u8]) -> Result<Self, Unreadable> {
        match header.kind {
            Kind::Input => Ok(Self::Input),
            Kind::Carried => Ok(Self::Carried(codec::carried(body)?.0)),
            kind => Ok(match codec::decode(kind, body)? {
                Told::Input(_) => Self::Input,
                Told::Step(step) => Self::step(&step, None),
                Told::Attempt(attempt) => Self::attempt(&attempt),
                Told::Note(note) => Self::note(&note),
            }),
        }
    }

    /// What a step changes; `state` is the entity's state after it.
    pub fn step(step: &Step, state: Option<Vec<u8>>) -> Self {
        let effects = step.effects.iter();
        Self::Step(Box::new(StepChange {
            consumed: step.consumed.0,
            planned: step.now.0,
            effects: effects
                .map(|effect| (effect.id.hash, effect.report))
                .collect(),
            closes: step.closes.iter().map(|effect| effect.hash).collect(),
            set_aside: step.set_aside,
            state: state.map(Into::into),
        }))
    }

    /// What an attempt changes.
    pub fn attempt(attempt: &Attempt) -> Self {
        let (at, ending) = match attempt {
            Attempt::Sending { at, .. } => (at, None),
            Attempt::Outcome { at, outcome, .. } => (at, Some(Ending::of(outcome))),
        };
        Self::Attempt(AttemptChange {
            effect: attempt.effect().hash,
            no: attempt.no().0,
            at: at.0,
            ending,
        })
    }

    /// What a note changes.
    pub fn note(note: &Note) -> Self {
        match note {
            Note::Alias { alias } => Self::Alias(*alias),
            Note::Merged { into } => Self::Merged(*into),
            Note::Strike(strike) => Self::Strike {
                input: strike.input.0,
                weight: strike.weight,
                reason: strike.reason.clone(),
            },
            Note::Released { input } => Self::Released(input.0),
            Note::Config { .. } => Self::Nothing,
        }
    }
}

impl Ending {
    fn of(outcome: &Outcome) -> Self {
        match outcome {
            outcome if outcome.is_final() => Self::Final,
            Outcome::Shelved {
                shelf: Shelf::Uncertain,
                ..
            } => Self::Uncertain,
            Outcome::Shelved { .. } => Self::Shelved,
            _ => Self::GoesOn,
        }
    }
}
