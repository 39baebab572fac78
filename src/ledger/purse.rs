//! What one user, or everybody, has spent and may yet.

use super::Sums;
use crate::{store::Day, types::MicroUsd};

/// What is held, whatever the day, and what was spent on each of the days that are remembered.
#[derive(Clone, Debug, Default)]
pub(super) struct Purse {
    pub reserved: MicroUsd,
    /// Latest first, at most [`Purse::DAYS_MAX`], none of them nothing.
    days: Vec<(Day, MicroUsd)>,
}

impl Purse {
    /// Yesterday, today, and a tomorrow that a clock was in before it was set right.
    const DAYS_MAX: usize = 3;

    pub(super) fn on(&self, day: Day) -> Sums {
        let spent = self.days.iter().find(|(of, _)| *of == day).map_or(MicroUsd::ZERO, |(_, spent)| *spent);
        Sums { spent, reserved: self.reserved }
    }

    /// The oldest day makes room for a new one.
    pub(super) fn spend(&mut self, day: Day, amount: MicroUsd) {
        let place = self.days.partition_point(|(of, _)| *of > day);
        match self.days.get_mut(place) {
            Some((of, spent)) if *of == day => *spent += amount,
            Some(_) | None => {
                self.days.insert(place, (day, amount));
                self.days.truncate(Self::DAYS_MAX);
            }
        }
    }

    pub(super) fn forget_before(&mut self, day: Day) {
        self.days.retain(|(of, _)| *of >= day);
    }

    /// Nothing is known of whoever's it is.
    pub(super) fn is_empty(&self) -> bool {
        self.reserved == MicroUsd::ZERO && self.days.is_empty()
    }
}
