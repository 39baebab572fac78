//! Who is asked next, after what went wrong. Pure.

use crate::{
    generator::{
        claude::{ClaudeConfig, ClaudeError},
        prompting::{Template, TooLittle},
        writing::NoApp,
    },
    types::{Category, Failure},
};

/// One way to ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    pub model: String,
    pub template: Template,
}

/// Why an attempt brought no app.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    #[error(transparent)]
    Claude(#[from] ClaudeError),
    #[error(transparent)]
    NoApp(#[from] NoApp),
    #[error(transparent)]
    TooLittle(#[from] TooLittle),
    /// Nobody knows what the model costs.
    #[error("{0}")]
    Unpriced(String),
}

/// How it begins.
#[must_use]
pub fn first(config: &ClaudeConfig) -> Attempt {
    Attempt { model: config.model.clone(), template: Template::Full }
}

/// What to try after `failed` went wrong with `error`; `None` when nobody there can do better. Each attempt is made once at
/// most: simpler words for the same model, then the second model.
#[must_use]
pub fn next(config: &ClaudeConfig, failed: &Attempt, error: &WriteError) -> Option<Attempt> {
    let second = || {
        let second = config.second.as_ref().filter(|second| **second != failed.model)?;
        Some(Attempt { model: second.clone(), template: failed.template })
    };
    // The second model is the last there is.
    if failed.model != config.model {
        return None;
    }
    match error {
        WriteError::Claude(error) if error.is_the_models() => second(),
        WriteError::Claude(_) => None,
        // A refusal of what is harmless is that model's own; other words to the same one would be coaxing.
        WriteError::NoApp(no_app) if !no_app.is_worth_another_try() => second(),
        WriteError::NoApp(_) => match failed.template {
            Template::Full => Some(Attempt { template: Template::Simple, ..failed.clone() }),
            Template::Simple => second(),
        },
        // It may be cheaper, or known.
        WriteError::TooLittle(_) | WriteError::Unpriced(_) => second(),
    }
}

/// Whether a template is better than nothing now. What only a person can put right is told instead: a wrong key, a wrong
/// model, a wrong address; and so is what the model will not write.
#[must_use]
pub const fn may_fall_back(error: &WriteError) -> bool {
    match error {
        WriteError::Claude(error) => match error {
            ClaudeError::Unauthorized { .. }
            | ClaudeError::Forbidden { .. }
            | ClaudeError::UnknownModel { .. }
            | ClaudeError::NotApi { .. }
            | ClaudeError::Unframed => false,
            ClaudeError::SpendLimit { .. }
            | ClaudeError::Refused { .. }
            | ClaudeError::RateLimited { .. }
            | ClaudeError::Overloaded { .. }
            | ClaudeError::Server { .. }
            | ClaudeError::Unreachable { .. }
            | ClaudeError::Cut { .. }
            | ClaudeError::Silent(_)
            | ClaudeError::TooSlow(_)
            | ClaudeError::Protocol { .. }
            | ClaudeError::TooMuch { .. }
            | ClaudeError::Resting(_) => true,
        },
        WriteError::NoApp(no_app) => no_app.is_worth_another_try(),
        WriteError::TooLittle(_) => true,
        WriteError::Unpriced(_) => false,
    }
}

impl From<&WriteError> for Failure {
    fn from(error: &WriteError) -> Self {
        match error {
            WriteError::Claude(error) => Self::from(error),
            WriteError::NoApp(no_app) => Self::from(no_app),
            WriteError::TooLittle(TooLittle { left, needed }) => Self::new(
                "claude_over_budget",
                Category::Resource,
                format!(
                    "The session's budget has {left} left, and an answer of Claude may cost {needed}. Raise the budget."
                ),
            ),
            WriteError::Unpriced(why) => Self::new("claude_unpriced_model", Category::Resource, why.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        generator::claude::Auth,
        types::{MicroUsd, Secret},
    };

    fn config() -> ClaudeConfig {
        ClaudeConfig::new(Auth::Key(Secret::new("k".to_owned())))
    }

    fn path(error: &WriteError) -> Vec<(String, Template)> {
        let config = config();
        let mut path = vec![first(&config)];
        while let Some(next) = next(&config, &path[path.len() - 1], error) {
            assert!(!path.contains(&next), "{path:?} again");
            path.push(next);
        }
        path.into_iter().map(|attempt| (attempt.model, attempt.template)).collect()
    }

    #[test]
    fn what_was_wrong_decides_who_is_asked_next() {
        let (one, two) = (ClaudeConfig::MODEL.to_owned(), ClaudeConfig::SECOND.to_owned());
        let no_app = path(&NoApp::Empty.into());
        assert_eq!(
            no_app,
            [(one.clone(), Template::Full), (one.clone(), Template::Simple), (two.clone(), Template::Simple)]
        );
        let overloaded = path(&ClaudeError::Overloaded { message: String::new() }.into());
        assert_eq!(overloaded, [(one.clone(), Template::Full), (two.clone(), Template::Full)]);
        let too_much = path(&ClaudeError::TooMuch { detail: String::new() }.into());
        assert_eq!(too_much, overloaded, "the same model would do it again");
        let refused = path(&NoApp::Refused { category: None }.into());
        assert_eq!(refused, [(one.clone(), Template::Full), (two.clone(), Template::Full)], "refused for good by both");
        let little = TooLittle { left: MicroUsd(1), needed: MicroUsd(2) };
        assert_eq!(path(&little.into()).len(), 2, "the second one is cheaper");
        for hopeless in [
            ClaudeError::Unauthorized { message: String::new() }.into(),
            ClaudeError::SpendLimit { message: String::new() }.into(),
            ClaudeError::Unreachable { address: String::new(), cause: String::new() }.into(),
            ClaudeError::TooSlow(std::time::Duration::ZERO).into(),
        ] {
            assert_eq!(path(&hopeless), [(one.clone(), Template::Full)], "{hopeless}");
        }
    }
}
