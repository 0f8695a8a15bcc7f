//! Recordings of what people write, for load tests: who wrote when, with every identity and every
//! word replaced.
//!
//! A line leaves only while somebody listens; otherwise a message costs one look at a counter. Times
//! stay as they were. A person, a channel and a word become the same something else in every
//! recording of one data directory, because the replacements are keyed by its identity secret, and
//! nobody without that secret can go back. Still, a recording tells when people write, how much and
//! how their words repeat: treat it as personal data.

mod disguise;

use std::sync::Arc;

use actors::model::{Content, InEvent, Inbound, Key, MediaKind, Message};
use actors::model::{IdentityKey, Millis};
use serde_json::{Value, json};
use tokio::sync::broadcast;

use disguise::Disguise;

/// Lines that may wait for a slow listener; beyond it the oldest are left out, and counted.
const WAITING_MAX: usize = 65_536;

/// Where lines leave. Cheap to clone.
#[derive(Clone)]
pub struct Recorder {
    lines: broadcast::Sender<Arc<str>>,
    disguise: Arc<Disguise>,
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recorder")
            .field("listeners", &self.lines.receiver_count())
            .finish_non_exhaustive()
    }
}

/// Somebody who listens.
#[derive(Debug)]
pub struct Listener(broadcast::Receiver<Arc<str>>);

impl Recorder {
    /// Replaces with the keys of `identity`.
    pub fn new(identity: IdentityKey) -> Self {
        Self {
            lines: broadcast::channel(WAITING_MAX).0,
            disguise: Arc::new(Disguise::new(identity)),
        }
    }

    /// Begins to listen.
    pub fn listen(&self) -> Listener {
        Listener(self.lines.subscribe())
    }

    /// The line that a recording begins with.
    pub fn head(at: Millis) -> String {
        json!({"recording": 1, "began_ms": at.0}).to_string() + "\n"
    }

    /// Lets those who listen know what was accepted from `provider`.
    pub fn note(&self, provider: &'static str, events: &[Noted]) {
        for noted in events {
            // Nobody listening any more is no fault.
            let _ = self.lines.send(self.line(provider, noted).into());
        }
    }

    /// The messages among `events`, when somebody listens: the events themselves go to the journal.
    pub fn messages(&self, events: &[InEvent]) -> Vec<Noted> {
        if self.lines.receiver_count() == 0 {
            return Vec::new();
        }
        let message = |event: &InEvent| match &event.body {
            Inbound::Message(message) => Some(Noted {
                key: event.key,
                received: event.received,
                channel: message.channel.0,
                said: Said::of(message),
            }),
            _ => None,
        };
        events.iter().filter_map(message).collect()
    }

    fn line(&self, provider: &'static str, noted: &Noted) -> String {
        let disguise = &self.disguise;
        let mut line = json!({
            "at_ms": noted.received.0,
            "provider": provider,
            "channel": disguise.name("channel", &noted.channel),
            "contact": disguise.name("contact", noted.key.to_string().as_bytes()),
            "kind": noted.said.kind,
        });
        if let Some(text) = &noted.said.text {
            line["text"] = Value::from(disguise.text(text));
        }
        line.to_string() + "\n"
    }
}

/// A message as far as a recording needs it.
#[derive(Debug)]
pub struct Noted {
    key: Key,
    received: Millis,
    channel: [u8; 16],
    said: Said,
}

/// What a message is, and the words in it.
#[derive(Debug, PartialEq)]
struct Said {
    kind: &'static str,
    text: Option<String>,
}

impl Said {
    fn of(message: &Message) -> Self {
        let (kind, text) = match &message.content {
            Content::Text(text) => ("text", Some(text.clone())),
            Content::Button { title, .. } | Content::Row { title, .. } => {
                ("choice", Some(title.to_string()))
            }
            Content::Media(media) => {
                let kind = match media.kind {
                    MediaKind::Image | MediaKind::Sticker => "image",
                    MediaKind::Video => "video",
                    MediaKind::Audio | MediaKind::Voice => "audio",
                    MediaKind::Document => "document",
                };
                (kind, media.caption.clone())
            }
            Content::Location(_) => ("location", None),
            Content::Cards(_) => ("contacts", None),
            Content::Reaction { .. } => ("reaction", None),
            _ => ("other", None),
        };
        Self { kind, text }
    }
}

impl Listener {
    /// The next line; `None` when the server stops. What was missed is told in a line of its own.
    pub async fn next(&mut self) -> Option<Arc<str>> {
        match self.0.recv().await {
            Ok(line) => Some(line),
            Err(broadcast::error::RecvError::Lagged(missed)) => {
                Some((json!({"missed": missed}).to_string() + "\n").into())
            }
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use actors::model::{ChannelId, ContactId, IdHash, Name, Phone};

    use super::*;

    const PERSON: &str = "51999888777";

    fn event(text: &str, contact: u8) -> InEvent {
        InEvent {
            key: Key::Contact(ContactId([contact; 16])),
            id: IdHash([1; 8]),
            stamp: None,
            received: Millis(1_800_000_000_123),
            body: Inbound::Message(Message {
                tenant: Name::new("acme").expect("a name"),
                channel: ChannelId([9; 16]),
                provider_id: "wamid.secret".into(),
                from: Some(Phone::parse(PERSON).expect("a number")),
                profile_name: Some("Juan Pérez".into()),
                content: Content::Text(text.to_owned()),
                context: None,
                identities: Vec::new(),
                second_line: false,
            }),
        }
    }

    fn recorder(secret: u8) -> Recorder {
        Recorder::new(IdentityKey::new(&[secret; 32]))
    }

    async fn recorded(recorder: &Recorder, events: &[InEvent]) -> Vec<Value> {
        let mut listener = recorder.listen();
        let messages = recorder.messages(events);
        recorder.note("meta", &messages);
        let mut lines = Vec::new();
        for _ in &messages {
            let line = listener.next().await.expect("a line");
            lines.push(serde_json::from_str(&line).expect("JSON"));
        }
        lines
    }

    #[tokio::test]
    async fn a_line_keeps_the_time_and_nothing_of_the_person() {
        let said = "Hola, soy Juan Pérez, mi número es 999888777 🙂";
        let lines = recorded(&recorder(1), &[event(said, 3)]).await;
        let line = &lines[0];
        assert_eq!(line["at_ms"], 1_800_000_000_123_u64);
        assert_eq!(
            (&line["provider"], &line["kind"]),
            (&"meta".into(), &"text".into())
        );
        let text = line["text"].as_str().expect("a text");
        assert_eq!(text.chars().count(), said.chars().count());
        let whole = line.to_string().to_lowercase();
        for secret in ["juan", "pérez", "999888777", "acme", "wamid", "0303"] {
            assert!(!whole.contains(secret), "{secret} in {whole}");
        }
    }

    #[tokio::test]
    async fn the_same_person_is_the_same_in_every_recording_of_one_directory() {
        let events = [event("a", 3), event("b", 4), event("c", 3)];
        let first = recorded(&recorder(1), &events).await;
        let again = recorded(&recorder(1), &events).await;
        assert_eq!(first, again);
        assert_eq!(first[0]["contact"], first[2]["contact"]);
        assert_ne!(first[0]["contact"], first[1]["contact"]);
        let elsewhere = recorded(&recorder(2), &events).await;
        assert_ne!(first[0]["contact"], elsewhere[0]["contact"]);
        assert_ne!(first[0]["channel"], elsewhere[0]["channel"]);
    }

    #[test]
    fn nothing_is_made_while_nobody_listens() {
        let recorder = recorder(1);
        assert!(recorder.messages(&[event("hola", 3)]).is_empty());
        let _listener = recorder.listen();
        assert_eq!(recorder.messages(&[event("hola", 3)]).len(), 1);
    }
}
