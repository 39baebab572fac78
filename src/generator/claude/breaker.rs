//! Spares a server that is down, and those who would wait for it. Pure.
//!
//! ```text
//!            FAILURES_MAX in a row           its time is over, and one asks
//!   Closed ───────────────────────► Open ─────────────────────────────────► Probing
//!     ▲                              ▲ refuses all                            │ one call is out; refuses all others
//!     │                              └────────────── it fails: longer ────────┤
//!     └───────────────────────────────────────────── it succeeds ─────────────┘
//! ```
//! A probe whose caller went away would hold the door for ever: it counts as lost after `PROBE_MAX`.

use std::time::Duration;

use crate::types::Timestamp;

/// Failures in a row that open it. At three failed calls in ten this happens once in fifteen thousand.
pub const FAILURES_MAX: u32 = 8;
const OPEN_FIRST: Duration = Duration::from_secs(5);
const OPEN_MAX: Duration = Duration::from_secs(60);
/// How long a probe may be out before another is let through.
const PROBE_MAX: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Closed { failures: u32 },
    Open { until: Timestamp, lasted: Duration },
    Probing { since: Timestamp, lasted: Duration },
}

/// One per server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breaker(State);

impl Default for Breaker {
    fn default() -> Self {
        Self(State::Closed { failures: 0 })
    }
}

impl Breaker {
    /// Whether a call may be made now. Whoever is let through reports how it went.
    ///
    /// # Errors
    /// How long to wait before it is worth asking again.
    pub fn admit(&mut self, now: Timestamp) -> Result<(), Duration> {
        match self.0 {
            State::Closed { .. } => Ok(()),
            State::Open { until, .. } if now < until => Err(until.until(now)),
            State::Probing { since, .. } if now < since + PROBE_MAX => Err((since + PROBE_MAX).until(now)),
            State::Open { lasted, .. } | State::Probing { lasted, .. } => {
                self.0 = State::Probing { since: now, lasted };
                Ok(())
            }
        }
    }

    /// The server answered; what it said does not matter here.
    pub const fn succeeded(&mut self) {
        self.0 = State::Closed { failures: 0 };
    }

    /// The server failed, or could not be reached.
    pub fn failed(&mut self, now: Timestamp) {
        self.0 = match self.0 {
            State::Closed { failures } if failures + 1 < FAILURES_MAX => State::Closed { failures: failures + 1 },
            State::Closed { .. } => State::Open { until: now + OPEN_FIRST, lasted: OPEN_FIRST },
            State::Probing { lasted, .. } => {
                let lasted = (lasted * 2).min(OPEN_MAX);
                State::Open { until: now + lasted, lasted }
            }
            // A call from before it opened.
            State::Open { .. } => self.0,
        };
    }

    /// Whether calls are refused now.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        match self.0 {
            State::Closed { .. } => false,
            State::Open { .. } | State::Probing { .. } => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp(1_700_000_000_000);

    fn opened() -> Breaker {
        let mut breaker = Breaker::default();
        (0..FAILURES_MAX).for_each(|_| breaker.failed(NOW));
        breaker
    }

    #[test]
    fn failures_in_a_row_open_it_and_a_success_between_does_not() {
        let mut breaker = Breaker::default();
        (1..FAILURES_MAX).for_each(|_| breaker.failed(NOW));
        breaker.succeeded();
        (1..FAILURES_MAX).for_each(|_| breaker.failed(NOW));
        assert_eq!(breaker.admit(NOW), Ok(()));
        breaker.failed(NOW);
        assert_eq!(breaker.admit(NOW), Err(OPEN_FIRST));
    }

    #[test]
    fn one_probe_at_a_time_decides_and_a_lost_one_is_replaced() {
        let mut breaker = opened();
        let later = NOW + OPEN_FIRST;
        assert_eq!(breaker.admit(later), Ok(()));
        assert_eq!(breaker.admit(later), Err(PROBE_MAX));
        let mut lost = breaker;
        assert_eq!(lost.admit(later + PROBE_MAX), Ok(()));
        breaker.failed(later);
        assert_eq!(breaker.admit(later), Err(OPEN_FIRST * 2));
        assert_eq!(breaker.admit(later + OPEN_FIRST * 2), Ok(()));
        breaker.succeeded();
        assert!(!breaker.is_open());
    }

    proptest! {
        #[test]
        fn it_never_refuses_for_longer_than_its_bounds(steps in prop::collection::vec((0..3u8, 0..90_000i64), 0..60)) {
            let (mut breaker, mut now) = (Breaker::default(), NOW);
            for (step, millis) in steps {
                now.0 += millis;
                match step {
                    0 => breaker.failed(now),
                    1 => breaker.succeeded(),
                    _ => drop(breaker.admit(now)),
                }
                let mut later = breaker;
                prop_assert_eq!(later.admit(now + OPEN_MAX.max(PROBE_MAX)), Ok(()));
            }
        }
    }
}
