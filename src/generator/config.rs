//! What a generator is asked, and what it may count on.

use super::{GeneratorError, assemble, author::Author};
use crate::types::{AppType, Artifact, Failure, Runtime};

/// One wish for an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// 1 to 2000 characters; the guard has seen to that. Any text is safe, longer text too.
    pub prompt: String,
    pub app_type: AppType,
    /// A name for the app; `None` takes one from the prompt.
    pub title: Option<String>,
}

/// What the machine that runs apps has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Runtimes {
    pub node: bool,
    pub python: bool,
}

impl Runtimes {
    #[must_use]
    pub const fn has(self, runtime: Runtime) -> bool {
        match runtime {
            Runtime::Node => self.node,
            Runtime::Python => self.python,
        }
    }
}

/// What is set up for generating.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GeneratorConfig {
    /// Whether the built-in generator serves when Claude could not.
    pub fallback: bool,
    /// Whether a build can download packages.
    pub internet: bool,
}

impl Default for GeneratorConfig {
    fn default() -> Self {
        Self { fallback: true, internet: false }
    }
}

/// The generators of this installation, for one arbiter.
#[derive(Clone)]
pub struct Generators {
    config: GeneratorConfig,
    runtimes: Runtimes,
    author: Option<Author>,
}

impl Generators {
    /// Without Claude.
    #[must_use]
    pub const fn new(config: GeneratorConfig, runtimes: Runtimes) -> Self {
        Self { config, runtimes, author: None }
    }

    /// With Claude, who is asked first.
    #[must_use]
    pub fn with_author(self, author: Author) -> Self {
        Self { author: Some(author), ..self }
    }

    #[must_use]
    pub const fn author(&self) -> Option<&Author> {
        self.author.as_ref()
    }

    #[must_use]
    pub const fn config(&self) -> GeneratorConfig {
        self.config
    }

    #[must_use]
    pub const fn runtimes(&self) -> Runtimes {
        self.runtimes
    }

    /// Makes the built-in app that fits the request best, and notes how to get a better one.
    ///
    /// # Errors
    /// As [`generate`](super::generate).
    pub fn generate(&self, request: &Request) -> Result<Artifact, GeneratorError> {
        let mut artifact = assemble::generate(request, &self.runtimes)?;
        if self.author.is_none() {
            artifact.origin.note.push_str(
                " It was made from built-in templates only; with a key in ANTHROPIC_API_KEY, Claude writes the app instead.",
            );
        }
        Ok(artifact)
    }

    /// The built-in app that serves because Claude could not write one, for this reason.
    ///
    /// # Errors
    /// As [`generate`](super::generate).
    pub fn fall_back(&self, request: &Request, because: &Failure) -> Result<Artifact, GeneratorError> {
        let mut artifact = self.generate(request)?;
        let why = because.message.trim_end_matches('.');
        artifact.origin.note =
            format!("Claude could not write it: {why}. A built-in template serves. {}", artifact.origin.note);
        Ok(artifact)
    }
}
