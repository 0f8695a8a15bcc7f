// Writing first: what the person in whose hand the phone is allows, and the number's templates.

import { allowed, api, refusal } from "./api.js";

const form = document.getElementById("plantilla");
const values = form?.querySelector(".values");
const preview = document.getElementById("vista");
const permit = document.getElementById("permiso");
const told = document.getElementById("plantilla-aviso");
const LEVELS = {
  none: "no se le puede escribir primero",
  transactional: "acepta avisos de sus tickets",
  marketing: "acepta avisos y promociones",
};
const LANGUAGES = { es: "español", "pt-BR": "portugués", en: "inglés", it: "italiano" };
const CATEGORIES = { marketing: "promoción", utility: "aviso", authentication: "código" };
const APPROVALS = { approved: "aprobada", paused: "en pausa", rejected: "rechazada", pending: "en revisión" };
const SAMPLES = ["Ana", "#TK-2026-000001", "resuelto"];
const OFFERS = ["Ana", "20 % de descuento"];
// A person writes many messages; what is known of them is read at most this often.
const PAUSE_MS = 1500;
const clock = new Intl.DateTimeFormat("es", { dateStyle: "short", timeStyle: "short" });

export class Templates {
  #channel;
  #person;
  #contact;
  #rows = [];
  #due;

  constructor() {
    if (!form || !allowed) return;
    form.elements.template.addEventListener("change", () => this.#fields());
    values.addEventListener("input", () => this.#preview());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    const note = (id, wish) => {
      document.getElementById(id).addEventListener("click", () => this.#note(wish));
    };
    note("permitir", { level: "marketing", marketing_refused: false, proof: "Formulario firmado" });
    note("prohibir", { marketing_refused: true });
  }

  // Speaks of this person and this number from now on.
  async address(channel, person) {
    this.#person = person;
    this.#contact = undefined;
    // What was due was about the one before, and nobody is looked up who has not written.
    clearTimeout(this.#due);
    this.#due = undefined;
    if (!form || !allowed) return;
    told.textContent = "";
    permit.textContent = `${person.name} todavía no ha escrito; nadie puede escribirle primero.`;
    if (channel === this.#channel) return this.#suit();
    this.#channel = channel;
    const answer = await api(`templates?channel=${channel}`);
    if (!answer.ok || channel !== this.#channel) return;
    this.#rows = (await answer.json()).templates;
    form.elements.template.replaceChildren(...this.#rows.map(option));
    this.#suit();
  }

  // Begins with what a person is written to first: news of a ticket, in their language.
  #suit() {
    const language = this.#person.language.replace("-", "_");
    const row = this.#rows.findIndex((one) => one.name === "ticket_update" && one.language === language);
    if (row >= 0) form.elements.template.selectedIndex = row;
    this.#fields();
  }

  // The id of the person, once they are known.
  get contact() {
    return this.#contact;
  }

  // Reads soon what is known of a person who has written.
  look() {
    if (!form || !allowed || this.#due) return;
    this.#due = setTimeout(() => {
      this.#due = undefined;
      this.#read();
    }, this.#contact ? PAUSE_MS : 200);
  }

  // How a template that was sent reads, filled with its values.
  text({ name, language, components } = {}) {
    const code = language?.code;
    const row = this.#rows.find((one) => one.name === name && one.language === code);
    if (!row) return null;
    const body = components?.find(({ type }) => type?.toLowerCase() === "body");
    const filled = (body?.parameters ?? []).map(({ text }) => text ?? "");
    return row.body.replace(/\{\{(\d+)\}\}/g, (all, n) => filled[n - 1] ?? all);
  }

  async #read() {
    const person = this.#person;
    const found = this.#contact ?? (await this.#find());
    if (person !== this.#person) return;
    this.#contact = found;
    if (!found) return;
    const [known, consent] = await Promise.all([api(`contacts/${found}`), api(`contacts/${found}/consent`)]);
    if (!known.ok || !consent.ok || person !== this.#person) return;
    const { language, window_ends } = await known.json();
    const { level, marketing_refused } = await consent.json();
    const parts = [person.name];
    if (language) parts.push(LANGUAGES[language] ?? language);
    parts.push(marketing_refused ? "no quiere promociones" : LEVELS[level]);
    if (window_ends) parts.push(`ventana hasta ${clock.format(new Date(window_ends))}`);
    permit.textContent = parts.join(" · ");
  }

  async #find() {
    const answer = await api(`contacts?phone=${this.#person.number}`);
    return answer.ok ? (await answer.json()).id : undefined;
  }

  #chosen() {
    return this.#rows[form.elements.template.selectedIndex];
  }

  #fields() {
    const row = this.#chosen();
    const samples = row?.category === "marketing" ? OFFERS : SAMPLES;
    const first = this.#person?.name.split(" ")[0];
    const fields = (row?.variables ?? []).map((name, index) => {
      const label = document.createElement("label");
      const field = document.createElement("input");
      Object.assign(field, { name: "value", required: true, maxLength: 200, autocomplete: "off" });
      field.value = index === 0 ? first : (samples[index] ?? "dato");
      label.append(`Dato ${name.replace(/[{}]/g, "")}`, field);
      return label;
    });
    values.replaceChildren(...fields);
    this.#preview();
  }

  #values() {
    return [...values.querySelectorAll("input")].map((field) => field.value);
  }

  #preview() {
    const row = this.#chosen();
    const filled = this.#values();
    preview.textContent = row?.body.replace(/\{\{(\d+)\}\}/g, (all, n) => filled[n - 1] || all) ?? "";
  }

  async #send() {
    const row = this.#chosen();
    if (!this.#contact) return this.#tell("Esta persona todavía no ha escrito.");
    const { name: template, language } = row;
    const order = { id: crypto.randomUUID(), template, language, values: this.#values() };
    const answer = await api(`contacts/${this.#contact}/templates`, order);
    this.#tell(answer.ok ? "Enviada: mírela en el teléfono." : await refusal(answer));
  }

  async #note(wish) {
    if (!this.#contact) return this.#tell("Esta persona todavía no ha escrito.");
    const order = { id: crypto.randomUUID(), by: "ana", ...wish };
    const answer = await api(`contacts/${this.#contact}/consent`, order);
    this.#tell(answer.ok ? "Anotado." : await refusal(answer));
    await this.#read();
    this.look();
  }

  #tell(words) {
    told.textContent = words;
  }
}

function option({ name, language, category, approval, rests }) {
  const made = document.createElement("option");
  const stands = rests ? "pausada aquí" : (APPROVALS[approval] ?? approval);
  const facts = [CATEGORIES[category] ?? category, stands];
  made.textContent = `${name} · ${language} · ${facts.join(", ")}`;
  return made;
}
