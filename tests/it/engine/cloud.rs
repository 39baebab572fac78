//! The engine with sandboxes that are not its own: a host in another process, and a way to it that goes wrong as it may.
//!
//! Each fault ends the same: the apps that live answer, nothing is left on the host, and what was spent is what was charged.

use std::{
    collections::BTreeMap,
    fs,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use rustix::process::Signal;
use serde_json::json;

use super::{
    far::{Cloud, Far, settings, settled},
    stand::{Engine, PATIENCE, eventually},
    starts::{refused, without},
    unruly::{Call, Fault, Unruly},
};

#[test]
fn each_call_may_go_wrong_once() {
    let far = Far::start();
    let faults = [
        Fault::Answer(429, "Retry-After: 1\r\n", r#"{"code":429,"message":"slow down"}"#),
        Fault::Answer(500, "", r#"{"code":500,"message":"oops"}"#),
        Fault::Answer(502, "", "<html>bad gateway</html>"),
        Fault::Answer(503, "", r#"{"code":503,"message":"unavailable"}"#),
        Fault::Hang,
        Fault::Cut(0x20),
        Fault::Cut(0x80),
        // In the middle of a body, or of a stream's first frame.
        Fault::Cut(0x110),
        Fault::Slow(Duration::from_millis(700)),
    ];
    for call in [Call::Create, Call::Timeout, Call::Upload, Call::Start, Call::Kill, Call::Detail] {
        for fault in &faults {
            far.way.once(call, fault.clone());
            let session = far.engine.spawn("a calculator", "webapp").ready();
            assert_eq!(session.page().status, 200, "{call:?} {fault:?}");
            session.destroy();
            let left = || far.cloud.sandboxes().is_empty().then_some(());
            eventually(&format!("nothing is left after {call:?} {fault:?}"), left);
        }
    }
    far.leaves_nothing();
}

#[test]
fn a_sandbox_that_the_host_says_it_does_not_know_is_replaced_and_not_forgotten() {
    let far = Far::start();
    for call in [Call::Timeout, Call::Upload, Call::Start] {
        far.way.once(call, Fault::Answer(404, "", r#"{"code":404,"message":"sandbox not found"}"#));
        far.engine.spawn("a calculator", "webapp").ready().destroy();
        eventually("nothing is left", || far.cloud.sandboxes().is_empty().then_some(()));
    }
    far.leaves_nothing();
}

#[test]
fn an_answer_that_never_comes_is_given_up_and_asked_for_again() {
    let far = Far::start();
    for call in [Call::Create, Call::Timeout] {
        far.way.once(call, Fault::Silence);
        far.engine.spawn("a calculator", "webapp").ready().destroy();
        eventually("nothing is left", || far.cloud.sandboxes().is_empty().then_some(()));
    }
    far.leaves_nothing();
}

#[test]
fn a_connection_that_breaks_is_not_an_app_that_ends() {
    let far = Far::start();
    let session = far.engine.spawn("a todo app", "webapp").ready();
    let sandboxes = far.cloud.sandboxes();
    for round in 1..=4 {
        far.way.sever();
        eventually("the engine listens again", || (far.way.asked(Call::Attach) >= round).then_some(()));
    }
    // The host out of reach for a while, and the app alive all the while.
    far.way.listens(false);
    far.way.sever();
    far.is_down("cannot be reached");
    assert_eq!(session.show()["status"], "ready");
    let asked = far.way.asked(Call::Attach);
    far.way.listens(true);
    far.is_well();
    eventually("the engine listens again", || (far.way.asked(Call::Attach) > asked).then_some(()));
    assert_eq!(session.page().status, 200);
    let view = session.show();
    assert_eq!((&view["status"], &view["restarts"]), (&json!("ready"), &json!(0)), "{view}");
    assert_eq!(far.cloud.sandboxes(), sandboxes, "the same sandbox");
    let logs = far.engine.read(&session.path("/logs")).to_string();
    assert!(logs.contains("the connection to the sandbox broke"), "{logs}");

    // It ends while nobody listens: whoever asks again is told.
    far.way.listens(false);
    far.way.sever();
    assert_eq!(far.cloud.call("DELETE", &format!("/sandboxes/{}", sandboxes[0]), "").status, 204);
    far.way.listens(true);
    eventually("it lives again", || {
        let view = session.show();
        (view["restarts"] == 1 && view["status"] == "ready").then_some(())
    });
    assert_eq!(session.page().status, 200);
    far.leaves_nothing();
}

#[test]
fn sandboxes_that_are_killed_behind_its_back_and_a_host_that_starts_anew() {
    let mut far = Far::start();
    let apps: Vec<_> = (0..4).map(|_| far.engine.ask("a todo app", "webapp").json()).collect();
    for told in &apps {
        far.engine.session(told).ready();
    }
    let dead = far.cloud.sandboxes();
    for id in &dead {
        assert_eq!(far.cloud.call("DELETE", &format!("/sandboxes/{id}"), "").status, 204);
    }
    let again = |far: &Far, restarts: u64| {
        for told in &apps {
            let session = far.engine.session(told);
            eventually("it lives again", || {
                let view = session.show();
                assert_ne!(view["status"], "error", "{view}");
                (view["restarts"].as_u64() >= Some(restarts) && view["status"] == "ready").then_some(())
            });
            assert_eq!(session.page().status, 200);
        }
    };
    again(&far, 1);
    assert!(far.cloud.sandboxes().iter().all(|id| !dead.contains(id)));

    // The whole host dies, and another one comes up in its place: it knows none of them.
    let folder = far.folder.path().join("host");
    let key = far.cloud.key.clone();
    far.cloud.running.child.kill().unwrap();
    far.is_down("");
    far.cloud.running.child.wait().unwrap();
    far.cloud = Cloud::start(&folder);
    assert_eq!(far.cloud.key, key);
    far.way.lead_to(far.cloud.address);
    far.is_well();
    again(&far, 2);
    far.leaves_nothing();
}

#[test]
fn a_host_that_is_away_is_told_of_and_waited_for() {
    let far = Far::start();
    far.way.script(|_| Fault::Answer(503, "Retry-After: 1\r\n", r#"{"code":503,"message":"maintenance"}"#));
    far.is_down("503");
    let waits = far.engine.spawn("a calculator", "webapp");
    eventually("it was tried", || (far.way.asked(Call::Create) > 1).then_some(()));
    far.way.calm();
    far.is_well();
    waits.ready().destroy();

    far.way.listens(false);
    far.is_down("cannot be reached");
    let view = settled(&far.engine.spawn("a calculator", "webapp"), PATIENCE);
    assert_eq!((&view["status"], &view["error"]["code"]), (&json!("error"), &json!("sandbox_unavailable")), "{view}");
    assert_eq!((&view["error"]["retryable"], &view["actualCost"]), (&json!(true), &json!(0.0)), "{view}");
    far.way.listens(true);
    far.is_well();
    far.engine.spawn("a calculator", "webapp").ready().destroy();

    far.way.script(|_| Fault::Answer(401, "", r#"{"code":401,"message":"no such key"}"#));
    far.is_down("refuses the key");
    let view = settled(&far.engine.spawn("a calculator", "webapp"), PATIENCE);
    assert_eq!((&view["error"]["code"], &view["error"]["retryable"]), (&json!("e2b_unauthorized"), &json!(false)));
    far.leaves_nothing();
}

#[test]
fn a_name_that_is_not_found_and_then_is() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::start(&folder.path().join("host"));
    let way = Unruly::before(cloud.address);
    let (home, hosts) = (folder.path().join("engine"), folder.path().join("hosts"));
    fs::write(&hosts, "127.0.0.1 localhost\n").unwrap();
    let mut command = without(&home, &["--mount"], &format!("mount --bind {} /etc/hosts", hosts.display()));
    let url = format!("http://sandbox.invalid:{}", way.address.port());
    command.envs(settings(&url, &cloud.key));
    let far = Far { engine: Engine::of(command, &home), way, cloud, folder };
    far.is_down("sandbox.invalid");
    let waits = far.engine.spawn("a calculator", "webapp");
    fs::write(&hosts, "127.0.0.1 localhost sandbox.invalid\n").unwrap();
    far.is_well();
    assert_eq!(waits.ready().page().status, 200);
    far.leaves_nothing();
}

/// `SplitMix64`: which calls go wrong, and how. Printed, though which call comes when is the machine's.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

#[test]
fn one_call_in_five_goes_wrong() {
    const SESSIONS: usize = 40;
    const AT_ONCE: usize = 10;
    let seed = u64::from_be_bytes(uuid::Uuid::new_v4().into_bytes()[..8].try_into().unwrap());
    println!("seed {seed}");
    let (far, met) = (Far::start(), Arc::new(Mutex::new(BTreeMap::<Call, usize>::new())));
    let (mut chance, noted) = (Chance(seed), met.clone());
    far.way.script(move |call| {
        if call == Call::Visit || chance.below(5) > 0 {
            return Fault::Pass;
        }
        *noted.lock().unwrap().entry(call).or_default() += 1;
        match chance.below(20) {
            0..3 => Fault::Answer(429, "Retry-After: 1\r\n", r#"{"code":429,"message":"slow down"}"#),
            3..5 => Fault::Answer(500, "", r#"{"code":500,"message":"oops"}"#),
            5..8 => Fault::Answer(502, "", "<html>bad gateway</html>"),
            8..11 => Fault::Answer(503, "", "{}"),
            11..14 => Fault::Hang,
            14..17 => Fault::Cut(usize::try_from(chance.below(400)).unwrap() + 1),
            17 => Fault::Silence,
            _ => Fault::Slow(Duration::from_millis(chance.below(2000))),
        }
    });
    let mut outcomes = BTreeMap::<String, usize>::new();
    for _ in 0..SESSIONS / AT_ONCE {
        let told: Vec<_> = (0..AT_ONCE).map(|_| far.engine.spawn("a calculator", "webapp")).collect();
        for session in told {
            let view = settled(&session, PATIENCE * 2);
            let code = view["error"]["code"].as_str().unwrap_or_default();
            if view["status"] == "ready" {
                assert_eq!(session.page().status, 200);
            } else {
                // It says what was in the way, and that it need not be the next time.
                assert!(code.starts_with("sandbox_") && view["error"]["retryable"].is_boolean(), "{view}");
            }
            *outcomes.entry(format!("{} {code}", view["status"].as_str().unwrap())).or_default() += 1;
            session.destroy();
        }
    }
    println!("{outcomes:?}; faults met: {:?}", met.lock().unwrap());
    let ready = outcomes.get("ready ").copied().unwrap_or(0);
    assert!(ready * 10 >= SESSIONS * 9, "{outcomes:?}");
    far.leaves_nothing();
}

#[test]
fn what_a_killed_engine_left_is_found_and_what_is_not_its_own_is_not() {
    let far = Far::start();
    let told: Vec<_> = (0..3).map(|_| far.engine.ask("a todo app", "webapp").json()).collect();
    let sandboxes: Vec<_> =
        told.iter().map(|told| far.engine.session(told).ready().show()["sandboxId"].clone()).collect();
    let theirs = far.cloud.call("GET", &format!("/sandboxes/{}", far.cloud.sandboxes()[0]), "").json();
    let name = theirs["metadata"]["spawnai"].as_str().unwrap().to_owned();
    let strangers = [far.cloud.create(&json!({"spawnai": name})), far.cloud.create(&json!({"spawnai": name}))];
    let others = [
        far.cloud.create(&json!({"spawnai": "another engine"})),
        far.cloud.create(&json!({"mine": name})),
        far.cloud.create(&json!({})),
    ];
    let Far { engine, way, cloud, folder } = far;
    let listens = engine.listens();
    engine.stop(Signal::KILL);
    assert_eq!(cloud.sandboxes().len(), 8, "nothing died with it");

    let url = format!("http://{}", way.address);
    let mut again = settings(&url, &cloud.key);
    again.extend(listens.iter().map(|(name, value)| (*name, value.as_str())));
    let engine = Engine::start_in(&folder.path().join("engine"), &again);
    for (told, sandbox) in told.iter().zip(&sandboxes) {
        let session = engine.session(told).ready();
        assert_eq!(session.page().status, 200, "at the same address");
        let view = session.show();
        assert_eq!((&view["sandboxId"], &view["restarts"]), (sandbox, &json!(0)), "the app did not notice");
    }
    // Two looks of the reconciler: longer than one patience.
    let gone = || strangers.iter().all(|id| !cloud.sandboxes().contains(id));
    let end = Instant::now() + 2 * PATIENCE - Duration::from_secs(15);
    while !gone() && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(200));
    }
    assert!(gone(), "{:?}", cloud.sandboxes());
    let left = cloud.sandboxes();
    assert!(others.iter().all(|id| left.contains(id)), "{left:?}");
    assert_eq!(left.len(), others.len() + told.len(), "each app has its one sandbox: {left:?}");
    for told in &told {
        assert_eq!(engine.session(told).page().status, 200);
    }
    for id in &others {
        cloud.call("DELETE", &format!("/sandboxes/{id}"), "");
    }
    Far { engine, way, cloud, folder }.leaves_nothing();
}

#[test]
fn an_address_that_sandboxes_cannot_share_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for url in ["https://127.0.0.1:1", "http://127.0.0.1:1/path", "http://host"] {
        let (code, said) = refused(folder.path(), &[("E2B_API_KEY", "e2b_00"), ("E2B_SANDBOX_URL", url)]);
        assert!(code == Some(2) && said.contains("E2B_SANDBOX_URL") && said.contains("http://HOST:PORT"), "{said}");
    }
}
