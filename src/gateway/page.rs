//! The gateway's own words: every reason why a visitor does not see an app, as a page or as JSON. Pure.

use std::{borrow::Cow, time::Duration};

use actix_web::http::StatusCode;
use serde_json::{Value, json};

use crate::types::{Category, Failure, Port, RequestId};

/// Why the visitor gets a page of the gateway instead of one of the app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// The address has the form of an app's, but no app has it.
    UnknownApp,
    /// The address has not even the form.
    NoApp {
        domain: String,
    },
    /// The name in the TLS handshake and the name in the request differ.
    Misdirected,
    Starting {
        step: &'static str,
    },
    Ended {
        reason: String,
    },
    /// The host has no such sandbox, or it sleeps.
    SandboxGone,
    /// Nothing listens on the port inside of the sandbox.
    PortClosed {
        port: Port,
    },
    /// No connection to the sandbox's host.
    HostUnreachable,
    /// The connection broke before an answer.
    NoAnswer,
    /// What the app answered is not HTTP.
    BadAnswer,
    Timeout {
        after: Duration,
    },
    /// As many requests as the gateway may have in flight are in flight.
    Busy,
    HeadTooLarge {
        limit: usize,
    },
    BadRequest {
        what: &'static str,
    },
}

/// What the client is able to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Html,
    Json,
}

impl Format {
    /// A page is for those who ask for one, as every browser does when it navigates. Scripts, `curl` and an app's own
    /// `fetch` say `*/*` or nothing, and are better served with JSON.
    pub(super) fn of(accept: Option<&str>) -> Self {
        let names = |kind| accept.is_some_and(|accept| accept.to_ascii_lowercase().contains(kind));
        if names("text/html") || names("application/xhtml") { Self::Html } else { Self::Json }
    }
}

/// A finished answer, but for the protocol's part of it.
pub(super) struct Page {
    pub(super) status: StatusCode,
    pub(super) content_type: &'static str,
    /// Seconds, for `Retry-After`.
    pub(super) retry_after: Option<u32>,
    pub(super) body: String,
}

impl Problem {
    /// The stable name, in JSON and in metrics.
    pub(super) const fn code(&self) -> &'static str {
        match self {
            Self::UnknownApp => "unknown_app",
            Self::NoApp { .. } => "not_an_app_address",
            Self::Misdirected => "misdirected_request",
            Self::Starting { .. } => "app_starting",
            Self::Ended { .. } => "app_ended",
            Self::SandboxGone => "sandbox_not_found",
            Self::PortClosed { .. } => "port_closed",
            Self::HostUnreachable => "sandbox_host_unreachable",
            Self::NoAnswer => "app_not_answering",
            Self::BadAnswer => "app_answer_invalid",
            Self::Timeout { .. } => "app_timeout",
            Self::Busy => "gateway_busy",
            Self::HeadTooLarge { .. } => "request_head_too_large",
            Self::BadRequest { .. } => "bad_request",
        }
    }

    pub(super) const fn status(&self) -> StatusCode {
        match self {
            Self::UnknownApp | Self::NoApp { .. } => StatusCode::NOT_FOUND,
            Self::Misdirected => StatusCode::MISDIRECTED_REQUEST,
            Self::Starting { .. } | Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Ended { .. } => StatusCode::GONE,
            Self::SandboxGone | Self::PortClosed { .. } | Self::HostUnreachable | Self::NoAnswer | Self::BadAnswer => {
                StatusCode::BAD_GATEWAY
            }
            Self::Timeout { .. } => StatusCode::GATEWAY_TIMEOUT,
            Self::HeadTooLarge { .. } => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::BadRequest { .. } => StatusCode::BAD_REQUEST,
        }
    }

    const fn retry_after(&self) -> Option<u32> {
        match self {
            Self::Starting { .. } | Self::Busy => Some(1),
            Self::HostUnreachable | Self::PortClosed { .. } | Self::NoAnswer | Self::Timeout { .. } => Some(5),
            Self::UnknownApp
            | Self::NoApp { .. }
            | Self::Misdirected
            | Self::Ended { .. }
            | Self::SandboxGone
            | Self::BadAnswer
            | Self::HeadTooLarge { .. }
            | Self::BadRequest { .. } => None,
        }
    }

    const fn category(&self) -> Category {
        match self {
            Self::UnknownApp
            | Self::NoApp { .. }
            | Self::Misdirected
            | Self::Ended { .. }
            | Self::HeadTooLarge { .. }
            | Self::BadRequest { .. } => Category::User,
            Self::SandboxGone
            | Self::PortClosed { .. }
            | Self::HostUnreachable
            | Self::NoAnswer
            | Self::BadAnswer
            | Self::Timeout { .. } => Category::Api,
            Self::Starting { .. } | Self::Busy => Category::Resource,
        }
    }

    const fn title(&self) -> &'static str {
        match self {
            Self::UnknownApp => "No app lives here",
            Self::NoApp { .. } => "This is the gateway",
            Self::Misdirected => "Wrong connection",
            Self::Starting { .. } => "Almost there",
            Self::Ended { .. } => "This app is over",
            Self::SandboxGone => "The sandbox is gone",
            Self::PortClosed { .. } => "The app is not listening",
            Self::HostUnreachable => "The sandbox host is away",
            Self::NoAnswer => "The app did not answer",
            Self::BadAnswer => "The app's answer makes no sense",
            Self::Timeout { .. } => "The app takes too long",
            Self::Busy => "Too busy",
            Self::HeadTooLarge { .. } => "Too many headers",
            Self::BadRequest { .. } => "Bad request",
        }
    }

    fn message(&self) -> Cow<'static, str> {
        match self {
            Self::UnknownApp => "There is no app at this address. Check it for a typing error; an app's address ends with its session.".into(),
            Self::NoApp { domain } => format!("Apps live at https://<name>.{domain}, each under a name of its own. Open the address that you were given for yours.").into(),
            Self::Misdirected => "This connection was opened for another host name. Open a new one for this address.".into(),
            Self::Starting { step } => format!("The app is being made: {step}.").into(),
            Self::Ended { reason } => reason.clone().into(),
            Self::SandboxGone => "The sandbox that this app ran in does not exist any more, or sleeps.".into(),
            Self::PortClosed { port } => format!("The sandbox is alive, but nothing in it listens on port {port}. The app may still be starting, or has stopped: its logs tell.").into(),
            Self::HostUnreachable => "The machine that runs this app's sandbox cannot be reached.".into(),
            Self::NoAnswer => "The app closed the connection before it answered. It may have crashed: its logs tell.".into(),
            Self::BadAnswer => "What the app sent is not an HTTP answer.".into(),
            Self::Timeout { after } => format!("The app sent no answer within {} seconds.", after.as_secs()).into(),
            Self::Busy => "The gateway has as many requests in flight as it may have. Try again in a moment.".into(),
            Self::HeadTooLarge { limit } => format!("The headers of a request may have {limit} bytes in total.").into(),
            Self::BadRequest { what } => format!("The request cannot be passed on: {what}.").into(),
        }
    }

    fn details(&self) -> Value {
        match self {
            Self::Starting { step } => json!({ "step": step }),
            Self::PortClosed { port } => json!({ "port": port }),
            Self::NoApp { domain } => json!({ "domain": domain }),
            Self::Timeout { after } => json!({ "seconds": after.as_secs() }),
            Self::HeadTooLarge { limit } => json!({ "limitBytes": limit }),
            Self::UnknownApp
            | Self::Misdirected
            | Self::Ended { .. }
            | Self::SandboxGone
            | Self::HostUnreachable
            | Self::NoAnswer
            | Self::BadAnswer
            | Self::Busy
            | Self::BadRequest { .. } => json!({}),
        }
    }

    fn failure(&self) -> Failure {
        let failure = Failure::new(self.code(), self.category(), self.message());
        if self.retry_after().is_some() { failure.retryable() } else { failure }
    }

    pub(super) fn page(&self, format: Format, request: &RequestId) -> Page {
        let (content_type, body) = match format {
            Format::Json => ("application/json", self.json(request)),
            Format::Html => ("text/html; charset=utf-8", self.html(request)),
        };
        Page { status: self.status(), content_type, retry_after: self.retry_after(), body }
    }

    fn json(&self, request: &RequestId) -> String {
        let Failure { code, message, category, retryable } = self.failure();
        let details = self.details();
        let status = self.status().as_u16();
        // The two outside of `error` are where the E2B SDKs look.
        json!({ "code": status, "message": message.clone(), "error": {
            "code": code, "message": message, "category": category, "retryable": retryable,
            "requestId": request, "details": details,
        }})
        .to_string()
    }

    fn html(&self, request: &RequestId) -> String {
        // Only a waiting page reloads itself: reloading a failure would hide it.
        let (refresh, spinner) = match self {
            Self::Starting { .. } => (REFRESH, r#"<i class="spin" title="This page looks again every second"></i>"#),
            Self::UnknownApp
            | Self::NoApp { .. }
            | Self::Misdirected
            | Self::Ended { .. }
            | Self::SandboxGone
            | Self::PortClosed { .. }
            | Self::HostUnreachable
            | Self::NoAnswer
            | Self::BadAnswer
            | Self::Timeout { .. }
            | Self::Busy
            | Self::HeadTooLarge { .. }
            | Self::BadRequest { .. } => ("", ""),
        };
        let status = self.status();
        PAGE.replace("{refresh}", refresh)
            .replace("{spinner}", spinner)
            .replace("{status}", status.as_str())
            .replace("{code}", self.code())
            .replace("{title}", self.title())
            .replace("{request}", request.as_str())
            // Last: a message that contains `{title}` stays as it is.
            .replace("{message}", &escaped(&self.message()))
    }
}

/// The page looks again after a second.
const REFRESH: &str = r#"<meta http-equiv="refresh" content="1">"#;

/// One file with no script and no other request in it: its content policy forbids both.
const PAGE: &str = r#"<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">{refresh}<title>{title}</title><style>
:root{color-scheme:light dark;--bg:#f6f7f9;--fg:#1c2128;--dim:#6b7480;--card:#fff;--line:#e3e6ea;--accent:#3b6ef5}
@media(prefers-color-scheme:dark){:root{--bg:#0f1216;--fg:#e8ebef;--dim:#8b95a1;--card:#171b21;--line:#262c34;--accent:#7aa2ff}}
*{box-sizing:border-box}body{margin:0;min-height:100vh;display:grid;place-items:center;padding:24px;background:var(--bg);color:var(--fg);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{width:100%;max-width:460px;padding:36px 32px 28px;background:var(--card);border:1px solid var(--line);border-radius:16px;box-shadow:0 12px 40px rgba(15,20,30,.07)}
b{display:flex;align-items:center;gap:10px;color:var(--accent);font-size:14px;letter-spacing:.06em}h1{margin:10px 0 8px;font-size:24px;line-height:1.25;letter-spacing:-.01em}p{margin:0;overflow-wrap:anywhere}
footer{margin-top:26px;padding-top:14px;border-top:1px solid var(--line);color:var(--dim);font:12px/1.6 ui-monospace,SFMono-Regular,Menlo,monospace;overflow-wrap:anywhere}
.spin{width:14px;height:14px;border:2px solid var(--line);border-top-color:var(--accent);border-radius:50%;animation:s .8s linear infinite}@keyframes s{to{transform:rotate(1turn)}}@media(prefers-reduced-motion:reduce){.spin{animation:none}}
</style></head><body><main><b>{spinner}{status}</b><h1>{title}</h1><p>{message}</p><footer>SpawnAI gateway · {code}<br>request {request}</footer></main></body></html>
"#;

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(problem: &Problem, accept: Option<&str>) -> Page {
        problem.page(Format::of(accept), &"r-1".parse().unwrap())
    }

    #[test]
    fn browsers_get_a_page_and_programs_get_json() {
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        assert_eq!(Format::of(Some(browser)), Format::Html);
        for program in [None, Some("*/*"), Some("application/json, text/plain, */*")] {
            assert_eq!(Format::of(program), Format::Json, "{program:?}");
        }
        let json: Value = serde_json::from_str(&page(&Problem::Starting { step: "writing" }, None).body).unwrap();
        assert_eq!(
            json["error"],
            json!({
                "code": "app_starting", "message": "The app is being made: writing.",
                "category": "resource", "retryable": true, "requestId": "r-1", "details": { "step": "writing" },
            })
        );
    }

    #[test]
    fn only_a_waiting_page_reloads_itself() {
        let waiting = page(&Problem::Starting { step: "starting" }, Some("text/html"));
        assert_eq!((waiting.status.as_u16(), waiting.retry_after), (503, Some(1)));
        assert!(waiting.body.contains(r#"http-equiv="refresh" content="1""#));
        let ended = page(&Problem::Ended { reason: "Its time was up.".to_owned() }, Some("text/html"));
        assert_eq!((ended.status.as_u16(), ended.retry_after), (410, None));
        assert!(ended.body.contains("Its time was up.") && !ended.body.contains("refresh"));
    }

    #[test]
    fn a_reason_cannot_become_markup() {
        let page = page(&Problem::Ended { reason: "<script>'\"&{title}".to_owned() }, Some("text/html"));
        assert!(page.body.contains("<p>&lt;script&gt;&#39;&quot;&amp;{title}</p>"), "{}", page.body);
        for left in ["{refresh}", "{spinner}", "{status}", "{code}", "{message}", "{request}"] {
            assert!(!page.body.contains(left), "{left}");
        }
    }
}
