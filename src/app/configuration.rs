//! What can be done with a configuration without starting anything.

use crate::cli::{self, End};
use crate::config::{self, Config};

/// Checks a configuration file, or prints the annotated example.
pub fn configuration(arguments: &cli::Config) -> End {
    let Some(path) = &arguments.check else {
        print!("{}", config::example());
        return End::Done;
    };
    match config::load(path) {
        Ok(_) => {
            eprintln!("chasqui: {} is in order", path.display());
            End::Done
        }
        Err(problems) => {
            eprintln!("chasqui: {problems}");
            End::Wrong
        }
    }
}

/// Prints the configuration that the demo uses: TOML that `chasqui serve --config` takes.
pub fn print_demo(arguments: &cli::Demo) -> End {
    let simulators_url = format!("http://{}", arguments.simulators_listen);
    let config = Config::demo(arguments.data.clone(), arguments.listen, &simulators_url);
    print!("{}", config.to_toml());
    End::Done
}
