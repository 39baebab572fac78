"use strict";
// Landing page. Its words are made once, at start, from the prompt; sign-ups are kept in memory.
//
//   prompt ──► brief { name, subject, place, promise, wishes, kind } ──► page (HTML) + palette (CSS)
//
// To change the words, edit KINDS and `page` below. Prices are examples: edit them before you publish.

const { randomBytes } = require("crypto");
const fs = require("fs");
const path = require("path");
const { serve, refuse, created, text } = require("./lib/http");

const PROMPT = "{{prompt}}";
const TITLE = "{{title}}";
const SIGNUPS_MAX = 5000;
const EMAIL_MAX = 254;
const NAME_MAX = 40;
const WISHES_MAX = 6;
const HUES = [22, 48, 150, 190, 235, 265, 300, 345];
const SIMPLE_PLANS = [["Starter", "Free", "To get to know us"], ["Standard", "$12", "For most people"], ["Plus", "$29", "For those who want it all"]];

// words that tell the kind · headline · what follows “A yoga studio …” · call to action · features · plans
const KINDS = [
  [/coffee|tea|bakery|restaurant|caf[eé]|food|meal|pizza|chef|wine|beer|kitchen|bread|chocolate|recipe/i, "Worth slowing down for.", "made with patience: honest ingredients, small batches and nobody in a hurry.", "Save me a taste",
    [["Fresh, always", "Made in small batches and never left waiting on a shelf."], ["Known by name", "We know who grows and makes what you taste, and we tell you."], ["Yours, your way", "Tell us what you like. We remember it the next time."]],
    [["Taste", "$14", "One box to try"], ["Regular", "$24", "A box every month"], ["Table", "$44", "Enough to share"]]],
  [/gym|fitness|yoga|pilates|workout|running|trainer|sport|climb|dance|boxing/i, "Start where you are.", "for real bodies and busy weeks. Come as you are, leave a little stronger.", "Book a first visit",
    [["Every level", "Clear steps for the first day, and a challenge for the thousandth."], ["People who notice", "Small groups, so that somebody sees how you are doing."], ["Time that fits", "Early, late or at lunch: choose what your week allows."]],
    [["Drop in", "$15", "One visit"], ["Steady", "$59", "Eight visits a month"], ["Unlimited", "$99", "As often as you like"]]],
  [/course|learn|school|tutor|teach|class|lesson|bootcamp|academy|training|education|student/i, "Learn it once. Keep it for good.", "in small steps you finish, with practice that makes it stay.", "Reserve a seat",
    [["Practice first", "You make something in the first lesson, not in the last."], ["Your own pace", "Pause, repeat or leap ahead. Nothing is lost."], ["Answers from people", "Ask, and someone who knows will write back."]], SIMPLE_PLANS],
  [/conference|event|festival|concert|meetup|wedding|party|workshop|summit|hackathon|exhibition/i, "Be there for it.", "for people who would rather take part than watch. Come early, stay late.", "Keep me posted",
    [["People first", "Room to meet, and time to talk that is not cut short."], ["A plan that breathes", "A few things done well instead of everything at once."], ["For everyone", "Step-free, with quiet space and good food for all."]],
    [["Early", "$29", "While they last"], ["Regular", "$49", "The whole programme"], ["Friend", "$119", "With a seat at the table"]]],
  [/travel|trip|tour|hotel|hostel|camping|cabin|retreat|holiday|vacation|flight|adventure/i, "Go somewhere that stays with you.", "with fewer tabs, better mornings, and a plan that leaves room for luck.", "Plan my trip",
    [["Chosen on foot", "Every place is one that we would send a friend to."], ["Plans that bend", "Change your mind: most things move with you."], ["Someone awake", "If something goes wrong, a person picks up."]], SIMPLE_PLANS],
  [/\b(?:dogs?|cats?|pets?|puppy|puppies|kittens?|vet|veterinary|groom\w*|horses?)\b/i, "Good days, wagging tails.", "by people who talk to animals first. You will see the difference at the door.", "Meet us",
    [["Gentle by habit", "We take the time an animal needs, not the time a schedule has."], ["You are in the picture", "A short note and a photo after every visit."], ["Care you can plan", "Fixed times, familiar faces, clear prices."]], SIMPLE_PLANS],
  [/bank|invest|finan|fintech|budget|invoice|accounting|tax|payment|insurance|money|crypto/i, "Money, made clear.", "in plain words and plain numbers, so that you can decide and get on with your day.", "Get early access",
    [["Nothing in small print", "What it costs stands where you look first."], ["One calm view", "Everything that matters on one page, and nothing else."], ["Private by design", "Your data works for you and is never sold."]], SIMPLE_PLANS],
  [/health|clinic|doctor|therap|dentist|wellness|massage|spa\b|mental|medit|sleep|skin|care\b/i, "Feel like yourself again.", "with time to listen. No rush, no jargon, one good step after the other.", "Ask for a first talk",
    [["Listening first", "Your story comes before any plan."], ["Clear next steps", "You always know what comes, why, and what it costs."], ["Close to you", "In person or from home, whichever feels better."]],
    [["First talk", "Free", "To see if we fit"], ["Single", "$70", "One session"], ["Course", "$320", "Five sessions"]]],
  [/charity|non-?profit|volunteer|donat|community|climate|environment|animal shelter|club|church/i, "Small hands, big difference.", "that begins with an hour, an idea or a hand. All of it counts.", "Count me in",
    [["Easy to begin", "Tasks for ten minutes and for ten weeks."], ["Seen to matter", "We show what was done, and with what."], ["Good company", "You will meet the neighbours you were missing."]], null],
  [/portfolio|photograph|design|studio|agency|artist|architect|freelanc|video|music|band|illustrat|brand/i, "Made with a point of view.", "with an eye for what to leave out. Tell us what you are up to.", "Start a conversation",
    [["One clear idea", "We look for the thought first, and then give it a form."], ["Close all the way", "You work with the people who do the work."], ["Finished means finished", "Files, formats, handover: nothing is left hanging."]], null],
  [/shop|store|cloth|fashion|jewel|shoe|furniture|candle|soap|ceramic|plant|flower|gift|sell|handmade|bike|bicycle/i, "Fewer things. Better ones.", "for people who keep what they buy: well made, fairly priced, easy to mend.", "Tell me when it opens",
    [["Made to last", "Good material and honest work, with parts that can be replaced."], ["Fair from the start", "Paid properly at every step, and priced without tricks."], ["Easy to return", "Thirty days, no questions, no printer needed."]], null],
  [/app\b|software|saas|platform|tool|ai\b|api\b|startup|dashboard|crm|automation|developer|data|assistant|extension/i, "Less busywork. More of the good part.", "that stays out of your way: quick to start, calm to use, there when you need it.", "Get early access",
    [["Ready in a minute", "No set-up call and no manual. Open it and go."], ["Fast where it counts", "Made to answer before you wonder whether it will."], ["Plays well with others", "Take your data in and out whenever you like."]], SIMPLE_PLANS],
];
const ANY_KIND = [/./, "Made simple. Made well.", "done with care, by people who would use it themselves.", "Keep me posted",
  [["Simple to start", "The first step takes a minute, and the next one is always clear."], ["Made with care", "We sweat the details, so that you do not have to."], ["People behind it", "Write to us, and a person will answer."]], SIMPLE_PLANS];
const WISH_WORDS = ["Part of it from the first day.", "Thought through, so that it simply works.", "The way you would want it yourself.", "Included, with nothing to add or set up.", "Small to look at, good to have.", "Because the details are what you remember."];

/* From the prompt to a brief. */

function briefOf(prompt, title) {
  const about = prompt.replace(/\s+/g, " ").trim();
  const proper = "[A-Z0-9][\\w&'’-]*(?: [A-Z0-9][\\w&'’-]*){0,3}";
  const first = (...rules) => rules.map((rule) => rule.exec(about)?.[1]).find(Boolean);
  const given = first(
    /\b(?:called|named)\s+["“']([^"”']{2,40})["”']/i, new RegExp(`\\b(?:called|named)\\s+(${proper})`), /\b(?:called|named)\s+([\w&'’-]{2,30})/i,
    /["“]([^"”]{2,40})["”]/, /(?:^|\s)'([^']{2,40})'/, new RegExp(`\\bfor (?!A |An |The |My |Our )(${proper})`),
  );
  const place = first(/\bin ([A-Z]\w+(?: [A-Z]\w+)?)/);
  const stop = "(?=,? (?:called|named|with|that|which|who|where|including|featuring|offering|based|in [A-Z]\\w+)\\b|[.,;:!?(\"“]| '|$)";
  const described = first(new RegExp(`\\b(?:called|named|for) ["“']?${proper}["”']?,? (?:a|an|the|our|my) ([^.,;:!?]+?)${stop}`), new RegExp(`\\bfor (?:a |an |the |my |our |your )?(?:new )?([^.,;:!?"“]+?)${stop}`, "i"), new RegExp(`\\bto (?:sell|promote|present|show|launch|announce) (?:a |an |the |my |our )?([^.,;:!?"“]+?)${stop}`, "i"));
  const subject = (described && described !== given ? described : "").split(" ").slice(0, 8).join(" ").trim();
  const capitals = (words) => words.replace(/(^|\s)\p{L}/gu, (letter) => letter.toUpperCase());
  const name = given ? capitals(given.trim()) : subject ? capitals([subject.split(" ").slice(-3).join(" "), place].filter(Boolean).join(" ")) : /landing|website|home ?page/i.test(title) ? "Your Product" : title;
  const promise = first(/\b(?:that|which|who) ((?:helps?|lets?|makes?|turns?|brings?|finds?|gives?|delivers?|saves?|keeps?|sells?|connects?|offers?|teaches|tracks?|builds?|shows?|writes?|plans?)\b[^.;!?]{4,120})/i);
  const kind = KINDS.find(([words]) => words.test(`${subject} ${name}`)) ?? KINDS.find(([words]) => words.test(about.replace(/landing ?page|web ?site|\bapp\b/gi, ""))) ?? ANY_KIND;
  return { name: shortened(name), given: Boolean(given), subject: withArticle(subject), place, promise, wishes: wishesIn(about), kind };
}

/** At most NAME_MAX characters, cut between words. */
function shortened(name) {
  return name.length <= NAME_MAX ? name : name.slice(0, NAME_MAX + 1).replace(/\s+\S*$/, "").slice(0, NAME_MAX);
}

function withArticle(subject) {
  if (!subject) return "something new";
  const words = subject.replace(/^\p{Lu}(?=\p{Ll}+\b)/u, (letter) => letter.toLowerCase());
  const uncounted = /(?:s|ing|care|food|coffee|tea|music|software|furniture|jewell?ery|delivery|wine|help)$/i.test(words);
  return uncounted ? words : `${/^(?:[aeio]|u(?!ni|se))/i.test(words) ? "an" : "a"} ${words}`;
}

/** What the prompt wants to be offered, without what is about the page itself. */
function wishesIn(about) {
  const list = /\b(?:with|featuring|offering|including|offers|features:?) ([^.;!?]+)/i.exec(about)?.[1] ?? "";
  const page = /section|hero|pricing|price|faq|sign|form|newsletter|testimonial|button|page|dark|light|e-?mail|contact|footer|header|layout|design|style|colou?r|animation|gallery|cta|call to|feature/i;
  const wishes = list.split(/\s*,\s*(?:and\s+)?|\s+and\s+/).map((wish) => wish.replace(/^(?:a|an|the|our) /i, "").trim());
  return wishes.filter((wish) => wish.length > 2 && wish.length <= 48 && !page.test(wish)).slice(0, WISHES_MAX);
}

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

const SHAPES = ["M0 0H100A100 100 0 0 1 0 100Z", "M50 0A50 50 0 0 1 50 100A50 50 0 0 1 50 0Z", "M0 0A100 100 0 0 1 100 100A100 100 0 0 1 0 0Z", "M0 50A50 50 0 0 1 100 50V100H0Z", "M0 0H100V25H0ZM0 50H100V75H0Z", "M0 100V0L100 100Z"];

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

function page({ name, given, subject, place, promise, wishes, kind }) {
  const [, headline, lede, action, features, plans] = kind;
  const sentence = given ? `${name} is ${subject} ${lede}` : `${subject[0].toUpperCase()}${subject.slice(1)} ${lede}`;
  const offers = [...wishes.map((wish, at) => [wish[0].toUpperCase() + wish.slice(1), WISH_WORDS[at]]), ...features].slice(0, wishes.length > 2 ? 6 : 3); // Whole rows of three.
  const cards = offers.map(([title, words]) => `<li>${picture(title, 1)}<h3>${escape(title)}</h3><p>${escape(words)}</p></li>`).join("");
  const questions = [
    [`What is ${name}?`, sentence],
    ["When does it start?", "Soon. Leave your e-mail address, and you will be among the first to hear."],
    [place ? `Is it only in ${place}?` : "Who is it for?", place ? `${place} is home. If you would like to see us elsewhere, sign up and tell us where.` : "For anyone who feels that this is missing. No knowledge or equipment is needed."],
    ["What happens to my address?", "We use it to write to you about this, and for nothing else."],
  ];
  const faq = questions.map(([question, words]) => `<details><summary>${escape(question)}</summary><p>${escape(words)}</p></details>`).join("");
  const plan = ([title, price, words], at) => `<li${at === 1 ? ' class="best"' : ""}><h3>${title}</h3><p class="price">${price}</p><p>${words}</p><a class="button" href="#join">Choose ${title}</a></li>`;
  return {
    name: escape(name),
    eyebrow: escape(place ? `${place} · opening soon` : "Opening soon"),
    headline: escape(headline),
    lede: escape(promise ? `${name} ${promise.trim()}.` : sentence),
    action: escape(action),
    picture: picture(name, 4),
    mark: picture(name, 2),
    features: cards,
    pricing: plans ? `<section id="pricing" class="band"><h2>Simple prices</h2><ul class="plans">${plans.map(plan).join("")}</ul></section>` : "",
    pricingLink: plans ? '<a href="#pricing">Pricing</a>' : "",
    faq,
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
      if (!/^[^\s@<>()",;:\\]{1,64}@[^\s@.,]+(?:\.[^\s@.,]+)+$/.test(email)) throw refuse(400, "This does not look like an e-mail address. It should read like ada@example.com.");
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
