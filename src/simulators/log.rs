//! The bounded file log of every request that reached a simulator: the oracle of tests and
//! load runs.
//!
//! A line is written when a request arrives, before any fault acts, with room for two facts
//! that are known later and patched in place: the answered `status` (0 while there is none
//! and when the answer was cut) and `accepted` (the request took effect). So the order of the
//! lines is the order of arrival, and a request whose answer was lost is still counted.
//!
//! A line that awaits its outcome looks like one that was refused by cutting it off. Who reads
//! the log once and goes on behind the last line read would take the one for the other and
//! never learn that the request took effect; such a reader asks for `settled` lines, which end
//! before the oldest one that awaits its outcome.
//!
//! Lines are buffered and never synced; files rotate and the last million lines are kept.

mod counts;
mod line;
mod segment;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::exchange::{Arrived, Mark, Provider};
use counts::{Counted, Counts};
use segment::{Place, Segment, Slice};

/// How many lines are kept, and how many of them in one file. One file more than needed is
/// kept, so that the newest lines are always there while the oldest file leaves whole.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    kept: u64,
    per_file: u64,
}

const BOUNDS: Bounds = Bounds {
    kept: 1_000_000,
    per_file: 100_000,
};
/// Most lines in one answer of `/_log`.
const LIMIT_MAX: usize = 5_000;

/// The log.
#[derive(Debug)]
pub struct FileLog {
    dir: PathBuf,
    bounds: Bounds,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    segments: VecDeque<Segment>,
    next_n: u64,
    /// Which of the newest lines await their outcome, from the oldest one that does; no more than
    /// are kept.
    open: VecDeque<bool>,
    lost: u64,
    counts: Counts,
}

/// A line that awaits its outcome.
#[derive(Debug)]
pub struct Ticket {
    n: u64,
    place: Place,
    provider: Provider,
    counted: Counted,
}

/// What `/_log` was asked for.
#[derive(Clone, Copy, Debug)]
pub struct Query {
    /// Only lines with a greater number.
    pub after: u64,
    /// At most so many lines, cut to 5,000.
    pub limit: usize,
    /// Only this provider.
    pub provider: Option<Provider>,
    /// Only lines before the oldest one, of whatever provider, that awaits its outcome: what is
    /// read so never changes any more.
    pub settled: bool,
}

impl FileLog {
    /// Starts an empty log in the folder; lines of an earlier run are removed.
    pub fn open(dir: &Path) -> io::Result<Self> {
        Self::bounded(dir, BOUNDS)
    }

    fn bounded(dir: &Path, bounds: Bounds) -> io::Result<Self> {
        std::fs::create_dir_all(dir)?;
        segment::remove_old(dir)?;
        let first = Segment::create(dir, 1)?;
        let inner = Inner {
            segments: VecDeque::from([first]),
            next_n: 1,
            open: VecDeque::new(),
            lost: 0,
            counts: Counts::default(),
        };
        Ok(Self {
            dir: dir.to_owned(),
            bounds,
            inner: Mutex::new(inner),
        })
    }

    /// Writes the line of a request that has just arrived.
    pub fn arrive(&self, provider: Provider, request: &Arrived, mark: &Mark, at_us: i64) -> Ticket {
        let rest = line::rest(request, at_us);
        let mut inner = self.lock();
        let n = inner.next_n;
        inner.next_n += 1;
        inner.open.push_back(true);
        if inner.open.len() as u64 > self.bounds.kept {
            inner.open.pop_front();
        }
        if inner.newest().lines() >= self.bounds.per_file {
            self.rotate(&mut inner, n);
        }
        let counted = inner.counts.arrived(provider, mark);
        let place = inner.newest().append(n, provider.name(), rest.as_bytes());
        if inner.newest().is_heavy() {
            inner.write_out();
        }
        Ticket {
            n,
            place,
            provider,
            counted,
        }
    }

    /// Completes a line. `status` 0 means that no answer left.
    pub fn finish(&self, ticket: &Ticket, status: u16, accepted: bool) {
        let mut inner = self.lock();
        if accepted {
            inner.counts.accepted(ticket.provider, &ticket.counted);
        }
        let found = inner
            .segments
            .iter_mut()
            .rev()
            .find(|segment| segment.first_n() <= ticket.n);
        if let Some(segment) = found {
            segment.patch(ticket.place, status, accepted);
        }
        inner.settle(ticket.n);
    }

    /// The lines asked for, one JSON object a line. Blocking file reads: call it off the
    /// async threads.
    pub fn read(&self, query: Query) -> io::Result<Vec<u8>> {
        let slices = self.slices(query);
        let limit = query.limit.min(LIMIT_MAX);
        let wanted = query
            .provider
            .map(|provider| format!("\"provider\":\"{}\"", provider.name()));
        let mut out = Vec::new();
        let mut taken = 0;
        for slice in slices {
            slice.each_line(|line| {
                let head = &line[..line.len().min(48)];
                let fits = wanted
                    .as_ref()
                    .is_none_or(|wanted| contains(head, wanted.as_bytes()));
                if fits && taken < limit {
                    out.extend_from_slice(line);
                    taken += 1;
                }
                taken < limit
            })?;
            if taken >= limit {
                break;
            }
        }
        Ok(out)
    }

    /// Counts by provider, effect id and recipient over the whole run.
    pub fn counts(&self, repeated_only: bool) -> Value {
        let inner = self.lock();
        inner
            .counts
            .describe(repeated_only, inner.next_n - 1, inner.lost)
    }

    /// How many lines and, by provider, requests there were: what a load run asks many times a
    /// second.
    pub fn totals(&self) -> Value {
        let inner = self.lock();
        inner.counts.totals(inner.next_n - 1, inner.lost)
    }

    /// Hands buffered lines to the operating system.
    pub fn flush(&self) {
        self.lock().write_out();
    }

    fn slices(&self, query: Query) -> Vec<Slice> {
        let mut inner = self.lock();
        inner.write_out();
        let oldest = inner.next_n.saturating_sub(self.bounds.kept).max(1);
        let from = query.after.saturating_add(1).max(oldest);
        let end = match query.settled {
            true => inner.oldest_open(),
            false => inner.next_n,
        };
        inner
            .segments
            .iter()
            .filter_map(|segment| segment.slice(from, end))
            .collect()
    }

    fn rotate(&self, inner: &mut Inner, first_n: u64) {
        inner.write_out();
        match Segment::create(&self.dir, first_n) {
            Ok(fresh) => inner.segments.push_back(fresh),
            // Going on in the old file keeps every line; only the bound is late.
            Err(error) => {
                tracing::error!(%error, "the simulator log could not start its next file")
            }
        }
        while inner.segments.len() as u64 > self.bounds.kept / self.bounds.per_file + 1 {
            if let Some(old) = inner.segments.pop_front() {
                old.remove();
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for FileLog {
    fn drop(&mut self) {
        self.flush();
    }
}

impl Inner {
    /// Number of the oldest line that awaits its outcome; the next number when none does.
    fn oldest_open(&self) -> u64 {
        self.next_n - self.open.len() as u64
    }

    /// A line has its outcome.
    fn settle(&mut self, n: u64) {
        let place = n.checked_sub(self.oldest_open());
        let open = place.and_then(|place| self.open.get_mut(place as usize));
        if let Some(open) = open {
            *open = false;
        }
        while self.open.front() == Some(&false) {
            self.open.pop_front();
        }
    }

    fn newest(&mut self) -> &mut Segment {
        self.segments
            .back_mut()
            .expect("a log always has a newest file")
    }

    fn write_out(&mut self) {
        if let Err(error) = self.newest().write_out() {
            self.lost += 1;
            tracing::error!(%error, "the simulator log could not be written");
        }
    }
}

fn contains(hay: &[u8], needle: &[u8]) -> bool {
    hay.windows(needle.len()).any(|window| window == needle)
}
