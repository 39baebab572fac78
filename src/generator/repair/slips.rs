//! What a runtime stumbles over: words of another language, constants that change, texts where bytes are wanted.

use super::{
    Diagnostic,
    scan::{Kind, indent, kinds, place, with_line, with_words},
    source::{Language, Sides, edit, edit_in, edit_one, language, pattern},
};
use crate::types::Artifact;

/// `true`, `null` in Python; `True`, `None` in JavaScript.
pub(super) fn foreign_words(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    const TO_PYTHON: [(&str, &str); 4] =
        [("true", "True"), ("false", "False"), ("null", "None"), ("undefined", "None")];
    const TO_SCRIPT: [(&str, &str); 3] = [("True", "true"), ("False", "false"), ("None", "null")];
    let python =
        pattern!(r"NameError: name '(?:true|false|null|undefined)' is not defined").is_match(&diagnostic.output);
    let script = pattern!(r"ReferenceError: (?:True|False|None) is not defined").is_match(&diagnostic.output);
    if !python && !script {
        return None;
    }
    edit(artifact, |file| match language(&file.path) {
        Language::Python if python => Some(with_words(file, &TO_PYTHON)),
        Language::Script if script => Some(with_words(file, &TO_SCRIPT)),
        Language::Python
        | Language::Script
        | Language::Shell
        | Language::Html
        | Language::Style
        | Language::Json
        | Language::Other => None,
    })
}

/// A constant that is changed later on.
pub(super) fn constant(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    if !diagnostic.says("Assignment to constant variable") {
        return None;
    }
    let place = place(artifact, diagnostic)?;
    let file = artifact.files.iter().find(|file| file.path == place.path)?;
    let line = file.content.lines().nth(place.line)?;
    let changed = pattern!(r"(?:\+\+|--)\s*([\w$]+)|\b([\w$]+)\s*(?:\+\+|--|(?:[-+*/%|&^]|\*\*|\?\?|\|\||&&)?=[^=>])");
    let names: Vec<String> = changed
        .captures_iter(line)
        .filter_map(|found| found.get(1).or_else(|| found.get(2)))
        .map(|name| format!("const {} =", name.as_str()))
        .collect();
    edit_one(artifact, &place.path, |text| {
        let declared = names.iter().find(|declared| text.contains(declared.as_str()))?;
        Some(text.replacen(declared, &declared.replacen("const", "let", 1), 1))
    })
}

/// The class `datetime` and the module of the same name.
pub(super) fn datetime(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let of_class = diagnostic.says("'datetime.datetime' has no attribute 'datetime'");
    let of_module =
        pattern!(r"module 'datetime' has no attribute '(?:now|utcnow|strptime|fromisoformat|today|fromtimestamp)'")
            .is_match(&diagnostic.output)
            || diagnostic.says("'module' object is not callable");
    if !of_class && !of_module {
        return None;
    }
    edit_in(artifact, Language::Python, |file| {
        let text = &file.content;
        let imports_class = pattern!(r"(?m)^\s*from datetime import .*\bdatetime\b").is_match(text);
        if of_class && imports_class {
            return Some(pattern!(r"\bdatetime\.datetime\b").replace_all(text, "datetime").into_owned());
        }
        let uses_module = pattern!(r"\bdatetime\.(?:datetime|timedelta|timezone|date|time)\b").is_match(text);
        (of_module && !uses_module && !imports_class).then(|| {
            pattern!(r"(?m)^import datetime[ \t]*$").replace(text, "from datetime import datetime").into_owned()
        })
    })
}

/// What stands between the brackets that follow `call` in a line, and where.
fn argument<'a>(line: &'a str, call: &str) -> Option<(usize, &'a str)> {
    let begin = line.find(call)? + call.len();
    let mut depth = 0_usize;
    for (at, c) in line[begin..].char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' if depth == 0 => return Some((begin, line[begin..begin + at].trim())),
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

fn wrapped(line: &str, call: &str, before: &str, after: &str) -> Option<String> {
    let (at, argument) = argument(line, call)?;
    if argument.is_empty() || argument.starts_with(before) && argument.ends_with(after) {
        return None;
    }
    let rest = &line[at + argument.len()..];
    Some([&line[..at], before, argument, after, rest].concat())
}

/// A text that is written where bytes are wanted.
pub(super) fn bytes(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    if !diagnostic.says("a bytes-like object is required, not 'str'") {
        return None;
    }
    let place = place(artifact, diagnostic)?;
    with_line(artifact, &place, |line| {
        let (at, argument) = argument(line, ".write(")?;
        if argument.contains("isinstance(") || argument.ends_with(".encode()") || argument.is_empty() {
            return None;
        }
        let simple = argument.chars().all(|c| c.is_alphanumeric() || c == '_');
        let better = if simple {
            format!("{argument} if isinstance({argument}, bytes) else {argument}.encode()")
        } else {
            format!("({argument}).encode()")
        };
        Some([&line[..at], &better, &line[at + argument.len()..]].concat())
    })
}

/// An object that is sent as if it were a text.
pub(super) fn object_as_body(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    if !diagnostic.says("The \"chunk\" argument must be of type string") {
        return None;
    }
    with_line(artifact, &place(artifact, diagnostic)?, |line| {
        let call = [".end(", ".write("].into_iter().find(|call| line.contains(call))?;
        wrapped(line, call, "JSON.stringify(", ")")
    })
}

/// A port that is text, since variables of the environment are: Python binds to numbers.
pub(super) fn port_as_text(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    let text_port = pattern!(
        r#"(?mi)^([ \t]*)(\w*port)([ \t]*=[ \t]*)((?:os\.)?(?:environ\.get|getenv)\([^()\n]*\)|(?:os\.)?environ\[[^\]\n]*\])[ \t]*$"#
    );
    edit(artifact, |file| {
        let text = &file.content;
        let (_, [_, name, ..]) = text_port.captures(text).map(|found| found.extract::<4>())?;
        let is_made_a_number = text.contains(&format!("int({name})"));
        (language(&file.path) == Language::Python && !is_made_a_number)
            .then(|| text_port.replace_all(text, "${1}${2}${3}int(${4})").into_owned())
    })
}

/// Another name for the port than the environment has.
pub(super) fn port_variable(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    let sides = Sides::of(artifact);
    let script = pattern!(r"process\.env\.(?:(?:SERVER|APP|HTTP|WEB|NODE|LISTEN|API)_PORT|[Pp]ort)\b");
    let python = pattern!(
        r#"(environ\.get\(|getenv\(|environ\[)(["'])(?:(?:SERVER|APP|HTTP|WEB|FLASK|LISTEN|API)_PORT|[Pp]ort)["']"#
    );
    edit(artifact, |file| {
        let text = &file.content;
        let asks = text.contains("env.PORT") || text.contains("\"PORT\"") || text.contains("'PORT'");
        if asks || !sides.is_servers(file) {
            return None;
        }
        let text = script.replace_all(text, "process.env.PORT");
        Some(python.replace_all(&text, "${1}${2}PORT${2}").into_owned())
    })
}

/// A variable that nobody set: the app starts without, and says what it cannot do.
pub(super) fn unset_variable(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let name = pattern!(r"KeyError: '([A-Z][A-Z0-9_]*)'").captures(&diagnostic.output)?[1].to_owned();
    edit_in(artifact, Language::Python, |file| {
        let with = |quote: &str, text: &str| {
            let (asked, better) = (format!("environ[{quote}{name}{quote}]"), format!("environ.get(\"{name}\", \"\")"));
            text.replace(&asked, &better)
        };
        Some(with("'", &with("\"", &file.content)))
    })
}

/// `await` in a function that cannot wait.
pub(super) fn awaits(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let says = ["await is only valid in async functions", "Unexpected reserved word"];
    if !says.iter().any(|message| diagnostic.says(message)) {
        return None;
    }
    let place = place(artifact, diagnostic)?;
    let file = artifact.files.iter().find(|file| file.path == place.path)?;
    let line: usize = file.content.split_inclusive('\n').take(place.line).map(str::len).sum();
    let at = line + file.content[line..].find("await")?;
    let kinds = kinds(file);
    let (mut depth, text) = (0_usize, &file.content);
    for before in (0..at).rev().filter(|before| kinds[*before] == Kind::Code) {
        match text.as_bytes()[before] {
            b'}' => depth += 1,
            b'{' if depth > 0 => depth -= 1,
            b'{' => {
                let head =
                    pattern!(r"(?:(?:function\s*[\w$]*\s*)?\([^()]*\)|\b[\w$]+)(?:\s*=>)?\s*$").find(&text[..before]);
                let head = head.filter(|head| is_function(head.as_str()));
                let Some(head) = head else { continue };
                if text[..head.start()].trim_end().ends_with("async") {
                    return None;
                }
                let better = [&text[..head.start()], "async ", &text[head.start()..]].concat();
                return edit_one(artifact, &place.path, |_| Some(better.clone()));
            }
            _ => {}
        }
    }
    None
}

/// Whether what stands before a brace begins a function: a block of `if (…)` ends in brackets, too, and has no arrow.
fn is_function(head: &str) -> bool {
    head.trim_end().ends_with("=>") || head.starts_with("function")
}

/// Headers of Python's own server that are never sent.
pub(super) fn headers_without_end(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    edit_in(artifact, Language::Python, |file| {
        if !file.content.contains("self.wfile.write(") {
            return None;
        }
        let (mut out, mut before) = (Vec::new(), "");
        for line in file.content.split('\n') {
            let writes = line.trim_start().starts_with("self.wfile.write(");
            let told = before.trim_start();
            if writes
                && (told.starts_with("self.send_header(") || told.starts_with("self.send_response("))
                && told.ends_with(')')
            {
                out.push(format!("{}self.end_headers()", indent(line)));
            }
            out.push(line.to_owned());
            if !line.trim().is_empty() {
                before = line;
            }
        }
        Some(out.join("\n"))
    })
}

/// Whether what stands behind a name gives it a value.
fn is_assigned(rest: &str) -> bool {
    pattern!(r"^\s*(?::[^=]*|[+])?=[^=]").is_match(rest)
}

/// A text in a WSGI app's answer, which wants bytes: `write() argument must be a bytes instance`.
pub(super) fn bytes_of_wsgi(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    if !diagnostic.says("write() argument must be a bytes instance") {
        return None;
    }
    let returned = pattern!(r#"^(\s+return \[)([\w.]+|f?"[^"]*"|f?'[^']*')(\]\s*)$"#);
    edit_in(artifact, Language::Python, |file| {
        if !file.content.contains("start_response(") {
            return None;
        }
        let mut lines: Vec<String> = file.content.split('\n').map(str::to_owned).collect();
        for at in (0..lines.len()).rev() {
            let Some((head, value, end)) = returned
                .captures(&lines[at])
                .map(|found| (found[1].to_owned(), found[2].to_owned(), found[3].to_owned()))
            else {
                continue;
            };
            if value.starts_with(['"', '\'', 'f']) && value.ends_with(['"', '\'']) {
                lines[at] = format!("{head}{value}.encode(){end}");
                continue;
            }
            // Before its length is told, which is one in bytes.
            let margin = indent(&lines[at]).to_owned();
            let head_at = (0..at).rev().find(|line| lines[*line].trim_start().starts_with("def "))?;
            let is_set = |line: &usize| lines[*line].trim_start().strip_prefix(value.as_str()).is_some_and(is_assigned);
            let from = (head_at + 1..at).rev().find(is_set).unwrap_or(head_at) + 1;
            let told = (from..at).find(|line| lines[*line].starts_with(&format!("{margin}start_response(")));
            let encoded = format!("{margin}{value} = {value}.encode() if isinstance({value}, str) else {value}");
            if !lines[head_at..at].contains(&encoded) && value.chars().all(|c| c.is_alphanumeric() || c == '_') {
                lines.insert(told.unwrap_or(at), encoded);
            }
        }
        Some(lines.join("\n"))
    })
}
