//! Queue mode: everything a person writes until they pause for the merge interval becomes one
//! ticket, in order, also when the process dies inside the interval, because the burst is part of
//! the state and its end is a wake.

use serde::{Deserialize, Serialize};

use super::super::Event;
use super::super::plan::Plan;
use super::{Flow, locale, opening, say};
use crate::model::{InSeq, Seconds, TicketDraft};
use crate::texts::Key;
use crate::understand::{
    self, Category, CategoryHint, Cues, Level, Object, Reading, Symptom, TicketPriority,
};

/// Bytes of text a burst keeps; of what comes beyond it keeps journal positions instead.
const TEXT_BYTES: usize = 24 * 1024;
/// Positions kept beyond the text bound. A burst of more messages keeps their number only.
const POSITIONS: usize = 2_000;
/// Notes a burst keeps; further ones are in the timeline.
const NOTES: usize = 64;
/// Longest title, in characters; GLPI cuts at 255.
const TITLE_CHARS: usize = 120;

/// Messages gathered for one ticket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Burst {
    /// What was written, in order.
    pub texts: Vec<String>,
    /// Journal positions of messages beyond the text bound.
    pub beyond: Vec<InSeq>,
    /// Messages with words, in all.
    pub count: u32,
    /// The second after which silence ends the burst.
    pub due: Seconds,
    /// Lines about files, places and cards, at most 64; they say nothing of the problem.
    pub notes: Vec<String>,
}

impl Burst {
    /// Adds a line to the transcript that says nothing of the problem.
    pub(super) fn note(&mut self, line: String) {
        if self.notes.len() < NOTES {
            self.notes.push(line);
        }
    }
}

impl Burst {
    /// An empty burst that ends in silence after `due`.
    pub(super) const fn begun(due: Seconds) -> Self {
        Self {
            texts: Vec::new(),
            beyond: Vec::new(),
            count: 0,
            due,
            notes: Vec::new(),
        }
    }

    /// Adds a message, consumed at `position`.
    pub(super) fn add(&mut self, text: &str, position: InSeq) {
        self.count += 1;
        let kept: usize = self.texts.iter().map(String::len).sum();
        if kept + text.len() <= TEXT_BYTES {
            self.texts.push(text.to_owned());
        } else if self.beyond.len() < POSITIONS {
            self.beyond.push(position);
        }
    }
}

/// Adds a message and starts the interval anew.
pub(super) fn take_text(plan: &mut Plan<'_>, text: &str, merge_interval_ms: u64) {
    add(plan, Some(text), merge_interval_ms);
}

/// Adds something without words, whose line follows, and starts the interval anew.
pub(super) fn extend(plan: &mut Plan<'_>, merge_interval_ms: u64) {
    add(plan, None, merge_interval_ms);
}

fn add(plan: &mut Plan<'_>, text: Option<&str>, merge_interval_ms: u64) {
    let due = plan.now.plus_ms(merge_interval_ms).ceil_seconds();
    let (mut burst, first) = match &plan.state.flow {
        Flow::Gathering(burst) => ((**burst).clone(), false),
        Flow::Idle
        | Flow::Asking(_)
        | Flow::OnTicket(_)
        | Flow::Similar(_)
        | Flow::WithPeople(_) => (Burst::begun(due), true),
    };
    burst.due = due;
    if let Some(text) = text {
        burst.add(text, plan.position());
    }
    plan.emit(Event::FlowMoved(Flow::Gathering(Box::new(burst))));
    if first {
        let tenant = plan
            .settings
            .map_or("", |settings| settings.tenant_name.as_str());
        plan.reply(say(plan, Key::QueueNoted, &[("tenant", tenant)]));
    }
}

/// Ends the burst when its interval has passed in silence.
pub(super) fn take_wake(plan: &mut Plan<'_>, due: Seconds) {
    let Flow::Gathering(burst) = plan.state.flow.clone() else {
        plan.emit(Event::Ignored {
            reason: "nothing is gathered".into(),
        });
        return;
    };
    if burst.due != due {
        plan.emit(Event::Ignored {
            reason: "the interval was started anew".into(),
        });
        return;
    }
    finish(plan, &burst);
}

/// Ends the burst that is gathered, if one is, before its interval has passed.
pub(super) fn end_early(plan: &mut Plan<'_>) {
    if let Flow::Gathering(burst) = plan.state.flow.clone() {
        finish(plan, &burst);
    }
}

fn finish(plan: &mut Plan<'_>, burst: &Burst) {
    plan.emit(Event::FlowMoved(Flow::Idle));
    open(plan, burst, Wanted::default());
}

/// What is known of a burst's ticket besides what was written.
pub(super) struct Wanted {
    /// The level an operator set.
    pub level: Option<Level>,
    /// The category an operator set.
    pub category: Option<Category>,
    /// Whether the person is told its number.
    pub told: bool,
}

impl Default for Wanted {
    fn default() -> Self {
        Self {
            level: None,
            category: None,
            told: true,
        }
    }
}

/// Opens the ticket of a burst.
pub(super) fn open(plan: &mut Plan<'_>, burst: &Burst, wanted: Wanted) {
    let readings: Vec<Reading> = burst
        .texts
        .iter()
        .filter_map(|text| Reading::of(locale(plan), text).ok())
        .collect();
    let object = readings.iter().find_map(|reading| reading.object.as_ref());
    let symptom = readings.iter().find_map(|reading| reading.symptom.as_ref());
    let cues = readings
        .iter()
        .fold(Cues::default(), |cues, reading| cues.and(reading.cues));
    let mut priority = understand::priority(object, symptom, cues);
    if let Some(level) = wanted.level {
        priority = TicketPriority::reviewed(level);
    }
    let hint = readings.iter().fold(None, |hint, reading| {
        CategoryHint::weightier(hint, reading.category_hint)
    });
    let understood = understand::category(object, symptom, cues, hint);
    let category = wanted.category.unwrap_or(understood);
    let profile = &plan.state.profile;
    let title = title(plan, burst, object, symptom);
    let draft = TicketDraft {
        description: match burst.texts.is_empty() {
            true => title.clone(),
            false => burst.texts.join("\n"),
        },
        title,
        transcript: transcript(burst),
        urgency: priority.urgency(),
        category,
        requester_name: profile
            .name
            .clone()
            .or_else(|| profile.display_name.as_ref().map(|name| name.to_string()))
            .unwrap_or_default(),
        requester_area: profile.area.clone().unwrap_or_default(),
        phone: profile.phone.clone(),
        email: None,
    };
    opening::open_told(plan, draft, priority.level, wanted.told);
}

/// The understood summary, else the beginning of the first message, else that files came.
fn title(
    plan: &Plan<'_>,
    burst: &Burst,
    object: Option<&Object>,
    symptom: Option<&Symptom>,
) -> String {
    if symptom.is_some() {
        return understand::summary(object, symptom);
    }
    let first = burst.texts.iter().find(|text| !text.trim().is_empty());
    match first {
        Some(text) => text.trim().chars().take(TITLE_CHARS).collect(),
        None => say(plan, Key::FilesTitle, &[]),
    }
}

fn transcript(burst: &Burst) -> Vec<String> {
    let mut lines = burst.texts.clone();
    let beyond = burst.count as usize - burst.texts.len();
    if beyond > 0 {
        lines.push(format!("(+{beyond})"));
    }
    lines.extend(burst.notes.iter().cloned());
    lines
}
