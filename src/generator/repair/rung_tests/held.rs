//! Rungs that a batch of held-out answers asked for.

use super::*;

fn failed(status: u16, shown: &str) -> Diagnostic {
    let answered = Answered { check: "home".into(), status, shown: shown.into() };
    Diagnostic { trouble: Trouble::Check, answered: Some(answered), ..Diagnostic::UNTRIED }
}

/// An app with one check of `path`, and what it wants.
fn asking(path: &str, status: u16, body: Option<&str>, files: &[(&str, &str)]) -> Artifact {
    let start = if files[0].0.ends_with(".py") { "python3 a.py" } else { "node a.js" };
    let mut check = Check::get("home", path, status, None);
    check.body = body.map(str::to_owned);
    check.method = if body.is_some() { "POST" } else { "GET" }.to_owned();
    Artifact { checks: vec![check], ..artifact(start, files) }
}

#[track_caller]
fn js(name: &str, before: &str, line: usize, said: &str, after: &str) {
    text(name, "a.js", before, &if said.is_empty() { String::new() } else { node(line, said) }, after);
}

#[track_caller]
fn stays(name: &str, path: &str, content: &str, said: &Diagnostic) {
    let start = if path.ends_with(".py") { "python3 a.py" } else { "node a.js" };
    assert_eq!(done(name, &artifact(start, &[(path, content)]), said), None, "{name}: {content}");
}

#[test]
fn decorators_keep_names_and_guards_their_routes() {
    let said = "AssertionError: View function mapping is overwriting an existing endpoint function: wrapper";
    let wrong = "def logged(view):\n    def wrapper(*args):\n        return view(*args)\n    return wrapper\n";
    let right = format!("from functools import wraps\n{}", wrong.replace("    def w", "    @wraps(view)\n    def w"));
    text("keeps-name", "a.py", wrong, &python(2, said), &right);
    let guard = right.replace("logged", "login");
    let wrong = format!("{guard}\n@login\n@app.route(\"/private\")\ndef private():\n    return 1\n");
    let better = wrong.replace("@login\n@app.route(\"/private\")\n", "@app.route(\"/private\")\n@login\n");
    let app = asking("/private", 401, None, &[("a.py", &wrong)]);
    assert_eq!(content(&done("guard-below", &app, &failed(200, "")).unwrap(), "a.py"), better);
    let open = asking("/private", 200, None, &[("a.py", &wrong)]);
    assert_eq!(done("guard-below", &open, &failed(500, "")), None, "nobody wants it to be guarded");
    let adds = asking("/private", 401, None, &[("a.py", &wrong.replace("    @wraps(view)\n", ""))]);
    assert_eq!(done("guard-below", &adds, &failed(200, "")), None, "it may be no guard");
}

#[test]
fn flask_is_told_what_it_knows() {
    text(
        "methods-word",
        "a.py",
        "from flask import Flask\n@app.route(\"/a\", method=[\"POST\"])\n@app.route(\"/b\", method='POST')\n",
        "",
        "from flask import Flask\n@app.route(\"/a\", methods=[\"POST\"])\n@app.route(\"/b\", methods=['POST'])\n",
    );
    text(
        "markup",
        "a.py",
        "from flask import Flask, Markup, request\n",
        &python(1, "ImportError: cannot import name 'Markup' from 'flask' (x)"),
        "from flask import Flask, request\nfrom markupsafe import Markup\n",
    );
    let wrong = "@app.post(\"/a\")\ndef add():\n    return request.form[\"x\"], request.form.get(\"y\")\n";
    let right = wrong.replace("request.form", "request.get_json()");
    let scripted = ("templates/a.html", "<form id=\"x\"><script>fetch(\"/a\", JSON.stringify(x))</script>");
    let app = asking("/a", 201, Some("{}"), &[("a.py", wrong), scripted]);
    assert_eq!(content(&done("sent-as-json", &app, &failed(400, "")).unwrap(), "a.py"), right);
    let form =
        asking("/a", 201, Some("{}"), &[("a.py", wrong), ("templates/a.html", "<form id=\"x\" method=\"post\">")]);
    assert_eq!(done("sent-as-json", &form, &failed(400, "")), None, "a page sends a form");
}

#[test]
fn fastapi_sends_pages_errors_and_files_as_they_are_meant() {
    let page = "from fastapi import FastAPI\n@app.get(\"/\")\ndef page():\n    return P\n";
    let app = asking("/", 200, None, &[("a.py", page)]);
    let better = done("page-as-json", &app, &failed(200, "\"<!doctype html>\\n<p>")).unwrap();
    let right = page.replace("(\"/\")", "(\"/\", response_class=HTMLResponse)");
    assert_eq!(content(&better, "a.py"), format!("from fastapi.responses import HTMLResponse\n{right}"));
    assert_eq!(done("page-as-json", &app, &failed(200, "<!doctype html>")), None, "it is one");
    let errors = "from fastapi import HTTPException\ndef lost():\n    return HTTPException(404)\n@app.get(\"/\")\ndef f():\n    if x:\n        return HTTPException(404)\n    raise lost()\n";
    text("returned-error", "a.py", errors, "", &errors.replace("        return HTTP", "        raise HTTP"));
    let route = "from fastapi import FastAPI\n@app.get(\"/c/{course_code}\")\ndef one(code: str, short: bool = False):\n    return code\n";
    let app = asking("/c/A", 200, None, &[("a.py", route)]);
    let missing = failed(422, "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"query\",\"code\"]}]}");
    assert_eq!(
        content(&done("path-parameter", &app, &missing).unwrap(), "a.py"),
        route.replace("{course_code}", "{code}")
    );
    let query = asking("/c/A", 200, None, &[("a.py", &route.replace("code: str", "course_code, code: str"))]);
    assert_eq!(done("path-parameter", &query, &missing), None, "the path's name is known");
    let wrong = "from fastapi import FastAPI\napp.mount(\"/\", StaticFiles(directory=\"s\"))\nx = 1\n\n@app.get(\"/a\")\ndef a():\n    return x\n\nrun(app)\n";
    let right = "from fastapi import FastAPI\nx = 1\n\n@app.get(\"/a\")\ndef a():\n    return x\n\n\napp.mount(\"/\", StaticFiles(directory=\"s\"))\n\nrun(app)\n";
    let app = asking("/a", 200, None, &[("a.py", wrong)]);
    assert_eq!(content(&done("mounted-last", &app, &failed(404, "")).unwrap(), "a.py"), right);
    let other = asking("/b", 200, None, &[("a.py", wrong)]);
    assert_eq!(done("mounted-last", &other, &failed(404, "")), None, "it hides no route that was asked for");
}

#[test]
fn what_cannot_be_meant_in_a_script_is_not_done() {
    js("parse-int", "a.map(parseInt);\n", 1, "", "a.map((text) => parseInt(text, 10));\n");
    let map = "const m = new Map();\nconst s = new Set(x);\n";
    js(
        "collection-as-json",
        &format!("{map}JSON.stringify(m);\nres.status(200).json(s);\nJSON.stringify(o);\n"),
        1,
        "",
        &format!("{map}JSON.stringify(Object.fromEntries(m));\nres.status(200).json([...s]);\nJSON.stringify(o);\n"),
    );
    stays("collection-as-json", "a.js", &format!("{map}JSON.stringify(m, written);\n"), &Diagnostic::UNTRIED);
    stays(
        "collection-as-json",
        "a.js",
        &format!("{map}g(() => {{ const {{ m }} = o; JSON.stringify(m); }});\n"),
        &Diagnostic::UNTRIED,
    );
    stays("collection-as-json", "a.js", &format!("{map}const f = (m) => JSON.stringify(m);\n"), &Diagnostic::UNTRIED);
    let list = "const lines = [{ a: 1 }];\nfor (const line in lines) {\n  sum += line.a;\n}\n";
    js("for-in", list, 1, "", &list.replace(" in ", " of "));
    for right in [
        list.replace("line.a", "lines[line].a"),
        list.replace("line.a", "line.length"),
        list.replace("[{ a: 1 }]", "read()"),
        list.replace("sum += line.a", "f(line), line.a"),
    ] {
        stays("for-in", "a.js", &right, &Diagnostic::UNTRIED);
    }
    js(
        "slashes",
        "const R = /^/api/a\\/(\\w+)$/;\n",
        1,
        "SyntaxError: Invalid regular expression flags",
        "const R = /^\\/api\\/a\\/(\\w+)$/;\n",
    );
    js(
        "reserved",
        "const package = f();\nsend(`${package.version}`, a.package);\n",
        1,
        "SyntaxError: Unexpected strict mode reserved word",
        "const package_ = f();\nsend(`${package_.version}`, a.package);\n",
    );
    let said = ended(1, &node(1, "SyntaxError: Unexpected strict mode reserved word"));
    stays("reserved", "a.js", "const package = f();\nsend({ package });\n", &said);
}

#[test]
fn a_constructor_gives_what_it_has_waited_for() {
    let said = "SyntaxError: Class constructor may not be an async method";
    let class = "class S {\n  async constructor(f) {\n    this.a = await read(f);\n  }\n}\n";
    let right = "class S {\n  constructor(f) {\n    return (async () => {\n      this.a = await read(f);\n      return this;\n    })();\n  }\n}\n";
    js("async-constructor", &format!("{class}await new S(1);\n"), 2, said, &format!("{right}await new S(1);\n"));
    stays("async-constructor", "a.js", &format!("{class}new S(1);\n"), &ended(1, &node(2, said)));
}

#[test]
fn nothing_follows_an_answer() {
    let said = "TypeError: Cannot read properties of undefined (reading 'x')";
    let wrong =
        "on((q, res) => {\n  const one = find();\n  if (!one) {\n    send(res, 404);\n  }\n  send(res, one.x);\n});\n";
    let right = wrong.replace("404);\n", "404);\n    return;\n");
    js("goes-on", wrong, 6, said, &right);
    for other in [wrong.replace("send(res, 404)", "one = {}"), wrong.replace("!one", "!two")] {
        stays("goes-on", "a.js", &other, &ended(1, &node(6, said)));
    }
    let (calls, said) = (wrong.replace("one.x", "one()"), "TypeError: one is not a function");
    js("goes-on", &calls, 6, said, &right.replace("one.x", "one()"));
    let other = calls.replace("one()", "two(one)");
    stays("goes-on", "a.js", &other, &ended(1, &node(6, "TypeError: two is not a function")));
    let said = failed(404, "");
    let finds = "find = (id) => all.find((one) => one.id === id);\n";
    let app = |path: &str| asking(path, 200, None, &[("a.js", finds)]);
    assert_eq!(
        content(&done("id-as-text", &app("/a/7"), &said).unwrap(), "a.js"),
        finds.replace("one.id === id", "String(one.id) === String(id)")
    );
    assert_eq!(done("id-as-text", &app("/a/x"), &said), None, "no number was asked for");
}

#[test]
fn files_of_workers_and_data_are_found() {
    let files = [("src/a.js", "new Worker(\"b.js\");\n"), ("src/b.js", "")];
    let said = ended(1, "TypeError [ERR_WORKER_PATH]: The worker script must be an absolute path");
    let better = done("worker-path", &artifact("node src/a.js", &files), &said).unwrap();
    assert_eq!(content(&better, "src/a.js"), "new Worker(require(\"node:path\").join(__dirname, \"b.js\"));\n");
    assert_eq!(done("worker-path", &artifact("node src/a.js", &files[..1]), &said), None, "there is none");
    let data = [("www/index.html", "fetch(\"data/breads.json\")"), ("www/data/bread.json", "[]")];
    let better = done("named-alike", &asking("/data/breads.json", 200, None, &data), &failed(404, "")).unwrap();
    assert_eq!(content(&better, "www/data/breads.json"), "[]");
    let known = [data[0], data[1], ("www/a.js", "fetch(\"data/bread.json\")")];
    assert_eq!(done("named-alike", &asking("/data/breads.json", 200, None, &known), &failed(404, "")), None);
}

#[test]
fn modules_of_the_standard_library_are_reached() {
    text(
        "module-of-package",
        "a.py",
        "import http\nclass H(http.server.BaseHTTPRequestHandler):\n    pass\n",
        &python(2, "AttributeError: module 'http' has no attribute 'server'"),
        "import http.server\nimport http\nclass H(http.server.BaseHTTPRequestHandler):\n    pass\n",
    );
    let files = [("a.py", "from email import letter\nimport email\n"), ("email.py", "def letter():\n    pass\n")];
    let said = ended(1, "ModuleNotFoundError: No module named 'email.utils'; 'email' is not a package");
    let better = done("hidden-package", &artifact("python3 a.py", &files), &said).unwrap();
    assert_eq!(content(&better, "a.py"), "from own_email import letter\nimport own_email as email\n");
    assert_eq!(content(&better, "own_email.py"), files[1].1);
    let own = [("a.py", ""), ("store.py", "")];
    let said = ended(1, "ModuleNotFoundError: No module named 'store.x'; 'store' is not a package");
    assert_eq!(done("hidden-package", &artifact("python3 a.py", &own), &said), None, "none of the standard library");
}

#[test]
fn sqlite_is_told_what_it_knows() {
    text(
        "sql-of-another",
        "a.py",
        "S = \"CREATE TABLE a (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, b TEXT) ENGINE=InnoDB\"\n",
        &python(1, "sqlite3.OperationalError: near \"AUTO_INCREMENT\": syntax error"),
        "S = \"CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT, b TEXT)\"\n",
    );
    let many = "sqlite3.ProgrammingError: Incorrect number of bindings supplied. The current statement uses 1, and there are 7 supplied.";
    let wrong = "rows = db.execute(\"SELECT a FROM b WHERE c = ?\", (plate)).fetchall()\n";
    text("one-value", "a.py", wrong, &python(1, many), &wrong.replace("(plate)", "(plate,)"));
}

#[test]
fn shells_assign_and_tell_of_variables() {
    let app = |content: &str| artifact("bash a.sh", &[("a.sh", content)]);
    let lost = |name: &str| ended(127, &format!("a.sh: line 1: {name}: command not found"));
    let better = done("assignment", &app("PORT = \"${PORT:-1}\"\nDIR = site\nexec x\n"), &lost("PORT")).unwrap();
    assert_eq!(content(&better, "a.sh"), "PORT=\"${PORT:-1}\"\nDIR=site\nexec x\n");
    assert_eq!(done("assignment", &app("serve = 1 2\n"), &lost("serve")), None, "a command, and its arguments");
    let wrong = "last=1\ncat > i.html <<'HTML'\n<p>$last of ${last}</p>\nHTML\n";
    let said = failed(200, "<p>$last of ${last}</p>");
    let better = done("quoted-document", &app(wrong), &said).unwrap();
    assert_eq!(content(&better, "a.sh"), wrong.replace("'HTML'", "HTML"));
    let script = wrong.replace("</p>", "</p><script>f(`${x}`)</script>");
    assert_eq!(done("quoted-document", &app(&script), &said), None, "a page's own script has such names");
}

#[test]
fn what_was_sent_is_used_when_it_has_come() {
    let wrong = "function add(req, res) {\n  let body = \"\";\n  req.on(\"data\", (chunk) => { body += chunk; });\n  const one = parse(body);\n  send(res, one);\n}\n";
    let right = "function add(req, res) {\n  let body = \"\";\n  req.on(\"data\", (chunk) => { body += chunk; });\n  req.on(\"end\", () => {\n    const one = parse(body);\n    send(res, one);\n  });\n}\n";
    let app = |text: &str| asking("/a", 201, Some("{}"), &[("a.js", text)]);
    assert_eq!(content(&done("body-in-time", &app(wrong), &failed(400, "")).unwrap(), "a.js"), right);
    let lines = |text: &str| text.replace("{ body += chunk; }", "{\n    body += chunk;\n  }");
    let better = done("body-in-time", &app(&lines(wrong)), &failed(400, "")).unwrap();
    assert_eq!(content(&better, "a.js"), lines(right));
    assert_eq!(done("body-in-time", &app(&right.replace("parse", "JSON.parse")), &failed(400, "")), None, "it is");
    let gives = wrong.replace("send(res, one)", "return one");
    assert_eq!(done("body-in-time", &app(&gives), &failed(400, "")), None, "somebody waits for what it gives");
}

#[test]
fn numbers_are_sorted_as_what_they_are() {
    let sorted = |wanted: serde_json::Value, shown: &str, text: &str| {
        let mut app = asking("/a", 200, None, &[("a.js", text)]);
        app.checks[0].expect.json = Some(wanted);
        done("numbers-as-texts", &app, &failed(200, shown)).map(|better| content(&better, "a.js").to_owned())
    };
    let wanted = || serde_json::json!({ "laps": [9, 61, 104] });
    let (shown, text) = ("{\"laps\":[104,61,9],\"a\":1}", "a.sort();\n");
    assert_eq!(sorted(wanted(), shown, text).as_deref(), Some("a.sort((a, b) => a - b);\n"));
    assert_eq!(sorted(wanted(), "{\"laps\":[61,104,9]}", text), None, "not sorted at all");
    assert_eq!(sorted(wanted(), shown, "a.sort();\nb.sort();\n"), None, "either may be meant");
}
