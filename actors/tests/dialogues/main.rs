//! Golden dialogues: whole conversations as people and bot hold them, one readable file each.
//!
//! A file is a script with its answers. `>` is what the person writes, `!` what else happens, `<`
//! what the bot says (`|` goes on with the same message, `=` shows its buttons or rows), `*` the ticket
//! that is asked for. The head names what the conversation shows, the channel's mode and its
//! language. The test plays the script and compares the file it would write with the one that is
//! there; `DIALOGUES_WRITE=1` writes it instead, to be read before it is kept.
//!
//! What can happen: `! again` (the webhook comes a second time), `! crash` (the state is rebuilt
//! from the records), `! silence` (the merge interval passes), `! slow`, `! refused`, `! ticket N`
//! (what the help desk does), `! button ID`, `! row ID`, `! image`, `! operator TEXT`,
//! `! handback`, `! close` (what the people behind the channel do, when the head says `# people:`).
//! Asked about tickets that exist it
//! answers `! found N STATE TITLE / WORD`, `! list N STATE TITLE; …`, `! none`, `! stranger`, `! user`
//! (whether it knows the number, where the head says `# numbers of users only, in silence:`), and
//! after a change `! changed STATE [rating]`; `! refused CODE` is its no. Of files: `! photo CAPTION`,
//! `! document NAME`, `! voice`, `! sticker`, `! place NAME`, `! card NAME`, `! stored` (all bytes are in
//! the store), `! lost CODE`, `! attached` and `! unaccepted` (what the help desk does with the files
//! it was given). `@` is a file on its way onto a ticket. `! later N`
//! (hours pass), `! order PURPOSE` (a template is ordered); `-` says why something was not sent. Of
//! tickets: `! news N CHANGES` (what technicians did since the last look, files included), `! news again` (the next
//! look finds the same). Of the person's own user, when the head says `# linking: DOMAIN`:
//! `! newcomer N` (the ticket is opened for somebody the help desk did not know), `! linked`, and
//! `! link EMAIL` (an operator's order).

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod desk;
mod effects;
mod files;
mod news;
mod stage;

use std::path::{Path, PathBuf};

use actors::ports::Mode;
use actors::texts::Locale;
use stage::Stage;

/// Conversations of one language, at least.
const FLOWS_MIN: usize = 10;
/// Conversations of one language with a crash or a duplicate in the middle, at least.
const HARD_MIN: usize = 8;

fn files(locale: Locale) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dialogues");
    let entries = std::fs::read_dir(folder.join(locale.tag())).expect("a folder a language");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// The value of a head line, as in `# mode: queue`.
fn head<'a>(script: &'a str, name: &str) -> Option<&'a str> {
    let heads = script.lines().filter_map(|line| line.strip_prefix("# "));
    heads
        .filter_map(|head| head.split_once(": "))
        .find_map(|(head, value)| (head == name).then_some(value))
}

/// The conversation as the machine holds it now.
fn played(script: &str) -> String {
    let mode = match head(script, "mode") {
        Some("queue") => Mode::Queue {
            merge_interval_ms: 15_000,
        },
        _ => Mode::Dialogue,
    };
    let mut stage = Stage::new(mode, head(script, "channel").expect("a channel's language"));
    if let Some(when) = head(script, "people") {
        stage = stage.with_people(when);
    }
    if let Some(silent) = head(script, "numbers of users only, in silence") {
        stage = stage.for_users_only(silent);
    }
    if let Some(domain) = head(script, "linking") {
        stage = stage.with_domain(domain);
    }
    let mut told = String::new();
    for line in script.lines() {
        match line.split_at_checked(2) {
            Some(("# ", _)) => told += &format!("{line}\n"),
            Some(("> ", text)) => told += &format!("\n{line}\n{}", stage.writes(text)),
            Some(("! ", event)) => told += &format!("\n{line}\n{}", stage.happens(event)),
            _ => {}
        }
    }
    told
}

fn plays(locale: Locale) {
    let mut changed = Vec::new();
    let (files, write) = (files(locale), std::env::var_os("DIALOGUES_WRITE").is_some());
    assert!(files.len() >= FLOWS_MIN, "{locale:?}");
    let mut hard = 0;
    for file in files {
        let script = std::fs::read_to_string(&file).unwrap();
        let now = played(&script);
        hard += usize::from(script.contains("\n! crash") || script.contains("\n! again"));
        if write {
            std::fs::write(&file, &now).unwrap();
        } else if now != script {
            changed.push(format!("{}\n{now}", file.display()));
        }
    }
    assert!(
        hard >= HARD_MIN,
        "{locale:?}: only {hard} with a crash or a duplicate"
    );
    assert!(changed.is_empty(), "{}", changed.join("\n\n"));
}

#[test]
fn spanish_dialogues_are_held_word_for_word() {
    plays(Locale::Es);
}

#[test]
fn portuguese_dialogues_are_held_word_for_word() {
    plays(Locale::PtBr);
}

#[test]
fn english_dialogues_are_held_word_for_word() {
    plays(Locale::En);
}

#[test]
fn italian_dialogues_are_held_word_for_word() {
    plays(Locale::It);
}

#[test]
fn every_language_holds_the_same_conversations() {
    let names = |locale| -> Vec<_> {
        let files: Vec<PathBuf> = files(locale);
        files
            .iter()
            .map(|f| f.file_name().unwrap().to_owned())
            .collect()
    };
    for locale in Locale::ALL {
        assert_eq!(names(locale), names(Locale::Es), "{locale:?}");
    }
}
