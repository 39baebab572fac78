//! What is wrong with a shell script.

use super::{
    Diagnostic, Trouble,
    scan::{Place, with_line},
    source::{Language, edit, edit_one, entry, language, pattern},
    symbols::only,
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

/// `PORT = "8000"`, which calls a command `PORT`: an assignment has no spaces in it.
pub(super) fn assignment(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let said = pattern!(r"([\w./-]+): line (\d+): (\w+): command not found").captures(&diagnostic.output)?;
    let place = place(artifact, &said[1], &said[2])?;
    let spaced = pattern!(
        r#"^(\s*(?:export\s+|local\s+)?[A-Za-z_]\w*)\s+=\s*("[^"]*"|'[^']*'|\$\([^()]*\)|[^\s"'();&|]+)[ \t]*$"#
    );
    let file = artifact.files.iter().find(|file| file.path == place.path)?;
    let line = file.content.lines().nth(place.line)?;
    spaced.captures(line).filter(|found| found[1].trim() == &said[3])?;
    edit_one(artifact, &place.path, |text| {
        Some(text.split('\n').map(|line| spaced.replace(line, "${1}=${2}").into_owned()).collect::<Vec<_>>().join("\n"))
    })
}

/// `<<'EOF'` of a text that tells of the script's own variables, and was sent with their names in it.
pub(super) fn quoted_document(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let answered = diagnostic.answered.as_ref().filter(|_| diagnostic.trouble == Trouble::Check)?;
    let head = pattern!(r#"(?m)^([^\n#]*<<-?)\s*(?:'(\w+)'|"(\w+)")([^\n]*)\n"#);
    let named = pattern!(r"^\$(?:\{(\w+)\}|\(\((\w+)\)\)|(\w+))");
    edit(artifact, |file| {
        let found = only(head.captures_iter(&file.content)).filter(|_| language(&file.path) == Language::Shell)?;
        let word = found.get(2).or_else(|| found.get(3))?.as_str();
        let whole = found.get(0)?;
        let text = &file.content[whole.end()..];
        let text = &text[..text.find(&format!("\n{word}\n"))?];
        let set = |name: &str| {
            let assigns = |line: &str| line.trim_start().strip_prefix(name).is_some_and(|rest| rest.starts_with('='));
            file.content[..whole.start()].lines().any(assigns)
        };
        // All that would be put in is a variable of the script's, and one of them was seen as it stands here.
        let mut names = text.match_indices('$').map(|(at, _)| {
            let found = named.captures(&text[at..])?;
            let name = found.get(1).or_else(|| found.get(2)).or_else(|| found.get(3))?;
            set(name.as_str()).then(|| found[0].to_owned())
        });
        let all: Option<Vec<String>> = names.by_ref().collect();
        let is_seen = all?.iter().any(|name| answered.shown.contains(name.as_str()));
        let better = format!("{}{word}{}\n", &found[1], &found[4]);
        (is_seen && !text.contains(['`', '\\'])).then(|| file.content.replacen(whole.as_str(), &better, 1))
    })
}
