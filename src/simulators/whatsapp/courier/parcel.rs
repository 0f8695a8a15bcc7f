//! A body that tells updates, and where it goes.

use bytes::Bytes;
use tokio::time::Instant;

/// A body that is on its way, again with the same bytes on every try.
#[derive(Clone, Debug)]
pub struct Parcel {
    body: Bytes,
    to: Option<Receiver>,
    /// Conversation and id of the messages of persons in it.
    pub(super) inbound: Vec<(String, String)>,
    /// Delivery statuses in it.
    pub(super) statuses: u64,
    pub(super) tries: u32,
    /// Its first try.
    pub(super) since: Instant,
    /// Whether it was taken before.
    pub(super) is_copy: bool,
}

/// Where a parcel goes when that was settled as it was packed.
#[derive(Clone, Debug)]
pub struct Receiver {
    /// The address.
    pub url: String,
    /// Headers of its own.
    pub headers: Vec<(String, String)>,
}

impl Parcel {
    /// A body that goes to the number's own address, wherever that is when it leaves.
    pub fn new(body: impl Into<Bytes>) -> Self {
        Self {
            body: body.into(),
            to: None,
            inbound: Vec::new(),
            statuses: 0,
            tries: 0,
            since: Instant::now(),
            is_copy: false,
        }
    }

    /// The parcel with a receiver of its own.
    pub fn to(mut self, receiver: Receiver) -> Self {
        self.to = Some(receiver);
        self
    }

    /// The parcel with what counts in it once it is taken: conversation and id of messages of
    /// persons, and how many statuses.
    pub fn holding(mut self, inbound: Vec<(String, String)>, statuses: u64) -> Self {
        self.inbound = inbound;
        self.statuses = statuses;
        self
    }

    /// The same body as it comes once more, without need.
    pub(super) fn copy(self) -> Self {
        Self {
            is_copy: true,
            tries: 0,
            since: Instant::now(),
            ..self
        }
    }

    /// Its bytes.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Its own receiver.
    pub fn receiver(&self) -> Option<&Receiver> {
        self.to.as_ref()
    }
}
