//! The decision of a gateway: one input in, one event out. Pure; it runs once per input. A look that
//! is told twice moves the mark to where it is, so nothing here needs the input's id.

use super::{Event, State};
use crate::model::{InEvent, Inbound};

/// Decides one input of a gateway.
pub fn decide(state: &State, input: &InEvent) -> (State, Vec<Event>) {
    let event = match input.fact() {
        // The mark never moves back: an older look that comes late says nothing.
        Inbound::Polled(polled) if state.mark.as_ref() <= Some(&polled.mark) => {
            Event::Looked(polled.clone())
        }
        Inbound::Nudged { .. } => Event::Nudged,
        Inbound::TemplateCounted(taken) => Event::TemplateCounted(*taken),
        _ => Event::Ignored,
    };
    let mut state = state.clone();
    state.apply(&event);
    (state, vec![event])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{GatewayId, IdHash, Key, Millis, Polled};

    fn input(body: Inbound) -> InEvent {
        InEvent {
            key: Key::Gateway(GatewayId([1; 16])),
            id: IdHash([2; 8]),
            stamp: None,
            received: Millis(5),
            body,
        }
    }

    fn polled(mark: &str) -> Inbound {
        Inbound::Polled(Polled {
            mark: mark.into(),
            from: "".into(),
            read: Vec::new(),
            given: 1,
        })
    }

    #[test]
    fn the_mark_only_moves_forward() {
        let (state, _) = decide(&State::default(), &input(polled("2026-11-22 10:00:05")));
        let (state, events) = decide(&state, &input(polled("2026-11-22 10:00:04")));
        assert_eq!(events, [Event::Ignored]);
        assert_eq!(state.mark.as_deref(), Some("2026-11-22 10:00:05"));
        let (state, _) = decide(&state, &input(polled("2026-11-22 10:00:05")));
        assert_eq!(state.given, 2, "the same second may bring more");
    }

    #[test]
    fn a_nudge_is_counted_and_moves_nothing() {
        let (state, events) = decide(
            &State::default(),
            &input(Inbound::Nudged { ticket: Some(7) }),
        );
        assert_eq!(
            (events, state.mark, state.nudges),
            (vec![Event::Nudged], None, 1)
        );
    }
}
