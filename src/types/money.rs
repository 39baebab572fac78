//! Money, in whole micro-dollars.

use std::{
    fmt,
    iter::Sum,
    ops::{Add, AddAssign, Sub},
};

use serde::{Deserialize, Serialize};

/// An amount in millionths of a US dollar. Arithmetic saturates: a ledger must never wrap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MicroUsd(pub i64);

impl MicroUsd {
    pub const ZERO: Self = Self(0);

    /// Dollars as JSON shows them. The only place where an amount becomes a float.
    #[must_use]
    pub fn as_dollars(self) -> f64 {
        self.0 as f64 / 1e6
    }
}

impl fmt::Display for MicroUsd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let micros = self.0.unsigned_abs();
        write!(f, "{sign}${}.{:06}", micros / 1_000_000, micros % 1_000_000)
    }
}

impl Add for MicroUsd {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for MicroUsd {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for MicroUsd {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Sum for MicroUsd {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

/// What a sandbox is given, and so what its time costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SandboxSize {
    pub vcpus: u32,
    pub memory_mib: u32,
}

/// Prices of sandbox time, in **pico-dollars** (10⁻¹² USD) so that they stay whole numbers.
///
/// The defaults are E2B's: $0.000014 per vCPU-second and $0.0000045 per GiB-second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rates {
    pub vcpu_second_pico: i64,
    pub gib_second_pico: i64,
}

impl Default for Rates {
    fn default() -> Self {
        Self { vcpu_second_pico: 14_000_000, gib_second_pico: 4_500_000 }
    }
}

impl Rates {
    /// Cost of `millis` of `size`'s processors, rounded up to a micro-dollar.
    #[must_use]
    pub fn cpu(&self, size: SandboxSize, millis: i64) -> MicroUsd {
        let pico_millis = i128::from(self.vcpu_second_pico) * i128::from(size.vcpus) * i128::from(millis.max(0));
        round_up(pico_millis, 1_000_000_000)
    }

    /// Cost of `millis` of `size`'s memory, rounded up to a micro-dollar.
    #[must_use]
    pub fn memory(&self, size: SandboxSize, millis: i64) -> MicroUsd {
        let pico = i128::from(self.gib_second_pico) * i128::from(size.memory_mib) * i128::from(millis.max(0));
        round_up(pico, 1024 * 1_000_000_000)
    }

    /// Cost of `millis` of a sandbox of this size.
    #[must_use]
    pub fn total(&self, size: SandboxSize, millis: i64) -> MicroUsd {
        self.cpu(size, millis) + self.memory(size, millis)
    }

    /// How many whole milliseconds of `size` fit into `budget`; `None` when time is free.
    #[must_use]
    pub fn affordable_millis(&self, size: SandboxSize, budget: MicroUsd) -> Option<i64> {
        let per_milli = i128::from(self.vcpu_second_pico) * i128::from(size.vcpus) * 1024
            + i128::from(self.gib_second_pico) * i128::from(size.memory_mib);
        if per_milli <= 0 {
            return None;
        }
        // Each of the two charges rounds up: two micro-dollars of room keep the ceiling a ceiling.
        let room = i128::from(budget.0.max(0)).saturating_sub(2).max(0);
        Some(i64::try_from(room * 1_024_000_000_000 / per_milli).unwrap_or(i64::MAX))
    }
}

fn round_up(amount: i128, unit: i128) -> MicroUsd {
    MicroUsd(i64::try_from((amount + unit - 1) / unit).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const E2B_DEFAULT: SandboxSize = SandboxSize { vcpus: 2, memory_mib: 512 };

    #[test]
    fn fifteen_minutes_of_the_default_sandbox_cost_what_e2b_says() {
        // 900 s × (2 × $0.000014 + 0.5 × $0.0000045) = $0.027225.
        assert_eq!(Rates::default().total(E2B_DEFAULT, 900_000), MicroUsd(27_225));
    }

    #[test]
    fn amounts_print_as_dollars() {
        assert_eq!(MicroUsd(27_225).to_string(), "$0.027225");
        assert_eq!(MicroUsd(-1).to_string(), "-$0.000001");
    }

    proptest::proptest! {
        #[test]
        fn affordable_time_never_costs_more_than_the_budget(budget in 0..1_000_000_000i64, vcpus in 1..8u32, mib in 64..8192u32) {
            let (rates, size) = (Rates::default(), SandboxSize { vcpus, memory_mib: mib });
            let millis = rates.affordable_millis(size, MicroUsd(budget)).unwrap();
            proptest::prop_assert!(millis == 0 || rates.total(size, millis).0 <= budget);
        }
    }
}
