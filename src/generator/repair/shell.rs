//! What is wrong with a shell script.

use super::{
    Diagnostic, Trouble,
    scan::{Place, with_line},
    source::{Language, edit_one, entry, language, pattern},
};
use crate::types::Artifact;

/// The script of which the shell speaks, and its line, counted from 0.
fn place(artifact: &Artifact, path: &str, line: &str) -> Option<Place> {
    let is_it = |own: &str| own == path.trim_start_matches("./") || path.ends_with(&format!("/{own}"));
    let file = artifact.files.iter().find(|file| language(&file.path) == Language::Shell && is_it(&file.path))?;
    Some(Place { path: file.path.clone(), line: line.parse::<usize>().ok()?.checked_sub(1)? })
}

/// `$1: unbound variable`: what nobody set is empty, as it is without `set -u`.
pub(super) fn unset(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let said = pattern!(r"([\w./-]+): line (\d+): \$?(\w+): unbound variable").captures(&diagnostic.output)?;
    let name = &said[3];
    let place = place(artifact, &said[1], &said[2])?;
    // Whoever removes files wants to know of which.
    let file = artifact.files.iter().find(|file| file.path == place.path)?;
    if pattern!(r"\brm\b").is_match(&file.content) {
        return None;
    }
    let used = regex::Regex::new(&format!(r"\$(?:\{{{name}\}}|{name}\b)")).ok()?;
    with_line(artifact, &place, |line| {
        Some(used.replace_all(line, regex::NoExpand(&format!("${{{name}:-}}"))).into_owned())
    })
}

/// The end of a text in a script, which must stand at the beginning of its line.
pub(super) fn here_document(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let said = pattern!(
        r"([\w./-]+): line \d+: warning: here-document at line (\d+) delimited by end-of-file \(wanted [`']([\w-]+)'\)"
    );
    let said = said.captures(&diagnostic.output)?;
    let begin = place(artifact, &said[1], &said[2])?;
    let file = artifact.files.iter().find(|file| file.path == begin.path)?;
    let is_end = |(at, line): &(usize, &str)| *at > begin.line && line.trim() == &said[3];
    let line = file.content.lines().enumerate().find(is_end)?.0;
    with_line(artifact, &Place { line, ..begin }, |line| Some(line.trim().to_owned()))
}

/// A script that starts a server beside itself, and ends: it waits for the server.
pub(super) fn left_behind(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    if diagnostic.trouble != Trouble::Ended(0) {
        return None;
    }
    let path = entry(artifact).filter(|path| language(path) == Language::Shell)?;
    let beside = pattern!(
        r"(?m)^[ \t]*(?:nohup |exec )?(?:\w+=\S+ )*(?:node|python3?|uvicorn|flask|gunicorn)\b[^\n]*[^&\n]&[ \t]*$"
    );
    let waits = pattern!(r"(?m)^[ \t]*wait\b");
    edit_one(artifact, path, |text| {
        let is_left = beside.is_match(text) && !waits.is_match(text);
        // What leaves early leaves the server, too.
        let text = text.trim_end();
        let text = text.strip_suffix("\nexit 0").or_else(|| text.strip_suffix("\nexit")).unwrap_or(text);
        is_left.then(|| format!("{text}\nwait\n"))
    })
}
