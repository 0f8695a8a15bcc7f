//! The database: rows that are not money, and the private Postgres that holds them.
//!
//! Nothing here is on the way of a message. The server starts from the directory file and
//! goes on while Postgres is away; what is edited here reaches it when it is published.

pub mod postgres;
