//! The client of one GLPI connection.
//!
//! One private function sends ([`Client::once`]); everything else asks through [`Client::ask`],
//! which adds the shared session and renews it once when GLPI no longer knows it.

use std::sync::Arc;
use std::time::Duration;

use actors::ports::Clock;
use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{Method, StatusCode, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::{Mutex, Semaphore};

use super::desk::UserPhones;
use super::fault::Fault;
use super::session::{Session, Sessions};
use super::wire;
use crate::config::Secret;
use crate::providers::transport::{BadSettings, Transport, base_url, below, secret_header};

const ADDRESS_FORM: &str =
    "http(s)://host/…/apirest.php (or …/api.php/v1) without trailing slash or query";

const APP_TOKEN: HeaderName = HeaderName::from_static("app-token");
const SESSION_TOKEN: HeaderName = HeaderName::from_static("session-token");
const SANITIZED_CONTENT: HeaderName = HeaderName::from_static("x-glpi-sanitized-content");

/// What a GLPI connection needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Address of the REST API, for example `https://host/glpi/apirest.php`.
    pub base_url: String,
    /// Token of the API client, when it has one.
    pub app_token: Option<Secret>,
    /// API token of the dedicated integration user.
    pub user_token: Secret,
    /// Entity of tickets whose requester has no usable default entity, and of new requesters.
    pub fallback_entity: u32,
    /// Digits to put before numbers that GLPI holds without country code, for example `51`; without
    /// it such numbers are not compared, because two countries may share one national number.
    pub country_code: Option<String>,
    /// Profile given to new requesters in the fallback entity; GLPI's default rules when `None`.
    pub requester_profile: Option<u32>,
    /// Request source of new tickets (`RequestType`), for example one called WhatsApp.
    pub request_source: Option<u32>,
    /// Type of new tickets: 1 incident, 2 request.
    pub ticket_type: u8,
    /// Requests in flight at the same time.
    pub concurrency: usize,
    /// Time for one request that reads, logs in or registers a requester.
    pub read_timeout: Duration,
    /// Time for one request that opens or changes a ticket.
    pub create_timeout: Duration,
}

impl Settings {
    /// A connection with the usual limits: 4 requests at a time, 3.5 s for reads and 30 s for
    /// creating a ticket.
    pub fn new(base_url: impl Into<String>, user_token: impl Into<Secret>) -> Self {
        Self {
            base_url: base_url.into(),
            app_token: None,
            user_token: user_token.into(),
            fallback_entity: 0,
            country_code: None,
            requester_profile: None,
            request_source: None,
            ticket_type: 1,
            concurrency: 4,
            read_timeout: Duration::from_millis(3500),
            create_timeout: Duration::from_secs(30),
        }
    }
}

/// Speaks to one GLPI as one integration user.
pub struct Client {
    transport: Transport,
    base: Url,
    app_token: Option<HeaderValue>,
    user_token: HeaderValue,
    pub(super) sessions: Sessions,
    in_flight: Semaphore,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) settings: Settings,
    pub(super) phones: UserPhones,
    /// Held while a number is joined to a user.
    pub(super) linking: Mutex<()>,
}

/// What a request carries.
#[derive(Clone)]
pub(super) enum Body {
    Json(Vec<u8>),
    /// A multipart form.
    Form {
        boundary: String,
        bytes: Vec<u8>,
    },
}

/// One request.
pub(super) struct Question<'a> {
    pub method: Method,
    pub path: &'a [&'a str],
    pub query: Option<&'a str>,
    pub body: Option<Body>,
    pub timeout: Duration,
    /// What the integration user does with it, as an error tells it.
    pub what: &'static str,
}

impl Client {
    /// Idle connections are dropped after this: Apache closes them after 5 s by default.
    pub(in crate::providers) const IDLE: Duration = Duration::from_secs(4);

    /// A client with a transport of its own.
    pub fn new(settings: Settings, clock: Arc<dyn Clock>) -> Result<Self, BadSettings> {
        let base = address(&settings.base_url)?;
        Self::over(Transport::new(&base, Self::IDLE)?, settings, clock)
    }

    /// A client over `transport`, which must be for the scheme of the base address.
    pub fn over(
        transport: Transport,
        settings: Settings,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, BadSettings> {
        let token = |field, secret: &Secret, prefix| {
            let expected = "printable ASCII, not empty";
            let error = BadSettings::Field { field, expected };
            if secret.expose().is_empty() {
                return Err(error);
            }
            secret_header(prefix, secret).map_err(|_| error)
        };
        let app_token = settings.app_token.as_ref();
        let code = settings.country_code.as_deref().unwrap_or("1");
        if !(1..=3).contains(&code.len()) || !code.bytes().all(|b| b.is_ascii_digit()) {
            return Err(BadSettings::Field {
                field: "country_code",
                expected: "1 to 3 digits",
            });
        }
        Ok(Self {
            transport,
            base: address(&settings.base_url)?,
            app_token: app_token.map(|t| token("app_token", t, "")).transpose()?,
            user_token: token("user_token", &settings.user_token, "user_token ")?,
            sessions: Sessions::default(),
            in_flight: Semaphore::new(settings.concurrency.max(1)),
            clock,
            settings,
            phones: UserPhones::default(),
            linking: Mutex::default(),
        })
    }

    /// GLPI's version, for health.
    pub async fn version(&self) -> Result<String, Fault> {
        let config: wire::Config = self
            .get(&["getGlpiConfig"], "read the configuration")
            .await?;
        Ok(config.cfg_glpi.version)
    }

    /// Ends the session, when there is one. For shutdown; a later request opens a new one.
    pub async fn close(&self) {
        let Some(session) = self.sessions.take().await else {
            return;
        };
        let kill = self.reading(&["killSession"], "end its session");
        if let Err(fault) = self.once(&kill, Some(&session)).await {
            tracing::debug!(%fault, "a GLPI session was left to expire");
        }
    }

    pub(super) async fn session(&self) -> Result<Arc<Session>, Fault> {
        self.sessions.get(self).await
    }

    /// A GET that reads.
    pub(super) fn reading<'a>(&self, path: &'a [&'a str], what: &'static str) -> Question<'a> {
        Question {
            method: Method::GET,
            path,
            query: None,
            body: None,
            timeout: self.settings.read_timeout,
            what,
        }
    }

    /// Reads an item.
    pub(super) async fn get<T>(&self, path: &[&str], what: &'static str) -> Result<T, Fault>
    where
        T: DeserializeOwned,
    {
        shaped(self.ask(&self.reading(path, what)).await?)
    }

    /// Searches; the criteria travel in the body.
    pub(super) async fn search(
        &self,
        item: &str,
        search: &wire::Search<'_>,
        what: &'static str,
    ) -> Result<Vec<wire::Row>, Fault> {
        let path = ["search", item];
        let question = Question {
            method: Method::POST,
            body: Some(Body::Json(encode(search))),
            ..self.reading(&path, what)
        };
        let found: wire::Found = shaped(self.ask(&question).await?)?;
        Ok(found.data)
    }

    /// Creates an item and returns its id.
    pub(super) async fn create(
        &self,
        item: &str,
        input: impl Serialize,
        timeout: Duration,
        what: &'static str,
    ) -> Result<u32, Fault> {
        let path = [item];
        let question = Question {
            method: Method::POST,
            body: Some(Body::Json(encode(&wire::Input { input }))),
            timeout,
            ..self.reading(&path, what)
        };
        let created: wire::Item = shaped(self.ask(&question).await?)?;
        wire::created(&created.id, what)
    }

    /// Asks in the shared session; when GLPI no longer knows it, once more in a new one.
    pub(super) async fn ask(&self, question: &Question<'_>) -> Result<Value, Fault> {
        let session = self.sessions.get(self).await?;
        match self.once(question, Some(&session)).await {
            Err(fault) if unknown_session(&fault) => {
                let session = self.sessions.renew(self, &session).await?;
                self.once(question, Some(&session)).await
            }
            answered => answered,
        }
    }

    /// The address of the REST API.
    pub(super) const fn base(&self) -> &Url {
        &self.base
    }

    pub(super) const fn transport(&self) -> &Transport {
        &self.transport
    }

    /// A request in a session whose answer is not JSON.
    pub(super) fn authorized(
        &self,
        method: Method,
        url: Url,
        timeout: Duration,
        session: &Session,
    ) -> reqwest::RequestBuilder {
        let request = self.transport.request(method, url, timeout);
        let request = request.header(SESSION_TOKEN, session.token.clone());
        match &self.app_token {
            Some(token) => request.header(APP_TOKEN, token.clone()),
            None => request,
        }
    }

    /// Sends one request and reads its answer as JSON without error.
    pub(super) async fn once(
        &self,
        question: &Question<'_>,
        session: Option<&Session>,
    ) -> Result<Value, Fault> {
        let mut url = below(&self.base, question.path);
        url.set_query(question.query);
        let request = self
            .transport
            .request(question.method.clone(), url, question.timeout);
        let mut request = request.header(SANITIZED_CONTENT, "false");
        request = match session {
            Some(session) => request.header(SESSION_TOKEN, session.token.clone()),
            None => request.header(reqwest::header::AUTHORIZATION, self.user_token.clone()),
        };
        if let Some(token) = &self.app_token {
            request = request.header(APP_TOKEN, token.clone());
        }
        request = match &question.body {
            None => request,
            Some(Body::Json(bytes)) => request
                .header(CONTENT_TYPE, "application/json")
                .body(bytes.clone()),
            Some(Body::Form { boundary, bytes }) => {
                let kind = format!("multipart/form-data; boundary={boundary}");
                request.header(CONTENT_TYPE, kind).body(bytes.clone())
            }
        };
        let _permit = self
            .in_flight
            .acquire()
            .await
            .expect("the semaphore is never closed");
        let answer = self.transport.exchange(request).await?;
        let status = answer.status.as_u16();
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            return Err(Fault::Busy {
                retry_after: answer.retry_after,
            });
        }
        let value: Value =
            serde_json::from_slice(&answer.body).map_err(|_| Fault::Page { status })?;
        match wire::error_code(&value) {
            Some(code) => Err(Fault::coded(status, code, question.what)),
            None if answer.status.is_success() => Ok(value),
            None => Err(Fault::Page { status }),
        }
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("glpi::Client")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// Checks the address of a REST API.
pub(in crate::providers) fn address(text: &str) -> Result<Url, BadSettings> {
    let url = base_url(text, ADDRESS_FORM)?;
    let path = url.path();
    // GLPI 10.0.7 answers 403 to an empty segment.
    let usable = ["/apirest.php", "/api.php/v1", "/api"]
        .iter()
        .any(|end| path.ends_with(end))
        && !path.contains("//");
    if usable {
        Ok(url)
    } else {
        Err(BadSettings::Address {
            expected: ADDRESS_FORM,
        })
    }
}

fn unknown_session(fault: &Fault) -> bool {
    matches!(fault, Fault::Refused { status: 401, .. })
}

pub(super) fn shaped<T: DeserializeOwned>(answer: Value) -> Result<T, Fault> {
    serde_json::from_value(answer).map_err(|_| Fault::Server {
        status: 200,
        code: "JSON of an unknown shape".into(),
    })
}

pub(super) fn encode(body: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(body).expect("these shapes have string keys and no failing serialiser")
}
