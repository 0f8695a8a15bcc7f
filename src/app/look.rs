//! Looking into a journal while its server is stopped: every record without its content, or
//! whether every byte is as it was written.

use std::io::{self, BufWriter, Write};
use std::sync::Arc;

use actors::fold::EntityFold;
use actors::journal::adapter::{self, Paths};
use actors::journal::recover::{Damage, Found};
use actors::journal::verify::{self, AcceptedLoss};
use actors::model::Key;
use actors::ports::SystemClock;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::AppError;
use super::serve::PARTITIONS;
use crate::cli::{self, DataDirectory, End, Look};

/// Prints one JSON line for each record, or a report on all of them.
pub fn look(look: Look) -> End {
    let looked = match look {
        Look::Inspect(directory) => inspect(&directory),
        Look::Verify(arguments) => verify(&arguments),
    };
    looked.unwrap_or_else(|error| {
        eprintln!("chasqui: {error}");
        End::Failed
    })
}

fn inspect(directory: &DataDirectory) -> Result<End, AppError> {
    let mut out = BufWriter::new(io::stdout().lock());
    let mut written = Ok(());
    let damage = verify::records(&journal(directory)?, &mut |lane, found| {
        if written.is_ok() {
            written = writeln!(out, "{}", record(lane, &found));
        }
    })?;
    written?;
    out.flush()?;
    for damage in damage {
        eprintln!("chasqui: {damage}; `chasqui journal verify` tells more");
    }
    Ok(End::Done)
}

fn verify(arguments: &cli::Verify) -> Result<End, AppError> {
    let config = journal(&arguments.directory)?;
    let report = match arguments.accept {
        true => verify::accept_losses(&config)?,
        false => verify::verify(&config)?,
    };
    let torn_bytes: u64 = report.segments.iter().map(|row| row.torn_bytes).sum();
    let damage: Vec<_> = report.damage.iter().map(Damage::to_string).collect();
    let accepted: Vec<_> = report.accepted.iter().map(loss).collect();
    println!(
        "{}",
        json!({
            "whole": report.is_whole(),
            "segments": report.segments.len(),
            "records": report.records,
            "torn_bytes": torn_bytes,
            "entities": report.entities,
            "aliases": report.aliases,
            "differences": report.differences,
            "unfolded": report.unfolded,
            "damage": damage,
            "accepted": accepted,
        })
    );
    Ok(match arguments.accept || report.is_whole() {
        true => End::Done,
        false => End::Damaged,
    })
}

/// What was accepted, and when as RFC 3339 in UTC.
fn loss(loss: &AcceptedLoss) -> Value {
    let at = i64::try_from(loss.at).ok();
    let at = at.and_then(|at| Timestamp::from_second(at).ok());
    json!({
        "at": at.map(|at| at.to_string()),
        "damage": loss.damage,
    })
}

/// The settings by which a stopped journal is found. A look must not make what it does not find.
fn journal(directory: &DataDirectory) -> Result<adapter::Config, AppError> {
    let data = &directory.data;
    if !Paths::new(data).journal().is_dir() {
        return Err(AppError::NoJournal(data.clone()));
    }
    let (clock, fold) = (Arc::new(SystemClock), Arc::new(EntityFold));
    let config = adapter::Config::new(data.clone(), clock, fold);
    Ok(adapter::Config {
        partitions: PARTITIONS,
        ring: directory.ring.clone().unwrap_or(config.ring),
        ..config
    })
}

fn record(lane: u16, found: &Found<'_>) -> Value {
    let header = found.header;
    let entity = Key::from_parts(header.entity.kind, header.entity.key);
    json!({
        "seq": header.seq,
        "kind": format!("{:?}", header.kind).to_lowercase(),
        "entity": entity.map(|key| key.to_string()),
        "entity_seq": header.entity_seq,
        "lane": lane,
        "segment": found.position.segment,
        "offset": found.position.header,
        "body_bytes": header.body_bytes,
        "next_wake": header.next_wake,
    })
}
