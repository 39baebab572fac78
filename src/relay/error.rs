//! Why a request got no answer.

use std::time::Duration;

/// Nothing was answered yet, so the caller can answer in words of its own.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// The stream broke, or ended before a response head.
    #[error("the next hop closed the connection before it answered")]
    Closed(#[source] Option<hyper::Error>),
    /// What came was not HTTP/1.1, or more than the bounds allow, or a switch of protocols that nobody asked for.
    #[error("the next hop's answer is not a valid HTTP response")]
    BadResponse(#[source] Option<hyper::Error>),
    #[error("the next hop sent no response head within {0:?}")]
    HeadTimeout(Duration),
    /// The visitor's own body broke off or was malformed: nobody is left to be told.
    #[error("the request's body ended early")]
    Visitor(#[source] Option<hyper::Error>),
    /// The request cannot be sent on as HTTP/1.1. Says what about it.
    #[error("{0}")]
    Unforwardable(&'static str),
}

impl RelayError {
    pub(super) fn of(error: hyper::Error) -> Self {
        if error.is_user() {
            Self::Visitor(Some(error))
        } else if error.is_parse() {
            Self::BadResponse(Some(error))
        } else {
            Self::Closed(Some(error))
        }
    }
}
