//! What people ask for, and what they get: the table that the matching is held to.

use spawnai::{
    generator::{GeneratorConfig, GeneratorError, Generators, Request, Runtimes, generate},
    types::{AppType, Category, Failure, Runtime},
};

use AppType::{Api, Script, Webapp};

const BOTH: Runtimes = Runtimes { node: true, python: true };

/// Prompt, type, template, and whether it fits (a fallback does not).
const TABLE: &[(&str, AppType, &str, bool)] = &[
    ("Build me a simple todo app", Webapp, "todo", true),
    ("todo", Webapp, "todo", true),
    ("A to-do list with due dates", Webapp, "todo", true),
    ("make a task list for my wedding", Webapp, "todo", true),
    ("I need a checklist for packing", Webapp, "todo", true),
    ("shopping list app for our flat", Webapp, "todo", true),
    ("grocery list", Webapp, "todo", true),
    ("something where I can track my chores", Webapp, "todo", true),
    ("Please build a task manager", Webapp, "todo", true),
    ("TODOS!!!", Webapp, "todo", true),
    ("notes", Webapp, "notes", true),
    ("an app for taking notes", Webapp, "notes", true),
    ("Sticky notes on a wall", Webapp, "notes", true),
    ("a simple notebook", Webapp, "notes", true),
    ("a personal journal", Webapp, "notes", true),
    ("notepad", Webapp, "notes", true),
    ("a kanban board for my bakery", Webapp, "kanban", true),
    ("kanabn board", Webapp, "kanban", true),
    ("trello clone", Webapp, "kanban", true),
    ("a board with columns and cards for project planning", Webapp, "kanban", true),
    ("sprint backlog for an agile team", Webapp, "kanban", true),
    ("a calculator", Webapp, "calculator", true),
    ("calculater with history", Webapp, "calculator", true),
    ("pocket calculator that can do percentages", Webapp, "calculator", true),
    ("scientific calculator", Webapp, "calculator", true),
    ("pomodoro timer", Webapp, "pomodoro", true),
    ("a focus timer for studying", Webapp, "pomodoro", true),
    ("25 minute countdown", Webapp, "pomodoro", true),
    ("pomodorro", Webapp, "pomodoro", true),
    ("a poll for lunch", Webapp, "poll", true),
    ("let my team vote on a name", Webapp, "poll", true),
    ("a survey about coffee", Webapp, "poll", true),
    ("voting app", Webapp, "poll", true),
    ("quick polls with live results", Webapp, "poll", true),
    ("a chat room", Webapp, "chat", true),
    ("realtime chat over websockets", Webapp, "chat", true),
    ("messenger for my family", Webapp, "chat", true),
    ("landing page for a startup", Webapp, "landing", true),
    ("homepage for my bakery", Webapp, "landing", true),
    ("a website for Anna's flower shop", Webapp, "landing", true),
    ("portfolio for a photographer", Webapp, "landing", true),
    ("coming soon page", Webapp, "landing", true),
    ("not a todo app, a poll please", Webapp, "poll", true),
    ("chess against the computer", Webapp, "landing", false),
    ("a 3d flight simulator", Webapp, "landing", false),
    ("日本語のゲーム", Webapp, "landing", false),
    ("???", Webapp, "landing", false),
    ("an API for books with title, author and year", Api, "crud", true),
    ("REST API to manage users and posts", Api, "crud", true),
    ("inventory service in python", Api, "crud", true),
    ("a todo API", Api, "crud", true),
    ("movie database backend with title, director, year and rating", Api, "crud", true),
    ("build me an api", Api, "crud", false),
    ("a URL shortener", Api, "shortener", true),
    ("service to shorten links", Api, "shortener", true),
    ("bitly clone with hit counts", Api, "shortener", true),
    ("url shortner", Api, "shortener", true),
    ("tiny url service with custom aliases", Api, "shortener", true),
    ("an API for links with url and title", Api, "crud", true),
    ("statistics of a CSV file", Script, "csv_stats", true),
    ("read a csv and print mean and median per column", Script, "csv_stats", true),
    ("analyze a spreadsheet", Script, "csv_stats", true),
    ("word frequency counter", Script, "word_frequency", true),
    ("count the words in a text", Script, "word_frequency", true),
    ("most common words of a book", Script, "word_frequency", true),
    ("primes up to 1000000", Script, "prime_sieve", true),
    ("sieve of Eratosthenes", Script, "prime_sieve", true),
    ("the first 100 prime numbers", Script, "prime_sieve", true),
    ("sort my photos by date", Script, "word_frequency", false),
];

fn request(prompt: &str, app_type: AppType) -> Request {
    Request { prompt: prompt.to_owned(), app_type, title: None }
}

#[test]
fn prompts_get_the_template_that_people_would_pick() {
    let mut wrong = Vec::new();
    for (prompt, app_type, template, fits) in TABLE {
        let origin = generate(&request(prompt, *app_type), &BOTH).unwrap().origin;
        let said_poor = origin.note.starts_with("No built-in template fits this prompt well");
        if origin.template != *template || said_poor == *fits || (origin.match_percent >= 40) != *fits {
            wrong.push(format!(
                "{prompt:?}: {} {} %, expected {template}: {}",
                origin.template, origin.match_percent, origin.note
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(TABLE.len() >= 60);
}

/// Prints the table for people: `cargo test --test it prompts::scores -- --nocapture --ignored`.
#[test]
#[ignore = "prints a table, proves nothing"]
fn scores() {
    for (prompt, app_type, ..) in TABLE {
        let origin = generate(&request(prompt, *app_type), &BOTH).unwrap().origin;
        println!("{:>3} % {:<15} {:<7} {prompt}", origin.match_percent, origin.template, app_type.as_str());
    }
}

#[test]
fn the_same_prompt_gives_the_same_app() {
    for (prompt, app_type, ..) in TABLE {
        assert_eq!(generate(&request(prompt, *app_type), &BOTH), generate(&request(prompt, *app_type), &BOTH));
    }
}

#[test]
fn a_missing_runtime_is_refused_by_its_package() {
    let without_node = Runtimes { node: false, python: true };
    let error = generate(&request("todo", Webapp), &without_node).unwrap_err();
    assert!(matches!(error, GeneratorError::RuntimeMissing { runtime: Runtime::Node, .. }));
    assert!(Failure::from(error).message.contains("nodejs"));
    assert!(
        generate(&request("API for books", Api), &without_node)
            .is_ok_and(|artifact| artifact.runtime == Runtime::Python)
    );
    let without_python = Runtimes { node: true, python: false };
    for (prompt, app_type) in [("API for books", Api), ("primes", Script)] {
        let failure = Failure::from(generate(&request(prompt, app_type), &without_python).unwrap_err());
        assert_eq!((failure.code.as_ref(), failure.message.contains("python3")), ("runtime_missing", true));
    }
}

#[test]
fn the_note_is_honest_about_claude() {
    let generators = Generators::new(GeneratorConfig::default(), BOTH);
    let note = generators.generate(&request("todo", Webapp)).unwrap().origin.note;
    assert!(note.contains("ANTHROPIC_API_KEY") && note.contains("built-in templates only"), "{note}");
    let because = Failure::new("claude_overloaded", Category::Resource, "Claude is overloaded. Try again in a moment.");
    let note = generators.fall_back(&request("todo", Webapp), &because).unwrap().origin.note;
    assert!(
        note.starts_with("Claude could not write it: Claude is overloaded. Try again in a moment. A built-in"),
        "{note}"
    );
}

#[test]
fn what_no_template_has_is_said_and_lowers_the_match() {
    let plain = generate(&request("a todo app", Webapp), &BOTH).unwrap().origin;
    let rich = generate(&request("a todo app with login and payments", Webapp), &BOTH).unwrap().origin;
    assert!(rich.note.contains("It does not include user accounts, payments."), "{}", rich.note);
    assert!(rich.match_percent < plain.match_percent);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    /// Whatever the text: an artifact that the guard lets pass, and no markup of the prompt's own in a page.
    #[test]
    fn any_prompt_gives_an_app_that_the_guard_accepts(
        prompt in "(\\PC|[<>\"'`$\\\\{}]|todo |vote |books with |primes ){1,80}",
        app_type in proptest::sample::select(vec![Webapp, Api, Script]),
    ) {
        let marked = format!("{prompt} <b-mark>");
        let artifact = generate(&request(&marked, app_type), &BOTH).unwrap();
        let verdict = spawnai::guard::inspect(&artifact, &spawnai::guard::Policy::default());
        proptest::prop_assert!(!verdict.blocked, "{:?}", verdict.findings);
        for file in artifact.files.iter().filter(|file| file.path.ends_with(".html") || file.path.ends_with(".js") || file.path.ends_with(".py")) {
            proptest::prop_assert!(!file.content.contains("<b-mark>"), "{}", file.path);
        }
        proptest::prop_assert!(artifact.origin.match_percent <= 100);
    }
}
