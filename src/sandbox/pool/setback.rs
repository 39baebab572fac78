//! How long to leave the host alone after failures. Pure.

use std::time::Duration;

use crate::{sandbox::SandboxError, types::Timestamp};

const BACKOFF_FIRST: Duration = Duration::from_millis(200);
pub(super) const BACKOFF_MAX: Duration = Duration::from_secs(60);
/// The longest pause between creations while somebody waits.
const BACKOFF_WAITED_FOR: Duration = Duration::from_secs(2);

/// The pause after `failures` failures in a row, at least 1.
pub(super) fn backoff(failures: u32) -> Duration {
    BACKOFF_FIRST.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1))).min(BACKOFF_MAX)
}

/// The last creations failed.
#[derive(Debug)]
pub(super) struct Setback {
    pub error: SandboxError,
    in_a_row: u32,
    at: Timestamp,
    /// The host asked for quiet until then.
    quiet_until: Timestamp,
}

impl Setback {
    pub(super) fn after(earlier: Option<Self>, error: SandboxError, now: Timestamp) -> Self {
        let asked = now + error.retry_after().unwrap_or_default();
        match earlier {
            Some(earlier) => Self {
                in_a_row: earlier.in_a_row.saturating_add(1),
                quiet_until: earlier.quiet_until.max(asked),
                error,
                at: now,
            },
            None => Self { error, in_a_row: 1, at: now, quiet_until: asked },
        }
    }

    /// Until when no creation may begin. Sooner when somebody waits, but never against the host's own wish.
    pub(super) fn until(&self, waited_for: bool) -> Timestamp {
        let longest = if waited_for { BACKOFF_WAITED_FOR } else { BACKOFF_MAX };
        self.quiet_until.max(self.at + backoff(self.in_a_row).min(longest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hosts_wish_is_kept_even_when_somebody_waits() {
        let limited = SandboxError::RateLimited { message: String::new(), retry_after: Some(Duration::from_secs(9)) };
        let first = Setback::after(None, limited, Timestamp(0));
        let cut = SandboxError::Cut { doing: "testing", cause: String::new() };
        let second = Setback::after(Some(first), cut, Timestamp(1_000));
        assert_eq!(second.until(true), Timestamp(9_000));
    }

    #[test]
    fn pauses_double_up_to_a_bound() {
        let pauses: Vec<_> =
            [1, 2, 3, 9, 10, u32::MAX].map(backoff).into_iter().map(|pause| pause.as_millis()).collect();
        assert_eq!(pauses, [200, 400, 800, 51_200, 60_000, 60_000]);
    }
}
