//! The files a person sent, from the message until each is on its ticket; and those that technicians
//! put in front of a person, until each was shown.
//!
//! A file is known by the effect that fetches it. It waits for two things, in either order: its
//! bytes in the store, and a ticket to go onto. What is on its ticket, or lost, is forgotten here;
//! the store and the timeline keep it.

pub(super) mod name;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{Event, State};
use crate::model::{EffectId, Kept, MediaKind, Millis};

/// Files of one contact on their way at once. The oldest without a ticket gives way to a new one;
/// with none such, the new one is not taken.
pub(super) const FILES: usize = 64;

/// A file a person sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct File {
    /// The effect that fetches it; its key says whose file it is.
    pub fetch: EffectId,
    /// What it is.
    pub kind: MediaKind,
    /// Its name on the person's side.
    pub name: Option<SmolStr>,
    /// When it came.
    pub at: Millis,
    /// Where it belongs.
    pub place: Place,
    /// What the store says of it, once it is there.
    pub kept: Option<Kept>,
    /// The effect that puts it onto its ticket.
    pub attach: Option<EffectId>,
}

/// Where a file belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// Nowhere: it is kept, and no ticket wants it.
    Loose,
    /// To what is being told now.
    Draft,
    /// To the ticket that this effect opens.
    Opening(EffectId),
    /// To a ticket, by the help desk's id.
    Ticket(u64),
    /// To the person, from the ticket with this id: a technician put it there.
    Person(u64),
}

/// The files of a contact.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Files {
    list: Vec<File>,
    /// When the last one came; those of one album come within seconds.
    last: Option<Millis>,
    /// When the person was last told that something went wrong with one.
    told: Option<Millis>,
}

impl Files {
    /// All of them, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &File> {
        self.list.iter()
    }

    /// The file that an effect fetches or attaches.
    pub(super) fn of(&self, effect: EffectId) -> Option<&File> {
        let mut files = self.list.iter();
        files.find(|file| file.fetch == effect || file.attach == Some(effect))
    }

    /// Whether one belongs there.
    pub(super) fn any_at(&self, place: Place) -> bool {
        self.list.iter().any(|file| file.place == place)
    }

    /// Whether one more is taken.
    pub(super) fn has_room(&self) -> bool {
        self.list.len() < FILES || self.any_at(Place::Loose)
    }

    /// Whether a file came less than `ms` before `now`.
    pub(super) fn came_within(&self, ms: u64, now: Millis) -> bool {
        self.last.is_some_and(|last| now.since(last) < ms)
    }

    /// Whether the person was told of trouble less than `ms` before `now`.
    pub(super) fn told_within(&self, ms: u64, now: Millis) -> bool {
        self.told.is_some_and(|told| now.since(told) < ms)
    }

    fn take(&mut self, file: File) {
        if !matches!(file.place, Place::Person(_)) {
            self.last = Some(file.at);
        }
        if self.list.len() >= FILES {
            match self.list.iter().position(|old| old.place == Place::Loose) {
                Some(loose) => drop(self.list.remove(loose)),
                None => return,
            }
        }
        self.list.push(file);
    }

    fn relocate(&mut self, from: Place, to: Place) {
        for file in self.list.iter_mut().filter(|file| file.place == from) {
            file.place = to;
        }
    }

    /// Takes over the files that go with a younger self's open conversation; those of its tickets
    /// stay with it, whose effects they are.
    pub(super) fn merge(&mut self, younger: &Self) {
        for file in &younger.list {
            if file.goes_along() {
                self.take(file.clone());
            }
        }
    }
}

impl File {
    /// Whether it goes along when its contact turns out to be an older one.
    pub(super) fn goes_along(&self) -> bool {
        matches!(self.place, Place::Draft | Place::Loose)
    }
}

impl State {
    /// Folds what happened to files, and what happened to tickets as far as files follow.
    pub(super) fn apply_files(&mut self, event: &Event) {
        let files = &mut self.files;
        match event {
            Event::FileSent(file) => files.take((**file).clone()),
            Event::FilesMoved { from, to } => files.relocate(*from, *to),
            Event::MediaStored { fetch, kept } => {
                let found = files.list.iter_mut().find(|file| file.fetch == *fetch);
                if let Some(file) = found {
                    file.kept = Some((**kept).clone());
                }
            }
            Event::MediaLost { fetch, .. } => files.list.retain(|file| file.fetch != *fetch),
            Event::FileAttaching { fetch, effect } => {
                let found = files.list.iter_mut().find(|file| file.fetch == *fetch);
                if let Some(file) = found {
                    file.attach = Some(*effect);
                }
            }
            Event::FileAttached { effect } | Event::FileRefused { effect, .. } => {
                files.list.retain(|file| file.attach != Some(*effect));
            }
            Event::FileShown { fetch, .. } => files.list.retain(|file| file.fetch != *fetch),
            Event::FileTroubleTold { at } => files.told = Some(*at),
            Event::TicketOpened { effect, id, .. } => {
                files.relocate(Place::Opening(*effect), Place::Ticket(*id));
            }
            Event::TicketFailed {
                effect,
                for_good: true,
                ..
            } => files.relocate(Place::Opening(*effect), Place::Loose),
            _ => {}
        }
    }
}
