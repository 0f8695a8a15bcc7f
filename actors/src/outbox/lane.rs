//! Whose turn it is in a lane.
//!
//! One effect in flight a lane. An effect that was begun holds its lane while it is sending, in
//! doubt or waiting for its next try, for at most [`BLOCK_MS`]; time in which its gateway does not
//! take anything does not count. Then the lane goes on without it, and it takes the next free turn
//! when its own time has come. Among waiting effects the most urgent goes first, then the oldest.
//! The free lane has no order.

use super::entry::{Entry, State};
use crate::model::{Lane, Millis};

/// How long a head may hold its lane.
pub(super) const BLOCK_MS: u64 = 120_000;

/// Who is next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// This entry may start now.
    Start(usize),
    /// Nobody before this instant, or until something happens.
    Wait(Option<Millis>),
}

/// The lanes in use, each once.
pub(super) fn distinct(entries: &[Entry]) -> Vec<Lane> {
    let mut lanes: Vec<Lane> = Vec::new();
    for entry in entries.iter().filter(|entry| entry.is_active()) {
        if !lanes.contains(&entry.effect.lane) {
            lanes.push(entry.effect.lane.clone());
        }
    }
    lanes
}

/// Who is next in `lane` at `now`.
pub(super) fn turn(entries: &[Entry], lane: &Lane, now: Millis) -> Turn {
    let active = || {
        let with_index = entries.iter().enumerate();
        with_index.filter(|(_, entry)| entry.effect.lane == *lane && entry.is_active())
    };
    let queued = || active().filter_map(|(index, entry)| Some((index, entry, entry.start_at()?)));
    if *lane == Lane::Free {
        let next = queued().min_by_key(|(_, _, start_at)| *start_at);
        return start_or_wait(next.map(|(index, _, start_at)| (index, start_at)), now);
    }
    if active().any(|(_, entry)| matches!(entry.state, State::Sending { .. })) {
        return Turn::Wait(None);
    }
    if let Some((index, holder)) = active().find(|(_, entry)| holds(entry, now)) {
        if let Some(start_at) = holder.start_at().filter(|start_at| *start_at <= now) {
            return start_or_wait(Some((index, start_at)), now);
        }
        let others_wait = active().count() > 1;
        let until = held_until(holder).filter(|_| others_wait);
        return Turn::Wait(until.into_iter().chain(holder.start_at()).min());
    }
    // Overtaken effects wait for their own time without holding anybody up.
    let ready = queued().filter(|(_, entry, start_at)| entry.begun.is_none() || *start_at <= now);
    let first = ready.min_by_key(|(_, entry, _)| (entry.effect.priority, entry.seq));
    match first {
        Some((index, _, start_at)) if start_at <= now => Turn::Start(index),
        _ => {
            let times = queued().map(|(_, _, start_at)| start_at);
            Turn::Wait(times.filter(|start_at| *start_at > now).min())
        }
    }
}

/// Whether beginning `entry` now breaks the order of its lane: an older effect of the same priority
/// has never been begun. Looked at when an entry is begun, apart from what chose it.
pub(super) fn overtakes(entries: &[Entry], entry: &Entry) -> bool {
    let ordered = entry.effect.lane != Lane::Free && entry.begun.is_none();
    ordered
        && entries.iter().any(|older| {
            older.seq < entry.seq
                && older.begun.is_none()
                && matches!(older.state, State::Queued { .. })
                && older.effect.lane == entry.effect.lane
                && older.effect.priority == entry.effect.priority
        })
}

fn start_or_wait(next: Option<(usize, Millis)>, now: Millis) -> Turn {
    match next {
        Some((index, start_at)) if start_at <= now => Turn::Start(index),
        next => Turn::Wait(next.map(|(_, start_at)| start_at)),
    }
}

fn holds(entry: &Entry, now: Millis) -> bool {
    let Some(begun) = entry.begun else {
        return false;
    };
    let counted_to = entry.hold.map_or(now, |hold| hold.since.min(now));
    counted_to.since(begun) < BLOCK_MS
}

/// When the lane goes on without its head, if nothing holds the clock.
fn held_until(entry: &Entry) -> Option<Millis> {
    let limit = entry.begun?.plus_ms(BLOCK_MS);
    entry.hold.is_none().then_some(limit)
}
