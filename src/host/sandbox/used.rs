//! What its programs hold, and what it has used so far.

use std::sync::{MutexGuard, PoisonError};

use tokio::time::Instant;

use super::Sandbox;
use crate::host::{
    agent::protocol::{Done, Op},
    cgroup::{Cgroup, Usage},
    error::AgentError,
    usage::{Samples, Used, Weighed},
};

impl Sandbox {
    /// What its programs hold now and have used, by its groups, else by what was weighed.
    #[must_use]
    pub fn usage(&self) -> Usage {
        let cgroup = self.cgroup.lock().unwrap_or_else(PoisonError::into_inner);
        let counted = cgroup.as_ref().map(Cgroup::usage).unwrap_or_default();
        let samples = self.samples();
        Usage {
            memory_bytes: counted.memory_bytes.or(Some(samples.weighed.bytes)),
            cpu_nanos: counted.cpu_nanos.or(Some(samples.weighed.cpu_nanos)),
            memory_kills: counted.memory_kills.or(Some(samples.kills)),
        }
    }

    /// Programs that were killed for memory so far, by the kernel or for their weight.
    #[must_use]
    pub fn memory_kills(&self) -> Option<u64> {
        let cgroup = self.cgroup.lock().unwrap_or_else(PoisonError::into_inner);
        cgroup.as_ref().and_then(Cgroup::memory_kills).or_else(|| Some(self.samples().kills))
    }

    /// [`Sandbox::memory_kills`] of which all are known that any program has ended by so far.
    pub async fn settled_memory_kills(&self) -> Option<u64> {
        drop(self.weighing.lock().await);
        self.memory_kills()
    }

    fn samples(&self) -> MutexGuard<'_, Samples> {
        self.samples.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what its programs hold at this moment, as far as a control group counts it.
    pub fn sample(&self) {
        let bytes = self.usage().memory_bytes.unwrap_or(0);
        self.samples().sample(bytes, Instant::now());
    }

    #[must_use]
    pub fn weighed(&self) -> Weighed {
        self.samples().weighed
    }

    /// Asks what its programs hold, and has the heaviest killed when that is over `limit` bytes.
    ///
    /// # Errors
    /// When it is gone.
    pub async fn weigh(&self, limit: u64) -> Result<(), AgentError> {
        let _weighing = self.weighing.lock().await;
        let (done, _) = self.ask(Op::Weigh { limit }).await?;
        let Done::Weighed { bytes, cpu_nanos, processes, killed } = done else { return self.distrust() };
        let mut samples = self.samples();
        samples.sample(bytes, Instant::now());
        samples.weighed = Weighed { bytes, cpu_nanos, processes };
        if killed {
            samples.kills += 1;
            tracing::info!(sandbox = %self.id, bytes, limit, "killed a program for memory");
        }
        Ok(())
    }

    /// All that it has used so far. Of a paused one PID 1 is not asked: it is said to store nothing.
    pub async fn used(&self) -> Used {
        self.sample();
        let stored = match self.admission() {
            Some(admission) => tokio::select! {
                disk = self.disk() => disk.map_or(0, |(used, _)| used),
                () = admission.over() => 0,
            },
            None => 0,
        };
        let cpu_nanos = self.usage().cpu_nanos.unwrap_or(0);
        Used::of(&self.samples(), &self.traffic, cpu_nanos, stored)
    }

    /// Bytes of files that are kept in its memory, its own disk among them.
    #[must_use]
    pub fn memory_cache(&self) -> Option<u64> {
        self.cgroup.lock().unwrap_or_else(PoisonError::into_inner).as_ref().and_then(Cgroup::memory_cache)
    }
}
