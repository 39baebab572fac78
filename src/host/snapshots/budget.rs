//! How many bytes all archives of a host take, those being written included. Pure.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

#[derive(Debug)]
pub struct Budget {
    limit: u64,
    used: AtomicU64,
}

impl Budget {
    #[must_use]
    pub fn new(limit: u64) -> Arc<Self> {
        Arc::new(Self { limit, used: AtomicU64::new(0) })
    }

    #[must_use]
    pub const fn limit(&self) -> u64 {
        self.limit
    }

    /// A charge of nothing yet.
    #[must_use]
    pub fn charge(self: &Arc<Self>) -> Charge {
        Charge { budget: Arc::clone(self), bytes: 0 }
    }
}

/// What one archive takes of the budget. Given back when dropped.
#[derive(Debug)]
pub struct Charge {
    budget: Arc<Budget>,
    bytes: u64,
}

impl Charge {
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Another one of the same budget, of nothing yet.
    #[must_use]
    pub fn other(&self) -> Self {
        self.budget.charge()
    }

    /// Takes `more` bytes of the budget, or nothing: `false` when they are not left.
    pub fn grow(&mut self, more: u64) -> bool {
        let limit = self.budget.limit;
        let taken = self.budget.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
            used.checked_add(more).filter(|used| *used <= limit)
        });
        self.bytes += if taken.is_ok() { more } else { 0 };
        taken.is_ok()
    }

    /// Takes them even if they are not left: for what lies on disk already.
    pub fn force(&mut self, more: u64) {
        self.budget.used.fetch_add(more, Ordering::Relaxed);
        self.bytes += more;
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.budget.used.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_taken_than_there_is_and_all_comes_back() {
        let budget = Budget::new(10);
        let (mut one, mut other) = (budget.charge(), budget.charge());
        assert!(one.grow(6) && !other.grow(5) && other.grow(4) && !one.grow(1) && !one.grow(u64::MAX));
        drop(other);
        assert!(one.grow(4));
        assert_eq!(one.bytes(), 10);
        one.force(5);
        drop(one);
        assert_eq!(budget.used.load(Ordering::Relaxed), 0);
    }
}
