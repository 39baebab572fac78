//! `kill -9` at random moments, under sessions in every state: the next engine goes on where the last one stood.
//!
//! What is held to after each kill: everything that was accepted is there, in a legal state; what was over stays over; apps that
//! were live answer again at their addresses; nothing of the dead engine is left on the machine; and the store's tables are what
//! its log makes. `SPAWNAI_TEST_KILLS=500` in the environment makes it 500 kills instead of 40.

use std::{
    collections::BTreeMap,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    thread,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use super::{
    claude::scripted,
    stand::{Engine, PATIENCE, eventually, spawnai},
    traces::{Process, descendants, groups, mounts},
};
use crate::{
    claude::{
        answers::{KEY, good},
        server::Scripted,
    },
    postgres::Server,
};

/// Runs that share the kills, so that cores share the runs.
const RUNS: u64 = 4;
/// Sessions that are open at once, at most: each restart brings all of them back.
const OPEN_MAX: usize = 6;
/// What a sandbox costs in 30 s, in dollars, and some more.
const UNMEASURED: f64 = 0.001;
const LEGAL: [&str; 6] = ["creating", "generating", "deploying", "ready", "error", "expired"];

fn kills() -> u64 {
    std::env::var("SPAWNAI_TEST_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(40)
}

/// `SplitMix64`: which moment, which action. Printed with a failure, though the machine's own timing is not replayed.
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

/// What a client knows of a session, by answers that it has had.
#[derive(Clone, Debug)]
struct Known {
    told: Value,
    /// It was seen live.
    live: bool,
    /// It was asked to end; whether it has is the engine's to say.
    doomed: bool,
    over: Option<Value>,
    cost: f64,
}

/// One request; `None` when the engine died over it.
fn ask(api: SocketAddr, method: &str, path: &str, body: &Value) -> Option<(u16, Value)> {
    let mut stream = TcpStream::connect(api).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {api}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all((head + &body).as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let status = answer.split(' ').nth(1)?.parse().ok()?;
    let (head, text) = answer.split_once("\r\n\r\n")?;
    let whole =
        head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse::<usize>().ok())?;
    (text.len() == whole).then(|| (status, serde_json::from_str(text).unwrap_or_default()))
}

struct Run {
    chance: Chance,
    folder: tempfile::TempDir,
    server: Scripted,
    /// Where the sessions are stored, when it is not the data folder.
    database: Option<String>,
    known: BTreeMap<String, Known>,
    listens: Vec<(&'static str, String)>,
    wishes: u64,
    spent: f64,
}

impl Run {
    fn start(&mut self) -> Engine {
        let (url, listens) = (self.server.url(), self.listens.clone());
        let mut settings: Vec<(&str, &str)> = listens.iter().map(|(name, value)| (*name, value.as_str())).collect();
        settings.extend([("ANTHROPIC_API_KEY", KEY), ("ANTHROPIC_BASE_URL", url.as_str())]);
        settings.extend([("SPAWNAI_WARM_SANDBOXES", "1"), ("SPAWNAI_SPAWN_BURST", "1000")]);
        settings.extend(self.database());
        let engine = Engine::start_in(self.folder.path(), &settings);
        self.listens = engine.listens();
        engine
    }

    fn database(&self) -> Option<(&'static str, &str)> {
        self.database.as_deref().map(|url| ("DATABASE_URL", url))
    }

    /// Does one thing or another until the engine is dead.
    fn act(&mut self, api: SocketAddr) -> Option<()> {
        loop {
            let open: Vec<_> =
                self.known.iter().filter(|(_, it)| it.over.is_none()).map(|(id, _)| id.clone()).collect();
            let one = open.get(usize::try_from(self.chance.below(open.len().max(1) as u64)).unwrap()).cloned();
            match (self.chance.below(10), one) {
                (0..4, _) if open.len() < OPEN_MAX => {
                    self.wishes += 1;
                    let wish = json!({"prompt": format!("wish number {}", self.wishes), "appType": "webapp"});
                    let (status, told) = ask(api, "POST", "/api/spawn", &wish)?;
                    if status == 202 {
                        let id = told["sessionId"].as_str().unwrap().to_owned();
                        let known = Known { told, live: false, doomed: false, over: None, cost: 0.0 };
                        self.known.insert(id, known);
                    } else {
                        // Those whose answer was lost are open, too.
                        assert!([429, 503].contains(&status), "{status} {told}");
                        thread::sleep(Duration::from_millis(20));
                    }
                }
                (4..6, Some(id)) => {
                    self.known.get_mut(&id).unwrap().doomed = true;
                    let (status, told) = ask(api, "DELETE", &format!("/api/spawn/{id}"), &Value::Null)?;
                    if status == 200 {
                        self.known.get_mut(&id).unwrap().over = Some(told["status"].clone());
                    }
                }
                (6, Some(id)) => {
                    ask(api, "POST", &format!("/api/spawn/{id}/extend"), &json!({"additionalHours": 0.02}))?;
                }
                (_, Some(id)) => {
                    let (status, view) = ask(api, "GET", &format!("/api/spawn/{id}"), &Value::Null)?;
                    assert_eq!(status, 200, "{view}");
                    self.note(&id, &view);
                    thread::sleep(Duration::from_millis(self.chance.below(30)));
                }
                (_, None) => {}
            }
        }
    }

    /// What a client sees must follow from what it saw before.
    fn note(&mut self, id: &str, view: &Value) {
        let known = self.known.get_mut(id).unwrap();
        let status = view["status"].as_str().unwrap();
        assert!(LEGAL.contains(&status), "{view}");
        assert_eq!(view["appUrl"], known.told["appUrl"], "the address stays");
        if let Some(over) = &known.over {
            assert_eq!(over, status, "what is over stays over: {view}");
        }
        let cost = view["actualCost"].as_f64().unwrap();
        // A sandbox that died is charged up to when it was last measured, every 30 s; what is shown runs ahead of that.
        assert!(cost >= known.cost - UNMEASURED, "what was spent stays spent: {} before, {view}", known.cost);
        (known.cost, known.live) = (cost, known.live || status == "ready");
        if ["error", "expired"].contains(&status) {
            assert!(status == "expired" && known.doomed, "nobody ended it: {view}");
            known.over = Some(view["status"].clone());
        }
    }

    /// The engine is dead: what it had is gone from the machine, and the store is whole.
    fn bury(&self, pid: u32, mounted: &str, had: &[Process]) {
        eventually("its sandboxes die with it", || (!had.iter().any(Process::lives)).then_some(()));
        eventually("its mounts are gone", || (mounts() == mounted).then_some(()));
        let mut verify = spawnai(self.folder.path());
        let verified = verify.args(["doctor", "--verify-store"]).envs(self.database()).output().unwrap();
        assert!(verified.status.success(), "{pid}: {}", String::from_utf8_lossy(&verified.stdout));
    }

    /// The next engine has everything.
    fn check(&mut self, engine: &Engine, dead: u32) {
        assert!(groups(dead).is_empty(), "the dead one's groups: {:?}", groups(dead));
        let listed = engine.read("/api/spawn?limit=100")["sessions"].clone();
        for view in listed.as_array().unwrap() {
            // One whose answer was lost: from here on it is a session like any other.
            let id = view["sessionId"].as_str().unwrap().to_owned();
            let new = || Known { told: view.clone(), live: false, doomed: false, over: None, cost: 0.0 };
            self.known.entry(id).or_insert_with(new);
        }
        let spent = engine.read("/api/usage")["total"].as_f64().unwrap();
        assert!(spent >= self.spent - 1e-9, "what was charged stays charged: {} before, {spent} now", self.spent);
        self.spent = spent;
        let ids: Vec<_> = self.known.keys().cloned().collect();
        for id in ids {
            let view = engine.read(&format!("/api/spawn/{id}"));
            self.note(&id, &view);
        }
        for known in self.known.values().filter(|known| known.live && known.over.is_none()) {
            let session = engine.session(&known.told).ready();
            assert_eq!(session.page().status, 200, "{known:?}");
        }
    }
}

fn crash(run: u64, database: Option<String>) {
    let seed = u64::from_be_bytes(uuid::Uuid::new_v4().into_bytes()[..8].try_into().unwrap());
    println!("seed {seed}");
    let mut slow = Chance(seed);
    // Some answers come at once, some in pieces, so that kills meet sessions in the middle of them.
    let server = scripted(move |request| {
        let reply = good(&request.nonce());
        if slow.below(2) == 0 { reply } else { reply.slowly(Duration::from_millis(slow.below(40))) }
    });
    let (folder, mounted) = (tempfile::tempdir().unwrap(), mounts());
    let mut run_ = Run {
        chance: Chance(seed ^ run),
        folder,
        server,
        database,
        known: BTreeMap::new(),
        listens: Vec::new(),
        wishes: 0,
        spent: 0.0,
    };
    let mut engine = run_.start();
    for _ in 0..kills().div_ceil(RUNS) {
        let (pid, after) = (engine.pid(), 20 + run_.chance.below(1200));
        let killer = thread::spawn(move || {
            thread::sleep(Duration::from_millis(after));
            let had: Vec<_> = descendants(pid).into_iter().collect();
            kill_process(Pid::from_raw(pid.cast_signed()).unwrap(), Signal::KILL).unwrap();
            had
        });
        assert_eq!(run_.act(engine.api), None);
        let had = killer.join().unwrap();
        drop(engine.stop(Signal::KILL));
        run_.bury(pid, &mounted, &had);
        engine = run_.start();
        run_.check(&engine, pid);
    }
    finish(&run_, engine);
}

/// All is ended, all is paid, nothing is left.
fn finish(run: &Run, engine: Engine) {
    for known in run.known.values() {
        engine.session(&known.told).destroy();
    }
    let listed = engine.read("/api/spawn?limit=100")["sessions"].clone();
    let sessions = listed.as_array().unwrap();
    assert_eq!(sessions.len(), run.known.len().min(100));
    if run.known.len() <= 100 {
        let sum: f64 = sessions.iter().map(|it| it["actualCost"].as_f64().unwrap()).sum();
        let usage = engine.read("/api/usage");
        assert!((usage["total"].as_f64().unwrap() - sum).abs() < 1e-6, "{usage} {listed}");
    }
    eventually("nothing is held any more", || {
        engine.get("/metrics").text().contains("\nspawnai_ledger_reserved_dollars 0\n").then_some(())
    });
    println!("{} sessions, {} asked of Claude", run.known.len(), run.server.asked());
    let pid = engine.pid();
    let stopped = engine.stop(Signal::TERM);
    assert_eq!(stopped.status.code(), Some(0), "{}", stopped.said);
    assert_eq!(descendants(pid), Default::default());
    assert!(groups(pid).is_empty());
    run.bury(pid, &mounts(), &[]);
}

#[test]
fn killed_at_any_moment_1() {
    crash(1, None);
}

#[test]
fn killed_at_any_moment_2() {
    crash(2, None);
}

#[test]
fn killed_at_any_moment_3() {
    crash(3, None);
}

#[test]
fn killed_at_any_moment_with_postgresql() {
    let server = Server::start();
    crash(4, Some(server.database("apps")));
}
