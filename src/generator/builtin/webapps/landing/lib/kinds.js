"use strict";
// The words of the page, by kind of thing. The first kind whose `words` the prompt has is taken.
//
// `rest` goes on after “A yoga studio …” or “Lumen is an app …”. Prices are examples: edit them before you publish.

const SIMPLE_PLANS = [
  ["Starter", "Free", "To get to know us"],
  ["Standard", "$12", "For most people"],
  ["Plus", "$29", "For those who want it all"],
];

const KINDS = [
  {
    words: /coffee|tea|bakery|restaurant|caf[eé]|food|meal|pizza|chef|wine|beer|kitchen|bread|chocolate|recipe/i,
    headline: "Worth slowing down for.",
    rest: "made with patience: honest ingredients, small batches and nobody in a hurry.",
    action: "Save me a taste",
    features: [
      ["Fresh, always", "Made in small batches and never left waiting on a shelf."],
      ["Known by name", "We know who grows and makes what you taste, and we tell you."],
      ["Yours, your way", "Tell us what you like. We remember it the next time."],
    ],
    plans: [
      ["Taste", "$14", "One box to try"],
      ["Regular", "$24", "A box every month"],
      ["Table", "$44", "Enough to share"],
    ],
  },
  {
    words: /gym|fitness|yoga|pilates|workout|running|trainer|sport|climb|dance|boxing/i,
    headline: "Start where you are.",
    rest: "for real bodies and busy weeks. Come as you are, leave a little stronger.",
    action: "Book a first visit",
    features: [
      ["Every level", "Clear steps for the first day, and a challenge for the thousandth."],
      ["People who notice", "Small groups, so that somebody sees how you are doing."],
      ["Time that fits", "Early, late or at lunch: choose what your week allows."],
    ],
    plans: [
      ["Drop in", "$15", "One visit"],
      ["Steady", "$59", "Eight visits a month"],
      ["Unlimited", "$99", "As often as you like"],
    ],
  },
  {
    words: /course|learn|school|tutor|teach|class|lesson|bootcamp|academy|training|education|student/i,
    headline: "Learn it once. Keep it for good.",
    rest: "in small steps you finish, with practice that makes it stay.",
    action: "Reserve a seat",
    features: [
      ["Practice first", "You make something in the first lesson, not in the last."],
      ["Your own pace", "Pause, repeat or leap ahead. Nothing is lost."],
      ["Answers from people", "Ask, and someone who knows will write back."],
    ],
    plans: SIMPLE_PLANS,
  },
  {
    words: /conference|event|festival|concert|meetup|wedding|party|workshop|summit|hackathon|exhibition/i,
    headline: "Be there for it.",
    rest: "for people who would rather take part than watch. Come early, stay late.",
    action: "Keep me posted",
    features: [
      ["People first", "Room to meet, and time to talk that is not cut short."],
      ["A plan that breathes", "A few things done well instead of everything at once."],
      ["For everyone", "Step-free, with quiet space and good food for all."],
    ],
    plans: [
      ["Early", "$29", "While they last"],
      ["Regular", "$49", "The whole programme"],
      ["Friend", "$119", "With a seat at the table"],
    ],
  },
  {
    words: /travel|trip|tour|hotel|hostel|camping|cabin|retreat|holiday|vacation|flight|adventure/i,
    headline: "Go somewhere that stays with you.",
    rest: "with fewer tabs, better mornings, and a plan that leaves room for luck.",
    action: "Plan my trip",
    features: [
      ["Chosen on foot", "Every place is one that we would send a friend to."],
      ["Plans that bend", "Change your mind: most things move with you."],
      ["Someone awake", "If something goes wrong, a person picks up."],
    ],
    plans: SIMPLE_PLANS,
  },
  {
    words: /\b(?:dogs?|cats?|pets?|puppy|puppies|kittens?|vet|veterinary|groom\w*|horses?)\b/i,
    headline: "Good days, wagging tails.",
    rest: "by people who talk to animals first. You will see the difference at the door.",
    action: "Meet us",
    features: [
      ["Gentle by habit", "We take the time an animal needs, not the time a schedule has."],
      ["You are in the picture", "A short note and a photo after every visit."],
      ["Care you can plan", "Fixed times, familiar faces, clear prices."],
    ],
    plans: SIMPLE_PLANS,
  },
  {
    words: /bank|invest|finan|fintech|budget|invoice|accounting|tax|payment|insurance|money|crypto/i,
    headline: "Money, made clear.",
    rest: "in plain words and plain numbers, so that you can decide and get on with your day.",
    action: "Get early access",
    features: [
      ["Nothing in small print", "What it costs stands where you look first."],
      ["One calm view", "Everything that matters on one page, and nothing else."],
      ["Private by design", "Your data works for you and is never sold."],
    ],
    plans: SIMPLE_PLANS,
  },
  {
    words: /health|clinic|doctor|therap|dentist|wellness|massage|spa\b|mental|medit|sleep|skin|care\b/i,
    headline: "Feel like yourself again.",
    rest: "with time to listen. No rush, no jargon, one good step after the other.",
    action: "Ask for a first talk",
    features: [
      ["Listening first", "Your story comes before any plan."],
      ["Clear next steps", "You always know what comes, why, and what it costs."],
      ["Close to you", "In person or from home, whichever feels better."],
    ],
    plans: [
      ["First talk", "Free", "To see if we fit"],
      ["Single", "$70", "One session"],
      ["Course", "$320", "Five sessions"],
    ],
  },
  {
    words: /charity|non-?profit|volunteer|donat|community|climate|environment|animal shelter|club|church/i,
    headline: "Small hands, big difference.",
    rest: "that begins with an hour, an idea or a hand. All of it counts.",
    action: "Count me in",
    features: [
      ["Easy to begin", "Tasks for ten minutes and for ten weeks."],
      ["Seen to matter", "We show what was done, and with what."],
      ["Good company", "You will meet the neighbours you were missing."],
    ],
    plans: null,
  },
  {
    words: /portfolio|photograph|design|studio|agency|artist|architect|freelanc|video|music|band|illustrat|brand/i,
    headline: "Made with a point of view.",
    rest: "with an eye for what to leave out. Tell us what you are up to.",
    action: "Start a conversation",
    features: [
      ["One clear idea", "We look for the thought first, and then give it a form."],
      ["Close all the way", "You work with the people who do the work."],
      ["Finished means finished", "Files, formats, handover: nothing is left hanging."],
    ],
    plans: null,
  },
  {
    words: /shop|store|cloth|fashion|jewel|shoe|furniture|candle|soap|ceramic|plant|flower|gift|sell|handmade|bike|bicycle/i,
    headline: "Fewer things. Better ones.",
    rest: "for people who keep what they buy: well made, fairly priced, easy to mend.",
    action: "Tell me when it opens",
    features: [
      ["Made to last", "Good material and honest work, with parts that can be replaced."],
      ["Fair from the start", "Paid properly at every step, and priced without tricks."],
      ["Easy to return", "Thirty days, no questions, no printer needed."],
    ],
    plans: null,
  },
  {
    words: /app\b|software|saas|platform|tool|ai\b|api\b|startup|dashboard|crm|automation|developer|data|assistant|extension/i,
    headline: "Less busywork. More of the good part.",
    rest: "that stays out of your way: quick to start, calm to use, there when you need it.",
    action: "Get early access",
    features: [
      ["Ready in a minute", "No set-up call and no manual. Open it and go."],
      ["Fast where it counts", "Made to answer before you wonder whether it will."],
      ["Plays well with others", "Take your data in and out whenever you like."],
    ],
    plans: SIMPLE_PLANS,
  },
];

const ANY_KIND = {
  words: /./,
  headline: "Made simple. Made well.",
  rest: "done with care, by people who would use it themselves.",
  action: "Keep me posted",
  features: [
    ["Simple to start", "The first step takes a minute, and the next one is always clear."],
    ["Made with care", "We sweat the details, so that you do not have to."],
    ["People behind it", "Write to us, and a person will answer."],
  ],
  plans: SIMPLE_PLANS,
};

/** What is said of a wish that the prompt names itself. */
const WISH_WORDS = [
  "Part of it from the first day.",
  "Thought through, so that it simply works.",
  "The way you would want it yourself.",
  "Included, with nothing to add or set up.",
  "Small to look at, good to have.",
  "Because the details are what you remember.",
];

module.exports = { KINDS, ANY_KIND, WISH_WORDS };
