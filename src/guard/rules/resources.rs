//! Bombs of memory and time.

use super::Rule;
use crate::guard::{found::Found, verdict::Severity};

pub static ENDLESS: Rule = Rule {
    id: "loop-endless",
    severity: Severity::Block,
    why: "nothing ends the loop, and it gives no other work a turn",
    remedy: "give the loop a condition or a break, or have it wait for something",
    finds: &[
        ("x.py", "import itertools\nfor n in itertools.count():\n    kept.append('x' * 1000)\n"),
        ("x.py", "def all():\n    while True:\n        yield 1\nfor n in all():\n    kept.append(n)\n"),
        ("x.js", "const kept = []; function eat() { kept.push(Buffer.alloc(5e7)); setImmediate(eat); } eat();"),
        ("x.js", "for (let i = 0; i < 1e9; i++) kept.push(i);"),
        ("x.js", "const a = []; while (true) { a.push(new Array(1000)); }"),
        ("x.js", "for (;;) {}"),
        ("x.js", "let a = ['x']; while (a.length) a = a.concat(a);"),
        ("x.py", "s = 'x'\nwhile len(s) > 0:\n    s = s + s\n"),
        ("x.js", "let s = 'x'; while (1) s += 'xxxx';"),
        ("x.py", "a = []\nwhile True:\n    a.append('x' * 1000)\n"),
        ("x.py", "while 1: pass"),
    ],
    spares: &[
        ("x.py", "import itertools\nfor n in itertools.count():\n    if n > 9: break\n    kept.append(n)\n"),
        ("x.js", "function frame() { parts.push({ x: 0 }); requestAnimationFrame(frame); } frame();"),
        ("x.js", "while (s.length < n) s = s + s; while (more) { all = all.concat(page()); more = all.more; }"),
        ("x.js", "while (true) { const m = next(); if (!m) break; out.push(m); }"),
        ("x.js", "async function f() { for (;;) { await tick(); log.push(1); } }"),
        ("x.py", "import time\nwhile True:\n    time.sleep(1)\n    rows.append(read())\n"),
        ("x.py", "while True:\n    line = input('> ')\n    if line == 'q':\n        break\n"),
    ],
};
pub static ALLOCATION: Rule = Rule {
    id: "allocation-huge",
    severity: Severity::Block,
    why: "it allocates what no sandbox has",
    remedy: "allocate what is needed, when it is needed",
    finds: &[
        ("x.py", "a = list(range(10**10))\n"),
        ("x.js", "const a = Buffer.alloc(8e9);"),
        ("x.js", "const s = 'x'.repeat(2 ** 31);"),
        ("x.py", "a = ' ' * 10**10\n"),
        ("x.py", "a = [0] * (1024 * 1024 * 1024)\n"),
    ],
    spares: &[("x.js", "const a = Buffer.alloc(1024); const n = 1e12;"), ("x.py", "print('-' * 80)\nx = [0] * 100\n")],
};

pub(super) const RULES: &[&Rule] = &[&ENDLESS, &ALLOCATION];

pub(super) fn endless(grows: bool, line: usize, found: &mut Found<'_>) {
    found.add(&ENDLESS, line, if grows { "it fills the memory" } else { "it does nothing, for ever" });
}
