"use strict";
// The page works without this script but for the sign-up: its words come from the server.

async function signUp(event) {
  event.preventDefault();
  const form = event.target;
  const { email } = form.elements;
  const button = $("button", form);
  const answer = $(".answer", form);
  const say = (words, good) => {
    answer.textContent = words;
    answer.className = `answer ${good ? "good" : "bad"}`;
    email.setAttribute("aria-invalid", String(!good));
  };
  button.disabled = true;
  try {
    say((await api("POST", "signups", { email: email.value })).message, true);
    form.reset();
    await countInterest();
  } catch (error) {
    say(error.message, false);
    email.focus();
  }
  button.disabled = false;
}

async function countInterest() {
  const { count } = await api("GET", "signups/count");
  $(".interest").hidden = count === 0;
  $(".interest").textContent = count === 1 ? "One person is on the list already." : `${count} people are on the list already.`;
}

for (const form of document.querySelectorAll(".signup")) form.addEventListener("submit", signUp);
for (const link of document.querySelectorAll('a[href="#join"]')) {
  link.addEventListener("click", () => $("#email-2").focus({ preventScroll: true }));
}
keepFresh(countInterest);
