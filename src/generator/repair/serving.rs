//! What is wrong with how a server of the standard library is called: options and arguments of another shape than it takes.

use super::{
    Diagnostic,
    modules::prepended,
    scan::{arguments, kinds, with_found},
    source::{Language, edit, edit_in, language, pattern, started},
};
use crate::types::{AppFile, Artifact};

/// Calls of a file that are looked at.
const CALLS_MAX: usize = 64;

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

/// A file with the arguments of some calls put otherwise; the pattern ends behind the bracket that begins them.
fn with_arguments(file: &AppFile, call: &regex::Regex, change: impl Fn(&[&str]) -> Option<String>) -> Option<String> {
    let (kinds, mut text) = (kinds(file), file.content.clone());
    let opens: Vec<usize> = call.find_iter(&file.content).take(CALLS_MAX).map(|found| found.end()).collect();
    for open in opens.into_iter().rev() {
        let told = arguments(&file.content, &kinds, open);
        if let Some((better, close)) = told.and_then(|(all, close)| Some((change(&all)?, close))) {
            // What stands behind it has been changed only behind it.
            text.replace_range(open..close, &better);
        }
    }
    Some(text)
}

/// `HTTPServer("0.0.0.0", PORT, Handler)`: the address is one argument, a pair.
pub(super) fn address(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    let server = pattern!(r"\b(?:(?:Threading)?HTTPServer|(?:Threading|Forking)?(?:TCP|UDP)Server)\(");
    let own = pattern!(r"(?m)^class (?:Threading|Forking)?(?:HTTP|TCP|UDP)Server\b");
    let is_host = |host: &str| pattern!(r#"^(?:"[\w.:]*"|'[\w.:]*'|HOST|host)$"#).is_match(host);
    edit_in(artifact, Language::Python, |file| {
        // A class of the app's own may take them so.
        if own.is_match(&file.content) {
            return None;
        }
        with_arguments(file, server, |all| match all {
            [host, port, handler] if is_host(host) && !handler.contains('=') => {
                Some(format!("({host}, {port}), {handler}"))
            }
            _ => None,
        })
    })
}

/// `server.listen("0.0.0.0", PORT)`: node takes the port first.
pub(super) fn listen_swapped(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    let listen = pattern!(r"\.listen\(");
    let is_host = |host: &str| pattern!(r#"^["'`](?:\d+\.\d+\.\d+\.\d+|localhost|::)["'`]$"#).is_match(host);
    let is_port = |port: &str| pattern!(r"^(?:\d+|(?i:[\w.]*port)\b.*)$").is_match(port);
    edit_in(artifact, Language::Script, |file| {
        with_arguments(file, listen, |all| match all {
            [host, port, rest @ ..] if is_host(host) && is_port(port) => {
                Some([&[*port, *host], rest].concat().join(", "))
            }
            _ => None,
        })
    })
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
            "s = HTTPServer(\"0.0.0.0\", int(os.environ.get(\"PORT\", 1)), H)\nHTTPServer((\"\", 1), H)\n# HTTPServer(\"\", 1, H)\n",
            "",
            "s = HTTPServer((\"0.0.0.0\", int(os.environ.get(\"PORT\", 1))), H)\nHTTPServer((\"\", 1), H)\n# HTTPServer(\"\", 1, H)\n",
        );
        text(
            "listen-swapped",
            "a.js",
            "a.listen(\"0.0.0.0\", PORT, () => f(1, 2));\nb.listen(path, 5);\n",
            "",
            "a.listen(PORT, \"0.0.0.0\", () => f(1, 2));\nb.listen(path, 5);\n",
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
