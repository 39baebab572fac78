//! Why an app did not come to life.

use std::time::Duration;

use super::super::SandboxError;
use crate::types::{Category, Failure, Port};

/// The step that failed, with what a person or a repair needs to mend it. `output` is the end of what the app or its
/// build printed, at most 4096 bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeployFailure {
    #[error("the files could not be put into the sandbox")]
    Upload(#[source] SandboxError),
    /// The build ended with another code than 0; `None`: it took too long and was stopped.
    #[error("the build failed with {exit:?}")]
    Build { exit: Option<i32>, output: String },
    /// The app ended before it was proven alive.
    #[error("the app ended with {exit}")]
    Start { exit: i32, output: String },
    #[error("nothing listens on port {port} after {} ms", waited.as_millis())]
    NotListening { port: Port, waited: Duration, output: String },
    /// The app answers, but not what it should.
    #[error("check {name:?} expected {expected}, got {got}")]
    Check {
        name: String,
        expected: String,
        got: String,
        /// The status and the beginning of the body, where there was an answer.
        answered: Option<Box<(u16, String)>>,
        output: String,
    },
    /// The sandbox or its host failed: the app may be fine.
    #[error("the sandbox failed under the deployment")]
    Sandbox(#[source] SandboxError),
}

impl From<&DeployFailure> for Failure {
    fn from(failure: &DeployFailure) -> Self {
        // What the code does wrong is nobody's who asked for it; what it printed helps whoever looks at it.
        match failure {
            DeployFailure::Upload(error) | DeployFailure::Sandbox(error) => Self::from(error),
            DeployFailure::Build { exit: Some(exit), output } => Self::new(
                "build_failed",
                Category::System,
                said(format!("The app's build failed with exit code {exit}"), output),
            ),
            DeployFailure::Build { exit: None, output } => Self::new(
                "build_timeout",
                Category::System,
                said("The app's build took too long and was stopped".to_owned(), output),
            ),
            DeployFailure::Start { exit, output } => Self::new(
                "app_crashed",
                Category::System,
                said(format!("The app ended with exit code {exit} before it was live"), output),
            ),
            DeployFailure::NotListening { port, waited, output } => Self::new(
                "app_not_listening",
                Category::System,
                said(format!("The app runs but does not listen on port {port} after {} s", waited.as_secs()), output),
            ),
            DeployFailure::Check { name, expected, got, .. } => Self::new(
                "app_check_failed",
                Category::System,
                format!("The app answers, but its check {name:?} failed: expected {expected}, got {got}."),
            ),
        }
    }
}

impl From<DeployFailure> for Failure {
    fn from(failure: DeployFailure) -> Self {
        Self::from(&failure)
    }
}

/// The last lines are where the error stands, but for those that only tell how it was come to.
fn said(sentence: String, output: &str) -> String {
    const LINES: usize = 5;
    let tells = |line: &&str| {
        let line = line.trim();
        !(line.is_empty() || line.starts_with("at ") || line.starts_with("Node.js v") || matches!(line, "{" | "}"))
    };
    let lines: Vec<_> = output.lines().rev().filter(tells).take(LINES).collect();
    if lines.is_empty() {
        return format!("{sentence}. It printed nothing.");
    }
    let lines: Vec<_> = lines.into_iter().rev().collect();
    format!("{sentence}. Its last words: {}", lines.join(" | "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_shows_the_last_words() {
        let failure = DeployFailure::Start { exit: 1, output: "a\nb\n\nError: no module\n".to_owned() };
        let shown = Failure::from(&failure);
        assert_eq!(shown.code, "app_crashed");
        assert!(shown.message.ends_with("a | b | Error: no module"), "{}", shown.message);
    }

    #[test]
    fn a_failure_of_the_sandbox_is_not_blamed_on_the_app() {
        let failure = DeployFailure::Sandbox(SandboxError::Cut { doing: "testing", cause: "reset".into() });
        let shown = Failure::from(failure);
        assert_eq!((shown.code.as_ref(), shown.retryable), ("sandbox_unavailable", true));
    }
}
