//! The conversations that are with people, for those who answer them.
//!
//! A projection of the contacts' own states: each contact notes itself here after every step and
//! whenever it is loaded, so nothing is kept twice and a crash loses nothing. Such a contact always
//! has a wake, its queue's idle time; a start brings every contact with a wake to life, and the room
//! is complete when that is done.
//!
//! Bound: [`ROOM_MAX`] conversations are listed. One more stays with people all the same and is
//! counted; it is listed at its next step once there is room.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use dashmap::{DashMap, DashSet};
use smol_str::SmolStr;

use crate::contact::{Attended, Flow, State, TransferCause};
use crate::model::{ContactId, Key, Millis, Name, Seconds, TenantId};

/// Conversations listed, of all tenants.
pub const ROOM_MAX: usize = 50_000;
/// How long nobody may have taken a complaint before that is an alarm, in milliseconds.
pub const COMPLAINT_MS: u64 = 20_000;

/// One conversation that is with people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The person.
    pub contact: ContactId,
    /// Their organisation.
    pub tenant: TenantId,
    /// The queue; none when an operator took it from a channel without one.
    pub queue: Option<Name>,
    /// Why.
    pub cause: TransferCause,
    /// Since when.
    pub since: Millis,
    /// When the person wrote last.
    pub heard: Millis,
    /// The second at which the bot answers again.
    pub until: Seconds,
    /// Who has it; none while it waits.
    pub operator: Option<SmolStr>,
    /// The person's name, as far as it is known.
    pub name: Option<SmolStr>,
}

impl Waiting {
    /// Whether this is a complaint that nobody has taken in time.
    pub fn is_alarming(&self, now: Millis) -> bool {
        self.cause == TransferCause::Complaint
            && self.operator.is_none()
            && now.since(self.since) > COMPLAINT_MS
    }
}

/// What can be counted of the room, for metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Conversations nobody has taken.
    pub untaken: usize,
    /// Conversations somebody has taken.
    pub taken: usize,
    /// Complaints nobody has taken in time.
    pub alarming: usize,
    /// Conversations beyond the bound.
    pub unlisted: usize,
}

/// Everybody who is with people.
#[derive(Debug, Default)]
pub struct WaitingRoom {
    listed: DashMap<ContactId, Waiting>,
    beyond: DashSet<ContactId>,
    len: AtomicUsize,
    complete: AtomicBool,
}

impl WaitingRoom {
    /// Those of one tenant who are in this queue, the longest there first.
    pub fn of(&self, tenant: &TenantId, queue: &Name) -> Vec<Waiting> {
        let here = |row: &Waiting| row.tenant == *tenant && row.queue.as_ref() == Some(queue);
        let mut rows: Vec<Waiting> = self
            .listed
            .iter()
            .filter(|row| here(row))
            .map(|row| row.clone())
            .collect();
        rows.sort_by_key(|row| (row.since, row.contact.0));
        rows
    }

    /// Whether every contact on record has been looked at since the start.
    pub fn is_complete(&self) -> bool {
        self.complete.load(Ordering::Acquire)
    }

    /// Counts over all tenants.
    pub fn counts(&self, now: Millis) -> Counts {
        let mut counts = Counts {
            unlisted: self.beyond.len(),
            ..Counts::default()
        };
        for row in &self.listed {
            match row.operator {
                Some(_) => counts.taken += 1,
                None => counts.untaken += 1,
            }
            counts.alarming += usize::from(row.is_alarming(now));
        }
        counts
    }

    pub(crate) fn complete(&self) {
        self.complete.store(true, Ordering::Release);
    }

    /// Takes note of where a contact's conversation stands; only its own actor does.
    pub(crate) fn note(&self, key: Key, state: &State) {
        let Key::Contact(contact) = key else { return };
        let with_people = match (&state.flow, &state.tenant, state.joined) {
            (Flow::WithPeople(attended), Some(tenant), None) => Some((attended, tenant)),
            _ => None,
        };
        let Some((attended, tenant)) = with_people else {
            return self.leave(contact);
        };
        let row = row(contact, tenant, attended, state);
        if self.listed.contains_key(&contact) || self.len.load(Ordering::Acquire) < ROOM_MAX {
            if self.listed.insert(contact, row).is_none() {
                self.len.fetch_add(1, Ordering::AcqRel);
                self.beyond.remove(&contact);
            }
        } else {
            self.beyond.insert(contact);
        }
    }

    fn leave(&self, contact: ContactId) {
        if self.len.load(Ordering::Acquire) > 0 && self.listed.remove(&contact).is_some() {
            self.len.fetch_sub(1, Ordering::AcqRel);
        }
        if !self.beyond.is_empty() {
            self.beyond.remove(&contact);
        }
    }
}

fn row(contact: ContactId, tenant: &TenantId, attended: &Attended, state: &State) -> Waiting {
    let given = state.profile.name.as_deref().map(SmolStr::from);
    Waiting {
        contact,
        tenant: tenant.clone(),
        queue: attended.queue.clone(),
        cause: attended.cause,
        since: attended.since,
        heard: attended.heard,
        until: attended.until,
        operator: attended.operator.clone(),
        name: given.or_else(|| state.profile.display_name.clone()),
    }
}
