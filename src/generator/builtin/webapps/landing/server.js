"use strict";
// Landing page. Its words are made once, at start, from the prompt; sign-ups are kept in memory.
//
//   prompt ──► lib/brief.js ──► page (HTML) and palette (CSS)
//                   ▲
//              lib/kinds.js: the words and prices, there to be edited

const { randomBytes } = require("crypto");
const fs = require("fs");
const path = require("path");
const { briefOf } = require("./lib/brief");
const { serve, refuse, created, text } = require("./lib/http");
const { WISH_WORDS } = require("./lib/kinds");

const PROMPT = "{{prompt}}";
const TITLE = "{{title}}";
const SIGNUPS_MAX = 5000;
const EMAIL_MAX = 254;
const EMAIL = /^[^\s@<>()",;:\\]{1,64}@[^\s@.,]+(?:\.[^\s@.,]+)+$/;
const HUES = [22, 48, 150, 190, 235, 265, 300, 345];

/* From the brief to the page. */

const escape = (words) => String(words).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** A small deterministic random source (mulberry32): the same name always gets the same picture. */
function random(seed) {
  let state = [...seed].reduce((sum, letter) => Math.imul(sum ^ letter.codePointAt(0), 0x01000193), 0x811c9dc5);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const SHAPES = [
  "M0 0H100A100 100 0 0 1 0 100Z", // a quarter
  "M50 0A50 50 0 0 1 50 100A50 50 0 0 1 50 0Z", // a disc
  "M0 0A100 100 0 0 1 100 100A100 100 0 0 1 0 0Z", // a leaf
  "M0 50A50 50 0 0 1 100 50V100H0Z", // an arch
  "M0 0H100V25H0ZM0 50H100V75H0Z", // stripes
  "M0 100V0L100 100Z", // half a square
];

/** A picture of square tiles, each with one shape, in the colours of the palette. */
function picture(seed, side) {
  const next = random(seed);
  const pick = (count) => Math.floor(next() * count);
  let tiles = "";
  for (let at = 0; at < side * side; at += 1) {
    const [ground, turn] = [pick(5), pick(4) * 90];
    const shape = `<path class="c${(ground + 1 + pick(4)) % 5}" d="${SHAPES[pick(SHAPES.length)]}" transform="rotate(${turn} 50 50)"/>`;
    tiles += `<g transform="translate(${(at % side) * 100} ${Math.floor(at / side) * 100})"><path class="c${ground}" d="M0 0H100.5V100.5H0Z"/>${shape}</g>`;
  }
  return `<svg viewBox="0 0 ${side * 100} ${side * 100}" aria-hidden="true">${tiles}</svg>`;
}

const card = ([title, words]) => `<li>${picture(title, 1)}<h3>${escape(title)}</h3><p>${escape(words)}</p></li>`;
const answer = ([question, words]) => `<details><summary>${escape(question)}</summary><p>${escape(words)}</p></details>`;
const plan = ([title, price, words], at) =>
  `<li${at === 1 ? ' class="best"' : ""}><h3>${title}</h3><p class="price">${price}</p><p>${words}</p><a class="button" href="#join">Choose ${title}</a></li>`;

/** The parts of the page by the name of their slot in index.html. All text of the brief is escaped. */
function page({ name, given, subject, place, promise, wishes, kind }) {
  const lede = given ? `${name} is ${subject} ${kind.rest}` : `${subject[0].toUpperCase()}${subject.slice(1)} ${kind.rest}`;
  const wished = wishes.map((wish, at) => [wish[0].toUpperCase() + wish.slice(1), WISH_WORDS[at]]);
  const offers = [...wished, ...kind.features].slice(0, wishes.length > 2 ? 6 : 3); // Whole rows of three.
  const where = [`Is it only in ${place}?`, `${place} is home. If you would like to see us elsewhere, sign up and tell us where.`];
  const who = ["Who is it for?", "For anyone who feels that this is missing. No knowledge or equipment is needed."];
  const questions = [
    [`What is ${name}?`, lede],
    ["When does it start?", "Soon. Leave your e-mail address, and you will be among the first to hear."],
    place ? where : who,
    ["What happens to my address?", "We use it to write to you about this, and for nothing else."],
  ];
  const plans = kind.plans && `<section id="pricing" class="band"><h2>Simple prices</h2><ul class="plans">${kind.plans.map(plan).join("")}</ul></section>`;
  return {
    name: escape(name),
    eyebrow: escape(place ? `${place} · opening soon` : "Opening soon"),
    headline: escape(kind.headline),
    lede: escape(promise ? `${name} ${promise}.` : lede),
    action: escape(kind.action),
    picture: picture(name, 4),
    mark: picture(name, 2),
    features: offers.map(card).join(""),
    pricing: plans ?? "",
    pricingLink: plans ? '<a href="#pricing">Pricing</a>' : "",
    faq: questions.map(answer).join(""),
  };
}

const brief = briefOf(PROMPT, TITLE);
const slots = page(brief);
const read = (name) => fs.readFileSync(path.join(__dirname, "public", name), "utf8");
const html = read("index.html").replace(/<!--(\w+)-->/g, (slot, name) => slots[name] ?? slot);
const hue = HUES[Math.floor(random(brief.name)() * HUES.length)];
const css = read("style.css").replace("--hue: 235", `--hue: ${hue}`);

/* Sign-ups. */

const signups = new Map(); // address → time
const ownerKey = randomBytes(16).toString("hex");
console.log(`sign-ups can be read at /api/signups?key=${ownerKey}`);

serve({
  icon: '<rect width="32" height="32" rx="9" fill="#1f2a44"/><path d="M8 8h8a8 8 0 0 1-8 8z" fill="#ffb454"/><path d="M24 24h-8a8 8 0 0 1 8-8z" fill="#7cc4ff"/>',
  pages: { "index.html": html, "style.css": css },
  routes: {
    "POST /api/signups": ({ body }) => {
      const email = text(body, "email", { max: EMAIL_MAX, label: "e-mail address" }).toLowerCase();
      if (!EMAIL.test(email)) {
        throw refuse(400, "This does not look like an e-mail address. It should read like ada@example.com.");
      }
      if (!signups.has(email) && signups.size >= SIGNUPS_MAX) throw refuse(409, "The list is full. Thank you for your interest!");
      if (!signups.has(email)) signups.set(email, Date.now());
      // The same answer for a known address: nobody can find out who is on the list.
      return created({ message: "Thank you! You are on the list." });
    },
    "GET /api/signups/count": () => ({ count: signups.size }),
    "GET /api/signups": ({ query }) => {
      if (query.get("key") !== ownerKey) throw refuse(403, "The key is missing or wrong. It stands in the log of the app.");
      return { signups: [...signups].map(([email, at]) => ({ email, at: new Date(at).toISOString() })) };
    },
  },
});
