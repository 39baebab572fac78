//! Files and a manifest become an artifact; what the manifest does not say is told from the files. Pure.

use crate::{
    generator::{answer::Manifest, repair},
    types::{AppFile, Artifact, Check, Origin, PORTS, Port, Runtime},
};

/// Who made it, for the note that the user reads.
#[derive(Clone, Copy, Debug)]
pub struct Made<'a> {
    pub model: &'a str,
}

/// `None` when nothing in `files` can be started.
pub(super) fn artifact(files: &[AppFile], manifest: Manifest, made: Made<'_>) -> Option<Artifact> {
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
    let draft = Artifact {
        files: files.to_vec(),
        build: manifest.build,
        start: manifest.start.unwrap_or_default(),
        port,
        runtime,
        dependencies: manifest.dependencies,
        checks,
        origin,
    };
    let (mut artifact, mended) = repair::polish(&draft);
    artifact.origin.note = note(made.model, manifest.summary.as_deref(), &mended);
    (!artifact.start.is_empty()).then_some(artifact)
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
