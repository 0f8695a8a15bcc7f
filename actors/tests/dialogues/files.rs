//! Files, places and cards on the stage: what the person sends, and what becomes of the files.

use actors::model::{Card, Content, Kept, Location, Media, MediaKind, Outcome, Reply};

use crate::stage::Stage;

impl Stage {
    /// Something happens that has to do with files.
    pub(super) fn file_happens(&mut self, what: &str, of: &str) -> String {
        match what {
            "photo" => self.sends(file(MediaKind::Image, "image/jpeg", None, of)),
            "voice" => self.sends(file(MediaKind::Voice, "audio/ogg; codecs=opus", None, of)),
            "sticker" => self.sends(file(MediaKind::Sticker, "image/webp", None, of)),
            "document" => {
                let name = Some(of);
                self.sends(file(MediaKind::Document, "application/pdf", name, ""))
            }
            "place" => self.sends(Content::Location(Box::new(Location {
                latitude: -12.097_4,
                longitude: -77.036_5,
                name: Some(of.into()),
                address: Some("Av. Javier Prado 123".into()),
                link: None,
            }))),
            "card" => self.sends(Content::Cards(vec![Card {
                name: of.into(),
                phones: vec!["+51 999 111 222".into()],
                ..Card::default()
            }])),
            "stored" => self.stored(),
            "lost" => {
                let code = of.parse().unwrap();
                self.each_fetched(|| Outcome::Failed {
                    code,
                    reason: "it could not be had".into(),
                })
            }
            "attached" => self.each_attached(|| Outcome::Done(Reply::default())),
            "unaccepted" => self.each_attached(|| Outcome::Failed {
                code: 415,
                reason: "the help desk does not take it".into(),
            }),
            other => panic!("nothing called {other} happens"),
        }
    }

    fn stored(&mut self) -> String {
        let fetching = std::mem::take(&mut self.fetching);
        let mut told = String::new();
        for (number, (effect, fetch)) in fetching.into_iter().enumerate() {
            let plain = fetch.media.mime.split(';').next().unwrap();
            let kept = Kept {
                name: format!("{number:032x}").into(),
                size: 120_000,
                mime: plain.into(),
                digest: [number as u8; 32],
            };
            let reply = Reply {
                kept: Some(Box::new(kept)),
                ..Reply::default()
            };
            told += &self.ends(effect, Outcome::Done(reply));
        }
        told
    }

    fn each_fetched(&mut self, outcome: impl Fn() -> Outcome) -> String {
        let fetching = std::mem::take(&mut self.fetching);
        let effects = fetching.into_iter().map(|(effect, _)| effect);
        effects.map(|effect| self.ends(effect, outcome())).collect()
    }

    fn each_attached(&mut self, outcome: impl Fn() -> Outcome) -> String {
        let effects = std::mem::take(&mut self.attaching).into_iter();
        effects.map(|effect| self.ends(effect, outcome())).collect()
    }
}

/// Whether a line of a transcript is about something that was sent besides words.
pub fn is_note(line: &str) -> bool {
    ["📎", "📍", "👤"].iter().any(|mark| line.starts_with(mark))
}

fn file(kind: MediaKind, mime: &str, name: Option<&str>, caption: &str) -> Content {
    Content::Media(Box::new(Media {
        kind,
        id: Some("1003383421387256".into()),
        link: None,
        expires: None,
        mime: mime.into(),
        digest: None,
        caption: (!caption.is_empty()).then(|| caption.to_owned()),
        file_name: name.map(Into::into),
    }))
}
