//! Articles that change with the sound of the noun behind them.
//!
//! Catalogues give each article once, by gender and number. Italian chooses among several by what
//! the noun begins with: "il computer", "lo scanner", "l'account", "i monitor", "gli schermi".

use super::Locale;

/// A noun with its article, the article fitted to the noun's sound.
pub(super) fn fitted(locale: Locale, text: String) -> String {
    let Some((article, noun)) = text.split_once(' ').filter(|_| locale == Locale::It) else {
        return text;
    };
    match (article, begins(noun)) {
        ("il" | "la", Sound::Vowel) => format!("l'{noun}"),
        ("il", Sound::Heavy) => format!("lo {noun}"),
        ("i", Sound::Vowel | Sound::Heavy) => format!("gli {noun}"),
        _ => text,
    }
}

/// What an Italian article hears of a noun.
enum Sound {
    Vowel,
    /// "s" and a consonant, "z", "gn", "ps", "pn", "x", "y".
    Heavy,
    Plain,
}

fn begins(noun: &str) -> Sound {
    let mut letters = noun.chars().flat_map(char::to_lowercase);
    let (first, second) = (letters.next(), letters.next());
    let vowel = |letter: Option<char>| letter.is_some_and(|c| "aeiouàèéìòù".contains(c));
    match first {
        _ if vowel(first) => Sound::Vowel,
        Some('s') if second.is_some_and(char::is_alphabetic) && !vowel(second) => Sound::Heavy,
        Some('z' | 'x' | 'y') => Sound::Heavy,
        Some('g' | 'p') if second == Some('n') || (first, second) == (Some('p'), Some('s')) => {
            Sound::Heavy
        }
        _ => Sound::Plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn italian_articles_fit_the_sound() {
        for (plain, fit) in [
            ("il computer", "il computer"),
            ("il scanner", "lo scanner"),
            ("il account", "l'account"),
            ("la app", "l'app"),
            ("la stampante", "la stampante"),
            ("i schermi", "gli schermi"),
            ("i account", "gli account"),
            ("i monitor", "i monitor"),
            ("le app", "le app"),
            ("il sistema", "il sistema"),
            ("il SAP", "il SAP"),
        ] {
            assert_eq!(fitted(Locale::It, plain.to_owned()), fit);
            assert_eq!(fitted(Locale::Es, plain.to_owned()), plain);
        }
    }
}
