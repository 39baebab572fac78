//! Whether an app speaks to others: until one of its files does, the places that it names are only named.
//!
//! A call is not the only way to speak. A browser asks for whatever an element, a style or the page itself is pointed at,
//! before anybody looks at it, and an address has room for all that is to be told.

use super::{
    harvest::{Target, sends, target},
    network,
};
use crate::guard::{
    fact::{Call, method},
    found::Found,
    value::Value,
};

pub(super) fn call(call: &Call<'_>, found: &mut Found<'_>) {
    if found.app.speaks {
        return;
    }
    let unknown = call.path.starts_with('~')
        && matches!(
            call.method(),
            "get" | "request" | "open" | "load" | "ajax" | "query" | "connect" | "call" | "invoke"
        );
    // What a page is told to go to, or to show; what a form of it says; and what other engines have of their own.
    let leads = match call.method() {
        "open" | "assign" | "replace" | "setAttribute" | "setProperty" => call.args.iter().any(is_elsewhere),
        "submit" | "requestSubmit" => true,
        _ => call.path.starts_with("Deno.") || call.path.starts_with("Bun."),
    };
    found.app.speaks = call.python
        || unknown
        || leads
        || sends(call.path) && !matches!(target(call), Target::Own)
        || matches!(call.path, "import" | "require" | "importScripts" | "$.getScript" | "Worker");
}

/// `image.src = address`, `location = address`, `style.backgroundImage = "url(address)"`.
pub(super) fn assign(path: &str, value: &Value, found: &mut Found<'_>) {
    let asks = matches!(
        method(path),
        "src"
            | "srcset"
            | "href"
            | "action"
            | "formAction"
            | "location"
            | "poster"
            | "data"
            | "cssText"
            | "background"
            | "backgroundImage"
            | "borderImage"
            | "listStyleImage"
            | "maskImage"
            | "cursor"
            | "content"
            | "ping"
    );
    found.app.speaks |= asks && path != "data" && path != "content" && is_elsewhere(value);
}

/// Whether a text has an address in it that no app has a use for, or that is made up.
fn is_elsewhere(value: &Value) -> bool {
    value.as_text().is_some_and(network::leads_astray)
}
