//! Claims about templates: what may be sent to a person who did not ask.

use std::sync::Arc;

use super::*;
use crate::contact::{ConsentProof, ConsentSource};
use crate::model::{ConsentLevel, TemplateCategory, TemplateChoice, TemplateOrder};
use crate::templates::{Approval, Catalogue, Header, Template};

fn template(name: &str, language: &str, category: TemplateCategory, body: &str) -> Template {
    Template {
        name: name.into(),
        language: language.into(),
        category,
        approval: Approval::Approved,
        provider_id: "".into(),
        second_id: None,
        header: Header::None,
        body: body.to_owned(),
        footer: String::new(),
        buttons: Vec::new(),
        rests: false,
    }
}

fn chat() -> Chat {
    let mut chat = Chat::dialogue();
    chat.settings.sending.templates = Arc::new(Catalogue {
        templates: vec![
            template(
                "ticket_update",
                "es",
                TemplateCategory::Utility,
                "Hola {{1}}",
            ),
            template(
                "ticket_update",
                "it",
                TemplateCategory::Utility,
                "Ciao {{1}}",
            ),
            template("promo", "es", TemplateCategory::Marketing, "Oferta {{1}}"),
        ],
        ..Catalogue::default()
    });
    chat
}

fn order(choice: TemplateChoice) -> Inbound {
    Inbound::TemplateOrdered(TemplateOrder {
        client_id: "n-1".into(),
        choice,
        values: vec!["Ana".into()],
        media: None,
    })
}

fn purpose(purpose: &str) -> Inbound {
    order(TemplateChoice::Purpose(purpose.into()))
}

fn sent(decision: &Decision) -> Option<(&Effect, &crate::model::TemplateMessage)> {
    decision
        .effects
        .iter()
        .find_map(|effect| match &effect.call {
            Call::SendTemplate(message) => Some((effect, &**message)),
            _ => None,
        })
}

fn withheld(decision: &Decision) -> Option<&str> {
    decision.events.iter().find_map(|event| match event {
        Event::ReplyWithheld { reason } => Some(reason.as_str()),
        _ => None,
    })
}

#[test]
fn outside_the_window_a_template_goes_where_a_text_is_withheld() {
    let mut chat = chat();
    chat.says("Hola");
    chat.now = chat.now.plus_ms(25 * 3_600_000);
    let decision = chat.hears("order", purpose("ticket_update"));
    let (effect, message) = sent(&decision).expect("a template");
    assert_eq!(message.text, "Hola Ana");
    assert_eq!(effect.lane, Lane::Person);
    assert_eq!(
        effect.class,
        Class::Once,
        "outside the window it is paid for"
    );
}

#[test]
fn a_utility_template_is_free_inside_the_window_and_may_be_repeated() {
    let mut chat = chat();
    chat.says("Hola");
    let decision = chat.hears("order", purpose("ticket_update"));
    let (effect, _) = sent(&decision).expect("a template");
    assert_eq!(
        (effect.class, effect.priority),
        (Class::Reply, Priority::Notification)
    );
}

#[test]
fn a_template_speaks_the_persons_language() {
    let mut chat = chat();
    chat.says("Buongiorno, la mia stampante non funziona");
    let decision = chat.hears("order", purpose("ticket_update"));
    assert_eq!(sent(&decision).expect("a template").1.language, "it");
}

#[test]
fn why_a_template_is_not_sent_is_on_record() {
    let mut chat = chat();
    let decision = chat.hears("unknown", purpose("ticket_update"));
    assert_eq!(
        withheld(&decision),
        Some("this person cannot be reached on any channel")
    );
    chat.says("Hola");
    let decision = chat.hears("missing", purpose("ticket_solved"));
    let reason = withheld(&decision).expect("a reason");
    assert!(reason.contains("ticket_solved"), "{reason}");
    assert!(sent(&decision).is_none());
}

#[test]
fn an_order_that_comes_again_sends_nothing_again() {
    let mut chat = chat();
    chat.says("Hola");
    assert!(sent(&chat.hears("n-1", purpose("ticket_update"))).is_some());
    let again = chat.hears("n-1", purpose("ticket_update"));
    assert!(matches!(again.events[..], [Event::DuplicateFound { .. }]));
    assert!(again.effects.is_empty());
}

#[test]
fn each_level_of_consent_lets_through_what_it_names() {
    let category = |level, of| {
        let mut chat = chat();
        chat.says("Hola");
        chat.state.permission.level = level;
        chat.state.permission.proof = Some(ConsentProof {
            source: ConsentSource::Operator,
            at: chat.now,
            proof: "form 7".into(),
        });
        sent(&chat.hears("order", purpose(of))).is_some()
    };
    use ConsentLevel::{Marketing, None, Transactional};
    for (level, utility, marketing) in [
        (None, false, false),
        (Transactional, true, false),
        (Marketing, true, true),
    ] {
        assert_eq!(category(level, "ticket_update"), utility, "{level:?}");
        assert_eq!(category(level, "promo"), marketing, "{level:?}");
    }
}

#[test]
fn a_first_message_consents_to_notices_and_to_nothing_more() {
    let mut chat = chat();
    let input = chat.input("first", chat.message(Content::Text("Hola".into())));
    let decision = chat.take(&input);
    assert!(decision.events.iter().any(|event| matches!(
        event,
        Event::ConsentChanged {
            level: ConsentLevel::Transactional,
            ..
        }
    )));
    let refused = chat.hears("order", purpose("promo"));
    assert_eq!(
        withheld(&refused),
        Some("the person has not consented to marketing")
    );
}
