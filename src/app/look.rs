//! Looking into a journal while its server is stopped: every record without its content, or
//! whether every byte is as it was written.

use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use actors::journal::adapter::Paths;
use actors::journal::disk::RealDisk;
use actors::journal::keys::{ContactKeys, NoContactKeys, Ring, SystemEntropy};
use actors::journal::recover::{Depth, Found, RecoverError, Survey, scan, survey};
use actors::journal::segment::lane_folder;
use actors::model::Key;
use serde_json::{Value, json};

use super::serve::PARTITIONS;
use super::{AppError, lock};
use crate::cli::{End, Look};

/// Prints one JSON line for each record, or a report on all of them.
pub fn look(look: Look) -> End {
    let looked = match look {
        Look::Inspect(directory) => inspect(&directory.data).map(|()| End::Done),
        Look::Verify(directory) => verify(&directory.data),
    };
    looked.unwrap_or_else(|error| {
        eprintln!("chasqui: {error}");
        End::Failed
    })
}

fn inspect(data: &Path) -> Result<(), AppError> {
    let mut out = BufWriter::new(io::stdout().lock());
    let mut written = Ok(());
    walk(data, Depth::Headers, &mut |found| {
        if written.is_ok() {
            written = writeln!(out, "{}", record(&found));
        }
    })?;
    written?;
    Ok(out.flush()?)
}

fn verify(data: &Path) -> Result<End, AppError> {
    let mut records = 0_u64;
    let report = walk(data, Depth::Bodies, &mut |_| records += 1)?;
    let damage: Vec<_> = report.damage.iter().map(ToString::to_string).collect();
    println!(
        "{}",
        json!({
            "segments": report.segments,
            "records": records,
            "torn_bytes": report.torn_bytes,
            "damage": damage,
        })
    );
    Ok(if damage.is_empty() {
        End::Done
    } else {
        End::Damaged
    })
}

/// What a walk through all segments found beside the records.
struct Report {
    segments: usize,
    torn_bytes: u64,
    damage: Vec<actors::journal::recover::Damage>,
}

fn walk(data: &Path, depth: Depth, visit: &mut dyn FnMut(Found<'_>)) -> Result<Report, AppError> {
    let paths = Paths::new(data);
    if !paths.journal().is_dir() {
        return Err(AppError::NoJournal(data.to_owned()));
    }
    let _lock = lock(data)?;
    let ring = Ring::open_or_create(&RealDisk, &paths.ring(), &SystemEntropy)?;
    let contacts: Arc<dyn ContactKeys> = Arc::new(NoContactKeys);
    let folder = lane_folder(&paths.journal(), 0);
    let Survey { chain, damage, .. } =
        survey(&RealDisk, &folder, PARTITIONS.into(), &ring, &contacts)?;
    let mut report = Report {
        segments: chain.len(),
        torn_bytes: 0,
        damage,
    };
    for (segment, until) in chain {
        let scanned = scan(&segment, until, depth, visit).map_err(|source| RecoverError::Io {
            path: folder.display().to_string(),
            source,
        })?;
        report.torn_bytes += scanned.torn_bytes;
        report.damage.extend(scanned.damage);
    }
    Ok(report)
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
