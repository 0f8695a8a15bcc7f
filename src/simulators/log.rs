//! The bounded file log of every request that reached a simulator: the oracle of tests and
//! load runs.
//!
//! A line is written when a request arrives, before any fault acts, with room for two facts
//! that are known later and patched in place: the answered `status` (0 while there is none
//! and when the answer was cut) and `accepted` (the request took effect). So the order of the
//! lines is the order of arrival, and a request whose answer was lost is still counted.
//! Lines are buffered and never synced; files rotate and the last million lines are kept.

mod counts;
mod line;
mod segment;

use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::exchange::{Arrived, Mark, Provider};
use counts::Counts;
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
    lost: u64,
    counts: Counts,
}

/// A line that awaits its outcome.
#[derive(Debug)]
pub struct Ticket {
    n: u64,
    place: Place,
    provider: Provider,
    mark: Mark,
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
    pub fn arrive(&self, provider: Provider, request: &Arrived, mark: Mark, at_us: i64) -> Ticket {
        let rest = line::rest(request, at_us);
        let mut inner = self.lock();
        let n = inner.next_n;
        inner.next_n += 1;
        if inner.newest().lines() >= self.bounds.per_file {
            self.rotate(&mut inner, n);
        }
        inner.counts.arrived(provider, &mark);
        let place = inner.newest().append(n, provider.name(), rest.as_bytes());
        if inner.newest().is_heavy() {
            inner.write_out();
        }
        Ticket {
            n,
            place,
            provider,
            mark,
        }
    }

    /// Completes a line. `status` 0 means that no answer left.
    pub fn finish(&self, ticket: &Ticket, status: u16, accepted: bool) {
        let mut inner = self.lock();
        if accepted {
            inner.counts.accepted(ticket.provider, &ticket.mark);
        }
        let found = inner
            .segments
            .iter_mut()
            .rev()
            .find(|segment| segment.first_n() <= ticket.n);
        if let Some(segment) = found {
            segment.patch(ticket.place, status, accepted);
        }
    }

    /// The lines asked for, one JSON object a line. Blocking file reads: call it off the
    /// async threads.
    pub fn read(&self, query: Query) -> io::Result<Vec<u8>> {
        let slices = self.slices_after(query.after);
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

    fn slices_after(&self, after: u64) -> Vec<Slice> {
        let mut inner = self.lock();
        inner.write_out();
        let oldest = inner.next_n.saturating_sub(self.bounds.kept).max(1);
        let from = after.saturating_add(1).max(oldest);
        inner
            .segments
            .iter()
            .filter_map(|segment| segment.slice_from(from))
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

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, Method};
    use bytes::Bytes;

    use super::*;

    fn request(path: &str) -> Arrived {
        Arrived {
            method: Method::GET,
            path: path.to_owned(),
            query: String::new(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
        }
    }

    fn numbers(log: &FileLog, after: u64, limit: usize) -> Vec<u64> {
        let bytes = log
            .read(Query {
                after,
                limit,
                provider: None,
            })
            .expect("readable");
        let lines = String::from_utf8(bytes).expect("text");
        let number = |line: &str| {
            let line: Value = serde_json::from_str(line).expect("a JSON line");
            line["n"].as_u64().expect("a number")
        };
        lines.lines().map(number).collect()
    }

    fn files(dir: &Path) -> usize {
        std::fs::read_dir(dir).expect("a folder").count()
    }

    #[test]
    fn only_the_newest_lines_are_kept_across_rotated_files() {
        let dir = tempfile::tempdir().expect("a folder");
        let bounds = Bounds {
            kept: 100,
            per_file: 10,
        };
        let log = FileLog::bounded(dir.path(), bounds).expect("open");
        for n in 0..95 {
            log.arrive(
                Provider::Meta,
                &request(&format!("/{n}")),
                Mark::default(),
                0,
            );
        }
        assert_eq!(numbers(&log, 0, 1_000), (1..=95).collect::<Vec<_>>());
        assert_eq!(numbers(&log, 8, 4), [9, 10, 11, 12]);
        for n in 0..170 {
            log.arrive(
                Provider::Meta,
                &request(&format!("/{n}")),
                Mark::default(),
                0,
            );
        }
        assert_eq!(numbers(&log, 0, 1_000), (166..=265).collect::<Vec<_>>());
        assert!(files(dir.path()) <= 11);
    }

    #[test]
    fn one_answer_has_5000_lines_at_most() {
        let dir = tempfile::tempdir().expect("a folder");
        let log = FileLog::open(dir.path()).expect("open");
        for _ in 0..5_100 {
            log.arrive(Provider::Glpi, &request("/x"), Mark::default(), 0);
        }
        assert_eq!(numbers(&log, 0, 9_999).len(), 5_000);
    }

    #[test]
    fn lines_already_written_out_are_completed_in_place() {
        let dir = tempfile::tempdir().expect("a folder");
        let log = FileLog::bounded(
            dir.path(),
            Bounds {
                kept: 20,
                per_file: 2,
            },
        )
        .expect("open");
        let tickets: Vec<_> = (0..5)
            .map(|_| log.arrive(Provider::Meta, &request("/x"), Mark::default(), 0))
            .collect();
        log.flush();
        for ticket in &tickets {
            log.finish(ticket, 200, true);
        }
        let bytes = log
            .read(Query {
                after: 0,
                limit: 10,
                provider: None,
            })
            .expect("readable");
        let text = String::from_utf8(bytes).expect("text");
        assert_eq!(text.matches("\"status\":200,\"accepted\":true ").count(), 5);
    }

    #[test]
    fn a_new_run_starts_at_1_in_the_same_folder() {
        let dir = tempfile::tempdir().expect("a folder");
        for _ in 0..2 {
            let log = FileLog::open(dir.path()).expect("open");
            log.arrive(Provider::Meta, &request("/x"), Mark::default(), 0);
            assert_eq!(numbers(&log, 0, 10), [1]);
            assert_eq!(files(dir.path()), 1);
        }
    }
}
