//! Spanish plurals of table nouns.

/// The Spanish plural of a noun phrase: its head takes the ending ("discos duros" aside, an
/// adjective right behind it agrees when it ends in a vowel).
pub(super) fn plural(noun: &str) -> String {
    let mut words: Vec<String> = noun.split(' ').map(str::to_owned).collect();
    let agreeing = if words
        .get(1)
        .is_some_and(|w| w != "de" && w.ends_with(['a', 'o']))
    {
        2
    } else {
        1
    };
    for word in words.iter_mut().take(agreeing) {
        *word = plural_word(word);
    }
    words.join(" ")
}

/// The plural of one word.
pub(super) fn plural_word(word: &str) -> String {
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
            assert_eq!(plural(one), many);
        }
    }
}
