//! People who hold whole conversations: they answer what the bot asks, each in a manner of their
//! own, and know what must come of it. Pure: words in, words out.

use crate::dice::Dice;

const GIVEN: [&str; 16] = [
    "Juan", "María", "Carlos", "Rosa", "Luis", "Ana", "Jorge", "Carmen", "Pedro", "Lucía",
    "Miguel", "Elena", "José", "Patricia", "Diego", "Sofía",
];
const FAMILY: [&str; 16] = [
    "Pérez",
    "Quispe",
    "Rojas",
    "Flores",
    "Mamani",
    "Torres",
    "Vargas",
    "Castillo",
    "Ramos",
    "Mendoza",
    "Huamán",
    "Díaz",
    "Chávez",
    "Gutiérrez",
    "Salazar",
    "Espinoza",
];
const AREAS: [&str; 6] = [
    "contabilidad",
    "ventas",
    "logística",
    "recursos humanos",
    "almacén",
    "tesorería",
];
/// What is wrong: the thing and what it does.
const PROBLEMS: [(&str, &str); 8] = [
    ("mi computadora", "no enciende desde esta mañana"),
    ("mi laptop", "no prende"),
    ("la impresora", "no imprime"),
    ("mi correo", "no abre"),
    ("el wifi", "está muy lento"),
    ("mi teclado", "no funciona"),
    ("el proyector", "no da imagen"),
    ("mi mouse", "dejó de funcionar"),
];

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
    thing: &'static str,
    trouble: &'static str,
    manner: Manner,
    /// Own messages without reply.
    unanswered: usize,
    has_ticket: bool,
}

impl Persona {
    /// The `nth` person of a seed.
    pub fn nth(seed: u64, nth: usize) -> Self {
        let mut dice = Dice::new(seed, 1_000 + nth as u64);
        let pick = |dice: &mut Dice, of: usize| dice.below(of as u64) as usize;
        let (thing, trouble) = PROBLEMS[pick(&mut dice, PROBLEMS.len())];
        let families = (
            FAMILY[nth / 16 % 16],
            FAMILY[(nth / 256 + seed as usize) % 16],
        );
        Self {
            name: format!("{} {} {}", GIVEN[nth % 16], families.0, families.1),
            area: AREAS[pick(&mut dice, AREAS.len())],
            thing,
            trouble,
            manner: MANNERS[pick(&mut dice, MANNERS.len())],
            unanswered: 0,
            has_ticket: false,
        }
    }

    /// What they begin with; several messages leave one right after the other.
    pub fn opening(&mut self) -> Vec<String> {
        let said = match self.manner {
            Manner::Greets => vec!["Hola".to_owned()],
            Manner::NamesTheThing => vec![format!("Hola, tengo un problema con {}", self.thing)],
            Manner::TellsAll => vec![format!("Buenos días, {} {}", self.thing, self.trouble)],
            Manner::Chops => vec![
                "hola".to_owned(),
                self.thing.to_owned(),
                self.trouble.to_owned(),
            ],
        };
        self.unanswered = said.len();
        said
    }

    /// Hears a reply.
    pub fn hear(&mut self, words: &str) -> Reaction {
        // A word in between; the number itself is still to come.
        if words.starts_with("Ya registré tu solicitud") {
            return Reaction::Wait;
        }
        let Some(left) = self.unanswered.checked_sub(1) else {
            return Reaction::Wonder;
        };
        self.unanswered = left;
        if words.contains("Ticket creado exitosamente") {
            return self.take_ticket(words);
        }
        if self.has_ticket {
            return if words.contains("¡Con gusto!") {
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
        let asks = |question: &str| words.contains(question);
        if asks("nombre completo y área de trabajo") {
            Some(format!("{}, área de {}", self.name, self.area))
        } else if asks("¿Podrías confirmar tu nombre completo?")
            || asks("también tu nombre completo")
        {
            Some(self.name.clone())
        } else if asks("¿En qué área trabajas?") || asks("confirmar tu área de trabajo") {
            Some(format!("área de {}", self.area))
        } else if asks("¿Podrías describir qué está pasando") {
            Some(self.trouble.to_owned())
        } else if asks("equipo, programa o servicio") {
            Some(self.thing.to_owned())
        } else if asks("¿Lo creo así?") {
            Some("sí".to_owned())
        } else {
            None
        }
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
            ..Persona::nth(1, 5)
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
    fn names_are_unique_and_a_seed_repeats() {
        let names: HashSet<_> = (0..4_096).map(|nth| Persona::nth(3, nth).name).collect();
        assert_eq!(names.len(), 4_096);
        let same = |nth| Persona::nth(3, nth).opening() == Persona::nth(3, nth).opening();
        assert!((0..50).all(same));
    }
}
