//! Whom a request acts as: named by basic authentication or by the `username` of a file's address. Pure.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::host::agent::protocol::Person;

/// Characters of an unknown name that are shown again.
const SHOWN_MAX: usize = 64;

/// A name that is nobody's here.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid username: '{0}'")]
pub struct Unknown(String);

/// Who is named, by the `Authorization` header or, before it, by the query; nobody is `user`.
///
/// # Errors
/// [`Unknown`], in the words that the SDKs look for.
pub fn of(authorization: Option<&str>, query: &str) -> Result<Person, Unknown> {
    let basic = authorization.and_then(|value| value.strip_prefix("Basic ")).and_then(|encoded| {
        let decoded = STANDARD.decode(encoded.trim()).ok()?;
        Some(String::from_utf8_lossy(&decoded).split(':').next().unwrap_or_default().to_owned())
    });
    let parameter = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "username");
    named(&parameter.map(|(_, value)| value.into_owned()).or(basic).unwrap_or_default())
}

/// Who has that name; nobody's is `user`'s.
///
/// # Errors
/// [`Unknown`], in the words that the SDKs look for.
pub fn named(name: &str) -> Result<Person, Unknown> {
    match name {
        "" | "user" => Ok(Person::User),
        "root" => Ok(Person::Root),
        other => Err(Unknown(other.chars().take(SHOWN_MAX).collect())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_are_known_and_the_query_comes_first() {
        let basic = |name: &str| format!("Basic {}", STANDARD.encode(format!("{name}:")));
        assert_eq!(of(None, ""), Ok(Person::User));
        assert_eq!(of(Some(&basic("")), "username="), Ok(Person::User));
        assert_eq!(of(Some(&basic("root")), "path=x"), Ok(Person::Root));
        assert_eq!(of(Some(&basic("root")), "username=user"), Ok(Person::User));
        assert_eq!(of(Some("Bearer root"), ""), Ok(Person::User));
        let unknown = of(Some(&basic("root123")), "").unwrap_err();
        assert_eq!(unknown.to_string(), "invalid username: 'root123'");
        assert_eq!(of(None, "username=%00root").unwrap_err(), Unknown("\0root".to_owned()));
    }
}
