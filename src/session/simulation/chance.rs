//! One seed decides everything: the numbers that are drawn, and the order of what happens at once.

use std::collections::BTreeMap;

/// SplitMix64.
pub(super) struct Random(u64);

impl Random {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From `least` to `most`, both possible.
    pub(super) fn between(&mut self, least: i64, most: i64) -> i64 {
        let span = (most - least).unsigned_abs() + 1;
        least + (self.next() % span).cast_signed()
    }

    pub(super) fn one_in(&mut self, many: i64) -> bool {
        many > 0 && self.between(1, many) == 1
    }

    /// Mostly short, sometimes up to `most` milliseconds: as things take that go through queues and networks.
    pub(super) fn delay(&mut self, usual: i64, most: i64) -> i64 {
        match self.between(0, 19) {
            0 => self.between(usual, most.max(usual)),
            _ => self.between(1, usual.max(1)),
        }
    }
}

/// What will happen, by its time; of what happens at once, by lot.
pub(super) struct Queue<T> {
    entries: BTreeMap<(i64, u64, u64), T>,
    serial: u64,
}

impl<T> Queue<T> {
    pub(super) const fn new() -> Self {
        Self { entries: BTreeMap::new(), serial: 0 }
    }

    pub(super) fn push(&mut self, at: i64, lot: u64, item: T) {
        self.serial += 1;
        self.entries.insert((at, lot, self.serial), item);
    }

    pub(super) fn pop(&mut self) -> Option<(i64, T)> {
        self.entries.pop_first().map(|((at, _, _), item)| (at, item))
    }

    pub(super) fn any(&self, is_it: impl Fn(&T) -> bool) -> bool {
        self.entries.values().any(is_it)
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }
}
