//! One simulated file: what is durable, and what may be lost.

use std::path::PathBuf;

use super::dice::Dice;

/// Bytes that a power loss keeps or loses together.
const SECTOR: usize = 512;

#[derive(Debug, Default, Clone)]
pub(super) struct Content {
    pub path: PathBuf,
    pub live: Vec<u8>,
    pub durable: Vec<u8>,
    pub later: Vec<Change>,
    /// Changes whose sync failed: they may be on the disk or not, and no later sync helps.
    pub doubtful: Vec<Change>,
}

#[derive(Debug, Clone)]
pub(super) enum Change {
    Write { offset: usize, bytes: Vec<u8> },
    Size(usize),
}

impl Content {
    pub(super) fn as_written(&self) -> Self {
        Self {
            path: self.path.clone(),
            live: self.live.clone(),
            durable: self.live.clone(),
            ..Self::default()
        }
    }

    pub(super) fn after_power_loss(&self, dice: &mut Dice) -> Self {
        let mut bytes = self.durable.clone();
        for change in self.doubtful.iter().chain(&self.later) {
            match dice.below(3) {
                0 => {}
                1 => change.apply(&mut bytes),
                _ => change.tear(&mut bytes, dice),
            }
        }
        Self {
            path: self.path.clone(),
            live: bytes.clone(),
            durable: bytes,
            ..Self::default()
        }
    }
}

impl Change {
    pub(super) fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Size(size) => bytes.resize(*size, 0),
            Self::Write { offset, bytes: new } => put(bytes, *offset, new),
        }
    }

    /// Keeps each sector of a write or loses it.
    pub(super) fn tear(&self, bytes: &mut Vec<u8>, dice: &mut Dice) {
        let Self::Write { offset, bytes: new } = self else {
            return self.apply(bytes);
        };
        let mut at = 0;
        while at < new.len() {
            let sector_end = ((offset + at) / SECTOR + 1) * SECTOR - offset;
            let end = sector_end.min(new.len());
            if dice.below(2) == 0 {
                put(bytes, offset + at, &new[at..end]);
            }
            at = end;
        }
    }
}

fn put(bytes: &mut Vec<u8>, offset: usize, new: &[u8]) {
    let end = offset + new.len();
    if bytes.len() < end {
        bytes.resize(end, 0);
    }
    bytes[offset..end].copy_from_slice(new);
}
