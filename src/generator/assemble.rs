//! Puts an artifact together: chooses, reads the prompt's details, renders the files.

use super::{
    GeneratorError, Request, Runtimes,
    amounts::{self, PRIMES_FIRST_MAX, PRIMES_LIMIT_MAX, Primes},
    assets,
    catalog::{Kind, Template},
    matching::{FIT_PERCENT_MIN, Fit, fallback, fits},
    origin::{self, Choice},
    render::render,
    schema::{self, Basis, Field, FieldType, Schema},
    title,
};
use crate::types::{AppFile, AppType, Artifact, Check, Origin, PORTS, Port, Runtime};

/// No heap flag: a sandbox host sets what fits its own bound, and elsewhere node knows the machine better than we do.
const NODE: &str = "exec node server.js";
/// No site packages, no variables of the machine, no byte code on disk: it starts in half the time, and alike everywhere.
const PYTHON: &str = "exec python3 -S -E -s -B -X utf8 server.py";
/// From this percentage on a prompt for an API means the shortener, whatever nouns it has.
const SHORTENER_PERCENT_MIN: u8 = 60;
const SAMPLE_ROWS: usize = 40;
const SAMPLE_COLUMNS_MAX: usize = 8;
const SAMPLE_TEXT: &str = "A small program is a small machine: it takes words in and gives words back. People who write programs \
learn to count what they cannot see. They count words to find what a text is about, they count words to find who wrote it, and they count words \
to find where it was copied. The most common words say the least. The words that come back now and then, the river in a story about a river, \
the storm in a story about a storm, say what the story is about. Paste a text of your own on the page, and count again.";

/// Makes the app whose template fits `request` best. Pure: equal requests give equal artifacts.
///
/// # Errors
/// [`GeneratorError::RuntimeMissing`] when the machine lacks what the template runs on;
/// [`GeneratorError::TemplateIncomplete`] when this build lacks a file of it.
pub fn generate(request: &Request, runtimes: &Runtimes) -> Result<Artifact, GeneratorError> {
    let (fit, fell_back) = choose(request)?;
    let template = fit.template;
    let runtime = template.kind.runtime();
    if !runtimes.has(runtime) {
        return Err(GeneratorError::RuntimeMissing { template: template.name.clone(), runtime });
    }
    let given = request.title.as_deref().and_then(title::chosen);
    let title = given.or_else(|| title::title(&request.prompt)).unwrap_or_else(|| template.title.clone());
    let mut parts = match template.kind {
        Kind::Webapp => webapp(template),
        Kind::Crud => crud(&request.prompt, &title),
        Kind::Shortener => shortener(),
        Kind::CsvStats | Kind::WordFrequency | Kind::PrimeSieve => script(template, &request.prompt),
    };
    parts.values.extend([("title", title), ("prompt", request.prompt.trim().to_owned())]);
    let files = parts.files(&template.name)?;
    let missing = origin::not_included(&request.prompt);
    parts.remarks.extend(origin::other_stack(&request.prompt, runtime));
    let percent = origin::lowered(parts.percent.unwrap_or(fit.percent), missing.len());
    let choice = Choice {
        template: template.name.clone(),
        description: template.description.clone(),
        percent,
        fell_back: if template.kind == Kind::Crud {
            parts.percent.is_some_and(|percent| percent < FIT_PERCENT_MIN)
        } else {
            fell_back
        },
        because: fit.because,
        remarks: parts.remarks,
    };
    Ok(Artifact {
        files,
        build: None,
        start: match runtime {
            Runtime::Node => NODE.to_owned(),
            Runtime::Python => PYTHON.to_owned(),
        },
        port: port(runtime),
        runtime,
        dependencies: Vec::new(),
        checks: parts.checks,
        origin: Origin {
            generator: "built-in".to_owned(),
            template: choice.template.clone(),
            match_percent: percent,
            note: origin::note(&choice, &missing),
        },
    })
}

/// What node and python servers listen on by habit.
const fn port(runtime: Runtime) -> Port {
    match runtime {
        Runtime::Node => PORTS[0],
        Runtime::Python => PORTS[1],
    }
}

/// The best fit, or the app type's fallback. `true` when it is the fallback.
fn choose(request: &Request) -> Result<(Fit, bool), GeneratorError> {
    let mut fits = fits(&request.prompt, request.app_type);
    let enough = match request.app_type {
        AppType::Webapp | AppType::Script => FIT_PERCENT_MIN,
        AppType::Api => SHORTENER_PERCENT_MIN,
    };
    let fell_back = fits.first().is_none_or(|best| best.percent < enough);
    let name = fallback(request.app_type);
    let at = if fell_back { fits.iter().position(|fit| fit.template.name == name) } else { Some(0) };
    match at {
        Some(at) => Ok((fits.swap_remove(at), fell_back)),
        None => Err(GeneratorError::TemplateIncomplete { template: name.to_owned(), path: "app.json".to_owned() }),
    }
}

/// What a template needs besides its own folder.
struct Parts {
    /// Folder or file among the assets, and where it goes.
    sources: Vec<(String, &'static str)>,
    /// Files made from the prompt; these are not rendered.
    made: Vec<AppFile>,
    values: Vec<(&'static str, String)>,
    checks: Vec<Check>,
    remarks: Vec<String>,
    /// When the prompt's nouns say it better than the words of the template.
    percent: Option<u8>,
}

impl Parts {
    fn new(sources: Vec<(String, &'static str)>, checks: Vec<Check>) -> Self {
        Self { sources, made: Vec::new(), values: Vec::new(), checks, remarks: Vec::new(), percent: None }
    }

    /// All files, rendered, sorted by path. A later source wins over an earlier one, and what is made over both.
    fn files(&mut self, template: &str) -> Result<Vec<AppFile>, GeneratorError> {
        let values: Vec<(&str, &str)> = self.values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let mut files = std::collections::BTreeMap::new();
        for (source, target) in &self.sources {
            let inside = assets::below(source);
            let pairs: Vec<(String, String)> = if inside.is_empty() {
                vec![(source.clone(), (*target).to_owned())]
            } else {
                inside.into_iter().map(|path| (format!("{source}/{path}"), format!("{target}{path}"))).collect()
            };
            for (from, to) in pairs.into_iter().filter(|(_, to)| to != "app.json") {
                let text = assets::text(&from)
                    .ok_or_else(|| GeneratorError::TemplateIncomplete { template: template.to_owned(), path: from })?;
                files.insert(to.clone(), render(&to, &text, &values));
            }
        }
        files.extend(std::mem::take(&mut self.made).into_iter().map(|file| (file.path, file.content)));
        Ok(files.into_iter().map(|(path, content)| AppFile { path, content }).collect())
    }
}

fn webapp(template: &Template) -> Parts {
    let sources = vec![
        ("webapps/_shared/http.js".to_owned(), "lib/http.js"),
        ("webapps/_shared/base.css".to_owned(), "public/base.css"),
        ("webapps/_shared/base.js".to_owned(), "public/base.js"),
        (format!("webapps/{}", template.name), ""),
    ];
    Parts::new(sources, template.checks.clone())
}

/// What every python app is made of: the kit, the shared look, and its own folder.
fn python_sources(own: &[&str]) -> Vec<(String, &'static str)> {
    let shared = [
        ("_python/httpkit.py", "httpkit.py"),
        ("webapps/_shared/base.css", "page/base.css"),
        ("webapps/_shared/base.js", "page/base.js"),
    ];
    let shared = shared.into_iter().map(|(from, to)| (from.to_owned(), to));
    shared.chain(own.iter().map(|folder| ((*folder).to_owned(), ""))).collect()
}

fn crud(prompt: &str, title: &str) -> Parts {
    let schema = schema::schema(prompt, title);
    let mut parts = Parts::new(python_sources(&["apis/crud"]), crud_checks(&schema));
    let names = schema.resources.iter().map(|resource| format!("/{}", resource.name)).collect::<Vec<_>>().join(", ");
    let (percent, remark) = match schema.basis {
        Basis::Fields => (95, format!("It keeps {names} with the fields that the prompt names.")),
        Basis::Nouns => (75, format!("It keeps {names}; the prompt names no fields, so they are the usual ones.")),
        Basis::Nothing => (10, "The prompt names nothing to keep, so it keeps /items.".to_owned()),
    };
    parts.percent = Some(percent);
    parts.remarks.push(remark);
    let content = serde_json::to_string_pretty(&schema).unwrap_or_default();
    parts.made.push(AppFile { path: "schema.json".to_owned(), content });
    parts
}

/// None of them leaves an item behind, so that they may run again on a live app.
fn crud_checks(schema: &Schema) -> Vec<Check> {
    let name = &schema.resources[0].name;
    let mut wrong =
        Check::get("a field that does not exist is refused", &format!("/{name}"), 422, Some("is not a field"));
    "POST".clone_into(&mut wrong.method);
    let example = |field: &Field| (field.name.clone(), field.example());
    let mut item: serde_json::Map<String, serde_json::Value> = schema.resources[0].fields.iter().map(example).collect();
    item.insert("no_such_field".to_owned(), true.into());
    wrong.body = Some(serde_json::Value::Object(item).to_string());
    vec![
        Check::get("the API describes itself", "/", 200, Some(&format!("\"path\":\"/{name}\""))),
        Check::get("items are listed", &format!("/{name}?limit=1"), 200, Some("\"total\":")),
        wrong,
        Check::get("OpenAPI is served", "/openapi.json", 200, Some("\"openapi\":\"3.1.0\"")),
    ]
}

fn shortener() -> Parts {
    let mut wrong = Check::get("only web addresses are shortened", "/api/links", 422, Some("http:// or https://"));
    "POST".clone_into(&mut wrong.method);
    wrong.body = Some(r#"{"url":"javascript:alert(1)"}"#.to_owned());
    let checks = vec![
        Check::get("the page opens", "/", 200, Some("Shorten")),
        Check::get("links are listed", "/api/links", 200, Some("\"links\":[")),
        wrong,
        Check::get("an unknown link is not found", "/no-such-link", 404, Some("does not exist")),
    ];
    Parts::new(python_sources(&["apis/shortener"]), checks)
}

fn script(template: &Template, prompt: &str) -> Parts {
    let folder = format!("scripts/{}", template.name);
    let checks = vec![
        Check::get("the page opens", "/", 200, Some("Run again")),
        Check::get("the script runs to its end", "/api/status?wait=20", 200, Some("\"exitCode\":0")),
        Check::get("the script can be read", "/api/script.py", 200, Some("usage: script.py")),
    ];
    let mut parts = Parts::new(python_sources(&["runner", &folder]), checks);
    match template.kind {
        Kind::CsvStats => csv_sample(prompt, &mut parts),
        Kind::WordFrequency => {
            let quoted = amounts::quoted(prompt);
            if quoted.is_none() {
                parts.remarks.push("It begins with a sample text; paste your own on its page.".to_owned());
            }
            parts.values.push(("top", amounts::top(prompt).to_string()));
            parts.values.push(("text", quoted.unwrap_or(SAMPLE_TEXT).to_owned()));
            parts.values.push(("argument_hint", "--top 10".to_owned()));
            parts.values.push(("input_hint", "the text to count".to_owned()));
        }
        Kind::PrimeSieve => prime_values(prompt, &mut parts),
        Kind::Webapp | Kind::Crud | Kind::Shortener => {}
    }
    parts
}

fn prime_values(prompt: &str, parts: &mut Parts) {
    let (primes, bounded) = amounts::primes(prompt);
    let (limit, first) = match primes {
        Primes::UpTo(limit) => (limit, 0),
        Primes::First(first) => (0, first),
    };
    if bounded {
        parts.remarks.push(format!(
            "The first run is bounded (limit {PRIMES_LIMIT_MAX}, count {PRIMES_FIRST_MAX}); its page takes larger numbers."
        ));
    }
    // A folder must hold a file to exist: what the script writes lies beside this one.
    parts.made.push(AppFile { path: "files/.keep".to_owned(), content: String::new() });
    parts.values.push(("limit", limit.to_string()));
    parts.values.push(("first", first.to_string()));
    parts.values.push(("argument_hint", "1000000, or --first 100".to_owned()));
    parts.values.push(("input_hint", "not used by this script".to_owned()));
}

/// A table with the columns that the prompt names, or one of sales.
fn csv_sample(prompt: &str, parts: &mut Parts) {
    let named = schema::columns(prompt);
    let usual = ["date", "product", "region", "quantity", "price"];
    let columns = if named.is_empty() { usual.iter().map(|name| Field::named(name, false)).collect() } else { named };
    parts.remarks.push("It begins with sample data; paste your own CSV on its page.".to_owned());
    parts.made.push(AppFile { path: "files/sample.csv".to_owned(), content: sample_rows(&columns) });
    parts.values.push(("argument_hint", "sample.csv".to_owned()));
    parts.values.push(("input_hint", "CSV with a header line".to_owned()));
}

fn sample_rows(columns: &[Field]) -> String {
    const WORDS: [&str; 5] = ["alpha", "bravo", "charlie", "delta", "echo"];
    let columns = &columns[..columns.len().min(SAMPLE_COLUMNS_MAX)];
    let mut csv = columns.iter().map(|field| field.name.as_str()).collect::<Vec<_>>().join(",") + "\n";
    // A small linear generator: the same sample for the same prompt.
    let mut state = 20_261_123_u64;
    for row in 0..SAMPLE_ROWS {
        let cells = columns.iter().map(|field| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let random = state >> 33;
            match field.kind {
                FieldType::Integer if field.name.contains("year") => (1950 + random % 76).to_string(),
                FieldType::Integer => (1 + random % 90).to_string(),
                FieldType::Number => format!("{}.{:02}", random % 200, random / 200 % 100),
                FieldType::Boolean => (random.is_multiple_of(3)).to_string(),
                FieldType::Date => format!("2026-{:02}-{:02}", 1 + row % 12, 1 + random % 28),
                FieldType::Datetime => {
                    format!("2026-{:02}-{:02}T{:02}:00:00Z", 1 + row % 12, 1 + random % 28, random % 24)
                }
                FieldType::Email => format!("{}{row}@example.com", WORDS[random as usize % WORDS.len()]),
                FieldType::Url => format!("https://example.com/{row}"),
                FieldType::String | FieldType::Text => WORDS[random as usize % WORDS.len()].to_owned(),
            }
        });
        csv.push_str(&(cells.collect::<Vec<_>>().join(",") + "\n"));
    }
    csv
}
