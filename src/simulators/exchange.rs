//! One request as a simulator sees it and the answer it gives: plain values, no sockets.
//!
//! Keeping the providers' behaviour behind `fn(&Arrived) -> Reply` lets the faults act
//! around it (before it, after it, instead of it) and lets tests call it directly.

use std::sync::OnceLock;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The providers that are simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// WhatsApp Cloud API, under `/meta`.
    Meta,
    /// Gupshup's self-serve API, under `/gupshup`.
    Gupshup,
    /// GLPI's legacy REST API, under `/glpi/apirest.php`.
    Glpi,
}

impl Provider {
    /// The name in log lines and `_control`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Meta => "meta",
            Self::Gupshup => "gupshup",
            Self::Glpi => "glpi",
        }
    }

    /// All of them, each at its [`Provider::index`].
    pub const ALL: [Self; 3] = [Self::Meta, Self::Gupshup, Self::Glpi];

    /// Its place in tables kept by provider.
    pub fn index(self) -> usize {
        match self {
            Self::Meta => 0,
            Self::Gupshup => 1,
            Self::Glpi => 2,
        }
    }

    /// The path every request of this provider starts with.
    pub fn base(self) -> &'static str {
        match self {
            Self::Meta => "/meta",
            Self::Gupshup => "/gupshup",
            Self::Glpi => "/glpi/apirest.php",
        }
    }
}

/// A request with its body read in full.
#[derive(Debug)]
pub struct Arrived {
    /// HTTP method.
    pub method: Method,
    /// Path as requested, base included, still percent-encoded.
    pub path: String,
    /// Query string without the question mark; empty when there is none.
    pub query: String,
    /// Request headers.
    pub headers: HeaderMap,
    /// The raw body.
    pub body: Bytes,
    /// What the body says, once somebody asked.
    pub read: OnceLock<Option<Value>>,
}

impl Arrived {
    /// The body as JSON; `None` when it is none. Read once, whoever asks.
    pub fn json(&self) -> Option<&Value> {
        let read = || serde_json::from_slice(&self.body).ok();
        self.read.get_or_init(read).as_ref()
    }

    /// The path segments below the provider's base.
    pub fn segments(&self, provider: Provider) -> Vec<&str> {
        let below = self
            .path
            .strip_prefix(provider.base())
            .unwrap_or(&self.path);
        below
            .split('/')
            .filter(|segment| !segment.is_empty())
            .collect()
    }

    /// A header as text; `None` when absent or not text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Whether the body claims to be a form.
    pub fn is_form(&self) -> bool {
        self.header("content-type")
            .is_some_and(|kind| kind.contains("x-www-form-urlencoded"))
    }

    /// Whether the body claims to be JSON.
    pub fn is_json(&self) -> bool {
        self.header("content-type")
            .is_some_and(|kind| kind.contains("json"))
    }

    /// The address the client called, as far as the provider's base (`http://host/meta`).
    pub fn base_url(&self, provider: Provider) -> String {
        format!(
            "http://{}{}",
            self.header("host").unwrap_or("localhost"),
            provider.base()
        )
    }

    /// A query parameter, decoded.
    pub fn query_value(&self, name: &str) -> Option<String> {
        pairs(&self.query)
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    }
}

/// What a provider answers.
#[derive(Debug)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Headers beside content-length and date.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The body.
    pub body: Bytes,
    /// Waits this long before answering although the request has taken effect.
    pub hold: Duration,
}

impl Reply {
    /// A JSON answer. The keys of every map in `value` are texts.
    pub fn json(status: u16, value: &impl Serialize) -> Self {
        let body = serde_json::to_vec(value).expect("maps have texts as keys");
        Self::text(status, "application/json; charset=UTF-8", body)
    }

    /// A page of HTML, as web servers and the proxies before them answer.
    pub fn page(status: u16, title: &str) -> Self {
        let body = format!(
            "<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
        );
        Self::text(status, "text/html; charset=UTF-8", body)
    }

    /// An answer with any body.
    pub fn text(status: u16, kind: &'static str, body: impl Into<Bytes>) -> Self {
        let headers = vec![(header::CONTENT_TYPE, HeaderValue::from_static(kind))];
        Self {
            status,
            headers,
            body: body.into(),
            hold: Duration::ZERO,
        }
    }

    /// Adds a header; a value that cannot stand in a header is left out.
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((HeaderName::from_static(name), value));
        }
        self
    }

    /// Whether the request took effect as the client wished.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// What a request is about, for the counts of the log.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// The effect id the client attached (tracking field or hidden marker).
    pub effect: Option<String>,
    /// Whom the request reaches.
    pub recipient: Option<String>,
}

/// Decoded pairs of a query string or form body, `+` read as a space.
pub fn pairs(query: &str) -> impl Iterator<Item = (String, String)> + '_ {
    query
        .split('&')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            (percent_decode(key), percent_decode(value))
        })
}

/// A path segment, decoded.
pub fn decoded(segment: &str) -> String {
    percent_decode(&segment.replace('+', "%2B"))
}

fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escaped = (bytes[at] == b'%')
            .then(|| bytes.get(at + 1..at + 3))
            .flatten()
            .and_then(|pair| std::str::from_utf8(pair).ok())
            .and_then(|pair| u8::from_str_radix(pair, 16).ok());
        match escaped {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(if bytes[at] == b'+' { b' ' } else { bytes[at] });
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn query_pairs_are_decoded() {
        let read: Vec<_> = pairs("criteria%5B0%5D%5Bvalue%5D=%2B51+9%C3%A1&x&y=%zz").collect();
        assert_eq!(
            read,
            [
                ("criteria[0][value]".to_owned(), "+51 9á".to_owned()),
                ("x".to_owned(), String::new()),
                ("y".to_owned(), "%zz".to_owned()),
            ]
        );
    }
}
