//! What an app needs to have before it starts, and nobody gave it: files that it reads, variables, tables.

use std::collections::BTreeSet;

use super::{
    Diagnostic, Trouble,
    places::{APP, missing},
    source::{Language, Sides, edit_one, is_vendored, language, pattern, started},
    symbols::only,
};
use crate::types::{AppFile, Artifact};

/// Names of one file that are looked at for what they are used as.
const VALUES_MAX: usize = 32;

/// The path of the app that is not there, where no file of that name is anywhere.
fn never_written(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<String> {
    let missing = missing(diagnostic)?;
    let path = missing.strip_prefix(APP).unwrap_or(&missing).trim_start_matches("./");
    let name = path.rsplit('/').next()?;
    let is_inside = !path.starts_with('/') && !path.split('/').any(|part| part == "..");
    let is_there = artifact.files.iter().any(|file| file.path.rsplit('/').next() == Some(name));
    (is_inside && !is_there).then(|| path.to_owned())
}

/// A page that is looked for by another name than the only one has.
pub(super) fn only_page(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let template = pattern!(r"TemplateNotFound: ([\w-]+\.html)").captures(&diagnostic.output);
    let wanted = match template.map(|found| format!("templates/{}", &found[1])) {
        Some(template) if artifact.files.iter().any(|file| file.path == template) => return None,
        Some(template) => template,
        None => never_written(artifact, diagnostic)?,
    };
    let extension = [".html", ".css", ".csv", ".svg", ".txt"].into_iter().find(|end| wanted.ends_with(end))?;
    let is_own = |file: &&AppFile| file.path.ends_with(extension) && !is_vendored(&file.path);
    let is_papers = |file: &&AppFile| file.path.ends_with("requirements.txt") || file.path.ends_with("robots.txt");
    let page = only(artifact.files.iter().filter(is_own).filter(|file| !is_papers(file)))?;
    let mut better = artifact.clone();
    better.files.push(AppFile { path: wanted, content: page.content.clone() });
    Some(better)
}

/// A file of data that the app would keep itself, and reads before it has written it: an empty one.
pub(super) fn empty_data(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let sides = Sides::of(artifact);
    let wanted = never_written(artifact, diagnostic).filter(|path| path.ends_with(".json"))?;
    let name = wanted.rsplit('/').next()?;
    let names_it = |file: &&AppFile| sides.is_servers(file) && !is_vendored(&file.path) && file.content.contains(name);
    let reader = only(artifact.files.iter().filter(names_it))?;
    let writes = ["writeFile", "json.dump(", "write_text(", ".write("];
    if !writes.iter().any(|call| reader.content.contains(call)) {
        return None;
    }
    let read = pattern!(r"(\w+)\s*=\s*(?:await\s+)?(?:JSON\.parse\(|json\.loads?\()");
    let list = pattern!(r"^\.(?:push|filter|map|find|findIndex|forEach|unshift|some|reduce|append|length)\b");
    let any_list = pattern!(r"\.(?:push|filter|find|findIndex|unshift|append)\(");
    let table = pattern!(r"Object\.(?:keys|values|entries)\(|\.items\(\)|\.setdefault\(");
    let of_name = |text: &str| {
        read.captures_iter(text).any(|found| {
            let name = &found[1];
            text.match_indices(name).any(|(at, _)| list.is_match(&text[at + name.len()..]))
        })
    };
    let (is_list, is_table) = match kept_by(artifact, reader) {
        Some(both) => both,
        None => (any_list.is_match(&reader.content), table.is_match(&reader.content)),
    };
    let content = match (of_name(&reader.content), is_list, is_table) {
        (true, _, _) | (false, true, false) => "[]\n",
        (false, false, true) => "{}\n",
        (false, _, _) => return None,
    };
    let mut better = artifact.clone();
    better.files.push(AppFile { path: wanted, content: content.to_owned() });
    Some(better)
}

/// Whether those that call the function which reads the data take it for a list, and for a table. `None` when there is no such
/// function, or nobody shows it.
fn kept_by(artifact: &Artifact, reader: &AppFile) -> Option<(bool, bool)> {
    let sides = Sides::of(artifact);
    let head = pattern!(r"(?m)^(?:export\s+)?(?:async\s+)?(?:function|def)\s+(\w+)\s*\(");
    let gives = pattern!(
        r"return\s+(?:await\s+)?(?:JSON\.parse\(|json\.loads?\(|\(?await\s+\w+\.readJson\()|=\s*(?:JSON\.parse\(|json\.loads?\()"
    );
    let gives = gives.find(&reader.content)?.start();
    let name = head.captures_iter(&reader.content[..gives]).last()?[1].to_owned();
    let taken = regex::Regex::new(&format!(r"\b(\w+)\s*=\s*(?:await\s+)?(?:\w+\.)?{name}\(")).ok()?;
    let (mut is_list, mut is_table) = (false, false);
    for file in artifact.files.iter().filter(|file| sides.is_servers(file) && !is_vendored(&file.path)) {
        let values: BTreeSet<&str> =
            taken.captures_iter(&file.content).filter_map(|found| Some(found.get(1)?.as_str())).collect();
        for value in values.into_iter().take(VALUES_MAX) {
            let uses = |how: &str| regex::Regex::new(how).is_ok_and(|how| how.is_match(&file.content));
            is_list |= uses(&format!(
                r"\b{value}\.(?:push|filter|map|find|findIndex|forEach|unshift|some|every|reduce|append|length|slice|sort)\b|\[\.\.\.{value}\b|\bof {value}\b|\bfor \w+ in {value}:|\blen\({value}\)"
            ));
            is_table |= uses(&format!(
                r#"Object\.(?:keys|values|entries)\({value}\)|\b{value}\.(?:items|setdefault|keys|values)\(|\b{value}\[["'a-z]|\{{\s*\.\.\.{value}\b"#
            ));
        }
    }
    (is_list != is_table).then_some((is_list, is_table))
}

/// A variable that must be set before the start, and that no one sets: a secret of the app's own may be anything, and a key
/// for somebody else's service is missed when that is asked.
pub(super) fn required_variable(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let sides = Sides::of(artifact);
    if !matches!(diagnostic.trouble, Trouble::Ended(_)) {
        return None;
    }
    let own = artifact.files.iter().filter(|file| sides.is_servers(file) && !is_vendored(&file.path));
    let text: String = own.map(|file| file.content.as_str()).collect::<Vec<_>>().join("\n");
    let asks = |name: &str| {
        ["process.env.", "env.", "environ.get(\"", "environ.get('", "getenv(\"", "getenv('", "environ[\"", "environ['"]
            .iter()
            .any(|before| text.contains(&format!("{before}{name}")))
            || text.contains(&format!("\"{name}\"")) && text.contains("process.env[")
            || text.contains(&format!("'{name}'")) && text.contains("process.env[")
    };
    let is_anything = pattern!(r"SECRET|SALT|TOKEN|_KEY|PASSWORD|PASSPHRASE");
    let word = pattern!(r"\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b");
    let mut names: Vec<&str> = word.find_iter(&diagnostic.output).map(|name| name.as_str()).collect();
    names.retain(|name| is_anything.is_match(name) && asks(name) && !artifact.start.contains(&format!("{name}=")));
    names.sort_unstable();
    names.dedup();
    if names.is_empty() {
        return None;
    }
    let set: String = names.iter().map(|name| format!("{name}=\"$(cat /proc/sys/kernel/random/uuid)\" ")).collect();
    started(artifact, set + artifact.start.strip_prefix("exec ").unwrap_or(&artifact.start))
}

/// `no such table`, where a function that would make it is never called, or only by a program that is not the one started.
pub(super) fn tables(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    if !diagnostic.says("no such table: ") {
        return None;
    }
    let head = pattern!(r"(?m)^def (\w+)\(\s*\)[^\n]*:\n((?:[ \t]+[^\n]*\n|\n)*)");
    let makers: Vec<(&str, String)> = artifact
        .files
        .iter()
        .filter(|file| language(&file.path) == Language::Python && !is_vendored(&file.path))
        .flat_map(|file| head.captures_iter(&file.content).map(move |found| (file.path.as_str(), found)))
        .filter(|(_, found)| found[2].contains("CREATE TABLE"))
        .map(|(path, found)| (path, found[1].to_owned()))
        .collect();
    let (path, name) = only(makers.into_iter())?;
    let call = format!("{name}()");
    edit_one(artifact, path, |text| {
        if text.lines().any(|line| line.trim_end() == call) {
            return None;
        }
        Some(match text.find("\nif __name__") {
            Some(at) => format!("{}\n\n{call}\n\n{}", text[..at].trim_end(), &text[at..]),
            None => format!("{}\n\n\n{call}\n", text.trim_end()),
        })
    })
}

/// `npm run build` of a manifest that has no such script.
pub(super) fn absent_script(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    let build = artifact.build.as_deref()?;
    let named = pattern!(r"^(?:(.*?)\s*&&\s*)?(?:npm run|yarn|pnpm run|pnpm) (build|compile|prepare|prebuild)$");
    let found = named.captures(build.trim())?;
    let package = artifact.files.iter().find(|file| file.path == "package.json");
    let package =
        package.and_then(|file| crate::generator::loose_json::parse(&file.content)).map(|(package, _)| package);
    let script = package.as_ref().and_then(|package| package.get("scripts")?.get(&found[2])?.as_str());
    // A compiler that is not there, for files that need none any more.
    let is_needless = match script.map(str::trim) {
        None | Some("") => true,
        Some(script) => {
            script.starts_with("echo ") || pattern!(r"^(?:npx )?tsc\b[^&|;]*$").is_match(script) && !has_types(artifact)
        }
    };
    let rest = found.get(1).map(|rest| rest.as_str().to_owned());
    is_needless.then(|| Artifact { build: rest, ..artifact.clone() })
}

fn has_types(artifact: &Artifact) -> bool {
    artifact.files.iter().any(|file| file.path.ends_with(".ts") || file.path.ends_with(".tsx"))
}
