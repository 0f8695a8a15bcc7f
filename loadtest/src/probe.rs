//! What the server uses of the machine, from the kernel's figures about its process, and what it
//! tells on `/metrics`: group size, circuits, waits at limiters.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::client::Client;

/// Clock ticks a second in `/proc`; fixed on Linux.
const TICKS_PER_S: f64 = 100.0;

/// Sums of a process since its start.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Usage {
    /// Processor time, seconds.
    pub cpu_s: f64,
    /// Resident memory now, megabytes.
    pub rss_mb: f64,
    /// The most resident memory so far, megabytes.
    pub rss_peak_mb: f64,
    /// Bytes sent to the storage layer, as the kernel accounts for them: a page that is touched
    /// counts with the whole folio it lies in, which may be hundreds of pages.
    pub written: u64,
}

impl Usage {
    /// The figures of a process; `None` when it is gone or the system does not tell.
    pub fn of(pid: u32) -> Option<Self> {
        let read = |file: &str| std::fs::read_to_string(format!("/proc/{pid}/{file}")).ok();
        let stat = read("stat")?;
        // The name in brackets may contain anything; what follows is numbers.
        let fields: Vec<_> = stat.rsplit_once(") ")?.1.split(' ').collect();
        let ticks = |at: usize| fields.get(at).and_then(|ticks| ticks.parse::<f64>().ok());
        let status = read("status")?;
        let mb = |key: &str| field(&status, key).map(|kb| kb as f64 / 1_024.0);
        let written = read("io").and_then(|io| field(&io, "write_bytes:"));
        Some(Self {
            cpu_s: (ticks(11)? + ticks(12)?) / TICKS_PER_S,
            rss_mb: mb("VmRSS:")?,
            rss_peak_mb: mb("VmHWM:")?,
            written: written.unwrap_or_default(),
        })
    }
}

/// Bytes written to the device that holds `path`, by everybody; `None` where the file system has no
/// device of its own.
pub fn device_written(path: &Path) -> Option<u64> {
    let dev = std::fs::metadata(path).ok()?.dev();
    let major = ((dev >> 32) & 0xffff_f000) | ((dev >> 8) & 0xfff);
    let minor = ((dev >> 12) & 0xffff_ff00) | (dev & 0xff);
    let stat = std::fs::read_to_string(format!("/sys/dev/block/{major}:{minor}/stat")).ok()?;
    let sectors: u64 = stat.split_whitespace().nth(6)?.parse().ok()?;
    Some(sectors * 512)
}

/// Busy processor time of the whole machine, in seconds over all cores.
pub fn machine_busy_s() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/stat").ok()?;
    let ticks: Vec<f64> = stat
        .lines()
        .next()?
        .split_whitespace()
        .skip(1)
        .flat_map(str::parse)
        .collect();
    // user, nice, system, then idle and waiting for the disk, then interrupts.
    let busy: f64 = ticks
        .iter()
        .enumerate()
        .filter(|(at, _)| !matches!(at, 3 | 4))
        .map(|(_, t)| t)
        .sum();
    Some(busy / TICKS_PER_S)
}

/// Cores of this machine.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// The machine in a line: processor, cores, memory, system.
pub fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let cpu = read("/proc/cpuinfo");
    let model = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let memory = field(&read("/proc/meminfo"), "MemTotal:").unwrap_or_default();
    format!(
        "{} × {}, {:.0} GiB, Linux {}",
        cores(),
        model.map_or("unknown processor", |(_, model)| model.trim()),
        memory as f64 / 1_048_576.0,
        read("/proc/sys/kernel/osrelease").trim()
    )
}

/// Memory of the machine, megabytes.
pub fn memory_mb() -> f64 {
    let memory = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    field(&memory, "MemTotal:").unwrap_or_default() as f64 / 1_024.0
}

/// The number after `key` at the beginning of a line.
fn field(text: &str, key: &str) -> Option<u64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(key))?;
    rest.split_whitespace().next()?.parse().ok()
}

/// The server's own figures that are shown beside the load.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Told {
    /// Records of the journal so far.
    pub records: f64,
    /// Groups of the journal so far.
    pub groups: f64,
    /// Nanoseconds of flushing so far.
    pub flush_ns: f64,
    /// Circuits that are open.
    pub circuits_open: f64,
    /// Waits by limiter (rate, pair, concurrency) so far.
    pub limited: BTreeMap<String, f64>,
}

impl Told {
    /// Asks for them.
    pub async fn by(server: &mut Client) -> anyhow::Result<Self> {
        let text = server.get("/metrics").await?;
        Ok(Self::read(&String::from_utf8_lossy(&text)))
    }

    fn read(text: &str) -> Self {
        let mut told = Self::default();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let Some((series, value)) = line.rsplit_once(' ') else {
                continue;
            };
            let Ok(value) = value.parse::<f64>() else {
                continue;
            };
            let (name, labels) = series.split_once('{').unwrap_or((series, ""));
            match name {
                "chasqui_journal_records_total" => told.records = value,
                "chasqui_journal_groups_total" => told.groups = value,
                "chasqui_journal_flush_nanoseconds_total" => told.flush_ns = value,
                "chasqui_gateway_circuit_open" => told.circuits_open += value,
                "chasqui_gateway_limited_total" => {
                    let by = labels
                        .split("by=\"")
                        .nth(1)
                        .and_then(|rest| rest.split('"').next());
                    *told
                        .limited
                        .entry(by.unwrap_or("unknown").to_owned())
                        .or_default() += value;
                }
                _ => {}
            }
        }
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_has_figures_and_a_missing_one_has_none() {
        let mut work = 0u64;
        while Usage::of(std::process::id()).unwrap().cpu_s < 0.02 {
            work = (0..1_000_000).fold(work, |sum: u64, n| sum.wrapping_mul(31).wrapping_add(n));
        }
        std::hint::black_box(work);
        let usage = Usage::of(std::process::id()).unwrap();
        assert!(usage.rss_mb > 0.5 && usage.rss_peak_mb >= usage.rss_mb * 0.5);
        assert_eq!(Usage::of(u32::MAX), None);
        assert!(machine_busy_s().unwrap() > 0.0 && memory_mb() > 1.0);
    }

    #[test]
    fn metrics_are_read_by_name_and_label() {
        let text = "# HELP x\nchasqui_journal_records_total 120\nchasqui_journal_groups_total 4\n\
            chasqui_gateway_limited_total{gateway=\"a\",by=\"pair\"} 2\n\
            chasqui_gateway_limited_total{gateway=\"b\",by=\"pair\"} 3\n\
            chasqui_gateway_circuit_open{gateway=\"a\"} 1\n";
        let told = Told::read(text);
        assert_eq!(
            (told.records, told.groups, told.circuits_open),
            (120.0, 4.0, 1.0)
        );
        assert_eq!(told.limited["pair"], 5.0);
    }
}
