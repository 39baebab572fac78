//! Whether Claude writes the apps, and as whom it is asked.

use std::{path::Path, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use tokio_util::task::AbortOnDropHandle;
use tracing::{info, warn};

use super::{StartError, error::PriceFileError};
use crate::{
    cli::Settings,
    generator::{
        GeneratorConfig, Generators, Runtimes,
        author::Author,
        claude::{Auth, Catalog, ClaudeConfig, ClaudeError, Client, Standing},
    },
    host::{self, Host},
    http::ClaudeHealth,
    types::Failure,
};

/// How often Claude is asked how things stand; it costs nothing.
const WATCH_EVERY: Duration = Duration::from_secs(60);
const SET_ANOTHER: &str = "set SPAWNAI_CLAUDE_MODEL or SPAWNAI_CLAUDE_SECOND_MODEL to another one";

/// The watch over Claude.
pub(super) struct Watch {
    pub health: ClaudeHealth,
    pub task: AbortOnDropHandle<()>,
}

/// The generators; Claude among them when there is a key. Says in the log how Claude stands as soon as that is known, and
/// whenever it changes.
pub(super) fn generators(settings: &Settings, host: Option<&Host>) -> Result<(Generators, Option<Watch>), StartError> {
    // The cloud's base template has both.
    let near = host.is_some();
    let runtimes = Runtimes { node: !near || host::offers("node"), python: !near || host::offers("python3") };
    let generators =
        Generators::new(GeneratorConfig { fallback: settings.claude_fallback, internet: settings.internet }, runtimes);
    let Some(config) = config(settings) else { return Ok((generators, None)) };
    let config = match &settings.claude_prices {
        Some(path) => ClaudeConfig { catalog: prices(path)?, ..config },
        None => config,
    };
    for model in [&config.model].into_iter().chain(&config.second) {
        config.model(model).map_err(StartError::Model)?;
    }
    let client = Client::new(config);
    // Until it is known, nothing speaks against it.
    let health = ClaudeHealth::new(ArcSwap::from_pointee(Ok(None)));
    let task = AbortOnDropHandle::new(actix_rt::spawn(watch(client.clone(), health.clone())));
    Ok((generators.with_author(Author::new(client)), Some(Watch { health, task })))
}

/// `None` without a key.
fn config(settings: &Settings) -> Option<ClaudeConfig> {
    let key = settings.anthropic_api_key.clone().map(Auth::Key);
    let usual = ClaudeConfig::new(key.or_else(|| settings.anthropic_auth_token.clone().map(Auth::Token))?);
    let second = match settings.claude_second_model.as_deref() {
        Some("none") => None,
        Some(second) => Some(second.to_owned()),
        None => usual.second,
    };
    let base_url = settings.anthropic_base_url.as_deref().unwrap_or(ClaudeConfig::BASE_URL);
    Some(ClaudeConfig {
        base_url: base_url.trim_end_matches('/').to_owned(),
        version: settings.claude_version.clone().unwrap_or(usual.version),
        model: settings.claude_model.clone().unwrap_or(usual.model),
        second,
        ..usual
    })
}

fn prices(path: &Path) -> Result<Catalog, PriceFileError> {
    let shown = || path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|source| PriceFileError::Unreadable { path: shown(), source })?;
    Catalog::from_toml(&text).map_err(|source| PriceFileError::Invalid { path: shown(), source })
}

async fn watch(client: Client, health: ClaudeHealth) {
    let mut known = None;
    loop {
        let standing = client.check().await;
        if known.as_ref() != Some(&standing) {
            health.store(Arc::new(usable(&standing)));
            say(&standing);
            known = Some(standing);
        }
        actix_rt::time::sleep(WATCH_EVERY).await;
    }
}

/// What there is to remark, or why it cannot be used.
fn usable(standing: &Standing) -> Result<Option<String>, String> {
    match standing {
        Standing::Good | Standing::Unlisted => Ok(None),
        Standing::Retiring { model, on, gone: false } => Ok(Some(format!("{model} retires on {on}; {SET_ANOTHER}"))),
        Standing::Retiring { model, on, gone: true } => Err(format!("{model} retired on {on}; {SET_ANOTHER}")),
        Standing::Missing { model, known } => {
            let error = ClaudeError::UnknownModel { model: model.clone(), known: known.clone() };
            Err(Failure::from(&error).message)
        }
        Standing::Down(error) => Err(Failure::from(error).message),
    }
}

fn say(standing: &Standing) {
    match standing {
        Standing::Good => info!("Claude takes the key and has the models"),
        Standing::Retiring { model, on, gone: false } => {
            warn!(model, on, "a model of Claude retires soon; {SET_ANOTHER}")
        }
        Standing::Retiring { model, on, gone: true } => {
            warn!(model, on, "a model of Claude has retired; {SET_ANOTHER}")
        }
        Standing::Unlisted => info!("Claude's server lists no models; the first request will tell"),
        Standing::Missing { model, known } => {
            warn!(
                model,
                known = known.join(", "),
                "Claude's server has no such model; set SPAWNAI_CLAUDE_MODEL or SPAWNAI_CLAUDE_SECOND_MODEL"
            );
        }
        Standing::Down(error) => warn!(error = %Failure::from(error), "Claude cannot be used"),
    }
}
