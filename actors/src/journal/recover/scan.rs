//! Walking the groups of one segment.

use std::io;
use std::sync::Arc;

use super::{Bad, Damage};
use crate::journal::disk::DiskFile;
use crate::journal::group::{self, Head};
use crate::journal::keys::TAG_BYTES;
use crate::journal::record::{HEADER_BYTES, Header, Position};
use crate::journal::segment::{FRONT_BYTES, Segment};

/// Bytes read at once when all are wanted.
const WINDOW: usize = 2 * 1024 * 1024;
/// Bytes read at once when only tables are: at full load a group's bodies behind its table are
/// larger, and are passed over.
const TABLES_WINDOW: usize = 32 * 1024;

/// How far a segment counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// Up to this group, as the successor's header says; anything missing before is damage.
    Group(u64),
    /// As far as it is whole: the newest segment, whose end was never acknowledged.
    TornTail,
    /// As far as it is whole, because the successor is lost.
    Unknown,
}

/// How much of a segment is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Tables only: enough to rebuild the index; bodies are checked when they are used.
    Headers,
    /// Everything.
    Bodies,
}

/// A record that was found.
#[derive(Debug)]
pub struct Found<'a> {
    /// Its header.
    pub header: &'a Header,
    /// Where it lies.
    pub position: Position,
    /// Its body in clear, when bodies are read and the person was not erased.
    pub body: Option<&'a [u8]>,
}

/// What a scan says about a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scanned {
    /// Ordinal of the last group that counts; 0 for none.
    pub last_group: u64,
    /// Offset behind it.
    pub end: u32,
    /// Records that count.
    pub records: u64,
    /// Sequence after the last record.
    pub next_seq: u64,
    /// Bytes behind the end that are not zero: a torn tail, to be cut.
    pub torn_bytes: u64,
    /// The segment was closed in good order.
    pub closed: bool,
    /// What is bad before the end.
    pub damage: Vec<Damage>,
}

/// Walks the groups of a segment in order and shows every record that counts.
pub fn scan(
    segment: &Segment,
    until: Until,
    depth: Depth,
    visit: &mut dyn FnMut(Found<'_>),
) -> io::Result<Scanned> {
    let mut walk = Walk {
        segment,
        until,
        depth,
        window: Window::new(Arc::clone(&segment.file), depth)?,
        group: Vec::new(),
        offset: FRONT_BYTES,
        scanned: Scanned {
            last_group: 0,
            end: FRONT_BYTES as u32,
            records: 0,
            next_seq: segment.header.first_seq,
            torn_bytes: 0,
            closed: false,
            damage: Vec::new(),
        },
    };
    while walk.step(visit)? {}
    Ok(walk.scanned)
}

struct Walk<'a> {
    segment: &'a Segment,
    until: Until,
    depth: Depth,
    window: Window,
    group: Vec<u8>,
    offset: usize,
    scanned: Scanned,
}

impl Walk<'_> {
    /// Reads the group at the offset; false when the walk is over.
    fn step(&mut self, visit: &mut dyn FnMut(Found<'_>)) -> io::Result<bool> {
        let expected = self.scanned.last_group + 1;
        if matches!(self.until, Until::Group(last) if expected > last) {
            return Ok(false);
        }
        let read = self.read(self.offset)?;
        let Some((head, headers)) = read.filter(|(head, _)| head.ordinal == expected) else {
            return self.mend(expected);
        };
        if head.closing {
            self.scanned.closed = true;
            return Ok(false);
        }
        let opened = self.open_bodies(&head, &headers);
        let whole = opened.iter().all(|body| *body != Opened::Bad);
        let next = self.offset + head.whole_bytes();
        if !whole && self.until == Until::TornTail && self.find(next, expected)?.is_none() {
            self.cut_here()?;
            return Ok(false);
        }
        self.show(&head, &headers, &opened, visit);
        self.offset = next;
        self.scanned.end = next as u32;
        self.scanned.last_group = expected;
        Ok(true)
    }

    /// Table and, when bodies are wanted, the bodies of the group at an offset.
    fn read(&mut self, offset: usize) -> io::Result<Option<(Head, Vec<Header>)>> {
        let Some((head, headers)) = self.read_table(offset)? else {
            return Ok(None);
        };
        if self.depth == Depth::Bodies {
            let length = head.front_bytes() + head.bodies as usize;
            let Some(bytes) = self.window.at(offset, length)? else {
                return Ok(None);
            };
            self.group.clear();
            self.group.extend_from_slice(bytes);
        }
        Ok(Some((head, headers)))
    }

    fn read_table(&mut self, offset: usize) -> io::Result<Option<(Head, Vec<Header>)>> {
        let id = &self.segment.header.id;
        let bytes = self.window.at(offset, Head::BYTES)?;
        let Some(head) = bytes.and_then(|bytes| Head::decode(bytes, id)) else {
            return Ok(None);
        };
        let front = self.window.at(offset, head.front_bytes())?;
        let headers = front.and_then(|front| group::decode_table(&head, front));
        Ok(headers.map(|headers| (head, headers)))
    }

    fn open_bodies(&mut self, head: &Head, headers: &[Header]) -> Vec<Opened> {
        if self.depth == Depth::Headers {
            return vec![Opened::Unread; headers.len()];
        }
        let mut start = head.front_bytes();
        let mut opened = Vec::with_capacity(headers.len());
        for (header, ordinal) in headers.iter().zip(head.first_record..) {
            let end = start + header.body_bytes as usize + TAG_BYTES;
            let key = self.segment.key(header.scope, &header.entity.key);
            let sealed = &mut self.group[start..end];
            opened.push(match key {
                None => Opened::Unread,
                Some(key) => {
                    let bytes: [u8; HEADER_BYTES] = header.encode();
                    match key.open(u64::from(ordinal), &bytes, sealed) {
                        Some(plain) => Opened::At(start, start + plain.len()),
                        None => Opened::Bad,
                    }
                }
            });
            start = end;
        }
        opened
    }

    fn show(
        &mut self,
        head: &Head,
        headers: &[Header],
        opened: &[Opened],
        visit: &mut dyn FnMut(Found<'_>),
    ) {
        let number = self.segment.header.number;
        let placed = group::positions(head, headers, number, self.offset as u32);
        for ((header, position), body) in placed.zip(opened) {
            self.scanned.next_seq = header.seq + 1;
            self.scanned.records += 1;
            let body = match body {
                Opened::At(start, end) => Some(&self.group[*start..*end]),
                Opened::Unread => None,
                Opened::Bad => {
                    self.scanned.damage.push(Damage {
                        lane: self.segment.header.lane,
                        segment: number,
                        group: head.ordinal,
                        offset: position.body,
                        what: Bad::Body {
                            entity: header.entity,
                            seq: header.seq,
                        },
                    });
                    continue;
                }
            };
            visit(Found {
                header,
                position,
                body,
            });
        }
    }

    /// There is no whole group `expected` here: find out whether that is the end.
    fn mend(&mut self, expected: u64) -> io::Result<bool> {
        let number = self.segment.header.number;
        let lane = self.segment.header.lane;
        let damage = |offset: usize, last| Damage {
            lane,
            segment: number,
            group: expected,
            offset: offset as u32,
            what: Bad::Groups { last },
        };
        if let Some((offset, ordinal)) = self.find(self.offset, expected)? {
            self.scanned.damage.push(damage(self.offset, ordinal - 1));
            self.scanned.last_group = ordinal - 1;
            self.offset = offset;
            self.scanned.end = offset as u32;
            return Ok(true);
        }
        match self.until {
            Until::Group(last) => self.scanned.damage.push(damage(self.offset, last)),
            Until::TornTail => self.cut_here()?,
            Until::Unknown => {}
        }
        Ok(false)
    }

    /// The next group with a whole table and an ordinal above `above`, from an offset on.
    fn find(&mut self, from: usize, above: u64) -> io::Result<Option<(usize, u64)>> {
        let last = match self.until {
            Until::Group(last) => last,
            Until::TornTail | Until::Unknown => u64::MAX,
        };
        let mut offset = group::align(from);
        while offset + Head::BYTES <= self.window.size {
            if let Some((head, _)) = self.read_table(offset)?
                && head.ordinal > above
                && head.ordinal <= last
            {
                return Ok(Some((offset, head.ordinal)));
            }
            offset += group::ALIGN;
        }
        Ok(None)
    }

    fn cut_here(&mut self) -> io::Result<()> {
        let mut last = self.offset;
        let mut at = self.offset;
        while at < self.window.size {
            let length = group::ALIGN.min(self.window.size - at);
            let bytes = self.window.at(at, length)?.unwrap_or_default();
            if let Some(position) = bytes.iter().rposition(|byte| *byte != 0) {
                last = at + position + 1;
            }
            at += length;
        }
        self.scanned.torn_bytes = (last - self.offset) as u64;
        Ok(())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Opened {
    Unread,
    At(usize, usize),
    Bad,
}

/// A piece of the file in memory, moved forward as the walk goes.
struct Window {
    file: Arc<dyn DiskFile>,
    /// Bytes of the file.
    size: usize,
    /// Bytes read at once, at least.
    piece: usize,
    start: usize,
    bytes: Vec<u8>,
}

impl Window {
    fn new(file: Arc<dyn DiskFile>, depth: Depth) -> io::Result<Self> {
        let size = usize::try_from(file.size()?).map_err(io::Error::other)?;
        let piece = match depth {
            Depth::Headers => TABLES_WINDOW,
            Depth::Bodies => WINDOW,
        };
        Ok(Self {
            file,
            size,
            piece,
            start: 0,
            bytes: Vec::new(),
        })
    }

    /// `length` bytes at an offset; `None` behind the end of the file.
    fn at(&mut self, offset: usize, length: usize) -> io::Result<Option<&[u8]>> {
        if offset + length > self.size {
            return Ok(None);
        }
        let held = self.start..self.start + self.bytes.len();
        if offset < held.start || offset + length > held.end {
            let wanted = length.max(self.piece).min(self.size - offset);
            self.bytes.resize(wanted, 0);
            self.start = offset;
            self.file.read_at(&mut self.bytes, offset as u64)?;
        }
        let start = offset - self.start;
        Ok(Some(&self.bytes[start..start + length]))
    }
}
