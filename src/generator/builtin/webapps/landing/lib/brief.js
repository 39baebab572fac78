"use strict";
// Reads a prompt: what is the page for, what is it called, what should it offer?
//
//   “Landing page for a yoga studio in Berlin called Ease, with early classes”
//     ──► { name: "Ease", given: true, subject: "a yoga studio", place: "Berlin", wishes: ["early classes"], kind: fitness }

const { KINDS, ANY_KIND } = require("./kinds");

const NAME_MAX = 40;
const SUBJECT_WORDS_MAX = 8;
const WISHES_MAX = 6;
const WISH_MAX = 48;

const PROPER = "[A-Z0-9][\\w&'’-]*(?: [A-Z0-9][\\w&'’-]*){0,3}";
const STOP_WORDS = "called|named|with|that|which|who|where|including|featuring|offering|based|in [A-Z]\\w+";
const STOP = `(?=,? (?:${STOP_WORDS})\\b|[.,;:!?("“]| '|$)`;
const THING = `([^.,;:!?"“]+?)${STOP}`;

const NAME_RULES = [
  /\b(?:called|named)\s+["“']([^"”']{2,40})["”']/i,
  new RegExp(`\\b(?:called|named)\\s+(${PROPER})`),
  /\b(?:called|named)\s+([\w&'’-]{2,30})/i,
  /["“]([^"”]{2,40})["”]/,
  /(?:^|\s)'([^']{2,40})'/,
  new RegExp(`\\bfor (?!A |An |The |My |Our )(${PROPER})`),
];
const SUBJECT_RULES = [
  new RegExp(`\\b(?:called|named|for) ["“']?${PROPER}["”']?,? (?:a|an|the|our|my) ${THING}`),
  new RegExp(`\\bfor (?:a |an |the |my |our |your )?(?:new )?${THING}`, "i"),
  new RegExp(`\\bto (?:sell|promote|present|show|launch|announce) (?:a |an |the |my |our )?${THING}`, "i"),
];
const PROMISES = "helps?|lets?|makes?|turns?|brings?|finds?|gives?|delivers?|saves?|keeps?|sells?|connects?|offers?|teaches|tracks?|builds?|shows?|writes?|plans?";
const PROMISE = new RegExp(`\\b(?:that|which|who) ((?:${PROMISES})\\b[^.;!?]{4,120})`, "i");
const PLACE = /\bin ([A-Z]\w+(?: [A-Z]\w+)?)/;
const WISHES = /\b(?:with|featuring|offering|including|offers|features:?) ([^.;!?]+)/i;
// Wishes about the page itself are no offers of what it is for.
const ABOUT_THE_PAGE =
  /section|hero|pricing|price|faq|sign|form|newsletter|testimonial|button|page|dark|light|e-?mail|contact|footer|header|layout|design|style|colou?r|animation|gallery|cta|call to|feature/i;
// Words that go without “a”: plurals and materials.
const UNCOUNTED = /(?:s|ing|care|food|coffee|tea|music|software|furniture|jewell?ery|delivery|wine|help)$/i;

function briefOf(prompt, title) {
  const about = prompt.replace(/\s+/g, " ").trim();
  const first = (rules) => rules.map((rule) => rule.exec(about)?.[1].trim()).find(Boolean);
  const given = first(NAME_RULES);
  const place = first([PLACE]);
  const described = first(SUBJECT_RULES);
  const subject = described && described !== given ? described.split(" ").slice(0, SUBJECT_WORDS_MAX).join(" ") : "";
  const name = capitals(given ?? nameFrom(subject, place, title));
  return {
    name: shortened(name),
    given: Boolean(given),
    subject: withArticle(subject),
    place,
    promise: first([PROMISE]),
    wishes: wishesIn(about),
    kind: kindOf(`${subject} ${name}`) ?? kindOf(about.replace(/landing ?page|web ?site|\bapp\b/gi, "")) ?? ANY_KIND,
  };
}

const kindOf = (text) => KINDS.find((kind) => kind.words.test(text));
const capitals = (words) => words.replace(/(^|\s)\p{L}/gu, (letter) => letter.toUpperCase());

/** A name for what has none: “yoga studio” and “Berlin” make “Yoga Studio Berlin”. */
function nameFrom(subject, place, title) {
  if (subject) return [subject.split(" ").slice(-3).join(" "), place].filter(Boolean).join(" ");
  return /landing|website|home ?page/i.test(title) ? "Your Product" : title;
}

/** At most NAME_MAX characters, cut between words. */
function shortened(name) {
  return name.length <= NAME_MAX ? name : name.slice(0, NAME_MAX + 1).replace(/\s+\S*$/, "").slice(0, NAME_MAX);
}

function withArticle(subject) {
  if (!subject) return "something new";
  const words = subject.replace(/^\p{Lu}(?=\p{Ll}+\b)/u, (letter) => letter.toLowerCase());
  if (UNCOUNTED.test(words)) return words;
  return `${/^(?:[aeio]|u(?!ni|se))/i.test(words) ? "an" : "a"} ${words}`;
}

/** What the prompt wants to be offered. */
function wishesIn(about) {
  const list = (WISHES.exec(about)?.[1] ?? "").split(/\s*,\s*(?:and\s+)?|\s+and\s+/);
  const wishes = list.map((wish) => wish.replace(/^(?:a|an|the|our) /i, "").trim());
  return wishes.filter((wish) => wish.length > 2 && wish.length <= WISH_MAX && !ABOUT_THE_PAGE.test(wish)).slice(0, WISHES_MAX);
}

module.exports = { briefOf };
