//! What is wrong with imports: the kind of modules, paths, and names that were never imported.

use serde_json::json;

use super::{
    Diagnostic,
    source::{Language, Sides, edit, edit_in, entry, is_vendored, language, pattern},
};
use crate::{
    generator::loose_json,
    types::{AppFile, Artifact},
};

const DIRNAME: &str = "import { fileURLToPath as pathOfUrl } from \"node:url\";\nimport { dirname as folderOf } from \"node:path\";\n\
                       const __filename = pathOfUrl(import.meta.url);\nconst __dirname = folderOf(__filename);\n";
const REQUIRE: &str =
    "import { createRequire } from \"node:module\";\nconst require = createRequire(import.meta.url);\n";

/// `import` where node expects `require`, or the other way round: `package.json` says what the code is.
pub(super) fn kind(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let sides = Sides::of(artifact);
    let is_own = |file: &&AppFile| sides.is_servers(file) && file.path.ends_with(".js") && !is_vendored(&file.path);
    let servers = || artifact.files.iter().filter(is_own);
    let awaits = diagnostic.says("await is only valid in async functions and the top level bodies of modules");
    let (modern, plain) = (servers().any(is_modern), servers().any(|file| !is_modern(file) && is_common(file)));
    let module = package_type(artifact) == Some("module");
    match (modern || awaits, plain) {
        (true, false) if !module => with_type(artifact, true),
        (false, true) if module => with_type(artifact, false),
        // Both in one file.
        (true, false) => edit(artifact, |file| {
            let both = is_modern(file) && file.content.contains("require(") && !file.content.contains("createRequire");
            (both && sides.is_servers(file)).then(|| prepended(&file.content, REQUIRE))
        }),
        // A mixture of files, each right by itself: the modern ones can say so by their names, which others know.
        (true, true) | (false, _) => None,
    }
}

/// What modules have not, and code that was written for scripts uses.
pub(super) fn dirname(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    let sides = Sides::of(artifact);
    edit(artifact, |file| {
        let text = &file.content;
        let uses = text.contains("__dirname") || text.contains("__filename");
        let defines = pattern!(r"(?:const|let|var)\s+(?:__dirname|__filename)\b").is_match(text);
        (uses && !defines && is_modern(file) && sides.is_servers(file)).then(|| prepended(text, DIRNAME))
    })
}

/// Modules import JSON only when told that it is some.
pub(super) fn json_import(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    let sides = Sides::of(artifact);
    let import = pattern!(r#"(?m)^(import\s+\w+\s+from\s+["'][^"'\n]+\.json["'])[ \t]*(;?)[ \t]*$"#);
    edit(artifact, |file| {
        let may = sides.is_servers(file) && file.content.contains(".json");
        may.then(|| import.replace_all(&file.content, "${1} with { type: \"json\" }${2}").into_owned())
    })
}

/// Paths that differ from a file's only in case, or lack the extension that modules want.
pub(super) fn import_paths(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    let sides = Sides::of(artifact);
    let import = pattern!(r#"((?:\bfrom|\bimport|require\(|import\()\s*["'])(\.{1,2}/[^"'\n]+)(["'])"#);
    edit_in(artifact, Language::Script, |file| {
        let needs_extension = is_modern(file) || sides.is_browsers(file);
        let replace = |found: &regex::Captures<'_>| {
            let path = resolve(artifact, &file.path, &found[2], needs_extension).unwrap_or_else(|| found[2].to_owned());
            [&found[1], &path, &found[3]].concat()
        };
        Some(import.replace_all(&file.content, replace).into_owned())
    })
}

/// `fs is not defined`: a module of the standard library that is used and was not imported.
pub(super) fn missing_builtin(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let sides = Sides::of(artifact);
    let script = pattern!(r"ReferenceError: (\w+) is not defined").captures(&diagnostic.output);
    let python = pattern!(r"NameError: name '(\w+)' is not defined").captures(&diagnostic.output);
    let (name, wanted) = match (&script, &python) {
        (Some(name), _) => (&name[1], Language::Script),
        (None, Some(name)) => (&name[1], Language::Python),
        (None, None) => return None,
    };
    let of_language = |file: &&AppFile| language(&file.path) == wanted && sides.is_servers(file);
    let uses = |file: &&AppFile| file.content.contains(name) && diagnostic.says(&file.path);
    let path = artifact.files.iter().filter(of_language).find(uses).map(|file| file.path.as_str());
    let path = path.or_else(|| entry(artifact))?.to_owned();
    edit(artifact, |file| {
        if file.path != path || language(&file.path) != wanted {
            return None;
        }
        let line = match wanted {
            Language::Python => python_import(name, &file.content)?,
            _ => script_import(name, is_modern(file) || file.path.ends_with(".mjs"))?,
        };
        (!file.content.contains(line.trim())).then(|| prepended(&file.content, &line))
    })
}

fn script_import(name: &str, modern: bool) -> Option<String> {
    const WHOLE: [&str; 12] =
        ["fs", "path", "http", "https", "os", "url", "util", "crypto", "zlib", "querystring", "readline", "assert"];
    const PARTS: [(&str, &str); 25] = [
        ("readFileSync", "fs"),
        ("writeFileSync", "fs"),
        ("existsSync", "fs"),
        ("mkdirSync", "fs"),
        ("createReadStream", "fs"),
        ("readFile", "fs/promises"),
        ("writeFile", "fs/promises"),
        ("randomBytes", "crypto"),
        ("createHash", "crypto"),
        ("createHmac", "crypto"),
        ("promisify", "util"),
        ("pipeline", "stream/promises"),
        ("Worker", "worker_threads"),
        ("join", "path"),
        ("resolve", "path"),
        ("extname", "path"),
        ("basename", "path"),
        ("dirname", "path"),
        ("EventEmitter", "events"),
        ("randomUUID", "crypto"),
        ("createServer", "http"),
        ("spawn", "child_process"),
        ("execFile", "child_process"),
        ("fileURLToPath", "url"),
        ("performance", "perf_hooks"),
    ];
    let (name, module) = match PARTS.iter().find(|(part, _)| *part == name) {
        Some((part, module)) => (format!("{{ {part} }}"), *module),
        None => (name.to_owned(), *WHOLE.iter().find(|whole| **whole == name)?),
    };
    Some(if modern {
        format!("import {name} from \"node:{module}\";\n")
    } else {
        format!("const {name} = require(\"node:{module}\");\n")
    })
}

fn python_import(name: &str, text: &str) -> Option<String> {
    const WHOLE: [&str; 49] = [
        "os",
        "sys",
        "json",
        "re",
        "time",
        "math",
        "random",
        "uuid",
        "html",
        "threading",
        "collections",
        "itertools",
        "functools",
        "pathlib",
        "urllib",
        "subprocess",
        "hashlib",
        "secrets",
        "string",
        "csv",
        "io",
        "logging",
        "socket",
        "base64",
        "statistics",
        "traceback",
        "argparse",
        "asyncio",
        "calendar",
        "contextlib",
        "copy",
        "dataclasses",
        "decimal",
        "enum",
        "glob",
        "heapq",
        "hmac",
        "inspect",
        "mimetypes",
        "operator",
        "platform",
        "queue",
        "shutil",
        "signal",
        "sqlite3",
        "tempfile",
        "textwrap",
        "typing",
        "zlib",
    ];
    const PARTS: [(&str, &str); 67] = [
        ("Path", "pathlib"),
        ("BaseHTTPRequestHandler", "http.server"),
        ("SimpleHTTPRequestHandler", "http.server"),
        ("HTTPServer", "http.server"),
        ("ThreadingHTTPServer", "http.server"),
        ("HTTPStatus", "http"),
        ("ThreadingMixIn", "socketserver"),
        ("date", "datetime"),
        ("timedelta", "datetime"),
        ("timezone", "datetime"),
        ("defaultdict", "collections"),
        ("deque", "collections"),
        ("namedtuple", "collections"),
        ("OrderedDict", "collections"),
        ("Counter", "collections"),
        ("urlparse", "urllib.parse"),
        ("parse_qs", "urllib.parse"),
        ("unquote", "urllib.parse"),
        ("quote", "urllib.parse"),
        ("urlencode", "urllib.parse"),
        ("urlopen", "urllib.request"),
        ("escape", "html"),
        ("dataclass", "dataclasses"),
        ("field", "dataclasses"),
        ("asdict", "dataclasses"),
        ("Enum", "enum"),
        ("IntEnum", "enum"),
        ("ABC", "abc"),
        ("abstractmethod", "abc"),
        ("wraps", "functools"),
        ("lru_cache", "functools"),
        ("partial", "functools"),
        ("contextmanager", "contextlib"),
        ("asynccontextmanager", "contextlib"),
        ("closing", "contextlib"),
        ("suppress", "contextlib"),
        ("Lock", "threading"),
        ("Thread", "threading"),
        ("Decimal", "decimal"),
        ("uuid4", "uuid"),
        ("randint", "random"),
        ("make_server", "wsgiref.simple_server"),
        ("mean", "statistics"),
        ("median", "statistics"),
        ("choice", "random"),
        ("shuffle", "random"),
        ("sleep", "time"),
        ("sqrt", "math"),
        ("ceil", "math"),
        ("floor", "math"),
        ("Any", "typing"),
        ("Callable", "typing"),
        ("Dict", "typing"),
        ("Iterable", "typing"),
        ("Iterator", "typing"),
        ("List", "typing"),
        ("Literal", "typing"),
        ("NamedTuple", "typing"),
        ("Optional", "typing"),
        ("Protocol", "typing"),
        ("Sequence", "typing"),
        ("Set", "typing"),
        ("Tuple", "typing"),
        ("Type", "typing"),
        ("TypedDict", "typing"),
        ("TypeVar", "typing"),
        ("Union", "typing"),
    ];
    if name == "datetime" {
        let of_class = pattern!(r"\bdatetime\.(now|utcnow|strptime|fromisoformat|today)\(").is_match(text);
        return Some(if of_class { "from datetime import datetime\n" } else { "import datetime\n" }.to_owned());
    }
    let part =
        PARTS.iter().find(|(part, _)| *part == name).map(|(part, module)| format!("from {module} import {part}\n"));
    part.or_else(|| WHOLE.contains(&name).then(|| format!("import {name}\n")))
}

/// Whether a file is written as a module.
pub(super) fn is_modern(file: &AppFile) -> bool {
    language(&file.path) == Language::Script
        && !file.path.ends_with(".cjs")
        && pattern!(r#"(?m)^\s*(?:import\s+(?:[\w*{]|["'])|export\s+(?:default|const|let|function|class|async|\{|\*))"#)
            .is_match(&file.content)
}

fn is_common(file: &AppFile) -> bool {
    pattern!(r"\brequire\(|\bmodule\.exports\b|(?m)^\s*exports\.").is_match(&file.content)
}

pub(super) fn package_type(artifact: &Artifact) -> Option<&'static str> {
    let package = artifact.files.iter().find(|file| file.path == "package.json")?;
    let (package, _) = loose_json::parse(&package.content)?;
    match package.get("type")?.as_str()? {
        "module" => Some("module"),
        _ => Some("commonjs"),
    }
}

fn with_type(artifact: &Artifact, module: bool) -> Option<Artifact> {
    let typed = super::packages::with_package(artifact, |package| {
        if module {
            package.insert("type".to_owned(), json!("module"));
        } else {
            package.remove("type");
        }
    });
    typed.filter(|typed| typed != artifact)
}

/// Where `path`, written in the file `from`, should lead; `None` when it leads there, or nowhere.
fn resolve(artifact: &Artifact, from: &str, path: &str, needs_extension: bool) -> Option<String> {
    const ENDS: [&str; 6] = ["", ".js", ".mjs", ".cjs", ".json", "/index.js"];
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let target = normal(&format!("{folder}/{path}"))?;
    let has = |path: &str| artifact.files.iter().any(|file| file.path == path);
    if has(&target) {
        return None;
    }
    let exact = ENDS.iter().map(|end| format!("{target}{end}")).find(|path| has(path));
    if exact.is_some() && !needs_extension {
        return None;
    }
    let alike = |path: &String| artifact.files.iter().find(|file| file.path.eq_ignore_ascii_case(path));
    let folded =
        || ENDS.iter().map(|end| format!("{target}{end}")).find_map(|path| alike(&path)).map(|file| file.path.clone());
    // Written in another dialect than it is.
    let stem = [".ts", ".tsx", ".jsx", ".js", ".mjs", ".cjs"].into_iter().find_map(|end| target.strip_suffix(end));
    let other = || ENDS.iter().map(|end| format!("{}{end}", stem.unwrap_or(&target))).find(|path| has(path));
    let found = exact.or_else(folded).or_else(other).or_else(|| named_alike(artifact, &target, &ENDS))?;
    Some(relative(folder, &found))
}

/// npm's names have small letters only: `require("Express")`.
pub(super) fn package_case(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    let import = pattern!(r#"(\brequire\(|\bfrom\s+|\bimport\s+)(["'])([A-Z][\w-]*)(["'])"#);
    edit_in(artifact, Language::Script, |file| {
        let small =
            |found: &regex::Captures<'_>| [&found[1], &found[2], &found[3].to_ascii_lowercase(), &found[4]].concat();
        Some(import.replace_all(&file.content, small).into_owned())
    })
}

/// The only file of that name, in whatever folder.
fn named_alike(artifact: &Artifact, target: &str, ends: &[&str]) -> Option<String> {
    let name = target.rsplit('/').next().filter(|name| !name.is_empty())?;
    let is_it = |file: &&AppFile| {
        let other = file.path.rsplit('/').next().unwrap_or(&file.path);
        !is_vendored(&file.path) && ends.iter().any(|end| other == format!("{name}{end}"))
    };
    let mut found = artifact.files.iter().filter(is_it);
    found.next().filter(|_| found.next().is_none()).map(|file| file.path.clone())
}

/// Without `.` and `..`; `None` when it leads out.
pub(super) fn normal(path: &str) -> Option<String> {
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// From a folder to a file, as an import writes it.
pub(super) fn relative(folder: &str, to: &str) -> String {
    let folder: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    let parts: Vec<&str> = to.split('/').collect();
    let common = folder.iter().zip(&parts).take_while(|(one, other)| one == other).count();
    let up = "../".repeat(folder.len() - common);
    let up = if up.is_empty() { "./" } else { &up };
    up.to_owned() + &parts[common..].join("/")
}

/// `lines` before the text, but after what must come first.
pub(super) fn prepended(text: &str, lines: &str) -> String {
    // Wherever that stands: before it there may be a remark on the module.
    let mut at = text.rfind("\nfrom __future__").map_or(0, |at| at + 1);
    for line in text[at..].split_inclusive('\n') {
        let first = line.starts_with("#!") || line.starts_with("from __future__") || line.starts_with("# -*-");
        if !first {
            break;
        }
        at += line.len();
    }
    [&text[..at], lines, &text[at..]].concat()
}
