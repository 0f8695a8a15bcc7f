//! A provider that answers as it is told, down to the bytes on the wire.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Method, blank, path with query.
    pub line: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body as JSON; null when there is none.
    pub body: Value,
    /// The body as text.
    pub text: String,
}

impl Seen {
    /// A header's value, empty when it is missing.
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value)
    }
}

/// What the stub does with a request after it has read it.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Answers.
    Answer(u16, Vec<(&'static str, &'static str)>, String),
    /// Never answers.
    Silence,
    /// Resets the connection.
    Reset,
    /// Sends half of the body and resets the connection.
    Torn,
}

/// A JSON answer.
pub fn json(status: u16, body: Value) -> Reply {
    Reply::Answer(
        status,
        vec![("content-type", "application/json")],
        body.to_string(),
    )
}

/// A page of something that is not the provider.
pub fn page(status: u16) -> Reply {
    let html = "<html><body>Mantenimiento</body></html>";
    Reply::Answer(status, vec![("content-type", "text/html")], html.to_owned())
}

type Script = dyn FnMut(&Seen) -> Reply + Send;

/// A listening stub; it ends with its value.
pub struct Stub {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    server: JoinHandle<()>,
}

impl Stub {
    /// Listens on a free loopback port and answers with `script`.
    pub async fn start(script: impl FnMut(&Seen) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = seen.clone();
        let script: Arc<Mutex<Script>> = Arc::new(Mutex::new(script));
        let server = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream, script.clone(), log.clone()));
            }
        });
        Self {
            address,
            seen,
            server,
        }
    }

    /// `http://` and the address, with `path`.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What arrived so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen
            .lock()
            .expect("no test panics while holding it")
            .clone()
    }

    /// The requests whose line begins with `start`.
    pub fn seen_at(&self, start: &str) -> Vec<Seen> {
        let all = self.seen().into_iter();
        all.filter(|seen| seen.line.starts_with(start)).collect()
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// An address where nothing listens.
pub async fn nowhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    format!("http://{}", listener.local_addr().expect("bound"))
}

async fn serve(stream: TcpStream, script: Arc<Mutex<Script>>, log: Arc<Mutex<Vec<Seen>>>) {
    let mut stream = BufReader::new(stream);
    while let Some(seen) = read_request(&mut stream).await {
        log.lock()
            .expect("no test panics while holding it")
            .push(seen.clone());
        let reply = (script.lock().expect("scripts do not panic"))(&seen);
        match reply {
            Reply::Answer(status, headers, body) => {
                let head = head(status, &headers, body.len());
                let whole = [head.as_bytes(), body.as_bytes()].concat();
                if stream.write_all(&whole).await.is_err() {
                    return;
                }
            }
            Reply::Silence => std::future::pending().await,
            Reply::Reset => return reset(&stream),
            Reply::Torn => {
                let whole = format!("{}{{\"id\":", head(200, &[], 100));
                stream
                    .write_all(whole.as_bytes())
                    .await
                    .expect("still open");
                stream.flush().await.expect("still open");
                return reset(&stream);
            }
        }
    }
}

fn reset(stream: &BufReader<TcpStream>) {
    stream.get_ref().set_zero_linger().expect("an open socket");
}

fn head(status: u16, headers: &[(&str, &str)], length: usize) -> String {
    let mut head = format!("HTTP/1.1 {status} Stub\r\ncontent-length: {length}\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head + "\r\n"
}

async fn read_request(stream: &mut BufReader<TcpStream>) -> Option<Seen> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).expect("ASCII");
    let (line, rest) = head.split_once("\r\n").expect("a request line");
    let headers: Vec<(String, String)> = rest
        .lines()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.map_or(0, |(_, value)| value.parse().expect("a number"));
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(Seen {
        line: line.trim_end_matches(" HTTP/1.1").to_owned(),
        headers,
        body: serde_json::from_slice(&body).unwrap_or(Value::Null),
        text: String::from_utf8_lossy(&body).into_owned(),
    })
}
