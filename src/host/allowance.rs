//! How fast a sandbox's programs may print.
//!
//! Whoever floods its output makes the host encode and send it, at the price of everybody else on the same thread. So
//! what is read of all programs of one sandbox together is bounded: a burst at full speed, then a steady rate, and the
//! pipe's own size stops the program.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// Bytes per second.
pub const RATE: u64 = 32 << 20;
/// Bytes at once, after silence.
pub const BURST: u64 = 64 << 20;

/// A token bucket that may be overdrawn: bytes are counted once they are read, and paid for by waiting.
#[derive(Debug)]
pub struct Allowance(Mutex<Bucket>);

#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// When the bucket will be, or was, empty of debt and full of nothing.
    zero_at: Instant,
}

impl Allowance {
    /// A full one.
    #[must_use]
    pub fn new(now: Instant) -> Self {
        Self(Mutex::new(Bucket { zero_at: now.checked_sub(time_of(BURST)).unwrap_or(now) }))
    }

    /// Counts `bytes` that were read, and waits as long as they are more than was allowed.
    pub async fn spend(&self, bytes: usize) {
        let wait = self.take(bytes as u64, Instant::now());
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
    }

    fn take(&self, bytes: u64, now: Instant) -> Duration {
        let mut bucket = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fullest = now.checked_sub(time_of(BURST)).unwrap_or(now);
        bucket.zero_at = bucket.zero_at.max(fullest) + time_of(bytes);
        bucket.zero_at.saturating_duration_since(now)
    }
}

fn time_of(bytes: u64) -> Duration {
    Duration::from_nanos(bytes.saturating_mul(1_000_000_000) / RATE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_a_flood_waits() {
        let start = Instant::now() + Duration::from_secs(3600);
        let allowance = Allowance::new(start);
        assert_eq!(allowance.take(BURST, start), Duration::ZERO);
        assert_eq!(allowance.take(RATE, start), Duration::from_secs(1));
        assert_eq!(allowance.take(0, start + Duration::from_secs(1)), Duration::ZERO, "paid for");
        assert_eq!(allowance.take(RATE / 2, start + Duration::from_secs(1)), Duration::from_millis(500));
        let later = start + Duration::from_secs(1000);
        assert_eq!(allowance.take(BURST + RATE, later), Duration::from_secs(1), "silence saves no more than a burst");
    }

    #[tokio::test(start_paused = true)]
    async fn who_overdraws_waits() {
        let (start, allowance) = (Instant::now(), Allowance::new(Instant::now()));
        for _ in 0..6 {
            allowance.spend(BURST as usize).await;
        }
        let least = time_of(BURST) * 4;
        assert!(start.elapsed() >= least, "{:?}", start.elapsed());
    }
}
