//! What is asked after a first answer: the rest of it, or a mending. Pure.

use super::{OUTPUT_MIN, Wish, fenced, runtimes};
use crate::{
    generator::{
        answer::Nonce,
        claude::{MessagesRequest, Model, Role, SystemPart, Turn},
    },
    types::{AppFile, Artifact},
};

const REPAIR: &str = include_str!("text/repair.md");
/// Characters of a diagnostic that are shown: an error and its trace stand in the last of them.
const DIAGNOSTIC_MAX: usize = 6000;
/// Bytes of files that go along with a repair.
const FILES_MAX: usize = 96 * 1024;

/// Asks for the rest of an answer that was cut off: what is whole is shown as already said, the cut file is asked for
/// again from its beginning.
#[must_use]
pub fn continuation(first: &MessagesRequest, whole: &[AppFile], cut: Option<&str>, nonce: &Nonce) -> MessagesRequest {
    let mut request = first.clone();
    request.messages.truncate(1);
    let written: String = whole.iter().map(|file| tagged(file, nonce)).collect();
    let from = match cut {
        Some(path) => format!("Begin with the file {path}, again from its first line"),
        None => "Begin with the first file that is missing".to_owned(),
    };
    if !written.is_empty() {
        request.messages.push(Turn { role: Role::Assistant, content: written });
    }
    let content = format!(
        "The answer was cut off. {from}, then write whatever else is missing, in the same format and with the same nonce, \
         and end with <end-{nonce}/>. Do not repeat files that are there already. Be brief: there is not much room."
    );
    match request.messages.last_mut() {
        // Nothing is whole yet: two turns of the same side are one.
        Some(last) if last.role == Role::User => {
            last.content.push_str("\n\n");
            last.content.push_str(&content);
        }
        Some(_) | None => request.messages.push(Turn { role: Role::User, content }),
    }
    request
}

/// What went wrong with an app, for the model.
#[derive(Clone, Copy, Debug)]
pub struct Broken<'a> {
    pub artifact: &'a Artifact,
    /// What failed and what was printed.
    pub diagnostic: &'a str,
    /// The files to show, by path; none is all of them, while there is room.
    pub failing: &'a [String],
}

/// Asks to mend an app: with the diagnostic, the manifest, and the failing files.
#[must_use]
pub fn repair(wish: &Wish<'_>, broken: &Broken<'_>, nonce: &Nonce, model: &Model) -> MessagesRequest {
    let Broken { artifact, diagnostic, failing } = *broken;
    let (shown, left_out) = files(artifact, failing);
    let shown: String = shown.into_iter().map(|file| tagged(file, nonce)).collect();
    let others = if left_out.is_empty() { String::new() } else { format!("Not shown: {}.\n", left_out.join(", ")) };
    let from = diagnostic.char_indices().rev().nth(DIAGNOSTIC_MAX - 1).map_or(0, |(at, _)| at);
    let checks = serde_json::to_string(&artifact.checks).unwrap_or_default();
    let content = format!(
        "NONCE is: {nonce}\nRuntimes present: {}.\n\n{}\nstart: {}\nbuild: {}\nport: {}\nchecks: {checks}\n\n{shown}{others}\n{}",
        runtimes(wish.runtimes),
        fenced("wish", wish.prompt, nonce),
        artifact.start,
        artifact.build.as_deref().unwrap_or("none"),
        artifact.port,
        fenced("failure", &diagnostic[from..], nonce),
    );
    MessagesRequest {
        model: model.id.clone(),
        max_tokens: OUTPUT_MIN,
        system: vec![SystemPart::cached(REPAIR.to_owned())],
        messages: vec![Turn { role: Role::User, content }],
        output_config: None,
        stream: true,
    }
}

fn tagged(file: &AppFile, nonce: &Nonce) -> String {
    let end = if file.content.ends_with('\n') { "" } else { "\n" };
    format!("<file-{nonce} path=\"{}\">\n{}{end}</file-{nonce}>\n", file.path, file.content)
}

/// The failing files, or all when nobody knows which these are, as far as there is room; and the paths of the rest.
fn files<'a>(artifact: &'a Artifact, failing: &[String]) -> (Vec<&'a AppFile>, Vec<&'a str>) {
    let mut order: Vec<&AppFile> = artifact.files.iter().collect();
    order.sort_by_key(|file| (!failing.contains(&file.path), file.content.len()));
    let (mut shown, mut left_out, mut room) = (Vec::new(), Vec::new(), FILES_MAX);
    for file in order {
        let wanted = failing.is_empty() || failing.contains(&file.path);
        if wanted && file.content.len() <= room {
            room -= file.content.len();
            shown.push(file);
        } else {
            left_out.push(file.path.as_str());
        }
    }
    (shown, left_out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        generator::{
            Runtimes,
            claude::Catalog,
            prompting::{Template, optimize_prompt},
        },
        types::{AppType, Origin, PORTS, Runtime},
    };

    const WISH: Wish<'static> = Wish {
        prompt: "a todo app",
        app_type: AppType::Webapp,
        runtimes: Runtimes { node: true, python: true },
        internet: false,
    };

    fn file(path: &str, content: &str) -> AppFile {
        AppFile { path: path.to_owned(), content: content.to_owned() }
    }

    #[test]
    fn the_rest_is_asked_for_with_what_is_whole() {
        let (model, nonce) = (&Catalog::default().models[0], Nonce::new(5));
        let first = optimize_prompt(&WISH, Template::Full, &nonce, model);
        let request = continuation(&first, &[file("a.js", "1")], Some("b.js"), &nonce);
        let roles: Vec<_> = request.messages.iter().map(|turn| turn.role).collect();
        assert_eq!(roles, [Role::User, Role::Assistant, Role::User]);
        assert_eq!(request.messages[1].content, format!("<file-{nonce} path=\"a.js\">\n1\n</file-{nonce}>\n"));
        assert!(request.messages[2].content.contains("Begin with the file b.js"));
        assert_eq!(request.system, first.system, "the cache serves it, too");
        // Nothing was whole: the only turn is the user's, since two in a row are refused by some servers.
        let request = continuation(&first, &[], Some("a.js"), &nonce);
        assert_eq!(request.messages.len(), 1);
        assert!(request.messages[0].content.ends_with("not much room."));
    }

    #[test]
    fn a_repair_shows_the_failing_files_and_the_end_of_the_output() {
        let (model, nonce) = (&Catalog::default().models[0], Nonce::new(5));
        let artifact = Artifact {
            files: vec![file("server.js", "boom()"), file("public/x.html", "<p>")],
            build: None,
            start: "node server.js".to_owned(),
            port: PORTS[0],
            runtime: Runtime::Node,
            dependencies: Vec::new(),
            checks: Vec::new(),
            origin: Origin { generator: "t".into(), template: "t".into(), match_percent: 0, note: String::new() },
        };
        let diagnostic = format!("{}ReferenceError: boom", "é".repeat(9000));
        let failing = ["server.js".to_owned()];
        let broken = Broken { artifact: &artifact, diagnostic: &diagnostic, failing: &failing };
        let request = repair(&WISH, &broken, &nonce, model);
        let content = &request.messages[0].content;
        assert!(content.contains("boom()") && content.contains("Not shown: public/x.html."), "{content}");
        assert!(content.contains("ReferenceError: boom") && content.chars().count() < 8000, "{content}");
    }
}
