//! Files between the simulators and the store, and what is believed when something breaks.

use std::sync::Arc;
use std::time::Duration;

use actors::journal::disk::RealDisk;
use actors::journal::keys::{KeyStore, Ring, SystemEntropy};
use actors::journal::media::{Config, FILE_BYTES_MAX, MediaStore};
use actors::model::{
    AttemptNo, Call, ContactId, EffectId, Fetch, GatewayId, IdHash, InSeq, Kept, Key, Media,
    MediaKind, Name, TicketFile,
};
use actors::ports::{Called, LookedUp, Providers, Request, SystemClock};
use chasqui::providers::{Connection, ProviderSet, glpi, media, meta};
use chasqui::simulators::{Settings, Simulators, demo};
use serde_json::{Value, json};

const PHONE: &str = "51999888777";
const CONTACT: ContactId = ContactId([7; 16]);

struct World {
    simulators: Simulators,
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

impl World {
    async fn start(tenant_bytes: u64) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let listen = "127.0.0.1:0".parse().expect("an address");
        let settings = Settings::demo(listen, folder.path().join("log"));
        let simulators = Simulators::start(settings).await.expect("started");
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
        let host = format!("http://{}", simulators.local_addr());
        let source = media::Source::Meta(meta::Settings {
            base_url: format!("{host}/meta"),
            version: "v25.0".into(),
            phone_number_id: demo::PHONE_NUMBER_ID.into(),
            token: demo::ACCESS_TOKEN.into(),
            timeout: Duration::from_secs(5),
        });
        let mut desk =
            glpi::Settings::new(format!("{host}/glpi/apirest.php"), demo::GLPI_USER_TOKEN);
        desk.app_token = Some(demo::GLPI_APP_TOKEN.into());
        desk.create_timeout = Duration::from_millis(1_500);
        let connections = [
            (gateway("media"), fetching(source)),
            (gateway("glpi"), Connection::Glpi(desk)),
        ];
        assert!(set.replace(connections).await.is_empty());
        Self {
            simulators,
            files,
            set,
            _folder: folder,
        }
    }

    fn fault(&self, provider: &str, path: &str, mut kind: Value) {
        kind["provider"] = provider.into();
        kind["path"] = path.into();
        kind["count"] = 1.into();
        let change = json!({"faults": [kind]});
        self.simulators.control(&change).expect("a known change");
    }

    /// A person sends a file; gives it as the webhook names it.
    async fn sent(&self, kind: &str, mime: &str, bytes: Vec<u8>) -> Media {
        let host = format!("http://{}", self.simulators.local_addr());
        let messages = format!("{host}/_phone/demo-meta/{PHONE}");
        let sent = reqwest::Client::new()
            .post(format!("{messages}/files?kind={kind}"))
            .header("content-type", mime)
            .body(bytes)
            .send();
        let sent = sent.await.expect("the simulators answer");
        assert!(sent.status().is_success(), "{:?}", sent.text().await);
        let shown = reqwest::get(format!("{messages}/messages")).await;
        let shown: Value = shown.expect("an answer").json().await.expect("JSON");
        let last = shown["messages"].as_array().expect("a list").last();
        let content = &last.expect("a message")["content"];
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
        let base = format!("http://{}/glpi/apirest.php", self.simulators.local_addr());
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
    let world = World::start(u64::MAX).await;
    let bytes = jpeg(700_001);
    let kept = world.kept("image/jpeg; x=y", bytes.clone()).await;
    assert_eq!((kept.size, kept.mime.as_str()), (700_001, "image/jpeg"));
    assert_eq!(world.stored(&kept.name), Some(bytes));
    // Fetched again after a kill between the file and its record: the same file, the same name.
    let again = world.kept("image/jpeg", jpeg(700_001)).await;
    assert_eq!(again.name, kept.name);
}

#[tokio::test]
async fn what_breaks_on_the_way_is_not_done_and_comes_with_the_next_try() {
    let world = World::start(u64::MAX).await;
    let media = world.sent("image", "image/jpeg", jpeg(400_000)).await;
    for (path, kind) in [
        ("/v25.0/", json!({"kind": "error", "status": 500})),
        ("/v25.0/", json!({"kind": "drop"})),
        ("/v25.0/", json!({"kind": "unauthorized"})),
        ("/_media/", json!({"kind": "error", "status": 503})),
        ("/_media/", json!({"kind": "drop"})),
        ("/_media/", json!({"kind": "lose_answer"})),
    ] {
        world.fault("meta", path, kind.clone());
        let called = world.fetch(&media, 1).await;
        assert!(
            matches!(called, Called::NotDone { .. }),
            "{path} {kind}: {called:?}"
        );
    }
    assert!(matches!(world.fetch(&media, 2).await, Called::Done(_)));
}

#[tokio::test]
async fn a_file_the_provider_does_not_know_is_waited_for_a_while_and_then_lost() {
    let world = World::start(u64::MAX).await;
    let mut media = world.sent("image", "image/jpeg", jpeg(10)).await;
    media.id = Some("4711".into());
    let early = world.fetch(&media, 3).await;
    assert!(matches!(early, Called::NotDone { .. }), "{early:?}");
    let late = world.fetch(&media, 4).await;
    assert!(
        matches!(late, Called::Refused { code: 404, .. }),
        "{late:?}"
    );
}

#[tokio::test]
async fn sixteen_mib_are_taken_and_a_byte_more_is_refused() {
    let world = World::start(u64::MAX).await;
    let most = usize::try_from(FILE_BYTES_MAX).expect("a size");
    let kept = world.kept("image/jpeg", jpeg(most)).await;
    assert_eq!(kept.size, FILE_BYTES_MAX);
    let media = world.sent("image", "image/jpeg", jpeg(most + 1)).await;
    let called = world.fetch(&media, 1).await;
    assert!(
        matches!(called, Called::Refused { code: 413, .. }),
        "{called:?}"
    );
}

#[tokio::test]
async fn a_program_is_refused_whatever_it_is_called() {
    let world = World::start(u64::MAX).await;
    let media = world
        .sent("image", "image/jpeg", b"MZ\x90\0\x03".to_vec())
        .await;
    let called = world.fetch(&media, 1).await;
    assert!(
        matches!(called, Called::Refused { code: 415, .. }),
        "{called:?}"
    );
}

#[tokio::test]
async fn other_bytes_than_were_sent_are_never_kept() {
    let world = World::start(u64::MAX).await;
    let first = world.sent("image", "image/jpeg", jpeg(1_000)).await;
    // Gupshup's fetcher has only the webhook's word; Meta's resolves it and trusts that.
    let host = format!("http://{}", world.simulators.local_addr());
    let sent = reqwest::Client::new()
        .post(format!(
            "{host}/_phone/demo-gupshup/{PHONE}/files?kind=image"
        ))
        .header("content-type", "image/jpeg")
        .body(jpeg(2_000))
        .send();
    assert!(sent.await.expect("an answer").status().is_success());
    let shown = reqwest::get(format!("{host}/_phone/demo-gupshup/{PHONE}/messages")).await;
    let shown: Value = shown.expect("an answer").json().await.expect("JSON");
    let url = shown["messages"][0]["content"]["url"]
        .as_str()
        .expect("an address");
    let mut media = Media {
        id: None,
        link: Some(url.to_owned()),
        ..first
    };
    let source = media::Source::Gupshup(chasqui::providers::gupshup::Settings {
        base_url: format!("{host}/gupshup"),
        app: "DemoApp".into(),
        app_id: "demo".into(),
        source: "51".into(),
        api_key: "key".into(),
        timeout: Duration::from_secs(5),
    });
    let connections = [(gateway("media"), fetching(source))];
    assert!(world.set.replace(connections).await.is_empty());
    let called = world.fetch(&media, 1).await;
    assert!(matches!(called, Called::NotDone { .. }), "{called:?}");
    media.digest = None;
    assert!(matches!(world.fetch(&media, 1).await, Called::Done(_)));
    media.link = Some(url.replace("127.0.0.1", "127.0.0.2"));
    let elsewhere = world.fetch(&media, 1).await;
    assert!(
        matches!(elsewhere, Called::Refused { code: 403, .. }),
        "{elsewhere:?}"
    );
}

#[tokio::test]
async fn a_used_up_quota_lets_the_file_wait_at_the_provider() {
    let world = World::start(50_000).await;
    world.kept("image/jpeg", jpeg(30_000)).await;
    let media = world.sent("image", "image/jpeg", jpeg(40_000)).await;
    let called = world.fetch(&media, 1).await;
    assert!(
        matches!(&called, Called::NotDone { reason, counts_against: false, .. }
            if reason.contains("media.tenant_bytes")),
        "{called:?}"
    );
    world.files.erase(CONTACT).expect("erased");
    assert!(matches!(world.fetch(&media, 2).await, Called::Done(_)));
}

async fn ticket(world: &World) -> u64 {
    let draft = actors::model::TicketDraft {
        title: "Impresora no imprime".into(),
        description: "no imprime".into(),
        transcript: vec!["hola".into()],
        urgency: 3,
        category: actors::understand::Category::Printing,
        requester_name: "Rosa Quispe".into(),
        requester_area: "Contabilidad".into(),
        phone: None,
        email: None,
    };
    match world
        .call("glpi", 100, 1, &Call::OpenTicket(Box::new(draft)))
        .await
    {
        Called::Done(reply) => reply.id.parse().expect("a number"),
        other => panic!("{other:?}"),
    }
}

fn attach(ticket: u64, kept: &Kept, file_name: &str) -> Call {
    Call::AttachFile(Box::new(TicketFile {
        ticket,
        contact: CONTACT,
        name: kept.name.clone(),
        file_name: file_name.into(),
        mime: kept.mime.clone(),
        note: format!("{file_name} is kept elsewhere"),
    }))
}

#[tokio::test]
async fn a_document_whose_answer_is_lost_is_found_and_not_made_twice() {
    let world = World::start(u64::MAX).await;
    let ticket = ticket(&world).await;
    let kept = world.kept("image/jpeg", jpeg(5_000)).await;
    let path = format!("Ticket/{ticket}/Document_Item");
    for (index, fault) in [
        json!({"kind": "lose_answer"}),
        json!({"kind": "error", "status": 500, "processed": true}),
    ]
    .into_iter()
    .enumerate()
    {
        let number = u16::try_from(index).expect("few") + 10;
        let call = attach(ticket, &kept, "whatsapp-image-0badcafe.jpg");
        world.fault("glpi", "/Document", fault.clone());
        let called = world.call("glpi", number, 1, &call).await;
        assert!(
            matches!(called, Called::Unknown { .. }),
            "{fault}: {called:?}"
        );
        let planned = actors::model::Effect {
            id: effect(number),
            lane: actors::model::Lane::Ticket(ticket),
            priority: actors::model::Priority::Notification,
            class: actors::model::Class::Searchable,
            gateway: None,
            expires: None,
            report: true,
            call: call.clone(),
        };
        let client = world.set.provider(&gateway("glpi")).expect("a client");
        let looked = client.look_up(&planned).await;
        assert!(matches!(looked, LookedUp::Found(_)), "{fault}: {looked:?}");
        let again = world.call("glpi", number, 2, &call).await;
        assert!(matches!(again, Called::Done(_)), "{fault}: {again:?}");
        assert_eq!(world.rows(&path).await.len(), index + 1, "{fault}");
    }
}

#[tokio::test]
async fn a_kind_that_glpi_does_not_take_leaves_one_note_and_no_document() {
    let world = World::start(u64::MAX).await;
    let ticket = ticket(&world).await;
    let kept = world
        .kept("video/mp4", b"\0\0\0\x18ftypmp42film".to_vec())
        .await;
    let call = attach(ticket, &kept, "whatsapp-video-0badcafe.mp4");
    // The note's answer is lost once: it is found, not written twice.
    world.fault(
        "glpi",
        "/ITILFollowup",
        json!({"kind": "lose_answer", "method": "POST"}),
    );
    let first = world.call("glpi", 20, 1, &call).await;
    assert!(matches!(first, Called::Unknown { .. }), "{first:?}");
    for attempt in [2, 3] {
        let called = world.call("glpi", 20, attempt, &call).await;
        assert!(
            matches!(called, Called::Refused { code: 415, .. }),
            "{called:?}"
        );
    }
    let notes = world.rows(&format!("Ticket/{ticket}/ITILFollowup")).await;
    assert_eq!(notes.len(), 1);
    let content = notes[0]["content"].as_str().expect("text");
    assert!(content.contains("is kept elsewhere"), "{content}");
    let documents = world.rows(&format!("Ticket/{ticket}/Document_Item")).await;
    assert!(documents.is_empty(), "{documents:?}");
}

#[tokio::test]
async fn a_file_no_longer_kept_goes_onto_no_ticket() {
    let world = World::start(u64::MAX).await;
    let ticket = ticket(&world).await;
    let kept = world.kept("image/jpeg", jpeg(100)).await;
    world.files.erase(CONTACT).expect("erased");
    let call = attach(ticket, &kept, "whatsapp-image-0badcafe.jpg");
    let called = world.call("glpi", 30, 1, &call).await;
    assert!(
        matches!(called, Called::Refused { code: 404, .. }),
        "{called:?}"
    );
}
