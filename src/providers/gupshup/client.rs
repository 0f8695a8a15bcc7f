//! The client of one app at Gupshup.
//!
//! Each call is one request and one verdict. Gupshup has no idempotency key and cannot be asked
//! about a message, so an answer that is lost or makes no sense leaves the outcome unknown, and a
//! later event of the message may tell. Reasons never hold a phone number, a text or a key.

use std::time::Duration;

use actors::model::{Call, Effect, Reply, RichMessage, SentFile};
use actors::ports::{Asked, Called, LookedUp, Provider, Request};
use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{Method, Url};

use super::convert::{self, Ask};
use super::errors::{self, Advice};
use super::{form, wire};
use crate::config::Secret;
use crate::providers::Boxed;
use crate::providers::transport::{
    Answer, BadSettings, Broken, Endpoint, Transport, base_url, below, secret_header,
};
use crate::providers::whatsapp::Unsendable;

const ADDRESS_FORM: &str = "http(s)://host[/path] without query, such as https://api.gupshup.io";
/// The documentation's tables call it `api_key`; every sample and client sends this.
pub(super) const API_KEY: &str = "apikey";
/// Gupshup names no time with its 429.
const THROTTLED: Duration = Duration::from_secs(5);

/// What a client of one app needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Address in front of `/wa`, for example `https://api.gupshup.io`.
    pub base_url: String,
    /// The app's name, in its exact spelling.
    pub app: String,
    /// The app's id.
    pub app_id: String,
    /// The app's number, digits with country code.
    pub source: String,
    /// The app's key.
    pub api_key: Secret,
    /// After this a request's outcome is unknown.
    pub timeout: Duration,
}

/// Sends through one app.
#[derive(Debug)]
pub struct Client {
    transport: Transport,
    messages: Endpoint,
    templates: Endpoint,
    opt_in: Endpoint,
    balance: Url,
    /// In front of `<message id>/read`.
    marks: Url,
    api_key: HeaderValue,
    app: String,
    source: String,
    timeout: Duration,
}

impl Client {
    /// Idle connections are dropped after this.
    pub(in crate::providers) const IDLE: Duration = Duration::from_secs(30);

    /// A client with a transport of its own.
    pub fn new(settings: &Settings) -> Result<Self, BadSettings> {
        let base = address(&settings.base_url)?;
        Self::over(Transport::new(&base, Self::IDLE)?, settings)
    }

    /// A client over `transport`, which must be for the scheme of the base address.
    pub fn over(transport: Transport, settings: &Settings) -> Result<Self, BadSettings> {
        let base = address(&settings.base_url)?;
        let field = |field, expected| BadSettings::Field { field, expected };
        let is_digit = |byte: u8| byte.is_ascii_digit();
        if settings.source.is_empty() || !settings.source.bytes().all(is_digit) {
            return Err(field("number", "digits"));
        }
        if settings.app.is_empty() {
            return Err(field("gupshup.name", "the app's name"));
        }
        let is_legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if settings.app_id.is_empty() || !settings.app_id.bytes().all(is_legal) {
            return Err(field("gupshup.id", "letters, digits, hyphens"));
        }
        let api_key = secret_header("", &settings.api_key);
        let api_key = api_key.map_err(|_| field("gupshup.api_key", "printable ASCII"))?;
        let endpoint = |path: &[&str]| {
            let headers = [
                (HeaderName::from_static(API_KEY), api_key.clone()),
                (CONTENT_TYPE, HeaderValue::from_static(form::CONTENT_TYPE)),
            ];
            let url = below(&base, path);
            Endpoint::new(&transport, &url, headers, settings.timeout)
        };
        Ok(Self {
            messages: endpoint(&["wa", "api", "v1", "msg"])?,
            templates: endpoint(&["wa", "api", "v1", "template", "msg"])?,
            opt_in: endpoint(&["sm", "api", "v1", "app", "opt", "in", &settings.app])?,
            transport,
            balance: below(&base, &["sm", "api", "v2", "wallet", "balance"]),
            marks: below(&base, &["wa", "app", &settings.app_id, "msg"]),
            api_key,
            app: settings.app.clone(),
            source: settings.source.clone(),
            timeout: settings.timeout,
        })
    }

    async fn exchange(&self, ask: &Ask<'_>) -> Result<Answer, Broken> {
        let to = |destination| {
            vec![
                ("channel", "whatsapp"),
                ("source", self.source.as_str()),
                ("destination", destination),
                ("src.name", self.app.as_str()),
            ]
        };
        match ask {
            Ask::Message {
                destination,
                message,
            } => {
                let mut fields = to(destination);
                fields.push(("message", message));
                post(&self.messages, &fields).await
            }
            Ask::Template {
                destination,
                template,
                message,
            } => {
                let mut fields = to(destination);
                fields.push(("template", template));
                fields.extend(message.iter().map(|message| ("message", message.as_str())));
                post(&self.templates, &fields).await
            }
            Ask::OptIn { user } => post(&self.opt_in, &[("user", user)]).await,
            Ask::Read { message } => {
                let url = below(&self.marks, &[message, "read"]);
                let request = self.transport.request(Method::PUT, url, self.timeout);
                let request = request.header(API_KEY, self.api_key.clone());
                self.transport.exchange(request).await
            }
        }
    }

    /// What is left in the wallet says whether messages would leave. A key of one app may send but
    /// not read it (Gupshup, three API families).
    async fn asked(&self) -> Asked {
        let request = self
            .transport
            .request(Method::GET, self.balance.clone(), self.timeout)
            .header(API_KEY, self.api_key.clone());
        let unwell = |reason: String| Asked::Unwell { reason };
        let answer = match self.transport.exchange(request).await {
            Ok(answer) => answer,
            Err(broken) => return unwell(broken.to_string()),
        };
        let status = answer.status.as_u16();
        let told = serde_json::from_slice::<wire::Wallet>(&answer.body);
        match (status, told.ok().and_then(|told| told.balance)) {
            (200..=299, Some(balance)) if balance > 0.0 => Asked::Well,
            (200..=299, Some(_)) => unwell("the balance at Gupshup is used up".to_owned()),
            (200..=299, None) => Asked::Unsupported,
            (401 | 403 | 404, _) => Asked::Unsupported,
            _ => unwell(format!("HTTP {status} when asked for the balance")),
        }
    }

    async fn make(&self, request: Request<'_>) -> Called {
        let ask = convert::ask(request.effect, request.call);
        self.put(request, ask).await
    }

    /// Sends a message that shows the file which Gupshup fetches at `url`.
    pub(in crate::providers) async fn send_file(
        &self,
        request: Request<'_>,
        message: &RichMessage,
        file: &SentFile,
        url: &str,
    ) -> Called {
        self.put(request, convert::file_ask(message, file, url))
            .await
    }

    async fn put(&self, request: Request<'_>, ask: Result<Ask<'_>, Unsendable>) -> Called {
        let ask = match ask {
            Ok(ask) => ask,
            Err(unsendable) => {
                return Called::Refused {
                    code: 0,
                    reason: unsendable.to_string(),
                };
            }
        };
        match self.exchange(&ask).await {
            Ok(answer) => verdict(&answer, request.call),
            Err(broken @ Broken::NotSent(_)) => Called::NotDone {
                reason: broken.to_string(),
                retry_after: None,
                counts_against: true,
            },
            Err(broken @ Broken::Lost(_)) => unknown(broken),
        }
    }
}

impl Provider for Client {
    fn call<'a>(&'a self, request: Request<'a>) -> Boxed<'a, Called> {
        Box::pin(self.make(request))
    }

    /// Gupshup cannot be asked about a message; only its events tell.
    fn look_up<'a>(&'a self, _effect: &'a Effect) -> Boxed<'a, LookedUp> {
        Box::pin(std::future::ready(LookedUp::Unsupported))
    }

    /// Asks for the balance.
    fn ask(&self) -> Boxed<'_, Asked> {
        Box::pin(self.asked())
    }
}

/// Checks the address of the API.
pub(in crate::providers) fn address(text: &str) -> Result<Url, BadSettings> {
    base_url(text, ADDRESS_FORM)
}

async fn post(endpoint: &Endpoint, fields: &[(&str, &str)]) -> Result<Answer, Broken> {
    endpoint.post(form::encode(fields).into()).await
}

/// What a whole answer says (Gupshup, session message). Its content type is not to be trusted:
/// JSON comes as `text/html` too.
fn verdict(answer: &Answer, call: &Call) -> Called {
    let readable = serde_json::from_slice::<wire::Incoming>(&answer.body).ok();
    let status = answer.status.as_u16();
    match status {
        200..=299 => match call {
            // The body of a read mark is not documented; the status is the answer.
            Call::MarkRead { message, .. } => done(message.clone()),
            // Often without a body; an error is told in words.
            Call::ReportConsent { .. } => match readable {
                Some(told) if told.status == "error" => refusal(answer, Some(told)),
                _ => done(smol_str::SmolStr::default()),
            },
            _ => accepted(answer, readable),
        },
        429 => Called::NotDone {
            reason: "too many requests (HTTP 429)".into(),
            retry_after: answer.retry_after.or(Some(THROTTLED)),
            counts_against: false,
        },
        401 | 403 => Called::NotDone {
            reason: format!("the API key was not accepted (HTTP {status}): fix credentials"),
            retry_after: answer.retry_after,
            counts_against: true,
        },
        // 408 is a time-out told by the other side.
        300..=407 | 409..=499 => refusal(answer, readable),
        _ => unknown(format_args!("HTTP {status} after the request had left")),
    }
}

fn accepted(answer: &Answer, readable: Option<wire::Incoming>) -> Called {
    match readable {
        Some(told) if !told.message_id.is_empty() && told.status != "error" => {
            done(told.message_id.into())
        }
        Some(told) if told.status == "error" => refusal(answer, Some(told)),
        Some(_) => unknown("the answer was a success without a message id"),
        None => unknown("the answer was a success that cannot be read"),
    }
}

fn refusal(answer: &Answer, readable: Option<wire::Incoming>) -> Called {
    let status = answer.status.as_u16();
    let words = readable
        .filter(|told| told.status == "error")
        .and_then(|told| told.message);
    let Some(words) = words else {
        return Called::NotDone {
            reason: format!("HTTP {status} without Gupshup's words: is the base address right?"),
            retry_after: answer.retry_after,
            counts_against: true,
        };
    };
    match errors::advice(words.text()) {
        Advice::Account => Called::NotDone {
            reason: "Gupshup does not know this app, key or number: fix the channel".into(),
            retry_after: answer.retry_after,
            counts_against: true,
        },
        Advice::Never => Called::Refused {
            code: u32::from(status),
            reason: format!("Gupshup says: {}", shown(words.text())),
        },
    }
}

/// Gupshup's words without digits, which might be somebody's number.
fn shown(words: &str) -> String {
    let words = words.chars().take(120);
    words.filter(|c| !c.is_ascii_digit()).collect()
}

fn done(id: smol_str::SmolStr) -> Called {
    Called::Done(Reply {
        id,
        at: None,
        remark: None,
        ..Reply::default()
    })
}

fn unknown(reason: impl ToString) -> Called {
    Called::Unknown {
        reason: reason.to_string(),
    }
}
