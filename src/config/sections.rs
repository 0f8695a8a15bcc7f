//! The concerns of the server itself.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use actors::journal::adapter::keep_bytes_min;

use super::bootstrap::web_address;
use super::section::section;
use super::setting::choice;
use super::{Problems, Secret};

section! {
    /// The door.
    pub struct Server {
        /// Where to listen. Port 0 takes any free one; the address is then printed.
        pub listen: SocketAddr = SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
        /// Largest webhook body in bytes; a larger one is refused before it is read.
        /// WhatsApp sends up to 3 MB.
        #[within(3_000_000..=67_108_864)]
        pub webhook_body_bytes_max: u64 = 3_145_728,
        /// Largest body of an API request in bytes.
        #[within(1024..=67_108_864)]
        pub api_body_bytes_max: u64 = 1_048_576,
        /// Requests served at a time. One more is answered 503 with Retry-After.
        #[within(16..=65_536)]
        pub requests_in_flight_max: u64 = 4096,
        /// How long one request may take, in milliseconds.
        #[within(1000..=120_000)]
        pub request_timeout_ms: u64 = 10_000,
        /// Requests a minute of one API token. One more is answered 429 with Retry-After.
        #[within(1..=100_000)]
        pub api_requests_per_minute: u32 = 100,
        /// How long work in flight is awaited when the server is told to stop, in
        /// milliseconds. What is not done by then stays planned for the next start.
        #[within(1000..=60_000)]
        pub shutdown_timeout_ms: u64 = 10_000,
        /// The address under which providers reach this server, such as
        /// `https://bot.example.com`. Gupshup fetches the files that operators send there; Meta
        /// needs none.
        pub public_url: Option<String> = None,
        /// Whether the demo's page is shown at `/`. It needs the simulators behind
        /// providers.meta.base_url.
        pub demo_page: bool = false,
    }
}

impl Server {
    pub(super) fn check(&self, problems: &mut Problems) {
        if let Some(url) = &self.public_url {
            web_address(url, "server.public_url", problems);
        }
    }
}

section! {
    /// The data directory.
    pub struct Data {
        /// Journal, index, keys, media and the private database live under this directory.
        /// One process at a time owns it.
        pub directory: PathBuf = PathBuf::from("data"),
    }
}

section! {
    /// The journal's files.
    pub struct Journal {
        /// Lanes, each with its own files and flushes. Fixed once the directory exists.
        #[within(1..=64)]
        pub lanes: u16 = 1,
        /// Size of one segment file in bytes. Only the last segment is read before the
        /// first webhook is answered.
        #[within(1_048_576..=1_073_741_824)]
        pub segment_bytes: u64 = 67_108_864,
        /// Longest time a segment stays in the journal, in seconds. What is still needed
        /// after that is carried into a new one.
        #[within(2..=86_400)]
        pub segment_age_max_s: u64 = 86_400,
        /// Size in bytes that the journal's directory stays below. The oldest segments go
        /// before their time when it would grow beyond.
        #[within(8_388_608..=17_592_186_044_416_u64)]
        pub keep_bytes: u64 = 2_147_483_648,
        /// Space held back in bytes, so that steps and outcomes are still recorded when
        /// new inputs are refused for lack of space. In whole segments, at least one a lane.
        #[within(1_048_576..=1_073_741_824)]
        pub reserve_bytes: u64 = 67_108_864,
        /// How long message ids are remembered to recognise a late duplicate, in days.
        /// WhatsApp repeats a webhook for 7.
        #[within(8..=60)]
        pub seen_days: u32 = 9,
    }
}

impl Journal {
    /// What the sizes say only together.
    pub(super) fn check(&self, problems: &mut Problems) {
        let least = keep_bytes_min(self.lanes, self.segment_bytes, self.reserve_bytes);
        if self.keep_bytes < least {
            problems.add(
                "journal.keep_bytes",
                format!(
                    "must be at least {least} with these lanes, segment_bytes and reserve_bytes"
                ),
            );
        }
    }
}

section! {
    /// Contacts.
    pub struct Contacts {
        /// Contacts held awake at a time. Above it those idle longest sleep before their time.
        #[within(100..=1_000_000)]
        pub live_max: u64 = 20_000,
        /// How long a contact without work stays awake, in milliseconds.
        #[within(100..=3_600_000)]
        pub passivate_after_ms: u64 = 10_000,
        /// Messages a minute that one contact may send before answers slow down. Nothing
        /// is dropped.
        #[within(1..=1000)]
        pub messages_per_minute_soft: u32 = 20,
        /// How long a person waits for a ticket number before a word that it will follow,
        /// in milliseconds.
        #[within(500..=60_000)]
        pub interim_after_ms: u64 = 3000,
    }
}

section! {
    /// The database.
    pub struct Postgres {
        /// A running server's address (postgres://user:password@host/database). With it
        /// no private database is started.
        pub url: Option<Secret> = None,
        /// The folder that holds initdb and postgres, version 16 or newer. Without it the
        /// folder of `make setup` is looked in, then /usr/lib/postgresql.
        pub binaries: Option<PathBuf> = None,
        /// Open connections.
        #[within(2..=100)]
        pub connections_max: u32 = 8,
    }
}

section! {
    /// The files that people send.
    pub struct Media {
        /// Bytes that the files of one tenant may take. Beyond it a file waits at the
        /// provider until there is room, for 7 days.
        #[within(1_048_576..=1_125_899_906_842_624_u64)]
        pub tenant_bytes: u64 = 8_589_934_592,
        /// How long one download may take, in milliseconds.
        #[within(1000..=100_000)]
        pub fetch_timeout_ms: u64 = 60_000,
        /// Downloads of one channel at the same time. They never hold up its answers.
        #[within(1..=64)]
        pub fetches_in_flight_max: u32 = 4,
        /// Downloads a second of one channel.
        #[within(1..=1000)]
        pub fetches_per_second: u32 = 20,
    }
}

section! {
    /// Retention.
    pub struct Retention {
        /// Conversations, in days.
        #[within(1..=3650)]
        pub conversations_days: u32 = 90,
        /// The files that people sent, in days.
        #[within(1..=3650)]
        pub media_days: u32 = 90,
        /// The trace log in the database, in days.
        #[within(1..=3650)]
        pub trace_log_days: u32 = 90,
    }
}

section! {
    /// Keys.
    pub struct Keys {
        /// The ring file. Without it the ring is made in the data directory, with mode 0600.
        pub ring: Option<PathBuf> = None,
    }
}

/// How much is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Only what an operator must act on now.
    Error,
    /// And what an operator should know of.
    Warn,
    /// And what the server does at large.
    Info,
    /// And each step of its work, without contents.
    Debug,
    /// And what its libraries do.
    Trace,
}

choice!(Level { Error = "error", Warn = "warn", Info = "info", Debug = "debug", Trace = "trace" });

/// The shape of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line, for machines.
    Json,
    /// Words, for a terminal.
    Text,
}

choice!(Format { Json = "json", Text = "text" });

section! {
    /// OpenTelemetry.
    pub struct OpenTelemetry {
        /// Where traces of messages are sent: the full address of a collector's OTLP/HTTP
        /// receiver, such as http://127.0.0.1:4318/v1/traces. Without it none are made.
        pub endpoint: Option<String> = None,
        /// Messages of a thousand that are traced. Which ones follows from their ids.
        #[within(1..=1000)]
        pub traces_per_thousand: u32 = 10,
    }
}

impl OpenTelemetry {
    /// Whether the collector has an address.
    pub(super) fn check(&self, problems: &mut Problems) {
        if let Some(endpoint) = &self.endpoint {
            web_address(endpoint, "opentelemetry.endpoint", problems);
        }
    }
}

section! {
    /// The log.
    pub struct Log {
        /// The least urgent level that is written.
        pub level: Level = Level::Info,
        /// The shape of a line.
        pub format: Format = Format::Json,
    }
}
