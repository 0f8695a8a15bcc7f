//! Claims about inputs that are set aside for an operator and released or sent again.

use super::*;
use crate::contact::set_aside;

impl Chat {
    /// The input is consumed without being decided.
    fn sets_aside(&mut self, input: &InEvent) -> InSeq {
        self.position += 1;
        let position = InSeq(self.position);
        let decision = set_aside(&self.state, input, position, self.now);
        assert!(decision.effects.is_empty());
        self.state = decision.state;
        position
    }

    fn written(&self, id: &str, text: &str) -> InEvent {
        self.input(id, self.message(Content::Text(text.into())))
    }
}

#[test]
fn a_released_message_is_answered_once_however_often_it_is_released() {
    let mut chat = Chat::dialogue();
    let poison = chat.written("poison", "mi laptop no prende");
    let position = chat.sets_aside(&poison);
    chat.now = chat.now.plus_ms(60_000);
    let release = poison.clone().released(position, &chat.identity, chat.now);
    assert_eq!(texts(&chat.take(&release).effects).len(), 1);
    assert!(matches!(chat.state.flow, Flow::Asking(_)));
    let before = bytes(&chat.state);
    chat.now = chat.now.plus_ms(1_000);
    let again = poison.released(position, &chat.identity, chat.now);
    assert!(chat.take(&again).effects.is_empty());
    assert_eq!(bytes(&chat.state), before);
}

#[test]
fn what_was_set_aside_is_a_duplicate_when_the_provider_sends_it_again() {
    let mut chat = Chat::dialogue();
    let poison = chat.written("poison", "mi laptop no prende");
    let position = chat.sets_aside(&poison);
    assert!(chat.take(&poison).effects.is_empty());
    let release = poison.clone().released(position, &chat.identity, chat.now);
    chat.take(&release);
    assert!(chat.take(&poison).effects.is_empty());
}

#[test]
fn a_release_stands_for_the_same_fact_when_it_is_set_aside_in_its_turn() {
    let mut chat = Chat::dialogue();
    let poison = chat.written("poison", "mi laptop no prende");
    let first = chat.sets_aside(&poison);
    let later = chat.now.plus_ms(60_000);
    let release = poison.clone().released(first, &chat.identity, later);
    let second = chat.sets_aside(&release);
    let again = release.clone().released(second, &chat.identity, later);
    assert_ne!(again.id, release.id);
    assert_eq!(again.fact(), &poison.body);
    assert_eq!(again.fact_received(), poison.received);
    assert_eq!(texts(&chat.take(&again).effects).len(), 1);
}

#[test]
fn a_release_does_not_lengthen_the_service_window() {
    let mut chat = Chat::dialogue();
    let poison = chat.written("poison", "mi laptop no prende");
    let position = chat.sets_aside(&poison);
    chat.now = chat.now.plus_ms(23 * 3_600_000);
    let release = poison.clone().released(position, &chat.identity, chat.now);
    chat.take(&release);
    let day_s = 24 * 3_600;
    let end = poison.received.floor_seconds().0 + day_s;
    assert_eq!(chat.state.window_end, Some(Seconds(end)));
}
