//! `range=start-end`: defaults, headers and the quirks clients meet (GLPI REST API, ranges).

use serde_json::{Map, Value};

use super::super::exchange::Reply;
use super::errors::Failure;
use super::schema::Kind;

/// A window on a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// First row, from 0.
    pub start: usize,
    /// Last row, included.
    pub end: usize,
    /// Whether the client named it.
    pub given: bool,
}

impl Range {
    /// Reads the parameter; `limit` rows from the first when it is absent.
    pub fn read(params: &Map<String, Value>, limit: usize) -> Result<Self, Failure> {
        let Some(text) = params.get("range").and_then(Value::as_str) else {
            return Ok(Self {
                start: 0,
                end: limit.max(1) - 1,
                given: false,
            });
        };
        let bounds = text
            .split_once('-')
            .and_then(|(start, end)| Some((start.trim().parse().ok()?, end.trim().parse().ok()?)));
        match bounds {
            Some((start, end)) if start <= end => Ok(Self {
                start,
                end,
                given: true,
            }),
            _ => Err(Failure::generic(
                "range must be in format : [start-end] with integers",
            )),
        }
    }

    /// Refuses a window that begins behind the last row.
    pub fn check(self, total: usize) -> Result<(), Failure> {
        if self.start > total {
            let text = format!("Provided range exceed total count of data: {total}");
            return Err(Failure::new(400, "ERROR_RANGE_EXCEED_TOTAL", text));
        }
        Ok(())
    }

    /// Number of rows in the window.
    pub fn size(self) -> usize {
        self.end - self.start + 1
    }

    /// `start-end/total` of a list. Without a named range the end is one too high when there
    /// are more rows, as the real server counts. `None` when there are no rows at all.
    pub fn of_list(self, total: usize) -> Option<String> {
        if total == 0 {
            return None;
        }
        let end = if self.given { self.end } else { self.end + 1 };
        Some(span(self.start, end.min(total - 1), total))
    }

    /// `start-end/total` of a search: exact, `0--1/0` without rows.
    pub fn of_search(self, total: usize) -> String {
        match total {
            0 => "0--1/0".to_owned(),
            _ => span(self.start, self.end.min(total - 1), total),
        }
    }

    /// 206 when the window does not show everything.
    pub fn status(self, total: usize) -> u16 {
        if self.start > 0 || self.end + 1 < total {
            206
        } else {
            200
        }
    }
}

/// Adds the headers that go with a window.
pub fn with_headers(reply: Reply, kind: Kind, content_range: Option<&str>) -> Reply {
    let reply = match content_range {
        Some(range) => reply.with("content-range", range),
        None => reply,
    };
    reply.with("accept-range", &format!("{} 1000", kind.schema().itemtype))
}

fn span(start: usize, end: usize, total: usize) -> String {
    format!("{start}-{end}/{total}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn range(text: Option<&str>) -> Range {
        let params = text.map(|text| Map::from_iter([("range".to_owned(), json!(text))]));
        Range::read(&params.unwrap_or_default(), 20).expect("a range")
    }

    #[test]
    fn the_observed_quirks_hold() {
        assert_eq!(range(None).of_list(67).as_deref(), Some("0-20/67"));
        assert_eq!(range(None).of_search(67), "0-19/67");
        assert_eq!(range(None).of_list(0), None);
        assert_eq!(range(None).of_search(0), "0--1/0");
        assert_eq!(
            range(Some("67-99")).of_list(67).as_deref(),
            Some("67-66/67")
        );
        assert_eq!(range(Some("67-99")).status(67), 206);
        assert!(range(Some("68-99")).check(67).is_err() && range(Some("67-99")).check(67).is_ok());
        assert_eq!(range(Some("0-9999")).status(67), 200);
    }
}
