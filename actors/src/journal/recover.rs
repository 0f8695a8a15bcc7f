//! Reading a lane back at start.
//!
//! [`survey`] reads only headers and orders the segments by who names whom as predecessor.
//! [`scan()`] then walks the groups of one segment. What it does about bad bytes depends on where
//! they are:
//!
//! - After the last group that the successor's header accepts: ignored, whatever they are.
//! - In the newest segment with no valid group of it behind them: a *torn tail*. It was never
//!   acknowledged; it is cut, and the bytes are counted and reported. (After an unclean stop a bit
//!   flipped in the very last group looks the same; after a clean one the closing group tells.)
//! - Anywhere else: *damage*. It is reported with the entity or, for a bad table, the lane that it
//!   may concern, and never skipped in silence.

mod scan;

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use super::committer::{Setup, Start};
use super::disk::DiskFile;
use super::group;
use super::index::{Reference, entity_of};
use super::keys::KeyError;
use super::marks::Marks;
use super::record::Entity;
use super::segment::{
    FRONT_BYTES, Predecessor, Segment, SegmentHeader, segment_number, segment_path,
};

pub use scan::{Depth, Found, Scanned, Until, scan};

/// Bytes that should have been records and are not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The lane.
    pub lane: u16,
    /// Number of the segment in it.
    pub segment: u32,
    /// Ordinal of the (first) group concerned.
    pub group: u64,
    /// Offset in the file.
    pub offset: u32,
    /// What is bad.
    pub what: Bad,
}

/// What is bad, and so who is fenced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bad {
    /// One body: its entity is fenced.
    Body {
        /// Whose record it is.
        entity: Entity,
        /// Its journal sequence.
        seq: u64,
    },
    /// A record that its entity still needs lay in a segment that is gone: the entity is fenced.
    Gone {
        /// Whose record it is.
        entity: Entity,
        /// Its journal sequence.
        seq: u64,
    },
    /// The table of a group, or whole groups up to this ordinal: the lane is fenced.
    Groups {
        /// The last ordinal concerned.
        last: u64,
    },
    /// Both copies of the segment's header, or the file is gone: the lane is fenced.
    Segment,
}

impl std::fmt::Display for Damage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            lane,
            segment,
            group,
            offset,
            what,
        } = self;
        write!(f, "lane {lane} ")?;
        match what {
            Bad::Body { seq, .. } => write!(
                f,
                "segment {segment} group {group} offset {offset}: record {seq} is damaged"
            ),
            Bad::Gone { seq, .. } => {
                write!(
                    f,
                    "segment {segment}: record {seq} is needed and the segment gone"
                )
            }
            Bad::Groups { last } => write!(
                f,
                "segment {segment} offset {offset}: groups {group} to {last} are damaged"
            ),
            Bad::Segment => write!(f, "segment {segment}: header damaged or file missing"),
        }
    }
}

impl Damage {
    /// A reference into a segment that is gone.
    pub fn gone(lane: u16, reference: &Reference) -> Self {
        Self {
            lane,
            segment: reference.at.segment,
            group: 0,
            offset: reference.at.body,
            what: Bad::Gone {
                entity: entity_of(reference.key),
                seq: reference.seq,
            },
        }
    }
}

/// Why a lane could not be read at all.
#[derive(Debug, thiserror::Error)]
pub enum RecoverError {
    /// The disk failed.
    #[error("journal file {path}: {source}")]
    Io {
        /// The file or folder.
        path: String,
        /// What the disk said.
        source: io::Error,
    },
    /// A key is missing.
    #[error("journal file {path}: {source}")]
    Key {
        /// The file.
        path: String,
        /// Which key.
        source: KeyError,
    },
    /// The data directory was made for another P.
    #[error("the journal has {found} partitions, this server is set to {expected}")]
    Partitions {
        /// What the files say.
        found: u32,
        /// What was asked for.
        expected: u32,
    },
}

/// The segments of a lane, oldest first, and how far each counts.
#[derive(Debug, Default)]
pub struct Survey {
    /// Each segment with its last accepted group; the newest has none, its tail decides.
    pub chain: Vec<(Arc<Segment>, Until)>,
    /// Segments whose header is unreadable or that are missing between two others.
    pub damage: Vec<Damage>,
    /// Files that never became part of the chain; they can be removed.
    pub strays: Vec<u32>,
    /// The highest number in use.
    pub highest: u32,
}

impl Survey {
    /// The segment that was open when the lane was last written.
    pub fn newest(&self) -> Option<&Arc<Segment>> {
        self.chain.last().map(|(segment, _)| segment)
    }
}

/// Reads the headers of a lane. See the module head. `marks` tell where its oldest segment must
/// begin; without them whatever is there counts as whole.
pub fn survey(setup: &Setup, marks: Option<&Marks>) -> Result<Survey, RecoverError> {
    let (disk, folder, lane) = (&*setup.disk, setup.folder.as_path(), setup.lane);
    let io_error = |path: &Path| {
        let path = path.display().to_string();
        move |source| RecoverError::Io { path, source }
    };
    let names = disk.list(folder).map_err(io_error(folder))?;
    let mut numbers: Vec<u32> = names
        .iter()
        .filter_map(|name| segment_number(name))
        .collect();
    numbers.sort_unstable();
    let mut known: HashMap<[u8; 16], (Arc<dyn DiskFile>, SegmentHeader)> = HashMap::new();
    let mut unreadable = Vec::new();
    for number in &numbers {
        let path = segment_path(folder, *number);
        let read = Segment::read_header(disk, &path).map_err(io_error(&path))?;
        match read {
            (file, Some(header)) => {
                if header.partitions != setup.partitions {
                    return Err(RecoverError::Partitions {
                        found: header.partitions,
                        expected: setup.partitions,
                    });
                }
                known.insert(header.id, (file, header));
            }
            (file, None) => unreadable.push((*number, file)),
        }
    }
    let mut survey = Survey {
        highest: numbers.last().copied().unwrap_or(0),
        ..Survey::default()
    };
    let mut next = newest_below(&known, u32::MAX);
    let mut until = Until::TornTail;
    while let Some(header) = next {
        let (file, _) = known.remove(&header.id).expect("it was found there");
        let path = segment_path(folder, header.number);
        let segment = Segment::new(header, file, &setup.ring, Arc::clone(&setup.contacts));
        let segment = segment.map_err(|source| RecoverError::Key {
            path: path.display().to_string(),
            source,
        })?;
        survey.chain.push((Arc::new(segment), until));
        next = None;
        if let Some(before) = header.predecessor {
            until = Until::Group(before.last_group);
            next = known.get(&before.id).map(|(_, header)| *header);
            if next.is_none() {
                // Released long ago, unless older ones are still here: then a link is missing.
                until = Until::Unknown;
                next = newest_below(&known, header.number);
                survey
                    .damage
                    .extend(next.map(|older| missing(lane, older.number + 1)));
            }
        }
    }
    survey.chain.reverse();
    let oldest = survey.chain.first().map(|(segment, _)| &segment.header);
    if let Some(below) = marks.and_then(|marks| marks.missing_from(oldest)) {
        survey.damage.push(missing(lane, below));
        survey.highest = survey.highest.max(below);
    }
    for (number, file) in unreadable {
        let path = segment_path(folder, number);
        if has_groups(&*file).map_err(io_error(&path))? {
            let known = survey.damage.iter().any(|damage| damage.segment == number);
            survey
                .damage
                .extend((!known).then(|| missing(lane, number)));
        } else {
            survey.strays.push(number);
        }
    }
    let others = known.values().map(|(_, header)| header.number);
    survey.strays.extend(others);
    Ok(survey)
}

fn newest_below(
    known: &HashMap<[u8; 16], (Arc<dyn DiskFile>, SegmentHeader)>,
    number: u32,
) -> Option<SegmentHeader> {
    let headers = known.values().map(|(_, header)| *header);
    let below = headers.filter(|header| header.number < number);
    below.max_by_key(|header| header.number)
}

fn missing(lane: u16, segment: u32) -> Damage {
    Damage {
        lane,
        segment,
        group: 0,
        offset: 0,
        what: Bad::Segment,
    }
}

/// A file that was never opened has zeros behind its front.
fn has_groups(file: &dyn DiskFile) -> io::Result<bool> {
    let size = file.size()?.saturating_sub(FRONT_BYTES as u64);
    let mut first = vec![0; size.min(group::ALIGN as u64) as usize];
    file.read_at(&mut first, FRONT_BYTES as u64)?;
    Ok(first.iter().any(|byte| *byte != 0))
}

/// A lane after the first half of its recovery: enough to take new inputs.
#[derive(Debug)]
pub struct Reopened {
    /// The segments; all but the newest are still to be scanned.
    pub survey: Survey,
    /// What the newest one held, torn bytes already cut.
    pub newest: Option<Scanned>,
    /// Where the new life begins.
    pub start: Start,
}

/// Surveys a lane, reads its newest segment in full, cuts a torn tail and makes what was kept
/// durable: after a kill it may lie in the page cache only.
pub fn reopen(
    setup: &Setup,
    marks: Option<&Marks>,
    visit: &mut dyn FnMut(Found<'_>),
) -> Result<Reopened, RecoverError> {
    let io_error = |source| RecoverError::Io {
        path: setup.folder.display().to_string(),
        source,
    };
    let (disk, folder) = (&*setup.disk, setup.folder.as_path());
    let survey = survey(setup, marks)?;
    for stray in &survey.strays {
        let removed = disk.remove(&segment_path(folder, *stray));
        removed.map_err(io_error)?;
    }
    let mut start = Start {
        number: survey.highest + 1,
        predecessor: None,
        next_seq: 1,
    };
    let Some(segment) = survey.newest() else {
        return Ok(Reopened {
            survey,
            newest: None,
            start,
        });
    };
    let scanned = scan(segment, Until::TornTail, Depth::Bodies, visit).map_err(io_error)?;
    if !scanned.closed {
        if scanned.torn_bytes > 0 {
            let (segment, bytes) = (segment.header.number, scanned.torn_bytes);
            tracing::warn!(segment, bytes, "a torn journal tail was cut");
        }
        let cut = segment.file.set_size(u64::from(scanned.end));
        cut.map_err(io_error)?;
    }
    segment.file.sync_data().map_err(io_error)?;
    start.next_seq = scanned.next_seq;
    start.predecessor = Some(Predecessor {
        id: segment.header.id,
        last_group: scanned.last_group,
    });
    Ok(Reopened {
        survey,
        newest: Some(scanned),
        start,
    })
}
