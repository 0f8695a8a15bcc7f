//! The hard bound on what one text may cost.
//!
//! Every pass over a text pays one unit for each character, word or table step it looks at. The
//! budget is sized for the longest text WhatsApp delivers, 4,096 characters; a text that needs
//! more ends in [`OutOfFuel`] instead of holding up the entity that has to decide on it.

/// The most characters a text can have and still be sure to be read: the longest text message of
/// the WhatsApp Cloud API.
pub const TEXT_CHARS_MAX: usize = 4_096;

/// The most one character may cost, and what a text may cost besides, whatever its length: the
/// look-ups of words that may be misspelt. Property tests hold readings against both.
pub(super) const UNITS_PER_CHAR: u32 = 64;
/// See [`UNITS_PER_CHAR`].
pub(super) const UNITS_PER_TEXT: u32 = 60_000;

/// Units for the longest text that must be read.
const BUDGET: u32 = UNITS_PER_CHAR * TEXT_CHARS_MAX as u32 + UNITS_PER_TEXT;

/// The text is too long or too dense to be read within the bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("text costs more than {BUDGET} units to read: cut it to {TEXT_CHARS_MAX} characters")]
pub struct OutOfFuel;

/// What is left to spend on one text.
#[derive(Debug)]
pub(super) struct Fuel {
    left: u32,
}

impl Fuel {
    /// A full tank.
    pub(super) fn full() -> Self {
        Self { left: BUDGET }
    }

    /// Pays for `units` of work that is about to be done.
    pub(super) fn spend(&mut self, units: usize) -> Result<(), OutOfFuel> {
        let units = u32::try_from(units).map_err(|_| OutOfFuel)?;
        self.left = self.left.checked_sub(units).ok_or(OutOfFuel)?;
        Ok(())
    }

    /// Units spent so far.
    #[cfg(test)]
    pub(super) fn spent(&self) -> u32 {
        BUDGET - self.left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_tank_refuses_work() {
        let mut fuel = Fuel::full();
        fuel.spend(BUDGET as usize).unwrap();
        assert_eq!(fuel.spend(1), Err(OutOfFuel));
        assert_eq!(Fuel::full().spend(usize::MAX), Err(OutOfFuel));
    }
}
