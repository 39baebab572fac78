//! JSON as models write it: with comments, trailing commas, a byte order mark, a fence around it, or without its end. Pure.

use serde_json::Value;

/// Depth of nesting that a missing end is made up for.
const OPEN_MAX: usize = 64;

/// Reads JSON, mending it when it is almost some. The second value tells whether it was mended.
#[must_use]
pub(super) fn parse(text: &str) -> Option<(Value, bool)> {
    if let Ok(value) = serde_json::from_str(text) {
        return Some((value, false));
    }
    let bare = unfenced(text.trim_start_matches('\u{feff}').trim());
    let clean = without_commas(&without_comments(bare));
    let value = serde_json::from_str(&clean).ok().or_else(|| serde_json::from_str(&closed(&clean)?).ok())?;
    Some((value, true))
}

/// What stands between a first and a last line that are code fences; all of it when there are none.
pub(super) fn unfenced(text: &str) -> &str {
    let trimmed = text.trim();
    let Some((first, rest)) = trimmed.split_once('\n') else { return text };
    let Some(inner) = rest.trim_end().strip_suffix("```") else { return text };
    let language = first.trim_end().strip_prefix("```");
    let is_fence = language.is_some_and(|language| language.chars().all(|c| !c.is_whitespace() && c != '`'));
    if is_fence && (inner.is_empty() || inner.ends_with('\n')) { inner } else { text }
}

/// Walks over JSON and tells of each character whether it is inside of a string.
fn outside(text: &str) -> impl Iterator<Item = (usize, char, bool)> {
    let (mut inside, mut escaped) = (false, false);
    text.char_indices().map(move |(at, c)| {
        let was_inside = inside;
        match c {
            _ if escaped => escaped = false,
            '\\' if inside => escaped = true,
            '"' => inside = !inside,
            _ => {}
        }
        (at, c, was_inside || inside)
    })
}

fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    'comments: loop {
        for (at, c, inside) in outside(rest) {
            if inside || c != '/' {
                continue;
            }
            let end = match rest.as_bytes().get(at + 1) {
                Some(b'/') => rest[at..].find('\n').map_or(rest.len(), |end| at + end),
                Some(b'*') => rest[at..].find("*/").map_or(rest.len(), |end| at + end + 2),
                Some(_) | None => continue,
            };
            out.push_str(&rest[..at]);
            rest = &rest[end..];
            continue 'comments;
        }
        out.push_str(rest);
        return out;
    }
}

fn without_commas(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, c, inside) in outside(text) {
        let closes = || text[at + 1..].trim_start().starts_with(['}', ']']);
        if inside || c != ',' || !closes() {
            out.push(c);
        }
    }
    out
}

/// Adds the quotes, brackets and braces that are missing at the end.
fn closed(text: &str) -> Option<String> {
    let mut open = Vec::new();
    let mut in_string = false;
    for (_, c, inside) in outside(text) {
        in_string = inside && !(c == '"' && in_string);
        match c {
            '{' if !inside => open.push('}'),
            '[' if !inside => open.push(']'),
            '}' | ']' if !inside => {
                open.pop();
            }
            _ => {}
        }
    }
    if open.is_empty() || open.len() > OPEN_MAX {
        return None;
    }
    let mut out = text.trim_end().to_owned();
    if in_string {
        out.push('"');
    }
    while out.ends_with([',', ':']) {
        out.pop();
    }
    out.extend(open.into_iter().rev());
    Some(out)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_models_write_is_read() {
        let expected = json!({ "a": "// no, \"} comment", "b": [1, 2] });
        for (text, mended) in [
            (r#"{"a": "// no, \"} comment", "b": [1, 2]}"#, false),
            ("\u{feff}{\"a\": \"// no, \\\"} comment\", \"b\": [1, 2]}", true),
            ("{ // one\n\"a\": \"// no, \\\"} comment\", /* two */ \"b\": [1, 2,],\n}", true),
            ("```json\n{\"a\": \"// no, \\\"} comment\", \"b\": [1, 2]}\n```\n", true),
            (r#"{"a": "// no, \"} comment", "b": [1, 2"#, true),
        ] {
            assert_eq!(parse(text), Some((expected.clone(), mended)), "{text}");
        }
        assert_eq!(parse("{\"a\": \"cut"), Some((json!({ "a": "cut" }), true)));
        for hopeless in ["", "no", "{a}", "}", "{\"a\" \"b\"}"] {
            assert_eq!(parse(hopeless), None, "{hopeless}");
        }
    }

    #[test]
    fn only_a_whole_fence_is_one() {
        assert_eq!(unfenced("```js\na\n```\n"), "a\n");
        for text in ["```js\na", "a\n```", "```js a\nb\n```", "a ``` b", "```\nlet a = `b```"] {
            assert_eq!(unfenced(text), text);
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic_and_whole_json_stays(text in "([{}\\[\\]:,\"/*\\\\\n]|```|é|a){0,40}") {
            let strict = serde_json::from_str::<Value>(&text).ok();
            let loose = parse(&text);
            if let Some(strict) = strict {
                proptest::prop_assert_eq!(loose, Some((strict, false)));
            }
        }
    }
}
