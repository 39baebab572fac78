//! Sandboxes that are up before anybody asks for one, so that a creation need not wait for its start.
//!
//! ```text
//!  too few ─ nobody asked for a while ─► starting ─► kept ─ taken ─► a client's
//!                                                      └─ the host closes, or it died ─► ended
//! ```
//! They are bare: nothing of a request is in them, and all that a client may ask for is done once one is taken. A start
//! in advance waits until nobody has taken one for a moment, as it would have the processors that the first program of
//! that sandbox needs; and it waits its turn in `starts` like any other.

use std::{
    collections::VecDeque,
    os::fd::AsFd as _,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tokio::sync::Notify;

use super::{
    launch::{self, Launched},
    sandboxes::{CreateError, Sandboxes, new_id},
};
use crate::types::SandboxId;

/// How long nobody must have taken one before another is started.
const REST: Duration = Duration::from_millis(250);
/// After a start that failed.
const RETRY: Duration = Duration::from_secs(5);

/// One that nobody has yet. Its slot is its keeper's to give back.
#[derive(Debug)]
pub struct Spare {
    pub id: SandboxId,
    pub slot: u32,
    pub launched: Launched,
}

impl Spare {
    fn lives(&self) -> bool {
        // A pidfd is readable once its process has ended.
        let mut ended = [PollFd::new(&self.launched.pidfd, PollFlags::IN)];
        poll(&mut ended, Some(&Timespec::default())).is_ok_and(|ready| ready == 0)
    }

    /// Blocks until nothing is left of it.
    fn end(self) {
        let Launched { control, pidfd, cgroup } = self.launched;
        drop(control);
        if let Err(err) = launch::reap(pidfd.as_fd()) {
            tracing::warn!(sandbox = %self.id, error = %err, "cannot reap a spare sandbox");
        }
        drop(cgroup);
    }
}

/// Those that are kept.
#[derive(Debug)]
pub struct Spares {
    wanted: usize,
    kept: Mutex<VecDeque<Spare>>,
    taken: Notify,
}

impl Spares {
    #[must_use]
    pub fn new(wanted: usize) -> Self {
        Self { wanted, kept: Mutex::default(), taken: Notify::new() }
    }

    fn kept(&self) -> MutexGuard<'_, VecDeque<Spare>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The oldest one. It may have died, as anything that runs.
    fn take(&self) -> Option<Spare> {
        let spare = self.kept().pop_front()?;
        self.taken.notify_one();
        Some(spare)
    }

    fn lacks_some(&self) -> bool {
        self.kept().len() < self.wanted
    }

    /// Returns once one is wanted and nobody has taken any for [`REST`].
    async fn until_wanted(&self) {
        while !self.lacks_some() {
            self.taken.notified().await;
        }
        while tokio::time::timeout(REST, self.taken.notified()).await.is_ok() {}
    }
}

impl Sandboxes {
    /// One that is up already, if there is any.
    pub(super) fn take_spare(&self) -> Option<Spare> {
        loop {
            let spare = self.spares.take()?;
            if spare.lives() {
                return Some(spare);
            }
            let slot = spare.slot;
            tracing::warn!(sandbox = %spare.id, "a spare sandbox has died");
            // It is reaped at once, being dead; its groups are empty.
            spare.end();
            self.give_slot(slot);
        }
    }

    /// Keeps as many as are wanted, until the host closes; none is left then.
    pub async fn keep_spares(self: Arc<Self>) {
        let mut pause = Duration::ZERO;
        loop {
            let wanted = async {
                tokio::time::sleep(pause).await;
                self.spares.until_wanted().await;
            };
            tokio::select! {
                () = self.closing.cancelled() => break,
                () = wanted => {}
            }
            // Not broken off by the host's end: whoever closes it waits until this one is there to be ended.
            pause = match self.start_spare().await {
                Ok(()) => Duration::ZERO,
                // A full or busy host has no room for spares.
                Err(CreateError::Full(_) | CreateError::Busy(_) | CreateError::Closing) => RETRY,
                Err(err) => {
                    tracing::warn!(error = &err as &dyn std::error::Error, "cannot start a spare sandbox");
                    RETRY
                }
            };
        }
        let left = std::mem::take(&mut *self.spares.kept());
        let _ = tokio::task::spawn_blocking(move || left.into_iter().for_each(Spare::end)).await;
    }

    async fn start_spare(self: &Arc<Self>) -> Result<(), CreateError> {
        let slot = self.take_slot()?;
        let id = new_id();
        let launched = self.launch(&id, slot.number).await?;
        self.spares.kept().push_back(Spare { id, slot: slot.keep(), launched });
        Ok(())
    }
}
