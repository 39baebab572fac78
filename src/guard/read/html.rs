//! HTML, as a browser takes it apart: tags, attributes, and the texts of scripts and styles.
//!
//! A tokenizer rather than a tree, since what matters is what a browser would run, and a browser runs the scripts of
//! pages that no grammar accepts.

use super::Language;
use crate::guard::{found::Found, rules::page};

/// Attributes of one tag that are looked at.
const ATTRIBUTES_MAX: usize = 256;

/// One start tag.
pub(in crate::guard) struct Element {
    /// In lower case.
    pub name: String,
    /// Names in lower case, values with their character references read.
    pub attributes: Vec<(String, String)>,
}

impl Element {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}

pub(super) fn read(text: &str, first_line: usize, found: &mut Found<'_>) {
    let mut page = page::Page::default();
    let (mut at, mut line, mut counted) = (0, first_line, 0);
    while let Some(open) = memchr::memchr(b'<', &text.as_bytes()[at..]).map(|found| at + found) {
        line += lines(&text[counted..open]);
        counted = open;
        let rest = &text[open..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            at = open + 4 + comment.find("-->").map_or(comment.len(), |end| end + 3);
            continue;
        }
        if let Some(closing) = rest.strip_prefix("</") {
            if closing.get(..4).is_some_and(|name| name.eq_ignore_ascii_case("form")) {
                page.close_form(line, found);
            }
            at = open + 2;
            continue;
        }
        if !rest[1..].starts_with(|c: char| c.is_ascii_alphabetic()) {
            at = open + 1;
            continue;
        }
        let (element, length) = element(rest);
        at = open + length;
        page.judge(&element, line, found);
        let language = match element.name.as_str() {
            "script" => script_language(&element),
            "style" => Some(Language::Css),
            _ => continue,
        };
        let body = &text[at..];
        let end = find_closing(body, &element.name);
        if element.name == "script"
            && element.get("type").is_some_and(|kind| kind.trim().eq_ignore_ascii_case("importmap"))
        {
            page::import_map(&body[..end], line, found);
        }
        if let Some(language) = language {
            found.nest(language, &body[..end], line + lines(&text[open..at]));
        }
        at += end;
    }
    page.close_form(line, found);
}

fn lines(text: &str) -> usize {
    memchr::memchr_iter(b'\n', text.as_bytes()).count()
}

fn script_language(element: &Element) -> Option<Language> {
    let kind = element.get("type").unwrap_or_default().trim().to_ascii_lowercase();
    match kind.as_str() {
        ""
        | "module"
        | "text/javascript"
        | "application/javascript"
        | "text/ecmascript"
        | "text/babel"
        | "text/jsx" => Some(match element.get("lang") {
            Some("ts" | "tsx") => Language::Tsx,
            _ => Language::JavaScript,
        }),
        "text/typescript" => Some(Language::TypeScript),
        // Templates are pages, data is not run.
        kind if kind.contains("template") || kind == "text/html" || kind == "text/x-handlebars" => Some(Language::Html),
        kind if kind.contains("javascript") || kind.contains("ecmascript") => Some(Language::JavaScript),
        _ => None,
    }
}

fn find_closing(body: &str, name: &str) -> usize {
    let bytes = body.as_bytes();
    let mut from = 0;
    while let Some(at) = memchr::memmem::find(&bytes[from..], b"</").map(|found| from + found) {
        let tail = &bytes[at + 2..];
        if tail.len() >= name.len() && tail[..name.len()].eq_ignore_ascii_case(name.as_bytes()) {
            return at;
        }
        from = at + 2;
    }
    body.len()
}

/// The start tag at the beginning of `text`, and its length.
fn element(text: &str) -> (Element, usize) {
    let bytes = text.as_bytes();
    let is_end = |byte: u8| byte.is_ascii_whitespace() || byte == b'/' || byte == b'>';
    let mut at = 1;
    while at < bytes.len() && !is_end(bytes[at]) {
        at += 1;
    }
    let mut element = Element { name: text[1..at].to_ascii_lowercase(), attributes: Vec::new() };
    loop {
        while at < bytes.len() && (bytes[at].is_ascii_whitespace() || bytes[at] == b'/') {
            at += 1;
        }
        if at >= bytes.len() || bytes[at] == b'>' {
            return (element, (at + 1).min(bytes.len()));
        }
        let start = at;
        // A `=` at the beginning is part of the name.
        at += 1;
        while at < bytes.len() && !is_end(bytes[at]) && bytes[at] != b'=' {
            at += 1;
        }
        let name = text.get(start..at).unwrap_or_default().to_ascii_lowercase();
        let mut next = at;
        while next < bytes.len() && bytes[next].is_ascii_whitespace() {
            next += 1;
        }
        let mut value = "";
        if bytes.get(next) == Some(&b'=') {
            at = next + 1;
            while at < bytes.len() && bytes[at].is_ascii_whitespace() {
                at += 1;
            }
            (value, at) = attribute_value(text, at);
        }
        if element.attributes.len() < ATTRIBUTES_MAX {
            element.attributes.push((name, unescape(value)));
        }
    }
}

/// The value that begins at `at`, and where it ends.
fn attribute_value(text: &str, at: usize) -> (&str, usize) {
    let rest = &text[at..];
    for quote in ['"', '\''] {
        if let Some(quoted) = rest.strip_prefix(quote) {
            let end = quoted.find(quote).unwrap_or(quoted.len());
            return (&quoted[..end], (at + end + 2).min(text.len()));
        }
    }
    let end = rest.find(|c: char| c.is_ascii_whitespace() || c == '>').unwrap_or(rest.len());
    (&rest[..end], at + end)
}

/// Character references that hide a word: numbers, and the few names that matter.
pub(in crate::guard) fn unescape(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let mut read = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        read.push_str(before);
        let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '#').unwrap_or(after.len());
        let name = &after[..end];
        let number = name.strip_prefix('#');
        let code = number.and_then(|digits| match digits.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            None => digits.parse().ok(),
        });
        let one = match name {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            "colon" => Some(':'),
            "lpar" => Some('('),
            "rpar" => Some(')'),
            "sol" => Some('/'),
            "period" => Some('.'),
            "Tab" => Some('\t'),
            "NewLine" => Some('\n'),
            _ => code.and_then(char::from_u32),
        };
        match one {
            Some(c) => {
                read.push(c);
                rest = after[end..].strip_prefix(';').unwrap_or(&after[end..]);
            }
            None => {
                read.push('&');
                rest = after;
            }
        }
    }
    read.push_str(rest);
    read
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_as_a_browser_does() {
        let (tag, length) = element("<IMG/src=x onerror = 'a(1)' data-x=\"&#106;ava&colon;\" checked>rest");
        assert_eq!(tag.name, "img");
        assert_eq!(tag.get("src"), Some("x"));
        assert_eq!(tag.get("onerror"), Some("a(1)"));
        assert_eq!(tag.get("data-x"), Some("java:"));
        assert_eq!(tag.get("checked"), Some(""));
        assert_eq!(length, 62);
        for half in ["<a", "<a ", "<a b", "<a b=", "<a b='", "<a b=c", "<a é=ü"] {
            assert_eq!(element(half).1, half.len(), "{half}");
        }
    }

    #[test]
    fn references_are_read_once() {
        assert_eq!(unescape("&amp;lt; &#x6A; &unknown; & &#99999999;"), "&lt; j &unknown; & &#99999999;");
    }
}
