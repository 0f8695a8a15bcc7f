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
        // A part that begins with an area before a name that ends like one: "Ginevra Sala, marketing".
        let opening = |at: &usize| {
            let link = Keyword::AREA_LINK.or(Keyword::AREA_SKIP);
            self.is_break(*at) || !self.free[*at - 1] || self.says(*at - 1, link)
        };
        let (first, last): (Vec<usize>, Vec<usize>) = (0..self.words.len()).partition(opening);
        for at in first.into_iter().chain(last) {
            if !self.free[at] {
                continue;
            }
            if let Some((shown, start, known_end)) = self.table_area(at, fuel)? {
                let end = self.extended(known_end);
                let (begin, last) = self.whole_part(at, known_end).unwrap_or((at, end));
                let last = last.max(end);
                let area = if begin < at {
                    self.title(begin, last)
                } else {
                    format!("{shown}{}", self.rest(known_end, last))
                };
                self.free[start.min(begin)..last].fill(false);
                self.leave_out_nouns(last);
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
        if self.words[start].is(Trait::GIVEN_NAME) && noun - start > 2 {
            start += 2;
        }
        let area = (start < noun).then(|| self.title(start, noun))?;
        self.free[start..=noun].fill(false);
        Some(area)
    }

    /// The part of the line between two marks that an area known by the table stands in, where the
    /// name stands in another part: "Juan Pérez, [centro de distribución]", "accounts receivable,
    /// Dolores". Article, role and "department" do not belong to it.
    fn whole_part(&self, start: usize, known_end: usize) -> Option<(usize, usize)> {
        let marks = |at: &usize| self.is_break(*at);
        let opens = (0..=start).rev().find(marks)?;
        let closes = (known_end..=self.words.len()).find(marks)?;
        let taken = |at: &usize| !self.free[*at];
        let mut begin = (opens..start).rev().find(taken).map_or(opens, |at| at + 1);
        let mut end = (known_end..closes)
            .find(|at| taken(at) || self.ends_area(*at))
            .unwrap_or(closes);
        let bound = Trait::ROLE.or(Trait::UNIT).or(Trait::TITLE);
        let links = Keyword::AREA_LINK.or(Keyword::AREA_SKIP);
        // "the new girl in credit control": what is held there does not belong to it.
        if start > 0 && self.says(start - 1, Keyword::AT) && !self.says(start - 1, Keyword::OF) {
            begin = start;
        }
        while begin < start && (self.says(begin, links) || self.words[begin].is(bound)) {
            begin += 1;
        }
        let tail = Keyword::AREA_TAIL.or(Keyword::AREA_BEHIND);
        while end > known_end && (self.says(end - 1, tail) || self.words[end - 1].is(bound)) {
            end -= 1;
        }
        let stops = Trait::GIVEN_NAME
            .or(Trait::TITLE)
            .or(Trait::REQUEST)
            .or(Trait::FIRST_PERSON)
            .or(Trait::COPULA);
        let plain = |at: usize| {
            let word = &self.words[at];
            let link = word.says(Keyword::AREA_LEAD.or(Keyword::AND)) || word.is(Trait::PARTICLE);
            !word.is(stops) && (link || !word.is(Trait::OTHER.or(Trait::CLITIC)))
        };
        let named = |at: usize| {
            let word = &self.words[at];
            let name = word.capital || word.is(Trait::GIVEN_NAME) || !word.traits.is_known();
            self.free[at] && name && self.is_name_word(at, at)
        };
        let beside = (0..opens).chain(closes..self.words.len()).any(named);
        let fits = (begin..start).chain(known_end..end).all(plain) && end - begin <= WORDS_MAX;
        (beside && fits).then_some((begin, end))
    }

    /// Leaves out the "department" behind an area.
    fn leave_out_nouns(&mut self, mut at: usize) {
        while !self.is_break(at) && self.says(at, Keyword::AREA_BEHIND) {
            self.free[at] = false;
            at += 1;
        }
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
            if end == from || self.says(from, Keyword::BESIDE) {
                continue;
            }
            let known = self.table_area(from, fuel)?;
            let end = known.map_or(end, |(_, _, known_end)| {
                let part = self.whole_part(from, known_end);
                part.map_or(0, |(_, end)| end).max(self.extended(known_end))
            });
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
            () if word.is(Trait::ROLE) && at > 0 && self.is_role_of(at + 1) => {
                Some((false, skip(at + 1)))
            }
            () => None,
        }
    }

    /// Whether a role is followed by where it is held: "jefe de", "a nurse in", "addetta alla".
    fn is_role_of(&self, at: usize) -> bool {
        let held = self.says(at, Keyword::OF.or(Keyword::AT).or(Keyword::AREA_LINK_SHORT));
        held && !self.is_break(at)
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
        // "it" is a pronoun inside a sentence and an area of its own.
        let pronoun = |length: usize| {
            let word = &self.words[at];
            length == 1
                && word.is(Trait::CLITIC)
                && !word.capital
                && !self.is_break(at + 1)
                && self.free[at + 1]
                && !self.says(at + 1, Keyword::AREA_BEHIND)
        };
        let found = found.filter(|(_, length)| !pronoun(*length));
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
    let joint = word.is(Trait::OTHER) && !word.capital;
    joint || word.is(Trait::TITLE) || word.says(Keyword::NAME_LINK)
}
