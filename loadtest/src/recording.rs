//! Recordings that `chasqui trace record` wrote: who wrote what when, to be sent again.

use std::collections::HashMap;
use std::path::Path;

use anyhow::Context as _;
use serde::Deserialize;

/// Contacts and messages of one recording, at most.
const CONTACTS_MAX: usize = 9_000_000;
const MESSAGES_MAX: usize = 20_000_000;

/// A recorded message.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// Milliseconds after the first.
    pub at_ms: u64,
    /// The person, counted from 0 in the order of their first messages.
    pub contact: u32,
    /// Whether it came from Meta; otherwise from Gupshup.
    pub is_meta: bool,
    /// The channel, counted from 0 among those of the same provider.
    pub channel: usize,
    /// Its words; none for a file without a caption.
    pub text: Option<String>,
    /// Whether it is the first message of this person.
    pub is_first: bool,
}

/// A recording in the order of arrival.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recording {
    /// The messages that can be sent again.
    pub messages: Vec<Recorded>,
    /// Messages of kinds that the load has no form for: places, cards, reactions.
    pub left_out: u64,
    /// Messages that the recording itself had missed.
    pub missed: u64,
}

#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    missed: u64,
    #[serde(default)]
    at_ms: Option<u64>,
    #[serde(default)]
    provider: String,
    #[serde(default)]
    channel: String,
    #[serde(default)]
    contact: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    text: Option<String>,
}

impl Recording {
    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read or holds something else.
    pub fn open(file: &Path) -> anyhow::Result<Self> {
        let open = std::fs::File::open(file);
        let open = open.with_context(|| format!("opening {}", file.display()))?;
        Self::read(std::io::BufReader::new(open))
            .with_context(|| format!("{} is no recording", file.display()))
    }

    fn read(mut lines: impl std::io::BufRead) -> anyhow::Result<Self> {
        let mut head = String::new();
        lines.read_line(&mut head)?;
        let head: serde_json::Value = serde_json::from_str(&head).context("its first line")?;
        anyhow::ensure!(head["recording"] == 1, "its form is not known");
        let mut recording = Self::default();
        let (mut contacts, mut channels) = (HashMap::new(), [HashMap::new(), HashMap::new()]);
        let mut first_ms = None;
        for (nth, line) in lines.lines().enumerate() {
            let line: Line =
                serde_json::from_str(&line?).with_context(|| format!("line {}", nth + 2))?;
            recording.missed += line.missed;
            let Some(at_ms) = line.at_ms else { continue };
            let is_meta = line.provider == "meta";
            let is_file = matches!(line.kind.as_str(), "image" | "video" | "audio" | "document");
            if !is_file && line.text.is_none() {
                recording.left_out += 1;
                continue;
            }
            let known = contacts.len() as u32;
            let contact = *contacts.entry(line.contact).or_insert(known);
            let of_provider = &mut channels[usize::from(is_meta)];
            let next = of_provider.len();
            let channel = *of_provider.entry(line.channel).or_insert(next);
            // The clock of the recorded server may have been set back.
            let since = at_ms.saturating_sub(*first_ms.get_or_insert(at_ms));
            let before = recording.messages.last().map_or(0, |last| last.at_ms);
            recording.messages.push(Recorded {
                at_ms: since.max(before),
                contact,
                is_meta,
                channel,
                text: if is_file { None } else { line.text },
                is_first: contact == known,
            });
            anyhow::ensure!(
                contacts.len() <= CONTACTS_MAX && recording.messages.len() <= MESSAGES_MAX,
                "it holds more than {CONTACTS_MAX} people or {MESSAGES_MAX} messages"
            );
        }
        anyhow::ensure!(!recording.messages.is_empty(), "it holds no message");
        Ok(recording)
    }

    /// Its length in seconds, at the speed of the recording.
    pub fn seconds(&self) -> f64 {
        self.messages
            .last()
            .map_or(0.0, |last| last.at_ms as f64 / 1e3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{"recording":1,"began_ms":1000}
{"at_ms":5000,"provider":"meta","channel":"c1","contact":"p1","kind":"text","text":"lomi"}
{"at_ms":5400,"provider":"gupshup","channel":"c2","contact":"p2","kind":"choice","text":"ra"}
{"missed":3}
{"at_ms":5300,"provider":"meta","channel":"c3","contact":"p1","kind":"image"}
{"at_ms":6000,"provider":"meta","channel":"c3","contact":"p3","kind":"reaction"}
"#;

    #[test]
    fn a_recording_is_read_in_order_with_people_and_channels_counted() {
        let recording = Recording::read(TEXT.as_bytes()).unwrap();
        assert_eq!((recording.left_out, recording.missed), (1, 3));
        let [first, second, third] = &recording.messages[..] else {
            panic!("three messages")
        };
        assert_eq!((first.at_ms, first.contact, first.is_first), (0, 0, true));
        assert_eq!((second.at_ms, second.contact, second.channel), (400, 1, 0));
        assert!(!second.is_meta && second.is_first);
        assert_eq!((third.at_ms, third.contact, third.channel), (400, 0, 1));
        assert!(third.text.is_none() && !third.is_first);
        assert!((recording.seconds() - 0.4).abs() < 1e-9);
    }

    #[test]
    fn what_is_no_recording_is_refused() {
        for wrong in ["", "{}\n", "{\"recording\":2}\n", "{\"recording\":1}\n"] {
            assert!(Recording::read(wrong.as_bytes()).is_err(), "{wrong:?}");
        }
        let broken = "{\"recording\":1}\nno json\n";
        let error = Recording::read(broken.as_bytes()).unwrap_err();
        assert!(error.to_string().contains("line 2"), "{error}");
    }
}
