//! What works stays as it is: apps with something of their own that is called like a library's, and values by a name that others
//! have, too.

use super::{
    unharmed::{asking, failed, mended},
    *,
};

/// An app as it is, on its way to its first start.
#[track_caller]
pub(super) fn starts_as_it_is(files: &[(&str, &str)]) {
    let app = artifact(if files[0].0.ends_with(".py") { "python3 a.py" } else { "node a.js" }, files);
    assert_eq!(polish(&app), (app.clone(), Vec::new()));
}

#[test]
fn a_server_of_the_apps_own_takes_what_it_takes() {
    let main = "from server import HTTPServer\n\nHTTPServer(\"0.0.0.0\", port, home).serve()\n";
    let class =
        ("server.py", "class HTTPServer:\n    def __init__(self, host, port, handler):\n        self.host = host\n");
    for files in [&[("a.py", main), class][..], &[("a.py", main)]] {
        assert_eq!(mended("address", "/", files, 0), None);
    }
    let derived = "from http.server import HTTPServer as Base\n\nclass HTTPServer(Base):\n    def __init__(self, host, port, h):\n        super().__init__((host, port), h)\n\nHTTPServer(\"\", 1, H)\n";
    assert_eq!(mended("address", "/", &[("a.py", derived)], 0), None);
    let app = "const { App } = require(\"./framework\");\nconst app = new App();\napp.listen(\"0.0.0.0\", process.env.PORT);\n";
    let framework = (
        "framework.js",
        "class App {\n  listen(host, port) {\n    this.server.listen(port, host);\n  }\n}\nmodule.exports = { App };\n",
    );
    starts_as_it_is(&[("a.js", app), framework]);
    let handed = "const express = require(\"express\");\nconst app = express();\nfunction run(app) {\n  app.listen(\"0.0.0.0\", port);\n}\n";
    assert_eq!(mended("listen-swapped", "/", &[("a.js", handed)], 0), None, "which of them?");
}

#[test]
fn calls_inside_of_calls_stay_whole() {
    let head = "const a = require(\"net\").createServer();\nconst b = require(\"net\").createServer();\n";
    let wrong =
        format!("{head}a.listen(\"0.0.0.0\", PORT, () => {{\n  b.listen(\"0.0.0.0\", PORT, done) /* café */;\n}});\n");
    let right = wrong.replace("\"0.0.0.0\", PORT", "PORT, \"0.0.0.0\"");
    assert_eq!(mended("listen-swapped", "/", &[("a.js", &wrong)], 0), Some(right));
}

#[test]
fn another_value_by_the_name_of_a_map_is_sent_as_it_is() {
    for other in [
        "function reply(res, items, status) {\n  res.end(JSON.stringify(items));\n}\n",
        "const send = (items, res) => res.json(items);\n",
        "class A {\n  list(items, x) {\n    return JSON.stringify(items);\n  }\n}\n",
        "async function f(res) {\n  const [items] = await pool.query(q);\n  res.json(items);\n}\n",
        "async function f(res) {\n  const { a: { items } } = await read();\n  res.json(items);\n}\n",
        "for (const [key, items] of groups) {\n  JSON.stringify(items);\n}\n",
    ] {
        let app = format!("const items = new Map();\n{other}");
        assert_eq!(mended("collection-as-json", "/", &[("a.js", &app)], 0), None, "{other}");
    }
}

#[test]
fn a_loop_over_what_may_be_no_list_stays() {
    let app = "const headers = req.headers;\nfor (const name in headers) {\n  names.push(name.replaceAll(\"-\", \" \"));\n}\n";
    let other = ("b.js", "const headers = [\"id\", \"title\"];\n");
    assert_eq!(mended("for-in", "/", &[("a.js", app), other], 0), None);
    let asks = app.replace("name.replaceAll(\"-\", \" \")", "name.title");
    assert_eq!(mended("for-in", "/", &[("a.js", &asks), other], 0), None, "another file's list");
}

#[test]
fn a_body_is_not_waited_for_where_the_handler_goes_on() {
    let gathers = "    let body = \"\";\n    req.on(\"data\", (part) => { body += part; });\n";
    let used = "    const item = JSON.parse(body);\n    res.end(save(item));\n    return;\n";
    let around = |inner: &str| {
        format!(
            "function handle(req, res) {{\n  if (req.method === \"POST\") {{\n{gathers}{inner}  }}\n  res.writeHead(404);\n  res.end();\n}}\n"
        )
    };
    let later = "    req.on(\"end\", () => {\n      const item = JSON.parse(body);\n      res.end(save(item));\n      return;\n    });\n    return;\n";
    assert_eq!(mended("body-in-time", "/", &[("a.js", &around(used))], 404), Some(around(later)));
    for other in [
        used.replace("return;", "return true;"),
        format!("    await new Promise((done) => {{ req.onend = done; }});\n{used}"),
    ] {
        assert_eq!(mended("body-in-time", "/", &[("a.js", &around(&other))], 404), None, "{other}");
    }
    let caught =
        around(used).replace("if (req.method === \"POST\")", "try").replace("  }\n  res.w", "  } catch {}\n  res.w");
    assert_eq!(mended("body-in-time", "/", &[("a.js", &caught)], 404), None, "errors are caught");
}

#[test]
fn a_parser_stays_behind_what_it_needs() {
    let head = "const app = express();\n";
    let posted = |text: &str, status: u16| {
        let mut app = asking("/api/items", "node a.js", &[("a.js", text)]);
        app.checks[0].body = Some("{}".into());
        done("parser-first", &app, &failed(status)).map(|better| content(&better, "a.js").to_owned())
    };
    let own = format!(
        "{head}app.get(\"/\", f);\nconst api = express.Router();\napi.use(express.json());\napi.post(\"/items\", g);\napp.use(\"/api\", api);\n"
    );
    assert_eq!((posted(&own, 200), posted(&own, 500)), (None, None));
    let limit = format!(
        "{head}app.post(\"/api/items\", f);\nconst LIMIT = \"1mb\";\napp.use(express.json({{ limit: LIMIT }}));\n"
    );
    assert_eq!(posted(&limit, 500), None);
    let plain = format!("{head}app.post(\"/api/items\", f);\napp.use(express.json());\n");
    assert_eq!(posted(&plain, 200), None, "it answered as if it had read");
    assert!(posted(&plain, 500).is_some());
}

#[test]
fn what_is_named_like_a_frameworks_is_not_the_frameworks() {
    let bottle = "# Flask would do, too\nfrom bottle import route\n@app.route(\"/items\", method=[\"GET\"])\ndef f():\n    pass\n";
    assert_eq!(mended("methods-word", "/", &[("a.py", bottle)], 0), None);
    let own = "const { Router } = require(\"./router\");\nconst routes = Router;\nroutes.get(\"/\", f);\n";
    assert_eq!(mended("uncalled-router", "/", &[("a.js", own)], 0), None);
}

#[test]
fn an_argument_goes_behind_the_path() {
    let page =
        "from fastapi import FastAPI\n@app.get(\n    \"/\",\n    tags=[\"pages\"],\n)\ndef page():\n    return P\n";
    let answered = Answered { check: "home".into(), status: 200, shown: "\"<!doctype html>".into() };
    let said = Diagnostic { answered: Some(answered), ..failed(200) };
    let better = done("page-as-json", &asking("/", "python3 a.py", &[("a.py", page)]), &said).unwrap();
    assert!(content(&better, "a.py").contains("    \"/\", response_class=HTMLResponse,\n    tags=[\"pages\"],\n)\n"));
}

#[test]
fn a_file_that_hides_a_package_takes_only_its_own_imports_along() {
    let said = ended(1, "ModuleNotFoundError: No module named 'logging.handlers'; 'logging' is not a package");
    let app =
        "import logging\nfrom logging import setup\nfrom logging import getLogger\nlogging.getLogger(\"a\")\nsetup()\n";
    let own = "import logging\n\n\ndef setup():\n    logging.basicConfig()\n";
    let files = [("a.py", app), ("logging.py", own), ("b.py", "import logging\nlogging.setup()\n")];
    let better = done("hidden-package", &artifact("python3 a.py", &files), &said).unwrap();
    assert_eq!(content(&better, "a.py"), app.replace("from logging import setup", "from own_logging import setup"));
    assert_eq!(content(&better, "own_logging.py"), own, "the package, and not itself");
    assert_eq!(content(&better, "b.py"), "import own_logging as logging\nlogging.setup()\n");
}

#[test]
fn a_router_that_is_told_in_any_way_is_not_told_again() {
    let router = "bp = Blueprint(\"b\", __name__)\n\n@bp.route(\"/classes\")\ndef one():\n    abort(404)\n";
    let app = "from flask import Flask\nfrom b import bp\n\napp = Flask(__name__)\nALL = [bp]\n";
    for told in ["list(map(app.register_blueprint, ALL))\n", "[app.register_blueprint(one) for one in ALL]\n"] {
        let files = [("a.py", &*format!("{app}{told}")), ("b.py", router)];
        assert_eq!(mended("mounted", "/classes", &files, 404), None, "{told}");
    }
    let not_told =
        "from flask import Flask\nfrom c import other\n\napp = Flask(__name__)\napp.register_blueprint(other)\n";
    assert!(mended("mounted", "/classes", &[("a.py", not_told), ("b.py", router)], 404).is_some());
}

#[test]
fn a_router_is_mounted_under_no_single_thing() {
    let app = "import express from \"express\";\nconst app = express();\napp.listen(1);\n";
    let router = "const router = express.Router();\nrouter.get(\"/posts\", all);\nexport default router;\n";
    let files = [("a.js", app), ("2fa.js", router)];
    for path in ["/users/5/posts", "/users/3f2b8c1e-8d0a-4f6e-9b1d-0a1b2c3d4e5f/posts"] {
        assert_eq!(mended("mounted", path, &files, 404), None, "{path}");
    }
    let better = mended("mounted", "/api/v1/posts", &files, 404).unwrap();
    assert!(better.contains("import _2faRoutes from \"./2fa.js\""), "{better}");
    assert!(better.contains("app.use(\"/api/v1\", _2faRoutes);"), "{better}");
}

#[test]
fn a_form_is_read_as_json_only_where_it_was_asked() {
    let read = |text: &str| {
        let mut app = asking("/orders", "python3 a.py", &[("a.py", text)]);
        (app.checks[0].body, app.checks[0].method) = (Some("{}".into()), "POST".into());
        done("sent-as-json", &app, &failed(400)).map(|better| content(&better, "a.py").to_owned())
    };
    let other = "@app.post(\"/<kind>\")\ndef any(kind):\n    return request.form[\"x\"]\n";
    let wrong = "@app.post(\"/orders\")\ndef add():\n    return request.form[\"x\"]\n";
    let right = wrong.replace("request.form", "request.get_json()");
    assert_eq!(read(&format!("{other}{wrong}")), Some(format!("{other}{right}")));
    let converts = wrong.replace("[\"x\"]", ".get(\"x\", type=int)");
    assert_eq!(read(&converts), None, "a dict does not convert");
}

#[test]
fn a_function_stays_before_what_names_it() {
    let one = "@app.get(\"/o/{id}\")\ndef one(id):\n    return id\n\n";
    let stats = "@app.get(\"/o/stats\")\ndef stats():\n    return 1\n";
    for (between, moved) in [("HANDLERS = {\"one\": one}\n\n", false), ("def two():\n    return one(1)\n\n", true)] {
        let app = format!("{one}{between}{stats}");
        assert_eq!(mended("fixed-first", "/o/stats", &[("a.py", &app)], 422).is_some(), moved, "{between}");
    }
}

#[test]
fn only_the_route_that_was_asked_sends_its_status() {
    let answered = Answered { check: "home".into(), status: 200, shown: "[{\"detail\":\"gone\"},404]".into() };
    let said = Diagnostic { answered: Some(answered), ..failed(200) };
    let place = "@app.get(\"/place\")\ndef place():\n    return lat, lon, 200\n\n";
    let route = "@app.get(\"/x\")\ndef one():\n    return lat, lon, 200\n    return {\"detail\": \"gone\"}, 404\n";
    let app = format!("from fastapi import FastAPI, HTTPException\n\n{place}{route}");
    let better = done("status-as-data", &asking("/x", "python3 a.py", &[("a.py", &app)]), &said).unwrap();
    let right = "raise HTTPException(status_code=404, detail=\"gone\")";
    assert_eq!(content(&better, "a.py"), app.replace("return {\"detail\": \"gone\"}, 404", right));
}

#[test]
fn numbers_files_and_folders_that_are_meant_stay() {
    let python =
        "listener.bind((\"0.0.0.0\", int(os.environ[\"PORT\"])))\nlistener.listen(10)\nTIMEOUT_TO_SERVE = 10\n";
    starts_as_it_is(&[("a.py", python)]);
    let page = ("public/index.html", "<!doctype html><html><body><script src=\"/bundle.js\"></script></body></html>");
    let built = Artifact {
        build: Some("esbuild client/main.js --outfile=public/bundle.js".to_owned()),
        ..artifact("node a.js", &[("a.js", "f()\n"), page, ("client/main.js", "f();\n")])
    };
    assert_eq!(done("page-file", &built, &Diagnostic::UNTRIED), None);
    let makes = "DATA = Path(__file__).parent / \"data\"\nDATA.mkdir(exist_ok=True)\n";
    assert_eq!(mended("served-folder", "/", &[("src/a.py", makes), ("static/data/x.json", "[]")], 0), None);
    let reads = makes.replace("DATA.mkdir(exist_ok=True)", "read(DATA)");
    assert!(mended("served-folder", "/", &[("src/a.py", &reads), ("static/data/x.json", "[]")], 0).is_some());
}

#[test]
fn hundreds_of_files_are_little_work() {
    let loops = |at: usize| (format!("{at}.js"), "for (const k in a.l7) {\n  f(k.n);\n}\n".repeat(64));
    let router = |at: usize| {
        let lost = "require(\"./none3\");\n".repeat(20);
        let text =
            format!("const router = express.Router();\n{lost}router.get(\"/a\", f);\nmodule.exports = router;\n");
        (format!("routes/{at}.js"), text)
    };
    let page = ("index.html".to_owned(), "<p>one</p><script src=\"x.js\"></script>\n".repeat(6000));
    let app = |files: Vec<(String, String)>| {
        let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        asking("/b", "node a.js", &files)
    };
    assert_eq!(done("for-in", &app((0..400).map(loops).collect()), &Diagnostic::UNTRIED), None);
    assert_eq!(done("mounted", &app((0..400).map(router).collect()), &failed(404)), None);
    let small = (0..400).map(|at| (format!("{at}.js"), "f();\n".to_owned())).chain([page]).collect();
    assert_eq!(done("loopback", &app(small), &Diagnostic::UNTRIED), None);
}
