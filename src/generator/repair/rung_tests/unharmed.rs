//! What works stays as it is, though something else failed: inputs with which a rung once made an app worse.

use super::*;

pub(super) fn failed(status: u16) -> Diagnostic {
    let answered = Answered { check: "home".into(), status, shown: String::new() };
    Diagnostic { trouble: Trouble::Check, answered: Some(answered), ..Diagnostic::UNTRIED }
}

pub(super) fn asking(path: &str, start: &str, files: &[(&str, &str)]) -> Artifact {
    Artifact { checks: vec![Check::get("home", path, 200, None)], ..artifact(start, files) }
}

/// The first file, mended after a check of `path` failed.
#[track_caller]
pub(super) fn mended(name: &str, path: &str, files: &[(&str, &str)], status: u16) -> Option<String> {
    let start = if files[0].0.ends_with(".py") { "python3 a.py" } else { "node a.js" };
    done(name, &asking(path, start, files), &failed(status)).map(|better| better.files[0].content.clone())
}

/// The first file, mended after the app ended so.
#[track_caller]
fn after(name: &str, files: &[(&str, &str)], said: &str) -> Option<String> {
    let start = if files[0].0.ends_with(".py") { "python3 a.py" } else { "node a.js" };
    done(name, &artifact(start, files), &ended(1, said)).map(|better| better.files[0].content.clone())
}

#[test]
fn a_missing_attribute_is_no_method() {
    let class = "class S:\n    def load(self):\n        self.tasks = []\n\n    def list_tasks(self):\n        return self.tasks\n\n\nS().list_tasks()\n";
    let said = python(6, "AttributeError: 'S' object has no attribute 'tasks'");
    assert_eq!(after("method-otherwise", &[("a.py", class)], &said), None);
    let class = "class S:\n    def all(self):\n        pass\n\n\ns, others = S(), O()\n";
    let wrong = format!("{class}s.list_all()\nothers.list_all()\nf(s.list_all)\nt.s.list_all()\n");
    let right = format!("{class}s.all()\nothers.list_all()\nf(s.list_all)\nt.s.list_all()\n");
    let said = python(7, "AttributeError: 'S' object has no attribute 'list_all'");
    assert_eq!(
        after("method-otherwise", &[("a.py", &wrong)], &said),
        Some(right),
        "of this object, where it is called"
    );
    let other = ("b.py", "class O:\n    def list_all(self):\n        pass\n");
    let wrong = format!("{class}s.list_all()\ndef f(s):\n    s.list_all()\n");
    let right = format!("{class}s.all()\ndef f(s):\n    s.list_all()\n");
    assert_eq!(after("method-otherwise", &[("a.py", &wrong), other], &said), Some(right), "another's may be so called");
}

#[test]
fn all_of_them_are_not_one_of_them() {
    let store = ("store.js", "module.exports = { get, add, remove };\n");
    let said = node(2, "TypeError: store.getAll is not a function");
    let app = ("a.js", "const store = require(\"./store\");\nstore.getAll();\n");
    assert_eq!(after("method-otherwise", &[app, store], &said), None);
}

#[test]
fn every_neighbour_is_bound() {
    let class = "class C {\n  check(q, s) {\n    this.send(1);\n  }\n  make(q, s) {\n    this.send(2);\n  }\n}\nconst c = new C();\n";
    let wrong = format!("{class}on(\"/\", c.check, c.make);\n");
    let right = format!("{class}on(\"/\", c.check.bind(c), c.make.bind(c));\n");
    assert_eq!(after("unbound", &[("a.js", &wrong)], &node(3, "TypeError: this.send is not a function")), Some(right));
}

#[test]
fn a_route_is_moved_as_a_whole() {
    let one = "@app.get(\"/r/{id}\")\ndef one(id):\n    return id\n";
    let page = "@app.get(\"/\")\n@app.get(\"/r/free\")\ndef free():\n    return HTMLResponse(\"\"\"\n<html>\n</html>\n\"\"\")\n";
    let wrong = format!("{one}\n\n{page}");
    let right = format!("{page}\n\n{one}");
    assert_eq!(mended("fixed-first", "/r/free", &[("a.py", &wrong)], 422), Some(right));
}

#[test]
fn a_route_is_not_moved_before_what_it_needs() {
    let one = "@app.get(\"/o/{id}\")\ndef one(id):\n    return id\n";
    let class = "class Stats(BaseModel):\n    a: int\n";
    let stats = "@app.get(\"/o/stats\", response_model=Stats)\ndef stats():\n    return 1\n";
    let (wrong, right) = (format!("{one}\n\n{class}\n\n{stats}"), format!("{class}\n\n{stats}\n\n{one}"));
    assert_eq!(mended("fixed-first", "/o/stats", &[("a.py", &wrong)], 422), Some(right));
    let one = "r.get(\"/a/:id\", (q, s) => {\n  s.json(q);\n});\n";
    let stats = "r.get(\"/a/stats\", auth, (q, s) => {\n  s.json(1);\n});\n";
    let wrong = format!("{one}const auth = f();\n{stats}");
    let right = format!("const auth = f();\n{stats}{one}");
    assert_eq!(mended("fixed-first", "/a/stats", &[("a.js", &wrong)], 404), Some(right));
    let guarded = format!("{one}r.use(login);\n{stats}");
    assert_eq!(mended("fixed-first", "/a/stats", &[("a.js", &guarded)], 404), None, "a guard stands between");
    for guard in ["r.get(\"/a/:id\", (q, s, next) => (q.user ? next() : s.end()));\n", "r.get(\"/a/:id\", login);\n"] {
        assert_eq!(mended("fixed-first", "/a/stats", &[("a.js", &format!("{guard}{stats}"))], 401), None, "{guard}");
    }
    let login = ("b.js", "module.exports.login = (q, s, next) => {\n  next();\n};\n");
    let files = [("a.js", &*format!("r.get(\"/a/:id\", b.login);\n{stats}")), login];
    assert_eq!(mended("fixed-first", "/a/stats", &files, 401), None, "it passes on");
    let digits = format!("{}{stats}", one.replace(":id", ":id(\\\\d+)"));
    assert_eq!(mended("fixed-first", "/a/stats", &[("a.js", &digits)], 500), None, "it takes numbers only");
    let between = format!("{one}r.get(\"/:k/list\", (q, s) => s.end());\n{stats}");
    assert_eq!(mended("fixed-first", "/a/stats", &[("a.js", &between)], 404), None, "another takes a path of both");
}

#[test]
fn a_page_for_the_rest_stays_before_what_guards_the_routes() {
    let head = "const app = express();\n";
    let page = "app.get(\"*\", (req, res) => res.sendFile(p));\n";
    let guarded = format!("{head}{page}app.use(auth);\napp.post(\"/api/x\", f);\n");
    assert_eq!(mended("rest-last", "/", &[("a.js", &guarded)], 500), None, "no later route was asked for");
    assert_eq!(mended("rest-last", "/api/x", &[("a.js", &guarded)], 404), None, "the page would be guarded, too");
    let plain = format!("{head}{page}app.get(\"/api/x\", f);\n");
    assert_eq!(mended("rest-last", "/other", &[("a.js", &plain)], 200), None, "no later route was asked for");
    assert!(mended("rest-last", "/api/x", &[("a.js", &plain)], 200).is_some());
}

#[test]
fn a_router_is_mounted_between_statements_once() {
    let router = "const express = require(\"express\");\nconst router = express.Router();\nrouter.get(\"/\", all);\nmodule.exports = router;\n";
    let app = "const app = express();\nconnect()\n  .then(() => app.listen(3000));\n";
    let right = "const app = express();\napp.use(\"/books\", require(\"./books.js\"));\nconnect()\n  .then(() => app.listen(3000));\n";
    assert_eq!(mended("mounted", "/books", &[("a.js", app), ("books.js", router)], 404).as_deref(), Some(right));
    let inside =
        "const app = express();\nasync function main() {\n  app.use(express.json());\n  app.listen(1);\n}\nmain();\n";
    assert_eq!(mended("mounted", "/books", &[("a.js", inside), ("books.js", router)], 404), None, "before its parser");
    let index = router.replace("\"/\"", "\"/books\"");
    let app = "const app = express();\napp.use(\"/api\", require(\"./routes\"));\napp.listen(1);\n";
    let files = [("a.js", app), ("routes/index.js", &*index)];
    assert_eq!(mended("mounted", "/v2/books", &files, 404), None, "it is mounted already");
    let leads_back = format!("const {{ db }} = require(\"./a\");\n{router}");
    let app = "const app = express();\napp.listen(1);\n";
    assert_eq!(mended("mounted", "/books", &[("a.js", app), ("books.js", &leads_back)], 404), None, "a circle");
}

#[test]
fn a_router_of_python_is_told_to_one_app_that_it_does_not_need() {
    let app = "from flask import Flask\n\napp = Flask(__name__)\n\ndb = 1\n";
    let router = "bp = Blueprint(\"b\", __name__)\n\n@bp.route(\"/classes\")\ndef one():\n    return 1\n";
    let told = |files: &[(&str, &str)]| mended("mounted", "/classes", files, 404);
    assert!(told(&[("a.py", app), ("b.py", router)]).is_some());
    assert_eq!(told(&[("a.py", app), ("b.py", &format!("from a import db\n{router}"))]), None, "a circle");
    let through = [("a.py", app), ("b.py", &*format!("import c\n{router}")), ("c.py", "from a import db\n")];
    assert_eq!(told(&through), None, "a wider circle");
    assert_eq!(told(&[("a.py", app), ("b.py", router), ("other.py", app)]), None, "either app");
    let beside = [("api/main.py", app), ("api_routes.py", router)];
    assert_eq!(told(&beside), None, "it is not below the app's folder");
    let loops = format!("{app}for x in (1, 2):\n    print(x)\n");
    assert!(told(&[("a.py", &loops), ("b.py", router)]).is_some(), "a loop over something else");
    let all = format!("{app}for one in (b.bp, c.bp):\n    app.register_blueprint(one)\n");
    assert_eq!(told(&[("a.py", &all), ("b.py", router)]), None, "all are told in a loop");
    let named = format!("from b import bp as first\n{app}app.register_blueprint(first)\n");
    assert_eq!(told(&[("a.py", &named), ("b.py", router)]), None, "told by another name");
}

#[test]
fn only_arguments_of_fields_are_renamed() {
    let removed = "pydantic.errors.PydanticUserError: `regex` is removed. use `pattern` instead";
    let wrong = "from pydantic import Field\n\ndef f(df):\n    regex = 1\n    return df.replace(a, b, regex=True)\n\nx: str = Field(g(regex=1), regex=\"a)\", title=\"(, regex=\")\n";
    let right = wrong.replace("1), regex=", "1), pattern=");
    assert_eq!(after("pattern", &[("a.py", wrong)], removed), Some(right));
    let warned = "DeprecationWarning: `regex` has been deprecated, please use `pattern` instead";
    assert_eq!(after("pattern", &[("a.py", wrong)], warned), None, "only a warning");
}

#[test]
fn only_a_route_answers_with_a_status() {
    let answered = Answered { check: "home".into(), status: 200, shown: "[{\"detail\":\"gone\"},404]".into() };
    let said = Diagnostic { trouble: Trouble::Check, answered: Some(answered), ..Diagnostic::UNTRIED };
    let wrong = "from fastapi import FastAPI, HTTPException\n\ndef page(xs):\n    return xs[:n], 100\n\n@app.get(\"/x\")\ndef one():\n    \"\"\"\n    return a, 404\n    \"\"\"\n    return {\"detail\": \"gone\"}, 404\n";
    let right =
        wrong.replace("return {\"detail\": \"gone\"}, 404", "raise HTTPException(status_code=404, detail=\"gone\")");
    let better = done("status-as-data", &asking("/x", "python3 a.py", &[("a.py", wrong)]), &said).unwrap();
    assert_eq!(content(&better, "a.py"), right);
}

#[test]
fn templates_and_what_a_build_makes_are_no_folder_of_pages() {
    let app = "app = Flask(__name__, static_folder=\"static\")\n";
    let template = ("templates/index.html", "<p>");
    assert_eq!(mended("pages-folder", "/", &[("a.py", app), template], 404), None);
    assert_eq!(mended("pages-folder", "/", &[("a.py", app), ("views/index.html", "{% block a %}")], 404), None);
    let page = ("site/index.html", "<p>");
    assert_eq!(mended("pages-folder", "/api/x", &[("a.py", app), page], 404), None, "no page was asked for");
    assert!(mended("pages-folder", "/", &[("a.py", app), page], 404).is_some());
    assert!(mended("pages-folder", "/x.css", &[("a.py", app), page, ("site/x.css", "")], 404).is_some());
    let built = [("a.js", "express.static(\"dist\")\n"), page, ("package.json", "{\"scripts\":{\"build\":\"vite\"}}")];
    assert_eq!(mended("pages-folder", "/", &built, 404), None, "a build makes it");
}

#[test]
fn a_column_is_renamed_only_to_what_is_like_it() {
    let reads = "for row in csv.DictReader(f):\n    x(row[\"name\"], row[\"price\"])\n";
    let said = python(2, "KeyError: 'price'");
    let head = |head: &str, more: &[(&str, &str)]| {
        let files = [&[("d.csv", head), ("a.py", reads)], more].concat();
        done("data-column", &artifact("python3 a.py", &files), &ended(1, &said))
            .map(|better| content(&better, "d.csv").to_owned())
    };
    assert_eq!(head("name,comment\na,1\n", &[]), None);
    assert_eq!(head("name,unit_price\na,1\n", &[]).as_deref(), Some("name,price\na,1\n"));
    let script = ("public/x.js", "row[\"unit_price\"]");
    assert_eq!(head("name,unit_price\na,1\n", &[script]), None, "a browser's script reads it");
}

#[test]
fn every_handler_of_wsgi_sends_bytes() {
    let said = "AssertionError: write() argument must be a bytes instance";
    let handler = |name: &str| {
        format!("def {name}(e, start_response):\n    data = page()\n    start_response(S, [])\n    return [data]\n\n\n")
    };
    let encoded = "    data = data.encode() if isinstance(data, str) else data\n    start";
    let wrong = handler("a") + &handler("b");
    assert_eq!(after("bytes-of-wsgi", &[("a.py", &wrong)], said), Some(wrong.replace("    start", encoded)));
    let late = "def a(e, start_response):\n    start_response(S, [])\n    data = page()\n    return [data]\n";
    let right = late.replace("    return", "    data = data.encode() if isinstance(data, str) else data\n    return");
    assert_eq!(after("bytes-of-wsgi", &[("a.py", late)], said), Some(right), "not before there is any");
}

#[test]
fn rows_are_named_in_a_block_as_deep_as_it_is() {
    let said = "TypeError: tuple indices must be integers or slices, not str";
    let wrong = "with sqlite3.connect(P) as c:\n\n  f(c)\n";
    let right = "with sqlite3.connect(P) as c:\n  c.row_factory = sqlite3.Row\n\n  f(c)\n";
    assert_eq!(after("row-factory", &[("a.py", wrong)], said).as_deref(), Some(right));
}

#[test]
fn a_file_of_thousands_of_routes_is_left_alone() {
    let many = "const app = express();\n".to_owned() + &"app.use(name);\napp.get(\"/a\",x)\n".repeat(8 << 10);
    for name in ["fixed-first", "rest-last", "mounted"] {
        assert_eq!(mended(name, "/a", &[("a.js", &many)], 404), None);
    }
}
