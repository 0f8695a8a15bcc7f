//! Plurals of table nouns, by the rules of each language.

use crate::texts::Locale;

/// The plural of a noun phrase. Its head takes the ending: the first word, in English the last; an
/// adjective right behind a head agrees when it ends in a vowel ("discos duros").
pub(super) fn plural(locale: Locale, noun: &str) -> String {
    if locale == Locale::En {
        return plural_word(locale, noun);
    }
    let mut words: Vec<String> = noun.split(' ').map(str::to_owned).collect();
    let agreeing = if words.get(1).is_some_and(|w| {
        !matches!(w.as_str(), "de" | "do" | "da" | "di" | "a") && w.ends_with(['a', 'o'])
    }) {
        2
    } else {
        1
    };
    for word in words.iter_mut().take(agreeing) {
        *word = plural_word(locale, word);
    }
    words.join(" ")
}

/// The plural of one word.
pub(super) fn plural_word(locale: Locale, word: &str) -> String {
    match locale {
        Locale::Es => spanish(word),
        Locale::PtBr => portuguese(word),
        Locale::En => english(word),
        Locale::It => italian(word),
    }
}

fn portuguese(word: &str) -> String {
    let stem = |tail: &str| &word[..word.len() - tail.len()];
    match () {
        () if word.chars().any(char::is_uppercase) => format!("{word}s"),
        () if word.ends_with("ão") => format!("{}ões", stem("ão")),
        () if word.ends_with('m') => format!("{}ns", stem("m")),
        () if word.ends_with("il") => format!("{}is", stem("il")),
        () if word.ends_with("el") => format!("{}éis", stem("el")),
        () if word.ends_with('l') => format!("{}is", stem("l")),
        () if word.ends_with(['s', 'x']) => word.to_owned(),
        () if word.ends_with(['r', 'z']) && !word.ends_with("er") => format!("{word}es"),
        () => format!("{word}s"),
    }
}

fn english(word: &str) -> String {
    let before = word.chars().rev().nth(1);
    let consonant_y = word.ends_with('y') && before.is_some_and(|c| !"aeiou".contains(c));
    match () {
        () if word.ends_with(['s', 'x']) || word.ends_with("ch") || word.ends_with("sh") => {
            format!("{word}es")
        }
        () if consonant_y => format!("{}ies", &word[..word.len() - 1]),
        () => format!("{word}s"),
    }
}

/// Words from other languages, which end in a consonant, do not change.
fn italian(word: &str) -> String {
    let stem = || &word[..word.len() - 1];
    match word.chars().last() {
        _ if word.chars().any(char::is_uppercase) => word.to_owned(),
        Some('a') if word.ends_with("ca") || word.ends_with("ga") => format!("{}he", stem()),
        Some('a') if word.ends_with("ma") => format!("{}i", stem()),
        Some('a') => format!("{}e", stem()),
        Some('o') if word.ends_with("io") => stem().to_owned(),
        Some('o' | 'e') => format!("{}i", stem()),
        _ => word.to_owned(),
    }
}

fn spanish(word: &str) -> String {
    match word.chars().last() {
        Some('a' | 'e' | 'o' | 'i' | 'u' | 'é') => format!("{word}s"),
        Some('z') => format!("{}ces", &word[..word.len() - 1]),
        Some('s' | 'x') | None => word.to_owned(),
        _ if word.ends_with("ón") => format!("{}ones", &word[..word.len() - "ón".len()]),
        _ if word.chars().any(char::is_uppercase)
            || ["mouse", "modem", "software", "router", "laptop", "notebook"].contains(&word) =>
        {
            format!("{word}s")
        }
        _ if word.ends_with(['k', 't', 'p', 'b', 'm', 'g', 'c']) => format!("{word}s"),
        _ => format!("{word}es"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plurals_follow_the_ending() {
        for (one, many) in [
            ("impresora", "impresoras"),
            ("monitor", "monitores"),
            ("mouse", "mouses"),
            ("disco duro", "discos duros"),
            ("conexión", "conexiones"),
            ("lector de huellas", "lectores de huellas"),
            ("laptop", "laptops"),
            ("PC", "PCs"),
        ] {
            assert_eq!(plural(Locale::Es, one), many);
        }
    }

    #[test]
    fn each_language_has_its_own_endings() {
        for (locale, one, many) in [
            (Locale::PtBr, "impressora", "impressoras"),
            (Locale::PtBr, "monitor", "monitores"),
            (Locale::PtBr, "conexão", "conexões"),
            (Locale::PtBr, "ramal", "ramais"),
            (Locale::PtBr, "mensagem", "mensagens"),
            (Locale::PtBr, "leitor de cartão", "leitores de cartão"),
            (Locale::En, "printer", "printers"),
            (Locale::En, "battery", "batteries"),
            (Locale::En, "mailbox", "mailboxes"),
            (Locale::En, "card reader", "card readers"),
            (Locale::En, "key", "keys"),
            (Locale::It, "stampante", "stampanti"),
            (Locale::It, "schermo", "schermi"),
            (Locale::It, "tastiera", "tastiere"),
            (Locale::It, "monitor", "monitor"),
            (Locale::It, "cartella condivisa", "cartelle condivise"),
        ] {
            assert_eq!(plural(locale, one), many);
        }
    }
}
