//! The page's table of the industry: each row from the piece that says the least good about it,
//! among those that the row is asked of, and with the names of both.

use super::{Piece, What};
use crate::report::table::{self, Asked, Row};
use crate::report::words::{NONE, push};

/// What two rows count, in words.
const NOTES: [&str; 2] = [
    "Recovery is the longest silence after a fault, or until the door is open again. Where one of two providers is away, people at the other are answered all the time, and the silence is short; what those at the first waited for is the row below it, counted from when the provider is back. Of the retries asked for, the first comes within a second and the second 30 s after it (R271, R272): whatever was refused twice just before the end waits that long, so the 30 s of R290 are held against the silence.",
    "Errors are the webhooks that the server refused or broke off, though the provider sends them again, and the messages that are owed a reply and never got one, of all messages that are owed one. An album of three pictures is owed one reply. An attempt at a provider that the server repeated with success is no error; it costs time, and that is counted as delay.",
];

/// Writes the table and what is asked of which piece.
pub(super) fn write(page: &mut String, pieces: &[(&str, Piece)]) {
    page.push_str("\n## Against the industry\n\nEach row shows the worst figure of the pieces it is asked of. Which these are follows from a scenario's plan, never from its figures.\n\n| What | Qualification | Average | Best | Ours | From | |\n|---|---|---|---|---|---|---|\n");
    for (row, from) in together(pieces) {
        let word = match row.word("not measured") {
            "fail" => "**fail**",
            word => word,
        };
        let Row {
            what,
            qualification,
            average,
            best,
            ours,
            ..
        } = row;
        push(
            page,
            format_args!(
                "| {what} | {qualification} | {average} | {best} | {ours} | {from} | {word} |\n"
            ),
        );
    }
    page.push('\n');
    for asked in Asked::ALL {
        let names = names(pieces, asked);
        let names = match asked {
            Asked::Every => String::new(),
            _ if names.is_empty() => " (none yet)".to_owned(),
            _ => format!(" ({})", names.join(", ")),
        };
        let (word, reason) = (asked.word(), asked.reason());
        push(page, format_args!("- *{word}*{names}: {reason}.\n"));
    }
    for note in NOTES {
        push(page, format_args!("\n{note}\n"));
    }
    let uncounted = uncounted(pieces);
    if !uncounted.is_empty() {
        let names = uncounted.join(", ");
        push(
            page,
            format_args!(
                "\nNot part of the record integrity, because the piece does not say how many messages it judged: {names}. What was wrong stands below.\n"
            ),
        );
    }
}

/// Studies in which something was wrong, and that do not tell of how many messages.
fn uncounted<'a>(pieces: &[(&'a str, Piece)]) -> Vec<&'a str> {
    let is_uncounted = |piece: &Piece| match &piece.what {
        What::Report(_) => false,
        What::Study(study) => study.messages.is_none() && study.verdict.total() > 0,
    };
    let uncounted = pieces.iter().filter(|(_, piece)| is_uncounted(piece));
    uncounted.map(|(name, _)| *name).collect()
}

/// The rows of a piece, and whether it is asked each.
fn rows_of(what: &What) -> Vec<(Row, bool)> {
    let (rows, plan) = match what {
        What::Report(report) => (table::rows(report), Some(report.plan())),
        What::Study(study) => (table::rows_of_study(study), None),
    };
    let is_asked = |row: &Row| plan.as_ref().is_none_or(|plan| row.asked.of(plan));
    let rows = rows.into_iter().map(|row| {
        let is_asked = is_asked(&row);
        (row, is_asked)
    });
    rows.collect()
}

/// Each row with its worst figure, and where that is from.
fn together(pieces: &[(&str, Piece)]) -> Vec<(Row, String)> {
    let all: Vec<_> = pieces
        .iter()
        .map(|(name, piece)| (*name, rows_of(&piece.what)))
        .collect();
    let Some((_, first)) = all.first() else {
        return Vec::new();
    };
    let each = first.iter().enumerate().map(|(nth, (row, _))| {
        let answers = all.iter().filter_map(|(name, rows)| {
            let (row, is_asked) = &rows[nth];
            (*is_asked && row.figure.is_some()).then_some((*name, row))
        });
        worst(answers.collect()).unwrap_or_else(|| (row.clone().unmeasured(), NONE.to_owned()))
    });
    each.collect()
}

/// The worst of the answers to one row, and where it is from; `None` of none.
fn worst(answers: Vec<(&str, &Row)>) -> Option<(Row, String)> {
    let count = answers.len();
    let is_same = answers
        .windows(2)
        .all(|two| two[0].1.figure == two[1].1.figure);
    let (name, row) =
        answers
            .into_iter()
            .reduce(|worst, other| match other.1.is_worse_than(worst.1) {
                true => other,
                false => worst,
            })?;
    let asked = row.asked.word();
    let from = match count {
        1 => name.to_owned(),
        _ if is_same => format!("each of {count}, {asked}"),
        _ => format!("{name}, the worst of {count}, {asked}"),
    };
    Some((row.clone(), from))
}

/// The pieces there are that answer a row asked of such.
fn names<'a>(pieces: &[(&'a str, Piece)], asked: Asked) -> Vec<&'a str> {
    let answers = |piece: &Piece| {
        let mut rows = rows_of(&piece.what).into_iter();
        rows.any(|(row, is_asked)| is_asked && row.asked == asked && row.figure.is_some())
    };
    let there = pieces.iter().filter(|(_, piece)| answers(piece));
    there.map(|(name, _)| *name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::tests::piece;
    use crate::report::Report;
    use crate::report::tests::report;
    use crate::study::{Figure, TAKEN_AGAIN};

    /// A run of the shipped scenario `name` in which everything is well but what `change` does.
    fn run(name: &'static str, change: impl Fn(&mut Report)) -> (&'static str, Piece) {
        let mut report = report();
        report.scenario = name.to_owned();
        report.recovery_s = None;
        change(&mut report);
        (name, piece(What::Report(Box::new(report))))
    }

    fn well(name: &'static str) -> (&'static str, Piece) {
        run(name, |_| {})
    }

    fn row(pieces: &[(&str, Piece)], what: &str) -> (String, String, Option<bool>) {
        let mut rows = together(pieces).into_iter();
        let (row, from) = rows.find(|(row, _)| row.what.contains(what)).unwrap();
        (row.ours, from, row.passed)
    }

    fn late(report: &mut Report) {
        report.latency_ms.to_provider.p95 = 31_900.0;
        report.latency_ms.to_provider.p99 = 32_600.0;
        report.counts.broken = 400;
    }

    #[test]
    fn a_planned_outage_does_not_speak_for_the_two_way_delay() {
        for away in ["outage", "crash"] {
            let pieces = [well("steady-200"), run(away, late)];
            for (what, ours) in [
                ("R287", "0.009 s"),
                ("R115", "0.004 s"),
                ("R116", "0.000 %"),
            ] {
                let said = (ours.to_owned(), "steady-200".to_owned(), Some(true));
                assert_eq!(row(&pieces, what), said, "{what} beside {away}");
            }
        }
    }

    #[test]
    fn a_slow_steady_piece_fails_the_row_whatever_the_others_say() {
        for slow in ["steady-200", "steady-4000", "noisy", "burst", "templates"] {
            let pieces = [well("conversations"), run(slow, late), well("help-desk")];
            for what in ["R287", "R115", "R116"] {
                let (_, from, passed) = row(&pieces, what);
                assert_eq!(passed, Some(false), "{what} of {slow}");
                assert_eq!(from, format!("{slow}, the worst of 3, undisturbed"));
            }
        }
    }

    #[test]
    fn the_worst_is_shown_even_where_every_piece_passes() {
        let slower = run("burst", |report| report.latency_ms.to_provider.p99 = 700.0);
        let pieces = [well("steady-200"), slower, well("noisy")];
        let (ours, from, passed) = row(&pieces, "R287");
        assert_eq!((ours.as_str(), passed), ("0.700 s", Some(true)));
        assert_eq!(from, "burst, the worst of 3, undisturbed");
        assert_eq!(row(&pieces, "R288").1, "each of 3, every");
    }

    #[test]
    fn a_load_that_looks_for_the_limit_speaks_for_the_peak_alone() {
        let full = run("ceiling", |report| {
            late(report);
            report.rate.steps_per_s = 500.0;
        });
        let pieces = [well("steady-200"), full];
        assert_eq!(row(&pieces, "R287").1, "steady-200");
        let (ours, from, _) = row(&pieces, "R289");
        assert_eq!((ours.as_str(), from.as_str()), ("30000", "ceiling"));
        assert_eq!(row(&pieces[..1], "R289").2, None);
    }

    #[test]
    fn recovery_comes_from_the_pieces_that_broke_something() {
        let recovered = |name, s| run(name, move |report| report.recovery_s = Some(s));
        let mut study = crate::study::tests::study();
        study.figures = vec![Figure::at_most(TAKEN_AGAIN, "s", Some(0.447))];
        let pieces = [
            recovered("noisy", 31.0),
            recovered("outage", 0.145),
            recovered("crash", 0.423),
            ("restart", piece(What::Study(Box::new(study)))),
        ];
        let (ours, from, passed) = row(&pieces, "R290");
        assert_eq!((ours.as_str(), passed), ("0.447 s", Some(true)));
        assert_eq!(from, "restart, the worst of 3, broken");
        assert_eq!(row(&pieces[..3], "R290").0, "0.423 s");
        assert_eq!(row(&pieces[..1], "R290").2, None);
        let stuck = [recovered("crash", 30.1)];
        assert_eq!(row(&stuck, "R290").2, Some(false));
    }

    #[test]
    fn nothing_excuses_a_lost_message_or_a_closed_door() {
        for name in ["outage", "crash", "ceiling", "ramp-steep", "steady-200"] {
            let bad = run(name, |report| {
                report.verdict.lost = 10;
                report.series[0].accepted = 0;
                report.series[0].errors = 5;
            });
            let pieces = [well("burst"), bad];
            for what in ["R288", "R114"] {
                let (_, from, passed) = row(&pieces, what);
                assert_eq!(passed, Some(false), "{what} of {name}");
                assert_eq!(from, format!("{name}, the worst of 2, every"));
            }
        }
    }

    #[test]
    fn what_a_study_lost_is_a_share_or_is_named() {
        let lost = |messages| {
            let mut study = crate::study::tests::study();
            study.verdict.lost = 5;
            study.messages = messages;
            let study = ("restart", piece(What::Study(Box::new(study))));
            let mut page = String::new();
            write(&mut page, std::slice::from_ref(&study));
            (page, row(&[study], "R288"))
        };
        let (page, (ours, _, passed)) = lost(None);
        assert!(page.contains("messages it judged: restart."), "{page}");
        assert_eq!((ours.as_str(), passed), ("–", None));
        let (page, (ours, from, _)) = lost(Some(1_050_000));
        assert!(!page.contains("it judged"), "{page}");
        assert_eq!((ours.as_str(), from.as_str()), ("99.999 %", "restart"));
    }

    #[test]
    fn the_page_says_which_pieces_a_row_is_asked_of() {
        let mut page = String::new();
        write(&mut page, &[well("steady-200"), run("outage", late)]);
        assert!(page.contains("- *undisturbed* (steady-200): messages come as people bring them"));
        assert!(page.contains("- *limit* (none yet): "), "{page}");
        assert!(page.contains("| needs Bitrix24 | – | not measured |"));
        let mut none = String::new();
        write(&mut none, &[]);
        assert!(none.contains("| What |"));
    }
}
