//! What is wrong with a call between files: a method that is handed over without its object, or called by another name.

use super::{
    Diagnostic,
    scan::{place, with_line},
    source::{Language, Sides, edit_in, edit_one, is_vendored, language, pattern},
    symbols::{Taken, declared, imports, offers, only, scripts, target},
    words,
};
use crate::types::{AppFile, Artifact};

/// `router.get("/tickets", controller.list)`, where `list` speaks of `this`: `Cannot read properties of undefined`, or
/// `this.send is not a function` where something else took the object's place.
pub(super) fn unbound(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let said = pattern!(
        r"Cannot read properties of undefined \(reading '([\w$]+)'\)|TypeError: this\.([\w$]+) is not a function"
    );
    let read = said.captures(&diagnostic.output)?;
    let read = read.get(1).or_else(|| read.get(2))?.as_str().to_owned();
    let place = place(artifact, diagnostic).filter(|place| language(&place.path) == Language::Script)?;
    let owner = artifact.files.iter().find(|file| file.path == place.path)?;
    let line = owner.content.lines().nth(place.line)?;
    let classes = pattern!(r"\bclass\s+([\w$]+)");
    let classes: Vec<&str> =
        classes.captures_iter(&owner.content).filter_map(|found| Some(found.get(1)?.as_str())).collect();
    let of_this = regex::Regex::new(&format!(r"\bthis\.(?:[\w$]+\.)?{}\b", regex::escape(&read))).ok()?;
    if !of_this.is_match(line) || classes.is_empty() {
        return None;
    }
    let method = pattern!(r"(?m)^\s+(?:async\s+)?\*?([\w$]+)\s*\([^()\n]*\)\s*\{");
    let methods: Vec<&str> =
        method.captures_iter(&owner.content).filter_map(|found| Some(found.get(1)?.as_str())).collect();
    let made = pattern!(r"\b([\w$]+)\s*=\s*new\s+([\w$]+)\(");
    let is_object = pattern!(r"(?m)^(?:module\.exports\s*=|export\s+default)\s*new\s").is_match(&owner.content);
    let handed = pattern!(r"([(,]\s*)((?:this\.)?[\w$]+)\.([\w$]+)");
    edit_in(artifact, Language::Script, |file| {
        let mut objects: Vec<String> = made
            .captures_iter(&file.content)
            .filter(|found| classes.contains(&&found[2]))
            .map(|found| found[1].to_owned())
            .collect();
        let taken = imports(&file.content).into_iter().filter(|import| {
            is_object && target(artifact, &file.path, &import.path).is_some_and(|other| other.path == owner.path)
        });
        objects.extend(taken.filter_map(|import| match import.taken {
            Taken::Whole(name) => Some(name),
            Taken::Names(_) => None,
        }));
        let bound = |found: &regex::Captures<'_>| {
            let object = found[2].trim_start_matches("this.");
            // What ends it begins the next.
            let rest = found.get(0).map_or("", |whole| &file.content[whole.end()..]);
            let is_handed = rest.trim_start().starts_with([',', ')']);
            match is_handed && objects.iter().any(|one| one == object) && methods.contains(&&found[3]) {
                true => format!("{}{}.{}.bind({})", &found[1], &found[2], &found[3], &found[2]),
                false => found[0].to_owned(),
            }
        };
        Some(handed.replace_all(&file.content, bound).into_owned())
    })
}

/// `store.list_all()` of a class or a module that calls it `all`.
pub(super) fn otherwise(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let place = place(artifact, diagnostic)?;
    let (name, known) = match language(&place.path) {
        Language::Python => of_python(artifact, diagnostic)?,
        Language::Script => of_script(artifact, diagnostic, &place.path)?,
        Language::Shell | Language::Html | Language::Style | Language::Json | Language::Other => return None,
    };
    if known.contains(&name) {
        return None;
    }
    let right = words::meant(&name, &known)?.to_owned();
    let file = artifact.files.iter().find(|file| file.path == place.path)?;
    // What is not called may be a field.
    let call = regex::Regex::new(&format!(r"([\w$.]+)\.{}\s*\(", regex::escape(&name))).ok()?;
    let object = call.captures(file.content.lines().nth(place.line)?)?[1].to_owned();
    let calls = regex::Regex::new(&format!(r"(^|[^\w$.]){}\.{}(\s*\()", regex::escape(&object), regex::escape(&name)));
    let calls = calls.ok()?;
    let better = format!("${{1}}{}.{right}${{2}}", object.replace('$', "$$"));
    // The same object's elsewhere in the file, too, unless another object's method is called so.
    let declares = regex::Regex::new(&format!(
        r"(?m)^\s*(?:(?:async\s+)?(?:def|function)\s+)?{}\s*\([^\n]*[:{{]\s*$",
        regex::escape(&name)
    ));
    let declares = declares.ok()?;
    if artifact.files.iter().any(|file| declares.is_match(&file.content)) {
        return with_line(artifact, &place, |line| Some(calls.replace_all(line, &*better).into_owned()));
    }
    edit_one(artifact, &place.path, |text| Some(calls.replace_all(text, &*better).into_owned()))
}

/// The name that an object or a module lacks, and those that it has.
fn of_python(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<(String, Vec<String>)> {
    let own =
        || artifact.files.iter().filter(|file| language(&file.path) == Language::Python && !is_vendored(&file.path));
    let object = pattern!(r"AttributeError: (?:'(\w+)' object|module '([\w.]+)') has no attribute '(\w+)'");
    let found = object.captures(&diagnostic.output)?;
    let name = found[3].to_owned();
    if let Some(module) = found.get(2) {
        let path = module.as_str().replace('.', "/") + ".py";
        let file = only(own().filter(|file| file.path == path || file.path.ends_with(&format!("/{path}"))))?;
        return Some((name, declared(file)));
    }
    let head = format!("class {}", &found[1]);
    let begins = |line: &str| line.strip_prefix(&head).is_some_and(|rest| rest.starts_with([':', '(']));
    let file = only(own().filter(|file| file.content.lines().any(begins)))?;
    let body = file.content.lines().skip_while(|line| !begins(line)).skip(1);
    let body = body.take_while(|line| line.is_empty() || line.starts_with([' ', '\t']));
    let method = pattern!(r"^(?:    |\t)(?:async )?def (\w+)");
    Some((name, body.filter_map(|line| Some(method.captures(line)?[1].to_owned())).collect()))
}

/// The same of a script: of what it imports as a whole, and of objects that it makes of a class.
fn of_script(artifact: &Artifact, diagnostic: &Diagnostic, path: &str) -> Option<(String, Vec<String>)> {
    let sides = Sides::of(artifact);
    let said = pattern!(r"TypeError: (?:[\w$]+\.)*([\w$]+)\.([\w$]+) is not a function");
    let found = said.captures(&diagnostic.output)?;
    let (object, name) = (&found[1], found[2].to_owned());
    let file = artifact.files.iter().find(|file| file.path == path && sides.is_servers(file))?;
    let whole = imports(&file.content).into_iter().find(|import| import.taken == Taken::Whole(object.to_owned()));
    if let Some(import) = whole {
        return Some((name, offers(&target(artifact, path, &import.path)?.content).names));
    }
    let made = regex::Regex::new(&format!(r"\b{}\s*=\s*new\s+([\w$]+)\(", regex::escape(object))).ok()?;
    let class = only(scripts(artifact).filter_map(|file| Some(made.captures(&file.content)?[1].to_owned())))?;
    let head = format!("class {class} ");
    let owner: &AppFile = only(scripts(artifact).filter(|file| file.content.contains(&head)))?;
    let body = owner.content.lines().skip_while(|line| !line.contains(&head)).skip(1);
    let body = body.take_while(|line| !line.starts_with('}'));
    let method = pattern!(r"^(?:  |    |\t)(?:async )?([\w$]+)\s*\([^()]*\)\s*\{");
    Some((name, body.filter_map(|line| Some(method.captures(line)?[1].to_owned())).collect()))
}

/// `const { renderTable } = require("./format")` of a module that calls it `formatTable`: `renderTable is not a function`.
pub(super) fn taken_otherwise(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let name = pattern!(r"TypeError: ([\w$]+) is not a function").captures(&diagnostic.output)?[1].to_owned();
    let place = place(artifact, diagnostic).filter(|place| language(&place.path) == Language::Script)?;
    edit_one(artifact, &place.path, |text| {
        let (import, taken) = imports(text).into_iter().find_map(|import| match import.taken.clone() {
            Taken::Names(names) if !import.modern && names.contains(&name) => Some((import, names)),
            Taken::Names(_) | Taken::Whole(_) => None,
        })?;
        let mut offered = offers(&target(artifact, &place.path, &import.path)?.content).names;
        if offered.contains(&name) {
            return None;
        }
        offered.retain(|one| !taken.contains(one));
        let right = words::meant(&name, &offered)?;
        let word = regex::Regex::new(&format!(r"\b{}\b", regex::escape(&name))).ok()?;
        let better = word.replacen(&import.statement, 1, format!("{right}: {name}"));
        Some(text.replacen(&import.statement, &better, 1))
    })
}
