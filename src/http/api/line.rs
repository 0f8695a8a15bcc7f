//! One line of a timeline as JSON, made from one journal record.
//!
//! A line says what happened in plain words next to the exact values. Texts of messages are shown:
//! whoever may read the timeline may read the conversation.

mod calls;
mod files;
mod inputs;
mod kinds;
mod news;

use actors::contact::{Event, decode_events};
use actors::journal::Entry;
use actors::model::{Attempt, Millis, Note, Outcome, Shelf, Step, Version};
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
        Entry::Input(position, event) => inputs::input(*position, event),
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
