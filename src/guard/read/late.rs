//! What is learnt of a name after it was used, and whether that is worth a second walk.
//!
//! Most programs use functions above the lines that define them, and most such functions give nothing that a rule would
//! ask for: an element of the page, the result of another function of the file, a truth value.

use std::borrow::Cow;

use foldhash::HashMap;

use crate::guard::value::{Marks, Shape, Value};

/// Lists in lists, and elements of one, that are looked through.
const DEPTH_MAX: usize = 3;
const ELEMENTS_MAX: usize = 64;
/// Paths that are kept until the end of the walk.
const ROOTS_MAX: usize = 256;
/// Globals of which the members and results are plain values.
const PLAIN: [&str; 32] = [
    "true",
    "false",
    "null",
    "undefined",
    "NaN",
    "Infinity",
    "True",
    "False",
    "None",
    "Math",
    "JSON",
    "Number",
    "Boolean",
    "Date",
    "Map",
    "Set",
    "isinstance",
    "int",
    "float",
    "str",
    "bool",
    "len",
    "dict",
    "list",
    "tuple",
    "sorted",
    "range",
    "enumerate",
    "zip",
    "min",
    "max",
    "sum",
];

/// What a visitor does, which matters only to who sends it somewhere else.
const VISITOR: Marks =
    Marks::KEYS.with(Marks::PRESSED).with(Marks::COOKIE).with(Marks::PASSWORD).with(Marks::FORM).with(Marks::OWNED);
/// Signs that a script could reach another site than its own, or make up the name of one.
const WAYS_OUT: [&str; 20] = [
    "http",
    "WebSocket",
    "EventSource",
    "sendBeacon",
    "atob(",
    "fromCharCode",
    "fromCodePoint",
    "\"//",
    "'//",
    "`//",
    "RTCPeer",
    "Image(",
    ".src",
    "src=",
    "src:",
    "location",
    ".action",
    "action=",
    "import(",
    "open(",
];
/// Functions that nobody defines and whose results a rule asks for. Others of which the file says nothing are its
/// neighbours' own.
const RESULTS: [&str; 33] = [
    "input",
    "eval",
    "Function",
    "AsyncFunction",
    "require",
    "import",
    "atob",
    "unescape",
    "fetch",
    "open",
    "getattr",
    "__import__",
    "globals",
    "locals",
    "vars",
    "type",
    "map",
    "iter",
    "Image",
    "XMLHttpRequest",
    "WebSocket",
    "EventSource",
    "FormData",
    "URL",
    "Worker",
    "SharedWorker",
    "Proxy",
    "Path",
    "String",
    "Array",
    "Object",
    "chr",
    "bytes",
];

#[derive(Default)]
pub(super) struct Late {
    of_use: bool,
    /// Something was learnt that is of use only to a script that reaches another site.
    visited: bool,
    /// The script could reach another site, for all that has been seen of it.
    reaches: bool,
    /// Where paths begin, and whether all of them go on with a call: what they are is known when all names are.
    roots: HashMap<String, bool>,
}

impl Late {
    pub fn new(source: &str, python: bool) -> Self {
        let reaches =
            python || WAYS_OUT.iter().any(|way| memchr::memmem::find(source.as_bytes(), way.as_bytes()).is_some());
        Self { reaches, ..Self::default() }
    }

    /// Marks of which nothing can come.
    pub const fn idle(&self) -> Marks {
        if self.reaches { Marks::NONE } else { VISITOR }
    }

    /// What a name is, that has been met and not yet been given anything, is of use by itself: a function has a maker.
    pub const fn ask(&mut self) {
        self.of_use = true;
    }

    /// A text stands in the script, or is put together in it: an address that is in no one place of the source.
    pub fn hear(&mut self, text: &str) {
        if !self.reaches && memchr::memchr2(b'/', b'\\', text.as_bytes()).is_some() {
            let slash = |c: char| matches!(c, '/' | '\\');
            let behind = text.trim_start().trim_start_matches(|c: char| slash(c) || c.is_ascii_whitespace());
            let slashes = text[..text.len() - behind.len()].chars().filter(|c| slash(*c)).count();
            self.reaches = slashes >= 2 || text.contains("://") || text.contains(":\\");
        }
    }

    /// Notes the value of a name that was used before.
    pub fn learn(&mut self, value: &Value, depth: usize) {
        let marks = value.all_marks().without(Marks::ASSEMBLED.with(Marks::TAMED));
        self.visited |= marks.has(VISITOR);
        if self.of_use || marks.without(VISITOR) != Marks::NONE || depth > DEPTH_MAX {
            self.of_use = true;
            return;
        }
        match &value.shape {
            Shape::Unknown | Shape::Number(_) | Shape::Function(None) => {}
            Shape::Text(_) => self.of_use = true,
            Shape::Function(Some(given)) => self.learn(given, depth + 1),
            Shape::List(values) => self.learn_all(values.iter(), depth),
            Shape::Table(pairs) => self.learn_all(pairs.iter().map(|(_, value)| value), depth),
            Shape::Path(path) => self.follow(path),
        }
    }

    fn learn_all<'v>(&mut self, values: impl ExactSizeIterator<Item = &'v Value>, depth: usize) {
        self.of_use |= values.len() > ELEMENTS_MAX;
        for value in values.take(ELEMENTS_MAX) {
            self.learn(value, depth + 1);
        }
    }

    fn follow(&mut self, path: &str) {
        let end = path.find(['.', '(', '[']).unwrap_or(path.len());
        let (root, called) = (&path[..end], path[end..].starts_with('('));
        // What a page's own functions give are its elements.
        let plain = root.is_empty() || root.starts_with('~') || PLAIN.contains(&root);
        if plain || root == "document" && path.contains('(') || self.roots.get(root) == Some(&false) {
            return;
        }
        if self.roots.len() < ROOTS_MAX {
            let called = called && self.roots.get(root).copied().unwrap_or(true);
            self.roots.insert(root.to_owned(), called);
        } else {
            self.of_use = true;
        }
    }

    /// Whether the second walk could find what the first did not. A path that begins at a name of the file's own, which
    /// is no module's, leads nowhere.
    pub fn is_of_use(&self, names: &HashMap<Cow<'_, str>, Value>) -> bool {
        self.of_use
            || self.reaches && self.visited
            || self.roots.iter().any(|(root, called)| match names.get(root.as_str()).map(|value| &value.shape) {
                None => !called || RESULTS.contains(&root.as_str()),
                Some(Shape::Path(_)) => true,
                Some(
                    Shape::Unknown
                    | Shape::Number(_)
                    | Shape::Text(_)
                    | Shape::List(_)
                    | Shape::Table(_)
                    | Shape::Function(_),
                ) => false,
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the rules ask of the result of a function that nobody defines, `"input()"`, the second walk looks for.
    #[test]
    fn what_rules_ask_for_is_learnt() {
        // Modules, which names are bound to, and ends of longer paths.
        const OTHERS: [&str; 8] =
            ["fs", "module", "ws", "Connection", "IO", "ProcessPoolExecutor", "createCipheriv", "fileno"];
        const RULES: [&str; 10] = [
            include_str!("../rules/evaluate.rs"),
            include_str!("../rules/files.rs"),
            include_str!("../rules/forms.rs"),
            include_str!("../rules/harvest.rs"),
            include_str!("../rules/hosted.rs"),
            include_str!("../rules/page.rs"),
            include_str!("../rules/scripted.rs"),
            include_str!("../rules/spawn.rs"),
            include_str!("../rules/wallet.rs"),
            include_str!("../origin.rs"),
        ];
        let mut asked = 0;
        for texts in RULES.iter().flat_map(|source| source.lines()).map(|line| line.split('"').skip(1).step_by(2)) {
            for text in texts {
                let Some((name, _)) = text.split_once("()").filter(|_| !text.contains([' ', '\\'])) else { continue };
                let one = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
                if one && !OTHERS.contains(&name) {
                    asked += 1;
                    assert!(RESULTS.contains(&name) || PLAIN.contains(&name), "`{name}()`");
                }
            }
        }
        assert!(asked >= 8, "{asked} results are asked for");
    }
}
