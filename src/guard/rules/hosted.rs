//! Code that another function runs: a timer's, a template's, a loader's, or what is in a pickle.

use super::evaluate::{DYNAMIC_IMPORT, EVAL, INTROSPECTION, NATIVE, UNPICKLE};
use crate::guard::{
    fact::Call,
    found::Found,
    read::Language,
    value::{Marks, Shape, Value},
};

pub(super) fn call(call: &Call<'_>, line: usize, found: &mut Found<'_>) {
    hosted(call, line, found);
    templated(call, line, found);
    unpickled(call, line, found);
}

/// A template of what a request brings: its expressions are code.
fn templated(call: &Call<'_>, line: usize, found: &mut Found<'_>) {
    let compiles = matches!(
        call.path,
        "jinja2.Template"
            | "flask.render_template_string"
            | "render_template_string"
            | "mako.template.Template"
            | "ejs.render"
            | "ejs.compile"
            | "pug.render"
            | "pug.compile"
            | "lodash.template"
            | "underscore.template"
            | "doT.template"
            | "nunjucks.renderString"
    ) || call.path.starts_with("jinja2.") && call.method() == "from_string";
    if compiles && call.arg(0).is_some_and(|source| source.all_marks().has(Marks::REQUEST)) {
        found.add(&EVAL, line, &format!("`{}` runs a template out of a request", call.path));
    }
}

/// Code and modules that another function runs: a timer's, a profiler's, a loader's, a browser's.
fn hosted(call: &Call<'_>, line: usize, found: &mut Found<'_>) {
    let marks = call.arg_marks();
    match call.path {
        "timeit.timeit" | "timeit.repeat" | "timeit.Timer" | "cProfile.run" | "profile.run" | "pdb.run"
        | "pdb.runeval" => {
            for arg in call.args {
                match (&arg.shape, arg.as_path()) {
                    (Shape::Text(code), _) => found.nest(Language::Python, code, line),
                    (_, Some(path)) if is_given(path) => {
                        found.add(&EVAL, line, &format!("`{}` runs what it is given", call.path));
                    }
                    (_, _) => {}
                }
            }
        }
        "importlib.machinery.SourceFileLoader"
        | "importlib.machinery.SourcelessFileLoader"
        | "importlib.machinery.ExtensionFileLoader"
        | "importlib.util.spec_from_file_location"
        | "SourceFileLoader"
        | "imp.load_source" => {
            let outside = call
                .args
                .iter()
                .filter_map(Value::as_text)
                .any(|path| ["/tmp/", "/var/tmp/", "/dev/shm/"].iter().any(|folder| path.starts_with(folder)));
            if outside || marks.has(Marks::REQUEST.with(Marks::NETWORK).with(Marks::DECODED)) {
                found.add(&DYNAMIC_IMPORT, line, &format!("`{}` loads what is no part of the app", call.path));
            }
        }
        "jinja2.Template" | "Template" | "flask.render_template_string" | "render_template_string"
            if call.args.iter().filter_map(Value::as_text).any(|text| {
                ["__globals__", "__subclasses__", "__mro__", "__import__", "__builtins__"]
                    .iter()
                    .any(|name| text.contains(name))
            }) =>
        {
            found.add(&INTROSPECTION, line, "a template reaches for what its own names do not lead to");
        }
        "mmap.mmap" if call.arg_paths().any(|path| path == "mmap.PROT_EXEC") => {
            found.add(&NATIVE, line, "memory is made that runs");
        }
        _ => {}
    }
}

/// Whether whoever starts the program, or sits before it, decides on a value.
fn is_given(path: &str) -> bool {
    path.starts_with("sys.argv") || path.starts_with("input()") || path.starts_with("sys.stdin")
}

fn unpickled(call: &Call<'_>, line: usize, found: &mut Found<'_>) {
    let marks = call.arg_marks();
    let foreign = marks.has(Marks::REQUEST.with(Marks::NETWORK).with(Marks::DECODED));
    match call.path {
        "pickle.loads" | "pickle.load" | "cPickle.loads" | "cPickle.load" | "dill.loads" | "dill.load"
        | "jsonpickle.decode" | "shelve.open" | "cloudpickle.loads" | "joblib.load" | "pickle.Unpickler" => {
            let what = format!("`{}`", call.path);
            if foreign { found.add(&UNPICKLE, line, &what) } else { found.hint(&UNPICKLE, line, &what) }
        }
        "yaml.load" | "yaml.unsafe_load" | "yaml.full_load" | "yaml.load_all" => {
            let loader = call.either(1, "Loader").and_then(Value::as_path).unwrap_or_default();
            if loader.contains("Safe") {
                return;
            }
            if foreign { found.add(&UNPICKLE, line, "`yaml.load`") } else { found.hint(&UNPICKLE, line, "`yaml.load`") }
        }
        "numpy.load" if call.option("allow_pickle").is_some_and(Value::is_true) => {
            let brought = call.text(0).is_some_and(|path| path.starts_with("/tmp/"));
            if foreign || brought {
                found.add(&UNPICKLE, line, "`numpy.load` of a pickle that is no part of the app");
            } else {
                found.hint(&UNPICKLE, line, "`numpy.load` with pickles");
            }
        }
        "marshal.loads" | "marshal.load" => found.add(&UNPICKLE, line, "`marshal.loads` gives code"),
        path if path.ends_with(".unserialize") => {
            found.add(&UNPICKLE, line, "`unserialize` runs functions in its data")
        }
        _ => {}
    }
}
