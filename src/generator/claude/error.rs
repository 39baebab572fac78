//! What can go wrong between the engine and Claude, sorted by what to do about it.

use std::time::Duration;

use crate::types::{Category, Failure};

/// Characters of a server's own message that are shown.
const MESSAGE_MAX: usize = 300;
/// Models of a server that are named to a user.
const KNOWN_SHOWN: usize = 12;

/// A call that brought no whole answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClaudeError {
    #[error("the key was refused: {message}")]
    Unauthorized { message: String },
    #[error("the key may not do this: {message}")]
    Forbidden { message: String },
    /// Money set aside for the key is used up. Comes as a 429, too, and never passes by waiting.
    #[error("a spend limit was reached: {message}")]
    SpendLimit { message: String },
    /// `known` are the models that the server lists, when it does.
    #[error("the server has no model {model:?}")]
    UnknownModel { model: String, known: Vec<String> },
    /// Any other 4xx: the same request would be refused again.
    #[error("refused with status {status}: {message}")]
    Refused { status: u16, message: String },
    #[error("the rate is limited: {message}")]
    RateLimited { message: String, after: Option<Duration> },
    #[error("the server is overloaded: {message}")]
    Overloaded { message: String },
    #[error("the server failed with status {status}: {message}")]
    Server { status: u16, message: String },
    #[error("{address} cannot be reached: {cause}")]
    Unreachable { address: String, cause: String },
    #[error("the answer broke off: {cause}")]
    Cut { cause: String },
    /// Nothing came for so long.
    #[error("nothing came for {} ms", .0.as_millis())]
    Silent(Duration),
    /// Something came, but the whole took too long.
    #[error("the answer was not whole after {} ms", .0.as_millis())]
    TooSlow(Duration),
    /// A proxy's page, a wrong address: whatever answers there is no Messages API.
    #[error("status {status} with {content_type:?} is no answer of a Messages API")]
    NotApi { status: u16, content_type: String },
    /// The body of an answer ends with its connection, which is not read here.
    #[error("an answer with neither a content-length nor transfer-encoding: chunked")]
    Unframed,
    #[error("unintelligible answer: {detail}")]
    Protocol { detail: String },
    /// More than was asked for, or than can be meant: the same request would be answered so again.
    #[error("an answer too long: {detail}")]
    TooMuch { detail: String },
    /// The breaker is open.
    #[error("the server failed too often; not asked for another {} ms", .0.as_millis())]
    Resting(Duration),
}

/// How an error is met.
struct Row {
    code: &'static str,
    category: Category,
    /// The same call may succeed without anybody changing anything.
    passes: bool,
    /// It speaks against the server's health.
    servers: bool,
    /// Another model of the same server may do better.
    models: bool,
}

impl ClaudeError {
    /// Whether the same call may succeed without anybody changing anything.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        self.row().passes
    }

    /// Whether it speaks against the server's health: what the breaker counts. A refusal is an answer.
    #[must_use]
    pub const fn is_the_servers(&self) -> bool {
        self.row().servers
    }

    /// Whether another model of the same server may do better.
    #[must_use]
    pub const fn is_the_models(&self) -> bool {
        self.row().models
    }

    /// Stable, for logs, metrics and clients.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.row().code
    }

    /// What is done about each, in one place.
    const fn row(&self) -> Row {
        const DOWN: Row =
            Row { code: "claude_unavailable", category: Category::Api, passes: true, servers: true, models: true };
        const SET_WRONG: Row = Row { passes: false, servers: false, models: false, ..DOWN };
        match self {
            Self::Unauthorized { .. } => Row { code: "claude_unauthorized", ..SET_WRONG },
            Self::Forbidden { .. } => Row { code: "claude_forbidden", models: true, ..SET_WRONG },
            Self::SpendLimit { .. } => Row { code: "claude_spend_limit", category: Category::Resource, ..SET_WRONG },
            Self::UnknownModel { .. } => Row { code: "claude_unknown_model", models: true, ..SET_WRONG },
            // 408 and 409 are timeouts and conflicts, which pass.
            Self::Refused { status, .. } => {
                Row { code: "claude_refused_request", passes: matches!(status, 408 | 409), models: true, ..SET_WRONG }
            }
            Self::RateLimited { .. } => {
                Row { code: "claude_rate_limited", category: Category::Resource, servers: false, ..DOWN }
            }
            Self::Overloaded { .. } => Row { code: "claude_overloaded", category: Category::Resource, ..DOWN },
            Self::Server { .. } | Self::Cut { .. } => DOWN,
            Self::Unreachable { .. } => Row { models: false, ..DOWN },
            Self::Silent(_) => Row { code: "claude_timeout", ..DOWN },
            // All the time there was is used up: nobody else can be asked either.
            Self::TooSlow(_) => Row { code: "claude_timeout", passes: false, models: false, ..DOWN },
            Self::TooMuch { .. } => Row { code: "claude_too_much", models: true, ..SET_WRONG },
            Self::Resting(_) => SET_WRONG,
            Self::NotApi { .. } | Self::Unframed => Row { code: "claude_not_an_api", ..SET_WRONG },
            Self::Protocol { .. } => Row { code: "claude_protocol", ..DOWN },
        }
    }

    /// One sentence for the user, with what to do.
    fn sentence(&self) -> String {
        match self {
            Self::Unauthorized { .. } => {
                "Claude refuses the key. Check ANTHROPIC_API_KEY or ANTHROPIC_AUTH_TOKEN.".to_owned()
            }
            Self::Forbidden { message } => format!("The key may not use this model or feature of Claude ({message})."),
            Self::SpendLimit { message } => {
                format!(
                    "The spend limit of the Claude account is reached ({message}). Raise it in the account's console."
                )
            }
            Self::UnknownModel { model, known } if known.is_empty() => format!(
                "The server has no model {model:?}. Check SPAWNAI_CLAUDE_MODEL or SPAWNAI_CLAUDE_SECOND_MODEL, whichever names it."
            ),
            Self::UnknownModel { model, known } => {
                let shown = known.iter().take(KNOWN_SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
                let more = known.len().saturating_sub(KNOWN_SHOWN);
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                format!(
                    "The server has no model {model:?}. It has {shown}{more}: set SPAWNAI_CLAUDE_MODEL or SPAWNAI_CLAUDE_SECOND_MODEL, whichever names it, to one of them."
                )
            }
            Self::Refused { status, message } => format!("Claude refused the request (status {status}: {message})."),
            Self::RateLimited { after: Some(after), .. } => {
                format!("Claude limits the rate of requests. Try again in {} s.", after.as_secs().max(1))
            }
            Self::RateLimited { after: None, .. } => {
                "Claude limits the rate of requests. Try again in a minute.".to_owned()
            }
            Self::Overloaded { .. } => "Claude is overloaded. Try again in a moment.".to_owned(),
            Self::Server { status, .. } => format!("Claude's server failed (status {status}). Try again in a moment."),
            Self::Unreachable { address, .. } => {
                format!("Claude's server at {address} cannot be reached. Check ANTHROPIC_BASE_URL and the network.")
            }
            Self::Cut { .. } => "The connection to Claude broke in the middle of its answer. Try again.".to_owned(),
            Self::Silent(after) => format!("Claude sent nothing for {} s. Try again.", after.as_secs().max(1)),
            Self::TooSlow(after) => {
                format!("Claude's answer was not whole after {} s. Try again, or ask for less.", after.as_secs().max(1))
            }
            Self::NotApi { status, content_type } => format!(
                "What answers at ANTHROPIC_BASE_URL is no Messages API (status {status}, {content_type}). Check the address; it ends before /v1."
            ),
            Self::Unframed => {
                "What answers at ANTHROPIC_BASE_URL sends neither Content-Length nor Transfer-Encoding: chunked, so its answers cannot be read. Put a proxy before it that does."
                    .to_owned()
            }
            Self::Protocol { .. } => {
                "Claude's server answered something unintelligible. Check that ANTHROPIC_BASE_URL names a Messages API."
                    .to_owned()
            }
            Self::TooMuch { detail } => format!(
                "Claude's server sends more than it was asked for ({detail}). Check that what ANTHROPIC_BASE_URL names heeds max_tokens."
            ),
            Self::Resting(after) => {
                format!("Claude failed too often in a row and is left alone for {} s.", after.as_secs().max(1))
            }
        }
    }
}

impl From<&ClaudeError> for Failure {
    fn from(error: &ClaudeError) -> Self {
        let failure = Self::new(error.code(), error.row().category, error.sentence());
        let passes = matches!(error, ClaudeError::TooSlow(_) | ClaudeError::Resting(_));
        if passes || error.is_retryable() { failure.retryable() } else { failure }
    }
}

impl From<ClaudeError> for Failure {
    fn from(error: ClaudeError) -> Self {
        Self::from(&error)
    }
}

/// A server's message as it may be shown: one line, cut, and without the key should the server echo it.
pub(super) fn shown(message: &str, key: &str) -> String {
    let message = if key.is_empty() { message.to_owned() } else { message.replace(key, "…") };
    let line = message.split(|c: char| c.is_control() || c.is_whitespace()).filter(|word| !word.is_empty());
    let line = line.collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MESSAGE_MAX) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_one_line_bounded_and_keeps_the_key_to_itself() {
        assert_eq!(shown("invalid\r\n x-api-key \u{1b}[31m sk-1", "sk-1"), "invalid x-api-key [31m …");
        assert_eq!(shown(&"é".repeat(400), "").chars().count(), MESSAGE_MAX + 1);
    }

    #[test]
    fn a_failure_says_what_to_change() {
        let known = (0..14).map(|number| format!("m{number}")).collect();
        let failure = Failure::from(ClaudeError::UnknownModel { model: "gpt".to_owned(), known });
        assert!(failure.message.contains("It has m0, m1") && failure.message.contains("and 2 more"), "{failure}");
        let failure = Failure::from(ClaudeError::Unauthorized { message: "no".to_owned() });
        assert!(failure.message.contains("ANTHROPIC_API_KEY") && !failure.retryable, "{failure}");
        assert!(Failure::from(ClaudeError::Resting(Duration::from_secs(5))).retryable);
    }
}
