//! The properties of the machine that nothing may break, whatever happens in whatever order.

mod world;

use std::time::Duration;

use proptest::prelude::*;

use self::world::{Happening, World, happening, repair, trial};
pub(super) use self::world::{answer, spec};
use super::{
    HostFate,
    effect::Effect,
    history::{Mender, Trial},
    machine::transition,
    signal::Signal,
    state::{Ahead, Session, State},
};
use crate::types::{EndReason, MicroUsd};

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn the_machine_keeps_its_promises(
        budget in prop_oneof![Just(500_000i64), 100..30_000i64],
        lifetime in 60..3600u64,
        happenings in prop::collection::vec(happening(), 1..60),
    ) {
        let mut world = World::new(budget, lifetime);
        for happening in happenings {
            world.step(happening)?;
        }
        // Wherever it stands, destroying ends it.
        world.step(Happening::Destroy)?;
        prop_assert!(world.session.is_over());
        let state = world.session.state.clone();
        // And once all is given back, it may stop; exactly once.
        let mut stops = 0;
        let (next, effects) =
            transition(&world.session, Signal::Spent { answers: Vec::new(), trials: Vec::new(), last: true }, world.now).unwrap();
        stops += effects.iter().filter(|effect| **effect == Effect::Stop).count();
        world.session = next;
        while let Some(sandbox) = world.session.releasing.first().cloned() {
            let (next, effects) = transition(&world.session, Signal::Released { sandbox, used: None }, world.now).unwrap();
            stops += effects.iter().filter(|effect| **effect == Effect::Stop).count();
            world.session = next;
        }
        prop_assert!(stops <= 1);
        prop_assert_eq!(state, world.session.state);
    }

    #[test]
    fn a_session_comes_back_from_the_store_as_it_was(happenings in prop::collection::vec(happening(), 1..40)) {
        let mut world = World::new(500_000, 1800);
        for happening in happenings {
            world.step(happening)?;
            let json = serde_json::to_string(&world.session).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Session>(&json).unwrap(), &world.session);
        }
    }

    #[test]
    fn alarms_that_ring_in_time_keep_the_budget(budget in 1_000..50_000i64, lifetime in 600..3600u64) {
        let mut world = World::new(budget, lifetime);
        for happening in [Happening::Begun, Happening::Generated(true), Happening::Acquired(true), Happening::Deployed(Ok(()))] {
            world.step(happening)?;
        }
        while !world.session.is_over() {
            world.step(Happening::Deadline)?;
        }
        prop_assert!(world.session.past_cost.0 <= budget, "{} > {budget}", world.session.past_cost.0);
    }
}

#[test]
fn a_sandbox_that_is_there_first_waits_for_the_app() {
    let mut world = World::new(500_000, 1800);
    for happening in [Happening::Begun, Happening::Acquired(true)] {
        world.step(happening).unwrap();
    }
    let State::Generating { ahead: Ahead::Held { lease }, .. } = world.session.state.clone() else {
        panic!("{:?}", world.session.state)
    };
    world.step(Happening::Generated(true)).unwrap();
    assert!(matches!(&world.session.state, State::Deploying { lease: same, .. } if *same == lease));
    // One that is not needed any more is given back.
    let mut failed = World::new(500_000, 1800);
    for happening in [Happening::Begun, Happening::Acquired(true), Happening::Generated(false)] {
        failed.step(happening).unwrap();
    }
    assert_eq!(failed.session.releasing, [lease.sandbox]);
    assert!(failed.session.past_cost >= MicroUsd::ZERO);
}

#[test]
fn an_app_that_is_there_first_waits_for_the_sandbox_that_was_asked_for() {
    let mut world = World::new(500_000, 1800);
    world.step(Happening::Begun).unwrap();
    let asked_as = world.session.attempt;
    world.step(Happening::Generated(true)).unwrap();
    let State::Acquiring { asked, .. } = &world.session.state else { panic!("{:?}", world.session.state) };
    assert_eq!(asked.attempt, asked_as, "it is not asked for twice");
    world.step(Happening::Acquired(true)).unwrap();
    assert!(matches!(world.session.state, State::Deploying { .. }));
}

#[test]
fn a_sandbox_that_was_not_to_be_had_early_is_asked_for_again() {
    let mut world = World::new(500_000, 1800);
    for happening in [Happening::Begun, Happening::Acquired(false), Happening::Generated(true)] {
        world.step(happening).unwrap();
    }
    let State::Acquiring { asked, .. } = &world.session.state else { panic!("{:?}", world.session.state) };
    assert_eq!(asked.attempt, world.session.attempt);
}

#[test]
fn whoever_was_asked_is_remembered_with_the_reason_why_not() {
    let mut world = World::new(500_000, 1800);
    world.step(Happening::Begun).unwrap();
    for trials in [vec![trial()], vec![Trial { error: Some(repair().failure), ..trial() }], vec![trial()]] {
        let told = Signal::Spent { answers: Vec::new(), trials, last: false };
        world.session = transition(&world.session, told, world.now).unwrap().0;
    }
    world.step(Happening::Generated(true)).unwrap();
    let told: Vec<_> =
        world.session.trials.iter().map(|trial| (trial.generator.as_str(), trial.error.is_some())).collect();
    assert_eq!(told, [("claude", true), ("built-in", false)]);
}

fn live() -> World {
    let mut world = World::new(500_000, 1800);
    for happening in
        [Happening::Begun, Happening::Generated(true), Happening::Acquired(true), Happening::Deployed(Ok(()))]
    {
        world.step(happening).unwrap();
    }
    assert!(matches!(world.session.state, State::Ready { .. }));
    world
}

#[test]
fn a_live_app_ends_with_the_reason_that_ended_it() {
    let mut destroyed = live();
    destroyed.step(Happening::Destroy).unwrap();
    assert!(matches!(destroyed.session.state, State::Expired { reason: EndReason::Destroyed, .. }));

    let mut timed_out = live();
    timed_out.step(Happening::Deadline).unwrap();
    assert!(matches!(timed_out.session.state, State::Expired { reason: EndReason::Timeout, .. }));

    let mut broke = World::new(1_000, 1800);
    for happening in [Happening::Begun, Happening::Generated(true), Happening::Acquired(true), Happening::Deadline] {
        broke.step(happening).unwrap();
    }
    assert!(matches!(broke.session.state, State::Expired { reason: EndReason::Budget, .. }));
}

#[test]
fn a_clock_that_goes_back_takes_back_no_charge() {
    let mut world = live();
    for happening in [Happening::Wait(600_000), Happening::Meter] {
        world.step(happening).unwrap();
    }
    let cost = world.session.cost(world.now);
    world.now = world.now - Duration::from_secs(300);
    assert_eq!(world.session.cost(world.now), cost);
    world.step(Happening::Destroy).unwrap();
    assert_eq!(world.session.past_cost, cost, "what was charged is what it has cost");
}

#[test]
fn what_is_over_holds_no_more_than_it_has_cost_and_settles_again_at_its_very_end() {
    let mut world = live();
    world.step(Happening::Destroy).unwrap();
    assert_eq!(world.session.reservation(Duration::ZERO), world.session.past_cost);
    let sandbox = world.session.releasing[0].clone();
    let (_, effects) = transition(&world.session, Signal::Released { sandbox, used: None }, world.now).unwrap();
    assert_eq!(effects, [Effect::Settle, Effect::Stop]);
}

#[test]
fn an_app_that_keeps_ending_is_given_up_with_its_exit_code() {
    let mut world = live();
    for _ in 0..3 {
        for happening in [Happening::AppEnded { ours: true }, Happening::Acquired(true), Happening::Deployed(Ok(()))] {
            world.step(happening).unwrap();
        }
    }
    world.step(Happening::AppEnded { ours: true }).unwrap();
    let State::Failed { failure, .. } = &world.session.state else { panic!("{:?}", world.session.state) };
    assert_eq!(failure.code, "app_exited");
    assert!(failure.message.contains("exit code 1"), "{}", failure.message);
}

#[test]
fn a_live_app_comes_back_at_the_same_address_after_a_crash_of_its_host() {
    let mut world = live();
    let address = world.session.spec.app_url.clone();
    world.step(Happening::Recover(HostFate::Lost)).unwrap();
    assert!(matches!(world.session.state, State::Acquiring { .. }));
    world.step(Happening::Acquired(true)).unwrap();
    world.step(Happening::Deployed(Ok(()))).unwrap();
    assert_eq!(world.session.spec.app_url, address);
    assert!(matches!(world.session.state, State::Ready { .. }));
}

#[test]
fn an_app_that_was_mended_may_still_crash_as_often_as_any_other_and_mending_ends() {
    let mut world = World::new(500_000, 1800);
    for happening in [Happening::Begun, Happening::Generated(true), Happening::Acquired(true)] {
        world.step(happening).unwrap();
    }
    for _ in 0..Mender::Rule.rounds_max() {
        world.step(Happening::Mended).unwrap();
        world.step(Happening::Acquired(true)).unwrap();
    }
    assert_eq!((world.session.restarts, world.session.repairs.len()), (0, Mender::Rule.rounds_max()));
    assert!(matches!(world.session.state, State::Deploying { .. }));
    world.step(Happening::Mended).unwrap();
    assert!(matches!(world.session.state, State::Failed { .. }), "one more than there may be");
}
