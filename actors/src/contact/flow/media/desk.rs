//! Files that technicians put in front of a person: fetched from the help desk into the store, shown
//! as a message of their own, once. What WhatsApp or the store does not take, or the help desk no
//! longer has, is said to be on the ticket.

use super::super::super::Event;
use super::super::super::files::{File, Place};
use super::super::super::plan::Plan;
use super::super::super::window;
use super::super::{news, say, tickets};
use crate::model::{
    DeskFile, EffectId, GatewayId, Kept, Key as Entity, Media, MediaKind, SentFile, kind_for,
};
use crate::texts::Key;

/// Longest name of a file that is shown, in characters.
const NAME_CHARS: usize = 80;

/// Has a technician's file fetched; `false` when too many are on their way or the channel is gone,
/// and it can only be told of.
pub(in crate::contact::flow) fn fetch_from_desk(
    plan: &mut Plan<'_>,
    help_desk: GatewayId,
    ticket: u64,
    file: &DeskFile,
) -> bool {
    if !plan.state.files.has_room() {
        return false;
    }
    let kind = match file.mime.starts_with("image/") {
        true => MediaKind::Image,
        false => MediaKind::Document,
    };
    let media = Media {
        kind,
        id: Some(file.document.to_string().into()),
        link: None,
        expires: None,
        mime: file.mime.clone(),
        digest: None,
        caption: None,
        file_name: Some(file.name.clone()),
    };
    let Some(fetch) = plan.fetch_from(help_desk, media) else {
        return false;
    };
    plan.emit(Event::FileSent(Box::new(File {
        fetch,
        kind,
        name: Some(file.name.clone()),
        at: plan.now,
        place: Place::Person(ticket),
        kept: None,
        attach: None,
    })));
    true
}

/// Shows a technician's file that is in the store now.
pub(super) fn show(plan: &mut Plan<'_>, file: &File, ticket: u64, kept: &Kept) {
    let effect = shown(plan, file, ticket, kept);
    if effect.is_none() {
        tell_of(plan, file, ticket);
    }
    let fetch = file.fetch;
    plan.emit(Event::FileShown { fetch, effect });
}

/// Says that a technician's file is on the ticket.
pub(super) fn tell_of(plan: &mut Plan<'_>, file: &File, ticket: u64) {
    news::tell_of_file(plan, ticket, &name(file));
}

fn shown(plan: &mut Plan<'_>, file: &File, ticket: u64, kept: &Kept) -> Option<EffectId> {
    let kind = kind_for(&kept.mime, kept.size).filter(|kind| *kind != MediaKind::Sticker)?;
    let Entity::Contact(contact) = file.fetch.key else {
        return None;
    };
    if !window::is_open(plan.state.window_end, plan.now) {
        return None;
    }
    let name = name(file);
    let sent = SentFile {
        kind,
        contact,
        name: kept.name.clone(),
        mime: kept.mime.clone(),
        size: kept.size,
        caption: None,
        file_name: (kind == MediaKind::Document).then(|| name.as_str().into()),
    };
    sent.check().ok()?;
    let number = tickets::number_of(plan, ticket, None);
    let values = [("number", number.as_str()), ("file", name.as_str())];
    let words = say(plan, Key::NewsFileCaption, &values);
    plan.notify_with_file(sent, words)
}

/// What the file is called, on one line.
fn name(file: &File) -> String {
    let name = file.name.as_deref().unwrap_or_default();
    let name: String = name.chars().filter(|c| !c.is_control()).collect();
    let name = super::super::cut_chars(name.trim(), NAME_CHARS);
    match name.is_empty() {
        true => file.kind.name().to_owned(),
        false => name,
    }
}
