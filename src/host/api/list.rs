//! Lists of sandboxes: what is asked for is read and applied here. Pure but for the two calls.

use std::{cmp::Ordering, collections::BTreeMap, sync::Arc};

use actix_web::{HttpRequest, HttpResponse};

use super::{Refusal, Shared, models::Shown};
use crate::{
    host::{lifecycle::State, sandbox::Sandbox},
    types::Timestamp,
};

/// Sandboxes or snapshots on one page of a list.
pub(super) const PAGE_MAX: usize = 100;

/// `GET /sandboxes`: those that run, all at once.
pub fn v1(shared: &Shared, request: &HttpRequest) -> Result<HttpResponse, Refusal> {
    let query = Query { states: States { running: true, paused: false }, ..Query::of(request.query_string())? };
    let shown: Vec<_> = query.select(shared.sandboxes.all()).iter().map(|s| Shown::listed(shared, s)).collect();
    Ok(HttpResponse::Ok().json(shown))
}

/// `GET /v2/sandboxes`: those that run or are paused, page by page.
pub fn v2(shared: &Shared, request: &HttpRequest) -> Result<HttpResponse, Refusal> {
    let query = Query::of(request.query_string())?;
    let all = shared.sandboxes.all();
    let running = all.iter().filter(|sandbox| sandbox.state().is_running()).count();
    let mut page = query.select(all);
    let more = page.len() > query.limit;
    page.truncate(query.limit);
    let mut response = HttpResponse::Ok();
    response.insert_header(("X-Total-Running", running));
    if let Some(last) = page.last().filter(|_| more) {
        response.insert_header(("X-Next-Token", cursor(last.started_at, last.id.as_str())));
    }
    Ok(response.json(page.iter().map(|sandbox| Shown::listed(shared, sandbox)).collect::<Vec<_>>()))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct States {
    running: bool,
    paused: bool,
}

/// By the time of start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    NewestFirst,
    OldestFirst,
}

/// What a list is asked for.
#[derive(Debug, PartialEq, Eq)]
struct Query {
    metadata: BTreeMap<String, String>,
    states: States,
    order: Order,
    /// Starts before this are left out.
    started_after: Option<Timestamp>,
    template: Option<String>,
    limit: usize,
    /// The last sandbox of the page before.
    after: Option<(Timestamp, String)>,
}

impl Query {
    fn of(query: &str) -> Result<Self, Refusal> {
        let mut parsed = Self {
            metadata: BTreeMap::new(),
            states: States { running: true, paused: true },
            order: Order::NewestFirst,
            started_after: None,
            template: None,
            limit: PAGE_MAX,
            after: None,
        };
        let mut states = Vec::new();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "metadata" => parsed.metadata = metadata(&value),
                "state" => states.extend(value.split(',').filter(|state| !state.is_empty()).map(str::to_owned)),
                "order" => parsed.order = order(&value)?,
                "startedAfter" => parsed.started_after = Some(instant(&value)?),
                "template" => parsed.template = Some(value.into_owned()),
                "limit" => {
                    let limit = value.parse().ok().filter(|limit| (1..=PAGE_MAX).contains(limit));
                    parsed.limit = limit.ok_or_else(|| Refusal::new(400, format!("limit is 1 to {PAGE_MAX}")))?;
                }
                "nextToken" if !value.is_empty() => {
                    let after = read_cursor(&value).ok_or_else(|| Refusal::new(400, "nextToken is not one of ours"))?;
                    parsed.after = Some(after);
                }
                _ => {}
            }
        }
        if !states.is_empty() {
            let asked = |name: &str| states.iter().any(|state| state == name);
            parsed.states = States { running: asked("running"), paused: asked("paused") };
            if states.iter().any(|state| state != "running" && state != "paused") {
                return Err(Refusal::new(400, "state is running, paused, or both with a comma"));
            }
        }
        Ok(parsed)
    }

    /// In the order that is asked for; all from `after` on.
    fn select(&self, mut sandboxes: Vec<Arc<Sandbox>>) -> Vec<Arc<Sandbox>> {
        sandboxes.retain(|sandbox| {
            let state = match sandbox.state() {
                State::Running { .. } => self.states.running,
                State::Paused { .. } => self.states.paused,
                State::Gone => false,
            };
            let request = &sandbox.request;
            state
                && self.metadata.iter().all(|(key, value)| request.metadata.get(key) == Some(value))
                && self.template.as_ref().is_none_or(|template| *template == request.template)
                && self.started_after.is_none_or(|earliest| sandbox.started_at >= earliest)
                && self.after.as_ref().is_none_or(|(started_at, id)| {
                    self.compare((sandbox.started_at, sandbox.id.as_str()), (*started_at, id)) == Ordering::Greater
                })
        });
        sandboxes.sort_unstable_by(|a, b| self.compare((a.started_at, a.id.as_str()), (b.started_at, b.id.as_str())));
        sandboxes
    }

    /// Which of two comes first. No two are the same: ids differ.
    fn compare(&self, one: (Timestamp, &str), other: (Timestamp, &str)) -> Ordering {
        match self.order {
            Order::NewestFirst => other.cmp(&one),
            Order::OldestFirst => one.cmp(&other),
        }
    }
}

fn order(value: &str) -> Result<Order, Refusal> {
    match value {
        "desc" => Ok(Order::NewestFirst),
        "asc" => Ok(Order::OldestFirst),
        _ => Err(Refusal::new(400, "order is asc or desc")),
    }
}

/// A time of the query. Rounded down to the milliseconds that a start is told with, so that a sandbox's own start,
/// asked for, finds it. A `+` that was not encoded arrives as a space.
fn instant(value: &str) -> Result<Timestamp, Refusal> {
    let parsed: Result<jiff::Timestamp, _> = value.replace(' ', "+").parse();
    parsed
        .map(|time| Timestamp(time.as_millisecond()))
        .map_err(|_| Refusal::new(400, "startedAfter is a time such as 2026-01-31T12:00:00Z"))
}

/// The value is a query of its own, whose names and values are encoded once more.
fn metadata(query: &str) -> BTreeMap<String, String> {
    let decode = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    url::form_urlencoded::parse(query.as_bytes()).map(|(name, value)| (decode(&name), decode(&value))).collect()
}

/// Plain letters and digits, so that it survives whatever carries it.
pub(super) fn cursor(started_at: Timestamp, id: &str) -> String {
    format!("{}-{id}", started_at.0)
}

pub(super) fn read_cursor(token: &str) -> Option<(Timestamp, String)> {
    let (started_at, id) = token.split_once('-')?;
    Some((Timestamp(started_at.parse().ok()?), id.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_decoded_however_often_it_was_encoded() {
        for app in ["my%252Fapp%252B", "my%25252Fapp%25252B"] {
            let query = Query::of(&format!("metadata=app%3D{app}%26env%3Dtest")).unwrap();
            let expected = [("app", "my/app+"), ("env", "test")].map(|(k, v)| (k.to_owned(), v.to_owned()));
            assert_eq!(query.metadata, BTreeMap::from(expected));
        }
    }

    #[test]
    fn states_orders_and_times_are_read_and_nonsense_is_refused() {
        let states = |query: &str| Query::of(query).unwrap().states;
        let both = States { running: true, paused: true };
        assert_eq!(
            (states(""), states("state=running%2Cpaused"), states("state=running&state=paused")),
            (both, both, both)
        );
        assert_eq!(states("state=paused"), States { running: false, paused: true });
        let query =
            Query::of("order=asc&limit=5&template=base&startedAfter=2023-11-14T22:13:20.123456%2B00:00").unwrap();
        assert_eq!((query.order, query.limit, query.template.as_deref()), (Order::OldestFirst, 5, Some("base")));
        assert_eq!(query.started_after, Some(Timestamp(1_700_000_000_123)));
        let unencoded = Query::of("startedAfter=2023-11-14T22:13:20.123+00:00").unwrap();
        assert_eq!(unencoded.started_after, Some(Timestamp(1_700_000_000_123)));
        for nonsense in ["order=up", "startedAfter=yesterday", "state=asleep"] {
            assert_eq!(Query::of(nonsense).unwrap_err().code, 400, "{nonsense}");
        }
    }

    #[test]
    fn cursors_read_back_and_others_are_refused() {
        let token = cursor(Timestamp(5), "abc");
        assert_eq!(read_cursor(&token), Some((Timestamp(5), "abc".to_owned())));
        assert_eq!(Query::of("nextToken=%00").unwrap_err().code, 400);
        assert_eq!(Query::of("limit=0").unwrap_err().code, 400);
    }
}
