//! Measures every sandbox that runs, now and then: one task for all of them.
//!
//! A sandbox that is paused is left alone: it uses nothing but its memory, and PID 1 is not to be asked.

use std::{sync::Arc, time::Duration};

use tokio::time::{MissedTickBehavior, interval};

use super::{
    history::{History, Reading, Sample},
    sandbox::Sandbox,
    sandboxes::Sandboxes,
};
use crate::types::Timestamp;

/// Between two samples of a sandbox.
const SAMPLE_EVERY: Duration = Duration::from_secs(15);

impl Sandboxes {
    /// Samples until the host closes.
    pub async fn sample(self: Arc<Self>) {
        let mut ticks = interval(SAMPLE_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let all = async {
            loop {
                ticks.tick().await;
                // One after the other: a few microseconds each, and nobody waits for it.
                for sandbox in self.all() {
                    if let Some(reading) = sandbox.measure().await {
                        sandbox.history(|history| history.record(Timestamp::now(), reading));
                    }
                }
            }
        };
        tokio::select! {
            () = all => {}
            () = self.closing.cancelled() => {}
        }
    }
}

impl Sandbox {
    /// What it uses now, in a form that is not kept; `None` for one that is paused or gone.
    pub async fn sample_now(&self) -> Option<Sample> {
        let reading = self.measure().await?;
        Some(self.history(|history| history.sample(Timestamp::now(), reading)))
    }

    async fn measure(&self) -> Option<Reading> {
        let admission = self.admission()?;
        let (disk_bytes, _) = tokio::select! {
            disk = self.disk() => disk.ok()?,
            () = admission.over() => return None,
        };
        let usage = self.usage();
        Some(Reading {
            cpu_nanos: usage.cpu_nanos.unwrap_or(0),
            memory_bytes: usage.memory_bytes.unwrap_or(0),
            disk_bytes,
        })
    }

    pub fn history<T>(&self, work: impl FnOnce(&mut History) -> T) -> T {
        work(&mut self.history.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}
