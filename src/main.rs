//! The `chasqui` binary.

use std::process::ExitCode;
use std::time::Duration;

use chasqui::cli::{Cli, Command, End, Trace, Tracing};
use chasqui::{app, config, scheduling};
use clap::Parser;

// Memory that one thread takes and another gives back returns to the system, which is what a
// message does on its way from a webhook to the journal (ARCHITECTURE.md has the figures).
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// How long threads that still wait for something are awaited when all is done.
const LAST_WAIT: Duration = Duration::from_millis(200);

fn main() -> ExitCode {
    let command = Cli::parse().command;
    // Crash tests stop a debug build at places that `FAILPOINTS` names.
    #[cfg(debug_assertions)]
    let _fail_points = fail::FailScenario::setup();
    scheduling::take_turns();
    let runtime = match scheduling::runtime() {
        Ok(runtime) => runtime,
        Err(error) => return said(&error, End::Failed).into(),
    };
    let end = runtime.block_on(run(command));
    runtime.shutdown_timeout(LAST_WAIT);
    end.into()
}

async fn run(command: Command) -> End {
    match command {
        Command::Demo(arguments) if arguments.print_config => app::print_demo(&arguments),
        Command::Demo(arguments) => done(app::demo(arguments).await),
        Command::Simulate(arguments) => done(app::simulate(arguments).await),
        Command::Serve(arguments) => match config::load(&arguments.config) {
            Ok(config) => done(app::serve(config).await),
            Err(problems) => said(&problems, End::Wrong),
        },
        Command::Migrate(arguments) => match config::load(&arguments.config) {
            Ok(config) => done(app::migrate(config).await),
            Err(problems) => said(&problems, End::Wrong),
        },
        Command::Check(arguments) => match config::load(&arguments.config) {
            Ok(config) => match app::check(config, &arguments).await {
                Ok(end) => end,
                Err(error) => said(&error, End::Failed),
            },
            Err(problems) => said(&problems, End::Wrong),
        },
        Command::Config(arguments) => app::configuration(&arguments),
        Command::Journal(arguments) => app::look(arguments.look),
        Command::Trace(Trace {
            what: Tracing::Record(arguments),
        }) => done(app::record(&arguments).await),
    }
}

fn done(result: Result<(), app::AppError>) -> End {
    match result {
        Ok(()) => End::Done,
        Err(error) => said(&error, End::Failed),
    }
}

fn said(problem: &dyn std::fmt::Display, end: End) -> End {
    eprintln!("chasqui: {problem}");
    end
}
