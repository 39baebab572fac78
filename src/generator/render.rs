//! Puts values into template files: the one door through which a prompt's text enters code.
//!
//! A placeholder `{{name}}` stands inside a string literal or a text, and its value is escaped for the file's language by
//! a list of what is *safe*: everything else is written as a number, so there is nothing to be clever with. Values
//! are put in in one pass: a value that looks like a placeholder stays what it is.

use std::fmt::Write as _;

/// The language of a file, as far as escaping goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Language {
    Markup,
    /// JavaScript and JSON share their string literals' `\uXXXX`.
    Script,
    Python,
    Style,
    Plain,
}

/// `text` with each `{{name}}` that `values` knows replaced. `path` decides how values are escaped.
pub(super) fn render(path: &str, text: &str, values: &[(&str, &str)]) -> String {
    let language = language(path);
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("{{") {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let known = values.iter().find_map(|(name, value)| {
            let after = from[2..].strip_prefix(name)?.strip_prefix("}}")?;
            Some((value, after))
        });
        match known {
            Some((value, after)) => {
                escape(language, value, &mut out);
                rest = after;
            }
            None => {
                out.push_str("{{");
                rest = &from[2..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn language(path: &str) -> Language {
    match path.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" | "svg" => Language::Markup,
        "js" | "mjs" | "json" => Language::Script,
        "py" => Language::Python,
        "css" => Language::Style,
        _ => Language::Plain,
    }
}

fn escape(language: Language, value: &str, out: &mut String) {
    for c in value.chars() {
        match language {
            Language::Markup => markup(c, out),
            Language::Script => script(c, out),
            Language::Python => python(c, out),
            Language::Style => style(c, out),
            Language::Plain => out.push(c),
        }
    }
}

/// Readable in every string literal and comment of JavaScript, Python and CSS.
const fn is_safe(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || matches!(c, ' ' | '.' | ',' | ':' | ';' | '!' | '?' | '(' | ')' | '-' | '_' | '+' | '=' | '@')
}

/// For text and quoted attributes. Control characters, but for white space, are no HTML: they become U+FFFD.
fn markup(c: char, out: &mut String) {
    match c {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '"' => out.push_str("&quot;"),
        '\'' => out.push_str("&#39;"),
        '`' => out.push_str("&#96;"),
        '{' => out.push_str("&#123;"),
        c if c.is_control() && c != '\n' && c != '\t' => out.push('\u{fffd}'),
        c => out.push(c),
    }
}

fn script(c: char, out: &mut String) {
    if is_safe(c) {
        out.push(c);
        return;
    }
    for unit in c.encode_utf16(&mut [0; 2]) {
        number(out, format_args!("\\u{unit:04x}"));
    }
}

fn python(c: char, out: &mut String) {
    match u32::from(c) {
        _ if is_safe(c) => out.push(c),
        code if code <= 0xffff => number(out, format_args!("\\u{code:04x}")),
        code => number(out, format_args!("\\U{code:08x}")),
    }
}

/// A number of six digits ends itself. CSS has no NUL: it would read it as U+FFFD.
fn style(c: char, out: &mut String) {
    if is_safe(c) {
        out.push(c);
    } else {
        number(out, format_args!("\\{:06x}", u32::from(c)));
    }
}

fn number(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = out.write_fmt(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVIL: &str = "</script><img src=x onerror='a'>\"\"\"\\\n\r`${x}` */ {{title}} \u{2028}\u{2029}é😀\0";

    #[test]
    fn values_are_put_in_once_and_unknown_names_stay() {
        let values = [("title", "{{prompt}}"), ("prompt", "{{title}}")];
        assert_eq!(render("a.txt", "{{title}} {{prompt}} {{other}} {{", &values), "{{prompt}} {{title}} {{other}} {{");
    }

    #[test]
    fn every_language_keeps_hostile_text_inside() {
        let values = [("p", EVIL)];
        let js = render("a.js", "const P = \"{{p}}\";", &values);
        assert!(js.is_ascii() && !js.contains(['<', '`', '$', '\n']), "{js}");
        let py = render("a.py", "P = \"{{p}}\"", &values);
        assert!(py.is_ascii() && py.matches('"').count() == 2, "{py}");
        let html = render("a.html", "<p title=\"{{p}}\">{{p}}</p>", &values);
        assert_eq!((html.matches('<').count(), html.matches('"').count()), (2, 2), "{html}");
        let css = render("a.css", "a::before { content: \"{{p}}\" } /* {{p}} */", &values);
        assert_eq!((css.matches('"').count(), css.matches("*/").count()), (2, 1), "{css}");
    }

    proptest::proptest! {
        #[test]
        fn script_literals_parse_back_to_the_prompt(prompt in "(\\PC|.|[\"'\\\\`$<{}\\n\\r\u{0}\u{2028}]){0,60}") {
            let literal = render("a.js", "\"{{p}}\"", &[("p", prompt.as_str())]);
            proptest::prop_assert!(literal.is_ascii());
            proptest::prop_assert_eq!(serde_json::from_str::<String>(&literal).unwrap(), prompt);
        }

        #[test]
        fn python_literals_have_no_way_out(prompt in "(\\PC|.|[\"'\\\\\\n\\r\u{0}]){0,60}") {
            let body = render("a.py", "{{p}}", &[("p", prompt.as_str())]);
            proptest::prop_assert!(body.is_ascii() && !body.contains(['"', '\'', '\n', '\r', '\0']));
            proptest::prop_assert_eq!(unescape_python(&body), prompt);
        }

        #[test]
        fn html_has_no_character_that_markup_is_made_of(prompt in "(\\PC|.|[<>&\"'`]){0,60}") {
            let html = render("a.html", "{{p}}", &[("p", prompt.as_str())]);
            proptest::prop_assert!(!html.contains(['<', '>', '"', '\'', '`']));
            let back = html.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'");
            let back = back.replace("&#96;", "`").replace("&#123;", "{").replace("&amp;", "&");
            let visible: String = prompt.chars().map(|c| if c.is_control() && c != '\n' && c != '\t' { '\u{fffd}' } else { c }).collect();
            proptest::prop_assert_eq!(back, visible);
        }
    }

    /// Reads `\uXXXX` and `\UXXXXXXXX` as Python's tokenizer does.
    fn unescape_python(body: &str) -> String {
        let mut out = String::new();
        let mut rest = body;
        while let Some(at) = rest.find('\\') {
            out.push_str(&rest[..at]);
            let digits = if rest.as_bytes()[at + 1] == b'u' { 4 } else { 8 };
            let code = u32::from_str_radix(&rest[at + 2..at + 2 + digits], 16).unwrap();
            out.push(char::from_u32(code).unwrap());
            rest = &rest[at + 2 + digits..];
        }
        out + rest
    }
}
