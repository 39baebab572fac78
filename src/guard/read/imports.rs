//! Imports: names that lead to modules.

use std::{borrow::Cow, ops::Range, rc::Rc};

use super::{
    handed,
    walk::{Item, Walk},
};
use crate::guard::{
    fact::Fact,
    syntax::kinds::{Field, Kind},
    value::{Marks, Shape, Value},
};

/// The path of a module, by the name that it is loaded by.
pub(super) fn module_path(name: &str) -> String {
    let name = name.strip_prefix("node:").unwrap_or(name);
    match name {
        "fs/promises" => "fs.promises".to_owned(),
        "fs-extra" | "graceful-fs" => "fs".to_owned(),
        "builtins" | "__builtin__" => "builtins".to_owned(),
        name if name.starts_with(['.', '/']) => format!("~{name}"),
        name => name.to_owned(),
    }
}

/// Loads a module by name: tells of it, and gives its path.
pub(super) fn load(walk: &mut Walk<'_, '_>, name: &str, marks: Marks) -> Value {
    load_as(walk, name, marks, false)
}

/// As [`load`]. `hoisted`: before anything else of the file is done.
fn load_as(walk: &mut Walk<'_, '_>, name: &str, marks: Marks, hoisted: bool) -> Value {
    walk.starts |= !walk.python && name.strip_prefix("node:").unwrap_or(name) == "child_process";
    walk.tell(Fact::Import { module: name.strip_prefix("node:").unwrap_or(name), hoisted });
    Value::path(module_path(name)).marked(marks.without(Marks::ASSEMBLED))
}

/// The parts of an import statement, and at its end the statement.
pub(super) fn import(walk: &mut Walk<'_, '_>, kind: Kind, range: Range<usize>, items: Vec<Item>) -> Value {
    match kind {
        Kind::Dotted => Value::text(walk.source[range].replace(char::is_whitespace, "")),
        Kind::ImportAll => Value::text("*"),
        // [name, alias]
        Kind::ImportPart => {
            let texts = items.iter().map(|inner| match inner.kind {
                Kind::Dotted | Kind::Literal => inner.value.clone(),
                _ => Value::text(walk.span(inner)),
            });
            Value::list(texts.collect())
        }
        Kind::FromImport => {
            from_import(walk, &items);
            Value::UNKNOWN
        }
        _ if walk.python => {
            python_import(walk, &items);
            Value::UNKNOWN
        }
        _ => {
            javascript_import(walk, range.start, &items);
            Value::UNKNOWN
        }
    }
}

fn javascript_import(walk: &mut Walk<'_, '_>, from: usize, items: &[Item]) {
    let source = items.iter().find(|inner| inner.field == Field::Source).and_then(|inner| inner.value.known());
    let Some(source) = source else { return };
    // `import fs = require("fs")` is one where it stands.
    let hoisted = items.last().is_none_or(|last| !walk.source[last.end..].trim_start().starts_with(')'));
    let module = load_as(walk, source, Marks::NONE, hoisted);
    handed::exported(walk, source, from);
    for inner in items.iter().filter(|inner| inner.field != Field::Source) {
        match inner.kind {
            Kind::Ident => bind(walk, walk.span(inner), module.clone()),
            Kind::ImportPart => {
                let Some([name, alias]) = parts(&inner.value) else { continue };
                bind(walk, &alias, module.clone().member(&name));
            }
            // `* as name`: the name is the last word.
            Kind::ImportAll => {
                let name = walk.span(inner).rsplit(char::is_whitespace).next().unwrap_or_default();
                bind(walk, name, module.clone());
            }
            _ => {}
        }
    }
}

fn python_import(walk: &mut Walk<'_, '_>, items: &[Item]) {
    for inner in items {
        match (&inner.value.shape, parts(&inner.value)) {
            (Shape::Text(name), _) => {
                load(walk, name, Marks::NONE);
                let first = name.split('.').next().unwrap_or_default();
                bind(walk, first, Value::path(first));
            }
            (_, Some([name, alias])) => {
                let module = load(walk, &name, Marks::NONE);
                bind(walk, &alias, module);
            }
            _ => {}
        }
    }
}

fn from_import(walk: &mut Walk<'_, '_>, items: &[Item]) {
    let Some(Shape::Text(module)) =
        items.iter().find(|inner| inner.field == Field::Module).map(|inner| &inner.value.shape)
    else {
        return;
    };
    let module = Rc::clone(module);
    let local = module.starts_with('.');
    let path = if local { Value::path(format!("~{module}")) } else { load(walk, &module, Marks::NONE) };
    for inner in items.iter().filter(|inner| inner.field != Field::Module) {
        if inner.kind == Kind::ImportAll {
            if !local {
                walk.wild.push(module.as_str().to_owned());
            }
            continue;
        }
        let named = match &inner.value.shape {
            Shape::Text(name) => Some([Rc::clone(name), Rc::clone(name)]),
            _ => parts(&inner.value),
        };
        if let Some([name, alias]) = named {
            bind(walk, &alias, path.clone().member(&name));
        }
    }
}

fn bind(walk: &mut Walk<'_, '_>, name: &str, value: Value) {
    walk.bind(Cow::Owned(name.to_owned()), value);
}

/// Name and alias, which is the name where there is none.
fn parts(value: &Value) -> Option<[Rc<String>; 2]> {
    match value.as_list()? {
        [name] => Some([name.to_text(), name.to_text()]),
        [name, alias, ..] => Some([name.to_text(), alias.to_text()]),
        [] => None,
    }
}
