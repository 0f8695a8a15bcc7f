//! Priority and category of phrases that no rule was written for.
//!
//! A file of `classified/` is written before the rules, or without looking at them, and is not
//! among their data. A line is a text, its priority (`high` or `alta`, …) and the code of its
//! category, parted by tabs.
//!
//! The aim is 85 % for both. The first set, twenty phrases a language, gave 80 % of the categories
//! and 72 % of the priorities when it was first looked at. Of the second, sixty phrases a language
//! written by people who had not read the rules, the figures at first sight were: Spanish 76 % and
//! 63 %, Portuguese 71 % and 70 %, English 68 % and 75 %, Italian 76 % and 65 %. The floors are what
//! was reached since, by kinds of failure and without reading a phrase, so that it can only get
//! better. Of the third, sixty more a language, written after those rules by somebody who had not
//! read them, 86 % of the categories and 86 % of the priorities were right at first sight: Spanish 83
//! and 85 %, Portuguese 85 and 88 %, English 85 and 81 %, Italian 93 and 90 %. The sets know eight categories of the twelve: a danger to security, a file or a
//! building's part that the rules tell apart counts as wrong there.

use std::collections::BTreeMap;

use actors::texts::Locale;
use actors::understand::{Category, Reading};

use super::{held_out, is_at_least, level_of, missed};

/// Phrases of a set in all, and the least shares in percent that must be right.
#[derive(Debug, Clone, Copy)]
struct Floor {
    phrases: usize,
    priorities: usize,
    categories: usize,
}

/// What the first set reached, so that it can only get better.
const FIRST: Floor = Floor {
    phrases: 60,
    priorities: 97,
    categories: 87,
};

/// The aim, which the third set reached at first sight.
const THIRD: Floor = Floor {
    phrases: 240,
    priorities: 85,
    categories: 85,
};

/// The floor of a second set of sixty phrases: what was reached for a language.
const fn second(priorities: usize, categories: usize) -> Floor {
    Floor {
        phrases: 60,
        priorities,
        categories,
    }
}

/// Right answers of one set: all, priorities, categories, and how many of the categories were
/// guessed where there is none to tell.
#[derive(Debug, Default)]
struct Counted {
    phrases: usize,
    priorities: usize,
    categories: usize,
    guessed: usize,
    left_open: usize,
    /// How often one answer stood where another was right: `high as medium`.
    taken_for: BTreeMap<String, usize>,
}

impl Counted {
    fn print(&self, set: &str) {
        let (total, share) = (self.phrases, |right: usize| {
            right * 100 / self.phrases.max(1)
        });
        println!(
            "{set}: categories {} of {total}, {} % (left open {}, guessed {}); \
             priorities {} of {total}, {} %",
            self.categories,
            share(self.categories),
            self.left_open,
            self.guessed,
            self.priorities,
            share(self.priorities),
        );
        println!("{set}: of {total} wrong: {:?}", self.taken_for);
    }

    fn take(&mut self, one_for_another: &str) {
        *self
            .taken_for
            .entry(one_for_another.to_owned())
            .or_default() += 1;
    }

    fn assert_reaches(&self, set: &str, floor: Floor) {
        assert!(self.phrases >= floor.phrases, "{set}: {self:?}, {floor:?}");
        let categories = is_at_least(floor.categories, self.categories, self.phrases);
        let priorities = is_at_least(floor.priorities, self.priorities, self.phrases);
        assert!(categories && priorities, "{set}: {self:?}, {floor:?}");
    }
}

fn count(locale: Locale, set: &str, file: &str, told: &mut Counted) {
    for (at, row) in file
        .lines()
        .enumerate()
        .filter(|(_, row)| !row.starts_with('#') && !row.trim().is_empty())
    {
        let columns: Vec<&str> = row.split('\t').map(str::trim).collect();
        let place = format!("{set}, line {}", at + 1);
        let [text, priority, category] = columns[..] else {
            panic!("{place}: a text, a priority and a category")
        };
        let priority = level_of(priority);
        let category =
            Category::of_code(category).unwrap_or_else(|| panic!("{place}: no such category"));
        let reading = Reading::of(locale, text).expect("readable");
        let (level, found) = (reading.priority().level, reading.category());
        let (right_level, right_category) = (level == priority, found == category);
        told.phrases += 1;
        told.priorities += usize::from(right_level);
        told.categories += usize::from(right_category);
        told.left_open += usize::from(!right_category && found == Category::Uncategorised);
        told.guessed += usize::from(!right_category && category == Category::Uncategorised);
        if !right_level {
            let reason = reading.priority().reason;
            let kind = reading.object.as_ref().map(|object| object.kind);
            told.take(&format!("{priority:?}, not {reason:?} of {kind:?}"));
        }
        if !right_category {
            told.take(&format!("{} as {}", category.code(), found.code()));
        }
        if !(right_level && right_category) {
            missed(|| format!("{row}: {level:?}, {}", found.code()));
        }
    }
}

fn counted(files: &[(Locale, &str)]) -> Counted {
    let mut told = Counted::default();
    for (locale, file) in files {
        let mut alone = Counted::default();
        let text = held_out(file);
        count(*locale, file, &text, &mut alone);
        alone.print(file);
        count(*locale, file, &text, &mut told);
    }
    told
}

#[test]
fn unlisted_phrases_are_classified_as_well_as_at_first_sight() {
    let told = counted(&[
        (Locale::Es, "classified/es.tsv"),
        (Locale::PtBr, "classified/pt-BR.tsv"),
        (Locale::En, "classified/en.tsv"),
        (Locale::It, "classified/it.tsv"),
    ]);
    told.print("classified, first set");
    told.assert_reaches("classified, first set", FIRST);
}

#[test]
fn a_second_set_of_spanish_phrases_is_classified_no_worse_than_before() {
    classified(
        Locale::Es,
        "classified/priority_category_es_2.tsv",
        second(86, 85),
    );
}

#[test]
fn a_second_set_of_portuguese_phrases_is_classified_no_worse_than_before() {
    classified(
        Locale::PtBr,
        "classified/priority_category_pt_2.tsv",
        second(83, 81),
    );
}

#[test]
fn a_second_set_of_english_phrases_is_classified_no_worse_than_before() {
    classified(
        Locale::En,
        "classified/priority_category_en_2.tsv",
        second(93, 85),
    );
}

#[test]
fn a_second_set_of_italian_phrases_is_classified_no_worse_than_before() {
    classified(
        Locale::It,
        "classified/priority_category_it_2.tsv",
        second(88, 85),
    );
}

#[test]
fn at_least_85_of_100_phrases_of_a_third_set_are_classified() {
    let told = counted(&[
        (Locale::Es, "classified/priority_category_es_3.tsv"),
        (Locale::PtBr, "classified/priority_category_pt_3.tsv"),
        (Locale::En, "classified/priority_category_en_3.tsv"),
        (Locale::It, "classified/priority_category_it_3.tsv"),
    ]);
    told.print("classified, third set");
    told.assert_reaches("classified, third set", THIRD);
}

fn classified(locale: Locale, file: &str, floor: Floor) {
    counted(&[(locale, file)]).assert_reaches(file, floor);
}

#[test]
fn a_wrong_answer_is_counted_as_wrong() {
    let mut told = Counted::default();
    let file = "la impresora no imprime\tmedium\tprinting\nno hay internet\tlow\temail\n";
    count(Locale::Es, "two phrases", file, &mut told);
    assert_eq!((told.phrases, told.priorities, told.categories), (2, 1, 1));
    assert!(is_at_least(50, told.categories, told.phrases));
    assert!(!is_at_least(51, told.categories, told.phrases));
}
