//! The words by which people stop marketing and ask for it again, in every language at once: somebody
//! who has had enough does not choose the language of the bot.
//!
//! Only a message that is nothing but such words counts, whatever its case, accents and signs. The
//! words are those that WhatsApp users and carriers know, beside what WhatsApp's own guide names.

use super::spelling::fold;
use crate::texts::Locale;

/// What a message that is nothing but a word about consent asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsentWord {
    /// No more marketing, wherever the conversation stands.
    Stop,
    /// No more marketing, or the end of what is open: words that people also use to give up a
    /// request.
    Leave,
    /// Marketing again.
    Back,
}

/// A longer message is about something else.
const BYTES_MAX: usize = 64;
/// Words of the longest entry.
const WORDS_MAX: usize = 4;

const ES: Option<Locale> = Some(Locale::Es);
const PT: Option<Locale> = Some(Locale::PtBr);
const EN: Option<Locale> = Some(Locale::En);
const IT: Option<Locale> = Some(Locale::It);

/// Folded words, what they ask for, and their language where it is certain.
const WORDS: &[(&str, ConsentWord, Option<Locale>)] = &[
    ("stop", ConsentWord::Stop, None),
    ("baja", ConsentWord::Stop, ES),
    ("dar de baja", ConsentWord::Stop, ES),
    ("darme de baja", ConsentWord::Stop, ES),
    ("quiero darme de baja", ConsentWord::Stop, ES),
    ("cancelar suscripcion", ConsentWord::Stop, ES),
    ("cancelar la suscripcion", ConsentWord::Stop, ES),
    ("no mas mensajes", ConsentWord::Stop, ES),
    ("no mas publicidad", ConsentWord::Stop, ES),
    ("salir", ConsentWord::Leave, ES),
    ("parar", ConsentWord::Leave, None),
    ("descadastrar", ConsentWord::Stop, PT),
    ("descadastre", ConsentWord::Stop, PT),
    ("cancelar inscricao", ConsentWord::Stop, PT),
    ("cancelar a inscricao", ConsentWord::Stop, PT),
    ("remover", ConsentWord::Leave, PT),
    ("sair", ConsentWord::Leave, PT),
    ("unsubscribe", ConsentWord::Stop, EN),
    ("opt out", ConsentWord::Stop, EN),
    ("optout", ConsentWord::Stop, EN),
    ("stop all", ConsentWord::Stop, EN),
    ("stopall", ConsentWord::Stop, EN),
    ("disiscrivimi", ConsentWord::Stop, IT),
    ("disiscrivermi", ConsentWord::Stop, IT),
    ("annulla iscrizione", ConsentWord::Stop, IT),
    ("basta", ConsentWord::Leave, None),
    ("alta", ConsentWord::Back, ES),
    ("darme de alta", ConsentWord::Back, ES),
    ("suscribirme", ConsentWord::Back, ES),
    ("cadastrar", ConsentWord::Back, PT),
    ("quero receber", ConsentWord::Back, PT),
    ("subscribe", ConsentWord::Back, EN),
    ("opt in", ConsentWord::Back, EN),
    ("unstop", ConsentWord::Back, EN),
    ("iscrivimi", ConsentWord::Back, IT),
    ("riattiva", ConsentWord::Back, IT),
];

/// What a message asks for when it is nothing but a word about consent, and the word's language where
/// that is certain.
pub fn consent_word(text: &str) -> Option<(ConsentWord, Option<Locale>)> {
    if text.len() > BYTES_MAX {
        return None;
    }
    let words = text.split(|c: char| !c.is_alphanumeric());
    let words = words.filter(|word| !word.is_empty());
    if words.clone().nth(WORDS_MAX).is_some() {
        return None;
    }
    let words = words.map(fold).collect::<Vec<_>>().join(" ");
    let found = WORDS.iter().find(|(word, ..)| *word == words);
    found.map(|(_, asks, language)| (*asks, *language))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_known_in_any_case_with_accents_and_signs() {
        for (word, asks, language) in WORDS {
            assert!(word.split(' ').count() <= WORDS_MAX, "{word}");
            for written in [
                word.to_uppercase(),
                format!(" {word}. "),
                format!("¡{word}!! 🙏"),
            ] {
                assert_eq!(
                    consent_word(&written),
                    Some((*asks, *language)),
                    "{written}"
                );
            }
        }
        let asks = |text| consent_word(text).map(|(asks, _)| asks);
        assert_eq!(asks("Cancelar suscripción"), Some(ConsentWord::Stop));
        assert_eq!(asks("CANCELAR INSCRIÇÃO"), Some(ConsentWord::Stop));
        assert_eq!(asks("opt-out"), Some(ConsentWord::Stop));
    }

    #[test]
    fn a_sentence_that_holds_such_a_word_is_about_something_else() {
        for text in [
            "la prioridad es alta",
            "no puedo salir del sistema",
            "se da de baja solo",
            "cancelar",
            "",
            "🙏",
        ] {
            assert_eq!(consent_word(text), None, "{text}");
        }
    }
}
