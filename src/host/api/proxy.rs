//! Traffic to the app inside.

use actix_web::{HttpRequest, HttpResponse, web};

use super::{Refusal, port_closed, sandbox_not_found};
use crate::{
    host::{error::AgentError, sandbox::Sandbox},
    types::Port,
};

pub async fn serve(sandbox: &Sandbox, port: Port, _request: &HttpRequest, _payload: web::Payload) -> HttpResponse {
    let _io = match sandbox.connect(port).await {
        Ok(io) => io,
        Err(AgentError::Gone) => return sandbox_not_found(&sandbox.id),
        Err(AgentError::Refused(_) | AgentError::TooLarge) => return port_closed(&sandbox.id, port),
    };
    Refusal::new(501, "traffic to apps is not available yet").response()
}
