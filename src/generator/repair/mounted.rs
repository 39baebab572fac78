//! A router or a blueprint that no app was told of: its routes are asked for in vain.
//!
//! The app is told of it only where that is sure: there is one app, it does not know the router by any name, and the router's
//! file does not lead back to the app's, which would be a circle.

use std::collections::BTreeSet;

use super::{
    Diagnostic,
    graph::Graph,
    origins::Origins,
    routes::{app_of, asked, is_parameter, routes_end, takes},
    scan::{Kind, kinds},
    source::{Language, edit_one, language, pattern},
    statements::statements,
    symbols::{only, stem},
};
use crate::types::{AppFile, Artifact};

/// Files with a router that are looked at.
const ROUTERS_MAX: usize = 64;
/// Calls that tell an app of routers, and names that stand for others, in one file. One with more is taken to tell of all.
const TELLS_MAX: usize = 256;

/// A router that nobody told the app of.
struct Lost<'a> {
    /// Its file's place in the graph.
    at: usize,
    file: &'a AppFile,
    name: String,
    /// What stands before its routes already.
    prefix: String,
}

/// The routers that no app knows.
fn lost<'a>(graph: &Graph<'a>) -> Vec<Lost<'a>> {
    let tells: Vec<Tells<'a>> = graph.files.iter().map(|file| Tells::of(file)).collect();
    let lost = |at: usize| {
        let file = graph.files[at];
        match language(&file.path) {
            Language::Python => {
                let made = pattern!(r"(?m)^(\w+)\s*=\s*(?:\w+\.)?(?:Blueprint|APIRouter)\(([^\n]*)");
                let found = made.captures(&file.content)?;
                let prefix = pattern!(r#"prefix\s*=\s*["']([^"']*)["']"#).captures(&found[2]);
                let name = found[1].to_owned();
                let is_told = tells.iter().enumerate().any(|(other, tells)| other != at && tells.tell(file, &name));
                let prefix = prefix.map_or(String::new(), |prefix| prefix[1].to_owned());
                (!is_told).then_some(Lost { at, file, name, prefix })
            }
            Language::Script => {
                let made = pattern!(r"(?m)^(?:const|let|var)\s+(\w+)\s*=\s*(?:express\.)?Router\(");
                let name = made.captures(&file.content)?[1].to_owned();
                let offered = super::symbols::offers(&file.content).whole;
                (offered? == name && !graph.is_taken(at)).then_some(Lost { at, file, name, prefix: String::new() })
            }
            Language::Shell | Language::Html | Language::Style | Language::Json | Language::Other => None,
        }
    };
    let router = pattern!(r"(?m)^(?:(?:const|let|var)\s+)?\w+\s*=\s*(?:\w+\.)?(?:Blueprint|APIRouter|Router)\(");
    let makes = |at: &usize| router.is_match(&graph.files[*at].content);
    (0..graph.files.len()).filter(makes).take(ROUTERS_MAX).filter_map(lost).collect()
}

/// What a file of Python tells an app of.
#[derive(Default)]
struct Tells<'a> {
    /// The last words of names that an import brings, or that are routers of the file itself.
    named: BTreeSet<&'a str>,
    /// Whether there is more than that: a loop over many, a call that is handed over.
    other: bool,
    renamed: Vec<(String, String)>,
}

impl<'a> Tells<'a> {
    fn of(file: &'a AppFile) -> Self {
        let call = pattern!(r"\b(?:register_blueprint|include_router)\b(?:\(\s*((?:\w+\.)*\w+)\s*([,)]))?");
        let made = pattern!(r"(?m)^[ \t]*(\w+)\s*=\s*(?:\w+\.)?(?:Blueprint|APIRouter)\(");
        let renamed = pattern!(r"\b(\w+) as (\w+)");
        if language(&file.path) != Language::Python || !call.is_match(&file.content) {
            return Self::default();
        }
        let (kinds, origins, text) = (kinds(file), Origins::of(file), file.content.as_str());
        let own: BTreeSet<&str> = made.captures_iter(text).filter_map(|found| Some(found.get(1)?.as_str())).collect();
        let pair = |found: regex::Captures<'_>| (found[1].to_owned(), found[2].to_owned());
        let mut tells = Self { renamed: renamed.captures_iter(text).map(pair).collect(), ..Self::default() };
        let is_code = |found: &regex::Captures<'_>| {
            found
                .get(0)
                .is_some_and(|whole| kinds[whole.start()] == Kind::Code && !text[..whole.start()].ends_with("def "))
        };
        for found in call.captures_iter(text).filter(is_code) {
            match found.get(1).map(|name| name.as_str()) {
                Some(name) if own.contains(name) || origins.path(name).is_some() => {
                    tells.named.insert(name.rsplit('.').next().unwrap_or(name));
                }
                Some(_) | None => tells.other = true,
            }
        }
        tells.other |= tells.named.len().max(tells.renamed.len()) > TELLS_MAX;
        tells
    }

    /// Whether a router is told of: by its name, by its file's, by another, or among many.
    fn tell(&self, file: &AppFile, name: &str) -> bool {
        let alias = |(old, new): &(String, String)| old == name && self.named.contains(new.as_str());
        let is_it = |told: &&str| *told == name || told.contains(module_name(&file.path));
        self.other || self.named.iter().any(is_it) || self.renamed.iter().any(alias)
    }
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

/// Whether a path has the number or the id of one thing in it, before which nothing is mounted.
fn names_one(path: &str) -> bool {
    let is_version = |part: &str| pattern!(r"^v\d+$").is_match(part);
    path.split('/').any(|part| part.contains(|c: char| c.is_ascii_digit()) && !is_version(part))
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
    let graph = Graph::of(artifact);
    let (lost, prefix) = lost(&graph).into_iter().find_map(|lost| {
        let prefix = missing_prefix(&lost, asked).filter(|prefix| !names_one(prefix))?;
        Some((lost, prefix))
    })?;
    let python = language(&lost.file.path) == Language::Python;
    let makes = |at: &usize| {
        let file = graph.files[*at];
        let made = if python { made_in_python(file).is_some() } else { app_of(file).is_some() };
        made && language(&file.path) == language(&lost.file.path)
    };
    let at = only((0..graph.files.len()).filter(makes)).filter(|at| *at != lost.at)?;
    if graph.leads_to(lost.at, at) {
        return None;
    }
    let app = graph.files[at];
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
    // A name begins with no digit, as a file's may.
    let name =
        if stem.starts_with(|c: char| c.is_ascii_digit()) { format!("_{stem}Routes") } else { format!("{stem}Routes") };
    if modern && (!stem.chars().all(|c| c.is_ascii_alphanumeric()) || file.content.contains(&name)) {
        return None;
    }
    let (known, import) = match modern {
        true => (name.clone(), format!("import {name} from \"{path}\";\n")),
        false => (format!("require(\"{path}\")"), String::new()),
    };
    let told = format!("{app}.use(\"{prefix}\", {known});");
    let text = [lines[..at].join("\n").as_str(), &told, &lines[at..].join("\n")].join("\n");
    Some(super::modules::prepended(&text, &import))
}
