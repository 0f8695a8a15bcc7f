//! News of tickets, and looks at help desks, in a timeline.

use actors::model::{Polled, TicketFact, TicketNews, TicketState};
use serde_json::{Value, json};

/// The line of news that a contact was given.
pub(super) fn given(news: &TicketNews) -> (&'static str, String, Value) {
    let changes: Vec<Value> = news.changes.iter().map(change).collect();
    let words = "the help desk says what technicians did to a ticket".to_owned();
    let facts = json!({
        "gateway": news.gateway.to_string(),
        "ticket": news.line.id,
        "title": news.line.title,
        "state": state_word(news.line.state),
        "changes": changes,
    });
    ("news", words, facts)
}

/// The line of a look that ended.
pub(super) fn looked(polled: &Polled) -> (&'static str, String, Value) {
    let words = format!(
        "the help desk was looked at; {} contacts were given news",
        polled.given
    );
    let facts = json!({"mark": polled.mark.as_str(), "given": polled.given});
    ("look", words, facts)
}

/// The line of a help desk's own word that something changed.
pub(super) fn nudged(ticket: Option<u64>) -> (&'static str, String, Value) {
    let words = "the help desk says that something changed".to_owned();
    ("nudge", words, json!({"ticket": ticket}))
}

fn change(change: &TicketFact) -> Value {
    match change {
        TicketFact::Assigned { group, id, fresh } => {
            json!({"what": "assigned", "group": group, "id": id, "fresh": fresh})
        }
        TicketFact::Word(word) => {
            let what = if word.is_solution {
                "solution"
            } else {
                "followup"
            };
            json!({"what": what, "id": word.id, "text": word.text})
        }
        TicketFact::File(file) => {
            json!({"what": "file", "id": file.id, "document": file.document, "file": file.name})
        }
        TicketFact::Stay { state, .. } => json!({"what": "state", "state": state_word(*state)}),
    }
}

fn state_word(state: TicketState) -> &'static str {
    match state {
        TicketState::New => "new",
        TicketState::Assigned => "assigned",
        TicketState::Planned => "planned",
        TicketState::Pending => "pending",
        TicketState::Solved => "solved",
        TicketState::Closed => "closed",
        TicketState::Other(_) => "other",
    }
}
