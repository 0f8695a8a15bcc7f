//! Looking into a journal while its server is stopped: every record without its content, or
//! whether every byte is as it was written.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use actors::fold::EntityFold;
use actors::journal::adapter::{self, Paths};
use actors::journal::disk::RealDisk;
use actors::journal::keys::{ContactKeys, NoContactKeys, Ring, SystemEntropy};
use actors::journal::recover::{Damage, Depth, Found, RecoverError, scan, survey};
use actors::journal::segment::lane_folder;
use actors::journal::verify;
use actors::model::Key;
use actors::ports::SystemClock;
use serde_json::{Value, json};

use super::serve::PARTITIONS;
use super::{AppError, lock};
use crate::cli::{self, End, Look};

/// Prints one JSON line for each record, or a report on all of them.
pub fn look(look: Look) -> End {
    let looked = match look {
        Look::Inspect(directory) => inspect(&directory.data),
        Look::Verify(arguments) => verify(&arguments),
    };
    looked.unwrap_or_else(|error| {
        eprintln!("chasqui: {error}");
        End::Failed
    })
}

fn inspect(data: &Path) -> Result<End, AppError> {
    let mut out = BufWriter::new(io::stdout().lock());
    let mut written = Ok(());
    let damage = walk(data, &mut |found| {
        if written.is_ok() {
            written = writeln!(out, "{}", record(&found));
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
    let config = journal(&arguments.directory.data)?;
    let report = match arguments.accept {
        true => verify::accept_losses(&config)?,
        false => verify::verify(&config)?,
    };
    let torn_bytes: u64 = report.segments.iter().map(|row| row.torn_bytes).sum();
    let damage: Vec<_> = report.damage.iter().map(Damage::to_string).collect();
    println!(
        "{}",
        json!({
            "segments": report.segments.len(),
            "records": report.records,
            "torn_bytes": torn_bytes,
            "entities": report.entities,
            "aliases": report.aliases,
            "differences": report.differences,
            "damage": damage,
            "accepted": arguments.accept,
        })
    );
    Ok(match arguments.accept || report.is_whole() {
        true => End::Done,
        false => End::Damaged,
    })
}

/// The settings by which a stopped journal is found.
fn journal(data: &Path) -> Result<adapter::Config, AppError> {
    there(data)?;
    let (clock, fold) = (Arc::new(SystemClock), Arc::new(EntityFold));
    Ok(adapter::Config {
        partitions: PARTITIONS,
        ..adapter::Config::new(data.to_owned(), clock, fold)
    })
}

/// A look must not make what it does not find.
fn there(data: &Path) -> Result<(), AppError> {
    let journal: PathBuf = Paths::new(data).journal();
    match journal.is_dir() {
        true => Ok(()),
        false => Err(AppError::NoJournal(data.to_owned())),
    }
}

/// Shows every record that is there; gives what is damaged.
fn walk(data: &Path, visit: &mut dyn FnMut(Found<'_>)) -> Result<Vec<Damage>, AppError> {
    there(data)?;
    let _lock = lock(data)?;
    let paths = Paths::new(data);
    let ring = Ring::open_or_create(&RealDisk, &paths.ring(), &SystemEntropy)?;
    let contacts: Arc<dyn ContactKeys> = Arc::new(NoContactKeys);
    let folder = lane_folder(&paths.journal(), 0);
    let survey = survey(&RealDisk, &folder, PARTITIONS.into(), &ring, &contacts)?;
    let mut damage = survey.damage;
    for (segment, until) in survey.chain {
        let scanned = scan(&segment, until, Depth::Headers, visit);
        let scanned = scanned.map_err(|source| RecoverError::Io {
            path: folder.display().to_string(),
            source,
        })?;
        damage.extend(scanned.damage);
    }
    Ok(damage)
}

fn record(found: &Found<'_>) -> Value {
    let header = found.header;
    let entity = Key::from_parts(header.entity.kind, header.entity.key);
    json!({
        "seq": header.seq,
        "kind": format!("{:?}", header.kind).to_lowercase(),
        "entity": entity.map(|key| key.to_string()),
        "entity_seq": header.entity_seq,
        "segment": found.position.segment,
        "offset": found.position.header,
        "body_bytes": header.body_bytes,
        "next_wake": header.next_wake,
    })
}
