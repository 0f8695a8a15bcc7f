//! The watchdog: ends the process when one step would not end.
//!
//! A decision that loops cannot be stopped from within: its thread never comes back. So an OS thread
//! of its own, which no busy worker holds up, looks at the steps under way. One that used five
//! seconds of its thread's CPU time gets a strike heavy enough to set its input aside, and the
//! process is aborted; whoever runs the server starts it again, and the entity goes on with its next
//! input. Waiting does not count, so a machine that stands still strikes nobody.

mod cpu;
mod steps;

use std::io;
use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use crate::journal::Journal;
use crate::journal::running::SLOTS;
use crate::model::{Note, Strike};

pub(crate) use steps::Steps;

/// What the watchdog puts up with.
#[derive(Clone, Copy, Debug)]
struct Patience {
    /// CPU time of one step. It is counted from the first look at the step, so that beginning a step
    /// need not ask the kernel; a look's pause more may pass.
    step: Duration,
    /// Pause between two looks.
    look: Duration,
    /// How long the strike may take to become durable.
    strike: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            step: Duration::from_secs(5),
            look: Duration::from_millis(250),
            strike: Duration::from_secs(1),
        }
    }
}

/// The thread's view of the system; it ends with the last owner of `steps`.
struct Watchdog<J> {
    steps: Weak<Steps>,
    journal: Weak<J>,
    patience: Patience,
    /// Ends the process; tests do something milder.
    end: Box<dyn Fn() + Send>,
}

/// Starts the watchdog over these steps.
///
/// # Errors
/// When the system refuses another thread.
pub(crate) fn start<J: Journal>(steps: &Arc<Steps>, journal: &Arc<J>) -> io::Result<()> {
    Watchdog {
        steps: Arc::downgrade(steps),
        journal: Arc::downgrade(journal),
        patience: Patience::default(),
        end: Box::new(|| std::process::abort()),
    }
    .start()
}

/// A step as it was first seen, and the CPU time its thread had used by then.
#[derive(Clone, Copy)]
struct FirstLook {
    serial: u64,
    used: Duration,
}

impl<J: Journal> Watchdog<J> {
    fn start(self) -> io::Result<()> {
        if cpu::used_by(rustix::thread::gettid()).is_none() {
            tracing::warn!("/proc does not tell CPU times; a step that loops is not noticed");
            return Ok(());
        }
        // The strike is written on this runtime: the workers of the other one may all be looping.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()?;
        thread::Builder::new()
            .name("watchdog".to_owned())
            .spawn(move || self.run(&runtime))?;
        Ok(())
    }

    fn run(self, runtime: &tokio::runtime::Runtime) {
        let mut looks = [None; SLOTS];
        loop {
            thread::sleep(self.patience.look);
            let Some(steps) = self.steps.upgrade() else {
                return;
            };
            for (slot, first) in looks.iter_mut().enumerate() {
                if self.look(&steps, slot, first, runtime) {
                    (self.end)();
                    return;
                }
            }
        }
    }

    /// Looks at one slot; true when the process must end. The slot is held meanwhile, so a step
    /// that gets its strike does not become durable after it.
    fn look(
        &self,
        steps: &Steps,
        slot: usize,
        first: &mut Option<FirstLook>,
        runtime: &tokio::runtime::Runtime,
    ) -> bool {
        steps.look(slot, |step| {
            let Some(step) = step else {
                *first = None;
                return false;
            };
            let Some(used) = cpu::used_by(step.thread) else {
                return false;
            };
            let serial = step.serial;
            match *first {
                Some(first) if first.serial == serial => {
                    let too_long = used.saturating_sub(first.used) >= self.patience.step;
                    if too_long && self.strike(step, runtime) {
                        steps.forget_note(slot);
                    }
                    too_long
                }
                _ => {
                    *first = Some(FirstLook { serial, used });
                    false
                }
            }
        })
    }

    /// Writes the strike down; false when it is not on record in time.
    fn strike(&self, step: steps::Step, runtime: &tokio::runtime::Runtime) -> bool {
        let steps::Step { key, input, .. } = step;
        tracing::error!(%key, input = input.0, "a step does not end; the process is aborted");
        let Some(journal) = self.journal.upgrade() else {
            return false;
        };
        let strike = Note::Strike(Strike {
            input,
            weight: Strike::LIMIT,
            reason: "deciding it used all the CPU time a step may use".into(),
        });
        let written = runtime.block_on(async {
            tokio::time::timeout(self.patience.strike, journal.note(key, &strike)).await
        });
        let on_record = matches!(written, Ok(Ok(())));
        if !on_record {
            tracing::error!(%key, "its strike is not on record");
        }
        on_record
    }
}

#[cfg(test)]
mod tests;
