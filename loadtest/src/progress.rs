//! The run as it goes, on standard error: one line that is written over on a terminal, a line every
//! five seconds elsewhere.

use std::io::{IsTerminal as _, Write as _};
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::generator::Live;
use crate::watch::Sample;

/// Seconds between lines where they cannot be written over.
const SELDOM: u64 = 5;

/// Shows a run.
#[derive(Clone, Debug)]
pub struct Progress {
    name: String,
    is_terminal: bool,
    before: (u64, u64),
    cpu_before: Option<(i64, f64)>,
    last_s: u64,
}

impl Progress {
    /// Shows the part of a run called `name`.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            is_terminal: std::io::stderr().is_terminal(),
            before: (0, 0),
            cpu_before: None,
            last_s: 0,
        }
    }

    /// Shows where it stands after `elapsed`.
    pub fn show(&mut self, elapsed: Duration, live: &Live, sample: Option<&Sample>) {
        let seconds = elapsed.as_secs();
        let read = |count: &std::sync::atomic::AtomicU64| count.load(Ordering::Relaxed);
        if !self.is_terminal && seconds < self.last_s + SELDOM {
            return;
        }
        let span = (seconds - self.last_s).max(1);
        let (accepted, replies) = (read(&live.accepted), read(&live.replies));
        let rate = |now: u64, before: u64| now.saturating_sub(before) / span;
        let mut line = format!(
            "{} {seconds:>4} s  in {:>6}/s  out {:>6}/s  unanswered {:>6}  webhook p50 {:.1} p99 {:.1} ms  errors {}",
            self.name,
            rate(accepted, self.before.0),
            rate(replies, self.before.1),
            read(&live.messages).saturating_sub(replies),
            read(&live.p50_us) as f64 / 1e3,
            read(&live.p99_us) as f64 / 1e3,
            read(&live.errors),
        );
        if let Some((at_us, usage)) = sample.and_then(|sample| Some((sample.at_us, sample.usage?)))
        {
            let before = self.cpu_before.replace((at_us, usage.cpu_s));
            if let Some((before_us, before_s)) =
                before.filter(|before| before.0 < at_us && before.1 <= usage.cpu_s)
            {
                let cores = (usage.cpu_s - before_s) / ((at_us - before_us) as f64 / 1e6);
                line.push_str(&format!("  cpu {cores:.2}  rss {:.0} MB", usage.rss_mb));
            }
        }
        self.before = (accepted, replies);
        self.last_s = seconds;
        self.write(&line);
    }

    fn write(&self, line: &str) {
        let mut out = std::io::stderr().lock();
        // A closed standard error must not end a run.
        let _ = if self.is_terminal {
            write!(out, "\r\x1b[2K{line}")
        } else {
            writeln!(out, "{line}")
        };
        let _ = out.flush();
    }

    /// Leaves the last line standing.
    pub fn end(&self) {
        if self.is_terminal {
            eprintln!();
        }
    }
}
