//! Texts for carriers that show no emoji and no formatting, such as SMS (R033).

/// The text without emoji and without WhatsApp's marks for bold and italic.
pub fn plain(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let kept: String = line
            .chars()
            .filter(|c| !is_emoji(*c) && *c != '*')
            .collect();
        kept.split_whitespace().collect::<Vec<_>>().join(" ")
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn is_emoji(letter: char) -> bool {
    matches!(letter,
        '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{23ff}' | '\u{2600}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}'
        | '\u{fe0f}' | '\u{200d}' | '\u{20e3}' | '\u{1f000}'..='\u{1faff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::{Key, Locale, render};

    #[test]
    fn no_text_keeps_an_emoji() {
        for (key, _, placeholders) in Key::ALL {
            let values: Vec<(&str, &str)> = placeholders.iter().map(|name| (*name, "x")).collect();
            for locale in Locale::ALL {
                let text = plain(&render(locale, *key, &values));
                assert!(
                    text.chars()
                        .all(|c| c.is_ascii() || c.is_alphabetic() || "¡¿«»".contains(c)),
                    "{text}"
                );
            }
        }
        assert_eq!(plain("📋 Número: *7*\n\n✅ Listo"), "Número: 7\n\nListo");
    }
}
