//! What became of a file: in the store, on its ticket, refused or lost.

use smol_str::SmolStr;

use super::super::super::Event;
use super::super::super::files::{File, Place, name};
use super::super::super::plan::Plan;
use super::super::{locale, say};
use super::desk;
use crate::model::{ContactId, Inbound, Kept, Key as Entity, Outcome, Report, TicketFile};
use crate::texts::{self, Key};

/// Trouble with several files is told once within this, in milliseconds.
const TROUBLE_MS: u64 = 60_000;
/// Refusals by the fetching gateway, after the status codes that say the same.
const TOO_LARGE: u32 = 413;
const WRONG_KIND: u32 = 415;

/// Takes the end of fetching or attaching a file; `false` when the report is about neither.
pub(in crate::contact::flow) fn take_report(plan: &mut Plan<'_>, report: &Report) -> bool {
    let Some(file) = plan.state.files.of(report.effect).cloned() else {
        return false;
    };
    if file.fetch == report.effect {
        fetched(plan, &file, report);
    } else {
        attached(plan, &file, report);
    }
    true
}

fn fetched(plan: &mut Plan<'_>, file: &File, report: &Report) {
    if let Some(older) = plan.state.joined.filter(|_| file.goes_along()) {
        // The file went along with the conversation; whoever leads it now is told.
        plan.tell(older, Inbound::Report(report.clone()));
    }
    match &report.outcome {
        Outcome::Done(reply) => {
            if let Some(kept) = &reply.kept {
                let (fetch, stored) = (file.fetch, kept.clone());
                plan.emit(Event::MediaStored {
                    fetch,
                    kept: stored,
                });
                match file.place {
                    Place::Person(ticket) => desk::show(plan, file, ticket, kept),
                    _ => send_ready(plan),
                }
            } else {
                lost(plan, file, 0, "the store did not say what it kept".into());
            }
            plan.close(report.effect);
        }
        Outcome::Failed { code, reason } => {
            lost(plan, file, *code, reason.clone());
            plan.close(report.effect);
        }
        Outcome::Late
        | Outcome::RetryAt { .. }
        | Outcome::InDoubt { .. }
        | Outcome::Shelved { .. } => waits(plan),
    }
}

fn lost(plan: &mut Plan<'_>, file: &File, code: u32, reason: SmolStr) {
    let joined = plan.state.joined.is_some();
    plan.emit(Event::MediaLost {
        fetch: file.fetch,
        code,
        reason,
    });
    if let Place::Person(ticket) = file.place {
        return desk::tell_of(plan, file, ticket);
    }
    let key = match code {
        TOO_LARGE => Key::FileTooLarge,
        WRONG_KIND => Key::FileKindRefused,
        _ => Key::FileLost,
    };
    if !joined {
        tell_trouble(plan, key, &[]);
    }
}

fn attached(plan: &mut Plan<'_>, file: &File, report: &Report) {
    let effect = report.effect;
    match &report.outcome {
        Outcome::Done(_) => {
            plan.emit(Event::FileAttached { effect });
            plan.close(effect);
        }
        Outcome::Failed { code, reason } => {
            let reason = reason.clone();
            plan.emit(Event::FileRefused { effect, reason });
            plan.close(effect);
            let number = number_of(plan, file);
            let key = match *code {
                WRONG_KIND => Key::FileNotOnTicket,
                _ => Key::FileNotAdded,
            };
            tell_trouble(plan, key, &[("number", &number)]);
        }
        Outcome::Late
        | Outcome::RetryAt { .. }
        | Outcome::InDoubt { .. }
        | Outcome::Shelved { .. } => waits(plan),
    }
}

/// Says once what went wrong with the files of the last minute.
fn tell_trouble(plan: &mut Plan<'_>, key: Key, values: &[(&str, &str)]) {
    if plan.state.files.told_within(TROUBLE_MS, plan.now) {
        return;
    }
    plan.emit(Event::FileTroubleTold { at: plan.now });
    plan.notify(say(plan, key, values));
}

/// Puts every file onto its ticket whose bytes are in the store and whose ticket exists.
pub(super) fn send_ready(plan: &mut Plan<'_>) {
    let ready: Vec<File> = plan
        .state
        .files
        .iter()
        .filter(|file| file.attach.is_none() && file.kept.is_some())
        .filter(|file| matches!(file.place, Place::Ticket(_)))
        .cloned()
        .collect();
    for file in ready {
        let (Some(kept), Place::Ticket(ticket)) = (&file.kept, file.place) else {
            continue;
        };
        let Entity::Contact(contact) = file.fetch.key else {
            continue;
        };
        let file_name = name::of(&file, &kept.mime);
        let note = note(plan, &file_name, kept);
        let effect = plan.attach(of_ticket(ticket, contact, kept, file_name, note));
        if let Some(effect) = effect {
            let fetch = file.fetch;
            plan.emit(Event::FileAttaching { fetch, effect });
        }
    }
}

fn of_ticket(
    ticket: u64,
    contact: ContactId,
    kept: &Kept,
    file_name: String,
    note: String,
) -> TicketFile {
    TicketFile {
        ticket,
        contact,
        name: kept.name.clone(),
        file_name,
        mime: kept.mime.clone(),
        note,
    }
}

/// What stands on the ticket when the help desk does not take the file.
fn note(plan: &Plan<'_>, file_name: &str, kept: &Kept) -> String {
    let kilobytes = texts::integer(locale(plan), kept.size.div_ceil(1_024) as i64);
    let values = [
        ("file", file_name),
        ("size", &kilobytes),
        ("reference", &kept.name),
    ];
    say(plan, Key::FileNoteForDesk, &values)
}

fn number_of(plan: &Plan<'_>, file: &File) -> SmolStr {
    let Place::Ticket(id) = file.place else {
        return SmolStr::default();
    };
    let mut tickets = plan.state.tickets.iter();
    let ticket = tickets.find(|ticket| ticket.id == id);
    ticket.map_or_else(|| id.to_string().into(), |ticket| ticket.number.clone())
}

fn waits(plan: &mut Plan<'_>) {
    plan.emit(Event::Ignored {
        reason: "the file waits".into(),
    });
}
