//! The start: quiet when all is well, and never waiting for a database it does not need.

use std::time::Duration;

use tokio::net::TcpListener;

use crate::oracle::Said;
use crate::scene::Scene;

const SOON: Duration = Duration::from_secs(20);
/// Less than anybody waits for a database in vain, and enough for a machine that also compiles.
const DOOR_WITHIN: Duration = Duration::from_secs(15);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_healthy_first_start_warns_of_nothing() {
    let mut scene = Scene::begin().await;
    let person = scene.person(0);
    scene.say(&person, 0).await;
    scene.told(&person, Said::Greeting, SOON).await;
    let (status, _) = scene.server.terminate(&scene.world).await;
    assert!(status.success());
    let log = std::fs::read_to_string(scene.server.home().join("server.log")).unwrap();
    let alarming = |line: &&str| {
        ["\"WARN\"", "\"ERROR\""]
            .iter()
            .any(|level| line.contains(level))
    };
    let alarms: Vec<_> = log.lines().filter(alarming).collect();
    assert_eq!(alarms, Vec::<&str>::new());
    assert!(log.contains("a directory was published"), "{log}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_a_directory_file_the_door_opens_while_the_database_is_silent() {
    let mut scene = Scene::begin().await;
    scene.server.terminate(&scene.world).await;
    // It takes connections and never says a word.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = silent.local_addr().unwrap();
    let path = scene.server.home().join("chasqui.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let url = format!("[postgres]\nurl = \"postgres://nobody@{address}/nothing\"\n");
    let changed = text.replacen("[postgres]\n", &url, 1);
    assert_ne!(changed, text);
    std::fs::write(&path, changed).unwrap();

    let Scene { server, world, .. } = &mut scene;
    assert!(
        server.start_with(world, "", DOOR_WITHIN).await,
        "{}",
        server.last_words()
    );
    let person = scene.person(0);
    scene.say(&person, 0).await;
    scene.told(&person, Said::Greeting, SOON).await;
}
