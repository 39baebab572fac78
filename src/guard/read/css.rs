//! Style sheets: what they load and from where.

use crate::guard::{found::Found, hosts, rules};

pub(super) fn read(text: &str, first_line: usize, found: &mut Found<'_>) {
    let clean = unescape(&without_comments(text));
    let lower = clean.to_ascii_lowercase();
    let line = |at: usize| first_line + newlines(&lower[..at]);
    for (word, why) in [
        ("expression(", "an expression() of old browsers runs code"),
        ("-moz-binding", "a binding runs code"),
        ("behavior:", "a behavior runs code"),
        ("javascript:", "a javascript: address runs code"),
    ] {
        // `scroll-behavior:` is another property.
        let mut places = memchr::memmem::find_iter(lower.as_bytes(), word.as_bytes());
        if let Some(at) = places.find(|at| word != "behavior:" || !lower[..*at].ends_with('-')) {
            found.add(&rules::STYLE_CODE, line(at), why);
        }
    }
    // A selector on what a visitor typed, and a picture from elsewhere: a keylogger without a script.
    let mut spies = memchr::memmem::find_iter(lower.as_bytes(), b"[value")
        .filter(|at| matches!(lower.as_bytes().get(at + 6..at + 8), Some(b"^=" | b"*=" | b"$=" | b"~=" | b"|=")));
    if let Some(at) = spies.next() {
        let tail = &lower[at..];
        if tail.find("url(").is_some_and(|url| tail[url..].get(4..).is_some_and(is_foreign)) {
            found.add(&rules::STYLE_SPY, line(at), "a selector on the value of a field loads an address elsewhere");
        }
    }
    fonts(&lower, first_line, found);
    veils(&lower, found);
    imports(&lower, first_line, found);
    for host in hosts::named(&lower) {
        found.egress(host);
    }
}

/// Opacity of what nobody sees.
const SEEN_MIN: f64 = 0.1;

/// Names of what nobody sees that are remembered.
const VEILS_MAX: usize = 64;

/// Rules by which something lies over something else, and nobody sees it: a frame, or what has such a class. What fades
/// in is seen in the end.
fn veils(lower: &str, found: &mut Found<'_>) {
    if !lower.contains("opacity") {
        return;
    }
    for part in lower.split('}') {
        let Some((selector, body)) = part.rsplit_once('{') else { continue };
        let body: String = body.split_whitespace().collect();
        let value = |name: &str| body.split(';').find_map(|one| one.strip_prefix(name)?.strip_prefix(':'));
        let opacity = value("opacity")
            .and_then(|one| one.trim_end_matches('%').trim_end_matches("!important").parse::<f64>().ok());
        let fades =
            ["transition", "animation"].iter().any(|name| value(name).is_some_and(|how| !how.starts_with(['n', '0'])));
        let over = value("position").is_some_and(|how| how.starts_with("absolute") || how.starts_with("fixed"));
        if !opacity.is_some_and(|opacity| opacity < SEEN_MIN) || !over || fades {
            continue;
        }
        found.ending.veiled |= selector.contains("iframe");
        // `.x`, `#x`: the last part of each selector is what is veiled.
        let last = selector.split(',').filter_map(|one| one.split_whitespace().last());
        let names = last.flat_map(|one| one.split(['.', '#', ':', '[', '>']).skip(1)).filter(|name| !name.is_empty());
        for name in names {
            if found.ending.veils.len() < VEILS_MAX {
                found.ending.veils.push(name.to_owned());
            }
        }
    }
}

/// A font of one letter, from elsewhere: whoever serves it learns that the letter is on the page.
fn fonts(lower: &str, first_line: usize, found: &mut Found<'_>) {
    let mut line = first_line;
    for part in lower.split("@font-face") {
        let face = part.split('}').next().unwrap_or_default();
        let range = face.split_once("unicode-range:").map(|(_, rest)| rest.split(';').next().unwrap_or_default());
        let letter = range.is_some_and(|range| !range.contains(['-', ',', '?']));
        if letter && hosts::named(face).iter().any(|host| !hosts::is_library_host(host)) {
            found.add(&rules::STYLE_SPY, line, "a font of one letter tells another site where that letter is");
        }
        line += newlines(part);
    }
}

/// What stands between an `@import` and the end of its statement, or the next one.
fn imports(lower: &str, first_line: usize, found: &mut Found<'_>) {
    let mut parts = lower.split("@import");
    let mut line = first_line + newlines(parts.next().unwrap_or_default());
    for part in parts {
        let statement = part.split(';').next().unwrap_or_default();
        if let Some(host) = hosts::named(statement).into_iter().next()
            && !hosts::is_library_host(&host)
        {
            found.add(&rules::STYLE_FOREIGN, line, &format!("it imports a style sheet from {host}"));
        }
        line += newlines(part);
    }
}

fn newlines(text: &str) -> usize {
    memchr::memchr_iter(b'\n', text.as_bytes()).count()
}

fn is_foreign(url: &str) -> bool {
    let url = url.trim_start_matches(['"', '\'', ' ']);
    url.starts_with("http:") || url.starts_with("https:") || url.starts_with("//")
}

fn without_comments(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, comment)) = rest.split_once("/*") {
        clean.push_str(before);
        let (inside, after) = comment.split_once("*/").unwrap_or((comment, ""));
        // Lines keep their numbers.
        clean.extend(inside.chars().filter(|c| *c == '\n'));
        rest = after;
    }
    clean.push_str(rest);
    clean
}

/// `\75 rl(` is `url(`.
fn unescape(text: &str) -> String {
    if !text.contains('\\') {
        return text.to_owned();
    }
    let mut read = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        read.push_str(before);
        let digits = after.bytes().take(6).take_while(u8::is_ascii_hexdigit).count();
        let code = u32::from_str_radix(&after[..digits], 16).ok().and_then(char::from_u32);
        read.extend(code);
        let tail = &after[digits..];
        rest = if digits > 0 { tail.strip_prefix(' ').unwrap_or(tail) } else { tail };
    }
    read.push_str(rest);
    read
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_and_comments_hide_nothing() {
        assert_eq!(unescape("\\75 rl(\\6a avascript:)"), "url(javascript:)");
        assert_eq!(without_comments("a/* x\n */b/* open"), "a\nb");
    }
}
