//! A pause that keeps files only, and the boot that follows it.
//!
//! ```text
//!  sandbox: running ─► programs stand still ─► files taken ─► Paused { Files } ─► PID 1 killed ─► groups removed
//!                                                                                                    │ wake
//!  successor, of the same id, slot, token and request: started ─► filled ─► in the table ◄───────────┘
//! ```
//! Between the two there is nothing but an entry of the table and a file without a name: no process, no memory, no
//! group. A start that fails leaves the sleeper as it was; one that is killed meanwhile takes its successor along.
//! Whoever still holds the sleeper finds it gone, and its successor in the table.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use tokio_util::sync::CancellationToken;

use super::{
    agent::client::Turn,
    journal::{Cause, Event},
    lifecycle::{Effect, Kept, Rejected, Signal, State, decide},
    pause::ChangeError,
    sandbox::{Request, Sandbox},
    sandboxes::{CreateError, Sandboxes},
    snapshots::{self, Archive, Part, SnapshotError},
};
use crate::types::Timestamp;

/// What a sandbox knows of its sleep.
#[derive(Debug, Default)]
pub struct Sleep {
    archive: Mutex<Option<Archive>>,
    /// Cancelled once nothing is left of its programs and groups.
    emptied: CancellationToken,
    /// Cancelled once somebody wants it gone.
    unwanted: CancellationToken,
    /// Whether another one has its place.
    succeeded: AtomicBool,
}

impl Sleep {
    /// From here on it does not wake, or not for long.
    pub fn end(&self) {
        self.unwanted.cancel();
    }

    fn archive(&self) -> Option<Archive> {
        self.archive.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Sandbox {
    /// Takes its files, and ends its programs with PID 1. The caller has the permit to take files, as of [`Self::forget`].
    pub(super) async fn fall_asleep(&self, asleep: State) -> Result<(), ChangeError> {
        let part = self.snapshots.begin().map_err(ChangeError::Files)?;
        let mut turn = self.freeze().await?;
        let kept = self.keep_files(&mut turn, part, asleep).await;
        if kept.is_err() {
            // Fails only for one that has just ended.
            let _ = self.thaw(Some(turn)).await;
        }
        kept
    }

    /// The same for one that is frozen already. It stays so, with its memory, when its files cannot be taken.
    pub(super) async fn forget(&self, held: &mut Option<Turn>, asleep: State) -> Result<(), ChangeError> {
        let part = self.snapshots.begin().map_err(ChangeError::Files)?;
        // Whoever pauses keeps the turn: it is missing only for one that has just ended.
        let turn = held.as_mut().ok_or(Rejected::Gone)?;
        self.keep_files(turn, part, asleep).await?;
        drop(held.take());
        Ok(())
    }

    async fn keep_files(&self, turn: &mut Turn, part: Part, asleep: State) -> Result<(), ChangeError> {
        let taken = snapshots::take_in(self, turn, part, &self.snapshots.limits).await;
        let archive = taken.and_then(|part| part.archive().map_err(SnapshotError::Disk)).map_err(ChangeError::Files)?;
        *self.sleep.archive.lock().unwrap_or_else(PoisonError::into_inner) = Some(archive);
        // First, so that whoever hears of PID 1's end knows why; and with its turn, so that nobody asks it.
        self.tell(asleep);
        self.kill_tree();
        Ok(())
    }

    /// Takes over what was written down of the sandbox whose place it takes.
    fn inherit(&self, before: &Self) {
        self.journal(|to| before.journal(|from| std::mem::swap(to, from)));
        let mut history = self.history.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::swap(&mut *history, &mut before.history.lock().unwrap_or_else(PoisonError::into_inner));
        drop(history);
        self.note(Event::Resumed(Cause::Request));
    }

    #[must_use]
    pub(super) fn is_asleep(&self) -> bool {
        matches!(self.state(), State::Paused { kept: Kept::Files, .. })
    }

    /// Waits until a sleeper is gone, after its groups were removed. Whether it has a successor.
    pub(super) async fn sleep_on(&self) -> bool {
        self.sleep.emptied.cancel();
        self.sleep.unwanted.cancelled().await;
        // Whoever was just waking it has seen that.
        drop(self.changing.lock().await);
        self.sleep.succeeded.load(Ordering::Acquire)
    }

    /// Waits until nothing is left of a sleeper but its files, or it is not wanted any more.
    pub(super) async fn emptied(&self) {
        tokio::select! {
            () = self.sleep.emptied.cancelled() => {}
            () = self.sleep.unwanted.cancelled() => {}
        }
    }
}

impl Sandboxes {
    /// Boots a sleeper anew.
    ///
    /// # Errors
    /// [`ChangeError`]; it sleeps on then.
    pub(super) async fn wake(
        self: &Arc<Self>,
        asleep: &Arc<Sandbox>,
        signal: Signal,
    ) -> Result<Option<Effect>, ChangeError> {
        let _changing = asleep.changing.lock().await;
        let (next, effect) = decide(asleep.state(), asleep.request.policy, signal, Timestamp::now())?;
        let (Some(Effect::Thaw(Kept::Files)), Some(archive)) = (effect, asleep.sleep.archive()) else {
            return Err(Rejected::Gone.into());
        };
        asleep.emptied().await;
        let request = Request { rules: asleep.egress.rules().as_ref().clone(), ..asleep.request.clone() };
        let tokens = (asleep.access_token.clone(), asleep.traffic_token.clone());
        let launched = self.launch(&asleep.id, asleep.slot).await?;
        let mut fresh = self.adopt(launched, asleep.id.clone(), asleep.slot, request, tokens)?;
        fresh.started_at = asleep.started_at;
        let fresh = Arc::new(fresh);
        let filled = self.prepare(&fresh, Some(archive)).await;
        let unwanted = asleep.sleep.unwanted.is_cancelled();
        if filled.is_err() || unwanted {
            self.discard(fresh).await;
            return Err(filled.err().map_or(ChangeError::Rejected(Rejected::Gone), ChangeError::from));
        }
        fresh.inherit(asleep);
        fresh.tell(next);
        self.publish(&fresh);
        asleep.sleep.succeeded.store(true, Ordering::Release);
        drop(asleep.sleep.archive.lock().unwrap_or_else(PoisonError::into_inner).take());
        asleep.tell(State::Gone);
        asleep.sleep.end();
        Ok(effect)
    }
}

impl From<CreateError> for ChangeError {
    fn from(err: CreateError) -> Self {
        Self::Boot(Box::new(err))
    }
}
