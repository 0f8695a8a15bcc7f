//! What technicians change is told, each change under an id that stays.

use chasqui::providers::glpi::{Change, Client, Role, Status, Then, Watermark, What};
use serde_json::json;

use super::{Bench, FIRST, done, effect, next_second, opened, word};

async fn look(client: &Client, since: &Watermark, ticket: u32) -> (Vec<Change>, Watermark) {
    let found = client
        .changes_since(since, |id| id == ticket)
        .await
        .expect("an answer");
    assert!(!found.more);
    (found.changes, found.watermark)
}

fn ids(changes: &[Change]) -> Vec<&str> {
    changes.iter().map(|change| change.id.as_str()).collect()
}

#[tokio::test]
async fn a_technicians_work_is_told_with_ids_that_stay() {
    let bench = Bench::start().await;
    let client = bench.client();
    let (ticket, _) = opened(&client, "Sin red").await;
    let start = client.watermark_now().await.expect("a mark");
    let (changes, _) = look(&client, &start, ticket).await;
    assert_eq!(changes, [], "opening it is no news");

    done(
        client
            .add_actor(ticket, bench.technician, Role::Technician)
            .await,
    );
    let said = bench.technician_says(ticket, "Voy para allá", false).await;
    bench.technician_says(ticket, "otra vez él", true).await;
    done(
        client
            .follow_up(effect(), FIRST, &word(ticket, "gracias", Then::Keep))
            .await,
    );
    let (changes, mark) = look(&client, &start, ticket).await;
    let assigned = What::Assigned(bench.technician);
    assert!(
        changes.iter().any(|change| change.what == assigned),
        "{changes:?}"
    );
    let words: Vec<_> = changes
        .iter()
        .filter_map(|change| match &change.what {
            What::FollowedUp(answer) => Some((change.id.clone(), answer.text.as_str())),
            _ => None,
        })
        .collect();
    assert_eq!(words, [(format!("followup:{said}"), "Voy para allá")]);
    let states = changes.iter().filter(|c| matches!(c.what, What::Status(_)));
    assert_eq!(states.count(), 1);
    assert!(mark >= start);

    // Told again from the same mark, and after another change, under the same ids.
    let (again, _) = look(&client, &start, ticket).await;
    assert_eq!(ids(&again), ids(&changes));
    done(
        client
            .follow_up(effect(), FIRST, &word(ticket, "¿cuánto falta?", Then::Keep))
            .await,
    );
    let (later, _) = look(&client, &start, ticket).await;
    assert_eq!(ids(&later), ids(&changes));
}

#[tokio::test]
async fn every_stay_in_a_state_is_told_apart() {
    let bench = Bench::start().await;
    let client = bench.client();
    let (ticket, _) = opened(&client, "Correo").await;
    let start = client.watermark_now().await.expect("a mark");
    let mut told: Vec<(String, Status)> = Vec::new();
    let path = format!("Ticket/{ticket}");
    let set = async |status: u8| {
        bench
            .raw("PUT", &path, json!({"input": {"status": status}}))
            .await;
        let (changes, _) = look(&client, &start, ticket).await;
        let mut states = changes.into_iter().filter_map(|change| match change.what {
            What::Status(status) => Some((change.id, status)),
            _ => None,
        });
        let state = states.next().expect("a state");
        next_second().await;
        state
    };
    for status in [2, 4, 2, 4, 5, 6] {
        told.push(set(status).await);
    }
    let states: Vec<u8> = told.iter().map(|(_, status)| status.number()).collect();
    assert_eq!(states, [2, 4, 2, 4, 5, 6]);
    let mut ids: Vec<_> = told.iter().map(|(id, _)| id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), told.len(), "{told:?}");
}

#[tokio::test]
async fn only_concerned_tickets_are_read_and_the_mark_passes_the_others() {
    let bench = Bench::start().await;
    let client = bench.client();
    let start = client.watermark_now().await.expect("a mark");
    next_second().await;
    let (ticket, _) = opened(&client, "Uno").await;
    bench.technician_says(ticket, "hola", false).await;
    let found = client
        .changes_since(&start, |_| false)
        .await
        .expect("an answer");
    assert_eq!(found.changes, []);
    assert!(found.watermark > start);
    // What came before the mark, overlap included, is not told again.
    next_second().await;
    next_second().await;
    next_second().await;
    bench.technician_says(ticket, "sigo aquí", false).await;
    let mark = client.watermark_now().await.expect("a mark");
    let (changes, _) = look(&client, &mark, ticket).await;
    let words = changes
        .iter()
        .filter(|c| matches!(c.what, What::FollowedUp(_)));
    assert_eq!(words.count(), 1, "{changes:?}");
}

#[tokio::test]
async fn more_changes_than_a_page_within_one_second_are_all_seen() {
    let bench = Bench::simulated().await;
    let client = bench.client();
    let start = client.watermark_now().await.expect("a mark");
    let many: Vec<_> = (0..250)
        .map(|n| json!({"name": format!("masivo {n}")}))
        .collect();
    bench.raw("POST", "Ticket", json!({"input": many})).await;
    let concerned = std::sync::Mutex::new(std::collections::BTreeSet::new());
    let note = |id| {
        concerned.lock().expect("no panic").insert(id);
        false
    };
    client.changes_since(&start, note).await.expect("an answer");
    assert_eq!(concerned.lock().expect("no panic").len(), 250);
}
