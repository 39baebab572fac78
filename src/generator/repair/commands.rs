//! What is wrong with the start command as a line of the shell, and with what it starts.

use super::{
    Diagnostic, Trouble,
    packages::has_nothing_to_install,
    source::{Language, edit, entry, file, is_vendored, language, pattern, started},
    start::{main_file, static_site},
};
use crate::types::{AppFile, Artifact, Runtime};

/// A prompt, quotes, or what a terminal needs and a service does not: `$ node a.js &`.
pub(super) fn bare(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    let mut start = artifact.start.trim();
    for quote in ['`', '"', '\''] {
        let inner = start.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
        start = inner.filter(|inner| !inner.contains(quote)).unwrap_or(start).trim();
    }
    start = start.strip_prefix("$ ").or_else(|| start.strip_prefix("> ")).unwrap_or(start).trim();
    start = start.strip_prefix("nohup ").unwrap_or(start);
    if !start.ends_with("&&") {
        start = start.strip_suffix('&').unwrap_or(start).trim_end();
    }
    let start = pattern!(r"^(?:(?:set|export) PORT=\d+\s*(?:&&|;)\s*|PORT=\d+ )").replace(start, "");
    started(artifact, start.into_owned())
}

/// `npm install && node a.js`: what installs is the build.
pub(super) fn install_at_start(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    let install =
        pattern!(r"^((?:npm (?:install|i|ci)|pip3? install|python3? -m pip install)\b[^&;|]*?)\s*(?:&&|;)\s*(\S.*)$");
    if let Some(found) = install.captures(&artifact.start) {
        let build = match &artifact.build {
            Some(build) if build.contains(&found[1]) => build.clone(),
            Some(build) => format!("{build} && {}", &found[1]),
            None => found[1].to_owned(),
        };
        return Some(Artifact { build: Some(build), start: found[2].to_owned(), ..artifact.clone() });
    }
    // In the script that is started, where there is nothing to install.
    let path = entry(artifact).filter(|path| language(path) == Language::Shell)?.to_owned();
    let line = pattern!(r"(?m)^[ \t]*(npm (?:install|i|ci)|pip3? install[^\n&;|]*)[ \t]*\n");
    edit(artifact, |file| {
        (file.path == path).then(|| {
            let needless = |found: &regex::Captures<'_>| match has_nothing_to_install(artifact, &found[1]) {
                true => String::new(),
                false => found[0].to_owned(),
            };
            line.replace_all(&file.content, needless).into_owned()
        })
    })
}

/// `cd app && …`, where the app's files are not in such a folder.
pub(super) fn change_folder(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    let found = pattern!(r"^cd ([\w./-]+)\s*(?:&&|;)\s*(\S.*)$").captures(&artifact.start)?;
    let folder = found[1].trim_start_matches("./").trim_end_matches('/');
    let is_there = artifact.files.iter().any(|file| file.path.starts_with(&format!("{folder}/")));
    (!is_there).then(|| started(artifact, found[2].to_owned()))?
}

/// A shell script that starts a file which is not there.
pub(super) fn entry_of_script(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    let path = entry(artifact).filter(|path| language(path) == Language::Shell)?.to_owned();
    let main = main_file(artifact)?;
    let line = pattern!(r"(?m)^([ \t]*(?:exec )?(?:node|python3?) )([\w./-]+\.(?:js|mjs|cjs|py))\b");
    let same_kind = |named: &str| language(named) == language(main);
    let is_there = |named: &str| artifact.files.iter().any(|file| file.path.ends_with(named.trim_start_matches("./")));
    edit(artifact, |file| {
        (file.path == path).then(|| {
            let corrected = |found: &regex::Captures<'_>| match same_kind(&found[2]) && !is_there(&found[2]) {
                true => [&found[1], main].concat(),
                false => found[0].to_owned(),
            };
            line.replace_all(&file.content, corrected).into_owned()
        })
    })
}

/// A server for pages that is a package, or one that is told of a folder without pages.
pub(super) fn page_server(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    let start = artifact.start.as_str();
    let is_package =
        pattern!(r"^(?:exec )?(?:npx (?:--yes |-y )?)?(?:serve|http-server|live-server|vite|parcel)\b").is_match(start);
    let folder = pattern!(r#"http\.server\b.*(?:--directory|-d)[ =]['"]?([\w./-]+)"#).captures(start);
    let lacks_pages = folder.as_ref().is_some_and(|folder| {
        let folder = format!("{}/", folder[1].trim_start_matches("./").trim_end_matches('/'));
        folder != "./" && folder != "/" && !artifact.files.iter().any(|file| file.path.starts_with(&folder))
    });
    // Without being told, it serves the app's folder: a list of files, where there is no page.
    let serves_root = start.contains("http.server") && folder.is_none() && !start.contains("cd ");
    let lacks_page = serves_root && !artifact.files.iter().any(|file| file.path == "index.html");
    if is_package || lacks_page || lacks_pages { static_site(artifact) } else { None }
}

/// A page that is opened as on somebody's desk, or a script of a browser that is started as a server.
pub(super) fn page_opened(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let opens = pattern!(r"^(?:(?:open|xdg-open|start|explorer|firefox|google-chrome)\s+)?(?:\./)?[\w./-]+\.html?$");
    if opens.is_match(&artifact.start) {
        return static_site(artifact);
    }
    let lacks = pattern!(r"ReferenceError: (?:document|window|localStorage|alert) is not defined");
    let path = entry(artifact).filter(|_| lacks.is_match(&diagnostic.output))?;
    let name = path.rsplit('/').next()?;
    let names_it = |page: &AppFile| language(&page.path) == Language::Html && page.content.contains(name);
    if !artifact.files.iter().any(names_it) {
        return None;
    }
    match main_file(artifact).filter(|main| *main != path) {
        Some(main) => started(artifact, artifact.start.replace(path, main)),
        None => static_site(artifact),
    }
}

/// A program that wants to be told of a file, where there is one that it can take by itself.
pub(super) fn argument(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    const DATA: [&str; 5] = [".csv", ".tsv", ".txt", ".log", ".json"];
    const PAPERS: [&str; 4] = ["package.json", "package-lock.json", "requirements.txt", "tsconfig.json"];
    let wants =
        pattern!(r"error: the following arguments are required: ([\w-]+)\s*(?:\n|$)").captures(&diagnostic.output);
    let lacks = diagnostic.says("IndexError: list index out of range") && diagnostic.says("sys.argv[1]");
    let path = entry(artifact).filter(|_| wants.is_some() || lacks)?;
    let is_data = |file: &&AppFile| {
        DATA.iter().any(|end| file.path.ends_with(end)) && !PAPERS.iter().any(|name| file.path.ends_with(name))
    };
    let data = super::symbols::only(artifact.files.iter().filter(|file| !is_vendored(&file.path)).filter(is_data))?;
    let is_plain = data.path.chars().all(|c| c.is_ascii_alphanumeric() || "./_-".contains(c));
    let name = wants.map(|found| found[1].to_owned());
    edit(artifact, |file| {
        if file.path != path || !is_plain {
            return None;
        }
        let Some(name) = &name else {
            return Some(file.content.replace("sys.argv[1]", &format!("(sys.argv[1:] or [\"{}\"])[0]", data.path)));
        };
        let begins = [format!("add_argument(\"{name}\""), format!("add_argument('{name}'")];
        let begin = begins.iter().find(|begin| file.content.contains(begin.as_str()))?;
        let rest = file.content.split(begin.as_str()).nth(1)?.lines().next()?;
        let told = format!("{begin}, nargs=\"?\", default=\"{}\"", data.path);
        (!rest.contains("nargs")).then(|| file.content.replacen(begin, &told, 1))
    })
}

/// A program that ended well, where another file of the app is the server.
pub(super) fn server_beside(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    const LISTENS: [&str; 4] = [".listen(", "serve_forever", "HTTPServer(", "make_server("];
    if diagnostic.trouble != Trouble::Ended(0) {
        return None;
    }
    let path = entry(artifact)?;
    let text = &file(artifact, path)?.content;
    let other = main_file(artifact).filter(|main| *main != path && language(main) == language(path))?;
    let serves = |text: &str| LISTENS.iter().any(|call| text.contains(call));
    (!serves(text) && serves(&file(artifact, other)?.content))
        .then(|| started(artifact, artifact.start.replace(path, other)))?
}

const WSGI: &str = "import os
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIServer, make_server

from MODULE import NAME as application


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


if __name__ == \"__main__\":
    make_server(\"0.0.0.0\", int(os.environ.get(\"PORT\", \"PORT_OF_APP\")), application, server_class=Server).serve_forever()
";
const WSGI_FILE: &str = "serve_wsgi.py";

/// A server that is not installed, where Python's own serves the same app.
pub(super) fn app_server(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let missing = |name: &str| {
        [format!("{name}: command not found"), format!("No module named {name}"), format!("No module named '{name}'")]
            .iter()
            .any(|message| diagnostic.says(message))
    };
    if missing("flask") && artifact.start.starts_with("flask ") {
        return started(artifact, format!("python3 -m {}", artifact.start));
    }
    if diagnostic.says("Could not locate a Flask application") {
        let has_app = |file: &&AppFile| pattern!(r"(?m)^app\s*=\s*(?:flask\.)?Flask\(").is_match(&file.content);
        let module = artifact.files.iter().find(has_app)?.path.strip_suffix(".py")?.replace('/', ".");
        let start = pattern!(r"(?:--app[ =]\S+ )?\brun\b").replace(&artifact.start, format!("--app {module} run"));
        return started(artifact, start.into_owned());
    }
    // Its apps are of another kind, unless somebody took it for a server of this one.
    let is_wsgi =
        || artifact.files.iter().any(|file| file.content.contains("start_response") || file.content.contains("Flask("));
    let others = ["gunicorn", "waitress-serve", "waitress", "uwsgi"];
    let asynchronous = ["uvicorn", "hypercorn"];
    let is_missing =
        others.iter().any(|name| missing(name)) || asynchronous.iter().any(|name| missing(name)) && is_wsgi();
    if !is_missing {
        return None;
    }
    let app = pattern!(r"\s([A-Za-z_][\w.]*):([A-Za-z_]\w*)(?:\s|$)").captures(&artifact.start)?;
    if artifact.files.iter().any(|file| file.path == WSGI_FILE) {
        return None;
    }
    let content = WSGI.replace("MODULE", &app[1]).replace("NAME", &app[2]);
    let content = content.replace("PORT_OF_APP", &artifact.port.to_string());
    let mut better = Artifact { start: format!("exec python3 {WSGI_FILE}"), ..artifact.clone() };
    better.files.push(AppFile { path: WSGI_FILE.to_owned(), content });
    Some(better)
}

const SHOW_PYTHON: &str = include_str!("show/show_output.py");
const SHOW_NODE: &str = include_str!("show/show_output.js");

/// A program that ended well, and has no server to show what it said.
pub(super) fn program(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    const LISTENS: [&str; 7] =
        [".listen(", "serve_forever", "HTTPServer(", "uvicorn", "make_server(", "start_server(", ".run(host"];
    let serves = |file: &AppFile| !is_vendored(&file.path) && LISTENS.iter().any(|call| file.content.contains(call));
    // One that said nothing has nothing to show: it is empty, or half an app.
    let was_silent = diagnostic.output.trim().is_empty();
    if diagnostic.trouble != Trouble::Ended(0) || was_silent || artifact.files.iter().any(serves) {
        return None;
    }
    file(artifact, entry(artifact)?)?;
    let (path, content, runner) = match artifact.runtime {
        Runtime::Python => ("show_output.py", SHOW_PYTHON, "python3"),
        Runtime::Node => ("show_output.js", SHOW_NODE, "node"),
    };
    let command = artifact.start.strip_prefix("exec ").unwrap_or(&artifact.start);
    let start = format!("{{ {command}; }} > output.txt 2>&1; echo $? > exit_code.txt; exec {runner} {path}");
    let mut better = Artifact { start, ..artifact.clone() };
    better.files.push(AppFile { path: path.to_owned(), content: content.to_owned() });
    Some(better)
}
