//! How far a lane is released and covered, in a small file of its folder.
//!
//! ```text
//! chasqui-lane 1
//! released 5 0f6c…          segments below 5 went in good order; the id of the last of them
//! covered 9 batch 41        what segments below 9 say is in the checkpoint since its batch 41
//! ```
//!
//! The first line of marks makes a missing oldest segment known, the second spares a start the
//! reading of everything that is kept for the timeline only.

use std::io;
use std::path::Path;

use super::disk::{Disk, read_file, write_file};
use super::segment::SegmentHeader;

const FILE: &str = "marks";
const FORMAT: &str = "chasqui-lane 1";
/// Stands for the id of a segment before the first one.
const NONE: &str = "-";

/// See the module head.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks {
    /// Segments below this number were released in good order.
    pub released: u32,
    /// The id of the last one released; `None` while none was.
    pub last_released: Option<[u8; 16]>,
    /// What segments below this number say is in the checkpoint.
    pub covered: u32,
    /// The checkpoint's last batch when that became true; an older checkpoint does not hold it.
    pub batch: u64,
}

impl Marks {
    /// The marks of a lane's folder; `None` when it never had any or they are unreadable.
    pub fn read(disk: &dyn Disk, folder: &Path) -> io::Result<Option<Self>> {
        let path = folder.join(FILE);
        let Some(bytes) = read_file(disk, &path)? else {
            return Ok(None);
        };
        let marks = str::from_utf8(&bytes).ok().and_then(parse);
        if marks.is_none() {
            let path = path.display();
            tracing::warn!(%path, "unreadable: all segments are read instead of the last");
        }
        Ok(marks)
    }

    /// Makes the marks durable.
    pub fn write(&self, disk: &dyn Disk, folder: &Path) -> io::Result<()> {
        let last = self.last_released.map_or_else(
            || NONE.to_owned(),
            |id| format!("{:032x}", u128::from_be_bytes(id)),
        );
        let text = format!(
            "{FORMAT}\nreleased {} {last}\ncovered {} batch {}\n",
            self.released, self.covered, self.batch
        );
        write_file(disk, &folder.join(FILE), text.as_bytes())
    }

    /// The first number that is missing when `oldest` is the oldest segment on disk.
    pub fn missing_from(&self, oldest: Option<&SegmentHeader>) -> Option<u32> {
        let below = self.released.max(1);
        let whole = oldest.is_some_and(|header| {
            let before = header.predecessor.map(|before| before.id);
            // An older one was noted as released, and the stop came before its file went.
            before == self.last_released || header.number < below
        });
        (!whole).then_some(below)
    }
}

fn parse(text: &str) -> Option<Marks> {
    let mut lines = text.lines();
    if lines.next()? != FORMAT {
        return None;
    }
    let (released, last) = lines.next()?.strip_prefix("released ")?.split_once(' ')?;
    let (covered, batch) = lines
        .next()?
        .strip_prefix("covered ")?
        .split_once(" batch ")?;
    let last_released = match last {
        NONE => None,
        id => Some(u128::from_str_radix(id, 16).ok()?.to_be_bytes()),
    };
    Some(Marks {
        released: released.parse().ok()?,
        last_released,
        covered: covered.parse().ok()?,
        batch: batch.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::disk::sim::SimDisk;

    #[test]
    fn marks_come_back_as_they_were_written() {
        let disk = SimDisk::new();
        let folder = Path::new("/lane");
        assert_eq!(Marks::read(&disk, folder).unwrap(), None);
        for last_released in [None, Some([7; 16])] {
            let marks = Marks {
                released: 5,
                last_released,
                covered: 9,
                batch: 41,
            };
            marks.write(&disk, folder).unwrap();
            assert_eq!(Marks::read(&disk, folder).unwrap(), Some(marks));
        }
    }
}
