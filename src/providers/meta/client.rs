//! The Cloud API client of one business phone number.
//!
//! One private function sends. Each call is one request and one verdict; when nothing believable
//! came back the verdict is "unknown" and somebody else decides about repeating. Reasons never hold
//! a phone number, a text or a token; they hold Meta's trace id, which its support asks for.

use std::time::Duration;

use actors::model::{AttemptNo, Call, Effect, Reply, RichMessage, SentFile};
use actors::ports::{Asked, Called, LookedUp, Provider, Request};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Method, StatusCode, Url};

use super::errors::{self, Advice};
use super::{convert, wire};
use crate::config::Secret;
use crate::providers::Boxed;
use crate::providers::multipart::{self, Part};
use crate::providers::transport::{
    Answer, BadSettings, Broken, Endpoint, Transport, base_url, below, secret_header,
};

const ADDRESS_FORM: &str =
    "http(s)://host[/path] without query, such as https://graph.facebook.com";

/// Time to bring one file to Meta; a gateway grants a little more.
const UPLOAD_TIME: Duration = Duration::from_secs(40);

/// What a client of one business phone number needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Address of the Graph API without version, for example `https://graph.facebook.com`.
    pub base_url: String,
    /// Version segment, for example `v23.0`.
    pub version: String,
    /// The number's id, digits.
    pub phone_number_id: String,
    /// Bearer token with the permission `whatsapp_business_messaging`.
    pub token: Secret,
    /// After this a request's outcome is unknown.
    pub timeout: Duration,
}

/// Sends through one business phone number.
#[derive(Debug)]
pub struct Client {
    transport: Transport,
    messages: Endpoint,
    media: Url,
    /// What the account tells of the number.
    number: Url,
    authorization: HeaderValue,
    timeout: Duration,
}

impl Client {
    /// Idle connections are dropped after this; Meta keeps them for minutes.
    pub(in crate::providers) const IDLE: Duration = Duration::from_secs(50);

    /// A client with a transport of its own.
    pub fn new(settings: &Settings) -> Result<Self, BadSettings> {
        let base = address(&settings.base_url)?;
        Self::over(Transport::new(&base, Self::IDLE)?, settings)
    }

    /// A client over `transport`, which must be for the scheme of the base address.
    pub fn over(transport: Transport, settings: &Settings) -> Result<Self, BadSettings> {
        let base = address(&settings.base_url)?;
        let field = |field, expected| BadSettings::Field { field, expected };
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let version_number = settings.version.strip_prefix('v');
        if !version_number.is_some_and(|v| v.split('.').all(digits)) {
            return Err(field("version", "a form such as v23.0"));
        }
        if !digits(&settings.phone_number_id) {
            return Err(field("phone_number_id", "digits"));
        }
        let token = secret_header("Bearer ", &settings.token);
        let authorization = token.map_err(|_| field("token", "printable ASCII"))?;
        let edge = |name| below(&base, &[&settings.version, &settings.phone_number_id, name]);
        let mut number = below(&base, &[&settings.version, &settings.phone_number_id]);
        number.query_pairs_mut().append_pair("fields", "id");
        let headers = [
            (AUTHORIZATION, authorization.clone()),
            (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        ];
        let messages = Endpoint::new(&transport, &edge("messages"), headers, settings.timeout)?;
        Ok(Self {
            transport,
            messages,
            media: edge("media"),
            number,
            authorization,
            timeout: settings.timeout,
        })
    }

    async fn asked(&self) -> Asked {
        let request = self
            .transport
            .request(Method::GET, self.number.clone(), self.timeout)
            .header(AUTHORIZATION, self.authorization.clone());
        let status = match self.transport.exchange(request).await {
            Ok(answer) => answer.status,
            Err(broken) => {
                return Asked::Unwell {
                    reason: broken.to_string(),
                };
            }
        };
        match status.as_u16() {
            200..=299 => Asked::Well,
            // The number can be written to without leave to read about it.
            403 | 404 => Asked::Unsupported,
            status => Asked::Unwell {
                reason: format!("HTTP {status} when asked about the number"),
            },
        }
    }

    async fn make(&self, request: Request<'_>) -> Called {
        let body = match convert::body(request.effect, request.call) {
            Ok(body) => body,
            Err(unsendable) => {
                return Called::Refused {
                    code: 0,
                    reason: unsendable.to_string(),
                };
            }
        };
        self.deliver(body, request).await
    }

    /// Brings a file to Meta and sends the message that shows it. The upload may be repeated, so
    /// whatever breaks there is surely not sent.
    pub(in crate::providers) async fn send_file(
        &self,
        request: Request<'_>,
        message: &RichMessage,
        file: &SentFile,
        bytes: &[u8],
    ) -> Called {
        let id = match self.upload(request.attempt, file, bytes).await {
            Ok(id) => id,
            Err(Called::Unknown { reason }) => {
                return Called::NotDone {
                    reason: format!("the file could not be brought to Meta: {reason}"),
                    retry_after: None,
                    counts_against: true,
                };
            }
            Err(called) => return called,
        };
        match convert::file_body(request.effect, message, file, &id) {
            Ok(body) => self.deliver(body, request).await,
            Err(unsendable) => Called::Refused {
                code: 0,
                reason: unsendable.to_string(),
            },
        }
    }

    /// `POST /{phone_number_id}/media` (WhatsApp Cloud API, media); gives the file's id there.
    async fn upload(
        &self,
        attempt: AttemptNo,
        file: &SentFile,
        bytes: &[u8],
    ) -> Result<String, Called> {
        // A list of values is a text to WhatsApp.
        let mime = match file.mime.as_str() {
            "text/csv" => "text/plain",
            mime => mime,
        };
        let (boundary, form) = multipart::encode(&[
            Part::text("messaging_product", "whatsapp"),
            Part::text("type", mime),
            Part {
                name: "file",
                file_name: Some(file.file_name.as_deref().unwrap_or("file")),
                mime: Some(mime),
                bytes,
            },
        ]);
        let request = self
            .transport
            .request(Method::POST, self.media.clone(), UPLOAD_TIME)
            .header(AUTHORIZATION, self.authorization.clone())
            .header(
                CONTENT_TYPE,
                format!("multipart/form-data; boundary={boundary}"),
            )
            .body(form);
        let answer = self.transport.exchange(request).await;
        let answer = answer.map_err(unknown)?;
        match serde_json::from_slice::<wire::Uploaded>(&answer.body) {
            Ok(wire::Uploaded {
                error: Some(error), ..
            }) => Err(refusal(&answer, &error, attempt)),
            Ok(done) if answer.status.is_success() && !done.id.is_empty() => Ok(done.id),
            _ => Err(uncoded(&answer)),
        }
    }

    async fn deliver(&self, body: Vec<u8>, request: Request<'_>) -> Called {
        match self.messages.post(body).await {
            Ok(answer) => verdict(&answer, request.call, request.attempt),
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

    /// Meta cannot be asked about a message; only its statuses tell.
    fn look_up<'a>(&'a self, _effect: &'a Effect) -> Boxed<'a, LookedUp> {
        Box::pin(std::future::ready(LookedUp::Unsupported))
    }

    /// Asks for the number's own id.
    fn ask(&self) -> Boxed<'_, Asked> {
        Box::pin(self.asked())
    }
}

/// Checks the address of the Graph API.
pub(in crate::providers) fn address(text: &str) -> Result<Url, BadSettings> {
    base_url(text, ADDRESS_FORM)
}

/// What a whole answer says. The code decides before the status does.
fn verdict(answer: &Answer, call: &Call, attempt: AttemptNo) -> Called {
    let readable = serde_json::from_slice::<wire::Incoming>(&answer.body).ok();
    match readable {
        Some(wire::Incoming {
            error: Some(error), ..
        }) => refusal(answer, &error, attempt),
        Some(accepted) if answer.status.is_success() => done(accepted, call),
        _ => uncoded(answer),
    }
}

fn done(answer: wire::Incoming, call: &Call) -> Called {
    let id = match call {
        Call::MarkRead { message, .. } => answer.success.then(|| message.clone()),
        _ => answer.messages.into_iter().next().map(|m| m.id.into()),
    };
    match id.filter(|id| !id.is_empty()) {
        Some(id) => Called::Done(Reply {
            id,
            at: None,
            remark: None,
            ..Reply::default()
        }),
        None => unknown("the answer was a success without a message id"),
    }
}

fn refusal(answer: &Answer, error: &wire::Error, attempt: AttemptNo) -> Called {
    let Some(code) = error.code else {
        return uncoded(answer);
    };
    let words = errors::plain_words(code).unwrap_or("Meta refused it with a code unknown here");
    let reason = format!("{words} (code {code}{})", trace(error));
    match errors::advice(code, attempt) {
        Some(Advice::Never) => Called::Refused { code, reason },
        Some(Advice::Later {
            after,
            counts_against,
        }) => Called::NotDone {
            reason,
            retry_after: answer.retry_after.or(after),
            counts_against,
        },
        None if answer.status == StatusCode::TOO_MANY_REQUESTS => throttled(answer, reason),
        None if error.is_transient => Called::NotDone {
            reason,
            retry_after: answer.retry_after,
            counts_against: true,
        },
        None if answer.status.is_server_error() => unknown(reason),
        None => Called::Refused { code, reason },
    }
}

/// An answer without a code of Meta's: some machine between us, or not the Cloud API at all.
fn uncoded(answer: &Answer) -> Called {
    let status = answer.status.as_u16();
    match status {
        429 => throttled(answer, "too many requests (HTTP 429)".into()),
        401 => Called::NotDone {
            reason: "the access token was not accepted (HTTP 401): fix credentials".into(),
            retry_after: answer.retry_after,
            counts_against: true,
        },
        // 408 is a time-out told by the other side.
        300..=407 | 409..=499 => Called::NotDone {
            reason: format!("HTTP {status} without an error code: is the base address right?"),
            retry_after: answer.retry_after,
            counts_against: true,
        },
        200..=299 => unknown("the answer was a success that cannot be read"),
        _ => unknown(format_args!("HTTP {status} after the request had left")),
    }
}

fn throttled(answer: &Answer, reason: String) -> Called {
    Called::NotDone {
        reason,
        retry_after: answer.retry_after,
        counts_against: false,
    }
}

fn unknown(reason: impl ToString) -> Called {
    Called::Unknown {
        reason: reason.to_string(),
    }
}

/// Meta's trace id, if it looks like one.
fn trace(error: &wire::Error) -> String {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    match &error.fbtrace_id {
        Some(id) if (1..=40).contains(&id.len()) && id.chars().all(legal) => {
            format!(", trace {id}")
        }
        _ => String::new(),
    }
}
