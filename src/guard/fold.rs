//! Constant folding: what well-known functions make of known values.
//!
//! Names that evade a search are mostly put together by a handful of functions, and those are pure: what they give can
//! be computed here, without running anything. `None` is "not known", never "harmless"; the caller then goes on with
//! the marks of the arguments. Every result is bounded by [`TEXT_MAX`] and [`ELEMENTS_MAX`].

use std::rc::Rc;

use super::climb;
use super::decode::{self, codes};
use super::value::{ELEMENTS_MAX, HOLE, Marks, Shape, TEXT_MAX, Value};
use super::worst;

/// Bytes of a text that is taken apart into its letters.
const LETTERS_MAX: usize = 1024;

/// What a method of a known value gives.
pub(super) fn method(of: &Value, name: &str, args: &[Value]) -> Option<Value> {
    let folded = match &of.shape {
        Shape::Text(text) => text_method(text, name, args),
        Shape::List(values) => list_method(values, name, args),
        Shape::Number(number) => number_method(*number, name, args),
        Shape::Table(pairs) => return worst::looked_up(pairs, of, name, args),
        Shape::Unknown | Shape::Path(_) | Shape::Function(_) => None,
    }?;
    let marks = args.iter().fold(of.all_marks(), |marks, arg| marks.with(arg.all_marks()));
    Some(folded.marked(marks.with(Marks::ASSEMBLED)))
}

/// What a well-known function gives.
pub(super) fn function(path: &str, args: &[Value]) -> Option<Value> {
    let marks = args.iter().fold(Marks::ASSEMBLED, |marks, arg| marks.with(arg.all_marks()));
    let first = args.first();
    let text = || first.and_then(Value::known);
    let folded = match path {
        "String.fromCharCode" | "String.fromCodePoint" | "chr" | "unichr" => codes(args)?,
        "bytes" | "bytearray" | "Buffer.from" | "Uint8Array.from" | "Uint8Array"
            if first.is_some_and(|value| value.as_list().is_some()) =>
        {
            codes(args)?
        }
        "unescape" | "decodeURIComponent" | "decodeURI" | "urllib.parse.unquote" => {
            Value::text(percent_encoding::percent_decode_str(text()?).decode_utf8_lossy().into_owned())
        }
        "Array().fill" => climb::list(first?)?,
        "Array.from" if args.get(1).and_then(climb::made).is_some() => climb::made(args.get(1)?)?,
        "Array.from" | "list" if first?.as_text().is_some() => {
            let text = text()?;
            // Whatever is done to each letter, they are read as they are.
            (text.len() <= LETTERS_MAX)
                .then(|| Value::list(text.chars().map(|c| Value::text(c.to_string())).collect()))?
        }
        "String" | "str" | "Promise.resolve" | "Object.freeze" | "Object" | "list" | "tuple" | "Array.from"
        | "iter" | "pathlib.Path" | "Path" | "String.raw" | "memoryview" | "os.fspath" | "os.path.expanduser"
        | "os.path.abspath" | "os.path.normpath" | "os.path.realpath" | "path.normalize" | "new URL" => first?.clone(),
        "map" if matches!(first?.as_path(), Some("chr" | "unichr" | "String.fromCharCode")) => {
            codes(args.get(1)?.as_list()?)?
        }
        "map" if matches!(first?.as_path(), Some("str" | "int")) => {
            let texts = args.get(1)?.as_list()?.iter().map(|value| Value::text(value.to_text().as_str()));
            Value::list(texts.collect())
        }
        "Object.values" | "Object.keys" | "Object.entries" => match &first?.shape {
            Shape::Table(pairs) => return worst::looked_up(pairs, first?, &path["Object.".len()..], &[]),
            Shape::Unknown
            | Shape::Number(_)
            | Shape::Text(_)
            | Shape::List(_)
            | Shape::Path(_)
            | Shape::Function(_) => {
                return None;
            }
        },
        "Array.of" => Value::list(args.to_vec()),
        "parseInt" | "Number" | "int" | "float" | "parseFloat" => Value::number(number(args)?),
        "ord" => Value::number(f64::from(u32::from(text()?.chars().next()?))),
        "reversed" => reverse(first?)?,
        "os.path.join" | "path.join" | "path.resolve" | "path.posix.join" | "posixpath.join" => join_path(args)?,
        "os.path.basename" | "path.basename" => return None,
        _ => decode::call(path, args)?,
    };
    Some(folded.marked(marks))
}

/// `new URL(path, base)`.
pub(super) fn address(args: &[Value]) -> Option<Value> {
    let address = args.first()?.as_text().filter(|address| address.contains("://"));
    let whole = match (address, args.get(1).and_then(Value::as_text)) {
        (Some(address), _) => Value::text(address),
        (None, Some(base)) if base.contains("://") => Value::text(base).append(&Value::text("/")).append(args.first()?),
        (None, _) => return None,
    };
    Some(args.iter().fold(whole, |whole, arg| whole.marked(arg.all_marks())))
}

fn text_method(text: &Rc<String>, name: &str, args: &[Value]) -> Option<Value> {
    let known = |index: usize| args.get(index).and_then(Value::known);
    Some(match name {
        "concat" => args.iter().fold(Value::text(text.as_str()), |joined, arg| joined.append(arg)),
        "toLowerCase" | "lower" | "casefold" => Value::text(text.to_lowercase()),
        "toUpperCase" | "upper" => Value::text(text.to_uppercase()),
        "trim" | "strip" => {
            Value::text(known(0).map_or_else(|| text.trim(), |set| text.trim_matches(|c| set.contains(c))))
        }
        "toString" | "valueOf" | "decode" | "encode" | "normalize" | "expanduser" | "resolve" | "as_posix"
        | "absolute" | "tobytes" | "__str__" => Value::text(text.as_str()),
        "reverse" => reverse(&Value::text(text.as_str()))?,
        "repeat" => match args.first()?.as_number() {
            Some(count) => repeat(text, count),
            None => climb::text(text)?,
        },
        "charAt" | "at" | "__getitem__" => Value::text(character(text, args.first()?.as_number()?)?),
        "charCodeAt" | "codePointAt" => {
            let at = args.first().and_then(Value::as_number).unwrap_or(0.0);
            Value::number(f64::from(u32::from(character(text, at)?.chars().next()?)))
        }
        "slice" | "substring" => part(text, args, false)?,
        "substr" => part(text, args, true)?,
        "split" => split(text, args.first()),
        "replace" | "replaceAll" => replace(text, args)?,
        "join" => join(args.first()?, text)?,
        "joinpath" => join_path(&[&[Value::text(text.as_str())], args].concat())?,
        "format" => args.iter().fold(Value::text(text.as_str()), |value, arg| {
            let filled = value.to_text().replacen("{}", &arg.to_text(), 1);
            Value::text(filled)
        }),
        _ => return None,
    })
}

fn list_method(values: &Rc<Vec<Value>>, name: &str, args: &[Value]) -> Option<Value> {
    Some(match name {
        "join" => {
            let separator = args.first().map_or_else(|| Rc::new(",".to_owned()), Value::to_text);
            join(&Value { shape: Shape::List(Rc::clone(values)), marks: Marks::NONE }, &separator)?
        }
        "reverse" | "toReversed" => Value::list(values.iter().rev().cloned().collect()),
        "concat" => {
            let more = args.iter().flat_map(|arg| arg.as_list().map_or_else(|| vec![arg.clone()], <[_]>::to_vec));
            Value::list(values.iter().cloned().chain(more.take(ELEMENTS_MAX)).collect())
        }
        "slice" => {
            let from = index(args.first().and_then(Value::as_number).unwrap_or(0.0), values.len());
            let to = args.get(1).and_then(Value::as_number).map_or(values.len(), |to| index(to, values.len()));
            Value::list(values.get(from..to)?.to_vec())
        }
        "toString" => codes(values).or_else(|| join(&Value::list(values.to_vec()), ","))?,
        "decode" => codes(values)?,
        // Which it is cannot be known, so it is the one that matters.
        "find" | "findLast" => {
            let worst = values.iter().find(|value| value.as_text().is_some_and(is_dangerous_name));
            worst.cloned()?
        }
        "pop" | "at" | "shift" => {
            let at = if name == "shift" { 0.0 } else { args.first().and_then(Value::as_number).unwrap_or(-1.0) };
            values.get(index(at, values.len()))?.clone()
        }
        _ => return None,
    })
}

/// Names that nobody keeps in a list but to call what they name.
pub(super) fn is_dangerous_name(name: &str) -> bool {
    matches!(name, "eval" | "Function" | "execSync" | "child_process" | "__import__" | "constructor" | "popen")
}

fn number_method(number: f64, name: &str, args: &[Value]) -> Option<Value> {
    if name != "toString" || number < 0.0 || number.fract() != 0.0 {
        return None;
    }
    // `(30)["toString"](36)` is a way to write letters.
    let radix = args.first().map_or(Some(10.0), Value::as_number)?;
    if !(2.0..=36.0).contains(&radix) || number > 9e15 {
        return None;
    }
    let (mut rest, radix) = (number as u64, radix as u64);
    let mut digits = Vec::new();
    loop {
        digits.push(char::from_digit(u32::try_from(rest % radix).ok()?, 36)?);
        rest /= radix;
        if rest == 0 {
            break;
        }
    }
    Some(Value::text(digits.iter().rev().collect::<String>()))
}

/// `text[slice]` or `list[slice]` of Python, for the slices that are used to turn texts around.
pub(super) fn slice(of: &Value, slice: &str) -> Option<Value> {
    let parts: Vec<&str> = slice.split(':').map(str::trim).collect();
    let number = |at: usize| parts.get(at).filter(|part| !part.is_empty()).and_then(|part| part.parse::<f64>().ok());
    let step = number(2).unwrap_or(1.0);
    let characters: Vec<Value> = match &of.shape {
        Shape::Text(text) => text.chars().take(ELEMENTS_MAX).map(Value::text).collect(),
        Shape::List(values) => values.to_vec(),
        Shape::Unknown | Shape::Number(_) | Shape::Table(_) | Shape::Path(_) | Shape::Function(_) => return None,
    };
    let length = characters.len();
    let (from, to) = (number(0).map_or(0, |at| index(at, length)), number(1).map_or(length, |at| index(at, length)));
    let picked: Vec<Value> = if step < 0.0 {
        characters.into_iter().rev().step_by(whole(-step)?).collect()
    } else {
        characters.get(from..to)?.iter().step_by(whole(step)?).cloned().collect()
    };
    let folded = match &of.shape {
        Shape::Text(_) => join(&Value::list(picked), "")?,
        Shape::Unknown | Shape::Number(_) | Shape::List(_) | Shape::Table(_) | Shape::Path(_) | Shape::Function(_) => {
            Value::list(picked)
        }
    };
    Some(folded.marked(of.all_marks().with(Marks::ASSEMBLED)))
}

fn number(args: &[Value]) -> Option<f64> {
    let radix = args.get(1).and_then(Value::as_number);
    match (args.first()?.known(), radix) {
        (Some(text), Some(radix)) if (2.0..=36.0).contains(&radix) => {
            let parsed = u32::from_str_radix(text.trim_start_matches("0x"), radix as u32).ok()?;
            Some(f64::from(parsed))
        }
        _ => args.first()?.as_number(),
    }
}

fn reverse(value: &Value) -> Option<Value> {
    match &value.shape {
        Shape::Text(text) => Some(Value::text(text.chars().rev().collect::<String>())),
        Shape::List(values) => Some(Value::list(values.iter().rev().cloned().collect())),
        Shape::Unknown | Shape::Number(_) | Shape::Table(_) | Shape::Path(_) | Shape::Function(_) => None,
    }
}

fn join(values: &Value, separator: &str) -> Option<Value> {
    if let Some(text) = values.as_text() {
        let texts: Vec<String> = text.chars().take(ELEMENTS_MAX).map(String::from).collect();
        return Some(Value::text(texts.join(separator)));
    }
    let separator = Value::text(separator);
    let mut joined = Value::text("");
    for (at, value) in values.as_list()?.iter().enumerate() {
        if at > 0 {
            joined = joined.append(&separator);
        }
        joined = joined.append(value);
    }
    Some(joined)
}

fn join_path(args: &[Value]) -> Option<Value> {
    let mut joined = Value::text("");
    for (at, part) in args.iter().filter(|arg| !matches!(arg.shape, Shape::Table(_))).enumerate() {
        let absolute = part.as_text().is_some_and(|text| text.starts_with('/'));
        joined = match (at, absolute) {
            (0, _) => joined.append(part),
            (_, true) => Value::text("").append(part).marked(joined.all_marks()),
            (_, false) => joined.append(&Value::text("/")).append(part),
        };
    }
    (!args.is_empty()).then_some(joined)
}

/// `text * count`; a hole when that is too long to be kept.
pub(super) fn repeat(text: &str, count: f64) -> Value {
    let length = text.len() as f64 * count;
    if length > TEXT_MAX as f64 {
        return Value::text(HOLE);
    }
    whole(count).map_or_else(|| Value::text(""), |count| Value::text(text.repeat(count)))
}

fn character(text: &str, at: f64) -> Option<String> {
    let length = if at < 0.0 { text.chars().count() } else { 0 };
    text.chars()
        .nth(if at < 0.0 { index(at, length) } else { whole(at).or((at == 0.0).then_some(0))? })
        .map(String::from)
}

fn part(text: &str, args: &[Value], counted: bool) -> Option<Value> {
    let length = text.chars().count();
    let from = index(args.first()?.as_number()?, length);
    let to = match args.get(1) {
        None => length,
        Some(value) if counted => from + index(value.as_number()?, length - from),
        Some(value) => index(value.as_number()?, length),
    };
    Some(Value::text(text.chars().skip(from).take(to.saturating_sub(from)).collect::<String>()))
}

fn split(text: &str, separator: Option<&Value>) -> Value {
    let separator = separator.map(Value::to_text);
    let parts: Vec<Value> = match separator.as_ref().map(|text| text.as_str()) {
        None => text.split_whitespace().take(ELEMENTS_MAX).map(Value::text).collect(),
        Some("") => text.chars().take(ELEMENTS_MAX).map(Value::text).collect(),
        Some(separator) => text.split(separator).take(ELEMENTS_MAX).map(Value::text).collect(),
    };
    Value::list(parts)
}

fn replace(text: &str, args: &[Value]) -> Option<Value> {
    let new = args.get(1)?.known()?;
    let old = match args.first()?.known() {
        Some(old) => old.to_owned(),
        // A regular expression is a table with its source; only plain ones are folded.
        None => {
            let source = args.first()?.get("source")?.known()?.to_owned();
            source.trim_start_matches('[').trim_end_matches(']').to_owned()
        }
    };
    if old.is_empty() || old.contains(['\\', '(', '*', '+', '.']) && old.len() > 1 {
        return None;
    }
    // JavaScript replaces a text only once, Python everywhere. Taking all away hides nothing.
    (text.len() * (new.len() + 1) <= TEXT_MAX * 4).then(|| Value::text(text.replace(&old, new)))
}

/// An index as scripts mean it: negative ones count from the end; held inside of `length`.
fn index(at: f64, length: usize) -> usize {
    if at < 0.0 { length.saturating_sub((-at) as usize) } else { (at as usize).min(length) }
}

/// A positive whole number.
fn whole(number: f64) -> Option<usize> {
    (1.0..=1e9).contains(&number).then_some(number as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(texts: &[&str]) -> Value {
        Value::list(texts.iter().map(|text| Value::text(*text)).collect())
    }

    fn numbers(numbers: &[f64]) -> Vec<Value> {
        numbers.iter().map(|number| Value::number(*number)).collect()
    }

    #[test]
    fn names_in_disguise_are_read() {
        let eval = [101.0, 118.0, 97.0, 108.0];
        for folded in [
            function("String.fromCharCode", &numbers(&eval)),
            function("bytes", &[Value::list(numbers(&eval))]),
            function("atob", &[Value::text("ZXZhbA==")]),
            function("bytes.fromhex", &[Value::text("65 76 61 6c")]),
            function("codecs.decode", &[Value::text("riny"), Value::text("rot13")]),
            function("Buffer.from", &[Value::text("6576616c"), Value::text("hex")]),
            function("unescape", &[Value::text("%65val")]),
            slice(&Value::text("lave"), "::-1"),
            method(&texts(&["ev", "al"]), "join", &[Value::text("")]),
            method(&Value::text("exval"), "replace", &[Value::text("x"), Value::text("")]),
            method(&Value::text("xxeval"), "slice", &[Value::number(2.0)]),
            method(&Value::text("EVAL"), "toLowerCase", &[]),
            method(&Value::text("{}al"), "format", &[Value::text("ev")]),
        ] {
            let folded = folded.unwrap();
            assert_eq!(folded.known(), Some("eval"));
            assert!(folded.marks.has(Marks::ASSEMBLED));
        }
        let split = method(&Value::text("lave"), "split", &[Value::text("")]).unwrap();
        let turned = method(&split, "reverse", &[]).unwrap();
        assert_eq!(method(&turned, "join", &[Value::text("")]).unwrap().known(), Some("eval"));
    }

    #[test]
    fn nothing_grows_past_its_bound() {
        assert_eq!(repeat("x", 1e12).known(), None);
        assert!(method(&Value::text("x"), "repeat", &[Value::number(f64::NAN)]).unwrap().known() == Some(""));
        assert_eq!(method(&Value::text("abc"), "charAt", &[Value::number(1e300)]), None);
        assert_eq!(function("String.fromCharCode", &[Value::number(-1e300)]).unwrap().known(), Some("\0"));
    }
}
