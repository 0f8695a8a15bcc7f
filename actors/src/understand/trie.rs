//! Phrases of several words, found in one walk.
//!
//! A table row is a pattern: words, and groups of alternatives that may be empty, as in
//! `(no|ya no) (enciende|prende|)`. Patterns are written out when the tables are read; matching
//! then walks a tree, so that a thousand phrases cost no more than the longest of them.

use std::collections::HashMap;

use super::fuel::{Fuel, OutOfFuel};
use super::lexicon::Trait;
use super::spelling::fold;
use super::words::{Gap, Word};

/// Words of the text a pattern may pass over, in all, where it allows passing over any.
const SKIPS_MAX: usize = 2;

/// Phrases, each with what it stands for.
#[derive(Debug)]
pub(super) struct Trie<T> {
    nodes: Vec<Node<T>>,
}

#[derive(Debug)]
struct Node<T> {
    next: HashMap<String, usize, foldhash::fast::FixedState>,
    value: Option<T>,
}

impl<T> Default for Node<T> {
    fn default() -> Self {
        Self {
            next: HashMap::default(),
            value: None,
        }
    }
}

impl<T: Copy> Trie<T> {
    /// A tree without phrases.
    pub(super) fn new() -> Self {
        Self {
            nodes: vec![Node::default()],
        }
    }

    /// Adds every spelling of `pattern`. The first row of a phrase holds against later ones.
    pub(super) fn insert(&mut self, pattern: &str, value: T) {
        for phrase in spellings(pattern) {
            let mut node = 0;
            for word in phrase.split_whitespace() {
                node = self.step_or_grow(node, fold(word));
            }
            if node != 0 {
                self.nodes[node].value.get_or_insert(value);
            }
        }
    }

    fn step_or_grow(&mut self, node: usize, word: String) -> usize {
        let fresh = self.nodes.len();
        let next = *self.nodes[node].next.entry(word).or_insert(fresh);
        if next == fresh {
            self.nodes.push(Node::default());
        }
        next
    }

    /// The longest phrase that begins at `words[at]`, with the number of words it covers. Words
    /// with one of the traits `skip` may stand between the phrase's own, at most [`SKIPS_MAX`].
    /// A phrase never runs over the end of a sentence, and over a comma only when the phrase goes
    /// on with the very next word.
    pub(super) fn longest(
        &self,
        words: &[Word],
        at: usize,
        skip: Trait,
        fuel: &mut Fuel,
    ) -> Result<Option<(T, usize)>, OutOfFuel> {
        let (mut node, mut skipped, mut found) = (0, 0, None);
        for (count, word) in words[at..].iter().enumerate() {
            fuel.spend(1)?;
            if count > 0 && word.gap == Gap::Hard {
                break;
            }
            match self.nodes[node].next.get(&word.key) {
                Some(next) => node = *next,
                None if count > 0 && skipped < SKIPS_MAX && word.is(skip) => {
                    skipped += 1;
                    continue;
                }
                None => break,
            }
            if let Some(value) = self.nodes[node].value {
                found = Some((value, count + 1));
            }
        }
        Ok(found)
    }
}

/// Every phrase a pattern stands for.
fn spellings(pattern: &str) -> Vec<String> {
    let Some((before, rest)) = pattern.split_once('(') else {
        return vec![pattern.to_owned()];
    };
    let Some((group, after)) = rest.split_once(')') else {
        return vec![pattern.to_owned()];
    };
    let tails = spellings(after);
    let heads = group.split('|').map(|choice| format!("{before}{choice}"));
    heads
        .flat_map(|head| tails.iter().map(move |tail| format!("{head}{tail}")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand::words::split;

    fn covered(pattern: &str, text: &str, skip: Trait) -> Option<usize> {
        let mut trie = Trie::new();
        trie.insert(pattern, ());
        let mut fuel = Fuel::full();
        let words = split(text, &mut fuel).unwrap();
        trie.longest(&words, 0, skip, &mut fuel)
            .unwrap()
            .map(|(_, length)| length)
    }

    #[test]
    fn groups_and_optional_words_are_written_out() {
        assert_eq!(
            spellings("(a|b c) d (e|)"),
            ["a d e", "a d ", "b c d e", "b c d "]
        );
    }

    #[test]
    fn the_longest_phrase_wins_within_its_sentence() {
        let pattern = "tengo un problema( con|)";
        assert_eq!(
            covered(pattern, "tengo un problema con", Trait::NONE),
            Some(4)
        );
        assert_eq!(
            covered(pattern, "tengo un problema. Con eso", Trait::NONE),
            Some(3)
        );
        assert_eq!(covered(pattern, "tengo un gato", Trait::NONE), None);
    }

    #[test]
    fn pronouns_may_stand_inside_where_allowed() {
        assert_eq!(
            covered("no enciende", "no me enciende", Trait::CLITIC),
            Some(3)
        );
        assert_eq!(covered("no enciende", "no me enciende", Trait::NONE), None);
    }
}
