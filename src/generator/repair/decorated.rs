//! What is wrong with routes of Flask and FastAPI: decorators, their arguments, and what a route gives back.

use std::collections::BTreeSet;

use super::{
    Diagnostic,
    modules::prepended,
    origins::Origins,
    routes::{answering, asked, takes},
    scan::{arguments, indent, kinds, spliced, with_found},
    source::{Language, edit, edit_in, edit_one, is_vendored, language, pattern},
    statements::{Statement, decorated, statements},
    symbols::only,
};
use crate::types::{AppFile, Artifact};

fn own(artifact: &Artifact) -> impl Iterator<Item = &AppFile> {
    artifact.files.iter().filter(|file| language(&file.path) == Language::Python && !is_vendored(&file.path))
}

/// `overwriting an existing endpoint function: wrapper`: a decorator's own function takes the name of what it decorates.
pub(super) fn keeps_name(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let said = pattern!(r"View function mapping is overwriting an existing endpoint function: (\w+)");
    let name = said.captures(&diagnostic.output)?[1].to_owned();
    let outer = pattern!(r"^(\s*)def \w+\(\s*(\w+)\s*(?::[^,)]*)?\)(?:\s*->[^:]*)?:\s*$");
    edit_in(artifact, Language::Python, |file| {
        let lines: Vec<&str> = file.content.split('\n').collect();
        let (head, returned) = (format!("def {name}("), format!("return {name}"));
        let at = only((1..lines.len()).filter(|at| lines[*at].trim_start().starts_with(&head)))?;
        let margin = indent(lines[at]);
        let around =
            (0..at).rev().find(|line| !lines[*line].trim().is_empty() && indent(lines[*line]).len() < margin.len())?;
        let decorates = outer.captures(lines[around])?;
        let gives = lines[at..].iter().any(|line| line.strip_prefix(margin) == Some(&*returned));
        if !gives || lines[at - 1].trim_start().starts_with('@') {
            return None;
        }
        let told = format!("{margin}@wraps({})", &decorates[2]);
        let text = [&lines[..at], &[told.as_str()], &lines[at..]].concat().join("\n");
        let has = pattern!(r"(?m)^from functools import [^\n]*\bwraps\b").is_match(&text);
        Some(if has { text } else { prepended(&text, "from functools import wraps\n") })
    })
}

/// A guard above `@app.route`: the app knows the function without it, and lets everybody in.
pub(super) fn guard_below(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let (asked, check, answered) = asked(artifact, diagnostic)?;
    if !matches!(check.expect.status, 401 | 403) || answered.status >= 300 {
        return None;
    }
    let told = pattern!(r#"^@\w+\.(?:route|get|post|put|patch|delete)\(\s*["'](/[^"']*)["']"#);
    let guard = pattern!(r"^@(\w+)(?:\(.*\))?$");
    // Those that give a function of their own, which keeps the name.
    let declares = pattern!(r"^def (\w+)\(");
    let of_file = |file: &AppFile| -> Vec<String> {
        let all = statements(file);
        let guards = all.iter().filter(|one| one.code.contains("@wraps("));
        guards.filter_map(|one| Some(declares.captures(one.text)?[1].to_owned())).collect()
    };
    let guards: BTreeSet<String> = own(artifact).flat_map(of_file).collect();
    edit_in(artifact, Language::Python, |file| {
        let mut lines: Vec<&str> = file.content.split('\n').collect();
        for group in decorated(statements(file)) {
            let route =
                group.iter().position(|one| told.captures(one.text).is_some_and(|found| takes(&found[1], asked)));
            let Some(route) = route.filter(|route| *route > 0) else { continue };
            let is_single = |one: &Statement<'_>| one.lines.start() == one.lines.end();
            let above = &group[..route];
            let named = |one: &Statement<'_>| guard.captures(one.text).is_some_and(|found| guards.contains(&found[1]));
            if group[..=route].iter().all(is_single) && above.iter().all(named) {
                let from = *above.first()?.lines.start();
                lines[from..=*group[route].lines.start()].rotate_right(1);
            }
        }
        Some(lines.join("\n"))
    })
}

/// `@app.route("/x", method=["POST"])`, where the word is `methods`.
pub(super) fn methods_word(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    // Of Bottle, that is the word.
    let is_flasks = |file: &AppFile| language(&file.path) == Language::Python && Origins::of(file).has("flask");
    let list = pattern!(r"(\.route\([^()\n]*,\s*)method(\s*=\s*[\[(])");
    let one = pattern!(r#"(\.route\([^()\n]*,\s*)method(\s*=\s*)(["']\w+["'])"#);
    edit(artifact, |file| {
        if !(list.is_match(&file.content) || one.is_match(&file.content)) || !is_flasks(file) {
            return None;
        }
        let text = list.replace_all(&file.content, "${1}methods${2}");
        Some(one.replace_all(&text, "${1}methods${2}[${3}]").into_owned())
    })
}

/// `from flask import Markup`, which is markupsafe's since Flask 2.3.
pub(super) fn markup(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    const MOVED: [&str; 2] = ["Markup", "escape"];
    let said = pattern!(r"cannot import name '(Markup|escape)' from 'flask'");
    if !said.is_match(&diagnostic.output) {
        return None;
    }
    let import = pattern!(r"(?m)^from flask import ([\w, ]+)$");
    edit_in(artifact, Language::Python, |file| {
        let found = import.captures(&file.content)?;
        let (moved, kept): (Vec<&str>, Vec<&str>) =
            found[1].split(',').map(str::trim).partition(|name| MOVED.contains(name));
        let kept = if kept.is_empty() { String::new() } else { format!("from flask import {}\n", kept.join(", ")) };
        let better = format!("{kept}from markupsafe import {}", moved.join(", "));
        (!moved.is_empty()).then(|| file.content.replacen(&found[0], &better, 1))
    })
}

/// `request.form["name"]` of a route that the check sends JSON, as the page does: nothing in the app sends a form.
pub(super) fn sent_as_json(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let (asked, check, answered) = asked(artifact, diagnostic)?;
    let is_refused = check.body.is_some() && check.expect.status < 300 && matches!(answered.status, 400 | 500);
    let sends = pattern!(
        r#"(?i)<form\b[^>]*\bmethod\s*=\s*["']?post|\bformmethod\b|\bFormData\b|\bURLSearchParams\b|x-www-form-urlencoded|multipart"#
    );
    let forms = artifact.files.iter().any(|file| !is_vendored(&file.path) && sends.is_match(&file.content));
    if !is_refused || forms {
        return None;
    }
    let form = pattern!(r"\brequest\.form\b(\[|\.get\()");
    edit_in(artifact, Language::Python, |file| {
        if file.content.contains("fastapi") {
            return None;
        }
        let groups = decorated(statements(file));
        let function = answering(&groups, asked, &check.method)?.last()?;
        // One that asks which of both was sent, means both.
        let asks = ["is_json", "mimetype", "content_type"].iter().any(|word| function.code.contains(word));
        let whole = AppFile { path: file.path.clone(), content: function.text.to_owned() };
        if asks || form.find_iter(function.text).any(|found| is_converted(&whole, found.end())) {
            return None;
        }
        let better = with_found(&whole, form, |found| Some(format!("request.get_json(){}", &found[1])));
        Some(spliced(&file.content, vec![(function.at..function.at + function.text.len(), better)]))
    })
}

/// Whether a call is told how to convert what it gets, as a form is and a dict is not.
fn is_converted(file: &AppFile, open: usize) -> bool {
    let told = arguments(&file.content, &kinds(file), open).unwrap_or_default();
    told.into_iter().any(|range| pattern!(r"^\w+\s*=[^=]").is_match(&file.content[range]))
}

/// A page that FastAPI sent as a text of JSON.
pub(super) fn page_as_json(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let (asked, _, answered) = asked(artifact, diagnostic)?;
    if answered.status != 200 || !pattern!(r#"(?i)^"\s*(?:\\n)?\s*<(?:!doctype html|html)"#).is_match(&answered.shown) {
        return None;
    }
    let told = pattern!(r#"^@\w+\.get\(\s*["'](/[^"']*)["']\s*(\)|,)"#);
    edit_in(artifact, Language::Python, |file| {
        if !file.content.contains("fastapi") {
            return None;
        }
        let all = statements(file);
        let route = all.iter().find(|one| told.captures(one.text).is_some_and(|found| found[1] == *asked))?;
        if route.text.contains("response_class") {
            return None;
        }
        // Behind the path, which is all that is told without a name.
        let at = route.at + told.captures(route.text)?.get(1)?.end() + 1;
        let text = spliced(&file.content, vec![(at..at, ", response_class=HTMLResponse".to_owned())]);
        let has = pattern!(r"(?m)^from (?:fastapi|starlette)\.responses import [^\n]*\bHTMLResponse\b").is_match(&text);
        Some(if has { text } else { prepended(&text, "from fastapi.responses import HTMLResponse\n") })
    })
}

/// `return HTTPException(…)` in a route, which sends the error as if it were data.
pub(super) fn returned_error(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    let returned = pattern!(r"^(\s+)return (HTTPException\()");
    edit_in(artifact, Language::Python, |file| {
        if !file.content.contains("fastapi") {
            return None;
        }
        let returns = super::answering::returns_of_routes(file);
        let line = |(at, line): (usize, &str)| match returns.contains(&at) {
            true => returned.replace(line, "${1}raise ${2}").into_owned(),
            false => line.to_owned(),
        };
        Some(file.content.split('\n').enumerate().map(line).collect::<Vec<_>>().join("\n"))
    })
}

/// `@app.get("/courses/{course_code}")` above `def one(code: str)`: the one name of the path is the one argument that has no value.
pub(super) fn path_parameter(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let (asked, _, answered) = asked(artifact, diagnostic)?;
    if answered.status != 422 {
        return None;
    }
    let told = pattern!(r#"^@\w+\.(?:get|post|put|patch|delete)\(\s*["'](/[^"']*)["']"#);
    let head = pattern!(r"^(?:async )?def \w+\(([^()]*)\)");
    let plain = pattern!(r"^(\w+)\s*(?::\s*(?:str|int|float|UUID))?$");
    let of_path = pattern!(r"\{(\w+)(?::\w+)?\}");
    edit_in(artifact, Language::Python, |file| {
        if !file.content.contains("fastapi") {
            return None;
        }
        decorated(statements(file)).iter().find_map(|group| {
            let route = only(group.iter().filter(|one| one.text.starts_with('@')))?;
            let path = told.captures(route.text)?[1].to_owned();
            let arguments = head.captures(group.last()?.text)?[1].to_owned();
            let arguments: Vec<&str> = arguments.split(',').map(str::trim).collect();
            let names = |argument: &str| argument.split([':', '=', ' ']).next().unwrap_or_default().to_owned();
            let known: Vec<String> = arguments.iter().map(|argument| names(argument)).collect();
            let in_path: Vec<String> = of_path.captures_iter(&path).map(|found| found[1].to_owned()).collect();
            let wrong = only(in_path.iter().filter(|name| !known.contains(name)))?;
            let free = |found: &regex::Captures<'_>| !in_path.contains(&found[1].to_owned());
            let right = only(arguments.iter().filter_map(|one| plain.captures(one)).filter(free))?[1].to_owned();
            let is_missed = answered.shown.contains(&format!("\"{right}\"")) && takes(&path, asked);
            let word = regex::Regex::new(&format!(r"\{{{wrong}(:\w+)?\}}")).ok()?;
            let better = word.replace(route.text, format!("{{{right}${{1}}}}")).into_owned();
            is_missed.then(|| file.content.replacen(route.text, &better, 1))
        })
    })
}

/// `app.mount("/", StaticFiles(…))` before the routes, which it takes.
pub(super) fn mounted_last(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let (asked, _, answered) = asked(artifact, diagnostic)?;
    let mounts = pattern!(r#"^(\w+)\.mount\(\s*["']/?["']"#);
    let told = pattern!(r#"^@(\w+)\.(?:get|post|put|patch|delete)\(\s*["'](/[^"']*)["']"#);
    if !matches!(answered.status, 404 | 405) {
        return None;
    }
    let file = own(artifact).find(|file| statements(file).iter().any(|one| mounts.is_match(one.text)))?;
    let groups = decorated(statements(file));
    let at = groups.iter().position(|group| group.iter().any(|one| mounts.is_match(one.text)))?;
    let mount = groups[at].first()?;
    let is_route = |group: &Vec<Statement<'_>>| group.iter().any(|one| told.is_match(one.text));
    let takes_it = |group: &Vec<Statement<'_>>| {
        group.iter().any(|one| told.captures(one.text).is_some_and(|found| takes(&found[2], asked)))
    };
    let later = &groups[at + 1..];
    later.iter().any(takes_it).then_some(())?;
    let last = *later.iter().rfind(|group| is_route(group))?.last()?.lines.end();
    edit_one(artifact, &file.path, |text| {
        let lines: Vec<&str> = text.split('\n').collect();
        let (from, to) = (*mount.lines.start(), *mount.lines.end());
        let parts = [&lines[..from], &lines[to + 1..=last], &["", ""], &lines[from..=to], &lines[last + 1..]];
        Some(parts.concat().join("\n"))
    })
}
