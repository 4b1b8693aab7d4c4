"use strict";
const fields = [...document.querySelectorAll("details.field")];
const sections = [...document.querySelectorAll("main > section")];
const search = document.getElementById("search");
const found = document.getElementById("found");
const nothing = document.getElementById("nothing");
const own = (field) => [...field.querySelector(":scope > .body").children].filter((part) => part.tagName !== "DETAILS");
const texts = new Map();
const textOf = (field) => {
  if (!texts.has(field)) {
    const words = own(field).map((part) => part.textContent).join(" ");
    texts.set(field, `${field.dataset.path} ${words}`.toLowerCase());
  }
  return texts.get(field);
};

// Fields that hold every word stay, with all above them; the rest is hidden.
function look() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const active = words.length > 0;
  const shown = new Set();
  let count = 0;
  document.body.classList.toggle("searching", active);
  for (const field of document.querySelectorAll(".hit")) field.classList.remove("hit");
  if (active) {
    for (const field of fields) {
      const text = textOf(field);
      if (!words.every((word) => text.includes(word))) continue;
      count += 1;
      field.classList.add("hit");
      for (let place = field; place; place = place.parentElement.closest("details.field")) {
        if (shown.has(place)) break;
        shown.add(place);
        if (place !== field) place.open = true;
      }
    }
  }
  for (const field of fields) field.hidden = active && !shown.has(field);
  for (const section of sections) section.hidden = active && ![...shown].some((field) => section.contains(field));
  nothing.hidden = !active || count > 0;
  found.value = active ? `${count} ${count === 1 ? "field" : "fields"}` : "";
}

let waiting = 0;
search.addEventListener("input", () => {
  cancelAnimationFrame(waiting);
  waiting = requestAnimationFrame(look);
});

document.addEventListener("keydown", (event) => {
  if (event.key === "/" && document.activeElement !== search) {
    event.preventDefault();
    search.focus();
  }
  if (event.key === "Escape" && document.activeElement === search) {
    search.value = "";
    look();
  }
});

function unfold(open) {
  for (const field of fields) if (!field.hidden) field.open = open;
}
document.getElementById("expand").addEventListener("click", () => unfold(true));
document.getElementById("collapse").addEventListener("click", () => unfold(false));

// A link to a field opens everything above it.
function reveal() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  if (search.value) {
    search.value = "";
    look();
  }
  for (let place = target; place; place = place.parentElement.closest("details")) place.open = true;
  target.scrollIntoView();
}
addEventListener("hashchange", reveal);
reveal();
