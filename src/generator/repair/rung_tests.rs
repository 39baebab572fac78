//! The rungs that read what a runtime says, one after another, in the words that node 20 and Python 3.11 use.

use super::*;
use crate::types::{AppFile, Check, Origin, PORTS, Runtime};

fn artifact(start: &str, files: &[(&str, &str)]) -> Artifact {
    let file = |(path, content): &(&str, &str)| AppFile { path: (*path).to_owned(), content: (*content).to_owned() };
    Artifact {
        files: files.iter().map(file).collect(),
        build: None,
        start: start.to_owned(),
        port: PORTS[0],
        runtime: if start.contains("python") { Runtime::Python } else { Runtime::Node },
        dependencies: Vec::new(),
        checks: vec![Check::get("home", "/", 200, None)],
        origin: Origin { generator: "t".into(), template: "t".into(), match_percent: 0, note: String::new() },
    }
}

fn ended(code: i32, output: &str) -> Diagnostic {
    Diagnostic { trouble: Trouble::Ended(code), output: output.to_owned(), ..Diagnostic::UNTRIED }
}

fn rung(name: &str) -> &'static Repair {
    LADDER.iter().find(|repair| repair.name == name).unwrap_or_else(|| panic!("no rung {name}"))
}

/// What the rung makes of it; it must find nothing more to do afterwards.
fn done(name: &str, artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let better = (rung(name).mend)(artifact, diagnostic)?;
    assert_eq!((rung(name).mend)(&better, diagnostic), None, "{name} does not end: {better:?}");
    Some(better)
}

fn content<'a>(artifact: &'a Artifact, path: &str) -> &'a str {
    &artifact.files.iter().find(|file| file.path == path).unwrap_or_else(|| panic!("no {path}")).content
}

/// The one file of an app, mended after the runtime said something about it.
#[track_caller]
fn text(name: &str, path: &str, before: &str, said: &str, after: &str) {
    let start = if path.ends_with(".py") { format!("python3 {path}") } else { format!("node {path}") };
    let app = artifact(&start, &[(path, before)]);
    let better = done(name, &app, &ended(1, said)).unwrap_or_else(|| panic!("{name}: nothing to do"));
    assert_eq!(content(&better, path), after, "{name}");
    let other =
        ended(1, "Error: something else\n    at x (/home/user/app/a.js:1:1)\n  File \"/home/user/app/a.py\", line 1");
    if !said.is_empty() {
        assert_eq!((rung(name).mend)(&app, &other), None, "{name} heeds no diagnostic");
    }
}

fn python(line: usize, error: &str) -> String {
    format!(
        "Traceback (most recent call last):\n  File \"/usr/lib/python3.11/x.py\", line 9\n  File \"/home/user/app/a.py\", line {line}, in <module>\n{error}"
    )
}

fn node(line: usize, error: &str) -> String {
    format!(
        "/home/user/app/a.js:{line}\n  x\n  ^\n\n{error}\n    at Module._compile (node:internal/modules/cjs/loader:1105:14)"
    )
}

#[test]
fn what_is_no_code_is_removed() {
    text("first-line", "a.js", "javascript\nf();\n", "", "f();\n");
    text("first-line", "a.py", "**a.py**\nf()\n", "", "f()\n");
    text("shebang", "a.js", "// a\n#!/usr/bin/env node\nf();\n", "", "// a\nf();\n");
    text("prose", "a.js", "f();\n\nThis server renders each page.\nRun it with `node a.js` now.\n", "", "f();\n");
    let fine = artifact(
        "python3 a.py",
        &[("a.py", "x = '''\nThis is a text of four words.\n'''\n"), ("b.js", "// This is only a remark.\n")],
    );
    assert_eq!((rung("prose").mend)(&fine, &Diagnostic::UNTRIED), None);
}

#[test]
fn what_the_second_look_at_answers_has_shown() {
    text("fences", "a.js", "```js title=\"a.js\"\nf(`x`);\n```\n", "", "f(`x`);\n");
    text("line-numbers", "a.py", "1  x = 1\n2  y = 2\n3\n", "", "x = 1\ny = 2\n3\n");
    text("package-case", "a.js", "const e = require(\"Express\");\n", "", "const e = require(\"express\");\n");
    text("too-deep", "a.py", "x = 1\n y = 2\n", &python(2, "IndentationError: unexpected indent"), "x = 1\ny = 2\n");
    let comma = python(1, "SyntaxError: invalid syntax. Perhaps you forgot a comma?");
    text("comma", "a.py", "f((1, 2) g)\n", &comma, "f((1, 2), g)\n");
    let app = artifact("node a.js", &[("a.js", "require('./b.ts')"), ("b.js", "")]);
    assert_eq!(content(&done("import-path", &app, &Diagnostic::UNTRIED).unwrap(), "a.js"), "require('./b.js')");
    let start = |given: &str| done("runner", &artifact(given, &[("a.js", "")]), &Diagnostic::UNTRIED).unwrap().start;
    assert_eq!(
        (start("bun run a.js"), start("deno run -A --quiet a.js")),
        ("node a.js".to_owned(), "node a.js".to_owned())
    );
    let flask = artifact("python3 -m flask --app blog run -p $PORT", &[("shop.py", "app = Flask(__name__)")]);
    let lost = ended(1, "Error: Could not locate a Flask application.");
    assert_eq!(done("app-server", &flask, &lost).unwrap().start, "python3 -m flask --app shop run -p $PORT");
}

#[test]
fn brackets_are_closed_where_the_parser_misses_them() {
    text(
        "unclosed",
        "a.js",
        "s.on('x', (r) => {\n  f([1, ')'\n",
        &node(3, "SyntaxError: Unexpected end of input"),
        "s.on('x', (r) => {\n  f([1, ')'\n])});\n",
    );
    text(
        "unclosed",
        "a.py",
        "f(\"x\", [1]\ng()\n",
        &python(1, "SyntaxError: '(' was never closed"),
        "f(\"x\", [1])\ng()\n",
    );
    text("unclosed", "a.py", "if f(1:\n  g()\n", &python(1, "SyntaxError: '(' was never closed"), "if f(1):\n  g()\n");
    text(
        "overclosed",
        "a.js",
        "f(() => {\n});\n});\n",
        &node(3, "SyntaxError: Unexpected token '}'"),
        "f(() => {\n});\n",
    );
    let inside = artifact("node a.js", &[("a.js", "f();\n});\ng();\n")]);
    assert_eq!(
        (rung("overclosed").mend)(&inside, &ended(1, &node(2, "SyntaxError: Unexpected token '}'"))),
        None,
        "more code follows"
    );
}

#[test]
fn what_python_points_at_is_filled_in() {
    text("colon", "a.py", "if x\n  f()\n", &python(1, "SyntaxError: expected ':'"), "if x:\n  f()\n");
    text(
        "comma",
        "a.py",
        "x = [\n  1\n  2]\n",
        &python(2, "SyntaxError: invalid syntax. Perhaps you forgot a comma?"),
        "x = [\n  1,\n  2]\n",
    );
    text(
        "empty-block",
        "a.py",
        "def f():\n    # nothing\nf()\n",
        &python(3, "IndentationError: expected an indented block after function definition on line 1"),
        "def f():\n    pass\n    # nothing\nf()\n",
    );
    text(
        "print",
        "a.py",
        "  print \"a %d\" % 1\ns = 'print \"x\"'\n",
        "",
        "  print(\"a %d\" % 1)\ns = 'print \"x\"'\n",
    );
    text(
        "nested-quotes",
        "a.py",
        "x = f\"{a[\"b\"]} \\\"{c}\" + \"d\"\n".replace("\\\"", "").as_str(),
        &python(1, "SyntaxError: f-string: unmatched '['"),
        "x = f\"{a['b']} {c}\" + \"d\"\n",
    );
}

#[test]
fn what_node_points_at_is_filled_in() {
    text(
        "comma",
        "a.js",
        "x = {\n  a: [1]\n  b: 2,\n};\n",
        &node(3, "SyntaxError: Unexpected identifier 'b'"),
        "x = {\n  a: [1],\n  b: 2,\n};\n",
    );
    text(
        "twice",
        "a.js",
        "const a = 1;\nconst a = 1;\nf(a);\n",
        &node(2, "SyntaxError: Identifier 'a' has already been declared"),
        "const a = 1;\nf(a);\n",
    );
    text("code-quotes", "a.js", "f(“a”, '“b”')\n", "", "f(\"a\", '“b”')\n");
    text(
        "constant",
        "a.js",
        "const n = 0;\nn += 1;\n",
        &node(2, "TypeError: Assignment to constant variable."),
        "let n = 0;\nn += 1;\n",
    );
    text(
        "object-body",
        "a.js",
        "r.end({ a: f(1) });\n",
        &node(
            1,
            "TypeError [ERR_INVALID_ARG_TYPE]: The \"chunk\" argument must be of type string or an instance of Buffer",
        ),
        "r.end(JSON.stringify({ a: f(1) }));\n",
    );
    let waits = node(3, "SyntaxError: await is only valid in async functions and the top level bodies of modules");
    text(
        "awaits",
        "a.js",
        "s((q, r) => {\n  if (q) {\n    await f();\n  }\n});\n",
        &waits,
        "s(async (q, r) => {\n  if (q) {\n    await f();\n  }\n});\n",
    );
    text("awaits", "a.js", "function g(q)\n{\n  await f();\n}\n", &waits, "async function g(q)\n{\n  await f();\n}\n");
}

#[test]
fn words_of_another_language_are_translated() {
    text(
        "foreign-words",
        "a.py",
        "x = {'a': true, 'true': null, 'b': y.true}\n",
        &python(1, "NameError: name 'true' is not defined. Did you mean: 'True'?"),
        "x = {'a': True, 'true': None, 'b': y.true}\n",
    );
    text(
        "foreign-words",
        "a.js",
        "return True ? \"True\" : None;\n",
        &node(1, "ReferenceError: True is not defined"),
        "return true ? \"True\" : null;\n",
    );
}

#[test]
fn classes_modules_and_kinds_of_values_are_told_apart() {
    text(
        "datetime",
        "a.py",
        "from datetime import datetime\nx = datetime.datetime.now()\n",
        &python(2, "AttributeError: type object 'datetime.datetime' has no attribute 'datetime'"),
        "from datetime import datetime\nx = datetime.now()\n",
    );
    text(
        "datetime",
        "a.py",
        "import datetime\nx = datetime.now()\n",
        &python(2, "AttributeError: module 'datetime' has no attribute 'now'"),
        "from datetime import datetime\nx = datetime.now()\n",
    );
    let not_bytes = "TypeError: a bytes-like object is required, not 'str'";
    text(
        "bytes",
        "a.py",
        "self.wfile.write(json.dumps(x))\n",
        &python(1, not_bytes),
        "self.wfile.write((json.dumps(x)).encode())\n",
    );
    text(
        "bytes",
        "a.py",
        "self.wfile.write(body)\n",
        &python(1, not_bytes),
        "self.wfile.write(body if isinstance(body, bytes) else body.encode())\n",
    );
    text(
        "port-text",
        "a.py",
        "port = os.environ.get(\"PORT\", \"8000\")\n",
        "",
        "port = int(os.environ.get(\"PORT\", \"8000\"))\n",
    );
    text(
        "port-variable",
        "a.js",
        "const p = process.env.SERVER_PORT || 1;\n",
        "",
        "const p = process.env.PORT || 1;\n",
    );
    text(
        "unset-variable",
        "a.py",
        "k = os.environ[\"API_KEY\"]\n",
        &python(1, "KeyError: 'API_KEY'"),
        "k = os.environ.get(\"API_KEY\", \"\")\n",
    );
    text(
        "headers",
        "a.py",
        "    self.send_response(200)\n    self.wfile.write(b)\n",
        "",
        "    self.send_response(200)\n    self.end_headers()\n    self.wfile.write(b)\n",
    );
}

#[test]
fn names_and_places_of_modules_are_corrected() {
    let lacks = |name: &str| {
        ended(
            1,
            &format!(
                "import {{ x }} from \"./lib/x.js\";\nSyntaxError: The requested module './lib/x.js' does not provide an export named '{name}'"
            ),
        )
    };
    let app = |import: &str, export: &str| artifact("node a.js", &[("a.js", import), ("lib/x.js", export)]);
    let better =
        done("exports", &app("import { x } from \"./lib/x.js\";\n", "export default function x() {}\n"), &lacks("x"));
    assert_eq!(content(&better.unwrap(), "a.js"), "import x from \"./lib/x.js\";\n");
    let better = done("exports", &app("import x from \"./lib/x.js\";\n", "export const y = 1;\n"), &lacks("default"));
    assert_eq!(content(&better.unwrap(), "a.js"), "import * as x from \"./lib/x.js\";\n");
    text(
        "relative-import",
        "a.py",
        "from .b import c\nfrom . import d\n",
        &python(1, "ImportError: attempted relative import with no known parent package"),
        "from b import c\nimport d\n",
    );
    let lost = |name: &str| ended(1, &format!("ModuleNotFoundError: No module named '{name}'"));
    let moved = |files: &[(&str, &str)], name: &str| {
        let better = done("module-elsewhere", &artifact("python3 a.py", files), &lost(name))?;
        Some(content(&better, "a.py").to_owned())
    };
    assert_eq!(
        moved(&[("a.py", "from store import S\n"), ("lib/store.py", "")], "store").unwrap(),
        "from lib.store import S\n"
    );
    assert_eq!(moved(&[("a.py", "import store\n"), ("lib/store.py", "")], "store").unwrap(), "from lib import store\n");
    assert_eq!(moved(&[("a.py", "from app import store\n"), ("store.py", "")], "app").unwrap(), "import store\n");
    assert_eq!(
        moved(&[("a.py", "from Store import S\n"), ("store.py", "")], "Store").unwrap(),
        "from store import S\n"
    );
    assert_eq!(
        moved(&[("a.py", "import requests\n"), ("store.py", "")], "requests"),
        None,
        "a package is none of the app's files"
    );
}

#[test]
fn files_lie_where_they_are_looked_for() {
    let app = artifact("node src/a.js", &[("src/a.js", "f()"), ("public/x.css", "1"), ("public/y.css", "2")]);
    let lost = |path: &str| ended(1, &format!("Error: ENOENT: no such file or directory, open '{path}'"));
    let better = done("file-elsewhere", &app, &lost("/home/user/app/src/public/x.css")).unwrap();
    assert_eq!(
        (content(&better, "src/public/x.css"), content(&better, "src/public/y.css"), better.files.len()),
        ("1", "2", 5)
    );
    assert_eq!(done("file-elsewhere", &app, &lost("/home/user/app/../x.css")), None);
    let python = artifact(
        "python3 a.py",
        &[
            (
                "a.py",
                "p = Path(\"/data/x.csv\")\nroute = \"/data/y\"[1:]\nif path == \"/data/z\": open('/data/x.csv')\n",
            ),
            ("data/x.csv", ""),
        ],
    );
    let missing = ended(1, "FileNotFoundError: [Errno 2] No such file or directory: '/data/x.csv'");
    assert_eq!(
        content(&done("root-path", &python, &missing).unwrap(), "a.py").lines().next(),
        Some("p = Path(\"data/x.csv\")")
    );
    let better = done("folder", &app, &lost("/home/user/app/out/x.json")).unwrap();
    assert_eq!(content(&better, "out/.gitkeep"), "");
}

#[test]
fn start_commands_start_what_is_there() {
    let start = |name: &str, start: &str, files: &[(&str, &str)]| {
        done(name, &artifact(start, files), &Diagnostic::UNTRIED).unwrap()
    };
    for (given, meant) in [
        ("`node a.js`", "node a.js"),
        ("$ node a.js &", "node a.js"),
        ("PORT=5000 node a.js", "node a.js"),
        ("nohup node a.js", "node a.js"),
    ] {
        assert_eq!(start("bare-command", given, &[("a.js", "")]).start, meant);
    }
    assert_eq!(start("change-folder", "cd app && node a.js", &[("a.js", "")]).start, "node a.js");
    let split = start("install-at-start", "npm install --silent && node a.js", &[("a.js", "")]);
    assert_eq!((split.build.as_deref(), split.start.as_str()), (Some("npm install --silent"), "node a.js"));
    let script = start("install-at-start", "bash run.sh", &[("run.sh", "npm install\nnode a.js\n"), ("a.js", "")]);
    assert_eq!(content(&script, "run.sh"), "node a.js\n");
    let script = start("script-entry", "bash run.sh", &[("run.sh", "exec node index.js\n"), ("server.js", ".listen(")]);
    assert_eq!(content(&script, "run.sh"), "exec node server.js\n");
    for given in ["npx serve -s site", "http-server site", "python3 -m http.server $PORT --directory public"] {
        let served = start("page-server", given, &[("site/index.html", "<p>")]);
        assert!(served.start.contains("http.server $PORT --bind 0.0.0.0 --directory 'site'"), "{}", served.start);
    }
}

#[test]
fn servers_that_are_missing_are_done_without() {
    let app = artifact("gunicorn -w 2 shop.web:app --bind 0.0.0.0:$PORT", &[("shop/web.py", "")]);
    let better = done("app-server", &app, &ended(127, "bash: line 1: gunicorn: command not found")).unwrap();
    assert_eq!(better.start, "exec python3 serve_wsgi.py");
    assert!(content(&better, "serve_wsgi.py").contains("from shop.web import app as application"));
    let flask = artifact("flask run --port $PORT", &[("app.py", "")]);
    assert_eq!(
        done("app-server", &flask, &ended(127, "flask: command not found")).unwrap().start,
        "python3 -m flask run --port $PORT"
    );
    let program = artifact("python3 a.py 7", &[("a.py", "print(1)")]);
    let shown = done("program", &program, &ended(0, "1\n")).unwrap();
    assert!(
        shown.start.starts_with("{ python3 a.py 7; } > output.txt")
            && shown.start.ends_with("exec python3 show_output.py"),
        "{}",
        shown.start
    );
    assert_eq!(done("program", &program, &ended(1, "1\n")), None, "it failed, and is not shown as if it had not");
    let offline = Artifact { build: Some("npm install left-pad".to_owned()), ..artifact("node a.js", &[("a.js", "")]) };
    let failed = Diagnostic { trouble: Trouble::Build, output: "EAI_AGAIN".to_owned(), ..Diagnostic::UNTRIED };
    assert_eq!(done("offline-build", &offline, &failed).unwrap().build, None);
    assert_eq!(done("offline-build", &offline, &Diagnostic { internet: true, ..failed.clone() }), None);
    let pip = Artifact { build: Some("pip install x".to_owned()), ..artifact("python3 a.py", &[("a.py", "")]) };
    let refused = Diagnostic { internet: true, output: "error: externally-managed-environment".to_owned(), ..failed };
    assert_eq!(
        done("pip", &pip, &refused).unwrap().build.as_deref(),
        Some("export PIP_BREAK_SYSTEM_PACKAGES=1; pip install x")
    );
}

#[test]
fn middleware_and_colours_are_done_without() {
    let without = |package: &str, before: &str| {
        let lost = ended(1, &format!("Error: Cannot find module '{package}'\nRequire stack:"));
        content(&done("no-package", &artifact("node a.js", &[("a.js", before)]), &lost).unwrap(), "a.js").to_owned()
    };
    assert_eq!(without("cors", "const cors = require('cors');\napp.use(cors());\nf(cors);\n"), "f(cors);\n");
    assert_eq!(without("morgan", "import log from \"morgan\";\napp.use(log(\"dev\"));\n"), "");
    assert_eq!(
        without("body-parser", "const bp = require('body-parser');\napp.use(bp.json());\n"),
        "app.use(express.json());\n"
    );
    assert!(
        without("chalk", "const c = require(\"chalk\");\nlog(c.green('x'));\n").starts_with("const c = new Proxy(")
    );
    assert!(without("nanoid", "import { nanoid } from 'nanoid';\n").starts_with("const nanoid = () =>"));
}

#[test]
fn pages_are_closed_and_name_files_as_they_are() {
    let page = |name: &str, before: &str| {
        let app = artifact("node a.js", &[("a.js", ""), ("public/x.html", before), ("public/js/menu.js", "")]);
        done(name, &app, &Diagnostic::UNTRIED).map(|app| content(&app, "public/x.html").to_owned())
    };
    assert_eq!(
        page("page-end", "<html><body><script>f()").unwrap(),
        "<html><body><script>f()\n</script>\n</body>\n</html>\n"
    );
    assert_eq!(page("page-end", "<script></script>"), None);
    assert_eq!(page("page-reference", "<script src=\"/js/Menu.js\">").unwrap(), "<script src=\"/js/menu.js\">");
    assert_eq!(page("page-reference", "<script src=\"/js/other.js\">"), None);
}

#[test]
fn a_check_is_mended_only_where_the_answer_shows_that_the_app_works() {
    let failed = |check: Check, status: u16, shown: &str, name: &str, files: &[(&str, &str)]| {
        let app = Artifact { checks: vec![check], ..artifact("node a.js", files) };
        let answered = Some(Answered { check: "home".to_owned(), status, shown: shown.to_owned() });
        let said = Diagnostic { trouble: Trouble::Check, answered, ..Diagnostic::UNTRIED };
        done(name, &app, &said).map(|app| app.checks[0].clone())
    };
    let get = |status, contains| Check::get("home", "/", status, contains);
    let status =
        |expected, got| failed(get(expected, None), got, "", "check-status", &[]).map(|check| check.expect.status);
    assert_eq!(
        (status(200, 201), status(301, 302), status(200, 302), status(400, 422)),
        (Some(201), Some(302), Some(302), Some(422))
    );
    assert_eq!(
        (status(200, 500), status(404, 200), status(200, 404), status(401, 200), status(401, 403)),
        (None, None, None, None, None)
    );
    let page = "<!doctype html><title>My list</title>";
    let files = [("public/i.html", "<h1>My list</h1><script src=\"/a.js\">"), ("public/a.js", "show('Buy milk')")];
    let contains =
        |name, text| failed(get(200, Some(text)), 200, page, name, &files).map(|check| check.expect.contains);
    assert_eq!(contains("check-case", "my LIST"), Some(Some("My list".to_owned())));
    assert_eq!(contains("check-browser", "Buy milk"), Some(None));
    assert_eq!((contains("check-case", "Sell milk"), contains("check-browser", "Sell milk")), (None, None));
    let path = Check { path: "/A.js".to_owned(), ..get(200, None) };
    assert_eq!(failed(path, 404, "", "check-path", &files).unwrap().path, "/a.js");
}
