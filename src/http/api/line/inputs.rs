//! The line of an input: what reached an entity, from outside or from itself.

use actors::model::{
    Command, ConsentNote, DeliveryRank, InEvent, InSeq, Inbound, Message, Receipt, Rich, Status,
    Wish,
};
use serde_json::{Value, json};
use smol_str::SmolStr;

use super::{Line, kinds, news, outcome_words, time};

/// The line of one input.
pub(super) fn input(position: InSeq, event: &InEvent) -> Line {
    let (kind, words, mut facts) = fact(event.fact());
    if let Inbound::Released { position, .. } = &event.body {
        facts["released"] = position.0.into();
    }
    facts["position"] = position.0.into();
    if let Some(stamp) = event.stamp {
        facts["stamp"] = time(stamp.to_millis()).into();
    }
    Line {
        kind,
        at: Some(time(event.received)),
        words,
        facts,
    }
}

fn fact(fact: &Inbound) -> (&'static str, String, Value) {
    match fact {
        Inbound::Message(message) => said(message),
        Inbound::Status(status) => told(status),
        Inbound::Report(report) => (
            "report",
            format!(
                "the conversation was told: {}",
                outcome_words(&report.outcome)
            ),
            json!({"effect": report.effect.to_string()}),
        ),
        Inbound::Woken { due } => (
            "wake",
            "a wake came due".to_owned(),
            json!({"due": time(due.to_millis())}),
        ),
        Inbound::Merged { from, .. } => (
            "merged",
            "another contact turned out to be the same person".to_owned(),
            json!({"from": from.to_string()}),
        ),
        Inbound::Joined { into } => (
            "joined",
            "this contact turned out to be the same person as an older one".to_owned(),
            json!({"into": into.to_string()}),
        ),
        Inbound::Unplaced(item) => (
            "unplaced",
            "a webhook held an item that belongs to nobody here".to_owned(),
            json!({"why": item.why.name(), "items": item.items}),
        ),
        Inbound::Receipt(receipt) => received(receipt),
        Inbound::Billed(billed) => (
            "billed",
            "the provider says what a message is charged as".to_owned(),
            json!({
                "provider_ids": billed.ids,
                "billable": billed.billable,
                "category": billed.category,
                "pricing": billed.kind,
            }),
        ),
        Inbound::Consent(consent) => (
            "consent",
            match consent.given {
                true => "the person gave consent at the provider".to_owned(),
                false => "the person withdrew consent at the provider".to_owned(),
            },
            json!({"channel": consent.channel.to_string(), "given": consent.given}),
        ),
        Inbound::TicketNews(told) => news::given(told),
        Inbound::Polled(polled) => news::looked(polled),
        Inbound::Nudged { ticket } => news::nudged(*ticket),
        Inbound::TemplateCounted(taken) => (
            "count",
            match taken.back {
                true => "a template that did not leave is counted no longer".to_owned(),
                false => "a template was counted".to_owned(),
            },
            json!({"marketing": taken.marketing}),
        ),
        Inbound::Operator(command) => commanded(command),
        Inbound::ConsentNoted(note) => noted(note),
        Inbound::TemplateOrdered(order) => (
            "order",
            "a template was ordered".to_owned(),
            json!({"client_id": order.client_id, "values": order.values}),
        ),
        Inbound::Erased => (
            "erased",
            "an operator had this person forgotten".to_owned(),
            json!({}),
        ),
        Inbound::Released { position, .. } => (
            "released",
            "an operator let an input be consumed after all".to_owned(),
            json!({"released": position.0}),
        ),
    }
}

fn commanded(command: &Command) -> (&'static str, String, Value) {
    let what = command.wish.name();
    let mut facts = json!({"by": command.by, "command": what});
    match &command.wish {
        Wish::Say { text } | Wish::Note { text } => facts["text"] = text.as_str().into(),
        Wish::HandOver { queue: Some(queue) } => facts["queue"] = queue.as_str().into(),
        Wish::Take { operator } => facts["operator"] = operator.as_str().into(),
        Wish::Ticket { ticket, .. } => facts["ticket"] = (*ticket).into(),
        Wish::Link { email } => facts["email"] = email.as_str().into(),
        Wish::Send { answers, bodies } => {
            facts["sends"] = bodies.iter().map(Rich::name).collect();
            if let Some(answers) = answers {
                facts["answers"] = answers.as_str().into();
            }
        }
        Wish::Classify { .. } | Wish::HandOver { queue: None } | Wish::HandBack | Wish::Close => {}
    }
    let words = format!(
        "operator {} commands: {}",
        command.by,
        what.replace('_', " ")
    );
    ("command", words, facts)
}

fn said(message: &Message) -> (&'static str, String, Value) {
    let mut facts = json!({
        "channel": message.channel.to_string(),
        "provider_id": message.provider_id,
    });
    if let Some(name) = &message.profile_name {
        facts["profile_name"] = name.as_str().into();
    }
    let words = kinds::content(&message.content, &mut facts);
    if let Some(context) = &message.context {
        kinds::context(context, &mut facts);
    }
    ("message", words.to_owned(), facts)
}

fn told(status: &Status) -> (&'static str, String, Value) {
    let rank = rank_word(status.rank);
    let mut facts = json!({
        "effect": status.effect.to_string(),
        "provider_id": status.provider_id,
        "status": rank,
    });
    let words = fate(rank, status.failure.as_ref(), &mut facts);
    ("status", words, facts)
}

fn received(receipt: &Receipt) -> (&'static str, String, Value) {
    let rank = rank_word(receipt.rank);
    let mut facts = json!({"provider_ids": receipt.ids, "status": rank});
    let words = fate(rank, receipt.failure.as_ref(), &mut facts);
    ("status", words, facts)
}

/// What the provider says of a message, with the reason of a failure among the facts.
fn fate(rank: &str, failure: Option<&(u32, SmolStr)>, facts: &mut Value) -> String {
    let words = format!("the provider says: {rank}");
    let Some((code, reason)) = failure else {
        return words;
    };
    facts["code"] = (*code).into();
    facts["reason"] = reason.as_str().into();
    format!("{words} ({reason})")
}

fn noted(note: &ConsentNote) -> (&'static str, String, Value) {
    let mut facts = json!({"by": note.by, "proof": note.proof});
    if let Some(level) = note.level {
        facts["level"] = level.as_str().into();
    }
    if let Some(refused) = note.marketing_refused {
        facts["marketing_refused"] = refused.into();
    }
    let words = "an operator noted what the person consents to";
    ("consent", words.to_owned(), facts)
}

/// The provider-independent word for how far a message came.
const fn rank_word(rank: DeliveryRank) -> &'static str {
    match rank {
        DeliveryRank::Accepted => "accepted",
        DeliveryRank::Sent => "sent",
        DeliveryRank::Failed => "failed",
        DeliveryRank::Delivered => "delivered",
        DeliveryRank::Read => "read",
        DeliveryRank::Played => "played",
    }
}
