//! Claims about queue mode: one ticket for each burst.

use super::*;

#[test]
fn a_burst_becomes_one_ticket_in_order_when_its_interval_passed() {
    let mut chat = Chat::new(Mode::Queue {
        merge_interval_ms: 15_000,
    });
    assert_eq!(chat.says("hola").len(), 1, "acknowledged at once");
    for text in ["la impresora", "no imprime", "desde ayer"] {
        chat.now = chat.now.plus_ms(9_000);
        assert!(chat.says(text).is_empty());
    }
    let due = chat.state.next_wake().expect("the burst has an end");
    assert_eq!(due, chat.now.plus_ms(15_000).ceil_seconds());
    let early = Seconds(due.0 - 9);
    let input = chat.input("early", Inbound::Woken { due: early });
    assert!(
        chat.take(&input).effects.is_empty(),
        "an outdated wake ends nothing"
    );
    chat.now = due.to_millis();
    let input = chat.input("due", Inbound::Woken { due });
    chat.take(&input);
    let (_, ticket) = chat.ticket();
    assert_eq!(
        ticket.transcript,
        ["hola", "la impresora", "no imprime", "desde ayer"]
    );
    assert!(chat.state.flow.is_idle());
    assert_eq!(chat.state.next_wake(), None);
}

#[test]
fn a_long_burst_is_one_ticket_with_every_message() {
    let mut chat = Chat::new(Mode::Queue {
        merge_interval_ms: 15_000,
    });
    let answers: Vec<String> = (0..60)
        .flat_map(|n| chat.says(&format!("mensaje {n}")))
        .collect();
    assert_eq!(answers.len(), 1);
    let due = chat.state.next_wake().expect("the burst has an end");
    chat.now = due.to_millis();
    let input = chat.input("due", Inbound::Woken { due });
    chat.take(&input);
    assert_eq!(chat.ticket().1.transcript.len(), 60);
}
