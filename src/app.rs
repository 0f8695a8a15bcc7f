//! The composition root: every part is made here, given to those who need it, and ended in order.

mod announce;
#[cfg(feature = "simulators")]
mod simulate;

use std::io;

#[cfg(feature = "simulators")]
pub use simulate::simulate;

#[cfg(feature = "simulators")]
use crate::simulators;

/// Why the process could not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The system refused a signal handler, a socket or standard output.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The simulators could not start.
    #[cfg(feature = "simulators")]
    #[error(transparent)]
    Simulators(#[from] simulators::StartError),
    /// The simulators' world could not be made.
    #[cfg(feature = "simulators")]
    #[error("simulator world: {0}")]
    World(#[from] simulators::meta::WorldError),
}
