//! The inputs of one webhook body on their way into the lanes.

use tokio::sync::oneshot;

use super::core::Core;
use super::draft;
use crate::journal::committer::{Class, Unwritten, Written};
use crate::journal::record::Draft;
use crate::journal::{Accepted, Refused};
use crate::model::{InEvent, InSeq};

/// Records and bytes of one batch of inputs; a larger webhook body is written in several.
const RECORDS: usize = 512;
const BYTES: usize = 512 * 1024;

/// Inputs for one lane, each with its number in the body.
#[derive(Default)]
struct Batch {
    numbers: Vec<usize>,
    drafts: Vec<Draft>,
    bytes: usize,
}

/// A batch that its lane has taken.
struct Taken {
    numbers: Vec<usize>,
    answer: oneshot::Receiver<Result<Written, Unwritten>>,
}

impl Core {
    /// Makes the events of one body durable, each in its lane, and gives their places in the order
    /// of the events. All lanes flush at the same time.
    pub async fn accept(&self, events: &[InEvent]) -> Result<Vec<Accepted>, Refused> {
        for event in events {
            self.fences.check(event.key)?;
        }
        let taken = self.hand_in(events).map_err(Refused::from)?;
        let mut accepted: Vec<Option<Accepted>> = vec![None; events.len()];
        for Taken { numbers, answer } in taken {
            let written = answer.await.unwrap_or(Err(Unwritten::Closed));
            let written = written.map_err(Refused::from)?;
            let places = (written.first_seq..).zip(written.previous);
            for (number, (seq, previous)) in numbers.into_iter().zip(places) {
                accepted[number] = Some(Accepted {
                    seq: InSeq(seq),
                    previous: previous.map(InSeq),
                });
            }
        }
        Ok(accepted.into_iter().flatten().collect())
    }

    fn hand_in(&self, events: &[InEvent]) -> Result<Vec<Taken>, Unwritten> {
        let mut batches: Vec<Batch> = Vec::new();
        batches.resize_with(self.lanes.len(), Batch::default);
        let mut taken = Vec::with_capacity(1);
        for (number, event) in events.iter().enumerate() {
            let lane = usize::from(self.lane(event.key).number);
            let draft = draft::input(event);
            let bytes = draft.sealed_bytes();
            let batch = &mut batches[lane];
            let full = batch.drafts.len() >= RECORDS || batch.bytes + bytes > BYTES;
            if full && !batch.drafts.is_empty() {
                taken.push(self.enqueue(lane, std::mem::take(batch))?);
            }
            batch.numbers.push(number);
            batch.bytes += bytes;
            batch.drafts.push(draft);
        }
        for (lane, batch) in batches.into_iter().enumerate() {
            if !batch.drafts.is_empty() {
                taken.push(self.enqueue(lane, batch)?);
            }
        }
        Ok(taken)
    }

    fn enqueue(&self, lane: usize, batch: Batch) -> Result<Taken, Unwritten> {
        let (reply, answer) = oneshot::channel();
        let committer = self.lanes[lane].committer();
        committer.enqueue(Class::Input, batch.drafts, reply)?;
        Ok(Taken {
            numbers: batch.numbers,
            answer,
        })
    }
}
