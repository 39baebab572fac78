//! Schemas: which collections an API keeps, read from the nouns and fields of the prompt.
//!
//! ```text
//!  "an API for  customers  with  name and email, and  orders  with  total, status"
//!               └ noun ──┘ mark └─── fields ───┘     └ noun ┘ mark └── fields ──┘
//! ```
//!
//! A mark ("with", "has", a colon, a parenthesis) stands between a noun and its fields. Without one the nouns are
//! taken from where prompts name their subject, and the fields are ours. What was understood is the [`Basis`].

use serde::Serialize;

pub use super::fields::{Field, FieldType};
use super::{
    fields,
    nouns::{Token, lex, plural, thing, things},
    usual::usual,
    words::singular,
};

const RESOURCES_MAX: usize = 8;
const FIELDS_MAX: usize = 16;

/// What a CRUD service keeps. Written into its `schema.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Schema {
    pub title: String,
    /// 1 to 8.
    pub resources: Vec<Resource>,
    #[serde(skip)]
    pub basis: Basis,
}

/// One collection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Resource {
    /// Plural, and its part of the address.
    pub name: String,
    /// One of them, for people.
    pub item: String,
    /// 1 to 16.
    pub fields: Vec<Field>,
}

/// How much of a schema the prompt said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// Nouns and their fields.
    Fields,
    /// Nouns only; their fields are the usual ones.
    Nouns,
    /// Nothing: it is about `items`.
    Nothing,
}

/// Reads the schema that a prompt describes. Always gives one.
#[must_use]
pub fn schema(prompt: &str, title: &str) -> Schema {
    let tokens = lex(prompt);
    let (resources, basis) = match described(&tokens) {
        found if !found.is_empty() => (found, Basis::Fields),
        _ => match named(&tokens) {
            names if !names.is_empty() => (names.iter().map(|name| usual(name)).collect(), Basis::Nouns),
            _ => (vec![usual("items")], Basis::Nothing),
        },
    };
    Schema { title: title.to_owned(), resources, basis }
}

/// The columns of a table that a prompt describes, for sample data; empty when it names none.
pub(super) fn columns(prompt: &str) -> Vec<Field> {
    described(&lex(prompt)).into_iter().next().map(|resource| resource.fields).unwrap_or_default()
}

const MARKS: &[&str] = &["with", "having", "have", "has", "containing", "contains", "including", "includes", "include"];
/// A noun does not reach back over these.
const NOUN_ENDS: &[&str] = &[
    "and", "or", "for", "of", "each", "every", "manage", "manages", "managing", "track", "store", "stores", "that",
    "which", "who", "about", "to", "is", "are",
];

/// Resources with fields, as marks show them.
fn described(tokens: &[Token]) -> Vec<Resource> {
    let marks: Vec<(usize, usize)> = (0..tokens.len())
        .filter(|at| is_mark(tokens, *at))
        .filter_map(|at| Some((at, noun_start(tokens, at)?)))
        .collect();
    let mut found: Vec<Resource> = Vec::new();
    for (index, (mark, start)) in marks.iter().enumerate() {
        let end = marks.get(index + 1).map_or(tokens.len(), |(_, next)| *next);
        let noun = &tokens[*start..*mark];
        let Some(name) = thing(noun) else { continue };
        let list = &tokens[mark + 1..end.max(mark + 1)];
        let list = &list[..sentence_end(list)];
        let fields = field_list(list);
        if fields.is_empty() {
            continue;
        }
        if is_container(noun, &fields) {
            // "a library with books and authors": the list names things, not fields.
            things(list).iter().for_each(|name| add(&mut found, usual(name)));
        } else {
            add(&mut found, resource(&name, fields));
        }
    }
    found
}

/// Whether fields follow the token at `at`: a word like "with", a colon, or a parenthesis after a noun.
fn is_mark(tokens: &[Token], at: usize) -> bool {
    match &tokens[at] {
        Token::Word(word) => MARKS.contains(&word.as_str()),
        // "weight (integer)", "code: number": these explain a field.
        Token::Colon | Token::Open => !tokens
            .get(at + 1)
            .and_then(Token::word)
            .is_some_and(|next| fields::type_word(next).is_some() && !lists(tokens, at)),
        Token::Comma | Token::Close | Token::Stop => false,
    }
}

/// Whether what follows the mark at `at` is a list of more than one.
fn lists(tokens: &[Token], at: usize) -> bool {
    matches!(tokens.get(at + 2), Some(Token::Comma)) && tokens[at] == Token::Open
        || tokens.get(at + 2).is_some_and(|token| token.is("and"))
}

/// Where the noun before the mark at `at` begins; `None` when there is none but words like "API".
fn noun_start(tokens: &[Token], at: usize) -> Option<usize> {
    // "tasks that have a title": the noun stands before the pronoun.
    let pronoun = tokens[..at].last().is_some_and(|token| token.is("that") || token.is("which") || token.is("who"));
    let at = at - usize::from(pronoun);
    let back = tokens[..at]
        .iter()
        .rev()
        .take_while(|token| token.word().is_some_and(|word| !NOUN_ENDS.contains(&word) && !MARKS.contains(&word)))
        .count();
    let start = at - back;
    thing(&tokens[start..at]).map(|_| start)
}

fn sentence_end(tokens: &[Token]) -> usize {
    tokens.iter().position(|token| matches!(token, Token::Stop)).unwrap_or(tokens.len())
}

fn field_list(tokens: &[Token]) -> Vec<Field> {
    let mut found: Vec<Field> = Vec::new();
    let mut first_may_lack = false;
    for piece in
        tokens.split(|token| matches!(token, Token::Comma) || token.is("and") || token.is("or") || token.is("plus"))
    {
        let Some(field) = fields::read(piece) else { continue };
        first_may_lack |= found.is_empty() && fields::is_optional(piece);
        if found.len() < FIELDS_MAX && found.iter().all(|known| known.name != field.name) {
            found.push(field);
        }
    }
    // The first field is what an item is known by.
    if let Some(first) = found.first_mut().filter(|first| !first_may_lack && first.kind != FieldType::Boolean) {
        first.required = true;
    }
    found
}

/// Whether a list after "with" names things that are kept, rather than fields of one: a single noun, with plurals only
/// that are no usual fields.
fn is_container(noun: &[Token], fields: &[Field]) -> bool {
    const PLURAL_FIELDS: &[&str] = &[
        "tags",
        "notes",
        "comments",
        "ingredients",
        "steps",
        "instructions",
        "details",
        "categories",
        "skills",
        "genres",
        "authors",
    ];
    let single = noun.last().and_then(Token::word).is_some_and(|word| singular(word) == word && plural(word) != word);
    let kept = |field: &Field| {
        field.kind == FieldType::String
            && singular(&field.name) != field.name
            && !PLURAL_FIELDS[..PLURAL_FIELDS.len() - 1].contains(&field.name.as_str())
    };
    single && fields.iter().all(kept)
}

/// Nouns without fields, from where a prompt names its subject.
fn named(tokens: &[Token]) -> Vec<String> {
    const BEFORE: &[&str] = &[
        "for", "manage", "manages", "managing", "track", "tracks", "tracking", "store", "stores", "storing", "about",
        "handle", "handles", "handling", "serve", "serves", "serving", "keep", "keeps", "crud", "organize", "expose",
        "exposes", "with", "of",
    ];
    const AFTER: &[&str] = &[
        "api",
        "service",
        "backend",
        "server",
        "endpoint",
        "endpoints",
        "crud",
        "microservice",
        "database",
        "rest",
        "management",
        "tracker",
        "manager",
    ];
    const ENDS: &[&str] = &[
        "that", "which", "in", "using", "by", "on", "at", "from", "so", "where", "to", "via", "through", "with", "has",
        "have",
    ];
    let ends = |token: &Token| {
        matches!(token, Token::Stop | Token::Colon | Token::Open | Token::Close)
            || token.word().is_some_and(|word| ENDS.contains(&word))
    };
    for (at, token) in tokens.iter().enumerate() {
        if !token.word().is_some_and(|word| BEFORE.contains(&word)) {
            continue;
        }
        let rest = &tokens[at + 1..];
        let names = things(&rest[..rest.iter().position(ends).unwrap_or(rest.len())]);
        if !names.is_empty() {
            return unique(names);
        }
    }
    let after =
        tokens.iter().position(|token| token.word().is_some_and(|word| AFTER.contains(&word))).unwrap_or(tokens.len());
    let back = tokens[..after].iter().rev().take_while(|token| !ends(token)).count();
    unique(things(&tokens[after - back..after]))
}

fn unique(names: Vec<String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for name in names {
        if kept.len() < RESOURCES_MAX && !kept.contains(&name) {
            kept.push(name);
        }
    }
    kept
}

fn add(found: &mut Vec<Resource>, new: Resource) {
    let room = found.len() < RESOURCES_MAX;
    match found.iter_mut().find(|known| known.name == new.name) {
        Some(known) => {
            let more = new
                .fields
                .into_iter()
                .filter(|field| known.fields.iter().all(|old| old.name != field.name))
                .collect::<Vec<_>>();
            known.fields.extend(more);
            known.fields.truncate(FIELDS_MAX);
        }
        None if room => found.push(new),
        None => {}
    }
}

pub(super) fn resource(name: &str, fields: Vec<Field>) -> Resource {
    let item = match name.rsplit_once('_') {
        Some((before, last)) => format!("{} {}", before.replace('_', " "), singular(last)),
        None => singular(name),
    };
    Resource { item, name: name.to_owned(), fields }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `books(title*:string author:string)`, a star for what is required.
    fn shown(prompt: &str) -> String {
        let schema = schema(prompt, "t");
        let field = |field: &Field| {
            format!("{}{}:{:?}", field.name, if field.required { "*" } else { "" }, field.kind).to_lowercase()
        };
        let resource = |resource: &Resource| {
            format!("{}({})", resource.name, resource.fields.iter().map(field).collect::<Vec<_>>().join(" "))
        };
        schema.resources.iter().map(resource).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn nouns_and_fields_are_read_from_the_prompt() {
        for (prompt, expected) in [
            ("an API for books with title, author and year", "books(title*:string author:string year:integer)"),
            (
                "customers with name and email, and orders with total, status",
                "customers(name*:string email:email) orders(total*:number status:string)",
            ),
            (
                "Build a REST API for products: name, price as number, in stock",
                "products(name*:string price:number in_stock:boolean)",
            ),
            (
                "a CRUD api where each recipe has a title, ingredients and number of servings",
                "recipes(title*:string ingredients:text number_of_servings:integer)",
            ),
            ("API for cars (make, model, year) using flask", "cars(make*:string model:string year:integer)"),
            (
                "API for parts (code: integer, weight (float), optional notes)",
                "parts(code*:integer weight:number notes:text)",
            ),
            (
                "blog posts with title, body, isPublished and publishedAt for my site",
                "blog_posts(title*:string body:text is_published:boolean published_at:datetime)",
            ),
            (
                "a FastAPI service to manage employees with name, salary and date of birth.",
                "employees(name*:string salary:number date_of_birth:date)",
            ),
            (
                "events with a name, a date and a location. Attendees with name and email.",
                "events(name*:string date:date location:string) attendees(name*:string email:email)",
            ),
            ("A todo API with tasks that have a title and done", "tasks(title*:string done:boolean)"),
        ] {
            assert_eq!(shown(prompt), expected, "{prompt}");
            assert_eq!(schema(prompt, "t").basis, Basis::Fields, "{prompt}");
        }
    }

    #[test]
    fn nouns_alone_get_their_usual_fields() {
        for (prompt, expected) in [
            ("an API for books", "books(title*:string author:string year:integer)"),
            ("movie API", "movies(title*:string director:string year:integer rating:number)"),
            (
                "REST backend to manage users and posts",
                "users(name*:string email:email phone:string) posts(title*:string body:text author:string published:boolean)",
            ),
            ("A FastAPI backend with notes", "notes(title*:string body:text)"),
            ("inventory service", "inventory(name*:string description:text price:number quantity:integer)"),
            ("CRUD endpoints for spaceships in python", "spaceships(name*:string description:text)"),
        ] {
            assert_eq!(shown(prompt), expected, "{prompt}");
            assert_eq!(schema(prompt, "t").basis, Basis::Nouns, "{prompt}");
        }
        for prompt in ["build me an API", "", "!!!", "本のAPI", "a simple REST API with JSON"] {
            assert_eq!(
                (schema(prompt, "t").basis, schema(prompt, "t").resources[0].name.as_str()),
                (Basis::Nothing, "items"),
                "{prompt}"
            );
        }
    }

    #[test]
    fn a_container_names_things() {
        let names =
            |prompt: &str| schema(prompt, "t").resources.into_iter().map(|resource| resource.name).collect::<Vec<_>>();
        assert_eq!(names("a library with books and members"), ["books", "members"]);
        assert_eq!(names("API for a shop with products, customers and orders"), ["products", "customers", "orders"]);
    }

    proptest::proptest! {
        #[test]
        fn any_prompt_gives_a_sound_schema(prompt in "(\\PC{0,6}|an API for | with |, |and |: |\\(|\\)|\\.|title|books|id|price as number|each|__proto__|é){0,30}") {
            let schema = schema(&prompt, "t");
            proptest::prop_assert!((1..=RESOURCES_MAX).contains(&schema.resources.len()));
            for resource in &schema.resources {
                let sound = |name: &str| name.len() <= 40 && name.starts_with(|c: char| c.is_ascii_lowercase()) && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
                proptest::prop_assert!(sound(&resource.name), "{}", resource.name);
                proptest::prop_assert!((1..=FIELDS_MAX).contains(&resource.fields.len()));
                proptest::prop_assert!(resource.fields.iter().all(|field| sound(&field.name) && field.name != "id"));
                let mut names: Vec<&str> = resource.fields.iter().map(|field| field.name.as_str()).collect();
                names.sort_unstable();
                names.dedup();
                proptest::prop_assert_eq!(names.len(), resource.fields.len());
            }
        }
    }
}
