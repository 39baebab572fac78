//! Carries out what `lifecycle` decides: programs are stopped, resumed and killed here.
//!
//! ```text
//!  change(signal) ─► one at a time ─► decide ─► freeze: take PID 1's turn, wait until it is idle, stop all programs
//!                                        │      thaw:   resume them, give the turn back
//!                                        └────► then, and only then, the state is told
//! ```
//! One that gives up its memory later (`forget`) falls asleep as one that was paused so at once.
//!
//! PID 1 is not frozen: it must hear of its host's end. But nobody asks it anything while its sandbox is paused, since
//! whoever pauses keeps the turn, so a program that was to be killed at some time is killed when it runs again.
//! Requests and streams belong to one stretch of running ([`Admission`]), and are cut off at its end.

use std::{io, sync::Arc};

use tokio::{sync::watch, time::Instant};

use super::{
    agent::{client::Turn, protocol::Op},
    error::AgentError,
    journal::{Cause, Event},
    lifecycle::{Deadline, Effect, Kept, Rejected, Signal, State, decide},
    sandbox::Sandbox,
    sandboxes::{CreateError, Sandboxes},
    snapshots::SnapshotError,
};
use crate::types::Timestamp;

/// A sandbox that traffic wakes runs for as long as it was made for, and for at least this: what woke it is answered.
const WOKEN_MIN: std::time::Duration = std::time::Duration::from_secs(300);

/// Why a sandbox did not become what was asked for. It is what it was before, or gone.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    #[error(transparent)]
    Rejected(#[from] Rejected),
    /// Only `Sandboxes` can wake it: it takes another PID 1.
    #[error("the sandbox has no programs any more")]
    Asleep,
    #[error("cannot keep the sandbox's files")]
    Files(#[source] SnapshotError),
    #[error("cannot boot the sandbox anew")]
    Boot(#[source] Box<CreateError>),
    #[error("cannot stop or resume the sandbox's programs")]
    Freezer(#[source] io::Error),
    #[error(transparent)]
    Agent(#[from] AgentError),
}

impl Deadline {
    #[must_use]
    pub fn after(timeout: std::time::Duration) -> Self {
        Self { shown: Timestamp::now() + timeout, at: Instant::now() + timeout }
    }
}

/// A request that a running sandbox took on.
#[derive(Clone, Debug)]
pub struct Admission {
    states: watch::Receiver<State>,
    era: u32,
}

impl Admission {
    /// Returns when the sandbox has been paused since, or is gone.
    pub async fn over(mut self) {
        let era = self.era;
        // Fails only when the sandbox was dropped, which is over as well.
        let _ = self.states.wait_for(|state| !state.runs_in(era)).await;
    }
}

impl Sandboxes {
    /// Brings a sandbox from one state to the next. Goes on when the caller goes away in the middle.
    ///
    /// # Errors
    /// See [`ChangeError`].
    pub async fn change(
        self: &Arc<Self>,
        sandbox: &Arc<Sandbox>,
        signal: Signal,
    ) -> Result<Option<Effect>, ChangeError> {
        let (this, changing) = (Arc::clone(self), Arc::clone(sandbox));
        let changed = self.tasks.spawn(async move {
            match this.change_one(&changing, signal).await {
                // Just woken by another one: what has its id now is what is meant.
                Err(ChangeError::Rejected(Rejected::Gone)) => match this.get(&changing.id) {
                    Some(next) if !Arc::ptr_eq(&next, &changing) => this.change_one(&next, signal).await,
                    Some(_) | None => Err(Rejected::Gone.into()),
                },
                other => other,
            }
        });
        changed.await.unwrap_or(Err(ChangeError::Rejected(Rejected::Gone)))
    }

    async fn change_one(
        self: &Arc<Self>,
        sandbox: &Arc<Sandbox>,
        signal: Signal,
    ) -> Result<Option<Effect>, ChangeError> {
        match sandbox.change(signal).await {
            Err(ChangeError::Asleep) => self.wake(sandbox, signal).await,
            Ok(Some(effect @ (Effect::Freeze(Kept::Files) | Effect::Forget))) => {
                sandbox.emptied().await;
                Ok(Some(effect))
            }
            other => other,
        }
    }

    /// Lets a request in, and wakes the sandbox for it where its creator wished so. `None` for one that stays paused
    /// or is gone.
    pub async fn admit(self: &Arc<Self>, sandbox: &Arc<Sandbox>) -> Option<Admission> {
        if !sandbox.state().is_running() {
            let until = Deadline::after(sandbox.request.timeout.max(WOKEN_MIN));
            match self.change(sandbox, Signal::Traffic(until)).await {
                Ok(_) => {}
                Err(ChangeError::Rejected(_)) => return None,
                Err(err) => {
                    tracing::error!(sandbox = %sandbox.id, error = %err, "cannot wake a sandbox");
                    return None;
                }
            }
        }
        sandbox.admission()
    }
}

impl Sandbox {
    /// For what may be done with a running sandbox only. Wakes nobody.
    #[must_use]
    pub fn admission(&self) -> Option<Admission> {
        let states = self.states();
        let state = *states.borrow();
        match state {
            State::Running { era, .. } => Some(Admission { states, era }),
            State::Paused { .. } | State::Gone => None,
        }
    }

    /// One change at a time. Must run to its end: see [`Sandboxes::change`].
    pub(super) async fn change(&self, signal: Signal) -> Result<Option<Effect>, ChangeError> {
        // Whoever takes files waits for that first, and then for the sandbox, as a snapshot does: the other way round
        // two of them could wait for each other, and whoever kills for both.
        let mut permit = None;
        let (mut turn, next, effect) = loop {
            let turn = self.changing.lock().await;
            let (next, effect) = decide(self.state(), self.request.policy, signal, Timestamp::now())?;
            let takes_files = matches!(effect, Some(Effect::Freeze(Kept::Files) | Effect::Forget));
            if !takes_files || permit.is_some() {
                break (turn, next, effect);
            }
            drop(turn);
            permit = Some(self.snapshots.takes.acquire().await.map_err(|_| Rejected::Gone)?);
        };
        match effect {
            None => {}
            Some(Effect::Kill) => self.signal_kill(),
            Some(Effect::Freeze(Kept::Memory)) => *turn = Some(self.freeze().await?),
            Some(Effect::Thaw(Kept::Memory)) => self.thaw(turn.take()).await?,
            Some(Effect::Freeze(Kept::Files)) => self.fall_asleep(next).await?,
            Some(Effect::Forget) => self.forget(&mut turn, next).await?,
            Some(Effect::Thaw(Kept::Files)) => return Err(ChangeError::Asleep),
        }
        self.tell(next);
        match (effect, cause_of(signal)) {
            (Some(Effect::Freeze(_)), cause) => self.note(Event::Paused(cause)),
            (Some(Effect::Thaw(_)), cause) => self.note(Event::Resumed(cause)),
            (Some(Effect::Kill | Effect::Forget) | None, _) => {}
        }
        Ok(effect)
    }

    /// The time that was up at `deadline` kills the sandbox or pauses it. Whether it is to be waited for.
    pub(super) async fn time_is_up(&self, deadline: Deadline) -> bool {
        match self.change(Signal::TimeUp(deadline)).await {
            Ok(effect) => effect == Some(Effect::Kill),
            Err(err) => {
                // It may not run on, and cannot be paused.
                tracing::error!(sandbox = %self.id, error = %err, "cannot pause a sandbox whose time is up: killed");
                self.signal_kill();
                true
            }
        }
    }

    /// It is reaped: ends every request and stream. Blocks while another change is under way.
    pub(super) fn end(&self) {
        let mut turn = self.changing.blocking_lock();
        // Whoever waits for it learns that PID 1 is gone.
        drop(turn.take());
        if let Ok((gone, _)) = decide(self.state(), self.request.policy, Signal::Ended, Timestamp::now()) {
            self.tell(gone);
        }
    }

    /// Does `work` with PID 1's turn while all programs stand still, and nobody changes that meanwhile.
    ///
    /// # Errors
    /// [`ChangeError`] when they do not stand still; `work` was not done then. One that is paused is refused.
    pub(super) async fn at_rest<T>(&self, work: impl AsyncFnOnce(&mut Turn) -> T) -> Result<T, ChangeError> {
        let _changing = self.changing.lock().await;
        match self.state() {
            State::Running { .. } => {}
            State::Paused { .. } => return Err(Rejected::Paused.into()),
            State::Gone => return Err(Rejected::Gone.into()),
        }
        let mut turn = self.freeze().await?;
        let done = work(&mut turn).await;
        self.thaw(Some(turn)).await?;
        Ok(done)
    }

    pub(super) async fn freeze(&self) -> Result<Turn, ChangeError> {
        let mut turn = self.agent.turn().await;
        let Some(freezer) = &self.freezer else {
            self.heed(self.agent.ask_in(&mut turn, Op::StopAll).await)?;
            return Ok(turn);
        };
        // Any answer tells that PID 1 is idle. One that is just starting a program would wait for it, and the program
        // for its thaw.
        self.heed(self.agent.ask_in(&mut turn, Op::Usage).await)?;
        let freezer = Arc::clone(freezer);
        let frozen = tokio::task::spawn_blocking(move || freezer.freeze()).await;
        match frozen.unwrap_or_else(|panic| Err(io::Error::other(panic))) {
            Ok(()) => Ok(turn),
            // Killed meanwhile, and its group perhaps removed.
            Err(err)
                if err.kind() == io::ErrorKind::Interrupted
                    || matches!(err.raw_os_error(), Some(libc::ENODEV | libc::ENOENT)) =>
            {
                Err(Rejected::Gone.into())
            }
            Err(err) => Err(ChangeError::Freezer(err)),
        }
    }

    pub(super) async fn thaw(&self, turn: Option<Turn>) -> Result<(), ChangeError> {
        match (&self.freezer, turn) {
            (Some(freezer), _) => freezer.thaw().map_err(ChangeError::Freezer),
            (None, Some(mut turn)) => {
                self.heed(self.agent.ask_in(&mut turn, Op::ContinueAll).await).map(drop).map_err(ChangeError::Agent)
            }
            (None, None) => Ok(()),
        }
    }
}

const fn cause_of(signal: Signal) -> Cause {
    match signal {
        Signal::TimeUp(_) => Cause::Timeout,
        Signal::Traffic(_) => Cause::Traffic,
        Signal::Pause(_)
        | Signal::Forget
        | Signal::Resume(_)
        | Signal::Connect(_)
        | Signal::SetDeadline(_)
        | Signal::Extend(_)
        | Signal::Ended => Cause::Request,
    }
}
