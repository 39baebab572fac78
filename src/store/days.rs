//! Which UTC day a micro-dollar belongs to.
//!
//! Charges arrive as totals so far, and a session may live across midnight. What a total has grown by since the last
//! telling belongs to the day of the telling, so each day has a row of its own and the rows of a key always add up to
//! the greatest total told.

use std::collections::BTreeMap;

use super::{ChargeKind, ChargeRow};
use crate::types::{MicroUsd, Timestamp};

const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// A UTC day, counted from the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Day(pub(super) i64);

impl Day {
    #[must_use]
    pub const fn of(time: Timestamp) -> Self {
        Self(time.0.div_euclid(DAY_MILLIS))
    }

    /// The first millisecond of the day.
    #[must_use]
    pub const fn start(self) -> Timestamp {
        Timestamp(self.0.saturating_mul(DAY_MILLIS))
    }

    #[must_use]
    pub const fn before(self) -> Self {
        Self(self.0.saturating_sub(1))
    }

    /// The first millisecond after the day.
    #[must_use]
    pub const fn end(self) -> Timestamp {
        Self(self.0.saturating_add(1)).start()
    }
}

/// What one key was charged on one day, or in all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Portion {
    pub amount: MicroUsd,
    pub quantity: i64,
}

/// The row of `day` after `total` was told, or `None` when the rows already hold as much.
///
/// `rows` are all rows of the key, in any order.
pub(super) fn portion_of(rows: &[(Day, Portion)], day: Day, total: Portion) -> Option<Portion> {
    let so_far = sum(rows.iter().map(|(_, portion)| portion));
    if total.amount < so_far.amount || (total.amount == so_far.amount && total.quantity <= so_far.quantity) {
        // An empty total still leaves its row: it says that the thing was used and was free.
        return rows.is_empty().then_some(total);
    }
    let elsewhere = sum(rows.iter().filter(|(other, _)| *other != day).map(|(_, portion)| portion));
    Some(Portion {
        amount: total.amount - elsewhere.amount,
        quantity: total.quantity.saturating_sub(elsewhere.quantity).max(0),
    })
}

/// The rows of one session: what the table of charges has of it, or what its log makes of it.
#[derive(Debug, Default)]
pub(super) struct Tally {
    keys: BTreeMap<(ChargeKind, String), BTreeMap<Day, (Portion, Timestamp)>>,
}

/// One row of a [`Tally`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TallyRow<'a> {
    pub kind: ChargeKind,
    pub source: &'a str,
    pub day: i64,
    pub amount: MicroUsd,
    pub quantity: i64,
    /// Of the telling that made it so.
    pub at: Timestamp,
}

impl Tally {
    /// Takes a row as it is.
    pub(super) fn insert(&mut self, kind: ChargeKind, source: &str, day: i64, portion: Portion, at: Timestamp) {
        self.keys.entry((kind, source.to_owned())).or_default().insert(Day(day), (portion, at));
    }

    /// Takes a total so far. Answers with the row that it makes, or `None` when nothing has grown.
    pub(super) fn tell(&mut self, charge: &ChargeRow) -> Option<(Day, Portion)> {
        let days = self.keys.entry((charge.kind, charge.source.clone())).or_default();
        let rows: Vec<(Day, Portion)> = days.iter().map(|(day, (portion, _))| (*day, *portion)).collect();
        let day = Day::of(charge.at);
        let total = Portion { amount: charge.amount, quantity: charge.quantity };
        let portion = portion_of(&rows, day, total)?;
        days.insert(day, (portion, charge.at));
        Some((day, portion))
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = TallyRow<'_>> {
        self.keys.iter().flat_map(|((kind, source), days)| {
            days.iter().map(|(day, (portion, at))| TallyRow {
                kind: *kind,
                source,
                day: day.0,
                amount: portion.amount,
                quantity: portion.quantity,
                at: *at,
            })
        })
    }
}

fn sum<'a>(portions: impl Iterator<Item = &'a Portion>) -> Portion {
    portions.fold(Portion::default(), |sum, portion| Portion {
        amount: sum.amount + portion.amount,
        quantity: sum.quantity.saturating_add(portion.quantity),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn midnight_belongs_to_the_new_day() {
        let day = Day::of(Timestamp(1_700_000_000_000));
        assert_eq!(Day::of(day.start()), day);
        assert_eq!(Day::of(Timestamp(day.end().0 - 1)), day);
        assert_eq!(Day::of(day.end()), Day(day.0 + 1));
        assert_eq!(Day::of(Timestamp(-1)), Day(-1));
    }

    proptest! {
        #[test]
        fn rows_add_up_to_the_greatest_total(tellings in prop::collection::vec((0_i64..4, 0_i64..1000), 1..40)) {
            let mut rows: Vec<(Day, Portion)> = Vec::new();
            let mut greatest = 0;
            for (day, total) in tellings {
                let day = Day(day);
                let told = Portion { amount: MicroUsd(total), quantity: total * 2 };
                let before = sum(rows.iter().filter(|(other, _)| *other != day).map(|(_, portion)| portion));
                if let Some(portion) = portion_of(&rows, day, told) {
                    rows.retain(|(other, _)| *other != day);
                    rows.push((day, portion));
                }
                greatest = greatest.max(total);
                let elsewhere = sum(rows.iter().filter(|(other, _)| *other != day).map(|(_, portion)| portion));
                prop_assert_eq!(before, elsewhere, "another day is never rewritten");
                let whole = sum(rows.iter().map(|(_, portion)| portion));
                prop_assert_eq!(whole, Portion { amount: MicroUsd(greatest), quantity: greatest * 2 });
                prop_assert!(rows.iter().all(|(_, portion)| portion.amount >= MicroUsd::ZERO));
            }
        }
    }
}
