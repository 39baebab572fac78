//! The fields that things usually have, for prompts that name a thing and no fields.

use super::{
    fields::Field,
    schema::{Resource, resource},
    words::singular,
};

/// A resource with the fields that such things usually have; the first is required.
pub(super) fn usual(name: &str) -> Resource {
    let head = singular(name.rsplit('_').next().unwrap_or(name));
    let names = USUAL_FIELDS
        .iter()
        .find(|(nouns, _)| nouns.contains(&head.as_str()))
        .map_or(&["name", "description"][..], |(_, names)| names);
    resource(name, names.iter().enumerate().map(|(index, name)| Field::named(name, index == 0)).collect())
}

/// Nouns in the singular, and the fields of such things. The first field is required.
const USUAL_FIELDS: &[(&[&str], &[&str])] = &[
    (&["book"], &["title", "author", "year"]),
    (
        &["user", "member", "contact", "customer", "client", "person", "author", "guest", "patient"],
        &["name", "email", "phone"],
    ),
    (&["employee", "staff"], &["name", "email", "position", "salary"]),
    (&["student", "teacher"], &["name", "email", "grade"]),
    (&["product", "item", "inventory", "stock", "part"], &["name", "description", "price", "quantity"]),
    (&["task", "todo", "chore", "reminder"], &["title", "done", "due_date"]),
    (&["project"], &["name", "description", "deadline"]),
    (&["post", "article", "blog", "news"], &["title", "body", "author", "published"]),
    (&["comment", "message", "review", "feedback"], &["author", "text", "rating"]),
    (&["note", "memo"], &["title", "body"]),
    (&["order", "invoice", "purchase"], &["customer", "total", "status"]),
    (&["event", "meeting", "appointment", "booking", "reservation"], &["title", "date", "location", "notes"]),
    (&["recipe", "dish", "meal"], &["title", "ingredients", "instructions", "minutes"]),
    (&["movie", "film"], &["title", "director", "year", "rating"]),
    (&["song", "track", "album"], &["title", "artist", "year"]),
    (&["expense", "transaction", "payment"], &["description", "amount", "date", "category"]),
    (&["car", "vehicle"], &["make", "model", "year", "price"]),
    (&["bookmark", "link"], &["title", "url", "notes"]),
    (&["pet", "animal", "dog", "cat"], &["name", "species", "age"]),
    (&["city", "country", "place", "location"], &["name", "latitude", "longitude"]),
    (&["workout", "exercise"], &["name", "date", "minutes", "calories"]),
];
