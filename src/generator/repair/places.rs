//! What is wrong with where files are looked for.

use super::{
    Diagnostic,
    source::{Sides, edit, pattern},
};
use crate::types::{AppFile, Artifact};

pub(super) const APP: &str = "/home/user/app/";
/// Files that are laid a second time, at most.
const COPIES_MAX: usize = 64;

/// The path that was not found, in the runtime's words.
pub(super) fn missing(diagnostic: &Diagnostic) -> Option<String> {
    let node = pattern!(r"ENOENT: no such file or directory, \w+ '([^'\n]+)'");
    let python = pattern!(r"No such file or directory: '([^'\n]+)'");
    let found = node.captures(&diagnostic.output).or_else(|| python.captures(&diagnostic.output))?;
    Some(found[1].to_owned())
}

/// Files that are looked for in one folder and lie in another are laid there as well.
pub(super) fn file_elsewhere(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let missing = missing(diagnostic)?;
    let wanted = missing.strip_prefix(APP).unwrap_or(&missing).trim_start_matches("./").trim_end_matches('/');
    if wanted.is_empty() || wanted.starts_with('/') || wanted.split('/').any(|part| part == "..") {
        return None;
    }
    let has =
        |path: &str| artifact.files.iter().any(|file| file.path == path || file.path.starts_with(&format!("{path}/")));
    if has(wanted) {
        return None;
    }
    // The longest end of the path that is a file or a folder of the app, and what stands before it.
    let ends = wanted.match_indices('/').map(|(at, _)| at + 1);
    let (before, there) = ends.map(|at| wanted.split_at(at)).find(|(_, end)| has(end)).or_else(|| {
        let name = wanted.rsplit('/').next()?;
        let mut named = artifact.files.iter().filter(|file| file.path.rsplit('/').next() == Some(name));
        let only = named.next().filter(|_| named.next().is_none())?;
        Some(("", only.path.as_str()))
    })?;
    let copies: Vec<AppFile> = if before.is_empty() {
        let file = artifact.files.iter().find(|file| file.path == there)?;
        vec![AppFile { path: wanted.to_owned(), content: file.content.clone() }]
    } else {
        // With its whole folder: what lies beside it will be looked for, too.
        let folder = there.split_once('/').map_or(there, |(folder, _)| folder);
        let is_inside = |file: &&AppFile| file.path == there || file.path.starts_with(&format!("{folder}/"));
        let inside = artifact.files.iter().filter(is_inside).take(COPIES_MAX);
        inside.map(|file| AppFile { path: format!("{before}{}", file.path), content: file.content.clone() }).collect()
    };
    let mut better = artifact.clone();
    better.files.extend(copies.into_iter().filter(|copy| !has(&copy.path)));
    (better.files.len() > artifact.files.len()).then_some(better)
}

/// `/data/x.db`, where an app has no place of its own but its folder.
pub(super) fn root_path(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let sides = Sides::of(artifact);
    let says = ["unable to open database file", "EROFS", "EACCES", "Permission denied", "Read-only file system"];
    let looked_for = missing(diagnostic).filter(|path| path.starts_with('/') && !path.starts_with(APP));
    if looked_for.is_none() && !says.iter().any(|message| diagnostic.says(message)) {
        return None;
    }
    let path = pattern!(
        r#"(["'`])/((?:data|db|database|storage|uploads|files|logs|content|public|static)(?:/[^"'`\n]*)?["'`])"#
    );
    let mut folders = Vec::new();
    let better = edit(artifact, |file| {
        if !sides.is_servers(file) {
            return None;
        }
        let kept = |found: &regex::Captures<'_>| {
            // A route of the app looks the same: a path is one that somebody opens, or joins.
            let before = &file.content[..found.get(0).map_or(0, |whole| whole.start())];
            let opens = [
                "open(",
                "Path(",
                "connect(",
                "FileSync(",
                "readFile(",
                "writeFile(",
                "mkdir(",
                "makedirs(",
                "join(",
                "= ",
            ];
            if !opens.iter().any(|call| before.ends_with(call)) {
                return found[0].to_owned();
            }
            folders.extend(found[2].split('/').next().map(|folder| folder.trim_matches(['"', '\'', '`']).to_owned()));
            [&found[1], &found[2]].concat()
        };
        Some(path.replace_all(&file.content, kept).into_owned())
    })?;
    Some(folders.iter().fold(better, |artifact, folder| with_folder(&artifact, folder).unwrap_or(artifact)))
}

/// A folder that files are to be written to, and that nobody made.
pub(super) fn missing_folder(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let missing = missing(diagnostic)?;
    let wanted = missing.strip_prefix(APP).unwrap_or(&missing).trim_start_matches("./");
    let (folder, _) = wanted.rsplit_once('/')?;
    let is_inside = !folder.is_empty() && !folder.starts_with('/') && !folder.split('/').any(|part| part == "..");
    is_inside.then(|| with_folder(artifact, folder))?
}

/// A folder lies in a sandbox when a file in it does.
fn with_folder(artifact: &Artifact, folder: &str) -> Option<Artifact> {
    if artifact.files.iter().any(|file| file.path.starts_with(&format!("{folder}/"))) {
        return None;
    }
    let mut better = artifact.clone();
    better.files.push(AppFile { path: format!("{folder}/.gitkeep"), content: String::new() });
    Some(better)
}

/// A database in a folder that nobody made.
pub(super) fn database_folder(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let sides = Sides::of(artifact);
    if !diagnostic.says("unable to open database file") {
        return None;
    }
    let parts = pattern!(r#"["']([\w-]+)["']\s*[,/]\s*["'][\w.-]+\.(?:db|sqlite3?)["']"#);
    let whole = pattern!(r#"["'](?:sqlite:///)?(?:\./)?([\w-]+(?:/[\w-]+)*)/[\w.-]+\.(?:db|sqlite3?)["']"#);
    artifact.files.iter().filter(|file| sides.is_servers(file)).find_map(|file| {
        let found = parts.captures(&file.content).or_else(|| whole.captures(&file.content))?;
        let beside = file.path.rsplit_once('/').filter(|_| file.content.contains("__file__"));
        let folder = beside.map_or_else(|| found[1].to_owned(), |(folder, _)| format!("{folder}/{}", &found[1]));
        with_folder(artifact, &folder)
    })
}
