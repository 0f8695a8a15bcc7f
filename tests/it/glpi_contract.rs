//! What the client relies on in a GLPI, on whichever GLPI the environment names.
//!
//! `CHASQUI_GLPI_URL`, `CHASQUI_GLPI_APP_TOKEN` and `CHASQUI_GLPI_USER_TOKEN` name a real one, on
//! which tickets and users are left behind; `CHASQUI_GLPI_TECHNICIAN` is the id of a user other than
//! the integration user (4, the shipped `tech`, when absent). Without them every test starts a
//! simulator of its own. Tests of what only a simulator can be told to do stand in `faults` and
//! `check`.

mod changes;
mod check;
mod effects;
mod faults;
mod life;
mod linking;
mod own;
mod people;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actors::model::{
    AttemptNo, Call, Class, ContactId, Effect, EffectId, IdHash, InSeq, Key, Lane, Phone, Priority,
    TicketDraft,
};
use actors::ports::{Called, Provider, Request, SystemClock};
use chasqui::providers::glpi::{Author, Client, FollowUp, Settings as Connection, Then};
use chasqui::simulators::demo;
use serde_json::{Value, json};

use crate::world::World;

const FIRST: AttemptNo = AttemptNo(1);
const SECOND: AttemptNo = AttemptNo(2);
const PDF: &[u8] = b"%PDF-1.4 a guide for the person";

/// A GLPI to speak to.
pub struct Bench {
    url: String,
    app_token: String,
    user_token: String,
    technician: u32,
    world: Option<World>,
}

impl Bench {
    /// The GLPI of the environment, or a simulator.
    pub async fn start() -> Self {
        let named = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        let Some(url) = named("CHASQUI_GLPI_URL") else {
            return Self::simulated().await;
        };
        let technician = named("CHASQUI_GLPI_TECHNICIAN");
        Self {
            url,
            app_token: named("CHASQUI_GLPI_APP_TOKEN").unwrap_or_default(),
            user_token: named("CHASQUI_GLPI_USER_TOKEN").expect("CHASQUI_GLPI_USER_TOKEN"),
            technician: technician.map_or(4, |id| id.parse().expect("an id")),
            world: None,
        }
    }

    /// A simulator, for what no real GLPI can be told to do.
    pub async fn simulated() -> Self {
        let world = World::start().await;
        Self {
            url: world.address("/glpi/apirest.php"),
            app_token: demo::GLPI_APP_TOKEN.to_owned(),
            user_token: demo::GLPI_USER_TOKEN.to_owned(),
            technician: 4,
            world: Some(world),
        }
    }

    pub fn client(&self) -> Client {
        self.client_with(|_| {})
    }

    pub fn client_with(&self, change: impl FnOnce(&mut Connection)) -> Client {
        let mut settings = Connection::new(self.url.clone(), self.user_token.as_str());
        if !self.app_token.is_empty() {
            settings.app_token = Some(self.app_token.as_str().into());
        }
        change(&mut settings);
        Client::new(settings, Arc::new(SystemClock)).expect("usable settings")
    }

    /// The simulators that were started.
    pub fn world(&self) -> &World {
        self.world.as_ref().expect("a simulator")
    }

    /// Changes the simulated installation.
    pub fn house(&self, change: Value) {
        let change = json!({"glpi": {demo::GLPI_APP_TOKEN: change}});
        self.world().control(change);
    }

    /// The next request of this kind meets a fault.
    pub fn fault(&self, method: &str, path: &str, kind: Value) {
        self.world().fault("glpi", Some(method), path, kind);
    }

    /// A request as somebody else makes it, without the client under test.
    pub async fn raw(&self, method: &str, path: &str, body: Value) -> Value {
        self.ask(method, path, Sent::Json(body)).await
    }

    async fn ask(&self, method: &str, path: &str, body: Sent<'_>) -> Value {
        let http = reqwest::Client::builder()
            .no_proxy()
            .build()
            .expect("a client");
        let request = |method: &str, path: &str| {
            let method = reqwest::Method::from_bytes(method.as_bytes()).expect("a method");
            let request = http.request(method, format!("{}/{path}", self.url));
            match self.app_token.as_str() {
                "" => request,
                token => request.header("app-token", token),
            }
        };
        let token = format!("user_token {}", self.user_token);
        let session = request("GET", "initSession").header("authorization", token);
        let session: Value = answer(session).await;
        let token = session["session_token"]
            .as_str()
            .expect("a session")
            .to_owned();
        let request = request(method, path).header("session-token", token);
        let request = match body {
            Sent::Json(Value::Null) => request,
            Sent::Json(body) => request.json(&body),
            Sent::File(file) => request
                .header("content-type", "multipart/form-data; boundary=b")
                .body(file.form()),
        };
        answer(request).await
    }

    /// A technician writes, in public or not.
    pub async fn technician_says(&self, ticket: u32, text: &str, private: bool) -> u32 {
        let input = json!({
            "itemtype": "Ticket", "items_id": ticket, "content": format!("<p>{text}</p>"),
            "is_private": u8::from(private), "users_id": self.technician,
        });
        let made = self
            .raw("POST", "ITILFollowup", json!({"input": input}))
            .await;
        made["id"].as_u64().expect("an id") as u32
    }

    /// A technician writes with a file.
    pub async fn technician_attaches(&self, ticket: u32, name: &str, private: bool) -> u32 {
        let input = json!({
            "itemtype": "Ticket", "items_id": ticket, "content": format!("<p>{name}</p>"),
            "is_private": u8::from(private), "users_id": self.technician,
        });
        let file = Attached {
            manifest: json!({ "input": input }),
            name,
            bytes: PDF,
        };
        let made = self.ask("POST", "ITILFollowup", Sent::File(file)).await;
        made["id"].as_u64().expect("an id") as u32
    }

    /// A column of a ticket.
    pub async fn column(&self, ticket: u32, name: &str) -> Value {
        let row = self
            .raw("GET", &format!("Ticket/{ticket}"), Value::Null)
            .await;
        row[name].clone()
    }

    pub async fn status(&self, ticket: u32) -> u64 {
        self.column(ticket, "status")
            .await
            .as_u64()
            .expect("a number")
    }
}

/// What a raw request carries.
enum Sent<'a> {
    Json(Value),
    File(Attached<'a>),
}

/// A form with a manifest and a file.
struct Attached<'a> {
    manifest: Value,
    name: &'a str,
    bytes: &'a [u8],
}

impl Attached<'_> {
    fn form(&self) -> Vec<u8> {
        let Self { manifest, name, .. } = self;
        let mut form = format!(
            "--b\r\ncontent-disposition: form-data; name=\"uploadManifest\"\r\n\r\n{manifest}\r\n\
             --b\r\ncontent-disposition: form-data; name=\"filename[0]\"; filename=\"{name}\"\r\n\
             content-type: application/pdf\r\n\r\n"
        )
        .into_bytes();
        form.extend_from_slice(self.bytes);
        form.extend_from_slice(b"\r\n--b--\r\n");
        form
    }
}

async fn answer(request: reqwest::RequestBuilder) -> Value {
    let answer = request.send().await.expect("an answer");
    answer.json().await.expect("JSON")
}

/// A number nobody else in this run, or an earlier one, has.
fn unique() -> u64 {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    now.as_micros() as u64 * 64 + COUNT.fetch_add(1, Ordering::Relaxed) % 64
}

fn effect() -> EffectId {
    let mut contact = [7; 16];
    contact[..8].copy_from_slice(&unique().to_le_bytes());
    let key = Key::Contact(ContactId(contact));
    EffectId::derive(key, InSeq(1), IdHash([1; 8]), 0)
}

fn phone() -> Phone {
    let digits = format!("{:09}", unique() % 1_000_000_000);
    Phone::parse(&format!("519{}", &digits[1..])).expect("valid")
}

/// A ticket of a new person's: its id and the person's.
async fn opened(client: &Client, title: &str) -> (u32, u32) {
    let phone = phone();
    let id = opened_by(client, &phone, title).await;
    let user = client
        .find_requester(Some(&phone), None)
        .await
        .expect("an answer");
    (id, user.expect("the registered person"))
}

/// One attempt at an effect.
async fn call_as(client: &Client, effect: EffectId, attempt: AttemptNo, call: &Call) -> Called {
    let request = Request {
        effect,
        attempt,
        call,
    };
    client.call(request).await
}

/// The effect of which a call is an attempt, as it is looked up.
fn planned(id: EffectId, call: Call) -> Effect {
    Effect {
        id,
        lane: Lane::Free,
        priority: Priority::Reply,
        class: Class::Searchable,
        gateway: None,
        expires: None,
        report: true,
        call,
    }
}

/// A ticket of the person with this phone.
async fn opened_by(client: &Client, phone: &Phone, title: &str) -> u32 {
    let call = Call::OpenTicket(Box::new(TicketDraft {
        title: title.into(),
        description: "La impresora <HP> no imprime & parpadea".into(),
        transcript: vec!["hola".into()],
        urgency: 4,
        category: actors::understand::Category::default(),
        requester_name: "Rosa Quispe".into(),
        requester_area: "Contabilidad".into(),
        phone: Some(phone.clone()),
        email: None,
    }));
    done(call_as(client, effect(), FIRST, &call).await)
}

fn word(ticket: u32, text: &str, then: Then) -> FollowUp {
    FollowUp {
        ticket,
        text: text.into(),
        author: Author::Requester,
        file: None,
        then,
    }
}

fn done(called: Called) -> u32 {
    match called {
        Called::Done(made) => made.id.parse().expect("an id"),
        other => panic!("not done: {other:?}"),
    }
}

fn refusal(called: Called) -> String {
    match called {
        Called::Refused { reason, .. } => reason,
        other => panic!("not refused: {other:?}"),
    }
}

/// Dates have whole seconds; what must not share one waits for the next.
async fn next_second() {
    tokio::time::sleep(Duration::from_millis(1_050)).await;
}
