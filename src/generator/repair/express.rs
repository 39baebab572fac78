//! What is wrong with how an Express app is put together: calls that are half of what was meant.

use super::{
    Diagnostic, Trouble,
    bindings::bindings,
    origins::Origins,
    routes::asked,
    scan::{indent, with_found},
    source::{Language, Sides, edit, edit_in, language, pattern},
    statements::{Statement, statements},
};
use crate::types::{AppFile, Artifact};

/// `const router = express.Router;`, which is told of routes further down, as only a router is.
pub(super) fn uncalled_router(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    let taken = pattern!(r"(?m)^((?:const|let|var)\s+(\w+)\s*=\s*((?:express\.)?Router))[ \t]*(;?)[ \t]*$");
    edit(artifact, |file| {
        let found = taken.captures(&file.content).filter(|_| language(&file.path) == Language::Script)?;
        let told = ["get", "post", "put", "patch", "delete", "use", "all"];
        let is_told = |line: &str| told.iter().any(|call| line.starts_with(&format!("{}.{call}(", &found[2])));
        let better = format!("{}(){}", &found[1], &found[4]);
        let is_expresss = Origins::of(file).path(&found[3]).is_some_and(|path| path == "express.Router");
        (is_expresss && file.content.lines().any(is_told)).then(|| file.content.replacen(&found[0], &better, 1))
    })
}

/// `app.use(express.json())` behind all routes of the app, where none of them has its body read, as the answer shows.
pub(super) fn parser_first(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let sides = Sides::of(artifact);
    let (_, check, answered) = asked(artifact, diagnostic)?;
    let is_unread = check.expect.status < 300 && matches!(answered.status, 400 | 415 | 422 | 500);
    check.body.as_ref().filter(|_| is_unread)?;
    // Whoever reads a body as it came wants it unread.
    let reads = pattern!(r#"\braw\(|\.on\(\s*["'](?:data|readable)["']|for await|getRawBody"#);
    edit_in(artifact, Language::Script, |file| {
        if !sides.is_servers(file) || reads.is_match(&file.content) {
            return None;
        }
        let (all, lines) = (statements(file), file.content.split('\n').collect::<Vec<_>>());
        let (at, late) = late_parsers(file, &all)?;
        let is_late = |line: usize| late.iter().any(|one| one.lines.contains(&line));
        let mut better = lines[..at].to_vec();
        better.extend(late.iter().map(|one| one.text));
        better.extend((at..lines.len()).filter(|line| !is_late(*line)).map(|line| lines[line]));
        Some(better.join("\n"))
    })
}

/// The line of the first route of an app, and the parsers that it is given behind that, where all that they name is known there.
fn late_parsers<'a, 'b>(file: &AppFile, all: &'b [Statement<'a>]) -> Option<(usize, Vec<&'b Statement<'a>>)> {
    let parser = pattern!(r"^(\w+)\.use\(\s*express\.(?:json|urlencoded)\([^()]*\)\s*\)\s*;?\s*$");
    let told = pattern!(r#"^(\w+)\.(?:use|get|post|put|patch|delete|all|route)\(\s*["'`]/"#);
    let word = pattern!(r"[A-Za-z_$][\w$]*");
    let owner =
        |pattern: &regex::Regex, one: &Statement<'_>| pattern.captures(one.text).map(|found| found[1].to_owned());
    let app = all.iter().find_map(|one| owner(parser, one))?;
    let is_of_app = |pattern: &regex::Regex, one: &Statement<'_>| owner(pattern, one).as_ref() == Some(&app);
    let first = all.iter().position(|one| is_of_app(told, one))?;
    let late: Vec<_> = all[first..].iter().filter(|one| is_of_app(parser, one)).collect();
    if late.is_empty() || all[..first].iter().any(|one| is_of_app(parser, one)) {
        return None;
    }
    let (at, places) = (*all[first].lines.start(), bindings(file));
    let is_known = |name: &str| {
        let place = places.get(name).and_then(|places| places.first());
        place.is_none_or(|place| file.content[..*place].matches('\n').count() < at)
    };
    late.iter().all(|one| word.find_iter(&one.code).all(|name| is_known(name.as_str()))).then_some((at, late))
}

/// `res.sendStatus(201).json(…)`: the first sends all that there is to send.
pub(super) fn send_status(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    let sent = pattern!(r"\b(res|response)\.sendStatus(\(\s*\w+\s*\)\s*\.(?:json|send|end|render|type|sendFile)\()");
    edit_in(artifact, Language::Script, |file| {
        Some(with_found(file, sent, |found| Some(format!("{}.status{}", &found[1], &found[2]))))
    })
}

/// `return res.status(404);` of a handler that does nothing else with it: nobody gets an answer.
pub(super) fn unsent_status(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let sides = Sides::of(artifact);
    if diagnostic.trouble != Trouble::Check || !diagnostic.says("got no answer") {
        return None;
    }
    let returned = pattern!(r"^(\s+(?:if \([^\n]*\) )?return (?:res|response)\.)status(\(\s*\d{3}\s*\)\s*;?\s*)$");
    let handler =
        pattern!(r"\.(?:get|post|put|patch|delete|all|use)\([^\n]*\(\s*\w+\s*,\s*(?:res|response)\b[^\n]*\{\s*$");
    let function = pattern!(r"(?:=>|\bfunction\b[^\n]*\))\s*\{\s*$|^\s*(?:async\s+)?\w+\([^\n]*\)\s*\{\s*$");
    let block = pattern!(r"^\s*(?:\}\s*)?(?:if|else|for|while|switch|try|catch|do)\b");
    edit_in(artifact, Language::Script, |file| {
        if !sides.is_servers(file) {
            return None;
        }
        let mut lines: Vec<String> = file.content.split('\n').map(str::to_owned).collect();
        for at in 0..lines.len() {
            if !returned.is_match(&lines[at]) {
                continue;
            }
            // The function that it returns from is a route's own.
            let mut depth = indent(&lines[at]).len();
            let around = (0..at).rev().find(|line| {
                let (own, text) = (indent(&lines[*line]).len(), &lines[*line]);
                let is_outer = !text.trim().is_empty() && own < depth;
                depth = if is_outer { own } else { depth };
                is_outer && !block.is_match(text) && function.is_match(text)
            });
            if around.is_some_and(|line| handler.is_match(&lines[line])) {
                lines[at] = returned.replace(&lines[at], "${1}sendStatus${2}").into_owned();
            }
        }
        Some(lines.join("\n"))
    })
}

/// `import { express } from "express"`, which is what the package is, and nothing in it.
pub(super) fn whole_package(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let said = pattern!(r"Named export '([\w$]+)' not found\. The requested module '([\w.-]+)' is a CommonJS module");
    let alone = pattern!(r"does not provide an export named '([\w$]+)'");
    let name = match said.captures(&diagnostic.output) {
        Some(found) => found[1].to_owned(),
        None => alone.captures(&diagnostic.output)?[1].to_owned(),
    };
    let import =
        regex::Regex::new(&format!(r#"(?m)^import\s*\{{\s*{0}\s*\}}\s*from\s*(["']{0}["'])"#, regex::escape(&name)));
    let import = import.ok()?;
    edit_in(artifact, Language::Script, |file| {
        Some(import.replace(&file.content, format!("import {name} from ${{1}}")).into_owned())
    })
}

#[cfg(test)]
mod tests {
    use crate::generator::repair::{
        Answered,
        rung_tests::{artifact, content, done, ended, node, text},
    };
    use crate::types::Check;

    use super::*;

    fn failed(status: u16, output: &str) -> Diagnostic {
        let answered = Some(Answered { check: "home".into(), status, shown: String::new() });
        Diagnostic { trouble: Trouble::Check, answered, output: output.into(), ..Diagnostic::UNTRIED }
    }

    #[test]
    fn what_is_half_a_call_is_made_whole() {
        let (taken, told) = ("const express = require(\"express\");\n", "router.get(\"/\", f);\n");
        text(
            "uncalled-router",
            "a.js",
            &format!("{taken}const router = express.Router;\n{told}"),
            "",
            &format!("{taken}const router = express.Router();\n{told}"),
        );
        let taken = artifact("node a.js", &[("a.js", "const Router = express.Router;\nconst router = Router();\n")]);
        assert_eq!(done("uncalled-router", &taken, &Diagnostic::UNTRIED), None);
        text(
            "send-status",
            "a.js",
            "res.sendStatus(201).json(a);\nres.sendStatus(204);\n",
            "",
            "res.status(201).json(a);\nres.sendStatus(204);\n",
        );
        text(
            "whole-package",
            "a.js",
            "import { express } from \"express\";\n",
            &node(
                1,
                "SyntaxError: Named export 'express' not found. The requested module 'express' is a CommonJS module",
            ),
            "import express from \"express\";\n",
        );
        let other = artifact("node a.js", &[("a.js", "import { Router } from \"express\";\n")]);
        let said = "SyntaxError: Named export 'Router' not found. The requested module 'express' is a CommonJS module";
        assert_eq!(done("whole-package", &other, &ended(1, said)), None);
    }

    #[test]
    fn a_status_is_sent_by_a_route_that_sends_nothing_else() {
        let route =
            "app.get(\"/a\", (req, res) => {\n  if (!a) {\n    return res.status(404);\n  }\n  res.end();\n});\n";
        let helper = "const fail = (res) => {\n  return res.status(500);\n};\nfail(res).json(1);\n";
        let app = artifact("node a.js", &[("a.js", &format!("{route}{helper}"))]);
        let better = done("unsent-status", &app, &failed(0, "got no answer within 10 s")).unwrap();
        assert_eq!(content(&better, "a.js"), format!("{}{helper}", route.replace("status(404)", "sendStatus(404)")));
        assert_eq!(done("unsent-status", &app, &failed(500, "")), None, "it answered");
    }

    #[test]
    fn bodies_are_parsed_before_they_are_read() {
        let wrong = "const app = express();\napp.post(\"/a\", (q, s) => {\n  s.json(q.body);\n});\napp.use(express.json());\napp.listen(1);\n";
        let right = "const app = express();\napp.use(express.json());\napp.post(\"/a\", (q, s) => {\n  s.json(q.body);\n});\napp.listen(1);\n";
        let mut check = Check::get("home", "/a", 201, None);
        (check.method, check.body) = ("POST".into(), Some("{}".into()));
        let app = |text: &str| Artifact { checks: vec![check.clone()], ..artifact("node a.js", &[("a.js", text)]) };
        let better = done("parser-first", &app(wrong), &failed(500, "")).unwrap();
        assert_eq!(content(&better, "a.js"), right);
        let raw = wrong.replace("app.post", "app.post(\"/hook\", express.raw(), f);\napp.post");
        assert_eq!(done("parser-first", &app(&raw), &failed(500, "")), None, "somebody wants it unread");
    }
}
