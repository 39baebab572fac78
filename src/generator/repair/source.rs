//! Looking at an artifact's files, and changing them.

use std::{cell::OnceCell, collections::BTreeSet};

use crate::types::{AppFile, Artifact};

/// A file that is longer is data, whatever its name: no repair reads it.
const SOURCE_MAX: usize = 256 * 1024;

/// A pattern that is compiled once, at its first use.
macro_rules! pattern {
    ($text:literal) => {{
        static PATTERN: std::sync::LazyLock<regex::Regex> =
            std::sync::LazyLock::new(|| regex::Regex::new($text).expect("a constant that its repair's test compiles"));
        &*PATTERN
    }};
}
pub(super) use pattern;

/// What a file is, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    Script,
    Python,
    Shell,
    Html,
    Style,
    Json,
    Other,
}

pub(super) fn language(path: &str) -> Language {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "js" | "mjs" | "cjs" => Language::Script,
        "py" => Language::Python,
        "sh" | "bash" => Language::Shell,
        "html" | "htm" | "svg" => Language::Html,
        "css" => Language::Style,
        "json" => Language::Json,
        _ => Language::Other,
    }
}

/// The artifact with every file for which `change` gives another content; `None` when there is none.
pub(super) fn edit(artifact: &Artifact, mut change: impl FnMut(&AppFile) -> Option<String>) -> Option<Artifact> {
    let mut changed = Vec::new();
    for (index, file) in artifact.files.iter().enumerate() {
        if file.content.len() <= SOURCE_MAX
            && !is_vendored(&file.path)
            && let Some(content) = change(file).filter(|content| *content != file.content)
        {
            changed.push((index, content));
        }
    }
    if changed.is_empty() {
        return None;
    }
    let mut better = artifact.clone();
    for (index, content) in changed {
        better.files[index].content = content;
    }
    Some(better)
}

/// The same with the files of one language.
pub(super) fn edit_in(
    artifact: &Artifact,
    wanted: Language,
    mut change: impl FnMut(&AppFile) -> Option<String>,
) -> Option<Artifact> {
    edit(artifact, |file| if language(&file.path) == wanted { change(file) } else { None })
}

/// Whether it is somebody else's code that came along: Python finds packages in the app's own folder, too.
pub(super) fn is_vendored(path: &str) -> bool {
    const PACKAGES: [&str; 7] = ["flask/", "fastapi/", "jinja2/", "pydantic/", "starlette/", "uvicorn/", "werkzeug/"];
    ["node_modules/", "site-packages/", "vendor/"]
        .iter()
        .any(|folder| path.starts_with(folder) || path.contains(&format!("/{folder}")))
        || PACKAGES.iter().any(|package| path.starts_with(package))
}

/// The same with one file, by its path.
pub(super) fn edit_one(artifact: &Artifact, path: &str, change: impl Fn(&str) -> Option<String>) -> Option<Artifact> {
    edit(artifact, |file| if file.path == path { change(&file.content) } else { None })
}

pub(super) fn file<'a>(artifact: &'a Artifact, path: &str) -> Option<&'a AppFile> {
    artifact.files.iter().find(|file| file.path == path && file.content.len() <= SOURCE_MAX)
}

/// The artifact with another start command.
pub(super) fn started(artifact: &Artifact, start: String) -> Option<Artifact> {
    (start != artifact.start).then(|| Artifact { start, ..artifact.clone() })
}

/// The file that the start command runs, when it runs one by name: `node -x a.js`, `exec python3 b.py`.
pub(super) fn entry(artifact: &Artifact) -> Option<&str> {
    let words: Vec<&str> = artifact.start.split_whitespace().collect();
    let runner = words.iter().position(|word| is_runner(word))?;
    let after = words.get(runner + 1..)?;
    if after.first() == Some(&"-m") {
        return None;
    }
    after.iter().find(|word| !word.starts_with('-')).copied().map(|word| word.trim_start_matches("./"))
}

pub(super) fn is_runner(word: &str) -> bool {
    matches!(word, "node" | "python3" | "python" | "bash" | "sh")
}

/// Which files run in a browser and which on the server. Pages are read once, when the first file asks for them.
pub(super) struct Sides<'a> {
    artifact: &'a Artifact,
    /// The names of scripts that pages load, without folders.
    loaded: OnceCell<BTreeSet<&'a str>>,
}

impl<'a> Sides<'a> {
    pub(super) const fn of(artifact: &'a Artifact) -> Self {
        Self { artifact, loaded: OnceCell::new() }
    }

    /// Whether a script runs in a browser: by its folder, or because a page names it and it does nothing that only servers do.
    pub(super) fn is_browsers(&self, file: &AppFile) -> bool {
        const FOLDERS: [&str; 7] = ["public/", "static/", "assets/", "www/", "client/", "dist/", "web/"];
        if language(&file.path) == Language::Html {
            return true;
        }
        if language(&file.path) != Language::Script || entry(self.artifact) == Some(file.path.as_str()) {
            return false;
        }
        if FOLDERS.iter().any(|folder| file.path.starts_with(folder) || file.path.contains(&format!("/{folder}"))) {
            return true;
        }
        let name = file.path.rsplit('/').next().unwrap_or(&file.path);
        let is_servers = || file.content.contains("require(") || file.content.contains(".listen(");
        self.loaded.get_or_init(|| loaded(self.artifact)).contains(name) && !is_servers()
    }

    /// Python and JavaScript of the server.
    pub(super) fn is_servers(&self, file: &AppFile) -> bool {
        match language(&file.path) {
            Language::Python => true,
            Language::Script => !self.is_browsers(file),
            Language::Shell | Language::Html | Language::Style | Language::Json | Language::Other => false,
        }
    }
}

fn loaded(artifact: &Artifact) -> BTreeSet<&str> {
    let name = pattern!(r"[^\s/\x22'`<>=?#]+\.[mc]?js");
    let pages = artifact.files.iter().filter(|file| language(&file.path) == Language::Html);
    let lines = pages.flat_map(|page| page.content.lines()).filter(|line| line.contains("<script"));
    lines.flat_map(|line| name.find_iter(line)).map(|found| found.as_str()).collect()
}
