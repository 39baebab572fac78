//! The note: what was chosen, why, how well it fits, and what it does not do. Said plainly, above all when it is poor.

use super::words::{same, words};
use crate::types::Runtime;

/// How an app came to be, as far as the prompt tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    /// The template's name and what it is.
    pub template: String,
    pub description: String,
    /// 0–100.
    pub percent: u8,
    /// Nothing fitted, and this is what then serves.
    pub fell_back: bool,
    /// The words of the prompt that spoke for the template.
    pub because: Vec<String>,
    /// What else to say, each a sentence.
    pub remarks: Vec<String>,
}

/// Words that tell of parts which no template has, and what to call the part.
const NOT_INCLUDED: &[(&[&str], &str)] = &[
    (
        &["login", "auth", "authentication", "authorization", "signup", "oauth", "jwt", "password", "account"],
        "user accounts",
    ),
    (
        &[
            "database",
            "postgres",
            "postgresql",
            "mysql",
            "sqlite",
            "mongodb",
            "persistent",
            "persistence",
            "firebase",
            "supabase",
        ],
        "a database",
    ),
    (&["payment", "checkout", "stripe", "paypal", "subscription", "billing"], "payments"),
    (&["graphql", "grpc"], "GraphQL or gRPC"),
    (&["upload", "uploading"], "uploads"),
    (&["openai", "gpt", "llm", "ai", "chatbot"], "artificial intelligence"),
    (&["multiplayer", "game", "3d", "webgl"], "games"),
    (&["push", "notification", "sms"], "notifications"),
];
/// Languages and frameworks that no template is written in.
const OTHER_STACKS: &[&str] = &[
    "react",
    "vue",
    "svelte",
    "angular",
    "nextjs",
    "express",
    "fastify",
    "tailwind",
    "typescript",
    "php",
    "laravel",
    "wordpress",
    "ruby",
    "rails",
    "java",
    "spring",
    "golang",
    "rust",
    "elixir",
    "flask",
    "fastapi",
    "django",
    "pandas",
    "numpy",
    "perl",
    "bash",
    "deno",
    "bun",
];
const REASONS_MAX: usize = 4;
/// Taken off the percentage for each part that is not included.
const MISSING_PERCENT: u8 = 12;

/// The parts that `prompt` asks for and no template has.
pub(super) fn not_included(prompt: &str) -> Vec<&'static str> {
    let words = words(prompt);
    let asked = |names: &[&str]| {
        words.iter().any(|word| {
            names.iter().any(|name| word.text == *name || same(&word.stem, &super::words::stem(name)) == Some(true))
        })
    };
    NOT_INCLUDED.iter().filter(|(names, _)| asked(names)).map(|(_, part)| *part).collect()
}

/// What the app is written in, when the prompt wants it written in something else.
pub(super) fn other_stack(prompt: &str, runtime: Runtime) -> Option<String> {
    let asked = words(prompt).into_iter().find(|word| OTHER_STACKS.contains(&word.text.as_str()))?.text;
    let written = match runtime {
        Runtime::Node => "plain JavaScript for node",
        Runtime::Python => "Python, with its standard library only",
    };
    Some(format!("It is written in {written}, not with “{asked}”."))
}

/// The percentage that is left when `missing` parts are not included.
pub(super) fn lowered(percent: u8, missing: usize) -> u8 {
    let off = u8::try_from(missing).unwrap_or(u8::MAX).saturating_mul(MISSING_PERCENT);
    percent.saturating_sub(off)
}

/// One to four sentences for the user.
pub(super) fn note(choice: &Choice, missing: &[&str]) -> String {
    let Choice { template, description, percent, .. } = choice;
    let description = description.trim_end_matches('.');
    let mut note = if choice.fell_back {
        format!("No built-in template fits this prompt well ({percent} %); you got “{template}”: {description}.")
    } else {
        let mut reasons = choice.because.iter().take(REASONS_MAX).map(|word| format!("“{word}”")).collect::<Vec<_>>();
        reasons.dedup();
        let why = if reasons.is_empty() { String::new() } else { format!(", because of {}", reasons.join(", ")) };
        format!("Made from the built-in template “{template}” ({percent} % match{why}): {description}.")
    };
    if !missing.is_empty() {
        note.push_str(&format!(" It does not include {}.", missing.join(", ")));
    }
    for remark in &choice.remarks {
        note.push(' ');
        note.push_str(remark);
    }
    note
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_poor_match_is_said_first() {
        let choice = Choice {
            template: "landing".to_owned(),
            description: "a page".to_owned(),
            percent: 12,
            fell_back: true,
            because: Vec::new(),
            remarks: vec!["More.".to_owned()],
        };
        let note = note(&choice, &["payments"]);
        assert_eq!(
            note,
            "No built-in template fits this prompt well (12 %); you got “landing”: a page. It does not include payments. More."
        );
    }

    #[test]
    fn a_framework_that_was_asked_for_is_not_claimed() {
        let remark = other_stack("a todo app in React", Runtime::Node).unwrap();
        assert_eq!(remark, "It is written in plain JavaScript for node, not with “react”.");
        assert_eq!(other_stack("a todo app without React", Runtime::Node), None);
    }

    #[test]
    fn parts_that_no_template_has_are_named_and_cost() {
        assert_eq!(not_included("a todo app with logins and a Postgres database"), ["user accounts", "a database"]);
        assert_eq!(not_included("a todo app without login"), [""; 0]);
        assert_eq!((lowered(90, 2), lowered(5, 3)), (66, 0));
    }
}
