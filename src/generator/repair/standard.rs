//! What is wrong with how Python's own modules are used: one that was not imported, one that a file of the app hides, SQL that
//! its database does not know.

use super::{
    Diagnostic,
    modules::prepended,
    scan::{place, with_found, with_line},
    source::{Language, edit, edit_one, language, pattern},
    symbols::declared,
};
use crate::types::{AppFile, Artifact};

/// Packages of the standard library with modules that come only when they are asked for.
const PACKAGES: [(&str, &[&str]); 9] = [
    ("http", &["server", "client", "cookies", "cookiejar"]),
    ("urllib", &["parse", "request", "error"]),
    ("concurrent", &["futures"]),
    ("xml", &["etree", "sax", "dom"]),
    ("email", &["message", "utils", "mime", "policy", "header"]),
    ("importlib", &["util", "resources", "metadata"]),
    ("logging", &["handlers", "config"]),
    ("wsgiref", &["simple_server", "util", "headers", "handlers"]),
    ("html", &["parser", "entities"]),
];

/// `import http`, and then `http.server`.
pub(super) fn module_of_package(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let said = pattern!(r"AttributeError: module '(\w+)' has no attribute '(\w+)'").captures(&diagnostic.output)?;
    let (package, module) = (said[1].to_owned(), said[2].to_owned());
    let known = PACKAGES.iter().any(|(name, modules)| *name == package && modules.contains(&module.as_str()));
    let is_hidden =
        |file: &AppFile| file.path == format!("{package}.py") || file.path.starts_with(&format!("{package}/"));
    if !known || artifact.files.iter().any(is_hidden) {
        return None;
    }
    let place = place(artifact, diagnostic).filter(|place| language(&place.path) == Language::Python)?;
    let import = format!("import {package}.{module}\n");
    edit_one(artifact, &place.path, |text| (!text.contains(&import)).then(|| prepended(text, &import)))
}

/// `email.py` of the app, which hides the package that a module of the standard library needs: it gets another name.
pub(super) fn hidden_package(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let said = pattern!(r"No module named '(\w+)\.\w+'; '(\w+)' is not a package").captures(&diagnostic.output)?;
    let name = said[1].to_owned();
    let is_known =
        PACKAGES.iter().any(|(package, _)| *package == name) || matches!(&*name, "json" | "asyncio" | "unittest");
    let (old, better) = (format!("{name}.py"), format!("own_{name}"));
    if !is_known
        || !artifact.files.iter().any(|file| file.path == old)
        || artifact.start.contains(&old)
        || artifact.files.iter().any(|file| file.content.contains(&old))
    {
        return None;
    }
    let own: Vec<String> = artifact.files.iter().filter(|file| file.path == old).flat_map(declared).collect();
    let imports = ImportsOf::new(&name)?;
    let renamed = |file: &AppFile| -> AppFile {
        let path = if file.path == old { format!("{better}.py") } else { file.path.clone() };
        let content = match language(&file.path) {
            // Itself, it means the package.
            Language::Python if file.path == old => file.content.clone(),
            Language::Python => imports.redirected(file, &name, &better, &own),
            Language::Script
            | Language::Shell
            | Language::Html
            | Language::Style
            | Language::Json
            | Language::Other => file.content.clone(),
        };
        AppFile { path, content }
    };
    Some(Artifact { files: artifact.files.iter().map(renamed).collect(), ..artifact.clone() })
}

/// How a module is imported, and used by its name.
struct ImportsOf {
    from: regex::Regex,
    whole: regex::Regex,
    used: regex::Regex,
}

impl ImportsOf {
    fn new(name: &str) -> Option<Self> {
        let compiled = |how: String| regex::Regex::new(&how).ok();
        Some(Self {
            from: compiled(format!(r"(?m)^([ \t]*)from {name} import (\([^()]*\)|[^\n#;]*)"))?,
            whole: compiled(format!(r"(?m)^([ \t]*)import {name}[ \t]*$"))?,
            used: compiled(format!(r"\b{name}\.(\w+)"))?,
        })
    }

    /// A file that imports from another where the other has all that is taken: the rest is the package's.
    fn redirected(&self, file: &AppFile, name: &str, better: &str, own: &[String]) -> String {
        let has = |taken: &str| own.iter().any(|own| own == taken);
        let takes = |list: &str| {
            let names = list.trim_matches(['(', ')']).split(',').filter_map(|part| part.split_whitespace().next());
            names.clone().count() > 0 && names.into_iter().all(has)
        };
        let uses_own = self.used.captures_iter(&file.content).all(|found| has(&found[1]));
        let text = with_found(file, &self.from, |found| {
            takes(&found[2]).then(|| format!("{}from {better} import {}", &found[1], &found[2]))
        });
        if !uses_own {
            return text;
        }
        self.whole.replace_all(&text, format!("${{1}}import {better} as {name}")).into_owned()
    }
}

/// Keys as MySQL makes them, in a database that is SQLite's.
pub(super) fn sql_of_another(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    if !pattern!(r#"near "(?:AUTO_INCREMENT|ENGINE)": syntax error"#).is_match(&diagnostic.output) {
        return None;
    }
    let key = pattern!(
        r"(?i)\b(?:BIG|SMALL)?INT(?:EGER)?(?:\(\d+\))?(?:\s+UNSIGNED)?(?:\s+NOT\s+NULL)?\s+(?:PRIMARY\s+KEY\s+AUTO_INCREMENT|AUTO_INCREMENT\s+PRIMARY\s+KEY)(?:\s+NOT\s+NULL)?"
    );
    let engine = pattern!(r"(?i)\)\s*ENGINE\s*=\s*\w+(?:\s+(?:DEFAULT\s+)?CHARSET\s*=\s*\w+)?");
    edit(artifact, |file| {
        let may = matches!(language(&file.path), Language::Python | Language::Script) || file.path.ends_with(".sql");
        may.then(|| {
            engine.replace_all(&key.replace_all(&file.content, "INTEGER PRIMARY KEY AUTOINCREMENT"), ")").into_owned()
        })
    })
}

/// `execute(…, (plate))`, which is no tuple: each letter would be a value.
pub(super) fn one_value(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let said =
        pattern!(r"Incorrect number of bindings supplied\. The current statement uses 1, and there are \d+ supplied");
    if !said.is_match(&diagnostic.output) && !diagnostic.says("parameters are of unsupported type") {
        return None;
    }
    let bare = pattern!(r#"(\bexecute\(.*\?.*,\s*|^\s*)\(([\w.]+(?:\[["'\w]+\])?)\)(\s*\))"#);
    let place = place(artifact, diagnostic).filter(|place| language(&place.path) == Language::Python)?;
    with_line(artifact, &place, |line| Some(bare.replace(line, "${1}(${2},)${3}").into_owned()))
}
