//! Names and words replaced by others, the same ones each time, under a key.
//!
//! A word keeps its length, its capitals and which of its letters are vowels; a number keeps how
//! many digits it has. Signs, spaces and emoji stay, because a reader of messages looks at them.

use actors::model::IdentityKey;

const VOWELS: &[char] = &['a', 'e', 'i', 'o', 'u'];
const CONSONANTS: &[char] = &['b', 'd', 'f', 'g', 'l', 'm', 'n', 'p', 'r', 's', 't', 'v'];
/// Letters that count as vowels, with the accents of the languages the bot speaks.
const SOUNDING: &str = "aeiouáéíóúàèìòùâêôãõäëïöüy";

/// Replaces under the key of a data directory.
pub(super) struct Disguise(IdentityKey);

/// Letters chosen by a word's hash.
struct Chosen(u64);

impl Disguise {
    pub(super) fn new(identity: IdentityKey) -> Self {
        Self(identity)
    }

    /// Another name for `name`; `kind` keeps persons and channels apart.
    pub(super) fn name(&self, kind: &str, name: &[u8]) -> String {
        let scope = format!("recording/{kind}");
        hex::encode(self.0.id_hash(scope.as_bytes(), name).0)
    }

    /// Other words of the same shape.
    pub(super) fn text(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            if !first.is_alphanumeric() {
                out.push(first);
                rest = &rest[first.len_utf8()..];
                continue;
            }
            let end = rest.find(|c: char| !c.is_alphanumeric());
            let (word, behind) = rest.split_at(end.unwrap_or(rest.len()));
            self.word(word, &mut out);
            rest = behind;
        }
        out
    }

    fn word(&self, word: &str, out: &mut String) {
        let hash = self
            .0
            .id_hash(b"recording/word", word.to_lowercase().as_bytes());
        let mut chosen = Chosen(u64::from_be_bytes(hash.0));
        for letter in word.chars() {
            let low = letter.to_lowercase().next().unwrap_or(letter);
            let other = match low {
                digit if digit.is_numeric() => {
                    chosen.one_of(&['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
                }
                vowel if SOUNDING.contains(vowel) => chosen.one_of(VOWELS),
                _ => chosen.one_of(CONSONANTS),
            };
            out.push(match letter.is_uppercase() {
                true => other.to_ascii_uppercase(),
                false => other,
            });
        }
    }
}

impl Chosen {
    /// One of `letters`; the next call chooses anew (SplitMix64).
    fn one_of(&mut self, letters: &[char]) -> char {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let nth = ((mixed ^ (mixed >> 31)) % letters.len() as u64) as usize;
        letters[nth]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn disguise() -> Disguise {
        Disguise::new(IdentityKey::new(&[7; 32]))
    }

    #[test]
    fn a_word_keeps_its_shape_and_is_the_same_each_time() {
        let text = disguise().text("Impresora IMPRESORA, ¿nº 4512? impresora");
        let words: Vec<_> = text.split(' ').collect();
        assert_eq!(words[0].to_lowercase(), words[4]);
        assert_eq!(words[1].trim_end_matches(',').to_lowercase(), words[4]);
        assert!(words[0].starts_with(|c: char| c.is_uppercase()));
        assert!(words[1].ends_with(',') && text.contains('¿') && text.ends_with(words[4]));
        let number: String = text.chars().filter(char::is_ascii_digit).collect();
        assert_eq!(number.len(), 4);
        assert_ne!(number, "4512");
        assert!(!text.to_lowercase().contains("impresora"));
    }

    proptest! {
        #[test]
        fn signs_and_lengths_stay(text in "\\PC{0,80}") {
            let replaced = disguise().text(&text);
            prop_assert_eq!(replaced.chars().count(), text.chars().count());
            for (before, after) in text.chars().zip(replaced.chars()) {
                if before.is_alphanumeric() {
                    prop_assert!(after.is_ascii_alphanumeric());
                } else {
                    prop_assert_eq!(before, after);
                }
            }
        }
    }
}
