//! The store against real files and a real server: what is written is there after a crash, and nothing is written by halves.

/// The same checks on both databases.
macro_rules! on_both {
    ($($check:ident)*) => {
        mod on_sqlite {
            $(#[tokio::test] async fn $check() { super::$check(super::Scene::sqlite().await).await; })*
        }
        mod on_postgres {
            $(#[tokio::test] async fn $check() { super::$check(super::Scene::postgres().await).await; })*
        }
    };
}

mod log;
mod outages;
#[path = "../../../tests/it/postgres.rs"]
#[expect(dead_code, reason = "the tests of the whole engine use all of it")]
mod server;

use std::{sync::Arc, time::Instant};

use futures_util::future::join_all;

use self::server::Server;
use super::{
    ChargeKind, ChargeRow, Commit, DatabaseUrl, Day, EventRow, ListQuery, Mark, SessionRow, Store, StoreError, UsageRow,
};
use crate::types::{
    AppFile, AppType, Artifact, Category, Check, Failure, MicroUsd, Origin, Port, Runtime, SessionId, Slug, Status,
    Timestamp, UserId,
};

const NOON: Timestamp = Timestamp(1_700_000_000_000);
const DAY_MILLIS: i64 = 86_400_000;

struct Scene {
    folder: tempfile::TempDir,
    url: DatabaseUrl,
    store: Store,
    server: Option<Server>,
}

impl Scene {
    async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::in_folder(folder.path());
        Self { store: Store::open(&url).await.unwrap(), folder, url, server: None }
    }

    async fn postgres() -> Self {
        let server = Server::start();
        let url = server.database("apps").parse().unwrap();
        let folder = tempfile::tempdir().unwrap();
        Self { store: Store::open(&url).await.unwrap(), folder, url, server: Some(server) }
    }

    /// Another store where this one was, which had no time to close anything.
    async fn crash(self) -> (Store, Self) {
        let Self { folder, url, store, server } = self;
        drop(store);
        let store = Store::open(&url).await.unwrap();
        (store.clone(), Self { folder, url, store, server })
    }

    /// Runs SQL past the store, which has been closed.
    fn sql(&self, text: &str) {
        match &self.server {
            Some(server) => drop(server.sql("apps", text)),
            None => sqlite(self.folder.path(), text),
        }
    }
}

fn sqlite(folder: &std::path::Path, text: &str) {
    use diesel::{Connection, connection::SimpleConnection};

    let mut connection = diesel::SqliteConnection::establish(folder.join("spawnai.db").to_str().unwrap()).unwrap();
    connection.batch_execute(text).unwrap();
}

on_both! {
    what_was_committed_is_there_after_a_crash
    a_stale_step_writes_nothing_of_itself
    a_step_whose_event_is_there_already_writes_nothing_of_itself
    of_many_owners_of_one_revision_one_goes_on
    many_sessions_commit_at_once
    a_charge_told_twice_late_or_over_midnight_adds_up
    pages_meet_without_gap_or_overlap
    a_commit_is_finished_though_nobody_waits_for_it
    a_newer_schema_is_refused_and_left_alone
}

fn user(name: &str) -> UserId {
    name.parse().unwrap()
}

fn session() -> SessionRow {
    let id = SessionId::generate();
    let mut entropy = [0; 10];
    entropy.copy_from_slice(&id.as_uuid().as_bytes()[6..]);
    SessionRow {
        id,
        user: user("ann"),
        slug: Slug::from_prompt("a todo list", entropy),
        status: Status::Creating,
        prompt: "a todo list, with \u{1f4c4} and 'quotes'".to_owned(),
        app_type: AppType::Webapp,
        revision: 1,
        created_at: NOON,
        expires_at: None,
        over: false,
        budget: MicroUsd(500_000),
        state: r#"{"phase":"queued","none":null,"seq":1}"#.to_owned(),
        view: "{}".to_owned(),
    }
}

fn insert(session: &SessionRow) -> Commit {
    Commit {
        mark: Mark::fresh(),
        at: NOON,
        session: session.clone(),
        expected_revision: None,
        events: vec![event(session, 1)],
        charges: Vec::new(),
        artifact: None,
        logs: None,
    }
}

/// The next step of `session`, which is moved on to it.
fn step(session: &mut SessionRow) -> Commit {
    let expected_revision = Some(session.revision);
    session.revision += 1;
    let events = vec![event(session, session.revision)];
    Commit { session: session.clone(), expected_revision, events, ..insert(session) }
}

fn event(session: &SessionRow, seq: i64) -> EventRow {
    EventRow { session: session.id, seq, at: NOON, kind: "status".to_owned(), body: r#"{"status":"creating"}"#.into() }
}

fn charge(session: &SessionRow, kind: ChargeKind, amount: i64, at: Timestamp) -> ChargeRow {
    ChargeRow {
        session: session.id,
        user: session.user.clone(),
        kind,
        source: "sandbox1".to_owned(),
        amount: MicroUsd(amount),
        quantity: amount * 10,
        at,
    }
}

fn artifact() -> Artifact {
    Artifact {
        files: vec![AppFile { path: "server.js".to_owned(), content: "console.log('hi')\n".repeat(500) }],
        build: None,
        start: "node server.js".to_owned(),
        port: Port::new(3000).unwrap(),
        runtime: Runtime::Node,
        dependencies: Vec::new(),
        checks: vec![Check::get("home", "/", 200, Some("hi"))],
        origin: Origin {
            generator: "built-in".to_owned(),
            template: "todo".to_owned(),
            match_percent: 90,
            note: "a todo list".to_owned(),
        },
    }
}

async fn what_was_committed_is_there_after_a_crash(scene: Scene) {
    let mut row = session();
    scene.store.commit(insert(&row)).await.unwrap();
    row.status = Status::Ready;
    row.expires_at = Some(Timestamp(NOON.0 + 1));
    let mut commit = step(&mut row);
    commit.artifact = Some(Arc::new(artifact()));
    commit.charges = vec![charge(&row, ChargeKind::Cpu, 7, NOON)];
    scene.store.commit(commit.clone()).await.unwrap();
    // Nothing is closed: a second store reads what the first one left, as after kill -9.
    let (after, _scene) = scene.crash().await;
    assert_eq!(after.session(row.id).await.unwrap(), Some(row.clone()));
    assert_eq!(after.open_sessions().await.unwrap(), [row.clone()]);
    assert_eq!(after.events_after(row.id, 0, 10).await.unwrap(), [event(&row, 1), event(&row, 2)]);
    assert_eq!(after.artifact(row.id).await.unwrap(), Some(artifact()));
    assert_eq!(after.session_charges(row.id).await.unwrap(), commit.charges);
    assert_eq!(after.session(SessionId::generate()).await.unwrap(), None);
    assert_eq!(after.artifact(SessionId::generate()).await.unwrap(), None);
}

async fn a_stale_step_writes_nothing_of_itself(scene: Scene) {
    let mut row = session();
    scene.store.commit(insert(&row)).await.unwrap();
    let mut stale = step(&mut row.clone());
    scene.store.commit(step(&mut row)).await.unwrap();
    stale.events = vec![event(&row, 9)];
    stale.charges = vec![charge(&row, ChargeKind::Cpu, 7, NOON)];
    stale.artifact = Some(Arc::new(artifact()));
    let refused = scene.store.commit(stale).await;
    assert!(matches!(refused, Err(StoreError::Conflict { session, expected: 1 }) if session == row.id), "{refused:?}");
    assert_eq!(scene.store.session(row.id).await.unwrap(), Some(row.clone()));
    assert_eq!(scene.store.events_after(row.id, 2, 10).await.unwrap(), []);
    assert_eq!(scene.store.session_charges(row.id).await.unwrap(), []);
    assert_eq!(scene.store.artifact(row.id).await.unwrap(), None);
}

async fn a_step_whose_event_is_there_already_writes_nothing_of_itself(scene: Scene) {
    let mut row = session();
    scene.store.commit(insert(&row)).await.unwrap();
    let before = row.clone();
    let mut commit = step(&mut row);
    commit.events = vec![event(&row, 2), event(&row, 1)];
    assert!(matches!(scene.store.commit(commit).await, Err(StoreError::Duplicate { .. })));
    assert_eq!(scene.store.session(row.id).await.unwrap(), Some(before.clone()));
    assert!(matches!(scene.store.commit(insert(&before)).await, Err(StoreError::Duplicate { .. })));
}

async fn of_many_owners_of_one_revision_one_goes_on(scene: Scene) {
    let row = session();
    scene.store.commit(insert(&row)).await.unwrap();
    let outcomes = join_all((0..16).map(|_| scene.store.commit(step(&mut row.clone())))).await;
    let won = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    let lost = outcomes.iter().filter(|outcome| matches!(outcome, Err(StoreError::Conflict { .. }))).count();
    assert_eq!((won, lost), (1, 15), "{outcomes:?}");
}

async fn many_sessions_commit_at_once(scene: Scene) {
    let rows: Vec<SessionRow> = (0..100).map(|_| session()).collect();
    let outcomes = join_all(rows.iter().map(|row| scene.store.commit(insert(row)))).await;
    outcomes.into_iter().for_each(|outcome| outcome.unwrap());
    assert_eq!(scene.store.count_open().await.unwrap(), 100);
    let mut over = rows[0].clone();
    over.over = true;
    scene.store.commit(step(&mut over)).await.unwrap();
    assert_eq!(scene.store.count_open().await.unwrap(), 99);
}

async fn a_charge_told_twice_late_or_over_midnight_adds_up(scene: Scene) {
    let mut row = session();
    scene.store.commit(insert(&row)).await.unwrap();
    let tomorrow = Timestamp(NOON.0 + DAY_MILLIS);
    for (amount, at) in [(40, NOON), (40, NOON), (100, tomorrow), (70, NOON), (100, NOON), (0, tomorrow)] {
        let mut commit = step(&mut row);
        commit.charges = vec![charge(&row, ChargeKind::Cpu, amount, at), charge(&row, ChargeKind::Memory, 1, NOON)];
        scene.store.commit(commit).await.unwrap();
    }
    let charges = scene.store.session_charges(row.id).await.unwrap();
    let expected = [charge(&row, ChargeKind::Cpu, 100, tomorrow), charge(&row, ChargeKind::Memory, 1, NOON)];
    assert_eq!(charges, expected);
    let usage = |from, to| scene.store.usage(from, to, None);
    let line = |kind, amount: i64| UsageRow {
        user: row.user.clone(),
        kind,
        amount: MicroUsd(amount),
        quantity: amount * 10,
        sessions: 1,
    };
    assert_eq!(
        usage(NOON, tomorrow).await.unwrap(),
        [line(ChargeKind::Cpu, 40), line(ChargeKind::Memory, 1)],
        "the end is not in the span"
    );
    assert_eq!(usage(tomorrow, Timestamp(i64::MAX)).await.unwrap(), [line(ChargeKind::Cpu, 60)]);
    let spent = async |name: Option<UserId>| scene.store.spent_since(name, NOON).await.unwrap();
    assert_eq!(spent(Some(user("ann"))).await, MicroUsd(101));
    assert_eq!(spent(Some(user("bob"))).await, MicroUsd::ZERO);
    assert_eq!(spent(None).await, MicroUsd(101));
    let spending = scene.store.spending(tomorrow).await.unwrap();
    assert_eq!(spending.open, [(row.id, user("ann"), MicroUsd(500_000))]);
    let second = (user("ann"), Day::of(tomorrow), MicroUsd(60));
    assert_eq!((spending.charges, spending.spent), (charges, vec![second.clone()]));
    let mut days = scene.store.spending(NOON).await.unwrap().spent;
    days.sort_by_key(|(_, day, _)| *day);
    assert_eq!(days, [(user("ann"), Day::of(NOON), MicroUsd(41)), second]);
}

async fn pages_meet_without_gap_or_overlap(scene: Scene) {
    let mut all = Vec::new();
    for number in 0..10 {
        let mut row = session();
        row.user = user(if number % 2 == 0 { "ann" } else { "bob" });
        row.status = if number % 5 == 0 { Status::Ready } else { Status::Creating };
        scene.store.commit(insert(&row)).await.unwrap();
        all.insert(0, row);
    }
    let query = |limit| ListQuery { user: None, status: None, limit, cursor: None };
    for limit in [1, 3, 5, 9, 10, 11] {
        let (mut rows, mut next) = (Vec::new(), query(limit));
        loop {
            let page = scene.store.list(next.clone()).await.unwrap();
            assert!(page.rows.len() <= limit);
            rows.extend(page.rows);
            match page.next_cursor {
                // Through its text, as a client hands it back.
                Some(cursor) => next.cursor = Some(cursor.to_string().parse().unwrap()),
                None => break,
            }
        }
        assert_eq!(rows, all, "limit {limit}");
    }
    let of = |user, status| ListQuery { user, status, ..query(100) };
    let page = scene.store.list(of(Some(user("ann")), Some(Status::Ready))).await.unwrap();
    assert_eq!(page.rows, [all[9].clone()]);
    let page = scene.store.list(of(Some(user("bob")), None)).await.unwrap();
    assert_eq!((page.rows.len(), page.next_cursor), (5, None));
    assert_eq!(scene.store.list(query(0)).await.unwrap().rows.len(), 1, "a limit of 0 still gets on");
}

async fn a_commit_is_finished_though_nobody_waits_for_it(scene: Scene) {
    let row = session();
    let mut commit = Box::pin(scene.store.commit(insert(&row)));
    assert!(futures_util::poll!(commit.as_mut()).is_pending(), "asked for, and then forgotten");
    scene.store.close().await;
    assert!(matches!(scene.store.session(row.id).await, Err(StoreError::Closed)));
    drop(commit);
    let (after, _scene) = scene.crash().await;
    assert_eq!(after.session(row.id).await.unwrap(), Some(row));
}

#[tokio::test]
async fn files_that_cannot_be_opened_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let url = DatabaseUrl::Sqlite { path: folder.path().join("missing/spawnai.db") };
    let error = Store::open(&url).await.err().unwrap();
    assert!(matches!(error, StoreError::Open { .. }), "{error:?}");
    assert!(error.to_string().contains("missing/spawnai.db"), "{error}");
    let failure = Failure::from(error);
    assert_eq!(
        (failure.code.as_ref(), failure.category, failure.retryable),
        ("store_unavailable", Category::System, false)
    );
}

#[tokio::test]
async fn a_damaged_file_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("spawnai.db");
    let rubbish = b"this is not a database, whatever its name says".repeat(100);
    std::fs::write(&path, &rubbish).unwrap();
    let error = Store::open(&DatabaseUrl::in_folder(folder.path())).await.err().unwrap();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
    assert!(error.to_string().contains("backup"), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), rubbish);
}

#[tokio::test]
async fn damage_in_the_middle_is_found_at_the_start() {
    let scene = Scene::sqlite().await;
    scene.store.commit(insert(&session())).await.unwrap();
    scene.store.close().await;
    let path = scene.folder.path().join("spawnai.db");
    let mut bytes = std::fs::read(&path).unwrap();
    let len = bytes.len();
    bytes[4096..len - 4096].fill(0xa5);
    std::fs::write(&path, bytes).unwrap();
    let error = Store::open(&scene.url).await.err().unwrap();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
}

async fn a_newer_schema_is_refused_and_left_alone(scene: Scene) {
    scene.store.close().await;
    scene.sql("INSERT INTO __diesel_schema_migrations (version) VALUES ('99991231000000')");
    let path = scene.folder.path().join("spawnai.db");
    let before = std::fs::read(&path).ok();
    let error = Store::open(&scene.url).await.err().unwrap();
    assert!(matches!(&error, StoreError::Newer { migration, .. } if migration == "99991231000000"), "{error:?}");
    assert_eq!(std::fs::read(&path).ok(), before);
    if let Some(server) = &scene.server {
        assert_eq!(server.sql("apps", "SELECT epoch FROM engine"), "1", "not taken over");
    }
}

/// `cargo test --release --lib store::tests::commit_times -- --ignored --nocapture` prints the times of a session's steps.
#[tokio::test]
#[ignore = "a measurement, not a check"]
async fn commit_times() {
    for scene in [Scene::sqlite().await, Scene::postgres().await] {
        measure(scene).await;
    }
}

async fn measure(scene: Scene) {
    const STEPS: usize = 2000;
    println!("{}", scene.store.name());
    let mut row = session();
    scene.store.commit(insert(&row)).await.unwrap();
    let mut micros = Vec::with_capacity(STEPS);
    for number in 0..STEPS {
        let mut commit = step(&mut row);
        let amount = i64::try_from(number).unwrap();
        commit.charges =
            vec![charge(&row, ChargeKind::Cpu, amount, NOON), charge(&row, ChargeKind::Memory, amount, NOON)];
        let asked = Instant::now();
        scene.store.commit(commit).await.unwrap();
        micros.push(asked.elapsed().as_micros());
    }
    micros.sort_unstable();
    let at = |percent: usize| micros[(STEPS - 1) * percent / 100];
    println!("commit (state, 1 event, 2 charges): median {} µs, 95 % {} µs, 99 % {} µs", at(50), at(95), at(99));
    println!("ping: {} µs", scene.store.ping().await.unwrap().as_micros());
}
