//! Files on their way to people, where something breaks: before the message nothing was sent, after
//! it nobody knows, and whatever a provider cannot fetch is said in words.

use std::sync::Arc;
use std::time::Duration;

use actors::journal::disk::RealDisk;
use actors::journal::keys::{KeyStore, Ring, SystemEntropy};
use actors::journal::media::{Config, MediaStore};
use actors::model::{
    AttemptNo, Call, ContactId, EffectId, GatewayId, IdHash, IdentityKey, InSeq, Key, MediaKind,
    Name, Phone, Recipient, Rich, RichMessage, SentFile,
};
use actors::ports::{Called, Providers, Request, SystemClock};
use chasqui::providers::{Connection, ProviderSet, media};
use serde_json::json;

use crate::world::World;

const PHONE: &str = "51999888777";
const CONTACT: ContactId = ContactId([7; 16]);

struct Bench {
    world: World,
    set: ProviderSet,
    file: SentFile,
    _folder: tempfile::TempDir,
}

fn gateway(provider: &str) -> GatewayId {
    let name = |text| Name::new(text).expect("a name");
    GatewayId::of(provider, &name("demo"), &name("demo"))
}

impl Bench {
    /// One picture in the store; `public_url` is where providers would find this server.
    async fn start(public_url: Option<&str>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let world = World::start().await;
        let ring = Arc::new(Ring::generate(&SystemEntropy));
        let path = folder.path().join("keys/contacts");
        let keys = KeyStore::open(Arc::new(RealDisk), path, ring, Arc::new(SystemEntropy));
        let keys = Arc::new(keys.expect("a key file"));
        let clock = Arc::new(SystemClock);
        let config = Config::new(folder.path().join("media"), keys, clock.clone());
        let files = Arc::new(MediaStore::open(config).expect("a store"));
        let tenant = Name::new("demo").expect("a name");
        let mut incoming = files.begin(&tenant, CONTACT).expect("room");
        incoming.write(b"\xff\xd8\xff\xe0picture").expect("room");
        let kept = incoming.keep("image/jpeg").expect("room");
        let mut set = ProviderSet::with_files(clock.clone(), files);
        if let Some(url) = public_url {
            let links = media::Links::new(url, IdentityKey::new(&[1; 32]), clock);
            set = set.with_links(links.expect("an address"));
        }
        let timeout = Duration::from_millis(1_500);
        let connections = [
            (gateway("meta"), Connection::Meta(world.meta(timeout))),
            (
                gateway("gupshup"),
                Connection::Gupshup(world.gupshup(timeout)),
            ),
        ];
        assert!(set.replace(connections).await.is_empty());
        let file = SentFile {
            kind: MediaKind::Image,
            contact: CONTACT,
            name: kept.name,
            mime: kept.mime,
            size: kept.size,
            caption: None,
            file_name: None,
        };
        Self {
            world,
            set,
            file,
            _folder: folder,
        }
    }

    async fn sends(&self, provider: &str, file: SentFile) -> Called {
        let call = Call::SendRich(Box::new(RichMessage {
            to: Recipient::Phone(Phone::parse(PHONE).expect("a number")),
            answers: None,
            body: Rich::File(Box::new(file)),
        }));
        let key = Key::Contact(CONTACT);
        let request = Request {
            effect: EffectId::derive(key, InSeq(1), IdHash([1; 8]), 0),
            attempt: AttemptNo(1),
            call: &call,
        };
        let client = self.set.provider(&gateway(provider)).expect("a client");
        client.call(request).await
    }
}

#[tokio::test]
async fn an_upload_that_breaks_is_surely_not_sent_and_may_be_tried_again() {
    let bench = Bench::start(None).await;
    for broken in [
        json!({"kind": "error", "status": 503}),
        json!({"kind": "lose_answer"}),
    ] {
        bench
            .world
            .fault("meta", Some("POST"), "/media", broken.clone());
        let called = bench.sends("meta", bench.file.clone()).await;
        assert!(
            matches!(called, Called::NotDone { .. }),
            "{broken}: {called:?}"
        );
        assert!(bench.world.shown("demo-meta", PHONE).await.is_empty());
    }
    let called = bench.sends("meta", bench.file.clone()).await;
    assert!(matches!(called, Called::Done(_)), "{called:?}");
    assert_eq!(bench.world.shown("demo-meta", PHONE).await.len(), 1);
}

#[tokio::test]
async fn a_message_whose_answer_was_lost_after_the_upload_is_in_doubt() {
    let bench = Bench::start(None).await;
    bench.world.fault(
        "meta",
        Some("POST"),
        "/messages",
        json!({"kind": "lose_answer"}),
    );
    let called = bench.sends("meta", bench.file.clone()).await;
    assert!(matches!(called, Called::Unknown { .. }), "{called:?}");
    assert_eq!(
        bench.world.shown("demo-meta", PHONE).await.len(),
        1,
        "it had arrived"
    );
}

#[tokio::test]
async fn a_file_that_is_gone_or_does_not_fit_is_refused_without_asking() {
    let bench = Bench::start(None).await;
    let gone = SentFile {
        name: "0".repeat(32).into(),
        ..bench.file.clone()
    };
    let called = bench.sends("meta", gone).await;
    assert!(
        matches!(called, Called::Refused { code: 404, .. }),
        "{called:?}"
    );
    let film = SentFile {
        kind: MediaKind::Video,
        ..bench.file.clone()
    };
    let called = bench.sends("meta", film).await;
    assert!(matches!(called, Called::Refused { .. }), "{called:?}");
    assert!(bench.world.shown("demo-meta", PHONE).await.is_empty());
}

#[tokio::test]
async fn without_a_public_address_gupshup_gets_no_file_and_the_reason_names_the_setting() {
    let bench = Bench::start(None).await;
    let Called::Refused { reason, .. } = bench.sends("gupshup", bench.file.clone()).await else {
        panic!("not refused");
    };
    assert!(reason.contains("server.public_url"), "{reason}");
    assert!(bench.world.shown("demo-gupshup", PHONE).await.is_empty());
}

#[tokio::test]
async fn an_address_that_gupshup_cannot_fetch_fails_by_an_event() {
    // Nobody listens there.
    let bench = Bench::start(Some("http://127.0.0.1:9")).await;
    let called = bench.sends("gupshup", bench.file.clone()).await;
    assert!(matches!(called, Called::Done(_)), "accepted: {called:?}");
    let until = tokio::time::Instant::now() + Duration::from_secs(10);
    loop {
        let shown = bench.world.shown("demo-gupshup", PHONE).await;
        if shown
            .first()
            .is_some_and(|message| message["status"] == "failed")
        {
            break;
        }
        assert!(tokio::time::Instant::now() < until, "{shown:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
