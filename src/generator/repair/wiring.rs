//! What is wrong between the app's own scripts: a file that is named otherwise, a name that nobody offers, a whole that is
//! taken apart.
//!
//! All of it can be read off the files, since both ends are the model's own: where exactly one file, or one name, can have
//! been meant, that is the one.

use super::{
    Diagnostic,
    modules::{is_modern, prepended, relative},
    scan::place,
    source::{Language, Sides, edit, edit_in, edit_one, language, pattern},
    symbols::{Import, Taken, declared, imports, meant, offers, only, scripts, stem, target},
    words,
};
use crate::types::{AppFile, Artifact};

/// An import of a file that is not there, where another has what it takes.
pub(super) fn unfound(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    edit_in(artifact, Language::Script, |file| {
        let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let lost =
            imports(&file.content).into_iter().filter(|import| target(artifact, &file.path, &import.path).is_none());
        Some(lost.fold(file.content.clone(), |text, import| {
            let Some(other) = instead(artifact, file, &import) else { return text };
            text.replacen(&import.statement, &import.statement.replacen(&import.path, &relative(folder, other), 1), 1)
        }))
    })
}

/// The file that an import was meant to lead to.
fn instead<'a>(artifact: &'a Artifact, from: &AppFile, import: &Import) -> Option<&'a str> {
    let others = || scripts(artifact).filter(|file| file.path != from.path);
    let found = match &import.taken {
        Taken::Names(names) => {
            let has = |file: &&AppFile| {
                let offered = offers(&file.content);
                !names.is_empty() && names.iter().all(|name| offered.names.contains(name))
            };
            only(others().filter(has))
        }
        Taken::Whole(name) => {
            let is_whole = |file: &&AppFile| offers(&file.content).whole.as_ref() == Some(name);
            let is_alike = |file: &&AppFile| stem(&file.path) == stem(&import.path) || stem(&file.path) == stem(name);
            only(others().filter(is_whole)).or_else(|| only(others().filter(is_alike)))
        }
    };
    found.map(|file| file.path.as_str())
}

/// A name that is declared, imported by another file, and not offered.
pub(super) fn unexported(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    let wanted: Vec<(String, Import)> = scripts(artifact)
        .flat_map(|file| imports(&file.content).into_iter().map(move |import| (file, import)))
        .filter_map(|(file, import)| Some((target(artifact, &file.path, &import.path)?.path.clone(), import)))
        .collect();
    edit(artifact, |file| {
        let of_file = wanted.iter().filter(|(path, _)| *path == file.path && language(path) == Language::Script);
        Some(of_file.fold(file.content.clone(), |text, (path, import)| {
            let file = AppFile { path: path.clone(), content: text };
            offering(&file, import).unwrap_or(file.content)
        }))
    })
}

/// The file's text with what the import takes, where the file declares that.
fn offering(file: &AppFile, import: &Import) -> Option<String> {
    let (text, offered, declared) = (file.content.trim_end(), offers(&file.content), declared(file));
    let modern = is_modern(file) || import.modern && !offered.any;
    match &import.taken {
        Taken::Names(names) => {
            let lacks = |name: &&String| !offered.names.contains(name) && offered.whole.as_ref() != Some(*name);
            let missing: Vec<&str> = names.iter().filter(lacks).map(String::as_str).collect();
            if missing.is_empty() || !missing.iter().all(|name| declared.iter().any(|one| one == name)) {
                return None;
            }
            let list = missing.join(", ");
            match (modern, offered.any) {
                (true, _) => Some(format!("{text}\n\nexport {{ {list} }};\n")),
                (false, false) => Some(format!("{text}\n\nmodule.exports = {{ {list} }};\n")),
                (false, true) => {
                    let whole = pattern!(r"(?m)^module\.exports\s*=\s*\{");
                    whole
                        .is_match(text)
                        .then(|| whole.replace(text, format!("module.exports = {{ {list},")).into_owned() + "\n")
                }
            }
        }
        // Of a module that offers something else, nobody knows what it should be.
        Taken::Whole(_) if offered.any => None,
        Taken::Whole(name) => {
            let habits = [name.as_str(), "router", "app"];
            let one = habits.into_iter().find(|habit| declared.iter().any(|one| one == habit))?;
            Some(if modern {
                format!("{text}\n\nexport default {one};\n")
            } else {
                format!("{text}\n\nmodule.exports = {one};\n")
            })
        }
    }
}

/// `const { Entry } = require("./entry")` of a module that is `Entry`, and the other way round.
pub(super) fn taken_apart(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    edit_in(artifact, Language::Script, |file| {
        let common = imports(&file.content).into_iter().filter(|import| !import.modern);
        Some(common.fold(file.content.clone(), |text, import| {
            let Some(other) = target(artifact, &file.path, &import.path) else { return text };
            let offered = offers(&other.content);
            let clause = match &import.taken {
                Taken::Names(names)
                    if names.len() == 1 && offered.whole.as_ref() == names.first() && offered.names.is_empty() =>
                {
                    names[0].clone()
                }
                Taken::Whole(name)
                    if offered.whole.is_none() && offered.names.contains(name) && !has_members(&text, name) =>
                {
                    format!("{{ {name} }}")
                }
                Taken::Names(_) | Taken::Whole(_) => return text,
            };
            let better = pattern!(r"^(const|let|var)\s+(?:[\w$]+|\{[^{}]*\})")
                .replace(&import.statement, format!("${{1}} {clause}"));
            text.replacen(&import.statement, &better, 1)
        }))
    })
}

/// Whether something of `name` is used, as of a module.
fn has_members(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| text[at + name.len()..].starts_with('.'))
}

/// `formatAmount is not defined`, where another file of the app offers it.
pub(super) fn own_symbol(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let name = pattern!(r"ReferenceError: ([\w$]+) is not defined").captures(&diagnostic.output)?[1].to_owned();
    let place = place(artifact, diagnostic).filter(|place| language(&place.path) == Language::Script)?;
    let has = |file: &&AppFile| {
        let offered = offers(&file.content);
        file.path != place.path && (offered.names.contains(&name) || offered.whole.as_ref() == Some(&name))
    };
    let other = only(scripts(artifact).filter(has))?;
    let is_whole = offers(&other.content).whole.as_ref() == Some(&name);
    let folder = place.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let from = relative(folder, &other.path);
    let clause = if is_whole { name.clone() } else { format!("{{ {name} }}") };
    let path = place.path.clone();
    edit(artifact, |file| {
        let line = if is_modern(file) || is_modern(other) {
            format!("import {clause} from \"{from}\";\n")
        } else {
            format!("const {clause} = require(\"{from}\");\n")
        };
        (file.path == path && !file.content.contains(&line)).then(|| prepended(&file.content, &line))
    })
}

/// `import convert, { load } from "./rates.js"`, where `convert` is one of the names: `convert is not a function`.
pub(super) fn beside_default(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let name = pattern!(r"\b([\w$]+) is not a (?:function|constructor)").captures(&diagnostic.output)?[1].to_owned();
    let import = pattern!(r#"(?m)^import\s+([\w$]+)(?:\s*,\s*\{([^{}]*)\})?\s+from\s*["'](\.{1,2}/[^"'\n]+)["']"#);
    edit(artifact, |file| {
        let found = import.captures_iter(&file.content).find(|found| found[1] == *name)?;
        let other = target(artifact, &file.path, &found[3])?;
        if !offers(&other.content).names.contains(&name) || offers(&other.content).whole.as_ref() == Some(&name) {
            return None;
        }
        let more = found.get(2).map_or(String::new(), |more| format!(", {}", more.as_str().trim()));
        Some(file.content.replacen(&found[0], &format!("import {{ {name}{more} }} from \"{}\"", &found[3]), 1))
    })
}

/// A name that a module has under another one that is nearly the same.
pub(super) fn misnamed(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let script = pattern!(r"The requested module '([^'\n]+)' does not provide an export named '([\w$]+)'")
        .captures(&diagnostic.output);
    if let Some(found) = script {
        let (module, name) = (&found[1], &found[2]);
        let importer =
            scripts(artifact).find(|file| imports(&file.content).iter().any(|import| import.path == *module))?;
        let other = target(artifact, &importer.path, module)?;
        let names = offers(&other.content).names;
        let meant = meant(name, &names).or_else(|| words::meant(name, &names)).filter(|meant| *meant != name)?;
        return edit_one(artifact, &importer.path.clone(), |text| {
            let import = imports(text).into_iter().find(|import| import.path == *module)?;
            let better = import.statement.replacen(name, &format!("{meant} as {name}"), 1);
            (!import.statement.contains(" as ")).then(|| text.replacen(&import.statement, &better, 1))
        });
    }
    let found = pattern!(r"cannot import name '(\w+)' from '([\w.]+)' \(([^()\n]+)\)").captures(&diagnostic.output)?;
    let (name, module) = (&found[1], &found[2]);
    let other = artifact.files.iter().find(|file| found[3].ends_with(&format!("/{}", file.path)))?;
    let names = declared(other);
    let meant = meant(name, &names).or_else(|| words::meant(name, &names))?;
    let (right, wrong) = (format!("{meant} as {name}"), pattern!(r"(?m)^(\s*from\s+)(\.*[\w.]+)(\s+import\s+)(.+)$"));
    edit(artifact, |file| {
        let line = |line: &regex::Captures<'_>| {
            let has = line[4].split(',').any(|part| part.trim() == name);
            if !has || line[2].trim_start_matches('.') != module && !module.ends_with(line[2].trim_start_matches('.')) {
                return line[0].to_owned();
            }
            let list: Vec<_> =
                line[4].split(',').map(|part| if part.trim() == name { right.as_str() } else { part.trim() }).collect();
            [&line[1], &line[2], &line[3], &list.join(", ")].concat()
        };
        (language(&file.path) == Language::Python).then(|| wrong.replace_all(&file.content, line).into_owned())
    })
}

/// CommonJS among modules: what a file takes and offers, said as modules say it.
pub(super) fn mixture(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    let sides = Sides::of(artifact);
    let is_plain = |file: &AppFile| {
        !is_modern(file) && pattern!(r"(?m)^(?:module\.)?exports\b|\brequire\(").is_match(&file.content)
    };
    let own = || scripts(artifact).filter(|file| file.path.ends_with(".js") && sides.is_servers(file));
    // A folder with a package of its own may be of another kind.
    let packages = artifact
        .files
        .iter()
        .filter(|file| file.path.ends_with("package.json") && !super::source::is_vendored(&file.path));
    if !own().any(is_modern) || !own().any(is_plain) || packages.count() > 1 {
        return None;
    }
    let plain: Vec<String> = own().filter(|file| is_plain(file)).map(|file| file.path.clone()).collect();
    edit(artifact, |file| plain.contains(&file.path).then(|| modern(&file.content)))
}

fn modern(text: &str) -> String {
    let named = pattern!(r#"(?m)^(?:const|let|var)\s+\{([^{}]*)\}\s*=\s*require\(\s*(["'][^"'\n]+["'])\s*\)"#);
    let text = named.replace_all(text, |found: &regex::Captures<'_>| {
        format!("import {{{}}} from {}", found[1].replace(": ", " as "), &found[2])
    });
    let whole = pattern!(r#"(?m)^(?:const|let|var)\s+([\w$]+)\s*=\s*require\(\s*(["'][^"'\n]+["'])\s*\)(;?)[ \t]*$"#);
    let text = whole.replace_all(&text, "import ${1} from ${2}${3}");
    let list = pattern!(r"(?m)^module\.exports\s*=\s*\{((?:\s*[\w$]+\s*,?)*)\}");
    let text = list.replace_all(&text, "export {${1}}");
    let text = pattern!(r"(?m)^module\.exports\s*=\s*").replace_all(&text, "export default ");
    pattern!(r"(?m)^(?:module\.)?exports\.([\w$]+)\s*=\s*").replace_all(&text, "export const ${1} = ").into_owned()
}
