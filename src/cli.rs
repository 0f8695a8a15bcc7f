//! The command line: what can be asked of the binary, and how it ends.
//!
//! Standard output carries what was asked for and nothing else: one JSON line with the addresses
//! when the server listens, a configuration, a report. Everything said on the way is on standard
//! error.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{ArgGroup, Args, Parser, Subcommand};

/// How the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// What was asked for is done.
    Done = 0,
    /// It could not be done; standard error says why.
    Failed = 1,
    /// The command line or the configuration is wrong.
    Wrong = 2,
    /// The journal is damaged.
    Damaged = 3,
}

impl From<End> for ExitCode {
    fn from(end: End) -> Self {
        Self::from(end as u8)
    }
}

/// Chasqui, a conversation server between WhatsApp and the help desk.
///
/// Ends with 0 when done, 1 when something failed, 2 when the command line or the configuration
/// is wrong, 3 when `journal verify` found damage.
#[derive(Debug, Parser)]
#[command(
    name = "chasqui",
    version,
    propagate_version = true,
    arg_required_else_help = true
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What can be asked for.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run server and simulators together, with a page to talk to them.
    Demo(Demo),
    /// Run the server.
    Serve(Serve),
    /// Run the simulators of WhatsApp and GLPI alone: the demo's world.
    Simulate(Simulate),
    /// Bring the database to this release and end.
    Migrate(Serve),
    /// Check the connections to GLPI and name what is missing in their set-up.
    Check(Check),
    /// Look at configurations.
    Config(Config),
    /// Look into a journal while its server is stopped.
    Journal(Journal),
    /// Record what people write to a running server, for load tests.
    Trace(Trace),
}

/// Arguments of `chasqui trace`.
#[derive(Debug, Args)]
pub struct Trace {
    /// What to do.
    #[command(subcommand)]
    pub what: Tracing,
}

/// What can be done with traces.
#[derive(Debug, Subcommand)]
pub enum Tracing {
    /// Write a trace as JSON lines: arrival times as they are, identities and texts replaced.
    /// `chasqui-loadtest run replay --file FILE` replays it.
    Record(Record),
}

/// Arguments of `chasqui trace record`.
#[derive(Debug, Args)]
pub struct Record {
    /// The running server.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    pub server: String,
    /// A token of the operators of the service with the scope contacts:read.
    #[arg(
        long,
        value_name = "TOKEN",
        env = "CHASQUI_TOKEN",
        hide_env_values = true
    )]
    pub token: String,
    /// The file; one that is there is replaced.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Record for so long; without it until Ctrl-C.
    #[arg(long, value_name = "S")]
    pub seconds: Option<u64>,
}

/// Arguments of `chasqui demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// Where everything is kept.
    #[arg(long, value_name = "DIR", default_value = "chasqui-demo")]
    pub data: PathBuf,
    /// Where the server listens; port 0 takes any free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Where the simulators listen; port 0 takes any free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8090")]
    pub simulators_listen: SocketAddr,
    /// Print the configuration that the demo uses and end; nothing is started or made.
    #[arg(long)]
    pub print_config: bool,
}

/// Arguments of `chasqui serve` and `chasqui migrate`.
#[derive(Debug, Args)]
pub struct Serve {
    /// The configuration file; `chasqui config --example` prints one.
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
}

/// Arguments of `chasqui check`.
#[derive(Debug, Args)]
pub struct Check {
    /// The configuration file of the server.
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
    /// Check this connection alone.
    #[arg(long, value_name = "NAME")]
    pub connection: Option<String>,
    /// An entity of GLPI, by its number, that must be visible; may be given several times.
    #[arg(long = "entity", value_name = "ID")]
    pub entities: Vec<u32>,
}

/// Arguments of `chasqui simulate`.
#[derive(Debug, Args)]
pub struct Simulate {
    /// Where the simulators listen; port 0 takes any free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8090")]
    pub listen: SocketAddr,
    /// The server whose webhooks are called.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    pub server: String,
    /// Folder of the request log; made anew when absent, log files of an earlier run are removed.
    #[arg(long, value_name = "DIR", default_value = "chasqui-simulators")]
    pub log: PathBuf,
    /// Seed of the faults.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

/// Arguments of `chasqui config`.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("what").required(true))]
pub struct Config {
    /// Read a configuration file and tell every problem in it.
    #[arg(long, value_name = "FILE", group = "what")]
    pub check: Option<PathBuf>,
    /// Print an example of every setting.
    #[arg(long, group = "what")]
    pub example: bool,
}

/// Arguments of `chasqui journal`.
#[derive(Debug, Args)]
pub struct Journal {
    /// What to do with it.
    #[command(subcommand)]
    pub look: Look,
}

/// How to look into a journal.
#[derive(Debug, Subcommand)]
pub enum Look {
    /// Print one JSON line for each record, without contents.
    Inspect(DataDirectory),
    /// Open every record, look up every snapshot and alias, and print a report; ends with 3 on
    /// damage.
    Verify(Verify),
}

/// Arguments of `chasqui journal verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// Where the journal is.
    #[command(flatten)]
    pub directory: DataDirectory,
    /// Accept the loss of what is damaged: the next start reports it no longer and goes on
    /// without it. Mend it from a copy first, if there is one.
    #[arg(long)]
    pub accept: bool,
}

/// A data directory.
#[derive(Debug, Args)]
pub struct DataDirectory {
    /// The data directory.
    #[arg(long, value_name = "DIR", default_value = "data")]
    pub data: PathBuf,
    /// The key ring, when it is kept elsewhere (keys.ring of the configuration).
    #[arg(long, value_name = "FILE")]
    pub ring: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_demo_listens_where_its_configuration_says() {
        let cli = Cli::parse_from(["chasqui", "demo"]);
        let Command::Demo(demo) = cli.command else {
            panic!("not the demo: {:?}", cli.command)
        };
        assert_eq!(demo.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(demo.simulators_listen.to_string(), "127.0.0.1:8090");
    }

    #[test]
    fn config_needs_to_be_told_what_to_do() {
        assert!(Cli::try_parse_from(["chasqui", "config"]).is_err());
        assert!(Cli::try_parse_from(["chasqui", "config", "--example"]).is_ok());
        assert!(Cli::try_parse_from(["chasqui", "config", "--example", "--check", "f"]).is_err());
    }
}
