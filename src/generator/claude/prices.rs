//! What models cost, and can do: a dated list that is configuration, not knowledge. Pure.

use serde::{Deserialize, Serialize};

use crate::types::MicroUsd;

/// A price of tokens: micro-dollars for a million of them, which is pico-dollars for one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Price(pub i64);

impl Price {
    /// What `tokens` cost, rounded up to a micro-dollar.
    #[must_use]
    pub fn of(self, tokens: u64) -> MicroUsd {
        let pico = i128::from(tokens) * i128::from(self.0.max(0));
        MicroUsd(i64::try_from((pico + 999_999) / 1_000_000).unwrap_or(i64::MAX))
    }

    /// How many whole tokens `money` buys; `None` when they are free.
    #[must_use]
    pub fn buys(self, money: MicroUsd) -> Option<u64> {
        let pico = i128::from(money.0.max(0)) * 1_000_000;
        (self.0 > 0).then(|| u64::try_from(pico / i128::from(self.0)).unwrap_or(u64::MAX))
    }
}

/// Prices for prompts up to a length.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// Of prompts up to so many tokens; `None` is any length.
    #[serde(default)]
    pub prompt_max: Option<u64>,
    pub input: Price,
    pub output: Price,
    pub cache_write_5m: Price,
    pub cache_write_1h: Price,
    pub cache_read: Price,
}

/// One model as the engine knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    pub id: String,
    /// Tokens that one answer may have.
    pub output_max: u32,
    /// Whether it takes `output_config.effort`.
    pub effort: bool,
    /// By length of the prompt, the shortest first; never empty.
    pub tiers: Vec<Tier>,
}

impl Model {
    /// A model that nothing is known of, as on a server of one's own: free, and spoken to in the plainest way.
    #[must_use]
    pub fn unlisted(id: &str) -> Self {
        Self { id: id.to_owned(), output_max: 8192, effort: false, tiers: Vec::new() }
    }

    /// The prices for a prompt of so many tokens.
    #[must_use]
    pub fn tier(&self, prompt: u64) -> &Tier {
        const FREE: &Tier = &Tier {
            prompt_max: None,
            input: Price(0),
            output: Price(0),
            cache_write_5m: Price(0),
            cache_write_1h: Price(0),
            cache_read: Price(0),
        };
        let fits = |tier: &&Tier| tier.prompt_max.is_none_or(|max| prompt <= max);
        self.tiers.iter().find(fits).or(self.tiers.last()).unwrap_or(FREE)
    }
}

/// The list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalog {
    /// The day on which the prices were looked up, as `YYYY-MM-DD`; noted beside every charge.
    pub as_of: String,
    pub models: Vec<Model>,
}

impl Catalog {
    /// A model by its id, or by that id with a date behind it: `claude-x-5` also knows `claude-x-5-20261001`.
    #[must_use]
    pub fn model(&self, id: &str) -> Option<&Model> {
        let dated = |model: &&Model| {
            let date = id.strip_prefix(model.id.as_str()).and_then(|rest| rest.strip_prefix('-'));
            date.is_some_and(|date| date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit()))
        };
        self.models.iter().find(|model| model.id == id).or_else(|| self.models.iter().find(dated))
    }
}

impl Default for Catalog {
    /// Anthropic's public prices.
    fn default() -> Self {
        let tier = |prompt_max, [input, output, cache_write_5m, cache_write_1h, cache_read]: [i64; 5]| Tier {
            prompt_max,
            input: Price(input),
            output: Price(output),
            cache_write_5m: Price(cache_write_5m),
            cache_write_1h: Price(cache_write_1h),
            cache_read: Price(cache_read),
        };
        let model = |id: &str, tiers| Model { id: id.to_owned(), output_max: 32_000, effort: true, tiers };
        Self {
            as_of: "2026-11-01".to_owned(),
            models: vec![
                model("claude-opus-5-5", vec![tier(None, [4_000_000, 20_000_000, 5_000_000, 8_000_000, 200_000])]),
                model("claude-sonnet-5-5", vec![tier(None, [2_000_000, 10_000_000, 2_500_000, 4_000_000, 100_000])]),
                model(
                    "claude-haiku-5-5",
                    vec![
                        tier(Some(100_000), [100_000, 500_000, 125_000, 200_000, 10_000]),
                        tier(None, [500_000, 2_500_000, 625_000, 1_000_000, 50_000]),
                    ],
                ),
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn models_are_found_with_and_without_their_date() {
        let catalog = Catalog::default();
        for id in ["claude-sonnet-5-5", "claude-sonnet-5-5-20261001"] {
            assert_eq!(catalog.model(id).map(|model| model.id.as_str()), Some("claude-sonnet-5-5"));
        }
        for unknown in ["claude-sonnet-5-5-latest", "claude-sonnet-5-50", "claude-sonnet", "llama"] {
            assert_eq!(catalog.model(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn a_long_prompt_falls_into_the_dearer_tier() {
        let catalog = Catalog::default();
        let haiku = catalog.model("claude-haiku-5-5").unwrap();
        assert_eq!((haiku.tier(100_000).input, haiku.tier(100_001).input), (Price(100_000), Price(500_000)));
        assert_eq!(Model::unlisted("llama").tier(7), &Tier::default());
    }

    #[test]
    fn every_price_of_the_list_is_there() {
        for tier in Catalog::default().models.iter().flat_map(|model| &model.tiers) {
            let prices = [tier.input, tier.output, tier.cache_write_5m, tier.cache_write_1h, tier.cache_read];
            assert!(prices.iter().all(|price| price.0 > 0), "{tier:?}");
            assert!(tier.cache_read < tier.input && tier.input < tier.cache_write_5m, "{tier:?}");
        }
    }

    proptest! {
        #[test]
        fn what_money_buys_never_costs_more(money in 0..1_000_000_000i64, price in 1..100_000_000i64) {
            let tokens = Price(price).buys(MicroUsd(money)).unwrap();
            prop_assert!(Price(price).of(tokens) <= MicroUsd(money));
            prop_assert!(Price(price).of(tokens + 1) > MicroUsd(money));
        }
    }
}
