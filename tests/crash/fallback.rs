//! A channel whose number two providers carry: Meta goes down and comes back, and the person reads
//! one conversation, each message once and in order.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use chasqui::config::{GupshupApp, Provider};
use serde_json::{Value, json};

use crate::oracle::{REPLIES, Said};
use crate::people::Person;
use crate::request_log::Line;
use crate::scene::Scene;
use crate::tenants::TENANTS;

const APP: &str = "82ed0d6c-0000-4c55-9f1d-3c2f0e8a7b10";
const SECRET: &str = "second-path-secret";
/// Longer than the take-over and every wait behind it, on a machine that also compiles.
const PATIENCE: Duration = Duration::from_secs(60);
/// Nobody of the first tenant's has an odd number; the second tenant has one line only.
const PEOPLE: [usize; 4] = [0, 2, 4, 6];

/// A message that a provider took, whichever it was.
#[derive(Clone, Debug)]
struct Taken {
    provider: String,
    said: Said,
}

async fn two_lines() -> Scene {
    let scene = Scene::begin_with(|config| {
        let channel = &mut config.bootstrap.channels[0];
        channel.fallback = Some(Provider::Gupshup);
        channel.fallback_after_ms = 1_000;
        channel.gupshup = Some(GupshupApp {
            name: "SecondApp".into(),
            id: APP.into(),
            api_key: "second-api-key".into(),
            path_secret: SECRET.into(),
        });
    })
    .await;
    let server = scene.server.watch_address().borrow().clone();
    let channel = TENANTS[0].channel;
    // Everybody reads what they get.
    let statuses = json!({"read_probability": 1.0});
    scene.world.control(json!({
        "meta": {channel: {"statuses": statuses}},
        "gupshup": {"second": {
            "name": "SecondApp", "id": APP, "api_key": "second-api-key",
            "source": TENANTS[0].number, "mps": 0, "pair_limit": false, "statuses": statuses,
            "callback_url": format!("{server}/webhooks/gupshup/{channel}/{SECRET}"),
        }},
    }));
    scene
}

/// What the providers took for a person, in order of arrival.
fn taken(lines: &[Line], person: &Person) -> Vec<Taken> {
    let taken = lines.iter().filter(|line| line.accepted);
    let taken = taken.filter_map(|line| {
        let text = match line.provider.as_str() {
            "meta" => {
                let send = line.send().filter(|send| send.to == person.phone)?;
                send.text.to_owned()
            }
            "gupshup" if line.body["destination"] == person.phone.as_str() => {
                let message = line.body["message"].as_str()?;
                let message: Value = serde_json::from_str(message).unwrap();
                let text = [
                    &message["text"],
                    &message["content"]["text"],
                    &message["body"],
                ];
                text.into_iter().find_map(Value::as_str)?.to_owned()
            }
            _ => return None,
        };
        Some(Taken {
            provider: line.provider.clone(),
            said: Said::of(&text),
        })
    });
    taken.collect()
}

async fn reply(scene: &Scene, person: &Person, said: Said) -> Taken {
    let find = |lines: &[Line]| taken(lines, person).into_iter().find(|t| t.said == said);
    let told = |lines: &[Line]| find(lines).is_some();
    if !scene.world.log_fulfils(PATIENCE, told).await {
        panic!(
            "no {said:?} for {}\n{:?}",
            person.phone,
            scene.timeline(person).await
        );
    }
    find(&scene.world.log().await).unwrap()
}

async fn first_line(scene: &Scene) -> Value {
    let (status, health) = scene.server.api(&TENANTS[0], "/health/actors").await;
    assert_eq!(status, 200, "{health}");
    let gateways = health["gateways"].as_array().unwrap();
    let first = gateways.iter().find(|g| !g["fallback"].is_null());
    first.expect("the channel has two lines").clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_meta_is_down_replies_go_by_gupshup_and_then_by_meta_again_each_once_in_order() {
    let scene = two_lines().await;
    let people = PEOPLE.map(|nth| scene.person(nth));
    // One whose conversation began before, and whose next answer is taken and its news lost.
    let doubtful = scene.person(8);
    scene.say(&doubtful, 0).await;
    assert_eq!(
        reply(&scene, &doubtful, Said::Greeting).await.provider,
        "meta"
    );
    scene.world.fault(
        json!({"provider": "meta", "method": "POST", "path": "/messages",
        "body": doubtful.phone, "kind": "error", "status": 503, "processed": true}),
    );
    scene.say(&doubtful, 1).await;
    reply(&scene, &doubtful, Said::Draft).await;

    scene
        .world
        .fault(json!({"provider": "meta", "kind": "refuse", "code": 131_000}));
    for person in &people {
        for (index, said) in REPLIES.into_iter().enumerate() {
            scene.say(person, index).await;
            let told = reply(&scene, person, said).await;
            assert_eq!(told.provider, "gupshup", "{told:?}");
        }
    }
    let down = first_line(&scene).await;
    assert_eq!(down["fallback"]["in_use"], true, "{down}");
    assert!(
        down["alert"].as_str().unwrap().contains("second line"),
        "{down}"
    );

    scene.world.clear_faults();
    let back = scene.person(10);
    let asked_again = tokio::time::Instant::now();
    // The provider is asked every five seconds; the next message is the probe.
    loop {
        scene.say(&people[0], 0).await;
        if first_line(&scene).await["circuit"] == "closed" {
            break;
        }
        assert!(asked_again.elapsed() < PATIENCE, "Meta is not tried again");
        let other = scene.person(12 + 2 * asked_again.elapsed().as_secs() as usize);
        scene.say(&other, 0).await;
        reply(&scene, &other, Said::Greeting).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    for (index, said) in REPLIES.into_iter().enumerate() {
        scene.say(&back, index).await;
        assert_eq!(reply(&scene, &back, said).await.provider, "meta");
    }
    let up = first_line(&scene).await;
    assert_eq!(
        (&up["fallback"]["in_use"], &up["alert"]),
        (&json!(false), &Value::Null)
    );

    let lines = scene.world.log().await;
    for person in people.iter().chain([&back]) {
        let said: Vec<Said> = taken(&lines, person).iter().map(|t| t.said).collect();
        let replies: Vec<Said> = said.into_iter().filter(|said| said.is_reply()).collect();
        assert_eq!(replies, REPLIES, "{:?}", taken(&lines, person));
    }
    let drafts: Vec<Taken> = taken(&lines, &doubtful);
    let drafts = drafts.iter().filter(|t| t.said == Said::Draft);
    assert!(
        drafts.clone().all(|t| t.provider == "meta"),
        "what is in doubt at Meta never goes by Gupshup: {drafts:?}"
    );
    assert!(
        drafts.clone().count() == 1 || scene.timeline(&doubtful).await.marks_any_repeat(),
        "{drafts:?} {:?}",
        scene.timeline(&doubtful).await
    );
    statuses_fold(&scene, &people[0], 3).await;
    statuses_fold(&scene, &back, 3).await;
}

/// Every message to the person is read in the end, whichever provider told so and under whichever id.
async fn statuses_fold(scene: &Scene, person: &Person, messages: usize) {
    let begun = tokio::time::Instant::now();
    loop {
        let timeline = scene.timeline(person).await;
        let done = timeline
            .of_kind("outcome")
            .filter(|line| line["outcome"] == "done");
        let named: HashMap<&str, &str> = done
            .filter_map(|line| Some((line["provider_id"].as_str()?, line["effect"].as_str()?)))
            .collect();
        let read = timeline
            .of_kind("status")
            .filter(|line| line["status"] == "read");
        let read: HashSet<&str> = read
            .filter_map(|line| {
                let ids = line["provider_ids"].as_array().into_iter().flatten();
                let known = || ids.filter_map(|id| named.get(id.as_str()?).copied()).next();
                line["effect"].as_str().or_else(known)
            })
            .collect();
        if read.len() >= messages {
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "{read:?}\n{timeline:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
