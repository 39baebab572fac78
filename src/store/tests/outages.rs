//! What becomes of calls while the database is away, and of answers that were lost.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use rustix::process::Signal;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_util::task::AbortOnDropHandle;

use super::{Scene, insert, server::Server, session, step};
use crate::store::{Mark, Store, StoreError};

on_both! {
    a_commit_that_is_made_again_is_made_once
    a_second_engine_is_refused
}

async fn a_commit_that_is_made_again_is_made_once(scene: Scene) {
    let mut row = session();
    let (first, second) = (insert(&row), step(&mut row));
    for commit in [&first, &second] {
        // As if the answer to each had been lost.
        for _ in 0..2 {
            scene.store.commit(commit.clone()).await.unwrap();
        }
    }
    assert_eq!(scene.store.events_after(row.id, 0, 10).await.unwrap().len(), 2);
    scene.store.commit(second.clone()).await.unwrap();
    let mut other = second;
    other.mark = Mark::fresh();
    assert!(matches!(scene.store.commit(other).await, Err(StoreError::Conflict { .. })), "somebody else's is not ours");
}

async fn a_second_engine_is_refused(scene: Scene) {
    let refused = Store::open(&scene.url).await.err().unwrap();
    assert!(matches!(refused, StoreError::Taken { .. }), "{refused:?}");
    assert!(refused.to_string().contains(&format!("pid {}", std::process::id())), "{refused}");
    scene.store.commit(insert(&session())).await.unwrap();
}

#[tokio::test]
async fn a_server_that_was_restarted_is_used_again() {
    let mut scene = Scene::postgres().await;
    let mut row = session();
    scene.store.commit(insert(&row)).await.unwrap();
    let server = scene.server.as_mut().unwrap();
    server.stop();
    let commit = step(&mut row);
    let refused = scene.store.commit(commit.clone()).await;
    assert!(matches!(refused, Err(StoreError::Unavailable { .. })), "{refused:?}");
    assert!(refused.unwrap_err().may_pass() && scene.store.trouble().is_some());
    assert!(server.run());
    until_stored(&scene.store, &commit).await;
    assert_eq!(scene.store.session(row.id).await.unwrap(), Some(row));
    assert_eq!(scene.store.trouble(), None);
    assert_eq!(server.sql("apps", "SELECT epoch FROM engine"), "2", "the database was taken again");
}

#[tokio::test]
async fn a_server_that_stands_still_is_not_waited_for() {
    let scene = Scene::postgres().await;
    let mut row = session();
    scene.store.commit(insert(&row)).await.unwrap();
    let server = scene.server.as_ref().unwrap();
    server.signal_all(Signal::STOP);
    let commit = step(&mut row);
    let refused = scene.store.commit(commit.clone()).await;
    assert!(matches!(&refused, Err(error) if error.may_pass()), "{refused:?}");
    server.signal_all(Signal::CONT);
    until_stored(&scene.store, &commit).await;
    assert_eq!(scene.store.session(row.id).await.unwrap(), Some(row));
}

/// Whoever had the database before writes nothing any more, though its connections still stand.
#[tokio::test]
async fn an_engine_that_was_deposed_writes_nothing() {
    let scene = Scene::postgres().await;
    let mut row = session();
    scene.store.commit(insert(&row)).await.unwrap();
    let server = scene.server.as_ref().unwrap();
    server.sql("apps", "UPDATE engine SET epoch = epoch + 1");
    let refused = scene.store.commit(step(&mut row.clone())).await;
    assert!(matches!(refused, Err(StoreError::Deposed)), "{refused:?}");
    // It gets its lock again, since nobody else has it, and goes on from what is stored.
    server.sql("apps", "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'");
    until_stored(&scene.store, &step(&mut row)).await;
}

async fn until_stored(store: &Store, commit: &crate::store::Commit) {
    let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
    loop {
        match store.commit(commit.clone()).await {
            Ok(()) => return,
            Err(error) => assert!(error.may_pass() && std::time::Instant::now() < end, "{error:?}"),
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn of_two_that_start_together_one_serves() {
    let server = Server::start();
    let url = server.database("apps").parse().unwrap();
    let (one, two) = tokio::join!(Store::open(&url), Store::open(&url));
    let refused = match (one, two) {
        (Ok(store), Err(refused)) | (Err(refused), Ok(store)) => {
            store.commit(insert(&session())).await.unwrap();
            refused
        }
        (one, two) => panic!("{:?} {:?}", one.err(), two.err()),
    };
    assert!(matches!(refused, StoreError::Taken { .. }), "{refused:?}");
}

/// A connection that is cut between a COMMIT and its answer, once it is asked to.
struct Cutter {
    port: u16,
    armed: Arc<AtomicBool>,
    _task: AbortOnDropHandle<()>,
}

impl Cutter {
    async fn before(server: &Server) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (port, behind, armed) =
            (listener.local_addr().unwrap().port(), server.port, Arc::new(AtomicBool::new(false)));
        let cut = armed.clone();
        let task = tokio::spawn(async move {
            // All of them end with the listener's own task.
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(("127.0.0.1", behind)).await.unwrap();
                connections.spawn(relay(client, server, cut.clone()));
            }
        });
        Self { port, armed, _task: AbortOnDropHandle::new(task) }
    }
}

async fn relay(mut client: TcpStream, mut server: TcpStream, armed: Arc<AtomicBool>) {
    let (mut asked, mut answered) = ([0; 16 << 10], [0; 16 << 10]);
    loop {
        tokio::select! {
            read = client.read(&mut asked) => {
                let Ok(length @ 1..) = read else { return };
                server.write_all(&asked[..length]).await.unwrap();
                let commits = asked[..length].windows(7).any(|window| window == b"COMMIT\0");
                if commits && armed.swap(false, Ordering::SeqCst) {
                    // It has answered, so it is done; and nobody hears of it.
                    assert!(server.read(&mut answered).await.unwrap() > 0);
                    return;
                }
            }
            read = server.read(&mut answered) => {
                let Ok(length @ 1..) = read else { return };
                if client.write_all(&answered[..length]).await.is_err() {
                    return;
                }
            }
        }
    }
}

#[tokio::test]
async fn a_commit_whose_answer_was_lost_is_found_to_be_made() {
    let server = Server::start();
    let _ = server.database("apps");
    let cutter = Cutter::before(&server).await;
    let url = server.network_url("apps", "").replace(&server.port.to_string(), &cutter.port.to_string());
    let store = Store::open(&url.parse().unwrap()).await.unwrap();
    let mut row = session();
    for commit in [insert(&row), step(&mut row), step(&mut row)] {
        cutter.armed.store(true, Ordering::SeqCst);
        let refused = store.commit(commit.clone()).await;
        assert!(matches!(refused, Err(StoreError::Unavailable { .. })), "{refused:?}");
        assert!(!cutter.armed.load(Ordering::SeqCst), "it was cut");
        until_stored(&store, &commit).await;
        let other = crate::store::Commit { mark: Mark::fresh(), ..commit };
        let refused = store.commit(other).await;
        assert!(matches!(refused, Err(StoreError::Conflict { .. } | StoreError::Duplicate { .. })), "{refused:?}");
    }
    assert_eq!(store.session(row.id).await.unwrap(), Some(row.clone()));
    assert_eq!(store.events_after(row.id, 0, 10).await.unwrap().len(), 3);
    assert_eq!(store.verify().await.unwrap().steps, 3);
}
