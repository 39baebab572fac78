//! Patience with one session, as a value.

use std::time::Duration;

use crate::types::Timestamp;

/// Rebuilds of one session in a row before it is given up.
const REBUILDS_MAX: u32 = 5;
const BACKOFF_FIRST: Duration = Duration::from_millis(100);
const BACKOFF_MAX: Duration = Duration::from_secs(10);
/// A session that ran this long since its last rebuild has all of its patience back.
const STABLE_AFTER: Duration = Duration::from_secs(600);

/// What to do about an exit that should not have been.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    RebuildAfter(Duration),
    GiveUp,
    /// Even the attempt to end it failed.
    Forget,
}

/// The exits of one session so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Restarts {
    in_a_row: u32,
    pub total: u32,
    last: Timestamp,
}

impl Restarts {
    pub fn exited(&mut self, now: Timestamp) -> Verdict {
        if now.until(self.last) > STABLE_AFTER {
            self.in_a_row = 0;
        }
        self.last = now;
        self.in_a_row += 1;
        self.total += 1;
        match self.in_a_row {
            n if n <= REBUILDS_MAX => Verdict::RebuildAfter((BACKOFF_FIRST * 2u32.pow(n - 1)).min(BACKOFF_MAX)),
            n if n == REBUILDS_MAX + 1 => Verdict::GiveUp,
            _ => Verdict::Forget,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_grows_thin_and_ends() {
        let mut restarts = Restarts::default();
        let verdicts: Vec<_> = (0..7).map(|n| restarts.exited(Timestamp(n))).collect();
        let wait = |millis| Verdict::RebuildAfter(Duration::from_millis(millis));
        assert_eq!(
            verdicts,
            [wait(100), wait(200), wait(400), wait(800), wait(1600), Verdict::GiveUp, Verdict::Forget]
        );
    }

    #[test]
    fn a_long_quiet_time_gives_it_back() {
        let mut restarts = Restarts::default();
        for n in 0..5 {
            restarts.exited(Timestamp(n));
        }
        let later = Timestamp(0) + STABLE_AFTER * 2;
        assert_eq!(restarts.exited(later), Verdict::RebuildAfter(BACKOFF_FIRST));
        assert_eq!(restarts.total, 6);
    }
}
