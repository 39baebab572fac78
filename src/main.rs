mod heap;

use std::process::ExitCode;

use clap::Parser;
use spawnai::{app, cli::Cli, host};

#[global_allocator]
static HEAP: heap::Heap = heap::Heap;

fn main() -> ExitCode {
    // Before anything else: the same executable is also what becomes PID 1 of a sandbox.
    if std::env::args_os().nth(1).is_some_and(|arg| arg == "sandbox-init") {
        host::sandbox_init();
    }
    app::run(Cli::parse())
}
