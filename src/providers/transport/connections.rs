//! Connections to one host that are kept between exchanges.
//!
//! Whoever makes an exchange drives its connection: no other task has to be woken to write the
//! request or to read the answer, which is a good part of what a small exchange costs. An idle
//! connection is driven by nobody, so it is looked at before it is used again, and one that the host
//! has closed is passed over.

#[cfg(test)]
mod tests;

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::TrySendError;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::http::response::Parts;
use hyper::http::uri::{Authority, Scheme};
use hyper::{Request, Response, Uri};
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until, timeout_at};
use tower::Service;

use super::{ANSWER_BYTES_MAX, BadSettings, Broken, CONNECT_TIMEOUT};

type Message = Request<Full<Bytes>>;
type Stream = MaybeHttpsStream<TokioIo<TcpStream>>;

/// Makes connections of one scheme.
#[derive(Clone, Debug)]
pub(super) struct Connector(HttpsConnector<HttpConnector>);

impl Connector {
    /// For `https` the system's CA certificates are read and nothing else is ever spoken; without
    /// it TLS is never spoken.
    pub fn new(secure: bool) -> Result<Self, BadSettings> {
        let no_client = |reason: rustls::Error| BadSettings::NoClient {
            reason: reason.to_string(),
        };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider);
        let config = config.with_safe_default_protocol_versions();
        let config = config.map_err(no_client)?;
        let mut tcp = HttpConnector::new();
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(CONNECT_TIMEOUT));
        tcp.enforce_http(false);
        let builder = HttpsConnectorBuilder::new();
        let builder = if secure {
            let config = config.try_with_platform_verifier().map_err(no_client)?;
            builder
                .with_tls_config(config.with_no_client_auth())
                .https_only()
        } else {
            let nobody = config.with_root_certificates(rustls::RootCertStore::empty());
            builder
                .with_tls_config(nobody.with_no_client_auth())
                .https_or_http()
        };
        Ok(Self(builder.enable_http1().wrap_connector(tcp)))
    }
}

/// The connections to one host.
#[derive(Debug)]
pub(super) struct Connections {
    connector: Connector,
    /// Scheme and host.
    to: Uri,
    /// After so long without use a connection is dropped.
    idle_for: Duration,
    /// The one used last is used next; the oldest are in front. As many as there were exchanges at
    /// once, which the gateways bound.
    idle: Mutex<Vec<Kept>>,
}

/// One open connection.
#[derive(Debug)]
struct Kept {
    sender: SendRequest<Full<Bytes>>,
    /// Boxed: it is 1.8 KB, and changes hands several times in an exchange.
    connection: Box<http1::Connection<Stream, Full<Bytes>>>,
    /// Ends an exchange that takes too long. It stays with the connection, because a timer that is
    /// only put off costs a fraction of a new one.
    deadline: Pin<Box<Sleep>>,
    idle_since: Instant,
}

/// Why a connection gave no answer.
enum Cut {
    /// Not a byte of it left; here it is again.
    Unsent(Box<Message>),
    /// It may have left, or what came back is no whole answer.
    Broken(Broken),
}

impl Connections {
    pub fn new(connector: Connector, scheme: Scheme, host: Authority, idle_for: Duration) -> Self {
        let mut to = hyper::http::uri::Parts::default();
        to.scheme = Some(scheme);
        to.authority = Some(host);
        to.path_and_query = Some(hyper::http::uri::PathAndQuery::from_static("/"));
        Self {
            connector,
            to: Uri::from_parts(to).expect("scheme, host and path make an address"),
            idle_for,
            idle: Mutex::default(),
        }
    }

    /// The host, as the `Host` header names it.
    pub fn host(&self) -> &str {
        self.to.authority().map_or("", Authority::as_str)
    }

    /// Makes one exchange, which has its answer by `until`. Dropped half-way, it closes its
    /// connection.
    pub async fn exchange(
        &self,
        message: Message,
        until: Instant,
    ) -> Result<(Parts, Bytes), Broken> {
        let mut message = message;
        while let Some(kept) = self.take().await {
            match self.carry(kept, message, until).await {
                Err(Cut::Unsent(unsent)) => message = *unsent,
                Err(Cut::Broken(broken)) => return Err(broken),
                Ok(answer) => return Ok(answer),
            }
        }
        let fresh = Box::pin(self.connect(until)).await?;
        match self.carry(fresh, message, until).await {
            Ok(answer) => Ok(answer),
            Err(Cut::Broken(broken)) => Err(broken),
            Err(Cut::Unsent(_)) => Err(Broken::CLOSED),
        }
    }

    /// Makes an exchange over a connection, and keeps it when it can be used again.
    async fn carry(
        &self,
        mut kept: Kept,
        message: Message,
        until: Instant,
    ) -> Result<(Parts, Bytes), Cut> {
        kept.deadline.as_mut().reset(until);
        let mut answer = pin!(read(kept.sender.try_send_request(message)));
        let mut over = false;
        let answer = poll_fn(|cx| {
            over = over || kept.poll(cx).is_ready();
            if let Poll::Ready(answer) = answer.as_mut().poll(cx) {
                return Poll::Ready(answer);
            }
            let late = kept.deadline.as_mut().poll(cx);
            late.map(|()| Err(Cut::Broken(Broken::LATE)))
        });
        let answer = answer.await?;
        // The connection has to notice that the exchange is over.
        let closed = poll_fn(|cx| Poll::Ready(over || kept.poll(cx).is_ready())).await;
        if !closed && kept.sender.is_ready() {
            kept.idle_since = Instant::now();
            self.idle().push(kept);
        }
        Ok(answer)
    }

    /// A kept connection that is still open, as far as can be seen.
    async fn take(&self) -> Option<Kept> {
        loop {
            let mut kept = {
                let mut idle = self.idle();
                let old = |kept: &&Kept| kept.idle_since.elapsed() >= self.idle_for;
                let outdated = idle.iter().take_while(old).count();
                idle.drain(..outdated);
                idle.pop()?
            };
            let closed = poll_fn(|cx| Poll::Ready(kept.poll(cx).is_ready())).await;
            if !closed && kept.sender.is_ready() {
                return Some(kept);
            }
        }
    }

    async fn connect(&self, until: Instant) -> Result<Kept, Broken> {
        let connecting = self.connector.0.clone().call(self.to.clone());
        let connected_by = until.min(Instant::now() + CONNECT_TIMEOUT);
        let stream = match timeout_at(connected_by, connecting).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return Err(Broken::unconnected(&*error)),
            Err(_) => return Err(Broken::UNANSWERED),
        };
        // Messages are small: one buffer costs less than two, and is one record of TLS.
        let made = http1::Builder::new().writev(false).handshake(stream).await;
        let (sender, connection) = made.map_err(|_| Broken::CLOSED)?;
        Ok(Kept {
            sender,
            connection: Box::new(connection),
            deadline: Box::pin(sleep_until(until)),
            idle_since: Instant::now(),
        })
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Kept>> {
        // Pushes and pops do not panic half-way.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// Drives the connection; ready when it is over, well or not.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut *self.connection).poll(cx).map(drop)
    }
}

/// Reads a whole answer.
async fn read(
    response: impl Future<Output = Result<Response<Incoming>, TrySendError<Message>>>,
) -> Result<(Parts, Bytes), Cut> {
    let response = match response.await {
        Ok(response) => response,
        Err(mut error) => match error.take_message() {
            Some(message) => return Err(Cut::Unsent(Box::new(message))),
            None => return Err(Cut::Broken(Broken::CUT_OFF)),
        },
    };
    let (head, mut body) = response.into_parts();
    let mut whole = Bytes::new();
    while let Some(frame) = body.frame().await {
        let Ok(piece) = frame.map_err(|_| Cut::Broken(Broken::CUT_OFF))?.into_data() else {
            continue;
        };
        if whole.len() + piece.len() > ANSWER_BYTES_MAX {
            return Err(Cut::Broken(Broken::TOO_LARGE));
        }
        whole = match whole.is_empty() {
            // Nearly every answer comes in one piece.
            true => piece,
            false => {
                let mut longer = BytesMut::from(whole);
                longer.extend_from_slice(&piece);
                longer.freeze()
            }
        };
    }
    Ok((head, whole))
}
