//! Answers as models write them, flaws included, on their way to a live app: the real engine, real sandboxes, and a model
//! that mends only what no rule can.
//!
//! `tests/answers/{app}/answer.txt` is a right answer; `flaws.txt` beside it tells the wrong ones: `= name` begins one, and each
//! of its flaws is a line with its kind, `- kind` where the engine shall mend it by itself and `~ kind` where the model may be
//! asked, followed by the edits that make it. `ANSWERS=all cargo test --test it answers:: -- --nocapture` runs all of them
//! and prints the table by kind; without `ANSWERS` a few are run. `ANSWERS=name,name` runs those, and
//! `ANSWERS=late-*` those whose names begin so. With `ANSWERS_MODEL=all` the model answers every request for a repair with
//! the right files, as a real one may: what is live then is the figure of the whole ladder, not of its rules.

mod fixture;
mod live;
mod model;
mod table;
