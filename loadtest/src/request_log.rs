//! Reads what the simulated provider received, from its own log: the replies, as the oracle needs
//! them.
//!
//! Each line is read once, while requests are under way. So only lines whose outcome is known are
//! asked for: a reply read between its arrival and its outcome would pass for one that was refused,
//! and the message it answers for lost.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hasher as _};

use anyhow::Context as _;
use serde::Deserialize;

use crate::client::{Client, Place};
use crate::generator::contact;
use crate::tongue::Tongue;

/// Lines of one page; the simulators give no more.
const PAGE: usize = 5_000;

/// What a reply says, as far as the load can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Said {
    /// That the ticket with this number is unknown.
    Unknown(u64),
    /// The greeting, which asks for the object.
    AskedObject,
    /// The question what the matter is.
    AskedSymptom,
    /// The draft of a ticket.
    Draft,
    /// That the request was given up.
    Cancelled,
    /// The question what a file is about.
    AskedAbout,
    /// That a file could not be fetched.
    FileLost,
    /// Something else.
    Other,
}

/// A reply that the provider took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply {
    /// When its request arrived, microseconds since 1970.
    pub at_us: i64,
    /// Whom it is for; `None` for somebody outside the load.
    pub contact: Option<u32>,
    /// The same for every request that carries the same effect.
    pub effect: u64,
    /// What it says.
    pub said: Said,
    /// In which language, as far as it is known by its words.
    pub tongue: Option<Tongue>,
}

/// Sums of the log.
#[derive(Clone, Copy, Debug, Default)]
pub struct Totals {
    /// Lines so far.
    pub lines: u64,
    /// Requests that WhatsApp took.
    pub accepted: u64,
}

#[derive(Deserialize)]
struct Line<'a> {
    n: u64,
    provider: &'a str,
    accepted: bool,
    at_us: i64,
    #[serde(borrow)]
    body: Option<Body<'a>>,
}

/// A send of either provider: JSON of Meta's, or the fields of Gupshup's form.
#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    to: Option<Cow<'a, str>>,
    #[serde(borrow)]
    text: Option<Text<'a>>,
    #[serde(borrow)]
    interactive: Option<Interactive<'a>>,
    #[serde(borrow)]
    biz_opaque_callback_data: Option<Cow<'a, str>>,
    #[serde(borrow)]
    destination: Option<Cow<'a, str>>,
    /// JSON as text.
    #[serde(borrow)]
    message: Option<Cow<'a, str>>,
}

/// Gupshup's JSON inside the form: a text, buttons or a list.
#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    text: Option<Cow<'a, str>>,
    #[serde(borrow)]
    content: Option<Words<'a>>,
    #[serde(borrow)]
    body: Option<Cow<'a, str>>,
    #[serde(borrow)]
    msgid: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Text<'a> {
    #[serde(borrow)]
    body: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Interactive<'a> {
    #[serde(borrow)]
    body: Words<'a>,
}

#[derive(Deserialize)]
struct Words<'a> {
    #[serde(borrow)]
    text: Cow<'a, str>,
}

/// Follows the log of the simulators, page by page.
#[derive(Debug)]
pub struct Pages {
    client: Client,
    after: u64,
}

impl Pages {
    /// Follows it from its present end.
    pub async fn from_now(simulators: &Place) -> anyhow::Result<Self> {
        let mut client = Client::new(simulators.clone());
        let after = totals(&mut client).await?.lines;
        Ok(Self { client, after })
    }

    /// Reads one page of lines that have their outcome; `each` gets every line and tells its number.
    /// False when there is nothing more as yet.
    pub async fn next(
        &mut self,
        mut each: impl FnMut(&[u8]) -> anyhow::Result<u64>,
    ) -> anyhow::Result<bool> {
        let path = format!("/_log?after={}&limit={PAGE}&settled=1", self.after);
        let page = self.client.get(&path).await?;
        let mut lines = 0;
        for line in page
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
        {
            lines += 1;
            self.after = each(line).context("a line of the simulators' log")?;
        }
        Ok(lines == PAGE)
    }
}

/// The replies in the log of the simulators.
#[derive(Debug)]
pub struct RequestLog {
    pages: Pages,
    replies: Vec<Reply>,
}

impl RequestLog {
    /// Follows it from its present end.
    pub async fn from_now(simulators: &Place) -> anyhow::Result<Self> {
        Ok(Self {
            pages: Pages::from_now(simulators).await?,
            replies: Vec::new(),
        })
    }

    /// Lines read so far, those before its beginning included.
    pub fn position(&self) -> u64 {
        self.pages.after
    }

    /// Reads one page; false when there is nothing more as yet.
    pub async fn read_page(&mut self) -> anyhow::Result<bool> {
        let replies = &mut self.replies;
        let next = self.pages.next(|line| {
            let (n, reply) = read(line)?;
            replies.extend(reply);
            Ok(n)
        });
        next.await
    }

    /// Every reply since the beginning or the last call, as far as no older request is under way.
    pub async fn take(&mut self) -> anyhow::Result<Vec<Reply>> {
        while self.read_page().await? {}
        Ok(std::mem::take(&mut self.replies))
    }
}

/// Asks for the sums.
pub async fn totals(client: &mut Client) -> anyhow::Result<Totals> {
    let counts = client.json("/_log/counts?totals=1").await?;
    let number = |value: &serde_json::Value| value.as_u64().context("the log counts no requests");
    let accepted = |provider: &str| number(&counts["providers"][provider]["accepted"]);
    Ok(Totals {
        lines: number(&counts["lines"])?,
        accepted: accepted("meta")? + accepted("gupshup")?,
    })
}

/// The number of a line, and the reply in it that was taken.
fn read(line: &[u8]) -> serde_json::Result<(u64, Option<Reply>)> {
    let line: Line<'_> = serde_json::from_slice(line)?;
    let (n, at_us) = (line.n, line.at_us);
    let Some(body) = line.body.filter(|_| line.accepted) else {
        return Ok((n, None));
    };
    let reply = match line.provider {
        "meta" => by_meta(&body, at_us),
        "gupshup" => by_gupshup(&body, at_us, n)?,
        _ => None,
    };
    Ok((n, reply))
}

fn by_meta(body: &Body<'_>, at_us: i64) -> Option<Reply> {
    let words = match (&body.text, &body.interactive) {
        (Some(text), _) => &text.body,
        (None, Some(interactive)) => &interactive.body.text,
        // A read mark is no reply.
        (None, None) => return None,
    };
    let effect = same(&body.biz_opaque_callback_data);
    Some(Reply::new(at_us, body.to.as_deref(), effect, words))
}

/// Texts carry nothing of ours, so each counts as an effect of its own; that one was sent twice
/// shows in what it says.
fn by_gupshup(body: &Body<'_>, at_us: i64, n: u64) -> serde_json::Result<Option<Reply>> {
    let Some(message) = &body.message else {
        return Ok(None);
    };
    let message: Message<'_> = serde_json::from_str(message)?;
    let content = message.content.map(|content| content.text);
    let Some(words) = message.text.or(content).or(message.body) else {
        return Ok(None);
    };
    let effect = match message.msgid {
        Some(id) => same(&id),
        None => same(&("gupshup", n)),
    };
    let to = body.destination.as_deref();
    Ok(Some(Reply::new(at_us, to, effect, &words)))
}

fn same(what: &impl std::hash::Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

impl Reply {
    fn new(at_us: i64, to: Option<&str>, effect: u64, words: &str) -> Self {
        let (tongue, said) = Tongue::read(words);
        Self {
            at_us,
            contact: to.and_then(contact),
            effect,
            said,
            tongue,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use axum::Router;
    use axum::http::Uri;
    use axum::routing::get;

    use super::*;

    /// Three replies, of which the second is taken only when it is `done`.
    fn three_lines(asked: &str, done: bool) -> String {
        let line = |n: u64, outcome: &str| {
            format!(
                r#"{{"n":{n},"provider":"meta",{outcome},"at_ms":1,"at_us":{n},"method":"POST","path":"/x","body":{{"to":"51900000012","text":{{"body":"hola"}},"biz_opaque_callback_data":"e{n}"}}}}
"#
            )
        };
        let taken = r#""status":200,"accepted":true "#;
        let open = r#""status":  0,"accepted":false"#;
        let lines = [
            line(1, taken),
            line(2, if done { taken } else { open }),
            line(3, taken),
        ];
        let read = asked
            .split('&')
            .find_map(|pair| pair.strip_prefix("after="));
        let read: usize = read.and_then(|after| after.parse().ok()).unwrap();
        let shown = match asked.contains("settled=1") && !done {
            true => 1,
            false => lines.len(),
        };
        lines[read.min(shown)..shown].concat()
    }

    #[tokio::test]
    async fn a_reply_that_is_under_way_when_the_log_is_read_is_not_missed() {
        let done = Arc::new(AtomicBool::new(false));
        let is_done = done.clone();
        let show = move |uri: Uri| async move {
            three_lines(
                uri.query().unwrap_or_default(),
                is_done.load(Ordering::Relaxed),
            )
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = axum::serve(listener, Router::new().route("/_log", get(show)));
        let server = tokio::spawn(server.into_future());
        let client = Client::new(Place::parse(&url).unwrap());
        let mut log = RequestLog {
            pages: Pages { client, after: 0 },
            replies: Vec::new(),
        };
        let mut arrived = log.take().await.unwrap();
        done.store(true, Ordering::Relaxed);
        arrived.extend(log.take().await.unwrap());
        let arrived: Vec<_> = arrived.iter().map(|reply| reply.at_us).collect();
        assert_eq!(arrived, [1, 2, 3]);
        server.abort();
    }

    #[test]
    fn a_taken_reply_is_read_and_others_are_not() {
        let line = |status: &str, body: &str| {
            format!(
                r#"{{"n":7,"provider":"meta",{status},"at_ms":1,"at_us":1234,"method":"POST","path":"/meta/v25.0/1/messages","body":{body}}}"#
            )
        };
        let taken = r#""status":200,"accepted":true "#;
        let text = r#"{"to":"51900000012","type":"text","text":{"preview_url":false,"body":"No encuentro un ticket 1234 a tu nombre. Revisa"},"biz_opaque_callback_data":"e1"}"#;
        let (n, reply) = read(line(taken, text).as_bytes()).unwrap();
        let reply = reply.unwrap();
        assert_eq!((n, reply.at_us, reply.contact), (7, 1234, Some(12)));
        assert_eq!(reply.said, Said::Unknown(1234));
        let refused = line(r#""status":  0,"accepted":false"#, text);
        assert_eq!(read(refused.as_bytes()).unwrap().1, None);
        let mark = line(taken, r#"{"status":"read","message_id":"x"}"#);
        assert_eq!(read(mark.as_bytes()).unwrap().1, None);
        let empty = line(taken, r#"null,"body_bytes":0"#);
        assert_eq!(read(empty.as_bytes()).unwrap().1, None);
        let buttons = r#"{"to":"51900000012","type":"interactive","interactive":{"type":"button","body":{"text":"hola\n📋 Información del Ticket"},"action":{"buttons":[]}},"biz_opaque_callback_data":"e2"}"#;
        let other = read(line(taken, buttons).as_bytes()).unwrap().1.unwrap();
        assert_eq!(other.said, Said::Draft);
        assert_ne!(other.effect, reply.effect);
    }

    #[test]
    fn a_send_of_gupshups_is_read_from_its_form() {
        let line = |n: u64, message: &str| {
            let message = serde_json::Value::from(message);
            format!(
                r#"{{"n":{n},"provider":"gupshup","status":202,"accepted":true ,"at_ms":1,"at_us":5,"method":"POST","path":"/gupshup/wa/api/v1/msg","body":{{"channel":"whatsapp","destination":"51900000012","message":{message}}}}}"#
            )
        };
        let of = |n, message| read(line(n, message).as_bytes()).unwrap().1.unwrap();
        let text =
            r#"{"type":"text","text":"I can't find a ticket 12 in your name.","previewUrl":false}"#;
        let (one, again) = (of(1, text), of(2, text));
        assert_eq!((one.contact, one.said), (Some(12), Said::Unknown(12)));
        assert_eq!(one.tongue, Some(Tongue::English));
        assert_ne!(one.effect, again.effect);
        let buttons = r#"{"type":"quick_reply","msgid":"e7","content":{"type":"text","text":"📋 Información del Ticket"},"options":[]}"#;
        let (one, again) = (of(3, buttons), of(4, buttons));
        assert_eq!((one.said, one.effect), (Said::Draft, again.effect));
    }
}
