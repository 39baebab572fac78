//! What an app's words will cost: told before they are asked for, and the most that is set aside for them. Pure.

use serde::{Deserialize, Serialize};

use crate::{generator::claude::Model, types::MicroUsd};

/// Tokens of the instructions that come with every wish.
const INSTRUCTIONS: u64 = 4000;
/// Tokens of an ordinary app, with the thoughts before it.
const ORDINARY: u64 = 8000;
/// Bytes of a prompt to one token.
const BYTES_PER_TOKEN: u64 = 3;
/// Answers as long as the model may write that money is set aside for: one that is cut, and its rest or a repair.
const LONG_ANSWERS: i64 = 2;

/// Money for the answers of one session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Words {
    /// What they will probably cost.
    pub expected: MicroUsd,
    /// What they may cost, which is held back for them.
    pub at_most: MicroUsd,
}

impl Words {
    /// For a wish of so many bytes, by the prices of the model that is asked first.
    #[must_use]
    pub fn of(model: &Model, prompt_bytes: usize) -> Self {
        let prompt = u64::try_from(prompt_bytes).unwrap_or(u64::MAX) / BYTES_PER_TOKEN;
        let read = INSTRUCTIONS.saturating_add(prompt);
        let tier = model.tier(read);
        let reading = tier.input.max(tier.cache_write_5m).of(read);
        let longest = u64::from(model.output_max);
        let at_most = (reading + tier.output.of(longest)).0.saturating_mul(LONG_ANSWERS);
        Self { expected: reading + tier.output.of(ORDINARY.min(longest)), at_most: MicroUsd(at_most) }
    }

    /// As much of it as there is money for.
    #[must_use]
    pub fn within(self, money: MicroUsd) -> Self {
        let money = money.max(MicroUsd::ZERO);
        Self { expected: self.expected.min(money), at_most: self.at_most.min(money) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generator::claude::Catalog;

    #[test]
    fn words_are_priced_by_their_model_and_stay_within_the_money() {
        let catalog = Catalog::default();
        let sonnet = Words::of(catalog.model("claude-sonnet-5-5").unwrap(), 300);
        // 4,100 tokens at $2.50, and 8,000 or 32,000 at $10 for a million.
        assert_eq!(sonnet, Words { expected: MicroUsd(90_250), at_most: MicroUsd(2 * 330_250) });
        let haiku = Words::of(catalog.model("claude-haiku-5-5").unwrap(), 300);
        assert!(haiku.at_most < sonnet.expected, "{haiku:?}");
        assert_eq!(sonnet.within(MicroUsd(50_000)), Words { expected: MicroUsd(50_000), at_most: MicroUsd(50_000) });
        assert_eq!(sonnet.within(MicroUsd(-1)), Words::default());
        assert_eq!(Words::of(&Model::unlisted("llama"), 300), Words::default());
    }
}
