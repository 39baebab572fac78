//! Price lists in TOML, in dollars for a million tokens. Pure.
//!
//! ```toml
//! as_of = "2026-11-01"               # the day on which they were looked up; noted beside every charge
//!
//! [[models]]
//! id = "claude-haiku-5-5"
//! output_max = 32000                 # tokens that one answer may have
//! effort = true                      # whether it takes output_config.effort
//! [[models.tiers]]
//! prompt_max = 100000                # left out: any length
//! input = 0.10
//! output = 0.50
//! cache_write_5m = 0.125
//! cache_write_1h = 0.20
//! cache_read = 0.01
//! ```
//! The list stands in the place of the built-in one. An unknown key is an error: a misspelt price would be free.

use figment::{
    Figment,
    providers::{Format, Toml},
};
use serde::Deserialize;

use super::prices::{Catalog, Model, Price, Tier};

/// Models of one list.
const MODELS_MAX: usize = 64;
/// Tiers of one model.
const TIERS_MAX: usize = 8;
/// Dollars for a million tokens; a hundred times what the dearest model costs.
const DOLLARS_MAX: f64 = 10_000.0;

/// Why a price list cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PriceListError {
    #[error("the price list is not valid: {0}")]
    Malformed(String),
    #[error("as_of: {0:?} is not accepted: expected a day, such as 2026-11-01")]
    Day(String),
    #[error("the price list has {0} models: expected 1 to {MODELS_MAX}")]
    Models(usize),
    #[error("{model}: {what}")]
    Model { model: String, what: String },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    as_of: String,
    models: Vec<FileModel>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileModel {
    id: String,
    #[serde(default = "output_max")]
    output_max: u32,
    #[serde(default)]
    effort: bool,
    tiers: Vec<FileTier>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileTier {
    #[serde(default)]
    prompt_max: Option<u64>,
    input: f64,
    output: f64,
    cache_write_5m: f64,
    cache_write_1h: f64,
    cache_read: f64,
}

const fn output_max() -> u32 {
    32_000
}

impl Catalog {
    /// Reads a price list's text.
    ///
    /// # Errors
    /// What is wrong with it, and what would do.
    pub fn from_toml(text: &str) -> Result<Self, PriceListError> {
        let file: File = Figment::from(Toml::string(text))
            .extract()
            .map_err(|error| PriceListError::Malformed(error.to_string().trim().to_owned()))?;
        if !is_day(&file.as_of) {
            return Err(PriceListError::Day(file.as_of));
        }
        if file.models.is_empty() || file.models.len() > MODELS_MAX {
            return Err(PriceListError::Models(file.models.len()));
        }
        let models = file.models.into_iter().map(model).collect::<Result<_, _>>()?;
        Ok(Self { as_of: file.as_of, models })
    }
}

fn model(given: FileModel) -> Result<Model, PriceListError> {
    let FileModel { id, output_max, effort, tiers } = given;
    let wrong = |what: String| PriceListError::Model { model: id.clone(), what };
    if tiers.is_empty() || tiers.len() > TIERS_MAX {
        return Err(wrong(format!("{} tiers: expected 1 to {TIERS_MAX}", tiers.len())));
    }
    if output_max == 0 {
        return Err(wrong("output_max: 0 is not accepted: expected a number of tokens".to_owned()));
    }
    let bounds: Vec<u64> = tiers.iter().map(|tier| tier.prompt_max.unwrap_or(u64::MAX)).collect();
    if !bounds.is_sorted_by(|one, next| one < next) {
        return Err(wrong("prompt_max: expected the tiers with the shortest prompts first".to_owned()));
    }
    let tiers = tiers.iter().map(|given| tier(given).map_err(wrong)).collect::<Result<_, _>>()?;
    Ok(Model { id, output_max, effort, tiers })
}

fn tier(given: &FileTier) -> Result<Tier, String> {
    let price = |name: &str, dollars: f64| {
        if (0.0..=DOLLARS_MAX).contains(&dollars) {
            // In bounds, so nothing is cut off.
            Ok(Price((dollars * 1e6).round() as i64))
        } else {
            Err(format!("{name}: {dollars} is not accepted: expected dollars for a million tokens, 0 to {DOLLARS_MAX}"))
        }
    };
    Ok(Tier {
        prompt_max: given.prompt_max,
        input: price("input", given.input)?,
        output: price("output", given.output)?,
        cache_write_5m: price("cache_write_5m", given.cache_write_5m)?,
        cache_write_1h: price("cache_write_1h", given.cache_write_1h)?,
        cache_read: price("cache_read", given.cache_read)?,
    })
}

/// `YYYY-MM-DD`, as far as its form goes.
fn is_day(text: &str) -> bool {
    let form = |(at, byte): (usize, u8)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() };
    text.len() == 10 && text.bytes().enumerate().all(form)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIER: &str = "input = 0.1\noutput = 0.5\ncache_write_5m = 0.125\ncache_write_1h = 0.2\ncache_read = 0.01\n";

    fn list(head: &str, tiers: &str) -> Result<Catalog, PriceListError> {
        Catalog::from_toml(&format!("as_of = \"2026-11-20\"\n[[models]]\nid = \"m\"\n{head}\n{tiers}"))
    }

    #[test]
    fn a_list_is_read_in_dollars() {
        let tiers = format!("[[models.tiers]]\nprompt_max = 100000\n{TIER}[[models.tiers]]\n{TIER}");
        let catalog = list("effort = true", &tiers).unwrap();
        let model = catalog.model("m").unwrap();
        assert_eq!((catalog.as_of.as_str(), model.output_max, model.effort), ("2026-11-20", 32_000, true));
        assert_eq!((model.tiers[0].prompt_max, model.tiers[1].prompt_max), (Some(100_000), None));
        assert_eq!((model.tiers[0].cache_write_5m, model.tiers[1].output), (Price(125_000), Price(500_000)));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let one = format!("[[models.tiers]]\n{TIER}");
        for (head, tiers, words) in [
            ("", one.replace("0.1\n", "-1\n"), "m: input: -1 is not accepted"),
            ("", one.replace("output = 0.5\n", ""), "output"),
            ("colour = 1", one.clone(), "colour"),
            ("output_max = 0", one.clone(), "output_max"),
            ("", format!("{one}[[models.tiers]]\nprompt_max = 5\n{TIER}"), "shortest prompts first"),
            ("tiers = []", String::new(), "0 tiers"),
        ] {
            let error = list(head, &tiers).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
        let day = Catalog::from_toml("as_of = \"today\"\nmodels = []").unwrap_err();
        assert_eq!(day, PriceListError::Day("today".to_owned()));
        assert_eq!(Catalog::from_toml("as_of = \"2026-11-20\"\nmodels = []"), Err(PriceListError::Models(0)));
    }
}
