//! The languages people write in, and the words by which the bot's replies are known in each (the
//! product's catalogues).

use serde::{Deserialize, Serialize};

use crate::request_log::Said;
use crate::world::share;

/// A language of the load.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Tongue {
    /// Spanish.
    #[default]
    Spanish,
    /// Brazilian Portuguese.
    Portuguese,
    /// English.
    English,
    /// Italian.
    Italian,
}

/// What is said in one language, and how replies are known.
struct Words {
    /// A question about a ticket, up to its number.
    question: &'static str,
    /// A chopped conversation, part by part: it asks for a ticket, tells the object, tells the
    /// symptom, and takes everything back, which leaves nothing behind.
    fragments: [&'static str; 4],
    /// What stands before the number of a ticket that is unknown.
    unknown: &'static str,
    /// Further replies by a part of their words.
    known: [(&'static str, Said); 6],
}

const WORDS: [Words; 4] = [
    Words {
        question: "¿Cómo va mi ticket ",
        fragments: ["hola", "mi laptop", "no enciende", "cancelar"],
        unknown: "No encuentro un ticket ",
        known: [
            ("¿Con qué equipo, programa o servicio", Said::AskedObject),
            ("¿Podrías describir qué está pasando", Said::AskedSymptom),
            ("📋 Información del Ticket", Said::Draft),
            ("cancelé la solicitud", Said::Cancelled),
            ("Recibí tu archivo. ¿De qué se trata?", Said::AskedAbout),
            ("No pude descargar un archivo", Said::FileLost),
        ],
    },
    Words {
        question: "Como está o meu chamado ",
        fragments: ["oi", "meu notebook", "não liga", "cancelar"],
        unknown: "Não encontro um chamado ",
        known: [
            (
                "Com qual equipamento, programa ou serviço",
                Said::AskedObject,
            ),
            ("pode descrever o que está acontecendo", Said::AskedSymptom),
            ("📋 Informações do chamado", Said::Draft),
            ("cancelei a solicitação", Said::Cancelled),
            ("Recebi seu arquivo. Do que se trata?", Said::AskedAbout),
            ("Não consegui baixar um arquivo", Said::FileLost),
        ],
    },
    Words {
        question: "What is the status of my ticket ",
        fragments: ["hello", "my laptop", "it does not turn on", "cancel"],
        unknown: "I can't find a ticket ",
        known: [
            ("Which device, program or service", Said::AskedObject),
            ("Could you describe what is happening", Said::AskedSymptom),
            ("📋 Ticket details", Said::Draft),
            ("I cancelled the request", Said::Cancelled),
            ("I have your file. What is it about?", Said::AskedAbout),
            ("I could not download a file", Said::FileLost),
        ],
    },
    Words {
        question: "A che punto è il mio ticket ",
        fragments: ["ciao", "il mio portatile", "non si accende", "annulla"],
        unknown: "Non trovo un ticket ",
        known: [
            (
                "Con quale dispositivo, programma o servizio",
                Said::AskedObject,
            ),
            (
                "Puoi descrivere che cosa sta succedendo",
                Said::AskedSymptom,
            ),
            ("📋 Informazioni del ticket", Said::Draft),
            ("ho annullato la richiesta", Said::Cancelled),
            (
                "Ho ricevuto il tuo file. Di che si tratta?",
                Said::AskedAbout,
            ),
            ("Non ho potuto scaricare un file", Said::FileLost),
        ],
    },
];

impl Tongue {
    /// All of them, the product's default first.
    pub const ALL: [Self; 4] = [
        Self::Spanish,
        Self::Portuguese,
        Self::English,
        Self::Italian,
    ];

    /// The language of a contact where `others` is the share of those who do not speak Spanish.
    pub fn of(contact: u32, others: f64) -> Self {
        let place = share(contact, 2);
        if place >= others {
            return Self::Spanish;
        }
        let nth = (place / others * 3.0) as usize;
        Self::ALL[1 + nth.min(2)]
    }

    fn words(self) -> &'static Words {
        &WORDS[self as usize]
    }

    /// A question about a ticket, up to its number.
    pub fn question(self) -> &'static str {
        self.words().question
    }

    /// The parts of a chopped conversation.
    pub fn fragments(self) -> [&'static str; 4] {
        self.words().fragments
    }

    /// Reads a reply: its language, where it is known, and what it says.
    pub fn read(text: &str) -> (Option<Self>, Said) {
        for tongue in Self::ALL {
            if let Some(rest) = text.strip_prefix(tongue.words().unknown) {
                let end = rest.find(|c: char| !c.is_ascii_digit());
                let number = rest[..end.unwrap_or(rest.len())].parse();
                return match number {
                    Ok(number) => (Some(tongue), Said::Unknown(number)),
                    Err(_) => (None, Said::Other),
                };
            }
        }
        for tongue in Self::ALL {
            let known = tongue.words().known.iter();
            if let Some((_, said)) = known.clone().find(|(words, _)| text.contains(words)) {
                return (Some(tongue), *said);
            }
        }
        (None, Said::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_tells_its_language_and_its_matter() {
        for (tongue, text) in [
            (Tongue::Spanish, "No encuentro un ticket 77 a tu nombre."),
            (
                Tongue::Portuguese,
                "Não encontro um chamado 77 no seu nome.",
            ),
            (Tongue::English, "I can't find a ticket 77 in your name."),
            (Tongue::Italian, "Non trovo un ticket 77 a tuo nome."),
        ] {
            assert_eq!(Tongue::read(text), (Some(tongue), Said::Unknown(77)));
        }
        let greeting = "Hello! 👋\n\nWhich device, program or service is the problem with?";
        assert_eq!(
            Tongue::read(greeting),
            (Some(Tongue::English), Said::AskedObject)
        );
        assert_eq!(Tongue::read("Gracias por escribirnos"), (None, Said::Other));
        assert_eq!(
            Tongue::read("No encuentro un ticket así"),
            (None, Said::Other)
        );
    }

    #[test]
    fn the_others_speak_three_languages_and_each_keeps_theirs() {
        let spoken = |tongue| (0..9_000).filter(|c| Tongue::of(*c, 0.3) == tongue).count();
        for tongue in [Tongue::Portuguese, Tongue::English, Tongue::Italian] {
            assert!((750..1_050).contains(&spoken(tongue)), "{tongue:?}");
        }
        assert!((0..1_000).all(|contact| Tongue::of(contact, 0.0) == Tongue::Spanish));
    }
}
