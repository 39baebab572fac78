//! What is wrong with the start: the command, its file, or a file that defines everything and runs nothing.

use serde_json::Value;

use super::{
    Diagnostic,
    source::{Language, edit_one, entry, file, is_vendored, language, pattern, started},
};
use crate::{
    generator::loose_json,
    types::{AppFile, Artifact, Runtime},
};

/// Names that an app's main file has by habit, the likeliest first.
const MAINS: [&str; 12] = [
    "server.js",
    "server.mjs",
    "server.cjs",
    "app.js",
    "index.js",
    "index.mjs",
    "main.js",
    "main.py",
    "app.py",
    "server.py",
    "run.py",
    "script.py",
];

/// No start command: the file that listens, the one that is called like a main file, or a server for a page alone.
pub(super) fn missing(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    if !artifact.start.trim().is_empty() {
        return None;
    }
    if let Some(script) = package_script(artifact, "start") {
        return started(artifact, script);
    }
    match main_file(artifact) {
        Some(main) => started(artifact, command(main)),
        None => static_site(artifact),
    }
}

/// `node index.js` where there is only `src/server.js`.
pub(super) fn wrong_entry(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    let named = entry(artifact)?;
    if artifact.files.iter().any(|file| file.path == named) || artifact.start.contains("cd ") || named.contains('$') {
        return None;
    }
    // A build may make it.
    if artifact.build.as_deref().is_some_and(|build| !build.contains("install")) {
        return None;
    }
    let name = named.rsplit('/').next().unwrap_or(named);
    let of = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
    let same = |file: &&AppFile| of(&file.path) == name;
    let alike = |file: &&AppFile| of(&file.path).eq_ignore_ascii_case(name);
    let files = &artifact.files;
    let found = files.iter().find(same).or_else(|| files.iter().find(alike)).map(|file| file.path.as_str());
    let found = found.or_else(|| main_file(artifact))?;
    started(artifact, artifact.start.replace(named, found))
}

/// `npm start` costs a start of npm, and npm itself: what it would run is run.
pub(super) fn npm_script(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    let words: Vec<&str> = artifact.start.split_whitespace().collect();
    let script = match words.as_slice() {
        ["npm" | "yarn" | "pnpm", "start"] => "start",
        ["npm" | "yarn" | "pnpm", "run", script] | ["yarn" | "pnpm", script] => script,
        _ => return None,
    };
    let script = package_script(artifact, script).or_else(|| main_file(artifact).map(command))?;
    started(artifact, script)
}

/// Runners that a sandbox has not, where a plain one does the same.
pub(super) fn runner(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    let start = pattern!(r"^(exec )?(npx )?(nodemon|nodejs|pm2 start|pm2-runtime start|supervisor)( --watch)? ")
        .replace(&artifact.start, "${1}node ");
    let start = pattern!(r"^(exec )?(?:bun(?: run)?|deno run(?: -\S+)*) ").replace(&start, "${1}node ").into_owned();
    let start = start.replacen("-m SimpleHTTPServer", "-m http.server", 1);
    let start = pattern!(r"^(exec )?(python|py|python3\.\d+) ").replace(&start, "${1}python3 ").into_owned();
    started(artifact, start)
}

/// Files are uploaded without the right to be executed, and may lack a shebang: their interpreter is named instead.
pub(super) fn executable(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    let (exec, command) = match artifact.start.strip_prefix("exec ") {
        Some(command) => ("exec ", command),
        None => ("", artifact.start.as_str()),
    };
    let (word, arguments) = command.split_once(' ').unwrap_or((command, ""));
    let path = word.trim_start_matches("./");
    let script = file(artifact, path)?;
    let shebang = script.content.lines().next().filter(|line| line.starts_with("#!")).unwrap_or_default();
    let interpreter = match language(path) {
        Language::Script => "node",
        Language::Python => "python3",
        Language::Shell => "bash",
        Language::Html | Language::Style | Language::Json | Language::Other if shebang.contains("node") => "node",
        Language::Html | Language::Style | Language::Json | Language::Other if shebang.contains("python") => "python3",
        Language::Html | Language::Style | Language::Json | Language::Other => "bash",
    };
    started(artifact, format!("{exec}{interpreter} {path} {arguments}").trim_end().to_owned())
}

/// Python that defines an app or a `main`, and ends.
pub(super) fn never_run(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    let path = entry(artifact).filter(|path| language(path) == Language::Python)?;
    let text = &file(artifact, path)?.content;
    if let Some(app) = pattern!(r"(?m)^(\w+)\s*=\s*(?:fastapi\.)?FastAPI\(").captures(text)
        && !text.contains("uvicorn.run(")
    {
        let module = path.strip_suffix(".py")?.replace('/', ".");
        let start = format!("exec python3 -m uvicorn {module}:{} --host 0.0.0.0 --port $PORT", &app[1]);
        return started(artifact, start);
    }
    let guard = "\n\nif __name__ == \"__main__\":\n";
    if let Some(app) = pattern!(r"(?m)^(\w+)\s*=\s*(?:flask\.)?Flask\(").captures(text)
        && !text.contains(".run(")
        && !text.contains("serve(")
    {
        let (app, port) = (&app[1], artifact.port);
        let run =
            format!("    import os\n    {app}.run(host=\"0.0.0.0\", port=int(os.environ.get(\"PORT\", {port})))\n");
        return edit_one(artifact, path, |text| Some(text.trim_end().to_owned() + guard + &run));
    }
    let found = pattern!(r"(?m)^(async )?def (main|run|serve|start)\(\s*\)").captures(text)?;
    let (main, is_async) = (found[2].to_owned(), found.get(1).is_some());
    // Called, or handed to somebody: it is mentioned elsewhere.
    let mentions = regex_mentions(text, &main);
    let runs_nothing = !text.contains("__main__") && !text.contains("serve_forever") || main == "main";
    (mentions == 1 && runs_nothing).then_some(())?;
    let call = if is_async { format!("__import__(\"asyncio\").run({main}())") } else { format!("{main}()") };
    edit_one(artifact, path, |text| Some(format!("{}{guard}    {call}\n", text.trim_end())))
}

/// `if __name__ == "main":` is never so.
pub(super) fn name_of_main(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    let wrong = pattern!(
        r#"(?m)^if __name__ ==? *(?:["'](?:main|_main_|__main|main__|__MAIN__|__name__)["']|__main__)[ \t]*:"#
    );
    super::source::edit(artifact, |file| {
        let is_python = language(&file.path) == Language::Python;
        is_python.then(|| wrong.replace_all(&file.content, "if __name__ == \"__main__\":").into_owned())
    })
}

/// JavaScript that makes a server, and never lets it listen.
pub(super) fn never_listens(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    let path = entry(artifact).filter(|path| language(path) == Language::Script)?;
    let text = &file(artifact, path)?.content;
    // Another file may do it.
    if artifact.files.iter().any(|file| !is_vendored(&file.path) && file.content.contains(".listen(")) {
        return None;
    }
    let server = pattern!(r"(?m)^(?:const|let|var)\s+(\w+)\s*=\s*(?:\w+\.)?(?:createServer|express|fastify|Fastify)\(");
    let server = server.captures(text)?[1].to_owned();
    let listen = format!("\n{server}.listen(process.env.PORT || {}, \"0.0.0.0\");\n", artifact.port);
    edit_one(artifact, path, |text| Some(text.trim_end().to_owned() + "\n" + &listen))
}

/// How often a word stands in a text.
fn regex_mentions(text: &str, word: &str) -> usize {
    let whole = |at: usize| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        !is_word(before) && !is_word(after)
    };
    text.match_indices(word).filter(|(at, _)| whole(*at)).count()
}

fn command(path: &str) -> String {
    match language(path) {
        Language::Python => format!("python3 {path}"),
        Language::Script | Language::Shell | Language::Html | Language::Style | Language::Json | Language::Other => {
            format!("node {path}")
        }
    }
}

/// What a script of `package.json` runs, when that is a plain command of a runner.
fn package_script(artifact: &Artifact, name: &str) -> Option<String> {
    let (package, _) = loose_json::parse(&file(artifact, "package.json")?.content)?;
    let script = package.get("scripts")?.get(name).and_then(Value::as_str)?.trim();
    pattern!(r"^(node|nodemon|python3?|uvicorn|bash|sh)( |$)").is_match(script).then(|| script.to_owned())
}

/// The file that most likely is the app: one that listens before one that does not, then by name, then the shortest path.
pub(super) fn main_file(artifact: &Artifact) -> Option<&str> {
    const LISTENS: [&str; 6] = [".listen(", "serve_forever", ".run(", "HTTPServer(", "uvicorn", "serve("];
    let runs = |file: &&AppFile| {
        let of = match language(&file.path) {
            Language::Python => Runtime::Python,
            Language::Script => Runtime::Node,
            Language::Shell | Language::Html | Language::Style | Language::Json | Language::Other => return false,
        };
        let named = MAINS.iter().any(|name| file.path.ends_with(name));
        let listens = LISTENS.iter().any(|call| file.content.contains(call));
        // Another runtime's file may be the program that the server runs.
        (listens || of == artifact.runtime && named) && !file.path.starts_with("public/") && !is_vendored(&file.path)
    };
    let rank = |file: &&AppFile| {
        let listens = LISTENS.iter().any(|call| file.content.contains(call));
        let name = file.path.rsplit('/').next().unwrap_or(&file.path);
        let habit = MAINS.iter().position(|main| *main == name).unwrap_or(MAINS.len());
        (!listens, habit, file.path.len())
    };
    artifact.files.iter().filter(runs).min_by_key(rank).map(|file| file.path.as_str())
}

/// Pages without a server: python's own serves them.
pub(super) fn static_site(artifact: &Artifact) -> Option<Artifact> {
    let pages = artifact.files.iter().filter(|file| file.path.ends_with("index.html"));
    let page = pages.min_by_key(|file| file.path.len())?;
    let folder = page.path.strip_suffix("index.html").map_or("", |folder| folder.trim_end_matches('/'));
    let folder = if folder.is_empty() { "." } else { folder };
    let start = format!("exec python3 -m http.server $PORT --bind 0.0.0.0 --directory '{folder}'");
    let safe = !folder.contains('\'');
    safe.then(|| Artifact { start, runtime: Runtime::Python, ..artifact.clone() })
}
