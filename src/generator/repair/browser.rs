//! What is wrong with addresses in pages: `localhost` is the visitor's own machine.

use super::{
    Diagnostic,
    source::{Language, Sides, edit, edit_in, pattern},
};
use crate::types::Artifact;

/// `http://localhost:3000/x` becomes `/x`, and a WebSocket's address one on the page's own host. In a server's file only
/// what a page in it fetches is touched.
pub(super) fn localhost(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    let sides = Sides::of(artifact);
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
        if sides.is_browsers(file) {
            let address =
                |found: &regex::Captures<'_>| format!("{own}{}\"", found.get(2).map_or("/", |path| path.as_str()));
            let text = socket.replace_all(text, address);
            return Some(quoted.replace_all(&text, "${1}${2}").into_owned());
        }
        let has_page = text.contains("<script") || text.contains("<html") || text.contains("<form");
        (has_page && sides.is_servers(file)).then(|| fetched.replace_all(text, "${1}/").into_owned())
    })
}

/// A page that ends inside of its script or style: a browser would take the rest for text.
pub(super) fn unclosed(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    edit_in(artifact, Language::Html, |file| {
        let lower = file.content.to_ascii_lowercase();
        let is_open = |tag: &str| match (lower.rfind(&format!("<{tag}")), lower.rfind(&format!("</{tag}"))) {
            (Some(opened), Some(closed)) => opened > closed,
            (Some(_), None) => true,
            (None, _) => false,
        };
        let inner = ["script", "style"].into_iter().find(|tag| is_open(tag))?;
        let outer = ["body", "html"].into_iter().filter(|tag| is_open(tag));
        let ends: String = [inner].into_iter().chain(outer).map(|tag| format!("</{tag}>\n")).collect();
        Some(format!("{}\n{ends}", file.content.trim_end()))
    })
}

/// Files that a page names in another case than they have.
pub(super) fn references(artifact: &Artifact, _: &Diagnostic) -> Option<Artifact> {
    let named = pattern!(r#"((?:src|href)=["'])(\.{0,2}/?[\w./-]+\.(?:js|mjs|css|png|svg|json))(["'])"#);
    edit_in(artifact, Language::Html, |file| {
        let replace = |found: &regex::Captures<'_>| {
            let end = found[2].trim_start_matches(['.', '/']);
            let is = |path: &str| path == end || path.ends_with(&format!("/{end}"));
            let alike = |path: &str| {
                let tail = path.len().checked_sub(end.len()).and_then(|at| path.get(at..));
                tail.filter(|tail| tail.eq_ignore_ascii_case(end)).map(str::to_owned)
            };
            if artifact.files.iter().any(|file| is(&file.path)) {
                return found[0].to_owned();
            }
            let Some(right) = artifact.files.iter().find_map(|file| alike(&file.path)) else {
                return found[0].to_owned();
            };
            let before = &found[2][..found[2].len() - end.len()];
            [&found[1], before, &right, &found[3]].concat()
        };
        Some(named.replace_all(&file.content, replace).into_owned())
    })
}
