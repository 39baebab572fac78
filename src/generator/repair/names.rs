//! What is wrong with the names of modules and of what they export.

use super::{
    Diagnostic,
    source::{Language, Sides, edit, edit_in, entry, language, pattern},
};
use crate::types::Artifact;

/// A name that is imported as what it is not: the one thing of a module, or one of several.
pub(super) fn exports(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let lacking = pattern!(r"The requested module '([^'\n]+)' does not provide an export named '([\w$]+)'");
    let found = lacking.captures(&diagnostic.output)?;
    let (module, name) = (&found[1], &found[2]);
    let file_name = module.rsplit('/').next().unwrap_or(module);
    let target = artifact.files.iter().find(|file| file.path.rsplit('/').next() == Some(file_name))?;
    let offered = super::symbols::offers(&target.content).names;
    let has_default = pattern!(r"(?m)^\s*export default\b").is_match(&target.content);
    edit_in(artifact, Language::Script, |file| {
        let line = |line: &str| {
            let is_it = line.trim_start().starts_with("import ") && line.contains(module);
            let local = pattern!(r"^(\s*import\s+)([\w$]+)(\s+from\b)").captures(line);
            if let Some(local) =
                local.filter(|local| is_it && name == "default" && offered.contains(&local[2].to_owned()))
            {
                return format!("{}{{ {} }}{}{}", &local[1], &local[2], &local[3], &line[local[0].len()..]);
            }
            if is_it && name == "default" {
                return pattern!(r"^(\s*import\s+)([\w$]+)(\s+from\b)").replace(line, "${1}* as ${2}${3}").into_owned();
            }
            if is_it && has_default {
                let only = pattern!(r"^(\s*import\s+)\{\s*([\w$]+)\s*\}(\s+from\b)").captures(line);
                if let Some(only) = only.filter(|only| &only[2] == name) {
                    return [&only[1], &only[2], &only[3], &line[only[0].len()..]].concat();
                }
            }
            line.to_owned()
        };
        Some(file.content.split('\n').map(line).collect::<Vec<_>>().join("\n"))
    })
}

/// `from .store import x` in the program that is started, which is part of no package.
pub(super) fn relative_import(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    if !diagnostic.says("attempted relative import with no known parent package") {
        return None;
    }
    let entry = entry(artifact)?.to_owned();
    edit(artifact, |file| {
        let relative = pattern!(r"(?m)^(\s*)from \.+(\w[\w.]*) import ");
        let here = pattern!(r"(?m)^(\s*)from \. import ");
        (file.path == entry).then(|| {
            let text = relative.replace_all(&file.content, "${1}from ${2} import ");
            here.replace_all(&text, "${1}import ").into_owned()
        })
    })
}

/// A Python module that lies in another folder than the import says, or is written in another case.
pub(super) fn module_elsewhere(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let sides = Sides::of(artifact);
    let missing = pattern!(r"No module named '?([A-Za-z_][\w.]*)").captures(&diagnostic.output)?[1].to_owned();
    let entry = entry(artifact).filter(|path| language(path) == Language::Python)?;
    let root = entry.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    let first = missing.split('.').next().unwrap_or(&missing);
    let name_of = |path: &str| path.strip_suffix(".py").map(|path| path.trim_end_matches("/__init__").to_owned());
    // As an import names it, from the folder of the program that is started.
    let modules: Vec<String> = artifact
        .files
        .iter()
        .filter_map(|file| Some(name_of(file.path.strip_prefix(&root)?)?.replace('/', ".")))
        .collect();
    let last = |module: &str| module.rsplit('.').next().unwrap_or(module).to_owned();
    let only = |is: &dyn Fn(&str) -> bool| {
        let mut found = modules.iter().filter(|module| is(module));
        found.next().filter(|_| found.next().is_none()).cloned()
    };
    edit(artifact, |file| {
        if !sides.is_servers(file) || !file.content.contains(first) {
            return None;
        }
        let line = |line: &str| -> String {
            let from = pattern!(r"^(\s*)from ([\w.]+) import (\w+)(.*)$").captures(line);
            if let Some(from) = from.filter(|from| from[2].split('.').next() == Some(first)) {
                // The module itself, or one in a folder that is none here.
                if let Some(module) = only(&|module| last(module).eq_ignore_ascii_case(&last(&from[2]))) {
                    return format!("{}from {module} import {}{}", &from[1], &from[3], &from[4]);
                }
                if from[4].trim().is_empty()
                    && let Some(module) = only(&|module| last(module) == from[3])
                {
                    return match module.rsplit_once('.') {
                        Some((package, module)) => format!("{}from {package} import {module}", &from[1]),
                        None => format!("{}import {module}", &from[1]),
                    };
                }
            }
            let import = pattern!(r"^(\s*)import (\w+)[ \t]*$").captures(line);
            if let Some(import) = import.filter(|import| &import[2] == first)
                && let Some(module) = only(&|module| last(module).eq_ignore_ascii_case(first))
            {
                let as_name = if last(&module) == first { String::new() } else { format!(" as {first}") };
                return match module.rsplit_once('.') {
                    Some((package, module)) => format!("{}from {package} import {module}{as_name}", &import[1]),
                    None => format!("{}import {module}{as_name}", &import[1]),
                };
            }
            line.to_owned()
        };
        Some(file.content.split('\n').map(line).collect::<Vec<_>>().join("\n"))
    })
}
