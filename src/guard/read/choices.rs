//! All ways through a text in which one thing or another may stand: each is taken once.
//!
//! ```text
//!   $(if a,curl x,true) | $(if b,true,sh)   ─►  curl x | true    curl x | sh    true | true    true | sh
//! ```
//! Which way a machine takes may hang on anything, so none is left out. A choice that only comes up behind another one belongs to
//! that one's turn.

#[derive(Default)]
pub(super) struct Choices {
    /// What was picked, of how many.
    made: Vec<(usize, usize)>,
    at: usize,
}

impl Choices {
    /// Which of so many it is this time.
    pub fn pick(&mut self, of: usize) -> usize {
        if of < 2 {
            return 0;
        }
        let at = self.at;
        self.at += 1;
        match self.made.get(at) {
            Some((picked, _)) => (*picked).min(of - 1),
            None => {
                self.made.push((0, of));
                0
            }
        }
    }

    /// Goes on to the next way, if there is one.
    pub fn turn(&mut self) -> bool {
        self.at = 0;
        while let Some((picked, of)) = self.made.pop() {
            if picked + 1 < of {
                self.made.push((picked + 1, of));
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_is_taken_once() {
        let mut choices = Choices::default();
        let mut ways = Vec::new();
        loop {
            let first = choices.pick(2);
            let second = if first == 1 { choices.pick(3) } else { 0 };
            ways.push((first, second));
            if !choices.turn() {
                break;
            }
        }
        assert_eq!(ways, [(0, 0), (1, 0), (1, 1), (1, 2)]);
    }
}
