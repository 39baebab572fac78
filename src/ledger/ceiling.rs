//! What may be spent at most, and the words for who may spend no more.

use serde::{Deserialize, Serialize};

use crate::types::{Category, Failure, MicroUsd, Timestamp};

/// The ceilings, in dollars where people write them: `session_usd = 0.5`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The most that one session may cost, its extensions included.
    #[serde(with = "dollars")]
    pub session_usd: MicroUsd,
    /// The most that one user may spend in a UTC day.
    #[serde(with = "optional_dollars")]
    pub user_day_usd: Option<MicroUsd>,
    /// The most that all users together may spend in a UTC day.
    #[serde(with = "optional_dollars")]
    pub total_day_usd: Option<MicroUsd>,
}

impl Default for Config {
    /// Fifty cents a session, and no ceiling for a day: what a day may cost, only whoever pays can say.
    fn default() -> Self {
        Self { session_usd: MicroUsd(500_000), user_day_usd: None, total_day_usd: None }
    }
}

mod dollars {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use crate::types::MicroUsd;

    /// A ceiling above this is a slip of the keyboard.
    const DOLLARS_MAX: f64 = 1e9;

    pub(super) fn serialize<S: Serializer>(amount: &MicroUsd, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(amount.as_dollars())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<MicroUsd, D::Error> {
        checked(f64::deserialize(deserializer)?)
    }

    pub(super) fn checked<E: Error>(dollars: f64) -> Result<MicroUsd, E> {
        if (0.0..=DOLLARS_MAX).contains(&dollars) {
            Ok(MicroUsd((dollars * 1e6).round() as i64))
        } else {
            Err(E::custom(format!("{dollars} is not an amount of dollars: expected a number from 0 to {DOLLARS_MAX}")))
        }
    }
}

mod optional_dollars {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::types::MicroUsd;

    pub(super) fn serialize<S: Serializer>(amount: &Option<MicroUsd>, serializer: S) -> Result<S::Ok, S::Error> {
        amount.map(MicroUsd::as_dollars).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<MicroUsd>, D::Error> {
        Option::<f64>::deserialize(deserializer)?.map(super::dollars::checked).transpose()
    }
}

/// Which of the ceilings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ceiling {
    Session,
    UserDay,
    TotalDay,
}

/// A reservation that would pass a ceiling. Nothing was reserved.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("{asked} more would pass the {ceiling:?} ceiling of {limit}: {spent} spent, {reserved} reserved")]
pub struct Refused {
    pub ceiling: Ceiling,
    pub limit: MicroUsd,
    /// What was asked for beyond what is reserved already.
    pub asked: MicroUsd,
    pub spent: MicroUsd,
    pub reserved: MicroUsd,
    /// When `spent` begins anew; `None` when it never does.
    pub resets_at: Option<Timestamp>,
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        let Refused { limit, spent, reserved, .. } = refused;
        let anew = refused.resets_at.map_or(String::new(), |time| format!(" until it begins anew at {time}"));
        match refused.ceiling {
            Ceiling::Session => Self::new(
                "session_budget_exceeded",
                Category::Resource,
                format!("a session may cost {limit}, and this one would cost more: ask for less time"),
            ),
            Ceiling::UserDay => Self::new(
                "user_budget_exceeded",
                Category::Resource,
                format!("your budget of {limit} a day is taken ({spent} spent, {reserved} held for open sessions): destroy one, or wait{anew}"),
            )
            .retryable(),
            Ceiling::TotalDay => Self::new(
                "budget_exceeded",
                Category::Resource,
                format!("this service's budget for the day is taken, by what was spent and what open sessions hold: wait{anew}, or until one of them ends"),
            )
            .retryable(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ceilings_are_read_in_dollars() {
        let config: Config = serde_json::from_str(r#"{"session_usd": 0.1, "user_day_usd": 5}"#).unwrap();
        let expected =
            Config { session_usd: MicroUsd(100_000), user_day_usd: Some(MicroUsd(5_000_000)), total_day_usd: None };
        assert_eq!(config, expected);
        assert_eq!(serde_json::from_str::<Config>(&serde_json::to_string(&config).unwrap()).unwrap(), config);
        for bad in [r#"{"session_usd": -1}"#, r#"{"total_day_usd": 1e10}"#, r#"{"day_usd": 1}"#] {
            assert!(serde_json::from_str::<Config>(bad).is_err(), "{bad}");
        }
    }
}
