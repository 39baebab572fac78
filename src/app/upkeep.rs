//! What a process that runs for months does for itself now and then.
//!
//! Sessions come in bursts over all threads, and glibc keeps what they leave: by default one heap per thread, none of which
//! shrinks below its last living byte. An engine then grows for thousands of sessions, though it holds no more than at
//! first. So there are as many heaps as processors, and what is free in them goes back to the system.

use std::{num::NonZeroUsize, thread::available_parallelism, time::Duration};

use metrics_exporter_prometheus::PrometheusHandle;

/// How often the sums that the metrics show are brought up to date, and free memory given back.
const EVERY: Duration = Duration::from_secs(10);

/// As many heaps as processors. To be called before there is another thread.
pub(super) fn few_heaps() {
    let heaps = available_parallelism().map_or(1, NonZeroUsize::get);
    heap::at_most(heaps);
}

/// Goes on until it is dropped.
pub(super) async fn upkeep(metrics: PrometheusHandle) {
    loop {
        actix_rt::time::sleep(EVERY).await;
        metrics.run_upkeep();
        heap::give_back();
    }
}

#[cfg(target_env = "gnu")]
mod heap {
    #[expect(unsafe_code, reason = "a setting of the allocator, which no crate wraps")]
    pub(super) fn at_most(heaps: usize) {
        let heaps = i32::try_from(heaps).unwrap_or(i32::MAX);
        // SAFETY: takes two numbers, and touches nothing but the allocator's own settings, under its lock.
        // It says no to a number that it does not like, which leaves things as they are.
        let _ = unsafe { libc::mallopt(libc::M_ARENA_MAX, heaps) };
    }

    #[expect(unsafe_code, reason = "a request to the allocator, which no crate wraps")]
    pub(super) fn give_back() {
        // SAFETY: walks the allocator's own lists, under their locks; pages that are in use stay where they are.
        let _ = unsafe { libc::malloc_trim(0) };
    }
}

/// Other allocators have no such wish.
#[cfg(not(target_env = "gnu"))]
mod heap {
    pub(super) fn at_most(_heaps: usize) {}

    pub(super) fn give_back() {}
}
