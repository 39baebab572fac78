//! `doctor --verify-store`: whether the store's log makes what its tables have, and whether each session can be as it is.
//!
//! Only while no engine has the store: the check takes the engine's own lock, and changes nothing.

use super::parts::database_url;
use crate::{
    cli::{
        Settings,
        doctor::{Finding, State},
    },
    session,
    store::{DatabaseUrlError, ListQuery, Purpose, Store, StoreError},
};

/// What is shown of what does not fit; the first ones tell what is wrong.
const SHOWN_MAX: usize = 20;

/// The findings, as `doctor` prints them.
pub(super) async fn verify(settings: &Settings) -> Vec<Finding> {
    match findings(settings).await {
        Ok(findings) => findings,
        Err(error) => vec![Finding {
            name: "store".to_owned(),
            state: State::Missing,
            detail: super::error::with_causes(&error),
            remedy: Some("the check wants a store that an engine of this version has left".to_owned()),
        }],
    }
}

#[derive(Debug, thiserror::Error)]
enum VerifyError {
    #[error(transparent)]
    Url(#[from] DatabaseUrlError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

async fn findings(settings: &Settings) -> Result<Vec<Finding>, VerifyError> {
    let store = Store::open_for(&database_url(settings, &settings.data_dir)?, Purpose::Look).await?;
    let found = store.verify().await?;
    let broken = audit(&store).await?;
    store.close().await;
    let detail =
        format!("{} sessions, {} steps, {} micro-dollars charged", found.sessions, found.steps, found.charged.0);
    let mut findings = vec![
        finding("replay", found.differences.len(), &format!("{detail}; the log makes what the tables have")),
        finding("sessions", broken.len(), "each is as the machine leaves one, and its money adds up"),
    ];
    let differences = found.differences.iter().map(ToString::to_string);
    for detail in differences.chain(broken).take(SHOWN_MAX) {
        findings.push(Finding { name: "store".to_owned(), state: State::Missing, detail, remedy: None });
    }
    Ok(findings)
}

fn finding(name: &str, wrong: usize, right: &str) -> Finding {
    let (state, detail) = match wrong {
        0 => (State::Ok, right.to_owned()),
        wrong => (State::Missing, format!("{wrong} things do not fit, or more")),
    };
    Finding { name: name.to_owned(), state, detail, remedy: None }
}

async fn audit(store: &Store) -> Result<Vec<String>, StoreError> {
    let mut broken = Vec::new();
    let mut query = ListQuery { user: None, status: None, limit: ListQuery::LIMIT_MAX, cursor: None };
    loop {
        let page = store.list(query.clone()).await?;
        for row in page.rows {
            let charges = store.session_charges(row.id).await?;
            if let Err(why) = session::audit(&row, &charges) {
                broken.push(format!("session {}: {why}", row.id));
            }
        }
        match page.next_cursor {
            Some(cursor) => query.cursor = Some(cursor),
            None => return Ok(broken),
        }
    }
}
