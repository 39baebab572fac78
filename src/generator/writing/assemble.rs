//! Files and a manifest become an app; what the manifest does not say is told from the files. Pure.

use super::NoApp;
use crate::{
    generator::{answer::Manifest, repair},
    types::{AppFile, Artifact, Check, Origin, PORTS, Port, Runtime},
};

/// Who made it, for the note that the user reads.
#[derive(Clone, Copy, Debug)]
pub struct Made<'a> {
    pub model: &'a str,
}

/// An app as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rough {
    artifact: Artifact,
    model: String,
    summary: Option<String>,
}

pub(super) fn rough(files: &[AppFile], manifest: Manifest, made: Made<'_>) -> Rough {
    let runtime = manifest.runtime.or_else(|| runtime(files)).unwrap_or(Runtime::Node);
    let named = manifest.port.and_then(Port::new).filter(|port| PORTS.contains(port));
    let port = named.unwrap_or(match runtime {
        Runtime::Node => PORTS[0],
        Runtime::Python => PORTS[1],
    });
    let mut checks = manifest.checks;
    if checks.is_empty() {
        checks.push(Check::get("the app answers", "/", 200, None));
    }
    let origin = Origin {
        generator: "claude".to_owned(),
        template: made.model.to_owned(),
        match_percent: 100,
        note: String::new(),
    };
    let artifact = Artifact {
        files: files.to_vec(),
        build: manifest.build,
        start: manifest.start.unwrap_or_default(),
        port,
        runtime,
        dependencies: manifest.dependencies,
        checks,
        origin,
    };
    Rough { artifact, model: made.model.to_owned(), summary: manifest.summary }
}

impl Rough {
    /// Mends what needs no start to be seen. Takes up to some hundred milliseconds of a processor.
    ///
    /// # Errors
    /// [`NoApp::NothingToStart`].
    pub fn polished(self) -> Result<Artifact, NoApp> {
        let (artifact, mended) = repair::polish(&self.artifact);
        Self { artifact, ..self }.told(&mended)
    }

    /// As it was written.
    ///
    /// # Errors
    /// [`NoApp::NothingToStart`].
    pub fn unpolished(self) -> Result<Artifact, NoApp> {
        self.told(&[])
    }

    fn told(mut self, mended: &[&str]) -> Result<Artifact, NoApp> {
        if self.artifact.start.is_empty() {
            return Err(NoApp::NothingToStart { files: self.artifact.files.len() });
        }
        self.artifact.origin.note = note(&self.model, self.summary.as_deref(), mended);
        Ok(self.artifact)
    }
}

/// By what most of the code is written in.
fn runtime(files: &[AppFile]) -> Option<Runtime> {
    let count = |ends: &[&str]| files.iter().filter(|file| ends.iter().any(|end| file.path.ends_with(end))).count();
    let (node, python) = (count(&["package.json", "server.js", ".mjs", ".cjs"]), count(&[".py", "requirements.txt"]));
    match (node, python) {
        (0, 0) => (count(&[".js"]) > 0).then_some(Runtime::Node),
        (node, python) if python > node => Some(Runtime::Python),
        (_, _) => Some(Runtime::Node),
    }
}

fn note(model: &str, summary: Option<&str>, mended: &[&str]) -> String {
    let mut note = format!("Written by Claude ({model}).");
    if let Some(summary) = summary {
        note.push(' ');
        note.push_str(summary);
    }
    if !mended.is_empty() {
        note.push_str(&format!(" Mended without asking again: {}.", mended.join(", ")));
    }
    note
}
