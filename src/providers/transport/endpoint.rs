//! An address to which small requests go again and again, prepared once.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, Uri};
use reqwest::header::{ACCEPT, HOST, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use reqwest::{Method, Url};
use tokio::time::Instant;

use super::connections::Connections;
use super::{Answer, BadSettings, Broken, Transport, USER_AGENT_NAME, retry_after};

/// See the module head.
#[derive(Debug)]
pub(in crate::providers) struct Endpoint {
    connections: Arc<Connections>,
    /// Path and query.
    path: Uri,
    headers: HeaderMap,
    timeout: Duration,
}

impl Endpoint {
    /// `url` must have the scheme of the transport's base; `headers` go with every request;
    /// `timeout` bounds an exchange from the first byte of work to the last of the answer.
    pub fn new(
        transport: &Transport,
        url: &Url,
        headers: impl IntoIterator<Item = (HeaderName, HeaderValue)>,
        timeout: Duration,
    ) -> Result<Self, BadSettings> {
        let unusable = || BadSettings::Address {
            expected: "http(s)://host[:port][/path]",
        };
        let connections = transport.connections(url).ok_or_else(unusable)?;
        let path = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        let host = HeaderValue::try_from(connections.host());
        let mut all = HeaderMap::new();
        all.insert(HOST, host.map_err(|_| unusable())?);
        all.insert(USER_AGENT, HeaderValue::from_static(USER_AGENT_NAME));
        all.insert(ACCEPT, HeaderValue::from_static("*/*"));
        all.extend(headers);
        Ok(Self {
            connections,
            path: path.parse().map_err(|_| unusable())?,
            headers: all,
            timeout,
        })
    }

    /// Posts one body and gives the whole answer.
    pub async fn post(&self, body: Vec<u8>) -> Result<Answer, Broken> {
        let mut message = Request::new(Full::new(Bytes::from(body)));
        *message.method_mut() = Method::POST;
        *message.uri_mut() = self.path.clone();
        *message.headers_mut() = self.headers.clone();
        let until = Instant::now() + self.timeout;
        let (head, body) = self.connections.exchange(message, until).await?;
        Ok(Answer {
            status: head.status,
            retry_after: retry_after(&head.headers),
            body,
        })
    }
}
