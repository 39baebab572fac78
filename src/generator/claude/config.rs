//! Which server is asked, with which key, for which models, and how patiently.

use std::time::Duration;

use super::{Catalog, Model, retry};
use crate::types::Secret;

/// The key, and how servers want it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Auth {
    /// `x-api-key`: Anthropic's own keys.
    Key(Secret),
    /// `Authorization: Bearer`: gateways and proxies.
    Token(Secret),
}

impl Auth {
    /// Name and value of the header.
    pub(super) fn header(&self) -> (&'static str, String) {
        match self {
            Self::Key(key) => ("x-api-key", key.expose().to_owned()),
            Self::Token(token) => ("authorization", format!("Bearer {}", token.expose())),
        }
    }

    pub(super) fn expose(&self) -> &str {
        match self {
            Self::Key(secret) | Self::Token(secret) => secret.expose(),
        }
    }
}

/// How long to wait for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// From the request to the head of the answer.
    pub head: Duration,
    /// From one piece of an answer to the next; a thinking model sends pings meanwhile.
    pub idle: Duration,
    /// For a whole answer, and for all answers that an app is made of.
    pub whole: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { head: Duration::from_secs(30), idle: Duration::from_secs(30), whole: Duration::from_secs(300) }
    }
}

/// Everything that a [`Client`](super::Client) needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaudeConfig {
    /// Without `/v1` and without a slash at its end.
    pub base_url: String,
    pub auth: Auth,
    /// The `anthropic-version` header. Compatible servers may know an older one only.
    pub version: String,
    /// The model that is asked first.
    pub model: String,
    /// The one that is asked when the first fails; `None` is none.
    pub second: Option<String>,
    pub catalog: Catalog,
    pub retries: retry::Policy,
    pub patience: Patience,
}

impl ClaudeConfig {
    pub const BASE_URL: &str = "https://api.anthropic.com";
    pub const VERSION: &str = "2026-10-21";
    pub const MODEL: &str = "claude-sonnet-5-5";
    pub const SECOND: &str = "claude-haiku-5-5";

    /// Anthropic's API with the usual models.
    #[must_use]
    pub fn new(auth: Auth) -> Self {
        Self {
            base_url: Self::BASE_URL.to_owned(),
            auth,
            version: Self::VERSION.to_owned(),
            model: Self::MODEL.to_owned(),
            second: Some(Self::SECOND.to_owned()),
            catalog: Catalog::default(),
            retries: retry::Policy::default(),
            patience: Patience::default(),
        }
    }

    /// What is known of a model. On a server of one's own an unlisted one is free.
    ///
    /// # Errors
    /// What to do about it, when Anthropic would charge for a model whose price is not known.
    pub fn model(&self, id: &str) -> Result<Model, String> {
        match self.catalog.model(id) {
            Some(model) => Ok(Model { id: id.to_owned(), ..model.clone() }),
            None if self.base_url == Self::BASE_URL => {
                let known = self.catalog.models.iter().map(|model| model.id.as_str()).collect::<Vec<_>>().join(", ");
                Err(format!(
                    "the price of the model {id:?} is not known, so it cannot be charged for: use one of {known}"
                ))
            }
            None => Ok(Model::unlisted(id)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_without_a_price_is_free_only_where_nobody_charges() {
        let secret = Secret::new("sk-key".to_owned());
        let config = ClaudeConfig::new(Auth::Key(secret.clone()));
        assert!(config.model("claude-new").unwrap_err().contains("claude-sonnet-5-5"));
        assert_eq!(config.model("claude-haiku-5-5-20261001").unwrap().id, "claude-haiku-5-5-20261001");
        let own = ClaudeConfig { base_url: "http://127.0.0.1:1".to_owned(), ..config.clone() };
        assert_eq!(own.model("llama"), Ok(Model::unlisted("llama")));
        assert!(!format!("{config:?}").contains("sk-key"));
        assert_eq!(Auth::Token(secret).header(), ("authorization", "Bearer sk-key".to_owned()));
    }
}
