//! How fast an answer's text becomes files: the decoder alone, fed in pieces as a stream brings them.
//!
//! The texts are the two extremes of what models write: plain code, and markup, where every other word begins with the
//! byte that tags begin with.

mod common;

use std::{hint::black_box, time::Instant};

use common::figures::{median, table, verdict};
use spawnai::generator::answer::{Decoder, Nonce, Part};

const TURNS: usize = 15;
const MB_PER_SECOND_MIN: f64 = 100.0;
/// Bytes of all files of one turn.
const SIZE: usize = 6 * 1024 * 1024;
/// Bytes of one file.
const FILE: usize = 64 * 1024;

const TEXTS: [(&str, &str); 2] = [
    ("code", "const total = items.filter((item) => !item.done).reduce((sum, item) => sum + item.price, 0);\n"),
    ("markup", "<li class=\"item\"><b>Milk</b> <i>2</i><button>x</button></li><!-- <file path=\"x\"> -->\n"),
];
/// Bytes of one piece: a token or so, what one read brings, and all at once.
const PIECES: [usize; 3] = [12, 4096, SIZE * 2];

fn main() {
    let mut rows = vec![row!["", "piece", "MB/s", "limit", ""]];
    for (name, line) in TEXTS {
        let nonce = Nonce::new(0x0123_4567_89ab_cdef);
        let text = answer(&nonce, line);
        for piece in PIECES {
            let speeds: Vec<f64> = (0..TURNS).map(|_| speed(&nonce, &text, piece)).collect();
            let speed = median(&speeds);
            let holds = verdict(speed >= MB_PER_SECOND_MIN);
            rows.push(row![
                name,
                piece.min(text.len()),
                format!("{speed:.0}"),
                format!("≥ {MB_PER_SECOND_MIN}"),
                holds
            ]);
        }
    }
    println!("\nanswer to files, medians of {TURNS} turns each\n");
    table(&rows);
}

fn answer(nonce: &Nonce, line: &str) -> String {
    let content = line.repeat(FILE / line.len());
    let files = (0..SIZE / FILE).map(|number| format!("<file-{nonce} path=\"f{number}\">\n{content}</file-{nonce}>\n"));
    files.collect()
}

fn speed(nonce: &Nonce, text: &str, piece: usize) -> f64 {
    let (mut decoder, mut bytes) = (Decoder::new(nonce), 0);
    let begun = Instant::now();
    for piece in text.as_bytes().chunks(piece) {
        let read = decoder.push(piece, |part| {
            if let Part::Chunk(chunk) = part {
                bytes += black_box(chunk).len();
            }
        });
        read.expect("an answer within all bounds");
    }
    let seconds = begun.elapsed().as_secs_f64();
    assert!(bytes > text.len() / 2, "the files came out");
    text.len() as f64 / 1e6 / seconds
}
