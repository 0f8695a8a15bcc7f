//! One kept-alive HTTP/1.1 connection, spoken with as little work as possible: the generator shares
//! its processor with the server it measures.
//!
//! One request at a time, answers with a content length only. Whatever else a server does ends the
//! connection, and the caller opens another.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Longest head of an answer.
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// Room for the answers of webhooks; longer ones grow it.
const BUFFER_BYTES: usize = 1024;

/// A connection between two exchanges.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    is_open: bool,
}

#[derive(Debug, PartialEq, Eq)]
struct Head {
    status: u16,
    bytes: usize,
    body_bytes: usize,
    closes: bool,
}

impl Connection {
    /// Connects without delaying small writes.
    pub async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(BUFFER_BYTES),
            is_open: true,
        })
    }

    /// Whether another exchange may follow.
    pub fn is_open(&self) -> bool {
        self.is_open
    }

    /// Writes a whole request and reads its answer: status and body.
    pub async fn exchange(&mut self, request: &[u8]) -> io::Result<(u16, &[u8])> {
        // Until the answer is complete the connection must not be used again.
        self.is_open = false;
        self.buffer.clear();
        self.stream.write_all(request).await?;
        let head = loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if let Some(head) = Head::read(&self.buffer)? {
                break head;
            }
        };
        let whole = head.bytes + head.body_bytes;
        self.buffer.reserve(whole.saturating_sub(self.buffer.len()));
        while self.buffer.len() < whole {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        self.is_open = !head.closes && self.buffer.len() == whole;
        Ok((head.status, &self.buffer[head.bytes..whole]))
    }
}

impl Head {
    /// The head at the beginning of `bytes`; `None` while it is incomplete.
    fn read(bytes: &[u8]) -> io::Result<Option<Self>> {
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            let is_endless = bytes.len() > HEAD_BYTES_MAX;
            return if is_endless { Err(odd()) } else { Ok(None) };
        };
        let text = std::str::from_utf8(&bytes[..end]).map_err(|_| odd())?;
        let mut lines = text.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1));
        let status = status
            .and_then(|status| status.parse().ok())
            .ok_or_else(odd)?;
        let mut head = Self {
            status,
            bytes: end + 4,
            body_bytes: 0,
            closes: false,
        };
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            let value = value.trim();
            if name.eq_ignore_ascii_case("content-length") {
                head.body_bytes = value.parse().map_err(|_| odd())?;
            } else if name.eq_ignore_ascii_case("connection") {
                head.closes = value.eq_ignore_ascii_case("close");
            } else if name.eq_ignore_ascii_case("transfer-encoding") {
                return Err(odd());
            }
        }
        Ok(Some(head))
    }
}

fn odd() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "the answer is not HTTP/1.1 with a content length",
    )
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[test]
    fn a_head_is_read_when_it_is_complete() {
        let answer = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 7\r\nConnection: close\r\n\r\nno room";
        assert_eq!(Head::read(&answer[..40]).unwrap(), None);
        let head = Head::read(answer).unwrap().unwrap();
        assert_eq!((head.status, head.body_bytes, head.closes), (503, 7, true));
        assert_eq!(&answer[head.bytes..], b"no room");
        assert!(Head::read(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
        assert!(Head::read(&[b'x'; HEAD_BYTES_MAX + 1]).is_err());
    }

    #[tokio::test]
    async fn an_answer_in_pieces_is_put_together_and_the_connection_kept() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            for _ in 0..2 {
                let mut request = [0; 4];
                stream.read_exact(&mut request).await.unwrap();
                for piece in ["HTTP/1.1 200 OK\r\nconte", "nt-length: 5\r\n\r\nho", "las"] {
                    stream.write_all(piece.as_bytes()).await.unwrap();
                    stream.flush().await.unwrap();
                }
            }
        });
        let mut connection = Connection::open(address).await.unwrap();
        for _ in 0..2 {
            let (status, body) = connection.exchange(b"ping").await.unwrap();
            assert_eq!((status, body), (200, &b"holas"[..]));
            assert!(connection.is_open());
        }
        server.await.unwrap();
        assert!(connection.exchange(b"ping").await.is_err());
        assert!(!connection.is_open());
    }
}
