//! Why an answer is no app.

use crate::{
    generator::answer::AnswerError,
    types::{Category, Failure},
};

/// Characters of a model's own words that are shown.
const EXCERPT_MAX: usize = 160;

/// An answer that came, and is of no use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoApp {
    /// The model will not write this; with the server's category, when it gives one.
    #[error("the model refused ({})", category.as_deref().unwrap_or("no category"))]
    Refused { category: Option<String> },
    #[error("the answer is empty")]
    Empty,
    /// It has words, and no files.
    #[error("the answer has no files, only words: {excerpt:?}")]
    ProseOnly { excerpt: String },
    /// Its tags do not have this request's nonce.
    #[error("the answer's tags have the wrong nonce")]
    WrongNonce,
    #[error("the answer was refused")]
    Hostile(#[from] AnswerError),
    /// It was still not whole after all that may be asked again.
    #[error("the answer was cut off {times} times")]
    CutTooOften { times: u32 },
    /// There are files, and none of them can be started.
    #[error("none of the {files} files can be started")]
    NothingToStart { files: usize },
}

impl NoApp {
    /// Whether other words, or another model, may do better.
    #[must_use]
    pub const fn is_worth_another_try(&self) -> bool {
        match self {
            Self::Refused { .. } => false,
            Self::Empty
            | Self::ProseOnly { .. }
            | Self::WrongNonce
            | Self::Hostile(_)
            | Self::CutTooOften { .. }
            | Self::NothingToStart { .. } => true,
        }
    }

    /// Stable, for logs and clients.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Refused { .. } => "claude_refused",
            Self::Empty => "claude_empty_answer",
            Self::ProseOnly { .. } => "claude_no_files",
            Self::WrongNonce => "claude_wrong_nonce",
            Self::Hostile(_) => "claude_bad_answer",
            Self::CutTooOften { .. } => "claude_answer_cut",
            Self::NothingToStart { .. } => "claude_nothing_to_start",
        }
    }

    pub(super) fn prose(prose: &str) -> Self {
        let excerpt: String = prose.chars().take(EXCERPT_MAX).collect();
        Self::ProseOnly { excerpt }
    }
}

impl From<&NoApp> for Failure {
    fn from(no_app: &NoApp) -> Self {
        let (category, sentence) = match no_app {
            NoApp::Refused { category } => {
                let why = category.as_deref().map(|category| format!(" ({category})")).unwrap_or_default();
                (
                    Category::User,
                    format!("Claude will not write this app{why}. Ask for something else, or say it otherwise."),
                )
            }
            NoApp::Empty => (Category::Api, "Claude's answer was empty. Try again.".to_owned()),
            NoApp::ProseOnly { excerpt } => {
                (Category::Api, format!("Claude wrote no files, but: “{excerpt}”. Say more plainly what to build."))
            }
            NoApp::WrongNonce => {
                (Category::Api, "Claude's answer does not belong to this request. Try again.".to_owned())
            }
            NoApp::Hostile(error) => (Category::Api, format!("Claude's answer was stopped: {error}. Try again.")),
            NoApp::CutTooOften { .. } => {
                (Category::Api, "Claude's answer was cut off again and again. Ask for a smaller app.".to_owned())
            }
            NoApp::NothingToStart { .. } => {
                (Category::Api, "Claude wrote files, but none that can be started. Try again.".to_owned())
            }
        };
        let failure = Self::new(no_app.code(), category, sentence);
        if no_app.is_worth_another_try() { failure.retryable() } else { failure }
    }
}
