//! What is WhatsApp's own, whichever provider stands between: the people at the other end of a
//! number with their conversations, the limits between them and it, the ids of messages, and the
//! courier that tells a number's receivers what happened. The bodies that are told are each
//! provider's.

pub mod conversation;
pub mod courier;
pub mod limits;
pub mod people;
pub mod settings;
pub mod wamid;
