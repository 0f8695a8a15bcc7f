//! What is to be done outside, as facts of a timeline's line.

use actors::model::{Call, Effect, Lane, Priority};
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
        Call::FetchMedia(fetch) => files::fetch(fetch, &mut facts),
        Call::AttachFile(file) => files::attach(file, &mut facts),
    }
    facts
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
