//! Whether to ask Redis. Pure.
//!
//! ```text
//!        ┌── answered ──┐      no answer       ┌── no answer: later still ──┐
//!        └──────────► up ──────────────────► down (asks again at retry_at) ◄┘
//!                      ▲────── answered ────────┘
//! ```

use std::time::Duration;

use crate::types::Timestamp;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Link {
    /// Also before the first question: hoping costs one wait.
    #[default]
    Up,
    Down {
        reason: String,
        since: Timestamp,
        retry_at: Timestamp,
    },
}

/// What to tell the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Lost,
    Restored,
}

impl Link {
    /// Until Redis is asked again. Each try may cost one request the whole wait.
    pub(super) const RETRY: Duration = Duration::from_secs(1);

    pub(super) fn may_ask(&self, now: Timestamp) -> bool {
        match self {
            Self::Up => true,
            Self::Down { since, retry_at, .. } => now >= *retry_at || now < *since,
        }
    }

    pub(super) fn answered(&mut self) -> Option<Change> {
        match std::mem::take(self) {
            Self::Up => None,
            Self::Down { .. } => Some(Change::Restored),
        }
    }

    pub(super) fn failed(&mut self, reason: String, now: Timestamp) -> Option<Change> {
        let (since, change) = match self {
            Self::Up => (now, Some(Change::Lost)),
            Self::Down { since, .. } => (*since, None),
        };
        *self = Self::Down { reason, since, retry_at: now + Self::RETRY };
        change
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loss_is_told_once_and_asked_about_again_a_second_later() {
        let (mut link, now) = (Link::default(), Timestamp(1_000_000));
        assert_eq!(link.answered(), None);
        assert_eq!(link.failed("refused".to_owned(), now), Some(Change::Lost));
        assert_eq!(link.failed("timed out".to_owned(), now), None);
        assert!(!link.may_ask(Timestamp(now.0 + 999)));
        assert!(link.may_ask(Timestamp(now.0 + 1000)));
        assert!(link.may_ask(Timestamp(0)), "a clock that went back must not keep Redis away");
        assert_eq!((link.answered(), link.clone()), (Some(Change::Restored), Link::Up));
    }
}
