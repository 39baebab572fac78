//! What a sandbox used, sample by sample. Pure.
//!
//! ```text
//!  reading (totals so far) ─► since the one before ─► sample ─► ring of SAMPLES_MAX, the oldest falls out
//! ```
//! Every sandbox has one of these, so a sample is sixteen bytes, and the ring grows only as it fills.

use std::collections::VecDeque;

use crate::types::Timestamp;

/// Samples that are kept of one sandbox: half an hour, 2 KiB.
pub const SAMPLES_MAX: usize = 120;

/// What was measured at one time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Processor time since the sandbox started.
    pub cpu_nanos: u64,
    pub memory_bytes: u64,
    pub disk_bytes: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Since the epoch.
    pub second: u32,
    /// Of one processor, in hundredths of a percent, since the sample before.
    cpu_hundredths: u32,
    memory_kib: u32,
    disk_kib: u32,
}

impl Sample {
    /// Percent of one processor.
    #[must_use]
    pub fn cpu_percent(&self) -> f64 {
        f64::from(self.cpu_hundredths) / 100.0
    }

    #[must_use]
    pub fn memory_bytes(&self) -> u64 {
        u64::from(self.memory_kib) << 10
    }

    #[must_use]
    pub fn disk_bytes(&self) -> u64 {
        u64::from(self.disk_kib) << 10
    }
}

/// The samples of one sandbox, in order.
#[derive(Debug)]
pub struct History {
    samples: VecDeque<Sample>,
    /// When the processor time was read last, and what it was.
    last: (Timestamp, u64),
}

impl History {
    /// Of a sandbox that starts now.
    #[must_use]
    pub fn since(now: Timestamp) -> Self {
        Self { samples: VecDeque::new(), last: (now, 0) }
    }

    /// What a reading says, without keeping it.
    #[must_use]
    pub fn sample(&self, now: Timestamp, reading: Reading) -> Sample {
        let (before, cpu_before) = self.last;
        let elapsed_nanos = u128::from(now.millis_since(before).max(1).unsigned_abs()) * 1_000_000;
        let used = u128::from(reading.cpu_nanos.saturating_sub(cpu_before));
        let kib = |bytes: u64| u32::try_from(bytes >> 10).unwrap_or(u32::MAX);
        Sample {
            second: second(now),
            cpu_hundredths: u32::try_from(used * 10_000 / elapsed_nanos).unwrap_or(u32::MAX),
            memory_kib: kib(reading.memory_bytes),
            disk_kib: kib(reading.disk_bytes),
        }
    }

    pub fn record(&mut self, now: Timestamp, reading: Reading) {
        let sample = self.sample(now, reading);
        if self.samples.len() == SAMPLES_MAX {
            self.samples.pop_front();
        }
        self.samples.push_back(sample);
        self.last = (now, reading.cpu_nanos);
    }

    /// Both ends included, in seconds since the epoch.
    pub fn between(&self, start: u32, end: u32) -> impl Iterator<Item = Sample> {
        self.samples.iter().copied().filter(move |sample| (start..=end).contains(&sample.second))
    }

    #[must_use]
    pub fn last(&self) -> Option<Sample> {
        self.samples.back().copied()
    }
}

fn second(now: Timestamp) -> u32 {
    u32::try_from(now.0 / 1000).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const START: Timestamp = Timestamp(1_000_000);

    #[test]
    fn processor_time_is_told_of_the_stretch_since_the_sample_before() {
        let mut history = History::since(START);
        let second = Duration::from_secs(1);
        let reading = |cpu_nanos| Reading { cpu_nanos, memory_bytes: 3 << 20, disk_bytes: 5000 };
        history.record(START + second, reading(500_000_000));
        history.record(START + second * 2, reading(2_000_000_000));
        let samples: Vec<_> = history.between(0, u32::MAX).collect();
        assert_eq!(samples.iter().map(Sample::cpu_percent).collect::<Vec<_>>(), [50.0, 150.0]);
        assert_eq!((samples[0].memory_bytes(), samples[0].disk_bytes()), (3 << 20, 4096));
        assert_eq!(history.sample(START + second * 3, reading(2_000_000_000)).cpu_percent(), 0.0);
        assert_eq!(history.last(), Some(samples[1]), "a look is not kept");
    }

    #[test]
    fn a_clock_that_stands_or_goes_back_divides_by_nothing() {
        let mut history = History::since(START);
        let reading = Reading { cpu_nanos: u64::MAX, memory_bytes: u64::MAX, disk_bytes: u64::MAX };
        history.record(START, reading);
        history.record(START - Duration::from_secs(5), Reading::default());
        assert_eq!(history.last().unwrap().cpu_percent(), 0.0);
    }

    #[test]
    fn the_oldest_sample_falls_out_and_a_range_keeps_its_ends() {
        let mut history = History::since(START);
        for minute in 0..200 {
            history.record(START + Duration::from_secs(60 * minute), Reading::default());
        }
        let all: Vec<_> = history.between(0, u32::MAX).map(|sample| sample.second).collect();
        assert_eq!((all.len(), all[0]), (SAMPLES_MAX, 1000 + 60 * 80));
        assert_eq!(history.between(1000 + 60 * 90, 1000 + 60 * 92).count(), 3);
        assert_eq!(history.between(0, 999).count(), 0);
        assert_eq!(size_of::<Sample>(), 16);
    }
}
