use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::store::ChargeKind;

const NOON: Timestamp = Timestamp(1_700_000_000_000);
const DAY_MILLIS: i64 = 86_400_000;
const CONFIG: Config =
    Config { session_usd: MicroUsd(500), user_day_usd: Some(MicroUsd(1000)), total_day_usd: Some(MicroUsd(1500)) };

fn session(number: u8) -> SessionId {
    SessionId::from_uuid(uuid::Uuid::from_u128(number.into()))
}

fn user(number: u8) -> UserId {
    format!("user{number}").parse().unwrap()
}

fn row(session_number: u8, source: u8, amount: i64, at: Timestamp) -> ChargeRow {
    ChargeRow {
        session: session(session_number),
        user: user(session_number % 2),
        kind: ChargeKind::Cpu,
        source: source.to_string(),
        amount: MicroUsd(amount),
        quantity: 0,
        at,
    }
}

#[test]
fn what_cannot_be_spent_any_more_is_free_for_others() {
    let mut book = Book::new(CONFIG, NOON);
    for number in [0, 2] {
        book.reserve(session(number), &user(0), MicroUsd(500), NOON).unwrap();
    }
    book.charge(&row(0, 1, 100, NOON), NOON);
    assert!(book.reserve(session(4), &user(0), MicroUsd(300), NOON).is_err());
    book.hold_less(session(0), MicroUsd(150), NOON);
    assert_eq!(book.user(&user(0)), Sums { spent: MicroUsd(100), reserved: MicroUsd(550) });
    book.reserve(session(4), &user(0), MicroUsd(300), NOON).unwrap();
    // More than is held changes nothing, and so does a session that nobody knows.
    book.hold_less(session(0), MicroUsd(400), NOON);
    book.hold_less(session(9), MicroUsd(0), NOON);
    assert_eq!(book.user(&user(0)), Sums { spent: MicroUsd(100), reserved: MicroUsd(850) });
}

#[test]
fn a_ledger_that_was_loaded_before_an_extension_was_stored_learns_of_it() {
    let mut book = Book::new(CONFIG, NOON);
    book.hold(session(0), &user(0), MicroUsd(100), NOON);
    book.hold(session(0), &user(0), MicroUsd(250), NOON);
    assert_eq!(book.user(&user(0)), Sums { spent: MicroUsd(0), reserved: MicroUsd(250) });
    book.hold(session(0), &user(0), MicroUsd(90), NOON);
    assert_eq!(book.standing(session(0)), Some(Standing::Within { left: MicroUsd(250) }));
}

#[test]
fn what_an_ended_session_was_charged_is_not_counted_again_by_the_next_ledger() {
    let charge = row(0, 1, 70, NOON);
    let spending = Spending {
        open: Vec::new(),
        charges: vec![charge.clone()],
        spent: vec![(user(0), Day::of(NOON), MicroUsd(70))],
    };
    let mut book = Book::replay(CONFIG, spending, NOON);
    book.charge(&charge, NOON);
    assert_eq!((book.user(&user(0)).spent, book.stats().open), (MicroUsd(70), 0));
}

#[test]
fn each_ceiling_refuses_in_its_own_words() {
    let mut book = Book::new(CONFIG, NOON);
    let refused = book.reserve(session(0), &user(0), MicroUsd(501), NOON).unwrap_err();
    assert_eq!((refused.ceiling, refused.resets_at), (Ceiling::Session, None));
    for number in [0, 2] {
        book.reserve(session(number), &user(0), MicroUsd(500), NOON).unwrap();
    }
    let refused = book.reserve(session(4), &user(0), MicroUsd(1), NOON).unwrap_err();
    let midnight = Some(Day::of(NOON).end());
    let expected = Refused {
        ceiling: Ceiling::UserDay,
        limit: MicroUsd(1000),
        asked: MicroUsd(1),
        spent: MicroUsd(0),
        reserved: MicroUsd(1000),
        resets_at: midnight,
    };
    assert_eq!(refused, expected);
    book.reserve(session(1), &user(1), MicroUsd(500), NOON).unwrap();
    let refused = book.reserve(session(3), &user(1), MicroUsd(1), NOON).unwrap_err();
    assert_eq!((refused.ceiling, refused.resets_at), (Ceiling::TotalDay, midnight));
    assert_eq!(book.stats().open, 3);
}

#[test]
fn a_session_is_extended_by_the_difference_and_told_when_it_is_exhausted() {
    let mut book = Book::new(CONFIG, NOON);
    book.reserve(session(0), &user(0), MicroUsd(100), NOON).unwrap();
    assert_eq!(book.charge(&row(0, 0, 60, NOON), NOON), Some(Standing::Within { left: MicroUsd(40) }));
    book.reserve(session(0), &user(0), MicroUsd(150), NOON).unwrap();
    assert_eq!(book.user(&user(0)), Sums { spent: MicroUsd(60), reserved: MicroUsd(90) });
    assert_eq!(book.charge(&row(0, 1, 100, NOON), NOON), Some(Standing::Exhausted { over: MicroUsd(10) }));
    assert_eq!(book.standing(session(0)), Some(Standing::Exhausted { over: MicroUsd(10) }));
    assert_eq!(book.user(&user(0)), Sums { spent: MicroUsd(160), reserved: MicroUsd(0) });
}

#[test]
fn at_midnight_nothing_is_spent_yet_and_what_is_held_stays_held() {
    let mut book = Book::new(CONFIG, NOON);
    let tomorrow = Timestamp(NOON.0 + DAY_MILLIS);
    book.reserve(session(0), &user(0), MicroUsd(500), NOON).unwrap();
    book.charge(&row(0, 0, 200, NOON), NOON);
    book.reserve(session(2), &user(0), MicroUsd(500), NOON).unwrap();
    book.settle(session(2), NOON);
    assert!(book.reserve(session(4), &user(0), MicroUsd(500), tomorrow).is_ok());
    assert_eq!(book.stats().today, Sums { spent: MicroUsd(0), reserved: MicroUsd(800) });
    // Measured yesterday, told today.
    book.charge(&row(0, 0, 250, NOON), tomorrow);
    assert_eq!(book.stats().today, Sums { spent: MicroUsd(0), reserved: MicroUsd(750) });
    book.charge(&row(0, 0, 300, tomorrow), tomorrow);
    assert_eq!(book.stats().today, Sums { spent: MicroUsd(50), reserved: MicroUsd(700) });
    // The clock is set back, and right again: no ceiling can be had twice.
    book.charge(&row(0, 0, 310, NOON), NOON);
    assert_eq!(book.stats().today, Sums { spent: MicroUsd(260), reserved: MicroUsd(690) });
    book.charge(&row(0, 0, 310, tomorrow), tomorrow);
    assert_eq!(book.stats().today, Sums { spent: MicroUsd(50), reserved: MicroUsd(690) });
}

#[test]
fn the_days_around_midnight_are_remembered_and_no_more() {
    let mut book = Book::new(CONFIG, NOON);
    for number in 0..5 {
        let day = Timestamp(NOON.0 + i64::from(number) * DAY_MILLIS);
        book.charge(&row(number, 0, 10, day), day);
    }
    let (today, yesterday) = (Timestamp(NOON.0 + 4 * DAY_MILLIS), Timestamp(NOON.0 + 3 * DAY_MILLIS));
    assert_eq!(book.stats().users, 1);
    for (now, spent) in [(yesterday, 10), (today, 10), (NOON, 0)] {
        book.hold_less(session(9), MicroUsd::ZERO, now);
        assert_eq!(book.stats().today.spent, MicroUsd(spent));
    }
}

#[test]
fn settled_accounts_are_bounded() {
    let mut book = Book::new(Config::default(), NOON);
    for _ in 0..Spending::SETTLED_MAX + 10 {
        let id = SessionId::generate();
        book.reserve(id, &user(0), MicroUsd(1), NOON).unwrap();
        book.settle(id, NOON);
        book.settle(id, NOON);
    }
    assert_eq!((book.accounts.len(), book.stats().open), (Spending::SETTLED_MAX, 0));
}

#[test]
fn of_the_accounts_that_were_read_back_the_oldest_is_forgotten_first() {
    let latest_first = (0..=254).rev().map(|number| row(number, 0, 10, Timestamp(NOON.0 + i64::from(number))));
    // One of them was charged before all others, too: what counts is when it was last.
    let early = row(100, 1, 10, Timestamp(NOON.0 - 1));
    let charges = [early, row(255, 0, 10, NOON)].into_iter().chain(latest_first).collect();
    let mut book = Book::replay(Config::default(), Spending { charges, ..Spending::default() }, NOON);
    assert_eq!(book.settled.len(), Spending::SETTLED_MAX);
    for number in [255, 0] {
        book.charge(&ChargeRow { session: SessionId::generate(), ..row(1, 0, 0, NOON) }, NOON);
        assert!(!book.accounts.contains_key(&session(number)));
    }
    assert!((1..=254).all(|number| book.accounts.contains_key(&session(number))));
}

#[derive(Clone, Debug)]
enum Step {
    Reserve {
        session: u8,
        amount: i64,
    },
    Charge {
        session: u8,
        source: u8,
        amount: i64,
    },
    Settle {
        session: u8,
    },
    /// Less than nothing: the clock is set back.
    Sleep {
        millis: i64,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..6_u8, 0..600_i64).prop_map(|(session, amount)| Step::Reserve { session, amount }),
        6 => (0..6_u8, 0..3_u8, 0..250_i64)
            .prop_map(|(session, source, amount)| Step::Charge { session, source, amount }),
        2 => (0..6_u8).prop_map(|session| Step::Settle { session }),
        1 => (-DAY_MILLIS / 2..DAY_MILLIS).prop_map(|millis| Step::Sleep { millis }),
    ];
    prop::collection::vec(step, 1..80)
}

/// Every row ever told, and everything computed from scratch each time.
#[derive(Default)]
struct Naive {
    budgets: BTreeMap<u8, i64>,
    /// By session and source, the totals; by session and day, what the totals grew by.
    totals: BTreeMap<(u8, u8), i64>,
    grown: BTreeMap<(u8, Day), i64>,
}

impl Naive {
    fn charged(&self, session: u8) -> i64 {
        self.totals.iter().filter(|((of, _), _)| *of == session).map(|(_, total)| total).sum()
    }

    fn sums(&self, of: impl Fn(u8) -> bool, today: Day) -> Sums {
        let held =
            |(number, budget): (&u8, &i64)| if of(*number) { (budget - self.charged(*number)).max(0) } else { 0 };
        let spent = self.grown.iter().filter(|((number, day), _)| of(*number) && *day == today).map(|(_, grown)| grown);
        Sums { spent: MicroUsd(spent.sum()), reserved: MicroUsd(self.budgets.iter().map(held).sum()) }
    }

    fn spending(&self, from: Timestamp) -> Spending {
        let open = self.budgets.iter();
        let spent = self.grown.iter().filter(|((_, day), _)| day.start() >= from);
        Spending {
            open: open.map(|(of, budget)| (session(*of), user(of % 2), MicroUsd(*budget))).collect(),
            charges: self.totals.iter().map(|((of, source), total)| row(*of, *source, *total, NOON)).collect(),
            spent: spent.map(|((of, day), grown)| (user(of % 2), *day, MicroUsd(*grown))).collect(),
        }
    }
}

proptest! {
    #[test]
    fn the_sums_are_those_of_a_naive_model_and_pass_no_ceiling(steps in steps()) {
        let (mut book, mut naive) = (Book::new(CONFIG, NOON), Naive::default());
            let (mut now, mut latest) = (NOON, Day::of(NOON));
        // What sessions cost beyond their budgets: no ceiling can hold what was not asked for.
        let mut overrun = 0;
        for step in steps {
            match step {
                Step::Sleep { millis } => {
                    latest = latest.max(Day::of(now));
                    now = Timestamp(now.0 + millis).max(latest.before().start());
                }
                Step::Settle { session: of } => {
                    book.settle(session(of), now);
                    naive.budgets.remove(&of);
                }
                Step::Reserve { session: of, amount } => {
                    // A session that was settled never comes back; its late charges do.
                    let may_come = naive.budgets.contains_key(&of) || naive.charged(of) == 0;
                    if may_come && book.reserve(session(of), &user(of % 2), MicroUsd(amount), now).is_ok() {
                        let budget = naive.budgets.entry(of).or_default();
                        *budget = amount.max(*budget);
                    }
                }
                Step::Charge { session: of, source, amount } => {
                    let total = naive.totals.entry((of, source)).or_default();
                    let growth = (amount - *total).max(0);
                    *total += growth;
                    *naive.grown.entry((of, Day::of(now))).or_default() += growth;
                    let budget = naive.budgets.get(&of).copied().unwrap_or(0);
                    let before = naive.charged(of) - growth;
                    overrun += (naive.charged(of) - budget).max(0) - (before - budget).max(0);
                    let told = row(of, source, amount, now);
                    let standing = book.charge(&told, now);
                    prop_assert_eq!(standing, book.charge(&told, now), "told twice");
                }
            }
            let _ = book.reserve(session(9), &user(0), MicroUsd(1_000_000), now).unwrap_err();
            let today = Day::of(now);
            for number in [0, 1] {
                let sums = book.user(&user(number));
                prop_assert_eq!(sums, naive.sums(|of| of % 2 == number, today));
                prop_assert!((sums.spent + sums.reserved).0 <= 1000 + overrun);
            }
            let total = book.stats().today;
            prop_assert_eq!(total, naive.sums(|_| true, today));
            prop_assert!((total.spent + total.reserved).0 <= 1500 + overrun);
            let again = Book::replay(CONFIG, naive.spending(Book::remembers_from(now)), now);
            prop_assert_eq!(again.stats(), book.stats());
            for number in [0, 1] {
                prop_assert_eq!(again.user(&user(number)), book.user(&user(number)));
            }
            for of in naive.budgets.keys() {
                prop_assert_eq!(again.standing(session(*of)), book.standing(session(*of)));
            }
        }
    }
}
