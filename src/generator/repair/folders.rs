//! What is wrong with folders that files are served from, where no runtime says so: a server that finds nothing answers 404.

use super::{
    Diagnostic,
    modules::{normal, relative},
    routes::asked,
    source::{Language, Sides, edit, is_vendored, language, pattern},
    symbols::{only, stem},
};
use crate::types::{AppFile, Artifact};

/// Lines that make folders and that are looked at.
const MADE_MAX: usize = 64;

/// `path.join(__dirname, "public")` in a folder that has none, where there is one elsewhere.
pub(super) fn served(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    let sides = Sides::of(artifact);
    let joined = pattern!(r#"(\b(?:join|resolve)\(\s*__dirname\s*,\s*)((?:["'][\w./-]*["']\s*,\s*)*["'][\w./-]*["'])"#);
    let bare = pattern!(r#"(express\.static\(\s*)["'](?:\./)?([\w-]+)/?["']"#);
    let python = pattern!(
        r#"(\bPath\(__file__\)(?:\.resolve\(\))?\.parent\s*/\s*|os\.path\.join\(os\.path\.dirname\((?:os\.path\.abspath\()?__file__\)?\)\s*,\s*)["']([\w-]+)["']"#
    );
    // What the app makes by itself is not there before.
    let makes = made_folders(artifact);
    let elsewhere = |folder: &str, named: &str| elsewhere(artifact, folder, named).filter(|_| !makes(named));
    edit(artifact, |file| {
        if !sides.is_servers(file) {
            return None;
        }
        let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let from_here = |found: &regex::Captures<'_>| {
            let parts = found[2].split(',').map(|part| part.trim().trim_matches(['"', '\'']));
            let named = parts.collect::<Vec<_>>().join("/");
            match elsewhere(folder, &named) {
                Some(right) => format!("{}\"{right}\"", &found[1]),
                None => found[0].to_owned(),
            }
        };
        let text = joined.replace_all(&file.content, from_here);
        let from_root = |found: &regex::Captures<'_>| match elsewhere("", &found[2]) {
            Some(right) => format!("{}\"{right}\"", &found[1]),
            None => found[0].to_owned(),
        };
        let text = bare.replace_all(&text, from_root);
        let beside = |found: &regex::Captures<'_>| match elsewhere(folder, &found[2]) {
            Some(right) => format!("{}\"{right}\"", &found[1]),
            None => found[0].to_owned(),
        };
        Some(python.replace_all(&text, beside).into_owned())
    })
}

/// Whether the app makes a folder when it runs: one that it names where it makes some, and any that is none of pages where it
/// makes any.
fn made_folders(artifact: &Artifact) -> impl Fn(&str) -> bool {
    const OF_PAGES: [&str; 13] = [
        "public",
        "static",
        "client",
        "www",
        "web",
        "dist",
        "build",
        "frontend",
        "site",
        "html",
        "assets",
        "templates",
        "views",
    ];
    let own = artifact.files.iter().filter(|file| !is_vendored(&file.path));
    let makes = |line: &&str| line.contains("mkdir") || line.contains("makedirs");
    let lines: Vec<&str> = own.flat_map(|file| file.content.lines()).filter(makes).take(MADE_MAX).collect();
    move |named| {
        let name = named.rsplit('/').next().unwrap_or(named);
        let is_named =
            || lines.iter().any(|line| line.contains(&format!("\"{name}\"")) || line.contains(&format!("'{name}'")));
        !lines.is_empty() && (!OF_PAGES.contains(&name) || is_named())
    }
}

/// Where the folder lies that `named`, seen from `folder`, should be; `None` when it is there, or not the only one.
fn elsewhere(artifact: &Artifact, folder: &str, named: &str) -> Option<String> {
    let name = named.rsplit('/').next().filter(|name| !name.is_empty() && !name.contains('.'))?;
    let wanted = normal(&format!("{folder}/{named}"));
    let has =
        |path: &str| artifact.files.iter().any(|file| file.path == path || file.path.starts_with(&format!("{path}/")));
    if wanted.as_deref().is_some_and(has) {
        return None;
    }
    let end = format!("/{name}/");
    let mut folders: Vec<String> = artifact
        .files
        .iter()
        .filter(|file| !is_vendored(&file.path))
        .filter_map(|file| {
            let path = format!("/{}", file.path);
            path.find(&end).map(|at| path[1..at + end.len() - 1].to_owned())
        })
        .collect();
    folders.sort();
    folders.dedup();
    only(folders.into_iter()).map(|found| relative(folder, &found).trim_start_matches("./").to_owned())
}

/// Templates and static files that lie where Flask does not look for them.
pub(super) fn of_flask(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    let makes = |file: &&AppFile| {
        language(&file.path) == Language::Python
            && pattern!(r"(?m)^\w+\s*=\s*(?:flask\.)?Flask\(__name__\)").is_match(&file.content)
    };
    let app = only(artifact.files.iter().filter(makes))?;
    let root = app.path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    let template = pattern!(r#"render_template\(\s*["']([\w./-]+)["']"#);
    let fixed = pattern!(r#"(?:["'(]/static/|url_for\(\s*["']static["']\s*,\s*filename\s*=\s*["'])([\w./-]+)"#);
    let mut better = artifact.clone();
    for file in artifact.files.iter().filter(|file| matches!(language(&file.path), Language::Python | Language::Html)) {
        let named = |pattern: &'static regex::Regex, folder: &'static str| {
            pattern.captures_iter(&file.content).map(move |found| (folder, found[1].to_owned())).collect::<Vec<_>>()
        };
        for (folder, name) in named(template, "templates").into_iter().chain(named(fixed, "static")) {
            let wanted = format!("{root}{folder}/{name}");
            let last = name.rsplit('/').next().unwrap_or(&name);
            let is_it = |file: &&mut AppFile| file.path.rsplit('/').next() == Some(last);
            if !better.files.iter().any(|file| file.path == wanted)
                && let Some(found) = only(better.files.iter_mut().filter(is_it))
            {
                found.path = wanted;
            }
        }
    }
    (better != *artifact).then_some(better)
}

/// A script or style that a page names otherwise than it is: the file gets the name, which the checks and the page know.
pub(super) fn named_by_page(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    let sides = Sides::of(artifact);
    let named = pattern!(r#"(?:<script[^>]*\bsrc|<link[^>]*\bhref)=["']\.{0,2}/?([\w./-]+\.(?:js|mjs|css))["']"#);
    let is_file =
        |name: &str| artifact.files.iter().any(|file| file.path == name || file.path.ends_with(&format!("/{name}")));
    let pages =
        || artifact.files.iter().filter(|file| language(&file.path) == Language::Html && !is_vendored(&file.path));
    let names: Vec<String> = pages()
        .flat_map(|page| named.captures_iter(&page.content).map(|found| found[1].to_owned()).collect::<Vec<_>>())
        .collect();
    let mut lost = names.iter().filter(|name| !is_file(name));
    let lost = lost.next().filter(|first| lost.all(|other| other == *first))?;
    let (extension, last) = (lost.rsplit('.').next()?, lost.rsplit('/').next()?);
    let is_named = |file: &AppFile| {
        let own = file.path.rsplit('/').next().unwrap_or(&file.path);
        names.iter().any(|name| name.rsplit('/').next() == Some(own))
    };
    // Whoever else knows its name would miss it.
    let is_known = |file: &AppFile| {
        let own = file.path.rsplit('/').next().unwrap_or(&file.path);
        let commands = [Some(artifact.start.as_str()), artifact.build.as_deref()];
        let is_run = commands.into_iter().flatten().any(|command| command.contains(own) || command.contains(last));
        is_run
            || artifact
                .files
                .iter()
                .any(|other| other.path != file.path && !is_vendored(&other.path) && other.content.contains(own))
    };
    let may = |file: &&AppFile| {
        let is_of_browser = sides.is_browsers(file) || language(&file.path) == Language::Style;
        is_of_browser
            && file.path.ends_with(&format!(".{extension}"))
            && !is_vendored(&file.path)
            && !is_named(file)
            && !is_known(file)
    };
    let path = only(artifact.files.iter().filter(may))?.path.clone();
    let folder = path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    let mut better = artifact.clone();
    better.files.iter_mut().filter(|file| file.path == path).for_each(|file| file.path = format!("{folder}{last}"));
    Some(better)
}

/// A file that a check asks for in another folder than it lies in, as the page does: it is laid there, too.
pub(super) fn asked_for(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let answered = diagnostic.answered.as_ref().filter(|answered| answered.status == 404)?;
    let check = artifact.checks.iter().find(|check| check.name == answered.check && check.method == "GET")?;
    let path = check.path.split('?').next()?.trim_start_matches('/');
    let (_, name) = path.rsplit_once('/').filter(|(_, name)| name.contains('.'))?;
    let is_named = |file: &&AppFile| file.path.rsplit('/').next() == Some(name) && !is_vendored(&file.path);
    let found = only(artifact.files.iter().filter(is_named))?;
    let pages = artifact.files.iter().filter(|file| file.path.ends_with(".html") && !is_vendored(&file.path));
    let is_wanted = |page: &&AppFile| page.content.contains(path);
    let page = pages.filter(is_wanted).min_by_key(|page| page.path.len())?;
    let root = page.path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    let wanted = format!("{root}{path}");
    if found.path == wanted || found.path.ends_with(path) {
        return None;
    }
    let mut better = artifact.clone();
    better.files.push(AppFile { path: wanted, content: found.content.clone() });
    Some(better)
}

/// A folder for pages that is not there, by whatever name, where exactly one folder has the page that a server begins with.
pub(super) fn of_pages(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let sides = Sides::of(artifact);
    const NAMES: [&str; 11] =
        ["public", "static", "client", "www", "web", "dist", "build", "frontend", "site", "html", "assets"];
    let answered = diagnostic.answered.as_ref()?;
    if !matches!(answered.status, 404 | 500) || artifact.build.is_some() {
        return None;
    }
    let is_page = |file: &&AppFile| file.path.ends_with("/index.html") && !is_vendored(&file.path);
    let page = only(artifact.files.iter().filter(is_page))?;
    let right = page.path.strip_suffix("/index.html")?;
    // One that a server fills in is no page to be served as it is.
    let is_template = ["{%", "{{"].iter().any(|mark| page.content.contains(mark)) || right.ends_with("templates");
    let (asked, ..) = asked(artifact, diagnostic)?;
    let is_of_folder = asked == "/"
        || asked.ends_with(".html")
        || artifact.files.iter().any(|file| file.path.strip_prefix(right) == Some(asked));
    if is_template || !is_of_folder {
        return None;
    }
    // What the start makes is not there before.
    let package = artifact.files.iter().find(|file| file.path == "package.json");
    let is_made = |folder: &str| {
        let says =
            |what: &str| artifact.start.contains(what) || package.is_some_and(|package| package.content.contains(what));
        matches!(folder, "dist" | "build") && (says(folder) || says("build"))
    };
    let has = |folder: &str| artifact.files.iter().any(|file| file.path.starts_with(&format!("{folder}/")));
    let named = pattern!(
        r#"(\b(?:join|resolve)\(\s*__dirname\s*,\s*|\bPath\(__file__\)(?:\.resolve\(\))?\.parent\s*/\s*|os\.path\.join\(os\.path\.dirname\((?:os\.path\.abspath\()?__file__\)?\)\s*,\s*|express\.static\(\s*|static_folder\s*=\s*)["'](?:\./)?([\w-]+)/?["']"#
    );
    edit(artifact, |file| {
        if !sides.is_servers(file) {
            return None;
        }
        let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let corrected = |found: &regex::Captures<'_>| {
            let from = if found[1].starts_with("express") { "" } else { folder };
            let wanted = normal(&format!("{from}/{}", &found[2])).unwrap_or_default();
            match NAMES.contains(&&found[2]) && !has(&wanted) && !is_made(&found[2]) {
                true => format!("{}\"{}\"", &found[1], relative(from, right).trim_start_matches("./")),
                false => found[0].to_owned(),
            }
        };
        Some(named.replace_all(&file.content, corrected).into_owned())
    })
}

/// A file of data that the app's own page asks for by another form of its name: `breads.json`, where `bread.json` lies there.
pub(super) fn named_alike(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let (asked, _, answered) = asked(artifact, diagnostic)?;
    let path = asked.trim_start_matches('/');
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let (_, extension) = name.rsplit_once('.')?;
    let own = || artifact.files.iter().filter(|file| !is_vendored(&file.path));
    let is_there = own().any(|file| format!("/{}", file.path).ends_with(asked));
    // Whoever asks for it knows it by that name.
    let is_known = |name: &str| own().any(|file| file.content.contains(name));
    if answered.status != 404 || is_there || !is_known(name) {
        return None;
    }
    let is_it = |file: &&AppFile| {
        let (own_folder, own_name) = file.path.rsplit_once('/').unwrap_or(("", &file.path));
        let is_beside = format!("/{own_folder}").ends_with(&format!("/{folder}")) || folder.is_empty();
        let plain = |name: &str| stem(name.trim_end_matches(extension).trim_end_matches('.'));
        is_beside
            && own_name.ends_with(&format!(".{extension}"))
            && plain(own_name) == plain(name)
            && !is_known(own_name)
    };
    let found = only(own().filter(is_it))?;
    let path = found.path.rsplit_once('/').map_or(name.to_owned(), |(folder, _)| format!("{folder}/{name}"));
    let mut better = artifact.clone();
    better.files.push(AppFile { path, content: found.content.clone() });
    Some(better)
}
