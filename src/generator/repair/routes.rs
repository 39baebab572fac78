//! What is wrong with the order of routes, where every file is right by itself: one stands before another that it hides.
//!
//! A route that nothing can reach is never meant: what hides it is moved behind it, where all that either needs is declared.
//! Nothing is moved past what guards routes, nor what guards them itself, since a page that was kept from strangers
//! would be theirs to see.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
};

use super::{
    Answered, Diagnostic, Trouble,
    source::{Language, Sides, edit, edit_in, language, pattern},
    statements::{Statement, decorated, statements},
    symbols::scripts,
};
use crate::types::{AppFile, Artifact, Check};

/// Routes of a file that are compared with each other. A file with more is left alone.
const ROUTES_MAX: usize = 256;
/// Names of handlers that are looked up in the other scripts. An app with more of them is left alone.
const HANDLERS_MAX: usize = 64;

/// What the failed check asked for, without its query, the check, and what it got.
pub(super) fn asked<'a>(
    artifact: &'a Artifact,
    diagnostic: &'a Diagnostic,
) -> Option<(&'a str, &'a Check, &'a Answered)> {
    let answered = diagnostic.answered.as_ref().filter(|_| diagnostic.trouble == Trouble::Check)?;
    let check = artifact.checks.iter().find(|check| check.name == answered.check)?;
    Some((check.path.split('?').next()?, check, answered))
}

/// A route, and the lines that it is told in.
struct Route<'a> {
    /// Whom it is told, and for which method: `router.get`.
    call: &'a str,
    path: &'a str,
    lines: RangeInclusive<usize>,
    text: &'a str,
}

/// The routes that stand for themselves: of a function with several, each is one.
fn routes<'a>(file: &'a AppFile, told: &[Vec<Statement<'a>>]) -> Vec<Route<'a>> {
    let script = pattern!(r#"^(\w+\.(?:get|post|put|patch|delete))\(\s*["'`](/[^"'`]*)["'`]"#);
    let python = pattern!(r#"^@(\w+\.(?:get|post|put|patch|delete))\(\s*["'](/[^"']*)["']"#);
    let told_by = match language(&file.path) {
        Language::Script => script,
        Language::Python => python,
        Language::Shell | Language::Html | Language::Style | Language::Json | Language::Other => return Vec::new(),
    };
    let of = |group: &Vec<Statement<'a>>| -> Vec<Route<'a>> {
        let (Some(first), Some(last)) = (group.first(), group.last()) else { return Vec::new() };
        let lines = *first.lines.start()..=*last.lines.end();
        let route = |statement: &Statement<'a>| {
            let found = told_by.captures(statement.text)?;
            let (call, path) = (found.get(1)?.as_str(), found.get(2)?.as_str());
            Some(Route { call, path, lines: lines.clone(), text: statement.text })
        };
        group.iter().filter_map(route).collect()
    };
    let all: Vec<Route<'a>> = told.iter().flat_map(of).collect();
    if all.len() > ROUTES_MAX { Vec::new() } else { all }
}

pub(super) fn is_parameter(part: &str) -> bool {
    part.starts_with([':', '{', '<'])
}

/// Whether a part of a path is a parameter that takes any word: `:id(\\d+)` and `{id:int}` take numbers only.
fn takes_any(part: &str) -> bool {
    pattern!(r"^(?::\w+|\{\w+\})$").is_match(part)
}

fn same_parts(one: &str, other: &str, is_same: impl Fn(&str, &str) -> bool) -> bool {
    let (one, other): (Vec<&str>, Vec<&str>) = (one.split('/').collect(), other.split('/').collect());
    one.len() == other.len() && one.iter().zip(&other).all(|(one, other)| one == other || is_same(one, other))
}

/// Whether a path is one of those that a route takes.
pub(super) fn takes(route: &str, path: &str) -> bool {
    same_parts(route, path, |part, _| is_parameter(part))
}

/// Of the functions of a file with all that decorates them, the one that answers: with a route of that very path, or else the first
/// whose route takes it, or its end, where what comes before is told elsewhere.
pub(super) fn answering<'b, 'a>(
    groups: &'b [Vec<Statement<'a>>],
    asked: &str,
    method: &str,
) -> Option<&'b Vec<Statement<'a>>> {
    let told = pattern!(r#"^@\w+\.(route|get|post|put|patch|delete)\(\s*["'](/[^"']*|)["']"#);
    let named = pattern!(r#"\bmethods?\s*=\s*[\[(]?((?:\s*["']\w+["']\s*,?)+)"#);
    let takes_method = |one: &Statement<'_>, verb: &str| match (verb, named.captures(one.text)) {
        ("route", Some(found)) => found[1].to_ascii_uppercase().contains(method),
        ("route", None) => method == "GET",
        (verb, _) => verb.eq_ignore_ascii_case(method),
    };
    let fits = |path: &str| {
        let parts = path.matches('/').count();
        let end = parts.checked_sub(1).and_then(|before| asked.match_indices('/').rev().nth(before));
        match end {
            _ if path == asked => Some(0),
            _ if takes(path, asked) => Some(1),
            Some((at, _)) if takes(path, &asked[at..]) => Some(2),
            Some(_) | None => None,
        }
    };
    let fit = |group: &Vec<Statement<'_>>| {
        let routes = group.iter().filter_map(|one| Some((one, told.captures(one.text)?)));
        routes.filter(|(one, found)| takes_method(one, &found[1])).filter_map(|(_, found)| fits(&found[2])).min()
    };
    groups.iter().filter_map(|group| Some((fit(group)?, group))).min_by_key(|(fit, _)| *fit).map(|(_, group)| group)
}

/// `/orders/:id` before `/orders/stats`, which it takes.
pub(super) fn fixed_first(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let sides = Sides::of(artifact);
    let (asked, ..) = asked(artifact, diagnostic)?;
    edit(artifact, |file| {
        if !sides.is_servers(file) {
            return None;
        }
        let told = decorated(statements(file));
        let routes = routes(file, &told);
        let is_fixed = |route: &&Route<'_>| {
            route.path.len() > 1 && !route.path.split('/').any(is_parameter) && asked.ends_with(route.path)
        };
        let fixed = routes.iter().rfind(is_fixed)?;
        let earlier = || {
            let before = |route: &&Route<'_>| route.lines.end() < fixed.lines.start();
            routes.iter().filter(before).filter(|route| route.call == fixed.call)
        };
        let hides = |route: &Route<'_>| same_parts(route.path, fixed.path, |part, _| takes_any(part));
        let hiding: Vec<&Route<'_>> = earlier().filter(|route| hides(route)).collect();
        let first = *hiding.first()?.lines.start();
        // Another that takes some of the same paths would take them now.
        let is_rival = |route: &Route<'_>| {
            let is_either = |one: &str, other: &str| is_parameter(one) || is_parameter(other);
            !hides(route)
                && *route.lines.start() > first
                && hiding.iter().any(|hiding| same_parts(hiding.path, route.path, is_either))
        };
        let stays = |statement: &Statement<'_>| {
            let is_between = *statement.lines.start() > first && statement.lines.end() < fixed.lines.start();
            is_between
                && pattern!(r"^@?\w+\.(?:use|all|param|mount|middleware|include_router|add_api_route|add_middleware)\(")
                    .is_match(statement.text)
        };
        let is_kept = earlier().any(is_rival)
            || is_used_between(&told, &hiding, fixed)
            || told.iter().flatten().any(stays)
            || language(&file.path) == Language::Script && hiding.iter().any(|route| passes_on(artifact, route.text));
        if is_kept {
            return None;
        }
        let moved: Vec<_> = hiding.iter().map(|route| route.lines.clone()).collect();
        Some(behind(&file.content, &moved, *fixed.lines.end()))
    })
}

/// Whether the function of a route that is moved is used by its name before it would stand there.
fn is_used_between(told: &[Vec<Statement<'_>>], moved: &[&Route<'_>], fixed: &Route<'_>) -> bool {
    let (declares, word) = (pattern!(r"^(?:async )?def (\w+)"), pattern!(r"[A-Za-z_]\w*"));
    let is_moved = |one: &Statement<'_>| moved.iter().any(|route| route.lines.contains(one.lines.start()));
    let all = || told.iter().flatten();
    let name = |one: &Statement<'_>| declares.captures(one.text).map(|found| found[1].to_owned());
    let names: BTreeSet<String> = all().filter(|one| is_moved(one)).filter_map(name).collect();
    let first = moved.iter().map(|route| *route.lines.end()).min().unwrap_or_default();
    let between = all().filter(|one| !is_moved(one) && (first..*fixed.lines.end()).contains(one.lines.start()));
    // What a function says inside is read when it is called.
    let heads =
        between.map(|one| if declares.is_match(one.text) { one.code.lines().next().unwrap_or("") } else { &one.code });
    heads.flat_map(|code| word.find_iter(code)).any(|found| names.contains(found.as_str()))
}

/// A text with some of its lines moved behind another, with as many empty lines between as stood behind them.
fn behind(text: &str, moved: &[RangeInclusive<usize>], last: usize) -> String {
    let lines: Vec<&str> = text.split('\n').collect();
    let is_empty = |at: usize| lines.get(at).is_some_and(|line| line.trim().is_empty());
    let gap = |range: &RangeInclusive<usize>| (range.end() + 1..=last).take_while(|at| is_empty(*at)).count();
    let is_moved = |at: &usize| moved.iter().any(|range| (*range.start()..=range.end() + gap(range)).contains(at));
    let mut better: Vec<&str> = (0..=last).filter(|at| !is_moved(at)).map(|at| lines[at]).collect();
    for range in moved {
        better.extend(std::iter::repeat_n("", gap(range)));
        better.extend(&lines[range.clone()]);
    }
    better.extend(&lines[last + 1..]);
    better.join("\n")
}

/// Whether a route may leave the answer to another: it speaks of `next`, or its handler takes it, or nobody shows the handler.
fn passes_on(artifact: &Artifact, route: &str) -> bool {
    if pattern!(r"\bnext\b").is_match(route) {
        return true;
    }
    if route.contains("=>") || route.contains("function") {
        return false;
    }
    let Some(name) = pattern!(r"(\w+)(?:\.bind\([\w.]*\))?\s*\)\s*;?\s*$").captures(route) else { return true };
    let declared = regex::Regex::new(&format!(
        r"\b{}\s*(?:[=:]\s*)?(?:async\s*)?(?:function\s*\w*\s*)?\(([^()]*)\)\s*(?:=>|\{{)",
        &name[1]
    ));
    let Ok(declared) = declared else { return true };
    let mut seen = scripts(artifact)
        .flat_map(|file| declared.captures_iter(&file.content).map(|found| found[1].split(',').count() > 2))
        .peekable();
    seen.peek().is_none() || seen.any(|takes_next| takes_next)
}

/// What a statement of an Express app does.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Route(RouteOf),
    /// It takes all that is left: "not found", or a page for every path.
    Rest,
    /// It takes errors.
    Errors,
    /// It reads bodies, and answers nothing.
    Parser,
    Other,
}

/// A path, and whether all below it goes there, too.
#[derive(Clone, Debug, PartialEq, Eq)]
struct RouteOf {
    path: String,
    with_below: bool,
}

impl RouteOf {
    fn takes(&self, asked: &str) -> bool {
        let begins = || {
            let parts = self.path.trim_end_matches('/').split('/').count();
            let beginning: Vec<&str> = asked.split('/').take(parts).collect();
            takes(self.path.trim_end_matches('/'), &beginning.join("/"))
        };
        takes(&self.path, asked) || self.with_below && begins()
    }
}

type Steps = Vec<(Step, RangeInclusive<usize>)>;

/// The steps of the one app that a script makes, with their lines.
fn steps(artifact: &Artifact, file: &AppFile) -> Steps {
    let Some(app) = app_of(file) else { return Vec::new() };
    let all = statements(file);
    let calls: Vec<(&str, &Statement<'_>)> = all
        .iter()
        .filter_map(|one| Some((one.text.strip_prefix(&app).filter(|rest| rest.starts_with('.'))?, one)))
        .collect();
    // Each name is looked up once.
    let used = pattern!(r"^\.use\(\s*([\w$]+)\s*\)");
    let mut named: BTreeMap<&str, Step> = BTreeMap::new();
    let names = calls.iter().filter_map(|(call, _)| Some(used.captures(call)?.get(1)?.as_str()));
    named.extend(names.map(|name| (name, Step::Other)));
    if named.len() > HANDLERS_MAX {
        return Vec::new();
    }
    named.iter_mut().for_each(|(name, step)| *step = of_name(artifact, name));
    let told = |(call, statement): (&str, &Statement<'_>)| {
        let known = used.captures(call).and_then(|found| named.get(&found[1]).cloned());
        (known.unwrap_or_else(|| step(call)), statement.lines.clone())
    };
    calls.into_iter().map(told).collect()
}

/// The name of the app that a script makes.
pub(super) fn app_of(file: &AppFile) -> Option<String> {
    let made = pattern!(r"(?m)^(?:const|let|var)\s+(\w+)\s*=\s*express\(\)");
    made.captures(&file.content).map(|found| found[1].to_owned())
}

fn step(call: &str) -> Step {
    let all = pattern!(r#"^\.(?:get|all|use)\(\s*["'`](?:\*|/\*|/?\{\*\w+\}|/\*\w+)["'`]"#);
    let route = pattern!(r#"^\.(use|get|post|put|patch|delete|all)\(\s*["'`](/[^"'`]*)["'`]\s*,"#);
    let inline = pattern!(r"(?s)^\.use\(\s*(?:async\s+)?(?:function\s*\w*\s*)?\(([^()]*)\)\s*(?:=>)?\s*(.*)$");
    if all.is_match(call) {
        // One that may pass on is meant to come first.
        let answers = pattern!(r"\b(?:res|response)\.").is_match(call) && !pattern!(r"\bnext\b").is_match(call);
        return if answers { Step::Rest } else { Step::Other };
    }
    if let Some(found) = route.captures(call) {
        return Step::Route(RouteOf { path: found[2].to_owned(), with_below: &found[1] == "use" });
    }
    if pattern!(r"^\.use\(\s*express\.(?:json|urlencoded|text)\([^()]*\)\s*\)").is_match(call) {
        return Step::Parser;
    }
    inline.captures(call).map_or(Step::Other, |found| of_function(&found[1], &found[2]))
}

/// What a handler does that is declared somewhere by its name.
fn of_name(artifact: &Artifact, name: &str) -> Step {
    let name = regex::escape(name);
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

/// `app.use(notFound)` before the route that was asked for: it goes behind the routes, and what takes errors behind it.
pub(super) fn rest_last(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let sides = Sides::of(artifact);
    let (asked, ..) = asked(artifact, diagnostic)?;
    edit_in(artifact, Language::Script, |file| {
        if !sides.is_servers(file) {
            return None;
        }
        let steps = steps(artifact, file);
        let first = steps.iter().position(|(step, _)| *step == Step::Rest)?;
        let last = steps.iter().rposition(|(step, _)| matches!(step, Step::Route(_)))?;
        let between = steps.get(first..=last)?;
        let is_asked = |(step, _): &(Step, _)| matches!(step, Step::Route(route) if route.takes(asked));
        // What is no route may guard those behind it, and would guard what takes the rest, too.
        if !between.iter().any(is_asked) || between.iter().any(|(step, _)| *step == Step::Other) {
            return None;
        }
        let early =
            |wanted: Step| between.iter().filter(move |(step, _)| *step == wanted).map(|(_, lines)| lines.clone());
        let moved: Vec<_> = early(Step::Rest).chain(early(Step::Errors)).collect();
        let lines: Vec<&str> = file.content.split('\n').collect();
        let (is_moved, last) = (|at: &usize| moved.iter().any(|lines| lines.contains(at)), *steps[last].1.end());
        let mut better: Vec<&str> = (0..=last).filter(|at| !is_moved(at)).map(|at| lines[at]).collect();
        better.extend(moved.iter().flat_map(|moved| lines[moved.clone()].iter().copied()));
        better.extend(&lines[last + 1..]);
        Some(better.join("\n"))
    })
}

/// The line before which routes must be told to a script's app: where it takes the rest, or errors, or listens.
pub(super) fn routes_end(artifact: &Artifact, file: &AppFile) -> Option<usize> {
    let steps = steps(artifact, file);
    let ends = |statement: &&Statement<'_>| {
        let step = steps.iter().find(|(_, lines)| *lines == statement.lines);
        step.is_some_and(|(step, _)| matches!(step, Step::Rest | Step::Errors)) || statement.code.contains(".listen(")
    };
    let all = statements(file);
    let end = all.iter().find(ends)?;
    // What the app is given in there, its routes may need.
    (!end.code.contains(".use(") || steps.iter().any(|(_, lines)| *lines == end.lines)).then_some(*end.lines.start())
}
