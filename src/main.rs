use std::process::ExitCode;

fn main() -> ExitCode {
    // Before anything else: the same executable is also what becomes PID 1 of a sandbox.
    if std::env::args_os().nth(1).is_some_and(|arg| arg == "sandbox-init") {
        spawnai::host::sandbox_init();
    }
    ExitCode::SUCCESS
}
