//! The clock that all deadlines, bills and days go by. Pure: it is told what the machine's two clocks show.
//!
//! ```text
//!   time of day  ──── jumps: set by hand, by NTP, by a resumed virtual machine ────┐
//!   steady clock ──── only goes on, through suspends too; knows no date ───────────┴─► Clock ─► what `Timestamp::now` shows
//! ```
//! Were it the time of day alone, an hour that somebody sets the clock forward would be charged for, would be counted
//! against every session's life, and would end whoever waits; an hour backward would keep apps beyond their time. So
//! an hour takes an hour here, whatever the time of day does, and a difference to it is made good slowly: by a hundredth of the
//! time that passes. What is measured is wrong by 1 % at most until then, and the clock never stands still nor goes back.

/// Nanoseconds, as all here. An hour's difference is made good in some four days, a second's in two minutes.
const MADE_GOOD_PER: i64 = 100;

/// What was shown last, and when.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Clock {
    last: Option<Shown>,
}

#[derive(Clone, Copy, Debug)]
struct Shown {
    steady: i64,
    time: i64,
}

impl Clock {
    pub(super) const fn new() -> Self {
        Self { last: None }
    }

    /// The time, with the machine's steady clock at `steady` and its time of day at `wall`, since the Unix epoch.
    pub(super) fn read(&mut self, steady: i64, wall: i64) -> i64 {
        let shown = match self.last {
            None => Shown { steady, time: wall },
            Some(last) => {
                // Two threads may come in another order than they looked at the clock.
                let passed = steady.saturating_sub(last.steady).max(0);
                let even = last.time.saturating_add(passed);
                let most = passed / MADE_GOOD_PER;
                let time = even.saturating_add(wall.saturating_sub(even).clamp(-most, most));
                Shown { steady: last.steady.max(steady), time }
            }
        };
        self.last = Some(shown);
        shown.time
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000_000;
    const HOUR: i64 = 3600 * SECOND;
    const NOON: i64 = 1_700_000_000 * SECOND;

    #[test]
    fn an_hour_takes_an_hour_whatever_the_time_of_day_does() {
        for jump in [HOUR, -HOUR, 365 * 24 * HOUR] {
            let mut clock = Clock::new();
            assert_eq!(clock.read(5 * SECOND, NOON), NOON);
            assert_eq!(clock.read(65 * SECOND, NOON + 60 * SECOND), NOON + 60 * SECOND);
            // In the middle of the session the clock is set.
            let mut shown = NOON + 60 * SECOND;
            for second in 66..3665 {
                let next = clock.read(second * SECOND, NOON + (second - 5) * SECOND + jump);
                assert!(next > shown, "it goes on");
                shown = next;
            }
            let off = (shown - NOON) - 3659 * SECOND;
            assert!(off.abs() <= 36 * SECOND && off.signum() == jump.signum(), "{off}");
        }
    }

    #[test]
    fn a_difference_is_made_good_and_then_it_is_exact() {
        let mut clock = Clock::new();
        clock.read(0, NOON);
        let looks = 1..=500_000;
        let last = looks.map(|second| clock.read(second * SECOND, NOON + second * SECOND - HOUR)).last();
        assert_eq!(last, Some(NOON + 500_000 * SECOND - HOUR));
    }

    #[test]
    fn a_machine_that_slept_has_aged() {
        let mut clock = Clock::new();
        clock.read(0, NOON);
        assert_eq!(clock.read(8 * HOUR, NOON + 8 * HOUR), NOON + 8 * HOUR);
    }

    #[test]
    fn looks_that_come_in_another_order_do_not_turn_it_back() {
        let mut clock = Clock::new();
        clock.read(0, NOON);
        let later = clock.read(2 * SECOND, NOON + 2 * SECOND);
        assert_eq!(clock.read(SECOND, NOON + SECOND), later);
        assert_eq!(clock.read(3 * SECOND, NOON + 3 * SECOND), NOON + 3 * SECOND);
    }
}
