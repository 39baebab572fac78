//! Forms that a script sends: elsewhere than the page says, or without anybody's doing.

use super::page::{PHISHING, foreign};
use crate::guard::{fact::Call, found::Found, value::Value};

/// A form that asks for a secret is sent, by a script, to an address whose host the script has changed.
pub(super) fn assign(path: &str, value: &Value, line: usize, found: &mut Found<'_>) {
    let action = path.ends_with(".action") || path.ends_with(".formAction");
    let own = value.known().is_some_and(|text| foreign(text).is_none());
    if action && !own {
        found.moved.form = Some(line);
    } else if path.starts_with("URL()") && (path.ends_with(".hostname") || path.ends_with(".host")) {
        found.moved.host = true;
    }
    if found.asks_secret
        && found.moved.host
        && let Some(line) = found.moved.form.take()
    {
        found.add(&PHISHING, line, "what the form asks for goes to a host that a script puts in");
    }
}

/// A form that somebody else's site is sent by itself, before a visitor has read it.
pub(super) fn call(call: &Call<'_>, line: usize, found: &mut Found<'_>) {
    if matches!(call.method(), "submit" | "requestSubmit") && call.args.is_empty() && !call.python {
        found.moved.sent = Some(line);
        sent(found);
    }
}

/// Fields that nobody sees are sent to another site.
pub(super) fn sent(found: &mut Found<'_>) {
    if found.moved.hidden
        && let Some(line) = found.moved.sent.take()
    {
        found.add(&PHISHING, line, "a form of hidden fields is sent to another site by itself");
    }
}
