//! Decisions that go wrong on purpose, for tests of what happens then.
//!
//! The fail point `contact::decide` takes what is to happen and the word that brings it about:
//! `FAILPOINTS='contact::decide=return(loop gira)'` lets the decision on a message "gira" never end.
//! It can `panic`, `loop`, `sleep` (a minute) or `abort` the process; several are separated by
//! commas. Not part of release builds.

use crate::model::InEvent;

/// Misbehaves if a test asked for it.
#[cfg(debug_assertions)]
pub(super) fn rehearse(input: &InEvent) {
    use crate::model::{Content, Inbound};

    let Inbound::Message(message) = input.fact() else {
        return;
    };
    let Content::Text(text) = &message.content else {
        return;
    };
    fail::fail_point!("contact::decide", |argument| {
        for part in argument.as_deref().unwrap_or_default().split(',') {
            match part.split_once(' ') {
                Some((how, word)) if word == text.as_str() => misbehave(how),
                _ => {}
            }
        }
    });
}

#[cfg(not(debug_assertions))]
pub(super) fn rehearse(_input: &InEvent) {}

#[cfg(debug_assertions)]
fn misbehave(how: &str) {
    match how {
        "panic" => panic!("a decision panics as a test asked it to"),
        "sleep" => std::thread::sleep(std::time::Duration::from_secs(60)),
        "loop" => loop {
            std::hint::spin_loop();
        },
        "abort" => std::process::abort(),
        unknown => panic!("fail point contact::decide cannot {unknown}"),
    }
}
