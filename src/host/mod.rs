//! (box host)

/// Entry point of the process that becomes a sandbox's PID 1. Never returns.
pub fn sandbox_init() -> ! {
    std::process::exit(70)
}
