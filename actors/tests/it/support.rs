//! What several tests share.

pub mod lane;
pub mod life;
pub mod machine;
pub mod people;

use std::time::{Duration, Instant};

/// The seed of this run: `CHASQUI_SEED` repeats a failed one.
pub fn seed(default: u64) -> u64 {
    let given = std::env::var("CHASQUI_SEED").ok();
    given.map_or(default, |text| {
        text.parse().expect("CHASQUI_SEED is a number")
    })
}

/// Whether one seed was asked for, so that only that one is run.
pub fn repeats_one_seed() -> bool {
    std::env::var_os("CHASQUI_SEED").is_some()
}

/// Waits for a condition, not for ever.
pub async fn wait_until(mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !condition() {
        assert!(Instant::now() < deadline, "the condition never came true");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Runs a check for `count` seeds, and says which seed failed.
pub fn for_seeds(count: u64, check: impl Fn(u64) + std::panic::RefUnwindSafe) {
    let first = seed(1);
    let last = if repeats_one_seed() { first } else { count };
    for seed in first..=last {
        let checked = std::panic::catch_unwind(|| check(seed));
        if let Err(panic) = checked {
            eprintln!("failed with CHASQUI_SEED={seed}");
            std::panic::resume_unwind(panic);
        }
    }
}
