//! Writing a recording of a running server into a file.

use std::io::Write as _;
use std::time::Duration;

use tokio::time::Instant;

use super::AppError;
use crate::cli;

/// How long the server may take to begin.
const BEGINS_WITHIN: Duration = Duration::from_secs(10);

/// Records until the time is over, the server stops or Ctrl-C is pressed; tells how many messages.
///
/// # Errors
/// When the server refuses or the file cannot be written.
pub async fn record(arguments: &cli::Record) -> Result<(), AppError> {
    let unreachable =
        |source: reqwest::Error| AppError::Recording(source.without_url().to_string());
    // Refused when there is one already, which serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build();
    let url = format!(
        "{}/api/v1/recording",
        arguments.server.trim_end_matches('/')
    );
    let asked = client
        .map_err(unreachable)?
        .get(url)
        .bearer_auth(&arguments.token)
        .send();
    let answer = tokio::time::timeout(BEGINS_WITHIN, asked).await;
    let answer = answer.map_err(|_| AppError::Recording("it did not answer in time".to_owned()))?;
    let mut answer = answer.map_err(unreachable)?;
    if !answer.status().is_success() {
        let status = answer.status();
        let words = answer.text().await.unwrap_or_default();
        return Err(AppError::Recording(format!("{status}: {words}")));
    }
    let mut file = std::io::BufWriter::new(std::fs::File::create(&arguments.out)?);
    let until = arguments
        .seconds
        .map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let over = async {
        match until {
            Some(until) => tokio::time::sleep_until(until).await,
            None => std::future::pending().await,
        }
    };
    tokio::pin!(over);
    let stopped = tokio::signal::ctrl_c();
    tokio::pin!(stopped);
    let mut lines = 0_usize;
    // The line that a cut left unfinished is not written.
    let mut unfinished = Vec::new();
    loop {
        let chunk = tokio::select! {
            chunk = answer.chunk() => chunk.map_err(unreachable)?,
            () = &mut over => None,
            _ = &mut stopped => None,
        };
        let Some(chunk) = chunk else { break };
        unfinished.extend_from_slice(&chunk);
        if let Some(end) = unfinished.iter().rposition(|byte| *byte == b'\n') {
            let whole: Vec<u8> = unfinished.drain(..=end).collect();
            lines += whole.iter().filter(|byte| **byte == b'\n').count();
            file.write_all(&whole)?;
        }
    }
    file.flush()?;
    // The first line only says when it began.
    let messages = lines.saturating_sub(1);
    eprintln!(
        "{messages} messages recorded in {}",
        arguments.out.display()
    );
    Ok(())
}
