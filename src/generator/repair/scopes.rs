//! What is wrong with who knows a name: variables of a module that a function changes, methods without `self`, statements
//! that come before what they use.

use super::{
    Diagnostic,
    scan::{Kind, Place, closing, indent, kinds, place, with_line, with_words},
    source::{Language, edit_one, language, pattern},
};
use crate::types::{AppFile, Artifact};

fn at_place(artifact: &Artifact, diagnostic: &Diagnostic, wanted: Language) -> Option<Place> {
    place(artifact, diagnostic).filter(|place| language(&place.path) == wanted)
}

/// The line of the `def` that a line is in, the innermost.
fn definition(lines: &[&str], at: usize) -> Option<usize> {
    let mut depth = indent(lines.get(at)?).len();
    for line in (0..at).rev().filter(|line| !lines[*line].trim().is_empty()) {
        let own = indent(lines[line]).len();
        if own < depth {
            if pattern!(r"^\s*(?:async )?def ").is_match(lines[line]) {
                return Some(line);
            }
            depth = own;
        }
    }
    None
}

/// A function that changes what the module declares: `cannot access local variable 'count'`.
pub(super) fn global(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let said = pattern!(r"UnboundLocalError: (?:cannot access )?local variable '(\w+)'");
    let name = said.captures(&diagnostic.output)?[1].to_owned();
    let place = at_place(artifact, diagnostic, Language::Python)?;
    edit_one(artifact, &place.path, |text| {
        let mut lines: Vec<&str> = text.split('\n').collect();
        let is_modules = lines.iter().any(|line| {
            let rest = line.strip_prefix(name.as_str()).map(str::trim_start);
            rest.is_some_and(|rest| rest.starts_with([':', '=']) && !rest.starts_with("=="))
        });
        let head = definition(&lines, place.line)?;
        let head_end = (head..place.line).find(|line| lines[*line].trim_end().ends_with(':'))?;
        let told = format!("{}    global {name}", indent(lines[head]));
        if !is_modules || lines.get(head_end + 1) == Some(&told.as_str()) {
            return None;
        }
        lines.insert(head_end + 1, &told);
        Some(lines.join("\n"))
    })
}

/// `Handler.do_POST() takes 0 positional arguments but 1 was given`: the one is `self`.
pub(super) fn self_argument(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let said = pattern!(r"(\w+)\.(\w+)\(\) takes (\d+) positional arguments? but (\d+) (?:was|were) given");
    let found = said.captures(&diagnostic.output)?;
    let (class, method) = (&found[1], &found[2]);
    if found[3].parse::<usize>().ok()? + 1 != found[4].parse::<usize>().ok()? {
        return None;
    }
    let declares = format!("class {class}");
    let file = artifact.files.iter().find(|file| {
        language(&file.path) == Language::Python && file.content.lines().any(|line| line.starts_with(&declares))
    })?;
    edit_one(artifact, &file.path, |text| {
        let lines: Vec<&str> = text.split('\n').collect();
        let begin = lines.iter().position(|line| line.starts_with(&declares))?;
        let is_it = |line: &&str| {
            let head = line.trim_start().trim_start_matches("async ").strip_prefix("def ");
            head.and_then(|head| head.strip_prefix(method)).is_some_and(|rest| rest.starts_with('('))
        };
        let at = begin + lines[begin..].iter().position(is_it)?;
        let is_static = lines[at - 1].trim_start().starts_with("@staticmethod");
        let arguments = lines[at].split_once('(')?.1;
        if indent(lines[at]).is_empty() || is_static || arguments.starts_with("self") || arguments.starts_with("cls") {
            return None;
        }
        let with = if arguments.starts_with(')') { "(self" } else { "(self, " };
        let better = lines[at].replacen('(', with, 1);
        let mut lines = lines.clone();
        lines[at] = &better;
        Some(lines.join("\n"))
    })
}

/// A derived class that does not call what it is derived from.
pub(super) fn super_call(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    if !diagnostic.says("Must call super constructor in derived class") {
        return None;
    }
    let place = at_place(artifact, diagnostic, Language::Script)?;
    edit_one(artifact, &place.path, |text| {
        let lines: Vec<&str> = text.split('\n').collect();
        let is_head = |line: &usize| lines[*line].trim_start().starts_with("constructor(");
        let head = (0..=place.line.min(lines.len() - 1)).rev().find(is_head)?;
        let is_open = lines[head].trim_end().ends_with('{');
        let of_error = lines[..head].iter().rev().find(|line| line.contains("class "))?;
        let parameter = pattern!(r"constructor\(\s*([A-Za-z_$][\w$]*)").captures(lines[head]);
        let argument = parameter.filter(|_| pattern!(r"extends \w*Error\b").is_match(of_error));
        let argument = argument.map_or(String::new(), |found| found[1].to_owned());
        let call = format!("{}  super({argument});", indent(lines[head]));
        let has = lines[head + 1..].iter().take_while(|line| **line != format!("{}}}", indent(lines[head])));
        if !is_open || has.into_iter().any(|line| line.contains("super(")) {
            return None;
        }
        let mut lines = lines.clone();
        lines.insert(head + 1, &call);
        Some(lines.join("\n"))
    })
}

/// The line in which the statement ends that begins at `from`: its brackets are closed there.
pub(super) fn statement_end(file: &AppFile, from: usize) -> Option<usize> {
    let kinds = kinds(file);
    let (mut open, mut line) = (Vec::new(), 0);
    for (at, byte) in file.content.bytes().enumerate() {
        if line >= from && kinds[at] == Kind::Code {
            match byte {
                b'(' | b'[' | b'{' => open.push(closing(byte)),
                b')' | b']' | b'}' if open.pop() != Some(byte) => return None,
                _ => {}
            }
        }
        if byte == b'\n' {
            if line >= from && open.is_empty() && kinds[at] == Kind::Code && !continues(&file.content[at + 1..]) {
                return Some(line);
            }
            line += 1;
        }
    }
    (line >= from && open.is_empty()).then_some(line)
}

/// Whether the next line belongs to the statement before it.
fn continues(rest: &str) -> bool {
    rest.lines().next().is_some_and(|line| line.starts_with([' ', '\t']) || line.starts_with("."))
}

/// A statement of a module that uses what is declared further down: it is moved behind that.
pub(super) fn too_early(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let script = pattern!(r"ReferenceError: Cannot access '([\w$]+)' before initialization");
    let python = pattern!(r"NameError: name '(\w+)' is not defined");
    let (wanted, found) = match script.captures(&diagnostic.output) {
        Some(found) => (Language::Script, found),
        None => (Language::Python, python.captures(&diagnostic.output)?),
    };
    let name = &found[1];
    let place = at_place(artifact, diagnostic, wanted)?;
    let file = artifact.files.iter().find(|file| file.path == place.path)?;
    let lines: Vec<&str> = file.content.split('\n').collect();
    let declares = |line: &usize| {
        let mut words = lines[*line].split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$');
        let first = words.next().unwrap_or_default();
        let is_declared = match wanted {
            Language::Script => ["const", "let", "class"].contains(&first) && words.next() == Some(name),
            _ => {
                ["def", "class"].contains(&first) && words.next() == Some(name)
                    || first == name && lines[*line].contains(" = ")
            }
        };
        is_declared && *line > place.line
    };
    let declared = (0..lines.len()).find(declares)?;
    // What declares something itself may be used in between.
    let moved = lines.get(place.line)?;
    let is_call = pattern!(r"^[A-Za-z_$][\w$.]*\(").is_match(moved);
    if !is_call || !indent(moved).is_empty() {
        return None;
    }
    let (end, behind) = (statement_end(file, place.line)?, statement_end(file, declared)?);
    if end >= declared {
        return None;
    }
    let mut better: Vec<&str> = lines[..place.line].to_vec();
    better.extend(&lines[end + 1..=behind]);
    better.push("");
    better.extend(&lines[place.line..=end]);
    better.extend(&lines[behind + 1..]);
    edit_one(artifact, &place.path, |_| Some(better.join("\n")))
}

/// `Class constructor Store cannot be invoked without 'new'`.
pub(super) fn without_new(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let said = pattern!(r"Class constructor ([\w$]+) cannot be invoked without 'new'");
    let name = said.captures(&diagnostic.output)?[1].to_owned();
    let place = at_place(artifact, diagnostic, Language::Script)?;
    with_line(artifact, &place, |line| {
        let call = format!("{name}(");
        let at = line.match_indices(&call).map(|(at, _)| at).find(|at| {
            let before = line[..*at].trim_end();
            !before.ends_with("new") && !line[..*at].ends_with(|c: char| c.is_alphanumeric() || "._$".contains(c))
        })?;
        Some([&line[..at], "new ", &line[at..]].concat())
    })
}

/// A line that begins with a bracket, behind one that does not end: they are read as a call.
pub(super) fn semicolon(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    if !diagnostic.says(" is not a function") && !diagnostic.says("Cannot read properties of undefined") {
        return None;
    }
    let place = at_place(artifact, diagnostic, Language::Script)?;
    let text = &artifact.files.iter().find(|file| file.path == place.path)?.content;
    let before = text.lines().take(place.line).filter(|line| !line.trim().is_empty()).last()?.trim_end();
    let ends = before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, ')' | ']' | '}' | '"' | '\'' | '`' | '_'));
    with_line(artifact, &place, |line| {
        let rest = line.trim_start();
        let is_meant = ends && ["(async", "(function", "(()", "[\"", "['"].iter().any(|start| rest.starts_with(start));
        is_meant.then(|| format!("{};{rest}", indent(line)))
    })
}

/// Modules that import each other, where one of them does not need the other: `partially initialized module`.
pub(super) fn circle(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    if !diagnostic.says("partially initialized module") {
        return None;
    }
    let frame = pattern!(r#"File "[^"\n]*?/app/([\w./-]+\.py)", line (\d+)"#);
    frame.captures_iter(&diagnostic.output).find_map(|found| {
        let path = found[1].to_owned();
        let at = found[2].parse::<usize>().ok()?.checked_sub(1)?;
        edit_one(artifact, &path, |text| {
            let lines: Vec<&str> = text.split('\n').collect();
            let names = pattern!(r"^from [\w.]+ import ([\w, ]+)$|^import (\w+)$").captures(lines.get(at)?)?;
            let names = names.get(1).or_else(|| names.get(2))?.as_str();
            let rest = [&lines[..at], &lines[at + 1..]].concat().join("\n");
            let file = AppFile { path: path.clone(), content: rest.clone() };
            // Not a word of them in the rest of the file.
            let is_used = names.split(',').any(|name| with_words(&file, &[(name.trim(), "")]) != rest);
            (!is_used).then_some(rest)
        })
    })
}

/// Two constants of one name in one scope, each of its own value: the second was to take the place of the first, as it does with `var`.
pub(super) fn redeclared(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let name = pattern!(r"Identifier '([\w$]+)' has already been declared").captures(&diagnostic.output)?[1].to_owned();
    let place = at_place(artifact, diagnostic, Language::Script)?;
    let escaped = regex::escape(&name);
    let declares = format!(
        r"^(\s*)(?:const|let|var)(\s+(?:{escaped}\s*=|[{{\[](?:[^=]*[\s,{{\[:])?{escaped}(?:[\s,}}\]][^=]*)?[}}\]]?\s*=).*)$"
    );
    let declares = regex::Regex::new(&declares).ok()?;
    edit_one(artifact, &place.path, |text| {
        let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
        let depth = indent(lines.get(place.line)?).len();
        // Up to where the block begins that both are in.
        let is_outside = |line: &String| !line.trim().is_empty() && indent(line).len() < depth;
        let begin = (0..place.line).rev().find(|at| is_outside(&lines[*at])).map_or(0, |at| at + 1);
        let is_it = |at: &usize| indent(&lines[*at]).len() == depth && declares.is_match(&lines[*at]);
        let first = (begin..place.line).find(is_it)?;
        is_it(&place.line).then_some(())?;
        for at in [first, place.line] {
            lines[at] = declares.replace(&lines[at], "${1}var${2}").into_owned();
        }
        Some(lines.join("\n"))
    })
}
