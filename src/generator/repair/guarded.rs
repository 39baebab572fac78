//! What the guard does not let pass, where leaving it out changes nothing that the app does.

use super::{Diagnostic, Trouble, packages::with_package, source::edit};
use crate::types::Artifact;

/// Scripts that a package manager runs by itself when it installs.
const AT_INSTALL: [&str; 7] =
    ["preinstall", "install", "postinstall", "prepare", "prepublish", "prepublishOnly", "preprepare"];

fn is_blocked_by(diagnostic: &Diagnostic, rule: &str) -> bool {
    diagnostic.trouble == Trouble::Blocked && diagnostic.says(rule)
}

/// A script that runs before anybody has started the app. What it would do, the build command can do in the open.
pub(super) fn install_scripts(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    if !is_blocked_by(diagnostic, "install-script") || !artifact.files.iter().any(|file| file.path == "package.json") {
        return None;
    }
    let better = with_package(artifact, |package| {
        if let Some(scripts) = package.get_mut("scripts").and_then(|scripts| scripts.as_object_mut()) {
            scripts.retain(|name, _| !AT_INSTALL.contains(&name.as_str()));
        }
    })?;
    (better != *artifact).then_some(better)
}

/// Characters that nobody sees, and that make code read otherwise than it runs.
pub(super) fn hidden_characters(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    if !is_blocked_by(diagnostic, "hidden-") {
        return None;
    }
    edit(artifact, |file| file.content.contains(is_hidden).then(|| file.content.replace(is_hidden, "")))
}

const fn is_hidden(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}
