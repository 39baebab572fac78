//! Which template a prompt means, and how surely.
//!
//! Each word of the prompt speaks for a template at most once, with the heaviest keyword it is part of. What the
//! prompt asks for counts fully, what it is for ("… for my bakery", "… with cards") by [`CLAUSE_TENTHS`]. The sum becomes
//! a percentage that saturates, and is lowered by what stays unexplained.

use super::{
    catalog::{Template, templates},
    words::{Word, same, words},
};
use crate::types::AppType;

/// Below this percentage a template does not fit, and the fallback of the app type serves.
pub(super) const FIT_PERCENT_MIN: u8 = 40;
const CLAUSE_TENTHS: u32 = 6;
const TYPO_TENTHS: u32 = 8;
/// Points, in hundredths, that make certainty.
const CERTAIN: u32 = 1200;
/// How much of the percentage depends on all words being explained, and on those that name the app: a "mortgage
/// calculator" is more than a calculator.
const COVERAGE_PERCENT: u64 = 10;
const HEAD_COVERAGE_PERCENT: u64 = 35;

/// How well a template fits.
#[derive(Clone, Debug)]
pub(super) struct Fit {
    pub template: &'static Template,
    pub percent: u8,
    /// The words that spoke for it, in the prompt's order.
    pub because: Vec<String>,
}

/// All templates of `app_type`, the best first. Never empty for a complete binary.
pub(super) fn fits(prompt: &str, app_type: AppType) -> Vec<Fit> {
    let words = words(prompt);
    let of_type = templates().iter().filter(|template| template.kind.app_type() == app_type);
    let mut fits: Vec<Fit> = of_type.map(|template| fit(&words, template)).collect();
    // A stable sort: the catalog's order decides between equals.
    fits.sort_by_key(|fit| std::cmp::Reverse(fit.percent));
    fits
}

/// What serves when nothing fits.
pub(super) const fn fallback(app_type: AppType) -> &'static str {
    match app_type {
        AppType::Webapp => "landing",
        AppType::Api => "crud",
        AppType::Script => "word_frequency",
    }
}

fn fit(words: &[Word], template: &'static Template) -> Fit {
    let mut best = vec![0u32; words.len()];
    for (keyword, weight) in &template.keywords {
        for at in 0..words.len() {
            let Some(points) = spoken(&words[at..], keyword, *weight) else { continue };
            for slot in &mut best[at..at + keyword.len()] {
                // A phrase shares its weight among its words, so that it counts once.
                let share = points / u32::try_from(keyword.len()).unwrap_or(1);
                *slot = (*slot).max(share);
            }
        }
    }
    let points: u32 = repeated_once(words, &best);
    let told = |head: bool| words.iter().zip(&best).filter(move |(word, _)| word.telling && (word.head || !head));
    let covered = |head: bool| {
        let explained = told(head).filter(|(_, points)| **points > 0).count() as u64;
        100 * explained / (told(head).count() as u64).max(1)
    };
    let because =
        words.iter().zip(&best).filter(|(_, points)| **points > 0).map(|(word, _)| word.text.clone()).collect();
    Fit { template, percent: percent(points, covered(false), covered(true)), because }
}

/// The hundredths of points that `keyword` earns at the beginning of `words`; `None` when it does not stand there.
fn spoken(words: &[Word], keyword: &[String], weight: u32) -> Option<u32> {
    let mut points = weight * 100;
    for (at, stem) in keyword.iter().enumerate() {
        let exact = same(&words.get(at)?.stem, stem)?;
        if !exact {
            points = points * TYPO_TENTHS / 10;
        }
    }
    Some(if words[0].head { points } else { points * CLAUSE_TENTHS / 10 })
}

/// The sum of the points, each different word once: a prompt does not win by saying "list" ten times.
fn repeated_once(words: &[Word], best: &[u32]) -> u32 {
    let mut seen: Vec<(&str, u32)> = Vec::new();
    for (word, points) in words.iter().zip(best) {
        match seen.iter_mut().find(|(stem, _)| *stem == word.stem) {
            Some((_, known)) => *known = (*known).max(*points),
            None => seen.push((&word.stem, *points)),
        }
    }
    seen.iter().map(|(_, points)| points).sum()
}

/// Falls off as a square towards certainty, so that a second word adds less than the first. Coverages are percentages.
fn percent(points: u32, covered: u64, head_covered: u64) -> u8 {
    let missing = u64::from(CERTAIN.saturating_sub(points));
    let certain = u64::from(CERTAIN);
    let strength = 100 - 100 * missing * missing / (certain * certain);
    let sure = 100 - COVERAGE_PERCENT - HEAD_COVERAGE_PERCENT;
    let factor = sure + (COVERAGE_PERCENT * covered + HEAD_COVERAGE_PERCENT * head_covered) / 100;
    u8::try_from(strength * factor / 100).unwrap_or(100)
}
