//! What can come between a reader and an entity's records.

use crate::journal::ReadError;

/// A record moved or was covered while it was read: look again.
pub(super) struct Moved;

/// What reading one entity can say.
pub(super) enum Trouble {
    Moved,
    Error(ReadError),
}

impl From<ReadError> for Trouble {
    fn from(error: ReadError) -> Self {
        Self::Error(error)
    }
}

impl From<Moved> for Trouble {
    fn from(_: Moved) -> Self {
        Self::Moved
    }
}
