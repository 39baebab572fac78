//! With real panics in real actors.

use std::{cell::Cell, convert::Infallible, rc::Rc};

use actix::prelude::*;

use super::{Condition, Kept, Life, Post, Tree, Unanswered, keep};

struct Adder {
    sum: u64,
    life: Life<Self>,
}

impl Actor for Adder {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.life.begin(ctx.address());
    }
}

#[derive(Clone, Message)]
#[rtype(result = "u64")]
struct Add(u64);

impl Handler<Add> for Adder {
    type Result = u64;

    fn handle(&mut self, Add(number): Add, _: &mut Self::Context) -> u64 {
        self.life.handling("Add");
        assert!(number != 13, "thirteen");
        self.sum += number;
        self.sum
    }
}

async fn adder(tree: &Tree) -> Kept<Adder> {
    keep(tree, "adder", |life| async { Ok::<_, Infallible>(Adder { sum: 0, life }) }).await.unwrap()
}

#[actix::test]
async fn who_asks_waits_for_the_next_holder() {
    super::hear_panics();
    let tree = Tree::default();
    let kept = adder(&tree).await;
    assert_eq!(kept.post.ask(Add(1)).await, Ok(1));
    assert_eq!(kept.post.ask(Add(13)).await, Err(Unanswered));
    assert_eq!(kept.post.ask(Add(2)).await, Ok(2), "another one, that knows nothing of the first");
    let [view] = tree.views().try_into().unwrap();
    assert_eq!((view.restarts, view.panics, view.mailbox, view.condition), (1, 1, 0, Condition::Running));
    let reason = view.last_exit.unwrap();
    assert!(reason.contains("handling Add") && reason.contains("thirteen"), "{reason}");
}

#[actix::test]
async fn what_is_told_to_a_vacant_post_is_told_to_the_next_holder() {
    let tree = Tree::default();
    let kept = adder(&tree).await;
    assert_eq!(kept.post.ask(Add(13)).await, Err(Unanswered));
    assert!(!kept.post.is_held());
    for number in 1..=3 {
        kept.post.tell(Add(number));
    }
    assert_eq!(kept.post.mailbox(), 3);
    assert_eq!(kept.post.ask(Add(0)).await, Ok(6));
    assert_eq!(kept.post.mailbox(), 0);
}

#[actix::test]
async fn a_question_that_kills_everybody_is_not_asked_for_ever() {
    let tree = Tree::default();
    let kept = adder(&tree).await;
    assert_eq!(kept.post.ask_again(Add(13)).await, Err(Unanswered));
    assert_eq!(tree.views()[0].panics, 3);
}

#[actix::test]
async fn one_that_cannot_be_made_is_tried_again() {
    let (tree, made) = (Tree::default(), Rc::new(Cell::new(0)));
    let count = Rc::clone(&made);
    let make = move |life| {
        let number = count.replace(count.get() + 1);
        async move {
            match number {
                1 => Err("no disk"),
                2 => panic!("no reason"),
                _ => Ok(Adder { sum: number, life }),
            }
        }
    };
    let kept = keep(&tree, "adder", make).await.unwrap();
    assert_eq!(kept.post.ask(Add(13)).await, Err(Unanswered));
    assert_eq!(kept.post.ask(Add(0)).await, Ok(3));
    assert_eq!(made.get(), 4);
}

#[actix::test]
async fn a_post_that_is_retired_takes_nobody() {
    let tree = Tree::default();
    let post: Post<Adder> = adder(&tree).await.post.clone();
    assert!(!post.is_held());
    let late = Adder { sum: 0, life: Life::new("adder", &post, |_, _| ()) }.start();
    assert_eq!(late.send(Add(1)).await.unwrap(), 1);
    assert!(!post.is_held());
}
