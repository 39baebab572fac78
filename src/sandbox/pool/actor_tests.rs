//! The pool as an actor, with real calls to a scripted host.

use std::{cell::RefCell, collections::BTreeSet, rc::Rc, time::Duration};

use actix::{Actor as _, Addr};

use super::{Acquire, Drain, Handed, Pool, PoolStats, Release, SetTimeout, Stats};
use crate::{
    sandbox::{
        Config, Lease, SandboxError,
        scripted::{Answer, PATIENCE, Request, Scripted},
    },
    types::SessionId,
};

const HOUR: Duration = Duration::from_secs(3600);

type Live = Rc<RefCell<BTreeSet<String>>>;

/// A host in a few lines: it creates, sets timeouts and kills; `rude` may answer instead.
async fn host(mut rude: impl FnMut(&Request) -> Option<Answer> + 'static) -> (Scripted, Live) {
    let live = Live::default();
    let (there, mut made) = (live.clone(), 0);
    let host = Scripted::new(move |request| {
        if let Some(answer) = rude(request) {
            return answer;
        }
        let (method, path) = request.line.split_once(' ').unwrap();
        let id = path.split('/').nth(2).unwrap_or_default().to_owned();
        match method {
            "POST" if path == "/v2/sandboxes" => {
                made += 1;
                there.borrow_mut().insert(format!("s{made}"));
                Answer::json(201, &format!(r#"{{"sandboxID":"s{made}","envdAccessToken":"t"}}"#))
            }
            "POST" if there.borrow().contains(&id) => Answer::json(204, ""),
            "DELETE" if there.borrow_mut().remove(&id) => Answer::json(204, ""),
            _ => Answer::json(404, r#"{"code":404,"message":"no such sandbox"}"#),
        }
    })
    .await;
    (host, live)
}

fn pool(host: &Scripted, change: impl FnOnce(&mut Config)) -> Addr<Pool> {
    let mut config = Config::cloud(host.endpoint.clone(), "engine".to_owned());
    change(&mut config);
    Pool::new(&config, host.client(), crate::supervisor::Life::alone("pool")).start()
}

async fn acquire(pool: &Addr<Pool>) -> Result<Lease, SandboxError> {
    pool.send(Acquire { session: SessionId::generate(), lifetime: HOUR }).await.unwrap().map(Handed::take)
}

async fn until(pool: &Addr<Pool>, holds: impl Fn(&PoolStats) -> bool) {
    let asking = async { while !holds(&pool.send(Stats).await.unwrap()) {} };
    tokio::time::timeout(PATIENCE, asking).await.expect("the pool never gets there");
}

#[actix_rt::test]
async fn a_sandbox_is_created_leased_extended_and_released() {
    let (host, live) = host(|_| None).await;
    let pool = pool(&host, |_| {});
    let lease = acquire(&pool).await.unwrap();
    let sandbox = lease.sandbox.clone();
    assert_eq!(host.requests()[1].body, r#"{"timeout":3600}"#);
    pool.send(SetTimeout { sandbox: sandbox.clone(), lifetime: HOUR * 2 }).await.unwrap().unwrap();
    assert_eq!(pool.send(Stats).await.unwrap().leased, 1);
    pool.send(Release { sandbox: sandbox.clone() }).await.unwrap().unwrap();
    assert!(live.borrow().is_empty());
    assert_eq!(pool.send(Release { sandbox }).await.unwrap(), Ok(()), "asking twice is harmless");
}

#[actix_rt::test]
async fn a_warm_sandbox_is_handed_out_with_one_call() {
    let (host, _) = host(|_| None).await;
    let pool = pool(&host, |config| config.warm = 1);
    host.received(1).await;
    until(&pool, |stats| stats.warm == 1).await;
    acquire(&pool).await.unwrap();
    assert_eq!(host.lines(), ["POST /v2/sandboxes", "POST /sandboxes/s1/timeout"]);
}

#[actix_rt::test]
async fn a_lease_that_nobody_waits_for_any_more_is_released() {
    let (host, live) = host(|_| None).await;
    let pool = pool(&host, |_| {});
    let asking = actix_rt::spawn({
        let pool = pool.clone();
        async move { acquire(&pool).await }
    });
    host.received(1).await;
    asking.abort();
    until(&pool, |stats| *stats == PoolStats { created_total: 1, ..PoolStats::default() }).await;
    assert!(live.borrow().is_empty());
}

#[actix_rt::test]
async fn a_failing_creation_is_tried_again_and_a_refused_one_is_not() {
    let mut answers = vec![Answer::json(503, ""), Answer::json(401, r#"{"code":401,"message":"bad key"}"#)].into_iter();
    let (host, _) = host(move |request| if request.line == "POST /v2/sandboxes" { answers.next() } else { None }).await;
    let pool = pool(&host, |config| config.starts_max = 1);
    let refused = acquire(&pool).await.unwrap_err();
    assert_eq!(refused, SandboxError::Unauthorized { message: "bad key".into() });
    assert_eq!(pool.send(Stats).await.unwrap().create_failures_total, 2);
    acquire(&pool).await.unwrap();
}

#[actix_rt::test]
async fn a_failing_release_is_tried_until_it_succeeds() {
    let mut failures = 2;
    let (host, live) = host(move |request| {
        let fails = request.line.starts_with("DELETE") && failures > 0;
        failures -= usize::from(fails);
        fails.then(|| Answer::cut(""))
    })
    .await;
    let pool = pool(&host, |_| {});
    let sandbox = acquire(&pool).await.unwrap().sandbox;
    pool.send(Release { sandbox }).await.unwrap().unwrap();
    assert!(live.borrow().is_empty());
    assert_eq!(pool.send(Stats).await.unwrap().release_failures_total, 2);
}

#[actix_rt::test]
async fn a_drained_pool_has_nothing_warm_and_gives_nothing_out() {
    let (host, live) = host(|_| None).await;
    let pool = pool(&host, |config| config.warm = 2);
    let lease = acquire(&pool).await.unwrap();
    pool.send(Drain).await.unwrap();
    assert_eq!(*live.borrow(), BTreeSet::from([lease.sandbox.to_string()]), "a lease is its session's to give back");
    assert_eq!(acquire(&pool).await, Err(SandboxError::Draining));
    pool.send(Release { sandbox: lease.sandbox }).await.unwrap().unwrap();
    assert!(live.borrow().is_empty());
}

#[actix_rt::test]
async fn a_lease_that_arrives_and_is_never_taken_goes_back() {
    let (host, live) = host(|_| None).await;
    let pool = pool(&host, |_| {});
    let handed = pool.send(Acquire { session: SessionId::generate(), lifetime: HOUR }).await.unwrap().unwrap();
    assert_eq!((pool.send(Stats).await.unwrap().leased, live.borrow().len()), (1, 1));
    drop(handed);
    until(&pool, |stats| stats.leased == 0).await;
    pool.send(Drain).await.unwrap();
    assert!(live.borrow().is_empty());
}
