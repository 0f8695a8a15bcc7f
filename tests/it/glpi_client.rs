//! Opening tickets in GLPI: for whom, where, how often, and what each failure is taken for.

mod desk;
mod faults;
mod requesters;
mod sessions;

use actors::model::{
    AttemptNo, Call, Class, ContactId, Effect, EffectId, IdHash, InSeq, Key, Lane, Phone, Priority,
    Reply as Made, TicketDraft,
};
use actors::ports::{Called, Provider, Request};
use chasqui::providers::glpi::Client;

const PHONE: &str = "51999888777";

fn effect_id() -> EffectId {
    EffectId::derive(
        Key::Contact(ContactId([7; 16])),
        InSeq(1),
        IdHash([1; 8]),
        0,
    )
}

fn draft() -> TicketDraft {
    TicketDraft {
        title: "Impresora no imprime".into(),
        description: "La impresora no imprime desde ayer".into(),
        transcript: vec!["hola".into(), "mi impresora <no> imprime".into()],
        urgency: 4,
        category: actors::understand::Category::Hardware,
        requester_name: "Rosa Quispe".into(),
        requester_area: "Contabilidad".into(),
        phone: Some(Phone::parse(PHONE).expect("valid")),
        email: None,
    }
}

fn effect(draft: TicketDraft) -> Effect {
    Effect {
        id: effect_id(),
        lane: Lane::Ticket(0),
        priority: Priority::Reply,
        class: Class::Searchable,
        gateway: None,
        expires: None,
        report: true,
        call: Call::OpenTicket(Box::new(draft)),
    }
}

async fn open(client: &Client, draft: TicketDraft) -> Called {
    attempt(client, draft, 1).await
}

async fn attempt(client: &Client, draft: TicketDraft, no: u32) -> Called {
    let call = Call::OpenTicket(Box::new(draft));
    let request = Request {
        effect: effect_id(),
        attempt: AttemptNo(no),
        call: &call,
    };
    client.call(request).await
}

fn done(called: Called) -> Made {
    match called {
        Called::Done(made) => made,
        other => panic!("not done: {other:?}"),
    }
}

fn reason_not_done(called: Called) -> String {
    match called {
        Called::NotDone { reason, .. } => reason,
        other => panic!("not a not-done: {other:?}"),
    }
}
