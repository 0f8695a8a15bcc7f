//! People who hold whole conversations: they answer what the bot asks, each in a manner of their
//! own, and know what must come of it. Pure: words in, words out.

mod names;
mod phrases;

use crate::dice::Dice;
use crate::tongue::Tongue;
use phrases::Phrases;

/// How somebody begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    /// Greets and waits to be asked.
    Greets,
    /// Names the thing and waits to be asked.
    NamesTheThing,
    /// Tells everything at once.
    TellsAll,
    /// Writes in short pieces without waiting.
    Chops,
}

const MANNERS: [Manner; 4] = [
    Manner::Greets,
    Manner::NamesTheThing,
    Manner::TellsAll,
    Manner::Chops,
];

/// What somebody does about a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reaction {
    /// Writes this.
    Say(String),
    /// Waits for more.
    Wait,
    /// Has what they came for and says so; the ticket's number is kept.
    Thank(String),
    /// Is done.
    Leave,
    /// Does not see what this has to do with them.
    Wonder,
}

/// Somebody with a problem. The full name is theirs alone among 4,096, so that a ticket tells whose
/// it is.
#[derive(Clone, Debug)]
pub struct Persona {
    /// Their full name.
    pub name: String,
    /// Where they work.
    pub area: &'static str,
    phrases: &'static Phrases,
    thing: &'static str,
    trouble: &'static str,
    manner: Manner,
    /// Own messages without reply.
    unanswered: usize,
    has_ticket: bool,
}

impl Persona {
    /// The `nth` person of a seed, who speaks `tongue`.
    pub fn nth(seed: u64, nth: usize, tongue: Tongue) -> Self {
        let phrases = phrases::of(tongue);
        let mut dice = Dice::new(seed, 1_000 + nth as u64);
        let pick = |dice: &mut Dice, of: usize| dice.below(of as u64) as usize;
        let (thing, trouble) = phrases.problems[pick(&mut dice, phrases.problems.len())];
        let families = (
            phrases.family[nth / 16 % 16],
            phrases.family[(nth / 256 + seed as usize) % 16],
        );
        Self {
            name: format!("{} {} {}", phrases.given[nth % 16], families.0, families.1),
            area: phrases.areas[pick(&mut dice, phrases.areas.len())],
            phrases,
            thing,
            trouble,
            manner: MANNERS[pick(&mut dice, MANNERS.len())],
            unanswered: 0,
            has_ticket: false,
        }
    }

    /// What they begin with; several messages leave one right after the other.
    pub fn opening(&mut self) -> Vec<String> {
        let phrases = self.phrases;
        let said = match self.manner {
            Manner::Greets => vec![phrases.hello.to_owned()],
            Manner::NamesTheThing => vec![format!("{} {}", phrases.trouble_with, self.thing)],
            Manner::TellsAll => vec![format!(
                "{} {} {}",
                phrases.good_morning, self.thing, self.trouble
            )],
            Manner::Chops => vec![
                phrases.hello.to_lowercase(),
                self.thing.to_owned(),
                self.trouble.to_owned(),
            ],
        };
        self.unanswered = said.len();
        said
    }

    /// Hears a reply.
    pub fn hear(&mut self, words: &str) -> Reaction {
        if self.is_interim(words) {
            return Reaction::Wait;
        }
        let Some(left) = self.unanswered.checked_sub(1) else {
            return Reaction::Wonder;
        };
        self.unanswered = left;
        if words.contains(self.phrases.created) {
            return self.take_ticket(words);
        }
        if self.has_ticket {
            return if words.contains(self.phrases.welcome) {
                Reaction::Leave
            } else {
                Reaction::Wonder
            };
        }
        let answer = self.answer(words);
        match answer {
            None => Reaction::Wonder,
            // Whoever has written more already waits for the reply to that.
            Some(_) if left > 0 => Reaction::Wait,
            Some(answer) => self.say(answer),
        }
    }

    fn say(&mut self, words: String) -> Reaction {
        self.unanswered += 1;
        Reaction::Say(words)
    }

    fn answer(&self, words: &str) -> Option<String> {
        let asks = |question: &&str| words.contains(*question);
        let phrases = self.phrases;
        if asks(&phrases.asks_both) {
            Some(format!("{}, {} {}", self.name, phrases.area, self.area))
        } else if phrases.asks_name.iter().any(asks) {
            Some(self.name.clone())
        } else if phrases.asks_area.iter().any(asks) {
            Some(format!("{} {}", phrases.area, self.area))
        } else if asks(&phrases.asks_symptom) {
            Some(self.trouble.to_owned())
        } else if asks(&phrases.asks_object) {
            Some(self.thing.to_owned())
        } else if asks(&phrases.asks_yes) {
            Some(phrases.yes.to_owned())
        } else {
            None
        }
    }

    /// Whether a reply is a word in between, with the ticket's number still to come.
    pub fn is_interim(&self, words: &str) -> bool {
        words.starts_with(self.phrases.interim)
    }

    /// How they say thanks.
    pub fn thanks(&self) -> &'static str {
        self.phrases.thanks
    }

    /// The confirmation must name the person and a number.
    fn take_ticket(&mut self, words: &str) -> Reaction {
        let number = words.lines().find_map(|line| line.split_once('#'));
        let is_mine = words.contains(&self.name)
            && words.to_lowercase().contains(self.area)
            && self.unanswered == 0
            && !self.has_ticket;
        match number {
            Some((_, number)) if is_mine => {
                self.has_ticket = true;
                self.unanswered = 1;
                Reaction::Thank(number.trim().to_owned())
            }
            _ => Reaction::Wonder,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn of(manner: Manner) -> Persona {
        Persona {
            manner,
            ..Persona::nth(1, 5, Tongue::Spanish)
        }
    }

    fn confirmation(persona: &Persona) -> String {
        format!(
            "✅ Ticket creado exitosamente\n📋 Número: #TK-2026-000017\n👤 Solicitante: {} - {}",
            persona.name, persona.area
        )
    }

    #[test]
    fn a_conversation_ends_with_thanks() {
        let mut persona = of(Manner::Greets);
        assert_eq!(persona.opening().len(), 1);
        let thing = persona.hear("¡Hola! ¿Con qué equipo, programa o servicio tienes el problema?");
        assert_eq!(thing, Reaction::Say(persona.thing.to_owned()));
        let trouble = persona.hear("¿Podrías describir qué está pasando con tu laptop?");
        assert_eq!(trouble, Reaction::Say(persona.trouble.to_owned()));
        let who =
            persona.hear("Entiendo. ¿Podrías confirmar tu nombre completo y área de trabajo?");
        assert!(matches!(who, Reaction::Say(words) if words.contains(&persona.name)));
        assert_eq!(
            persona.hear("Ya registré tu solicitud. El sistema"),
            Reaction::Wait
        );
        let confirmation = confirmation(&persona);
        assert_eq!(
            persona.hear(&confirmation),
            Reaction::Thank("TK-2026-000017".to_owned())
        );
        assert_eq!(
            persona.hear("¡Con gusto! Si necesitas algo más"),
            Reaction::Leave
        );
        assert_eq!(
            persona.hear("¡Con gusto! Si necesitas algo más"),
            Reaction::Wonder
        );
    }

    #[test]
    fn whoever_writes_in_pieces_answers_only_the_last_reply() {
        let mut persona = of(Manner::Chops);
        assert_eq!(persona.opening().len(), 3);
        assert_eq!(
            persona.hear("¿Con qué equipo, programa o servicio tienes"),
            Reaction::Wait
        );
        assert_eq!(
            persona.hear("¿Podrías describir qué está pasando"),
            Reaction::Wait
        );
        let who = persona.hear("¿Podrías confirmar tu nombre completo y área de trabajo?");
        assert!(matches!(who, Reaction::Say(_)));
    }

    #[test]
    fn somebody_elses_ticket_and_unknown_words_make_them_wonder() {
        let mut persona = of(Manner::TellsAll);
        persona.opening();
        let other = Persona {
            name: "Otra Persona".to_owned(),
            ..persona.clone()
        };
        assert_eq!(
            persona.clone().hear(&confirmation(&other)),
            Reaction::Wonder
        );
        assert_eq!(persona.hear("Gracias por su preferencia"), Reaction::Wonder);
    }

    #[test]
    fn everybody_understands_only_their_own_language() {
        let english = |manner| Persona {
            manner,
            ..Persona::nth(1, 5, Tongue::English)
        };
        let mut persona = english(Manner::Greets);
        assert_eq!(persona.opening(), ["Hello"]);
        assert_eq!(
            persona.hear("Which device, program or service is the problem with?"),
            Reaction::Say(persona.thing.to_owned())
        );
        let mut persona = english(Manner::Greets);
        persona.opening();
        assert_eq!(
            persona.hear("¿Con qué equipo, programa o servicio tienes el problema?"),
            Reaction::Wonder
        );
    }

    #[test]
    fn names_are_unique_and_a_seed_repeats() {
        for tongue in Tongue::ALL {
            let name = |nth| Persona::nth(3, nth, tongue).name;
            let names: HashSet<_> = (0..4_096).map(name).collect();
            assert_eq!(names.len(), 4_096);
            let opening = |nth| Persona::nth(3, nth, tongue).opening();
            assert!((0..50).all(|nth| opening(nth) == opening(nth)));
        }
    }
}
