//! A played world: the real decisions of sessions, pool, ledger and store, under one seed that decides what happens next
//! and what fails.
//!
//! ```text
//!   seed ─► Random ─► Queue: what happens, by its time; of what happens at once, by lot
//!                       │
//!    users, host, clock │ one at a time
//!                       ▼
//!   shells as values: shell (session), pool, money (ledger), crowd (registry)   ◄── faults: any of them dies, commits fail
//!        │ ask                                                                       or are not heard, answers come late or
//!        ▼                                                                           never, the host lies, clocks jump
//!   real and pure: transition, recover, give_up, committing::after, rows · pool::State · Book · Restarts · the store's
//!        │         tally, log and replay
//!        ▼
//!   checks: at each step, when nothing fails any more, and when all is over
//! ```
//! The shells here do what the real ones do, effect by effect; they are the part of this that can be wrong. A run is the
//! same each time that it is played: `SPAWNAI_TEST_SEED=n` plays one seed and tells its story, `SPAWNAI_TEST_EVENTS=n` plays
//! more seeds.

mod chance;
mod checks;
mod crowd;
mod faults;
mod happening;
mod host;
mod money;
mod pool;
mod shell;
mod work;
mod world;
mod writes;

use std::sync::atomic::{AtomicU64, Ordering};

use faults::Slip;
use world::{Counts, Ran, World};

/// What a test plays unless it is asked for more.
const EVENTS: u64 = 1_000_000;
/// What one seed plays before nothing fails any more.
const EVENTS_PER_SEED: u64 = 8_000;
/// Of so many seeds one keeps its log, which takes most of the time.
const LOGGED_ONE_IN: u64 = 12;
/// Broken seeds after which no other is played.
const BROKEN_MAX: u64 = 10;
/// Seeds that are played for each mistake.
const SEEDS_PER_SLIP: u64 = 25;
/// Threads that play at once.
const PLAYERS_MAX: usize = 4;

fn play(seed: u64, is_told: bool) -> Ran {
    World::new(seed, seed.is_multiple_of(LOGGED_ONE_IN), is_told).run(EVENTS_PER_SEED)
}

fn asked_for(name: &str) -> Option<u64> {
    let value = std::env::var(name).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{name}={value} is no number")))
}

#[test]
fn a_million_things_happen_and_every_promise_is_kept() {
    if let Some(seed) = asked_for("SPAWNAI_TEST_SEED") {
        println!("seed {seed}: {:?}", play(seed, true));
        return;
    }
    let wanted = asked_for("SPAWNAI_TEST_EVENTS").unwrap_or(EVENTS);
    // The same seeds each time, and one that nobody has played before.
    let fresh = uuid::Uuid::new_v4().as_u64_pair().0;
    println!("seed {fresh}: {:?}", play(fresh, false));
    let (next, events) = (AtomicU64::new(asked_for("SPAWNAI_TEST_FIRST").unwrap_or(1)), AtomicU64::new(0));
    let broken = AtomicU64::new(0);
    let first = next.load(Ordering::Relaxed);
    let player = || {
        let mut all = Counts::default();
        while events.load(Ordering::Relaxed) < wanted {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            // The others are played all the same: ten broken runs tell more than one.
            match std::panic::catch_unwind(|| play(seed, false)) {
                Ok(ran) => {
                    events.fetch_add(ran.events, Ordering::Relaxed);
                    all.add(&ran.counts);
                }
                Err(_) if broken.fetch_add(1, Ordering::Relaxed) + 1 >= BROKEN_MAX => break,
                Err(_) => {}
            }
        }
        all
    };
    let players = std::thread::available_parallelism().map_or(1, usize::from).min(PLAYERS_MAX);
    let mut all = Counts::default();
    std::thread::scope(|scope| {
        let playing: Vec<_> = (0..players).map(|_| scope.spawn(player)).collect();
        for player in playing {
            all.add(&player.join().expect("a player only plays"));
        }
    });
    let seeds = next.into_inner() - first;
    println!("{} events of {seeds} seeds: {all:?}", events.into_inner());
    assert_eq!(broken.into_inner(), 0, "seeds are broken; each is told above");
    assert!(all.saw_everything(), "a quiet world proves nothing: {all:?}");
}

#[test]
fn whatever_a_shell_leaves_out_is_caught() {
    let caught = |slip| {
        (1..=SEEDS_PER_SLIP).any(|seed| {
            let mut world = World::new(seed, false, false);
            world.slip = Some(slip);
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| world.run(EVENTS_PER_SEED))).is_err()
        })
    };
    let missed: Vec<_> = Slip::ALL.into_iter().filter(|slip| !caught(*slip)).collect();
    assert!(missed.is_empty(), "nobody notices when these are left out: {missed:?}");
}

#[test]
fn a_seed_is_the_same_run_each_time() {
    for seed in [LOGGED_ONE_IN, LOGGED_ONE_IN + 1] {
        let ran = play(seed, false);
        assert_eq!(play(seed, true), ran);
        assert_ne!(play(seed + 1, false).digest, ran.digest);
    }
}
