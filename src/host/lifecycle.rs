//! What may become of a sandbox that came to be. Pure: [`decide`] says what is next, `pause` carries it out.
//!
//! ```text
//!             pause, time is up (onTimeout: pause)
//!  Running ─────────────────────────────────────────► Paused { kept }
//!     │    ◄─────────────────────────────────────────    │
//!     │       resume, connect,                           │──┐ forget: Memory ─► Files
//!     │       traffic (autoResume, and memory was kept)  │◄─┘
//!     └──► Gone ◄────────────────────────────────────────┘
//!             killed, time is up (onTimeout: kill), PID 1 died, the host ends
//! ```
//! A running sandbox has a deadline, a paused one has none: it costs no processor time, is counted against the host's
//! bound like any other, and ends with its host. Each stretch of running has a number of its own, its `era`: streams
//! belong to one era and break with it, however quickly the next one begins. Files alone wake nobody: what would
//! answer is a fresh boot that has lost its programs, and whoever wants that must ask for it.

use tokio::time::Instant;

use crate::types::Timestamp;

/// When a sandbox's time is up, on both clocks: one for people, one for timers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline {
    pub shown: Timestamp,
    pub at: Instant,
}

/// What a pause keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kept {
    /// Everything: programs go on where they stood, with their pids.
    #[default]
    Memory,
    /// The disk only: programs are gone.
    Files,
}

/// What happens when the time is up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnTimeout {
    #[default]
    Kill,
    Pause(Kept),
}

/// What a client wished for at the creation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    pub on_timeout: OnTimeout,
    /// Whether traffic wakes it.
    pub auto_resume: bool,
}

/// Where a sandbox stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Running { until: Deadline, era: u32 },
    Paused { kept: Kept, since: Timestamp, era: u32 },
    Gone,
}

impl State {
    /// Whether what began in `era` may go on.
    #[must_use]
    pub fn runs_in(&self, era: u32) -> bool {
        matches!(self, Self::Running { era: now, .. } if *now == era)
    }

    #[must_use]
    pub const fn is_running(&self) -> bool {
        matches!(self, Self::Running { .. })
    }
}

/// What somebody wants of a sandbox, or what befell it. Deadlines are counted from now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    Pause(Kept),
    /// Give up the memory that a pause kept.
    Forget,
    /// Only for a paused one.
    Resume(Deadline),
    /// For one in either state; never ends a running one earlier.
    Connect(Deadline),
    /// A request for a port inside.
    Traffic(Deadline),
    /// This deadline has passed. Without effect when it is no longer the present one.
    TimeUp(Deadline),
    SetDeadline(Deadline),
    /// Sets a deadline that is later than the present one.
    Extend(Deadline),
    /// It is reaped.
    Ended,
}

/// What must be done before the next state is true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    Freeze(Kept),
    /// Of a frozen one nothing but the files stays.
    Forget,
    Thaw(Kept),
    Kill,
}

/// Why a signal changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    #[error("the sandbox is gone")]
    Gone,
    #[error("the sandbox is paused")]
    Paused,
    #[error("the sandbox is running")]
    Running,
}

/// The next state, and what makes it true.
///
/// # Errors
/// [`Rejected`] for what a client wanted; what befell a sandbox is never refused.
pub fn decide(
    state: State,
    policy: Policy,
    signal: Signal,
    now: Timestamp,
) -> Result<(State, Option<Effect>), Rejected> {
    match state {
        State::Running { until, era } => running(until, era, policy, signal, now),
        State::Paused { kept, since, era } => paused(kept, since, era, policy, signal),
        State::Gone => match signal {
            Signal::Ended | Signal::TimeUp(_) => Ok((State::Gone, None)),
            Signal::Pause(_)
            | Signal::Forget
            | Signal::Resume(_)
            | Signal::Connect(_)
            | Signal::Traffic(_)
            | Signal::SetDeadline(_)
            | Signal::Extend(_) => Err(Rejected::Gone),
        },
    }
}

fn running(
    until: Deadline,
    era: u32,
    policy: Policy,
    signal: Signal,
    now: Timestamp,
) -> Result<(State, Option<Effect>), Rejected> {
    let same = State::Running { until, era };
    let pause = |kept| (State::Paused { kept, since: now, era }, Some(Effect::Freeze(kept)));
    let later = |wanted: Deadline| if wanted.at > until.at { wanted } else { until };
    match signal {
        Signal::Pause(kept) => Ok(pause(kept)),
        Signal::TimeUp(deadline) if deadline != until => Ok((same, None)),
        Signal::TimeUp(_) => match policy.on_timeout {
            // Still running until it is reaped: that is when nobody may find it any more.
            OnTimeout::Kill => Ok((same, Some(Effect::Kill))),
            OnTimeout::Pause(kept) => Ok(pause(kept)),
        },
        Signal::Resume(_) | Signal::Forget => Err(Rejected::Running),
        Signal::Connect(wanted) | Signal::Extend(wanted) => Ok((State::Running { until: later(wanted), era }, None)),
        Signal::SetDeadline(until) => Ok((State::Running { until, era }, None)),
        Signal::Traffic(_) => Ok((same, None)),
        Signal::Ended => Ok((State::Gone, None)),
    }
}

fn paused(
    kept: Kept,
    since: Timestamp,
    era: u32,
    policy: Policy,
    signal: Signal,
) -> Result<(State, Option<Effect>), Rejected> {
    let resume = |until| (State::Running { until, era: era.wrapping_add(1) }, Some(Effect::Thaw(kept)));
    match signal {
        Signal::Resume(until) | Signal::Connect(until) => Ok(resume(until)),
        Signal::Traffic(until) if policy.auto_resume && kept == Kept::Memory => Ok(resume(until)),
        Signal::Forget if kept == Kept::Memory => {
            Ok((State::Paused { kept: Kept::Files, since, era }, Some(Effect::Forget)))
        }
        Signal::Forget | Signal::Traffic(_) | Signal::Pause(_) | Signal::SetDeadline(_) | Signal::Extend(_) => {
            Err(Rejected::Paused)
        }
        Signal::TimeUp(_) => Ok((State::Paused { kept, since, era }, None)),
        Signal::Ended => Ok((State::Gone, None)),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp(1_000);

    fn start() -> Instant {
        // One origin for all, so that deadlines can be compared.
        static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
        *START.get_or_init(Instant::now)
    }

    fn after(seconds: u64) -> Deadline {
        let wait = Duration::from_secs(seconds);
        Deadline { shown: NOW + wait, at: start() + wait }
    }

    fn running_until(seconds: u64) -> State {
        State::Running { until: after(seconds), era: 0 }
    }

    fn paused_with(kept: Kept) -> State {
        State::Paused { kept, since: NOW, era: 0 }
    }

    fn on_timeout(on_timeout: OnTimeout) -> Policy {
        Policy { on_timeout, auto_resume: false }
    }

    const KILLS: Policy = Policy { on_timeout: OnTimeout::Kill, auto_resume: false };
    const WAKES: Policy = Policy { on_timeout: OnTimeout::Pause(Kept::Memory), auto_resume: true };

    #[test]
    fn a_pause_and_a_resume_are_each_done_once() {
        let (state, effect) = decide(running_until(5), KILLS, Signal::Pause(Kept::Memory), NOW).unwrap();
        assert_eq!((state, effect), (paused_with(Kept::Memory), Some(Effect::Freeze(Kept::Memory))));
        assert_eq!(decide(state, KILLS, Signal::Pause(Kept::Memory), NOW), Err(Rejected::Paused));
        let (state, effect) = decide(state, KILLS, Signal::Resume(after(9)), NOW).unwrap();
        assert_eq!(state, State::Running { until: after(9), era: 1 });
        assert_eq!(effect, Some(Effect::Thaw(Kept::Memory)));
        assert!(state.runs_in(1) && !state.runs_in(0), "what streamed before the pause is over");
        assert_eq!(decide(state, KILLS, Signal::Resume(after(9)), NOW), Err(Rejected::Running));
    }

    #[test]
    fn time_that_is_up_kills_or_pauses_and_stale_time_does_neither() {
        let up = |policy| decide(running_until(5), policy, Signal::TimeUp(after(5)), NOW).unwrap();
        assert_eq!(up(KILLS), (running_until(5), Some(Effect::Kill)));
        assert_eq!(up(on_timeout(OnTimeout::Pause(Kept::Files))).1, Some(Effect::Freeze(Kept::Files)));
        let stale = decide(running_until(9), KILLS, Signal::TimeUp(after(5)), NOW).unwrap();
        assert_eq!(stale, (running_until(9), None), "the deadline was moved meanwhile");
        let paused = paused_with(Kept::Memory);
        assert_eq!(decide(paused, KILLS, Signal::TimeUp(after(5)), NOW), Ok((paused, None)), "it has no deadline");
    }

    #[test]
    fn traffic_wakes_only_what_may_be_woken_and_has_its_memory() {
        let traffic = |state, policy| decide(state, policy, Signal::Traffic(after(9)), NOW);
        assert_eq!(traffic(paused_with(Kept::Memory), WAKES).unwrap().1, Some(Effect::Thaw(Kept::Memory)));
        assert_eq!(traffic(paused_with(Kept::Files), WAKES), Err(Rejected::Paused));
        assert_eq!(traffic(paused_with(Kept::Memory), KILLS), Err(Rejected::Paused));
        assert_eq!(traffic(running_until(5), WAKES), Ok((running_until(5), None)), "traffic gives no time");
    }

    #[test]
    fn connecting_gives_time_and_takes_none() {
        let connect = |seconds| decide(running_until(5), KILLS, Signal::Connect(after(seconds)), NOW).unwrap();
        assert_eq!(connect(3), (running_until(5), None));
        assert_eq!(connect(8), (running_until(8), None));
        let set = decide(running_until(5), KILLS, Signal::SetDeadline(after(1)), NOW);
        assert_eq!(set, Ok((running_until(1), None)), "a timeout that is set may be shorter");
        assert_eq!(decide(running_until(5), KILLS, Signal::Forget, NOW), Err(Rejected::Running));
        let woken = decide(paused_with(Kept::Files), KILLS, Signal::Connect(after(3)), NOW).unwrap();
        assert_eq!(woken.1, Some(Effect::Thaw(Kept::Files)));
    }

    #[test]
    fn memory_is_given_up_once_and_traffic_does_not_wake_what_is_left() {
        let (state, effect) = decide(paused_with(Kept::Memory), WAKES, Signal::Forget, NOW).unwrap();
        assert_eq!((state, effect), (paused_with(Kept::Files), Some(Effect::Forget)));
        assert_eq!(decide(state, WAKES, Signal::Forget, NOW), Err(Rejected::Paused));
        assert_eq!(decide(state, WAKES, Signal::Traffic(after(9)), NOW), Err(Rejected::Paused));
        assert_eq!(decide(state, WAKES, Signal::Connect(after(9)), NOW).unwrap().1, Some(Effect::Thaw(Kept::Files)));
    }

    fn signals() -> impl Strategy<Value = Signal> {
        let kept = prop_oneof![Just(Kept::Memory), Just(Kept::Files)];
        (0u8..9, kept, 0u64..20).prop_map(|(which, kept, seconds)| match which {
            0 => Signal::Pause(kept),
            1 => Signal::Resume(after(seconds)),
            2 => Signal::Connect(after(seconds)),
            3 => Signal::Traffic(after(seconds)),
            4 => Signal::TimeUp(after(seconds)),
            5 => Signal::SetDeadline(after(seconds)),
            6 => Signal::Extend(after(seconds)),
            7 => Signal::Forget,
            _ => Signal::Ended,
        })
    }

    proptest! {
        #[test]
        fn freezing_and_thawing_alternate_and_gone_is_for_ever(
            steps in proptest::collection::vec(signals(), 0..40),
            auto_resume: bool,
        ) {
            let policy = Policy { on_timeout: OnTimeout::Pause(Kept::Memory), auto_resume };
            let (mut state, mut frozen) = (running_until(10), None);
            for signal in steps {
                let before = state;
                match decide(state, policy, signal, NOW) {
                    Ok((next, effect)) => {
                        match effect {
                            Some(Effect::Freeze(kept)) => prop_assert!(frozen.replace(kept).is_none()),
                            Some(Effect::Forget) => prop_assert_eq!(frozen.replace(Kept::Files), Some(Kept::Memory)),
                            Some(Effect::Thaw(kept)) => prop_assert_eq!(frozen.take(), Some(kept)),
                            Some(Effect::Kill) => prop_assert!(false, "nothing here kills"),
                            None => {}
                        }
                        state = next;
                    }
                    Err(_) => prop_assert!(!matches!(signal, Signal::Ended | Signal::TimeUp(_))),
                }
                prop_assert!(before != State::Gone || state == State::Gone);
                prop_assert!(state == State::Gone || frozen.is_some() != state.is_running());
            }
        }
    }
}
