// The demo page: one phone at a time, the tickets and the numbers, kept alive by one stream.
//
// The lists are read when the stream opens, and again whenever it had to be opened anew, so
// nothing that happened in between is missing.

import { Phone } from "./phone.js";
import { Tickets } from "./tickets.js";
import { Numbers } from "./numbers.js";
import { Desk } from "./people.js";

const lines = document.getElementById("canales");
const connection = document.getElementById("conexion");
const people = document.getElementById("personas");

const phone = new Phone();
const tickets = new Tickets();
const numbers = new Numbers();
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
    await Promise.allSettled([phone.refresh(), tickets.refresh()]);
  });
  stream.addEventListener("error", () => show("lost", "Reconectando…"));
  const on = (name, act) => stream.addEventListener(name, (event) => act(JSON.parse(event.data)));
  on("message", (message) => phone.receive(message));
  on("status", (status) => phone.mark(status));
  on("typing", () => phone.typing());
  on("ticket", (ticket) => tickets.change(ticket));
  on("numbers", (health) => numbers.show(health));
}

function hold(input) {
  const person = { number: input.value, name: input.dataset.name };
  phone.hold(person);
  watch(person);
}

function dial(input) {
  channel = input.value;
  phone.dial({ channel, number: input.dataset.number });
  hold(people.querySelector("input:checked"));
}

people.addEventListener("change", (event) => hold(event.target));
lines.addEventListener("change", (event) => dial(event.target));

document.getElementById("agregar").addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target;
  const name = form.elements.name.value.trim();
  const number = form.elements.number.value.replace(/\D/g, "");
  const known = people.querySelector(`input[value="${number}"]`);
  const input = known ?? added(name, number);
  input.checked = true;
  hold(input);
  form.reset();
  form.closest("details").open = false;
  document.getElementById("mensaje").focus();
});

function added(name, number) {
  const label = document.createElement("label");
  label.className = "person";
  const input = document.createElement("input");
  Object.assign(input, { type: "radio", name: "person", value: number });
  input.dataset.name = name;
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
  button.addEventListener("click", () => phone.write({ text: button.dataset.example }));
}

window.addEventListener("pagehide", () => stream?.close());

new Desk().start();
dial(lines.querySelector("input:checked"));
