//! What makes a relay of the bare handler: each webhook is followed by one reply to the provider, and
//! nothing is kept. It shows what the two exchanges of a step cost on this machine by themselves.

use std::io;

use crate::client::Place;
use crate::generator::Pool;
use crate::world::{Carrier, Channel};

/// More connections to the provider than the generator has to the relay, so that no reply waits for
/// one.
const CONNECTIONS_MAX: usize = 1_024;
/// The version of the Graph API that the path names; the simulator takes any.
const VERSION: &str = "v25.0";

/// The provider, and the connections to it.
#[derive(Debug)]
pub struct Relay {
    provider: Place,
    pool: Pool,
}

impl Relay {
    /// A relay to the provider at `http://host:port`, which stands below `/meta` there.
    ///
    /// # Errors
    /// When it is something else, or the name is unknown.
    pub fn to(url: &str) -> anyhow::Result<Self> {
        let provider = Place::parse(url)?;
        let pool = Pool::new(provider.address, CONNECTIONS_MAX);
        Ok(Self { provider, pool })
    }

    /// The head of every reply from `channel`, up to the length of its body; `None` when it is not
    /// Meta's.
    pub fn head(&self, channel: &Channel) -> Option<String> {
        let Carrier::Meta {
            phone_number_id,
            access_token,
            ..
        } = &channel.carrier
        else {
            return None;
        };
        Some(format!(
            "POST /meta/{VERSION}/{phone_number_id}/messages HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {access_token}\r\ncontent-type: application/json\r\ncontent-length: ",
            self.provider.host
        ))
    }

    /// Sends a short text to `to`; gives the status it was answered with.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn reply(&self, head: &str, to: &str) -> io::Result<u16> {
        let body = format!(
            "{{\"messaging_product\":\"whatsapp\",\"recipient_type\":\"individual\",\"to\":\"{to}\",\"type\":\"text\",\"text\":{{\"body\":\"Gracias, le respondemos en un momento.\"}}}}"
        );
        let request = format!("{head}{}\r\n\r\n{body}", body.len());
        self.pool.exchange(request.as_bytes()).await
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    /// Reads one request whole and answers it with `status`.
    async fn answer(stream: &mut TcpStream, status: u16) -> String {
        let mut request = Vec::new();
        while !request.ends_with(b"}}") {
            assert_ne!(stream.read_buf(&mut request).await.unwrap(), 0);
        }
        let answer = format!("HTTP/1.1 {status} -\r\ncontent-length: 2\r\n\r\n{{}}");
        stream.write_all(answer.as_bytes()).await.unwrap();
        String::from_utf8(request).unwrap()
    }

    #[tokio::test]
    async fn replies_share_a_connection_and_one_that_was_closed_is_opened_again() {
        let provider = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", provider.local_addr().unwrap());
        let relay = Relay::to(&url).unwrap();
        let head = relay.head(&Channel::meta(3)).unwrap();
        assert_eq!(relay.head(&Channel::gupshup(3)), None);

        let provided = async {
            let (mut first, _) = provider.accept().await.unwrap();
            let request = answer(&mut first, 200).await;
            answer(&mut first, 429).await;
            drop(first);
            let (mut second, _) = provider.accept().await.unwrap();
            answer(&mut second, 200).await;
            request
        };
        let replied = async {
            let mut statuses = Vec::new();
            for _ in 0..3 {
                statuses.push(relay.reply(&head, "51900000001").await.unwrap());
            }
            statuses
        };
        let (request, statuses) = tokio::join!(provided, replied);
        assert_eq!(statuses, [200, 429, 200]);

        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("POST /meta/v25.0/206540352200003/messages HTTP/1.1\r\n"));
        assert!(head.contains("\r\nauthorization: Bearer load-access-token-03\r\n"));
        assert!(head.ends_with(&format!("content-length: {}", body.len())));
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(body["to"], "51900000001");
    }
}
