//! A router or a blueprint that no app was told of: its routes are asked for in vain.
//!
//! The app is told of it only where that is sure: there is one app, it does not know the router by any name, and the router's
//! file does not lead back to the app's, which would be a circle.

use super::{
    Diagnostic,
    routes::{app_of, asked, is_parameter, routes_end, takes},
    source::{Language, edit_one, is_servers, is_vendored, language, pattern},
    statements::statements,
    symbols::{only, stem, target},
};
use crate::types::{AppFile, Artifact};

/// A router that nobody told the app of.
struct Lost<'a> {
    file: &'a AppFile,
    name: String,
    /// What stands before its routes already.
    prefix: String,
}

fn own(artifact: &Artifact) -> impl Iterator<Item = &AppFile> {
    artifact.files.iter().filter(|file| is_servers(artifact, file) && !is_vendored(&file.path))
}

fn lost<'a>(artifact: &'a Artifact, file: &'a AppFile) -> Option<Lost<'a>> {
    let others = || own(artifact).filter(|other| other.path != file.path);
    match language(&file.path) {
        Language::Python => {
            let made = pattern!(r"(?m)^(\w+)\s*=\s*(?:\w+\.)?(?:Blueprint|APIRouter)\(([^\n]*)");
            let found = made.captures(&file.content)?;
            let prefix = pattern!(r#"prefix\s*=\s*["']([^"']*)["']"#).captures(&found[2]);
            let name = found[1].to_owned();
            let is_told = others().any(|other| tells_in_python(other, file, &name));
            let prefix = prefix.map_or(String::new(), |prefix| prefix[1].to_owned());
            (!is_told).then_some(Lost { file, name, prefix })
        }
        Language::Script => {
            let made = pattern!(r"(?m)^(?:const|let|var)\s+(\w+)\s*=\s*(?:express\.)?Router\(");
            let name = made.captures(&file.content)?[1].to_owned();
            let offered = super::symbols::offers(&file.content).whole;
            let is_told = others().any(|other| taken_by(artifact, other).any(|taken| taken.path == file.path));
            (offered? == name && !is_told).then_some(Lost { file, name, prefix: String::new() })
        }
        Language::Shell | Language::Html | Language::Style | Language::Json | Language::Other => None,
    }
}

/// Whether a file of Python tells an app of a router: by its name, by its file's, by another, or in a loop over many.
fn tells_in_python(other: &AppFile, file: &AppFile, name: &str) -> bool {
    let told = pattern!(r"\b(?:register_blueprint|include_router)\(\s*(?:[\w.]+\.)?(\w+)");
    let in_loop = pattern!(
        r"(?m)^[ \t]*for [^\n]*:[ \t]*\n?(?:[ \t]+[^\n]*\n){0,8}?[^\n]*\b(?:register_blueprint|include_router)\("
    );
    let renamed = pattern!(r"\b(\w+) as (\w+)");
    let is_it = |told: &str| {
        let alias = || renamed.captures_iter(&other.content).any(|found| &found[1] == name && &found[2] == told);
        told == name || told.contains(module_name(&file.path)) || alias()
    };
    in_loop.is_match(&other.content) || told.captures_iter(&other.content).any(|found| is_it(&found[1]))
}

/// The app's own files that a file imports, wherever it does.
fn taken_by<'a>(artifact: &'a Artifact, file: &'a AppFile) -> Box<dyn Iterator<Item = &'a AppFile> + 'a> {
    let script = pattern!(r#"(?:\brequire\(|\bimport\(|\bfrom\s+|\bimport\s+)\s*["'`](\.{1,2}/?[^"'`\n]*)["'`]"#);
    let python = pattern!(r"(?m)^[ \t]*(?:from\s+\.*([\w.]*)\s+import\s+\(?([\w, ]+)|import\s+([\w., ]+))");
    match language(&file.path) {
        Language::Script => Box::new(
            script.captures_iter(&file.content).filter_map(move |found| target(artifact, &file.path, &found[1])),
        ),
        Language::Python => {
            let named = python.captures_iter(&file.content).flat_map(|found| {
                let words = |at: usize| found.get(at).map_or("", |group| group.as_str());
                let parts = [words(1), words(2), words(3)].join(" ").replace(',', " ");
                parts.split_whitespace().map(|name| name.replace('.', "/")).collect::<Vec<_>>()
            });
            // A module may be called by the end of its path, seen from its own package.
            let of = move |name: String| {
                let ends = [format!("/{name}.py"), format!("/{name}/__init__.py")];
                own(artifact).find(|other| ends.iter().any(|end| format!("/{}", other.path).ends_with(end)))
            };
            Box::new(named.filter_map(of))
        }
        Language::Shell | Language::Html | Language::Style | Language::Json | Language::Other => {
            Box::new(std::iter::empty())
        }
    }
}

/// Whether imports lead from one file to another. Each file is looked at once.
fn leads_to(artifact: &Artifact, from: &AppFile, to: &AppFile) -> bool {
    let (mut seen, mut at) = (vec![from], 0);
    while let Some(file) = seen.get(at).copied() {
        at += 1;
        for taken in taken_by(artifact, file) {
            if taken.path == to.path {
                return true;
            }
            if !seen.iter().any(|known| known.path == taken.path) {
                seen.push(taken);
            }
        }
    }
    false
}

/// What is missing before the router's routes for one of them to be what was asked for.
fn missing_prefix(lost: &Lost<'_>, asked: &str) -> Option<String> {
    let told = regex::Regex::new(&format!(
        r#"(?m)^@?{}\.(?:route|get|post|put|patch|delete)\(\s*["'`](/?[^"'`]*)["'`]"#,
        regex::escape(&lost.name)
    ));
    let own: Vec<String> =
        told.ok()?.captures_iter(&lost.file.content).map(|found| lost.prefix.clone() + &found[1]).collect();
    // The longest route that fits is the one: `/classes` rather than `/`. One without a word of its own fits every path: there,
    // the path before it must be called like the file.
    let is_called = |path: &str| stem(path.rsplit('/').next().unwrap_or(path)) == stem(module_name(&lost.file.path));
    let rest = |route: &String| {
        let route = route.trim_end_matches('/');
        let parts = route.matches('/').count();
        let at = asked.match_indices('/').rev().nth(parts.checked_sub(1)?)?.0;
        let has_word = route.split('/').any(|part| !part.is_empty() && !is_parameter(part));
        let fits = takes(route, &asked[at..]) && (has_word || is_called(&asked[..at]));
        fits.then_some((std::cmp::Reverse(parts), at))
    };
    let is_root = own.iter().any(|route| matches!(route.as_str(), "" | "/"));
    match own.iter().filter_map(rest).min() {
        Some((_, at)) => Some(asked[..at].to_owned()),
        None => (is_root && is_called(asked.trim_end_matches('/'))).then(|| asked.trim_end_matches('/').to_owned()),
    }
}

/// A file's name without its folder and extension.
fn module_name(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.split('.').next().unwrap_or(name)
}

/// A blueprint or a router that no app knows of, where a route like one of its own was asked for in vain.
pub(super) fn mounted(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let (asked, check, answered) = asked(artifact, diagnostic)?;
    if answered.status != 404 || check.expect.status == 404 {
        return None;
    }
    let (lost, prefix) = own(artifact).filter_map(|file| lost(artifact, file)).find_map(|lost| {
        let prefix = missing_prefix(&lost, asked)?;
        Some((lost, prefix))
    })?;
    let python = language(&lost.file.path) == Language::Python;
    let makes = |file: &&AppFile| {
        let made = if python { made_in_python(file).is_some() } else { app_of(file).is_some() };
        made && language(&file.path) == language(&lost.file.path)
    };
    let app = only(own(artifact).filter(makes)).filter(|app| app.path != lost.file.path)?;
    if leads_to(artifact, lost.file, app) {
        return None;
    }
    let better = match python {
        true => told_in_python(app, &lost, &prefix),
        false => told_in_script(artifact, app, &lost, &prefix),
    }?;
    edit_one(artifact, &app.path, |_| Some(better.clone()))
}

/// The name and the framework of the one app that a file of Python makes.
fn made_in_python(file: &AppFile) -> Option<(&str, &str)> {
    let made = pattern!(r"(?m)^(\w+)\s*(?::\s*\w+\s*)?=\s*(?:\w+\.)?(Flask|FastAPI)\(");
    only(made.captures_iter(&file.content)).and_then(|found| Some((found.get(1)?.as_str(), found.get(2)?.as_str())))
}

fn told_in_python(file: &AppFile, lost: &Lost<'_>, prefix: &str) -> Option<String> {
    let (app, framework) = made_in_python(file)?;
    let root = file.path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    // Beside the app, or from the folder that holds the app's package.
    let path = lost.file.path.strip_suffix(".py")?;
    let package = root.trim_end_matches('/').replace('/', ".");
    let is_package = !root.is_empty() && file.content.contains(&format!("from {package}."));
    let path = if is_package { path } else { path.strip_prefix(root.as_str())? };
    let (module, name) = (path.replace('/', "."), &lost.name);
    let (known, call, word) = match framework {
        "Flask" => (name.clone(), "register_blueprint", "url_prefix"),
        _ => (format!("{}_{name}", module.rsplit('.').next()?), "include_router", "prefix"),
    };
    let import = if known == *name { String::new() } else { format!(" as {known}") };
    let prefix = if prefix.is_empty() { String::new() } else { format!(", {word}=\"{prefix}\"") };
    let makes = |text: &str| text.strip_prefix(app).is_some_and(|rest| rest.trim_start().starts_with(['=', ':']));
    let all = statements(file);
    let end = *all.iter().find(|statement| makes(statement.text))?.lines.end();
    let lines: Vec<&str> = file.content.split('\n').collect();
    let told = format!("\nfrom {module} import {name}{import}\n\n{app}.{call}({known}{prefix})");
    Some([lines[..=end].join("\n").as_str(), &told, &lines[end + 1..].join("\n")].join("\n"))
}

fn told_in_script(artifact: &Artifact, file: &AppFile, lost: &Lost<'_>, prefix: &str) -> Option<String> {
    let app = app_of(file)?;
    let lines: Vec<&str> = file.content.split('\n').collect();
    // Before what takes the rest, and before it listens.
    let at = routes_end(artifact, file)?;
    let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let path = super::modules::relative(folder, &lost.file.path);
    let stem = module_name(&lost.file.path);
    let prefix = if prefix.is_empty() { "/" } else { prefix };
    let modern = super::modules::is_modern(file);
    let (known, import) = match modern {
        true => (format!("{stem}Routes"), format!("import {stem}Routes from \"{path}\";\n")),
        false => (format!("require(\"{path}\")"), String::new()),
    };
    if modern && !stem.chars().all(|c| c.is_ascii_alphanumeric()) {
        return None;
    }
    let told = format!("{app}.use(\"{prefix}\", {known});");
    let text = [lines[..at].join("\n").as_str(), &told, &lines[at..].join("\n")].join("\n");
    Some(super::modules::prepended(&text, &import))
}
