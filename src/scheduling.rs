//! How the server's threads share the processor.
//!
//! Under Linux's usual policy a thread that is woken may push aside the one that runs. At full load
//! each message wakes several: the journal's, a worker, and on a small machine those of whatever
//! stands beside the server. With load tester and simulators on the same two cores a fifth of the
//! processor went into that. Under `SCHED_BATCH` (sched(7)) a thread that is woken waits until the
//! running one has nothing to do or its turn is over; an idle core still takes it at once.

use rustix::process::getpriority_process;
use thread_priority::{
    NormalThreadSchedulePolicy as Normal, ThreadPriority, ThreadPriorityValue,
    ThreadSchedulePolicy, set_thread_priority_and_policy, thread_native_id, thread_schedule_policy,
};

/// What stands for niceness 0 among the library's 0 to 99.
const NICENESS_0: u8 = 48;

/// Lets this thread, and all that it starts from now on, take turns instead of pushing each other
/// aside. A process that was given a policy or a niceness of its own keeps it.
pub fn take_turns() {
    let usual = ThreadSchedulePolicy::Normal(Normal::Other);
    let is_usual = thread_schedule_policy().is_ok_and(|policy| policy == usual);
    if !is_usual || getpriority_process(None) != Ok(0) {
        return;
    }
    let Ok(niceness) = ThreadPriorityValue::try_from(NICENESS_0) else {
        return;
    };
    let turns = ThreadSchedulePolicy::Normal(Normal::Batch);
    let priority = ThreadPriority::Crossplatform(niceness);
    // Without it everything works, with more changes of threads.
    let _ = set_thread_priority_and_policy(thread_native_id(), priority, turns);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_started_afterwards_take_turns_too_unless_they_were_told_otherwise() {
        let usual = ThreadSchedulePolicy::Normal(Normal::Other);
        let given = thread_schedule_policy();
        let niceness = getpriority_process(None);
        let turns = ThreadSchedulePolicy::Normal(Normal::Batch);
        let is_usual = given == Ok(usual) && niceness == Ok(0);
        let expected = if is_usual { Ok(turns) } else { given };
        let policy = std::thread::spawn(|| {
            take_turns();
            std::thread::spawn(thread_schedule_policy).join().unwrap()
        });
        assert_eq!(policy.join().unwrap(), expected);
        assert_eq!(getpriority_process(None), niceness);
    }
}
