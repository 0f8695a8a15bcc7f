//! How the server's threads share the processor, and its tasks the threads.
//!
//! Under Linux's usual policy a thread that is woken may push aside the one that runs. At full load
//! each message wakes several: the journal's, a worker, and on a small machine those of whatever
//! stands beside the server. With load tester and simulators on the same two cores a fifth of the
//! processor went into that. Under `SCHED_BATCH` (sched(7)) a thread that is woken waits until the
//! running one has nothing to do or its turn is over; an idle core still takes it at once.

use std::io;

use rustix::process::getpriority_process;
use thread_priority::{
    NormalThreadSchedulePolicy as Normal, ThreadPriority, ThreadPriorityValue,
    ThreadSchedulePolicy, set_thread_priority_and_policy, thread_native_id, thread_schedule_policy,
};
use tokio::runtime::{Builder, Runtime};

/// What stands for niceness 0 among the library's 0 to 99.
const NICENESS_0: u8 = 48;

/// Tasks that a worker runs between two looks at the sockets while others wait. A worker without
/// tasks looks at once.
const TASKS_BETWEEN_LOOKS: u32 = 512;
/// Its own tasks that a worker runs before it takes some of those that other threads woke.
const OWN_TASKS_FIRST: u32 = 127;

/// The runtime of the server, of the simulators and of the load tester with its bare handler.
///
/// A message is the work of several tasks, and each kind of task has much code of its own. So tasks
/// run in the order in which they were woken: those of a kind are woken together, by one look at the
/// sockets or by one group of the journal, and then find their code in the cache. Usually tokio runs
/// a woken task next, before those that wait, which takes turns between a webhook and its contact.
/// The errors are those of starting threads.
pub fn runtime() -> io::Result<Runtime> {
    let mut builder = Builder::new_multi_thread();
    builder
        .enable_all()
        .event_interval(TASKS_BETWEEN_LOOKS)
        .global_queue_interval(OWN_TASKS_FIRST);
    // A setting that tokio may still rename; `.cargo/config.toml` asks for it. Without it everything
    // works, a little slower.
    #[cfg(tokio_unstable)]
    builder.disable_lifo_slot();
    builder.build()
}

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
