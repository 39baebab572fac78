//! The templates there are, and the words that speak for each.
//!
//! A weight of 10 names the template beyond doubt; 2 only leans to it. The words of a webapp stand in its own
//! `app.json`, beside the code that they describe; phrases that are known to be said otherwise stand here.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{assets, words::stems};
use crate::types::{AppType, Check, Expectation, Runtime};

/// How a template becomes an artifact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Webapp,
    Crud,
    Shortener,
    CsvStats,
    WordFrequency,
    PrimeSieve,
}

impl Kind {
    pub(super) const fn app_type(self) -> AppType {
        match self {
            Self::Webapp => AppType::Webapp,
            Self::Crud | Self::Shortener => AppType::Api,
            Self::CsvStats | Self::WordFrequency | Self::PrimeSieve => AppType::Script,
        }
    }

    pub(super) const fn runtime(self) -> Runtime {
        match self {
            Self::Webapp => Runtime::Node,
            Self::Crud | Self::Shortener | Self::CsvStats | Self::WordFrequency | Self::PrimeSieve => Runtime::Python,
        }
    }
}

/// One template of the catalog.
#[derive(Clone, Debug)]
pub(super) struct Template {
    /// Also the name of its folder.
    pub name: String,
    pub kind: Kind,
    /// The app's name when the prompt gives none.
    pub title: String,
    /// One sentence for the note.
    pub description: String,
    /// Stems of a word or phrase, and its weight.
    pub keywords: Vec<(Vec<String>, u32)>,
    /// Of webapps; the others' depend on the prompt.
    pub checks: Vec<Check>,
}

/// All templates, in a fixed order, which decides between equals.
pub(super) fn templates() -> &'static [Template] {
    static TEMPLATES: LazyLock<Vec<Template>> = LazyLock::new(|| webapps().into_iter().chain(programs()).collect());
    &TEMPLATES
}

type Table = &'static [(&'static str, u32)];

const WEBAPP_PHRASES: &[(&str, Table)] = &[
    (
        "todo",
        &[
            ("to do list", 10),
            ("to do app", 10),
            ("to dos", 10),
            ("task list", 10),
            ("task manager", 9),
            ("task tracker", 9),
            ("check list", 9),
            ("shopping list", 10),
            ("grocery list", 10),
            ("packing list", 10),
            ("bucket list", 9),
            ("reminder list", 8),
            ("things to do", 8),
            ("tick off", 6),
        ],
    ),
    ("notes", &[("sticky notes", 10), ("note taking", 10), ("note pad", 9), ("notepad", 9), ("write down", 6)]),
    (
        "kanban",
        &[("trello", 10), ("kanban board", 10), ("task board", 8), ("project board", 8), ("drag and drop cards", 8)],
    ),
    ("calculator", &[("pocket calculator", 10), ("add and subtract", 7), ("tip calculator", 6)]),
    (
        "pomodoro",
        &[
            ("pomodoro", 10),
            ("focus timer", 10),
            ("work timer", 8),
            ("countdown", 8),
            ("count down", 7),
            ("timer", 8),
            ("stopwatch", 6),
            ("study timer", 8),
            ("tomato timer", 10),
        ],
    ),
    (
        "poll",
        &[
            ("poll", 10),
            ("vote", 9),
            ("survey", 9),
            ("ballot", 8),
            ("questionnaire", 7),
            ("quick vote", 9),
            ("ask my team", 5),
            ("election", 6),
        ],
    ),
    (
        "chat",
        &[
            ("chat", 10),
            ("chatroom", 10),
            ("chat room", 10),
            ("messenger", 9),
            ("messaging", 8),
            ("instant message", 8),
            ("talk to each other", 6),
        ],
    ),
    (
        "landing",
        &[
            ("landing page", 10),
            ("landing", 8),
            ("homepage", 9),
            ("home page", 9),
            ("website for", 6),
            ("site for", 5),
            ("website", 4),
            ("web page", 5),
            ("portfolio", 7),
            ("marketing", 6),
            ("brochure", 7),
            ("coming soon", 8),
            ("one pager", 8),
            ("product page", 8),
        ],
    ),
];

/// Name, kind, title, description, words.
const PROGRAMS: &[(&str, Kind, &str, &str, Table)] = &[
    (
        "shortener",
        Kind::Shortener,
        "Short links",
        "a URL shortener with aliases and hit counts",
        &[
            ("shortener", 10),
            ("shorten", 9),
            ("url shortener", 10),
            ("link shortener", 10),
            ("short link", 10),
            ("short url", 10),
            ("tiny url", 10),
            ("tinyurl", 10),
            ("bitly", 10),
            ("bit ly", 10),
            ("vanity url", 8),
            ("redirect", 6),
        ],
    ),
    ("crud", Kind::Crud, "API", "a JSON API that creates, lists, changes and deletes items", &[("crud", 10)]),
    (
        "csv_stats",
        Kind::CsvStats,
        "CSV statistics",
        "a script that describes the columns of a CSV file",
        &[
            ("csv", 10),
            ("spreadsheet", 8),
            ("tsv", 9),
            ("statistics", 7),
            ("stats", 7),
            ("statistical", 7),
            ("median", 6),
            ("mean", 5),
            ("average", 5),
            ("standard deviation", 7),
            ("column", 5),
            ("data analysis", 7),
            ("analyze data", 7),
            ("dataset", 7),
            ("excel", 5),
            ("table", 3),
        ],
    ),
    (
        "word_frequency",
        Kind::WordFrequency,
        "Word frequency",
        "a script that counts the words of a text",
        &[
            ("word frequency", 10),
            ("word count", 10),
            ("count words", 10),
            ("count the words", 10),
            ("counts words", 10),
            ("frequency", 7),
            ("frequent", 6),
            ("word", 6),
            ("text analysis", 8),
            ("most common words", 10),
            ("histogram of words", 8),
            ("text", 4),
        ],
    ),
    (
        "prime_sieve",
        Kind::PrimeSieve,
        "Prime numbers",
        "a script that finds prime numbers with a segmented sieve",
        &[
            ("prime", 10),
            ("prime number", 10),
            ("primality", 9),
            ("sieve", 9),
            ("eratosthenes", 10),
            ("number theory", 4),
        ],
    ),
];

/// `app.json` of a webapp.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AppJson {
    title: String,
    description: String,
    keywords: Vec<(String, u32)>,
    checks: Vec<CheckJson>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckJson {
    name: String,
    method: String,
    path: String,
    body: Option<String>,
    status: u16,
    contains: Option<String>,
}

impl From<CheckJson> for Check {
    fn from(check: CheckJson) -> Self {
        let expect = Expectation { contains: check.contains, ..Expectation::status(check.status) };
        Self { name: check.name, method: check.method, path: check.path, body: check.body, expect }
    }
}

/// A webapp whose `app.json` does not parse is not in the catalog; a test holds that none is left out.
fn webapps() -> Vec<Template> {
    assets::webapps()
        .into_iter()
        .filter_map(|name| {
            let json = assets::text(&format!("webapps/{name}/app.json"))?;
            let app: AppJson = serde_json::from_str(&json).ok()?;
            let phrases = WEBAPP_PHRASES.iter().filter(|(of, _)| *of == name).flat_map(|(_, table)| *table);
            let phrases = phrases.map(|(phrase, weight)| (stems(phrase), *weight));
            let keywords = app.keywords.iter().map(|(word, weight)| (stems(word), *weight)).chain(phrases).collect();
            let checks = app.checks.into_iter().map(Check::from).collect();
            Some(Template {
                name,
                kind: Kind::Webapp,
                title: app.title,
                description: app.description,
                keywords,
                checks,
            })
        })
        .collect()
}

fn programs() -> impl Iterator<Item = Template> {
    PROGRAMS.iter().map(|(name, kind, title, description, table)| Template {
        name: (*name).to_owned(),
        kind: *kind,
        title: (*title).to_owned(),
        description: (*description).to_owned(),
        keywords: table.iter().map(|(phrase, weight)| (stems(phrase), *weight)).collect(),
        checks: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_webapp_folder_is_in_the_catalog() {
        let known: Vec<&str> = templates().iter().filter(|t| t.kind == Kind::Webapp).map(|t| t.name.as_str()).collect();
        assert_eq!(known, assets::webapps());
        for (name, _) in WEBAPP_PHRASES {
            assert!(known.contains(name), "{name} has phrases and no folder");
        }
    }

    #[test]
    fn names_are_unique_and_every_template_can_be_found() {
        let names: BTreeSet<&str> = templates().iter().map(|t| t.name.as_str()).collect();
        assert_eq!(names.len(), templates().len());
        for template in templates() {
            assert!(template.keywords.iter().any(|(_, weight)| *weight >= 8), "{}", template.name);
            assert!(template.keywords.iter().all(|(stems, weight)| !stems.is_empty() && (1..=10).contains(weight)));
        }
    }
}
