//! Files that are data, and say what will run: package.json, requirements.txt, Dockerfile, Procfile, notebooks.

use std::collections::HashMap;

use serde_json::Value as Json;

use super::Language;
use crate::guard::{found::Found, rules, rules::packages};

/// Scripts that npm runs by itself when a package is installed.
const INSTALL_SCRIPTS: [&str; 4] = ["preinstall", "install", "postinstall", "preprepare"];

pub(super) fn package_json(text: &str, found: &mut Found<'_>) {
    let document: Json = match serde_json::from_str(text.trim_start_matches('\u{feff}')) {
        Ok(document) => document,
        Err(error) => {
            found.add(&rules::NOT_PARSED, error.line().saturating_sub(1), "it is no valid JSON");
            super::lexical::words(text, 0, found);
            return;
        }
    };
    let lines = lines(text);
    let line = |key: &str| lines.get(key).copied().unwrap_or_default();
    for (name, script) in object(&document, "scripts") {
        let Some(script) = script.as_str() else { continue };
        if INSTALL_SCRIPTS.contains(&name.as_str()) && !packages::is_harmless_install(script) {
            found.add(&rules::INSTALL_SCRIPT, line(name), &format!("`{name}` runs when the app is installed"));
        }
        found.nest(Language::Shell, script, line(name));
    }
    for section in
        ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies", "overrides", "resolutions"]
    {
        for (name, version) in object(&document, section) {
            packages::npm(name, version.as_str().unwrap_or_default(), line(name), found);
        }
    }
    for (name, target) in object(&document, "bin") {
        if target.as_str().is_some_and(|path| path.starts_with('/') || path.contains("..")) {
            found.add(&rules::FILE_OUTSIDE, line(name), "a program of the package lies outside of it");
        }
    }
}

/// The line of each text in a document, by its first place.
fn lines(document: &str) -> HashMap<&str, usize> {
    let mut lines = HashMap::new();
    let (mut line, mut rest) = (0, document);
    while let Some((before, after)) = rest.split_once('"') {
        line += memchr::memchr_iter(b'\n', before.as_bytes()).count();
        let mut escaped = false;
        let ends = |byte: u8| {
            let ends = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        };
        let Some(end) = after.bytes().position(ends) else { break };
        lines.entry(&after[..end]).or_insert(line);
        rest = &after[end + 1..];
    }
    lines
}

fn object<'j>(document: &'j Json, key: &str) -> impl Iterator<Item = (&'j String, &'j Json)> {
    document.get(key).and_then(Json::as_object).into_iter().flatten()
}

pub(super) fn requirements(text: &str, found: &mut Found<'_>) {
    for (line, row) in text.lines().enumerate() {
        let row = row.split(" #").next().unwrap_or_default().trim();
        if !row.is_empty() && !row.starts_with('#') {
            packages::pip(row, line, found);
        }
    }
}

/// Settings of package managers, and projects whose dependencies stand among other settings.
pub(super) fn settings(text: &str, found: &mut Found<'_>) {
    let name = found.file().rsplit('/').next().unwrap_or_default();
    let lists = matches!(name, "pyproject.toml");
    if name == ".env" || name.starts_with(".env.") {
        for (line, row) in text.lines().enumerate() {
            if let Some((key, value)) = row.trim_start_matches("export ").split_once('=') {
                rules::commands::variable(key.trim(), value.trim().trim_matches(['"', '\'']), line, found);
            }
        }
    }
    if !lists && !matches!(name, ".npmrc" | ".yarnrc" | ".yarnrc.yml" | "pip.conf" | "pip.ini" | "bunfig.toml") {
        return;
    }
    for (line, row) in text.lines().enumerate() {
        if lists {
            for quoted in row.split(['"', '\'']).filter(|part| part.contains("git+") || part.contains(" @ ")) {
                packages::pip(quoted, line, found);
            }
            continue;
        }
        let Some((key, value)) = row.split_once(['=', ':']) else { continue };
        let (key, value) = (key.trim(), value.trim().trim_matches(['"', '\'']));
        if key.ends_with("registry") || key.ends_with("index-url") || key.ends_with("npmRegistryServer") {
            packages::settings_index(value, line, found);
        } else if matches!(key, "node-options" | "onload-script" | "script-shell") {
            rules::commands::variable(key, value, line, found);
        } else if matches!((key, value), ("strict-ssl" | "enableStrictSsl", "false")) || key == "trusted-host" {
            found.add(&packages::REMOTE, line, "a host is trusted without a certificate");
        }
    }
}

pub(super) fn procfile(text: &str, found: &mut Found<'_>) {
    for (line, row) in text.lines().enumerate() {
        if let Some((_, command)) = row.split_once(':') {
            found.nest(Language::Shell, command.trim(), line);
        }
    }
}

pub(super) fn dockerfile(text: &str, found: &mut Found<'_>) {
    let mut rows = text.lines().enumerate();
    while let Some((line, row)) = rows.next() {
        let mut instruction = row.trim().to_owned();
        while instruction.ends_with('\\') {
            instruction.pop();
            let Some((_, more)) = rows.next() else { break };
            if !more.trim_start().starts_with('#') {
                instruction.push(' ');
                instruction.push_str(more.trim());
            } else {
                instruction.push('\\');
            }
        }
        let Some((word, rest)) = instruction.split_once(char::is_whitespace) else { continue };
        let rest = rest.trim();
        match word.to_ascii_uppercase().as_str() {
            "RUN" if rest.starts_with("<<") => {
                let tag = rest.trim_start_matches(['<', '-']).trim_matches(['"', '\'']).to_owned();
                let body: Vec<&str> =
                    rows.by_ref().map(|(_, row)| row).take_while(|row| row.trim_start_matches('\t') != tag).collect();
                found.nest(Language::Shell, &body.join("\n"), line + 1);
            }
            "RUN" | "CMD" | "ENTRYPOINT" | "HEALTHCHECK" => {
                let command = serde_json::from_str::<Vec<String>>(rest)
                    .map_or_else(|_| flags_off(rest).to_owned(), |words| quoted(&words));
                found.nest(Language::Shell, command.trim_start_matches("CMD "), line);
            }
            "ENV" | "ARG" => {
                if let Some((name, value)) = rest.split_once(['=', ' ']) {
                    rules::commands::variable(name.trim(), value.trim().trim_matches(['"', '\'']), line, found);
                }
            }
            "ADD" if rest.contains("://") || rest.starts_with("git@") => {
                found.add(&rules::DOCKER_REMOTE, line, "ADD loads a file from the network");
            }
            "VOLUME" | "COPY" | "ADD" if rest.contains("docker.sock") || rest.starts_with("/etc/shadow") => {
                found.add(&rules::FILE_OUTSIDE, line, "it takes what belongs to the machine");
            }
            "EXPOSE"
                if rest.split_whitespace().any(|port| matches!(port.split('/').next(), Some("22" | "23" | "4444"))) =>
            {
                found.add(&rules::LISTEN, line, "it opens a port of remote control");
            }
            _ => {}
        }
    }
}

/// `RUN --mount=… command`.
fn flags_off(text: &str) -> &str {
    let mut rest = text;
    while rest.starts_with("--") {
        rest = rest.split_once(char::is_whitespace).map_or("", |(_, rest)| rest.trim_start());
    }
    rest
}

/// A list of words as one line that a shell splits into the same words.
pub(in crate::guard) fn quoted(words: &[String]) -> String {
    let quote = |word: &String| format!("'{}'", word.replace('\'', "'\\''"));
    let mut line = words.iter().map(quote).collect::<Vec<_>>().join(" ");
    // The script of `sh -c` is one more script.
    if let [program, flag, script, ..] = words
        && program.ends_with("sh")
        && flag.starts_with('-')
        && flag.ends_with('c')
    {
        line.push('\n');
        line.push_str(script);
    }
    line
}

/// The code cells of a notebook, which is JSON.
pub(super) fn notebook(text: &str, found: &mut Found<'_>) {
    let Ok(document) = serde_json::from_str::<Json>(text) else {
        found.add(&rules::NOT_PARSED, 0, "it is no valid JSON");
        super::lexical::words(text, 0, found);
        return;
    };
    let cells = document.get("cells").and_then(Json::as_array).into_iter().flatten();
    for cell in cells.filter(|cell| cell.get("cell_type").and_then(Json::as_str) == Some("code")) {
        let source = match cell.get("source") {
            Some(Json::Array(lines)) => lines.iter().filter_map(Json::as_str).collect(),
            Some(Json::String(text)) => text.clone(),
            _ => continue,
        };
        // `!command` is one of a shell.
        let (shell, python): (Vec<&str>, Vec<&str>) =
            source.lines().partition(|line| line.trim_start().starts_with(['!', '%']));
        found.nest(Language::Python, &python.join("\n"), 0);
        for line in shell {
            found.nest(Language::Shell, line.trim_start().trim_start_matches(['!', '%']), 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::shell, *};

    #[test]
    fn words_survive_their_quotes() {
        let words = ["echo".to_owned(), "it's; rm".to_owned()];
        assert_eq!(shell::commands(&quoted(&words))[0].words, words);
        assert_eq!(flags_off("--mount=type=cache,target=/x --network=none pip install"), "pip install");
    }
}
