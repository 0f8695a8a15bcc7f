//! Merging sorted files in one pass.

use super::{CheckpointError, Item, Reader};

/// Shows the items of all readers (oldest first) in order of their ids, each id once and with the
/// content of its newest file.
pub(super) fn newest_wins(
    mut readers: Vec<Reader>,
    show: &mut dyn FnMut(Item) -> Result<(), CheckpointError>,
) -> Result<(), CheckpointError> {
    let mut heads = Vec::with_capacity(readers.len());
    for reader in &mut readers {
        heads.push(reader.next()?);
    }
    while let Some(id) = heads.iter().flatten().map(Item::id).min() {
        let mut newest = None;
        for (head, reader) in heads.iter_mut().zip(&mut readers) {
            while head.as_ref().is_some_and(|item| item.id() == id) {
                newest = std::mem::replace(head, reader.next()?);
            }
        }
        newest.map_or(Ok(()), &mut *show)?;
    }
    Ok(())
}
