//! What is wrong with where an app listens.

use super::{
    Diagnostic, Trouble,
    source::{Language, Sides, edit, language, pattern, started},
};
use crate::types::{Artifact, PORTS, Port};

/// No port of an app is less: such numbers count something else.
const LEAST: u16 = 80;

/// Bound to this machine only, in the ways that node's and Python's servers are told.
pub(super) fn loopback(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    let sides = Sides::of(artifact);
    let call = pattern!(
        r#"(\.listen\((?:[^()\n]|\([^()\n]*\))*?,\s*)(?:"(?:127\.0\.0\.1|localhost|::1)"|'(?:127\.0\.0\.1|localhost|::1)')"#
    );
    let python = pattern!(
        r#"((?:Server|make_server|create_server|run_simple|\.bind|serve|start_server)\((?:\w+,\s*)?\(?\s*)(?:"(?:127\.0\.0\.1|localhost|::1)"|'(?:127\.0\.0\.1|localhost|::1)')"#
    );
    let named = pattern!(
        r#"(?mi)(\b(?:host|hostname|bind_address|address)\s*[:=]\s*(?:process\.env\.\w+\s*(?:\|\||\?\?)\s*|os\.environ\.get\(\s*["']\w+["']\s*,\s*|os\.getenv\(\s*["']\w+["']\s*,\s*)?)(?:"(?:127\.0\.0\.1|localhost|::1)"|'(?:127\.0\.0\.1|localhost|::1)')"#
    );
    edit(artifact, |file| {
        let text = &file.content;
        if !sides.is_servers(file) || !["127.0.0.1", "localhost", "::1"].iter().any(|address| text.contains(address)) {
            return None;
        }
        let text = call.replace_all(text, "${1}\"0.0.0.0\"");
        let text = python.replace_all(&text, "${1}\"0.0.0.0\"");
        Some(named.replace_all(&text, "${1}\"0.0.0.0\"").into_owned())
    })
    .or_else(|| flask_run(artifact))
}

/// Flask's own server listens on this machine's port 5000 unless told.
fn flask_run(artifact: &Artifact) -> Option<Artifact> {
    let run = pattern!(r"(?m)^([ \t]*)(\w+)\.run\(([^()\n]*)\)[ \t]*$");
    edit(artifact, |file| {
        let text = &file.content;
        if language(&file.path) != Language::Python || !text.contains("Flask(") {
            return None;
        }
        let (whole, call) = (run.find(text)?, run.captures(text)?);
        let (indent, app, arguments) = (&call[1], &call[2], &call[3]);
        if arguments.contains("port") && arguments.contains("host") {
            return None;
        }
        let kept = arguments.split(',').map(str::trim).filter(|argument| {
            !argument.is_empty() && !["host", "port", "debug"].iter().any(|name| argument.starts_with(name))
        });
        let port = format!("port=int(__import__(\"os\").environ.get(\"PORT\", {}))", artifact.port);
        let all: Vec<_> = ["host=\"0.0.0.0\"", &port].into_iter().chain(kept).collect();
        let call = format!("{indent}{app}.run({})", all.join(", "));
        Some([&text[..whole.start()], &call, &text[whole.end()..]].concat())
    })
}

/// Servers that are told by their command line.
pub(super) fn server_command(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    let start = &artifact.start;
    let server = ["uvicorn ", "hypercorn ", "flask ", "gunicorn ", "waitress-serve ", "http.server"];
    let server = server.into_iter().find(|server| start.contains(server) || start.ends_with(server.trim_end()))?;
    let mut start =
        pattern!(r"(--host[ =]|--bind[ =]|-b )(?:127\.0\.0\.1|localhost)").replace(start, "${1}0.0.0.0").into_owned();
    start = pattern!(r"(--port[ =]|-p |0\.0\.0\.0:|http\.server )\d+").replace(&start, "${1}$$PORT").into_owned();
    let lacks = |option: &str| !start.contains(option);
    let more = match server {
        "gunicorn " if lacks("--bind") && lacks("-b ") => " --bind 0.0.0.0:$PORT".to_owned(),
        "gunicorn " => String::new(),
        "waitress-serve " if lacks("listen") => {
            start = start.replacen("waitress-serve ", "waitress-serve --listen=0.0.0.0:$PORT ", 1);
            String::new()
        }
        "waitress-serve " => String::new(),
        "http.server" => {
            let port = if lacks("$PORT") && lacks("${PORT") { " $PORT" } else { "" };
            let bind = if lacks("--bind") && lacks("-b ") { " --bind 0.0.0.0" } else { "" };
            format!("{port}{bind}")
        }
        _ => {
            let host = if lacks("--host") { " --host 0.0.0.0" } else { "" };
            let port = if lacks("--port") && lacks("-p ") { " --port $PORT" } else { "" };
            format!("{host}{port}")
        }
    };
    started(artifact, start + &more)
}

/// A port written into the code, where the app is asked at another: a port that apps may have becomes the app's, and any
/// other is replaced.
pub(super) fn wrong_port(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let sides = Sides::of(artifact);
    let found = match diagnostic.trouble {
        Trouble::Deaf => told_port(&diagnostic.output).or_else(|| written_port(artifact))?,
        Trouble::None => written_port(artifact)?,
        // A port that only the machine's owner may have, or that is taken.
        Trouble::Ended(_) if is_refused(diagnostic) => {
            told_port(&diagnostic.output).or_else(|| written_port(artifact))?
        }
        Trouble::Build | Trouble::Ended(_) | Trouble::Check | Trouble::Blocked => return None,
    };
    let port = Port::new(found).filter(|port| *port != artifact.port)?;
    if PORTS.contains(&port) {
        return Some(Artifact { port, ..artifact.clone() });
    }
    let (digits, right) = (found.to_string(), artifact.port.to_string());
    let line_tells = pattern!(r"(?i)port|listen|serve|run\(|bind");
    edit(artifact, |file| {
        if !sides.is_servers(file) || !file.content.contains(&digits) {
            return None;
        }
        let line =
            |line: &str| if line_tells.is_match(line) { with_number(line, &digits, &right) } else { line.to_owned() };
        Some(file.content.split('\n').map(line).collect::<Vec<_>>().join("\n"))
    })
}

fn is_refused(diagnostic: &Diagnostic) -> bool {
    ["listen EACCES", "PermissionError: [Errno 13]", "EADDRNOTAVAIL"].iter().any(|message| diagnostic.says(message))
}

/// The port that the app says it listens on.
fn told_port(output: &str) -> Option<u16> {
    let address = pattern!(r"(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1?\]|\*|:::?):(\d{2,5})\b");
    let words = pattern!(r"(?i)\bport:?\s+(\d{2,5})\b");
    let told = address.captures_iter(output).last().or_else(|| words.captures_iter(output).last())?;
    told[1].parse().ok().filter(|port| *port > 0)
}

/// The port that the code names, unless some of it asks the environment.
fn written_port(artifact: &Artifact) -> Option<u16> {
    let sides = Sides::of(artifact);
    let servers = || artifact.files.iter().filter(|file| sides.is_servers(file));
    // A number that is handed over is the port, whatever else is asked. Python's sockets are told how many may wait.
    let scripts = || servers().filter(|file| language(&file.path) == Language::Script);
    let port = |text: &str| text.parse::<u16>().ok().filter(|port| *port >= LEAST);
    let handed = pattern!(r"\.listen\(\s*(\d{2,5})\s*[,)]");
    if let Some(port) = scripts().find_map(|file| port(&handed.captures(&file.content)?[1])) {
        return Some(port);
    }
    let asks = pattern!(r#"env\.PORT\b|env\[['"]PORT['"]\]|environ|getenv|sys\.argv|process\.argv"#);
    if servers().any(|file| asks.is_match(&file.content)) || artifact.start.contains("PORT") {
        return None;
    }
    let patterns = [
        pattern!(r#"Server\(\(\s*["'][\w.]*["']\s*,\s*(\d{2,5})\b"#),
        pattern!(r"(?mi)^\s*(?:const |let |var )?(?:server_)?port\s*=\s*(\d{2,5})\s*;?\s*$"),
        pattern!(r"\bport\s*[=:]\s*(\d{2,5})\s*[,)}]"),
    ];
    let find = |pattern: &&regex::Regex| servers().find_map(|file| port(&pattern.captures(&file.content)?[1]));
    let listened = pattern!(r"\.listen\(\s*(\d{2,5})\b");
    let found = scripts().find_map(|file| port(&listened.captures(&file.content)?[1]));
    found.or_else(|| patterns.iter().find_map(find))
}

fn with_number(line: &str, number: &str, other: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find(number) {
        let (before, after) = (&rest[..at], &rest[at + number.len()..]);
        let alone = !before.ends_with(|c: char| c.is_ascii_alphanumeric())
            && !after.starts_with(|c: char| c.is_ascii_alphanumeric());
        out.push_str(before);
        out.push_str(if alone { other } else { number });
        rest = after;
    }
    out + rest
}
