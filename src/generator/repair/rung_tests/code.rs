//! Rungs that mend what a file says.

use super::*;

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
        "a.js",
        "s.get('/', (q, r) => {\n  r.end(')');\n\ns.get('/b', (q, r) => {\n  r.end();\n});\n",
        &node(6, "SyntaxError: missing ) after argument list"),
        "s.get('/', (q, r) => {\n  r.end(')');\n});\n\ns.get('/b', (q, r) => {\n  r.end();\n});\n",
    );
    text(
        "unclosed",
        "a.js",
        "function f(x) {\n  if (x) {\n    g();\n  return [\n    1,\n  ];\n}\n",
        &node(7, "SyntaxError: Unexpected end of input"),
        "function f(x) {\n  if (x) {\n    g();\n  }\n  return [\n    1,\n  ];\n}\n",
    );
    text(
        "unclosed",
        "a.js",
        "function f() {\n  a.map((x) => {\n    g(x);\n}\n",
        &node(4, "SyntaxError: missing ) after argument list"),
        "function f() {\n  a.map((x) => {\n    g(x);\n  });\n}\n",
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
