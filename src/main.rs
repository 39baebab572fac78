use std::process::ExitCode;

use clap::Parser;
use spawnai::{app, cli::Cli, host};
use tikv_jemallocator::Jemalloc;

/// An engine runs for months, and sessions come in bursts over all its threads. What they leave pins glibc's heaps page by
/// page, and the engine grows for thousands of sessions though it holds no more than at first.
#[global_allocator]
static HEAP: Jemalloc = Jemalloc;

/// As many heaps as processors, and what is free in them for a second goes back to the system.
#[expect(unsafe_code, reason = "jemalloc reads its settings from a symbol of this name, before anything of ours runs")]
// SAFETY: the name is jemalloc's own, and nobody else defines it; it wants a pointer to a text that ends with a zero.
#[unsafe(export_name = "_rjem_malloc_conf")]
pub static SETTINGS: &[u8; 57] = b"percpu_arena:percpu,dirty_decay_ms:1000,muzzy_decay_ms:0\0";

fn main() -> ExitCode {
    // Before anything else: the same executable is also what becomes PID 1 of a sandbox.
    if std::env::args_os().nth(1).is_some_and(|arg| arg == "sandbox-init") {
        host::sandbox_init();
    }
    app::run(Cli::parse())
}
