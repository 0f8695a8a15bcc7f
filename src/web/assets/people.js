// The desk of the people behind the channel: who waits, their answer, and giving back to the bot.
//
// It asks the same API as any client would, with a client-made id for every command, so that a
// click that is sent twice is one command.

const desk = document.getElementById("personas-turno");
const list = document.getElementById("turno");
const empty = document.getElementById("turno-vacio");
const told = document.getElementById("turno-aviso");
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
  #token = desk?.dataset.token;
  #queue = desk?.dataset.queue;

  start() {
    if (!this.#token || !this.#queue) return;
    this.#look();
    setInterval(() => document.hidden || this.#look(), PAUSE_MS);
  }

  async #look() {
    const answer = await this.#ask(`queues/${this.#queue}/waiting`);
    if (answer.ok) this.#show((await answer.json()).waiting);
  }

  #ask(path, body) {
    const headers = { authorization: `Bearer ${this.#token}` };
    if (!body) return fetch(`/api/v1/${path}`, { headers });
    headers["content-type"] = "application/json";
    return fetch(`/api/v1/${path}`, { method: "POST", headers, body: JSON.stringify(body) });
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
      const words = `${CAUSES[row.cause] ?? row.cause} · ${state}`;
      item.querySelector(".why").textContent = words;
    }
    empty.hidden = waiting.length > 0;
  }

  #add(contact) {
    const item = document.createElement("li");
    item.className = "waiting";
    item.dataset.contact = contact;
    const who = document.createElement("p");
    who.className = "who";
    const why = document.createElement("p");
    why.className = "why";
    const form = document.createElement("form");
    const field = document.createElement("input");
    Object.assign(field, { name: "text", required: true, maxLength: 12288, autocomplete: "off" });
    field.placeholder = "Responder como operador";
    field.setAttribute("aria-label", "Respuesta del operador");
    form.append(field, attachment((file) => this.#attach(contact, file, form)));
    form.append(button("Responder", "submit"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#command(contact, "messages", { text: field.value }, () => form.reset());
    });
    const back = button("Devolver al asistente", "button");
    back.addEventListener("click", () => this.#command(contact, "handback", {}));
    const close = button("Cerrar", "button");
    close.addEventListener("click", () => this.#command(contact, "close", {}));
    const acts = document.createElement("p");
    acts.className = "acts";
    acts.append(back, close);
    item.append(who, why, form, acts);
    this.#rows.set(contact, item);
    list.append(item);
    return item;
  }

  // Uploads a file and sends it; what stands in the field goes below it.
  async #attach(contact, file, form) {
    const answer = await fetch(`/api/v1/contacts/${contact}/media`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${this.#token}`,
        "content-type": file.type || "application/octet-stream",
      },
      body: file,
    });
    const kept = await answer.json();
    if (!answer.ok) {
      told.textContent = kept.error.message;
      return;
    }
    const caption = form.elements.text.value.trim();
    const silent = kept.kind === "audio" || kept.kind === "sticker";
    const media = {
      name: kept.name,
      ...(kept.kind === "document" ? { file_name: file.name } : {}),
      ...(caption && !silent ? { caption } : {}),
    };
    await this.#command(contact, "messages", { media }, () => silent || form.reset());
  }

  async #command(contact, what, more, done) {
    const body = { id: crypto.randomUUID(), by: "ana", ...more };
    const answer = await this.#ask(`contacts/${contact}/${what}`, body);
    const refused = answer.ok ? "" : (await answer.json()).error.message;
    told.textContent = refused;
    if (answer.ok) done?.();
    await this.#look();
  }
}

function attachment(take) {
  const label = document.createElement("label");
  label.className = "attach";
  label.title = "Adjuntar un archivo";
  const words = document.createElement("span");
  words.className = "unseen";
  words.textContent = "Adjuntar un archivo para la persona";
  const sign = document.createElement("span");
  sign.setAttribute("aria-hidden", "true");
  sign.textContent = "📎";
  const chooser = document.createElement("input");
  chooser.type = "file";
  chooser.className = "unseen";
  chooser.addEventListener("change", async () => {
    const [file] = chooser.files;
    chooser.value = "";
    if (file) await take(file);
  });
  label.append(words, sign, chooser);
  return label;
}

function button(words, type) {
  const made = document.createElement("button");
  Object.assign(made, { type, textContent: words });
  return made;
}
