//! The questions, each one function over one connection.
//!
//! This file is compiled once for SQLite and once for PostgreSQL, as a module of each, and says nothing that is either's
//! own: sums are cast back to BIGINT, as PostgreSQL wants it, and upserts name their key. `super` is the database.

use diesel::{
    dsl::sql,
    prelude::*,
    result::{DatabaseErrorKind, Error as DieselError},
    sql_types::BigInt,
    upsert::excluded,
};
use diesel_async::{AsyncConnection, RunQueryDsl};

use super::{Connection, is_ours};
use crate::store::{
    ChargeRow, Commit, Cursor, Day, EventRow, ListQuery, Page, SessionRow, Spending, StoreError, UsageRow,
    days::{Portion, Tally},
    records::{ChargeRecord, EventRecord, SessionChange, SessionRecord, StepRecord, day_charges, read, totals},
    schema::{artifacts, charges, engine, events, logs, sessions, steps},
    steps::{Change, Step, Stored},
};
use crate::types::{Artifact, MicroUsd, SessionId, Timestamp, UserId};

type Answer<T> = Result<T, StoreError>;

/// Writes one step of a session, all of it or nothing.
///
/// Whoever makes the same commit again, since its answer was lost, is told that it is made.
pub(in crate::store) async fn commit(connection: &mut Connection, commit: Commit, epoch: i64) -> Answer<()> {
    let (session, revision, mark) = (commit.session.id, commit.session.revision, commit.mark);
    // Written outside of the transaction: nothing waits for a large artifact to become text.
    let artifact = commit.artifact.as_ref().map(|artifact| serde_json::to_string(&**artifact)).transpose();
    let artifact = artifact.map_err(|source| StoreError::Unwritable { session, source })?;
    let outcome = connection
        .transaction::<(), StoreError, _>(async |connection| {
            if !is_ours(connection, epoch).await? {
                return Err(StoreError::Deposed);
            }
            let before = match commit.expected_revision {
                None => None,
                Some(expected) => Some(session_at(connection, session, expected).await?),
            };
            let change = Change::of(before.as_ref(), &commit, artifact.as_deref());
            let body = change.and_then(|change| serde_json::to_string(&change));
            let body = body.map_err(|source| StoreError::Unwritable { session, source })?;
            let step = Step { session, revision, at: commit.at, mark: mark.0, body };
            write(connection, commit, step, artifact).await
        })
        .await;
    match outcome.map_err(|error| duplicate(error, session)) {
        Err(refused @ (StoreError::Conflict { .. } | StoreError::Duplicate { .. })) => {
            if is_made(connection, session, revision, mark.0).await? { Ok(()) } else { Err(refused) }
        }
        outcome => outcome,
    }
}

async fn write(connection: &mut Connection, commit: Commit, step: Step, artifact: Option<String>) -> Answer<()> {
    let id = commit.session.id.to_string();
    save_session(connection, commit.session, commit.expected_revision).await?;
    diesel::insert_into(steps::table).values(StepRecord::from(step)).execute(connection).await?;
    for event in commit.events {
        diesel::insert_into(events::table).values(EventRecord::from(event)).execute(connection).await?;
    }
    save_charges(connection, &id, &commit.charges).await?;
    if let Some(body) = artifact {
        save_artifact(connection, &id, &body).await?;
    }
    if let Some(body) = commit.logs {
        save_logs(connection, &id, &body).await?;
    }
    Ok(())
}

async fn session_at(connection: &mut Connection, session: SessionId, expected: i64) -> Answer<SessionRow> {
    let row = sessions::table.find(session.to_string()).filter(sessions::revision.eq(expected));
    let record = row.select(SessionRecord::as_select()).first(connection).await.optional()?;
    record.ok_or(StoreError::Conflict { session, expected })?.try_into()
}

async fn is_made(connection: &mut Connection, session: SessionId, revision: i64, mark: i64) -> Answer<bool> {
    let step = steps::table.find((session.to_string(), revision)).select(steps::mark);
    Ok(step.first::<i64>(connection).await.optional()? == Some(mark))
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

async fn save_charges(connection: &mut Connection, id: &str, told: &[ChargeRow]) -> Answer<()> {
    if told.is_empty() {
        return Ok(());
    }
    let mut tally = Tally::default();
    let known = charges::table.filter(charges::session_id.eq(id)).select(ChargeRecord::as_select());
    for charge in day_charges(&known.load(connection).await?)? {
        let portion = Portion { amount: charge.row.amount, quantity: charge.row.quantity };
        tally.insert(charge.row.kind, &charge.row.source, charge.day, portion, charge.row.at);
    }
    for charge in told {
        let Some((day, portion)) = tally.tell(charge) else { continue };
        save_charge(connection, &ChargeRecord::new(charge, id, day, portion)).await?;
    }
    Ok(())
}

async fn save_charge(connection: &mut Connection, record: &ChargeRecord) -> Answer<()> {
    diesel::insert_into(charges::table)
        .values(record)
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

pub(in crate::store) async fn session(connection: &mut Connection, id: SessionId) -> Answer<Option<SessionRow>> {
    let query = sessions::table.find(id.to_string()).select(SessionRecord::as_select());
    query.first(connection).await.optional()?.map(SessionRow::try_from).transpose()
}

pub(in crate::store) async fn open_sessions(connection: &mut Connection) -> Answer<Vec<SessionRow>> {
    let query = sessions::table.filter(sessions::is_over.eq(false)).order(sessions::id.asc());
    let records = query.select(SessionRecord::as_select()).load(connection).await?;
    records.into_iter().map(SessionRow::try_from).collect()
}

pub(in crate::store) async fn count_open(connection: &mut Connection) -> Answer<i64> {
    Ok(sessions::table.filter(sessions::is_over.eq(false)).count().get_result(connection).await?)
}

pub(in crate::store) async fn list(connection: &mut Connection, query: ListQuery) -> Answer<Page> {
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

pub(in crate::store) async fn events_after(
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

pub(in crate::store) async fn artifact(connection: &mut Connection, session: SessionId) -> Answer<Option<Artifact>> {
    let id = session.to_string();
    let query = artifacts::table.find(&id).select(artifacts::body);
    let Some(body) = query.first::<String>(connection).await.optional()? else { return Ok(None) };
    serde_json::from_str(&body).map(Some).map_err(|error| StoreError::Unreadable {
        table: "artifacts",
        session: id,
        reason: error.to_string(),
    })
}

pub(in crate::store) async fn logs(connection: &mut Connection, session: SessionId) -> Answer<Option<String>> {
    let query = logs::table.find(session.to_string()).select(logs::body);
    Ok(query.first(connection).await.optional()?)
}

pub(in crate::store) async fn session_charges(
    connection: &mut Connection,
    session: SessionId,
) -> Answer<Vec<ChargeRow>> {
    let query = charges::table.filter(charges::session_id.eq(session.to_string()));
    totals(query.select(ChargeRecord::as_select()).load(connection).await?)
}

pub(in crate::store) async fn usage(
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

pub(in crate::store) async fn spent_since(
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
pub(in crate::store) async fn spending(connection: &mut Connection, from: Timestamp) -> Answer<Spending> {
    let is_open = sessions::is_over.eq(false);
    let (open, records, spent) = connection
        .transaction::<_, DieselError, _>(async |connection| {
            let open = sessions::table.filter(is_open).select((sessions::id, sessions::user_id, sessions::budget));
            let open: Vec<(String, String, i64)> = open.load(connection).await?;
            let records = charges::table.inner_join(sessions::table).filter(is_open);
            let mut records: Vec<ChargeRecord> = records.select(ChargeRecord::as_select()).load(connection).await?;
            let settled = charges::table
                .inner_join(sessions::table)
                .filter(sessions::is_over.eq(true))
                .filter(charges::at.ge(from.0))
                .group_by(charges::session_id)
                .select(charges::session_id)
                .order(sql::<BigInt>("MAX(charges.at) DESC"))
                .limit(Spending::SETTLED_MAX as i64);
            let settled: Vec<String> = settled.load(connection).await?;
            let settled = charges::table.filter(charges::session_id.eq_any(settled));
            records.extend(settled.select(ChargeRecord::as_select()).load(connection).await?);
            let spent = charges::table
                .group_by((charges::user_id, charges::day))
                .select((charges::user_id, charges::day, sql::<BigInt>("CAST(SUM(amount) AS BIGINT)")))
                .filter(charges::at.ge(from.0));
            let spent: Vec<(String, i64, i64)> = spent.load(connection).await?;
            Ok((open, records, spent))
        })
        .await?;
    let open = open
        .into_iter()
        .map(|(id, user, budget)| Ok((read("sessions", &id, &id)?, read("sessions", &id, &user)?, MicroUsd(budget))));
    let spent =
        spent.into_iter().map(|(user, day, amount)| Ok((read("charges", "(sum)", &user)?, Day(day), MicroUsd(amount))));
    Ok(Spending { open: open.collect::<Answer<_>>()?, charges: totals(records)?, spent: spent.collect::<Answer<_>>()? })
}

/// The sessions after `last`, oldest first, with all that the other tables have of them, and their log. As of one moment
/// only while nobody writes.
pub(in crate::store) async fn stored_after(
    connection: &mut Connection,
    last: Option<SessionId>,
    limit: i64,
) -> Answer<Vec<Stored>> {
    let mut select = sessions::table.order(sessions::id.asc()).select(SessionRecord::as_select()).into_boxed();
    if let Some(last) = last {
        select = select.filter(sessions::id.gt(last.to_string()));
    }
    let mut found = Vec::new();
    for record in select.limit(limit).load(connection).await? {
        found.push(stored(connection, record.try_into()?).await?);
    }
    Ok(found)
}

async fn stored(connection: &mut Connection, row: SessionRow) -> Answer<Stored> {
    let (session, id) = (row.id, row.id.to_string());
    let log = steps::table.filter(steps::session_id.eq(&id)).order(steps::revision.asc());
    let log: Vec<StepRecord> = log.select(StepRecord::as_select()).load(connection).await?;
    let known = charges::table.filter(charges::session_id.eq(&id)).select(ChargeRecord::as_select());
    let charges = day_charges(&known.load(connection).await?)?;
    let artifact = artifacts::table.find(&id).select(artifacts::body);
    let artifact = artifact.first::<String>(connection).await.optional()?;
    let events = events::table.filter(events::session_id.eq(&id));
    let events: Vec<i64> = events.select(events::seq).order(events::seq.asc()).load(connection).await?;
    Ok(Stored {
        steps: log.into_iter().map(|record| record.into_step(session)).collect(),
        row,
        charges,
        artifact,
        events,
    })
}

/// A real write, so that a full disk or one that takes no writes is seen.
pub(in crate::store) async fn ping(connection: &mut Connection, now: Timestamp) -> Answer<()> {
    diesel::update(engine::table).set(engine::pulse.eq(now.0)).execute(connection).await?;
    Ok(())
}
