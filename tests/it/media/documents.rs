//! Kept files on their way onto a ticket: as documents, or as a note where GLPI takes no such kind.

use actors::model::{Call, Class, Effect, Kept, Lane, Priority, TicketDraft, TicketFile};
use actors::ports::{Called, LookedUp, Providers};
use actors::understand::Category;
use serde_json::json;

use super::{Bench, CONTACT, effect, gateway, jpeg};

async fn ticket(bench: &Bench) -> u64 {
    let draft = TicketDraft {
        title: "Impresora no imprime".into(),
        description: "no imprime".into(),
        transcript: vec!["hola".into()],
        urgency: 3,
        category: Category::Printing,
        requester_name: "Rosa Quispe".into(),
        requester_area: "Contabilidad".into(),
        phone: None,
        email: None,
    };
    match bench
        .call("glpi", 100, 1, &Call::OpenTicket(Box::new(draft)))
        .await
    {
        Called::Done(reply) => reply.id.parse().expect("a number"),
        other => panic!("{other:?}"),
    }
}

fn attach(ticket: u64, kept: &Kept, file_name: &str) -> Call {
    Call::AttachFile(Box::new(TicketFile {
        ticket,
        contact: CONTACT,
        name: kept.name.clone(),
        file_name: file_name.into(),
        mime: kept.mime.clone(),
        note: format!("{file_name} is kept elsewhere"),
    }))
}

#[tokio::test]
async fn a_document_whose_answer_is_lost_is_found_and_not_made_twice() {
    let bench = Bench::start(u64::MAX).await;
    let ticket = ticket(&bench).await;
    let kept = bench.kept("image/jpeg", jpeg(5_000)).await;
    let path = format!("Ticket/{ticket}/Document_Item");
    for (index, fault) in [
        json!({"kind": "lose_answer"}),
        json!({"kind": "error", "status": 500, "processed": true}),
    ]
    .into_iter()
    .enumerate()
    {
        let number = u16::try_from(index).expect("few") + 10;
        let call = attach(ticket, &kept, "whatsapp-image-0badcafe.jpg");
        bench.world.fault("glpi", None, "/Document", fault.clone());
        let called = bench.call("glpi", number, 1, &call).await;
        assert!(
            matches!(called, Called::Unknown { .. }),
            "{fault}: {called:?}"
        );
        let planned = Effect {
            id: effect(number),
            lane: Lane::Ticket(ticket),
            priority: Priority::Notification,
            class: Class::Searchable,
            gateway: None,
            expires: None,
            report: true,
            call: call.clone(),
        };
        let client = bench.set.provider(&gateway("glpi")).expect("a client");
        let looked = client.look_up(&planned).await;
        assert!(matches!(looked, LookedUp::Found(_)), "{fault}: {looked:?}");
        let again = bench.call("glpi", number, 2, &call).await;
        assert!(matches!(again, Called::Done(_)), "{fault}: {again:?}");
        assert_eq!(bench.rows(&path).await.len(), index + 1, "{fault}");
    }
}

#[tokio::test]
async fn a_kind_that_glpi_does_not_take_leaves_one_note_and_no_document() {
    let bench = Bench::start(u64::MAX).await;
    let ticket = ticket(&bench).await;
    let kept = bench
        .kept("video/mp4", b"\0\0\0\x18ftypmp42film".to_vec())
        .await;
    let call = attach(ticket, &kept, "whatsapp-video-0badcafe.mp4");
    // The note's answer is lost once: it is found, not written twice.
    bench.world.fault(
        "glpi",
        Some("POST"),
        "/ITILFollowup",
        json!({"kind": "lose_answer"}),
    );
    let first = bench.call("glpi", 20, 1, &call).await;
    assert!(matches!(first, Called::Unknown { .. }), "{first:?}");
    for attempt in [2, 3] {
        let called = bench.call("glpi", 20, attempt, &call).await;
        assert!(
            matches!(called, Called::Refused { code: 415, .. }),
            "{called:?}"
        );
    }
    let notes = bench.rows(&format!("Ticket/{ticket}/ITILFollowup")).await;
    assert_eq!(notes.len(), 1);
    let content = notes[0]["content"].as_str().expect("text");
    assert!(content.contains("is kept elsewhere"), "{content}");
    let documents = bench.rows(&format!("Ticket/{ticket}/Document_Item")).await;
    assert!(documents.is_empty(), "{documents:?}");
}

#[tokio::test]
async fn a_file_no_longer_kept_goes_onto_no_ticket() {
    let bench = Bench::start(u64::MAX).await;
    let ticket = ticket(&bench).await;
    let kept = bench.kept("image/jpeg", jpeg(100)).await;
    bench.files.erase(CONTACT).expect("erased");
    let call = attach(ticket, &kept, "whatsapp-image-0badcafe.jpg");
    let called = bench.call("glpi", 30, 1, &call).await;
    assert!(
        matches!(called, Called::Refused { code: 404, .. }),
        "{called:?}"
    );
}
