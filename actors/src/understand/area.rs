//! The area of work in an answer: by its marker, by the table, or as what follows the name.

use super::fuel::{Fuel, OutOfFuel};
use super::grammar::{Ending, Keyword};
use super::identity::WORDS_MAX;
use super::lexicon::Trait;
use super::line::Line;
use super::words::Word;

impl Line<'_> {
    /// Takes the area out of the line.
    pub(super) fn take_area(&mut self, fuel: &mut Fuel) -> Result<Option<String>, OutOfFuel> {
        fuel.spend(self.words.len() * 4)?;
        if let Some(area) = self.marked_area(fuel)? {
            return Ok(Some(area));
        }
        for at in 0..self.words.len() {
            if !self.free[at] {
                continue;
            }
            if let Some((shown, start, known_end)) = self.table_area(at, fuel)? {
                let end = self.extended(known_end);
                if let Some(begin) = self.longer_area(start) {
                    self.free[begin..end].fill(false);
                    return Ok(Some(self.title(begin, end)));
                }
                let area = format!("{shown}{}", self.rest(known_end, end));
                self.free[start..end].fill(false);
                return Ok(Some(area));
            }
        }
        Ok(self.area_before_noun())
    }

    /// An area named before its marker, as English does: "Sterilization department".
    fn area_before_noun(&mut self) -> Option<String> {
        let free = |at: usize| self.free[at];
        let noun = (1..self.words.len()).find(|at| self.says(*at, Keyword::AREA_BEHIND))?;
        let mut start = noun;
        while start > 0
            && noun - start < WORDS_MAX
            && !self.is_break(start)
            && free(start - 1)
            && !self.says(start - 1, Keyword::AREA_LINK)
        {
            start -= 1;
        }
        let area = (start < noun).then(|| self.title(start, noun))?;
        self.free[start..=noun].fill(false);
        Some(area)
    }

    /// Where an area begins that the table knows only in part, alone between marks behind a name:
    /// "Juan Pérez, [centro de] distribución".
    fn longer_area(&self, start: usize) -> Option<usize> {
        let begin = (1..=start).rev().find(|at| self.is_break(*at))?;
        let plain = |at: usize| {
            self.free[at]
                && !self.words[at].is(Trait::ROLE.or(Trait::TITLE).or(Trait::GIVEN_NAME))
                && !self.says(begin, Keyword::AREA_LINK_SHORT)
        };
        (begin < start && (begin..start).all(plain) && self.free[..begin].iter().any(|free| *free))
            .then_some(begin)
    }

    /// "área de X", "trabajo en X", "asistente de X", "gerencia de X".
    fn marked_area(&mut self, fuel: &mut Fuel) -> Result<Option<String>, OutOfFuel> {
        for at in 0..self.words.len() {
            let Some((keep, from)) = self.area_marker(at) else {
                continue;
            };
            let mut end = from;
            while end < self.words.len()
                && end - from < WORDS_MAX
                && (end == from || !self.is_break(end))
                && !self.ends_area(end)
            {
                end += 1;
            }
            while end > from && self.says(end - 1, Keyword::AREA_TAIL) {
                end -= 1;
            }
            if end == from {
                continue;
            }
            let known = self.table_area(from, fuel)?;
            let end = known.map_or(end, |(_, _, known_end)| self.extended(known_end));
            let area = match known {
                _ if keep => self.title(at, end),
                Some((shown, _, known_end)) => format!("{shown}{}", self.rest(known_end, end)),
                None => self.title(from, end),
            };
            let start = self.without_link(at);
            self.free[start..end].fill(false);
            return Ok(Some(area));
        }
        Ok(None)
    }

    /// An area marker at `at`: whether its word belongs to the area's name, and where the area
    /// begins.
    fn area_marker(&self, at: usize) -> Option<(bool, usize)> {
        let skip = |from: usize| {
            let mut from = from;
            while self.says(from, Keyword::AREA_SKIP)
                || (self.says(from, Keyword::WORK) && from + 1 < self.words.len())
            {
                from += 1;
            }
            from
        };
        let word = &self.words[at];
        let linked = self.says(at + 1, Keyword::OF);
        match () {
            () if word.says(Keyword::AREA_NOUN) => Some((false, skip(at + 1))),
            () if word.says(Keyword::AREA_NOUN_OF) && linked => Some((false, skip(at + 1))),
            () if word.says(Keyword::AREA_KEPT) && linked => Some((true, skip(at + 1))),
            () if word.says(Keyword::WORKS_AT) && self.says(at + 1, Keyword::AT) => {
                Some((false, skip(at + 2)))
            }
            () if word.says(Keyword::PART_OF) && linked => Some((false, skip(at + 1))),
            () if word.is(Trait::ROLE) && linked && at > 0 => Some((false, skip(at + 1))),
            () => None,
        }
    }

    fn ends_area(&self, at: usize) -> bool {
        let key = self.key(at);
        self.lexicon.leads.length(self.words, at).is_some()
            || self.says(at, Keyword::AREA_END)
                && !(self.says(at, Keyword::AND)
                    && self
                        .words
                        .get(at + 1)
                        .is_some_and(|w| !w.says(Keyword::SELF_BEGIN)))
            || self.words[at].is(Trait::LABEL)
            || key.chars().any(|c| c.is_ascii_digit())
    }

    /// A row of the area table at `at`: the name to show and the words it takes, links included.
    fn table_area(
        &self,
        at: usize,
        fuel: &mut Fuel,
    ) -> Result<Option<(&'static str, usize, usize)>, OutOfFuel> {
        let areas = &self.lexicon.areas;
        let found = areas.longest(self.words, at, Trait::NONE, fuel)?;
        Ok(found.map(|(shown, length)| (shown, self.without_link(at), at + length)))
    }

    /// An area of the table goes on with what its name adds: "Marketing Digital", "Ventas Sur",
    /// "Ventas y Marketing".
    fn extended(&self, end: usize) -> usize {
        let mut end = end;
        let plain = |at: usize| !self.is_break(at) && self.free[at] && !self.ends_area(at);
        if !self.is_break(end) && self.says(end, Keyword::AND) && plain(end + 1) {
            end += 2;
        }
        while end < self.words.len()
            && plain(end)
            && !self.words[end].is(Trait::GIVEN_NAME)
            && (self.is_adjective(end) || (self.says(end, Keyword::OF) && plain(end + 1)))
        {
            end += if self.says(end, Keyword::OF) {
                if self.says(end + 1, Keyword::THE) && plain(end + 2) {
                    3
                } else {
                    2
                }
            } else {
                1
            };
        }
        end.min(self.words.len())
    }

    /// Moves a start before "de", "del", "de la", "en", "el área".
    fn without_link(&self, at: usize) -> usize {
        let mut start = at;
        while start > 0 && self.says(start - 1, Keyword::AREA_LINK) && !self.is_break(start) {
            start -= 1;
        }
        start
    }

    /// Whether the word tells apart areas of one name: "sur" in "ventas sur", "comercial" in
    /// "gestión comercial".
    fn is_adjective(&self, at: usize) -> bool {
        let key = self.key(at);
        let ends = self.lexicon.grammar.ends(Ending::AreaAdjective, key);
        self.says(at, Keyword::AREA_ADJECTIVE) || key.len() > 4 && ends
    }

    /// What an area's name adds to the one of the table, with a blank before it.
    fn rest(&self, from: usize, end: usize) -> String {
        (from..end).fold(String::new(), |rest, at| {
            format!("{rest} {}", self.cased(at, true))
        })
    }

    /// With a name but no known area, the next thing said is the area.
    pub(super) fn area_behind_name(&self) -> Option<String> {
        let mut from =
            (0..self.words.len()).find(|at| self.free[*at] && !is_skipped(&self.words[*at]))?;
        while self.says(from, Keyword::AREA_LEAD)
            || self.words.get(from).is_some_and(|w| w.is(Trait::ROLE))
        {
            from += 1;
        }
        let mut end = from;
        while end < self.words.len()
            && self.free[end]
            && end - from < WORDS_MAX
            && (end == from || !self.is_break(end))
            && !self.ends_area(end)
        {
            end += 1;
        }
        let report = Trait::REQUEST.or(Trait::FIRST_PERSON).or(Trait::CLITIC);
        let sentence =
            (from..end).any(|at| self.words[at].is(report) && !self.words[at].is(Trait::PARTICLE));
        (from < end && !sentence).then(|| self.title(from, end))
    }
}

fn is_skipped(word: &Word) -> bool {
    word.is(Trait::TITLE) || word.says(Keyword::NAME_LINK)
}
