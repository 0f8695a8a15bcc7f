//! Values as records to be written.

use crate::journal::codec;
use crate::journal::index::{Change, entity_of};
use crate::journal::record::{Draft, Kind, Scope};
use crate::model::{Attempt, InEvent, Key, Note, Step, Version};

pub(super) fn input(event: &InEvent) -> Draft {
    Draft {
        kind: Kind::Input,
        entity: entity_of(event.key),
        scope: Scope::Ring,
        entity_seq: 0,
        input_hash: event.id.0,
        epoch: 0,
        next_wake: 0,
        body: codec::encode(event),
        change: Change::Input,
    }
}

pub(super) fn step(key: Key, step: &Step, version: Version, state: Vec<u8>) -> Draft {
    Draft {
        kind: Kind::Step,
        entity: entity_of(key),
        scope: Scope::Ring,
        entity_seq: version.0,
        input_hash: step.input.0,
        epoch: 0,
        next_wake: step.wake.map_or(0, |due| u64::from(due.0)),
        body: codec::encode(step),
        change: Change::step(step, Some(state)),
    }
}

pub(super) fn attempt(key: Key, attempt: &Attempt) -> Draft {
    Draft {
        kind: match attempt {
            Attempt::Sending { .. } => Kind::Sending,
            Attempt::Outcome { .. } => Kind::Outcome,
        },
        entity: entity_of(key),
        scope: Scope::Ring,
        entity_seq: 0,
        input_hash: attempt.effect().hash,
        epoch: 0,
        next_wake: 0,
        body: codec::encode(attempt),
        change: Change::attempt(attempt),
    }
}

pub(super) fn note(key: Key, note: &Note) -> Draft {
    Draft {
        kind: match note {
            Note::Alias { .. } => Kind::Alias,
            Note::Merged { .. } => Kind::Merged,
            Note::Strike(_) => Kind::Strike,
            Note::Released { .. } | Note::Config { .. } => Kind::Config,
        },
        entity: entity_of(key),
        scope: Scope::Ring,
        entity_seq: 0,
        input_hash: [0; 8],
        epoch: 0,
        next_wake: 0,
        body: codec::encode(note),
        change: Change::note(note),
    }
}
