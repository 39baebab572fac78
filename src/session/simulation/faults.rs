//! What may go wrong in a run, and how often. Each run draws its own mixture; some runs know nearly none.

use super::{super::effect::Effect, chance::Random};

/// Milliseconds.
pub(super) const SECOND: i64 = 1_000;
pub(super) const MINUTE: i64 = 60 * SECOND;
pub(super) const HOUR: i64 = 60 * MINUTE;

/// Each number is "once in so many"; 0 is never.
#[derive(Debug)]
pub(super) struct Faults {
    /// Of what a session handles, decides, or carries out.
    pub session_dies: i64,
    /// Of commits: not made, made with the answer lost, refused for good.
    pub commit_fails: i64,
    pub commit_unheard: i64,
    pub commit_refused: i64,
    /// Of commits: one that takes some seconds.
    pub commit_slow: i64,
    /// Of calls to the host: refused, cut off, slow, and "no such sandbox" for one that lives.
    pub host_refuses: i64,
    pub host_cuts: i64,
    pub host_slow: i64,
    pub host_lies: i64,
    /// Of deployments and generations.
    pub work_fails: i64,
    pub work_hangs: i64,
    pub app_ends: i64,
    /// Milliseconds between faults that come by themselves, on average.
    pub every: i64,
    /// How often each of these is the one: the pool, the ledger, the engine, the store, a sandbox, the clock.
    pub weights: [i64; 6],
    /// The longest that the store is away, in milliseconds.
    pub outage_max: i64,
    /// The farthest that the clock jumps, in milliseconds.
    pub jump_max: i64,
}

impl Faults {
    pub(super) fn drawn(random: &mut Random) -> Self {
        let fragile = random.one_in(12).then(|| random.between(3, 8));
        let mut often = |least: i64| match random.between(0, 3) {
            0 => 0,
            1 => random.between(least, least * 4),
            2 => random.between(least * 4, least * 20),
            _ => random.between(least * 20, least * 200),
        };
        Self {
            // In some runs so often that patience is used up.
            session_dies: fragile.unwrap_or_else(|| often(40)),
            commit_fails: often(20),
            commit_unheard: often(20),
            commit_refused: often(100),
            commit_slow: often(30),
            host_refuses: often(10),
            host_cuts: often(10),
            host_slow: often(10),
            host_lies: often(30),
            work_fails: often(3),
            work_hangs: often(10),
            app_ends: often(2),
            every: often(5 * SECOND),
            weights: std::array::from_fn(|_| random.between(0, 4)),
            outage_max: if random.one_in(2) { 30 * SECOND } else { 8 * MINUTE },
            jump_max: if random.one_in(2) { 0 } else { random.between(SECOND, 10 * MINUTE) },
        }
    }
}

/// What a shell may leave out by mistake: each must be caught.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slip {
    Release,
    Settle,
    Alarm,
    Abandon,
    Stop,
    HoldLess,
    Charged,
    Claim,
    Bill,
}

impl Slip {
    pub(super) const ALL: [Self; 9] = [
        Self::Release,
        Self::Settle,
        Self::Alarm,
        Self::Abandon,
        Self::Stop,
        Self::HoldLess,
        Self::Charged,
        Self::Claim,
        Self::Bill,
    ];

    /// The one that leaves this effect out.
    pub(super) const fn of(effect: &Effect) -> Option<Self> {
        match effect {
            Effect::Release { .. } => Some(Self::Release),
            Effect::Settle => Some(Self::Settle),
            Effect::Alarm { .. } => Some(Self::Alarm),
            Effect::Abandon => Some(Self::Abandon),
            Effect::Stop => Some(Self::Stop),
            Effect::HoldLess => Some(Self::HoldLess),
            Effect::Begin { .. }
            | Effect::Generate { .. }
            | Effect::Acquire { .. }
            | Effect::Stage { .. }
            | Effect::Deploy { .. }
            | Effect::Attach { .. }
            | Effect::SetTimeout { .. }
            | Effect::Charge(_)
            | Effect::Used { .. }
            | Effect::ChargeAnswers(_)
            | Effect::Publish(_) => None,
        }
    }
}
