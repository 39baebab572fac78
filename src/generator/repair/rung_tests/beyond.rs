//! Rungs for methods, waiting, rows, shells and folders that answers of another author asked for.

use super::*;

#[track_caller]
fn js(name: &str, before: &str, line: usize, said: &str, after: &str) {
    text(name, "a.js", before, &node(line, said), after);
}

#[track_caller]
fn py(name: &str, before: &str, line: usize, said: &str, after: &str) {
    text(name, "a.py", before, &python(line, said), after);
}

#[test]
fn methods_keep_their_objects_and_names() {
    let class = "class C {\n  constructor() {\n    this.store = 1;\n  }\n  list(q, s) {\n    this.send(this.store.all());\n  }\n}\nconst c = new C();\n";
    let (wrong, right) = (format!("{class}on(\"/\", c.list);\n"), format!("{class}on(\"/\", c.list.bind(c));\n"));
    js("unbound", &wrong, 6, "TypeError: Cannot read properties of undefined (reading 'all')", &right);
    js("unbound", &wrong, 6, "TypeError: this.send is not a function", &right);
    let other = format!("{class}on(\"/\", d.list);\n");
    let said = node(6, "TypeError: this.send is not a function");
    assert_eq!(done("unbound", &artifact("node a.js", &[("a.js", &other)]), &ended(1, &said)), None, "nobody knows d");
    let class = "class S:\n    def all(self):\n        pass\n\n    def add(self):\n        pass\n\n\ns = S()\n";
    py(
        "method-otherwise",
        &format!("{class}s.list_all()\n"),
        10,
        "AttributeError: 'S' object has no attribute 'list_all'",
        &format!("{class}s.all()\n"),
    );
    let removes = artifact("python3 a.py", &[("a.py", &format!("{class}s.remove_all()\n"))]);
    let said = python(10, "AttributeError: 'S' object has no attribute 'remove_all'");
    assert_eq!(done("method-otherwise", &removes, &ended(1, &said)), None, "another act");
    let files = [
        ("a.js", "const db = require(\"./db\");\nconst { renderT } = require(\"./f\");\ndb.getAll();\nrenderT();\n"),
        ("db.js", "module.exports = { findAll, insert };\n"),
        ("f.js", "module.exports = { formatT };\n"),
    ];
    let app = artifact("node a.js", &files);
    let better = done("method-otherwise", &app, &ended(1, &node(3, "TypeError: db.getAll is not a function"))).unwrap();
    assert!(content(&better, "a.js").contains("\ndb.findAll();\n"));
    let better = done("taken-otherwise", &app, &ended(1, &node(4, "TypeError: renderT is not a function"))).unwrap();
    assert!(content(&better, "a.js").contains("const { formatT: renderT } = require(\"./f\");\n"));
}

#[test]
fn what_takes_time_is_waited_for() {
    let said = "AttributeError: 'coroutine' object has no attribute 'decode'";
    let wrong = "async def f(r):\n    b = r.readexactly(3)\n    return b.decode()\n";
    py("coroutine-value", wrong, 3, said, &wrong.replace("= r.", "= await r."));
    let plain = artifact("python3 a.py", &[("a.py", "def f(r):\n    b = r.go()\n    return b.decode()\n")]);
    assert_eq!(done("coroutine-value", &plain, &ended(1, &python(3, said))), None, "it cannot wait");
    let module = "ReferenceError: require is not defined in ES module scope, you can use import instead";
    js(
        "top-level",
        "const db = require(\"./db\");\nawait db.open();\n\napp.listen(1, () => {\n  go();\n});\n",
        1,
        module,
        "const db = require(\"./db\");\n(async () => {\n  await db.open();\n\n  app.listen(1, () => {\n    go();\n  });\n})();\n",
    );
    let used = "const a = require(\"a\");\nfunction f() {\n  return x;\n}\nconst x = await a();\n";
    let app = artifact("node a.js", &[("a.js", used)]);
    assert_eq!(done("top-level", &app, &ended(1, &node(1, module))), None, "what stands before uses what it gives");
    js(
        "redeclared",
        "go((q) => {\n  const { p } = f(q);\n  if (p) {\n    go();\n  }\n  const { p } = g(q);\n});\n",
        6,
        "SyntaxError: Identifier 'p' has already been declared",
        "go((q) => {\n  var { p } = f(q);\n  if (p) {\n    go();\n  }\n  var { p } = g(q);\n});\n",
    );
}

#[test]
fn rows_and_columns_are_called_as_the_code_calls_them() {
    let said = "TypeError: tuple indices must be integers or slices, not str";
    let wrong = "def open_it():\n    return sqlite3.connect(P)\n\ndb = sqlite3.connect(P)\nwith sqlite3.connect(P) as c:\n    pass\n";
    let right = "def open_it():\n    connection = sqlite3.connect(P)\n    connection.row_factory = sqlite3.Row\n    return connection\n\ndb = sqlite3.connect(P)\ndb.row_factory = sqlite3.Row\nwith sqlite3.connect(P) as c:\n    c.row_factory = sqlite3.Row\n    pass\n";
    py("row-factory", wrong, 9, said, right);
    py(
        "rows-as-data",
        "def all():\n    rows = db.execute(Q).fetchall()\n    return rows\n\ndef one():\n    row = db.execute(Q).fetchone()\n    return row\n\ndef some():\n    return db.execute(Q).fetchall()\n",
        9,
        "TypeError: Object of type Row is not JSON serializable",
        "def all():\n    rows = db.execute(Q).fetchall()\n    return [dict(row) for row in rows]\n\ndef one():\n    row = db.execute(Q).fetchone()\n    return dict(row) if row else None\n\ndef some():\n    return [dict(row) for row in db.execute(Q).fetchall()]\n",
    );
    let lacks = ended(1, "sqlite3.OperationalError: table pets has no column named price");
    let schema =
        "CREATE TABLE IF NOT EXISTS pets (\n    id INTEGER PRIMARY KEY,\n    price_eur REAL NOT NULL DEFAULT 0\n);\n";
    let code = "db.execute(\"INSERT INTO pets (id, price) VALUES (?, ?)\")\n";
    let app = artifact("python3 a.py", &[("a.py", code), ("schema.sql", schema)]);
    let better = done("column", &app, &lacks).unwrap();
    assert!(content(&better, "schema.sql").contains("    price REAL NOT NULL"));
    let both = artifact("python3 a.py", &[("a.py", &format!("{code}price_eur\n")), ("schema.sql", schema)]);
    assert_eq!(done("column", &both, &lacks), None, "somebody reads it by its name");
    let reads = "for row in csv.DictReader(f):\n    x(row[\"district\"], row[\"people\"])\n";
    let files = |head: &'static str| artifact("python3 a.py", &[("a.py", reads), ("d.csv", head)]);
    let said = ended(1, &python(2, "KeyError: 'people'"));
    let better = done("data-column", &files("district,people_total\na,1\n"), &said).unwrap();
    assert_eq!(content(&better, "d.csv"), "district,people\na,1\n");
    assert_eq!(done("data-column", &files("district,old_people,new_people\na,1,2\n"), &said), None, "two may be meant");
}

#[test]
fn scripts_of_the_shell_start_and_stay() {
    let app = |content: &str| artifact("bash a.sh", &[("a.sh", content)]);
    let unset = ended(1, "a.sh: line 2: $1: unbound variable");
    let better = done("unset-in-shell", &app("set -u\nKEEP=\"$1\"\n"), &unset).unwrap();
    assert_eq!(content(&better, "a.sh"), "set -u\nKEEP=\"${1:-}\"\n");
    let removes = app("set -u\nKEEP=\"$1\"\nrm -r \"$KEEP/old\"\n");
    assert_eq!(done("unset-in-shell", &removes, &unset), None, "it would remove what is not meant");
    let open = ended(
        2,
        "/home/user/app/a.sh: line 5: warning: here-document at line 1 delimited by end-of-file (wanted `EOF')",
    );
    let better = done("here-document", &app("cat <<EOF\n  a\n  EOF\necho\n"), &open).unwrap();
    assert_eq!(content(&better, "a.sh"), "cat <<EOF\n  a\nEOF\necho\n");
    let served = "python3 -m http.server 1 &\necho up\n";
    let better = done("left-behind", &app(served), &ended(0, "up")).unwrap();
    assert_eq!(content(&better, "a.sh"), format!("{served}wait\n"));
    assert_eq!(done("left-behind", &app(served), &ended(1, "up")), None, "it failed");
    assert_eq!(done("left-behind", &app("a && python3 b.py &&\necho\n"), &ended(0, "")), None, "nothing is beside it");
}

#[test]
fn a_wsgi_app_answers_with_bytes() {
    let said = "AssertionError: write() argument must be a bytes instance";
    let wrong = "def app(e, start_response):\n    data = page()\n    start_response(S, [(L, str(len(data)))])\n    return [data]\n";
    let right = wrong.replace("    start", "    data = data.encode() if isinstance(data, str) else data\n    start");
    text("bytes-of-wsgi", "a.py", wrong, said, &right);
    let literal = "def app(e, start_response):\n    start_response(S, [])\n    return [\"ok\"]\n";
    text("bytes-of-wsgi", "a.py", literal, said, &literal.replace("[\"ok\"]", "[\"ok\".encode()]"));
}

#[test]
fn files_are_found_by_what_they_are() {
    let lost = ended(1, "jinja2.exceptions.TemplateNotFound: layout.html");
    let base = ("templates/base.html", "{% block c %}{% endblock %}");
    let page = ("templates/p.html", "{% extends \"layout.html\" %}{% block c %}x{% endblock %}");
    let better = done("extended", &artifact("python3 a.py", &[base, page]), &lost).unwrap();
    assert!(content(&better, "templates/p.html").starts_with("{% extends \"base.html\" %}"));
    let two = artifact("python3 a.py", &[base, page, ("templates/admin.html", "{% block d %}{% endblock %}")]);
    assert_eq!(done("extended", &two, &lost), None, "either may be meant");
    let answered = Some(Answered { check: "home".into(), status: 404, shown: String::new() });
    let said = Diagnostic { trouble: Trouble::Check, answered, ..Diagnostic::UNTRIED };
    let server = "const DIR = path.join(__dirname, \"client\");\n";
    let page = ("public/index.html", "<html>");
    let better = done("pages-folder", &artifact("node a.js", &[("a.js", server), page]), &said).unwrap();
    assert_eq!(content(&better, "a.js"), "const DIR = path.join(__dirname, \"public\");\n");
    let data = artifact("node a.js", &[("a.js", "path.join(__dirname, \"uploads\")\n"), page]);
    assert_eq!(done("pages-folder", &data, &said), None, "no folder for pages");
    let fs = "TypeError: fs.existsSync is not a function";
    js(
        "files-otherwise",
        "import { promises as fs } from \"fs\";\nif (!fs.existsSync(F)) await fs.mkdir(F);\n",
        2,
        fs,
        "import { existsSync } from \"node:fs\";\nimport { promises as fs } from \"fs\";\nif (!existsSync(F)) await fs.mkdir(F);\n",
    );
    let gone = ended(1, "Error: ENOENT: no such file or directory, open '/home/user/app/data/items.json'");
    let store = "async function load() {\n  const t = await fs.readFile(\"data/items.json\");\n  return JSON.parse(t);\n}\nfs.writeFile(F);\n";
    let files = |uses: &str| artifact("node a.js", &[("a.js", uses), ("store.js", store)]);
    let better = done("empty-data", &files("const items = await store.load();\nitems.length;\n"), &gone).unwrap();
    assert_eq!(content(&better, "data/items.json"), "[]\n");
    let better = done("empty-data", &files("const all = await store.load();\nObject.keys(all);\n"), &gone).unwrap();
    assert_eq!(content(&better, "data/items.json"), "{}\n");
    assert_eq!(done("empty-data", &files("const all = await store.load();\nsend(all);\n"), &gone), None);
}
