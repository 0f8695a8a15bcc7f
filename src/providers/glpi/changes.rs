//! Which tickets changed since the last look.
//!
//! GLPI 9.5 and 10 tell nobody, so they are polled by last change (GLPI REST API, change
//! detection): the mark is GLPI's own date of the last row read, a look begins 2 s before it
//! because dates have whole seconds, and pages are cut by date, not by offset, because a ticket
//! that changes meanwhile moves to the end. The same change may therefore be found again; who keeps
//! what was told tells a person once.

use std::collections::HashSet;

use super::client::Client;
use super::fault::Fault;
use super::own::option;
use super::wire::{self, Criterion, Search};

/// Seconds looked at again.
const OVERLAP_S: i64 = 2;
/// Rows of one search; doubled while all of them share one second.
const PAGE: usize = 100;
/// Rows of the largest search.
const PAGE_MAX: usize = 12_800;
/// Rows of one look before the mark is moved.
const ROWS_MAX: usize = 400;

/// GLPI's date of the last change read, in the integration user's time zone.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Watermark(String);

impl Watermark {
    /// Reads a kept mark, `YYYY-MM-DD HH:MM:SS`.
    pub fn parse(text: &str) -> Option<Self> {
        civil(text).map(|_| Self(text.to_owned()))
    }

    /// The form in which it is kept.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where a look from this mark begins.
    pub(super) fn overlapped(&self) -> Self {
        self.minus_s(OVERLAP_S)
    }

    fn minus_s(&self, seconds: i64) -> Self {
        use jiff::ToSpan;
        let earlier = civil(&self.0).and_then(|at| at.checked_sub(seconds.seconds()).ok());
        let text = earlier.map(|at| at.strftime("%Y-%m-%d %H:%M:%S").to_string());
        Self(text.unwrap_or_else(|| self.0.clone()))
    }
}

fn civil(text: &str) -> Option<jiff::civil::DateTime> {
    jiff::civil::DateTime::strptime("%Y-%m-%d %H:%M:%S", text).ok()
}

/// The tickets of one look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rows {
    /// Each with the date of its last change, oldest first.
    pub rows: Vec<(u32, Watermark)>,
    /// Where the next look begins. Keep it once the rows are dealt with.
    pub watermark: Watermark,
    /// There is more; look again at once.
    pub more: bool,
}

impl Client {
    /// The mark of this moment: nothing before it is told.
    pub(super) async fn watermark_now(&self) -> Result<Watermark, Fault> {
        let full: wire::Session = self.get(&["getFullSession"], "read its session").await?;
        let now = wire::string(&full.session.glpi_currenttime);
        Watermark::parse(now).ok_or_else(|| Fault::Server {
            status: 200,
            code: "a session without the current time".into(),
        })
    }

    /// The tickets that changed since the mark. After a fault look again from the same mark.
    pub(super) async fn rows_since(&self, since: &Watermark) -> Result<Rows, Fault> {
        let (mut from, mut page) = (since.overlapped(), PAGE);
        let mut found = Rows {
            rows: Vec::new(),
            watermark: since.clone(),
            more: false,
        };
        let mut seen = HashSet::new();
        loop {
            let rows = self.changed_after(&from, page).await?;
            let full = rows.len() == page;
            let last = rows.last().map(|(_, date)| date.clone());
            for (ticket, date) in rows {
                found.watermark = found.watermark.max(date.clone());
                if seen.insert((ticket, date.clone())) {
                    found.rows.push((ticket, date));
                }
            }
            let Some(last) = last.filter(|_| full) else {
                return Ok(found);
            };
            // Strict comparison: this begins with the whole of the last second.
            let next = last.minus_s(1);
            if next > from {
                (from, page) = (next, PAGE);
                if found.rows.len() >= ROWS_MAX {
                    found.more = true;
                    return Ok(found);
                }
            } else if page < PAGE_MAX {
                page *= 2;
            } else {
                tracing::warn!(
                    rows = page,
                    "more GLPI tickets changed in one second than are read"
                );
                (from, page) = (last, PAGE);
            }
        }
    }

    /// Tickets changed after `from`, oldest change first.
    async fn changed_after(
        &self,
        from: &Watermark,
        page: usize,
    ) -> Result<Vec<(u32, Watermark)>, Fault> {
        let range = format!("0-{}", page - 1);
        let search = Search {
            criteria: vec![Criterion {
                link: None,
                field: option::CHANGED,
                searchtype: "morethan",
                value: from.as_str(),
            }],
            forcedisplay: &[option::ID, option::CHANGED],
            sort: option::CHANGED,
            order: "ASC",
            range: &range,
            is_deleted: Some(0),
        };
        let rows = self.search(wire::TICKET, &search, "read tickets").await?;
        let rows = rows.iter().filter_map(|row| {
            let date = row.texts(option::CHANGED).into_iter().next()?;
            Some((row.id(option::ID)?, Watermark::parse(&date)?))
        });
        Ok(rows.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_step_over_midnight_and_refuse_words() {
        let mark = Watermark::parse("2026-11-22 00:00:01").expect("a date");
        assert_eq!(mark.overlapped().as_str(), "2026-11-21 23:59:59");
        assert_eq!(Watermark::parse("yesterday"), None);
    }
}
