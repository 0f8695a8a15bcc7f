//! Messages whose provider tells only ids of its own.

use super::*;
use crate::contact::repeatable;

/// A conversation in which one answer was decided; the effect of that answer.
fn answered() -> (Chat, EffectId) {
    let mut chat = Chat::dialogue();
    chat.settings.own_ids = Some(chat.settings.messages);
    chat.says("Hola, tengo un problema con mi computadora");
    let reply = chat.last.last().expect("an answer");
    assert!(reply.report, "the contact asks for the id of its message");
    let effect = reply.id;
    (chat, effect)
}

fn receipt(ids: &[&str], rank: DeliveryRank) -> Inbound {
    Inbound::Receipt(Receipt {
        ids: ids.iter().map(|id| (*id).into()).collect(),
        rank,
        failure: (rank == DeliveryRank::Failed).then(|| (131_047, "closed".into())),
        trouble: None,
    })
}

fn sent_as(id: &str) -> Outcome {
    Outcome::Done(Reply {
        id: id.into(),
        at: None,
        remark: None,
        ..Reply::default()
    })
}

#[test]
fn a_receipt_finds_its_message_by_the_id_the_send_was_given() {
    let (mut chat, effect) = answered();
    let report = Inbound::Report(Report {
        effect,
        outcome: sent_as("gs-1"),
    });
    let decision = chat.hears("report", report);
    assert_eq!(decision.closes, [effect], "nothing waits for it any more");
    chat.hears("r1", receipt(&["gs-1", "wamid.1"], DeliveryRank::Sent));
    assert_eq!(chat.state.sends.rank(effect), Some(DeliveryRank::Sent));
    chat.hears("r2", receipt(&["wamid.1"], DeliveryRank::Read));
    assert_eq!(chat.state.sends.rank(effect), Some(DeliveryRank::Read));
    let back = chat.hears("r3", receipt(&["gs-1"], DeliveryRank::Delivered));
    assert!(matches!(back.events[..], [Event::Ignored { .. }]));
}

#[test]
fn receipts_that_overtake_the_answer_are_joined_to_it() {
    let (mut chat, effect) = answered();
    chat.hears("r1", receipt(&["gs-1"], DeliveryRank::Accepted));
    chat.hears("r2", receipt(&["gs-1", "wamid.1"], DeliveryRank::Failed));
    assert_eq!(chat.state.sends.rank(effect), None);
    let report = Inbound::Report(Report {
        effect,
        outcome: sent_as("gs-1"),
    });
    let decision = chat.hears("report", report);
    let failed = decision.events.iter().any(|event| {
        matches!(
            event,
            Event::DeliveryAdvanced {
                failure: Some((131_047, _)),
                ..
            }
        )
    });
    assert!(failed, "{:?}", decision.events);
    assert_eq!(chat.state.sends.rank(effect), Some(DeliveryRank::Failed));
    chat.hears("r3", receipt(&["wamid.1"], DeliveryRank::Delivered));
    assert_eq!(chat.state.sends.rank(effect), Some(DeliveryRank::Delivered));
}

#[test]
fn a_refused_send_is_a_failed_message_with_its_reason() {
    let (mut chat, effect) = answered();
    let outcome = Outcome::Failed {
        code: 400,
        reason: "Invalid Destination".into(),
    };
    let decision = chat.hears("report", Inbound::Report(Report { effect, outcome }));
    assert_eq!(decision.closes, [effect]);
    assert_eq!(chat.state.sends.rank(effect), Some(DeliveryRank::Failed));
}

#[test]
fn an_older_self_hears_of_its_messages() {
    let (mut chat, _) = answered();
    let older = Key::Contact(ContactId([3; 16]));
    chat.hears("join", Inbound::Joined { into: older });
    let told = chat.hears("r1", receipt(&["gs-9"], DeliveryRank::Sent));
    assert!(matches!(
        &told.effects[..],
        [Effect { call: Call::Tell { to, .. }, .. }] if *to == older
    ));
}

#[test]
fn billing_and_consent_are_on_record() {
    let (mut chat, effect) = answered();
    chat.hears(
        "report",
        Inbound::Report(Report {
            effect,
            outcome: sent_as("gs-1"),
        }),
    );
    let billed = Inbound::Billed(Billed {
        ids: vec!["gs-1".into()],
        billable: true,
        category: "service".into(),
        model: "PMP".into(),
        kind: "regular".into(),
        conversation: None,
    });
    let decision = chat.hears("billed", billed);
    assert!(matches!(
        &decision.events[..],
        [Event::MessageBilled { effect: Some(of), billable: true, .. }] if *of == effect
    ));
    let channel = chat.settings.id;
    let consent = Inbound::Consent(Consent {
        channel,
        given: false,
        scope: ConsentScope::Everything,
    });
    let decision = chat.hears("consent", consent);
    assert!(matches!(
        decision.events[..],
        [
            Event::ConsentHeard { .. },
            Event::ConsentTold { given: false, .. },
            Event::ConsentChanged { .. }
        ]
    ));
}

#[test]
fn what_a_provider_did_not_send_for_its_own_reasons_is_sent_again_a_few_times() {
    let (mut chat, mut effect) = answered();
    let mut again: Option<Effect> = chat.last.iter().find(|last| last.id == effect).cloned();
    for round in 0..=2 {
        let name = format!("gs-{round}");
        let outcome = sent_as(&name);
        chat.hears(
            &format!("report {round}"),
            Inbound::Report(Report { effect, outcome }),
        );
        let failed = Receipt {
            ids: vec![name.as_str().into()],
            rank: DeliveryRank::Failed,
            failure: Some((4002, "Gupshup could not reach WhatsApp".into())),
            trouble: Some(Trouble::Failing),
        };
        let wanted = repeatable(&chat.state, effect.key, &Inbound::Receipt(failed.clone()));
        assert_eq!(wanted, (round < 2).then_some(effect), "round {round}");
        let known = again.take().filter(|_| wanted.is_some());
        let decision = chat.hears_again(&name, Inbound::Receipt(failed), known.as_ref());
        assert_eq!(chat.state.sends.rank(effect), Some(DeliveryRank::Failed));
        let sent: Vec<Effect> = decision.effects;
        assert_eq!(sent.len(), usize::from(round < 2), "round {round}");
        let Some(next) = sent.into_iter().next() else {
            return;
        };
        let before = known.expect("it was looked up");
        assert_eq!((&next.call, &next.lane), (&before.call, &before.lane));
        assert_ne!(next.id, effect);
        effect = next.id;
        again = Some(next);
    }
}
