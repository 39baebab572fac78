//! Fields: what a name or a few words of the prompt say about one value of an item.

use serde::Serialize;

use super::nouns::Token;

/// Characters of a field's name.
const NAME_CHARS_MAX: usize = 40;
/// A longer run of words is a sentence, not a name.
const NAME_WORDS_MAX: usize = 3;

/// What a field's value must be. The CRUD service has a reader for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldType {
    /// One line.
    String,
    /// Several lines.
    Text,
    Integer,
    Number,
    Boolean,
    /// `2026-01-31`.
    Date,
    /// RFC 3339.
    Datetime,
    Email,
    /// http or https.
    Url,
}

/// One field of a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Field {
    /// `snake_case`, begins with a letter.
    pub name: String,
    /// For people.
    pub label: String,
    #[serde(rename = "type")]
    pub kind: FieldType,
    pub required: bool,
}

impl Field {
    /// A field whose type follows from its name.
    pub(super) fn named(name: &str, required: bool) -> Self {
        Self { label: name.replace('_', " "), kind: infer(name), name: name.to_owned(), required }
    }

    /// An example value as JSON, for checks and pages.
    #[must_use]
    pub fn example(&self) -> serde_json::Value {
        match self.kind {
            FieldType::String => format!("Example {}", self.label).into(),
            FieldType::Text => format!("Some {}.", self.label).into(),
            FieldType::Integer => (if self.name.contains("year") { 2026 } else { 3 }).into(),
            FieldType::Number => 9.5.into(),
            FieldType::Boolean => true.into(),
            FieldType::Date => "2026-01-31".into(),
            FieldType::Datetime => "2026-01-31T09:30:00Z".into(),
            FieldType::Email => "ada@example.com".into(),
            FieldType::Url => "https://example.com/".into(),
        }
    }
}

/// Words that stand around a field's name and are no part of it.
const AROUND: &[&str] = &[
    "a",
    "an",
    "the",
    "its",
    "their",
    "his",
    "her",
    "my",
    "our",
    "some",
    "each",
    "also",
    "following",
    "field",
    "fields",
    "attribute",
    "attributes",
    "property",
    "properties",
    "column",
    "columns",
    "called",
    "named",
    "like",
    "optionally",
    "at",
    "least",
    "both",
    "all",
    "basic",
];
/// Here the fields end and the sentence goes on.
const ENDS: &[&str] = &[
    "that",
    "which",
    "so",
    "where",
    "for",
    "using",
    "in",
    "to",
    "from",
    "by",
    "stored",
    "sorted",
    "on",
    "per",
    "when",
    "should",
    "must",
    "can",
    "please",
    "support",
    "supports",
    "supporting",
    "via",
    "through",
    "it",
    "they",
    "i",
    "we",
    "users",
    "use",
    "make",
    "build",
    "return",
    "returns",
    "with",
    "have",
    "has",
];

/// The field that a piece between two commas names; `None` when it names none.
pub(super) fn read(piece: &[Token]) -> Option<Field> {
    let (mut names, mut kind, mut required) = (Vec::new(), None, None);
    let mut tokens = piece.iter().peekable();
    while let Some(token) = tokens.next() {
        let word = match token {
            Token::Word(word) => word.as_str(),
            Token::Open | Token::Close | Token::Colon => continue,
            Token::Comma | Token::Stop => break,
        };
        match word {
            "as" | "of" if names.is_empty() => {}
            // "price as number", "tags of type text"; but "date of birth".
            "as" | "type" => {}
            "of" if tokens.peek().is_some_and(|next| next.is("type")) => {}
            "optional" => required = Some(false),
            "required" | "mandatory" => required = Some(true),
            "unique" => {}
            "in" if names.is_empty() && tokens.peek().is_some_and(|next| next.is("stock")) => names.push(word),
            // Alone between two commas it is a name: "make, model, year".
            _ if ENDS.contains(&word) && !(names.is_empty() && tokens.peek().is_none()) => break,
            _ if AROUND.contains(&word) => {}
            _ => match type_word(word) {
                // A type alone is a name: "name, email and date".
                Some(told) if !names.is_empty() || tokens.peek().is_some_and(|next| follows_type(next)) => {
                    kind = kind.or(Some(told))
                }
                _ => names.push(word),
            },
        }
    }
    if names.is_empty() || names.len() > NAME_WORDS_MAX + usize::from(names.contains(&"of")) {
        return None;
    }
    let name = name(&names.join("_"))?;
    let mut field = Field::named(&name, required.unwrap_or(false));
    if names.first() == Some(&"number") && names.len() > 1 {
        field.kind = FieldType::Integer;
    }
    field.kind = kind.unwrap_or(field.kind);
    Some(field)
}

/// Whether a piece says outright that its field may be missing.
pub(super) fn is_optional(piece: &[Token]) -> bool {
    piece.iter().any(|token| token.is("optional") || token.is("optionally"))
}

/// A name that JSON, an address and a form can carry; `None` when nothing is left of it, or it is one of the service's own.
pub(super) fn name(text: &str) -> Option<String> {
    let kept: String = text.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(NAME_CHARS_MAX).collect();
    let name = kept.trim_matches('_').to_owned();
    let own = matches!(name.as_str(), "id" | "created_at" | "updated_at");
    (!own && name.starts_with(|c: char| c.is_ascii_lowercase())).then_some(name)
}

fn follows_type(token: &Token) -> bool {
    match token {
        Token::Word(word) => {
            !ENDS.contains(&word.as_str()) && word != "of" && word != "as" && type_word(word).is_none()
        }
        Token::Comma | Token::Stop | Token::Colon | Token::Open | Token::Close => false,
    }
}

/// Types as people write them.
pub(super) fn type_word(word: &str) -> Option<FieldType> {
    Some(match word {
        "string" | "str" | "varchar" | "char" => FieldType::String,
        "text" | "longtext" | "multiline" => FieldType::Text,
        "integer" | "int" | "bigint" | "whole" => FieldType::Integer,
        "number" | "numeric" | "float" | "double" | "decimal" => FieldType::Number,
        "boolean" | "bool" | "flag" | "checkbox" => FieldType::Boolean,
        "date" => FieldType::Date,
        "datetime" | "timestamp" => FieldType::Datetime,
        "email" => FieldType::Email,
        "url" | "uri" => FieldType::Url,
        _ => return None,
    })
}

/// The type that a name suggests, by its last word.
fn infer(name: &str) -> FieldType {
    if ["is_", "has_", "can_", "in_", "was_"].iter().any(|prefix| name.starts_with(prefix)) {
        return FieldType::Boolean;
    }
    if name.ends_with("_at") {
        return FieldType::Datetime;
    }
    if name.ends_with("_on") || name.starts_with("date_of") {
        return FieldType::Date;
    }
    let last = name.rsplit('_').next().unwrap_or(name);
    TYPES_BY_NAME.iter().find(|(_, names)| names.contains(&last)).map_or(FieldType::String, |(kind, _)| *kind)
}

const TYPES_BY_NAME: &[(FieldType, &[&str])] = &[
    (
        FieldType::Integer,
        &[
            "year",
            "count",
            "quantity",
            "qty",
            "age",
            "stock",
            "pages",
            "id",
            "position",
            "rank",
            "floor",
            "level",
            "points",
            "minutes",
            "seconds",
            "calories",
            "seats",
            "capacity",
            "votes",
            "likes",
            "views",
            "servings",
            "bedrooms",
            "bathrooms",
            "copies",
            "attendees",
            "priority",
            "stars",
        ],
    ),
    (
        FieldType::Number,
        &[
            "price",
            "cost",
            "amount",
            "total",
            "subtotal",
            "salary",
            "weight",
            "height",
            "width",
            "length",
            "depth",
            "latitude",
            "longitude",
            "lat",
            "lng",
            "lon",
            "rating",
            "score",
            "balance",
            "temperature",
            "percent",
            "percentage",
            "discount",
            "tax",
            "rate",
            "distance",
            "budget",
            "fee",
            "hours",
            "duration",
            "speed",
            "area",
            "volume",
            "mileage",
            "gpa",
        ],
    ),
    (
        FieldType::Boolean,
        &[
            "done",
            "completed",
            "complete",
            "active",
            "enabled",
            "disabled",
            "published",
            "archived",
            "available",
            "paid",
            "finished",
            "verified",
            "favorite",
            "favourite",
            "public",
            "private",
            "checked",
            "read",
            "approved",
            "featured",
            "vegetarian",
            "vegan",
            "shipped",
            "vaccinated",
        ],
    ),
    (FieldType::Date, &["date", "birthday", "birthdate", "dob", "deadline", "due"]),
    (FieldType::Datetime, &["datetime", "timestamp"]),
    (FieldType::Email, &["email", "mail"]),
    (FieldType::Url, &["url", "link", "website", "homepage"]),
    (
        FieldType::Text,
        &[
            "description",
            "body",
            "content",
            "text",
            "notes",
            "note",
            "bio",
            "biography",
            "comment",
            "comments",
            "summary",
            "message",
            "details",
            "instructions",
            "ingredients",
            "steps",
            "review",
            "abstract",
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generator::nouns::lex;

    #[test]
    fn names_tell_types_and_the_prompt_overrules_them() {
        for (piece, name, kind) in [
            ("title", "title", FieldType::String),
            ("a publication year", "publication_year", FieldType::Integer),
            ("price as text", "price", FieldType::Text),
            ("weight (integer)", "weight", FieldType::Integer),
            ("code: number", "code", FieldType::Number),
            ("a boolean featured_today", "featured_today", FieldType::Boolean),
            ("isActive", "is_active", FieldType::Boolean),
            ("dueDate", "due_date", FieldType::Date),
            ("date of birth", "date_of_birth", FieldType::Date),
            ("email", "email", FieldType::Email),
            ("image url", "image", FieldType::Url),
            ("number of guests", "number_of_guests", FieldType::Integer),
            ("size of type integer", "size", FieldType::Integer),
            ("author_id for my library", "author_id", FieldType::Integer),
        ] {
            let field = read(&lex(piece)).unwrap();
            assert_eq!((field.name.as_str(), field.kind), (name, kind), "{piece}");
        }
        for piece in ["", "the", "id", "created_at", "so that I can use it", "every single thing one could ever want"] {
            assert_eq!(read(&lex(piece)), None, "{piece}");
        }
    }
}
