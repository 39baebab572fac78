//! One task that looks at all sandboxes: what they hold, and, where no control group does, whether it is too much.
//!
//! ```text
//!  counted by control groups:  every 5 s, one small file each
//!  not counted:                PID 1 is asked; every 2 s, every 250 ms from half of the limit on, and not at all
//!                              while nothing runs
//! ```
//! A program that takes memory faster than this looks is not stopped in time: such a limit is advisory, and `doctor`
//! and the sandbox's detail call it so.

use std::{sync::Arc, time::Duration};

use futures_util::{StreamExt as _, stream};
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::{cgroup::Controller, lifecycle::State, sandbox::Sandbox, sandboxes::Sandboxes};

/// Between two looks at sandboxes whose memory is counted.
const COUNTED: Duration = Duration::from_secs(5);
/// Between two looks at one that is near its limit and that nothing else holds to it.
const UNCOUNTED: Duration = Duration::from_millis(250);
/// One in so many of those for all others.
const SELDOM: u64 = 8;
/// Sandboxes that are asked at the same time.
const AT_ONCE: usize = 16;
/// PID 1 answers within a millisecond, or something is wrong with it: the others do not wait for that.
const ANSWER_MAX: Duration = Duration::from_secs(1);

/// Looks until it is dropped.
pub async fn run(sandboxes: Arc<Sandboxes>) {
    let counted = sandboxes.site.cgroups.holds(Controller::Memory);
    let mut ticks = interval(if counted { COUNTED } else { UNCOUNTED });
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let limit = u64::from(sandboxes.site.limits.memory_mib) << 20;
    let mut turn: u64 = 0;
    loop {
        ticks.tick().await;
        turn = turn.wrapping_add(1);
        if counted {
            for sandbox in sandboxes.all() {
                sandbox.sample();
                tokio::task::yield_now().await;
            }
            continue;
        }
        let due = sandboxes.all().into_iter().filter(|sandbox| is_due(sandbox, turn, limit));
        let looks = stream::iter(due).map(|sandbox| async move {
            // One that does not answer is found out by whoever needs its answer.
            let _ = timeout(ANSWER_MAX, sandbox.weigh(limit)).await;
        });
        looks.buffer_unordered(AT_ONCE).collect::<()>().await;
    }
}

fn is_due(sandbox: &Sandbox, turn: u64, limit: u64) -> bool {
    if !matches!(sandbox.state(), State::Running { .. }) {
        // Nothing in it moves, and PID 1 is not to be asked.
        return false;
    }
    let weighed = sandbox.weighed();
    if weighed.bytes > limit / 2 {
        return true;
    }
    let idle = weighed.processes == 0 && sandbox.processes().is_empty();
    // Spread over the turns by the sandbox's number.
    !idle && (turn + u64::from(sandbox.slot)).is_multiple_of(SELDOM)
}
