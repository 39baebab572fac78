//! What is wrong with a file's text, whatever it means.

use super::{
    Diagnostic,
    scan::indent,
    source::{Language, edit, edit_in, language, pattern},
};
use crate::{
    generator::loose_json::unfenced,
    types::{AppFile, Artifact},
};

/// A byte order mark stops shells, and JSON's and Python's parsers in places.
pub(super) fn bom(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    edit(artifact, |file| file.content.strip_prefix('\u{feff}').map(str::to_owned))
}

/// A fence around the code, or one end of it; what follows a closed fence is prose.
pub(super) fn fences(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    edit(artifact, |file| {
        if file.path.ends_with(".md") || !file.content.contains("```") {
            return None;
        }
        let whole = unfenced(&file.content);
        if whole.len() < file.content.len() {
            return Some(whole.to_owned());
        }
        let mut lines: Vec<&str> = file.content.lines().collect();
        let first = lines.iter().position(|line| !line.trim().is_empty())?;
        if is_fence(lines[first]) {
            lines.drain(..=first);
            if let Some(end) = lines.iter().position(|line| line.trim_end() == "```") {
                lines.truncate(end);
            }
            return Some(joined(&lines));
        }
        let last = lines.iter().rposition(|line| !line.trim().is_empty())?;
        (lines[last].trim() == "```" && language(&file.path) != Language::Other).then(|| joined(&lines[..last]))
    })
}

fn is_fence(line: &str) -> bool {
    line.trim().strip_prefix("```").is_some_and(|rest| !rest.contains('`'))
}

fn joined(lines: &[&str]) -> String {
    lines.iter().flat_map(|line| [line, "\n"]).collect()
}

/// `</file>` and the like at the end: a tag that was closed twice, or without its nonce.
pub(super) fn stray_tags(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    edit(artifact, |file| {
        let trimmed = file.content.trim_end();
        let (before, last) = trimmed.rsplit_once('\n')?;
        pattern!(r"^\s*</?(file|app|end|boltAction|boltArtifact)(-\w+)?\s*/?>$")
            .is_match(last)
            .then(|| before.to_owned() + "\n")
    })
}

/// Code that was escaped as if it went into a page.
pub(super) fn entities(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    edit(artifact, |file| {
        let text = &file.content;
        let head = text.trim_start().get(..6).unwrap_or_default().to_ascii_lowercase();
        let escaped = match language(&file.path) {
            Language::Script => text.contains("=&gt;") || text.contains("&amp;&amp;"),
            Language::Python => {
                text.contains(" -&gt; ") || pattern!(r"(?m)^\s*(if|while|return) .* &[lg]t;=? ").is_match(text)
            }
            // `&lt;!` or `&lt;h`: not a page at all, as it is.
            Language::Html => head.starts_with("&lt;!") || head.starts_with("&lt;h"),
            Language::Shell | Language::Style | Language::Json | Language::Other => false,
        };
        escaped.then(|| {
            let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'");
            text.replace("&#x27;", "'").replace("&amp;", "&")
        })
    })
}

/// A whole file on one line, with its line breaks written as `\n`.
pub(super) fn escaped_lines(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    const BREAKS_MIN: usize = 3;
    edit(artifact, |file| {
        let text = file.content.trim();
        let is_code = !matches!(language(&file.path), Language::Json | Language::Other);
        if !is_code || text.contains('\n') || text.matches("\\n").count() < BREAKS_MIN {
            return None;
        }
        let literal = format!("\"{}\"", text.trim_matches('"'));
        let read = serde_json::from_str::<String>(&literal).ok();
        read.or_else(|| Some(text.replace("\\n", "\n").replace("\\t", "\t").replace("\\\"", "\"")))
    })
}

/// Carriage returns become part of a shell's words and of a shebang's program.
pub(super) fn crlf(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    edit(artifact, |file| {
        let runs = language(&file.path) == Language::Shell || file.content.starts_with("#!");
        (runs && file.content.contains("\r\n")).then(|| file.content.replace("\r\n", "\n"))
    })
}

/// Tabs and spaces mixed, by Python's own word.
pub(super) fn tabs(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    const MESSAGES: [&str; 3] =
        ["TabError", "inconsistent use of tabs", "unindent does not match any outer indentation level"];
    if !MESSAGES.iter().any(|message| diagnostic.says(message)) {
        return None;
    }
    edit_in(artifact, Language::Python, |file| {
        const WIDTHS: [&str; 3] = ["    ", "        ", "  "];
        let even = |width: &str| {
            let line = |line: &str| indent(line).replace('\t', width) + line.trim_start_matches([' ', '\t']);
            file.content.split('\n').map(line).collect::<Vec<_>>().join("\n")
        };
        let fits = WIDTHS.into_iter().map(even).find(|text| is_even(text));
        Some(fits.unwrap_or_else(|| even(WIDTHS[0])))
    })
}

/// Whether each line goes back to a depth that was there, and goes deeper after a colon only, as far as lines tell.
fn is_even(text: &str) -> bool {
    let (mut depths, mut opens) = (vec![0], false);
    for line in text.lines().filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#')) {
        let depth = indent(line).len();
        let deepest = depths.last().copied().unwrap_or_default();
        if opens != (depth > deepest) {
            return false;
        }
        depths.retain(|one| *one <= depth);
        if depth > deepest {
            depths.push(depth);
        } else if depths.last() != Some(&depth) {
            return false;
        }
        opens = line.trim_end().ends_with(':');
    }
    true
}

/// Quotes as a word processor has them, where the parser says that it cannot read them.
pub(super) fn quotes(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    if !diagnostic.says("Invalid or unexpected token") && !diagnostic.says("invalid character") {
        return None;
    }
    edit(artifact, |file| named(file, diagnostic).then(|| plain_quotes(&file.content)))
}

fn plain_quotes(text: &str) -> String {
    let plain = |c| match c {
        '“' | '”' | '„' => '"',
        '‘' | '’' | '‚' => '\'',
        '\u{a0}' | '\u{2028}' => ' ',
        c => c,
    };
    text.chars().map(plain).collect()
}

/// Whether the output names the file.
fn named(file: &AppFile, diagnostic: &Diagnostic) -> bool {
    diagnostic.says(&file.path)
}
