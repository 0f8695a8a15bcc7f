// The phone in the hand of one person: what they wrote, what came back, how far it got.

import { bubble, hint, react, setTicks, words } from "./bubble.js";
import { kindOf, sample } from "./send.js";

const chat = document.getElementById("charla");
const presence = document.getElementById("presencia");
const field = document.getElementById("mensaje");
const pause = document.getElementById("espera");
const quote = document.getElementById("cita");
const clip = document.getElementById("adjuntos");
const QUOTED_CHARS = 90;
// An answer that took this long is waiting for something, and the visitor is told for what.
const PATIENCE_MS = 1500;

export class Phone {
  #channel;
  #provider;
  #person;
  #messages = new Map();
  #typing;
  #answers;
  #templates;
  #pace = {};

  // `templates` gives the text of a template that was sent.
  constructor(templates) {
    this.#templates = templates;
    document.getElementById("escribir").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.#send();
      }
    });
    field.addEventListener("input", fit);
    quote.querySelector("button").addEventListener("click", () => this.#answer(null));
    const chooser = document.getElementById("archivo");
    chooser.addEventListener("change", async () => {
      const [file] = chooser.files;
      chooser.value = "";
      clip.open = false;
      if (file) await this.attach(file);
    });
    for (const button of clip.querySelectorAll("[data-sample]")) {
      button.addEventListener("click", () => {
        clip.open = false;
        sample(button.dataset.sample, this);
      });
    }
  }

  // Writes to another of the company's numbers from now on.
  dial({ channel, number, provider }) {
    this.#channel = channel;
    this.#pace = {};
    this.#provider = provider;
    presence.dataset.rest = `+${number}`;
  }

  // Puts the phone into another person's hand.
  hold(person) {
    this.#person = person;
    this.#messages.clear();
    this.#answer(null);
    this.#rest();
    pause.textContent = "";
    chat.replaceChildren(hint(`${person.name} todavía no ha escrito.`));
    chat.setAttribute("aria-label", `Conversación de ${person.name}`);
  }

  // Reads the whole conversation anew; tells whether the server has answered in it.
  async refresh() {
    const person = this.#person;
    const answer = await fetch(this.#address());
    if (!answer.ok || person !== this.#person) return false;
    const { messages } = await answer.json();
    for (const message of messages) this.receive(message);
    return messages.some(({ direction }) => direction === "out");
  }

  // Shows a message, in its place if it is known already.
  receive(message) {
    const before = this.#messages.get(message.id);
    if (before && before.message.n === message.n) {
      this.mark(message);
      return;
    }
    if (message.direction === "out") this.#rest();
    chat.querySelector(".hint")?.remove();
    if (message.type === "reaction") {
      const about = this.#messages.get(message.content?.message_id)?.item;
      if (about) react(about, message.content.emoji);
      this.#messages.set(message.id, { message });
      return;
    }
    const item = this.#item(message);
    this.#messages.set(message.id, { message, item });
    const later = [...chat.children].find((other) => Number(other.dataset.n) > message.n);
    chat.insertBefore(item, later ?? chat.querySelector(".typing"));
    chat.scrollTop = chat.scrollHeight;
  }

  // Moves the ticks of a message.
  mark({ id, status }) {
    const item = this.#messages.get(id)?.item;
    const ticks = item?.querySelector(".ticks");
    if (ticks) setTicks(ticks, status);
    // A provider may have fetched the picture only after it showed the message.
    const picture = item?.querySelector("img.picture");
    if (picture?.hidden) picture.src = `${picture.dataset.address}?${status}`;
  }

  // Shows for a while that an answer is being written.
  typing() {
    this.#rest();
    presence.textContent = "escribiendo…";
    const dots = document.createElement("li");
    dots.className = "bubble theirs typing";
    dots.setAttribute("aria-hidden", "true");
    dots.append(...[1, 2, 3].map(() => document.createElement("i")));
    chat.append(dots);
    chat.scrollTop = chat.scrollHeight;
    this.#typing = setTimeout(() => this.#rest(), 25_000);
  }

  // Says why an answer is late, when the server knows.
  explain({ gateways }) {
    const last = [...this.#messages.values()].at(-1)?.message;
    const late = last?.direction === "in" && Date.now() - last.at_ms > PATIENCE_MS;
    const line = gateways.find((one) => one.name === this.#channel && one.provider !== "media");
    const desk = gateways.find((one) => one.provider === "glpi");
    const paced = this.#wasPaced(last, line?.not_started ?? 0);
    const words = late ? reason(line, desk, paced) : "";
    if (pause.textContent !== words) pause.textContent = words;
  }

  // Whether the line's limits put something off since the last message: what was put off is counted
  // at every beat, and the beat before a message is what it is compared with.
  #wasPaced(last, count) {
    if (this.#pace.about !== last?.id) this.#pace = { about: last?.id, from: this.#pace.count ?? count };
    this.#pace.count = count;
    return count > this.#pace.from;
  }

  // Writes a text or taps a button as this person.
  async write(content) {
    const body = { context_id: this.#answers?.id, ...content, name: this.#person.name };
    this.#answer(null);
    const headers = { "content-type": "application/json" };
    const request = { method: "POST", headers, body: JSON.stringify(body) };
    return this.#sent(fetch(this.#address(), request), "No se pudo enviar.");
  }

  // Sends something that is neither text nor file: a place, a reaction.
  share(type, object) {
    const message = { type, [type]: object };
    if (this.#provider === "Gupshup") message.payload = older(object);
    return this.write({ message });
  }

  // Sends a file as this person; what stands in the field goes below it.
  async attach(file, kind = kindOf(file.type)) {
    const caption = field.value.trim();
    const about = new URLSearchParams({ kind });
    if (kind === "document") about.set("name", file.name);
    if (caption) about.set("caption", caption);
    const headers = { "content-type": file.type || "application/octet-stream", "x-chasqui-demo": "1" };
    const address = `${this.#address("files")}?${about}`;
    const call = fetch(address, { method: "POST", headers, body: file });
    if (await this.#sent(call, "No se pudo enviar el archivo.")) {
      field.value = "";
      fit();
    }
  }

  #item(message) {
    const acts = {
      // A tap says on which message it was made.
      button: (tap) => this.write({ button_reply: tap, context_id: message.id }),
      row: (tap) => this.write({ list_reply: tap, context_id: message.id }),
      react: ({ id }, emoji) => this.share("reaction", { message_id: id, emoji }),
      answer: (about) => this.#answer(about),
    };
    const about = this.#messages.get(message.context)?.message;
    const tapped = message.type === "interactive";
    const quoted = about && !tapped && short(words(about, this.#templates));
    const file = this.#address(`files/${encodeURIComponent(message.id)}`);
    return bubble(message, { acts, quoted, file, said: words(message, this.#templates) });
  }

  // Chooses the message that the next text answers.
  #answer(message) {
    this.#answers = message;
    quote.hidden = !message;
    quote.querySelector("span").textContent = message ? short(words(message, this.#templates)) : "";
    if (message) field.focus();
  }

  async #send() {
    const text = field.value.trim();
    if (!text) return;
    field.value = "";
    fit();
    if (!(await this.write({ text }))) field.value = text;
  }

  async #sent(call, otherwise) {
    const answer = await call.catch(() => null);
    if (!answer?.ok) {
      chat.append(hint(`${otherwise} Inténtelo de nuevo en un momento.`));
      chat.scrollTop = chat.scrollHeight;
    }
    return answer?.ok ?? false;
  }

  #address(what = "messages") {
    return `/demo/phone/${this.#channel}/${this.#person.number}/${what}`;
  }

  #rest() {
    clearTimeout(this.#typing);
    chat.querySelector(".typing")?.remove();
    presence.textContent = presence.dataset.rest;
  }
}

// Gupshup sends everything in an older form too, with a name of its own for the message meant.
function older({ message_id, ...object }) {
  return message_id ? { id: message_id, ...object } : object;
}

function reason(line, desk, paced) {
  if (line?.circuit === "open") return "WhatsApp no responde: la respuesta espera y saldrá cuando vuelva.";
  if (paced) {
    return "WhatsApp admite un mensaje cada 6 s a la misma persona; la respuesta espera su turno.";
  }
  if (desk?.circuit === "open") return "GLPI no responde: lo que falta se hará cuando vuelva.";
  return "";
}

function short(text) {
  const line = text.replace(/\s+/g, " ");
  return line.length > QUOTED_CHARS ? `${line.slice(0, QUOTED_CHARS)}…` : line;
}

function fit() {
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}
