//! What is to be done outside, as facts of a timeline's line.

use actors::model::{
    About, Call, Change, Effect, Lane, LinkedBy, Priority, Rich, Then, TicketChange,
};
use serde_json::{Value, json};

use super::files;

/// An effect as JSON: what is to be done and in which order.
pub fn effect(effect: &Effect) -> Value {
    let mut facts = json!({
        "effect": effect.id.to_string(),
        "call": effect.call.name(),
        "lane": lane_word(&effect.lane),
        "priority": priority_word(effect.priority),
    });
    match &effect.call {
        Call::SendText { text, .. } => facts["text"] = text.as_str().into(),
        Call::SendButtons { text, buttons, .. } => {
            facts["text"] = text.as_str().into();
            facts["buttons"] = buttons.iter().map(|button| button.title.as_str()).collect();
        }
        Call::SendList { text, rows, .. } => {
            facts["text"] = text.as_str().into();
            facts["rows"] = rows.iter().map(|row| row.title.as_str()).collect();
        }
        Call::MarkRead { message, .. } => facts["message"] = message.as_str().into(),
        Call::OpenTicket(draft) => {
            facts["title"] = draft.title.as_str().into();
            facts["description"] = draft.description.as_str().into();
            facts["urgency"] = draft.urgency.into();
        }
        Call::Tell { to, .. } => facts["to"] = to.to_string().into(),
        Call::SendTemplate(template) => {
            facts["text"] = template.text.as_str().into();
            facts["template"] = template.name.as_str().into();
            facts["language"] = template.language.as_str().into();
            facts["category"] = template.category.as_str().into();
        }
        Call::ReportConsent { .. } => {}
        Call::LinkRequester(link) => {
            facts["email"] = link.email.as_str().into();
            facts["by"] = match link.by {
                LinkedBy::Person => "person",
                LinkedBy::Operator => "operator",
            }
            .into();
        }
        Call::AskTickets(question) => {
            if let About::Ticket(ticket) = question.about {
                facts["ticket"] = ticket.into();
            }
        }
        Call::ChangeTicket(asked) => change(asked, &mut facts),
        Call::SendRich(message) => {
            facts["content"] = message.body.name().into();
            if let Some(text) = message.body.text() {
                facts["text"] = text.into();
            }
            if let Some(answers) = &message.answers {
                facts["answers"] = answers.as_str().into();
            }
            if let Rich::File(file) = &message.body {
                files::sent(file, &mut facts);
            }
        }
        Call::FetchMedia(fetch) => files::fetch(fetch, &mut facts),
        Call::AttachFile(file) => files::attach(file, &mut facts),
    }
    facts
}

fn change(asked: &TicketChange, facts: &mut Value) {
    facts["ticket"] = asked.ticket.into();
    let (what, text) = match &asked.change {
        Change::Say { text, then } => {
            let what = match then {
                Then::Keep => "add a word",
                Then::Close => "accept the solution and close",
                Then::Reopen => "refuse the solution and open again",
            };
            (what, Some(text))
        }
        Change::Solve { text } => ("solve", Some(text)),
        Change::Update(_) => ("update", None),
        Change::Cancel { text } => ("cancel", Some(text)),
        Change::Delete => ("delete", None),
        Change::Rate { stars, text } => {
            facts["stars"] = (*stars).into();
            ("rate", Some(text))
        }
    };
    facts["change"] = what.into();
    if let Some(text) = text.filter(|text| !text.is_empty()) {
        facts["text"] = text.as_str().into();
    }
}

fn lane_word(lane: &Lane) -> String {
    match lane {
        Lane::Person => "person".to_owned(),
        Lane::Ticket(number) => format!("ticket {number}"),
        Lane::Chat(channel) => format!("chat {channel}"),
        Lane::Wallet => "wallet".to_owned(),
        Lane::Free => "free".to_owned(),
        Lane::Consent => "consent".to_owned(),
    }
}

const fn priority_word(priority: Priority) -> &'static str {
    match priority {
        Priority::Urgent => "urgent",
        Priority::Reply => "reply",
        Priority::Notification => "notification",
        Priority::Marketing => "marketing",
    }
}
