//! Inputs on which the decision fails: they cost their sender that one answer, and nobody else
//! anything.

use std::os::unix::process::ExitStatusExt;
use std::time::Duration;

use serde_json::Value;

use crate::people::{Message, Person};
use crate::scene::Scene;
use crate::server::Server;
use crate::tenants::Tenant;

const SIGABRT: i32 = 6;
/// A first start makes a database.
const START_WITHIN: Duration = Duration::from_secs(60);
/// The watchdog ends a step after 5 s of CPU time, on a machine that also compiles.
const ABORT_WITHIN: Duration = Duration::from_secs(60);
const SOON: Duration = Duration::from_secs(20);
/// The word that the decision does not bear.
const WORD: &str = "gira";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panicking_message_is_set_aside_after_five_tries_and_everybody_else_is_served() {
    let mut scene = Scene::prepare(|_| ()).await;
    let failpoints = format!("contact::decide=return(panic {WORD})");
    assert!(start(&mut scene, &failpoints).await);
    let poisoned = scene.person(0);
    scene.carrier.deliver(&poison(&scene, &poisoned)).await;
    let others = scene.converse(1..7);
    let row = set_aside(&scene.server, poisoned.tenant).await;
    let reason = row["reason"].as_str().unwrap();
    assert!(reason.contains("a decision panics"), "{row}");
    let timeline = scene.timeline(&poisoned).await;
    let weights = timeline.of_kind("note");
    let weights: Vec<_> = weights.map(|note| note["weight"].as_u64()).collect();
    // The first panic counts in memory only, the second is written with it.
    assert_eq!(weights, [2, 1, 1, 1].map(Some), "{timeline:?}");

    // The person writes on, and finds the conversation where it was.
    others.join_all().await;
    for index in 0..3 {
        scene.say(&poisoned, index).await;
    }
    scene.ends_well(&scene.people(0..7)).await;

    scene.server.kill(&scene.world).await;
    scene.server.start(&scene.world).await;
    assert_eq!(set_aside(&scene.server, poisoned.tenant).await, row);
    let other_tenant = scene.person(1).tenant;
    assert_eq!(
        quarantine(&scene.server, other_tenant).await,
        Vec::<Value>::new()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_decision_without_end_ends_the_process_and_is_set_aside_by_the_next_start() {
    let mut scene = Scene::prepare(|_| ()).await;
    let failpoints = format!("contact::decide=return(loop {WORD})");
    assert!(start(&mut scene, &failpoints).await);
    let poisoned = scene.person(0);
    scene.carrier.deliver(&poison(&scene, &poisoned)).await;
    let ended = scene.server.ended(&scene.world, ABORT_WITHIN).await;
    assert_eq!(ended.signal(), Some(SIGABRT), "{ended}");

    assert!(start(&mut scene, &failpoints).await, "it starts again");
    let row = set_aside(&scene.server, poisoned.tenant).await;
    let reason = row["reason"].as_str().unwrap();
    assert!(reason.contains("CPU time"), "{row}");
    scene.converse(0..4).join_all().await;
    scene.ends_well(&scene.people(0..4)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panicking_item_of_a_channel_is_set_aside_and_the_next_one_is_kept() {
    let mut scene = Scene::prepare(|_| ()).await;
    let failpoints = format!("channel::decide=return({WORD})");
    assert!(start(&mut scene, &failpoints).await);
    let tenant = scene.person(0).tenant;
    for word in [WORD, "sigue"] {
        let body = format!(r#"{{"object":"{word}"}}"#);
        let status = scene.carrier.post_signed(tenant, body.as_bytes()).await;
        assert_eq!(status, 200);
    }
    let row = set_aside(&scene.server, tenant).await;
    assert!(
        row["reason"]
            .as_str()
            .unwrap()
            .contains("a decision panics")
    );
    let begun = tokio::time::Instant::now();
    loop {
        let (_, list) = scene.server.api(tenant, "/unplaced").await;
        let rows = list["unplaced"].as_array().unwrap();
        if let [row] = &rows[..] {
            assert_eq!(row["raw"], r#"{"object":"sigue"}"#);
            break;
        }
        assert!(begun.elapsed() < SOON, "{list}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn start(scene: &mut Scene, failpoints: &str) -> bool {
    let Scene { server, world, .. } = scene;
    server.start_with(world, failpoints, START_WITHIN).await
}

fn poison(scene: &Scene, person: &Person) -> Message {
    Message::new(scene.seed, person, 9, WORD)
}

async fn quarantine(server: &Server, tenant: &Tenant) -> Vec<Value> {
    let (status, list) = server.api(tenant, "/quarantine").await;
    assert_eq!(status, 200, "{list}");
    list["quarantine"].as_array().unwrap().clone()
}

/// Waits for the one input of a tenant that is set aside.
async fn set_aside(server: &Server, tenant: &Tenant) -> Value {
    let begun = tokio::time::Instant::now();
    loop {
        let rows = quarantine(server, tenant).await;
        if let [row] = &rows[..] {
            return row.clone();
        }
        assert!(begun.elapsed() < SOON, "{rows:?}\n{}", server.last_words());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
