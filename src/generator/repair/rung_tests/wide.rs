//! Rungs for types, scopes, templates, spelling and what an app needs before it starts.

use super::*;

/// The content of the one Python file, mended by a rung after Python said this about a line.
#[track_caller]
fn py(name: &str, before: &str, line: usize, said: &str, after: &str) {
    text(name, "a.py", before, &python(line, said), after);
}

#[track_caller]
fn js(name: &str, before: &str, line: usize, said: &str, after: &str) {
    text(name, "a.js", before, &node(line, said), after);
}

#[test]
fn names_are_known_where_they_are_used() {
    let unbound = "UnboundLocalError: cannot access local variable 'n' where it is not associated with a value";
    py("global", "n = 0\ndef f():\n    n += 1\n", 3, unbound, "n = 0\ndef f():\n    global n\n    n += 1\n");
    let local = artifact("python3 a.py", &[("a.py", "def f():\n    n += 1\n")]);
    assert_eq!(done("global", &local, &ended(1, &python(2, unbound))), None, "no variable of the module");
    let taken = "TypeError: H.go() takes 0 positional arguments but 1 was given";
    py("self", "class H:\n    def go():\n        pass\n", 9, taken, "class H:\n    def go(self):\n        pass\n");
    js(
        "super",
        "class A extends B {\n  constructor(x) {\n    this.x = x;\n  }\n}\n",
        3,
        "ReferenceError: Must call super constructor in derived class before accessing 'this'",
        "class A extends B {\n  constructor(x) {\n    super();\n    this.x = x;\n  }\n}\n",
    );
    let early = "ReferenceError: Cannot access 's' before initialization";
    js(
        "too-early",
        "s.listen(1);\nconst s = f({\n  a: 1,\n});\n",
        1,
        early,
        "const s = f({\n  a: 1,\n});\n\ns.listen(1);\n",
    );
    let inner = artifact("node a.js", &[("a.js", "const t = s.x;\nconst s = f();\n")]);
    assert_eq!(done("too-early", &inner, &ended(1, &node(1, early))), None, "others may use what it declares");
    js(
        "new",
        "const a = Store(1)\n",
        1,
        "TypeError: Class constructor Store cannot be invoked without 'new'",
        "const a = new Store(1)\n",
    );
    js(
        "semicolon",
        "const h = '0'\n(async () => {})()\n",
        2,
        "TypeError: \"0\" is not a function",
        "const h = '0'\n;(async () => {})()\n",
    );
    let lacks = "AttributeError: 'L' object has no attribute 'e'";
    py(
        "of-object",
        "class L:\n    def __init__(self):\n        e = []\n",
        9,
        lacks,
        "class L:\n    def __init__(self):\n        self.e = []\n",
    );
}

#[test]
fn slips_of_a_letter_are_corrected_where_one_name_is_near() {
    js(
        "spelling",
        "const message = 1;\nf(mesage);\n",
        2,
        "ReferenceError: mesage is not defined",
        "const message = 1;\nf(message);\n",
    );
    let two = artifact("node a.js", &[("a.js", "const items = 1;\nconst itemz = 2;\nf(item);\n")]);
    assert_eq!(done("spelling", &two, &ended(1, &node(3, "ReferenceError: item is not defined"))), None);
    let class = artifact("python3 a.py", &[("a.py", "class Survey:\n    pass\nsurvey.add()\n")]);
    assert_eq!(done("spelling", &class, &ended(1, &python(3, "NameError: name 'survey' is not defined"))), None);
    py(
        "member-spelling",
        "class L:\n    def balance(self):\n        return 1\nL().balence()\n",
        4,
        "AttributeError: 'L' object has no attribute 'balence'. Did you mean: 'balance'?",
        "class L:\n    def balance(self):\n        return 1\nL().balance()\n",
    );
}

#[test]
fn braces_percents_quotes_and_backticks_are_what_they_were_meant_to_be() {
    py(
        "braces",
        "P = \"\"\"a { margin: 0; } {n}\"\"\"\nP.format(n=1)\n",
        2,
        "KeyError: ' margin'",
        "P = \"\"\"a {{ margin: 0; }} {n}\"\"\"\nP.format(n=1)\n",
    );
    py(
        "percent",
        "P = \"\"\"width: 60%; %d\"\"\"\nx = P % 1\n",
        2,
        "ValueError: unsupported format character ';' (0x3b) at index 10",
        "P = \"\"\"width: 60%%; %d\"\"\"\nx = P % 1\n",
    );
    py(
        "page-braces",
        "t = 1\np = f\"\"\"<style>a { margin: 0; }</style>{t}\"\"\"\n",
        2,
        "NameError: name 'margin' is not defined",
        "t = 1\np = f\"\"\"<style>a {{ margin: 0; }}</style>{t}\"\"\"\n",
    );
    js(
        "page-templates",
        "const p = `<script>\n  a = `${b}`;\n</script>`;\n",
        2,
        "SyntaxError: Unexpected identifier '$'",
        "const p = `<script>\n  a = \\`\\${b}\\`;\n</script>`;\n",
    );
    js("apostrophe", "f('It's on');\n", 1, "SyntaxError: Unexpected identifier 's'", "f('It\\'s on');\n");
    py(
        "closing-quote",
        "f(a=\"b c)\n",
        1,
        "SyntaxError: unterminated string literal (detected at line 1)",
        "f(a=\"b c\")\n",
    );
    js("types", "function f(a: string) {}\n", 1, "SyntaxError: Unexpected token ':'", "function f(a) {}\n");
}

#[test]
fn libraries_are_asked_as_they_can_be_asked() {
    let page = "new URL(req.url).pathname\n";
    js("url", page, 1, "TypeError: Invalid URL", "new URL(req.url, \"http://localhost\").pathname\n");
    js(
        "files-otherwise",
        "const fs = require(\"fs\");\nawait fs.readFile(a);\nfs.existsSync(a);\n",
        2,
        "TypeError [ERR_INVALID_ARG_TYPE]: The \"cb\" argument must be of type function. Received undefined",
        "const fs = require(\"fs\");\nawait fs.promises.readFile(a);\nfs.existsSync(a);\n",
    );
    js(
        "files-otherwise",
        "const fs = require('fs/promises');\nfs.existsSync(a);\nawait fs.readFile(a);\n",
        2,
        "TypeError: fs.existsSync is not a function",
        "const fs = require('fs');\nfs.existsSync(a);\nawait fs.promises.readFile(a);\n",
    );
    let thread = "sqlite3.ProgrammingError: SQLite objects created in a thread can only be used in that same thread.";
    py("other-thread", "c = sqlite3.connect(P)\n", 1, thread, "c = sqlite3.connect(P, check_same_thread=False)\n");
    let row = "TypeError: Object of type Row is not JSON serializable";
    py(
        "serializable",
        "b = json.dumps(rows(1)).encode()\n",
        1,
        row,
        "b = json.dumps(rows(1), default=dict).encode()\n",
    );
    js("wildcard", "app.get('*', f);\n", 1, "TypeError: Missing parameter name at 1", "app.get('/{*rest}', f);\n");
    js(
        "iterator",
        "m.values().map(f);\n",
        1,
        "TypeError: m.values(...).map is not a function",
        "[...m.values()].map(f);\n",
    );
    let number = "TypeError: can only concatenate str (not \"int\") to str";
    py("added-to-text", "print(\"on \" + port)\n", 1, number, "print(\"on \" + str(port))\n");
    let shared = "ValueError: mutable default <class 'list'> for field t is not allowed: use default_factory";
    py(
        "shared-default",
        "from dataclasses import dataclass, field\nclass E:\n    t: list = []\n",
        3,
        shared,
        "from dataclasses import dataclass, field\nclass E:\n    t: list = field(default_factory=list)\n",
    );
    py(
        "later-name",
        "from itertools import chain, batched\nx\n",
        1,
        "ImportError: cannot import name 'batched' from 'itertools' (unknown location)",
        "from itertools import chain\n\n\ndef batched(items, size):\n    items = list(items)\n    return (tuple(items[at:at + size]) for at in range(0, len(items), size))\n\n\nx\n",
    );
    py("unused-package", "import requests\nx = 1\n", 1, "ModuleNotFoundError: No module named 'requests'", "x = 1\n");
    let used = artifact("python3 a.py", &[("a.py", "import requests\nrequests.get(1)\n")]);
    assert_eq!(done("unused-package", &used, &ended(1, "No module named 'requests'")), None);
}

#[test]
fn an_app_gets_what_it_needs_before_it_starts() {
    let source = "if (!process.env.SESSION_SECRET) throw new Error('SESSION_SECRET is required');\n";
    let app = artifact("node a.js", &[("a.js", source)]);
    let better = done("required-variable", &app, &ended(1, "Error: SESSION_SECRET is required")).unwrap();
    assert_eq!(better.start, "SESSION_SECRET=\"$(cat /proc/sys/kernel/random/uuid)\" node a.js");
    let url = artifact("node a.js", &[("a.js", "if (!process.env.DATABASE_URL) throw 1;\n")]);
    assert_eq!(done("required-variable", &url, &ended(1, "DATABASE_URL is required")), None, "none would do");
    let lost =
        |path: &str| ended(1, &format!("Error: ENOENT: no such file or directory, open '/home/user/app/{path}'"));
    let app =
        artifact("node a.js", &[("a.js", "l = JSON.parse(r('d.json'));\nl.push(1);\nw.writeFileSync('d.json');\n")]);
    assert_eq!(content(&done("empty-data", &app, &lost("d.json")).unwrap(), "d.json"), "[]\n");
    let app = artifact("node a.js", &[("a.js", "f('public/index.html')"), ("views/home.html", "<p>")]);
    assert_eq!(content(&done("only-page", &app, &lost("public/index.html")).unwrap(), "public/index.html"), "<p>");
    let table = "def init():\n    c.execute(\"CREATE TABLE t (a)\")\n\n\nif __name__ == \"__main__\":\n    run()\n";
    let app = artifact("python3 a.py", &[("a.py", table)]);
    let better = done("tables", &app, &ended(1, "sqlite3.OperationalError: no such table: t")).unwrap();
    assert!(content(&better, "a.py").contains("\n\ninit()\n\n\nif __name__"), "{better:?}");
    let built = Artifact {
        build: Some("npm run build".into()),
        ..artifact("node a.js", &[("a.js", ""), ("package.json", "{}")])
    };
    assert_eq!(done("absent-script", &built, &Diagnostic::UNTRIED).unwrap().build, None);
    let typed = artifact("npx tsx src/a.ts", &[("src/a.ts", "const a: number = 1;\n")]);
    let better = done("typescript", &typed, &Diagnostic::UNTRIED).unwrap();
    assert_eq!((&*better.start, content(&better, "src/a.js")), ("node src/a.js", "const a = 1;\n"));
}
