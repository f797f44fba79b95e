//! The binary `sekisho-harness`.

use clap::Parser;
use sekisho_harness::cli::{Cli, run};
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = Cli::parse();
    ExitCode::from(run(&cli, &mut std::io::stdout().lock()))
}
