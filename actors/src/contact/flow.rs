//! Where a conversation stands, and how each kind of input moves it.
//!
//! [`transitions`] lists every move. The named states are the variants of [`Flow`] and, inside the
//! dialogue, [`Need`]: greeting and
//! problem (`Need::Problem`), details (`Need::Symptom`), identity (`Need::Identity`), confirmation
//! (`Need::Confirmation`), created (the ticket is in [`State::opening`] until the help desk has
//! answered, then in [`State::tickets`]).
//!
//! A conversation that people have ([`Flow::WithPeople`]) is told nothing by the bot.
//!
//! [`State::opening`]: super::State::opening
//! [`State::tickets`]: super::State::tickets

mod admission;
pub(super) mod consent;
mod dialogue;
mod handover;
mod language;
mod media;
pub(super) mod news;
mod opening;
mod queue;
mod rules;
mod tickets;
pub mod transitions;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

pub use admission::{Admission, Asked, Checked};
pub use dialogue::{Draft, Need, Turn};
pub(super) use handover::obey;
pub use handover::{Answer, Attended, Ended, Refusal, TransferCause};
pub use opening::Opening;
pub use queue::Burst;
pub use tickets::{Awaits, Deed, Errand, Likeness, LinkEnd, Linking, Talk, Verb, Work};

use super::Event;
use super::plan::Plan;
use crate::model::{Content, Message, Millis, Report, Seconds};
use crate::ports::{Mode, People};
use crate::texts::{self, Key, Locale};
use crate::understand::Reading;

/// Longest text of one message that a flow works with, in bytes; the journal keeps all of it.
const TURN_BYTES: usize = 2_048;

/// Where a conversation stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Flow {
    /// Nothing is open.
    #[default]
    Idle,
    /// The guided dialogue waits for an answer.
    Asking(Box<Draft>),
    /// Messages are gathered until the merge interval passes in silence.
    Gathering(Box<Burst>),
    /// A word about a ticket that exists, or about the person's own user, is awaited.
    OnTicket(Box<Talk>),
    /// A ticket like one that is open is about to be opened; which of the two is wanted is awaited.
    Similar(Box<Likeness>),
    /// People have the conversation, and the bot is silent.
    WithPeople(Box<Attended>),
}

impl Flow {
    /// Whether nothing is open.
    pub const fn is_idle(&self) -> bool {
        matches!(self, Self::Idle)
    }

    /// The draft that is open, also below what was asked in between.
    fn draft(&self) -> Option<Box<Draft>> {
        match self {
            Self::Asking(draft) => Some(draft.clone()),
            Self::Similar(likeness) => Some(Box::new(likeness.draft.clone())),
            Self::OnTicket(talk) => talk.beneath.draft(),
            Self::Idle | Self::Gathering(_) | Self::WithPeople(_) => None,
        }
    }

    /// When this flow wants to go on by itself.
    pub fn due(&self) -> Option<Seconds> {
        match self {
            Self::Idle | Self::Asking(_) | Self::OnTicket(_) | Self::Similar(_) => None,
            Self::Gathering(burst) => Some(burst.due),
            Self::WithPeople(attended) => Some(attended.due()),
        }
    }
}

/// Moves the conversation by one message from the person. While people have it nothing is answered.
/// A message beyond the channel's number of messages is answered by the bot only when something
/// comes of it; else people take over.
pub(super) fn take_message(plan: &mut Plan<'_>, message: &Message) {
    if handover::take_message(plan, message) || admission::turns_away(plan, message) {
        return;
    }
    take_admitted(plan, message);
}

/// Moves the conversation by one message that the bot answers.
fn take_admitted(plan: &mut Plan<'_>, message: &Message) {
    let people = plan.settings.map(|settings| &settings.people);
    let messages_max = people.map_or(0, |people| people.messages_max);
    if messages_max == 0 {
        return answer(plan, message);
    }
    let nth = plan.state.talk.saturating_add(1);
    let before = plan.replies();
    let queue = people.and_then(People::default_queue);
    let Some(queue) = queue.filter(|_| nth > messages_max) else {
        answer(plan, message);
        return count_talk(plan, nth, before);
    };
    // What the bot would answer is tried first, and taken back when nothing comes of it.
    let mut answered = plan.clone();
    answer(&mut answered, message);
    if !answered.came_to_nothing() {
        *plan = answered;
        return count_talk(plan, nth, before);
    }
    let draft = answered.state.flow.draft();
    let kept = draft.as_ref().is_some_and(|draft| !draft.turns.is_empty());
    let said = words(message).filter(|_| !kept);
    let cause = TransferCause::TooManyMessages;
    handover::transfer_to(plan, queue, cause, said, draft);
}

/// Counts the `nth` message of a conversation and what the bot said to it, or begins anew when
/// something came of it.
fn count_talk(plan: &mut Plan<'_>, nth: u16, replies_before: u16) {
    let said = plan.replies().saturating_sub(replies_before);
    let talk = match plan.came_to_nothing() {
        true => nth.saturating_add(said),
        false => 0,
    };
    if talk != plan.state.talk {
        plan.emit(Event::TalkCounted { messages: talk });
    }
}

/// What was written, of a message that a flow can read.
fn words(message: &Message) -> Option<&str> {
    match &message.content {
        Content::Text(text) => Some(cut(text, TURN_BYTES)),
        Content::Button { title, .. } | Content::Row { title, .. } => Some(title.as_str()),
        _ => None,
    }
}

fn answer(plan: &mut Plan<'_>, message: &Message) {
    if rules::take_message(plan, message) {
        return;
    }
    let text = match &message.content {
        Content::Text(text) => return take_words(plan, text, &message.provider_id),
        Content::Media(file) => return media::take(plan, message, file),
        Content::Location(place) => return media::take_line(plan, media::of_place(place)),
        Content::Cards(cards) => return media::take_line(plan, media::of_cards(cards)),
        // A word about a word is not answered.
        Content::Reaction { .. } | Content::Revoked { .. } => {
            return plan.emit(Event::Ignored {
                reason: "it says nothing to act on".into(),
            });
        }
        Content::Button { id, title } | Content::Row { id, title, .. } => {
            if dialogue::take_button(plan, id, &message.provider_id)
                || tickets::take_press(plan, id, &message.provider_id)
            {
                return;
            }
            title.as_str()
        }
        // Kept in the journal with everything that came; the dialogue works with words.
        Content::Other { .. }
        | Content::Edited { .. }
        | Content::Order(_)
        | Content::Form { .. }
        | Content::Changed { .. }
        | Content::Unsupported { .. } => {
            plan.miss();
            plan.reply(say(plan, Key::Unsupported, &[]));
            return;
        }
    };
    take_text(plan, text, &message.provider_id);
}

/// What the person wrote in their own words, in a message or below a file.
fn take_words(plan: &mut Plan<'_>, text: &str, message: &SmolStr) {
    let text = cut(text, TURN_BYTES);
    if !language::take_text(plan, text) {
        take_text(plan, text, message);
    }
}

fn take_text(plan: &mut Plan<'_>, text: &str, message: &SmolStr) {
    if tickets::take_text(plan, text, message) {
        return;
    }
    match plan.settings.map(|settings| settings.mode) {
        Some(Mode::Queue { merge_interval_ms }) => {
            if !asks_for_people(plan, text) {
                queue::take_text(plan, text, merge_interval_ms);
            }
        }
        Some(Mode::Dialogue) | None => dialogue::take_text(plan, text, message),
    }
}

/// Takes a message beyond the soft limit: a file in it is kept, because the provider forgets it.
pub(super) fn take_throttled(plan: &mut Plan<'_>, message: &Message) {
    if let Content::Media(file) = &message.content {
        media::take_silently(plan, file);
    }
}

/// In queue mode nothing else is read out of a message before its burst ends.
fn asks_for_people(plan: &mut Plan<'_>, text: &str) -> bool {
    let people = plan.settings.map(|settings| &settings.people);
    if people.and_then(People::default_queue).is_none() {
        return false;
    }
    Reading::of(locale(plan), text)
        .is_ok_and(|reading| handover::take_wish(plan, reading.intent, text))
}

/// Moves the conversation by the end, or the lateness, of an effect.
pub(super) fn take_report(plan: &mut Plan<'_>, report: &Report) {
    if !admission::take_report(plan, report) && !media::take_report(plan, report) {
        opening::take_report(plan, report);
    }
}

/// Moves the conversation by its own wake.
///
/// A second that ends both a wait and a flow comes as one wake, so both are looked at.
pub(super) fn take_wake(plan: &mut Plan<'_>, due: Seconds) {
    let wait_ends = plan.state.admission.due() == Some(due);
    let flow_goes_on = plan.state.flow.due() == Some(due);
    if (flow_goes_on || !wait_ends) && !handover::take_wake(plan, due) {
        queue::take_wake(plan, due);
    }
    if wait_ends {
        admission::take_silence(plan);
    }
}

/// Tells the person that they write faster than the bot answers.
pub(super) fn say_too_many(plan: &mut Plan<'_>) {
    plan.reply(say(plan, Key::TooMany, &[]));
}

/// The person's language, else the channel's.
pub(super) fn locale(plan: &Plan<'_>) -> Locale {
    let of_channel = || plan.settings.map(|s| Locale::of_tag(&s.locale));
    plan.state.language.or_else(of_channel).unwrap_or_default()
}

/// Renders a text in the person's language.
fn say(plan: &Plan<'_>, key: Key, values: &[(&str, &str)]) -> String {
    texts::render(locale(plan), key, values)
}

/// Seconds the tenant's zone adds to UTC at an instant.
fn offset(plan: &Plan<'_>, at: Millis) -> i32 {
    plan.settings
        .map_or(0, |settings| settings.utc_offset.at(at))
}

/// An instant as local date and time.
fn local_date(plan: &Plan<'_>, at: Millis) -> String {
    texts::date(locale(plan), (at.0 / 1_000) as i64, offset(plan, at))
}

/// `text` as it is when it has at most `chars` characters, else its beginning and an ellipsis.
fn cut_chars(text: &str, chars: usize) -> String {
    if text.chars().count() <= chars {
        return text.to_owned();
    }
    let beginning: String = text.chars().take(chars.saturating_sub(1)).collect();
    match chars {
        0 => String::new(),
        _ => format!("{}…", beginning.trim_end()),
    }
}

/// The longest prefix of `text` that fits `bytes` and ends at a character.
fn cut(text: &str, bytes: usize) -> &str {
    let mut end = text.len().min(bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
