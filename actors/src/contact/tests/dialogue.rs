//! Claims about the guided dialogue.

use super::*;

#[test]
fn the_example_dialogue_is_held_word_for_word() {
    let mut chat = Chat::dialogue();
    let greeting = chat.says("Hola, tengo un problema con mi computadora");
    assert_eq!(
        greeting,
        ["¡Hola! 👋 Soy el asistente de soporte de IT Green Peru.\n\
          Te ayudo a crear un ticket para resolver tu problema.\n\n\
          ¿Podrías describir qué está pasando con tu computadora?"]
    );
    let draft = chat.says("No enciende desde esta mañana");
    assert_eq!(
        draft,
        ["Entiendo. Para ayudarte mejor, necesito algunos datos:\n\n\
          📋 Información del Ticket\n\
          - Problema: Computadora no enciende\n\
          - Prioridad: 🔴 Alta (por ser equipo de trabajo)\n\n\
          ¿Podrías confirmar tu nombre completo y área de trabajo?"]
    );
    assert!(
        chat.says("Juan Pérez, área de contabilidad").is_empty(),
        "the ticket speaks next"
    );
    let (effect, ticket) = chat.ticket();
    assert_eq!(ticket.title, "Computadora no enciende");
    assert_eq!(
        ticket.description,
        "Computadora no enciende desde esta mañana"
    );
    assert_eq!(ticket.transcript.len(), 2);
    assert_eq!(ticket.urgency, 4);
    let confirmation = chat.reports(effect, done(1234));
    assert_eq!(
        confirmation,
        ["✅ Ticket creado exitosamente\n\
          📋 Número: #TK-2025-001234\n\
          👤 Solicitante: Juan Pérez - Contabilidad\n\
          🔴 Prioridad: Alta\n\
          📝 Descripción: Computadora no enciende desde esta mañana\n\
          📅 Creado: 21/01/2025 14:30\n\n\
          Un técnico se pondrá en contacto contigo pronto.\n\
          Te notificaré cualquier actualización por este chat."]
    );
    assert_eq!(chat.state.tickets.len(), 1);
}

#[test]
fn a_correction_replaces_the_object_before_the_ticket_is_opened() {
    let mut chat = Chat::dialogue();
    chat.says("mi computadora no enciende");
    let corrected = chat.says("no, es la impresora");
    assert!(
        corrected[0].contains("Impresora no enciende"),
        "{corrected:?}"
    );
    chat.says("Juan Pérez, contabilidad");
    assert_eq!(chat.ticket().1.title, "Impresora no enciende");
}

#[test]
fn cancelling_ends_the_dialogue_at_every_question() {
    for turns in [vec!["hola"], vec!["mi laptop"], vec!["mi laptop no prende"]] {
        let mut chat = Chat::dialogue();
        for turn in &turns {
            chat.says(turn);
        }
        assert!(!chat.state.flow.is_idle());
        let answer = chat.says("cancelar");
        assert!(answer[0].contains("cancelé"), "{answer:?}");
        assert!(chat.state.flow.is_idle());
    }
}

#[test]
fn only_the_missing_part_of_the_identity_is_asked_for() {
    let mut chat = Chat::dialogue();
    chat.says("la impresora no imprime");
    let answer = chat.says("Juan Pérez");
    assert!(answer[0].contains("área"), "{answer:?}");
    chat.says("contabilidad");
    let (_, ticket) = chat.ticket();
    assert_eq!(
        (&*ticket.requester_name, &*ticket.requester_area),
        ("Juan Pérez", "Contabilidad")
    );
}

#[test]
fn a_known_person_confirms_with_a_button() {
    let mut chat = Chat::dialogue();
    chat.says("la impresora no imprime");
    chat.says("Juan Pérez, contabilidad");
    let (effect, _) = chat.ticket();
    chat.reports(effect, done(1));
    chat.says("mi monitor no enciende");
    assert!(matches!(&chat.last[0].call, Call::SendButtons { buttons, .. } if buttons.len() == 2));
    let press = Content::Button {
        id: "ticket.confirm".into(),
        title: "Sí, crear ticket".into(),
    };
    let input = chat.input("press", chat.message(press));
    chat.take(&input);
    assert_eq!(chat.ticket().1.title, "Monitor no enciende");
}

#[test]
fn a_slow_help_desk_is_told_once_and_the_number_follows() {
    let mut chat = Chat::dialogue();
    chat.says("la impresora no imprime");
    chat.says("Juan Pérez, contabilidad");
    let (effect, _) = chat.ticket();
    assert_eq!(chat.reports(effect, Outcome::Late).len(), 1);
    assert!(chat.reports(effect, Outcome::Late).is_empty());
    assert!(chat.reports(effect, done(7))[0].contains("#TK-2025-000007"));
    assert!(
        chat.reports(effect, done(7)).is_empty(),
        "a repeated report says nothing"
    );
}

#[test]
fn without_a_help_desk_an_unknown_number_is_answered_at_once() {
    let mut chat = Chat::dialogue();
    chat.settings.help_desk = None;
    let answers = chat.says("¿Cómo va mi ticket 4711?");
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert!(answers[0].contains("4711"), "{answers:?}");
}

#[test]
fn a_flooding_contact_is_told_once_and_every_message_is_kept() {
    let mut chat = Chat::dialogue();
    let answers: Vec<String> = (0..60)
        .flat_map(|n| chat.says(&format!("gracias {}", "!".repeat(n % 3))))
        .collect();
    assert_eq!(
        answers.len(),
        21,
        "twenty answers and one word about the pace"
    );
    assert_eq!(
        answers
            .iter()
            .filter(|text| text.contains("seguidos"))
            .count(),
        1
    );
    assert_eq!(chat.state.messages, 60);
}

#[test]
fn a_conversation_never_hangs_on_one_question() {
    let mut chat = Chat::dialogue();
    for _ in 0..12 {
        chat.says("xyz");
        if chat
            .last
            .iter()
            .any(|effect| matches!(effect.call, Call::OpenTicket(_)))
        {
            return;
        }
    }
    panic!("no ticket after twelve answers: {:?}", chat.state.flow);
}
