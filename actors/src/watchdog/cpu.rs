//! How much CPU time a thread of this process has used, as the kernel tells it in `/proc`. That file
//! is the one way to ask about another thread without unsafe code.

use std::fs;
use std::time::Duration;

use rustix::thread::Pid;

/// The kernel counts in hundredths of a second (`USER_HZ`) wherever we run.
const TICK: Duration = Duration::from_millis(10);

/// Fields of `stat` after the name in parentheses: user time is the 12th, system time the 13th
/// (proc_pid_stat(5) counts from 1 and numbers them 14 and 15).
const USER_TIME: usize = 11;

/// CPU time of a living thread of this process; `None` when the kernel does not tell.
pub(super) fn used_by(thread: Pid) -> Option<Duration> {
    let path = format!("/proc/self/task/{}/stat", thread.as_raw_nonzero());
    parse(&fs::read_to_string(path).ok()?)
}

fn parse(stat: &str) -> Option<Duration> {
    // The name may hold spaces and parentheses of its own.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut times = fields.split_ascii_whitespace().skip(USER_TIME);
    let user: u32 = times.next()?.parse().ok()?;
    let system: u32 = times.next()?.parse().ok()?;
    Some(TICK * user.checked_add(system)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_spaces_and_parentheses_is_no_trap() {
        let stat = "42 (a (b) 1 2) R 1 1 1 0 -1 64 10 0 0 0 150 50 0 0 20 0 3 0 1";
        assert_eq!(parse(stat), Some(Duration::from_secs(2)));
    }

    #[test]
    fn the_kernel_tells_the_time_of_this_thread() {
        let thread = rustix::thread::gettid();
        let before = used_by(thread).expect("/proc is there");
        while used_by(thread).expect("/proc is there") == before {
            std::hint::spin_loop();
        }
    }
}
