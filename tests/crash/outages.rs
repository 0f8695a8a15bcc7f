//! WhatsApp and GLPI down, slow, refusing and silent.

use std::time::Duration;

use serde_json::json;

use crate::oracle::Said;
use crate::request_log::{Line, created_for};
use crate::scene::Scene;

/// "At once" on a machine that also compiles; the server's own word is 3 s.
const AT_ONCE: Duration = Duration::from_secs(12);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn glpi_down_then_back_the_person_is_told_at_once_and_gets_one_ticket() {
    let scene = Scene::begin().await;
    let people = scene.people(0..4);
    scene
        .world
        .fault(json!({"provider": "glpi", "kind": "drop"}));
    scene.converse(0..4).join_all().await;
    for person in &people {
        scene.told(person, Said::Follows, AT_ONCE).await;
    }
    let lines = scene.world.log().await;
    assert!(
        people
            .iter()
            .all(|person| created_for(&lines, &person.name).is_empty())
    );
    scene.world.clear_faults();
    scene.ends_well(&people).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_whose_answer_is_lost_is_found_and_not_made_again() {
    let scene = Scene::begin().await;
    let people = scene.people(0..2);
    for kind in [
        json!({"kind": "delay", "ms": 4_000}),
        json!({"kind": "lose_answer"}),
    ] {
        let mut fault =
            json!({"provider": "glpi", "method": "POST", "path": "/Ticket", "count": 2});
        fault
            .as_object_mut()
            .unwrap()
            .extend(kind.as_object().unwrap().clone());
        scene.world.fault(fault);
    }
    scene.converse(0..2).join_all().await;
    scene.ends_well(&people).await;
    assert_eq!(creations(&scene.world.log().await), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_that_glpi_makes_after_the_time_out_is_not_made_again() {
    let scene = Scene::begin_with(|config| {
        config.providers.glpi.create_timeout_ms = 1_500;
        config.providers.glpi.settle_ms = 12_000;
    })
    .await;
    let people = scene.people(0..2);
    scene.world.fault(json!(
        {"provider": "glpi", "method": "POST", "path": "/Ticket", "kind": "delay", "ms": 6_000, "count": 2}
    ));
    scene.converse(0..2).join_all().await;
    scene.ends_well(&people).await;
    assert_eq!(creations(&scene.world.log().await), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatsapp_down_then_back_everything_is_sent_once_in_order() {
    let scene = Scene::begin().await;
    let down = Duration::from_secs(6);
    let fault = json!({"provider": "meta", "kind": "drop", "for_ms": down.as_millis() as u64});
    scene.world.fault(fault);
    let cut_off = scene.converse(0..4);
    tokio::time::sleep(down).await;
    // Their statuses show that statuses arrive, so silence about the others means something.
    scene.converse(4..8).join_all().await;
    cut_off.join_all().await;
    scene.ends_well(&scene.people(0..8)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_429_is_waited_out_and_the_message_is_sent_once() {
    let scene = Scene::begin().await;
    let people = scene.people(0..2);
    scene.world.fault(json!(
        {"provider": "meta", "path": "/messages", "kind": "rate_limit", "retry_after_s": 3, "count": 2}
    ));
    scene.converse(0..2).join_all().await;
    scene.ends_well(&people).await;
    let lines = scene.world.log().await;
    let refused: Vec<_> = lines.iter().filter(|line| line.status == 429).collect();
    assert!(!refused.is_empty(), "the limit was never met");
    for line in refused {
        let send = line.send().expect("a message");
        let again = lines.iter().filter_map(Line::send);
        let again = again
            .filter(|other| other.effect == send.effect && other.n > send.n)
            .map(|other| other.at_ms - send.at_ms)
            .min();
        assert!(
            again.is_some_and(|waited_ms| waited_ms >= 3_000),
            "{again:?} after {line:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_whatsapp_gets_everything_once() {
    let scene = Scene::begin().await;
    let people = scene.people(0..6);
    scene
        .world
        .fault(json!({"provider": "meta", "kind": "delay", "ms": 1_200, "jitter_ms": 600}));
    scene.converse(0..6).join_all().await;
    scene.ends_well(&people).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_send_whose_answer_is_lost_is_proved_by_its_status_and_not_repeated() {
    let scene = Scene::begin().await;
    let people = scene.people(0..4);
    scene
        .world
        .fault(json!({"provider": "meta", "path": "/messages", "kind": "lose_answer", "count": 6}));
    scene.converse(0..4).join_all().await;
    scene.ends_well(&people).await;
    for person in &people {
        let timeline = scene.timeline(person).await;
        assert!(!timeline.marks_any_repeat(), "{timeline:?}");
    }
}

/// Tickets that GLPI was asked for, taken or not.
fn creations(lines: &[Line]) -> usize {
    lines.iter().filter_map(Line::creation).count()
}
