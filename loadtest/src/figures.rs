//! Everything that BENCHMARKS.md says, made piece by piece: a piece that is there already is not
//! made again, so a run can be cut at any time and continued.
//!
//! A piece is a scenario or a study. What came of it is kept in `benchmarks/NAME.json`, with its
//! plots beside it, and the page is written anew after every piece. A quick run tries the way: its
//! pieces are short, lie in a folder of their own and never become part of the page.

mod held;
mod industry;
mod notes;
mod page;
mod plots;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use crate::arguments::Figures;
use crate::report::{self, Report};
use crate::run;
use crate::scenario::{HelpDesk, Load, Scenario};
use crate::stage::Stage;
use crate::study::{self, STUDIES, Study};

/// The pieces in order, and about how many minutes each takes.
const PIECES: [(&str, u32); 15] = [
    ("steady-200", 3),
    ("steady-4000", 3),
    ("ceiling", 12),
    ("noisy", 4),
    ("memory", 8),
    ("restart", 9),
    ("cost", 16),
    ("ramp-steep", 6),
    ("ramp", 6),
    ("burst", 2),
    ("templates", 2),
    ("conversations", 2),
    ("help-desk", 3),
    ("outage", 2),
    ("crash", 2),
];
/// A quick scenario's load lasts so long, seconds.
const QUICK_S: f64 = 3.0;

/// What is known of a piece.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Piece {
    /// How long it took, seconds.
    pub took_s: f64,
    /// Made with so little load that it says nothing.
    pub quick: bool,
    /// What it is.
    #[serde(flatten)]
    pub what: What,
}

/// A scenario's report or what a study found.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum What {
    /// Of a scenario.
    Report(Box<Report>),
    /// Of a study.
    Study(Box<Study>),
}

impl What {
    /// What a file holds: a piece that was kept, or the report of a run by itself.
    ///
    /// # Errors
    /// When it cannot be read, or is neither.
    pub fn read(file: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read(file).with_context(|| format!("reading {}", file.display()))?;
        Self::parse(&text).with_context(|| format!("{} is no report", file.display()))
    }

    fn parse(text: &[u8]) -> serde_json::Result<Self> {
        let value: serde_json::Value = serde_json::from_slice(text)?;
        match value.get("took_s") {
            Some(_) => Ok(Piece::deserialize(value)?.what),
            None => Ok(Self::Report(Box::new(Report::deserialize(value)?))),
        }
    }

    fn holds(&self) -> bool {
        match self {
            Self::Report(report) => report.passed,
            Self::Study(study) => {
                study.verdict.total() == 0 && study.figures.iter().all(study::Figure::holds)
            }
        }
    }
}

/// Makes what is missing and writes the page; tells whether everything that must hold does.
///
/// # Errors
/// When a piece cannot be made; those before it are kept.
pub async fn run(arguments: &Figures) -> anyhow::Result<bool> {
    if arguments.list {
        for (name, minutes) in PIECES {
            println!("{name:<14} about {minutes:>2} min");
        }
        return Ok(true);
    }
    let wanted = wanted(&arguments.only)?;
    let folder = folder(arguments);
    if arguments.page {
        let pieces = write_page(arguments, &folder)?;
        let asked = |name: &str| wanted.iter().any(|(one, _)| *one == name);
        for (name, piece) in pieces.iter().filter(|(name, _)| asked(name)) {
            show(piece, name, &folder)?;
        }
        return Ok(pieces.iter().all(|(_, piece)| piece.what.holds()));
    }
    std::fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    for (nth, (name, minutes)) in wanted.iter().enumerate() {
        let file = folder.join(format!("{name}.json"));
        if !arguments.again && file.is_file() {
            eprintln!("== {name}: kept in {}", file.display());
            continue;
        }
        let (of, place) = (wanted.len(), nth + 1);
        match arguments.quick {
            true => eprintln!("== {name} ({place} of {of}), quickly"),
            false => eprintln!("== {name} ({place} of {of}), about {minutes} min"),
        }
        let began = Instant::now();
        let what = make(name, arguments).await?;
        let piece = Piece {
            took_s: began.elapsed().as_secs_f64(),
            quick: arguments.quick,
            what,
        };
        keep(&piece, name, &folder)?;
        eprintln!("== {name}: done in {:.0} s", piece.took_s);
        write_page(arguments, &folder)?;
    }
    let pieces = write_page(arguments, &folder)?;
    Ok(pieces.iter().all(|(_, piece)| piece.what.holds()))
}

fn wanted(only: &[String]) -> anyhow::Result<Vec<(&'static str, u32)>> {
    for name in only {
        let names = PIECES.map(|(name, _)| name);
        anyhow::ensure!(
            names.contains(&name.as_str()),
            "{name} is no piece; pieces are {}",
            names.join(", ")
        );
    }
    let is_wanted = |(name, _): &(&str, u32)| only.is_empty() || only.iter().any(|one| one == name);
    Ok(PIECES.into_iter().filter(is_wanted).collect())
}

/// Where pieces are kept; quick ones apart, so that they are never taken for others.
fn folder(arguments: &Figures) -> PathBuf {
    let folder = arguments.out.join("benchmarks");
    match arguments.quick {
        true => folder.join("quick"),
        false => folder,
    }
}

async fn make(name: &str, arguments: &Figures) -> anyhow::Result<What> {
    let below = arguments.data.as_deref();
    if STUDIES.iter().any(|(study, _)| *study == name) {
        let study = study::run(name, arguments.quick, below).await?;
        return Ok(What::Study(Box::new(study)));
    }
    let (name, mut scenario) = Scenario::find(name)?;
    if arguments.quick {
        shorten(&mut scenario);
    }
    let mut stage = Stage::start(&scenario.world, below, scenario.seed).await?;
    let report = run::run(&name, &scenario, &mut stage).await?;
    crate::tell(&report);
    Ok(What::Report(Box::new(report)))
}

/// Little of everything.
fn shorten(scenario: &mut Scenario) {
    let load = std::mem::replace(&mut scenario.load, Load::Phases { phases: Vec::new() });
    scenario.load = match load {
        Load::Phases { mut phases } => {
            for phase in &mut phases {
                phase.per_s = phase.per_s.min(60.0);
                phase.to_per_s = phase.to_per_s.map(|to| to.min(60.0));
            }
            // What happens at set times must happen within the load.
            let last = scenario.marks.iter().map(|mark| mark.at_s);
            let last = last.fold(QUICK_S, |last, at_s| f64::max(last, at_s + 5.0));
            Load::Phases { phases }.lasting(last)
        }
        Load::Ceiling {
            window, warm_up_s, ..
        } => Load::Ceiling {
            pairs: 2,
            seconds: QUICK_S,
            warm_up_s: warm_up_s.min(1.0),
            window: window.min(100),
        },
        Load::Ramp(mut ramp) => {
            ramp.step_s = QUICK_S;
            ramp.start_per_minute = ramp.start_per_minute.min(600.0);
            ramp.until_per_minute = ramp.start_per_minute * 2.0;
            Load::Ramp(ramp)
        }
        Load::Conversations { .. } => Load::Conversations {
            people: 20,
            at_a_time: 20,
        },
        Load::HelpDesk(desk) => Load::HelpDesk(HelpDesk {
            people: 8,
            messages: 1,
            changes: 1,
            polled: desk.polled.min(2),
            rest_s: 40.0,
            ..desk
        }),
        Load::Templates {
            names, per_second, ..
        } => Load::Templates {
            names,
            sends: 2,
            per_second,
        },
        other => other,
    };
    if let Some(noise) = &mut scenario.noise {
        noise.at_s = 1.0;
        noise.messages = noise.messages.min(50);
        noise.seconds = 1.0;
    }
    scenario.bare_seconds = scenario.bare_seconds.min(1);
}

fn keep(piece: &Piece, name: &str, folder: &Path) -> anyhow::Result<()> {
    show(piece, name, folder)?;
    // Last, because it is what says that the piece is there.
    let text = serde_json::to_string_pretty(piece)? + "\n";
    write(&folder.join(format!("{name}.json")), &text)
}

/// Writes what is there to look at of a piece: a scenario's report as HTML, and the plots. All of it
/// can be made again from the piece.
fn show(piece: &Piece, name: &str, folder: &Path) -> anyhow::Result<()> {
    if let What::Report(report) = &piece.what {
        let page = report::html::render(report);
        write(&folder.join(format!("{name}.html")), &page)?;
    }
    for (plot, svg) in plots::of(piece, name) {
        write(&folder.join(format!("{plot}.svg")), &svg)?;
    }
    Ok(())
}

fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(file, text).with_context(|| format!("writing {}", file.display()))
}

/// Writes the page from the pieces that are there, and gives them.
fn write_page(arguments: &Figures, folder: &Path) -> anyhow::Result<Vec<(&'static str, Piece)>> {
    let mut pieces = Vec::new();
    for (name, _) in PIECES {
        let file = folder.join(format!("{name}.json"));
        if let Ok(text) = std::fs::read(&file) {
            let piece = serde_json::from_slice(&text)
                .with_context(|| format!("{} is no piece of the figures", file.display()))?;
            pieces.push((name, piece));
        }
    }
    let page = match arguments.quick {
        true => folder.join("BENCHMARKS.md"),
        false => arguments.out.join("BENCHMARKS.md"),
    };
    let missing = PIECES.iter().map(|(name, _)| *name);
    let missing = missing.filter(|name| pieces.iter().all(|(there, _)| there != name));
    let notes = notes::Notes::read(folder)?;
    let missing: Vec<&str> = missing.collect();
    let text = page::render(&pieces, &missing, &notes, arguments.quick);
    write(&page, &text)?;
    Ok(pieces)
}
