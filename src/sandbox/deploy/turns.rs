//! Which apps start now: on one machine, as many at once as keep its processors busy, the others in their order.
//!
//! ```text
//!  start ─► waiting (first come, first served) ─► its turn: start ─► first answer, or TURN_MAX ─► the next one's turn
//! ```
//! A runtime's start is work for a processor. A hundred at once, as after an engine's crash, all end when the last one
//! does; in turns half of them answer in half that time, and nobody polls an app that cannot have come far.
//! The queue is bounded by the sessions that the registry lets live.

use std::{future::Future, num::NonZeroUsize, pin::pin, sync::Arc, thread::available_parallelism, time::Duration};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// A start that takes longer waits for something else than a processor, or will never end.
const TURN_MAX: Duration = Duration::from_secs(2);
/// While one waits for its disk or its sandbox, another computes.
const PER_PROCESSOR: usize = 2;

/// The turns of all deployments that share them.
#[derive(Clone, Debug, Default)]
pub struct Turns(Option<Arc<Semaphore>>);

/// The right to start an app now; it ends with this.
#[derive(Debug)]
pub(super) struct Turn {
    _permit: Option<OwnedSemaphorePermit>,
}

impl Turns {
    /// For sandboxes on this machine. [`Turns::default`] is for those elsewhere: no app waits.
    #[must_use]
    pub fn here() -> Self {
        Self::on(available_parallelism().unwrap_or(NonZeroUsize::MIN))
    }

    fn on(processors: NonZeroUsize) -> Self {
        Self(Some(Arc::new(Semaphore::new(processors.get() * PER_PROCESSOR))))
    }

    /// Waits for the turn.
    pub(super) async fn next(&self) -> Turn {
        match &self.0 {
            // Nobody closes it; if somebody did, nobody would wait any more.
            Some(turns) => Turn { _permit: Arc::clone(turns).acquire_owned().await.ok() },
            None => Turn { _permit: None },
        }
    }
}

impl Turn {
    /// `what`, in this turn as long as it lasts.
    pub(super) async fn during<T>(self, what: impl Future<Output = T>) -> T {
        let mut what = pin!(what);
        match timeout(TURN_MAX, &mut what).await {
            Ok(done) => done,
            Err(_) => {
                drop(self);
                what.await
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use futures_util::{FutureExt as _, poll};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_comes_when_all_turns_are_taken_waits_until_one_ends_or_takes_too_long() {
        let turns = Turns::on(NonZeroUsize::MIN);
        let (first, second) = (turns.next().await, turns.next().await);
        let mut third = pin!(turns.next());
        assert!(poll!(&mut third).is_pending());
        first.during(ready(())).await;
        let third = third.now_or_never().expect("the first one's turn is over");
        let mut fourth = pin!(turns.next());
        assert!(poll!(&mut fourth).is_pending());
        let hangs = tokio::spawn(second.during(pending::<()>()));
        fourth.await.during(ready(())).await;
        hangs.abort();
        drop(third);
    }

    #[test]
    fn elsewhere_nobody_waits() {
        let turns = Turns::default();
        let taken: Vec<_> = (0..1000).map(|_| turns.next().now_or_never()).collect();
        assert!(taken.iter().all(Option::is_some));
    }
}
