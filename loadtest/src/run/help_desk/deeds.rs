//! What is done on one side and looked for on the other: a person adds to a ticket, a technician
//! writes into it. Each carries a word that nothing else carries.

use std::borrow::Cow;

use crate::clock::now_us;
use crate::generator::wa_id;
use crate::run::lines::Line;
use crate::webhook::{Content, Message, Writer, escaped};

/// On which side something is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// A person writes; the help desk must have it.
    Person,
    /// A technician writes; the person must have it.
    HelpDesk,
}

/// To whom it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum To {
    /// This ticket.
    Ticket(u64),
    /// This contact; none for somebody outside the load.
    Contact(Option<u32>),
}

/// Somebody with a ticket.
#[derive(Clone, Copy, Debug)]
pub(super) struct Person {
    pub contact: u32,
    pub channel: usize,
    pub ticket: u64,
}

/// Something that was done.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deed {
    pub person: usize,
    pub began_us: i64,
    pub arrived_us: i64,
}

impl From<(u32, usize, u64)> for Person {
    fn from((contact, channel, ticket): (u32, usize, u64)) -> Self {
        Self {
            contact,
            channel,
            ticket,
        }
    }
}

impl Person {
    /// Whether it came to them.
    pub fn is(&self, to: &To) -> bool {
        match to {
            To::Ticket(ticket) => *ticket == self.ticket,
            To::Contact(contact) => *contact == Some(self.contact),
        }
    }

    /// The webhook with which they add `word` to their ticket.
    pub fn adds(&self, writer: &Writer, number: u64, word: &str) -> Vec<u8> {
        let text = format!("agrega al ticket {} que {word}", self.ticket);
        let text = escaped(&text);
        let message = Message {
            number,
            stamp: now_us() / 1_000_000,
            content: Content::Text(&text),
        };
        writer.request(&wa_id(self.contact), &[message])
    }
}

impl Deed {
    /// Done at `began_us`, not arrived yet.
    pub fn new(person: usize, began_us: i64) -> Self {
        Self {
            person,
            began_us,
            arrived_us: 0,
        }
    }
}

impl Side {
    /// What words of this side begin with.
    pub const fn stem(self) -> &'static str {
        match self {
            Self::Person => "adjunto",
            Self::HelpDesk => "visita",
        }
    }

    /// What is counted, in words.
    pub const fn told(self) -> &'static str {
        match self {
            Self::Person => "written at the help desk",
            Self::HelpDesk => "told to people",
        }
    }

    /// The word of this side that a line brings to the other, and to whom.
    pub fn found(self, line: &Line) -> Option<(Cow<'_, str>, To)> {
        let (text, to) = match self {
            Self::Person => {
                let input = &line.body["input"];
                let is_write = line.provider == "glpi"
                    && line.accepted
                    && line.path.ends_with("/ITILFollowup");
                let text = input["content"].as_str().filter(|_| is_write)?;
                (Cow::Borrowed(text), To::Ticket(input["items_id"].as_u64()?))
            }
            Self::HelpDesk => {
                let heard = line.heard()?;
                (heard.words, To::Contact(heard.to))
            }
        };
        let from = text.find(self.stem())?;
        let is_part = |c: char| c.is_ascii_alphanumeric();
        let word: String = text[from..].chars().take_while(|c| is_part(*c)).collect();
        Some((word.into(), to))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn line(provider: &str, path: &str, body: Value) -> Line {
        Line {
            n: 1,
            provider: provider.to_owned(),
            accepted: true,
            at_us: 1,
            path: path.to_owned(),
            body,
        }
    }

    #[test]
    fn each_side_finds_only_what_the_other_did() {
        let path = "/glpi/apirest.php/ITILFollowup";
        let written = |text: &str| {
            let input = json!({"itemtype": "Ticket", "items_id": 17, "content": text});
            line("glpi", path, json!({"input": input}))
        };
        let added = written("<p>adjunto5x0x</p> <!-- chasqui:abc -->");
        let (word, to) = Side::Person.found(&added).unwrap();
        assert_eq!((word.as_ref(), to), ("adjunto5x0x", To::Ticket(17)));
        let technicians = written("<p>visita5x0x</p>");
        assert_eq!(Side::Person.found(&technicians), None);
        assert_eq!(Side::HelpDesk.found(&technicians), None);
        let body =
            json!({"to": "51970000003", "text": {"body": "El técnico escribió: visita5x0x."}});
        let told = line("meta", "/meta/v25.0/1/messages", body);
        let (word, to) = Side::HelpDesk.found(&told).unwrap();
        assert_eq!(word, "visita5x0x");
        let person = Person::from((70_000_003, 0, 17));
        assert!(person.is(&to) && person.is(&To::Ticket(17)));
        assert!(!person.is(&To::Ticket(18)) && !person.is(&To::Contact(None)));
        let refused = Line {
            accepted: false,
            ..written("adjunto5x1x")
        };
        assert_eq!(Side::Person.found(&refused), None);
    }
}
