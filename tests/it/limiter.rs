//! The limiter against a real Redis.
//!
//! Fails where there is no `redis-server`; `SPAWNAI_TEST_SKIP_REDIS=1` is how one says that this is meant.

use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    process::{Child, Command, Stdio},
    time::Duration,
};

use actix::{Actor, Addr};
use spawnai::limiter::{Admit, Buckets, Config, Health, HealthQuery, Limit, Limiter, Rate, RedisUrl, Refused};
use spawnai::types::Timestamp;

/// A token a minute: none comes back while a test runs.
const SLOW: Rate = Rate { per_minute: 1, burst: 5 };

struct Redis {
    server: Child,
    port: u16,
    _folder: tempfile::TempDir,
}

impl Redis {
    /// `None` when the tests that need it are skipped on purpose.
    fn start() -> Option<Self> {
        if std::env::var_os("SPAWNAI_TEST_SKIP_REDIS").is_some() {
            eprintln!("skipped: SPAWNAI_TEST_SKIP_REDIS is set");
            return None;
        }
        const TRIES: usize = 5;
        // The port is free when it is chosen and may be taken when the server binds it.
        let server = (0..TRIES).find_map(|_| {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            Self::start_on(port)
        });
        Some(server.expect("redis-server takes a free port"))
    }

    fn start_on(port: u16) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut server = Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--port", &port.to_string()])
            .arg("--dir")
            .arg(folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("redis-server starts: install the package redis-server, or set SPAWNAI_TEST_SKIP_REDIS=1");
        let log = BufReader::new(server.stdout.take().unwrap());
        let ready = log.lines().map_while(Result::ok).any(|line| line.contains("eady to accept connections"));
        if !ready {
            server.wait().unwrap();
            return None;
        }
        Some(Self { server, port, _folder: folder })
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    fn stop(mut self) -> u16 {
        self.server.kill().unwrap();
        self.server.wait().unwrap();
        self.port
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        // Killed already when the test stopped it.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn engine(config: Config, url: &str) -> Addr<Limiter> {
    Limiter::new(config, Some(url.parse::<RedisUrl>().unwrap()), spawnai::supervisor::Life::alone("limiter")).start()
}

async fn admit(engine: &Addr<Limiter>, ip: &str, user: &str) -> Result<(), Refused> {
    engine.send(Admit { ip: ip.parse().unwrap(), user: user.parse().unwrap() }).await.unwrap()
}

#[actix::test]
async fn engines_share_their_buckets() {
    let Some(redis) = Redis::start() else { return };
    let config = Config { user: SLOW, ..Config::default() };
    let engines = [engine(config.clone(), &redis.url()), engine(config, &redis.url())];
    for turn in 0..5 {
        assert_eq!(admit(&engines[turn % 2], "192.0.2.1", "ann").await, Ok(()), "turn {turn}");
    }
    for engine in &engines {
        let refused = admit(engine, "192.0.2.1", "ann").await.unwrap_err();
        assert_eq!(refused.limit, Limit::User);
        assert!((50..=60).contains(&refused.retry_after.as_secs()), "{refused:?}");
        assert!(matches!(engine.send(HealthQuery).await.unwrap(), Health::Shared { .. }));
    }
    let mut connection = redis::Client::open(redis.url()).unwrap().get_connection().unwrap();
    let keys: Vec<String> = redis::cmd("KEYS").arg("*").query(&mut connection).unwrap();
    assert_eq!(keys.len(), 2, "{keys:?}");
    for key in keys {
        let millis: i64 = redis::cmd("PTTL").arg(&key).query(&mut connection).unwrap();
        assert!((1..=300_000).contains(&millis), "{key} expires when its bucket is full, not in {millis} ms");
    }
}

/// The script and the pure core are two writings of one rule: they must refuse the same requests.
#[actix::test]
async fn the_script_decides_as_the_core_does() {
    let Some(redis) = Redis::start() else { return };
    let config = Config { user: SLOW, ip: Rate { per_minute: 1, burst: 7 }, limit_loopback: false };
    let engine = engine(config.clone(), &redis.url());
    let (mut core, now) = (Buckets::default(), Timestamp::now());
    let mut refusals = 0;
    for number in 0_u32..200 {
        let mixed = number.wrapping_mul(2_654_435_761) >> 16;
        let (ip, user) = (format!("192.0.2.{}", mixed % 4), format!("user{}", mixed / 4 % 4));
        let expected = core.take(&config.claims(ip.parse().unwrap(), &user.parse().unwrap()), now, 1);
        let answer = admit(&engine, &ip, &user).await;
        assert_eq!(answer.is_ok(), expected.is_ok(), "{number}: {ip} {user}: {answer:?}, {expected:?}");
        refusals += usize::from(answer.is_err());
    }
    assert!((100..200).contains(&refusals), "{refusals}");
}

#[actix::test]
async fn an_engine_that_loses_redis_goes_on_alone_and_comes_back() {
    let Some(redis) = Redis::start() else { return };
    let engine = engine(Config { user: SLOW, ..Config::default() }, &redis.url());
    for _ in 0..3 {
        assert_eq!(admit(&engine, "192.0.2.1", "ann").await, Ok(()));
    }
    let port = redis.stop();
    // What Redis had granted counts here, too.
    for _ in 0..2 {
        assert_eq!(admit(&engine, "192.0.2.1", "ann").await, Ok(()));
    }
    assert_eq!(admit(&engine, "192.0.2.1", "ann").await.unwrap_err().limit, Limit::User);
    let health = engine.send(HealthQuery).await.unwrap();
    assert!(matches!(health, Health::Fallback { .. }), "{health:?}");

    let redis = Redis::start_on(port).expect("the port is free again");
    const PROBES_MAX: usize = 100;
    let mut latency = None;
    for _ in 0..PROBES_MAX {
        if let Health::Shared { latency: found } = engine.send(HealthQuery).await.unwrap() {
            latency = Some(found);
            break;
        }
    }
    assert!(latency.expect("health finds Redis again") < Duration::from_millis(250));
    // A new Redis knows of nobody: it is asked again.
    assert_eq!(admit(&engine, "192.0.2.1", "ann").await, Ok(()));
    drop(redis);
}
