//! A model that gives the answers of the fixtures, and mends in them what is marked as its own to mend, by undoing it in the
//! files that it is shown. What a rule shall mend it does not see, unless it is told to help with everything.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use super::fixture::Answer;
use crate::claude::{
    answers::saying,
    server::{Reply, Request},
};

/// What the model mends when it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Help {
    /// What is marked as its own: the figure for the rules.
    Marked,
    /// Whatever it is asked about, by the right files in the place of those it is shown: the figure for the whole ladder.
    All,
}

/// What the model did for each answer.
#[derive(Clone, Default)]
pub struct Mended(Arc<Mutex<BTreeMap<String, Vec<String>>>>);

impl Mended {
    /// The kinds of flaws that the model has undone.
    pub fn of(&self, name: &str) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned().unwrap_or_default()
    }

    fn note(&self, name: &str, kind: &str) {
        let mut mended = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        mended.entry(name.to_owned()).or_default().push(kind.to_owned());
    }
}

/// The words of a wish for an answer.
pub fn wish(answer: &Answer) -> String {
    format!("an app such as <<{}>>", answer.name)
}

/// The model's reply.
pub fn reply(answers: &[Answer], help: Help, mended: &Mended, request: &Request) -> Reply {
    let (nonce, turn) = (request.nonce(), request.body["messages"][0]["content"].as_str().unwrap_or_default());
    let name = turn.split("<<").nth(1).and_then(|rest| rest.split(">>").next()).unwrap_or_default();
    let Some(answer) = answers.iter().find(|answer| answer.name == name) else {
        return Reply::error(400, "", "invalid_request_error");
    };
    let say = |text: &str, reason: &str| saying(&text.replace("NONCE", &nonce), reason);
    if turn.contains(&format!("<failure-{nonce}>")) {
        let shown = turn.replace(&nonce, "NONCE");
        let right = || {
            let of = |right: &&Answer| right.flaws.is_empty() && right.app == answer.app;
            answers.iter().find(of).map_or_else(String::new, |right| put_right(answer, right, mended, &shown))
        };
        return match help {
            Help::Marked => say(&mend(answer, mended, &shown), "end_turn"),
            Help::All => say(&right(), "end_turn"),
        };
    }
    let Some(cut) = answer.cut else { return say(&answer.text, "end_turn") };
    if request.last_turn().contains("The answer was cut off") {
        mended.note(name, &answer.flaws[0].kind);
        let from = answer.text[..cut].rfind("<file-NONCE").unwrap_or_default();
        return say(&answer.text[from..], "end_turn");
    }
    say(&answer.text[..cut], "max_tokens")
}

/// The files of a text, by their paths.
fn files(text: &str) -> BTreeMap<&str, &str> {
    let file = |file: &'_ str| -> Option<(usize, usize)> {
        let path = file.find("\">\n")?;
        Some((path, path + 3 + file[path + 3..].find("</file-NONCE>")?))
    };
    let parts = text.split("<file-NONCE path=\"").skip(1);
    parts.filter_map(|part| file(part).map(|(path, end)| (&part[..path], &part[path + 3..end]))).collect()
}

/// The manifest and the files as they should have been: those that are shown otherwise, or that the answer has not.
fn put_right(answer: &Answer, right: &Answer, mended: &Mended, shown: &str) -> String {
    let (wrong, shown, mut out) = (files(&answer.text), files(shown), String::new());
    let manifest =
        |answer: &Answer| answer.text.split_inclusive("</app-NONCE>\n").next().unwrap_or_default().to_owned();
    let is_otherwise = manifest(answer) != manifest(right);
    if is_otherwise {
        out += &manifest(right);
    }
    for (path, content) in files(&right.text) {
        if shown.get(path).map_or(!wrong.contains_key(path), |shown| *shown != content) {
            out += &format!("<file-NONCE path=\"{path}\">\n{content}</file-NONCE>\n");
        }
    }
    for flaw in &answer.flaws {
        let is_shown = shown.values().any(|content| flaw.undone(content) != *content);
        if is_shown || is_otherwise && flaw.is_in_manifest(answer) {
            mended.note(&answer.name, &flaw.kind);
        }
    }
    if out.is_empty() { "I cannot see what is wrong with it.".to_owned() } else { out + "<end-NONCE/>\n" }
}

/// The files that are shown, without the flaws that are the model's to mend, where that changes them.
fn mend(answer: &Answer, mended: &Mended, shown: &str) -> String {
    let mut out = String::new();
    let (right, _) = answer.text.split_once("</app-NONCE>").unwrap_or_default();
    let mut manifest = right.to_owned();
    for flaw in answer.flaws.iter().filter(|flaw| flaw.by_model && flaw.is_in_manifest(answer)) {
        manifest = flaw.undone(&manifest);
        mended.note(&answer.name, &flaw.kind);
    }
    if manifest != right {
        // Only the checks: the rest may have been mended meanwhile.
        let checks = manifest.find("\"checks\"").unwrap_or_default();
        let end = manifest.rfind(']').map_or(manifest.len(), |at| at + 1);
        out += &format!("<app-NONCE>\n{{{}}}\n</app-NONCE>\n", &manifest[checks..end]);
    }
    // What was never written, nobody can show.
    for flaw in answer.flaws.iter().filter(|flaw| flaw.by_model && flaw.left_out().next().is_some()) {
        out.extend(flaw.left_out());
        mended.note(&answer.name, &flaw.kind);
    }
    for file in shown.split("<file-NONCE path=\"").skip(1) {
        let Some((path, rest)) = file.split_once("\">\n") else { continue };
        let content = rest.split("</file-NONCE>").next().unwrap_or_default();
        let mut better = content.to_owned();
        for flaw in answer.flaws.iter().filter(|flaw| flaw.by_model) {
            let undone = flaw.undone(&better);
            if undone != better {
                better = undone;
                mended.note(&answer.name, &flaw.kind);
            }
        }
        if better != content {
            out += &format!("<file-NONCE path=\"{path}\">\n{better}</file-NONCE>\n");
        }
    }
    if out.is_empty() { "I cannot see what is wrong with it.".to_owned() } else { out + "<end-NONCE/>\n" }
}
