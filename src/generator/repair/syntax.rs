//! What a parser stumbles over: lines that are no code, brackets, commas and colons that are missing.

use super::{
    Diagnostic,
    scan::{Kind, brackets, closing, indent, kinds, place, with_line},
    source::{Language, edit, edit_in, edit_one, language, pattern},
};
use crate::types::{AppFile, Artifact};

/// A first line that is the name of the language, or of the file: what stood before a code fence.
pub(super) fn first_line(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    const NAMES: [&str; 9] = ["javascript", "js", "node", "python", "py", "html", "css", "bash", "json"];
    edit(artifact, |file| {
        let (first, rest) = file.content.split_once('\n')?;
        let bare = first.trim().trim_matches(['*', '`', ':']);
        let is_name = NAMES.contains(&bare.to_ascii_lowercase().as_str());
        let is_path = bare.contains('.') && (bare == file.path || file.path.ends_with(&format!("/{bare}")));
        (language(&file.path) != Language::Other && (is_name || is_path)).then(|| rest.to_owned())
    })
}

/// `#!` means something in the first line only.
pub(super) fn shebang(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    const LINES: usize = 8;
    edit_in(artifact, Language::Script, |file| {
        let is_late = |(at, line): &(usize, &str)| (1..LINES).contains(at) && line.starts_with("#!/");
        let late = file.content.lines().enumerate().find(is_late)?.0;
        let kept = file.content.split_inclusive('\n').enumerate().filter(|(at, _)| *at != late);
        Some(kept.map(|(_, line)| line).collect())
    })
}

/// Sentences after the code.
pub(super) fn prose(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    edit(artifact, |file| {
        if !matches!(language(&file.path), Language::Script | Language::Python) {
            return None;
        }
        let kinds = kinds(file);
        let (mut end, mut found) = (file.content.len(), false);
        while let Some(line) = file.content[..end].split_inclusive('\n').next_back() {
            let begin = end - line.len();
            let is_code = kinds.get(begin) == Some(&Kind::Code);
            let is_prose = line.trim().is_empty() || is_code && is_sentence(line);
            if !is_prose {
                break;
            }
            found |= !line.trim().is_empty();
            end = begin;
        }
        found.then(|| file.content[..end].trim_end().to_owned() + "\n")
    })
}

/// Four plain words in a row are no program.
fn is_sentence(line: &str) -> bool {
    let line = line.trim();
    let is_marked = pattern!(r"^(?:[-*#]+ |\d+\. )?[A-Z][\w'`]*,? [\w'`./]+,? [\w'`./]+,? [\w'`./]+").is_match(line);
    is_marked && !line.contains([';', '{', '=']) && line.ends_with(['.', ':', '!', '?'])
}

/// Brackets that the end of the file should have closed, or Python's line.
pub(super) fn unclosed(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    if diagnostic.says("was never closed") {
        let place = place(artifact, diagnostic)?;
        return with_line(artifact, &place, |line| {
            let file = AppFile { path: place.path.clone(), content: line.to_owned() };
            let (open, _) = brackets(&file);
            let closers = closers(open.iter().map(|(_, byte)| *byte));
            let (body, colon) = line.trim_end().strip_suffix(':').map_or((line.trim_end(), ""), |body| (body, ":"));
            Some([body, &closers, colon].concat())
        });
    }
    const MESSAGES: [&str; 3] = ["Unexpected end of input", "missing ) after argument list", "Unexpected end of file"];
    if !MESSAGES.iter().any(|message| diagnostic.says(message)) {
        return None;
    }
    let path = place(artifact, diagnostic)?.path;
    let file = artifact.files.iter().find(|file| file.path == path)?;
    let (open, surplus) = brackets(file);
    if open.is_empty() || surplus.is_some() || language(&path) != Language::Script {
        return None;
    }
    let at_the_end = || format!("{}\n{};\n", file.content.trim_end(), closers(open.iter().map(|(_, byte)| *byte)));
    let closed = closed_by_indent(file).unwrap_or_else(at_the_end);
    edit_one(artifact, &path, |_| Some(closed.clone()))
}

fn closers(open: impl DoubleEndedIterator<Item = u8>) -> String {
    open.rev().map(|byte| char::from(closing(byte))).collect()
}

/// With the brackets closed before the first line that stands no deeper than the one they were opened in. `None` when
/// that does not close everything: whoever indents like that has not told where.
fn closed_by_indent(file: &AppFile) -> Option<String> {
    let (kinds, mut open, mut begin, mut written) = (kinds(file), Vec::<(usize, u8)>::new(), 0, 0);
    for line in file.content.split_inclusive('\n') {
        let deep = indent(line).len();
        let first = line.as_bytes().get(deep).filter(|byte| !byte.is_ascii_whitespace());
        if let Some(first) = first.filter(|_| kinds[begin + deep] == Kind::Code) {
            // A line that closes is as deep as the one that opened.
            let from = if matches!(first, b')' | b']' | b'}') { deep + 1 } else { deep };
            let missing = open.iter().position(|(depth, _)| *depth >= from);
            if let Some(missing) = missing {
                let end = if matches!(open[missing].1, b'(' | b'[') { ";" } else { "" };
                let margin = " ".repeat(open[missing].0);
                let closers = closers(open[missing..].iter().map(|(_, byte)| *byte));
                let (before, after) = file.content.split_at(written);
                let content = format!("{before}{margin}{closers}{end}\n{after}");
                let whole = brackets(&AppFile { path: file.path.clone(), content: content.clone() });
                return whole.0.is_empty().then_some(content).filter(|_| whole.1.is_none());
            }
        }
        let code = line.bytes().zip(&kinds[begin..]).filter(|(_, kind)| **kind == Kind::Code);
        for (byte, _) in code {
            match byte {
                b'(' | b'[' | b'{' => open.push((deep, byte)),
                b')' | b']' | b'}' => drop(open.pop()),
                _ => {}
            }
        }
        begin += line.len();
        if !line.trim().is_empty() {
            written = begin;
        }
    }
    None
}

/// Brackets in the last lines that close nothing.
pub(super) fn overclosed(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let says = ["Unexpected token '}'", "Unexpected token ')'", "unmatched ')'", "unmatched '}'", "unmatched ']'"];
    if !says.iter().any(|message| diagnostic.says(message)) {
        return None;
    }
    let path = place(artifact, diagnostic)?.path;
    let file = artifact.files.iter().find(|file| file.path == path)?;
    let surplus = brackets(file).1?;
    let rest = file.content[surplus..].trim();
    let is_all = rest.chars().all(|c| matches!(c, '}' | ')' | ']' | ';' | '\n' | ' '));
    is_all.then(|| edit_one(artifact, &path, |text| Some(text[..surplus].trim_end().to_owned() + "\n")))?
}

/// A comma that is missing between two lines, or at the end of the one that is pointed at.
pub(super) fn comma(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let mut place = place(artifact, diagnostic)?;
    if diagnostic.says("Unexpected identifier") || diagnostic.says("Unexpected string") {
        let text = &artifact.files.iter().find(|file| file.path == place.path)?.content;
        let lines: Vec<&str> = text.lines().collect();
        let is_member = pattern!(r#"^\s*(?:[\w$]+|"[^"\n]*"|'[^'\n]*')\s*:"#).is_match(lines.get(place.line)?);
        let is_element = pattern!(r#"^\s*["'`{\[]"#).is_match(lines[place.line]);
        if !is_member && !is_element {
            return None;
        }
        place.line = (0..place.line).rev().find(|line| !lines[*line].trim().is_empty())?;
    } else if !diagnostic.says("Perhaps you forgot a comma") {
        return None;
    }
    with_line(artifact, &place, |line| {
        let line = line.trim_end();
        let inside = pattern!(r#"([)\]}"'])( +)([A-Za-z_"'(\[{][\w]*)"#).captures_iter(line).find(|found| {
            !matches!(
                &found[3],
                "if" | "else" | "for" | "and" | "or" | "in" | "is" | "not" | "as" | "from" | "import" | "async"
            )
        });
        if let Some(gap) = inside.filter(|_| diagnostic.says("Perhaps")).and_then(|found| found.get(2)) {
            return Some([&line[..gap.start()], ",", &line[gap.start()..]].concat());
        }
        let is_call = pattern!(r"^\s*[\w.]+\(.*\)$").is_match(line);
        let may = !is_call
            && line.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '"' | '\'' | '`' | ']' | '}' | ')' | '_'));
        may.then(|| format!("{line},"))
    })
}

/// `if x == 1` without its colon.
pub(super) fn colon(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    if !diagnostic.says("SyntaxError: expected ':'") {
        return None;
    }
    with_line(artifact, &place(artifact, diagnostic)?, |line| {
        let line = line.trim_end();
        (!line.ends_with(':')).then(|| format!("{line}:"))
    })
}

/// A line that is deeper than the one before, and begins no block.
pub(super) fn too_deep(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    if !diagnostic.says("IndentationError: unexpected indent") {
        return None;
    }
    let place = place(artifact, diagnostic)?;
    let text = artifact.files.iter().find(|file| file.path == place.path)?.content.clone();
    let before = text.lines().take(place.line).filter(|line| !line.trim().is_empty()).last()?;
    with_line(artifact, &place, |line| Some(indent(before).to_owned() + line.trim_start()))
}

/// Code that was copied with the numbers of its lines.
pub(super) fn line_numbers(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    let number = pattern!(r"^\s*(\d+)(?:\s*[|:]\s?|\t|  )");
    edit(artifact, |file| {
        let is_own =
            |(at, line): (usize, &str)| number.captures(line).is_some_and(|found| found[1].parse() == Ok(at + 1));
        if language(&file.path) == Language::Other || !file.content.lines().take(2).enumerate().all(is_own) {
            return None;
        }
        let bare = |(at, line): (usize, &str)| match is_own((at, line)) {
            true => number.replace(line, "").into_owned(),
            false => line.to_owned(),
        };
        Some(file.content.split('\n').enumerate().map(bare).collect::<Vec<_>>().join("\n"))
    })
}

/// A block that has remarks only.
pub(super) fn empty_block(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let after = pattern!(r"expected an indented block after .* on line (\d+)").captures(&diagnostic.output)?;
    let line = after[1].parse::<usize>().ok()?.checked_sub(1)?;
    let place = super::scan::Place { line, ..place(artifact, diagnostic)? };
    let file = artifact.files.iter().find(|file| file.path == place.path)?;
    if file.content.lines().nth(line + 1).is_some_and(|next| next.trim() == "pass") {
        return None;
    }
    with_line(artifact, &place, |line| Some(format!("{line}\n{}    pass", indent(line))))
}

/// `print "x"`, as Python 2 had it.
pub(super) fn print(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    let statement = pattern!(r#"^([ \t]*)print +(["'].*\S)[ \t]*$"#);
    edit_in(artifact, Language::Python, |file| {
        if !file.content.contains("print ") {
            return None;
        }
        let (kinds, mut at) = (kinds(file), 0);
        let line = |line: &str| {
            let word = at + indent(line).len();
            at += line.len() + 1;
            match kinds.get(word) {
                Some(Kind::Code) => statement.replace(line, "${1}print(${2})").into_owned(),
                Some(Kind::Text | Kind::Remark) | None => line.to_owned(),
            }
        };
        Some(file.content.split('\n').map(line).collect::<Vec<_>>().join("\n"))
    })
}

/// Quotes in an f-string that end it, for a Python before 3.12.
pub(super) fn nested_quotes(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    if !diagnostic.says("SyntaxError: f-string:") {
        return None;
    }
    with_line(artifact, &place(artifact, diagnostic)?, |line| {
        let (mut out, mut string, mut depth) = (String::with_capacity(line.len()), None, 0_usize);
        for (at, c) in line.char_indices() {
            let begins = string.is_none() && line[..at].ends_with(['f', 'F']);
            match (c, string) {
                ('"' | '\'', None) if begins => string = Some(c),
                (c, Some(quote)) if c == quote && depth == 0 => string = None,
                (c, Some(quote)) if c == quote => {
                    out.push(if quote == '"' { '\'' } else { '"' });
                    continue;
                }
                ('{', Some(_)) => depth += 1,
                ('}', Some(_)) => depth = depth.saturating_sub(1),
                (_, _) => {}
            }
            out.push(c);
        }
        Some(out)
    })
}

/// The same import or declaration, word by word, a second time.
pub(super) fn twice(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let name = pattern!(r"Identifier '([\w$]+)' has already been declared").captures(&diagnostic.output)?[1].to_owned();
    edit_one(artifact, &place(artifact, diagnostic)?.path, |text| {
        let declares = |line: &str| {
            let head = line.trim_start();
            let is_word = head.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').any(|word| word == name);
            is_word && ["import ", "const ", "let ", "var "].iter().any(|word| head.starts_with(word))
        };
        let mut seen = Vec::new();
        let mut kept = Vec::new();
        for line in text.split('\n') {
            if !(declares(line) && seen.contains(&line.trim())) {
                kept.push(line);
            }
            seen.push(line.trim());
        }
        Some(kept.join("\n"))
    })
}

/// Quotes as a word processor has them, where a program has no text yet: nothing can read them there.
pub(super) fn quotes_in_code(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    edit(artifact, |file| {
        if !matches!(language(&file.path), Language::Script | Language::Python) {
            return None;
        }
        let kinds = kinds(file);
        let plain = |(at, c): (usize, char)| match (kinds[at], c) {
            (Kind::Code, '“' | '”' | '„') => "\"",
            (Kind::Code, '‘' | '’' | '‚') => "'",
            (Kind::Code, '\u{a0}' | '\u{200b}' | '\u{2028}') => " ",
            (Kind::Code, '…') => "...",
            (Kind::Code, '–' | '−') => "-",
            (_, c) => &file.content[at..at + c.len_utf8()],
        };
        Some(file.content.char_indices().map(plain).collect())
    })
}

/// Backticks in a text that is between backticks: `curl` in a line that is logged. What stands between the inner ones must
/// be words, since two texts with an operator between them look the same.
pub(super) fn inner_backticks(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let says =
        ["missing ) after argument list", "Unexpected identifier", "Unexpected token", "Invalid or unexpected token"];
    if !says.iter().any(|message| diagnostic.says(message)) {
        return None;
    }
    let place = place(artifact, diagnostic).filter(|place| language(&place.path) == Language::Script)?;
    with_line(artifact, &place, |line| {
        let ticks: Vec<usize> =
            line.match_indices('`').map(|(at, _)| at).filter(|at| !line[..*at].ends_with('\\')).collect();
        let (first, last) = (*ticks.first()?, *ticks.last()?);
        let inner = &ticks[1..ticks.len().checked_sub(1)?];
        let is_words = |pair: &[usize]| !line[pair[0] + 1..pair[1]].contains([',', '+', '?', '(', ')', '=', ';']);
        if line.contains("\\`") || inner.len() < 2 || !inner.len().is_multiple_of(2) || !inner.chunks(2).all(is_words) {
            return None;
        }
        Some([&line[..=first], &line[first + 1..last].replace('`', "\\`"), &line[last..]].concat())
    })
}
