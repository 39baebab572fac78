//! What is wrong with the use of a framework: what Express, Flask and uvicorn want to be told, and models forget.

use super::{
    Diagnostic,
    scan::place,
    source::{Language, Sides, edit, edit_in, edit_one, entry, is_vendored, language, pattern, started},
    symbols::only,
};
use crate::types::{AppFile, Artifact};

/// Bodies that are read, and that nobody parses.
pub(super) fn body_parser(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    let sides = Sides::of(artifact);
    let own = || artifact.files.iter().filter(|file| sides.is_servers(file) && !is_vendored(&file.path));
    let parsers = [
        "express.json(",
        "bodyParser",
        "body-parser",
        "express.urlencoded(",
        "multer",
        "express.text(",
        "express.raw(",
    ];
    let reads = own().any(|file| file.content.contains("req.body"));
    if !reads || own().any(|file| parsers.iter().any(|parser| file.content.contains(parser))) {
        return None;
    }
    let made = pattern!(r"(?m)^((?:const|let|var)\s+(\w+)\s*=\s*express\(\)[^\n]*\n)");
    edit(artifact, |file| {
        sides.is_servers(file).then(|| made.replace(&file.content, "${1}\n${2}.use(express.json());\n").into_owned())
    })
}

/// A Flask route that reads what was sent, and takes nothing that is sent.
pub(super) fn route_methods(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    let route = pattern!(r#"^(\s*@\w+\.route\(\s*["'][^"'\n]*["'])\)\s*$"#);
    let reads = pattern!(r"\brequest\.(?:get_json\(|json\b|form\b|files\b)");
    edit(artifact, |file| {
        if language(&file.path) != Language::Python
            || !file.content.contains(".route(")
            || !reads.is_match(&file.content)
        {
            return None;
        }
        let lines: Vec<&str> = file.content.split('\n').collect();
        let line = |(at, line): (usize, &&str)| -> String {
            let Some(head) = route.captures(line) else { return (*line).to_owned() };
            // Up to the next decorator or definition at the same depth.
            let is_next = |line: &&&str| line.starts_with('@') || line.starts_with("if __name__");
            let body: Vec<&str> = lines[at + 1..].iter().take_while(|line| !is_next(line)).copied().collect();
            let body = body.join("\n");
            match (reads.is_match(&body), body.contains("request.method")) {
                (true, true) => format!("{}, methods=[\"GET\", \"POST\"])", &head[1]),
                (true, false) => format!("{}, methods=[\"POST\"])", &head[1]),
                (false, _) => (*line).to_owned(),
            }
        };
        Some(lines.iter().enumerate().map(line).collect::<Vec<_>>().join("\n"))
    })
}

/// A name of a framework from which others are imported already: `name 'request' is not defined`.
pub(super) fn framework_name(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    const NAMES: [(&str, &[&str]); 3] = [
        (
            "flask",
            &[
                "abort",
                "flash",
                "g",
                "jsonify",
                "make_response",
                "redirect",
                "render_template",
                "render_template_string",
                "request",
                "Response",
                "send_file",
                "send_from_directory",
                "session",
                "url_for",
                "Blueprint",
            ],
        ),
        (
            "fastapi",
            &[
                "APIRouter",
                "Body",
                "Depends",
                "File",
                "Form",
                "Header",
                "HTTPException",
                "Path",
                "Query",
                "Request",
                "Response",
                "UploadFile",
                "WebSocket",
                "status",
            ],
        ),
        ("pydantic", &["BaseModel", "Field"]),
    ];
    let name = pattern!(r"NameError: name '(\w+)' is not defined").captures(&diagnostic.output)?[1].to_owned();
    let path = place(artifact, diagnostic).map(|place| place.path)?;
    edit_one(artifact, &path, |text| {
        let imports = |package: &str| format!("from {package} import ");
        let (package, _) =
            NAMES.iter().find(|(package, names)| names.contains(&name.as_str()) && text.contains(&imports(package)))?;
        let line = pattern!(r"(?m)^from (flask|fastapi|pydantic) import ([^(\n]+)$");
        let found = line.captures_iter(text).find(|found| &found[1] == *package)?;
        let has = found[2].split(',').any(|one| one.trim() == name);
        (!has).then(|| text.replacen(&found[0], &format!("{}, {name}", found[0].trim_end()), 1))
    })
}

/// A name that exactly one other file of the app declares: `name 'total' is not defined`.
pub(super) fn own_name(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let name = pattern!(r"NameError: name '(\w+)' is not defined").captures(&diagnostic.output)?[1].to_owned();
    let path = place(artifact, diagnostic).map(|place| place.path).filter(|path| language(path) == Language::Python)?;
    let module = declaring(artifact, &path, std::slice::from_ref(&name))?;
    let line = format!("from {module} import {name}\n");
    edit_one(artifact, &path, |text| (!text.contains(&line)).then(|| super::modules::prepended(text, &line)))
}

/// The only Python module, by the name that an import gives it, that declares all of these.
fn declaring(artifact: &Artifact, but: &str, names: &[String]) -> Option<String> {
    let entry = entry(artifact).filter(|path| language(path) == Language::Python)?;
    let root = entry.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    let has = |file: &&AppFile| {
        let declared = super::symbols::declared(file);
        file.path != but
            && language(&file.path) == Language::Python
            && !is_vendored(&file.path)
            && names.iter().all(|name| declared.contains(name))
    };
    let found = only(artifact.files.iter().filter(has))?;
    let module = found.path.strip_prefix(&root)?.strip_suffix(".py")?;
    Some(module.trim_end_matches("/__init__").replace('/', "."))
}

/// `No module named 'cart'`, where one other file declares everything that is taken from it.
pub(super) fn module_otherwise(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let missing = pattern!(r"No module named '([A-Za-z_][\w.]*)'").captures(&diagnostic.output)?[1].to_owned();
    let import = pattern!(r"(?m)^([ \t]*from[ \t]+)(\.*[\w.]+)([ \t]+import[ \t]+)([\w, ]+)$");
    edit_in(artifact, Language::Python, |file| {
        if is_vendored(&file.path) {
            return None;
        }
        let corrected = |found: &regex::Captures<'_>| {
            let module = found[2].trim_start_matches('.');
            let is_it = module == missing
                || module.ends_with(&format!(".{missing}"))
                || missing.ends_with(&format!(".{module}"));
            let name = |part: &str| part.split_whitespace().next().map(str::to_owned);
            let names: Vec<String> = found[4].split(',').filter_map(name).collect();
            match declaring(artifact, &file.path, &names).filter(|_| is_it && !names.is_empty()) {
                Some(other) => [&found[1], &other, &found[3], &found[4]].concat(),
                None => found[0].to_owned(),
            }
        };
        Some(import.replace_all(&file.content, corrected).into_owned())
    })
}

/// `uvicorn.run("main:app")` in a file of another name, and the same in the start command.
pub(super) fn served_name(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    if !diagnostic.says("Error loading ASGI app") {
        return None;
    }
    let made = pattern!(r"(?m)^(\w+)\s*=\s*(?:fastapi\.)?(?:FastAPI|Starlette|Quart)\(");
    let makes = |file: &&AppFile| language(&file.path) == Language::Python && made.is_match(&file.content);
    let found = only(artifact.files.iter().filter(makes))?;
    let name = made.captures(&found.content)?[1].to_owned();
    let module = found.path.strip_suffix(".py")?.replace('/', ".");
    let right = format!("{module}:{name}");
    let call = pattern!(r#"(uvicorn\.run\(\s*["'])[\w.]+:\w+(["'])"#);
    let in_files =
        edit(artifact, |file| Some(call.replace_all(&file.content, format!("${{1}}{right}${{2}}")).into_owned()));
    in_files.or_else(|| {
        let start =
            pattern!(r"(\buvicorn\s+(?:-\S+\s+)*)[\w.]+:\w+").replace(&artifact.start, format!("${{1}}{right}"));
        started(artifact, start.into_owned())
    })
}
