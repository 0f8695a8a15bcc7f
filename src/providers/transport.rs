//! One HTTP exchange with a provider, and what is certain when it breaks.
//!
//! The only question a broken exchange has to answer is whether a byte of the request can have
//! left. A connection that never came about says no; everything else says perhaps. So redirects,
//! retries and proxies of the environment are off, the time for connecting is bounded apart from
//! the time for the answer, and idle connections are dropped before servers usually drop them,
//! because a request written into a connection that is just being closed is a request in doubt.

mod broken;
mod connections;
mod endpoint;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use hyper::http::uri::{Authority, Scheme};
use reqwest::header::{DATE, HeaderMap, HeaderValue, InvalidHeaderValue, RETRY_AFTER};
use reqwest::{Method, RequestBuilder, StatusCode, Url};

use crate::config::Secret;
pub(super) use broken::Broken;
use connections::{Connections, Connector};
pub(super) use endpoint::Endpoint;

/// Larger answers are cut off and count as lost; the largest real one is a GLPI session (about
/// 200 KB for an administrator).
const ANSWER_BYTES_MAX: usize = 4 << 20;

/// Time for name look-up, TCP and TLS. Shorter than any time-out of a whole call, so that a
/// connection that cannot be made is known as such.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// How this server names itself to providers.
const USER_AGENT_NAME: &str = concat!("chasqui/", env!("CARGO_PKG_VERSION"));

/// A pooled HTTP client for one kind of provider. What leaves with every message goes through an
/// [`Endpoint`], everything else through `reqwest`.
#[derive(Clone, Debug)]
pub struct Transport {
    http: reqwest::Client,
    connector: Connector,
    /// After so long without use a connection is dropped.
    idle: Duration,
    /// By host; as many as the addresses in the settings name.
    hosts: Arc<Mutex<HashMap<Authority, Arc<Connections>>>>,
}

/// A connection's settings cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSettings {
    /// The base address does not parse or does not have the provider's form.
    #[error("base address is not usable: expected {expected}")]
    Address {
        /// The form it should have.
        expected: &'static str,
    },
    /// A field has the wrong form.
    #[error("{field} is not usable: expected {expected}")]
    Field {
        /// The field's name in the settings.
        field: &'static str,
        /// The form it should have.
        expected: &'static str,
    },
    /// No HTTP client could be made for this address.
    #[error("no HTTP client: {reason}; are the system's CA certificates installed?")]
    NoClient {
        /// What the TLS set-up said.
        reason: String,
    },
}

/// A whole answer, whatever its status.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub status: StatusCode,
    pub retry_after: Option<Duration>,
    pub body: Bytes,
}

/// An answer whose body is read piece by piece.
#[derive(Debug)]
pub(super) struct Download(reqwest::Response);

impl Download {
    pub fn status(&self) -> StatusCode {
        self.0.status()
    }

    pub fn retry_after(&self) -> Option<Duration> {
        retry_after(self.0.headers())
    }

    /// How long it says it is, in bytes.
    pub fn length(&self) -> Option<u64> {
        self.0.content_length()
    }

    /// The next piece; `None` at the end.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Broken> {
        self.0
            .chunk()
            .await
            .map_err(|error| Broken::within_answer(&error))
    }
}

impl Transport {
    /// A transport for addresses of `base`'s scheme that drops connections idle for `idle`.
    ///
    /// Plain `http` is for loopback and private networks: it needs no CA certificates and never
    /// speaks TLS. With `https` nothing else is ever spoken.
    pub fn new(base: &Url, idle: Duration) -> Result<Self, BadSettings> {
        // A second installation is refused, which is as good as the first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let secure = base.scheme() == "https";
        let mut builder = reqwest::Client::builder()
            .user_agent(USER_AGENT_NAME)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .https_only(secure)
            .tcp_nodelay(true)
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(idle);
        if !secure {
            builder = builder.tls_certs_only([]);
        }
        let http = builder.build().map_err(|error| BadSettings::NoClient {
            reason: error.without_url().to_string(),
        })?;
        Ok(Self {
            http,
            connector: Connector::new(secure)?,
            idle,
            hosts: Arc::default(),
        })
    }

    /// The connections to the host of an address, the same for all its endpoints; `None` when it
    /// names no host.
    fn connections(&self, url: &Url) -> Option<Arc<Connections>> {
        let host = Authority::try_from(url.authority()).ok()?;
        let scheme = Scheme::try_from(url.scheme()).ok()?;
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let connections = hosts.entry(host.clone()).or_insert_with(|| {
            let connector = self.connector.clone();
            Arc::new(Connections::new(connector, scheme, host, self.idle))
        });
        Some(Arc::clone(connections))
    }

    /// Begins a request; `timeout` bounds it from the first byte of work to the last of the answer.
    pub(crate) fn request(&self, method: Method, url: Url, timeout: Duration) -> RequestBuilder {
        self.http.request(method, url).timeout(timeout)
    }

    /// Sends a request and gives its answer as soon as its head is there. The request's time-out
    /// bounds the reading too.
    pub(super) async fn begin(&self, request: RequestBuilder) -> Result<Download, Broken> {
        let response = request
            .send()
            .await
            .map_err(|error| Broken::before_answer(&error))?;
        Ok(Download(response))
    }

    /// Makes one exchange.
    pub(super) async fn exchange(&self, request: RequestBuilder) -> Result<Answer, Broken> {
        let mut response = request
            .send()
            .await
            .map_err(|error| Broken::before_answer(&error))?;
        let status = response.status();
        let retry_after = retry_after(response.headers());
        let mut body = BytesMut::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| Broken::within_answer(&error))?
        {
            if body.len() + chunk.len() > ANSWER_BYTES_MAX {
                return Err(Broken::TOO_LARGE);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer {
            status,
            retry_after,
            body: body.freeze(),
        })
    }
}

/// Parses a base address: `http` or `https`, a host, no query; trailing slashes are dropped.
pub(super) fn base_url(text: &str, expected: &'static str) -> Result<Url, BadSettings> {
    let error = BadSettings::Address { expected };
    let url = Url::parse(text.trim().trim_end_matches('/')).map_err(|_| error.clone())?;
    let usable = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if usable { Ok(url) } else { Err(error) }
}

/// `base` with further path segments.
pub(super) fn below(base: &Url, segments: &[&str]) -> Url {
    let mut url = base.clone();
    url.path_segments_mut()
        .expect("base addresses have a host, so they have a path")
        .pop_if_empty()
        .extend(segments);
    url
}

/// `prefix` and a credential as a header value that the HTTP client keeps out of its logs.
pub(super) fn secret_header(
    prefix: &str,
    secret: &Secret,
) -> Result<HeaderValue, InvalidHeaderValue> {
    let mut value = HeaderValue::try_from(format!("{prefix}{}", secret.expose()))?;
    value.set_sensitive(true);
    Ok(value)
}

/// `Retry-After` as seconds or as a date. A date is measured against the answer's own `Date`, so
/// that the difference between the two clocks does not matter.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let at = http_date(text)?;
    let now = http_date(headers.get(DATE)?.to_str().ok()?)?;
    Some(Duration::from_secs(at.saturating_sub(now).max(0) as u64))
}

fn http_date(text: &str) -> Option<i64> {
    let zoned = jiff::fmt::rfc2822::parse(text).ok()?;
    Some(zoned.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(reqwest::header::HeaderName, &'static str)]) -> HeaderMap {
        let value = |text| HeaderValue::from_static(text);
        pairs.iter().map(|(k, v)| (k.clone(), value(v))).collect()
    }

    #[test]
    fn retry_after_is_read_as_seconds_and_as_a_date() {
        let seconds = headers(&[(RETRY_AFTER, "17")]);
        assert_eq!(retry_after(&seconds), Some(Duration::from_secs(17)));
        let date = headers(&[
            (RETRY_AFTER, "Sun, 22 Nov 2026 05:00:30 GMT"),
            (DATE, "Sun, 22 Nov 2026 05:00:00 GMT"),
        ]);
        assert_eq!(retry_after(&date), Some(Duration::from_secs(30)));
        let past = headers(&[
            (RETRY_AFTER, "Sun, 22 Nov 2026 05:00:00 GMT"),
            (DATE, "Sun, 22 Nov 2026 05:00:30 GMT"),
        ]);
        assert_eq!(retry_after(&past), Some(Duration::ZERO));
        assert_eq!(retry_after(&headers(&[(RETRY_AFTER, "soon")])), None);
    }

    #[test]
    fn a_credential_in_a_header_is_not_printed() {
        let header = secret_header("Bearer ", &Secret::new("s3cr3t")).expect("valid header");
        assert_eq!(header.as_bytes(), b"Bearer s3cr3t");
        assert!(!format!("{header:?}").contains("s3cr3t"));
    }

    #[test]
    fn base_addresses_lose_their_trailing_slash_and_refuse_credentials() {
        let url = base_url("https://glpi.example/glpi/apirest.php/", "x").expect("usable");
        assert_eq!(
            below(&url, &["Ticket", "2"]).path(),
            "/glpi/apirest.php/Ticket/2"
        );
        let root = base_url("http://127.0.0.1:8090", "x").expect("usable");
        assert_eq!(below(&root, &["v23.0"]).path(), "/v23.0");
        for bad in [
            "",
            "glpi.example",
            "ftp://a/b",
            "https://u:p@a/b",
            "https://a/?x=1",
        ] {
            assert!(base_url(bad, "x").is_err(), "{bad}");
        }
    }
}
