//! The questions, each one function over one connection.
//!
//! They say nothing that is SQLite's own: sums are cast back to BIGINT and upserts name their key, as PostgreSQL wants
//! it too. `Connection` is the only word in this file that names a backend.

use diesel::{
    dsl::sql,
    prelude::*,
    result::{DatabaseErrorKind, Error as DieselError},
    sql_types::BigInt,
    upsert::excluded,
};
use diesel_async::{AsyncConnection, RunQueryDsl};

use super::{
    ChargeRow, Commit, Cursor, Day, EventRow, ListQuery, Page, SessionRow, Spending, StoreError, UsageRow,
    days::{Portion, portion_of},
    records::{ChargeRecord, EventRecord, SessionChange, SessionRecord, read, totals},
    schema::{artifacts, charges, events, logs, sessions},
    sqlite::Connection,
};
use crate::types::{Artifact, MicroUsd, SessionId, Timestamp, UserId};

type Answer<T> = Result<T, StoreError>;

pub(super) async fn commit(connection: &mut Connection, commit: Commit) -> Answer<()> {
    let session = commit.session.id;
    let id = session.to_string();
    // Written outside of the transaction: nothing waits for a large artifact to become text.
    let artifact = commit.artifact.map(|artifact| serde_json::to_string(&*artifact)).transpose();
    let artifact = artifact.map_err(|source| StoreError::Unwritable { session, source })?;
    let outcome = connection
        .transaction::<(), StoreError, _>(async |connection| {
            save_session(connection, commit.session, commit.expected_revision).await?;
            for event in commit.events {
                diesel::insert_into(events::table).values(EventRecord::from(event)).execute(connection).await?;
            }
            for charge in &commit.charges {
                save_charge(connection, charge).await?;
            }
            if let Some(body) = artifact {
                save_artifact(connection, &id, &body).await?;
            }
            if let Some(body) = commit.logs {
                save_logs(connection, &id, &body).await?;
            }
            Ok(())
        })
        .await;
    outcome.map_err(|error| duplicate(error, session))
}

async fn save_session(connection: &mut Connection, row: SessionRow, expected: Option<i64>) -> Answer<()> {
    let Some(expected) = expected else {
        diesel::insert_into(sessions::table).values(SessionRecord::from(row)).execute(connection).await?;
        return Ok(());
    };
    let session = row.id;
    let current = sessions::table.filter(sessions::id.eq(session.to_string())).filter(sessions::revision.eq(expected));
    let changed = diesel::update(current).set(SessionChange::from(row)).execute(connection).await?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Conflict { session, expected }) }
}

async fn save_charge(connection: &mut Connection, charge: &ChargeRow) -> Answer<()> {
    let (id, day) = (charge.session.to_string(), Day::of(charge.at));
    let rows: Vec<(i64, i64, i64)> = charges::table
        .filter(charges::session_id.eq(&id))
        .filter(charges::kind.eq(charge.kind.as_str()))
        .filter(charges::source.eq(&charge.source))
        .select((charges::day, charges::amount, charges::quantity))
        .load(connection)
        .await?;
    let rows: Vec<(Day, Portion)> = rows
        .into_iter()
        .map(|(day, amount, quantity)| (Day(day), Portion { amount: MicroUsd(amount), quantity }))
        .collect();
    let total = Portion { amount: charge.amount, quantity: charge.quantity };
    let Some(portion) = portion_of(&rows, day, total) else { return Ok(()) };
    diesel::insert_into(charges::table)
        .values(ChargeRecord::new(charge, &id, day, portion))
        .on_conflict((charges::session_id, charges::kind, charges::source, charges::day))
        .do_update()
        .set((
            charges::amount.eq(excluded(charges::amount)),
            charges::quantity.eq(excluded(charges::quantity)),
            charges::at.eq(excluded(charges::at)),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

async fn save_artifact(connection: &mut Connection, id: &str, body: &str) -> Answer<()> {
    diesel::insert_into(artifacts::table)
        .values((artifacts::session_id.eq(id), artifacts::body.eq(body)))
        .on_conflict(artifacts::session_id)
        .do_update()
        .set(artifacts::body.eq(excluded(artifacts::body)))
        .execute(connection)
        .await?;
    Ok(())
}

async fn save_logs(connection: &mut Connection, id: &str, body: &str) -> Answer<()> {
    diesel::insert_into(logs::table)
        .values((logs::session_id.eq(id), logs::body.eq(body)))
        .on_conflict(logs::session_id)
        .do_update()
        .set(logs::body.eq(excluded(logs::body)))
        .execute(connection)
        .await?;
    Ok(())
}

/// Every unique key of a commit begins with the session, but for its slug, which is as good as unique by itself.
fn duplicate(error: StoreError, session: SessionId) -> StoreError {
    if let StoreError::Unavailable { source } = &error
        && let Some(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) = source.downcast_ref()
    {
        return StoreError::Duplicate { session };
    }
    error
}

pub(super) async fn session(connection: &mut Connection, id: SessionId) -> Answer<Option<SessionRow>> {
    let query = sessions::table.find(id.to_string()).select(SessionRecord::as_select());
    query.first(connection).await.optional()?.map(SessionRow::try_from).transpose()
}

pub(super) async fn open_sessions(connection: &mut Connection) -> Answer<Vec<SessionRow>> {
    let query = sessions::table.filter(sessions::is_over.eq(false)).order(sessions::id.asc());
    let records = query.select(SessionRecord::as_select()).load(connection).await?;
    records.into_iter().map(SessionRow::try_from).collect()
}

pub(super) async fn count_open(connection: &mut Connection) -> Answer<i64> {
    Ok(sessions::table.filter(sessions::is_over.eq(false)).count().get_result(connection).await?)
}

pub(super) async fn list(connection: &mut Connection, query: ListQuery) -> Answer<Page> {
    let limit = query.limit.clamp(1, ListQuery::LIMIT_MAX);
    let mut select = sessions::table.order(sessions::id.desc()).select(SessionRecord::as_select()).into_boxed();
    if let Some(user) = query.user {
        select = select.filter(sessions::user_id.eq(String::from(user)));
    }
    if let Some(status) = query.status {
        select = select.filter(sessions::status.eq(status.as_str()));
    }
    if let Some(Cursor(last)) = query.cursor {
        select = select.filter(sessions::id.lt(last.to_string()));
    }
    // One more than asked for tells whether there is a next page.
    let ahead = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let records = select.limit(ahead).load(connection).await?;
    let more = records.len() > limit;
    let rows: Vec<SessionRow> = records.into_iter().take(limit).map(SessionRow::try_from).collect::<Result<_, _>>()?;
    let next_cursor = if more { rows.last().map(|row| Cursor(row.id)) } else { None };
    Ok(Page { rows, next_cursor })
}

pub(super) async fn events_after(
    connection: &mut Connection,
    session: SessionId,
    seq: i64,
    limit: i64,
) -> Answer<Vec<EventRow>> {
    let records = events::table
        .filter(events::session_id.eq(session.to_string()))
        .filter(events::seq.gt(seq))
        .order(events::seq.asc())
        .limit(limit)
        .select(EventRecord::as_select())
        .load(connection)
        .await?;
    Ok(records.into_iter().map(|record| record.into_row(session)).collect())
}

pub(super) async fn artifact(connection: &mut Connection, session: SessionId) -> Answer<Option<Artifact>> {
    let id = session.to_string();
    let query = artifacts::table.find(&id).select(artifacts::body);
    let Some(body) = query.first::<String>(connection).await.optional()? else { return Ok(None) };
    serde_json::from_str(&body).map(Some).map_err(|error| StoreError::Unreadable {
        table: "artifacts",
        session: id,
        reason: error.to_string(),
    })
}

pub(super) async fn logs(connection: &mut Connection, session: SessionId) -> Answer<Option<String>> {
    let query = logs::table.find(session.to_string()).select(logs::body);
    Ok(query.first(connection).await.optional()?)
}

pub(super) async fn session_charges(connection: &mut Connection, session: SessionId) -> Answer<Vec<ChargeRow>> {
    let query = charges::table.filter(charges::session_id.eq(session.to_string()));
    totals(query.select(ChargeRecord::as_select()).load(connection).await?)
}

pub(super) async fn usage(
    connection: &mut Connection,
    from: Timestamp,
    to: Timestamp,
    user: Option<UserId>,
) -> Answer<Vec<UsageRow>> {
    let mut select = charges::table
        .group_by((charges::user_id, charges::kind))
        .select((
            charges::user_id,
            charges::kind,
            sql::<BigInt>("CAST(SUM(amount) AS BIGINT)"),
            sql::<BigInt>("CAST(SUM(quantity) AS BIGINT)"),
            sql::<BigInt>("COUNT(DISTINCT session_id)"),
        ))
        .order((charges::user_id.asc(), charges::kind.asc()))
        .filter(charges::at.ge(from.0))
        .filter(charges::at.lt(to.0))
        .into_boxed();
    if let Some(user) = user {
        select = select.filter(charges::user_id.eq(String::from(user)));
    }
    let rows: Vec<(String, String, i64, i64, i64)> = select.load(connection).await?;
    rows.into_iter()
        .map(|(user, kind, amount, quantity, sessions)| {
            Ok(UsageRow {
                user: read("charges", "(sum)", &user)?,
                kind: read("charges", "(sum)", &kind)?,
                amount: MicroUsd(amount),
                quantity,
                sessions,
            })
        })
        .collect()
}

pub(super) async fn spent_since(
    connection: &mut Connection,
    user: Option<UserId>,
    from: Timestamp,
) -> Answer<MicroUsd> {
    let mut select = charges::table
        .select(sql::<BigInt>("CAST(COALESCE(SUM(amount), 0) AS BIGINT)"))
        .filter(charges::at.ge(from.0))
        .into_boxed();
    if let Some(user) = user {
        select = select.filter(charges::user_id.eq(String::from(user)));
    }
    Ok(MicroUsd(select.get_result(connection).await?))
}

/// All of it from one snapshot: a commit in between would be counted twice or not at all.
pub(super) async fn spending(connection: &mut Connection, from: Timestamp) -> Answer<Spending> {
    let is_open = sessions::is_over.eq(false);
    let (open, records, spent) = connection
        .transaction::<_, DieselError, _>(async |connection| {
            let open = sessions::table.filter(is_open).select((sessions::id, sessions::user_id, sessions::budget));
            let open: Vec<(String, String, i64)> = open.load(connection).await?;
            let records = charges::table.inner_join(sessions::table).filter(is_open);
            let records: Vec<ChargeRecord> = records.select(ChargeRecord::as_select()).load(connection).await?;
            let spent = charges::table
                .group_by(charges::user_id)
                .select((charges::user_id, sql::<BigInt>("CAST(SUM(amount) AS BIGINT)")))
                .filter(charges::at.ge(from.0));
            let spent: Vec<(String, i64)> = spent.load(connection).await?;
            Ok((open, records, spent))
        })
        .await?;
    let open = open
        .into_iter()
        .map(|(id, user, budget)| Ok((read("sessions", &id, &id)?, read("sessions", &id, &user)?, MicroUsd(budget))));
    let spent = spent.into_iter().map(|(user, amount)| Ok((read("charges", "(sum)", &user)?, MicroUsd(amount))));
    Ok(Spending { open: open.collect::<Answer<_>>()?, charges: totals(records)?, spent: spent.collect::<Answer<_>>()? })
}

pub(super) async fn ping(connection: &mut Connection) -> Answer<()> {
    diesel::select(sql::<BigInt>("1")).get_result::<i64>(connection).await?;
    Ok(())
}
