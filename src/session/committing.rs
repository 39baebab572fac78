//! What becomes of a commit that the store does not take.
//!
//! ```text
//!  commit ─┬─ taken, or found to be taken already ──► go on
//!          ├─ the store is away ─┬─ the session's first ──► for some seconds; then whoever asked for it is told no
//!          │                     └─ any other ──────────► again and again: the session stands still until it is back
//!          └─ refused for good ──► give up: the supervisor rebuilds the session from what the store has
//! ```
//!
//! A session that waits holds what it holds, its app runs on, and its mailbox rests: nothing is decided on a state that
//! may not be kept. It has no end of its patience, since there is nothing truer to do: an end would have to be stored, too.
//! The first commit is another matter: nothing is promised yet, and somebody waits at the door.

use std::time::{Duration, Instant};

use futures_util::future::LocalBoxFuture;

use crate::store::{Commit, Store, StoreError};

/// How long whoever asked for a new session waits for it to be stored.
pub(super) const FIRST_MAX: Duration = Duration::from_secs(4);
const AGAIN_FIRST: Duration = Duration::from_millis(50);
const AGAIN_MAX: Duration = Duration::from_secs(2);

/// What to do after a failed try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    AgainAfter(Duration),
    GiveUp,
}

/// Decides on it. `waited` counts from the first try.
pub(super) fn after(error: &StoreError, first: bool, tries: u32, waited: Duration) -> Next {
    let pause = (AGAIN_FIRST * 2u32.saturating_pow(tries.saturating_sub(1).min(16))).min(AGAIN_MAX);
    if !error.may_pass() || (first && waited + pause >= FIRST_MAX) { Next::GiveUp } else { Next::AgainAfter(pause) }
}

/// Commits, however long that takes. The store says in the log when it is away and when it is back. `waits` is called each
/// time that it is not: the actor itself can do nothing meanwhile.
pub(super) fn commit(
    store: Store,
    commit: Commit,
    waits: impl Fn() + 'static,
) -> LocalBoxFuture<'static, Result<(), StoreError>> {
    Box::pin(async move {
        let (first, since) = (commit.expected_revision.is_none(), Instant::now());
        let mut tries = 0;
        loop {
            let made = store.commit(commit.clone());
            let outcome = match first {
                // Cut off, it may still be made: whoever gives the session up looks whether it was.
                true => actix_rt::time::timeout(FIRST_MAX.saturating_sub(since.elapsed()), made)
                    .await
                    .unwrap_or(Err(StoreError::Overloaded)),
                false => made.await,
            };
            let Err(error) = outcome else { return Ok(()) };
            tries += 1;
            match after(&error, first, tries, since.elapsed()) {
                Next::AgainAfter(pause) => {
                    waits();
                    actix_rt::time::sleep(pause).await;
                }
                Next::GiveUp => return Err(error),
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::SessionId;

    #[test]
    fn a_session_waits_for_its_store_and_a_new_one_does_not() {
        let away = StoreError::Overloaded;
        let secs = Duration::from_secs;
        assert_eq!(after(&away, false, 1, Duration::ZERO), Next::AgainAfter(AGAIN_FIRST));
        assert_eq!(after(&away, false, u32::MAX, secs(3600)), Next::AgainAfter(AGAIN_MAX));
        assert_eq!(after(&away, true, 3, secs(1)), Next::AgainAfter(AGAIN_FIRST * 4));
        assert_eq!(after(&away, true, 3, FIRST_MAX), Next::GiveUp);
    }

    #[test]
    fn what_cannot_pass_is_not_waited_for() {
        let moved_on = StoreError::Conflict { session: SessionId::generate(), expected: 1 };
        for error in [moved_on, StoreError::Closed] {
            assert_eq!(after(&error, false, 1, Duration::ZERO), Next::GiveUp, "{error}");
        }
    }
}
