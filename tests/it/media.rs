//! Files between the simulators and the store, and what is believed when something breaks.

mod documents;

use std::sync::Arc;
use std::time::Duration;

use actors::journal::disk::RealDisk;
use actors::journal::keys::{KeyStore, Ring, SystemEntropy};
use actors::journal::media::{Config, FILE_BYTES_MAX, MediaStore};
use actors::model::{
    AttemptNo, Call, ContactId, EffectId, Fetch, GatewayId, IdHash, InSeq, Kept, Key, Media,
    MediaKind, Name,
};
use actors::ports::{Called, Providers, Request, SystemClock};
use chasqui::providers::{Connection, ProviderSet, glpi, media};
use chasqui::simulators::demo;
use serde_json::{Value, json};

use crate::world::World;

const PHONE: &str = "51999888777";
const CONTACT: ContactId = ContactId([7; 16]);

struct Bench {
    world: World,
    files: Arc<MediaStore>,
    set: ProviderSet,
    _folder: tempfile::TempDir,
}

fn name(text: &str) -> Name {
    Name::new(text).expect("a legal name")
}

fn gateway(of: &str) -> GatewayId {
    GatewayId::of(of, &name("demo"), &name("demo"))
}

/// A connection that fetches from the simulator's own host.
fn fetching(source: media::Source) -> Connection {
    Connection::Media {
        source,
        hosts: Vec::new(),
        timeout: Duration::from_secs(5),
    }
}

impl Bench {
    async fn start(tenant_bytes: u64) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let world = World::start().await;
        let ring = Arc::new(Ring::generate(&SystemEntropy));
        let keys = KeyStore::open(
            Arc::new(RealDisk),
            folder.path().join("keys/contacts"),
            ring,
            Arc::new(SystemEntropy),
        );
        let keys = Arc::new(keys.expect("a key file"));
        let config = Config {
            tenant_bytes,
            ..Config::new(folder.path().join("media"), keys, Arc::new(SystemClock))
        };
        let files = Arc::new(MediaStore::open(config).expect("a store"));
        let set = ProviderSet::with_files(Arc::new(SystemClock), files.clone());
        let timeout = Duration::from_secs(5);
        let source = media::Source::Meta(world.meta(timeout));
        let desk = world.address("/glpi/apirest.php");
        let mut desk = glpi::Settings::new(desk, demo::GLPI_USER_TOKEN);
        desk.app_token = Some(demo::GLPI_APP_TOKEN.into());
        desk.create_timeout = Duration::from_millis(1_500);
        let connections = [
            (gateway("media"), fetching(source)),
            (gateway("glpi"), Connection::Glpi(desk)),
        ];
        assert!(set.replace(connections).await.is_empty());
        Self {
            world,
            files,
            set,
            _folder: folder,
        }
    }

    /// A person sends a file; gives it as the webhook names it.
    async fn sent(&self, kind: &str, mime: &str, bytes: Vec<u8>) -> Media {
        let path = format!("/_phone/demo-meta/{PHONE}/files?kind={kind}");
        let sent = reqwest::Client::new()
            .post(self.world.address(&path))
            .header("content-type", mime)
            .body(bytes)
            .send();
        let sent = sent.await.expect("the simulators answer");
        assert!(sent.status().is_success(), "{:?}", sent.text().await);
        let shown = self.world.shown("demo-meta", PHONE).await;
        let content = &shown.last().expect("a message")["content"];
        let text = |key: &str| content[key].as_str().map(Into::into);
        Media {
            kind: MediaKind::Image,
            id: text("id"),
            link: None,
            expires: None,
            mime: mime.into(),
            digest: text("sha256"),
            caption: None,
            file_name: None,
        }
    }

    async fn fetch(&self, media: &Media, attempt: u32) -> Called {
        let call = Call::FetchMedia(Box::new(Fetch {
            tenant: name("demo"),
            media: media.clone(),
        }));
        self.call("media", 1, attempt, &call).await
    }

    async fn kept(&self, mime: &str, bytes: Vec<u8>) -> Kept {
        let media = self.sent("image", mime, bytes).await;
        match self.fetch(&media, 1).await {
            Called::Done(reply) => *reply.kept.expect("what was kept"),
            other => panic!("{other:?}"),
        }
    }

    async fn call(&self, of: &str, index: u16, attempt: u32, call: &Call) -> Called {
        let client = self.set.provider(&gateway(of)).expect("a client");
        let request = Request {
            effect: effect(index),
            attempt: AttemptNo(attempt),
            call,
        };
        client.call(request).await
    }

    fn stored(&self, name: &str) -> Option<Vec<u8>> {
        let reading = self.files.read(CONTACT, name).expect("readable");
        reading.map(|reading| reading.all().expect("whole"))
    }

    /// A list of GLPI's, as somebody else reads it.
    async fn rows(&self, path: &str) -> Vec<Value> {
        let base = self.world.address("/glpi/apirest.php");
        let http = reqwest::Client::new();
        let asked = |path: &str| {
            http.get(format!("{base}/{path}"))
                .header("app-token", demo::GLPI_APP_TOKEN)
        };
        let user = format!("user_token {}", demo::GLPI_USER_TOKEN);
        let session = asked("initSession").header("authorization", user).send();
        let session: Value = session.await.expect("GLPI").json().await.expect("JSON");
        let token = session["session_token"].as_str().expect("a session");
        let rows = asked(path).header("session-token", token).send();
        let rows: Value = rows.await.expect("GLPI").json().await.expect("JSON");
        rows.as_array().cloned().unwrap_or_default()
    }
}

fn effect(index: u16) -> EffectId {
    EffectId::derive(Key::Contact(CONTACT), InSeq(1), IdHash([1; 8]), index)
}

fn jpeg(size: usize) -> Vec<u8> {
    let mut bytes = b"\xff\xd8\xff\xe0".to_vec();
    bytes.resize(size, 7);
    bytes
}

#[tokio::test]
async fn a_fetched_file_is_the_one_that_was_sent() {
    let bench = Bench::start(u64::MAX).await;
    let bytes = jpeg(700_001);
    let kept = bench.kept("image/jpeg; x=y", bytes.clone()).await;
    assert_eq!((kept.size, kept.mime.as_str()), (700_001, "image/jpeg"));
    assert_eq!(bench.stored(&kept.name), Some(bytes));
    // Fetched again after a kill between the file and its record: the same file, the same name.
    let again = bench.kept("image/jpeg", jpeg(700_001)).await;
    assert_eq!(again.name, kept.name);
}

#[tokio::test]
async fn what_breaks_on_the_way_is_not_done_and_comes_with_the_next_try() {
    let bench = Bench::start(u64::MAX).await;
    let media = bench.sent("image", "image/jpeg", jpeg(400_000)).await;
    for (path, kind) in [
        ("/v25.0/", json!({"kind": "error", "status": 500})),
        ("/v25.0/", json!({"kind": "drop"})),
        ("/v25.0/", json!({"kind": "unauthorized"})),
        ("/_media/", json!({"kind": "error", "status": 503})),
        ("/_media/", json!({"kind": "drop"})),
        ("/_media/", json!({"kind": "lose_answer"})),
    ] {
        bench.world.fault("meta", None, path, kind.clone());
        let called = bench.fetch(&media, 1).await;
        assert!(
            matches!(called, Called::NotDone { .. }),
            "{path} {kind}: {called:?}"
        );
    }
    assert!(matches!(bench.fetch(&media, 2).await, Called::Done(_)));
}

#[tokio::test]
async fn a_file_the_provider_does_not_know_is_waited_for_a_while_and_then_lost() {
    let bench = Bench::start(u64::MAX).await;
    let mut media = bench.sent("image", "image/jpeg", jpeg(10)).await;
    media.id = Some("4711".into());
    let early = bench.fetch(&media, 3).await;
    assert!(matches!(early, Called::NotDone { .. }), "{early:?}");
    let late = bench.fetch(&media, 4).await;
    assert!(
        matches!(late, Called::Refused { code: 404, .. }),
        "{late:?}"
    );
}

#[tokio::test]
async fn sixteen_mib_are_taken_and_a_byte_more_is_refused() {
    let bench = Bench::start(u64::MAX).await;
    let most = usize::try_from(FILE_BYTES_MAX).expect("a size");
    let kept = bench.kept("image/jpeg", jpeg(most)).await;
    assert_eq!(kept.size, FILE_BYTES_MAX);
    let media = bench.sent("image", "image/jpeg", jpeg(most + 1)).await;
    let called = bench.fetch(&media, 1).await;
    assert!(
        matches!(called, Called::Refused { code: 413, .. }),
        "{called:?}"
    );
}

#[tokio::test]
async fn a_program_is_refused_whatever_it_is_called() {
    let bench = Bench::start(u64::MAX).await;
    let media = bench
        .sent("image", "image/jpeg", b"MZ\x90\0\x03".to_vec())
        .await;
    let called = bench.fetch(&media, 1).await;
    assert!(
        matches!(called, Called::Refused { code: 415, .. }),
        "{called:?}"
    );
}

#[tokio::test]
async fn other_bytes_than_were_sent_are_never_kept() {
    let bench = Bench::start(u64::MAX).await;
    let first = bench.sent("image", "image/jpeg", jpeg(1_000)).await;
    // Gupshup's fetcher has only the webhook's word; Meta's resolves it and trusts that.
    let path = format!("/_phone/demo-gupshup/{PHONE}/files?kind=image");
    let sent = reqwest::Client::new()
        .post(bench.world.address(&path))
        .header("content-type", "image/jpeg")
        .body(jpeg(2_000))
        .send();
    assert!(sent.await.expect("an answer").status().is_success());
    let shown = bench.world.shown("demo-gupshup", PHONE).await;
    let url = shown[0]["content"]["url"].as_str().expect("an address");
    let mut media = Media {
        id: None,
        link: Some(url.to_owned()),
        ..first
    };
    let source = media::Source::Gupshup(bench.world.gupshup(Duration::from_secs(5)));
    let connections = [(gateway("media"), fetching(source))];
    assert!(bench.set.replace(connections).await.is_empty());
    let called = bench.fetch(&media, 1).await;
    assert!(matches!(called, Called::NotDone { .. }), "{called:?}");
    media.digest = None;
    assert!(matches!(bench.fetch(&media, 1).await, Called::Done(_)));
    media.link = Some(url.replace("127.0.0.1", "127.0.0.2"));
    let elsewhere = bench.fetch(&media, 1).await;
    assert!(
        matches!(elsewhere, Called::Refused { code: 403, .. }),
        "{elsewhere:?}"
    );
}

#[tokio::test]
async fn a_used_up_quota_lets_the_file_wait_at_the_provider() {
    let bench = Bench::start(50_000).await;
    bench.kept("image/jpeg", jpeg(30_000)).await;
    let media = bench.sent("image", "image/jpeg", jpeg(40_000)).await;
    let called = bench.fetch(&media, 1).await;
    assert!(
        matches!(&called, Called::NotDone { reason, counts_against: false, .. }
            if reason.contains("media.tenant_bytes")),
        "{called:?}"
    );
    bench.files.erase(CONTACT).expect("erased");
    assert!(matches!(bench.fetch(&media, 2).await, Called::Done(_)));
}
