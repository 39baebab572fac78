//! Escapes and numbers as JavaScript and Python write them.

use std::borrow::Cow;

/// The text that a JavaScript literal stands for, and how many of its escapes stand for characters that need none.
pub(super) fn javascript(text: &str) -> (String, usize) {
    let mut read = String::with_capacity(text.len());
    let (mut rest, mut needless) = (text, 0);
    while let Some((before, after)) = rest.split_once('\\') {
        read.push_str(before);
        let hex = |range: std::ops::Range<usize>| {
            after.get(range).and_then(|digits| u32::from_str_radix(digits, 16).ok()).and_then(char::from_u32)
        };
        let octal = after.bytes().take(3).take_while(|byte| (b'0'..=b'7').contains(byte)).count();
        let first = after.chars().next();
        let (one, length) = match first {
            Some('n') => (Some('\n'), 1),
            Some('t') => (Some('\t'), 1),
            Some('r') => (Some('\r'), 1),
            Some('x') => (hex(1..3), 3),
            Some('u') if after[1..].starts_with('{') => {
                let end = after.find('}').unwrap_or(after.len());
                (hex(2..end.max(2)), end + 1)
            }
            Some('u') => (hex(1..5), 5),
            Some('0'..='7') => (u32::from_str_radix(&after[..octal], 8).ok().and_then(char::from_u32), octal),
            // The line goes on.
            Some('\n' | '\r') | None => (None, usize::from(first.is_some()) + usize::from(after.starts_with("\r\n"))),
            Some(other) => (Some(other), other.len_utf8()),
        };
        let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '\'' | '\\' | '`' | '/');
        needless += usize::from(one.is_some_and(plain));
        read.extend(one);
        rest = after.get(length..).unwrap_or_default();
    }
    read.push_str(rest);
    (read, needless)
}

/// A name with its `\u0065` read.
pub(super) fn name(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut name = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\\u") {
        name.push_str(before);
        let (digits, tail) = match after.strip_prefix('{').and_then(|braced| braced.split_once('}')) {
            Some((digits, tail)) => (digits, tail),
            None => after.split_at_checked(4).unwrap_or((after, "")),
        };
        name.extend(u32::from_str_radix(digits, 16).ok().and_then(char::from_u32));
        rest = tail;
    }
    name.push_str(rest);
    Cow::Owned(name)
}

/// The text that a Python literal stands for.
pub(super) fn python(text: &str) -> String {
    let mut read = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        read.push_str(before);
        let (digits, skip) = match after.as_bytes().first() {
            Some(b'x') => (after.get(1..3), 3),
            Some(b'u') => (after.get(1..5), 5),
            Some(b'U') => (after.get(1..9), 9),
            _ => (None, 0),
        };
        let octal = after.len() - after.trim_start_matches(|c| ('0'..='7').contains(&c)).len();
        let (code, length) = match digits {
            Some(digits) => (u32::from_str_radix(digits, 16).ok(), skip),
            None if octal > 0 => (u32::from_str_radix(&after[..octal.min(3)], 8).ok(), octal.min(3)),
            None => {
                let first = after.chars().next();
                let one = match first {
                    Some('n') => Some('\n'),
                    Some('t') => Some('\t'),
                    Some('r') => Some('\r'),
                    Some('\n') | None => None,
                    other => other,
                };
                read.extend(one);
                (None, first.map_or(0, char::len_utf8))
            }
        };
        read.extend(code.and_then(char::from_u32));
        rest = after.get(length..).unwrap_or_default();
    }
    read.push_str(rest);
    read
}

/// Escapes in `text` that stand for letters, digits and the like, which need none.
pub(super) fn needless(text: &str) -> usize {
    let hex = |at: usize, start: usize, end: usize| {
        text.get(at + start..at + end).and_then(|digits| u32::from_str_radix(digits, 16).ok())
    };
    let codes = text.match_indices('\\').filter_map(|(at, _)| match text.as_bytes().get(at + 1) {
        Some(b'x') => hex(at, 2, 4),
        Some(b'u') => hex(at, 2, 6),
        Some(b'0'..=b'7') => text.get(at + 1..at + 4).and_then(|digits| u32::from_str_radix(digits, 8).ok()),
        _ => None,
    });
    codes.filter_map(char::from_u32).filter(char::is_ascii_alphanumeric).count()
}

pub(super) fn number(text: &str) -> Option<f64> {
    let clean: String = text.chars().filter(|c| *c != '_').collect();
    let clean = clean.trim_end_matches(['n', 'j', 'L']);
    let lower = clean.to_ascii_lowercase();
    let whole = |digits: &str, radix| u64::from_str_radix(digits, radix).ok();
    let prefixed = match lower.get(..2) {
        Some("0x") => Some(whole(&lower[2..], 16)),
        Some("0o") => Some(whole(&lower[2..], 8)),
        Some("0b") => Some(whole(&lower[2..], 2)),
        _ => None,
    };
    match prefixed {
        Some(whole) => whole.map(|whole| whole as f64),
        None => lower.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_read() {
        assert_eq!(javascript("\\x65\\u0076\\u{61}\\154"), ("eval".to_owned(), 4));
        assert_eq!(name("\\u0065v\\u{61}l"), "eval");
        assert_eq!(python("\\x65v\\u0061\\154\\n\\q"), "eval\nq");
        assert_eq!(needless("\\x65\\x76\\x1b[31m"), 2);
        assert_eq!(javascript("a\\u{ffffffff}\\\nb\\"), ("ab".to_owned(), 0));
        assert_eq!((python("\\x6"), python("\\")), ("x6".to_owned(), String::new()));
    }

    #[test]
    fn numbers_are_read() {
        assert_eq!(
            [number("1_000"), number("0xff"), number("1e3"), number("10n")],
            [Some(1000.0), Some(255.0), Some(1000.0), Some(10.0)]
        );
    }
}
