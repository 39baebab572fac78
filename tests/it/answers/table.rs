//! What became of the answers, and of their flaws.

use std::{collections::BTreeMap, fmt};

use super::fixture::Answer;

/// One answer's session.
pub struct Fate {
    pub answer: Answer,
    pub live: bool,
    /// The kinds of flaws that the model was needed for.
    pub by_model: Vec<String>,
    /// Repairs that cost no tokens, in the engine's words.
    pub rules: Vec<String>,
    /// Tokens of repairs.
    pub tokens: u64,
    /// How it ended, where it is not live.
    pub why: String,
}

#[derive(Default)]
struct Row {
    injected: usize,
    free: usize,
    by_model: usize,
}

pub struct Table {
    fates: Vec<Fate>,
    kinds: BTreeMap<String, Row>,
}

impl Table {
    pub fn of(fates: Vec<Fate>) -> Self {
        let mut kinds: BTreeMap<String, Row> = BTreeMap::new();
        for fate in &fates {
            let mut by_model = fate.by_model.clone();
            for flaw in &fate.answer.flaws {
                let row = kinds.entry(flaw.kind.clone()).or_default();
                row.injected += 1;
                let was_the_models = by_model.iter().position(|kind| *kind == flaw.kind).map(|at| by_model.remove(at));
                // Of one that is not live nobody knows which of its flaws were mended.
                match (fate.live, was_the_models) {
                    (true, None) => row.free += 1,
                    (true, Some(_)) => row.by_model += 1,
                    (false, _) => {}
                }
            }
        }
        Self { fates, kinds }
    }

    fn flawed(&self) -> impl Iterator<Item = &Fate> {
        self.fates.iter().filter(|fate| !fate.answer.flaws.is_empty())
    }

    pub fn right_ones_that_were_touched(&self) -> Vec<&str> {
        let right = self.fates.iter().filter(|fate| fate.answer.flaws.is_empty());
        right
            .filter(|fate| !fate.live || !fate.rules.is_empty() || fate.tokens > 0)
            .map(|fate| &*fate.answer.name)
            .collect()
    }

    /// Of the flawed answers, in percent.
    pub fn live(&self) -> f64 {
        percent(self.flawed().filter(|fate| fate.live).count(), self.flawed().count())
    }

    /// Flaws that were mended without a token, in percent of all.
    pub fn free(&self) -> f64 {
        percent(self.kinds.values().map(|row| row.free).sum(), self.kinds.values().map(|row| row.injected).sum())
    }
}

fn percent(part: usize, whole: usize) -> f64 {
    part as f64 * 100.0 / whole.max(1) as f64
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:44} {:>8} {:>8} {:>8} {:>8}", "flaw", "injected", "free", "model", "dead")?;
        let mut sum = Row::default();
        for (kind, row) in &self.kinds {
            let Row { injected, free, by_model } = *row;
            writeln!(f, "{kind:44} {injected:>8} {free:>8} {by_model:>8} {:>8}", injected - free - by_model)?;
            sum = Row { injected: sum.injected + injected, free: sum.free + free, by_model: sum.by_model + by_model };
        }
        let Row { injected, free, by_model } = sum;
        writeln!(f, "{:44} {injected:>8} {free:>8} {by_model:>8} {:>8}", "all", injected - free - by_model)?;
        let (all, live) = (self.flawed().count(), self.flawed().filter(|fate| fate.live).count());
        writeln!(
            f,
            "{live} of {all} flawed answers are live ({:.1} %); {:.1} % of the flaws were mended free",
            self.live(),
            self.free()
        )?;
        for fate in self.fates.iter().filter(|fate| !fate.live) {
            writeln!(f, "dead: {}: {} {:?}", fate.answer.name, fate.why, fate.rules)?;
        }
        Ok(())
    }
}
