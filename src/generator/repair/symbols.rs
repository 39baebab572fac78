//! What the app's own files declare, offer to each other and take from each other, as far as lines tell.

use super::{
    modules::normal,
    source::{Language, is_vendored, language, pattern},
};
use crate::types::{AppFile, Artifact};

/// What a script offers.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Offers {
    /// The name of the one thing that it is, where that has a name: `module.exports = Router`.
    pub whole: Option<String>,
    pub names: Vec<String>,
    /// Whether it offers anything at all.
    pub any: bool,
}

pub(super) fn offers(text: &str) -> Offers {
    let of = |pattern: &regex::Regex| -> Vec<String> {
        pattern.captures_iter(text).map(|found| found[1].to_owned()).collect()
    };
    let mut names = of(pattern!(r"(?m)^export\s+(?:async\s+)?(?:function\*?|const|let|var|class)\s+([\w$]+)"));
    names.extend(of(pattern!(r"(?m)^(?:module\.)?exports\.([\w$]+)\s*=")));
    for list in of(pattern!(r"(?m)^(?:export\s*|module\.exports\s*=\s*)\{([^{}()]*)\}")) {
        // Offered as what stands behind `as`, or before the colon.
        let offered =
            |part: &str| part.rsplit(" as ").next().unwrap_or(part).split(':').next().map(str::trim).map(str::to_owned);
        names.extend(list.split(',').filter_map(offered).filter(|name| !name.is_empty()));
    }
    let common = pattern!(
        r"(?m)^module\.exports\s*=\s*(?:async\s+)?(?:(?:class|function)\s+)?([A-Za-z_$][\w$]*)\s*(?:;|$|\{|\()"
    );
    let modern =
        pattern!(r"(?m)^export\s+default\s+(?:async\s+)?(?:(?:class|function)\s+)?([A-Za-z_$][\w$]*)\s*(?:;|$|\{|\()");
    let whole = of(common)
        .into_iter()
        .chain(of(modern))
        .find(|name| !["new", "class", "function", "require"].contains(&name.as_str()));
    let any = text.contains("exports") || pattern!(r"(?m)^export\b").is_match(text);
    Offers { whole, names, any }
}

/// What a file declares outside of all functions.
pub(super) fn declared(file: &AppFile) -> Vec<String> {
    let script = pattern!(r"(?m)^(?:export\s+)?(?:async\s+)?(?:function\*?|const|let|var|class)\s+([\w$]+)");
    let python = pattern!(r"(?m)^(?:(?:async\s+)?(?:def|class)\s+(\w+)|([A-Za-z_]\w*)\s*(?::[^=\n]+)?=[^=])");
    let found: Vec<_> = match language(&file.path) {
        Language::Script => script.captures_iter(&file.content).collect(),
        Language::Python => python.captures_iter(&file.content).collect(),
        Language::Shell | Language::Html | Language::Style | Language::Json | Language::Other => Vec::new(),
    };
    found
        .iter()
        .filter_map(|found| found.get(1).or_else(|| found.get(2)))
        .map(|name| name.as_str().to_owned())
        .collect()
}

/// What an import takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// The module's one thing, or all of it, under this name.
    Whole(String),
    /// Some of its names, as the module has them.
    Names(Vec<String>),
}

/// An import of a file of the app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Import {
    pub taken: Taken,
    /// As it is written.
    pub path: String,
    /// `import`, and not `require`.
    pub modern: bool,
    /// The whole statement, up to the path's closing quote or bracket.
    pub statement: String,
}

/// The imports of files that a script begins with.
pub(super) fn imports(text: &str) -> Vec<Import> {
    let modern = pattern!(r#"(?m)^import\s+([\w$]+|\{[^{}]*\})\s+from\s*["'](\.{1,2}/[^"'\n]+)["']"#);
    let common =
        pattern!(r#"(?m)^(?:const|let|var)\s+([\w$]+|\{[^{}]*\})\s*=\s*require\(\s*["'](\.{1,2}/[^"'\n]+)["']\s*\)"#);
    let all = modern
        .captures_iter(text)
        .map(|found| (found, true))
        .chain(common.captures_iter(text).map(|found| (found, false)));
    let import = |(found, modern): (regex::Captures<'_>, bool)| {
        let clause = found[1].trim();
        let taken = match clause.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            None => Taken::Whole(clause.to_owned()),
            Some(list) => {
                let name = |part: &str| {
                    part.split(':').next().and_then(|part| part.split_whitespace().next()).map(str::to_owned)
                };
                Taken::Names(list.split(',').filter_map(name).collect())
            }
        };
        Import { taken, path: found[2].to_owned(), modern, statement: found[0].to_owned() }
    };
    all.map(import).collect()
}

/// The file that an import leads to.
pub(super) fn target<'a>(artifact: &'a Artifact, from: &str, path: &str) -> Option<&'a AppFile> {
    const ENDS: [&str; 6] = ["", ".js", ".mjs", ".cjs", ".json", "/index.js"];
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let target = normal(&format!("{folder}/{path}"))?;
    ENDS.iter().find_map(|end| artifact.files.iter().find(|file| file.path == format!("{target}{end}")))
}

/// The app's own scripts.
pub(super) fn scripts(artifact: &Artifact) -> impl Iterator<Item = &AppFile> {
    artifact.files.iter().filter(|file| language(&file.path) == Language::Script && !is_vendored(&file.path))
}

/// The one element that there is.
pub(super) fn only<T>(mut all: impl Iterator<Item = T>) -> Option<T> {
    let first = all.next()?;
    all.next().is_none().then_some(first)
}

/// What two names have in common that somebody took for the same: letters and digits, without a plural's end.
pub(super) fn stem(name: &str) -> String {
    let name = name.rsplit('/').next().unwrap_or(name);
    let name = name
        .strip_suffix(".js")
        .or_else(|| name.strip_suffix(".mjs"))
        .or_else(|| name.strip_suffix(".cjs"))
        .unwrap_or(name);
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    if let Some(start) = plain.strip_suffix("ies") {
        return format!("{start}y");
    }
    plain.strip_suffix('s').map_or(plain.clone(), str::to_owned)
}

/// The one of `names` that `wanted` was meant to be: one holds the other, but for case and underscores.
pub(super) fn meant<'a>(wanted: &str, names: &'a [String]) -> Option<&'a str> {
    const SHORTEST: usize = 4;
    let plain = |name: &str| name.to_ascii_lowercase().replace('_', "");
    let wanted = plain(wanted);
    let is_alike = |name: &&String| {
        let name = plain(name);
        name.len().min(wanted.len()) >= SHORTEST && (name.contains(&wanted) || wanted.contains(&name))
    };
    only(names.iter().filter(is_alike)).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_scripts_offer_and_take_is_read() {
        let common = offers("class A {}\nmodule.exports = A;\n");
        assert_eq!((common.whole.as_deref(), common.names.len(), common.any), (Some("A"), 0, true));
        assert_eq!(offers("module.exports = { a, b: c };\nexports.d = 1;\n").names, ["d", "a", "b"]);
        assert_eq!(
            offers("export const a = 1;\nexport { b as c };\nexport default function d() {}\n").names,
            ["a", "c"]
        );
        assert_eq!(offers("const a = 1;\n"), Offers::default());
        let taken = imports("const { a, b: c } = require('./x');\nimport d from \"../y.js\";\nimport z from \"z\";\n");
        assert_eq!(taken.len(), 2);
        assert_eq!(
            (&taken[0].taken, &*taken[0].path, taken[0].modern),
            (&Taken::Whole("d".to_owned()), "../y.js", true)
        );
        assert_eq!(taken[1].taken, Taken::Names(vec!["a".to_owned(), "b".to_owned()]));
    }

    #[test]
    fn names_are_alike_only_where_one_is_meant() {
        let names = ["temperature".to_owned(), "wind".to_owned()];
        assert_eq!(
            (meant("getTemperature", &names), meant("get_wind", &names), meant("rain", &names)),
            (Some("temperature"), Some("wind"), None)
        );
        assert_eq!(
            (stem("models/Entries"), stem("entry.js"), stem("users")),
            ("entry".to_owned(), "entry".to_owned(), "user".to_owned())
        );
    }
}
