//! What one sandbox has used since it started. Pure but for two counters that many threads add to.
//!
//! ```text
//!  memory  │   ▄▄
//!          │ ▄████▄▄▄        bytes at each sample count until the next one: their area is the GiB-seconds
//!          └─┴──┴──┴──► time
//! ```

use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;
use tokio::time::Instant;

/// Bytes between a sandbox's ports and their visitors.
#[derive(Debug, Default)]
pub struct Traffic {
    sent: AtomicU64,
    received: AtomicU64,
}

impl Traffic {
    /// The sandbox sent this many.
    pub fn count_sent(&self, bytes: usize) {
        self.sent.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub fn count_received(&self, bytes: usize) {
        self.received.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

/// What a sandbox's PID 1 told when it was last asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weighed {
    pub bytes: u64,
    pub cpu_nanos: u64,
    pub processes: u32,
}

/// A sandbox's samples so far.
#[derive(Debug)]
pub struct Samples {
    at: Instant,
    memory_bytes: u64,
    byte_nanos: u128,
    /// Where no control group counts.
    pub weighed: Weighed,
    /// Programs that were killed for what was weighed.
    pub kills: u64,
}

impl Samples {
    #[must_use]
    pub const fn since(now: Instant) -> Self {
        let weighed = Weighed { bytes: 0, cpu_nanos: 0, processes: 0 };
        Self { at: now, memory_bytes: 0, byte_nanos: 0, weighed, kills: 0 }
    }

    /// At `now` its programs hold `bytes`.
    pub fn sample(&mut self, bytes: u64, now: Instant) {
        let lasted = now.saturating_duration_since(self.at).as_nanos();
        self.byte_nanos = self.byte_nanos.saturating_add(lasted.saturating_mul(self.memory_bytes.into()));
        (self.at, self.memory_bytes) = (now, bytes);
    }
}

/// What clients are told: not of E2B's protocol.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Used {
    pub cpu_seconds: f64,
    #[serde(rename = "memoryGiBSeconds")]
    pub memory_gib_seconds: f64,
    /// On its disk, now.
    pub stored_bytes: u64,
    pub sent_bytes: u64,
    pub received_bytes: u64,
}

impl Used {
    #[must_use]
    pub fn of(samples: &Samples, traffic: &Traffic, cpu_nanos: u64, stored_bytes: u64) -> Self {
        const GIB_NANOS: f64 = (1u64 << 30) as f64 * 1e9;
        Self {
            cpu_seconds: cpu_nanos as f64 / 1e9,
            memory_gib_seconds: samples.byte_nanos as f64 / GIB_NANOS,
            stored_bytes,
            sent_bytes: traffic.sent.load(Ordering::Relaxed),
            received_bytes: traffic.received.load(Ordering::Relaxed),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn memory_is_summed_over_time() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut samples = Samples::since(start);
        for (bytes, seconds) in [(1 << 30, 1), (2 << 30, 3), (0, 4), (0, 100)] {
            samples.sample(bytes, at(seconds));
        }
        let traffic = Traffic::default();
        traffic.count_sent(7);
        let used = Used::of(&samples, &traffic, 1_500_000_000, 5);
        assert_eq!((used.cpu_seconds, used.memory_gib_seconds), (1.5, 4.0));
        assert_eq!((used.sent_bytes, used.received_bytes, used.stored_bytes), (7, 0, 5));
    }
}
