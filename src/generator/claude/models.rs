//! Which models a server has, and whether those that are set are among them. Pure; the client asks.

use std::collections::HashMap;

use serde::Deserialize;

use super::ClaudeError;

/// One line of `GET /v1/models`, as far as servers agree on it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ModelInfo {
    pub id: String,
    /// Tokens that one answer may have, where the server says so.
    #[serde(default)]
    pub max_tokens: Option<u32>,
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
pub fn standing(wanted: &[&str], listed: Result<Vec<ModelInfo>, ClaudeError>) -> Standing {
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
        None => Standing::Good,
        Some(model) => {
            Standing::Missing { model: (*model).to_owned(), known: listed.into_iter().map(|info| info.id).collect() }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
