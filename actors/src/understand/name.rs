//! The name in an answer.
//!
//! Every run of words that may be a name is weighed: one that was announced ("me llamo …") before
//! one that begins with a given name, that before any other, and a nickname last. Behind a name
//! "de" and what follows is a surname or the area, told apart by the table of surnames and by
//! capitals.

use super::fuel::{Fuel, OutOfFuel};
use super::grammar::Keyword;
use super::identity::WORDS_MAX;
use super::lexicon::Trait;
use super::line::Line;
use super::phrases::Class;

/// Words that may be a name.
#[derive(Debug, Clone, Copy)]
struct Run {
    first: usize,
    end: usize,
    weight: i32,
}

impl Line<'_> {
    /// Takes the name out of what is left. Who says a short name and then the whole one is known by
    /// the whole one: "la señora Betty, Betty Salcedo Rojas".
    pub(super) fn take_name(&mut self, fuel: &mut Fuel) -> Result<Option<String>, OutOfFuel> {
        fuel.spend(self.words.len() * 4)?;
        let runs = self.name_runs();
        let Some(best) = runs.iter().rev().max_by_key(|run| run.weight).copied() else {
            return Ok(None);
        };
        let short = best.end - best.first == 1;
        let whole = runs.iter().find(|run| {
            short
                && run.first > best.first
                && run.end - run.first > 1
                && self.key(run.first) == self.key(best.first)
        });
        let chosen = whole.copied().unwrap_or(best);
        for run in runs.iter().filter(|run| run.weight < 0) {
            self.free[run.first..run.end].fill(false);
        }
        self.free[best.first..best.end].fill(false);
        self.free[chosen.first..chosen.end].fill(false);
        Ok(Some(self.title(chosen.first, chosen.end)))
    }

    /// All runs of words that may be a name; what stands before one and belongs to it is taken.
    fn name_runs(&mut self) -> Vec<Run> {
        let mut runs = Vec::new();
        let mut at = 0;
        while at < self.words.len() {
            let end = self.run_end(at);
            let first = self.behind_title(at, end);
            let announced = self.announcement(at, first);
            let behind_stop = at > 0 && self.free[at - 1] && !self.is_break(at);
            let alone = announced.is_some() || (self.stands_alone(end) && !behind_stop);
            if first < end && end - first <= WORDS_MAX && alone {
                self.free[at..first].fill(false);
                let end = self.name_end(first, end);
                let weight = self.weight(first, end, announced);
                runs.push(Run { first, end, weight });
            }
            at = end.max(at + 1);
        }
        runs
    }

    fn run_end(&self, at: usize) -> usize {
        let mut end = at;
        let bound = Trait::ROLE.or(Trait::TITLE).or(Trait::PARTICLE);
        let mut named = false;
        while end < self.words.len()
            && self.free[end]
            && (end == at || !self.is_break(end))
            && self.is_name_word(at, end)
        {
            let word = &self.words[end];
            // "Morena Zanetti addetta …"
            if named && word.is(Trait::ROLE) && !word.capital && !word.is(Trait::GIVEN_NAME) {
                break;
            }
            named |= !word.is(bound) && !word.says(Keyword::NAME_LEAD);
            end += 1;
        }
        while end > at
            && self.words[end - 1].is(Trait::PARTICLE)
            && !self.words[end - 1].is(Trait::GIVEN_NAME)
        {
            end -= 1;
        }
        end
    }

    /// Where a name begins behind title, role and article. A particle with a capital is part of it:
    /// "De Luca", "D'Amico".
    fn behind_title(&self, at: usize, end: usize) -> usize {
        let mut first = at;
        while first < end {
            let word = &self.words[first];
            let particle = word.is(Trait::PARTICLE) && !(word.capital && first + 1 < end);
            let lead = word.is(Trait::TITLE.or(Trait::ROLE)) || word.says(Keyword::NAME_LEAD);
            if !particle && !lead {
                break;
            }
            first += 1;
        }
        first
    }

    /// How the words that begin at `at`, or behind their title at `first`, were announced.
    fn announcement(&self, at: usize, first: usize) -> Option<Class> {
        let mut told = self.announced.iter().rev();
        told.find(|(behind, _)| (at..=first).contains(behind))
            .map(|(_, class)| *class)
    }

    fn weight(&self, first: usize, end: usize, announced: Option<Class>) -> i32 {
        let given = |at: usize| i32::from(self.words[at].is(Trait::GIVEN_NAME));
        let inside = (first + 1..end).map(given).max().unwrap_or(0);
        let labelled = first > 0 && self.words[first - 1].is(Trait::LABEL);
        let said = match announced {
            Some(Class::Introduction) => 9,
            Some(Class::Answerer) => 7,
            Some(Class::Nickname) => -9,
            _ => i32::from(labelled),
        };
        said + 4 * given(first) + 2 * inside + i32::from(self.words[first].capital)
    }

    /// Whether a name is not followed by words that make it part of a sentence.
    fn stands_alone(&self, end: usize) -> bool {
        self.is_break(end)
            || !self.free[end]
            || self.says(
                end,
                Keyword::NAME_END.or(Keyword::AREA_LEAD).or(Keyword::AND),
            )
            || self.words[end].is(Trait::PARTICLE.or(Trait::ROLE))
            || self.lexicon.turns.length(self.words, end).is_some()
    }

    /// Where a name ends that is followed by "de" and an area no table has: "Juan Pérez de
    /// Despensa", "o Cleber da portaria", but not "Rosa de la Cruz" nor "João da Silva".
    fn name_end(&self, first: usize, end: usize) -> usize {
        let joint = |at: &usize| {
            self.words[*at].is(Trait::PARTICLE)
                && self.says(*at, Keyword::OF.or(Keyword::AREA_FOLLOWS))
        };
        let mut at = first + 1;
        while let Some(joint) = (at..end).find(joint) {
            let behind = (joint..end).find(|n| !self.words[*n].is(Trait::PARTICLE));
            let Some(noun) = behind else { break };
            let surname = (joint + 1..=noun).any(|n| self.says(n, Keyword::SURNAME))
                || self.words[noun].is(Trait::GIVEN_NAME);
            if !surname && self.is_area_behind(first, joint, noun) {
                return joint;
            }
            at = noun + 1;
        }
        end
    }

    /// Whether the noun behind a joint is an area and no surname, by how it was typed.
    fn is_area_behind(&self, first: usize, joint: usize, noun: usize) -> bool {
        let capital = |at: usize| self.words[at].capital;
        if capital(joint) {
            return false;
        }
        if capital(first) && !capital(noun) {
            return true;
        }
        // "de" before a surname of any kind is common behind one name, "da" and "della" are not.
        let bare = self.says(joint, Keyword::OF_BARE) && !self.says(joint, Keyword::OF_ARTICLE);
        let several = joint > first + 1;
        match (capital(noun), bare) {
            (true, _) => several && self.says(joint, Keyword::OF_BARE),
            (false, true) => several,
            (false, false) => several || self.says(joint, Keyword::OF_ARTICLE),
        }
    }

    /// Whether the word at `at` may be part of a name that begins at `begin`.
    pub(super) fn is_name_word(&self, begin: usize, at: usize) -> bool {
        let word = &self.words[at];
        let person = Trait::REQUEST
            .or(Trait::FIRST_PERSON)
            .or(Trait::CLITIC)
            .or(Trait::COPULA);
        let joint = Trait::PREPOSITION.or(Trait::LINK).or(Trait::DETERMINER);
        let never = Trait::VERB
            .or(Trait::OBJECT)
            .or(Trait::STOP_NOUN)
            .or(Trait::ADVERB)
            .or(Trait::OTHER)
            .or(Trait::UNIT)
            .or(Trait::VAGUE)
            .or(Trait::SERVICE);
        let titled = Trait::PARTICLE
            .or(Trait::TITLE)
            .or(Trait::ROLE)
            .or(Trait::GIVEN_NAME);
        let letters = word
            .key
            .chars()
            .all(|c| c.is_alphabetic() || matches!(c, '-' | '\'' | '’'));
        let doubled = word.capital && word.shown.chars().count() > word.key.chars().count();
        let initial = at > begin && word.key.len() == 1 || doubled && word.key.len() < 3;
        let lead = at == begin && word.says(Keyword::NAME_LEAD);
        letters
            && (word.is(titled)
                || word.proper
                || !(word.is(person.or(never)) || (word.is(joint) && !initial && !lead))
                || (!word.is(person.or(joint)) && self.is_surname_by_place(begin, at)))
    }

    /// Whether a word that means a thing is a surname where it stands: "Nguyen Thi Lan", "tom
    /// cook, ventas".
    fn is_surname_by_place(&self, begin: usize, at: usize) -> bool {
        let Some(before) = at.checked_sub(1).filter(|before| *before >= begin) else {
            return false;
        };
        let before = &self.words[before];
        let given = before.is(Trait::GIVEN_NAME) && self.is_break(at + 1);
        let bound = Trait::ROLE.or(Trait::UNIT);
        (self.words[at].capital && !before.is(bound)) || given
    }
}
