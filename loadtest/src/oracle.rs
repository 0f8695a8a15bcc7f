//! The oracle: what the simulated provider took, from its request log.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::Value;

use crate::arguments::Arguments;

/// How often the log is asked.
const ASK_EVERY: Duration = Duration::from_millis(50);
/// The log stands still this long before the run counts as settled.
const QUIET: Duration = Duration::from_secs(1);

/// Messages the simulated WhatsApp took.
pub struct Counts {
    accepted: u64,
    repeated: u64,
}

/// What came out of a run.
pub struct Settled {
    /// Replies the provider took.
    pub replies: u64,
    /// Replies it took more than once.
    pub doubled: u64,
    /// When the last reply was seen.
    pub at: Instant,
}

impl Counts {
    /// Asks the simulators.
    pub async fn read(client: &reqwest::Client, simulators: &str) -> anyhow::Result<Self> {
        let url = format!("{simulators}/_log/counts?repeated=1");
        let answer = client
            .get(&url)
            .send()
            .await
            .context("asking the simulators' log")?;
        let counts: Value = answer.error_for_status()?.json().await?;
        let meta = &counts["providers"]["meta"];
        let accepted = meta["accepted"]
            .as_u64()
            .context("the log counts no meta requests")?;
        let repeated = meta["effects"]
            .as_object()
            .map_or(0, |effects| effects.len() as u64);
        Ok(Self { accepted, repeated })
    }
}

/// Waits until every message has its reply, or the log has been quiet, or patience ends.
pub async fn settle(
    client: &reqwest::Client,
    arguments: &Arguments,
    before: &Counts,
    expected: u64,
) -> anyhow::Result<Settled> {
    let deadline = Instant::now() + Duration::from_secs(arguments.patience);
    let mut settled = Settled {
        replies: 0,
        doubled: 0,
        at: Instant::now(),
    };
    loop {
        let counts = Counts::read(client, &arguments.simulators).await?;
        let replies = counts.accepted - before.accepted;
        if replies != settled.replies {
            settled.replies = replies;
            settled.at = Instant::now();
        }
        settled.doubled = counts.repeated.saturating_sub(before.repeated);
        let quiet = settled.at.elapsed() >= QUIET;
        if (replies >= expected && quiet) || Instant::now() >= deadline {
            return Ok(settled);
        }
        tokio::time::sleep(ASK_EVERY).await;
    }
}
