//! The gateway's way to a host in the same process: neither box knows the other.

use crate::{
    gateway::{Shortcut, Visit, Visited},
    host::Host,
};

/// Lets a gateway reach the apps of `host` without a second connection.
#[must_use]
pub fn shortcut(host: &Host) -> Shortcut {
    let visits = host.visits();
    Shortcut::new(move |visit| {
        let visits = visits.clone();
        Box::pin(async move {
            let Visit { sandbox, port, request, payload, head } = visit;
            match visits.visit((&sandbox, port), &request, payload, head).await {
                Ok(answer) => Visited::Answered(answer),
                Err(payload) => Visited::NotThisWay(payload),
            }
        })
    })
}
