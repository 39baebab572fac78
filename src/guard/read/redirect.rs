//! Calls that stand for something else: another call, a module, or what they were given.

use super::{imports, reduce::held, walk::Walk};
use crate::guard::{
    fact::{Call, Fact},
    rules,
    value::{Marks, Shape, Value},
};

/// Calls that are another call, or that give what they were given.
pub(super) fn redirected(walk: &mut Walk<'_, '_>, path: &str, args: &[Value]) -> Option<Value> {
    let first = args.first();
    match path {
        "require"
        | "import"
        | "__import__"
        | "importlib.import_module"
        | "importlib.__import__"
        | "process.binding"
        | "module.createRequire()"
        | "require.resolve"
        | "runpy.run_module"
        | "process.getBuiltinModule" => {
            let name = first.and_then(Value::known)?.to_owned();
            Some(imports::load(walk, &name, first.map_or(Marks::NONE, Value::all_marks)))
        }
        path if path.ends_with(".__import__") => {
            let name = first.and_then(Value::known)?.to_owned();
            Some(imports::load(walk, &name, Marks::NONE))
        }
        "document.createElement" if first?.known()?.eq_ignore_ascii_case("script") => {
            Some(Value::path(rules::SCRIPT_ELEMENT))
        }
        "os.environ.get" | "os.getenv" => {
            args.get(1).filter(|default| matches!(default.known(), Some("/" | "~" | "/home"))).cloned()
        }
        "document.createTextNode" => first.cloned(),
        "Object.assign" | "jQuery.extend" | "$.extend" => {
            let target = first?.clone();
            let path = target.as_path()?.to_owned();
            for (key, value) in args.iter().skip(1).filter_map(Value::as_table).flatten() {
                walk.tell(Fact::Assign { path: &format!("{path}.{key}"), value });
            }
            Some(target.marked(args.iter().fold(Marks::NONE, |marks, arg| marks.with(arg.all_marks()))))
        }
        "functools.partial" | "util.promisify" | "promisify" | "functools.wraps" => Some(first?.clone()),
        "Reflect.apply" | "Reflect.construct" => {
            let target = first?.as_path()?.to_owned();
            let inner = args.iter().rev().find_map(Value::as_list)?.to_vec();
            let (endless, python) = (walk.is_endless(), walk.python);
            let marks = first?.marks;
            let given = args.iter().fold(Marks::NONE, |marks, arg| marks.with(arg.all_marks()));
            walk.tell(Fact::Call(Call { marks, endless, python, ..Call::new(&target, &inner, given) }));
            Some(Value::path(format!("{target}()")))
        }
        "Object.getPrototypeOf" | "Reflect.getPrototypeOf"
            if first.and_then(Value::as_path).is_some_and(|name| walk.missed.contains(name)) =>
        {
            walk.late.ask();
            None
        }
        _ => reflected(walk, path, args),
    }
}

/// Modules of Python that have no function of these names: who calls one on them has their table of names in hand.
fn in_names(path: &str) -> Option<&str> {
    let (module, by) = path.rsplit_once('.').unwrap_or(("builtins", path));
    let looks_up = matches!(by, "get" | "__getitem__" | "pop" | "setdefault");
    let module = matches!(
        module,
        "os" | "posix"
            | "nt"
            | "subprocess"
            | "shutil"
            | "builtins"
            | "ctypes"
            | "pty"
            | "importlib"
            | "sys"
            | "socket"
    )
    .then_some(module);
    module.filter(|_| looks_up)
}

/// Calls that look a member up by its name.
fn reflected(walk: &Walk<'_, '_>, path: &str, args: &[Value]) -> Option<Value> {
    let first = args.first();
    if walk.python
        && let (Some(module), Some(name)) = (in_names(path), first.and_then(Value::known))
    {
        return Some(Value::path(module).member(name).marked(Marks::ASSEMBLED));
    }
    match path {
        "getattr" | "Reflect.get" | "builtins.getattr" | "object.__getattribute__" | "operator.getitem" => {
            let name = args.get(1)?;
            let object = first?.clone();
            Some(match name.known() {
                Some(known) if held(walk, &object, known).is_some() => return held(walk, &object, known),
                Some(known) => {
                    let shown =
                        name.marks.with(if name.marks.has(Marks::ASSEMBLED) { Marks::ASSEMBLED } else { Marks::NONE });
                    object.member(known).marked(shown)
                }
                None => object.member("[?]").marked(name.all_marks()),
            })
        }
        path if path.ends_with(".__getattribute__") => {
            let base = path.trim_end_matches(".__getattribute__");
            Some(Value::path(base).member(args.last()?.known().unwrap_or("[?]")))
        }
        "Object.getOwnPropertyDescriptor" | "Reflect.getOwnPropertyDescriptor" => {
            let held = first?.clone().member(args.get(1)?.known()?);
            let named = |name: &str| std::rc::Rc::new(name.to_owned());
            Some(Value::table(vec![(named("value"), held.clone()), (named("get"), held)]))
        }
        "Object.getPrototypeOf" | "Reflect.getPrototypeOf" => {
            first.filter(|value| matches!(value.shape, Shape::Function(_))).cloned()
        }
        "vars" | "globals().get" | "globals" | "locals" => match first {
            Some(object) if path == "vars" => Some(object.clone()),
            Some(key) if path == "globals().get" => {
                let name = key.known()?;
                held(walk, &Value::path("globals()"), name).or_else(|| Some(Value::path(name)))
            }
            _ => Some(Value::path("globals()")),
        },
        "operator.methodcaller" => Some(Value::path(format!("~methodcaller.{}", first?.known()?))),
        "operator.attrgetter" => Some(Value::path(format!("~attrgetter.{}", first?.known()?))),
        _ => None,
    }
}
