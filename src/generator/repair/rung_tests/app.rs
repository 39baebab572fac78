//! Rungs that mend where things are: modules, files, commands, packages, pages and checks.

use super::*;

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
    assert_eq!(done("program", &program, &ended(0, "\n")), None, "it has nothing to show");
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
