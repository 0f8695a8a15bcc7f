//! SIGTERM: an orderly end leaves nothing in doubt.

use std::time::Duration;

use serde_json::json;

use crate::scene::Scene;

const PEOPLE: usize = 40;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn told_to_stop_under_load_it_ends_within_ten_seconds_with_nothing_in_doubt() {
    let mut scene = Scene::begin().await;
    scene.world.fault(json!(
        {"provider": "meta", "kind": "delay", "ms": 100, "jitter_ms": 200}
    ));
    scene.world.fault(json!(
        {"provider": "glpi", "kind": "delay", "ms": 50, "jitter_ms": 100}
    ));
    let talk = scene.converse(0..PEOPLE);
    for after_ms in [400, 700, 300] {
        tokio::time::sleep(Duration::from_millis(after_ms)).await;
        let (status, took) = scene.server.terminate(&scene.world).await;
        println!("ended with {status} after {took:?}");
        assert!(status.success(), "{}", scene.server.last_words());
        assert!(took < Duration::from_secs(10), "{took:?}");
        scene.server.start(&scene.world).await;
    }
    talk.join_all().await;
    let people = scene.people(0..PEOPLE);
    scene.ends_well(&people).await;
    for person in &people {
        let timeline = scene.timeline(person).await;
        assert!(
            !timeline.was_ever_in_doubt(),
            "{}\n{timeline:?}",
            person.phone
        );
    }
}
