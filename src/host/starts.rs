//! Who may start a sandbox now: a few at once, the others in the order in which they came.
//!
//! ```text
//!  create ─► waiting (first come, first served; at most `waiting_max`) ─► starting (at most `at_once`) ─► up
//!      └─ the queue is full ─► Busy
//! ```
//! A start is work for a processor, and more of them at once than there are processors make each of them slower.
//! Served in order, the last of a burst waits for those before it, and for nobody that came later.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Semaphore, SemaphorePermit};

/// Too many wait already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Busy {
    pub waiting: usize,
}

#[derive(Debug)]
pub struct Starts {
    /// Fair: tokio's semaphore hands permits out in the order of asking.
    permits: Semaphore,
    waiting: AtomicUsize,
    waiting_max: usize,
}

impl Starts {
    #[must_use]
    pub fn new(at_once: usize, waiting_max: usize) -> Self {
        Self { permits: Semaphore::new(at_once.max(1)), waiting: AtomicUsize::new(0), waiting_max }
    }

    /// Waits for the right to start one; it ends when it is dropped.
    ///
    /// # Errors
    /// [`Busy`], at once.
    pub async fn turn(&self) -> Result<SemaphorePermit<'_>, Busy> {
        if let Ok(permit) = self.permits.try_acquire() {
            return Ok(permit);
        }
        let _place = Place::take(&self.waiting, self.waiting_max)?;
        self.permits.acquire().await.map_err(|_| unreachable!("the semaphore is never closed"))
    }
}

/// A place in the queue. Given back when whoever waits is served or goes away.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize, max: usize) -> Result<Self, Busy> {
        let taken = waiting.fetch_update(Ordering::AcqRel, Ordering::Acquire, |now| (now < max).then_some(now + 1));
        taken.map(|_| Self(waiting)).map_err(|waiting| Busy { waiting })
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::{Future, poll_fn},
        pin::pin,
        sync::{Arc, Mutex},
        task::Poll,
    };

    use tokio::task::JoinSet;

    use super::*;

    #[tokio::test]
    async fn the_last_of_a_burst_waits_for_those_before_it_and_nobody_else() {
        for at_once in [1, 2] {
            let (starts, served) = (Arc::new(Starts::new(at_once, 100)), Arc::new(Mutex::new(Vec::new())));
            let mut burst = JoinSet::new();
            // One more comes whenever one is served: whoever came first must not wait for any of them.
            for number in 0..20 {
                let (starts, served) = (Arc::clone(&starts), Arc::clone(&served));
                burst.spawn(async move {
                    let permit = starts.turn().await.unwrap();
                    served.lock().unwrap().push(number);
                    tokio::task::yield_now().await;
                    drop(permit);
                    let _late = starts.turn().await.unwrap();
                    served.lock().unwrap().push(number + 20);
                });
            }
            burst.join_all().await;
            let served = served.lock().unwrap();
            let place = |number: usize| served.iter().position(|one| *one == number).unwrap();
            for number in 0..20 {
                assert_eq!(place(number), number, "{at_once} at once: {served:?}");
            }
        }
    }

    #[tokio::test]
    async fn a_full_queue_refuses_at_once_and_a_place_comes_back() {
        let starts = Starts::new(1, 1);
        let first = starts.turn().await.unwrap();
        {
            let mut second = pin!(starts.turn());
            let waits = poll_fn(|cx| Poll::Ready(second.as_mut().poll(cx).is_pending())).await;
            assert!(waits);
            assert_eq!(starts.turn().await.unwrap_err(), Busy { waiting: 1 });
        }
        // The one that waited has gone away.
        let mut third = pin!(starts.turn());
        assert!(poll_fn(|cx| Poll::Ready(third.as_mut().poll(cx).is_pending())).await);
        drop(first);
        drop(third.await.unwrap());
    }
}
