//! The `chasqui-loadtest` binary: sends signed webhooks to a running server and judges, from the
//! simulators' own log, what came out.
//!
//! ```text
//! burst   --signed webhooks-->  server  --replies-->  simulators
//!   |  200, 503, latency                                  |  request log
//!   +--------------------> report <--- oracle ------------+
//! ```
//!
//! The burst writes as many webhooks as the window allows and sends a refused one again, as the
//! provider would. The oracle then asks the simulators which replies arrived. The two never meet in
//! the server: what it says about itself is not believed. One JSON report goes to standard output;
//! the run fails when a reply is lost or doubled. `steps_per_s` counts from the first webhook to the
//! last reply.
//!
//! Start it beside `chasqui demo` (a release build on both sides, or the figures mean nothing). Every
//! contact's messages are few enough for the soft limit of 20 a minute; with fewer contacts the bot
//! slows down on purpose.

mod arguments;
mod burst;
mod oracle;
mod webhook;

use anyhow::Context as _;
use clap::Parser as _;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = arguments::Arguments::parse();
    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_| anyhow::anyhow!("a TLS provider is installed already"))?;
    arguments.refuse_foreign_hosts()?;
    let client = reqwest::Client::builder()
        .no_proxy()
        .pool_max_idle_per_host(arguments.window)
        .timeout(std::time::Duration::from_secs(30))
        .build()
        .context("building the HTTP client")?;
    let before = oracle::Counts::read(&client, &arguments.simulators).await?;
    let burst = burst::run(&client, &arguments).await?;
    let settled = oracle::settle(&client, &arguments, &before, burst.accepted).await?;
    let report = burst.report(&settled);
    println!("{}", serde_json::to_string_pretty(&report)?);
    anyhow::ensure!(
        report.passed(),
        "lost or doubled replies: see the report above"
    );
    Ok(())
}
