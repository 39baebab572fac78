//! Rungs that mend what is wrong between files, with waiting, and with frameworks.

use super::*;

/// The files after the rung has done its work, in the app that they make.
#[track_caller]
fn mended(name: &str, start: &str, files: &[(&str, &str)], said: &Diagnostic) -> Artifact {
    done(name, &artifact(start, files), said).unwrap_or_else(|| panic!("{name}: nothing to do"))
}

fn nothing(name: &str, start: &str, files: &[(&str, &str)], said: &Diagnostic) {
    assert_eq!((rung(name).mend)(&artifact(start, files), said), None, "{name}");
}

const UNTRIED: Diagnostic = Diagnostic::UNTRIED;

#[test]
fn an_import_leads_to_the_one_file_that_has_what_it_takes() {
    let a = "import { f, g } from \"./lib/help.js\";\n";
    let files = [
        ("a.js", a),
        ("lib/http.js", "export const f = 1;\nexport function g() {}\n"),
        ("lib/x.js", "export const f = 2;\n"),
    ];
    assert_eq!(
        content(&mended("import-elsewhere", "node a.js", &files, &UNTRIED), "a.js"),
        "import { f, g } from \"./lib/http.js\";\n"
    );
    nothing(
        "import-elsewhere",
        "node a.js",
        &[("a.js", a), ("b.js", "export { f, g };"), ("c.js", "export { f, g };")],
        &UNTRIED,
    );
    let files = [
        ("r/a.js", "const E = require('../models/Entries');\n"),
        ("models/entry.js", "module.exports = E;\n"),
        ("models/user.js", ""),
    ];
    assert_eq!(
        content(&mended("import-elsewhere", "node r/a.js", &files, &UNTRIED), "r/a.js"),
        "const E = require('../models/entry.js');\n"
    );
    nothing(
        "import-elsewhere",
        "node a.js",
        &[("a.js", "const x = require('./config');\n"), ("b.js", "module.exports = 1;")],
        &UNTRIED,
    );
    let lost = ended(1, "ModuleNotFoundError: No module named 'cart'");
    let files = [("a.py", "from cart import PRICES, Cart\n"), ("store.py", "PRICES = {}\nclass Cart:\n    pass\n")];
    assert_eq!(
        content(&mended("module-otherwise", "python3 a.py", &files, &lost), "a.py"),
        "from store import PRICES, Cart\n"
    );
}

#[test]
fn what_is_imported_is_exported() {
    let both = |export: &str, import: &str| {
        let better = mended("unexported", "node a.js", &[("a.js", import), ("b.js", export)], &UNTRIED);
        content(&better, "b.js").to_owned()
    };
    let import = "const r = require('./b');\n";
    assert_eq!(
        both("const router = express.Router();\n", import),
        "const router = express.Router();\n\nmodule.exports = router;\n"
    );
    assert_eq!(
        both("function f() {}\n", "const { f } = require('./b');\n"),
        "function f() {}\n\nmodule.exports = { f };\n"
    );
    assert_eq!(
        both("const f = 1, g = 2;\nfunction h() {}\nmodule.exports = { f };\n", "const { f, h } = require('./b');\n"),
        "const f = 1, g = 2;\nfunction h() {}\nmodule.exports = { h, f };\n"
    );
    assert_eq!(
        both("export const f = 1;\nfunction h() {}\n", "import { f, h } from './b.js';\n"),
        "export const f = 1;\nfunction h() {}\n\nexport { h };\n"
    );
    nothing("unexported", "node a.js", &[("a.js", import), ("b.js", "setup();\n")], &UNTRIED);
    nothing("unexported", "node a.js", &[("a.js", import), ("b.js", "module.exports = (app) => app;\n")], &UNTRIED);
}

#[test]
fn wholes_and_parts_are_told_apart() {
    let taken = |import: &str, export: &str| {
        let better = mended("taken-apart", "node a.js", &[("a.js", import), ("b.js", export)], &UNTRIED);
        content(&better, "a.js").to_owned()
    };
    assert_eq!(
        taken("const { E } = require('./b');\nE.all();\n", "class E {}\nmodule.exports = E;\n"),
        "const E = require('./b');\nE.all();\n"
    );
    assert_eq!(
        taken("const f = require('./b');\nf(1);\n", "module.exports = { f };\n"),
        "const { f } = require('./b');\nf(1);\n"
    );
    nothing(
        "taken-apart",
        "node a.js",
        &[("a.js", "const f = require('./b');\nf.f(1);\n"), ("b.js", "module.exports = { f };\n")],
        &UNTRIED,
    );
    let lacks = ended(1, "SyntaxError: The requested module './b.js' does not provide an export named 'default'");
    let files = [("a.js", "import f from \"./b.js\";\n"), ("b.js", "export function f() {}\n")];
    assert_eq!(content(&mended("exports", "node a.js", &files, &lacks), "a.js"), "import { f } from \"./b.js\";\n");
}

#[test]
fn names_are_found_in_other_files_and_under_other_names() {
    let undefined = ended(1, &node(2, "ReferenceError: f is not defined"));
    let files = [("a.js", "const x = 1;\nf(x);\n"), ("b.js", "module.exports = { f };\n")];
    assert_eq!(
        content(&mended("own-symbol", "node a.js", &files, &undefined), "a.js"),
        "const { f } = require(\"./b.js\");\nconst x = 1;\nf(x);\n"
    );
    nothing("own-symbol", "node a.js", &[files[0], files[1], ("c.js", "exports.f = 1;\n")], &undefined);
    let undefined = ended(1, &python(2, "NameError: name 'total' is not defined"));
    let files = [("a.py", "import b\ntotal(1)\n"), ("b.py", "def total(x):\n    return x\n")];
    assert_eq!(
        content(&mended("own-name", "python3 a.py", &files, &undefined), "a.py"),
        "from b import total\nimport b\ntotal(1)\n"
    );
    let lacking = "ImportError: cannot import name 'get_weather' from 's.f' (/home/user/app/s/f.py)";
    let files = [("a.py", "from s.f import x, get_weather\n"), ("s/f.py", "x = 1\ndef weather():\n    pass\n")];
    assert_eq!(
        content(&mended("misnamed", "python3 a.py", &files, &ended(1, &python(1, lacking))), "a.py"),
        "from s.f import x, weather as get_weather\n"
    );
    let lacking = ended(1, "SyntaxError: The requested module './b.js' does not provide an export named 'getWeather'");
    let files = [
        ("a.js", "import { getWeather } from \"./b.js\";\n"),
        ("b.js", "export function weather() {}\nexport const x = 1;\n"),
    ];
    assert_eq!(
        content(&mended("misnamed", "node a.js", &files, &lacking), "a.js"),
        "import { weather as getWeather } from \"./b.js\";\n"
    );
}

#[test]
fn modules_of_one_app_are_of_one_kind() {
    let plain =
        "const fs = require('fs');\nconst { join: j } = require('path');\nfunction f() {}\nmodule.exports = { f };\n";
    let files =
        [("a.js", "import { f } from './b.js';\n"), ("b.js", plain), ("package.json", "{\"type\": \"module\"}")];
    let better = mended("module-mixture", "node a.js", &files, &UNTRIED);
    assert_eq!(
        content(&better, "b.js"),
        "import fs from 'fs';\nimport { join as j } from 'path';\nfunction f() {}\nexport { f };\n"
    );
    nothing("module-mixture", "node a.js", &[("a.mjs", "import x from 'y';\n"), ("b.js", plain)], &UNTRIED);
}

#[test]
fn what_takes_its_time_is_waited_for() {
    let check = Diagnostic { trouble: Trouble::Check, ..UNTRIED };
    let store = ("b.js", "export async function list() {}\n");
    let promised =
        |before: &str| content(&mended("promise", "node a.js", &[("a.js", before), store], &check), "a.js").to_owned();
    assert_eq!(
        promised("async () => {\n  const x = list();\n  f(x);\n}\n"),
        "async () => {\n  const x = await list();\n  f(x);\n}\n"
    );
    assert_eq!(
        promised("async (q, r) => {\n  r.json(list());\n}\n"),
        "async (q, r) => {\n  r.json(await list());\n}\n"
    );
    for right in [
        "  const x = list();\n  f(await x);\n",
        "  const x = list();\n  await Promise.all([x]);\n",
        "  const x = other();\n",
        "  r.json(await list());\n",
    ] {
        nothing("promise", "node a.js", &[("a.js", right), store], &check);
    }
    nothing("promise", "node a.js", &[("a.js", "  const x = list();\n"), store], &ended(1, "TypeError: x"));
    text(
        "coroutine",
        "a.py",
        "async def g():\n    x = f(1)\n    return await f(x)\n",
        "a.py:2: RuntimeWarning: coroutine 'f' was never awaited",
        "async def g():\n    x = await f(1)\n    return await f(x)\n",
    );
    text(
        "plain-function",
        "a.py",
        "@get('/')\ndef g():\n    if x:\n        await f()\n",
        &python(4, "SyntaxError: 'await' outside async function"),
        "@get('/')\nasync def g():\n    if x:\n        await f()\n",
    );
}

#[test]
fn frameworks_are_told_what_they_want_to_know() {
    text(
        "body-parser",
        "a.js",
        "const app = express();\napp.post('/', (req, res) => res.json(req.body));\n",
        "",
        "const app = express();\n\napp.use(express.json());\napp.post('/', (req, res) => res.json(req.body));\n",
    );
    nothing(
        "body-parser",
        "node a.js",
        &[("a.js", "const app = express();\napp.use(express.urlencoded());\nreq.body;\n")],
        &UNTRIED,
    );
    text(
        "route-methods",
        "a.py",
        "@app.route('/a')\ndef a():\n    return '1'\n\n@app.route('/b')\ndef b():\n    return request.get_json()\n",
        "",
        "@app.route('/a')\ndef a():\n    return '1'\n\n@app.route('/b', methods=[\"POST\"])\ndef b():\n    return request.get_json()\n",
    );
    text(
        "route-methods",
        "a.py",
        "@app.route('/b')\ndef b():\n    if request.method == 'POST':\n        request.form['x']\n",
        "",
        "@app.route('/b', methods=[\"GET\", \"POST\"])\ndef b():\n    if request.method == 'POST':\n        request.form['x']\n",
    );
    text(
        "framework-name",
        "a.py",
        "from flask import Flask, jsonify\nrequest.args\n",
        &python(2, "NameError: name 'request' is not defined"),
        "from flask import Flask, jsonify, request\nrequest.args\n",
    );
    text(
        "served-name",
        "main.py",
        "app = FastAPI()\nuvicorn.run(\"app:app\", port=1)\n",
        "ERROR: Error loading ASGI app. Could not import module \"app\".",
        "app = FastAPI()\nuvicorn.run(\"main:app\", port=1)\n",
    );
    let start = mended(
        "served-name",
        "python3 -m uvicorn app:app --port $PORT",
        &[("src/main.py", "api = FastAPI()\n")],
        &ended(1, "Error loading ASGI app"),
    );
    assert_eq!(start.start, "python3 -m uvicorn src.main:api --port $PORT");
}

#[test]
fn folders_are_served_from_where_they_are() {
    let served = |files: &[(&str, &str)], path: &str| {
        content(&mended("served-folder", "node src/a.js", files, &UNTRIED), path).to_owned()
    };
    let page = ("public/index.html", "<p>");
    assert_eq!(
        served(&[("src/a.js", "s(path.join(__dirname, 'public'));\n"), page], "src/a.js"),
        "s(path.join(__dirname, \"../public\"));\n"
    );
    assert_eq!(
        served(&[("a.js", "s(path.join(__dirname, '..', 'public'));\n"), page], "a.js"),
        "s(path.join(__dirname, \"public\"));\n"
    );
    assert_eq!(
        served(&[("src/a.js", "express.static('public')\n"), ("src/public/x.css", "")], "src/a.js"),
        "express.static(\"src/public\")\n"
    );
    assert_eq!(
        served(&[("src/a.py", "p = Path(__file__).parent / \"public\"\n"), page], "src/a.py"),
        "p = Path(__file__).parent / \"../public\"\n"
    );
    for right in [
        "path.join(__dirname, '..', 'public')",
        "path.join(__dirname, 'data')",
        "path.join(__dirname, '../public/index.html')",
    ] {
        nothing("served-folder", "node src/a.js", &[("src/a.js", right), page], &UNTRIED);
    }
    let flask = [
        ("a.py", "app = Flask(__name__)\nrender_template('x.html')\n"),
        ("x.html", "<link href=\"/static/s.css\">"),
        ("css/s.css", ""),
    ];
    let better = mended("flask-folders", "python3 a.py", &flask, &UNTRIED);
    assert_eq!(
        better.files.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(),
        ["a.py", "templates/x.html", "static/s.css"]
    );
    let files = [("a.js", ""), ("public/i.html", "<script src=\"/app.js\"></script>"), ("public/script.js", "f()")];
    let better = mended("page-file", "node a.js", &files, &UNTRIED);
    assert_eq!(better.files[2].path, "public/app.js");
    nothing("page-file", "node a.js", &[("a.js", "read('script.js')"), files[1], files[2]], &UNTRIED);
    let served =
        mended("page-server", "python3 -m http.server $PORT --bind 0.0.0.0", &[("site/index.html", "<p>")], &UNTRIED);
    assert!(served.start.ends_with("--directory 'site'"), "{}", served.start);
}

#[test]
fn backticks_inside_of_a_text_are_kept() {
    let said = node(1, "SyntaxError: missing ) after argument list");
    text("inner-backticks", "a.js", "log(`run `curl /x` now`);\n", &said, "log(`run \\`curl /x\\` now`);\n");
    nothing("inner-backticks", "node a.js", &[("a.js", "log(`a`, b, `c`;\n")], &ended(1, &said));
}

#[test]
fn a_check_knows_the_whole_route() {
    let failed = |path: &str, source: &str| {
        let check = Check { path: path.to_owned(), ..Check::get("home", "/", 200, None) };
        let app = Artifact { checks: vec![check], ..artifact("node a.js", &[("a.js", source)]) };
        let answered = Some(Answered { check: "home".to_owned(), status: 404, shown: String::new() });
        done("check-route", &app, &Diagnostic { trouble: Trouble::Check, answered, ..UNTRIED })
            .map(|app| app.checks[0].path.clone())
    };
    assert_eq!(failed("/options?x=1", "if (url === \"/api/options\") f();").as_deref(), Some("/api/options?x=1"));
    assert_eq!(
        (failed("/options", "'/options' '/api/options'"), failed("/options", "'/a/options' '/b/options'")),
        (None, None)
    );
}
