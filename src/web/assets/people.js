// The desk of the people behind the channel: who waits, their answer, and giving back to the bot.
//
// It asks the same API as any client would, with a client-made id for every command, so that a
// click that is sent twice is one command.

import { allowed, api, refusal, upload } from "./api.js";

const desk = document.getElementById("personas-turno");
const list = document.getElementById("turno");
const empty = document.getElementById("turno-vacio");
const told = document.getElementById("turno-aviso");
const current = document.getElementById("tomar-actual");
const OPERATOR = "ana";
const CAUSES = {
  asked: "pidió hablar con una persona",
  complaint: "queja",
  too_many_messages: "el asistente no logró ayudar",
  rule: "por regla",
  cohort: "fuera del grupo piloto",
  policy: "número no registrado",
  operator: "la tomó un operador",
};
const PAUSE_MS = 2000;

export class Desk {
  #rows = new Map();
  #queue = desk?.dataset.queue;
  #person;
  #see;
  #contact;

  // `see` shows the conversation of a number on the phone; `contact` is the id of who holds it.
  constructor({ see, contact }) {
    this.#see = see;
    this.#contact = contact;
  }

  start() {
    if (!allowed || !this.#queue) return;
    current.addEventListener("click", () => this.#takeCurrent());
    this.#look();
    setInterval(() => document.hidden || this.#look(), PAUSE_MS);
  }

  // The phone is in this person's hand.
  before(person) {
    this.#person = person;
    if (current) current.textContent = `Tomar la conversación de ${person.name}`;
  }

  async #look() {
    const answer = await api(`queues/${this.#queue}/waiting`);
    if (answer.ok) this.#show((await answer.json()).waiting);
  }

  #show(waiting) {
    const here = new Set(waiting.map((row) => row.contact));
    for (const [contact, row] of this.#rows) {
      if (here.has(contact)) continue;
      row.remove();
      this.#rows.delete(contact);
    }
    for (const row of waiting) {
      const item = this.#rows.get(row.contact) ?? this.#add(row.contact);
      item.classList.toggle("alarm", row.alarm);
      item.querySelector(".who").textContent = row.name ?? "Sin nombre";
      const state = row.operator ? `la atiende ${row.operator}` : `espera hace ${row.waited_s} s`;
      item.querySelector(".why").textContent = `${CAUSES[row.cause] ?? row.cause} · ${state}`;
      item.querySelector(".take").hidden = row.operator === OPERATOR;
    }
    empty.hidden = waiting.length > 0;
  }

  #add(contact) {
    const item = made("li", "waiting");
    item.dataset.contact = contact;
    const form = document.createElement("form");
    const field = document.createElement("input");
    Object.assign(field, { name: "text", required: true, maxLength: 12288, autocomplete: "off" });
    field.placeholder = "Responder como operador";
    field.setAttribute("aria-label", "Respuesta del operador");
    const answer = made("button", "strong", "Responder");
    form.append(field, attachment((file) => this.#attach(contact, file, form)), answer);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#command(contact, "messages", { text: field.value }, () => form.reset());
    });
    const acts = made("p", "acts");
    const act = (words, kind, does) => {
      const button = made("button", kind, words);
      button.type = "button";
      button.addEventListener("click", does);
      acts.append(button);
    };
    act("Tomar", "take", () => this.#command(contact, "take", {}));
    act("Ver en el teléfono", "", () => this.#follow(contact));
    act("Devolver al asistente", "", () => this.#command(contact, "handback", {}));
    act("Cerrar", "", () => this.#command(contact, "close", {}));
    item.append(made("p", "who"), made("p", "why"), form, acts);
    this.#rows.set(contact, item);
    list.append(item);
    return item;
  }

  async #follow(contact) {
    const answer = await api(`contacts/${contact}`);
    const phone = answer.ok ? (await answer.json()).phone : null;
    if (phone) this.#see(phone);
    else told.textContent = "No se conoce el número de esta persona.";
  }

  // Uploads a file and sends it; what stands in the field goes below it.
  async #attach(contact, file, form) {
    const answer = await upload(`contacts/${contact}/media`, file);
    if (!answer.ok) {
      told.textContent = await refusal(answer);
      return;
    }
    const kept = await answer.json();
    const caption = form.elements.text.value.trim();
    const silent = kept.kind === "audio" || kept.kind === "sticker";
    const media = {
      name: kept.name,
      ...(kept.kind === "document" ? { file_name: file.name } : {}),
      ...(caption && !silent ? { caption } : {}),
    };
    await this.#command(contact, "messages", { media }, () => silent || form.reset());
  }

  async #takeCurrent() {
    const contact = this.#contact();
    if (contact) await this.#command(contact, "take", {});
    else told.textContent = `${this.#person.name} todavía no ha escrito.`;
  }

  async #command(contact, what, more, done) {
    const answer = await api(`contacts/${contact}/${what}`, { id: crypto.randomUUID(), by: OPERATOR, ...more });
    told.textContent = answer.ok ? "" : await refusal(answer);
    if (answer.ok) done?.();
    await this.#look();
  }
}

function attachment(take) {
  const label = made("label", "attach");
  label.title = "Adjuntar un archivo";
  const sign = made("span", "", "📎");
  sign.setAttribute("aria-hidden", "true");
  const chooser = made("input", "unseen");
  chooser.type = "file";
  chooser.addEventListener("change", async () => {
    const [file] = chooser.files;
    chooser.value = "";
    if (file) await take(file);
  });
  label.append(made("span", "unseen", "Adjuntar un archivo para la persona"), sign, chooser);
  return label;
}

function made(tag, kind, text) {
  const node = document.createElement(tag);
  if (kind) node.className = kind;
  if (text) node.textContent = text;
  return node;
}
