//! The log makes again what the tables have, and says where they do not agree.

use std::sync::Arc;

use super::{DAY_MILLIS, NOON, Scene, artifact, charge, event, insert, session, step};
use crate::{
    store::{ChargeKind, Difference, Purpose, Store, StoreError, Verification},
    types::{MicroUsd, Status, Timestamp},
};

on_both! {
    a_log_makes_its_sessions_again
    what_was_changed_past_the_log_is_found
    the_log_is_only_appended_to
    a_store_that_is_only_looked_at_is_left_as_it_is
}

/// Some sessions of which everything changes that can.
async fn live(store: &Store) {
    for number in 0..20_i64 {
        let mut row = session();
        store.commit(insert(&row)).await.unwrap();
        for turn in 1..=6 {
            row.status = if turn < 3 { Status::Generating } else { Status::Ready };
            row.expires_at = (turn > 2).then_some(Timestamp(NOON.0 + turn));
            row.budget = MicroUsd(500_000 - turn * 1000);
            row.over = turn == 6 && number % 2 == 0;
            row.state = format!(
                r#"{{"seq":{},"session":{{"turn":{turn},"cost":0.{turn}{number}01,"lease":{}}}}}"#,
                turn + 1,
                if turn == 4 { "null" } else { r#"{"sandbox":"s"}"# }
            );
            row.view = format!(r#"{{"costAsOf":{turn},"list":[null,{number}]}}"#);
            let mut commit = step(&mut row);
            let at = Timestamp(NOON.0 + turn * DAY_MILLIS / 2);
            commit.charges = vec![charge(&row, ChargeKind::Cpu, turn * 7 + number, at)];
            commit.artifact = (turn == 2 || turn == 5).then(|| Arc::new(artifact()));
            store.commit(commit).await.unwrap();
        }
    }
}

async fn verified(scene: &Scene) -> Verification {
    let store = Store::open_for(&scene.url, Purpose::Look).await.unwrap();
    let found = store.verify().await.unwrap();
    store.close().await;
    found
}

async fn a_log_makes_its_sessions_again(scene: Scene) {
    live(&scene.store).await;
    scene.store.close().await;
    let found = verified(&scene).await;
    assert_eq!((found.sessions, found.steps, found.differences.as_slice()), (20, 140, [].as_slice()));
    assert_eq!(found.charged, MicroUsd((0..20).map(|number| 42 + number).sum()));
}

async fn what_was_changed_past_the_log_is_found(scene: Scene) {
    live(&scene.store).await;
    scene.store.close().await;
    let first = "(SELECT MIN(id) FROM sessions)";
    for (change, undo, says) in [
        (
            "UPDATE sessions SET status = 'error'",
            "UPDATE sessions SET status = 'ready'",
            "status is \"error\" in the store",
        ),
        ("UPDATE sessions SET revision = 8", "UPDATE sessions SET revision = 7", "makes revision 7, the store has 8"),
        (
            "UPDATE sessions SET is_over = NOT is_over",
            "UPDATE sessions SET is_over = NOT is_over",
            "what is held back is",
        ),
        ("UPDATE charges SET amount = amount + 1", "UPDATE charges SET amount = amount - 1", "what ann spent is"),
        ("UPDATE charges SET quantity = 1 - quantity", "UPDATE charges SET quantity = 1 - quantity", "on day "),
        (
            "UPDATE artifacts SET body = body || ' '",
            "UPDATE artifacts SET body = trim(body)",
            "the stored artifact is not",
        ),
    ] {
        let of = |change: &str| match change.split(' ').nth(1) {
            Some("sessions") => format!("{change} WHERE id = {first}"),
            Some(_) | None => format!("{change} WHERE session_id = {first}"),
        };
        scene.sql(&of(change));
        let found = verified(&scene).await.differences;
        assert!(found.iter().any(|difference| difference.to_string().contains(says)), "{change}: {found:?}");
        scene.sql(&of(undo));
        assert_eq!(verified(&scene).await.differences, [], "{undo}");
    }
    scene.sql(&format!("INSERT INTO events (session_id, seq, at, kind, body) VALUES ({first}, 9, 0, 'x', '')"));
    let found = verified(&scene).await.differences;
    assert!(matches!(found.as_slice(), [Difference::Events { last: 7, found: 8, .. }]), "{found:?}");
}

async fn the_log_is_only_appended_to(scene: Scene) {
    let row = session();
    scene.store.commit(insert(&row)).await.unwrap();
    scene.store.close().await;
    let refuses = |text: &str| match &scene.server {
        Some(server) => server.try_sql("apps", text).is_none(),
        None => std::panic::catch_unwind(|| super::sqlite(scene.folder.path(), text)).is_err(),
    };
    for table in ["steps", "events"] {
        assert!(refuses(&format!("DELETE FROM {table}")), "{table}");
        assert!(refuses(&format!("UPDATE {table} SET body = ''")), "{table}");
    }
    let (after, _scene) = scene.crash().await;
    assert_eq!(after.events_after(row.id, 0, 9).await.unwrap(), [event(&row, 1)]);
}

async fn a_store_that_is_only_looked_at_is_left_as_it_is(scene: Scene) {
    let looked = Store::open_for(&scene.url, Purpose::Look).await;
    let refused = looked.err().unwrap();
    assert!(
        matches!(&refused, StoreError::Taken { holder, .. } if holder.contains(&format!("pid {}", std::process::id()))),
        "{refused:?}"
    );
    scene.store.close().await;
    drop(scene.store);
    assert_eq!(
        Store::open_for(&scene.url, Purpose::Look).await.unwrap().verify().await.unwrap(),
        Verification::default()
    );
}

/// A database of the version before there was a log: its sessions begin where they stand.
#[tokio::test]
async fn sessions_that_are_older_than_their_log_go_on() {
    let scene = Scene::sqlite().await;
    live(&scene.store).await;
    let row = scene.store.open_sessions().await.unwrap().remove(0);
    scene.store.close().await;
    drop(scene.store);
    super::sqlite(scene.folder.path(), include_str!("../../../migrations/sqlite/2026-11-24-000000_steps/down.sql"));
    super::sqlite(scene.folder.path(), "DELETE FROM __diesel_schema_migrations WHERE version = '20261124000000'");
    let looked = Store::open_for(&scene.url, Purpose::Look).await;
    assert!(matches!(looked.err(), Some(StoreError::Older { .. })));
    let store = Store::open(&scene.url).await.unwrap();
    let mut row = store.session(row.id).await.unwrap().unwrap();
    let mut commit = step(&mut row);
    commit.events.clear();
    commit.charges = vec![charge(&row, ChargeKind::Cpu, 1000, NOON)];
    store.commit(commit).await.unwrap();
    let found = store.verify().await.unwrap();
    assert_eq!((found.sessions, found.steps, found.differences.as_slice()), (20, 21, [].as_slice()));
}
