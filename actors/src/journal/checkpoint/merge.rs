//! Merging sorted files in one pass.

use super::CheckpointError;
use super::item::ItemId;
use super::table::Cursor;

/// Takes an item's id and value; an error ends the merging.
pub(super) type Show<'a> = dyn FnMut(&ItemId, &[u8]) -> Result<(), CheckpointError> + 'a;

/// Shows the items of all files (oldest first) in order of their ids, each id once and with the
/// value of its newest file.
pub(super) fn newest_wins(
    mut files: Vec<Cursor>,
    show: &mut Show<'_>,
) -> Result<(), CheckpointError> {
    loop {
        let mut least: Option<(ItemId, usize)> = None;
        for (number, file) in files.iter().enumerate().rev() {
            if let Some((id, _)) = file.item()
                && least.is_none_or(|(least, _)| id < least)
            {
                least = Some((id, number));
            }
        }
        let Some((id, newest)) = least else {
            return Ok(());
        };
        if let Some((id, value)) = files[newest].item() {
            show(&id, value)?;
        }
        // An id stands once in a file, and no newer file has this one.
        for file in &mut files[..=newest] {
            if file.item().is_some_and(|(other, _)| other == id) {
                file.advance()?;
            }
        }
    }
}
