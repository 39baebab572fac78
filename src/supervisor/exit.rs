//! How an actor ended, and why, as far as the thread that it ended on knows.

use std::{cell::RefCell, panic};

thread_local! {
    /// What the last panic on this thread said. An actor is dropped on the thread that its panic unwinds.
    static LAST_PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// The end of an actor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exit {
    /// It stopped because nothing was left to do.
    pub finished: bool,
    pub panicked: bool,
    /// One line for people: what it was handling, and what the panic said.
    pub reason: String,
}

impl Exit {
    /// As seen from the drop of what the actor owned.
    pub(super) fn now(finished: bool, handling: &'static str) -> Self {
        let panicked = std::thread::panicking();
        let reason = if panicked {
            let said = LAST_PANIC.take().unwrap_or_else(|| "it did not say why".to_owned());
            format!("panicked while handling {handling}: {said}")
        } else {
            format!("stopped after handling {handling}")
        };
        Self { finished, panicked, reason }
    }
}

/// Keeps what panics say for the reports of those that they end, and logs it. What was installed before is not called:
/// the log has it. Call it once, at the start of the program.
pub fn hear_panics() {
    panic::set_hook(Box::new(|panic| {
        let payload = panic.payload();
        let said = payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(|it| &**it));
        let said = said.unwrap_or("a value that is no text");
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(%place, "panicked: {said}");
        LAST_PANIC.set(Some(format!("{said} ({place})")));
    }));
}
