//! `GET /api/usage`: what was spent, by whom and on what.

use std::{collections::BTreeMap, time::Duration};

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::{Api, ApiError, sessions::query};
use crate::{
    ledger::UsageQuery,
    types::{MicroUsd, Timestamp},
};

/// The span when none is asked for.
const SPAN: Duration = Duration::from_secs(30 * 24 * 3600);

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UsageParams {
    /// RFC 3339 time or date; 30 days before `to` when absent.
    from: Option<String>,
    /// RFC 3339 time or date, exclusive; now when absent.
    to: Option<String>,
    /// Only this user.
    user_id: Option<String>,
}

#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UsageResponse {
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    to: Timestamp,
    /// Dollars.
    total: f64,
    users: Vec<UserUsage>,
}

#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserUsage {
    user_id: String,
    total: f64,
    kinds: Vec<KindUsage>,
}

#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct KindUsage {
    kind: &'static str,
    cost: f64,
    quantity: i64,
    unit: &'static str,
    sessions: i64,
}

#[utoipa::path(get, path = "/api/usage", tag = "usage", params(UsageParams), responses(
    (status = 200, description = "Totals by user and kind of cost; whole UTC days are exact", body = UsageResponse),
    (status = 400, description = "A parameter cannot be used", body = super::openapi::ErrorBody),
))]
pub(super) async fn usage(api: web::Data<Api>, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let params: UsageParams = query(&request)?;
    let now = Timestamp::now();
    // The charge of this very moment is part of "until now".
    let to = time("to", params.to)?.unwrap_or(Timestamp(now.0 + 1));
    let from = time("from", params.from)?.unwrap_or(to - SPAN);
    if from >= to {
        return Err(ApiError::invalid("invalid_parameter", format!("from ({from}) is not before to ({to})")));
    }
    let user = params.user_id.map(|text| text.parse()).transpose();
    let user = user.map_err(|error| ApiError::invalid("invalid_parameter", format!("userId: {error}")))?;
    let rows =
        api.ledger.ask_again(UsageQuery { from, to, user }).await.map_err(|_| ApiError::unavailable("ledger"))??;
    let total: MicroUsd = rows.iter().map(|row| row.amount).sum();
    let mut users: BTreeMap<String, (MicroUsd, Vec<KindUsage>)> = BTreeMap::new();
    for row in rows {
        let (sum, kinds) = users.entry(row.user.into()).or_default();
        *sum += row.amount;
        let (cost, unit) = (row.amount.as_dollars(), row.kind.unit());
        kinds.push(KindUsage { kind: row.kind.as_str(), cost, quantity: row.quantity, unit, sessions: row.sessions });
    }
    let users = users.into_iter().map(|(user_id, (sum, kinds))| UserUsage { user_id, total: sum.as_dollars(), kinds });
    Ok(HttpResponse::Ok().json(UsageResponse { from, to, total: total.as_dollars(), users: users.collect() }))
}

fn time(name: &str, text: Option<String>) -> Result<Option<Timestamp>, ApiError> {
    let Some(text) = text else { return Ok(None) };
    // A plain date means its first moment, in UTC.
    let whole = if text.contains('T') { text.clone() } else { format!("{text}T00:00:00Z") };
    match whole.parse::<jiff::Timestamp>() {
        Ok(time) => Ok(Some(Timestamp(time.as_millisecond()))),
        Err(_) => {
            let message = format!("{name}: {text:?} is not a time like 2026-11-23 or 2026-11-23T02:46:00Z");
            Err(ApiError::invalid("invalid_parameter", message).detail("parameter", name))
        }
    }
}
