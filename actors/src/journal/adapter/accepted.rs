//! Losses that an operator accepted: what, and when.
//!
//! One line each: the second since the Unix epoch, then the damage as [`Damage`] prints it. A line
//! makes a start pass over its damage without a word; while the segment it names is still there,
//! gaps in what follows from it are taken for its consequence.

use crate::journal::recover::Damage;

/// See the module head.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Accepted(Vec<Line>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    at: u64,
    damage: String,
}

impl Accepted {
    pub fn parse(text: &str) -> Self {
        let lines = text.lines().filter_map(|line| {
            let (at, damage) = line.split_once(' ')?;
            Some(Line {
                at: at.parse().ok()?,
                damage: damage.to_owned(),
            })
        });
        Self(lines.collect())
    }

    pub fn to_text(&self) -> String {
        let lines = self.0.iter();
        lines
            .map(|line| format!("{} {}\n", line.at, line.damage))
            .collect()
    }

    /// Adds what was not accepted before.
    pub fn add(&mut self, at: u64, damage: &[Damage]) {
        for damage in damage.iter().map(Damage::to_string) {
            if !self.holds(&damage) {
                self.0.push(Line { at, damage });
            }
        }
    }

    /// Whether this damage was accepted.
    pub fn holds(&self, damage: &str) -> bool {
        self.0.iter().any(|line| line.damage == damage)
    }

    /// Whether records of a lane may be missing from segment `oldest` on.
    pub fn explains_gaps(&self, lane: u16, oldest: u32) -> bool {
        let prefix = format!("lane {lane} segment ");
        self.0.iter().any(|line| {
            let rest = line.damage.strip_prefix(&prefix).unwrap_or_default();
            let digits = rest.split(|other: char| !other.is_ascii_digit()).next();
            digits.is_some_and(|digits| digits.parse().is_ok_and(|number: u32| number >= oldest))
        })
    }

    /// When and what, oldest first.
    pub fn lines(&self) -> impl Iterator<Item = (u64, &str)> {
        self.0.iter().map(|line| (line.at, line.damage.as_str()))
    }
}
