//! What a script makes of its page: other scripts, handlers, markup, and where it leads.

use super::{
    evaluate::EVAL,
    page::{FOREIGN_SCRIPT, REDIRECT, foreign},
};
use crate::guard::{
    fact::Call,
    found::Found,
    hosts,
    read::Language,
    value::{Marks, Value},
};

/// A script that a page makes.
pub(in crate::guard) const SCRIPT_ELEMENT: &str = "document.createElement(script)";

pub(super) fn call(call: &Call<'_>, line: usize, found: &mut Found<'_>) {
    let method = call.method();
    if call.path.starts_with(SCRIPT_ELEMENT)
        && matches!(method, "append" | "appendChild" | "replaceChildren")
        && let Some(code) = call.arg(0)
    {
        written(code, line, found);
    }
    let markup = matches!(call.path, "document.write" | "document.writeln") || method == "createContextualFragment";
    if markup && call.arg_marks().has(Marks::REQUEST) {
        found.add(&EVAL, line, "what an address holds becomes part of the page, scripts and all");
    }
    let handler = method == "setAttribute"
        && call.text(0).is_some_and(|name| name.len() > 3 && name.starts_with("on"))
        && call.arg(1).is_some_and(|code| code.as_text().is_none());
    if handler && call.arg_marks().has(Marks::REQUEST.with(Marks::NETWORK).with(Marks::DECODED)) {
        found.add(&EVAL, line, "a handler is made of a text");
    } else if handler {
        found.hint(&EVAL, line, "a handler is made of a text");
    }
    if matches!(call.path, "location.replace" | "location.assign" | "document.location.replace") {
        leads_away(call.text(0), line, found);
    }
    if call.path == "importScripts" || call.path == "$.getScript" {
        for host in call.args.iter().filter_map(Value::as_text).filter_map(foreign) {
            if !hosts::is_library_host(&host) {
                found.add(&FOREIGN_SCRIPT, line, &format!("code is loaded from {host}"));
            }
        }
    }
}

pub(super) fn assign(path: &str, value: &Value, line: usize, found: &mut Found<'_>) {
    if let Some("textContent" | "text" | "innerHTML" | "innerText") =
        path.strip_prefix(SCRIPT_ELEMENT).and_then(|rest| rest.strip_prefix('.'))
    {
        written(value, line, found);
    }
    if matches!(path, "location" | "location.href" | "document.location" | "document.location.href") {
        leads_away(value.as_text(), line, found);
    }
}

/// The text of a script.
fn written(value: &Value, line: usize, found: &mut Found<'_>) {
    match value.known() {
        Some(code) => found.nest(Language::JavaScript, code, line),
        None if value.all_marks().has(Marks::DECODED.with(Marks::NETWORK).with(Marks::REQUEST)) => {
            found.add(&EVAL, line, "a script is made of a text");
        }
        None => {}
    }
    if value.all_marks().has(Marks::DECODED) {
        found.add(&EVAL, line, "a script is made of what was decoded just before");
    }
}

/// A page that goes elsewhere by a script. Logins of others do that, too, so it is no more than a hint.
fn leads_away(address: Option<&str>, line: usize, found: &mut Found<'_>) {
    if let Some(host) = address.and_then(foreign)
        && !hosts::is_frame_host(&host)
    {
        found.hint(&REDIRECT, line, &format!("a script leads visitors to {host}"));
    }
}
