//! The trace log: what went in and out of each part, for following one request.
//!
//! Writers never wait: a trace goes into a bounded queue and from there in batches into
//! the database. While the database is away the queue fills, and what no longer fits is
//! dropped and counted, because a trace is worth less than a message.

use std::time::Duration;

use actors::model::{ContactId, EffectId, Key, Millis};
use actors::ports::Clock;
use ring::digest;
use sqlx::Row;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::{Store, StoreError};
use crate::config::setting::choice;

/// Traces that wait at most; one more is dropped.
const QUEUE_MAX: usize = 4096;

/// Rows of one insert.
const BATCH_MAX: usize = 500;

/// Pause before a batch is tried again.
const RETRY_PAUSE: Duration = Duration::from_secs(2);

/// How often old traces are removed.
const SWEEP_PAUSE: Duration = Duration::from_secs(3600);

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TraceLevel {
    /// As it should be.
    Info,
    /// Worth knowing.
    Warn,
    /// Somebody must act.
    Error,
}

choice!(TraceLevel { Info = "info", Warn = "warn", Error = "error" });

/// Which way it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Into the module.
    In,
    /// Out of it.
    Out,
}

choice!(Direction { In = "in", Out = "out" });

/// One line of the trace log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// When.
    pub at: Millis,
    /// How bad.
    pub level: TraceLevel,
    /// Which part, for example `webhooks::meta`.
    pub module: String,
    /// Which way.
    pub direction: Direction,
    /// What ties the lines of one request together: an input's or effect's id.
    pub correlation_id: String,
    /// SHA-256 of the payload; see [`Trace::digest_of`].
    pub payload_digest: Option<[u8; 32]>,
    /// What happened, without contents: no text, number, name or token.
    pub message: String,
}

/// Which traces are wanted; what is `None` does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WantedTraces {
    /// The input or effect whose traces they are.
    pub correlation_id: Option<String>,
    /// How bad.
    pub level: Option<TraceLevel>,
    /// Which part.
    pub module: Option<String>,
    /// From this instant on.
    pub since: Option<Millis>,
    /// How many, the newest.
    pub limit: u32,
}

impl Trace {
    /// The digest that stands for a payload.
    pub fn digest_of(payload: &[u8]) -> [u8; 32] {
        let digest = digest::digest(&digest::SHA256, payload);
        digest.as_ref().try_into().expect("SHA-256 has 32 bytes")
    }
}

/// Where traces are handed in. Cheap to clone.
#[derive(Clone)]
pub struct TraceLog {
    queue: mpsc::Sender<Trace>,
}

impl TraceLog {
    /// Starts writing to `store`. The task ends when the last handle is dropped and the
    /// queue is written.
    pub fn start(store: Store) -> (Self, JoinHandle<()>) {
        let (queue, waiting) = mpsc::channel(QUEUE_MAX);
        (Self { queue }, tokio::spawn(write(store, waiting)))
    }

    /// Hands a trace in, or drops and counts it when the queue is full.
    pub fn record(&self, trace: Trace) {
        if self.queue.try_send(trace).is_err() {
            metrics::counter!("chasqui_traces_dropped_total").increment(1);
        }
    }
}

async fn write(store: Store, mut waiting: mpsc::Receiver<Trace>) {
    let mut batch = Vec::with_capacity(BATCH_MAX);
    while waiting.recv_many(&mut batch, BATCH_MAX).await > 0 {
        while let Err(error) = store.put_traces(&batch).await {
            if waiting.is_closed() {
                tracing::warn!(traces = batch.len(), "traces are lost at the end: {error}");
                return;
            }
            tracing::debug!("traces wait: {error}");
            tokio::time::sleep(RETRY_PAUSE).await;
        }
        batch.clear();
    }
}

/// Removes traces older than `days`, once an hour. Runs until it is dropped.
pub async fn remove_old_traces(store: Store, clock: impl Clock, days: u32) {
    loop {
        let kept_ms = u64::from(days) * 86_400_000;
        let oldest = Millis(clock.now().0.saturating_sub(kept_ms));
        match store.remove_traces_before(oldest).await {
            Ok(0) => {}
            Ok(rows) => tracing::info!(rows, "old traces were removed"),
            Err(error) => tracing::debug!("old traces stay for now: {error}"),
        }
        tokio::time::sleep(SWEEP_PAUSE).await;
    }
}

impl Store {
    /// The newest traces of a kind, newest first.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn traces(&self, wanted: &WantedTraces) -> Result<Vec<Trace>, StoreError> {
        let rows = sqlx::query(
            "select *, (extract(epoch from at) * 1000)::bigint as at_ms
             from trace_log
             where ($1::text is null or correlation_id = $1)
               and ($2::text is null or level = $2)
               and ($3::text is null or module = $3)
               and ($4::bigint is null or at >= to_timestamp($4 / 1000.0))
             order by id desc limit $5",
        )
        .bind(&wanted.correlation_id)
        .bind(wanted.level.map(TraceLevel::as_str))
        .bind(&wanted.module)
        .bind(wanted.since.map(|since| since.0.cast_signed()))
        .bind(i64::from(wanted.limit))
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(trace).collect()
    }

    /// Removes what was written before `moment`. Gives the number of rows.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn remove_traces_before(&self, moment: Millis) -> Result<u64, StoreError> {
        let query =
            sqlx::query("delete from trace_log where at < to_timestamp($1::bigint / 1000.0)");
        let done = query
            .bind(moment.0.cast_signed())
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected())
    }

    /// Removes what leads to a contact: the traces of everything that was sent for it, and those of
    /// these inputs of its. Gives the number of rows. Reads the whole table, which is rare enough.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn remove_traces_of(
        &self,
        contact: ContactId,
        inputs: &[String],
    ) -> Result<u64, StoreError> {
        let key = Key::Contact(contact);
        let effect = |hash| EffectId { key, hash }.to_string();
        let query = sqlx::query(
            r#"delete from trace_log
               where correlation_id collate "C" between $1 and $2 or correlation_id = any($3)"#,
        );
        let query = query.bind(effect([0; 8])).bind(effect([0xff; 8]));
        let done = query.bind(inputs).execute(&self.pool).await?;
        Ok(done.rows_affected())
    }

    async fn put_traces(&self, batch: &[Trace]) -> Result<(), StoreError> {
        fn column<T>(batch: &[Trace], value: impl Fn(&Trace) -> T) -> Vec<T> {
            batch.iter().map(value).collect()
        }
        sqlx::query(
            "insert into trace_log
                (at, level, module, direction, correlation_id, payload_digest, message)
             select to_timestamp(at_ms / 1000.0), level, module, direction, correlation_id,
                    payload_digest, message
             from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[],
                         $6::bytea[], $7::text[])
                with ordinality
                as t(at_ms, level, module, direction, correlation_id, payload_digest, message, n)
             order by n",
        )
        .bind(column(batch, |trace| trace.at.0.cast_signed()))
        .bind(column(batch, |trace| trace.level.as_str()))
        .bind(column(batch, |trace| trace.module.clone()))
        .bind(column(batch, |trace| trace.direction.as_str()))
        .bind(column(batch, |trace| trace.correlation_id.clone()))
        .bind(column(batch, |trace| {
            trace.payload_digest.map(|digest| digest.to_vec())
        }))
        .bind(column(batch, |trace| trace.message.clone()))
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}

fn trace(row: &sqlx::postgres::PgRow) -> Result<Trace, StoreError> {
    let unknown = |column, value: &str| StoreError::Unknown {
        table: "trace_log",
        column,
        value: value.to_owned(),
    };
    let (level, direction): (&str, &str) = (row.try_get("level")?, row.try_get("direction")?);
    let digest: Option<&[u8]> = row.try_get("payload_digest")?;
    let at_ms: i64 = row.try_get("at_ms")?;
    Ok(Trace {
        at: Millis(at_ms.unsigned_abs()),
        level: TraceLevel::from_word(level).ok_or_else(|| unknown("level", level))?,
        module: row.try_get("module")?,
        direction: Direction::from_word(direction)
            .ok_or_else(|| unknown("direction", direction))?,
        correlation_id: row.try_get("correlation_id")?,
        payload_digest: digest.and_then(|digest| digest.try_into().ok()),
        message: row.try_get("message")?,
    })
}
