//! Gateways: the only place from which providers are called.
//!
//! ```text
//! supervisor of gateways
//! └─ actor (one per account at a provider)   waiting attempts, most urgent first
//!    └─ calls (tasks, bounded by the gate)   Sending on record → provider → outbox::Event
//! ```
//!
//! The [`Gate`] is shared by handle: circuit breaker, rate limiter, pair limiter and concurrency
//! bound. An entity's shell may enter it at once ([`GatewayHandle::try_enter`]) and commit the first
//! `Sending` together with its step; otherwise the attempt waits in the actor.
//!
//! A provider's failure is data: the actor never ends because of it, and a panic in a provider is an
//! unknown outcome. Whatever ends, an actor, a task or the process, every attempt that was handed
//! over is answered exactly once, or its process is gone and the journal knows. When the actor ends,
//! calls in flight go on and waiting attempts are answered with `NotStarted`.
//!
//! Never done here: deciding what an outcome leads to. That is the outbox's.

mod actor;
mod attempt;
mod back;
mod book;
mod breaker;
mod busy;
mod calls;
pub mod entity;
pub(crate) mod fallback;
mod gate;
mod handle;
mod health;
mod limiter;
pub mod look;
mod meters;
mod number;
pub mod pace;
mod pairs;
mod poller;
mod pollers;
mod quota;
#[cfg(test)]
mod tests;
mod turns;
mod withdrawals;

pub use actor::{GatewayMsg, WAITING_MAX};
pub(crate) use attempt::{event_of, second_line, withdrawn};
pub use back::Back;
pub(crate) use book::{Book, JournalBook};
pub use breaker::{Admission, Breaker};
pub use busy::Busy;
pub(crate) use entity::GatewayKind;
pub use gate::{Gate, Pass};
pub use handle::{GatewayHandle, Parts, spawn};
pub use health::{Health, LastError, Paused, SecondInUse};
pub use limiter::{Limiter, Throttle};
pub use number::Number;
pub use pairs::{PAIRS_MAX, Pairs};
pub(crate) use poller::{Poller, PollerMsg};
pub(crate) use pollers::Pollers;
pub use quota::{Quota, TemplateCount};
pub use withdrawals::Withdrawals;
