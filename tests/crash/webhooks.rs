//! Webhooks that come twice, at once, late and in any order.

use std::time::Duration;

use serde_json::json;

use crate::oracle::Said;
use crate::people::{Carrier, Message, Person};
use crate::scene::Scene;

const SOON: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_webhook_twice_and_statuses_shuffled_change_nothing() {
    let scene = Scene::begin().await;
    scene.world.lines(json!(
        {"webhooks": {"duplicate": 1.0, "shuffle_ms": 700, "batch": 10}}
    ));
    let people = scene.people(0..10);
    // Each person waits for the reply before they go on, so the shuffling never changes the
    // order of what one person wrote; statuses and other people's messages move freely.
    for (index, reply) in [Said::Greeting, Said::Draft, Said::Confirmation]
        .into_iter()
        .enumerate()
    {
        for person in &people {
            let text = &person.script()[index];
            scene
                .world
                .type_on_phone(person.tenant, &person.phone, text)
                .await;
        }
        for person in &people {
            scene.told(person, reply, SOON).await;
        }
    }
    // The last duplicates and statuses are under way for a second.
    tokio::time::sleep(Duration::from_secs(2)).await;
    scene.ends_well(&people).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_posted_four_times_at_once_is_answered_once() {
    let scene = Scene::begin().await;
    let people = scene.people(0..6);
    for index in 0..3 {
        for person in &people {
            let message = scene.message(person, index);
            let posts = (0..4).map(|_| post(scene.carrier.clone(), message.clone()));
            let statuses = posts.collect::<tokio::task::JoinSet<_>>().join_all().await;
            assert_eq!(statuses, [200; 4]);
        }
    }
    scene.ends_well(&people).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_posted_again_after_a_kill_changes_nothing() {
    let mut scene = Scene::begin().await;
    let people = scene.people(0..6);
    for person in &people {
        say_everything(&scene, person).await;
    }
    scene.ends_well(&people).await;
    scene.server.kill(&scene.world).await;
    scene.server.start(&scene.world).await;
    for person in people.iter().rev() {
        say_everything(&scene, person).await;
    }
    // A new conversation behind the duplicates shows that they have been dealt with.
    let later = scene.people(0..7);
    say_everything(&scene, &later[6]).await;
    scene.ends_well(&later).await;
}

async fn say_everything(scene: &Scene, person: &Person) {
    for index in 0..3 {
        scene.say(person, index).await;
    }
}

async fn post(carrier: Carrier, message: Message) -> u16 {
    carrier.post(&message).await
}
