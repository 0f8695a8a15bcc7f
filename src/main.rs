//! The `chasqui` binary.

use std::process::ExitCode;

use chasqui::app;
use chasqui::cli::{Cli, Command, End};
use clap::Parser;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Simulate(arguments) => app::simulate(arguments).await,
        other => panic!("{other:?}"),
    };
    match done {
        Ok(()) => End::Done.into(),
        Err(error) => {
            eprintln!("chasqui: {error}");
            End::Failed.into()
        }
    }
}
