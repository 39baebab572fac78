//! What is wrong with what a framework is given: an endpoint that it does not know, a status that it takes for data, words
//! that its new version has no more.

use super::{
    Diagnostic,
    modules::prepended,
    routes::{answering, asked},
    scan::{Kind, arguments, indent, kinds},
    source::{Language, edit, edit_in, is_vendored, language, pattern},
    statements::{Statement, decorated, statements},
    symbols::only,
    words,
};
use crate::types::{AppFile, Artifact};

/// `Could not build url for endpoint 'view_page'`, where the function is called `page`, or is a blueprint's.
pub(super) fn endpoint(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let wanted = pattern!(r"Could not build url for endpoint '([\w.]+)'").captures(&diagnostic.output)?[1].to_owned();
    let own = artifact.files.iter().filter(|file| language(&file.path) == Language::Python && !is_vendored(&file.path));
    let known: Vec<String> = own.flat_map(endpoints).collect();
    if known.contains(&wanted) {
        return None;
    }
    let last = |name: &str| name.rsplit('.').next().unwrap_or(name).to_owned();
    let same = only(known.iter().filter(|name| last(name) == last(&wanted))).map(String::as_str);
    let right = same.or_else(|| words::meant(&wanted, &known))?.to_owned();
    let call = regex::Regex::new(&format!(r#"(url_for\(\s*["']){}(["'])"#, regex::escape(&wanted))).ok()?;
    edit(artifact, |file| {
        let may = matches!(language(&file.path), Language::Python | Language::Html);
        may.then(|| call.replace_all(&file.content, format!("${{1}}{right}${{2}}")).into_owned())
    })
}

/// The endpoints of a file, as `url_for` wants them.
fn endpoints(file: &AppFile) -> Vec<String> {
    let route =
        pattern!(r"(?m)^@(\w+)\.(?:route|get|post|put|patch|delete)\([^\n]*\)\n(?:@[^\n]*\n)*(?:async )?def (\w+)");
    let blueprint = pattern!(r#"(?m)^(\w+)\s*=\s*(?:\w+\.)?Blueprint\(\s*["'](\w+)["']"#);
    let prefix = |object: &str| {
        let found = blueprint.captures_iter(&file.content).find(|found| &found[1] == object);
        found.map_or(String::new(), |found| format!("{}.", &found[2]))
    };
    route.captures_iter(&file.content).map(|found| prefix(&found[1]) + &found[2]).collect()
}

/// `return {"detail": "…"}, 404`, which FastAPI sends as a list of two with status 200.
pub(super) fn status_as_data(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let (asked, check, answered) = asked(artifact, diagnostic)?;
    let sent = pattern!(r"(?s)^\s*\[.*,\s*([1-5]\d\d)\s*\]\s*$").captures(&answered.shown)?;
    if answered.status == sent[1].parse::<u16>().ok()? {
        return None;
    }
    let returned = pattern!(r"^\s*return (.*\S)\s*,\s*([1-5]\d\d)\s*$");
    let detail = pattern!(r#"^\(?\{\s*["']detail["']\s*:\s*([^,{}]+?)\s*\}\)?$"#);
    edit_in(artifact, Language::Python, |file| {
        if !file.content.contains("fastapi") {
            return None;
        }
        let groups = decorated(statements(file));
        let returns = returns_of(answering(&groups, asked, &check.method)?);
        let (mut raises, mut answers) = (false, false);
        let line = |(at, line): (usize, &str)| -> String {
            let found = returned.captures(line).filter(|found| returns.contains(&at) && is_one_value(&found[1]));
            let Some(found) = found else { return line.to_owned() };
            let (margin, status) = (indent(line), &found[2]);
            if let Some(detail) = detail.captures(&found[1]).filter(|_| status >= "400") {
                raises = true;
                return format!("{margin}raise HTTPException(status_code={status}, detail={})", &detail[1]);
            }
            answers = true;
            format!("{margin}return JSONResponse(status_code={status}, content={})", &found[1])
        };
        let mut text = file.content.split('\n').enumerate().map(line).collect::<Vec<_>>().join("\n");
        let imports =
            |text: &str, name: &str| text.lines().any(|line| line.starts_with("from fastapi") && line.contains(name));
        if raises && !imports(&text, "HTTPException") {
            text = prepended(&text, "from fastapi import HTTPException\n");
        }
        if answers && !imports(&text, "JSONResponse") {
            text = prepended(&text, "from fastapi.responses import JSONResponse\n");
        }
        Some(text)
    })
}

/// Whether it is one value, and not some that commas make a tuple of.
fn is_one_value(code: &str) -> bool {
    let file = AppFile { path: "value.py".to_owned(), content: format!("({code})") };
    arguments(&file.content, &kinds(&file), 1).is_some_and(|all| all.len() == 1)
}

/// The lines in which the routes of a file return by themselves.
pub(super) fn returns_of_routes(file: &AppFile) -> Vec<usize> {
    decorated(statements(file)).iter().flat_map(|group| returns_of(group)).collect()
}

/// The lines in which a route's own function returns: not what it calls, nor a function inside of it.
fn returns_of(group: &[Statement<'_>]) -> Vec<usize> {
    let route = pattern!(r"^@\w+\.(?:get|post|put|patch|delete)\(");
    let inner = pattern!(r"(?m)^[ \t]+(?:async )?def ");
    let Some(function) = group.iter().find(|one| !one.text.starts_with('@')) else { return Vec::new() };
    if !group.iter().any(|one| route.is_match(one.text)) || inner.is_match(&function.code) {
        return Vec::new();
    }
    let lines = function.code.split('\n').zip(function.lines.clone());
    lines.filter(|(line, _)| line.trim_start().starts_with("return ")).map(|(_, at)| at).collect()
}

/// `regex` is `pattern` since pydantic 2, as an argument of what describes a field.
pub(super) fn pattern_of_field(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    if !diagnostic.says("`regex` is removed. use `pattern` instead") {
        return None;
    }
    let described = pattern!(r"\b(?:Field|Query|Path|Body|Form|Header|Cookie|constr)\(");
    let argument = pattern!(r"^regex\s*=[^=]");
    edit_in(artifact, Language::Python, |file| {
        let (kinds, bytes) = (kinds(file), file.content.as_bytes());
        // For each bracket that is open, whether it is such a description's.
        let (mut open, mut found) = (Vec::new(), Vec::new());
        let descriptions: Vec<usize> = described.find_iter(&file.content).map(|found| found.end() - 1).collect();
        for at in (0..bytes.len()).filter(|at| kinds[*at] == Kind::Code) {
            let is_name = at == 0 || !(bytes[at - 1].is_ascii_alphanumeric() || b"_.".contains(&bytes[at - 1]));
            match bytes[at] {
                b'(' | b'[' | b'{' => open.push(descriptions.binary_search(&at).is_ok()),
                b')' | b']' | b'}' => drop(open.pop()),
                b'r' if is_name && open.last() == Some(&true) && argument.is_match(&file.content[at..]) => {
                    found.push(at)
                }
                _ => {}
            }
        }
        let mut text = file.content.clone();
        found.iter().rev().for_each(|at| text.replace_range(*at..at + "regex".len(), "pattern"));
        Some(text)
    })
}

/// Settings as pydantic 1 had them: read from the environment, by the names of their fields.
const SETTINGS: &str = "import os\n\nfrom pydantic import BaseModel\n\n
class BaseSettings(BaseModel):
    \"\"\"Fields that the environment may set, whatever the case of their names.\"\"\"

    def __init__(self, **values):
        known = {name.lower(): value for name, value in os.environ.items()}
        for name, kind in getattr(type(self), \"__annotations__\", {}).items():
            if name.lower() in known and name not in values:
                value = known[name.lower()]
                values[name] = kind(value) if kind in (int, float) else value
        super().__init__(**values)

";

/// `BaseSettings` is a package of its own since pydantic 2: that, or what it does, where nothing can be installed.
pub(super) fn settings(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let moved = diagnostic.says("`BaseSettings` has been moved to the `pydantic-settings` package");
    let lacks = pattern!(r"No module named '?pydantic_settings").is_match(&diagnostic.output) && !diagnostic.internet;
    if !moved && !lacks {
        return None;
    }
    let import = pattern!(r"(?m)^from pydantic(_settings)? import ([\w, ]+)$");
    edit(artifact, |file| {
        // With a prefix, other variables are meant.
        if language(&file.path) != Language::Python || file.content.contains("env_prefix") {
            return None;
        }
        let found = import.captures_iter(&file.content).find(|found| found[2].contains("BaseSettings"))?;
        let of_package = found.get(1).is_some();
        let names: Vec<&str> = found[2].split(',').map(str::trim).filter(|name| *name != "BaseSettings").collect();
        // The new package has more than a model can do: what else is taken of it, is the model's to mend.
        if of_package && (!names.is_empty() || moved) {
            return None;
        }
        let rest =
            if names.is_empty() { String::new() } else { format!("from pydantic import {}\n", names.join(", ")) };
        let better = match diagnostic.internet {
            true => format!("{rest}from pydantic_settings import BaseSettings"),
            false => format!("{rest}{}", SETTINGS.trim_end_matches('\n')),
        };
        Some(file.content.replacen(&found[0], &better, 1))
    })
}
