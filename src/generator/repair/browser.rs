//! What is wrong with addresses in pages: `localhost` is the visitor's own machine.

use super::{
    Diagnostic,
    source::{edit, is_browsers, is_servers, pattern},
};
use crate::types::Artifact;

/// `http://localhost:3000/x` becomes `/x`, and a WebSocket's address one on the page's own host. In a server's file only
/// what a page in it fetches is touched.
pub(super) fn localhost(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    let socket =
        pattern!(r#"(["'`])wss?://(?:localhost|127\.0\.0\.1|0\.0\.0\.0)(?::\d+|:\$\{[^}\n]*\})?(/[^"'`\n$]*)?["'`]"#);
    let quoted = pattern!(r#"(["'`])https?://(?:localhost|127\.0\.0\.1|0\.0\.0\.0)(?::\d+)?(/?)"#);
    let fetched = pattern!(
        r#"((?:fetch|axios(?:\.\w+)?|EventSource|href=|src=|action=)\(?\s*["'`])https?://(?:localhost|127\.0\.0\.1)(?::\d+)?/"#
    );
    let own = "(location.protocol === \"https:\" ? \"wss://\" : \"ws://\") + location.host + \"";
    edit(artifact, |file| {
        let text = &file.content;
        if !text.contains("://localhost") && !text.contains("://127.0.0.1") && !text.contains("://0.0.0.0") {
            return None;
        }
        if is_browsers(artifact, file) {
            let address =
                |found: &regex::Captures<'_>| format!("{own}{}\"", found.get(2).map_or("/", |path| path.as_str()));
            let text = socket.replace_all(text, address);
            return Some(quoted.replace_all(&text, "${1}${2}").into_owned());
        }
        let has_page = text.contains("<script") || text.contains("<html") || text.contains("<form");
        (has_page && is_servers(artifact, file)).then(|| fetched.replace_all(text, "${1}/").into_owned())
    })
}
