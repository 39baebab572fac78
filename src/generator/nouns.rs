//! Nouns: the words of a prompt as a list of marks, and the names of things in it.

use super::{
    fields,
    words::{fold, singular},
};

/// A word or a mark that separates words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// Lower case; `camelCase` and `kebab-case` are `snake_case`.
    Word(String),
    Comma,
    Colon,
    Open,
    Close,
    /// The end of a sentence.
    Stop,
}

impl Token {
    pub(super) fn is(&self, text: &str) -> bool {
        self.word() == Some(text)
    }

    pub(super) fn word(&self) -> Option<&str> {
        match self {
            Self::Word(word) => Some(word),
            Self::Comma | Self::Colon | Self::Open | Self::Close | Self::Stop => None,
        }
    }
}

/// Splits a prompt. Unknown characters separate words.
pub(super) fn lex(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut word = String::new();
    for c in text.chars() {
        let mark = match c {
            ',' | ';' | '/' | '+' | '|' => Some(Token::Comma),
            ':' => Some(Token::Colon),
            '(' | '[' | '{' => Some(Token::Open),
            ')' | ']' | '}' => Some(Token::Close),
            '.' | '!' | '?' | '\n' => Some(Token::Stop),
            _ => None,
        };
        let joins = c.is_alphanumeric() || matches!(c, '_' | '-' | '\'' | '’') || matches!(c, '\u{300}'..='\u{36f}');
        if joins && mark.is_none() {
            word.push(c);
            continue;
        }
        flush(&mut word, &mut tokens);
        if c == '&' {
            tokens.push(Token::Word("and".to_owned()));
        }
        tokens.extend(mark);
    }
    flush(&mut word, &mut tokens);
    tokens
}

fn flush(word: &mut String, tokens: &mut Vec<Token>) {
    let text = std::mem::take(word).replace('’', "'");
    let text = text.trim_matches(|c: char| !c.is_alphanumeric());
    let text = text.strip_suffix("'s").unwrap_or(text).replace('\'', "");
    if !text.is_empty() {
        tokens.push(Token::Word(snake(&text)));
    }
}

/// `dueDate` and `due-date` are `due_date`; `ISBN` is `isbn`.
fn snake(text: &str) -> String {
    let mut out = String::new();
    let mut lower_before = false;
    for c in text.chars() {
        if c.is_uppercase() && lower_before {
            out.push('_');
        }
        lower_before = c.is_lowercase();
        out.push(if c == '-' { '_' } else { c });
    }
    fold(&out)
}

/// Words that are never the thing an API is about.
const NO_THING: &[&str] = &[
    "a",
    "an",
    "the",
    "my",
    "our",
    "your",
    "their",
    "its",
    "each",
    "every",
    "all",
    "some",
    "any",
    "this",
    "these",
    "those",
    "of",
    "me",
    "us",
    "i",
    "we",
    "you",
    "it",
    "them",
    "build",
    "create",
    "make",
    "write",
    "generate",
    "give",
    "want",
    "need",
    "design",
    "develop",
    "implement",
    "please",
    "simple",
    "small",
    "basic",
    "tiny",
    "new",
    "nice",
    "quick",
    "good",
    "full",
    "complete",
    "modern",
    "minimal",
    "clean",
    "rest",
    "restful",
    "rest_api",
    "json",
    "http",
    "web",
    "crud",
    "api",
    "apis",
    "service",
    "microservice",
    "server",
    "backend",
    "back",
    "end",
    "endpoint",
    "endpoints",
    "app",
    "application",
    "python",
    "flask",
    "fastapi",
    "django",
    "node",
    "nodejs",
    "express",
    "javascript",
    "typescript",
    "go",
    "rust",
    "database",
    "db",
    "data",
    "system",
    "store",
    "storage",
    "operations",
    "operation",
    "resource",
    "resources",
    "collection",
    "collections",
    "entity",
    "entities",
    "model",
    "models",
    "table",
    "tables",
    "object",
    "objects",
    "thing",
    "things",
    "stuff",
    "something",
    "different",
    "various",
    "online",
    "where",
    "should",
    "can",
    "be",
    "fully",
    "functional",
    "working",
    "example",
    "demo",
    "test",
    "local",
    "personal",
    "record",
    "records",
    "management",
    "manager",
    "tracker",
    "tracking",
    "list",
    "lists",
    "multiple",
    "several",
    "many",
    "information",
    "info",
    "details",
    "sample",
    "company",
    "authentication",
    "auth",
    "pagination",
    "search",
    "filtering",
    "filter",
    "sorting",
    "validation",
    "swagger",
    "openapi",
    "documentation",
    "docs",
    "login",
    "jwt",
    "support",
    "in_memory",
    "for",
    "to",
    "about",
    "that",
    "which",
    "who",
    "create_read_update",
    "delete",
    "read",
    "update",
    "get",
    "post",
    "put",
    "patch",
    "usual",
    "standard",
    "best",
    "practices",
    "tests",
    "is",
    "are",
];

/// Names of things that the words `tokens` list, each plural and fit for an address. A list is separated by
/// commas and "and".
pub(super) fn things(tokens: &[Token]) -> Vec<String> {
    let separates = |token: &Token| matches!(token, Token::Comma) || token.is("and") || token.is("or");
    tokens.split(separates).filter_map(thing).collect()
}

/// The name of the one thing that a run of words ends with; `None` when it names none.
pub(super) fn thing(tokens: &[Token]) -> Option<String> {
    let words: Vec<&str> = tokens.iter().filter_map(Token::word).collect();
    // FastAPI is a word of two as it is written, and one as it is meant.
    let is_thing = |word: &&str| !NO_THING.contains(word) && !NO_THING.contains(&word.replace('_', "").as_str());
    let telling: Vec<&str> = words.into_iter().filter(is_thing).collect();
    let last = telling.last()?;
    let joined = match telling.len() {
        2 => format!("{}_{}", singular(telling[0]), plural(last)),
        _ => plural(last),
    };
    // A word in another script has no letters that an address can show as they are.
    joined.is_ascii().then(|| fields::name(&joined)).flatten()
}

/// The plural of an English noun; plurals stay as they are.
pub(super) fn plural(word: &str) -> String {
    const UNCOUNTED: &[&str] = &[
        "inventory",
        "equipment",
        "staff",
        "news",
        "weather",
        "feedback",
        "stock",
        "music",
        "furniture",
        "software",
        "hardware",
        "people",
        "children",
        "attendance",
        "traffic",
        "revenue",
        "income",
        "money",
        "media",
        "series",
        "homework",
        "luggage",
    ];
    let head = word.rsplit('_').next().unwrap_or(word);
    if singular(head) != head || UNCOUNTED.contains(&head) {
        return word.to_owned();
    }
    match word {
        "person" => return "people".to_owned(),
        "child" => return "children".to_owned(),
        _ => {}
    }
    if let Some(cut) = word.strip_suffix('y').filter(|cut| !cut.ends_with(['a', 'e', 'i', 'o', 'u'])) {
        return format!("{cut}ies");
    }
    if ["s", "x", "z", "ch", "sh"].iter().any(|ending| word.ends_with(ending)) {
        return format!("{word}es");
    }
    format!("{word}s")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompt_is_split_into_words_and_marks() {
        let word = |text: &str| Token::Word(text.to_owned());
        assert_eq!(
            lex("books (dueDate, Anna's ISBN)."),
            [
                word("books"),
                Token::Open,
                word("due_date"),
                Token::Comma,
                word("anna"),
                word("isbn"),
                Token::Close,
                Token::Stop
            ]
        );
    }

    #[test]
    fn things_are_plural_and_without_what_surrounds_them() {
        for (text, expected) in [
            ("a simple REST API", &[][..]),
            ("my books", &["books"]),
            ("a book", &["books"]),
            ("customers, orders and order items", &["customers", "orders", "order_items"]),
            ("companies and people", &["companies", "people"]),
            ("a library's inventory", &["library_inventory"]),
            ("Bücher", &["buchers"]),
            ("本", &[]),
        ] {
            assert_eq!(things(&lex(text)), expected, "{text}");
        }
    }
}
