//! Phrases of several words, found in one walk.
//!
//! A table row is a pattern: words, and groups of alternatives that may be empty, as in
//! `(no|ya no) (enciende|prende|)`. All patterns of a table become one automaton whose states are
//! shared behind a group, so that a row standing for thousands of phrases costs what it has words;
//! matching costs no more than the longest phrase.

use std::collections::HashMap;

use smol_str::SmolStr;

use super::fuel::{Fuel, OutOfFuel};
use super::lexicon::Trait;
use super::spelling::fold;
use super::words::{Gap, Word};

/// Words of the text a pattern may pass over, in all, where it allows passing over any.
const SKIPS_MAX: usize = 2;

type Map<K, V> = HashMap<K, V, foldhash::fast::FixedState>;

/// Patterns being collected: places in patterns, joined by words or by nothing.
#[derive(Debug)]
pub(super) struct Builder<T> {
    places: Vec<Place<T>>,
}

#[derive(Debug)]
struct Place<T> {
    words: Vec<(SmolStr, usize)>,
    joined: Vec<usize>,
    value: Option<T>,
}

impl<T> Place<T> {
    fn new() -> Self {
        Self {
            words: Vec::new(),
            joined: Vec::new(),
            value: None,
        }
    }
}

/// Phrases, each with what it stands for.
#[derive(Debug)]
pub(super) struct Patterns<T> {
    states: Vec<State<T>>,
}

#[derive(Debug)]
struct State<T> {
    next: Map<SmolStr, usize>,
    value: Option<T>,
}

impl<T: Copy> Builder<T> {
    /// A table without rows.
    pub(super) fn new() -> Self {
        Self {
            places: vec![Place::new()],
        }
    }

    /// Adds a pattern. The first row of a phrase holds against later ones.
    pub(super) fn insert(&mut self, pattern: &str, value: T) {
        let mut at = self.add_place();
        self.places[0].joined.push(at);
        let mut rest = pattern;
        while let Some((before, group)) = rest.split_once('(') {
            at = self.add_words(at, before);
            let (choices, after) = group.split_once(')').unwrap_or((group, ""));
            let end = self.add_place();
            for choice in choices.split('|') {
                let last = self.add_words(at, choice);
                self.places[last].joined.push(end);
            }
            at = end;
            rest = after;
        }
        at = self.add_words(at, rest);
        self.places[at].value = Some(value);
    }

    /// The automaton of all patterns: a state is the set of places a phrase may have come to.
    pub(super) fn build(&self) -> Patterns<T> {
        let mut known: Map<Vec<usize>, usize> = Map::default();
        let mut sets = vec![self.reached(&[0])];
        known.insert(sets[0].clone(), 0);
        let mut states = Vec::new();
        while states.len() < sets.len() {
            let set = sets[states.len()].clone();
            let mut targets: Map<&SmolStr, Vec<usize>> = Map::default();
            for (word, place) in set.iter().flat_map(|at| &self.places[*at].words) {
                targets.entry(word).or_default().push(*place);
            }
            let mut next = Map::default();
            for (word, places) in targets {
                let target = self.reached(&places);
                let fresh = sets.len();
                let state = *known.entry(target.clone()).or_insert(fresh);
                if state == fresh {
                    sets.push(target);
                }
                next.insert(word.clone(), state);
            }
            let value = set.iter().find_map(|at| self.places[*at].value);
            states.push(State { next, value });
        }
        Patterns { states }
    }

    /// All places reached from some without a word, in the order of the table.
    fn reached(&self, from: &[usize]) -> Vec<usize> {
        let (mut reached, mut todo) = (from.to_vec(), from.to_vec());
        while let Some(at) = todo.pop() {
            for place in &self.places[at].joined {
                if !reached.contains(place) {
                    reached.push(*place);
                    todo.push(*place);
                }
            }
        }
        reached.sort_unstable();
        reached.dedup();
        reached
    }

    fn add_place(&mut self) -> usize {
        self.places.push(Place::new());
        self.places.len() - 1
    }

    fn add_words(&mut self, from: usize, words: &str) -> usize {
        words.split_whitespace().fold(from, |at, word| {
            let next = self.add_place();
            self.places[at].words.push((fold(word), next));
            next
        })
    }
}

impl<T: Copy> Patterns<T> {
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
        let (mut state, mut skipped, mut found) = (0, 0, None);
        for (count, word) in words[at..].iter().enumerate() {
            fuel.spend(1)?;
            if count > 0 && word.gap == Gap::Hard {
                break;
            }
            match self.states[state].next.get(&word.key) {
                Some(next) => state = *next,
                None if count > 0 && skipped < SKIPS_MAX && word.is(skip) => {
                    skipped += 1;
                    continue;
                }
                None => break,
            }
            if let Some(value) = self.states[state].value {
                found = Some((value, count + 1));
            }
        }
        Ok(found)
    }

    /// The number of words of the longest phrase that begins at `words[at]`, whatever marks stand
    /// between them. For tables of short phrases: costs no more than the longest of the table.
    pub(super) fn length(&self, words: &[Word], at: usize) -> Option<usize> {
        self.found(words, at).map(|(_, length)| length)
    }

    /// As [`Self::length`], with what the phrase stands for.
    pub(super) fn found(&self, words: &[Word], at: usize) -> Option<(T, usize)> {
        let (mut state, mut found) = (0, None);
        for (count, word) in words.get(at..)?.iter().enumerate() {
            let Some(next) = self.states[state].next.get(&word.key) else {
                break;
            };
            state = *next;
            let value = self.states[state].value;
            found = value.map(|value| (value, count + 1)).or(found);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::Locale;
    use crate::understand::lexicon::Lexicon;
    use crate::understand::words::split;

    fn covered(pattern: &str, text: &str, skip: Trait) -> Option<usize> {
        let mut table = Builder::new();
        table.insert(pattern, ());
        let mut fuel = Fuel::full();
        let words = split(text, Lexicon::of(Locale::Es), &mut fuel).unwrap();
        table
            .build()
            .longest(&words, 0, skip, &mut fuel)
            .unwrap()
            .map(|(_, length)| length)
    }

    #[test]
    fn groups_and_optional_words_are_followed() {
        let pattern = "(uno|dos tres) cuatro( cinco|)";
        for (text, length) in [
            ("uno cuatro", 2),
            ("dos tres cuatro cinco", 4),
            ("uno cuatro cinco", 3),
            ("dos tres cuatro seis", 3),
        ] {
            assert_eq!(covered(pattern, text, Trait::NONE), Some(length));
        }
        assert_eq!(covered(pattern, "uno tres cuatro", Trait::NONE), None);
    }

    #[test]
    fn groups_add_up_and_do_not_multiply() {
        let mut table = Builder::new();
        table.insert("(aa|bb|cc|dd) (ee|ff|gg|hh) (ii|jj|kk|ll)", ());
        assert_eq!(table.build().states.len(), 1 + 4 + 4 + 4);
    }

    #[test]
    fn the_first_row_of_a_phrase_holds() {
        let mut table = Builder::new();
        table.insert("uno (dos|tres)", 1);
        table.insert("(uno|dos) dos", 2);
        let mut fuel = Fuel::full();
        let words = split("uno dos", Lexicon::of(Locale::Es), &mut fuel).unwrap();
        let found = table
            .build()
            .longest(&words, 0, Trait::NONE, &mut fuel)
            .unwrap();
        assert_eq!(found, Some((1, 2)));
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
