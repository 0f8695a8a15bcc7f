//! Bodies that were damaged, or hold values of other types than Meta sends.

use actors::model::Inbound;
use proptest::prelude::*;

use super::{FIXTURES, fixture, read_bytes};

/// A fixture in which some values were replaced by values of another type.
fn disturbed(name: &str, choices: &[(usize, u8)]) -> Vec<u8> {
    let text = String::from_utf8(fixture(name)).expect("UTF-8");
    // A key inside a string that itself holds JSON is escaped; changing it would end the string.
    let ends: Vec<usize> = text
        .match_indices("\":")
        .filter(|(at, _)| !text[..*at].ends_with('\\'))
        .map(|(at, _)| at + 2)
        .collect();
    let mut parts = text;
    for (place, kind) in choices {
        let at = ends[place % ends.len()];
        let odd = [
            "null,\"x\":",
            "[[]],\"x\":",
            "{\"a\":1},\"x\":",
            "-7.5e3,\"x\":",
            "true,\"x\":",
        ];
        if at <= parts.len() && parts.is_char_boundary(at) {
            parts.insert_str(at, odd[*kind as usize % odd.len()]);
        }
    }
    parts.into_bytes()
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(body in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = read_bytes(&body);
    }

    #[test]
    fn no_damage_to_a_real_body_makes_the_reader_panic(
        name in proptest::sample::select(&FIXTURES[..]),
        damage in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..6),
        cut in proptest::option::of(any::<usize>()),
    ) {
        let mut body = fixture(name);
        for (at, byte) in damage {
            let at = at % body.len();
            body[at] = byte;
        }
        if let Some(cut) = cut {
            body.truncate(cut % body.len());
        }
        let _ = read_bytes(&body);
    }

    #[test]
    fn odd_types_cost_nobody_else_their_message(
        name in proptest::sample::select(&FIXTURES[..]),
        choice in (any::<usize>(), any::<u8>()),
    ) {
        let batch = read_bytes(&disturbed(name, &[choice]));
        let batch = batch.expect("still JSON");
        prop_assert!(batch.events.len() + batch.unplaced.len() > 0);
        for event in batch.events {
            if let Inbound::Message(message) = event.body {
                prop_assert!(!message.identities.is_empty() && !message.provider_id.is_empty());
            }
        }
    }
}
