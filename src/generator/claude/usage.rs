//! Tokens: counted as they are reported, estimated where nobody reports any more, and never more than a call can come to.
//! Pure.

use serde::{Deserialize, Serialize};

use super::prices::Tier;
use crate::types::MicroUsd;

/// Code and prose have more bytes to a token, so a cut answer is counted rather too high than too low.
const BYTES_PER_TOKEN_MIN: u64 = 3;
/// Bytes to a token of an answer that goes on and on, at most: indentation has many, but nothing has more on the whole.
const BYTES_PER_TOKEN_MAX: u64 = 16;
/// Tokens that a server adds to a prompt: its own instructions.
const SERVER_PROMPT_MAX: u64 = 8192;

/// Tokens of one call, or of several, by kind. The kinds do not overlap: `input` excludes what caches were written from
/// and read to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Usage {
    pub input: u64,
    pub output: u64,
    pub cache_write_5m: u64,
    pub cache_write_1h: u64,
    pub cache_read: u64,
    /// The output was cut off, and so is estimated from its bytes; or the server counted more than can be.
    pub estimated: bool,
}

impl Usage {
    /// What it costs at a tier's prices, each kind rounded up to a micro-dollar.
    #[must_use]
    pub fn costs(&self, tier: &Tier) -> Costs {
        Costs {
            input: tier.input.of(self.input),
            output: tier.output.of(self.output),
            cache_write: tier.cache_write_5m.of(self.cache_write_5m) + tier.cache_write_1h.of(self.cache_write_1h),
            cache_read: tier.cache_read.of(self.cache_read),
        }
    }

    /// Tokens that the model read: what decides about the tier.
    #[must_use]
    pub const fn prompt(&self) -> u64 {
        self.input
            .saturating_add(self.cache_write_5m)
            .saturating_add(self.cache_write_1h)
            .saturating_add(self.cache_read)
    }

    #[must_use]
    pub const fn total(&self) -> u64 {
        self.prompt().saturating_add(self.output)
    }

    /// Nothing of it is more than a call can come to.
    fn within(self, allowed: Allowed) -> Self {
        let mut prompt = allowed.prompt;
        let mut take = |tokens: u64| {
            let taken = tokens.min(prompt);
            prompt -= taken;
            taken
        };
        let bounded = Self {
            input: take(self.input),
            cache_write_5m: take(self.cache_write_5m),
            cache_write_1h: take(self.cache_write_1h),
            cache_read: take(self.cache_read),
            output: self.output.min(allowed.output),
            ..self
        };
        Self { estimated: self.estimated || bounded != self, ..bounded }
    }

    /// Both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            input: self.input.saturating_add(other.input),
            output: self.output.saturating_add(other.output),
            cache_write_5m: self.cache_write_5m.saturating_add(other.cache_write_5m),
            cache_write_1h: self.cache_write_1h.saturating_add(other.cache_write_1h),
            cache_read: self.cache_read.saturating_add(other.cache_read),
            estimated: self.estimated || other.estimated,
        }
    }
}

/// What tokens cost, by the kinds that the ledger keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Costs {
    pub input: MicroUsd,
    pub output: MicroUsd,
    pub cache_write: MicroUsd,
    pub cache_read: MicroUsd,
}

impl Costs {
    #[must_use]
    pub fn total(&self) -> MicroUsd {
        self.input + self.output + self.cache_write + self.cache_read
    }
}

/// The `usage` object of an event. Servers leave out what they do not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct UsageReport {
    pub input_tokens: Option<u64>,
    pub output_tokens: Option<u64>,
    pub cache_creation_input_tokens: Option<u64>,
    pub cache_read_input_tokens: Option<u64>,
    pub cache_creation: Option<CacheCreation>,
}

/// Cache writes by how long they last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct CacheCreation {
    pub ephemeral_5m_input_tokens: Option<u64>,
    pub ephemeral_1h_input_tokens: Option<u64>,
}

/// The most that one call can come to. What a server counts beyond it is its mistake, and nobody's debt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowed {
    prompt: u64,
    output: u64,
}

impl Allowed {
    /// For a request of so many bytes that asks for no more than `max_tokens`. No token is less than a byte.
    #[must_use]
    pub fn of(request_bytes: usize, max_tokens: u32) -> Self {
        let bytes = u64::try_from(request_bytes).unwrap_or(u64::MAX);
        Self { prompt: bytes.saturating_add(SERVER_PROMPT_MAX), output: u64::from(max_tokens) }
    }
}

/// Follows one answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meter {
    allowed: Allowed,
    reported: Usage,
    /// Bytes of everything the model has written, thoughts included.
    bytes: u64,
    /// The last report came with the end of the answer.
    complete: bool,
}

impl Meter {
    #[must_use]
    pub fn new(allowed: Allowed) -> Self {
        Self { allowed, reported: Usage::default(), bytes: 0, complete: false }
    }

    /// Reports are cumulative: each number replaces the one before.
    pub fn report(&mut self, report: &UsageReport) {
        let put = |to: &mut u64, value: Option<u64>| *to = value.unwrap_or(*to);
        put(&mut self.reported.input, report.input_tokens);
        put(&mut self.reported.output, report.output_tokens);
        put(&mut self.reported.cache_read, report.cache_read_input_tokens);
        match report.cache_creation {
            Some(split) if split != CacheCreation::default() => {
                put(&mut self.reported.cache_write_5m, split.ephemeral_5m_input_tokens);
                put(&mut self.reported.cache_write_1h, split.ephemeral_1h_input_tokens);
            }
            // Without its parts a write is one of the default kind.
            Some(_) | None => {
                let rest =
                    report.cache_creation_input_tokens.map(|all| all.saturating_sub(self.reported.cache_write_1h));
                put(&mut self.reported.cache_write_5m, rest);
            }
        }
    }

    /// The model wrote so many bytes more.
    ///
    /// # Errors
    /// [`Overrun`] when that is more than all the tokens that it was allowed can hold.
    pub const fn wrote(&mut self, bytes: usize) -> Result<(), Overrun> {
        self.bytes = self.bytes.saturating_add(bytes as u64);
        if self.bytes > self.allowed.output.saturating_mul(BYTES_PER_TOKEN_MAX) {
            return Err(Overrun { max_tokens: self.allowed.output });
        }
        Ok(())
    }

    /// The answer is whole: its last report counts everything.
    pub const fn complete(&mut self) {
        self.complete = true;
    }

    /// What the server has counted: never more than the final word.
    #[must_use]
    pub fn reported(&self) -> Usage {
        self.reported.within(self.allowed)
    }

    /// What the answer has used if nothing more comes.
    #[must_use]
    pub fn usage(&self) -> Usage {
        let estimate = self.bytes.div_ceil(BYTES_PER_TOKEN_MIN);
        // A server that reports no output even at the end would else write for nothing.
        if (self.complete && self.reported.output > 0) || estimate <= self.reported.output {
            return self.reported();
        }
        Usage { output: estimate, estimated: true, ..self.reported }.within(self.allowed)
    }
}

/// The server writes on though the model had no more tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("more text than {max_tokens} tokens can hold, and no more had been asked for")]
pub struct Overrun {
    max_tokens: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generator::claude::Catalog;

    fn report(json: &str) -> UsageReport {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn every_kind_is_counted_once_and_reports_are_cumulative() {
        let mut meter = Meter::new(Allowed::of(2000, 8192));
        meter.report(&report(
            r#"{"input_tokens":12,"output_tokens":1,"cache_creation_input_tokens":700,"cache_read_input_tokens":90,
                "cache_creation":{"ephemeral_5m_input_tokens":400,"ephemeral_1h_input_tokens":300},"service_tier":"x"}"#,
        ));
        meter.report(&report(r#"{"output_tokens":250,"input_tokens":null}"#));
        meter.complete();
        let expected = Usage {
            input: 12,
            output: 250,
            cache_write_5m: 400,
            cache_write_1h: 300,
            cache_read: 90,
            estimated: false,
        };
        assert_eq!(meter.usage(), expected);
        assert_eq!((expected.prompt(), expected.total()), (802, 1052));
        // $4, $20, $5, $8 and $0.20 for a million.
        let opus = Catalog::default().model("claude-opus-5-5").unwrap().tier(802).clone();
        let costs = expected.costs(&opus);
        assert_eq!(costs.total(), MicroUsd(48 + 5000 + 2000 + 2400 + 18));
        assert_eq!((costs.cache_write, costs.cache_read), (MicroUsd(4400), MicroUsd(18)));
    }

    #[test]
    fn a_write_without_parts_is_of_the_default_kind() {
        let mut meter = Meter::new(Allowed::of(2000, 8192));
        meter.report(&report(r#"{"cache_creation_input_tokens":700,"cache_creation":{}}"#));
        assert_eq!(meter.usage(), Usage { cache_write_5m: 700, ..Usage::default() });
    }

    #[test]
    fn a_cut_answer_is_estimated_and_says_so() {
        let mut meter = Meter::new(Allowed::of(2000, 8192));
        meter.report(&report(r#"{"input_tokens":12,"output_tokens":1}"#));
        meter.wrote(100).unwrap();
        assert_eq!(meter.usage(), Usage { input: 12, output: 34, estimated: true, ..Usage::default() });
        meter.report(&report(r#"{"output_tokens":30}"#));
        meter.complete();
        assert_eq!(meter.usage(), Usage { input: 12, output: 30, ..Usage::default() });
    }

    #[test]
    fn a_server_that_counts_more_than_can_be_is_not_believed() {
        let allowed = Allowed::of(1000, 500);
        let mut meter = Meter::new(allowed);
        meter.report(&report(
            r#"{"input_tokens":4611686018427387904,"output_tokens":1,"cache_read_input_tokens":9000000000000000000}"#,
        ));
        let prompt = 1000 + SERVER_PROMPT_MAX;
        assert_eq!(meter.reported(), Usage { input: prompt, output: 1, estimated: true, ..Usage::default() });
        meter.report(&report(r#"{"input_tokens":10,"output_tokens":4611686018427387904}"#));
        meter.complete();
        assert_eq!(meter.usage().output, 500);
        assert_eq!(meter.usage().prompt(), prompt, "what was read from a cache is at most the rest");
    }

    #[test]
    fn who_writes_more_than_was_asked_for_is_cut_off_and_paid_for_what_was() {
        let mut meter = Meter::new(Allowed::of(1000, 500));
        meter.wrote(8000).unwrap();
        assert_eq!(meter.usage(), Usage { output: 500, estimated: true, ..Usage::default() });
        assert_eq!(meter.wrote(1), Err(Overrun { max_tokens: 500 }));
        assert_eq!(meter.usage().output, 500);
    }
}
