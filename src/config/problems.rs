//! What is wrong with a configuration: all of it, not the first thing met.

use std::fmt;

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The dotted key (`providers.meta.timeout_ms`), file or environment variable.
    pub place: String,
    /// What is wrong there and what would be right.
    pub what: String,
}

/// All problems found in one reading, in the order of the settings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// A reading that ended at its first problem, because nothing behind it can be read.
    pub fn one(place: impl fmt::Display, what: impl Into<String>) -> Self {
        let mut problems = Self::default();
        problems.add(place, what);
        problems
    }

    /// Notes a problem and goes on.
    pub fn add(&mut self, place: impl fmt::Display, what: impl Into<String>) {
        self.0.push(Problem {
            place: place.to_string(),
            what: what.into(),
        });
    }

    /// What was read, if nothing is wrong. A reader that gives nothing has said why.
    pub(crate) fn unless<T>(self, read: Option<T>) -> Result<T, Self> {
        match read {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(self),
        }
    }

    /// The problems in order.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let noun = if self.0.len() == 1 {
            "problem"
        } else {
            "problems"
        };
        write!(f, "{} {noun} in the configuration", self.0.len())?;
        for Problem { place, what } in &self.0 {
            write!(f, "\n  {place}: {what}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
