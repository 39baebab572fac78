//! An engine whose sandboxes are elsewhere: the real host in another process, and an [`Unruly`] way to it.

use std::{
    net::SocketAddr,
    path::Path,
    time::{Duration, Instant},
};

use rustix::process::Signal;
use serde_json::{Value, json};

use super::{
    command::Running,
    stand::{Engine, PATIENCE, Session, eventually, spawnai, within},
    stores::wrong,
    unruly::Unruly,
};
use crate::wire;

const FAST: [(&str, &str); 4] = [
    ("SPAWNAI_PLAN", "pro"),
    ("SPAWNAI_SPAWN_PER_MINUTE", "100000"),
    ("SPAWNAI_SPAWN_BURST", "100000"),
    ("SPAWNAI_USER_DAY_BUDGET_USD", "1000"),
];

/// `spawnai host` in a process of its own.
pub struct Cloud {
    pub running: Running,
    pub address: SocketAddr,
    pub key: String,
}

impl Cloud {
    pub fn start(folder: &Path) -> Self {
        let mut command = spawnai(folder);
        command.arg("host").stderr(std::process::Stdio::null());
        let mut running = Running::start(command);
        let seen = running.until("NODE_EXTRA_CA_CERTS=");
        let word = |name: &str| {
            let mut words = seen.split_whitespace();
            words.find_map(|word| word.strip_prefix(name)).unwrap_or_else(|| panic!("no {name} in {seen}")).to_owned()
        };
        let address = word("E2B_API_URL=http://").parse().unwrap();
        Self { address, key: word("E2B_API_KEY="), running }
    }

    pub fn call(&self, method: &str, path: &str, body: &str) -> wire::Answer {
        let headers = [("X-API-Key", self.key.as_str()), ("Content-Type", "application/json")];
        wire::call(self.address, method, path, &headers, body.as_bytes())
    }

    /// The ids of its sandboxes.
    pub fn sandboxes(&self) -> Vec<String> {
        let listed = self.call("GET", "/v2/sandboxes?limit=100", "").json();
        listed.as_array().unwrap().iter().map(|one| one["sandboxID"].as_str().unwrap().to_owned()).collect()
    }

    /// A sandbox that somebody made by hand.
    pub fn create(&self, metadata: &Value) -> String {
        let body = json!({"templateID": "base", "timeout": 600, "metadata": metadata}).to_string();
        let answer = self.call("POST", "/v2/sandboxes", &body);
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()["sandboxID"].as_str().unwrap().to_owned()
    }
}

/// An engine, its host, and what lies between them.
pub struct Far {
    pub engine: Engine,
    pub way: Unruly,
    pub cloud: Cloud,
    pub folder: tempfile::TempDir,
}

pub fn settings<'a>(way: &'a str, key: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut settings = vec![("E2B_API_KEY", key), ("E2B_API_URL", way), ("E2B_SANDBOX_URL", way)];
    settings.extend(FAST);
    settings
}

impl Far {
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let cloud = Cloud::start(&folder.path().join("host"));
        let way = Unruly::before(cloud.address);
        let url = format!("http://{}", way.address);
        let engine = Engine::start_in(&folder.path().join("engine"), &settings(&url, &cloud.key));
        Self { engine, way, cloud, folder }
    }

    pub fn health(&self) -> (u16, Value) {
        let answer = self.engine.get("/health");
        let health = answer.json();
        let one = health["dependencies"].as_array().unwrap().iter().find(|one| one["name"] == "sandboxes").unwrap();
        (answer.status, one.clone())
    }

    pub fn is_down(&self, why: &str) {
        let (_, sandboxes) = eventually("the sandboxes are down", || Some(self.health()).filter(|it| it.0 == 503));
        let reason = sandboxes["reason"].as_str().unwrap_or_default();
        assert!(sandboxes["status"] == "down" && reason.contains(why), "{sandboxes}");
    }

    pub fn is_well(&self) {
        eventually("all is well", || (self.health().0 == 200).then_some(()));
    }

    /// Everything ends, and the host has nothing more of it, nor the ledger more than the sessions.
    pub fn leaves_nothing(self) {
        self.way.calm();
        let listed = self.engine.read("/api/spawn?limit=200")["sessions"].clone();
        for told in listed.as_array().unwrap() {
            self.engine.session(told).destroy();
        }
        // One whose creation was answered to nobody is looked at three times, 35 s apart, before it is taken for a stranger.
        within(PATIENCE * 3, "the host has no sandbox left", || self.cloud.sandboxes().is_empty().then_some(()));
        self.is_well();
        let listed = self.engine.read("/api/spawn?limit=200")["sessions"].clone();
        let sum: f64 = listed.as_array().unwrap().iter().map(|it| it["actualCost"].as_f64().unwrap()).sum();
        let usage = self.engine.read("/api/usage");
        assert!((usage["total"].as_f64().unwrap() - sum).abs() < 1e-6, "{usage} {listed}");
        self.engine.stop(Signal::TERM);
        assert_eq!(wrong(&self.folder.path().join("engine"), &[]), [] as [String; 0]);
    }
}

/// How a session came out, by then.
pub fn settled(session: &Session<'_>, patience: Duration) -> Value {
    let end = Instant::now() + patience;
    loop {
        let view = session.show();
        if ["ready", "error", "expired"].contains(&view["status"].as_str().unwrap()) {
            return view;
        }
        assert!(Instant::now() < end, "{view}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
