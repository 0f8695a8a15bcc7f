//! A bench for one test: simulators with the demo world, a receiver for their webhooks, and
//! verbs for what clients do. Waits are for conditions; a condition that never holds fails
//! the test after ten seconds.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use chasqui::simulators::{Settings, Simulators, demo};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::Notify;

pub const PATIENCE: Duration = Duration::from_secs(10);

pub struct Bench {
    pub sims: Simulators,
    pub http: reqwest::Client,
    pub inbox: Inbox,
    _dir: TempDir,
}

impl Bench {
    /// The demo world with quick statuses and a receiver that answers 200.
    pub async fn start() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut settings = Settings::demo(listen, dir.path().to_owned());
        let inbox = Inbox::start().await;
        let channel = &mut settings.channels[0];
        channel.callback_url = Some(inbox.url.clone());
        channel.statuses.sent_ms = 5;
        channel.statuses.delivered_ms = 10;
        channel.statuses.read_ms = 15;
        channel.statuses.read_probability = 1.0;
        channel.webhooks.retry_ms = 20;
        let sims = Simulators::start(settings).await.expect("simulators start");
        let http = reqwest::Client::builder()
            .no_proxy()
            .build()
            .expect("a client");
        Self {
            sims,
            http,
            inbox,
            _dir: dir,
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.sims.local_addr())
    }

    pub fn control(&self, change: Value) {
        self.sims.control(&change).expect("a valid change");
    }

    /// Changes settings of the demo channel.
    pub fn channel(&self, change: Value) {
        self.control(json!({"meta": {demo::CHANNEL: change}}));
    }

    pub async fn get(&self, path: &str) -> Value {
        let answer = self
            .http
            .get(self.url(path))
            .send()
            .await
            .expect("an answer");
        answer.json().await.expect("json")
    }

    /// Calls the Cloud API for the demo number.
    pub async fn send(&self, body: Value) -> (u16, Value) {
        let url = self.url(&format!("/meta/v23.0/{}/messages", demo::PHONE_NUMBER_ID));
        let answer = self
            .http
            .post(url)
            .bearer_auth(demo::ACCESS_TOKEN)
            .json(&body)
            .send()
            .await;
        let answer = answer.expect("an answer");
        (answer.status().as_u16(), answer.json().await.expect("json"))
    }

    pub async fn send_text(&self, to: &str, text: &str) -> (u16, Value) {
        self.send(text_to(to, text)).await
    }

    /// A person types on their phone.
    pub async fn types(&self, wa_id: &str, body: Value) -> (u16, Value) {
        let url = self.url(&format!("/_phone/{}/{wa_id}/messages", demo::CHANNEL));
        let answer = self
            .http
            .post(url)
            .json(&body)
            .send()
            .await
            .expect("an answer");
        (answer.status().as_u16(), answer.json().await.expect("json"))
    }

    pub async fn conversation(&self, wa_id: &str) -> Vec<Value> {
        let path = format!("/_phone/{}/{wa_id}/messages", demo::CHANNEL);
        self.get(&path).await["messages"]
            .as_array()
            .cloned()
            .expect("messages")
    }

    pub async fn log(&self, query: &str) -> Vec<Value> {
        let answer = self
            .http
            .get(self.url(&format!("/_log{query}")))
            .send()
            .await
            .expect("an answer");
        let text = answer.text().await.expect("text");
        text.lines()
            .map(|line| serde_json::from_str(line).expect("a JSON line"))
            .collect()
    }

    /// A GLPI session of the connector.
    pub async fn glpi(&self) -> GlpiClient {
        self.glpi_with("user_token demo-user-token").await
    }

    pub async fn glpi_with(&self, authorization: &str) -> GlpiClient {
        let url = self.url("/glpi/apirest.php");
        let request = self
            .http
            .get(format!("{url}/initSession"))
            .header("App-Token", demo::GLPI_APP_TOKEN);
        let answer = request
            .header("Authorization", authorization)
            .send()
            .await
            .expect("an answer");
        let body: Value = answer.json().await.expect("json");
        let token = body["session_token"]
            .as_str()
            .expect("a session")
            .to_owned();
        GlpiClient {
            http: self.http.clone(),
            url,
            token,
        }
    }
}

pub fn text_to(to: &str, text: &str) -> Value {
    json!({"messaging_product": "whatsapp", "to": to, "type": "text", "text": {"body": text}})
}

/// An answer of GLPI.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub fn id(&self) -> i64 {
        self.body["id"]
            .as_i64()
            .unwrap_or_else(|| panic!("no id in {self:?}"))
    }
}

pub struct GlpiClient {
    pub http: reqwest::Client,
    pub url: String,
    pub token: String,
}

impl GlpiClient {
    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let method = method.parse().expect("a method");
        let request = self.http.request(method, format!("{}/{path}", self.url));
        request
            .header("App-Token", demo::GLPI_APP_TOKEN)
            .header("Session-Token", &self.token)
    }

    pub async fn finish(&self, request: reqwest::RequestBuilder) -> Answer {
        let answer = request.send().await.expect("an answer");
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let text = answer.text().await.expect("text");
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Answer {
            status,
            headers,
            body,
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.finish(self.request("GET", path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.finish(self.request("POST", path).json(&body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.finish(self.request("PUT", path).json(&body)).await
    }

    pub async fn delete(&self, path: &str, body: Value) -> Answer {
        self.finish(self.request("DELETE", path).json(&body)).await
    }

    pub async fn ticket(&self, fields: Value) -> i64 {
        let answer = self.post("Ticket", json!({"input": fields})).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.id()
    }

    pub async fn status_of(&self, ticket: i64) -> i64 {
        self.get(&format!("Ticket/{ticket}")).await.body["status"]
            .as_i64()
            .expect("a status")
    }
}

/// A webhook receiver that keeps what it gets and answers as told.
#[derive(Clone)]
pub struct Inbox {
    pub url: String,
    state: Arc<InboxState>,
}

#[derive(Default)]
struct InboxState {
    posts: Mutex<Vec<Post>>,
    answers: Mutex<VecDeque<StatusCode>>,
    changed: Notify,
}

#[derive(Clone, Debug)]
pub struct Post {
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Post {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("json")
    }

    fn elements(&self, name: &str) -> Vec<Value> {
        let json = self.json();
        let entries = json["entry"].as_array().cloned().unwrap_or_default();
        let changes = entries
            .iter()
            .flat_map(|entry| entry["changes"].as_array().cloned().unwrap_or_default());
        changes
            .flat_map(|change| {
                change["value"][name]
                    .as_array()
                    .cloned()
                    .unwrap_or_default()
            })
            .collect()
    }
}

impl Inbox {
    pub async fn start() -> Self {
        let state = Arc::new(InboxState::default());
        let receive =
            async |State(state): State<Arc<InboxState>>, headers: HeaderMap, body: Bytes| {
                state
                    .posts
                    .lock()
                    .expect("unpoisoned")
                    .push(Post { headers, body });
                let answer = state.answers.lock().expect("unpoisoned").pop_front();
                state.changed.notify_waiters();
                answer.unwrap_or(StatusCode::OK)
            };
        let verify = async |Query(query): Query<std::collections::HashMap<String, String>>| {
            let agrees = query
                .get("hub.verify_token")
                .is_some_and(|token| token == demo::VERIFY_TOKEN);
            let challenge = query.get("hub.challenge").cloned().unwrap_or_default();
            if agrees {
                (StatusCode::OK, challenge)
            } else {
                (StatusCode::FORBIDDEN, String::new())
            }
        };
        let app = Router::new()
            .route("/hook", get(verify).post(receive))
            .with_state(state.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, state }
    }

    /// The next answers; 200 from then on.
    pub fn answer(&self, statuses: &[u16]) {
        let statuses = statuses
            .iter()
            .map(|status| StatusCode::from_u16(*status).expect("a status"));
        self.state
            .answers
            .lock()
            .expect("unpoisoned")
            .extend(statuses);
    }

    pub fn posts(&self) -> Vec<Post> {
        self.state.posts.lock().expect("unpoisoned").clone()
    }

    pub fn statuses(&self) -> Vec<Value> {
        self.posts()
            .iter()
            .flat_map(|post| post.elements("statuses"))
            .collect()
    }

    pub fn messages(&self) -> Vec<Value> {
        self.posts()
            .iter()
            .flat_map(|post| post.elements("messages"))
            .collect()
    }

    /// Waits until the receiver holds what the condition asks for.
    pub async fn until<T>(&self, mut condition: impl FnMut(&Self) -> Option<T>) -> T {
        let wait = async {
            loop {
                let changed = self.state.changed.notified();
                tokio::pin!(changed);
                changed.as_mut().enable();
                if let Some(found) = condition(self) {
                    return found;
                }
                changed.await;
            }
        };
        match tokio::time::timeout(PATIENCE, wait).await {
            Ok(found) => found,
            Err(_) => panic!("the receiver never got it; it has {:?}", self.posts()),
        }
    }

    /// Waits for a status of a message.
    pub async fn status(&self, id: &str, status: &str) -> Value {
        self.until(|inbox| {
            inbox
                .statuses()
                .into_iter()
                .find(|found| found["id"] == id && found["status"] == status)
        })
        .await
    }
}

/// Polls a condition that nothing announces.
pub async fn eventually<T>(mut condition: impl AsyncFnMut() -> Option<T>) -> T {
    let wait = async {
        loop {
            if let Some(found) = condition().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, wait)
        .await
        .expect("the condition never held")
}
