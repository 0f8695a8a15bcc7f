//! How a word is reduced to the key under which tables know it.
//!
//! [`fold`] forgets case, accents and letters held down for emphasis ("Nooo" and "no" are one
//! word). [`sound`] forgets more: what Spanish spelling distinguishes and Spanish ears do not
//! ("conputadora", "himpresora", "kontrasenia"). [`near`] forgives one slip of the finger, two in
//! long words.

use smol_str::{SmolStr, SmolStrBuilder};

/// Room for the key of a word without accents; longer ones are folded like any other.
const ASCII_KEY_BYTES: usize = 48;

/// The key of a word: lower case, without accents, a letter typed three times or more counted
/// once.
pub(super) fn fold(word: &str) -> SmolStr {
    // Most words of a chat, and several times less work.
    if word.is_ascii() {
        return fold_ascii(word);
    }
    if let Some(accented) = lone_letter(word) {
        return accented;
    }
    let letters = word.chars().flat_map(char::to_lowercase);
    let mut key = Folding::default();
    for letter in letters.filter_map(plain) {
        key.push(letter, letter.is_alphabetic());
    }
    key.finish()
}

fn fold_ascii(word: &str) -> SmolStr {
    let mut key = [0; ASCII_KEY_BYTES];
    let Some(room) = key.get_mut(..word.len()) else {
        let mut key = Folding::default();
        for letter in word.bytes().map(|byte| byte.to_ascii_lowercase()) {
            key.push(char::from(letter), letter.is_ascii_alphabetic());
        }
        return key.finish();
    };
    let (mut end, mut last, mut count) = (0, 0, 0_usize);
    for byte in word.bytes() {
        let letter = byte.to_ascii_lowercase();
        count = if letter == last { count + 1 } else { 1 };
        last = letter;
        if count > 2 && letter.is_ascii_alphabetic() {
            // The third says that the first two were one held down; more say nothing new.
            end -= usize::from(count == 3);
            continue;
        }
        room[end] = letter;
        end += 1;
    }
    let key = std::str::from_utf8(&room[..end]).unwrap_or_default();
    SmolStr::new(&key[..key.len() - usize::from(ends_held_down(key))])
}

/// A key under way: the run of equal letters at its end is written when it is over.
#[derive(Default)]
struct Folding {
    written: SmolStrBuilder,
    last: Option<(char, bool)>,
    count: usize,
}

impl Folding {
    fn push(&mut self, letter: char, is_alphabetic: bool) {
        if self.last.is_some_and(|(last, _)| last == letter) {
            self.count += 1;
            return;
        }
        self.write();
        (self.last, self.count) = (Some((letter, is_alphabetic)), 1);
    }

    fn write(&mut self) {
        let Some((letter, is_alphabetic)) = self.last else {
            return;
        };
        let is_held_down = is_alphabetic && self.count > 2;
        for _ in 0..if is_held_down { 1 } else { self.count } {
            self.written.push(letter);
        }
    }

    fn finish(mut self) -> SmolStr {
        self.write();
        let key = self.written.finish();
        match ends_held_down(&key) {
            true => SmolStr::new(&key[..key.len() - 1]),
            false => key,
        }
    }
}

/// A text as its words' keys, without the marks between them: what two people write alike.
pub fn folded(text: &str) -> String {
    let marks = |letter: char| !letter.is_alphanumeric() && letter != '\'';
    let words = text.split(marks).filter(|word| !word.is_empty());
    let mut folded = String::with_capacity(text.len());
    for word in words {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(&fold(word));
    }
    folded
}

/// A word of one letter with an accent keeps it: "é" and "è" are verbs where "e" is a joint.
fn lone_letter(word: &str) -> Option<SmolStr> {
    let mut letters = word.chars().flat_map(char::to_lowercase);
    let letter = letters.next().filter(|letter| !letter.is_ascii())?;
    let lone = letters.next().is_none() && plain(letter).is_some_and(|plain| plain != letter);
    lone.then(|| SmolStr::from_iter([letter]))
}

/// The letter without its accent; `None` for a combining mark, which some telephones send apart
/// from its letter.
fn plain(letter: char) -> Option<char> {
    Some(match letter {
        'á' | 'à' | 'â' | 'ä' | 'ã' | 'å' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'ö' | 'õ' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ñ' => 'n',
        'ç' => 'c',
        '’' => '\'',
        '\u{300}'..='\u{36f}' => return None,
        other => other,
    })
}

/// Whether the last two letters are the same and Spanish never ends a word so.
fn ends_held_down(key: &str) -> bool {
    let mut back = key.chars().rev();
    match (back.next(), back.next(), back.next()) {
        (Some(last), Some(before), Some(_)) => last == before && "aiouysn".contains(last),
        _ => false,
    }
}

/// What a Spanish ear hears of a folded word.
pub(super) fn sound(key: &str) -> String {
    let letters: Vec<char> = key.chars().collect();
    let mut heard = String::with_capacity(key.len());
    let mut at = 0;
    while at < letters.len() {
        let next = letters.get(at + 1).copied();
        let soft = matches!(next, Some('e' | 'i'));
        let tone = match letters[at] {
            'h' => None,
            'v' | 'w' => Some('b'),
            'z' => Some('s'),
            'c' if next == Some('h') => Some('c'),
            'c' if soft => Some('s'),
            'c' | 'k' => Some('k'),
            'q' => {
                at += usize::from(next == Some('u'));
                Some('k')
            }
            'g' if soft => Some('j'),
            'l' if next == Some('l') => Some('y'),
            'm' if matches!(next, Some('p' | 'b')) => Some('n'),
            'y' if next.is_none() => Some('i'),
            other => Some(other),
        };
        if let Some(tone) = tone.filter(|tone| !heard.ends_with(*tone)) {
            heard.push(tone);
        }
        at += if letters[at] == 'l' && next == Some('l') {
            2
        } else {
            1
        };
    }
    heard
}

/// Whether `typed` is `meant` but for one slip (a letter more, less, other or swapped with its
/// neighbour), two from nine letters on. Words under six letters must match exactly, since one
/// slip there makes another word. Costs at most `5 * meant.len()` steps.
pub(super) fn near(typed: &str, meant: &str) -> bool {
    let (typed, meant): (Vec<char>, Vec<char>) = (typed.chars().collect(), meant.chars().collect());
    let slips = match meant.len() {
        0..=5 => return typed == meant,
        6..=8 => 1,
        _ => 2,
    };
    typed.first() == meant.first()
        && typed.len().abs_diff(meant.len()) <= slips
        && distance(&typed, &meant) <= slips
}

/// Edits between two words, counted exactly up to two and as at least three beyond: only the
/// five diagonals that can hold two edits are looked at.
fn distance(a: &[char], b: &[char]) -> usize {
    const FAR: usize = 3;
    let mut rows = [
        vec![FAR; b.len() + 1],
        vec![FAR; b.len() + 1],
        vec![FAR; b.len() + 1],
    ];
    for (cell, count) in rows[1].iter_mut().zip(0..FAR) {
        *cell = count;
    }
    for i in 1..=a.len() {
        let mut row = vec![FAR; b.len() + 1];
        if i < FAR {
            row[0] = i;
        }
        for j in i.saturating_sub(2).max(1)..=(i + 2).min(b.len()) {
            let other = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (rows[1][j - 1] + other)
                .min(rows[1][j] + 1)
                .min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[0][j - 2] + 1);
            }
            row[j] = best.min(FAR);
        }
        rows.swap(0, 1);
        rows[1] = row;
    }
    rows[1][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_accents_and_held_down_letters_do_not_matter() {
        for (typed, key) in [
            ("Mañana", "manana"),
            ("CONEXIÓN", "conexion"),
            ("mañana", "manana"),
            ("noooo", "no"),
            ("Holaa", "hola"),
            ("pingüino", "pinguino"),
            ("leer", "leer"),
            ("1000", "1000"),
            ("È", "è"),
            ("don’t", "don't"),
        ] {
            assert_eq!(fold(typed), key);
        }
    }

    #[test]
    fn a_word_without_accents_has_one_key_on_either_path() {
        for word in [
            "",
            "a",
            "no",
            "NOOO",
            "noooo",
            "1000",
            "aaab",
            "aaaa",
            "Holaa",
            "HELLO",
            "don't",
            "PC-22",
            "xxxy",
            "yyy",
            "as",
            "ass",
            "miss",
            "supercalifragilisticoespiralidosupercalifragilisticoo",
        ] {
            // A combining mark that is dropped again takes the long way.
            assert_eq!(fold(word), fold(&format!("{word}\u{301}")), "{word}");
        }
    }

    #[test]
    fn words_that_sound_alike_have_one_sound() {
        for (typed, meant) in [
            ("conputadora", "computadora"),
            ("himpresora", "impresora"),
            ("kontrasena", "contrasena"),
            ("serbidor", "servidor"),
            ("pantaya", "pantalla"),
            ("imprezora", "impresora"),
        ] {
            assert_eq!(sound(typed), sound(meant));
        }
    }

    #[test]
    fn a_slip_is_forgiven_in_long_words_only() {
        assert!(near("imprsora", "impresora"));
        assert!(near("copmutadora", "computadora"));
        assert!(near("pantlla", "pantalla"));
        assert!(!near("res", "red"));
        assert!(!near("computo", "computadora"));
        assert!(!near("tablero", "tablet"));
    }
}
