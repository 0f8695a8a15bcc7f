//! The phone's side of a conversation: what was said in both directions, with statuses, as
//! the demo page and the tests show it. Bounded; the oldest messages leave first.

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::limits::Pair;

/// One message as the phone holds it.
#[derive(Clone, Debug)]
pub struct Said {
    /// Position in the conversation, from 1.
    pub n: u64,
    /// True when the person wrote it.
    pub from_person: bool,
    /// Message id.
    pub id: String,
    /// Wire type.
    pub kind: String,
    /// The object under the type's name, as it travelled.
    pub content: Value,
    /// Id of the message it answers.
    pub context: Option<String>,
    /// `accepted`, `sent`, `delivered`, `read`, `failed`.
    pub status: &'static str,
    /// Milliseconds since 1970.
    pub at_ms: i64,
}

/// A person as one business number knows them.
#[derive(Clone, Debug, Default)]
pub struct Person {
    /// Debt of the pair.
    pub pair: Pair,
    /// Last time the person wrote, milliseconds since 1970.
    pub wrote_at_ms: Option<i64>,
    /// When `_control` closed the window.
    pub closed_at_ms: Option<i64>,
    /// Profile name.
    pub name: Option<String>,
    said: VecDeque<Said>,
    last_n: u64,
}

impl Person {
    /// Whether free-form messages reach the person.
    pub fn window_open(&self, now_ms: i64, open_by_default: bool) -> bool {
        const DAY_MS: i64 = 86_400_000;
        match (self.wrote_at_ms, self.closed_at_ms) {
            (Some(wrote), Some(closed)) if wrote >= closed => now_ms - wrote < DAY_MS,
            (_, Some(_)) => false,
            (Some(_), None) if open_by_default => true,
            (Some(wrote), None) => now_ms - wrote < DAY_MS,
            (None, None) => open_by_default,
        }
    }

    /// Counts a message where none are kept, and gives its position.
    pub fn count(&mut self) -> u64 {
        self.said.clear();
        self.last_n += 1;
        self.last_n
    }

    /// Adds a message and gives its position.
    pub fn add(&mut self, mut said: Said, keep: usize) -> u64 {
        self.last_n += 1;
        said.n = self.last_n;
        self.said.push_back(said);
        while self.said.len() > keep {
            self.said.pop_front();
        }
        self.last_n
    }

    /// Moves a message's status forward; false when it is unknown or already further.
    pub fn mark(&mut self, id: &str, status: &'static str) -> bool {
        let found = self.said.iter_mut().rev().find(|said| said.id == id);
        let Some(said) = found.filter(|said| rank(said.status) < rank(status)) else {
            return false;
        };
        said.status = status;
        true
    }

    /// Names the file that a message shows.
    pub fn attach(&mut self, id: &str, file: &str) {
        let found = self.said.iter_mut().rev().find(|said| said.id == id);
        if let Some(content) = found.and_then(|said| said.content.as_object_mut()) {
            content.insert("id".to_owned(), file.into());
        }
    }

    /// The provider's id of the file that a message shows.
    pub fn file_of(&self, id: &str) -> Option<String> {
        let said = self.said.iter().rev().find(|said| said.id == id)?;
        Some(said.content.get("id")?.as_str()?.to_owned())
    }

    /// The last message that offered a button or row with this id: the tracking id it was sent
    /// with, and the place of the choice in it, from 1.
    pub fn last_with(&self, id: &str) -> Option<(String, usize)> {
        let offered = |said: &Said| {
            let buttons = said.buttons().into_iter().chain(said.rows());
            let place = buttons
                .enumerate()
                .find(|(_, choice)| choice["id"] == id)?
                .0;
            let msgid = said.content.get("msgid").and_then(Value::as_str);
            Some((msgid.unwrap_or_default().to_owned(), place + 1))
        };
        self.said.iter().rev().find_map(offered)
    }

    /// Messages behind position `after`.
    pub fn since(&self, after: u64) -> Vec<Value> {
        self.said
            .iter()
            .filter(|said| said.n > after)
            .map(Said::view)
            .collect()
    }
}

fn rank(status: &str) -> u8 {
    match status {
        "sent" => 1,
        "delivered" => 2,
        "read" => 3,
        "failed" => 4,
        _ => 0,
    }
}

impl Said {
    /// How the phone API shows the message.
    pub fn view(&self) -> Value {
        json!({
            "n": self.n,
            "direction": if self.from_person { "in" } else { "out" },
            "id": self.id,
            "type": self.kind,
            "text": self.text(),
            "buttons": self.buttons(),
            "rows": self.rows(),
            "content": self.content,
            "context": self.context,
            "status": self.status,
            "at_ms": self.at_ms,
        })
    }

    /// What a person reads.
    fn text(&self) -> Option<&str> {
        let at = |path: &str| self.content.pointer(path).and_then(Value::as_str);
        match self.kind.as_str() {
            "text" => at("/body"),
            "interactive" => at("/body/text")
                .or_else(|| at("/button_reply/title"))
                .or_else(|| at("/list_reply/title")),
            "reaction" => at("/emoji"),
            "template" => at("/name"),
            _ => at("/caption"),
        }
    }

    fn buttons(&self) -> Vec<&Value> {
        let buttons = self
            .content
            .pointer("/action/buttons")
            .and_then(Value::as_array);
        buttons
            .into_iter()
            .flatten()
            .filter_map(|button| button.get("reply"))
            .collect()
    }

    fn rows(&self) -> Vec<&Value> {
        let sections = self
            .content
            .pointer("/action/sections")
            .and_then(Value::as_array);
        let rows = sections
            .into_iter()
            .flatten()
            .filter_map(|section| section.get("rows"));
        rows.filter_map(Value::as_array).flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_MS: i64 = 3_600_000;

    #[test]
    fn a_tracked_window_opens_with_a_message_and_closes_after_24_hours() {
        let mut person = Person::default();
        assert!(!person.window_open(0, false));
        person.wrote_at_ms = Some(0);
        assert!(person.window_open(24 * HOUR_MS - 1, false));
        assert!(!person.window_open(24 * HOUR_MS, false));
    }

    #[test]
    fn a_window_closed_by_control_opens_again_when_the_person_writes() {
        let mut person = Person {
            wrote_at_ms: Some(5),
            ..Person::default()
        };
        person.closed_at_ms = Some(10);
        assert!(!person.window_open(11, true));
        person.wrote_at_ms = Some(12);
        assert!(person.window_open(13, true));
        assert!(!person.window_open(12 + 24 * HOUR_MS, true));
    }

    #[test]
    fn a_late_status_never_moves_a_message_back() {
        let mut person = Person::default();
        let said = Said {
            n: 0,
            from_person: false,
            id: "w1".into(),
            kind: "text".into(),
            content: json!({"body": "hola"}),
            context: None,
            status: "accepted",
            at_ms: 0,
        };
        assert_eq!(person.add(said, 10), 1);
        assert!(person.mark("w1", "read"));
        assert!(!person.mark("w1", "sent"));
        assert_eq!(person.since(0)[0]["status"], "read");
        assert!(person.since(1).is_empty());
    }
}
