//! Code that is made of data.

use super::{Rule, hosted};
use crate::guard::{
    fact::Call,
    found::Found,
    read::Language,
    value::{HOLE, Marks, Shape, Value},
    verdict::Severity,
};

pub static EVAL: Rule = Rule {
    id: "code-eval",
    severity: Severity::Block,
    why: "text that is run as code can be anything",
    remedy: "write the code out; to compute formulas, parse them; to read data, use JSON",
    finds: &[
        ("x.js", "const [, e] = [null, eval]; e(s)"),
        ("x.js", "await import('data:text/javascript,' + encodeURIComponent(s))"),
        ("x.js", "eval(req.query.code)"),
        ("x.js", "globalThis['ev' + 'al'](s)"),
        ("x.js", "new Function('a', 'return ' + body)"),
        ("x.js", "const e = eval; [code].map(e)"),
        ("x.js", "(0, eval)(s)"),
        ("x.js", "[]['filter']['constructor'](s)()"),
        ("x.js", "setTimeout('go()', 10)"),
        ("x.js", "const vm = require('node:vm'); vm.runInNewContext(s)"),
        ("x.js", "window[atob('ZXZhbA==')](s)"),
        ("x.js", "Reflect.apply(eval, null, [s])"),
        ("x.py", "exec(compile(s, 'x', 'exec'))"),
        ("x.py", "getattr(__builtins__, 'ev' + 'al')(s)"),
        ("x.py", "__builtins__.__dict__['exec'](s)"),
        ("x.py", "from builtins import eval as e\ne(s)"),
        ("x.html", "<img src=x onerror=\"eval(name)\">"),
    ],
    spares: &[
        ("x.js", "const m = /a(b)/.exec(s); db.exec('select 1'); f.call(null, 1); model.evaluate(x)"),
        ("x.js", "setTimeout(() => go(), 10); setTimeout(go, 10); Function.prototype.call.call(f)"),
        ("x.py", "import re, ast\nre.compile('a').match(s)\nast.literal_eval(s)\nmodel.eval()\ndf.eval('a + b')\n"),
        ("x.py", "def eval(tree):\n    return tree.value\neval(parse(s))\n"),
    ],
};
pub static DYNAMIC_IMPORT: Rule = Rule {
    id: "code-dynamic-import",
    severity: Severity::Block,
    why: "which module is loaded is decided by data",
    remedy: "name the module in the code, or choose it from a fixed table",
    finds: &[
        ("x.js", "require(req.query.plugin)"),
        ("x.js", "const r = require; r(name)"),
        ("x.py", "__import__(name)"),
        ("x.py", "import importlib\nimportlib.import_module(request.args['m'])"),
    ],
    spares: &[
        (
            "x.js",
            "const path = require('path'); for (const f of files) app.use(require(path.join(__dirname, 'routes', f)))",
        ),
        ("x.js", "const page = await import(`./pages/${name}.js`)"),
        ("x.py", "import importlib\nimportlib.import_module(f'app.routes.{name}')"),
    ],
};
pub static COMPUTED: Rule = Rule {
    id: "code-computed-name",
    severity: Severity::Block,
    why: "the name of what is called is hidden, or is data",
    remedy: "call the function by its name, or look it up in a table of your own",
    finds: &[
        ("x.py", "import os\ngetattr(os, name)('id')"),
        ("x.js", "globalThis[req.query.f](1)"),
        ("x.js", "document.createElement(['scr', 'ipt'].join(''))"),
        ("x.js", "const d = s => String.fromCharCode(...s); window[d(x)](y)"),
    ],
    spares: &[
        ("x.js", "handlers[type](event); this[method](x); window[callback](data)"),
        ("x.py", "def go(self, verb):\n    getattr(self, 'do_' + verb)()"),
    ],
};
pub static UNPICKLE: Rule = Rule {
    id: "code-unpickle",
    severity: Severity::Block,
    why: "reading such data runs whatever code it names",
    remedy: "use JSON",
    finds: &[
        ("x.py", "import pickle\npickle.loads(request.data)"),
        ("x.py", "import marshal\nf = marshal.loads(b)"),
        ("x.py", "import yaml\nyaml.load(request.data)"),
    ],
    spares: &[
        ("x.py", "import pickle\nwith open('cache.pkl', 'rb') as f:\n    cache = pickle.load(f)\n"),
        ("x.py", "import yaml\nyaml.safe_load(request.data)\nyaml.load(request.data, Loader=yaml.SafeLoader)"),
    ],
};
pub static NATIVE: Rule = Rule {
    id: "code-native",
    severity: Severity::Block,
    why: "machine code is loaded, which no reader of sources can judge",
    remedy: "use the language's own libraries",
    finds: &[
        ("x.py", "import ctypes\nctypes.CDLL(None).system(b'id')"),
        ("x.js", "process.dlopen(module, './x.node')"),
        ("x.js", "process.binding('spawn_sync')"),
    ],
    spares: &[("x.py", "import struct, array\nstruct.unpack('<I', b)"), ("x.js", "process.on('exit', done)")],
};
pub static INTROSPECTION: Rule = Rule {
    id: "code-introspection",
    severity: Severity::Block,
    why: "it reaches for what its own names do not lead to",
    remedy: "import what is needed",
    finds: &[("x.py", "().__class__.__bases__[0].__subclasses__()"), ("x.py", "f.__globals__['os'].system('id')")],
    spares: &[
        ("x.py", "for c in Shape.__subclasses__(): print(c)"),
        ("x.py", "print(self.__class__.__name__, f.__doc__)"),
    ],
};

pub(super) const RULES: &[&Rule] = &[&EVAL, &DYNAMIC_IMPORT, &COMPUTED, &UNPICKLE, &NATIVE, &INTROSPECTION];

/// Functions of which any use is code from data.
fn evaluates(path: &str, python: bool) -> bool {
    match path {
        "eval" => true,
        "exec"
        | "execfile"
        | "compile"
        | "types.FunctionType"
        | "types.CodeType"
        | "code.interact"
        | "code.InteractiveInterpreter().runcode"
        | "code.InteractiveInterpreter().runsource"
        | "runpy.run_path" => python,
        "Function"
        | "AsyncFunction"
        | "GeneratorFunction"
        | "execScript"
        | "vm.runInNewContext"
        | "vm.runInThisContext"
        | "vm.runInContext"
        | "vm.Script"
        | "vm.compileFunction"
        | "vm.SourceTextModule"
        | "module._compile"
        | "module.prototype._compile"
        | "module()._compile"
        | "module.Module()._compile"
        | "vm2.VM().run"
        | "vm2.NodeVM().run"
        | "Function()" => !python,
        _ => false,
    }
}

/// Functions that are dangerous to hand on, since whoever gets them calls them unseen.
pub(in crate::guard) fn is_dangerous(path: &str) -> bool {
    matches!(
        path,
        "eval"
            | "Function"
            | "os.system"
            | "os.popen"
            | "subprocess.Popen"
            | "subprocess.run"
            | "subprocess.call"
            | "subprocess.check_output"
            | "subprocess.getoutput"
            | "pty.spawn"
            | "builtins.exec"
            | "builtins.eval"
            | "__import__"
            | "marshal.loads"
            | "os.execl"
            | "os.execv"
            | "os.fork"
    ) || path.strip_prefix("child_process.").is_some_and(|name| !name.contains('.'))
}

pub(super) fn import(module: &str, line: usize, found: &mut Found<'_>) {
    match module {
        module if module.starts_with("data:") || module.starts_with("blob:") => {
            found.add(&EVAL, line, "a module is loaded from its own text");
        }
        "repl" | "inspector" | "inspector/promises" => {
            found.add(&EVAL, line, &format!("`{module}` runs what it is told"))
        }
        "vm2" | "isolated-vm" | "safe-eval" | "node-serialize" | "static-eval" | "notevil" => {
            found.add(&EVAL, line, &format!("`{module}` runs text as code"));
        }
        "ffi-napi" | "ffi" | "koffi" | "node-ffi" | "cffi" | "bun:ffi" | "inject" => {
            found.add(&NATIVE, line, &format!("`{module}` loads machine code"));
        }
        "ctypes" | "ctypes.util" => found.hint(&NATIVE, line, "`ctypes` can load machine code"),
        _ => {}
    }
}

pub(super) fn call(call: &Call<'_>, line: usize, found: &mut Found<'_>) {
    let path = call.path;
    if evaluates(path, call.python) {
        evaluated(call, line, found);
    }
    match path {
        "setTimeout" | "setInterval" | "setImmediate" if !call.python => {
            let first = call.arg(0);
            let data = Marks::DECODED.with(Marks::NETWORK).with(Marks::REQUEST);
            let decoded = first.is_some_and(|arg| arg.all_marks().has(data));
            if call.text(0).is_some() || decoded && !matches!(first.map(|arg| &arg.shape), Some(Shape::Function(_))) {
                found.add(&EVAL, line, &format!("`{path}` runs a text"));
            }
        }
        "worker_threads.Worker" | "Worker" | "SharedWorker"
            if call.option("eval").is_some_and(Value::is_true)
                || call.arg_marks().has(Marks::DECODED.with(Marks::NETWORK)) =>
        {
            found.add(&EVAL, line, "a worker runs a text");
        }
        "require" | "import" | "__import__" | "importlib.import_module" => dynamic(call, line, found),
        path if path.starts_with("ctypes.windll.") || path.starts_with("ctypes.cdll.") => {
            found.add(&NATIVE, line, &format!("`{path}`"))
        }
        "process.binding"
        | "process.dlopen"
        | "process._linkedBinding"
        | "ctypes.CDLL"
        | "ctypes.PyDLL"
        | "ctypes.cdll.LoadLibrary"
        | "ctypes.windll"
        | "ctypes.WinDLL"
        | "ctypes.pythonapi"
        | "Deno.dlopen" => {
            found.add(&NATIVE, line, &format!("`{path}`"));
        }
        _ => {}
    }
    hosted::call(call, line, found);
    let reaches = ["__subclasses__", "__globals__", "__builtins__."].iter().any(|part| path.contains(part));
    if path.contains("__") && reaches && !lists_own_classes(path) {
        found.add(&INTROSPECTION, line, &format!("`{path}`"));
    }
    computed(call, line, found);
    for arg in call.args {
        // It gives the same function, which is followed to its calls.
        let function = arg.as_path().unwrap_or_default();
        let followed = matches!((path, function), ("util.promisify" | "promisify", "child_process.execFile"))
            || call.args.len() > 1 && (path, function) == ("asyncio.to_thread", "subprocess.run");
        if !followed {
            handed_on(arg, line, found);
        }
        let builtins = matches!(arg.as_path(), Some("__builtins__" | "builtins"));
        if builtins && !matches!(path, "isinstance" | "hasattr" | "dir" | "getattr" | "setattr" | "type") {
            found.add(&INTROSPECTION, line, "all built-in functions are handed on, to be picked from unseen");
        }
        if call.python && matches!(arg.as_path(), Some("exec" | "compile")) {
            found.add(&EVAL, line, "`exec` is handed on, to be called unseen");
        }
    }
}

/// `Shape.__subclasses__()`: a class of the program, and those that extend it.
fn lists_own_classes(path: &str) -> bool {
    let class = path.strip_suffix(".__subclasses__").map(|class| class.trim_start_matches('~'));
    class.is_some_and(|class| class.starts_with(char::is_uppercase) && class.chars().all(char::is_alphanumeric))
}

/// Elements of a list or a table that are looked at as what is handed on.
const HANDED_MAX: usize = 64;

/// A dangerous function as a value.
fn handed_on(value: &Value, line: usize, found: &mut Found<'_>) {
    let named = match &value.shape {
        Shape::Table(pairs) => pairs.as_slice(),
        Shape::Unknown | Shape::Text(_) | Shape::Number(_) | Shape::List(_) | Shape::Path(_) | Shape::Function(_) => {
            &[]
        }
    };
    let placed = value.as_list().unwrap_or(std::slice::from_ref(value)).iter().take(HANDED_MAX);
    for inner in placed.chain(named.iter().take(HANDED_MAX).map(|(_, value)| value)) {
        if let Some(path) = inner.as_path()
            && is_dangerous(path)
        {
            found.add(&EVAL, line, &format!("`{path}` is handed on, to be called unseen"));
        }
    }
}

/// A name that only who looks for what was withheld writes as a text.
pub(super) fn text(text: &str, line: usize, found: &mut Found<'_>) {
    if matches!(text, "__builtins__" | "__subclasses__" | "__globals__") {
        found.add(&INTROSPECTION, line, &format!("`{text}` is looked up by its name"));
    }
}

pub(super) fn assign(path: &str, value: &Value, line: usize, found: &mut Found<'_>) {
    if let Some(name) = path.strip_prefix("process.env.").or_else(|| path.strip_prefix("os.environ."))
        && let Some(text) = value.as_text()
    {
        super::commands::variable(name, text, line, found);
    }
    // A plain alias is followed to its calls; a list or an object's attribute is not.
    if path.contains('.') || path == "~return" || value.as_list().is_some() {
        handed_on(value, line, found);
    }
}

fn evaluated(call: &Call<'_>, line: usize, found: &mut Found<'_>) {
    // `eval(1)` is 1.
    if !call.args.is_empty() && call.args.iter().all(|arg| matches!(arg.shape, Shape::Number(_))) {
        return;
    }
    let text = call.args.iter().filter_map(Value::known).next_back();
    match text {
        // The way to the global object before `globalThis` had a name.
        Some("return this" | "return globalThis") if call.path == "Function" => {
            found.hint(&EVAL, line, "`Function` gives the global object");
            return;
        }
        Some(code) => {
            let language = if call.python { Language::Python } else { Language::JavaScript };
            found.nest(language, code, line);
        }
        None => {}
    }
    let marks = call.arg_marks();
    let origin = if marks.has(Marks::REQUEST) {
        " what a request brings"
    } else if marks.has(Marks::NETWORK) {
        " what the network brings"
    } else if marks.has(Marks::DECODED) {
        " what was decoded just before"
    } else {
        " a text"
    };
    found.add(&EVAL, line, &format!("`{}` runs{origin}", call.path));
}

fn dynamic(call: &Call<'_>, line: usize, found: &mut Found<'_>) {
    let Some(name) = call.arg(0) else { return };
    if name.known().is_some() {
        return;
    }
    let marks = name.all_marks();
    let made = name.as_text().is_some_and(|text| text.starts_with("data:") || text.starts_with("blob:"))
        || call.path == "import" && name.as_path() == Some("URL.createObjectURL()");
    if made {
        found.add(&EVAL, line, "a module is loaded from a text that is put together");
        return;
    }
    let hostile = marks.has(Marks::REQUEST.with(Marks::DECODED).with(Marks::NETWORK))
        || name.as_path().is_some_and(|path| path.starts_with("sys.stdin") || path.starts_with("input()"));
    // Something of a beginning keeps it inside of a folder or a package.
    let held = name.as_text().is_some_and(|text| {
        let start = text.split(HOLE).next().unwrap_or_default();
        start.starts_with("./")
            || start.starts_with("../")
            || start.ends_with('.')
            || start.ends_with('/')
            || text.starts_with(&format!("{HOLE}/"))
    });
    let strict = matches!(call.path, "require" | "__import__");
    if hostile || strict && !held {
        found.add(&DYNAMIC_IMPORT, line, &format!("`{}` loads what it is given", call.path));
    } else if !held {
        found.hint(&DYNAMIC_IMPORT, line, &format!("`{}` loads what it is given", call.path));
    }
}

fn computed(call: &Call<'_>, line: usize, found: &mut Found<'_>) {
    let assembled = call.marks.has(Marks::ASSEMBLED) && call.path.contains('.');
    if assembled && matches!(call.method(), "eval" | "Function" | "execScript" | "__import__" | "execSync") {
        found.add(&COMPUTED, line, &format!("`{}` was put together, so as not to be read", call.method()));
    }
    let Some(base) = call.path.strip_suffix("[?]") else { return };
    let base = base.trim_end_matches('.');
    let powerful = matches!(
        base,
        "globalThis"
            | "os"
            | "subprocess"
            | "child_process"
            | "process"
            | "sys"
            | "shutil"
            | "ctypes"
            | "socket"
            | "require"
            | "module"
            | "importlib"
            | "Reflect"
            | "Function"
            | "vm"
    );
    let hostile = call.marks.has(Marks::DECODED.with(Marks::REQUEST).with(Marks::NETWORK));
    // A name that is made of numbers or letters is made so to be unseen, whatever it is a name of.
    let hidden = call.marks.has(Marks::DECODED) && (base == "this" || base.starts_with('~'));
    if powerful || base.is_empty() && hostile || hidden {
        let of = if base.is_empty() { "the global object" } else { base };
        found.add(&COMPUTED, line, &format!("a function of {of} is called by a name that is not known"));
    }
}
