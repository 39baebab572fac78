//! Which models a server has, and whether those that are set are among them. Pure; the client asks.

use std::{collections::HashMap, time::Duration};

use serde::Deserialize;

use super::ClaudeError;
use crate::types::Timestamp;

/// How long before its end a model's retirement is told.
const TOLD_BEFORE: Duration = Duration::from_secs(60 * 24 * 3600);

/// One line of `GET /v1/models`, as far as servers agree on it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ModelInfo {
    pub id: String,
    /// Tokens that one answer may have, where the server says so.
    #[serde(default)]
    pub max_tokens: Option<u32>,
    /// When it stops answering, where the server says so: a day or a time of RFC 3339.
    #[serde(default)]
    pub retires_at: Option<String>,
}

impl ModelInfo {
    /// `None` when nothing is said that can be understood.
    fn retires(&self) -> Option<Timestamp> {
        let said = self.retires_at.as_deref()?;
        let whole = if said.contains('T') { said.to_owned() } else { format!("{said}T00:00:00Z") };
        whole.parse::<jiff::Timestamp>().ok().map(|time| Timestamp(time.as_millisecond()))
    }
}

#[derive(Deserialize)]
struct Page {
    data: Vec<ModelInfo>,
}

/// How the models that are set stand with the server: for the start, and for `/health`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The key is taken and all models are there.
    Good,
    /// The key is taken; the server lists no models, so only a request will tell.
    Unlisted,
    /// All is good, and this model retires soon, or has.
    Retiring { model: String, on: String, gone: bool },
    /// This model is not among `known`.
    Missing { model: String, known: Vec<String> },
    /// It cannot be used at all now.
    Down(ClaudeError),
}

pub(super) fn page(body: &[u8]) -> Result<Vec<ModelInfo>, ClaudeError> {
    let page: Page =
        serde_json::from_slice(body).map_err(|error| ClaudeError::Protocol { detail: error.to_string() })?;
    Ok(page.data)
}

/// Tokens that one answer of each of the wanted models may have, where the list says so.
pub(super) fn limits(wanted: &[&str], listed: &[ModelInfo]) -> HashMap<String, u32> {
    let limit = |wanted: &&str| {
        let exact = listed.iter().find(|info| info.id == **wanted);
        let info = exact.or_else(|| listed.iter().find(|info| info.id.starts_with(*wanted)))?;
        Some(((*wanted).to_owned(), info.max_tokens.filter(|max| *max > 0)?))
    };
    wanted.iter().filter_map(limit).collect()
}

/// Holds the models that are set against what the server said. An alias (`…-latest`) need not be listed: it is taken for
/// known when a listed model begins like it.
#[must_use]
pub fn standing(wanted: &[&str], listed: Result<Vec<ModelInfo>, ClaudeError>, now: Timestamp) -> Standing {
    let listed = match listed {
        Ok(listed) if listed.is_empty() => return Standing::Unlisted,
        Ok(listed) => listed,
        // Many compatible servers have no such call.
        Err(ClaudeError::NotApi { .. } | ClaudeError::Refused { .. } | ClaudeError::Protocol { .. }) => {
            return Standing::Unlisted;
        }
        Err(error) => return Standing::Down(error),
    };
    let stem = |wanted: &str| wanted.trim_end_matches("-latest").to_owned();
    let has = |wanted: &&&str| listed.iter().any(|info| info.id == **wanted || info.id.starts_with(&stem(wanted)));
    match wanted.iter().find(|wanted| !has(wanted)) {
        None => retiring(wanted, &listed, now).unwrap_or(Standing::Good),
        Some(model) => {
            Standing::Missing { model: (*model).to_owned(), known: listed.into_iter().map(|info| info.id).collect() }
        }
    }
}

/// The wanted model that retires first, if that is soon.
fn retiring(wanted: &[&str], listed: &[ModelInfo], now: Timestamp) -> Option<Standing> {
    let infos = wanted.iter().filter_map(|wanted| {
        let exact = listed.iter().find(|info| info.id == **wanted);
        exact.or_else(|| listed.iter().find(|info| info.id.starts_with(*wanted)))
    });
    let (at, info) = infos.filter_map(|info| Some((info.retires()?, info))).min_by_key(|(at, _)| *at)?;
    let on = info.retires_at.clone().unwrap_or_default();
    (at <= now + TOLD_BEFORE).then(|| Standing::Retiring { model: info.id.clone(), on, gone: at <= now })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_000_000_000);

    fn standing(wanted: &[&str], listed: Result<Vec<ModelInfo>, ClaudeError>) -> Standing {
        super::standing(wanted, listed, NOW)
    }

    #[test]
    fn a_model_that_retires_is_told_in_time() {
        let body =
            |on: &str| format!(r#"{{"data":[{{"id":"a","retires_at":"{on}"}},{{"id":"b","retires_at":null}}]}}"#);
        let told = |on: &str| standing(&["a", "b"], page(body(on).as_bytes()));
        let retiring = |on: &str, gone| Standing::Retiring { model: "a".to_owned(), on: on.to_owned(), gone };
        // It is the 18th of November 2026.
        assert_eq!(told("2026-12-24"), retiring("2026-12-24", false));
        assert_eq!(told("2026-11-01T00:00:00Z"), retiring("2026-11-01T00:00:00Z", true));
        assert_eq!((told("2027-06-01"), told("some day")), (Standing::Good, Standing::Good));
        assert_eq!(standing(&["b"], page(body("2026-11-01").as_bytes())), Standing::Good, "another model's end");
    }

    fn listed(ids: &[&str]) -> Result<Vec<ModelInfo>, ClaudeError> {
        let data: Vec<_> = ids.iter().map(|id| serde_json::json!({ "type": "model", "id": id })).collect();
        page(serde_json::json!({ "data": data, "has_more": false }).to_string().as_bytes())
    }

    #[test]
    fn a_missing_model_is_named_with_those_that_are_there() {
        let ids = ["claude-a-5-20261001", "claude-b-5"];
        assert_eq!(standing(&["claude-a-5", "claude-b-5"], listed(&ids)), Standing::Good);
        assert_eq!(standing(&["claude-b-5-latest"], listed(&ids)), Standing::Good);
        let known = ids.map(str::to_owned).to_vec();
        let missing = Standing::Missing { model: "claude-c".to_owned(), known };
        assert_eq!(standing(&["claude-b-5", "claude-c"], listed(&ids)), missing);
    }

    #[test]
    fn what_the_server_says_of_lengths_is_taken_for_the_models_that_are_set() {
        let body =
            r#"{"data":[{"id":"claude-a-5-20261001","max_tokens":8000},{"id":"claude-b"},{"id":"c","max_tokens":0}]}"#;
        let listed = page(body.as_bytes()).unwrap();
        let known = limits(&["claude-a-5", "claude-b", "c", "d"], &listed);
        assert_eq!(known, HashMap::from([("claude-a-5".to_owned(), 8000)]));
    }

    #[test]
    fn a_server_without_a_list_is_not_a_broken_one() {
        let page = ClaudeError::NotApi { status: 404, content_type: "text/html".to_owned() };
        assert_eq!(standing(&["m"], Err(page)), Standing::Unlisted);
        assert_eq!(standing(&["m"], listed(&[])), Standing::Unlisted);
        let key = ClaudeError::Unauthorized { message: "no".to_owned() };
        assert_eq!(standing(&["m"], Err(key.clone())), Standing::Down(key));
    }
}
