//! Whether what is stored of a session can be: for whoever looks at a store without an engine. Pure.

use super::{Kept, Session};
use crate::{
    store::{ChargeRow, SessionRow},
    types::MicroUsd,
};

/// Looks whether the row tells of a session that the machine could have left, and whether its money adds up.
///
/// # Errors
/// What is wrong, in words for whoever runs the engine.
pub fn audit(row: &SessionRow, charges: &[ChargeRow]) -> Result<(), String> {
    let kept = Kept::read(row).map_err(|error| format!("its state cannot be read: {error}"))?;
    let session = &kept.session;
    let says = |what: &str, state: String, column: String| match state == column {
        true => Ok(()),
        false => Err(format!("its state says {what} {state}, its row {column}")),
    };
    says("id", session.spec.id.to_string(), row.id.to_string())?;
    says("slug", session.spec.slug.to_string(), row.slug.to_string())?;
    says("status", session.status().as_str().to_owned(), row.status.as_str().to_owned())?;
    let over = session.is_over() && session.releasing.is_empty();
    says("over", over.to_string(), row.over.to_string())?;
    money(session, row.over, charges.iter().map(|charge| charge.amount).sum())
}

/// What is over has cost what it was charged; what lives has not been charged more than it has cost.
pub(super) fn money(session: &Session, over: bool, charged: MicroUsd) -> Result<(), String> {
    let cost = session.cost(session.metered_at);
    let fits = if over { session.past_cost == charged } else { charged <= cost };
    if fits {
        return Ok(());
    }
    Err(format!("it was charged {} micro-dollars, and has cost {}", charged.0, cost.0))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{super::properties::spec, *};
    use crate::types::EndReason;

    fn row(session: &Session) -> SessionRow {
        let spec = &session.spec;
        SessionRow {
            id: spec.id,
            user: spec.user.clone(),
            slug: spec.slug.clone(),
            status: session.status(),
            prompt: spec.prompt.clone(),
            app_type: spec.app_type,
            revision: 3,
            created_at: spec.created_at,
            expires_at: None,
            over: session.is_over(),
            budget: spec.budget,
            state: serde_json::to_string(&Kept { session: session.clone(), seq: 1 }).unwrap(),
            view: "{}".to_owned(),
        }
    }

    #[test]
    fn a_session_of_the_machine_passes_and_others_do_not() {
        let (mut session, _) = Session::create(spec(500_000), Duration::from_secs(600));
        assert_eq!(audit(&row(&session), &[]), Ok(()));
        let other = SessionRow { over: true, ..row(&session) };
        assert_eq!(audit(&other, &[]), Err("its state says over false, its row true".to_owned()));
        let broken = SessionRow { state: "{}".to_owned(), ..row(&session) };
        assert!(audit(&broken, &[]).unwrap_err().starts_with("its state cannot be read"));
        session.expire(EndReason::Destroyed, session.metered_at, &mut Vec::new());
        session.past_cost = MicroUsd(7);
        let unpaid = "it was charged 0 micro-dollars, and has cost 7".to_owned();
        assert_eq!(audit(&row(&session), &[]), Err(unpaid));
    }
}
