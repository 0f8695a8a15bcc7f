//! The life of a ticket: added to, changed, solved, refused, accepted, taken back.

use actors::ports::{Called, LookedUp};
use chasqui::providers::glpi::{
    Attachment, Author, Cancellation, FollowUp, Solution, Then, TicketUpdate,
};
use serde_json::Value;

use super::{Bench, FIRST, SECOND, done, effect, opened, refusal, word};

#[tokio::test]
async fn a_followup_is_the_requesters_and_said_once() {
    let bench = Bench::start().await;
    let client = bench.client();
    let (ticket, person) = opened(&client, "Sin red").await;
    let (said, other) = (effect(), effect());
    let followup = word(ticket, "Ahora <tampoco> hay teléfono\nni luz", Then::Keep);
    let id = done(client.follow_up(said, FIRST, &followup).await);
    assert_eq!(done(client.follow_up(said, SECOND, &followup).await), id);
    let LookedUp::Found(found) = client.find_follow_up(said, ticket).await else {
        panic!("not found");
    };
    assert_eq!(found.id, id.to_string());
    let looked_up = client.find_follow_up(other, ticket).await;
    assert_eq!(looked_up, LookedUp::NotFound);

    let row = bench
        .raw("GET", &format!("ITILFollowup/{id}"), Value::Null)
        .await;
    assert_eq!(row["users_id"], person);
    assert_eq!(row["is_private"], 0);
    let content = row["content"].as_str().expect("text");
    assert!(!content.contains("<tampoco>"), "{content}");
}

#[tokio::test]
async fn a_solution_is_refused_and_accepted_by_the_flags() {
    let bench = Bench::start().await;
    let client = bench.client();
    let (ticket, _) = opened(&client, "Correo lento").await;
    let solution = |text: &str| Solution {
        ticket,
        text: text.into(),
        author: Author::User(bench.technician),
        kind: None,
    };
    let solved = effect();
    let id = done(client.solve(solved, FIRST, &solution("Se reinició")).await);
    assert_eq!(bench.status(ticket).await, 5);
    assert_eq!(
        done(client.solve(solved, SECOND, &solution("Se reinició")).await),
        id
    );
    let looked_up = client.find_solution(solved, ticket).await;
    assert!(matches!(looked_up, LookedUp::Found(_)), "{looked_up:?}");

    let again = client.solve(effect(), FIRST, &solution("Otra vez")).await;
    assert!(refusal(again).contains("solved already"));

    let kept = word(ticket, "Lo pruebo luego", Then::Keep);
    done(client.follow_up(effect(), FIRST, &kept).await);
    assert_eq!(
        bench.status(ticket).await,
        5,
        "a word alone reopens nothing"
    );
    let no = word(ticket, "No, sigue lento", Then::Reopen);
    let Called::Done(reopened) = client.follow_up(effect(), FIRST, &no).await else {
        panic!("not done");
    };
    assert_eq!(reopened.remark, None);
    assert!(bench.status(ticket).await < 5);

    done(
        client
            .solve(effect(), FIRST, &solution("Se cambió el cable"))
            .await,
    );
    let yes = word(ticket, "Sí, gracias", Then::Close);
    done(client.follow_up(effect(), FIRST, &yes).await);
    assert_eq!(bench.status(ticket).await, 6);
    let late = word(ticket, "Volvió a fallar", Then::Reopen);
    done(client.follow_up(effect(), FIRST, &late).await);
    assert!(bench.status(ticket).await < 5);
}

#[tokio::test]
async fn closing_what_is_not_solved_is_said_and_does_not_close() {
    let bench = Bench::start().await;
    let client = bench.client();
    let (ticket, _) = opened(&client, "Pantalla azul").await;
    let yes = word(ticket, "Ya está", Then::Close);
    let Called::Done(made) = client.follow_up(effect(), FIRST, &yes).await else {
        panic!("not done");
    };
    let remark = made.remark.expect("a remark");
    assert!(remark.contains("stayed New"), "{remark}");
}

#[tokio::test]
async fn an_update_is_shown_and_keeps_the_ticket_findable() {
    let bench = Bench::start().await;
    let client = bench.client();
    let (ticket, _) = opened(&client, "Impresora").await;
    let update = TicketUpdate {
        title: Some("Impresora del piso 3".into()),
        description: Some("No imprime\ndesde ayer".into()),
        urgency: Some(5),
        impact: Some(4),
        category: Some(0),
        pending: Some(true),
        priority: None,
    };
    assert_eq!(
        client.find_update(ticket, &update).await,
        LookedUp::NotFound
    );
    assert_eq!(done(client.update_ticket(ticket, &update).await), ticket);
    let looked_up = client.find_update(ticket, &update).await;
    assert!(matches!(looked_up, LookedUp::Found(_)), "{looked_up:?}");
    assert_eq!(bench.status(ticket).await, 4);
    assert_eq!(bench.column(ticket, "priority").await, 5);
    let content = bench.column(ticket, "content").await;
    assert!(
        content.as_str().expect("text").contains("chasqui:"),
        "{content}"
    );

    let work = TicketUpdate {
        pending: Some(false),
        ..TicketUpdate::default()
    };
    done(client.update_ticket(ticket, &work).await);
    assert_eq!(bench.status(ticket).await, 2);
}

#[tokio::test]
async fn senseless_updates_leave_no_trace() {
    let bench = Bench::start().await;
    let client = bench.client();
    let (ticket, _) = opened(&client, "Teclado").await;
    let nothing = TicketUpdate::default();
    let unknown = TicketUpdate {
        category: Some(987_654),
        ..TicketUpdate::default()
    };
    let beyond = TicketUpdate {
        urgency: Some(6),
        ..TicketUpdate::default()
    };
    for update in [nothing, unknown, beyond] {
        refusal(client.update_ticket(ticket, &update).await);
    }
    assert_eq!(bench.column(ticket, "urgency").await, 4);
    assert_eq!(bench.column(ticket, "itilcategories_id").await, 0);
}

#[tokio::test]
async fn a_cancelled_ticket_is_closed_with_its_word_and_takes_no_change() {
    let bench = Bench::start().await;
    let client = bench.client();
    let (ticket, _) = opened(&client, "Ratón").await;
    let cancelled = effect();
    let cancellation = Cancellation {
        ticket,
        text: "Ya no hace falta".into(),
        author: Author::Requester,
    };
    let looked_up = client.find_cancellation(cancelled, ticket).await;
    assert_eq!(looked_up, LookedUp::NotFound);
    let word = done(client.cancel(cancelled, FIRST, &cancellation).await);
    assert_eq!(bench.status(ticket).await, 6);
    assert_eq!(
        done(client.cancel(cancelled, SECOND, &cancellation).await),
        word
    );
    let looked_up = client.find_cancellation(cancelled, ticket).await;
    assert!(matches!(looked_up, LookedUp::Found(_)), "{looked_up:?}");

    let update = TicketUpdate {
        title: Some("Otro".into()),
        ..TicketUpdate::default()
    };
    assert!(refusal(client.update_ticket(ticket, &update).await).contains("is closed"));
}

#[tokio::test]
async fn what_is_not_there_refuses_every_change() {
    let bench = Bench::start().await;
    let client = bench.client();
    let gone = 99_999_999;
    let followup = word(gone, "hola", Then::Keep);
    let update = TicketUpdate {
        urgency: Some(2),
        ..TicketUpdate::default()
    };
    let solution = Solution {
        ticket: gone,
        text: "listo".into(),
        author: Author::Service,
        kind: None,
    };
    for called in [
        client.follow_up(effect(), FIRST, &followup).await,
        client.update_ticket(gone, &update).await,
        client.solve(effect(), FIRST, &solution).await,
    ] {
        assert!(refusal(called).contains("does not exist"));
    }
    let looked_up = client.find_follow_up(effect(), gone).await;
    assert_eq!(looked_up, LookedUp::NotFound);
}

#[tokio::test]
async fn an_empty_word_is_refused_and_a_file_alone_is_not() {
    let bench = Bench::start().await;
    let client = bench.client();
    let (ticket, _) = opened(&client, "Foto").await;
    refusal(
        client
            .follow_up(effect(), FIRST, &word(ticket, " \n", Then::Keep))
            .await,
    );

    let sent = effect();
    let photo = FollowUp {
        file: Some(Attachment {
            name: "foto-de-la-impresora-que-no-imprime.png".into(),
            mime: "image/png".into(),
            bytes: b"\x89PNG\r\n\x1a\n--chasqui-form\r\n".to_vec(),
        }),
        ..word(ticket, "", Then::Keep)
    };
    let id = done(client.follow_up(sent, FIRST, &photo).await);
    assert_eq!(done(client.follow_up(sent, SECOND, &photo).await), id);
    let path = format!("ITILFollowup/{id}/Document_Item");
    let links = bench.raw("GET", &path, Value::Null).await;
    assert_eq!(links.as_array().map(Vec::len), Some(1), "{links}");
}

#[tokio::test]
async fn a_file_that_glpi_does_not_take_is_told_and_its_text_is_kept() {
    let bench = Bench::start().await;
    let client = bench.client();
    let (ticket, _) = opened(&client, "Voz").await;
    let voice = FollowUp {
        file: Some(Attachment {
            name: "nota-de-voz-sin-permiso.chasquitest".into(),
            mime: "audio/ogg".into(),
            bytes: vec![1; 64],
        }),
        ..word(ticket, "escuchen", Then::Keep)
    };
    let Called::Done(made) = client.follow_up(effect(), FIRST, &voice).await else {
        panic!("not done");
    };
    let remark = made.remark.expect("a remark");
    assert!(remark.contains("did not take the file"), "{remark}");
}
