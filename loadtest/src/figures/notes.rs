//! What people add to the figures: why a target is missed, and where a step's time goes.
//!
//! Both stand beside the pieces: `benchmarks/missed.toml` has a `[[missed]]` for each figure with its
//! piece, name and reason, `benchmarks/profile.md` is shown as it is.

use std::io::ErrorKind;
use std::path::Path;

use anyhow::Context as _;
use serde::Deserialize;

use super::Piece;
use super::page::{figures_of, with_unit};
use crate::report::words::push;

/// What there is of notes.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Notes {
    #[serde(default)]
    missed: Vec<Missed>,
    #[serde(skip)]
    profile: String,
}

/// Why a figure is not what it must be.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Missed {
    piece: String,
    figure: String,
    why: String,
}

impl Notes {
    /// Reads the notes of a folder; what is not there is empty.
    ///
    /// # Errors
    /// When a file cannot be read or says something else.
    pub fn read(folder: &Path) -> anyhow::Result<Self> {
        let file = folder.join("missed.toml");
        let mut notes: Self = toml::from_str(&text(&file)?)
            .with_context(|| format!("{} has no reasons", file.display()))?;
        notes.profile = text(&folder.join("profile.md"))?;
        Ok(notes)
    }

    fn why(&self, piece: &str, figure: &str) -> Option<&str> {
        let found = self.missed.iter();
        let mut found = found.filter(|missed| missed.piece == piece && missed.figure == figure);
        found.next().map(|missed| missed.why.trim())
    }

    /// Every figure that does not hold with its reason, and the profile.
    pub fn write(&self, page: &mut String, pieces: &[(&str, Piece)]) {
        let mut title = "\n## What is missed, and why\n\n";
        for (name, piece) in pieces {
            let figures = figures_of(name, piece);
            for figure in figures.iter().filter(|figure| !figure.holds()) {
                let why = self.why(name, &figure.name);
                push(
                    page,
                    format_args!(
                        "{title}- {name}: {}, {} instead of {}. {}\n",
                        figure.name,
                        with_unit(figure.value, &figure.unit),
                        with_unit(figure.must, &figure.unit),
                        why.unwrap_or("**The reason is not known yet.**"),
                    ),
                );
                title = "";
            }
        }
        if !self.profile.is_empty() {
            let profile = self.profile.trim();
            push(
                page,
                format_args!("\n## Where the time goes\n\n{profile}\n"),
            );
        }
    }
}

fn text(file: &Path) -> anyhow::Result<String> {
    match std::fs::read_to_string(file) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(String::new()),
        read => read.with_context(|| format!("reading {}", file.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::What;
    use crate::figures::tests::piece;
    use crate::report::tests::report;

    fn ceiling(ratio: f64) -> [(&'static str, Piece); 1] {
        let mut report = report();
        report.scenario = "ceiling".to_owned();
        report.rate.ratio = Some(ratio);
        [("ceiling", piece(What::Report(Box::new(report))))]
    }

    fn page(notes: &Notes, ratio: f64) -> String {
        let mut page = String::new();
        notes.write(&mut page, &ceiling(ratio));
        page
    }

    #[test]
    fn a_missed_figure_stands_with_its_reason_and_one_that_holds_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let reasons = r#"
            [[missed]]
            piece = "ceiling"
            figure = "Share of the bare handler's rate, statuses off"
            why = "Two exchanges a step."
        "#;
        std::fs::write(folder.path().join("missed.toml"), reasons).unwrap();
        std::fs::write(folder.path().join("profile.md"), "Half of it is TCP.\n").unwrap();
        let notes = Notes::read(folder.path()).unwrap();
        let missed = page(&notes, 0.125);
        assert!(
            missed.contains("statuses off, 0.125 instead of 0.250. Two exchanges a step."),
            "{missed}"
        );
        assert!(missed.contains("## Where the time goes\n\nHalf of it is TCP.\n"));
        assert!(!page(&notes, 0.3).contains("statuses off"));
        let unknown = page(&Notes::default(), 0.125);
        assert!(unknown.contains("statuses off, 0.125 instead of 0.250. **The reason"));
        assert!(!unknown.contains("Where the time goes"));
    }

    #[test]
    fn what_is_no_reason_is_told_with_its_file() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Notes::read(folder.path()).is_ok(), "there need not be any");
        std::fs::write(folder.path().join("missed.toml"), "[[missed]]\npiece = 1").unwrap();
        let error = Notes::read(folder.path()).unwrap_err();
        assert!(error.to_string().contains("missed.toml"), "{error}");
    }
}
