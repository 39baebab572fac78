//! What a decision writes to the store: the session, its events and its charges, as rows of one transaction. Pure.

use std::sync::Arc;

use super::{
    actor::Kept,
    effect::{Charge, Effect},
    logs::LogPage,
    state::{Session, Spec},
};
use crate::{
    events::Frame,
    generator::author::Spent,
    sandbox::Used,
    store::{ChargeKind, ChargeRow, Commit, EventRow, Mark, SessionRow},
    types::{Artifact, MicroUsd, SandboxId, Timestamp},
};

/// A decision, and what it is stored with.
pub(super) struct Decided<'a> {
    pub session: &'a Session,
    pub effects: &'a [Effect],
    pub frames: &'a [Frame],
    /// The number of the last event.
    pub seq: i64,
    /// The revision that the store has.
    pub revision: i64,
    /// What is reserved for the whole life.
    pub reserved: MicroUsd,
    /// One that the store does not have yet.
    pub artifact: Option<Arc<Artifact>>,
    /// The last lines, once it is over.
    pub logs: Option<LogPage>,
}

impl Decided<'_> {
    pub(super) fn rows(self, now: Timestamp) -> Commit {
        let Self { session, effects, frames, seq, revision, reserved, artifact, logs } = self;
        let spec = &session.spec;
        let events = frames.iter().map(|frame| EventRow {
            session: spec.id,
            seq: frame.seq,
            at: frame.at,
            kind: frame.kind.to_owned(),
            body: frame.json.to_string(),
        });
        Commit {
            mark: Mark::fresh(),
            at: now,
            session: SessionRow {
                id: spec.id,
                user: spec.user.clone(),
                slug: spec.slug.clone(),
                status: session.status(),
                prompt: spec.prompt.clone(),
                app_type: spec.app_type,
                revision: revision + 1,
                created_at: spec.created_at,
                expires_at: Some(session.expires_at),
                over: session.is_over() && session.releasing.is_empty(),
                state: serde_json::to_string(&Kept { session: session.clone(), seq }).unwrap_or_default(),
                budget: reserved,
                view: serde_json::to_string(&session.view(now)).unwrap_or_default(),
            },
            expected_revision: (revision > 0).then_some(revision),
            events: events.collect(),
            charges: effects.iter().flat_map(|effect| charges(spec, effect, now)).collect(),
            artifact,
            logs: logs.map(|logs| serde_json::to_string(&logs).unwrap_or_default()),
        }
    }
}

/// The rows that an effect adds to the ledger.
pub(super) fn charges(spec: &Spec, effect: &Effect, at: Timestamp) -> Vec<ChargeRow> {
    match effect {
        Effect::Charge(charge) => time_rows(spec, charge, at).to_vec(),
        Effect::Used { sandbox, used } => used_rows(spec, sandbox, *used, at).to_vec(),
        Effect::ChargeAnswers(answers) => {
            answers.iter().flat_map(|(place, spent)| answer_rows(spec, *place, spent, at)).collect()
        }
        Effect::Begin { .. }
        | Effect::Generate { .. }
        | Effect::Acquire { .. }
        | Effect::Stage { .. }
        | Effect::Deploy { .. }
        | Effect::Attach { .. }
        | Effect::Abandon
        | Effect::SetTimeout { .. }
        | Effect::Release { .. }
        | Effect::Alarm { .. }
        | Effect::Publish(_)
        | Effect::HoldLess
        | Effect::Settle
        | Effect::Stop => Vec::new(),
    }
}

/// A sandbox's time.
fn time_rows(spec: &Spec, charge: &Charge, at: Timestamp) -> [ChargeRow; 2] {
    let (vcpus, mib) = (i64::from(charge.size.vcpus), i64::from(charge.size.memory_mib));
    let rows = [
        (ChargeKind::Cpu, charge.cpu, charge.millis * vcpus),
        (ChargeKind::Memory, charge.memory, charge.millis * mib),
    ];
    rows.map(|(kind, amount, quantity)| ChargeRow {
        session: spec.id,
        user: spec.user.clone(),
        kind,
        source: charge.sandbox.to_string(),
        amount,
        quantity,
        at,
    })
}

/// What a sandbox used, in the ledger's rows. It costs nothing: the sandbox was charged for whole.
fn used_rows(spec: &Spec, sandbox: &SandboxId, used: Used, at: Timestamp) -> [ChargeRow; 4] {
    let rows = [
        (ChargeKind::CpuUsed, used.cpu_millis),
        (ChargeKind::MemoryUsed, used.memory_mib_millis),
        (ChargeKind::Stored, used.stored_bytes),
        (ChargeKind::Sent, used.sent_bytes),
    ];
    rows.map(|(kind, quantity)| ChargeRow {
        session: spec.id,
        user: spec.user.clone(),
        kind,
        source: sandbox.to_string(),
        amount: MicroUsd::ZERO,
        quantity,
        at,
    })
}

/// The rows of one answer: its place and model, and the day of the prices, are the charge's source.
fn answer_rows(spec: &Spec, place: usize, spent: &Spent, at: Timestamp) -> impl Iterator<Item = ChargeRow> + use<> {
    let Spent { model, usage, costs, priced } = spent;
    let kinds = [
        (ChargeKind::InputTokens, costs.input, usage.input),
        (ChargeKind::OutputTokens, costs.output, usage.output),
        (ChargeKind::CacheWriteTokens, costs.cache_write, usage.cache_write_5m.saturating_add(usage.cache_write_1h)),
        (ChargeKind::CacheReadTokens, costs.cache_read, usage.cache_read),
    ];
    let (session, user, source) =
        (spec.id, spec.user.clone(), format!("answer {place} of {model}, prices of {priced}"));
    kinds.into_iter().filter(|(_, _, tokens)| *tokens > 0).map(move |(kind, amount, tokens)| ChargeRow {
        session,
        user: user.clone(),
        kind,
        source: source.clone(),
        amount,
        quantity: i64::try_from(tokens).unwrap_or(i64::MAX),
        at,
    })
}
