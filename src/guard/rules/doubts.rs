//! Texts that name what must not be reached, and may lead nowhere: kept until it is known what becomes of them.
//!
//! ```text
//!   text ─► in doubt ─┬─ handed to what may go there (`read::doubt`) ───────────────────────► block
//!                     ├─ a key, in a file that opens or asks something ─────────────────────► block
//!                     ├─ another file of the app may take it, and opens or asks something ──► block
//!                     └─ nobody does ──────────────────────────────────────────────────────► warn, or nothing
//! ```
//! Whoever refuses a place has to name it, and so has a test of that. In a test all that it says is in doubt: it may hand
//! that to the app's own functions, as long as no other file makes use of the test.

use super::{files, harvest};
use crate::guard::{
    fact::{Call, Standing, method},
    found::Found,
    read::doubt::{goes_nowhere, stays_text},
    value::{Marks, Shape, Value},
    verdict::{FINDINGS_MAX, Finding, Severity},
};

/// What is known of a file's doubts until its end.
#[derive(Default)]
pub(in crate::guard) struct Doubts {
    /// What is judged is in doubt, and why.
    pub now: Option<Standing>,
    /// Something that would block has been kept just now.
    pub fresh: bool,
    kept: Vec<(Finding, Standing)>,
    /// More than are kept, or handed to what may go there.
    reaches: bool,
    /// Handed to functions of the app's other files.
    hands: bool,
    /// The file opens a file, or speaks to others; and by something that is not known.
    opens: bool,
    vague: bool,
    /// The file has a way to show a text as one.
    pub shows: bool,
    /// A page that is a text is shown; it goes elsewhere, too; scripts that could share its name.
    shown: bool,
    read: bool,
    scripts: usize,
    /// Another file's import of this one may take along what is in doubt: by these names, or by any.
    taken: Vec<String>,
    any: bool,
    /// The file is a test by its name, says that something is refused, and has a frame that runs tests.
    test: bool,
    refuses: bool,
    framed: bool,
}

/// A finding that holds if another file of the app makes use of the file.
pub(in crate::guard) struct Doubt {
    pub finding: Finding,
    pub file: String,
    pub names: Vec<String>,
    pub any: bool,
    pub test: bool,
    /// It is about a page that is shown as a text.
    pub page: bool,
    /// It is not worth a warning.
    pub silent: bool,
}

/// Names by which a file's doubts are taken along.
const NAMES_MAX: usize = 32;

impl Doubts {
    /// Whether what is read may only be shown.
    pub fn is_shown(&self) -> bool {
        self.now == Some(Standing::Shown)
    }

    /// A script of the file is read.
    pub fn script(&mut self) {
        self.scripts += usize::from(!self.is_shown());
    }

    /// Keeps a finding until the file has been read.
    pub fn keep(&mut self, finding: Finding) {
        let standing = self.now.unwrap_or(Standing::Plain);
        self.fresh |= finding.severity == Severity::Block;
        let same = |other: &Finding| other.rule == finding.rule && other.line == finding.line;
        let known = self.kept.iter().any(|(other, kept)| *kept == standing && same(other));
        if !known && self.kept.len() < FINDINGS_MAX {
            self.kept.push((finding, standing));
        } else if !known {
            (self.reaches, self.read) = (true, true);
        }
    }
}

/// Before a file is read.
pub(super) fn begin(text: &str, found: &mut Found<'_>) {
    const SHOWING: [&str; 3] = ["textContent", "innerText", "createTextNode"];
    found.ending.doubts.shows =
        SHOWING.iter().any(|way| memchr::memmem::find(text.as_bytes(), way.as_bytes()).is_some());
    found.ending.doubts.test = is_test(found.file());
    found.ending.doubts.refuses = found.ending.doubts.test && refuses(text);
}

/// Whether what a text names is in doubt until the end.
pub(super) fn doubts(standing: Standing, found: &Found<'_>) -> Option<Standing> {
    match standing {
        Standing::Key | Standing::Searched | Standing::Pattern => Some(standing),
        Standing::Plain | Standing::Compared | Standing::Shown => found.ending.doubts.test.then_some(Standing::Plain),
    }
}

/// When a file has been read, and all that is nested in it.
pub(super) fn end(found: &mut Found<'_>) {
    let doubts = std::mem::take(&mut found.ending.doubts);
    if doubts.opens {
        found.app.reaching.insert(found.file().to_owned());
    }
    for (finding, standing) in doubts.kept {
        let test = doubts.framed && doubts.refuses && !doubts.vague;
        let reaches = doubts.reaches;
        let nowhere = match standing {
            Standing::Plain => !reaches && test,
            Standing::Key => !reaches && (!doubts.opens && !doubts.hands || test),
            Standing::Searched | Standing::Pattern | Standing::Compared => !reaches && (!doubts.hands || test),
            Standing::Shown => doubts.shown && !doubts.read && doubts.scripts <= 1,
        };
        if !nowhere || found.app.doubts.len() >= FINDINGS_MAX {
            found.settle(finding);
            continue;
        }
        found.app.doubts.push(Doubt {
            finding,
            file: found.file().to_owned(),
            names: doubts.taken.clone(),
            any: doubts.any,
            test: test && standing != Standing::Shown,
            page: standing == Standing::Shown,
            silent: matches!(standing, Standing::Searched | Standing::Pattern | Standing::Compared),
        });
    }
}

pub(super) fn import(module: &str, found: &mut Found<'_>) {
    let first = module.split('/').next().unwrap_or(module);
    found.ending.doubts.framed |=
        matches!(module, "node:test" | "test" | "vitest" | "pytest" | "unittest" | "@jest/globals" | "chai" | "ava");
    let harmless = module.starts_with('.') || super::is_drawing(module) || is_harmless(first);
    found.ending.doubts.opens |= !harmless;
}

/// Modules that open nothing and ask nobody, whatever they are given.
fn is_harmless(module: &str) -> bool {
    matches!(
        module,
        "assert"
            | "chai"
            | "vitest"
            | "pytest"
            | "unittest"
            | "test"
            | "path"
            | "url"
            | "util"
            | "events"
            | "readline"
            | "querystring"
            | "crypto"
            | "express"
            | "koa"
            | "fastify"
            | "hono"
            | "cors"
            | "zod"
            | "uuid"
            | "chalk"
            | "lodash"
            | "dayjs"
            | "flask"
            | "fastapi"
            | "pydantic"
            | "starlette"
            | "re"
            | "json"
            | "math"
            | "random"
            | "sys"
            | "time"
            | "datetime"
            | "typing"
            | "collections"
            | "itertools"
            | "functools"
            | "dataclasses"
            | "enum"
            | "string"
            | "textwrap"
            | "cmd"
            | "shlex"
            | "hashlib"
            | "secrets"
            | "ipaddress"
            | "uuid4"
            | "abc"
            | "argparse"
            | "statistics"
            | "decimal"
            | "operator"
            | "copy"
            | "curses"
            | "tkinter"
            | "pygame"
            | "rich"
            | "colorama"
            | "prompt_toolkit"
            | "os"
            | "__future__"
            | "difflib"
            | "unicodedata"
            | "heapq"
            | "bisect"
    )
}

pub(super) fn assign(path: &str, value: &Value, found: &mut Found<'_>) {
    if !holds(value) {
        return;
    }
    let doubts = &mut found.ending.doubts;
    let name = method(path);
    doubts.any |= path == "~return" || path.contains(['(', '[']) || doubts.taken.len() >= NAMES_MAX;
    if !doubts.any && !doubts.taken.iter().any(|taken| taken == name) {
        doubts.taken.push(name.to_owned());
    }
    let marks = value.all_marks();
    let shown = matches!(name, "textContent" | "innerText");
    let leads =
        matches!(name, "host" | "hostname" | "href" | "src" | "url" | "path" | "origin" | "action" | "location");
    let kept = path.starts_with('~') && !path.contains('.') || !path.contains(['.', '(', '[']);
    doubts.shown |= marks.has(Marks::PAGE) && shown;
    doubts.read |= marks.has(Marks::PAGE) && !shown && (!kept || name.ends_with("HTML") || leads || name == "srcdoc");
    doubts.reaches |= marks.has(Marks::PLACE) && leads && (!kept || name == "location");
    doubts.any |= ["module.exports", "exports"].contains(&path) || path.starts_with("module.exports.");
}

/// Whether a value, or what a function gives, is in doubt.
fn holds(value: &Value) -> bool {
    let mut value = value;
    while let Some(given) = value.as_function().filter(|_| !value.marks.has(Marks::DOUBT)) {
        value = given;
    }
    value.all_marks().has(Marks::DOUBT)
}

pub(super) fn call(call: &Call<'_>, found: &mut Found<'_>) {
    let opens = files::takes_path(call).is_some()
        || harvest::sends(call.path)
        || matches!(call.method(), "static" | "sendFile" | "send_file" | "send_from_directory" | "sendfile")
        || matches!(call.path, "os.execv" | "os.popen" | "os.system" | "Request" | "EventSource" | "import");
    found.ending.doubts.opens |= opens;
    let known = |value: &Value| match value.shape {
        Shape::Text(_) => value.known().is_some(),
        Shape::Number(_) | Shape::Function(_) => true,
        Shape::Table(_) | Shape::List(_) | Shape::Unknown | Shape::Path(_) => false,
    };
    found.ending.doubts.vague |= opens && call.args.first().is_some_and(|first| !known(first));
    found.ending.doubts.framed |= matches!(call.path, "describe" | "test" | "it" | "suite");
}

/// What names a place in doubt is handed to what is called by that path.
pub(super) fn reaches(path: &str, marks: Marks, found: &mut Found<'_>) {
    found.ending.doubts.shown |= marks.has(Marks::PAGE) && path == "document.createTextNode";
    found.ending.doubts.read |= marks.has(Marks::PAGE) && !stays_text(path);
    if !marks.has(Marks::PLACE) || goes_nowhere(path) {
        return;
    }
    if found.ending.doubts.test && is_tested(path) {
        found.ending.doubts.hands = true;
    } else {
        found.ending.doubts.reaches = true;
    }
}

/// Whether a test calls the app by that path: a file of the app's own, or a client that speaks to the app alone.
fn is_tested(path: &str) -> bool {
    const CLIENTS: [&str; 9] = [
        "~client.",
        "~app.",
        "~api.",
        "~agent.",
        "~test_client.",
        "~self.client.",
        "supertest().",
        "fastapi.testclient.TestClient().",
        "starlette.testclient.TestClient().",
    ];
    let root = &path[..path.find(['.', '(', '[']).unwrap_or(path.len())];
    let relative = ["~./", "~../", "~/", "~@/"].iter().any(|start| path.starts_with(start));
    let module = !path.starts_with('~')
        && path.contains('.')
        && root.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        && !is_library(root);
    relative || module || path.contains("test_client().") || CLIENTS.iter().any(|client| path.starts_with(client))
}

/// Modules of others, by their first names, that open files, ask hosts or run code when they are told to.
fn is_library(module: &str) -> bool {
    const LIBRARIES: &str = "fs os io sys got net tls dns http https http2 dgram axios needle undici superagent phin bent \
        process child_process worker_threads vm module cluster inspector repl stream zlib express koa fastify hono \
        linecache fileinput configparser pathlib shutil subprocess socket urllib ftplib smtplib imaplib poplib nntplib \
        telnetlib xmlrpc ssl asyncio codecs tempfile zipfile tarfile gzip bz2 lzma sqlite3 dbm shelve pickle mmap runpy \
        importlib pkgutil zipimport zipapp csv tokenize pydoc code codeop pty webbrowser ctypes multiprocessing wsgiref \
        email mailbox netrc plistlib compileall trace profile pstats timeit doctest inspect ast site glob filecmp wave \
        audioop xml html turtle posix nt pwd grp builtins logging concurrent threading signal select selectors requests \
        httpx urllib3 aiohttp aiofiles pycurl websocket websockets paramiko fabric invoke sh plumbum pexpect numpy pandas \
        polars torch joblib yaml toml tomllib dotenv jinja2 mako flask fastapi starlette django tornado sanic bottle \
        uvicorn gunicorn scrapy selenium playwright boto3 botocore google azure redis psycopg2 pymongo sqlalchemy \
        document window navigator location globalthis bun deno marshal cffi py anyio trio curio gevent eventlet";
    LIBRARIES.split_ascii_whitespace().any(|library| library == module)
}

/// By its name.
fn is_test(file: &str) -> bool {
    let name = file.rsplit('/').next().unwrap_or(file);
    [".test.", ".spec.", "_test."].iter().any(|part| name.contains(part)) || name.starts_with("test_")
}

/// Whether it says that something is refused, outside of its comments.
fn refuses(text: &str) -> bool {
    const REFUSED: [&str; 20] = [
        "raises(",
        "assertRaises",
        "rejects",
        "throws",
        "toThrow",
        "assertFalse",
        "toBe(false)",
        "toBeFalsy",
        ", false",
        "is False",
        "assert not",
        "== 400",
        "== 403",
        "== 404",
        "== 422",
        "400)",
        "403)",
        "404)",
        "422)",
        "toBeNull",
    ];
    let code = |row: &&str| !["#", "//", "*", "/*"].iter().any(|start| row.trim_start().starts_with(start));
    text.lines().filter(code).any(|row| REFUSED.iter().any(|word| row.contains(word)))
}
