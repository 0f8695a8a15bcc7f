//! Waits until an instant, to a fraction of a millisecond: the scheduler's own timers are too coarse
//! for latencies of a few milliseconds.

use std::io;
use std::time::{Duration, Instant};

use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};
use tokio::net::unix::pipe::Receiver;

/// Arrivals closer than this leave together: each wait costs three system calls.
const GRAIN: Duration = Duration::from_micros(200);

/// A timer of the kernel.
#[derive(Debug)]
pub struct Pacer {
    /// Read like a pipe: it becomes readable when it fires and then holds eight bytes.
    timer: Receiver,
}

impl Pacer {
    /// A timer of the runtime this is called in.
    pub fn new() -> io::Result<Self> {
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        Ok(Self {
            timer: Receiver::from_owned_fd_unchecked(timer)?,
        })
    }

    /// Returns at `at`, or at once when it has passed. Lets other tasks run either way.
    pub async fn until(&self, at: Instant) -> io::Result<()> {
        let wait = at.saturating_duration_since(Instant::now());
        if wait.is_zero() {
            tokio::task::consume_budget().await;
            return Ok(());
        }
        let wait = wait.max(GRAIN);
        let none = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        let once = Itimerspec {
            it_interval: none,
            it_value: Timespec {
                tv_sec: wait.as_secs().cast_signed(),
                tv_nsec: wait.subsec_nanos().into(),
            },
        };
        timerfd_settime(&self.timer, TimerfdTimerFlags::empty(), &once)?;
        let mut fired = [0; 8];
        loop {
            self.timer.readable().await?;
            match self.timer.try_read(&mut fired) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                read => return read.map(|_| ()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_never_wakes_early_and_serves_again() {
        let pacer = Pacer::new().unwrap();
        for _ in 0..20 {
            let at = Instant::now() + Duration::from_micros(700);
            pacer.until(at).await.unwrap();
            assert!(Instant::now() >= at);
        }
        pacer
            .until(Instant::now() - Duration::from_secs(1))
            .await
            .unwrap();
    }
}
