//! What is asked besides the load itself: the simulators' log and world, the server's metrics.

use std::net::{SocketAddr, ToSocketAddrs};
use std::time::Duration;

use anyhow::Context as _;
use serde_json::Value;

use crate::connection::Connection;

/// Longest wait for one answer; a page of the log is a few megabytes.
const PATIENCE: Duration = Duration::from_secs(30);

/// An address spoken to over plain HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Where connections go.
    pub address: SocketAddr,
    /// The `Host` header.
    pub host: String,
}

impl Place {
    /// Reads `http://host:port`.
    ///
    /// # Errors
    /// When it is something else, or the name is unknown.
    pub fn parse(url: &str) -> anyhow::Result<Self> {
        let host = url
            .strip_prefix("http://")
            .with_context(|| format!("{url}: only http://host:port is spoken"))?
            .trim_end_matches('/');
        let named = if host
            .rsplit_once(':')
            .is_some_and(|(_, port)| port.parse::<u16>().is_ok())
        {
            host.to_owned()
        } else {
            format!("{host}:80")
        };
        let mut addresses = named
            .to_socket_addrs()
            .with_context(|| format!("looking up {host}"))?;
        let address = addresses
            .next()
            .with_context(|| format!("{host} has no address"))?;
        Ok(Self {
            address,
            host: host.to_owned(),
        })
    }

    /// Whether it is this machine.
    pub fn is_local(&self) -> bool {
        self.address.ip().is_loopback()
    }

    /// `http://host:port`.
    pub fn url(&self) -> String {
        format!("http://{}", self.host)
    }
}

/// A client with one connection of its own.
#[derive(Debug)]
pub struct Client {
    place: Place,
    kept: Option<Connection>,
    /// The headers that prove who asks, each with its line end; empty where nobody has to.
    proof: String,
}

impl Client {
    /// A client that connects when it is first used.
    pub fn new(place: Place) -> Self {
        Self {
            place,
            kept: None,
            proof: String::new(),
        }
    }

    /// The same with a token of the server's API.
    pub fn with_token(mut self, token: &str) -> Self {
        self.proof = format!("authorization: Bearer {token}\r\n");
        self
    }

    /// The same with a further header.
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.proof.push_str(&format!("{name}: {value}\r\n"));
        self
    }

    /// Asks; any status but 200, 201 and 202 is an error.
    pub async fn get(&mut self, path: &str) -> anyhow::Result<Vec<u8>> {
        let host = &self.place.host;
        let request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\n{}\r\n", self.proof);
        self.exchange(path, request.as_bytes()).await
    }

    /// Asks for JSON.
    pub async fn json(&mut self, path: &str) -> anyhow::Result<Value> {
        let body = self.get(path).await?;
        serde_json::from_slice(&body).with_context(|| format!("{path} did not answer JSON"))
    }

    /// Posts JSON.
    pub async fn post(&mut self, path: &str, value: &Value) -> anyhow::Result<Vec<u8>> {
        let body = value.to_string();
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\n{}content-length: {}\r\n\r\n{body}",
            self.place.host,
            self.proof,
            body.len()
        );
        self.exchange(path, request.as_bytes()).await
    }

    async fn exchange(&mut self, path: &str, request: &[u8]) -> anyhow::Result<Vec<u8>> {
        // A kept connection may have been closed by the other side while nobody used it.
        if let Some(connection) = self.kept.take()
            && let Ok(answer) = self.on(connection, request).await
        {
            return checked(path, answer);
        }
        let asking = || format!("asking {}{path}", self.place.url());
        let connection = Connection::open(self.place.address)
            .await
            .with_context(asking)?;
        let answer = self.on(connection, request).await;
        let answer = answer.with_context(|| format!("asking {}{path}", self.place.url()))?;
        checked(path, answer)
    }

    async fn on(
        &mut self,
        mut connection: Connection,
        request: &[u8],
    ) -> anyhow::Result<(u16, Vec<u8>)> {
        let exchange = tokio::time::timeout(PATIENCE, connection.exchange(request)).await;
        let (status, body) = exchange.context("no answer in time")??;
        let answer = (status, body.to_vec());
        if connection.is_open() {
            self.kept = Some(connection);
        }
        Ok(answer)
    }
}

fn checked(path: &str, (status, body): (u16, Vec<u8>)) -> anyhow::Result<Vec<u8>> {
    let said = || String::from_utf8_lossy(&body[..body.len().min(300)]).into_owned();
    anyhow::ensure!(
        matches!(status, 200..=202),
        "{path} answered {status}: {}",
        said()
    );
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_local() {
        assert!(Place::parse("http://127.0.0.1:8080/").unwrap().is_local());
        assert!(!Place::parse("http://192.0.2.7:8080").unwrap().is_local());
        assert_eq!(Place::parse("http://127.0.0.1").unwrap().address.port(), 80);
        assert!(Place::parse("https://127.0.0.1:1").is_err());
    }
}
