//! What is wrong with routes, where every file is right by itself: one stands before another that it hides, or belongs to a
//! router that nobody knows.
//!
//! A route that nothing can reach is never meant: it is moved before what hides it. What is moved begins at a line's start,
//! as statements of a module do.

use super::{
    Answered, Diagnostic, Trouble,
    scopes::statement_end,
    source::{Language, edit, is_servers, is_vendored, language, pattern},
    symbols::{scripts, stem},
};
use crate::types::{AppFile, Artifact};

/// The path that the failed check asked for, without its query.
pub(super) fn asked<'a>(artifact: &'a Artifact, diagnostic: &Diagnostic) -> Option<(&'a str, Answered)> {
    let answered = diagnostic.answered.clone().filter(|_| diagnostic.trouble == Trouble::Check)?;
    let check = artifact.checks.iter().find(|check| check.name == answered.check)?;
    Some((check.path.split('?').next()?, answered))
}

/// A route, and the lines that it is told in.
struct Route<'a> {
    /// Whom it is told, and for which method: `router.get`.
    call: &'a str,
    path: &'a str,
    lines: std::ops::RangeInclusive<usize>,
}

fn routes(file: &AppFile) -> Vec<Route<'_>> {
    let script = pattern!(r#"^(\w+\.(?:get|post|put|patch|delete))\(\s*["'`](/[^"'`]*)["'`]"#);
    let python = pattern!(r#"^@(\w+\.(?:get|post|put|patch|delete))\(\s*["'](/[^"']*)["']"#);
    let lines: Vec<&str> = file.content.split('\n').collect();
    let route = |(at, line): (usize, &&'_ str)| -> Option<(usize, usize)> {
        match language(&file.path) {
            Language::Script => script.is_match(line).then(|| Some((at, statement_end(file, at)?)))?,
            Language::Python => python.is_match(line).then(|| Some((at, python_end(&lines, at)?)))?,
            Language::Shell | Language::Html | Language::Style | Language::Json | Language::Other => None,
        }
    };
    let told = |(from, to): (usize, usize)| {
        let found = script.captures(lines[from]).or_else(|| python.captures(lines[from]))?;
        let (call, path) = (found.get(1)?.as_str(), found.get(2)?.as_str());
        Some(Route { call, path, lines: from..=to })
    };
    lines.iter().enumerate().filter_map(route).filter_map(told).collect()
}

/// The last line of the function that is decorated in a line.
fn python_end(lines: &[&str], at: usize) -> Option<usize> {
    let head =
        (at..lines.len()).find(|line| lines[*line].starts_with("def ") || lines[*line].starts_with("async def "))?;
    let is_inside = |line: &str| line.is_empty() || line.starts_with([' ', '\t', ')']);
    let end = (head + 1..lines.len()).find(|line| !is_inside(lines[*line])).unwrap_or(lines.len());
    (head..end).rev().find(|line| !lines[*line].trim().is_empty())
}

fn is_parameter(part: &str) -> bool {
    part.starts_with([':', '{', '<'])
}

/// Whether a path is one of those that a route takes.
fn takes(route: &str, path: &str) -> bool {
    let (route, path): (Vec<&str>, Vec<&str>) = (route.split('/').collect(), path.split('/').collect());
    route.len() == path.len() && route.iter().zip(&path).all(|(one, other)| is_parameter(one) || one == other)
}

/// `/orders/:id` before `/orders/stats`, which it takes.
pub(super) fn fixed_first(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let (asked, _) = asked(artifact, diagnostic)?;
    edit(artifact, |file| {
        if !is_servers(artifact, file) {
            return None;
        }
        let routes = routes(file);
        let is_fixed = |route: &&Route<'_>| {
            route.path.len() > 1 && !route.path.split('/').any(is_parameter) && asked.ends_with(route.path)
        };
        let fixed = routes.iter().rfind(is_fixed)?;
        let hides = |route: &&Route<'_>| {
            route.call == fixed.call
                && route.lines.start() < fixed.lines.start()
                && route.path.split('/').any(is_parameter)
                && takes(route.path, fixed.path)
        };
        let before = *routes.iter().find(hides)?.lines.start();
        let lines: Vec<&str> = file.content.split('\n').collect();
        let (from, to) = (*fixed.lines.start(), *fixed.lines.end());
        // With as many empty lines behind it as stood before it.
        let gap = lines[..from].iter().rev().take_while(|line| line.trim().is_empty()).count();
        let mut better = lines[..before].to_vec();
        better.extend(&lines[from..=to]);
        better.extend(std::iter::repeat_n("", gap));
        better.extend(&lines[before..from - gap]);
        better.extend(&lines[to + 1..]);
        Some(better.join("\n"))
    })
}

/// What a statement of an Express app does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Route,
    /// It takes all that is left: "not found", or a page for every path.
    Rest,
    /// It takes errors.
    Errors,
    Other,
}

/// The steps of the one app that a script makes, with their lines.
fn steps(artifact: &Artifact, file: &AppFile) -> Vec<(Step, std::ops::RangeInclusive<usize>)> {
    let made = pattern!(r"(?m)^(?:const|let|var)\s+(\w+)\s*=\s*express\(\)");
    let Some(app) = made.captures(&file.content).map(|found| found[1].to_owned()) else { return Vec::new() };
    let lines: Vec<&str> = file.content.split('\n').collect();
    let begins = |at: &usize| lines[*at].strip_prefix(&app).is_some_and(|rest| rest.starts_with('.'));
    let told = |at: usize| {
        let to = statement_end(file, at)?;
        Some((step(artifact, &lines[at..=to].join("\n")[app.len()..]), at..=to))
    };
    (0..lines.len()).filter(begins).filter_map(told).collect()
}

fn step(artifact: &Artifact, call: &str) -> Step {
    let all = pattern!(r#"^\.(?:get|all|use)\(\s*["'`](?:\*|/\*|/?\{\*\w+\}|/\*\w+)["'`]"#);
    let route = pattern!(r#"^\.(?:use|get|post|put|patch|delete|all)\(\s*["'`]/[^"'`]*["'`]\s*,"#);
    let named = pattern!(r"^\.use\(\s*([\w$]+)\s*\)");
    let inline = pattern!(r"(?s)^\.use\(\s*(?:async\s+)?(?:function\s*\w*\s*)?\(([^()]*)\)\s*(?:=>)?\s*(.*)$");
    if all.is_match(call) {
        // One that may pass on is meant to come first.
        let answers = pattern!(r"\b(?:res|response)\.").is_match(call) && !pattern!(r"\bnext\b").is_match(call);
        return if answers { Step::Rest } else { Step::Other };
    }
    if route.is_match(call) {
        return Step::Route;
    }
    if let Some(found) = inline.captures(call) {
        return of_function(&found[1], &found[2]);
    }
    let Some(name) = named.captures(call).map(|found| found[1].to_owned()) else { return Step::Other };
    let declared = regex::Regex::new(&format!(
        r"(?s)(?:function\s+{name}\s*|\b{name}\s*=\s*(?:async\s*)?)\(([^()]*)\)\s*(?:=>)?\s*(\{{.*?\n\}}|[^\n]*)"
    ));
    let Ok(declared) = declared else { return Step::Other };
    let found = scripts(artifact).find_map(|file| declared.captures(&file.content));
    found.map_or(Step::Other, |found| of_function(&found[1], &found[2]))
}

fn of_function(parameters: &str, body: &str) -> Step {
    const OF_ERRORS: usize = 4;
    let says = body.contains("404") && !pattern!(r"\bnext\(\s*\)").is_match(body);
    match parameters.split(',').count() {
        OF_ERRORS => Step::Errors,
        _ if says => Step::Rest,
        _ => Step::Other,
    }
}

/// `app.use(notFound)` before the routes: it goes behind them, and what takes errors behind it.
pub(super) fn rest_last(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    asked(artifact, diagnostic)?;
    edit(artifact, |file| {
        if language(&file.path) != Language::Script || !is_servers(artifact, file) {
            return None;
        }
        let steps = steps(artifact, file);
        let (_, last) = steps.iter().rfind(|(step, _)| *step == Step::Route)?;
        let early = |wanted: Step| {
            steps
                .iter()
                .filter(move |(step, lines)| *step == wanted && lines.start() < last.start())
                .map(|(_, lines)| lines)
        };
        early(Step::Rest).next()?;
        let moved: Vec<_> = early(Step::Rest).chain(early(Step::Errors)).collect();
        let lines: Vec<&str> = file.content.split('\n').collect();
        let is_moved = |at: &usize| moved.iter().any(|lines| lines.contains(at));
        let mut better: Vec<&str> = (0..=*last.end()).filter(|at| !is_moved(at)).map(|at| lines[at]).collect();
        better.extend(moved.iter().flat_map(|moved| lines[(*moved).clone()].iter().copied()));
        better.extend(&lines[last.end() + 1..]);
        Some(better.join("\n"))
    })
}

/// A router that nobody told the app of.
struct Lost<'a> {
    file: &'a AppFile,
    name: String,
    /// What stands before its routes already.
    prefix: String,
}

fn lost<'a>(artifact: &'a Artifact, file: &'a AppFile) -> Option<Lost<'a>> {
    let own = || artifact.files.iter().filter(|file| is_servers(artifact, file) && !is_vendored(&file.path));
    let stem = module_name(&file.path);
    let (name, prefix) = match language(&file.path) {
        Language::Python => {
            let made = pattern!(r"(?m)^(\w+)\s*=\s*(?:\w+\.)?(?:Blueprint|APIRouter)\(([^\n]*)");
            let found = made.captures(&file.content)?;
            let prefix = pattern!(r#"prefix\s*=\s*["']([^"']*)["']"#).captures(&found[2]);
            (found[1].to_owned(), prefix.map_or(String::new(), |prefix| prefix[1].to_owned()))
        }
        Language::Script => {
            let made = pattern!(r"(?m)^(?:const|let|var)\s+(\w+)\s*=\s*(?:express\.)?Router\(");
            let name = made.captures(&file.content)?[1].to_owned();
            let offered = super::symbols::offers(&file.content).whole;
            (offered? == name).then_some((name, String::new()))?
        }
        Language::Shell | Language::Html | Language::Style | Language::Json | Language::Other => return None,
    };
    let told = regex::Regex::new(&format!(
        r#"(?:register_blueprint|include_router)\(\s*(?:[\w.]+\.)?(?:{name}|\w*{stem}\w*)\b|(?:require\(|from\s+)["'][^"'\n]*\b{stem}(?:\.[cm]?js)?["']|for \w+ in \("#
    ));
    let told = told.ok()?;
    (!own().any(|other| other.path != file.path && told.is_match(&other.content))).then_some(Lost {
        file,
        name,
        prefix,
    })
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
    let (asked, answered) = asked(artifact, diagnostic)?;
    let check = artifact.checks.iter().find(|check| check.name == answered.check)?;
    if answered.status != 404 || check.expect.status == 404 {
        return None;
    }
    let own = artifact.files.iter().filter(|file| is_servers(artifact, file) && !is_vendored(&file.path));
    let (lost, prefix) = own.filter_map(|file| lost(artifact, file)).find_map(|lost| {
        let prefix = missing_prefix(&lost, asked)?;
        Some((lost, prefix))
    })?;
    let python = language(&lost.file.path) == Language::Python;
    edit(artifact, |file| {
        if language(&file.path) != language(&lost.file.path) || file.path == lost.file.path {
            return None;
        }
        if python { told_in_python(file, &lost, &prefix) } else { told_in_script(artifact, file, &lost, &prefix) }
    })
}

fn told_in_python(file: &AppFile, lost: &Lost<'_>, prefix: &str) -> Option<String> {
    let made = pattern!(r"(?m)^(\w+)\s*=\s*(?:\w+\.)?(Flask|FastAPI)\(");
    let app = made.captures(&file.content)?;
    let root = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    // Beside the app, or from the folder that holds the app's package.
    let path = lost.file.path.strip_suffix(".py")?;
    let is_package = file.content.contains(&format!("from {}.", root.replace('/', "."))) && !root.is_empty();
    let path = if is_package { path } else { path.strip_prefix(root)?.trim_start_matches('/') };
    let (module, name) = (path.replace('/', "."), &lost.name);
    let (known, call, word) = match &app[2] {
        "Flask" => (name.clone(), "register_blueprint", "url_prefix"),
        _ => (format!("{}_{name}", module.rsplit('.').next()?), "include_router", "prefix"),
    };
    let import = if known == *name { String::new() } else { format!(" as {known}") };
    let prefix = if prefix.is_empty() { String::new() } else { format!(", {word}=\"{prefix}\"") };
    let lines: Vec<&str> = file.content.split('\n').collect();
    let at = lines.iter().position(|line| made.is_match(line))?;
    let end = statement_end(file, at)?;
    let told = format!("\nfrom {module} import {name}{import}\n\n{}.{call}({known}{prefix})", &app[1]);
    Some([lines[..=end].join("\n").as_str(), &told, &lines[end + 1..].join("\n")].join("\n"))
}

fn told_in_script(artifact: &Artifact, file: &AppFile, lost: &Lost<'_>, prefix: &str) -> Option<String> {
    let steps = steps(artifact, file);
    let app = pattern!(r"(?m)^(?:const|let|var)\s+(\w+)\s*=\s*express\(\)").captures(&file.content)?[1].to_owned();
    // Before what takes the rest, and before it listens.
    let lines: Vec<&str> = file.content.split('\n').collect();
    let is_end = |at: &usize| {
        let of = steps.iter().find(|(_, lines)| lines.start() == at);
        of.is_some_and(|(step, _)| matches!(step, Step::Rest | Step::Errors)) || lines[*at].contains(".listen(")
    };
    let at = (0..lines.len()).find(is_end)?;
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
