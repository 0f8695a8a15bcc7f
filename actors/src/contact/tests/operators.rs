//! Claims about what operators send: texts of any length, files, reactions.

use super::people::DAY_MS;
use super::*;
use crate::contact::{Answer, Refusal, TransferCause};

impl Chat {
    /// Ids and texts of what was just decided for the person, in order.
    fn parts(&self) -> Vec<(EffectId, String)> {
        let said = self
            .last
            .iter()
            .filter(|effect| effect.lane == Lane::Person);
        let texts = said.filter_map(|effect| Some((effect.id, effect.call.text()?.to_owned())));
        texts.collect()
    }
}

#[test]
fn a_text_too_long_for_one_message_leaves_in_parts_with_ids_of_their_own() {
    let mut chat = Chat::with_queue(|_| {});
    chat.says("hola");
    let address = "https://soporte.example/guia/paso-a-paso?id=4711";
    let paragraph = format!(
        "Abra {address} y siga los pasos. {}",
        "Uno dos tres. ".repeat(120)
    );
    let text = [paragraph.trim(); 5].join("\n\n");
    let twin_state = chat.state.clone();
    let (answer, said) = chat.writes_for_operator("long", &text);
    assert_eq!(
        said.join("\n\n"),
        text,
        "cut between paragraphs, nothing lost"
    );
    assert!(said.len() > 1 && said.iter().all(|part| part.chars().count() <= 4_096));
    let parts = chat.parts();
    let ids: std::collections::HashSet<_> = parts.iter().map(|(id, _)| *id).collect();
    assert_eq!(ids.len(), said.len());
    assert_eq!(
        answer,
        Answer::Done {
            effect: Some(parts[0].0)
        }
    );

    // The same command decided again gives the same parts under the same ids.
    chat.state = twin_state;
    chat.position -= 1;
    chat.writes_for_operator("long", &text);
    assert_eq!(chat.parts(), parts);

    let (answer, said) = chat.writes_for_operator("longer", &"x".repeat(12_289));
    assert_eq!(answer, Answer::Refused(Refusal::Text));
    assert!(said.is_empty());
}

fn photo(caption: Option<String>) -> Rich {
    Rich::File(Box::new(SentFile {
        kind: MediaKind::Image,
        contact: ContactId([7; 16]),
        name: "0".repeat(32).into(),
        mime: "image/jpeg".into(),
        size: 4_711,
        caption,
        file_name: None,
    }))
}

fn sends(bodies: Vec<Rich>) -> Wish {
    Wish::Send {
        answers: Some("wamid.1".into()),
        bodies,
    }
}

#[test]
fn a_caption_without_room_goes_ahead_and_its_end_stands_below_the_file() {
    let mut chat = Chat::with_queue(|_| {});
    chat.says("hola");
    let caption = format!("{}\n\nVea la foto.", "Uno dos tres. ".repeat(100).trim());
    let (answer, said) = chat.commands("photo", sends(vec![photo(Some(caption.clone()))]));
    assert_eq!(said.join("\n\n"), caption);
    let calls: Vec<&Call> = chat.last.iter().map(|effect| &effect.call).collect();
    let [Call::SendText { .. }, Call::SendRich(message)] = calls.as_slice() else {
        panic!("{calls:?}");
    };
    assert_eq!(message.body.text(), Some("Vea la foto."));
    assert_eq!(message.answers.as_deref(), Some("wamid.1"));
    let first = chat.last[0].id;
    assert_eq!(
        answer,
        Answer::Done {
            effect: Some(first)
        }
    );
    assert_eq!(chat.cause(), Some(TransferCause::Operator));
}

#[test]
fn what_is_sent_together_leaves_in_order_and_what_whatsapp_refuses_changes_nothing() {
    let mut chat = Chat::with_queue(|_| {});
    chat.says("hola");
    let thumb = |emoji: &str| Rich::Reaction {
        message: "wamid.1".into(),
        emoji: Some(emoji.into()),
    };
    let (answer, said) = chat.commands("no", sends(vec![photo(None), thumb("no emoji")]));
    assert_eq!(answer, Answer::Refused(Refusal::Content));
    assert!(said.is_empty() && chat.cause().is_none());
    let long = "Uno dos tres. ".repeat(400);
    chat.commands(
        "yes",
        sends(vec![thumb("👍"), Rich::Text(long), photo(None)]),
    );
    let names: Vec<&str> = chat.last.iter().map(|effect| effect.call.name()).collect();
    assert_eq!(names, ["send_rich", "send_rich", "send_text", "send_rich"]);
    assert!(chat.last.iter().all(|effect| effect.lane == Lane::Person));
}

#[test]
fn outside_the_service_window_a_file_is_refused_like_a_text() {
    let mut chat = Chat::with_queue(|_| {});
    chat.says("hola");
    chat.now = chat.now.plus_ms(DAY_MS);
    let (answer, _) = chat.commands("late", sends(vec![photo(None)]));
    assert_eq!(answer, Answer::Refused(Refusal::WindowClosed));
}
