//! What is wrong with what comes with a request, and with what is made of it, where a check's answer shows it.

use serde_json::Value;

use super::{
    Diagnostic, Trouble,
    routes::asked,
    scan::{indent, with_found},
    source::{Language, edit_in, edit_one, is_servers, is_vendored, language, pattern},
    symbols::only,
};
use crate::types::Artifact;

/// Bodies of one file that are gathered.
const GATHERED_MAX: usize = 16;
/// How deep in an answer a list is looked for.
const DEPTH_MAX: usize = 8;

/// `spots.find((spot) => spot.id === id)`, where the one is a number and the other came in an address: compared as texts, what
/// was the same stays so.
pub(super) fn id_as_text(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let (asked, check, answered) = asked(artifact, diagnostic)?;
    let has_number = asked.split('/').any(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    if answered.status != 404 || check.expect.status == 404 || !has_number {
        return None;
    }
    let compared = pattern!(
        r"(\.(?:find|findIndex|some)\(\s*\(?([\w$]+)\)?\s*=>\s*)([\w$]+)\.((?:id|[\w$]*Id|number))\s*===\s*([\w$]+(?:\.[\w$]+)*)(\s*\))"
    );
    edit_in(artifact, Language::Script, |file| {
        if !is_servers(artifact, file) {
            return None;
        }
        let as_texts = |found: &regex::Captures<'_>| {
            let [head, each, id, other, end] = [1, 3, 4, 5, 6].map(|at| &found[at]);
            (found[2] == *each).then(|| format!("{head}String({each}.{id}) === String({other}){end}"))
        };
        Some(with_found(file, compared, as_texts))
    })
}

/// `list.sort()` of numbers, which node sorts as texts: the answer has the very numbers that were wanted, in that order.
pub(super) fn numbers_as_texts(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let (_, check, answered) = asked(artifact, diagnostic)?;
    let shown: Value = serde_json::from_str(&answered.shown).ok()?;
    if !is_sorted_as_text(check.expect.json.as_ref()?, &shown, 0) {
        return None;
    }
    let sort = pattern!(r"\.sort\(\s*\)");
    let is_own = |file: &&crate::types::AppFile| {
        language(&file.path) == Language::Script && is_servers(artifact, file) && !is_vendored(&file.path)
    };
    let sorts = artifact.files.iter().filter(is_own).flat_map(|file| sort.find_iter(&file.content).map(move |_| file));
    let file = only(sorts)?;
    edit_one(artifact, &file.path, |_| Some(with_found(file, sort, |_| Some(".sort((a, b) => a - b)".to_owned()))))
}

/// Whether a list is in both, in the order of its numbers in one, and of their texts in the other.
fn is_sorted_as_text(wanted: &Value, got: &Value, depth: usize) -> bool {
    match (wanted, got) {
        _ if depth > DEPTH_MAX => false,
        (Value::Object(wanted), Value::Object(got)) => {
            wanted.iter().any(|(key, value)| got.get(key).is_some_and(|got| is_sorted_as_text(value, got, depth + 1)))
        }
        (Value::Array(wanted), Value::Array(got)) => {
            let numbers = |all: &[Value]| all.iter().map(Value::as_f64).collect::<Option<Vec<f64>>>();
            let (Some(wanted), Some(mut numeric)) = (numbers(wanted), numbers(got)) else { return false };
            numeric.sort_by(f64::total_cmp);
            let is_textual = got.is_sorted_by_key(Value::to_string);
            is_textual && wanted == numeric && numbers(got) != Some(wanted)
        }
        (_, _) => false,
    }
}

/// `req.on("data", …)` that gathers a body, and then its use at once, when nothing has come: it is used at its end.
pub(super) fn body_in_time(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    if !matches!(diagnostic.trouble, Trouble::Check | Trouble::Ended(_)) {
        return None;
    }
    let gathers = pattern!(
        r#"(?m)^([ \t]+)(req|request)\.on\(["']data["'],\s*\(?\w+\)?\s*=>\s*(?:\{\s*)?\(?(\w+)(?:\s*\+=\s*\w+|\.push\(\w+\))[ \t]*(?:\)?;?\s*\})?\s*\);?[ \t]*$"#
    );
    edit_in(artifact, Language::Script, |file| {
        if !is_servers(artifact, file) {
            return None;
        }
        let lines: Vec<&str> = file.content.split('\n').collect();
        gathers.captures_iter(&file.content).take(GATHERED_MAX).find_map(|found| {
            let (margin, request, body) = (&found[1], &found[2], &found[3]);
            let at = file.content[..found.get(0)?.end()].matches('\n').count();
            let is_inside = |line: &&str| line.trim().is_empty() || indent(line).len() >= margin.len();
            let length = lines[at + 1..].iter().take_while(|line| is_inside(line)).count();
            let rest = &lines[at + 1..=at + length];
            let text = rest.join("\n");
            let word = regex::Regex::new(&format!(r"\b{body}\b")).ok()?;
            // It answers by itself, and waits for nothing else; a text over lines would be moved.
            let answers = pattern!(r"\b(?:res|response)\b").is_match(&text) && word.is_match(&text);
            let waits = [".on(", "`", "once(", "Listener(", "finished("].iter().any(|what| text.contains(what));
            let closes = lines.get(at + 1 + length).is_some_and(|line| line.trim_start().starts_with('}'));
            if !answers || waits || !closes {
                return None;
            }
            let begin = format!(
                "{margin}{request}.on(\"end\", {}() => {{",
                if text.contains("await ") { "async " } else { "" }
            );
            let deeper: Vec<String> =
                rest.iter().map(|line| if line.is_empty() { String::new() } else { format!("  {line}") }).collect();
            let end = format!("{margin}}});");
            let mut better: Vec<&str> = lines[..=at].to_vec();
            better.push(&begin);
            better.extend(deeper.iter().map(String::as_str));
            better.push(&end);
            better.extend(&lines[at + 1 + length..]);
            Some(better.join("\n"))
        })
    })
}
