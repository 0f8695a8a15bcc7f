//! Being told to stop: SIGTERM from a supervisor, SIGINT from a terminal.
//!
//! The first signal begins the orderly end: no more connections are accepted, requests under way
//! are awaited, the actors drain, and the process ends within its time. A second signal while that
//! goes on ends the process at once, which loses nothing either: the journal is made for that.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

/// Listens for the two signals.
#[derive(Debug)]
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Takes the signals over from the system's default, which would end the process.
    ///
    /// # Errors
    /// When the system refuses the handlers.
    pub fn take() -> io::Result<Self> {
        let terminate = signal(SignalKind::terminate())?;
        Ok(Self {
            terminate,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// The name of the next signal.
    pub async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }

    /// Tells everybody who watches `closing` at the first signal, and ends the process at the
    /// second.
    pub async fn close(mut self, closing: watch::Sender<bool>) {
        let first = self.next().await;
        tracing::info!(signal = first, "told to stop; a second signal ends at once");
        closing.send_replace(true);
        let second = self.next().await;
        tracing::warn!(
            signal = second,
            "ended at once; what was under way is settled at the next start"
        );
        std::process::exit(1);
    }
}

/// Ends when the server is told to stop.
pub async fn told(mut closing: watch::Receiver<bool>) {
    // A sender that is gone means that the process is ending anyway.
    let _ = closing.wait_for(|closing| *closing).await;
}
