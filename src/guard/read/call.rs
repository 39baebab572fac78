//! Calls: what is told of them, and what they give.

use super::{
    imports,
    reduce::{self, tell_assembled},
    walk::{Item, TURNS_MAX, Walk},
};
use crate::guard::{
    fact::{Call, Fact, method},
    fold,
    origin::{self, variable_marks},
    rules,
    syntax::kinds::{Field, Kind},
    value::{Marks, Shape, Value},
};

/// Bytes, or elements of eight, that one allocation may have before it is one of a bomb's.
const ALLOCATION_MAX: f64 = 1e9;

/// Methods that make something grow.
const GROWING: [&str; 23] = [
    "fetch",
    "sendto",
    "setTimeout",
    "setInterval",
    "setImmediate",
    "writeFileSync",
    "appendFileSync",
    "mkdirSync",
    "fill",
    "concat",
    "set",
    "push",
    "append",
    "extend",
    "add",
    "unshift",
    "alloc",
    "allocUnsafe",
    "appendChild",
    "insert",
    "put",
    "write",
    "Worker",
];
/// Methods and functions that wait for the outside or give the thread away.
const WAITING: [&str; 30] = [
    "sleep",
    "recv",
    "recvfrom",
    "accept",
    "get",
    "input",
    "read",
    "readline",
    "readlines",
    "wait",
    "poll",
    "select",
    "join",
    "serve_forever",
    "next",
    "question",
    "prompt",
    "tick",
    "update",
    "flip",
    "getch",
    "event",
    "shift",
    "pop",
    "popleft",
    "get_nowait",
    "fetchone",
    "acquire",
    "listen",
    "exec",
];

/// A call or a `new`: its facts are told, then what is known of its result is returned.
pub(super) fn call(walk: &mut Walk<'_, '_>, is_new: bool, items: Vec<Item>) -> Value {
    let (mut callee, mut args) = (None, Value::list(Vec::new()));
    for inner in items {
        match inner.field {
            Field::Function => callee = Some(inner),
            Field::Arguments => {
                // A tagged template or a generator is the only argument.
                args = if inner.kind == Kind::Arguments { inner.value } else { Value::list(vec![inner.value]) };
            }
            _ => {}
        }
    }
    let Some(callee) = callee else { return Value::UNKNOWN };
    let values = args.as_list().unwrap_or_default();
    let path = callee.value.as_path().unwrap_or_default();
    if let (Some(name), Some(of)) = (path.strip_prefix("~methodcaller."), values.first()) {
        let method = of.clone().member(name);
        let path = method.as_path().unwrap_or_default();
        let (endless, python) = (walk.is_endless(), walk.python);
        walk.tell(Fact::Call(Call { path, args: &[], marks: method.marks, endless, python }));
        return Value::path(format!("{path}()"));
    }
    if let Some(name) = path.strip_prefix("~attrgetter.") {
        return values.first().cloned().unwrap_or(Value::UNKNOWN).member(name);
    }
    loops(walk, path);
    gather(walk, &callee, values);
    rearms(walk, path, &callee, values);
    let endless = walk.is_endless() || starts_itself(walk, path, values);
    let python = walk.python;
    let marks = callee.value.marks;
    walk.tell(Fact::Call(Call { path, args: values, marks, endless, python }));
    if let Some(value) = redirected(walk, path, values) {
        return value;
    }
    let size = allocated(path, &callee, values);
    if let Some(size) = size {
        allocation(walk, size);
    }
    let kept = kept(size.unwrap_or_default());
    let folded = match &callee.of {
        Some(of) if walk.pay(4096) => fold::method(of, method(path), values),
        _ if is_new => None,
        _ => fold::function(path, values),
    };
    if let Some(value) = folded {
        tell_assembled(walk, &value);
        return value.marked(kept);
    }
    let arguments = args.all_marks();
    let own = call_marks(path, values);
    let marks = own.with(if own.has(Marks::TAMED) { arguments.without(Marks::REQUEST) } else { arguments });
    callee.value.called(marks.with(kept))
}

/// Bytes of an allocation that, kept again and again, fill a small machine.
const HOARDED_MIN: f64 = 1e6;

/// The mark of an allocation of so many bytes.
pub(super) const fn kept(bytes: f64) -> Marks {
    if bytes >= HOARDED_MIN { Marks::HOARD } else { Marks::NONE }
}

/// A function that allocates, keeps it, and sees to it that it runs again.
fn rearms(walk: &mut Walk<'_, '_>, path: &str, callee: &Item, args: &[Value]) {
    if GROWING.contains(&method(path)) && args.iter().any(|arg| arg.marks.has(Marks::HOARD)) {
        reduce::hoard(walk);
    }
    let again = match path {
        "setImmediate" | "setTimeout" | "queueMicrotask" | "process.nextTick" | "requestAnimationFrame" => {
            args.first().and_then(Value::as_path).is_some_and(|name| reduce::runs_itself(walk, name))
        }
        "setInterval" => args.first().is_some_and(|arg| arg.marks.has(Marks::HOARD)),
        _ => reduce::runs_itself(walk, walk.span(callee)),
    };
    if again {
        walk.tell(Fact::Endless { grows: true });
    }
}

/// A process that starts the function that it is in: each one makes more.
fn starts_itself(walk: &Walk<'_, '_>, path: &str, args: &[Value]) -> bool {
    let pooled = path.contains("ProcessPoolExecutor()") || path.contains("multiprocessing.Pool()");
    let first = args.first().and_then(Value::as_path);
    pooled && first.is_some_and(|name| walk.is_inside(name))
        || matches!(path, "multiprocessing.Process" | "threading.Thread")
            && args
                .iter()
                .any(|arg| arg.get("target").and_then(Value::as_path).is_some_and(|name| walk.is_inside(name)))
}

/// `list.push(secret)`: what is gathered stays what it was.
fn gather(walk: &mut Walk<'_, '_>, callee: &Item, values: &[Value]) {
    const GATHERED: Marks =
        Marks::KEYS.with(Marks::COOKIE).with(Marks::PASSWORD).with(Marks::ENVIRONMENT).with(Marks::CREDENTIAL);
    let span = walk.span(callee);
    let Some((
        name,
        "push" | "append" | "add" | "unshift" | "insert" | "extend" | "set_content" | "attach" | "update" | "set",
    )) = span.rsplit_once('.')
    else {
        return;
    };
    let marks = values.iter().fold(Marks::NONE, |marks, value| marks.with(value.all_marks()));
    if marks.has(GATHERED)
        && let Some(list) = walk.names.get_mut(name)
    {
        list.marks = Marks(list.marks.0 | marks.0 & GATHERED.0);
    }
}

/// Calls that are another call, or that give what they were given.
fn redirected(walk: &mut Walk<'_, '_>, path: &str, args: &[Value]) -> Option<Value> {
    let first = args.first();
    match path {
        "require"
        | "import"
        | "__import__"
        | "importlib.import_module"
        | "importlib.__import__"
        | "process.binding"
        | "module.createRequire()"
        | "require.resolve"
        | "runpy.run_module"
        | "process.getBuiltinModule" => {
            let name = first.and_then(Value::known)?.to_owned();
            Some(imports::load(walk, &name, first.map_or(Marks::NONE, Value::all_marks)))
        }
        "getattr" | "Reflect.get" | "builtins.getattr" | "object.__getattribute__" | "operator.getitem" => {
            let name = args.get(1)?;
            let object = first?.clone();
            Some(match name.known() {
                Some(known) => {
                    let shown =
                        name.marks.with(if name.marks.has(Marks::ASSEMBLED) { Marks::ASSEMBLED } else { Marks::NONE });
                    object.member(known).marked(shown)
                }
                None => object.member("[?]").marked(name.all_marks()),
            })
        }
        path if path.ends_with(".__import__") => {
            let name = first.and_then(Value::known)?.to_owned();
            Some(imports::load(walk, &name, Marks::NONE))
        }
        path if path.ends_with(".__getattribute__") => {
            let base = path.trim_end_matches(".__getattribute__");
            Some(Value::path(base).member(args.last()?.known().unwrap_or("[?]")))
        }
        "Object.getOwnPropertyDescriptor" | "Reflect.getOwnPropertyDescriptor" => {
            let held = first?.clone().member(args.get(1)?.known()?);
            let named = |name: &str| std::rc::Rc::new(name.to_owned());
            Some(Value::table(vec![(named("value"), held.clone()), (named("get"), held)]))
        }
        "document.createElement" if first?.known()?.eq_ignore_ascii_case("script") => {
            Some(Value::path(rules::SCRIPT_ELEMENT))
        }
        "os.environ.get" | "os.getenv" => {
            args.get(1).filter(|default| matches!(default.known(), Some("/" | "~" | "/home"))).cloned()
        }
        "document.createTextNode" => first.cloned(),
        "Object.getPrototypeOf" | "Reflect.getPrototypeOf" => {
            first.filter(|value| matches!(value.shape, Shape::Function(_))).cloned()
        }
        "Object.assign" | "jQuery.extend" | "$.extend" => {
            let target = first?.clone();
            let path = target.as_path()?.to_owned();
            for (key, value) in args.iter().skip(1).filter_map(Value::as_table).flatten() {
                walk.tell(Fact::Assign { path: &format!("{path}.{key}"), value });
            }
            Some(target.marked(args.iter().fold(Marks::NONE, |marks, arg| marks.with(arg.all_marks()))))
        }
        "vars" | "globals().get" | "globals" | "locals" => match first {
            Some(object) if path == "vars" => Some(object.clone()),
            Some(key) if path == "globals().get" => Some(Value::path(key.known()?)),
            _ => Some(Value::path("globals()")),
        },
        "operator.methodcaller" => Some(Value::path(format!("~methodcaller.{}", first?.known()?))),
        "operator.attrgetter" => Some(Value::path(format!("~attrgetter.{}", first?.known()?))),
        "functools.partial" | "util.promisify" | "promisify" | "functools.wraps" => Some(first?.clone()),
        "Reflect.apply" | "Reflect.construct" => {
            let target = first?.as_path()?.to_owned();
            let inner = args.iter().rev().find_map(Value::as_list)?.to_vec();
            let (endless, python) = (walk.is_endless(), walk.python);
            let marks = first?.marks;
            walk.tell(Fact::Call(Call { path: &target, args: &inner, marks, endless, python }));
            Some(Value::path(format!("{target}()")))
        }
        _ => None,
    }
}

/// Functions that decode, decompress or assemble a text.
const DECODERS: [&str; 25] = [
    "atob",
    "base64.b64decode",
    "base64.urlsafe_b64decode",
    "codecs.decode",
    "zlib.decompress",
    "marshal.loads",
    "bytes.fromhex",
    "binascii.unhexlify",
    "binascii.a2b_base64",
    "bz2.decompress",
    "lzma.decompress",
    "gzip.decompress",
    "zlib.gunzipSync",
    "zlib.inflateSync",
    "zlib.brotliDecompressSync",
    "zlib.unzipSync",
    "zlib.inflateRawSync",
    "base64.b85decode",
    "base64.a85decode",
    "base64.b32decode",
    "crypto.createDecipheriv",
    "crypto.createDecipher",
    "String.fromCharCode",
    "String.fromCodePoint",
    "unescape",
];

/// Marks that a call gives its result, whatever it is given.
fn call_marks(path: &str, args: &[Value]) -> Marks {
    let text = args.first().and_then(Value::as_text).unwrap_or_default();
    let method = method(path);
    match path {
        path if DECODERS.contains(&path) => Marks::DECODED,
        "Buffer.from" if matches!(args.get(1).and_then(Value::known), Some("base64" | "hex" | "base64url")) => {
            Marks::DECODED
        }
        "fetch"
        | "urllib.request.urlopen"
        | "urlopen"
        | "http.get"
        | "https.get"
        | "http.request"
        | "https.request"
        | "requests.get"
        | "requests.post"
        | "requests.request"
        | "httpx.get"
        | "httpx.post"
        | "axios.get"
        | "axios"
        | "axios.post"
        | "got"
        | "node-fetch"
        | "needle"
        | "urllib2.urlopen" => Marks::NETWORK,
        "os.environ.get" | "os.getenv" | "os.environ.pop" => variable_marks(text),
        "os.environ.copy" | "os.environ.items" | "os.environ.values" | "Deno.env.toObject" => Marks::ENVIRONMENT,
        "pyperclip.paste" | "clipboard.paste" | "navigator.clipboard.readText" | "navigator.clipboard.read" => {
            Marks::KEYS
        }
        // One value that is named is the app's own business; whatever is there is not.
        "localStorage.getItem" | "sessionStorage.getItem"
            if args.first().is_some_and(|key| key.known().is_none()) && !text.contains(char::is_alphanumeric) =>
        {
            Marks::COOKIE
        }
        "FormData" => Marks::FORM,
        "path.basename"
        | "os.path.basename"
        | "werkzeug.utils.secure_filename"
        | "secure_filename"
        | "parseInt"
        | "Number"
        | "int"
        | "float"
        | "encodeURIComponent"
        | "shlex.quote"
        | "html.escape"
        | "len" => Marks::TAMED,
        "document.getElementById"
        | "document.querySelector"
        | "document.querySelectorAll"
        | "document.getElementsByName"
            if asks(text) =>
        {
            Marks::PASSWORD
        }
        "open"
        | "fs.readFileSync"
        | "fs.readFile"
        | "fs.promises.readFile"
        | "pathlib.Path"
        | "Path"
        | "fs.createReadStream"
        | "Bun.file"
        | "Deno.readTextFile"
        | "dotenv_values"
        | "dotenv.dotenv_values"
            if rules::is_credential_file(text) || rules::is_settings_file(text) =>
        {
            Marks::CREDENTIAL
        }
        _ => match method {
            "getData" if path.contains("clipboardData") => Marks::KEYS,
            "decrypt" | "decompress" => Marks::DECODED,
            "recv" | "urlopen" => Marks::NETWORK,
            _ => origin::marks(path),
        },
    }
}

/// Whether a field of that name, or by that selector, asks for what only its owner should know.
fn asks(selector: &str) -> bool {
    let lower = selector.to_ascii_lowercase();
    ["passw", "card-number", "cardnumber", "card_number", "ccnum", "cvv", "cvc", "seed-phrase", "mnemonic"]
        .iter()
        .any(|word| lower.contains(word))
}

/// What the call means to the loops around it.
fn loops(walk: &mut Walk<'_, '_>, path: &str) {
    let Some(innermost) = walk.loops.last_mut() else { return };
    if innermost.is_function {
        return;
    }
    innermost.calls = true;
    let method = method(path);
    if GROWING.contains(&method) {
        reduce::grow(walk);
    }
    if WAITING.contains(&method) {
        reduce::wait(walk);
    }
    if matches!(path, "process.exit" | "sys.exit" | "exit" | "quit" | "os._exit" | "process.abort") {
        reduce::leave(walk);
    }
}

/// The size that a call allocates by itself.
fn allocated(path: &str, callee: &Item, args: &[Value]) -> Option<f64> {
    let number = args.first().and_then(Value::as_number);
    match path {
        "Buffer.alloc" | "Buffer.allocUnsafe" | "bytearray" | "bytes" | "ArrayBuffer" | "SharedArrayBuffer"
        | "Uint8Array" => {
            args.first().filter(|value| matches!(value.shape, Shape::Number(_)))?;
            number
        }
        "Array" | "Float64Array" | "numpy.zeros" | "numpy.ones" | "numpy.empty" => {
            args.first().filter(|value| matches!(value.shape, Shape::Number(_)))?;
            number.map(|count| count * 8.0)
        }
        "range" => args.last()?.as_number().filter(|turns| *turns >= TURNS_MAX).map(|_| HOARDED_MIN),
        "list" | "tuple" | "set" | "sorted" | "numpy.arange" | "collections.deque"
            if args.first().is_some_and(|arg| arg.as_path() == Some("range()") && arg.marks.has(Marks::HOARD)) =>
        {
            Some(ALLOCATION_MAX)
        }
        "Array.from" => args.first()?.get("length")?.as_number().map(|count| count * 8.0),
        "~''.repeat" => {
            let length = callee.of.as_ref().and_then(Value::as_text).map_or(1, str::len);
            number.map(|count| count * length as f64)
        }
        _ => None,
    }
}

/// Tells of an allocation that no small machine has memory for.
pub(super) fn allocation(walk: &mut Walk<'_, '_>, bytes: f64) {
    if bytes >= ALLOCATION_MAX {
        walk.tell(Fact::Plain { rule: &rules::ALLOCATION, what: "more than a gigabyte at once" });
    }
}

/// `exec "code"` of Python 2, which is still a call of exec.
pub(super) fn exec_statement(walk: &mut Walk<'_, '_>, items: Vec<Item>) -> Value {
    let args: Vec<Value> = items.into_iter().map(|inner| inner.value).collect();
    let endless = walk.is_endless();
    walk.tell(Fact::Call(Call { path: "exec", args: &args, marks: Marks::NONE, endless, python: true }));
    Value::UNKNOWN
}

/// `@f` is a call of f, with what stands below it.
pub(super) fn decorator(walk: &mut Walk<'_, '_>, items: &[Item]) {
    let Some(value) = items.first().map(|inner| inner.value.clone()) else { return };
    // One with arguments of its own is told of as the call that it is.
    if let Some(path) = value.as_path().filter(|path| !path.ends_with(')')) {
        let below = [Value::UNKNOWN];
        let call = Call { path, args: &below, marks: value.marks, endless: false, python: true };
        walk.tell(Fact::Call(call));
    }
}
