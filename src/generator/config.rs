//! What a generator is asked, and what it may count on.

use super::{GeneratorError, assemble};
use crate::types::{AppType, Artifact, Runtime};

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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GeneratorConfig {
    /// Whether a Claude key is set. This version cannot use it, and says so in the note of every app.
    pub claude_configured: bool,
}

/// The generators of this installation; now the built-in one.
#[derive(Clone, Copy, Debug)]
pub struct Generators {
    config: GeneratorConfig,
    runtimes: Runtimes,
}

impl Generators {
    #[must_use]
    pub const fn new(config: GeneratorConfig, runtimes: Runtimes) -> Self {
        Self { config, runtimes }
    }

    /// Makes the app that fits the request best, and notes how to get a better one.
    ///
    /// # Errors
    /// As [`generate`](super::generate).
    pub fn generate(&self, request: &Request) -> Result<Artifact, GeneratorError> {
        let mut artifact = assemble::generate(request, &self.runtimes)?;
        artifact.origin.note.push(' ');
        artifact.origin.note.push_str(if self.config.claude_configured {
            "A Claude key is set, but this version generates with built-in templates only."
        } else {
            "This version generates with built-in templates only; an app written by Claude needs a version with a Claude generator, and a key in ANTHROPIC_API_KEY."
        });
        Ok(artifact)
    }
}
