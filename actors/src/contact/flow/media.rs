//! What a person sends besides words: files, places and cards.
//!
//! A file is fetched into the store at once, whatever the conversation does, because the provider
//! forgets it. Its caption is a text like any other. It goes along with what is being told, with the
//! ticket just asked for, or with one opened a short while ago; with none of these the person is
//! asked what it is about. An album is answered once. Places and cards become lines of the
//! transcript.

mod desk;
mod note;
mod report;

use super::super::Event;
use super::super::files::{File, Place, name};
use super::super::plan::Plan;
use super::dialogue::{Draft, Need};
use super::{Flow, queue, say, tickets};
use crate::model::{Media, MediaKind, Message};
use crate::ports::Mode;
use crate::texts::Key;
pub(super) use desk::fetch_from_desk;
pub(super) use note::{of_cards, of_place};
pub(super) use report::take_report;

/// Files that come within this belong to one album, in milliseconds.
const ALBUM_MS: u64 = 10_000;
/// A file goes onto a ticket opened within this without a question, in milliseconds.
const RECENT_MS: u64 = 2 * 3_600_000;

/// What was said with a file, a place or a card.
enum Sent {
    File,
    Note,
}

/// Takes a file.
pub(super) fn take(plan: &mut Plan<'_>, message: &Message, media: &Media) {
    if media.kind == MediaKind::Sticker {
        return plan.emit(Event::Ignored {
            reason: "a sticker says nothing to act on".into(),
        });
    }
    let same_album = plan.state.files.came_within(ALBUM_MS, plan.now);
    let awaited_on = tickets::awaited_on(plan);
    let caption = media.caption.as_deref().map(str::trim);
    let caption = caption.filter(|caption| !caption.is_empty());
    if let Some(caption) = caption {
        super::take_words(plan, caption, &message.provider_id);
    }
    let asked = awaited_on.is_none() && place(plan, caption.is_none() && !same_album);
    let place = awaited_on.map_or_else(|| where_it_goes(plan), Place::Ticket);
    let Some(line) = fetch(plan, media, place) else {
        return;
    };
    keep_line(plan, line);
    if caption.is_none() && !same_album {
        answer(plan, &Sent::File, asked);
        tickets::file_taken(plan);
    }
}

/// Takes a file of a person who writes too fast: it is kept, and nothing is said.
pub(super) fn take_silently(plan: &mut Plan<'_>, media: &Media) {
    if media.kind != MediaKind::Sticker
        && let Some(line) = fetch(plan, media, where_it_goes(plan))
    {
        keep_line(plan, line);
    }
}

/// Takes a line about a place or about cards.
pub(super) fn take_line(plan: &mut Plan<'_>, line: String) {
    let asked = place(plan, true);
    keep_line(plan, line);
    answer(plan, &Sent::Note, asked);
}

/// Makes sure that what was sent has something to go along with; tells whether the person has to be
/// asked what it is about. `may_ask`: nothing else is said about it.
fn place(plan: &mut Plan<'_>, may_ask: bool) -> bool {
    // What stands below a file may itself call for people.
    if matches!(plan.state.flow, Flow::WithPeople(_)) {
        return false;
    }
    if let Some(Mode::Queue { merge_interval_ms }) = plan.settings.map(|settings| settings.mode) {
        if tickets::awaited_on(plan).is_some() {
            return false;
        }
        // What was asked about a ticket or an account is left for what comes now.
        tickets::let_go(plan);
        queue::extend(plan, merge_interval_ms);
        return false;
    }
    let ask = may_ask && where_it_goes(plan) == Place::Loose;
    if ask {
        let draft = Draft::asked_for(Need::Object);
        plan.emit(Event::FlowMoved(Flow::Asking(Box::new(draft))));
    }
    ask
}

/// Where a file goes that comes now.
fn where_it_goes(plan: &Plan<'_>) -> Place {
    let told = match &plan.state.flow {
        Flow::Idle => false,
        Flow::OnTicket(talk) => match tickets::awaited_on(plan) {
            Some(ticket) => return Place::Ticket(ticket),
            None => !talk.beneath.is_idle(),
        },
        Flow::Asking(_) | Flow::Gathering(_) | Flow::Similar(_) => true,
        Flow::WithPeople(attended) => attended.gathering.is_some() || attended.draft.is_some(),
    };
    if told {
        return Place::Draft;
    }
    if let Some(opening) = plan.state.opening.last() {
        return Place::Opening(opening.effect);
    }
    let recent = plan.state.tickets.last();
    let recent = recent.filter(|ticket| plan.now.since(ticket.opened) < RECENT_MS);
    recent.map_or(Place::Loose, |ticket| Place::Ticket(ticket.id))
}

/// Has the file fetched and remembers it; gives its line of the transcript.
fn fetch(plan: &mut Plan<'_>, media: &Media, place: Place) -> Option<String> {
    if !plan.state.files.has_room() {
        plan.emit(Event::Ignored {
            reason: "too many files of this contact are on their way".into(),
        });
        if !plan.state.files.came_within(ALBUM_MS, plan.now) {
            plan.reply(say(plan, Key::FilesTooMany, &[]));
        }
        return None;
    }
    let fetch = plan.fetch(media)?;
    let file = File {
        fetch,
        kind: media.kind,
        name: media.file_name.clone(),
        at: plan.now,
        place,
        kept: None,
        attach: None,
    };
    let line = format!("📎 {}", name::of(&file, &media.mime));
    plan.emit(Event::FileSent(Box::new(file)));
    Some(line)
}

/// Adds a line to the transcript of what is being told.
fn keep_line(plan: &mut Plan<'_>, line: String) {
    match plan.state.flow.clone() {
        Flow::Asking(mut draft) => {
            draft.note(line);
            plan.emit(Event::FlowMoved(Flow::Asking(draft)));
        }
        Flow::Gathering(mut burst) => {
            burst.note(line);
            plan.emit(Event::FlowMoved(Flow::Gathering(burst)));
        }
        Flow::WithPeople(mut attended) => {
            if let Some(burst) = &mut attended.gathering {
                burst.note(line);
                plan.emit(Event::FlowMoved(Flow::WithPeople(attended)));
            }
        }
        Flow::Similar(mut likeness) => {
            likeness.draft.note(line);
            plan.emit(Event::FlowMoved(Flow::Similar(likeness)));
        }
        Flow::Idle | Flow::OnTicket(_) => {}
    }
}

fn answer(plan: &mut Plan<'_>, sent: &Sent, asked: bool) {
    if matches!(plan.state.flow, Flow::Gathering(_)) {
        // The burst itself was answered, once.
        return;
    }
    let key = match (sent, asked) {
        (Sent::File, true) => Key::FileAskProblem,
        (Sent::Note, true) => Key::NoteAskProblem,
        (Sent::File, false) => match where_it_goes(plan) {
            Place::Ticket(ticket) => return noted_on_ticket(plan, ticket),
            _ => Key::FileNoted,
        },
        (Sent::Note, false) => Key::NoteNoted,
    };
    plan.reply(say(plan, key, &[]));
}

fn noted_on_ticket(plan: &mut Plan<'_>, ticket: u64) {
    let number = tickets::number_of(plan, ticket, None);
    plan.reply(say(plan, Key::FileNotedTicket, &[("number", &number)]));
}

/// The draft was given up: its files are kept, and no ticket wants them.
pub(super) fn let_go(plan: &mut Plan<'_>) {
    move_draft(plan, Place::Loose);
}

/// The draft became a ticket on its way: its files follow.
pub(super) fn follow(plan: &mut Plan<'_>, opening: crate::model::EffectId) {
    move_draft(plan, Place::Opening(opening));
}

fn move_draft(plan: &mut Plan<'_>, to: Place) {
    if plan.state.files.any_at(Place::Draft) {
        let from = Place::Draft;
        plan.emit(Event::FilesMoved { from, to });
    }
}

/// The draft became a word on a ticket of the person's: its files go along.
pub(super) fn go_along(plan: &mut Plan<'_>, ticket: u64) {
    move_draft(plan, Place::Ticket(ticket));
    report::send_ready(plan);
}

/// A ticket exists: files whose bytes are here already go onto it.
pub(super) fn ticket_opened(plan: &mut Plan<'_>) {
    report::send_ready(plan);
}
