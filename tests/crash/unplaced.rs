//! Items of webhooks that belong to nobody: answered 200, kept once, through any crash.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

use crate::oracle::Said;
use crate::people::Person;
use crate::scene::{PATIENCE, Scene};
use crate::server::Server;
use crate::tenants::{TENANTS, Tenant};

const SOON: Duration = Duration::from_secs(20);
/// Stands in every odd item, and nowhere else.
const ODD: &str = "palabra-que-nadie-escribe";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unplaced_items_answered_200_are_kept_once_through_kills() {
    let mut scene = Scene::begin().await;
    let [tenant, other] = &TENANTS;
    let person = scene.person(0);
    let body = body(&scene, &person, 3);

    let forged = scene.carrier.post_body(tenant, &body, "sha256=00").await;
    let unsigned = scene.carrier.post_body(tenant, &body, "").await;
    assert_eq!((forged, unsigned), (401, 401));
    assert_eq!(kept(&scene.server, tenant).await, json!([]));

    assert_eq!(scene.carrier.post_signed(tenant, &body).await, 200);
    scene.server.kill(&scene.world).await;
    scene.server.start(&scene.world).await;
    let first = kept_are(&scene.server, tenant, 4).await;

    // The provider did not hear the 200 and comes again, before and after another kill.
    assert_eq!(scene.carrier.post_signed(tenant, &body).await, 200);
    scene.server.kill(&scene.world).await;
    scene.server.start(&scene.world).await;
    assert_eq!(scene.carrier.post_signed(tenant, &body).await, 200);
    repeats_are(&scene.server, tenant, 8).await;
    assert_eq!(kept_are(&scene.server, tenant, 4).await, first);

    let whys: Vec<_> = first.iter().map(|row| row["why"].as_str()).collect();
    let expected = ["no_id", "no_id", "no_id", "not_ours"].map(Some);
    assert_eq!(whys, expected);
    assert!(first[2]["raw"].as_str().unwrap().contains(ODD));
    assert_eq!(kept(&scene.server, other).await, json!([]));
    // The person whose message came in the same body was answered, late when a kill cut that
    // call off: nobody knows then whether it was made, and its status is waited for. That
    // statuses of the same channel arrive says that a missing one means something.
    let neighbour = scene.person(TENANTS.len());
    scene.say(&neighbour, 0).await;
    scene.told(&neighbour, Said::Greeting, SOON).await;
    scene.told(&person, Said::Greeting, PATIENCE).await;

    let (status, _) = scene.server.terminate(&scene.world).await;
    assert!(status.success(), "{}", scene.server.last_words());
    assert_eq!(files_with(scene.server.data(), ODD), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unplaced_items_outlive_the_segments_they_came_in() {
    let mut scene = Scene::begin_with(|config| {
        config.journal.segment_bytes = 1024 * 1024;
        config.journal.reserve_bytes = 1024 * 1024;
        config.journal.segment_age_max_s = 2;
    })
    .await;
    let tenant = &TENANTS[0];
    let body = body(&scene, &scene.person(0), 3);
    assert_eq!(scene.carrier.post_signed(tenant, &body).await, 200);
    let first = kept_are(&scene.server, tenant, 4).await;

    // Other people's traffic until every file of the beginning has been released.
    let files = |server: &Server| segments(&server.data().join("journal"));
    let began_in = files(&scene.server);
    let begun = tokio::time::Instant::now();
    for nth in 1.. {
        scene.say(&scene.person(nth), 0).await;
        let now = files(&scene.server);
        if began_in.is_disjoint(&now) {
            break;
        }
        assert!(
            begun.elapsed() < 3 * SOON,
            "{began_in:?} is still in {now:?}"
        );
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let (status, _) = scene.server.terminate(&scene.world).await;
    assert!(status.success(), "{}", scene.server.last_words());
    let data = scene.server.data().to_str().unwrap().to_owned();
    let verify = ["journal", "verify", "--data", &data];
    let (status, words) = scene.server.command(&verify).await;
    assert!(status.success(), "{words}");
    let inspect = ["journal", "inspect", "--data", &data];
    let (_, records) = scene.server.command(&inspect).await;
    assert!(
        records.contains("\"ct_") && !records.contains("\"ch_"),
        "{records}"
    );

    std::fs::remove_dir_all(scene.server.data().join("index")).unwrap();
    scene.server.start(&scene.world).await;
    assert_eq!(kept_are(&scene.server, tenant, 4).await, first);
    assert_eq!(scene.carrier.post_signed(tenant, &body).await, 200);
    repeats_are(&scene.server, tenant, 4).await;
    assert_eq!(kept_are(&scene.server, tenant, 4).await, first);
}

/// The names of the segment files below a folder.
fn segments(folder: &Path) -> HashSet<PathBuf> {
    let lanes = std::fs::read_dir(folder).unwrap().flatten();
    let files = lanes.filter_map(|lane| std::fs::read_dir(lane.path()).ok());
    let files = files.flat_map(|files| files.flatten().map(|file| file.path()));
    files
        .filter(|path| path.extension().is_some_and(|extension| extension == "seg"))
        .collect()
}

/// A body with the first message of a person, `odd` messages without an id and a foreign status.
fn body(scene: &Scene, person: &Person, odd: usize) -> Vec<u8> {
    let mut whole: Value = serde_json::from_slice(scene.message(person, 0).body()).unwrap();
    let value = &mut whole["entry"][0]["changes"][0]["value"];
    let messages = value["messages"].as_array_mut().unwrap();
    messages.extend((0..odd).map(
        |n| json!({"from": person.phone, "type": "text", "text": {"body": format!("{ODD} {n}")}}),
    ));
    value["statuses"] = json!([{"id": "wamid.ajeno", "status": "sent", "timestamp": "1800000000"}]);
    serde_json::to_vec(&whole).unwrap()
}

async fn list(server: &Server, tenant: &Tenant) -> Value {
    let (status, list) = server.api(tenant, "/unplaced").await;
    assert_eq!(status, 200, "{list}");
    list
}

async fn kept(server: &Server, tenant: &Tenant) -> Value {
    list(server, tenant).await["unplaced"].clone()
}

/// Waits until so many items are on the list; gives them.
async fn kept_are(server: &Server, tenant: &Tenant, count: usize) -> Vec<Value> {
    let begun = tokio::time::Instant::now();
    loop {
        let rows = kept(server, tenant).await.as_array().unwrap().clone();
        if rows.len() == count {
            return rows;
        }
        assert!(begun.elapsed() < SOON, "{rows:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Waits until so many repeats were recognised.
async fn repeats_are(server: &Server, tenant: &Tenant, count: u64) {
    let begun = tokio::time::Instant::now();
    loop {
        let list = list(server, tenant).await;
        if list["channels"][0]["repeats"] == count {
            return;
        }
        assert!(begun.elapsed() < SOON, "{list}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The files below a folder that hold a text in clear.
fn files_with(folder: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if entry.file_type().unwrap().is_dir() {
            found.extend(files_with(&path, text));
        } else if let Ok(bytes) = std::fs::read(&path)
            && bytes
                .windows(text.len())
                .any(|part| part == text.as_bytes())
        {
            found.push(path.display().to_string());
        }
    }
    found
}
