//! One line of a timeline as JSON, made from one journal record.
//!
//! A line says what happened in plain words next to the exact values. Texts of messages are shown:
//! whoever may read the timeline may read the conversation.

mod calls;
mod files;
mod kinds;
mod news;

use actors::contact::{Event, decode_events};
use actors::journal::Entry;
use actors::model::{
    Attempt, Command, ConsentNote, DeliveryRank, InEvent, InSeq, Inbound, Message, Millis, Note,
    Outcome, Receipt, Rich, Shelf, Status, Step, Version, Wish,
};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

pub use calls::effect;

/// One line. `at` is RFC 3339 in UTC; what has no instant of its own has none.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    /// What kind of line it is: `message`, `status`, `report`, `wake`, `merged`, `joined`,
    /// `billed`, `consent`, `news`, `look`, `nudge`, `order`, `command`, `step`, `attempt`,
    /// `outcome`, `note` or `gap`.
    pub kind: &'static str,
    /// When it happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// The same in one plain sentence.
    pub words: String,
    /// Everything else, depending on the kind.
    #[serde(flatten)]
    pub facts: Value,
}

/// The line of one record.
pub fn of(entry: &Entry) -> Line {
    match entry {
        Entry::Input(position, event) => input(*position, event),
        Entry::Step(version, taken) => step(*version, taken),
        Entry::Attempt(line) => attempt(line),
        Entry::Note(remark) => note(remark),
    }
}

/// An instant as RFC 3339 in UTC.
pub fn time(at: Millis) -> String {
    let ms = i64::try_from(at.0).unwrap_or(i64::MAX);
    Timestamp::from_millisecond(ms)
        .unwrap_or(Timestamp::MAX)
        .to_string()
}

fn input(position: InSeq, event: &InEvent) -> Line {
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
    let mut words = format!("the provider says: {rank}");
    if let Some((code, reason)) = &status.failure {
        facts["code"] = (*code).into();
        facts["reason"] = reason.as_str().into();
        words = format!("{words} ({reason})");
    }
    ("status", words, facts)
}

fn received(receipt: &Receipt) -> (&'static str, String, Value) {
    let rank = rank_word(receipt.rank);
    let mut facts = json!({"provider_ids": receipt.ids, "status": rank});
    let mut words = format!("the provider says: {rank}");
    if let Some((code, reason)) = &receipt.failure {
        facts["code"] = (*code).into();
        facts["reason"] = reason.as_str().into();
        words = format!("{words} ({reason})");
    }
    ("status", words, facts)
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

fn step(version: Version, step: &Step) -> Line {
    let withheld = withheld(step);
    let words = match (step.set_aside, step.effects.len()) {
        (true, _) => "the input was set aside for an operator".to_owned(),
        (false, 0) if !withheld.is_empty() => format!("nothing was sent: {}", withheld.join("; ")),
        (false, 0) => "the input was taken note of".to_owned(),
        (false, 1) => "one effect was decided".to_owned(),
        (false, many) => format!("{many} effects were decided"),
    };
    let mut facts = json!({
        "version": version.0,
        "position": step.consumed.0,
        "effects": step.effects.iter().map(effect).collect::<Vec<_>>(),
    });
    if step.set_aside {
        facts["set_aside"] = true.into();
    }
    if !withheld.is_empty() {
        facts["withheld"] = json!(withheld);
    }
    if let Some(wake) = step.wake {
        facts["wake"] = time(wake.to_millis()).into();
    }
    Line {
        kind: "step",
        at: Some(time(step.now)),
        words,
        facts,
    }
}

/// Why messages to the person were not sent. The steps of a channel hold events of another kind.
fn withheld(step: &Step) -> Vec<String> {
    let events = decode_events(step.schema, &step.events).unwrap_or_default();
    let reasons = events.into_iter().filter_map(|event| match event {
        Event::ReplyWithheld { reason } => Some(reason.to_string()),
        _ => None,
    });
    reasons.collect()
}

fn attempt(attempt: &Attempt) -> Line {
    let mut facts = json!({
        "effect": attempt.effect().to_string(),
        "attempt": attempt.no().0,
    });
    match attempt {
        Attempt::Sending {
            no,
            at,
            possible_repeat,
            line,
            ..
        } => {
            facts["possible_repeat"] = (*possible_repeat).into();
            if let Some(line) = line {
                facts["second_line"] = line.to_string().into();
            }
            let words = if *possible_repeat {
                format!(
                    "attempt {} was begun; the person may see this message twice",
                    no.0
                )
            } else {
                format!("attempt {} was begun", no.0)
            };
            Line {
                kind: "attempt",
                at: Some(time(*at)),
                words,
                facts,
            }
        }
        Attempt::Outcome { at, outcome, .. } => {
            facts["outcome"] = outcome_code(outcome).into();
            match outcome {
                Outcome::Done(reply) => match &reply.kept {
                    Some(kept) => files::kept(kept, &mut facts),
                    None => facts["provider_id"] = reply.id.as_str().into(),
                },
                Outcome::RetryAt { at, .. } => facts["retry_at"] = time(*at).into(),
                Outcome::Failed { code, .. } => facts["code"] = (*code).into(),
                Outcome::InDoubt { .. } | Outcome::Shelved { .. } | Outcome::Late => {}
            }
            let words = outcome_words(outcome);
            Line {
                kind: "outcome",
                at: Some(time(*at)),
                words,
                facts,
            }
        }
    }
}

/// The stable code of an outcome.
pub const fn outcome_code(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Done(_) => "done",
        Outcome::RetryAt { .. } => "retry",
        Outcome::InDoubt { .. } => "in_doubt",
        Outcome::Failed { .. } => "failed",
        Outcome::Shelved {
            shelf: Shelf::DeadLetter,
            ..
        } => "dead_letter",
        Outcome::Shelved {
            shelf: Shelf::Uncertain,
            ..
        } => "uncertain",
        Outcome::Late => "late",
    }
}

/// An outcome in plain words.
pub fn outcome_words(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Done(reply) => match &reply.remark {
            Some(remark) => format!("done ({remark})"),
            None => "done".to_owned(),
        },
        Outcome::RetryAt { reason, .. } => format!("not done, will be tried again: {reason}"),
        Outcome::InDoubt { reason } => format!("nobody knows whether it was done: {reason}"),
        Outcome::Failed { reason, .. } => format!("refused for good: {reason}"),
        Outcome::Shelved {
            shelf: Shelf::DeadLetter,
            reason,
        } => {
            format!("every retry was used up, an operator must decide: {reason}")
        }
        Outcome::Shelved {
            shelf: Shelf::Uncertain,
            reason,
        } => {
            format!("it may or may not have been done, an operator must decide: {reason}")
        }
        Outcome::Late => "it takes longer than the person should wait in silence".to_owned(),
    }
}

fn note(note: &Note) -> Line {
    let (words, facts) = match note {
        Note::Alias { .. } => (
            "another identity of this person became known".to_owned(),
            json!({}),
        ),
        Note::Merged { into } => (
            "this contact was drained into another".to_owned(),
            json!({"into": into.to_string()}),
        ),
        Note::Strike(strike) => (
            format!("processing an input failed: {}", strike.reason),
            json!({"position": strike.input.0, "weight": strike.weight}),
        ),
        Note::Released { input } => (
            "an operator dealt with an input that had been set aside".to_owned(),
            json!({"position": input.0}),
        ),
        Note::Config { summary } => (format!("settings changed: {summary}"), json!({})),
    };
    Line {
        kind: "note",
        at: None,
        words,
        facts,
    }
}
