// The switches of what can go wrong outside.

import { refusal, world } from "./api.js";

const told = document.getElementById("averias-aviso");
const switches = [...document.querySelectorAll("[data-fault]")];
// What is used up by itself is looked at again this often while it is on.
const USED_UP = "glpi-lost";

export class Faults {
  constructor() {
    for (const button of switches) {
      button.addEventListener("click", () => this.#turn(button));
    }
  }

  // Reads which are on.
  async refresh() {
    const answer = await fetch("/demo/faults");
    if (!answer.ok) return;
    const { on } = await answer.json();
    for (const button of switches) show(button, on.includes(button.dataset.fault));
  }

  // Called with every beat: a fault that acts once ends by itself.
  used() {
    if (switches.some((button) => button.dataset.fault === USED_UP && isOn(button))) this.refresh();
  }

  async #turn(button) {
    const on = !isOn(button);
    const answer = await world(`faults/${button.dataset.fault}`, { on });
    const name = button.querySelector("strong").textContent;
    const done = on ? `Encendida: ${name}.` : `Reparada: ${name}.`;
    told.textContent = answer.ok ? done : await refusal(answer);
    await this.refresh();
  }
}

function isOn(button) {
  return button.getAttribute("aria-checked") === "true";
}

function show(button, on) {
  button.setAttribute("aria-checked", String(on));
}
