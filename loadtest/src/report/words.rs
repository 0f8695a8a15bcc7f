//! Words and figures as the pages about a run write them.

use std::fmt::{Arguments, Write as _};

/// Instead of a figure that there is none of.
pub const NONE: &str = "–";

/// Adds words to a page.
pub fn push(page: &mut String, words: Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = page.write_fmt(words);
}

/// A figure with so many digits.
pub fn figure(value: Option<f64>, digits: usize) -> String {
    value.map_or(NONE.to_owned(), |value| format!("{value:.digits$}"))
}
