//! Why no app came out.

use crate::types::{Category, Failure, Runtime};

/// A refusal of the built-in generator. Every prompt has *some* template, so only the machine can be in the way.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GeneratorError {
    /// The template's runtime is not on the machine that would run the app.
    #[error("the {template} template needs {name}, which this machine has not: install the package {package}", name = .runtime.as_str(), package = package(*.runtime))]
    RuntimeMissing { template: String, runtime: Runtime },
    /// The binary was built without a file that a template needs.
    #[error("the {template} template is incomplete in this build: {path} is missing")]
    TemplateIncomplete { template: String, path: String },
}

impl From<GeneratorError> for Failure {
    fn from(error: GeneratorError) -> Self {
        let (code, category) = match error {
            GeneratorError::RuntimeMissing { .. } => ("runtime_missing", Category::Resource),
            GeneratorError::TemplateIncomplete { .. } => ("template_incomplete", Category::System),
        };
        Self::new(code, category, error.to_string())
    }
}

/// The Debian package that brings a runtime.
const fn package(runtime: Runtime) -> &'static str {
    match runtime {
        Runtime::Node => "nodejs",
        Runtime::Python => "python3",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_runtime_names_its_package() {
        for (runtime, package) in [(Runtime::Node, "nodejs"), (Runtime::Python, "python3")] {
            let failure = Failure::from(GeneratorError::RuntimeMissing { template: "todo".to_owned(), runtime });
            assert_eq!(failure.code, "runtime_missing");
            assert!(failure.message.contains(package), "{}", failure.message);
            assert!(!failure.retryable);
        }
    }
}
