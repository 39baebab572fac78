//! What is wrong with what comes with a request, and with what is made of it, where a check's answer shows it.

use serde_json::Value;

use super::{
    Diagnostic, Trouble,
    routes::asked,
    scan::{indent, with_found},
    source::{Language, Sides, edit_in, edit_one, is_vendored, language, pattern},
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
    let sides = Sides::of(artifact);
    let (asked, check, answered) = asked(artifact, diagnostic)?;
    let has_number = asked.split('/').any(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    if answered.status != 404 || check.expect.status == 404 || !has_number {
        return None;
    }
    let compared = pattern!(
        r"(\.(?:find|findIndex|some)\(\s*\(?([\w$]+)\)?\s*=>\s*)([\w$]+)\.((?:id|[\w$]*Id|number))\s*===\s*([\w$]+(?:\.[\w$]+)*)(\s*\))"
    );
    edit_in(artifact, Language::Script, |file| {
        if !sides.is_servers(file) {
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
    let sides = Sides::of(artifact);
    let (_, check, answered) = asked(artifact, diagnostic)?;
    let shown: Value = serde_json::from_str(&answered.shown).ok()?;
    if !is_sorted_as_text(check.expect.json.as_ref()?, &shown, 0) {
        return None;
    }
    let sort = pattern!(r"\.sort\(\s*\)");
    let is_own = |file: &&crate::types::AppFile| {
        language(&file.path) == Language::Script && sides.is_servers(file) && !is_vendored(&file.path)
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
    let sides = Sides::of(artifact);
    if !matches!(diagnostic.trouble, Trouble::Check | Trouble::Ended(_)) {
        return None;
    }
    let gathers = pattern!(
        r#"(?m)^([ \t]+)(req|request)\.on\(["']data["'],\s*\(?\w+\)?\s*=>\s*(?:\{\s*)?\(?(\w+)(?:\s*\+=\s*\w+|\.push\(\w+\))[ \t]*(?:\)?;?\s*\})?\s*\);?[ \t]*$"#
    );
    edit_in(artifact, Language::Script, |file| {
        if !sides.is_servers(file) {
            return None;
        }
        let lines: Vec<&str> = file.content.split('\n').collect();
        gathers.captures_iter(&file.content).take(GATHERED_MAX).find_map(|found| {
            let (margin, request, body) = (&found[1], &found[2], &found[3]);
            let at = file.content[..found.get(0)?.end()].matches('\n').count();
            let is_inside = |line: &&str| line.trim().is_empty() || indent(line).len() >= margin.len();
            let length = lines[at + 1..].iter().take_while(|line| is_inside(line)).count();
            let rest = &lines[at + 1..=at + length];
            let closes = lines.get(at + 1 + length).is_some_and(|line| line.trim_start().starts_with('}'));
            if !closes || !may_wait(rest, body) {
                return None;
            }
            let around = Around::of(&lines, at)?;
            let is_async = rest.iter().any(|line| line.contains("await "));
            let begin = format!("{margin}{request}.on(\"end\", {}() => {{", if is_async { "async " } else { "" });
            let deeper: Vec<String> =
                rest.iter().map(|line| if line.is_empty() { String::new() } else { format!("  {line}") }).collect();
            // What stands behind the block answers those that did not get there.
            let (end, leave) = (format!("{margin}}});"), format!("{margin}return;"));
            let mut better: Vec<&str> = lines[..=at].to_vec();
            better.push(&begin);
            better.extend(deeper.iter().map(String::as_str));
            better.push(&end);
            better.extend((around == Around::Block).then_some(leave.as_str()));
            better.extend(&lines[at + 1 + length..]);
            Some(better.join("\n"))
        })
    })
}

/// Whether what follows a body that is gathered may be done later: it answers by itself, waits for nothing else, and gives nothing
/// to whoever called. A text over lines would be moved.
fn may_wait(rest: &[&str], body: &str) -> bool {
    const WAITS: [&str; 6] = [".on(", ".onend", "`", "once(", "Listener(", "finished("];
    let speaks = pattern!(r"\b(?:res|response)\b");
    let gives = pattern!(r"\breturn\b[ \t]*([^;\s}][^;]*)");
    let text = rest.join("\n");
    let word = regex::Regex::new(&format!(r"\b{body}\b"));
    let answers = speaks.is_match(&text) && word.is_ok_and(|word| word.is_match(&text));
    let is_answer = |line: &&str| gives.captures_iter(line).all(|found| speaks.is_match(&found[1]));
    answers && !WAITS.iter().any(|what| text.contains(what)) && rest.iter().all(is_answer)
}

/// What a line is in, innermost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Around {
    Function,
    /// A block of a function, behind which it may go on.
    Block,
}

impl Around {
    /// None where errors are caught, which they would not be later, and where no function is seen.
    fn of(lines: &[&str], at: usize) -> Option<Self> {
        let block = pattern!(r"^\s*(?:\}\s*)?(?:if|else|for|while|switch|do|case|default)\b");
        let catches = pattern!(r"^\s*(?:\}\s*)?(?:try|catch|finally)\b");
        let function = pattern!(r"(?:=>|\))\s*\{\s*$");
        let (mut depth, mut inner) = (indent(lines.get(at)?).len(), Self::Function);
        for line in lines[..at].iter().rev().filter(|line| !line.trim().is_empty()) {
            if indent(line).len() >= depth {
                continue;
            }
            depth = indent(line).len();
            if catches.is_match(line) {
                return None;
            }
            if !block.is_match(line) {
                return function.is_match(line).then_some(inner);
            }
            inner = Self::Block;
        }
        None
    }
}
