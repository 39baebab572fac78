//! How much one request may write, so that the session's money holds. Pure.

use crate::{
    generator::claude::{Effort, MessagesRequest, Model, OutputConfig, Tier},
    types::MicroUsd,
};

/// Tokens of output under which no app comes out: asking would be money for nothing.
pub const OUTPUT_MIN: u32 = 2048;
/// From so many on there is room to think before writing.
const MEDIUM_FROM: u32 = 16_000;
/// A prompt is counted rather too long than too short: this is what dense text has.
const BYTES_PER_TOKEN_MIN: usize = 2;

/// The bounds of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spend {
    pub max_tokens: u32,
    pub effort: Effort,
    /// What it costs at most.
    pub at_most: MicroUsd,
}

/// The money does not reach for an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{left} are left, and an answer may cost {needed}")]
pub struct TooLittle {
    pub left: MicroUsd,
    pub needed: MicroUsd,
}

impl Spend {
    /// Sets the bounds.
    #[must_use]
    pub fn applied(self, mut request: MessagesRequest, model: &Model) -> MessagesRequest {
        request.max_tokens = self.max_tokens;
        request.output_config = model.effort.then_some(OutputConfig { effort: self.effort });
        request
    }
}

/// What a request of so many bytes may write for `left`. A prompt that is not cached yet costs most, so it is taken for one.
///
/// # Errors
/// [`TooLittle`] when it would be less than [`OUTPUT_MIN`].
pub fn spend(left: MicroUsd, model: &Model, prompt_bytes: usize) -> Result<Spend, TooLittle> {
    let prompt = u64::try_from(prompt_bytes.div_ceil(BYTES_PER_TOKEN_MIN)).unwrap_or(u64::MAX);
    let tier = model.tier(prompt);
    let reading = prompt_cost(tier, prompt);
    let affordable = tier.output.buys(left - reading).unwrap_or(u64::MAX);
    let max_tokens = u32::try_from(affordable).unwrap_or(u32::MAX).min(model.output_max);
    if max_tokens < OUTPUT_MIN.min(model.output_max) {
        return Err(TooLittle { left, needed: reading + tier.output.of(u64::from(OUTPUT_MIN)) });
    }
    let effort = if max_tokens >= MEDIUM_FROM { Effort::Medium } else { Effort::Low };
    Ok(Spend { max_tokens, effort, at_most: reading + tier.output.of(u64::from(max_tokens)) })
}

fn prompt_cost(tier: &Tier, prompt: u64) -> MicroUsd {
    tier.input.max(tier.cache_write_5m).of(prompt)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::generator::claude::Catalog;

    #[test]
    fn the_money_decides_about_length_and_effort() {
        let catalog = Catalog::default();
        let sonnet = catalog.model("claude-sonnet-5-5").unwrap();
        // 5,000 tokens of prompt at $2.50 leave 87,500 micro-dollars of a tenth of a dollar, at $10.
        let tight = spend(MicroUsd(100_000), sonnet, 10_000).unwrap();
        assert_eq!((tight.max_tokens, tight.effort), (8750, Effort::Low));
        let rich = spend(MicroUsd(10_000_000), sonnet, 10_000).unwrap();
        assert_eq!((rich.max_tokens, rich.effort), (sonnet.output_max, Effort::Medium));
        let poor = spend(MicroUsd(20_000), sonnet, 10_000).unwrap_err();
        assert_eq!(poor.needed, MicroUsd(12_500 + 20_480));
        let free = spend(MicroUsd(1), &Model::unlisted("llama"), 10_000).unwrap();
        assert_eq!((free.max_tokens, free.at_most), (8192, MicroUsd::ZERO));
    }

    proptest! {
        #[test]
        fn no_request_may_cost_more_than_is_left(left in 0..2_000_000i64, bytes in 0..2_000_000usize, which in 0..3usize) {
            let model = &Catalog::default().models[which];
            match spend(MicroUsd(left), model, bytes) {
                Ok(spend) => {
                    prop_assert!(spend.at_most <= MicroUsd(left));
                    prop_assert!(spend.max_tokens >= OUTPUT_MIN && spend.max_tokens <= model.output_max);
                }
                Err(little) => prop_assert!(little.needed > MicroUsd(left)),
            }
        }
    }
}
