//! What a client concluded, taken apart.

use std::time::Duration;

use actors::ports::Called;

/// When a call that was surely not done may come again, as far as that was told, and whether it
/// counts against the provider's health. Panics on any other verdict.
#[track_caller]
pub fn put_off(called: Called) -> (Option<Duration>, bool) {
    match called {
        Called::NotDone {
            retry_after,
            counts_against,
            ..
        } => (retry_after, counts_against),
        other => panic!("not put off: {other:?}"),
    }
}

/// So many seconds, as a provider tells them.
pub const fn seconds(count: u64) -> Option<Duration> {
    Some(Duration::from_secs(count))
}
