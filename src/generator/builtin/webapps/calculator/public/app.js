"use strict";
// The calculator: a small parser of its own (no eval), then the page around it.
//
//   sum     = product (("+" | "−") product)*        a percentage here is one of the left side: 50 + 10 % = 55
//   product = sign (("×" | "÷" | nothing) sign)*    nothing between two values multiplies: 2π, 3(4+1)
//   sign    = ("+" | "−")* power
//   power   = postfix ("^" sign)?                   binds to the right, and before a sign: −2^2 = −4
//   postfix = value ("%" | "!")*

const DEPTH_MAX = 64;
const HISTORY_MAX = 50;
const ERASE = "M8 6h12v12H8l-5-6zM11.5 9.5l5 5M16.5 9.5l-5 5";
const NAMES = { pi: Math.PI, "π": Math.PI, e: Math.E };
const FUNCTIONS = {
  sqrt: (x) => (x < 0 ? wrong("The square root of a negative number is not real.") : Math.sqrt(x)),
  ln: (x) => (x > 0 ? Math.log(x) : wrong("A logarithm needs a number above zero.")),
  log: (x) => (x > 0 ? Math.log10(x) : wrong("A logarithm needs a number above zero.")),
  abs: Math.abs,
  round: Math.round,
  sin: (x, unit) => exact(Math.sin(x * unit)),
  cos: (x, unit) => exact(Math.cos(x * unit)),
  tan: (x, unit) => (exact(Math.cos(x * unit)) === 0 ? wrong("The tangent is not defined here.") : exact(Math.tan(x * unit))),
};
FUNCTIONS["√"] = FUNCTIONS.sqrt;

function wrong(message) {
  throw new RangeError(message);
}

/** sin(180°) is 0, not 1.2e-16. */
const exact = (x) => (Math.abs(x) < 1e-15 ? 0 : x);

function tokensOf(line) {
  const tokens = [];
  const rule = /\s*(?:(\d+(?:\.\d*)?(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?)|([a-z]+|π|√)|([-+*/^%!()×÷−·]))/giy;
  const text = line.trimEnd().replace(/,/g, ".");
  while (rule.lastIndex < text.length) {
    const at = rule.lastIndex;
    const found = rule.exec(text);
    if (!found) wrong(`“${text.slice(at).trim()[0]}” is not understood here.`);
    const [, number, name, sign] = found;
    if (number) tokens.push(Number(number));
    else tokens.push(name?.toLowerCase() ?? { "*": "×", "·": "×", "/": "÷", "-": "−" }[sign] ?? sign);
  }
  return tokens;
}

/** The value of a calculation. Throws a RangeError that can be shown as it is. `ans` is the last result. */
function evaluate(line, { degrees = true, ans = 0 } = {}) {
  const tokens = tokensOf(line);
  const unit = degrees ? Math.PI / 180 : 1;
  let at = 0;
  let depth = 0;
  const take = (...wanted) => wanted.includes(tokens[at]) && tokens[at++];
  const startsValue = (token) => typeof token === "number" || token === "(" || /^[a-zπ√]/.test(token ?? "");

  function sum() {
    let left = product().value;
    for (let sign; (sign = take("+", "−")); ) {
      const { value, percent } = product();
      const right = percent ? left * value : value;
      left = sign === "+" ? left + right : left - right;
    }
    return left;
  }
  function product() {
    let { value, percent } = signed();
    while (tokens[at] === "×" || tokens[at] === "÷" || startsValue(tokens[at])) {
      const sign = take("×", "÷");
      if (!sign && typeof tokens[at] === "number") wrong("An operator is missing.");
      const right = signed().value;
      if (sign === "÷" && right === 0) wrong("Division by zero has no result.");
      value = sign === "÷" ? value / right : value * right;
      percent = false;
    }
    return { value, percent };
  }
  function signed() {
    let minus = false;
    for (let sign; (sign = take("+", "−")); ) if (sign === "−") minus = !minus;
    const { value, percent } = power();
    return { value: minus ? -value : value, percent };
  }
  function power() {
    if (++depth > DEPTH_MAX) wrong("This calculation is nested too deeply.");
    let { value, percent } = postfix();
    if (take("^")) {
      const exponent = signed().value;
      if (value === 0 && exponent < 0) wrong("Division by zero has no result.");
      value **= exponent;
      percent = false;
    }
    depth -= 1;
    return { value, percent };
  }
  function postfix() {
    let value = primary();
    let percent = false;
    for (let sign; (sign = take("%", "!")); percent = sign === "%") value = sign === "%" ? value / 100 : factorial(value);
    return { value, percent };
  }
  function primary() {
    const token = tokens[at++];
    if (typeof token === "number") return token;
    if (token === "(") return closed();
    if (token === "ans") return ans;
    if (Object.hasOwn(NAMES, token)) return NAMES[token];
    if (Object.hasOwn(FUNCTIONS, token)) return FUNCTIONS[token](take("(") ? closed() : power().value, unit);
    if (token === undefined) wrong("The calculation is not complete.");
    return wrong(`“${token}” is not understood here.`);
  }
  function closed() {
    const value = sum();
    // A missing “)” at the very end is forgiven, as on a real calculator.
    if (!take(")") && at < tokens.length) wrong("A “)” is missing.");
    return value;
  }

  const value = sum();
  if (at < tokens.length) wrong(tokens[at] === ")" ? "There is a “)” too many." : `“${tokens[at]}” is not understood here.`);
  if (Number.isNaN(value)) wrong("This has no real result.");
  if (!Number.isFinite(value)) wrong("The result is too large.");
  return value;
}

function factorial(n) {
  if (n < 0 || !Number.isInteger(n)) wrong("A factorial needs a whole number from 0.");
  if (n > 170) wrong("The result is too large.");
  let product = 1;
  for (let factor = 2; factor <= n; factor += 1) product *= factor;
  return product;
}

/** Twelve digits hide the rounding of binary fractions: 0.1 + 0.2 is 0.3. */
function format(value) {
  return String(Number(value.toPrecision(12))).replace(/^-/, "−").replace("e+", "e");
}

/* The page. */

function start() {
  const line = $("#line");
  const result = $("#result");
  const saved = recall();
  let { history, degrees } = saved;
  let ans = history[0]?.value ?? 0;
  let settled = false; // The line shows a finished calculation: a digit starts a new one, an operator goes on with it.

  function recall() {
    try {
      const kept = JSON.parse(localStorage.getItem("calculator")) ?? {};
      const good = (entry) => typeof entry?.line === "string" && Number.isFinite(entry.value);
      return { history: (kept.history ?? []).filter(good).slice(0, HISTORY_MAX), degrees: kept.degrees !== false };
    } catch {
      return { history: [], degrees: true };
    }
  }
  function remember() {
    try {
      localStorage.setItem("calculator", JSON.stringify({ history, degrees }));
    } catch {
      // Without storage the history lasts as long as the page.
    }
  }

  function show(text, kind = "") {
    result.textContent = text || "\u00a0";
    result.className = kind + (kind !== "wrong" && text.length > 12 ? " long" : "");
  }
  function preview() {
    settled = false;
    try {
      show(line.value.trim() ? format(evaluate(line.value, { degrees, ans })) : "");
    } catch {
      show("");
    }
  }
  function finish() {
    if (!line.value.trim()) return;
    try {
      ans = evaluate(line.value, { degrees, ans });
      show(format(ans), "final");
      history = [{ line: line.value.trim(), value: ans }, ...history].slice(0, HISTORY_MAX);
      settled = true;
      remember();
      drawHistory();
    } catch (error) {
      show(error.message, "wrong");
    }
  }
  /** Types `text` at the caret, as the keyboard would. */
  function type(text) {
    if (settled) {
      line.value = /^[-+×÷−^%!]/.test(text) ? format(ans) : "";
      line.setSelectionRange(line.value.length, line.value.length);
    }
    line.setRangeText(text, line.selectionStart, line.selectionEnd, "end");
    preview();
    line.scrollLeft = line.scrollWidth;
  }
  function clear() {
    line.value = "";
    preview();
  }
  function erase() {
    if (settled) return clear();
    const from = line.selectionStart === line.selectionEnd ? Math.max(0, line.selectionStart - 1) : line.selectionStart;
    line.setRangeText("", from, line.selectionEnd, "end");
    preview();
  }

  function drawHistory() {
    $("#none").hidden = history.length > 0;
    $("#forget").hidden = history.length === 0;
    $("#history").replaceChildren(...history.map((entry) => make("li", {},
      make("button", { title: "Use this result", onclick: () => (type(format(entry.value)), line.focus()) },
        make("small", {}, `${entry.line} =`), make("strong", {}, format(entry.value))))));
  }
  function drawAngle() {
    $("#angle").textContent = degrees ? "DEG" : "RAD";
    $("#angle").setAttribute("aria-label", degrees ? "Angles in degrees" : "Angles in radians");
  }
  function key(label, { run = () => type(label), name = label, kind = "", drawing } = {}) {
    // The line keeps the focus, so that keys of the screen and of the keyboard can be mixed.
    return make("button", { class: kind, "aria-label": name, "data-key": label, onpointerdown: (event) => event.preventDefault(), onclick: run }, drawing ?? label);
  }
  const call = (label, typed, name) => key(label, { run: () => type(typed), name });
  const operator = (label, name) => key(label, { name, kind: "operator" });

  $("#functions").append(
    call("sin", "sin(", "sine"), call("cos", "cos(", "cosine"), call("tan", "tan(", "tangent"), call("ln", "ln(", "natural logarithm"), call("log", "log(", "logarithm"), call("n!", "!", "factorial"),
    call("√", "√(", "square root"), key("^", { name: "to the power of" }), key("π", { name: "pi" }), key("e"), key("("), key(")"),
  );
  $("#keys").append(
    key("AC", { run: clear, name: "Clear", kind: "clear" }), key("⌫", { run: erase, name: "Erase", drawing: icon(ERASE) }), key("%", { name: "percent" }), operator("÷", "divided by"),
    key("7"), key("8"), key("9"), operator("×", "times"),
    key("4"), key("5"), key("6"), operator("−", "minus"),
    key("1"), key("2"), key("3"), operator("+", "plus"),
    call("Ans", "ans", "last result"), key("0"), key(".", { name: "point" }), key("=", { run: finish, name: "equals", kind: "equals" }),
  );
  line.addEventListener("input", preview);
  line.addEventListener("keydown", (event) => {
    const typed = { "*": "×", "/": "÷", "-": "−" }[event.key] ?? event.key;
    const modified = event.ctrlKey || event.metaKey || event.altKey;
    const run = { Enter: finish, "=": finish, Escape: clear }[event.key];
    const button = document.querySelector(`[data-key="${CSS.escape(run === finish ? "=" : typed)}"]`);
    button?.classList.add("pressed");
    setTimeout(() => button?.classList.remove("pressed"), 120);
    if (modified || (!run && typed.length > 1)) return;
    event.preventDefault();
    run ? run() : type(typed);
  });
  $("#angle").addEventListener("click", () => {
    degrees = !degrees;
    remember();
    drawAngle();
    preview();
  });
  $("#forget").addEventListener("click", () => {
    history = [];
    remember();
    drawHistory();
    line.focus();
  });
  // A phone shows its own keyboard only where there is one to type on.
  if (matchMedia("(hover: hover)").matches) line.inputMode = "decimal";
  drawAngle();
  drawHistory();
}

// The tests call the parser under node, where there is no page.
if (typeof document === "undefined") module.exports = { evaluate, format };
else start();
