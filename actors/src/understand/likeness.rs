//! Whether two short summaries tell of the same problem.

use std::collections::HashSet;

use smol_str::SmolStr;

use super::spelling::fold;

/// Letters of the shortest word that says what a summary is about.
const WORD_LETTERS: usize = 3;

/// Whether two summaries share at least half of all their words.
pub fn alike(one: &str, other: &str) -> bool {
    let (one, other) = (words(one), words(other));
    let shared = one.intersection(&other).count();
    shared > 0 && shared * 2 >= one.union(&other).count()
}

/// Whether a summary names a thing.
pub fn names(summary: &str, thing: &str) -> bool {
    let (summary, thing) = (words(summary), words(thing));
    !thing.is_empty() && thing.is_subset(&summary)
}

fn words(text: &str) -> HashSet<SmolStr> {
    let words = text.split(|letter: char| !letter.is_alphanumeric());
    let words = words.filter(|word| word.chars().count() >= WORD_LETTERS);
    words.map(fold).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_of_one_problem_are_alike() {
        for (one, other) in [
            ("Impresora no imprime", "La impresora NO imprime"),
            (
                "No hay internet en la oficina",
                "Sin internet en la oficina",
            ),
        ] {
            assert!(alike(one, other), "{one} / {other}");
        }
        for (one, other) in [
            ("Impresora no imprime", "Computadora no enciende"),
            ("Impresora no imprime", "Impresora hace ruido al calentar"),
            ("", ""),
            ("a b", "a b"),
        ] {
            assert!(!alike(one, other), "{one} / {other}");
        }
    }

    #[test]
    fn a_thing_is_named_by_all_its_words() {
        assert!(names("Correo electrónico no abre", "correo electronico"));
        assert!(!names("Correo no abre", "correo electrónico"));
        assert!(!names("Correo no abre", ""));
    }
}
