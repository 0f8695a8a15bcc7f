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
use chasqui::providers::{Connection, ProviderSet, gupshup, media, meta};
use chasqui::simulators::{Settings, Simulators, demo};
use serde_json::{Value, json};

const PHONE: &str = "51999888777";
const CONTACT: ContactId = ContactId([7; 16]);

struct Bench {
    simulators: Simulators,
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
        let listen = "127.0.0.1:0".parse().expect("an address");
        let settings = Settings::demo(listen, folder.path().join("log"));
        let simulators = Simulators::start(settings).await.expect("started");
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
        let host = format!("http://{}", simulators.local_addr());
        let timeout = Duration::from_millis(1_500);
        let meta = meta::Settings {
            base_url: format!("{host}/meta"),
            version: "v25.0".into(),
            phone_number_id: demo::PHONE_NUMBER_ID.into(),
            token: demo::ACCESS_TOKEN.into(),
            timeout,
        };
        let gupshup = gupshup::Settings {
            base_url: format!("{host}/gupshup"),
            app: demo::GUPSHUP_APP.into(),
            app_id: demo::GUPSHUP_APP_ID.into(),
            source: demo::GUPSHUP_SOURCE.into(),
            api_key: demo::GUPSHUP_API_KEY.into(),
            timeout,
        };
        let connections = [
            (gateway("meta"), Connection::Meta(meta)),
            (gateway("gupshup"), Connection::Gupshup(gupshup)),
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
            simulators,
            set,
            file,
            _folder: folder,
        }
    }

    fn fault(&self, provider: &str, path: &str, mut kind: Value) {
        kind["provider"] = provider.into();
        kind["path"] = path.into();
        kind["method"] = "POST".into();
        kind["count"] = 1.into();
        let change = json!({"faults": [kind]});
        self.simulators.control(&change).expect("a known change");
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

    async fn shown(&self, channel: &str) -> Vec<Value> {
        let host = self.simulators.local_addr();
        let messages = format!("http://{host}/_phone/{channel}/{PHONE}/messages");
        let shown = reqwest::get(messages).await.expect("an answer");
        let shown: Value = shown.json().await.expect("JSON");
        shown["messages"].as_array().expect("a list").clone()
    }
}

#[tokio::test]
async fn an_upload_that_breaks_is_surely_not_sent_and_may_be_tried_again() {
    let bench = Bench::start(None).await;
    for broken in [
        json!({"kind": "error", "status": 503}),
        json!({"kind": "lose_answer"}),
    ] {
        bench.fault("meta", "/media", broken.clone());
        let called = bench.sends("meta", bench.file.clone()).await;
        assert!(
            matches!(called, Called::NotDone { .. }),
            "{broken}: {called:?}"
        );
        assert!(bench.shown("demo-meta").await.is_empty());
    }
    let called = bench.sends("meta", bench.file.clone()).await;
    assert!(matches!(called, Called::Done(_)), "{called:?}");
    assert_eq!(bench.shown("demo-meta").await.len(), 1);
}

#[tokio::test]
async fn a_message_whose_answer_was_lost_after_the_upload_is_in_doubt() {
    let bench = Bench::start(None).await;
    bench.fault("meta", "/messages", json!({"kind": "lose_answer"}));
    let called = bench.sends("meta", bench.file.clone()).await;
    assert!(matches!(called, Called::Unknown { .. }), "{called:?}");
    assert_eq!(bench.shown("demo-meta").await.len(), 1, "it had arrived");
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
    assert!(bench.shown("demo-meta").await.is_empty());
}

#[tokio::test]
async fn without_a_public_address_gupshup_gets_no_file_and_the_reason_names_the_setting() {
    let bench = Bench::start(None).await;
    let Called::Refused { reason, .. } = bench.sends("gupshup", bench.file.clone()).await else {
        panic!("not refused");
    };
    assert!(reason.contains("server.public_url"), "{reason}");
    assert!(bench.shown("demo-gupshup").await.is_empty());
}

#[tokio::test]
async fn an_address_that_gupshup_cannot_fetch_fails_by_an_event() {
    // Nobody listens there.
    let bench = Bench::start(Some("http://127.0.0.1:9")).await;
    let called = bench.sends("gupshup", bench.file.clone()).await;
    assert!(matches!(called, Called::Done(_)), "accepted: {called:?}");
    let until = tokio::time::Instant::now() + Duration::from_secs(10);
    loop {
        let shown = bench.shown("demo-gupshup").await;
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
