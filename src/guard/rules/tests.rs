//! Every rule against its own examples.

use super::*;
use crate::{
    guard::{Policy, Verdict, inspect_files},
    types::AppFile,
};

fn verdict(name: &str, text: &str) -> Verdict {
    inspect_files(&[AppFile { path: name.to_owned(), content: text.to_owned() }], &Policy::default())
}

#[test]
fn every_rule_finds_and_spares_what_it_says() {
    let mut wrong = Vec::new();
    for rule in all() {
        assert!(!rule.finds.is_empty() && !rule.spares.is_empty(), "{} has no examples", rule.id);
        for (name, text) in rule.finds {
            let verdict = verdict(name, text);
            if !verdict.findings.iter().any(|finding| finding.rule == rule.id && finding.severity == rule.severity) {
                let found: Vec<_> = verdict.findings.iter().map(|finding| finding.rule.as_str()).collect();
                wrong.push(format!("{} does not find {name}: {text}\n    but {found:?}", rule.id));
            }
        }
        for (name, text) in rule.spares {
            for finding in verdict(name, text).findings {
                if finding.severity == Severity::Block || finding.rule == rule.id && rule.severity == Severity::Warn {
                    wrong.push(format!("{} of {}: {} in {name}: {text}", finding.rule, rule.id, finding.why));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn ids_are_unique_and_plain() {
    let mut ids: Vec<&str> = all().map(|rule| rule.id).chain(SHAPES.iter().copied()).collect();
    assert!(ids.iter().all(|id| id.chars().all(|c| c.is_ascii_lowercase() || c == '-')));
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count);
}
