//! A way to an app that needs no address: its host is in this very process.
//!
//! The gateway knows no host; whoever composes both hands it this. It is asked first, and may leave any request to the
//! way over HTTP, which every host has.

use std::{fmt, sync::Arc};

use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::future::LocalBoxFuture;

use crate::{
    relay::{self, RelayError},
    types::{Port, SandboxId},
};

/// A request on its way to an app.
pub struct Visit {
    pub sandbox: SandboxId,
    pub port: Port,
    pub request: HttpRequest,
    pub payload: web::Payload,
    /// What changes in its head; the `Host` in it is still the visitor's.
    pub head: relay::Head,
}

/// What became of it.
pub enum Visited {
    /// It was taken on: the answer of the app or its host, or why there is none.
    Answered(Result<HttpResponse, RelayError>),
    /// It is for the way over HTTP, and this is its body, untouched.
    NotThisWay(web::Payload),
}

/// How visits are taken on.
#[derive(Clone)]
pub struct Shortcut(Arc<dyn Fn(Visit) -> LocalBoxFuture<'static, Visited> + Send + Sync>);

impl Shortcut {
    pub fn new(take: impl Fn(Visit) -> LocalBoxFuture<'static, Visited> + Send + Sync + 'static) -> Self {
        Self(Arc::new(take))
    }

    pub(super) async fn take(&self, visit: Visit) -> Visited {
        (self.0)(visit).await
    }
}

impl fmt::Debug for Shortcut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shortcut")
    }
}
