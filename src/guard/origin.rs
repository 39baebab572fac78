//! Names and where they lead: globals with many names, and sources whose values carry marks.

use std::rc::Rc;

use super::value::{Marks, PATH_MAX, push};

/// The names of the global object of a browser and of Node. Whatever is a member of one is a global.
const GLOBALS: [&str; 12] = [
    "globalThis",
    "window",
    "self",
    "global",
    "top",
    "parent",
    "frames",
    "root",
    "document.defaultView",
    "builtins",
    "__builtins__",
    "__builtin__",
];
/// Variables that hold the keys of the machine or of its owner, not the app's own.
const CREDENTIAL_VARIABLES: [&str; 14] = [
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_ACCESS_KEY_ID",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "AZURE_CLIENT_SECRET",
    "NPM_TOKEN",
    "NODE_AUTH_TOKEN",
    "SSH_AUTH_SOCK",
    "VAULT_TOKEN",
    "KUBECONFIG",
    "DOCKER_PASSWORD",
    "PYPI_TOKEN",
    "CI_JOB_TOKEN",
    "GH_TOKEN",
];
/// Variables that hold a key of the app's own, which goes to its service and to nobody else.
const SECRET_VARIABLES: [&str; 12] = [
    "ANTHROPIC_API_KEY",
    "OPENAI_API_KEY",
    "STRIPE_SECRET_KEY",
    "GITHUB_TOKEN",
    "DATABASE_URL",
    "DB_PASSWORD",
    "POSTGRES_PASSWORD",
    "MONGODB_URI",
    "SECRET_KEY",
    "JWT_SECRET",
    "SESSION_SECRET",
    "ENCRYPTION_KEY",
];
/// Names that people give to the request in a handler.
const REQUESTS: [&str; 9] =
    ["req", "request", "flask.request", "ctx.request", "ctx", "event", "self.request", "self", "c.req"];
/// What of a request its sender chooses.
const CHOSEN: [&str; 20] = [
    "query",
    "body",
    "params",
    "param",
    "headers",
    "cookies",
    "args",
    "form",
    "json",
    "values",
    "data",
    "files",
    "GET",
    "POST",
    "query_params",
    "path_params",
    "get_json",
    "get_data",
    "url",
    "rfile",
];

/// `path.name`, with the many ways to the same global made one.
pub(super) fn member(path: Rc<String>, name: &str) -> Rc<String> {
    // By a name that is not known, a page's own functions are called now and then; a program's are not.
    if name == "[?]"
        && GLOBALS.contains(&path.as_str())
        && !matches!(path.as_str(), "window" | "self" | "top" | "parent" | "frames" | "root")
    {
        return Rc::new("globalThis.[?]".to_owned());
    }
    if path.as_str() == "globals()" && name != "[?]" {
        return Rc::new(name.to_owned());
    }
    if path.as_str() == "sys.modules" {
        return Rc::new(name.to_owned());
    }
    if GLOBALS.contains(&path.as_str()) && name != "__dict__" || path.as_str() == "this" && is_dangerous_global(name) {
        return Rc::new(name.to_owned());
    }
    // What a module has imported itself: `logging.os` is `os`.
    if matches!(name, "os" | "_os" | "sys" | "_sys" | "subprocess" | "builtins")
        && path.as_str() != "this"
        && path.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    {
        return Rc::new(name.trim_start_matches('_').to_owned());
    }
    match (path.as_str(), name) {
        // `f.call`, `f.apply` and `f.bind` are f.
        // A module has no such methods: `subprocess.call` is a function.
        (_, "bind" | "call" | "apply" | "__call__" | "__func__")
            if !path.starts_with('~')
                && !path.ends_with(')')
                && !matches!(path.as_str(), "subprocess" | "Reflect" | "module" | "celery") =>
        {
            path
        }
        // A module's table of names is the module.
        (_, "__dict__") | (_, "default") if !path.starts_with('~') => path,
        (_, "constructor") if leads_to_function(&path) => Rc::new("Function".to_owned()),
        ("module" | "process.mainModule" | "require.main", "require") => Rc::new("require".to_owned()),
        ("module" | "require.main" | "process.mainModule", "constructor") => Rc::new("module".to_owned()),
        ("module", "_load" | "createRequire") if name == "_load" => Rc::new("require".to_owned()),
        ("module.Module", "_load") => Rc::new("require".to_owned()),
        _ => {
            let more = path.len() + 1 + name.len() <= PATH_MAX && Rc::strong_count(&path) > 1;
            // Room for a call behind it, too.
            let mut path = if more { with_room(&path, name.len() + 1 + "()".len()) } else { path };
            path = push(path, ".");
            push(path, name)
        }
    }
}

/// Texts that modules hold under a name: the parts of paths, and letters.
pub(super) fn constant(path: &str) -> Option<&'static str> {
    Some(match path {
        "os.sep" | "os.path.sep" | "path.sep" | "path.posix.sep" | "posixpath.sep" | "path.parse().root" => "/",
        "os.pardir" | "os.path.pardir" => "..",
        "os.curdir" | "os.path.curdir" => ".",
        "string.ascii_lowercase" => "abcdefghijklmnopqrstuvwxyz",
        "string.ascii_uppercase" => "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "string.ascii_letters" => "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "string.digits" => "0123456789",
        _ => return None,
    })
}

/// A copy that can grow by so many bytes.
fn with_room(path: &str, bytes: usize) -> Rc<String> {
    let mut copy = String::with_capacity(path.len() + bytes);
    copy.push_str(path);
    Rc::new(copy)
}

/// Whether `.constructor` of it is `Function`: it is a function, or the constructor of something.
fn leads_to_function(path: &str) -> bool {
    path.ends_with(".constructor")
        || path == "Function.prototype"
        || path == "~function"
        || path.starts_with("~function.")
        || path.ends_with("()()")
        || is_method_of_literal(path)
        || matches!(path, "Object" | "Array" | "String" | "Number" | "Boolean" | "Date" | "RegExp" | "Symbol" | "Map")
        || path.strip_prefix("Object.").is_some_and(|rest| !rest.contains(['.', '(']))
}

/// `[].filter`, `''.sub`: a method of a literal.
fn is_method_of_literal(path: &str) -> bool {
    ["~[].", "~''."].iter().any(|start| path.strip_prefix(start).is_some_and(|rest| !rest.contains(['.', '('])))
}

fn is_dangerous_global(name: &str) -> bool {
    matches!(name, "eval" | "Function" | "process" | "require" | "globalThis")
}

/// Names at which paths with marks begin.
const ROOTS: [&str; 18] = [
    "", "req", "request", "flask", "ctx", "event", "self", "c", "e", "ev", "evt", "process", "os", "Deno", "document",
    "location", "pathlib", "environ",
];

/// The marks that a path has by itself.
pub(super) fn marks(path: &str) -> Marks {
    let mut marks = Marks::NONE;
    // What begins at a name of the file's own is marked for what hangs on it.
    let Some(dot) = memchr::memchr(b'.', path.as_bytes()) else {
        return match path {
            "environ" => Marks::ENVIRONMENT,
            "__dirname" | "__file__" => Marks::FOLDER,
            "localStorage" | "sessionStorage" => Marks::COOKIE,
            _ => Marks::NONE,
        };
    };
    // Nearly all paths begin at a name of which nothing is known.
    let root = path[..dot].trim_start_matches('~');
    if !ROOTS.contains(&root) {
        if path.ends_with(".value") && path.to_ascii_lowercase().contains("passw") {
            marks = marks.with(Marks::PASSWORD);
        }
        return marks;
    }
    if matches!(path, "~.key" | "~.keyCode") {
        marks = marks.with(Marks::PRESSED);
    }
    if path == "process.cwd()" {
        marks = marks.with(Marks::FOLDER);
    }
    if matches!(path, "process.env" | "os.environ" | "os.environb" | "Deno.env" | "environ") {
        marks = marks.with(Marks::ENVIRONMENT);
    }
    if let Some(variable) = path.strip_prefix("process.env.").or_else(|| path.strip_prefix("os.environ.")) {
        marks = marks.with(variable_marks(variable));
        if variable.starts_with("HOME") || variable.starts_with("USERPROFILE") {
            marks = marks.with(Marks::HOME);
        }
    }
    if matches!(path, "document.cookie" | "localStorage" | "sessionStorage") || path.starts_with("document.cookie.") {
        marks = marks.with(Marks::COOKIE);
    }
    if path.starts_with("os.homedir()") || path.starts_with("pathlib.Path.home()") {
        marks = marks.with(Marks::HOME);
    }
    if path.ends_with(".value") && path.to_ascii_lowercase().contains("passw") {
        marks = marks.with(Marks::PASSWORD);
    }
    if is_request(path) {
        marks = marks.with(Marks::REQUEST);
    }
    if matches!(path, "~e.key" | "~event.key" | "~ev.key" | "~evt.key" | "~e.keyCode" | "~event.keyCode" | "~e.code")
        || matches!(path, "~e.which" | "~event.which" | "~ev.which" | "event.key" | "event.keyCode")
    {
        marks = marks.with(Marks::KEYS);
    }
    if path.starts_with("location.search") || path.starts_with("location.hash") || path.starts_with("location.href") {
        marks = marks.with(Marks::REQUEST);
    }
    marks
}

/// The marks of an environment variable's value.
pub(super) fn variable_marks(variable: &str) -> Marks {
    if CREDENTIAL_VARIABLES.contains(&variable) {
        Marks::CREDENTIAL
    } else if SECRET_VARIABLES.contains(&variable) {
        Marks::SECRET
    } else {
        Marks::NONE
    }
}

fn is_request(path: &str) -> bool {
    let path = path.strip_prefix('~').unwrap_or(path);
    REQUESTS.iter().any(|request| {
        path.strip_prefix(request).and_then(|rest| rest.strip_prefix('.')).is_some_and(|rest| {
            let part = rest.split(['.', '(']).next().unwrap_or_default();
            CHOSEN.contains(&part)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(path: &str, name: &str) -> String {
        member(Rc::new(path.to_owned()), name).as_str().to_owned()
    }

    #[test]
    fn many_ways_lead_to_one_global() {
        assert_eq!(joined("globalThis", "eval"), "eval");
        assert_eq!(joined("window", "window"), "window");
        assert_eq!(joined("builtins", "exec"), "exec");
        assert_eq!(joined("~[].filter", "constructor"), "Function");
        assert_eq!(joined("process.mainModule", "require"), "require");
        assert_eq!(joined("os", "system"), "os.system");
        assert_eq!(joined("subprocess", "call"), "subprocess.call");
    }

    #[test]
    fn sources_have_their_marks() {
        assert!(marks("process.env").has(Marks::ENVIRONMENT));
        assert_eq!(marks("process.env.PORT"), Marks::NONE);
        assert!(marks("~req.query.cmd").has(Marks::REQUEST));
        assert_eq!(marks("~request.id"), Marks::NONE);
    }
}
