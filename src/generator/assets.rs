//! The files of the templates, part of the binary.

use std::collections::BTreeSet;

use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "src/generator/builtin/"]
struct Embedded;

/// The text of a file; `None` when there is none, or it is no UTF-8.
pub(super) fn text(path: &str) -> Option<String> {
    let file = Embedded::get(path)?;
    String::from_utf8(file.data.into_owned()).ok()
}

/// Paths below `folder`, relative to it, sorted. `folder` ends without a slash.
pub(super) fn below(folder: &str) -> Vec<String> {
    let prefix = format!("{folder}/");
    let inside = Embedded::iter().filter_map(|path| path.strip_prefix(&prefix).map(str::to_owned));
    // Python's byte code appears where somebody ran a template in place.
    let sorted: BTreeSet<String> = inside.filter(|path| !path.contains("__pycache__")).collect();
    sorted.into_iter().collect()
}

/// Names of the webapps, sorted. A folder that begins with `_` is shared by them all.
pub(super) fn webapps() -> Vec<String> {
    let named = |path: String| path.strip_suffix("/app.json").map(str::to_owned);
    below("webapps")
        .into_iter()
        .filter_map(named)
        .filter(|name| !name.contains('/') && !name.starts_with('_'))
        .collect()
}
