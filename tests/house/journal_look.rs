//! What an operator sees of a stopped journal, and how a loss is accepted.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use actors::fold::EntityFold;
use actors::journal::adapter::{Config, SegmentJournal};
use actors::journal::segment::FRONT_BYTES;
use actors::journal::{Journal, Refused};
use actors::model::{ContactId, IdHash, InEvent, Inbound, Key, Millis};
use actors::ports::SystemClock;
use jiff::Timestamp;
use serde_json::{Value, json};

const KEY: Key = Key::Contact(ContactId([1; 16]));

fn chasqui(arguments: &[&str], data: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_chasqui"))
        .args(arguments)
        .arg("--data")
        .arg(data)
        .output()
        .unwrap()
}

fn open(data: &Path) -> SegmentJournal {
    let config = Config::new(data.to_owned(), Arc::new(SystemClock), Arc::new(EntityFold));
    SegmentJournal::open(config).unwrap()
}

async fn accept(journal: &SegmentJournal, id: u8) -> Result<(), Refused> {
    let event = InEvent {
        key: KEY,
        id: IdHash([id; 8]),
        stamp: None,
        received: Millis(1),
        body: Inbound::Merged {
            from: KEY,
            state: vec![id; 100],
        },
    };
    journal.accept(vec![event]).await.map(drop)
}

/// The one segment of a new journal that holds records.
fn first_segment(data: &Path) -> PathBuf {
    data.join("journal/lane-00/0000000001.seg")
}

#[tokio::test]
async fn accepted_damage_lets_the_journal_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let journal = open(&data);
    for id in 1..=3 {
        accept(&journal, id).await.unwrap();
    }
    journal.ready().await.unwrap();
    drop(journal);
    let whole = chasqui(&["journal", "verify"], &data);
    assert!(whole.status.success(), "{whole:?}");

    let mut bytes = fs::read(first_segment(&data)).unwrap();
    bytes[FRONT_BYTES + 8] ^= 1;
    fs::write(first_segment(&data), bytes).unwrap();
    let damaged = chasqui(&["journal", "verify"], &data);
    assert_eq!(damaged.status.code(), Some(3), "{damaged:?}");
    assert!(matches!(
        accept(&open(&data), 4).await,
        Err(Refused::Fenced(KEY))
    ));

    let accepted = chasqui(&["journal", "verify", "--accept"], &data);
    assert!(accepted.status.success(), "{accepted:?}");
    let again = chasqui(&["journal", "verify"], &data);
    assert!(again.status.success(), "{again:?}");
    let report: Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!(report["damage"], json!([]));
    let loss = &report["accepted"][0];
    let told = "lane 0 segment 1 offset 4096: groups 1 to 1 are damaged";
    assert_eq!(loss["damage"], told);
    let at: Timestamp = loss["at"].as_str().unwrap().parse().unwrap();
    assert!(Timestamp::now().duration_since(at).as_secs() < 60);
    let journal = open(&data);
    accept(&journal, 5).await.unwrap();
    assert_eq!(journal.figures().damage, []);
}

#[test]
fn a_look_makes_nothing_where_no_journal_is() {
    let folder = tempfile::tempdir().unwrap();
    for look in ["inspect", "verify"] {
        let data = folder.path().join(look);
        let looked = chasqui(&["journal", look], &data);
        assert_eq!(looked.status.code(), Some(1));
        assert!(!data.exists());
    }
}
