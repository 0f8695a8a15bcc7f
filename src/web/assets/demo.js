// The demo page: one phone at a time, the desks and the numbers, kept alive by one stream.
//
// The lists are read when the stream opens, and again whenever it had to be opened anew, so
// nothing that happened in between is missing.

import { Phone } from "./phone.js";
import { Tickets } from "./tickets.js";
import { Numbers } from "./numbers.js";
import { Desk } from "./people.js";
import { Faults } from "./faults.js";
import { Templates } from "./templates.js";

const lines = document.getElementById("canales");
const connection = document.getElementById("conexion");
const people = document.getElementById("personas");

const templates = new Templates();
const phone = new Phone((content) => templates.text(content));
const tickets = new Tickets();
const numbers = new Numbers();
const faults = new Faults();
const desk = new Desk({ see: (number) => pick(number), contact: () => templates.contact });
let channel;
let stream;

function show(state, words) {
  connection.dataset.state = state;
  if (connection.textContent !== words) connection.textContent = words;
}

function watch(person) {
  stream?.close();
  stream = new EventSource(`/demo/live/${channel}/${person.number}`);
  stream.addEventListener("open", async () => {
    show("live", "En vivo");
    const known = phone.refresh().then((answered) => answered && templates.look());
    await Promise.allSettled([known, tickets.refresh(), faults.refresh()]);
  });
  stream.addEventListener("error", () => show("lost", "Reconectando…"));
  const on = (name, act) => stream.addEventListener(name, (event) => act(JSON.parse(event.data)));
  on("message", (message) => {
    phone.receive(message);
    // Who was answered is known to the server.
    if (message.direction === "out") templates.look();
  });
  on("status", (status) => phone.mark(status));
  on("typing", () => phone.typing());
  on("ticket", (ticket) => tickets.change(ticket));
  on("numbers", (health) => {
    numbers.show(health);
    phone.explain(health);
    faults.used();
  });
}

function hold(input) {
  const { name, language } = input.dataset;
  const person = { number: input.value, name, language };
  phone.hold(person);
  desk.before(person);
  templates.address(channel, person);
  for (const set of document.querySelectorAll("[data-phrases]")) {
    set.hidden = set.dataset.phrases !== language;
  }
  for (const button of document.querySelectorAll("[data-example]")) {
    button.textContent = button.dataset.example.replace("{name}", name);
  }
  watch(person);
}

function dial(input) {
  channel = input.value;
  const { number, provider } = input.dataset;
  phone.dial({ channel, number, provider });
  hold(people.querySelector("input:checked"));
}

// Puts the phone into the hand of the person with this number.
function pick(number) {
  const input = people.querySelector(`input[value="${number}"]`) ?? added(`+${number}`, number);
  input.checked = true;
  hold(input);
}

people.addEventListener("change", (event) => hold(event.target));
lines.addEventListener("change", (event) => dial(event.target));

document.getElementById("agregar").addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target;
  const name = form.elements.name.value.trim();
  const number = form.elements.number.value.replace(/\D/g, "");
  if (!people.querySelector(`input[value="${number}"]`)) added(name, number);
  pick(number);
  form.reset();
  form.closest("details").open = false;
  document.getElementById("mensaje").focus();
});

function added(name, number) {
  const label = document.createElement("label");
  label.className = "person";
  const input = document.createElement("input");
  Object.assign(input, { type: "radio", name: "person", value: number });
  Object.assign(input.dataset, { name, language: "es" });
  const who = document.createElement("span");
  who.className = "name";
  who.textContent = name;
  const place = document.createElement("span");
  place.className = "place";
  place.textContent = `+${number}`;
  label.append(input, who, place);
  people.append(label);
  return input;
}

for (const button of document.querySelectorAll("[data-example]")) {
  button.addEventListener("click", () => phone.write({ text: button.textContent }));
}

// What hangs over the page closes when the visitor goes on elsewhere.
document.addEventListener("click", ({ target }) => {
  for (const open of document.querySelectorAll(".clip[open], .with[open]")) {
    if (!open.contains(target)) open.open = false;
  }
});
document.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape") return;
  for (const open of document.querySelectorAll(".clip[open], .with[open]")) open.open = false;
});

window.addEventListener("pagehide", () => stream?.close());

desk.start();
dial(lines.querySelector("input:checked"));
