//! Reading entities back: from memory where it suffices, else from snapshots and segments.

use std::sync::PoisonError;
use std::time::Duration;

use super::Core;
use super::trouble::{Moved, Trouble};
use crate::journal::codec::{self, Told};
use crate::journal::index::{Active, Entry as Known, Open, Reference};
use crate::journal::pages::{Aliases, PagesError};
use crate::journal::record::{Header, Position};
use crate::journal::segment;
use crate::journal::snapshot::Saved;
use crate::journal::{LastAttempt, Loaded, OpenEffect, ReadError};
use crate::model::{Attempt, AttemptNo, EffectId, InEvent, InSeq, Key, Millis, Step, Version};

/// Tries after which an entity that keeps changing under the reader is given up.
const TRIES: usize = 64;
/// Pause between them; what moves an entity takes about as long.
const MOVED_PAUSE: Duration = Duration::from_millis(1);

impl Core {
    /// Everything of an entity when no file needs to be read for it.
    pub fn load_from_memory(&self, key: Key) -> Result<Option<Loaded>, ReadError> {
        self.check_fence(key)?;
        let shard = self.index.shard(key);
        let Some(entry) = shard.entries.get(&key) else {
            return Ok(Some(Loaded::default()));
        };
        let Some(active) = shard.active.get(&key) else {
            return Ok(None);
        };
        let in_memory = active.open.is_empty()
            && !entry.merged
            && (active.state.is_some() || (entry.cover == 0 && active.tail.is_empty()));
        Ok(in_memory.then(|| Loaded {
            state: active.state.as_deref().map(<[u8]>::to_vec),
            tail: Vec::new(),
            version: Version(entry.version),
            consumed: InSeq(entry.consumed),
            open: Vec::new(),
            strikes: strikes(active),
            merged_into: active.merged,
        }))
    }

    /// Everything of an entity.
    pub fn load(&self, key: Key) -> Result<Loaded, ReadError> {
        self.check_fence(key)?;
        self.again(key, || {
            let (entry, active) = self.view(key);
            let saved = self.saved_for(key, &entry, &active)?;
            let mut tail = Vec::new();
            let mut state = active.state.as_deref().map(<[u8]>::to_vec);
            if state.is_none() {
                let folded = saved.as_ref().map_or(0, |saved| saved.folded);
                tail = self.steps(key, &active, folded)?;
                state = saved.as_ref().and_then(|saved| saved.state.clone());
            }
            Ok(Loaded {
                state,
                tail,
                version: Version(entry.version),
                consumed: InSeq(entry.consumed),
                open: self.open_effects(key, active.open.iter())?,
                strikes: strikes(&active),
                merged_into: active.merged.or(saved.and_then(|saved| saved.merged)),
            })
        })
    }

    /// Inputs to consume after a position.
    pub fn next_inputs(
        &self,
        key: Key,
        after: InSeq,
        max: usize,
    ) -> Result<Vec<(InSeq, InEvent)>, ReadError> {
        self.check_fence(key)?;
        self.again(key, || {
            let wanted: Vec<(u64, Position)> = {
                let shard = self.index.shard(key);
                let inputs = shard.active.get(&key).map(|active| &active.inputs);
                let later = inputs
                    .into_iter()
                    .flatten()
                    .filter(|(seq, _)| *seq > after.0);
                later.take(max).copied().collect()
            };
            let mut inputs = Vec::with_capacity(wanted.len());
            for (seq, at) in wanted {
                inputs.push((InSeq(seq), self.input(key, at)?));
            }
            Ok(inputs)
        })
    }

    /// Whether it is certain, without reading anything, that an alias names nobody.
    pub fn names_nobody(&self, alias: &[u8; 16]) -> bool {
        // An alias leaves memory only after the index knows of it.
        if self.index.recent_alias(alias).is_some() {
            return false;
        }
        let Ok(aliases) = self.aliases.try_read() else {
            return false;
        };
        let aliases = aliases.as_ref();
        aliases.is_some_and(|aliases| !aliases.may_hold(alias))
    }

    /// The entity that an alias names, as the later of checkpoint and memory has it.
    pub fn resolve(&self, alias: &[u8; 16]) -> Result<Option<Key>, ReadError> {
        let recent = self.index.recent_alias(alias);
        let saved = self.saved_alias(alias)?;
        let latest = recent.into_iter().chain(saved).max_by_key(|(_, seq)| *seq);
        Ok(latest.map(|(key, _)| key))
    }

    /// The entity of an alias that is in the checkpoint, and the sequence that says so.
    pub fn saved_alias(&self, alias: &[u8; 16]) -> Result<Option<(Key, u64)>, ReadError> {
        self.with_aliases(|aliases| aliases.get(alias))
    }

    /// Steps behind the snapshot's state.
    fn steps(&self, key: Key, active: &Active, folded: u64) -> Result<Vec<Step>, Trouble> {
        let mut steps = Vec::with_capacity(active.tail.len());
        for (_, at) in active.tail.iter().filter(|(seq, _)| *seq > folded) {
            steps.push(self.step(key, *at)?);
        }
        Ok(steps)
    }

    /// The state after an entity's last step, folded when this process did not write it. For the
    /// keeper, who alone removes segments: a step whose segment is gone is lost.
    pub fn current_state(
        &self,
        key: Key,
        active: &Active,
        saved: Option<&Saved>,
    ) -> Result<Option<Vec<u8>>, ReadError> {
        if let Some(state) = &active.state {
            return Ok(Some(state.to_vec()));
        }
        let before = saved.and_then(|saved| saved.state.as_deref());
        if active.tail.is_empty() {
            return Ok(before.map(<[u8]>::to_vec));
        }
        let folded = saved.map_or(0, |saved| saved.folded);
        let steps = self
            .steps(key, active, folded)
            .map_err(|trouble| match trouble {
                Trouble::Moved => ReadError::Damaged(key),
                Trouble::Error(error) => error,
            })?;
        Ok(Some(self.config.fold.fold(key, before, &steps)?))
    }

    /// Header and body of a record as first written; `None` when it is lost.
    pub fn original(&self, key: Key, at: Position) -> Result<Option<(Header, Vec<u8>)>, ReadError> {
        match self.record(key, at) {
            Ok(found) => Ok(Some(found)),
            // Segments go only by the hand that asks here, so a missing one stays missing.
            Err(Trouble::Moved | Trouble::Error(ReadError::Damaged(_))) => Ok(None),
            Err(Trouble::Error(error)) => Err(error),
        }
    }

    /// Forgets a referenced record that an operator gave up with its segment.
    pub(super) fn forget_if_lost(&self, reference: &Reference) {
        let Reference { key, at, .. } = *reference;
        let read = self.record_unfenced(key, at);
        if let Err(Trouble::Moved | Trouble::Error(ReadError::Damaged(_))) = read {
            tracing::warn!(%key, segment = at.segment, "a lost record is needed no more");
            let mut shard = self.index.shard(key);
            if let Some(active) = shard.active.get_mut(&key) {
                active.forget(|other| other == at);
            }
            shard.drop_if_at_rest(key);
        }
    }

    pub(super) fn check_fence(&self, key: Key) -> Result<(), ReadError> {
        match self.fences.is_fenced(key) {
            true => Err(ReadError::Damaged(key)),
            false => Ok(()),
        }
    }

    pub(super) fn again<T>(
        &self,
        key: Key,
        mut read: impl FnMut() -> Result<T, Trouble>,
    ) -> Result<T, ReadError> {
        for _ in 0..TRIES {
            match read() {
                Ok(done) => return Ok(done),
                Err(Trouble::Moved) => std::thread::sleep(MOVED_PAUSE),
                Err(Trouble::Error(error)) => return Err(error),
            }
        }
        Err(ReadError::Disk(format!(
            "{key} kept moving while it was read"
        )))
    }

    /// As [`view`](Self::view); the entity waits for its snapshot no longer, so that whoever asks
    /// for one from now on gets another.
    pub fn view_to_save(&self, key: Key) -> (Known, Active) {
        if let Some(active) = self.index.shard(key).active.get_mut(&key) {
            active.queued = false;
        }
        self.view(key)
    }

    /// An entity as the index has it now.
    pub fn view(&self, key: Key) -> (Known, Active) {
        let shard = self.index.shard(key);
        let entry = shard.entries.get(&key).copied().unwrap_or_default();
        let active = shard.active.get(&key).map(|active| (**active).clone());
        (entry, active.unwrap_or_default())
    }

    /// The snapshot, when something of it is needed beyond what memory has.
    fn saved_for(
        &self,
        key: Key,
        entry: &Known,
        active: &Active,
    ) -> Result<Option<Saved>, Trouble> {
        if entry.cover == 0 || (active.state.is_some() && !entry.merged) {
            return Ok(None);
        }
        match self.saved(key)? {
            // The keeper may have saved a newer one; it is as good while it ends before our view.
            Some(saved) if saved.cover >= entry.cover && saved.version <= entry.version => {
                Ok(Some(saved))
            }
            _ => Err(Trouble::Moved),
        }
    }

    pub(super) fn open_effects<'a>(
        &self,
        key: Key,
        open: impl Iterator<Item = &'a Open>,
    ) -> Result<Vec<OpenEffect>, Trouble> {
        let mut effects = Vec::new();
        let mut decided: Option<(Position, Step)> = None;
        for open in open {
            let at = open.step.1;
            if decided.as_ref().is_none_or(|(known, _)| *known != at) {
                decided = Some((at, self.step(key, at)?));
            }
            let id = EffectId {
                key,
                hash: open.hash,
            };
            let step = decided.as_ref().map(|(_, step)| step);
            let effect = step.and_then(|step| step.effects.iter().find(|effect| effect.id == id));
            let Some(effect) = effect.cloned() else {
                return Err(ReadError::Damaged(key).into());
            };
            effects.push(OpenEffect {
                effect,
                planned: Millis(open.planned),
                last: self.last_attempt(key, open)?,
            });
        }
        Ok(effects)
    }

    fn last_attempt(&self, key: Key, open: &Open) -> Result<Option<LastAttempt>, Trouble> {
        let Some(last) = &open.last else {
            return Ok(None);
        };
        let mut outcome = None;
        if let Some((_, at, _)) = last.outcome {
            let (header, body) = self.record(key, at)?;
            match codec::decode(header.kind, &body) {
                Ok(Told::Attempt(Attempt::Outcome {
                    at, outcome: how, ..
                })) => outcome = Some((at, how)),
                _ => return Err(ReadError::Damaged(key).into()),
            }
        }
        let mut repeats = false;
        let mut second = None;
        if let Some((_, at)) = last.sending {
            let (header, body) = self.record(key, at)?;
            match codec::decode(header.kind, &body) {
                Ok(Told::Attempt(Attempt::Sending {
                    possible_repeat,
                    line,
                    ..
                })) => (repeats, second) = (possible_repeat, line),
                // The first attempt is part of its step, and repeats nothing.
                Ok(Told::Step(_)) => {}
                _ => return Err(ReadError::Damaged(key).into()),
            }
        }
        Ok(Some(LastAttempt {
            no: AttemptNo(last.no),
            sent: Millis(last.sent),
            possible_repeat: repeats,
            line: second,
            outcome,
        }))
    }

    fn step(&self, key: Key, at: Position) -> Result<Step, Trouble> {
        let (header, body) = self.record(key, at)?;
        match codec::decode(header.kind, &body) {
            Ok(Told::Step(step)) => Ok(step),
            _ => Err(ReadError::Damaged(key).into()),
        }
    }

    pub(super) fn input(&self, key: Key, at: Position) -> Result<InEvent, Trouble> {
        let (header, body) = self.record(key, at)?;
        match codec::decode(header.kind, &body) {
            Ok(Told::Input(input)) => Ok(input),
            _ => Err(ReadError::Damaged(key).into()),
        }
    }

    pub(super) fn record(&self, key: Key, at: Position) -> Result<(Header, Vec<u8>), Trouble> {
        self.read_record(key, at, &mut |error| {
            tracing::error!(%key, %error, "a damaged record was met");
            self.fences.fence(key);
        })
    }

    /// As [`record`](Self::record), for records that nothing depends on.
    pub(super) fn record_unfenced(
        &self,
        key: Key,
        at: Position,
    ) -> Result<(Header, Vec<u8>), Trouble> {
        self.read_record(key, at, &mut |error| {
            tracing::error!(%key, %error, "a record of the past is damaged");
        })
    }

    fn read_record(
        &self,
        key: Key,
        at: Position,
        damaged: &mut dyn FnMut(&segment::ReadError),
    ) -> Result<(Header, Vec<u8>), Trouble> {
        let segment = self.lane(key).segment(at.segment).ok_or(Moved)?;
        let (header, body) = segment.read(at).map_err(|error| match error {
            segment::ReadError::Io { .. } => ReadError::Disk(error.to_string()),
            segment::ReadError::Damaged { .. } => {
                damaged(&error);
                ReadError::Damaged(key)
            }
            segment::ReadError::Erased { .. } => ReadError::Damaged(key),
        })?;
        let original = codec::original(header, body);
        original.map_err(|_| ReadError::Damaged(key).into())
    }

    fn with_aliases<T>(
        &self,
        read: impl Fn(&Aliases) -> Result<T, PagesError>,
    ) -> Result<T, ReadError> {
        let failed = {
            let aliases = self.aliases.read().unwrap_or_else(PoisonError::into_inner);
            match aliases.as_ref().map(&read) {
                Some(Ok(done)) => return Ok(done),
                Some(Err(error)) => error.to_string(),
                None => "it is missing".to_owned(),
            }
        };
        tracing::warn!(reason = failed, "the alias index is rebuilt");
        self.rebuild_aliases()
            .map_err(|error| ReadError::Disk(error.to_string()))?;
        let aliases = self.aliases.read().unwrap_or_else(PoisonError::into_inner);
        let read = aliases.as_ref().map(read);
        read.unwrap_or_else(|| Err(PagesError("it could not be opened".to_owned())))
            .map_err(|error| ReadError::Disk(error.to_string()))
    }
}

/// Strikes against the next input.
fn strikes(active: &Active) -> u8 {
    let next = active.inputs.front().map(|(seq, _)| *seq);
    let counted = active
        .strikes
        .iter()
        .find(|strike| Some(strike.input) == next);
    counted.map_or(0, |strike| strike.weight)
}
