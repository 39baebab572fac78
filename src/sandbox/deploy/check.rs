//! What an answer proves, and how patiently to ask. Pure.

use std::time::Duration;

use crate::{
    sandbox::Answer,
    types::{Check, includes},
};

/// Before the second look. Nothing that we know starts in less, and on a busy machine each look slows the start.
const PAUSE_FIRST: Duration = Duration::from_millis(15);
/// Between the looks that follow.
const PAUSE: Duration = Duration::from_millis(5);
const PAUSE_MAX: Duration = Duration::from_millis(100);
/// Looks at these pauses: 0.2 s or so, in which node and python start. Each costs the host a refused connection.
const LOOKS_FAST: u32 = 40;
/// Shown of an answer that was not the expected one.
const EXCERPT_MAX: usize = 200;

/// How long to wait after `looks` looks at a port that does not answer yet: short at first, since the app's start is what
/// a user waits for, then longer, since a slow start needs the CPU more than we need to know.
pub(super) fn pause(looks: u32) -> Duration {
    if looks == 0 {
        return PAUSE_FIRST;
    }
    let slower = looks.saturating_sub(LOOKS_FAST).min(5);
    (PAUSE * 2_u32.pow(slower)).min(PAUSE_MAX)
}

/// Why an answer does not show what the check expects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mismatch {
    pub expected: String,
    pub got: String,
    /// The beginning of the body.
    pub shown: String,
    /// The answer says "not yet", so the same request may succeed soon.
    pub not_yet: bool,
}

/// Holds an answer against its check.
pub(super) fn verdict(check: &Check, answer: &Answer) -> Result<(), Mismatch> {
    let expect = &check.expect;
    let text = String::from_utf8_lossy(&answer.body);
    let shows = expect.contains.as_ref().is_none_or(|wanted| text.contains(wanted.as_str()));
    let holds = |wanted| serde_json::from_slice(&answer.body).is_ok_and(|got| includes(&got, wanted));
    if answer.status == expect.status && shows && expect.json.as_ref().is_none_or(holds) {
        return Ok(());
    }
    let mut expected = format!("status {}", expect.status);
    if let Some(wanted) = &expect.contains {
        expected.push_str(&format!(" and {:?} in the body", excerpt(wanted)));
    }
    if let Some(wanted) = &expect.json {
        expected.push_str(&format!(" and the JSON {} in the body", excerpt(&wanted.to_string())));
    }
    let shown = excerpt(&text);
    let got = format!("status {} and {shown:?}", answer.status);
    Err(Mismatch { expected, got, shown, not_yet: matches!(answer.status, 502..=504) })
}

/// Whether a look at the port and this check are the same request, so that one answer serves both.
pub(super) fn is_a_look(check: &Check) -> bool {
    check.method == "GET" && check.body.is_none()
}

fn excerpt(text: &str) -> String {
    let mut excerpt: String = text.chars().take(EXCERPT_MAX).collect();
    if excerpt.len() < text.len() {
        excerpt.push('…');
    }
    excerpt
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &'static str) -> Answer {
        Answer { status, body: body.into(), truncated: false }
    }

    #[test]
    fn a_check_needs_status_and_text() {
        let check = Check::get("home", "/", 200, Some("Todo"));
        assert_eq!(verdict(&check, &answer(200, "<h1>Todo</h1>")), Ok(()));
        let wrong = verdict(&check, &answer(200, "<h1>Notes</h1>")).unwrap_err();
        assert_eq!(wrong.expected, "status 200 and \"Todo\" in the body");
        assert_eq!((wrong.got.as_str(), wrong.not_yet), ("status 200 and \"<h1>Notes</h1>\"", false));
        assert!(verdict(&check, &answer(503, "Todo")).unwrap_err().not_yet);
    }

    #[test]
    fn a_check_may_ask_for_json() {
        let mut check = Check::get("list", "/items", 200, None);
        check.expect.json = Some(serde_json::json!([{ "id": 1 }]));
        assert_eq!(verdict(&check, &answer(200, r#"[{"id": 1, "name": "x"}]"#)), Ok(()));
        for wrong in [r#"[{"id": 2}]"#, "<h1>id 1</h1>", ""] {
            let mismatch = verdict(&check, &answer(200, wrong)).unwrap_err();
            assert_eq!(mismatch.expected, "status 200 and the JSON [{\"id\":1}] in the body");
        }
    }

    #[test]
    fn the_port_is_watched_closely_and_then_rarely() {
        assert_eq!(pause(0), PAUSE_FIRST);
        let fast: Duration = (0..LOOKS_FAST).map(pause).sum();
        assert!(fast >= Duration::from_millis(100));
        assert_eq!((pause(1), pause(LOOKS_FAST), pause(LOOKS_FAST + 1)), (PAUSE, PAUSE, PAUSE * 2));
        assert_eq!((pause(LOOKS_FAST + 5), pause(u32::MAX)), (PAUSE_MAX, PAUSE_MAX));
    }
}
