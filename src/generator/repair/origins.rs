//! Where a name comes from: the module that a file imports it of, under whatever name. Pure, and in one pass over the file.
//!
//! A repair that speaks of a library's function asks here first: an app may have one of its own that is called the same.

use super::{
    scan::{Kind, kinds},
    source::{Language, language, pattern},
};
use crate::types::AppFile;

/// Imports of a file that are read.
const IMPORTS_MAX: usize = 256;

/// What the imports of a file bring, as what it is called there and what it is: `serve` and `http.server.HTTPServer`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Origins(Vec<(String, String)>);

impl Origins {
    pub(super) fn of(file: &AppFile) -> Self {
        let mut all = match language(&file.path) {
            Language::Python => python(file),
            Language::Script => script(file),
            Language::Shell | Language::Html | Language::Style | Language::Json | Language::Other => Vec::new(),
        };
        // Of `http` and `http.server` the longer one tells more.
        all.sort_by_key(|(known, _)| std::cmp::Reverse(known.len()));
        Self(all)
    }

    /// What a name with dots in it is, as a path that begins with its module: `express.Router`, `http.server.HTTPServer`. None for
    /// what no import brings.
    pub(super) fn path(&self, name: &str) -> Option<String> {
        let required = pattern!(r#"^require\(\s*["'](?:node:)?([\w@/.-]+)["']\s*\)((?:\.[\w$]+)*)$"#);
        if let Some(found) = required.captures(name) {
            return Some(format!("{}{}", &found[1], &found[2]));
        }
        self.0.iter().find_map(|(known, path)| {
            let rest = name.strip_prefix(known.as_str())?;
            (rest.is_empty() || rest.starts_with('.')).then(|| format!("{path}{rest}"))
        })
    }

    /// Whether anything comes from a module or a part of it.
    pub(super) fn has(&self, module: &str) -> bool {
        let is_below =
            |path: &String| path.strip_prefix(module).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        self.0.iter().any(|(_, path)| is_below(path))
    }
}

/// `name` and `name as other`, or `name: other`, of a list.
fn listed<'a>(list: &'a str, renames: &str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let pair = move |part: &'a str| match part.split_once(renames) {
        Some((name, known)) => (name.trim(), known.trim()),
        None => (part.trim(), part.trim()),
    };
    let names: Vec<_> = list.split(',').map(pair).filter(|(name, _)| !name.is_empty()).collect();
    names.into_iter()
}

fn python(file: &AppFile) -> Vec<(String, String)> {
    let some = pattern!(r"(?m)^[ \t]*from[ \t]+([\w.]+)[ \t]+import[ \t]+(?:\(([^()]*)\)|([^\n#;]*))");
    let whole = pattern!(r"(?m)^[ \t]*import[ \t]+([\w., \t]+)");
    let (kinds, text) = (kinds(file), &file.content);
    let is_code = |at: usize| kinds.get(at) == Some(&Kind::Code);
    let mut all = Vec::new();
    for found in
        some.captures_iter(text).take(IMPORTS_MAX).filter(|found| is_code(found.get(1).map_or(0, |m| m.start())))
    {
        let list = found.get(2).or_else(|| found.get(3)).map_or("", |list| list.as_str());
        all.extend(listed(list, " as ").map(|(name, known)| (known.to_owned(), format!("{}.{name}", &found[1]))));
    }
    for found in
        whole.captures_iter(text).take(IMPORTS_MAX).filter(|found| is_code(found.get(1).map_or(0, |m| m.start())))
    {
        let list = found.get(1).map_or("", |list| list.as_str());
        all.extend(listed(list, " as ").map(|(name, known)| (known.to_owned(), name.to_owned())));
    }
    all
}

fn script(file: &AppFile) -> Vec<(String, String)> {
    let modern = pattern!(r#"(?m)^[ \t]*import\s+([^"'`;()]*?)\s*\bfrom\s*["'](?:node:)?([^"'\n]+)["']"#);
    let common = pattern!(
        r#"\b(?:const|let|var)\s+([\w$]+|\{[^{}=]*\})\s*=\s*require\(\s*["'](?:node:)?([^"'\n]+)["']\s*\)((?:\.[\w$]+)*)[ \t]*(?:[;,\n]|$)"#
    );
    let (kinds, text) = (kinds(file), &file.content);
    let is_code = |found: &regex::Captures<'_>| found.get(1).is_some_and(|m| kinds.get(m.start()) == Some(&Kind::Code));
    let mut all = Vec::new();
    for found in modern.captures_iter(text).take(IMPORTS_MAX).filter(is_code) {
        let (clause, module) = (&found[1], &found[2]);
        let (before, list) = clause.split_once('{').unwrap_or((clause, ""));
        let names = listed(list.trim_end_matches([' ', '\n', '\t', '}']), " as ");
        all.extend(names.map(|(name, known)| (known.to_owned(), format!("{module}.{name}"))));
        let whole = before.split(',').map(|name| name.trim().trim_start_matches("* as ").trim());
        all.extend(whole.filter(|name| !name.is_empty()).map(|name| (name.to_owned(), module.to_owned())));
    }
    for found in common.captures_iter(text).take(IMPORTS_MAX).filter(is_code) {
        let module = format!("{}{}", &found[2], &found[3]);
        match found[1].strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            Some(list) => {
                all.extend(listed(list, ":").map(|(name, known)| (known.to_owned(), format!("{module}.{name}"))));
            }
            None => all.push((found[1].to_owned(), module)),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(file: &str, content: &str, name: &str) -> Option<String> {
        Origins::of(&AppFile { path: file.to_owned(), content: content.to_owned() }).path(name)
    }

    #[test]
    fn a_name_is_followed_to_its_module() {
        let server = Some("http.server.HTTPServer".to_owned());
        for import in [
            "from http.server import (\n    A,\n    HTTPServer,\n)\n",
            "def f():\n    from http.server import HTTPServer\n",
        ] {
            assert_eq!(path("a.py", import, "HTTPServer"), server, "{import}");
        }
        assert_eq!(path("a.py", "import http, http.server as web\n", "web.HTTPServer"), server);
        assert_eq!(path("a.py", "from http import server\n", "server.HTTPServer"), server);
        assert_eq!(path("a.py", "from http.server import HTTPServer as S\n", "S"), server);
        assert_eq!(path("a.py", "from server import HTTPServer\n", "HTTPServer"), Some("server.HTTPServer".to_owned()));
        assert_eq!(path("a.py", "\"\"\"\nfrom http.server import HTTPServer\n\"\"\"\n", "HTTPServer"), None);
        let make = Some("http.createServer".to_owned());
        for (import, name) in [
            ("import http from \"node:http\";\n", "http.createServer"),
            ("import * as web from 'http';\n", "web.createServer"),
            ("import x, {\n  createServer as make,\n} from \"http\";\n", "make"),
            ("const { createServer: make } = require(\"node:http\");\n", "make"),
            ("const make = require('http').createServer;\n", "make"),
            ("", "require(\"node:http\").createServer"),
        ] {
            assert_eq!(path("a.js", import, name), make, "{import}");
        }
        assert_eq!(
            path("a.js", "const app = require(\"express\")();\n", "app"),
            None,
            "what it gives is another thing"
        );
        let file = AppFile { path: "a.py".to_owned(), content: "from flask.views import A  # b\n".to_owned() };
        assert!(Origins::of(&file).has("flask") && !Origins::of(&file).has("fla"));
    }
}
