//! Catalogue files, read once.
//!
//! A file is a run of blocks: `[key]` on a line of its own, then the text, which may have several
//! lines and blank ones between them. Lines that begin with `#` before the first block are
//! remarks.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::{Key, Locale};

type Texts = HashMap<&'static str, &'static str, foldhash::fast::FixedState>;

/// The text of a key in a locale.
pub(super) fn text(locale: Locale, key: Key) -> &'static str {
    texts(locale)
        .get(key.name())
        .expect("the catalogue test finds a text for every key in every locale")
}

/// The texts of a locale.
fn texts(locale: Locale) -> &'static Texts {
    static READ: [OnceLock<Texts>; Locale::ALL.len()] = [const { OnceLock::new() }; 4];
    READ[locale as usize].get_or_init(|| read(file(locale)))
}

fn file(locale: Locale) -> &'static str {
    match locale {
        Locale::Es => include_str!("es.txt"),
        Locale::PtBr => include_str!("pt-BR.txt"),
        Locale::En => include_str!("en.txt"),
        Locale::It => include_str!("it.txt"),
    }
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
        for locale in Locale::ALL {
            let texts = texts(locale);
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
        for locale in Locale::ALL {
            for (key, name, given) in Key::ALL {
                let mut rest = text(locale, *key);
                let mut used = Vec::new();
                while let Some((_, placeholder, after)) = next_placeholder(rest) {
                    assert!(
                        given.contains(&placeholder),
                        "{locale:?}: {name} names {placeholder}"
                    );
                    used.push(placeholder);
                    rest = after;
                }
                assert!(
                    given.iter().all(|p| used.contains(p)),
                    "{locale:?}: {name} leaves a value out"
                );
                assert!(
                    !rest.contains(['{', '}']),
                    "{locale:?}: {name} has a bracket too many"
                );
            }
        }
    }

    /// A placeholder used once more or less in one language than in another is a slip of the
    /// translator, even where the name itself is allowed.
    #[test]
    fn all_languages_use_the_same_placeholders_the_same_number_of_times() {
        let uses = |locale, key| {
            let (mut rest, mut used) = (text(locale, key), Vec::new());
            while let Some((_, placeholder, after)) = next_placeholder(rest) {
                used.push(placeholder);
                rest = after;
            }
            used.sort_unstable();
            used
        };
        for (key, name, _) in Key::ALL {
            for locale in Locale::ALL {
                assert_eq!(
                    uses(locale, *key),
                    uses(Locale::Es, *key),
                    "{locale:?} {name}"
                );
            }
        }
    }

    /// WhatsApp Cloud API, length and count limits: a button has at most 20 characters, and so has
    /// what opens a list; a row has 24.
    #[test]
    fn titles_fit_their_buttons_and_rows() {
        let is_row = |name: &str| {
            let stars = name.strip_prefix("rate.").is_some_and(|of| of.len() == 1);
            stars || name.starts_with("menu.")
        };
        for locale in Locale::ALL {
            for (key, name, _) in Key::ALL {
                let letters = text(locale, *key).chars().count();
                let is_button = name.starts_with("button.") || name.ends_with(".button");
                assert!(!is_button || letters <= 20, "{locale:?} {name}");
                assert!(!is_row(name) || letters <= 24, "{locale:?} {name}");
            }
        }
    }

    /// A copy that nobody translated is found: only marks and words both languages share agree.
    #[test]
    fn no_sentence_is_the_spanish_one() {
        for locale in [Locale::PtBr, Locale::En, Locale::It] {
            for (key, name, _) in Key::ALL {
                let own = text(locale, *key);
                assert!(
                    own.split_whitespace().count() < 3 || own != text(Locale::Es, *key),
                    "{locale:?} {name}"
                );
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
