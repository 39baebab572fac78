//! One mistake after another: each is mended by its own rung, once, and what is right is left alone.

use super::*;
use crate::types::{AppFile, Check, Origin, PORTS, Port, Runtime};

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

fn failed(trouble: Trouble, output: &str) -> Diagnostic {
    Diagnostic { trouble, output: output.to_owned(), internet: false, answered: None }
}

fn ended(output: &str) -> Diagnostic {
    failed(Trouble::Ended(1), output)
}

/// The rung `name` must be the one that the ladder takes, and must find nothing more to do afterwards.
fn mended(name: &str, artifact: &Artifact, diagnostic: &Diagnostic) -> Artifact {
    let (better, repair) =
        mend(artifact, diagnostic).unwrap_or_else(|| panic!("{name}: nothing to do for {artifact:?}"));
    assert_eq!(repair.name, name, "{better:?}");
    let again = (repair.mend)(&better, diagnostic);
    assert_eq!(again, None, "{name} does not end");
    better
}

fn content<'a>(artifact: &'a Artifact, path: &str) -> &'a str {
    &artifact.files.iter().find(|file| file.path == path).unwrap_or_else(|| panic!("no {path}")).content
}

/// Mends the one file of an app, before it was tried.
fn text(name: &str, path: &str, before: &str) -> String {
    let start = if path.ends_with(".py") { format!("python3 {path}") } else { format!("node {path}") };
    let better = mended(name, &artifact(&start, &[(path, before)]), &Diagnostic::UNTRIED);
    content(&better, path).to_owned()
}

const RIGHT: &str = "const http = require(\"node:http\");\nhttp.createServer((q, s) => s.end(`http://localhost`)).listen(process.env.PORT || 3000, \"0.0.0.0\");\n";

#[test]
fn what_is_right_is_left_alone() {
    let python = "import os\nfrom http.server import HTTPServer\ndef main():\n    HTTPServer((\"0.0.0.0\", int(os.environ[\"PORT\"])), H).serve_forever()\n\nif __name__ == \"__main__\":\n    main()\n";
    for (start, path, source) in [("node server.js", "server.js", RIGHT), ("exec python3 -S app.py", "app.py", python)]
    {
        let page = ("public/a.html", "<script src=\"a.js\"></script>\n<p>Use ``` for code: <b>http://example.com</b>");
        let right = artifact(start, &[(path, source), page, ("README.md", "```\nx\n```\n"), ("data.json", "[1]")]);
        assert_eq!(polish(&right), (right.clone(), Vec::new()));
        for trouble in [Trouble::Build, Trouble::Ended(1), Trouble::Deaf, Trouble::Check] {
            assert_eq!(
                mend(&right, &failed(trouble, "TypeError: x is not a function")).map(|(_, repair)| repair.name),
                None
            );
        }
    }
}

#[test]
fn fences_are_removed_whole_or_half() {
    assert_eq!(text("fences", "a.py", "```python\nprint(1)\n```\n"), "print(1)\n");
    assert_eq!(text("fences", "a.py", "```\nprint(1)\n"), "print(1)\n");
    assert_eq!(text("fences", "a.py", "print(1)\n```\n"), "print(1)\n");
    assert_eq!(text("fences", "a.py", "```py\nprint(1)\n```\nThis prints one.\n"), "print(1)\n");
}

#[test]
fn marks_tags_entities_and_line_breaks_are_set_right() {
    assert_eq!(text("bom", "a.py", "\u{feff}print(1)"), "print(1)");
    assert_eq!(text("stray-tags", "a.py", "print(1)\n</file>\n"), "print(1)\n");
    assert_eq!(text("entities", "a.js", "x.map((y) =&gt; y &amp;&amp; 1).listen()"), "x.map((y) => y && 1).listen()");
    assert_eq!(text("entities", "a.py", "if a &lt; 2:\n    print(1)"), "if a < 2:\n    print(1)");
    assert_eq!(
        text("one-line", "a.py", "import os\\nprint(\\\"a\\\")\\nprint(2)\\n"),
        "import os\nprint(\"a\")\nprint(2)\n"
    );
    let shell = artifact("bash run.sh", &[("run.sh", "#!/bin/sh\r\nnode a.js\r\n"), ("a.js", RIGHT)]);
    assert_eq!(content(&mended("crlf", &shell, &Diagnostic::UNTRIED), "run.sh"), "#!/bin/sh\nnode a.js\n");
}

#[test]
fn indentation_and_quotes_follow_the_parsers_word() {
    let app = artifact("python3 a.py", &[("a.py", "if 1:\n\tx = 1\n    y = 2\n")]);
    let better = mended("tabs", &app, &ended("TabError: inconsistent use of tabs and spaces in indentation"));
    assert_eq!(content(&better, "a.py"), "if 1:\n    x = 1\n    y = 2\n");
    let app = artifact("node a.js", &[("a.js", "f(“a”, ‘b’)"), ("b.js", "“c”")]);
    let better = mended("quotes", &app, &ended("/home/user/app/a.js:1\nSyntaxError: Invalid or unexpected token"));
    assert_eq!((content(&better, "a.js"), content(&better, "b.js")), ("f(\"a\", 'b')", "“c”"));
}

#[test]
fn manifests_are_mended_and_useless_builds_left_out() {
    let package = "{ // the app\n \"dependencies\": {\"a\": \"1\",},}";
    let app = artifact("node a.js", &[("package.json", package), ("a.js", RIGHT)]);
    let better = mended("json", &app, &Diagnostic::UNTRIED);
    assert!(serde_json::from_str::<serde_json::Value>(content(&better, "package.json")).is_ok());
    let built = |build: &str, files| Artifact { build: Some(build.to_owned()), ..artifact("node a.js", files) };
    let none = built("npm install", &[("a.js", RIGHT), ("package.json", "{\"dependencies\":{}}")]);
    assert_eq!(mended("useless-build", &none, &Diagnostic::UNTRIED).build, None);
    let none = built("pip install -r requirements.txt", &[("a.js", RIGHT), ("requirements.txt", "# none\n")]);
    assert_eq!(mended("useless-build", &none, &Diagnostic::UNTRIED).build, None);
    let unlocked = built("npm ci", &[("a.js", RIGHT), ("package.json", "{\"dependencies\":{\"a\":\"1\"}}")]);
    let better = mended("useless-build", &unlocked, &Diagnostic::UNTRIED);
    assert!(better.build.unwrap().starts_with("npm install"));
}

#[test]
fn starts_are_found_and_corrected() {
    let start = |name: &str, start: &str, files: &[(&str, &str)]| {
        mended(name, &artifact(start, files), &Diagnostic::UNTRIED).start
    };
    assert_eq!(start("start", "", &[("util.js", "x"), ("lib/web.js", RIGHT)]), "node lib/web.js");
    assert_eq!(
        start("start", "", &[("package.json", "{\"scripts\":{\"start\":\"node x.js\"}}"), ("x.js", RIGHT)]),
        "node x.js"
    );
    assert!(
        start("start", "", &[("web/index.html", "<p>")]).contains("http.server $PORT --bind 0.0.0.0 --directory 'web'")
    );
    assert_eq!(start("entry", "node index.js", &[("src/index.js", RIGHT)]), "node src/index.js");
    assert_eq!(start("entry", "node Server.js", &[("server.js", RIGHT)]), "node server.js");
    assert_eq!(start("entry", "node index.js", &[("server.js", RIGHT), ("public/app.js", "x")]), "node server.js");
    let package = "{\"scripts\":{\"dev\":\"nodemon a.js\"}}";
    assert_eq!(start("npm-script", "npm run dev", &[("package.json", package), ("a.js", RIGHT)]), "nodemon a.js");
    assert_eq!(start("npm-script", "npm start", &[("package.json", "{}"), ("server.js", RIGHT)]), "node server.js");
    assert_eq!(start("runner", "npx nodemon a.js", &[("a.js", RIGHT)]), "node a.js");
    assert_eq!(start("runner", "python a.py", &[("a.py", "serve_forever")]), "python3 a.py");
    assert_eq!(start("executable", "./run.sh 1", &[("run.sh", "#!/bin/sh\nnode a.js")]), "bash run.sh 1");
    assert_eq!(start("executable", "exec ./go", &[("go", "#!/usr/bin/env python3\n1")]), "exec python3 go");
    assert_eq!(start("executable", "./go", &[("go", "echo no shebang")]), "bash go");
}

#[test]
fn servers_are_told_where_to_listen() {
    let start =
        |start: &str| mended("server-command", &artifact(start, &[("main.py", "x")]), &Diagnostic::UNTRIED).start;
    assert_eq!(start("python3 -m uvicorn main:app"), "python3 -m uvicorn main:app --host 0.0.0.0 --port $PORT");
    assert_eq!(start("uvicorn main:app --host 127.0.0.1 --port 5000"), "uvicorn main:app --host 0.0.0.0 --port $PORT");
    assert_eq!(start("gunicorn main:app"), "gunicorn main:app --bind 0.0.0.0:$PORT");
    assert_eq!(start("gunicorn -b 127.0.0.1:5000 main:app"), "gunicorn -b 0.0.0.0:$PORT main:app");
    assert_eq!(start("flask run"), "flask run --host 0.0.0.0 --port $PORT");
    assert_eq!(start("python3 -m http.server 9000"), "python3 -m http.server $PORT --bind 0.0.0.0");
}

#[test]
fn what_is_defined_is_run() {
    let python = |text: &str| mended("not-run", &artifact("python3 app.py", &[("app.py", text)]), &Diagnostic::UNTRIED);
    let main = python("def main():\n    serve_forever()\n");
    assert!(content(&main, "app.py").ends_with("if __name__ == \"__main__\":\n    main()\n"));
    let flask = python("from flask import Flask\napp = Flask(__name__)\n");
    assert!(content(&flask, "app.py").contains("app.run(host=\"0.0.0.0\", port=int(os.environ"));
    let fast = python("app = FastAPI()\n");
    assert_eq!(fast.start, "exec python3 -m uvicorn app:app --host 0.0.0.0 --port $PORT");
    let node =
        artifact("node a.js", &[("a.js", "const http = require('http');\nconst server = http.createServer(f);\n")]);
    let better = mended("no-listen", &node, &Diagnostic::UNTRIED);
    assert!(content(&better, "a.js").ends_with("server.listen(process.env.PORT || 3000, \"0.0.0.0\");\n"));
}

#[test]
fn modules_are_of_one_kind() {
    let app = artifact("node a.js", &[("a.js", "import http from \"http\";\nx.listen(process.env.PORT)")]);
    let better = mended("modules", &app, &Diagnostic::UNTRIED);
    assert!(content(&better, "package.json").contains("\"type\": \"module\""));
    let common = [("package.json", "{\"type\":\"module\",\"name\":\"x\"}"), ("a.js", RIGHT)];
    let better = mended("modules", &artifact("node a.js", &common), &Diagnostic::UNTRIED);
    assert!(!content(&better, "package.json").contains("type") && content(&better, "package.json").contains("name"));
    let both = [
        ("package.json", "{\"type\":\"module\"}"),
        ("a.js", "import a from 'a';\nconst b = require('b');\n.listen(process.env.PORT)"),
    ];
    let better = mended("modules", &artifact("node a.js", &both), &Diagnostic::UNTRIED);
    assert!(content(&better, "a.js").starts_with("import { createRequire }"));
    let waits = artifact("node a.js", &[("a.js", "await x;\n.listen(process.env.PORT)")]);
    let said = "SyntaxError: await is only valid in async functions and the top level bodies of modules";
    assert!(content(&mended("modules", &waits, &ended(said)), "package.json").contains("module"));
}

#[test]
fn modules_get_what_they_lack() {
    let module = ("package.json", "{\"type\":\"module\"}");
    let app =
        artifact("node a.js", &[module, ("a.js", "import x from 'x';\nread(__dirname).listen(process.env.PORT);")]);
    assert!(content(&mended("dirname", &app, &Diagnostic::UNTRIED), "a.js").contains("const __dirname ="));
    let app = artifact(
        "node a.js",
        &[module, ("a.js", "import d from \"./d.json\";\n.listen(process.env.PORT)"), ("d.json", "[]")],
    );
    let better = mended("json-import", &app, &Diagnostic::UNTRIED);
    assert!(content(&better, "a.js").starts_with("import d from \"./d.json\" with { type: \"json\" };"));
}

#[test]
fn import_paths_lead_to_files() {
    let app = [
        ("lib/a.js", "const db = require(\"../Data/Db\");\nrequire('./b');\n.listen(process.env.PORT)"),
        ("data/db.js", "x"),
        ("lib/b.js", "x"),
    ];
    let better = mended("import-path", &artifact("node lib/a.js", &app), &Diagnostic::UNTRIED);
    assert_eq!(
        content(&better, "lib/a.js").lines().take(2).collect::<String>(),
        "const db = require(\"../data/db.js\");require('./b');"
    );
    let app = [
        ("package.json", "{\"type\":\"module\"}"),
        ("a.js", "import { b } from \"./lib/b\";\n.listen(process.env.PORT)"),
        ("lib/b.js", "export const b = 1"),
    ];
    let better = mended("import-path", &artifact("node a.js", &app), &Diagnostic::UNTRIED);
    assert!(content(&better, "a.js").starts_with("import { b } from \"./lib/b.js\""));
}

#[test]
fn names_of_the_standard_library_are_imported() {
    let app =
        artifact("node a.js", &[("a.js", "#!/usr/bin/env node\nfs.readFileSync('x');\n.listen(process.env.PORT)")]);
    let better = mended(
        "builtin",
        &app,
        &ended("ReferenceError: fs is not defined\n    at Object.<anonymous> (/home/user/app/a.js:2:1)"),
    );
    assert!(content(&better, "a.js").starts_with("#!/usr/bin/env node\nconst fs = require(\"node:fs\");\n"));
    let app = artifact(
        "python3 a.py",
        &[("a.py", "from __future__ import annotations\nprint(datetime.now(), serve_forever)")],
    );
    let better = mended("builtin", &app, &ended("NameError: name 'datetime' is not defined"));
    assert!(content(&better, "a.py").contains("annotations\nfrom datetime import datetime\n"));
    assert!(mend(&app, &ended("NameError: name 'widget' is not defined")).is_none());
}

#[test]
fn packages_are_added_where_they_can_be_had() {
    let node = artifact("node a.js", &[("a.js", RIGHT)]);
    let lost =
        |internet| Diagnostic { internet, ..ended("Error: Cannot find module '@scope/kit/sub'\nRequire stack:") };
    let better = mended("package", &node, &lost(true));
    assert!(content(&better, "package.json").contains("\"@scope/kit\": \"*\""));
    assert_eq!(
        (better.build.as_deref(), better.dependencies.as_slice()),
        (Some("npm install --omit=dev --no-audit --no-fund"), ["@scope/kit".to_owned()].as_slice())
    );
    assert_eq!(
        (mend(&node, &lost(false)).map(|_| ()), unobtainable(&node, &lost(false))),
        (None, Some("@scope/kit".to_owned()))
    );
    let python = artifact("python3 a.py", &[("a.py", "serve_forever"), ("store.py", "")]);
    let lost = Diagnostic { internet: true, ..ended("ModuleNotFoundError: No module named 'bs4.element'") };
    assert!(mended("package", &python, &lost).build.unwrap().ends_with("'beautifulsoup4'"));
    let own = Diagnostic { internet: true, ..ended("ModuleNotFoundError: No module named 'store'") };
    assert!(mend(&python, &own).is_none(), "a file of its own is no package");
}

#[test]
fn needless_packages_are_done_without() {
    let without = |path: &str, before: &str, missing: &str| {
        let start = if path.ends_with("py") { "python3 a.py" } else { "node a.js" };
        content(&mended("no-package", &artifact(start, &[(path, before)]), &ended(missing)), path).to_owned()
    };
    let left =
        without("a.js", "require('dotenv').config();\nx.listen(process.env.PORT);\n", "Cannot find module 'dotenv'");
    assert_eq!(left, "x.listen(process.env.PORT);\n");
    let left = without(
        "a.js",
        "const fetch = require(\"node-fetch\");\nx.listen(process.env.PORT);\n",
        "Cannot find module 'node-fetch'",
    );
    assert_eq!(left, "x.listen(process.env.PORT);\n");
    let left = without(
        "a.js",
        "const { v4: id } = require('uuid');\nx.listen(process.env.PORT);\n",
        "Cannot find module 'uuid'",
    );
    assert!(left.starts_with("const id = () => require(\"node:crypto\").randomUUID();"), "{left}");
    let left =
        without("a.py", "from dotenv import load_dotenv\nload_dotenv()\nserve_forever\n", "No module named 'dotenv'");
    assert_eq!(left, "serve_forever\n");
}

#[test]
fn apps_listen_on_all_addresses() {
    let to = |path: &str, before: &str| text("loopback", path, before);
    assert_eq!(
        to("a.js", "s.listen(Number(process.env.PORT), '127.0.0.1', f)"),
        "s.listen(Number(process.env.PORT), \"0.0.0.0\", f)"
    );
    let hostname = to("a.js", "const hostname = '127.0.0.1';\ns.listen(process.env.PORT, hostname)");
    assert!(hostname.starts_with("const hostname = \"0.0.0.0\";"));
    assert_eq!(
        to("a.py", "HTTPServer((\"localhost\", int(os.environ['PORT'])), H)"),
        "HTTPServer((\"0.0.0.0\", int(os.environ['PORT'])), H)"
    );
    let flask = to("a.py", "app = Flask(__name__)\n\napp.run(debug=True, threaded=True)\n");
    assert!(
        flask.contains(
            "app.run(host=\"0.0.0.0\", port=int(__import__(\"os\").environ.get(\"PORT\", 3000)), threaded=True)"
        ),
        "{flask}"
    );
}

#[test]
fn apps_listen_on_the_right_port() {
    let app = artifact(
        "node a.js",
        &[("a.js", "const port = 4000;\nx.y = 4000;\ns.listen(port, () => log(`on port 4000`));")],
    );
    let better = mended("port", &app, &Diagnostic::UNTRIED);
    assert_eq!(content(&better, "a.js"), "const port = 3000;\nx.y = 4000;\ns.listen(port, () => log(`on port 3000`));");
    let known = artifact("node a.js", &[("a.js", "s.listen(8080)")]);
    assert_eq!(mended("port", &known, &Diagnostic::UNTRIED).port, Port::new(8080).unwrap());
    let told = artifact("node a.js", &[("a.js", "s.listen(process.env.MY_PORT || 5173, f)")]);
    let better = mended("port", &told, &failed(Trouble::Deaf, "Server ready at http://localhost:5173/"));
    assert_eq!(content(&better, "a.js"), "s.listen(process.env.MY_PORT || 3000, f)");
}

#[test]
fn pages_address_their_own_host() {
    let page = |path: &str, before: &str| {
        let files = [("server.js", RIGHT), ("public/index.html", "<script src=\"/app.js\"></script>"), (path, before)];
        content(&mended("localhost", &artifact("node server.js", &files), &Diagnostic::UNTRIED), path).to_owned()
    };
    assert_eq!(page("public/app.js", "fetch(\"http://localhost:3000/api\")"), "fetch(\"/api\")");
    assert_eq!(page("public/app.js", "const API = 'http://127.0.0.1:8000';"), "const API = '';");
    let socket = page("public/app.js", "new WebSocket(\"ws://localhost:3000/live\")");
    assert!(socket.ends_with("location.host + \"/live\")"), "{socket}");
    let inside =
        page("page.py", "PAGE = \"<script>fetch('http://localhost:8000/x')</script>\"\nDB = 'http://localhost:5432'");
    assert_eq!(inside, "PAGE = \"<script>fetch('/x')</script>\"\nDB = 'http://localhost:5432'");
}

#[test]
fn a_polished_app_needs_no_more_polish() {
    let flawed = artifact(
        "",
        &[
            ("package.json", "```json\n{\"type\": \"module\",}\n```"),
            (
                "server.js",
                "\u{feff}```js\nimport http from \"http\";\nimport { x } from \"./Lib/x\";\nhttp.createServer().listen(4000, \"localhost\");\n```",
            ),
            ("lib/x.js", "export const x = __dirname;\n"),
        ],
    );
    let (better, did) = polish(&flawed);
    assert_eq!(better.start, "node server.js");
    let server = content(&better, "server.js");
    assert!(server.contains("./lib/x.js") && server.contains("listen(3000, \"0.0.0.0\")"), "{server}");
    assert!(did.len() >= 6, "{did:?}");
    assert_eq!(polish(&better), (better.clone(), Vec::new()));
}

#[test]
fn one_error_has_one_fingerprint() {
    let at = |line: u32, folder: &str| {
        ended(&format!(
            "{folder}/server.js:{line}\n  boom.x\n\nTypeError: Cannot read properties of undefined (reading 'x') at 0x7f{line}\n    at Object.<anonymous> ({folder}/server.js:{line}:3)\n\nNode.js v20.20.2"
        ))
    };
    assert_eq!(fingerprint(&at(3, "/home/user/app")), fingerprint(&at(41, "/tmp/sandbox-93ab")));
    let of = |output: &str| fingerprint(&ended(output));
    assert_ne!(of("Error: Cannot find module './a'"), of("Error: Cannot find module './b'"));
    assert_ne!(of("x"), fingerprint(&failed(Trouble::Build, "x")));
    assert_eq!(of("").to_string(), "ended: ");
    let long = of(&"error é".repeat(4000));
    assert!(long.to_string().chars().count() < 300);
}

proptest::proptest! {
    #[test]
    fn no_text_makes_a_repair_panic_or_go_on_for_ever(
        text in "(\\PC|\n|\t|```|import x from './A'|require\\('b'\\)|=&gt;|localhost:3000|\\.listen\\(5000, '127\\.0\\.0\\.1'\\)|PORT = 5000|Flask\\(|app\\.run\\(\\)|def main\\(\\):|const s = createServer\\(|\"\"\"|\\{,\\}|\u{feff}){0,30}",
        output in "(TabError|Cannot find module 'a'|port 5000|ReferenceError: fs is not defined|No module named 'os'|\n|\\PC){0,6}",
        internet: bool,
    ) {
        for (start, path) in [("node a.js", "a.js"), ("python3 a.py", "a.py"), ("", "package.json"), ("./a", "a")] {
            let mut app = artifact(start, &[(path, &text), ("public/x.js", &text), ("x/A.js", "")]);
            let diagnostic = Diagnostic { trouble: Trouble::Deaf, output: output.clone(), internet, answered: None };
            let mut steps = 0;
            while let Some((better, repair)) = mend(&app, &diagnostic) {
                proptest::prop_assert!(better != app, "{} changed nothing", repair.name);
                app = better;
                steps += 1;
                proptest::prop_assert!(steps <= 2 * LADDER.len(), "{} goes on", repair.name);
            }
        }
    }
}
