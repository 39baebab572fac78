//! Between the house's types and the columns of the tables.

use std::{collections::BTreeMap, fmt::Display, str::FromStr};

use diesel::prelude::*;

use super::{
    ChargeRow, Day, EventRow, SessionRow, StoreError,
    days::Portion,
    schema::{charges, events, sessions, steps},
    steps::{DayCharge, Step},
};
use crate::types::{MicroUsd, SessionId, Timestamp};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions, treat_none_as_default_value = false)]
pub(super) struct SessionRecord {
    id: String,
    user_id: String,
    slug: String,
    status: String,
    prompt: String,
    app_type: String,
    revision: i64,
    created_at: i64,
    expires_at: Option<i64>,
    is_over: bool,
    budget: i64,
    state: String,
    view: String,
}

/// The columns that a step may change; the others are a session's identity.
#[derive(AsChangeset)]
#[diesel(table_name = sessions, treat_none_as_null = true)]
pub(super) struct SessionChange {
    status: &'static str,
    revision: i64,
    expires_at: Option<i64>,
    is_over: bool,
    budget: i64,
    state: String,
    view: String,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = events)]
pub(super) struct EventRecord {
    session_id: String,
    seq: i64,
    at: i64,
    kind: String,
    body: String,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = charges)]
pub(super) struct ChargeRecord {
    pub session_id: String,
    pub kind: String,
    pub source: String,
    pub day: i64,
    pub user_id: String,
    pub amount: i64,
    pub quantity: i64,
    pub at: i64,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = steps)]
pub(super) struct StepRecord {
    session_id: String,
    revision: i64,
    at: i64,
    mark: i64,
    body: String,
}

impl StepRecord {
    pub(super) fn into_step(self, session: SessionId) -> Step {
        let Self { session_id: _, revision, at, mark, body } = self;
        Step { session, revision, at: Timestamp(at), mark, body }
    }
}

impl From<Step> for StepRecord {
    fn from(step: Step) -> Self {
        let Step { session, revision, at, mark, body } = step;
        Self { session_id: session.to_string(), revision, at: at.0, mark, body }
    }
}

impl From<SessionRow> for SessionRecord {
    fn from(row: SessionRow) -> Self {
        Self {
            id: row.id.to_string(),
            user_id: row.user.into(),
            slug: row.slug.into(),
            status: row.status.as_str().to_owned(),
            prompt: row.prompt,
            app_type: row.app_type.as_str().to_owned(),
            revision: row.revision,
            created_at: row.created_at.0,
            expires_at: row.expires_at.map(|time| time.0),
            is_over: row.over,
            budget: row.budget.0,
            state: row.state,
            view: row.view,
        }
    }
}

impl TryFrom<SessionRecord> for SessionRow {
    type Error = StoreError;

    fn try_from(record: SessionRecord) -> Result<Self, StoreError> {
        let id = record.id;
        Ok(Self {
            id: read("sessions", &id, &id)?,
            user: read("sessions", &id, &record.user_id)?,
            slug: read("sessions", &id, &record.slug)?,
            status: read("sessions", &id, &record.status)?,
            app_type: read("sessions", &id, &record.app_type)?,
            prompt: record.prompt,
            revision: record.revision,
            created_at: Timestamp(record.created_at),
            expires_at: record.expires_at.map(Timestamp),
            over: record.is_over,
            budget: MicroUsd(record.budget),
            state: record.state,
            view: record.view,
        })
    }
}

impl From<SessionRow> for SessionChange {
    fn from(row: SessionRow) -> Self {
        Self {
            status: row.status.as_str(),
            revision: row.revision,
            expires_at: row.expires_at.map(|time| time.0),
            is_over: row.over,
            budget: row.budget.0,
            state: row.state,
            view: row.view,
        }
    }
}

impl From<EventRow> for EventRecord {
    fn from(row: EventRow) -> Self {
        Self { session_id: row.session.to_string(), seq: row.seq, at: row.at.0, kind: row.kind, body: row.body }
    }
}

impl EventRecord {
    pub(super) fn into_row(self, session: SessionId) -> EventRow {
        EventRow { session, seq: self.seq, at: Timestamp(self.at), kind: self.kind, body: self.body }
    }
}

impl ChargeRecord {
    pub(super) fn new(row: &ChargeRow, session_id: &str, day: Day, portion: Portion) -> Self {
        Self {
            session_id: session_id.to_owned(),
            kind: row.kind.as_str().to_owned(),
            source: row.source.clone(),
            day: day.0,
            user_id: row.user.to_string(),
            amount: portion.amount.0,
            quantity: portion.quantity,
            at: row.at.0,
        }
    }
}

/// The totals of each key, its days added up, in the order of session, kind and source.
pub(super) fn totals(records: Vec<ChargeRecord>) -> Result<Vec<ChargeRow>, StoreError> {
    let mut totals = BTreeMap::<(String, String, String), ChargeRow>::new();
    for record in records {
        let row = charge_row(&record)?;
        totals
            .entry((record.session_id, record.kind, record.source))
            .and_modify(|total| {
                total.amount += row.amount;
                total.quantity = total.quantity.saturating_add(row.quantity);
                total.at = total.at.max(row.at);
            })
            .or_insert(row);
    }
    Ok(totals.into_values().collect())
}

/// The rows of the table, day by day.
pub(super) fn day_charges(records: &[ChargeRecord]) -> Result<Vec<DayCharge>, StoreError> {
    records.iter().map(|record| Ok(DayCharge { row: charge_row(record)?, day: record.day })).collect()
}

fn charge_row(record: &ChargeRecord) -> Result<ChargeRow, StoreError> {
    let id = &record.session_id;
    Ok(ChargeRow {
        session: read("charges", id, id)?,
        user: read("charges", id, &record.user_id)?,
        kind: read("charges", id, &record.kind)?,
        source: record.source.clone(),
        amount: MicroUsd(record.amount),
        quantity: record.quantity,
        at: Timestamp(record.at),
    })
}

/// A value from its column. `table` and `session` say in the error where the bad one stands.
pub(super) fn read<T>(table: &'static str, session: &str, text: &str) -> Result<T, StoreError>
where
    T: FromStr,
    T::Err: Display,
{
    text.parse().map_err(|error: T::Err| StoreError::Unreadable {
        table,
        session: session.to_owned(),
        reason: error.to_string(),
    })
}
