//! GLPI through its legacy REST API (`apirest.php` of 9.5, 10 and 11): tickets for people who write.
//!
//! [`Client`] keeps one session per connection, finds or registers the requester, opens the ticket
//! in the requester's entity and can find a ticket again by the hidden marker in its text, because
//! GLPI has no idempotency key. Followups and solutions carry the marker too. What technicians
//! change is polled; [`Client::check`] names what is missing in a connection's set-up.

mod changes;
mod check;
mod client;
mod convert;
mod desk;
mod dispatch;
mod document;
mod fault;
mod files;
mod followup;
mod link;
mod news;
mod own;
mod people;
mod removal;
mod requester;
mod rich;
mod session;
mod solution;
mod status;
mod survey;
mod ticket;
mod update;
mod verbs;
mod wire;

pub use check::{Finding, Level, Report, Step};
pub(in crate::providers) use client::address;
pub use client::{Client, Settings};
pub use fault::{Alert, Fault, Missing, Obstacle};
pub use followup::{Author, FollowUp, Then};
pub use own::Answer;
pub use people::{Linked, Role, UserCard, UserQuery};
pub use removal::Cancellation;
pub use solution::Solution;
pub use status::Status;
pub use ticket::PREPARATION;
pub use update::TicketUpdate;
pub use verbs::Attachment;
