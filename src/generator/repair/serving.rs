//! What is wrong with how a server of the standard library is called: options and arguments of another shape than it takes.

use std::cell::Cell;

use super::{
    Diagnostic,
    bindings::bindings,
    modules::prepended,
    origins::Origins,
    scan::{Kind, arguments, kinds, opening, spliced, with_found},
    source::{Language, edit, edit_in, language, pattern, started},
    symbols::{Import, Taken, imports, offers, target},
};
use crate::types::{AppFile, Artifact};

/// Calls of a file that are looked at.
const CALLS_MAX: usize = 64;
/// Servers of an app whose maker is looked up.
const SERVERS_MAX: usize = 32;

/// `python3 -m http.server --port 8000`, which takes the port as it is; and `--host`, which it calls `--bind`.
pub(super) fn options(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    let port = pattern!(r"(-m http\.server\b[^\n;&|]*?\s)--port(?:=|\s+)(\S+)");
    let host = pattern!(r"(-m http\.server\b[^\n;&|]*?\s)--(?:host|address)(=|\s)");
    let better =
        |command: &str| host.replace_all(&port.replace_all(command, "${1}${2}"), "${1}--bind${2}").into_owned();
    let of_files = edit(artifact, |file| (language(&file.path) == Language::Shell).then(|| better(&file.content)));
    let artifact = of_files.as_ref().unwrap_or(artifact);
    started(artifact, better(&artifact.start)).or(of_files)
}

/// A file in which the first two arguments of some calls are put otherwise, and nothing else is, so that calls inside of calls
/// stay whole. The pattern ends behind the bracket that begins the arguments, and its first group is what is called.
fn with_first_two(
    file: &AppFile,
    call: &regex::Regex,
    change: impl Fn(&regex::Match<'_>, &[&str]) -> Option<String>,
) -> Option<String> {
    let (kinds, text) = (kinds(file), file.content.as_str());
    let changed = |found: regex::Captures<'_>| {
        let (whole, called) = (found.get(0)?, found.get(1)?);
        let ranges = arguments(text, &kinds, whole.end()).filter(|_| kinds[called.start()] == Kind::Code)?;
        let all: Vec<&str> = ranges.iter().map(|range| &text[range.clone()]).collect();
        let (first, second) = (ranges.first()?.start, ranges.get(1)?.end);
        Some((first..second, change(&called, &all)?))
    };
    Some(spliced(text, call.captures_iter(text).take(CALLS_MAX).filter_map(changed).collect()))
}

/// `HTTPServer("0.0.0.0", PORT, Handler)`: the address is one argument, a pair, where the class is Python's own.
pub(super) fn address(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    let server = pattern!(r"\b((?:\w+\.)*(?:(?:Threading)?HTTPServer|(?:Threading|Forking)?(?:TCP|UDP)Server))\(");
    let own = pattern!(r"(?m)^[ \t]*class (?:Threading|Forking)?(?:HTTP|TCP|UDP)Server\b");
    let is_host = |host: &str| pattern!(r#"^(?:"[\w.:]*"|'[\w.:]*'|HOST|host)$"#).is_match(host);
    // A class of the app's own may take them so.
    let has_own = |file: &AppFile| language(&file.path) == Language::Python && own.is_match(&file.content);
    if artifact.files.iter().any(has_own) {
        return None;
    }
    edit_in(artifact, Language::Python, |file| {
        if !server.is_match(&file.content) {
            return None;
        }
        let origins = Origins::of(file);
        let is_pythons = |called: &str| {
            let path = origins.path(called).unwrap_or_default();
            path.starts_with("http.server.") || path.starts_with("socketserver.")
        };
        with_first_two(file, server, |called, all| match all {
            [host, port, handler] if is_host(host) && !handler.contains('=') && is_pythons(called.as_str()) => {
                Some(format!("({host}, {port})"))
            }
            _ => None,
        })
    })
}

/// `server.listen("0.0.0.0", PORT)`: a server of node's takes the port first.
pub(super) fn listen_swapped(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    let listen = pattern!(r"((?:[\w$]+\.)*[\w$]+|\))\s*\.listen\(");
    let is_host = |host: &str| pattern!(r#"^["'`](?:\d+\.\d+\.\d+\.\d+|localhost|::)["'`]$"#).is_match(host);
    let is_port = |port: &str| pattern!(r"^(?:\d+|(?i:[\w.]*port)\b.*)$").is_match(port);
    let left = Cell::new(SERVERS_MAX);
    // Who made it is looked up for so many only, since each time files are read for it.
    let may_look = || left.replace(left.get().saturating_sub(1)) > 0;
    edit_in(artifact, Language::Script, |file| {
        with_first_two(file, listen, |called, all| match all {
            [host, port, ..] if is_host(host) && is_port(port) && may_look() && is_nodes(artifact, file, called) => {
                Some(format!("{port}, {host}"))
            }
            _ => None,
        })
    })
}

/// Whether what stands there is a server that listens as node's do: made by node or by a framework that hands it through, in this
/// file or in the one that it is imported from.
fn is_nodes(artifact: &Artifact, file: &AppFile, called: &regex::Match<'_>) -> bool {
    if called.as_str() == ")" {
        let callee = pattern!(r#"(require\(\s*["'][\w:@/.-]+["']\s*\)(?:\.[\w$]+)*|[\w$.]+)$"#);
        let call = opening(&file.content, &kinds(file), called.start()).map(|open| file.content[..open].trim_end());
        let callee = call.and_then(|call| callee.captures(call)?.get(1));
        return callee.is_some_and(|callee| makes_server(&Origins::of(file), callee.as_str()));
    }
    let name = called.as_str().rsplit('.').next().unwrap_or_default();
    is_made(file, name, called.as_str() != name) || {
        let from = |import: &Import| {
            let target = target(artifact, &file.path, &import.path)?;
            let known = match &import.taken {
                Taken::Whole(known) if known == name => offers(&target.content).whole?,
                Taken::Names(names) if names.iter().any(|known| known == name) => name.to_owned(),
                Taken::Whole(_) | Taken::Names(_) => return None,
            };
            Some(is_made(target, &known, false))
        };
        imports(&file.content).iter().find_map(from).unwrap_or_default()
    }
}

/// Whether all that a file calls so is such a server, and nothing else is called so in it.
fn is_made(file: &AppFile, name: &str, is_member: bool) -> bool {
    let made = pattern!(
        r#"([\w$]+)\s*=\s*(?:await\s+)?(?:new\s+)?(require\(\s*["'][\w:@/.-]+["']\s*\)(?:\.[\w$]+)*|[\w$]+(?:\.[\w$]+)*)\("#
    );
    let origins = Origins::of(file);
    let mut makers = made.captures_iter(&file.content).filter(|found| found[1] == *name).peekable();
    let is_only = is_member || bindings(file).get(name).is_some_and(|places| places.len() == 1);
    is_only && makers.peek().is_some() && makers.all(|found| makes_server(&origins, &found[2]))
}

fn makes_server(origins: &Origins, callee: &str) -> bool {
    const MODULES: [&str; 5] = ["http", "https", "http2", "net", "tls"];
    const CALLS: [&str; 3] = ["createServer", "createSecureServer", "Server"];
    let Some(path) = origins.path(callee) else { return false };
    let of_node = path.split_once('.').is_some_and(|(module, call)| MODULES.contains(&module) && CALLS.contains(&call));
    of_node || matches!(path.as_str(), "express" | "koa")
}

/// `self.rfile.read()` waits for an end that comes when the client goes: a body is as long as its header says.
pub(super) fn whole_body(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    let read = pattern!(r"\bself\.rfile\.read\(\s*\)");
    edit(artifact, |file| {
        let may = language(&file.path) == Language::Python && file.content.contains("HTTPRequestHandler");
        let length = "self.rfile.read(int(self.headers.get(\"Content-Length\") or 0))";
        may.then(|| with_found(file, read, |_| Some(length.to_owned())))
    })
}

/// `start_response(200, …)`: WSGI wants the number and its words as a text.
pub(super) fn status_of_wsgi(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let said = pattern!(r"AssertionError: [Ss]tatus must be (?:of type str|a string)");
    if !said.is_match(&diagnostic.output) {
        return None;
    }
    let told = pattern!(r"\bstart_response\(\s*(\w+)\s*,");
    edit_in(artifact, Language::Python, |file| {
        let status = |found: &regex::Captures<'_>| {
            let code = &found[1];
            let phrase = format!("HTTPStatus({code}).phrase");
            Some(match code.parse::<u16>() {
                Ok(_) => format!("start_response(f'{code} {{{phrase}}}',"),
                Err(_) => {
                    format!("start_response({code} if isinstance({code}, str) else f'{{{code}}} {{{phrase}}}',")
                }
            })
        };
        let text = with_found(file, told, status);
        let has = pattern!(r"(?m)^from http import [^\n]*\bHTTPStatus\b").is_match(&text);
        match text == file.content || has {
            true => Some(text),
            false => Some(prepended(&text, "from http import HTTPStatus\n")),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generator::repair::rung_tests::{artifact, content, done, ended, text};

    #[test]
    fn servers_are_called_as_they_are_meant() {
        let start =
            |start: &str| done("server-options", &artifact(start, &[]), &Diagnostic::UNTRIED).map(|app| app.start);
        assert_eq!(
            start("python3 -m http.server --port $PORT --host 0.0.0.0").as_deref(),
            Some("python3 -m http.server $PORT --bind 0.0.0.0")
        );
        assert_eq!(start("python3 -m http.server $PORT --bind 0.0.0.0 && x --port 1"), None);
        text(
            "address",
            "a.py",
            "from http.server import HTTPServer\ns = HTTPServer(\"0.0.0.0\", int(os.environ.get(\"PORT\", 1)), H)\nHTTPServer((\"\", 1), H)\n# HTTPServer(\"\", 1, H)\n",
            "",
            "from http.server import HTTPServer\ns = HTTPServer((\"0.0.0.0\", int(os.environ.get(\"PORT\", 1))), H)\nHTTPServer((\"\", 1), H)\n# HTTPServer(\"\", 1, H)\n",
        );
        let made = "const a = require(\"express\")();\nconst b = net.createServer(f);\n";
        text(
            "listen-swapped",
            "a.js",
            &format!(
                "{made}import net from \"net\";\na.listen(\"0.0.0.0\", PORT, () => b.listen(\"::\", 5, g) /* caf\u{e9} */);\nb.listen(path, 5);\nnet.createServer((s) => f(s)).listen(\"localhost\", port);\n"
            ),
            "",
            &format!(
                "{made}import net from \"net\";\na.listen(PORT, \"0.0.0.0\", () => b.listen(5, \"::\", g) /* caf\u{e9} */);\nb.listen(path, 5);\nnet.createServer((s) => f(s)).listen(port, \"localhost\");\n"
            ),
        );
        text(
            "whole-body",
            "a.py",
            "class H(BaseHTTPRequestHandler):\n    def do_POST(self):\n        json.loads(self.rfile.read())\n",
            "",
            "class H(BaseHTTPRequestHandler):\n    def do_POST(self):\n        json.loads(self.rfile.read(int(self.headers.get(\"Content-Length\") or 0)))\n",
        );
        let said = "AssertionError: Status must be of type str (got 200)";
        let app = artifact("python3 a.py", &[("a.py", "start_response(code, [])\n")]);
        let better = done("status-of-wsgi", &app, &ended(1, said)).unwrap();
        assert_eq!(
            content(&better, "a.py"),
            "from http import HTTPStatus\nstart_response(code if isinstance(code, str) else f'{code} {HTTPStatus(code).phrase}', [])\n"
        );
    }
}
