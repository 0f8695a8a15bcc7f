//! Catalogue files, read once.
//!
//! A file is a run of blocks: `[key]` on a line of its own, then the text, which may have several
//! lines and blank ones between them. Lines that begin with `#` before the first block are
//! remarks.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::{Key, Locale};

type Texts = HashMap<&'static str, &'static str, foldhash::fast::FixedState>;

/// The text of a key in a locale, or in Spanish where the locale has none.
pub(super) fn text(locale: Locale, key: Key) -> &'static str {
    let own = texts(locale).and_then(|texts| texts.get(key.name()));
    own.or_else(|| spanish().get(key.name()))
        .expect("the catalogue test finds a Spanish text for every key")
}

/// The texts of a locale that has its own catalogue.
fn texts(locale: Locale) -> Option<&'static Texts> {
    match locale {
        Locale::Es => Some(spanish()),
        Locale::PtBr | Locale::En | Locale::It => None,
    }
}

fn spanish() -> &'static Texts {
    static SPANISH: OnceLock<Texts> = OnceLock::new();
    SPANISH.get_or_init(|| read(include_str!("es.txt")))
}

fn read(file: &'static str) -> Texts {
    let mut texts = Texts::default();
    let mut rest = file;
    while let Some(open) = block_start(rest) {
        let Some((name, body)) = rest[open + 1..].split_once("]\n") else {
            break;
        };
        let end = block_start(body).unwrap_or(body.len());
        texts.insert(name, body[..end].trim_matches('\n'));
        rest = &body[end..];
    }
    texts
}

/// Where the next `[` at the beginning of a line stands.
fn block_start(file: &str) -> Option<usize> {
    if file.starts_with('[') {
        Some(0)
    } else {
        file.find("\n[").map(|at| at + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::next_placeholder;

    #[test]
    fn every_key_has_a_text_and_every_text_a_key() {
        for locale in [Locale::Es, Locale::PtBr, Locale::En, Locale::It] {
            let Some(texts) = texts(locale) else { continue };
            for (_, name, _) in Key::ALL {
                assert!(
                    texts.get(name).is_some_and(|t| !t.is_empty()),
                    "{locale:?} lacks {name}"
                );
            }
            assert_eq!(
                texts.len(),
                Key::ALL.len(),
                "{locale:?} has a text nobody shows"
            );
        }
    }

    #[test]
    fn a_text_names_all_its_placeholders_and_no_other() {
        for locale in [Locale::Es, Locale::PtBr, Locale::En, Locale::It] {
            for (key, name, given) in Key::ALL {
                let mut rest = text(locale, *key);
                let mut used = Vec::new();
                while let Some((_, placeholder, after)) = next_placeholder(rest) {
                    assert!(given.contains(&placeholder), "{name} names {placeholder}");
                    used.push(placeholder);
                    rest = after;
                }
                assert!(
                    given.iter().all(|p| used.contains(p)),
                    "{name} leaves a value out"
                );
                assert!(!rest.contains(['{', '}']), "{name} has a bracket too many");
            }
        }
    }

    #[test]
    fn blocks_are_read_with_their_blank_lines() {
        let texts = read("# remark\n[a]\none\n\ntwo [x]\n[b.c]\nthree\n");
        assert_eq!(texts["a"], "one\n\ntwo [x]");
        assert_eq!(texts["b.c"], "three");
        assert_eq!(texts.len(), 2);
    }
}
