//! What each kind of value must look like. An error here is only a reason: the loader names key, value and remedy.

use std::path::PathBuf;

use serde::{Deserialize, Deserializer, de::Error};
use url::{Host, Url};

use crate::types::{MicroUsd, Secret};

/// A whole number from `LOW` to `HIGH`.
pub(super) fn within<'de, const LOW: u64, const HIGH: u64, D: Deserializer<'de>, T: TryFrom<u64>>(
    deserializer: D,
) -> Result<T, D::Error> {
    let number = u64::deserialize(deserializer)?;
    if !(LOW..=HIGH).contains(&number) {
        return Err(D::Error::custom("out of bounds"));
    }
    T::try_from(number).map_err(|_| D::Error::custom("out of bounds"))
}

/// A positive amount in dollars, kept in whole micro-dollars.
pub(super) fn dollars<'de, D: Deserializer<'de>>(deserializer: D) -> Result<MicroUsd, D::Error> {
    const DOLLARS_MAX: f64 = 1e6;
    let micros = (f64::deserialize(deserializer)? * 1e6).round();
    // NaN fails this as well.
    if !(1.0..=DOLLARS_MAX * 1e6).contains(&micros) {
        return Err(D::Error::custom("out of bounds"));
    }
    Ok(MicroUsd(micros as i64))
}

pub(super) fn maybe_dollars<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<MicroUsd>, D::Error> {
    dollars(deserializer).map(Some)
}

pub(super) fn path<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PathBuf, D::Error> {
    let path = PathBuf::deserialize(deserializer)?;
    if path.as_os_str().is_empty() { Err(D::Error::custom("empty")) } else { Ok(path) }
}

pub(super) fn maybe_path<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<PathBuf>, D::Error> {
    path(deserializer).map(Some)
}

/// A domain name without port.
pub(super) fn domain<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if is_domain(&text) { Ok(text.to_ascii_lowercase()) } else { Err(D::Error::custom("no domain name")) }
}

/// A domain name that may carry a port, as self-hosted E2B clusters have.
pub(super) fn maybe_domain<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let valid = match text.split_once(':') {
        Some((name, port)) => is_domain(name) && port.parse::<u16>().is_ok_and(|port| port > 0),
        None => is_domain(&text),
    };
    if valid { Ok(Some(text.to_ascii_lowercase())) } else { Err(D::Error::custom("no domain name")) }
}

fn is_domain(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(label) && matches!(Host::parse(text), Ok(Host::Domain(_)))
}

pub(super) fn web_address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let web = Url::parse(&text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if web { Ok(Some(text)) } else { Err(D::Error::custom("no web address")) }
}

/// A name that goes into a request as it is.
pub(super) fn word<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    const WORD_MAX: usize = 200;
    let text = String::deserialize(deserializer)?;
    let valid = (1..=WORD_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if valid { Ok(Some(text)) } else { Err(D::Error::custom("not a name")) }
}

pub(super) fn built_in_or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    match String::deserialize(deserializer)?.as_str() {
        "built-in" => Ok(true),
        "none" => Ok(false),
        _ => Err(D::Error::custom("neither")),
    }
}

pub(super) fn database<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
    scheme(deserializer, &["sqlite://", "postgres://", "postgresql://"])
}

pub(super) fn redis<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
    scheme(deserializer, &["redis://", "rediss://"])
}

fn scheme<'de, D: Deserializer<'de>>(deserializer: D, schemes: &[&str]) -> Result<Option<Secret>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if schemes.iter().any(|scheme| text.starts_with(scheme)) {
        Ok(Some(Secret::new(text)))
    } else {
        Err(D::Error::custom("unknown scheme"))
    }
}

/// Origins as browsers send them: scheme, host and port, and no path.
pub(super) fn origins<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let origins = Vec::<String>::deserialize(deserializer)?;
    let valid = |text: &String| {
        text == "*" || Url::parse(text).is_ok_and(|url| url.origin().ascii_serialization() == *text && url.has_host())
    };
    if origins.iter().all(valid) { Ok(origins) } else { Err(D::Error::custom("not an origin")) }
}
