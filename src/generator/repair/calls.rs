//! What a library of the language is asked in a way that it is not meant to be asked.

use super::{
    Diagnostic,
    modules::prepended,
    scan::{place, with_line},
    source::{Language, Sides, edit, edit_in, edit_one, language, pattern},
};
use crate::types::Artifact;

/// `new URL(req.url)`: a path alone is no address.
pub(super) fn url_without_base(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let sides = Sides::of(artifact);
    if !diagnostic.says("Invalid URL") {
        return None;
    }
    let call = pattern!(r"new URL\(\s*((?:\w+\.)*(?:req|request)\.(?:url|originalUrl))\s*\)");
    edit(artifact, |file| {
        (language(&file.path) == Language::Script && sides.is_servers(file))
            .then(|| call.replace_all(&file.content, "new URL(${1}, \"http://localhost\")").into_owned())
    })
}

/// Files with promises asked of the module that has callbacks, and the other way round.
pub(super) fn files_otherwise(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let sides = Sides::of(artifact);
    let wants_callback = ["The \"cb\" argument must be of type function", "The \"callback\" argument must be"];
    let of_callbacks = wants_callback.iter().any(|message| diagnostic.says(message));
    let lacking = pattern!(r"TypeError: (\w+)\.(\w+Sync|createReadStream|createWriteStream|watch) is not a function");
    let lacking = lacking.captures(&diagnostic.output);
    let of_promises = lacking.as_ref().map(|found| found[1].to_owned());
    if !of_callbacks && of_promises.is_none() {
        return None;
    }
    let plain = pattern!(
        r#"(?m)^(?:(?:const|let|var)\s+(\w+)\s*=\s*require\(["'](?:node:)?fs["']\)|import\s+(?:\*\s*as\s+)?(\w+)\s+from\s+["'](?:node:)?fs["']);?[ \t]*$"#
    );
    let promised = pattern!(
        r#"(?m)^((?:const|let|var)\s+(\w+)\s*=\s*require\(["'](?:node:)?fs)(?:/promises["']\)|["']\)\.promises)|^(import\s+(?:\*\s*as\s+)?(\w+)\s+from\s+["'](?:node:)?fs)/promises["']"#
    );
    let by_name = pattern!(
        r#"(?m)^import\s+\{\s*promises\s+as\s+(\w+)\s*\}\s+from\s+["'](?:node:)?fs["']|^(?:const|let|var)\s+\{\s*promises:\s*(\w+)\s*\}\s*=\s*require\(["'](?:node:)?fs["']\)"#
    );
    edit_in(artifact, Language::Script, |file| {
        if !sides.is_servers(file) {
            return None;
        }
        let text = &file.content;
        let named = |found: &regex::Captures<'_>, groups: [usize; 2]| {
            groups.iter().find_map(|group| found.get(*group)).map(|name| name.as_str().to_owned())
        };
        if of_callbacks {
            let name = named(&plain.captures(text)?, [1, 2])?;
            return Some(
                text.replace(&format!("await {name}."), &format!("await {name}.promises."))
                    .replace(".promises.promises.", ".promises."),
            );
        }
        if let Some(found) = by_name.captures(text) {
            let name = named(&found, [1, 2]).filter(|name| Some(name) == of_promises.as_ref())?;
            let call = &lacking.as_ref()?[2];
            let asked = format!("{name}.{call}(");
            if !text.contains(&asked) {
                return None;
            }
            let import = match found.get(1) {
                Some(_) => format!("import {{ {call} }} from \"node:fs\";\n"),
                None => format!("const {{ {call} }} = require(\"node:fs\");\n"),
            };
            return Some(prepended(&text.replace(&asked, &format!("{call}(")), &import));
        }
        let found = promised.captures(text)?;
        let name = named(&found, [2, 4]).filter(|name| Some(name) == of_promises.as_ref())?;
        let (head, end) = match (found.get(1), found.get(3)) {
            (Some(head), _) => (head.as_str(), "\")"),
            (None, head) => (head?.as_str(), "\""),
        };
        let quote = if head.contains('\'') { end.replace('"', "'") } else { end.to_owned() };
        let text = text.replacen(&found[0], &format!("{head}{quote}"), 1);
        let waits = format!("await {name}.");
        Some(text.replace(&waits, &format!("{waits}promises.")))
    })
}

/// A database that is opened by one thread and asked by another, as Python's servers do.
pub(super) fn other_thread(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    if !diagnostic.says("SQLite objects created in a thread can only be used in that same thread") {
        return None;
    }
    let call = pattern!(r"(sqlite3\.connect\((?:[^()\n]|\([^()\n]*\))*)\)");
    edit(artifact, |file| {
        let shared = |found: &regex::Captures<'_>| match found[0].contains("check_same_thread") {
            true => found[0].to_owned(),
            false => format!("{}, check_same_thread=False)", &found[1]),
        };
        (language(&file.path) == Language::Python).then(|| call.replace_all(&file.content, shared).into_owned())
    })
}

/// `Object of type datetime is not JSON serializable`, where it is turned into JSON.
pub(super) fn not_serializable(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let kind = pattern!(r"Object of type (\w+) is not JSON serializable").captures(&diagnostic.output)?[1].to_owned();
    let default = match kind.as_str() {
        "Row" => "dict",
        "datetime" | "date" | "time" | "timedelta" | "Decimal" | "UUID" | "Path" | "PosixPath" => "str",
        "set" | "frozenset" | "deque" | "dict_keys" | "dict_values" | "dict_items" | "generator" | "map" | "filter"
        | "zip" => "list",
        "bytes" => "bytes.decode",
        // One of the app's own, which has a field for each of its values.
        own if is_class(artifact, own) => "vars",
        _ => return None,
    };
    with_line(artifact, &place(artifact, diagnostic)?, |line| {
        let call = line.find("json.dumps(")? + "json.dumps(".len();
        let end = call + end_of_arguments(&line[call..])?;
        (!line[call..end].contains("default=")).then(|| [&line[..end], ", default=", default, &line[end..]].concat())
    })
}

fn is_class(artifact: &Artifact, name: &str) -> bool {
    let head = format!("class {name}");
    let declares = |line: &str| {
        line.strip_prefix(&head).is_some_and(|rest| rest.starts_with([':', '(']) && !rest.contains("Enum"))
    };
    let python = artifact.files.iter().filter(|file| language(&file.path) == Language::Python);
    python.flat_map(|file| file.content.lines()).any(declares)
}

/// Where the bracket is that ends a call's arguments, in a line.
fn end_of_arguments(rest: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, c) in rest.char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' if depth == 0 => return Some(at),
            ')' | ']' | '}' => depth = depth.checked_sub(1)?,
            _ => {}
        }
    }
    None
}

/// A type that knows no `append`, `length` or `push` by that name, since another language calls it so.
pub(super) fn foreign_method(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    const PYTHON: [(&str, &str, &str); 7] = [
        ("list", "push", "append"),
        ("str", "trim", "strip"),
        ("str", "toLowerCase", "lower"),
        ("str", "toUpperCase", "upper"),
        ("str", "startsWith", "startswith"),
        ("str", "endsWith", "endswith"),
        ("dict", "has_key", "__contains__"),
    ];
    const SCRIPT: [(&str, &str); 7] = [
        ("append", "push"),
        ("strip", "trim"),
        ("lower", "toLowerCase"),
        ("upper", "toUpperCase"),
        ("startswith", "startsWith"),
        ("endswith", "endsWith"),
        ("contains", "includes"),
    ];
    let place = place(artifact, diagnostic)?;
    let python = pattern!(r"AttributeError: '(\w+)' object has no attribute '(\w+)'").captures(&diagnostic.output);
    let script = pattern!(r"TypeError: (?:[\w$]+\.)*[\w$]+\.([\w$]+) is not a function").captures(&diagnostic.output);
    let (name, right) = match (&python, &script, language(&place.path)) {
        (Some(found), _, Language::Python) => {
            let (_, name, right) = PYTHON.iter().find(|(kind, name, _)| *kind == &found[1] && *name == &found[2])?;
            (*name, *right)
        }
        (_, Some(found), Language::Script) => *SCRIPT.iter().find(|(name, _)| *name == &found[1])?,
        (_, _, _) => return None,
    };
    with_line(artifact, &place, |line| Some(line.replace(&format!(".{name}("), &format!(".{right}("))))
}

/// A route's star, as the newer Express wants it told.
pub(super) fn wildcard(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    if !diagnostic.says("Missing parameter name") {
        return None;
    }
    let route = pattern!(r#"(\.(?:get|post|put|delete|all|use|options)\(\s*["'])([\w/:-]*?)/?\*(["'])"#);
    let path = place(artifact, diagnostic)?.path;
    edit_one(artifact, &path, |text| Some(route.replace_all(text, "${1}${2}/{*rest}${3}").into_owned()))
}

/// A body that is read as JSON where none was sent.
pub(super) fn empty_body(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let sides = Sides::of(artifact);
    let script = diagnostic.says("Unexpected end of JSON input");
    let python = diagnostic.says("Expecting value: line 1 column 1 (char 0)");
    if !script && !python {
        return None;
    }
    let gathered = pattern!(r"([\w$]+)\s*\+=\s*");
    let read = pattern!(r"(json\.loads\((?:self\.)?rfile\.read\([^()\n]*(?:\([^()\n]*\))?[^()\n]*\))\)");
    edit(artifact, |file| match language(&file.path) {
        Language::Script if script && sides.is_servers(file) => {
            let text = file.content.clone();
            let names = gathered.captures_iter(&file.content).map(|found| found[1].to_owned());
            Some(names.fold(text, |text, name| {
                text.replace(&format!("JSON.parse({name})"), &format!("JSON.parse({name} || \"{{}}\")"))
            }))
        }
        Language::Python if python => Some(read.replace_all(&file.content, "${1} or b\"{}\")").into_owned()),
        Language::Script
        | Language::Python
        | Language::Shell
        | Language::Html
        | Language::Style
        | Language::Json
        | Language::Other => None,
    })
}

/// What Flask did before the first request, and does no more: it is done at once.
pub(super) fn first_request(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    if !diagnostic.says("has no attribute 'before_first_request'") {
        return None;
    }
    let told = pattern!(r"(?m)^@(\w+)\.before_first_request\n(def (\w+)\(\):\n(?:[ \t]+[^\n]*\n|\n)+)");
    edit(artifact, |file| {
        let done = |found: &regex::Captures<'_>| {
            let call = match found[2].contains("create_all") || found[2].contains("current_app") {
                true => format!("with {}.app_context():\n    {}()\n", &found[1], &found[3]),
                false => format!("{}()\n", &found[3]),
            };
            format!("{}\n\n{call}\n\n", found[2].trim_end())
        };
        (language(&file.path) == Language::Python).then(|| told.replace_all(&file.content, done).into_owned())
    })
}
