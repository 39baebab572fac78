//! What is wrong with texts that hold other texts: pages in Python's formats and in JavaScript's templates, apostrophes
//! between quotes.
//!
//! A page's styles and scripts have braces and percent signs of their own, and the language around them takes those for
//! placeholders. Which are meant as such can be told: they name something that is there.

use std::collections::BTreeSet;

use super::{
    Diagnostic,
    scan::{Kind, kinds, place, with_line},
    source::{Language, Sides, edit_one, language, pattern},
    symbols::only,
};
use crate::types::{AppFile, Artifact};

/// Braces in braces that are looked into.
const DEPTH_MAX: usize = 16;

/// `PAGE.format(count=1)`, where the page has styles: `KeyError: ' margin'`.
pub(super) fn braces_in_format(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let says = [
        "KeyError: ",
        "unexpected '{' in field name",
        "Single '}' encountered",
        "Single '{' encountered",
        "expected '}' before end of string",
        "Replacement index",
        "Invalid format specifier",
        "unmatched '{' in format spec",
    ];
    let place = place(artifact, diagnostic).filter(|place| language(&place.path) == Language::Python)?;
    let of_format = diagnostic.output.lines().rev().find(|line| says.iter().any(|message| line.contains(message)))?;
    // A key that is a word may be one that a dictionary lacks.
    if pattern!(r"^KeyError: '\w+'$").is_match(of_format.trim()) {
        return None;
    }
    let caller = artifact.files.iter().find(|file| file.path == place.path)?;
    let rest: String = caller.content.split_inclusive('\n').skip(place.line).collect();
    let (line, _) = rest.split_once('\n').unwrap_or((&rest, ""));
    let name = pattern!(r"\b(\w+)\.format\(").captures(line)?[1].to_owned();
    let call = &rest[rest.find(".format(")?..];
    let call = &call[..call.find("\n\n").unwrap_or(call.len())];
    let names = pattern!(r"\b(\w+)\s*=[^=]").captures_iter(call).map(|found| found[1].to_owned()).collect();
    with_text(artifact, &name, |text| Some(doubled(text, &names, 0)))
}

/// `PAGE % count`, where the page has `width: 60%;`.
pub(super) fn percent_in_format(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    if !diagnostic.says("unsupported format character") && !diagnostic.says("ValueError: incomplete format") {
        return None;
    }
    let place = place(artifact, diagnostic).filter(|place| language(&place.path) == Language::Python)?;
    let caller = artifact.files.iter().find(|file| file.path == place.path)?;
    let name = pattern!(r"\b([A-Za-z_]\w*) % ").captures(caller.content.lines().nth(place.line)?)?[1].to_owned();
    let alone = pattern!(r"(\d)%([^%A-Za-z(]|$)");
    with_text(artifact, &name, |text| Some(alone.replace_all(text, "${1}%%${2}").into_owned()))
}

/// The artifact with the long text that one Python file gives a name.
fn with_text(artifact: &Artifact, name: &str, change: impl Fn(&str) -> Option<String>) -> Option<Artifact> {
    const QUOTES: [&str; 2] = ["\"\"\"", "'''"];
    let begin = |file: &AppFile| {
        QUOTES.iter().find_map(|quotes| {
            let begin = format!("{name} = {quotes}");
            let is_whole = |at: &usize| *at == 0 || file.content[..*at].ends_with(['\n', ' ']);
            let at = file.content.match_indices(&begin).map(|(at, _)| at).find(is_whole)?;
            Some((at + begin.len(), *quotes))
        })
    };
    let python = artifact.files.iter().filter(|file| language(&file.path) == Language::Python);
    let file = only(python.filter(|file| begin(file).is_some()))?;
    let (from, quotes) = begin(file)?;
    let to = from + file.content[from..].find(quotes)?;
    let better = change(&file.content[from..to])?;
    edit_one(artifact, &file.path, |text| Some([&text[..from], &better, &text[to..]].concat()))
}

/// With twice the braces where they hold no placeholder; those that are doubled already stay.
fn doubled(text: &str, names: &BTreeSet<String>, depth: usize) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        out.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        if rest[at + 1..].starts_with(brace) && depth == 0 {
            out.push_str(&rest[at..at + 2]);
            rest = &rest[at + 2..];
            continue;
        }
        let end = if brace == "{" { closing(&rest[at..]) } else { None };
        let Some(end) = end.filter(|_| depth < DEPTH_MAX) else {
            out.push_str(brace);
            out.push_str(brace);
            rest = &rest[at + 1..];
            continue;
        };
        let inner = &rest[at + 1..at + end];
        if is_placeholder(inner, names) && !out.ends_with('$') {
            out.push_str(&rest[at..=at + end]);
        } else {
            out.push_str(&["{{", &doubled(inner, names, depth + 1), "}}"].concat());
        }
        rest = &rest[at + end + 1..];
    }
    out + rest
}

/// Where the brace closes that a text begins with.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// Whether it is an expression that begins with one of these names.
fn is_placeholder(inner: &str, names: &BTreeSet<String>) -> bool {
    let first = pattern!(r"^([A-Za-z_]\w*)(?:[.\[(!:].*|\s.*)?$").captures(inner);
    first.is_some_and(|found| names.contains(&found[1])) && !inner.contains([';', '\n'])
}

/// Styles and scripts in an f-string: `name 'margin' is not defined`.
pub(super) fn braces_in_fstring(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let says = [
        "NameError: name '",
        "SyntaxError: f-string",
        "ValueError: Invalid format specifier",
        "SyntaxError: invalid syntax",
    ];
    let place = place(artifact, diagnostic).filter(|place| language(&place.path) == Language::Python)?;
    if !says.iter().any(|message| diagnostic.says(message)) {
        return None;
    }
    edit_one(artifact, &place.path, |text| {
        let file = AppFile { path: place.path.clone(), content: text.to_owned() };
        let kinds = kinds(&file);
        let word = pattern!(r"[A-Za-z_]\w*");
        let is_code = |found: &regex::Match<'_>| kinds[found.start()] == Kind::Code;
        let names: BTreeSet<String> =
            word.find_iter(text).filter(is_code).map(|word| word.as_str().to_owned()).collect();
        let mut out = String::with_capacity(text.len());
        let mut from = 0;
        for begin in pattern!(r#"\b[fF](?:"""|''')"#).find_iter(text).filter(is_code) {
            let quotes = &text[begin.end() - 3..begin.end()];
            let end = begin.end() + text[begin.end()..].find(quotes)?;
            if begin.start() < from {
                continue;
            }
            out.push_str(&text[from..begin.end()]);
            out.push_str(&pages_doubled(&text[begin.end()..end], &names));
            from = end;
        }
        Some(out + &text[from..])
    })
}

/// A page whose styles and scripts have no placeholders but those that name something.
fn pages_doubled(page: &str, names: &BTreeSet<String>) -> String {
    let part = pattern!(r"(?s)(<style[^>]*>)(.*?)(</style>)|(<script[^>]*>)(.*?)(</script>)");
    let text = |found: &regex::Captures<'_>, at: usize| found.get(at).map_or("", |part| part.as_str()).to_owned();
    part.replace_all(page, |found: &regex::Captures<'_>| {
        let (begin, inner, end) = match found.get(1) {
            Some(_) => (text(found, 1), text(found, 2), text(found, 3)),
            None => (text(found, 4), text(found, 5), text(found, 6)),
        };
        begin + &doubled(&inner, names, 0) + &end
    })
    .into_owned()
}

/// A page's own templates in a template of the server: `Unexpected identifier '$'`.
pub(super) fn page_templates(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let sides = Sides::of(artifact);
    if !diagnostic.says("SyntaxError: ") {
        return None;
    }
    let place = place(artifact, diagnostic).filter(|place| language(&place.path) == Language::Script)?;
    let file = artifact.files.iter().find(|file| file.path == place.path).filter(|file| sides.is_servers(file))?;
    let at: usize = file.content.split_inclusive('\n').take(place.line).map(str::len).sum();
    let begin = file.content[..at].rfind("<script").filter(|begin| !file.content[*begin..at].contains("</script"))?;
    let end = at + file.content[at..].find("</script")?;
    let inner = &file.content[begin..end];
    let ticks: Vec<usize> =
        inner.match_indices('`').map(|(at, _)| at).filter(|at| !inner[..*at].ends_with('\\')).collect();
    if ticks.is_empty() || !ticks.len().is_multiple_of(2) || inner.contains("\\`") {
        return None;
    }
    let mut out = String::with_capacity(inner.len());
    let mut from = 0;
    for pair in ticks.chunks(2) {
        out.push_str(&inner[from..pair[0]]);
        out.push_str(&["\\`", &inner[pair[0] + 1..pair[1]].replace("${", "\\${"), "\\`"].concat());
        from = pair[1] + 1;
    }
    out.push_str(&inner[from..]);
    edit_one(artifact, &place.path, |text| Some([&text[..begin], &out, &text[end..]].concat()))
}

/// `'It's time'`: the apostrophe ends the text.
pub(super) fn apostrophe(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let says = [
        "Unexpected identifier",
        "missing ) after argument list",
        "Invalid or unexpected token",
        "Unexpected string",
        "unterminated string literal",
        "SyntaxError: invalid syntax",
    ];
    if !says.iter().any(|message| diagnostic.says(message)) {
        return None;
    }
    let inside = pattern!(r"([A-Za-z])'((?:s|t|re|ve|ll|d|m)\b)([ .!?,;:]+[^\s'.!?,;:)\]}]|[.!?]*')");
    with_line(artifact, &place(artifact, diagnostic)?, |line| {
        let quotes = line.matches('\'').count() - line.matches("\\'").count();
        let better = inside.replace_all(line, "${1}\\'${2}${3}").into_owned();
        let left = better.matches('\'').count() - better.matches("\\'").count();
        // Each text that is left has both of its quotes.
        (left.is_multiple_of(2) && left > 0 && left < quotes).then_some(better)
    })
}

/// A text that lacks the quote at its end: what closes the call is taken for a part of it.
pub(super) fn closing_quote(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    if !diagnostic.says("unterminated string literal") && !diagnostic.says("Invalid or unexpected token") {
        return None;
    }
    with_line(artifact, &place(artifact, diagnostic)?, |line| {
        let line = line.trim_end();
        let count = |quote: char| line.matches(quote).count() - line.matches(&format!("\\{quote}")).count();
        let quote = match (count('"') % 2, count('\'') % 2) {
            (1, 0) => '"',
            (0, 1) => '\'',
            (_, _) => return None,
        };
        let end = line.trim_end_matches([')', ']', '}', ',', ';', ':']);
        let open = line.rfind(quote).filter(|open| open + 1 < end.len())?;
        (!line[open..].contains(['(', '[', '{'])).then(|| format!("{end}{quote}{}", &line[end.len()..]))
    })
}

/// `{% extends "layout.html" %}`, where the only template with blocks that others fill has another name.
pub(super) fn extended(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let said = pattern!(r"TemplateNotFound: ([\w./-]+)|TemplateDoesNotExist[^\n]*?: ?([\w./-]+\.html)");
    let said = said.captures(&diagnostic.output)?;
    let wanted = said.get(1).or_else(|| said.get(2))?.as_str();
    let extends = regex::Regex::new(&format!(r#"(\{{%-?\s*extends\s+["']){}(["'])"#, regex::escape(wanted))).ok()?;
    let templates = || artifact.files.iter().filter(|file| language(&file.path) == Language::Html);
    let is_base = |file: &&AppFile| {
        pattern!(r"\{%-?\s*block\b").is_match(&file.content) && !pattern!(r"\{%-?\s*extends\b").is_match(&file.content)
    };
    let is_there = templates().any(|file| file.path == wanted || file.path.ends_with(&format!("/{wanted}")));
    let base = only(templates().filter(is_base)).filter(|_| !is_there)?;
    let right = base.path.split_once("templates/").map_or(base.path.as_str(), |(_, name)| name).to_owned();
    super::source::edit(artifact, |file| {
        let is_template = language(&file.path) == Language::Html;
        is_template.then(|| extends.replace_all(&file.content, format!("${{1}}{right}${{2}}")).into_owned())
    })
}
