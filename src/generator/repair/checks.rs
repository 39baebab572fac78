//! What is wrong with a check, where the app does what it should.
//!
//! A check is mended only where the answer shows that the app works: another success than the expected one, the same words
//! in another case, words that a browser puts there. All else is the model's to judge.

use std::collections::BTreeSet;

use super::{
    Answered, Diagnostic,
    source::{Language, Sides, is_vendored, language, pattern},
    symbols::only,
};
use crate::types::{AppFile, Artifact, Check};

/// Letters that two paths have in common which somebody took for the same.
const LIKE_MIN: usize = 5;

fn with_check(
    artifact: &Artifact,
    answered: &Answered,
    change: impl FnOnce(&mut Check) -> Option<()>,
) -> Option<Artifact> {
    let at = artifact.checks.iter().position(|check| check.name == answered.check)?;
    let mut better = artifact.clone();
    change(&mut better.checks[at])?;
    (better != *artifact).then_some(better)
}

/// Another success, or a redirect: which one it is, is a matter of taste.
pub(super) fn status(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let answered = diagnostic.answered.as_ref()?;
    with_check(artifact, answered, |check| {
        let (expected, got) = (check.expect.status, answered.status);
        let both = |class: u16| expected / 100 == class && got / 100 == class;
        let redirects = expected == 200 && (300..400).contains(&got) && got != 304 && check.expect.contains.is_none();
        if !(both(2) || both(3) || both(4) && is_a_refusal(expected) && is_a_refusal(got) || redirects) {
            return None;
        }
        check.expect.status = got;
        // An answer without a body shows nothing.
        if got == 204 || got / 100 == 3 {
            (check.expect.json, check.expect.contains) = (None, None);
        }
        Some(())
    })
}

/// The statuses that say "what you sent is wrong".
const fn is_a_refusal(status: u16) -> bool {
    matches!(status, 400 | 409 | 411 | 415 | 422)
}

/// The same words, written otherwise.
pub(super) fn case(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let answered = diagnostic.answered.as_ref()?;
    with_check(artifact, answered, |check| {
        let wanted = check.expect.contains.as_mut().filter(|_| check.expect.status == answered.status)?;
        if artifact.files.iter().any(|file| file.content.contains(wanted.as_str())) {
            return None;
        }
        let found = artifact.files.iter().find_map(|file| alike(&file.content, wanted))?;
        *wanted = found;
        Some(())
    })
}

/// The part of a text that is `wanted` but for its case; both by ASCII.
fn alike(text: &str, wanted: &str) -> Option<String> {
    let found =
        text.as_bytes().windows(wanted.len().max(1)).position(|part| part.eq_ignore_ascii_case(wanted.as_bytes()))?;
    text.get(found..found + wanted.len()).map(str::to_owned)
}

/// Words that a page's own script shows, where the check reads the page as it is sent.
pub(super) fn shown_by_browser(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let sides = Sides::of(artifact);
    let answered = diagnostic.answered.as_ref()?;
    let is_page = pattern!(r"(?i)^\s*(?:<!doctype html|<html)").is_match(&answered.shown);
    let has_script = |file: &AppFile| file.content.contains("<script");
    with_check(artifact, answered, |check| {
        let wanted = check.expect.contains.clone().filter(|_| check.expect.status == answered.status && is_page)?;
        let page = artifact.files.iter().any(has_script);
        let elsewhere = artifact.files.iter().any(|file| {
            let is_data = matches!(language(&file.path), Language::Json | Language::Script | Language::Python);
            (sides.is_browsers(file) || is_data) && file.content.contains(&wanted)
        });
        (page && elsewhere).then(|| check.expect.contains = None)
    })
}

/// A check that asks for a file's path in another case.
pub(super) fn path(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let answered = diagnostic.answered.as_ref().filter(|answered| answered.status == 404)?;
    with_check(artifact, answered, |check| {
        let exact = artifact.files.iter().any(|file| format!("/{}", file.path).ends_with(&check.path));
        let named = artifact.files.iter().find_map(|file| {
            let path = format!("/{}", file.path);
            let end = path.len().checked_sub(check.path.len())?;
            path.get(end..).filter(|end| end.eq_ignore_ascii_case(&check.path)).map(str::to_owned)
        })?;
        (!exact && check.path.len() > 1).then(|| check.path = named)
    })
}

/// A check that leaves out a page's extension, where pages are served as the files that they are.
pub(super) fn extension(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let answered = diagnostic.answered.as_ref().filter(|answered| answered.status == 404)?;
    if !artifact.start.contains("http.server") {
        return None;
    }
    with_check(artifact, answered, |check| {
        let page = format!("{}.html", check.path);
        let is_there = artifact.files.iter().any(|file| format!("/{}", file.path).ends_with(&page));
        (is_there && check.path.len() > 1 && check.expect.status == 200).then(|| check.path = page)
    })
}

/// A check that leaves out the beginning of a route: `/options` of `/api/options`. The app must have no such path itself.
pub(super) fn route(artifact: &Artifact, diagnostic: &Diagnostic) -> Option<Artifact> {
    let sides = Sides::of(artifact);
    let answered = diagnostic.answered.as_ref().filter(|answered| answered.status == 404)?;
    with_check(artifact, answered, |check| {
        let (path, query) = check.path.split_at(check.path.find('?').unwrap_or(check.path.len()));
        let quoted = pattern!(r#"["'`](/[\w/-]+)["'`]"#);
        let own = artifact.files.iter().filter(|file| sides.is_servers(file) && !is_vendored(&file.path));
        let routes: BTreeSet<String> = own
            .flat_map(|file| quoted.captures_iter(&file.content).map(|found| found[1].to_owned()).collect::<Vec<_>>())
            .collect();
        if path.len() < 2 || check.expect.status >= 400 || routes.contains(path) {
            return None;
        }
        let last = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
        // Where the end of the path is a route of its own, the app lacks the beginning, and not the check the end.
        let is_alike = |route: &&String| {
            if path.ends_with(route.as_str()) {
                return false;
            }
            let (route, asked) = (last(route), last(path));
            route.len().min(asked.len()) >= LIKE_MIN && (route.starts_with(&asked) || asked.starts_with(&route))
        };
        let ends = || routes.iter().filter(|route| route.ends_with(path));
        let whole = match ends().count() {
            0 => only(routes.iter().filter(is_alike))?,
            _ => only(ends())?,
        };
        check.path = format!("{whole}{query}");
        Some(())
    })
}
