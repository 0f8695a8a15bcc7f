//! What can be asked for on the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Replays message traffic against Chasqui and judges what came out.
///
/// Ends with 0 when everything a scenario requires holds, 1 when something does not, 2 when the
/// command line is wrong.
#[derive(Debug, Parser)]
#[command(name = "chasqui-loadtest", version, arg_required_else_help = true)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What can be asked for.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a scenario.
    Run(Run),
    /// Name the shipped scenarios.
    List,
    /// Make BENCHMARKS.md and its plots, piece by piece; a cut run is continued.
    Figures(Figures),
    /// Compare two JSON reports, or two kept pieces of the figures; ends with 1 when the second has
    /// a worse verdict.
    Compare(Compare),
    /// Be the bare handler that the ceiling is measured with.
    #[command(hide = true)]
    Bare {
        /// Simulators, as http://host:port, that get one reply for each webhook.
        #[arg(long, value_name = "URL")]
        provider: Option<String>,
    },
}

/// Arguments of `chasqui-loadtest figures`.
#[derive(Debug, Args)]
pub struct Figures {
    /// Folder for BENCHMARKS.md and, in `benchmarks/`, each piece with its plots.
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub out: PathBuf,
    /// This piece alone; may be given several times.
    #[arg(long, value_name = "NAME")]
    pub only: Vec<String>,
    /// Make pieces anew that are there already.
    #[arg(long, conflicts_with = "page")]
    pub again: bool,
    /// Make no piece: write the page, the plots and each scenario's report as HTML anew from the
    /// pieces that are there.
    #[arg(long)]
    pub page: bool,
    /// Try the way with little load; the pieces go to a folder of their own.
    #[arg(long)]
    pub quick: bool,
    /// Name the pieces and how long each takes.
    #[arg(long)]
    pub list: bool,
    /// Folder below which the started servers keep their data.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

/// Arguments of `chasqui-loadtest compare`.
#[derive(Debug, Args)]
pub struct Compare {
    /// The report before.
    #[arg(value_name = "A.json")]
    pub a: PathBuf,
    /// The report after.
    #[arg(value_name = "B.json")]
    pub b: PathBuf,
}

/// Arguments of `chasqui-loadtest run`.
#[derive(Debug, Args)]
pub struct Run {
    /// A shipped scenario or a file; `list` names the shipped ones.
    #[arg(value_name = "NAME|FILE")]
    pub scenario: String,
    /// The recording of the scenario `replay`, as `chasqui trace record` writes one.
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// How many times faster it is replayed than it came, 1 to 100.
    #[arg(long, value_name = "N")]
    pub speed: Option<f64>,
    /// A server that runs already, with the demo's channel; without it server and simulators are
    /// started for this run and stopped after it.
    #[arg(long, value_name = "URL")]
    pub target: Option<String>,
    /// The simulators behind the target.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8090")]
    pub simulators: String,
    /// The target's process id, to measure what it uses.
    #[arg(long, value_name = "PID")]
    pub pid: Option<u32>,
    /// Load may go to a machine other than this one.
    #[arg(long)]
    pub allow_foreign_hosts: bool,
    /// Write the report as JSON; without it it goes to standard output.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Write the report as one HTML file with charts.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// The scenario's load in so many seconds instead of its own length (a profile is stretched, a
    /// ceiling's turns and a ramp's steps last so long).
    #[arg(long, value_name = "S")]
    pub seconds: Option<f64>,
    /// The load the installation is meant for, messages a minute: more than the measured maximum
    /// less the scenario's reserve (a fifth at least) fails the run.
    #[arg(long, value_name = "PER_MINUTE")]
    pub rated: Option<f64>,
    /// Another seed.
    #[arg(long)]
    pub seed: Option<u64>,
    /// Keep the folder of the run: configuration, data, logs, the simulators' requests.
    #[arg(long, conflicts_with = "target")]
    pub keep: bool,
    /// Folder below which the started server keeps its data during the run.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}
