// The phone in the hand of one person: what they wrote, what came back, how far it got.

const chat = document.getElementById("charla");
const presence = document.getElementById("presencia");
const field = document.getElementById("mensaje");
const FILES = new Map([
  ["image", "Foto"],
  ["video", "Video"],
  ["audio", "Audio"],
  ["document", "Documento"],
  ["sticker", "Sticker"],
]);
const PICTURES = new Set(["image", "sticker"]);
const TICKS = { accepted: "✓", sent: "✓", delivered: "✓✓", read: "✓✓", failed: "!" };
const TICK_WORDS = {
  accepted: "enviado",
  sent: "enviado",
  delivered: "entregado",
  read: "leído",
  failed: "no entregado",
};
const clock = new Intl.DateTimeFormat("es", { hour: "2-digit", minute: "2-digit" });

export class Phone {
  #channel;
  #person;
  #messages = new Map();
  #typing;

  constructor() {
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
    const chooser = document.getElementById("archivo");
    chooser.addEventListener("change", async () => {
      const [file] = chooser.files;
      chooser.value = "";
      if (file) await this.attach(file);
    });
  }

  // Writes to another of the company's numbers from now on.
  dial({ channel, number }) {
    this.#channel = channel;
    presence.dataset.rest = `+${number}`;
  }

  // Puts the phone into another person's hand.
  hold(person) {
    this.#person = person;
    this.#messages.clear();
    this.#rest();
    chat.replaceChildren(hint(`${person.name} todavía no ha escrito.`));
    chat.setAttribute("aria-label", `Conversación de ${person.name}`);
  }

  // Reads the whole conversation anew.
  async refresh() {
    const person = this.#person;
    const answer = await fetch(this.#address());
    if (!answer.ok || person !== this.#person) return;
    const { messages } = await answer.json();
    for (const message of messages) this.receive(message);
  }

  // Shows a message, in its place if it is known already.
  receive(message) {
    const before = this.#messages.get(message.id);
    if (before && before.n === message.n) {
      this.mark(message);
      return;
    }
    if (message.direction === "out") this.#rest();
    const item = bubble(message, this.#address(`files/${encodeURIComponent(message.id)}`), {
      button: (tap) => this.write({ button_reply: tap }),
      row: (tap) => this.write({ list_reply: tap }),
    });
    this.#messages.set(message.id, { n: message.n, item });
    chat.querySelector(".hint")?.remove();
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

  // Writes a text or taps a button as this person.
  async write(content) {
    const body = JSON.stringify({ ...content, name: this.#person.name });
    const headers = { "content-type": "application/json" };
    const answer = await fetch(this.#address(), { method: "POST", headers, body }).catch(() => null);
    if (!answer?.ok) {
      chat.append(hint("No se pudo enviar. Inténtelo de nuevo en un momento."));
      chat.scrollTop = chat.scrollHeight;
    }
    return answer?.ok ?? false;
  }

  // Sends a file as this person; what stands in the field goes below it.
  async attach(file) {
    const caption = field.value.trim();
    const kind = kindOf(file.type);
    const about = new URLSearchParams({ kind });
    if (kind === "document") about.set("name", file.name);
    if (caption) about.set("caption", caption);
    const headers = { "content-type": file.type || "application/octet-stream", "x-chasqui-demo": "1" };
    const address = `${this.#address("files")}?${about}`;
    const answer = await fetch(address, { method: "POST", headers, body: file }).catch(() => null);
    if (answer?.ok) {
      field.value = "";
      fit();
    } else {
      chat.append(hint("No se pudo enviar el archivo. Inténtelo de nuevo en un momento."));
      chat.scrollTop = chat.scrollHeight;
    }
  }

  async #send() {
    const text = field.value.trim();
    if (!text) return;
    field.value = "";
    fit();
    if (!(await this.write({ text }))) field.value = text;
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

function fit() {
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}

function bubble(message, address, tap) {
  const mine = message.direction === "in";
  const item = document.createElement("li");
  item.className = `bubble ${mine ? "mine" : "theirs"}`;
  item.dataset.n = message.n;
  item.dataset.id = message.id;
  const body = document.createElement("div");
  body.className = "text";
  body.append(...formatted(shown(message)));
  if (PICTURES.has(message.type)) item.append(picture(message, address));
  item.append(body, meta(message, mine));
  if (message.buttons?.length) item.append(choices(message.buttons, tap.button));
  if (message.rows?.length) item.append(list(message, tap.row));
  return item;
}

// A picture stands above its words; where it cannot be seen yet, its name does.
function picture(message, address) {
  const image = document.createElement("img");
  image.className = "picture";
  image.alt = FILES.get(message.type);
  image.hidden = true;
  image.dataset.address = address;
  image.addEventListener("load", () => {
    image.hidden = false;
    chat.scrollTop = chat.scrollHeight;
  });
  image.addEventListener("error", () => (image.hidden = true));
  image.src = address;
  return image;
}

// A list opens below its message, as WhatsApp opens it over the chat; any row can be chosen again.
function list(message, tap) {
  const box = document.createElement("details");
  box.className = "list";
  const label = document.createElement("summary");
  label.textContent = message.content?.action?.button ?? "Opciones";
  box.append(label);
  for (const { id, title, description } of message.rows) {
    const row = document.createElement("button");
    row.type = "button";
    row.dataset.row = id;
    const name = document.createElement("span");
    name.textContent = title;
    row.append(name);
    if (description) {
      const more = document.createElement("small");
      more.textContent = description;
      row.append(more);
    }
    row.addEventListener("click", () => {
      box.open = false;
      tap({ id, title, ...(description ? { description } : {}) });
    });
    box.append(row);
  }
  return box;
}

// What a bubble reads: the text, or the name of a file with what stands below it.
function shown({ type, text, content }) {
  if (type === "location") {
    const where = [content?.name, content?.address].filter(Boolean).join(", ");
    return `📍 ${where || `${content?.latitude}, ${content?.longitude}`}`;
  }
  if (type === "contacts") {
    const name = content?.[0]?.name ?? {};
    return `👤 ${name.formatted_name ?? name.formattedName ?? "Contacto"}`;
  }
  if (!FILES.has(type)) return text ?? `[${type}]`;
  const name = content?.filename ?? FILES.get(type);
  return text ? `📎 ${name}\n${text}` : `📎 ${name}`;
}

function kindOf(type) {
  if (/^image\/(jpeg|png)$/.test(type)) return "image";
  const family = type.split("/")[0];
  return family === "video" || family === "audio" ? family : "document";
}

function meta(message, mine) {
  const line = document.createElement("div");
  line.className = "meta";
  const time = document.createElement("time");
  const at = new Date(message.at_ms);
  time.dateTime = at.toISOString();
  time.textContent = clock.format(at);
  line.append(time);
  if (mine) {
    const ticks = document.createElement("span");
    ticks.className = "ticks";
    ticks.setAttribute("role", "img");
    setTicks(ticks, message.status);
    line.append(ticks);
  }
  return line;
}

function setTicks(ticks, status) {
  ticks.dataset.status = status;
  ticks.textContent = TICKS[status] ?? "";
  ticks.setAttribute("aria-label", TICK_WORDS[status] ?? status);
}

function choices(buttons, tap) {
  const row = document.createElement("div");
  row.className = "choices";
  for (const { id, title } of buttons) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = title;
    button.addEventListener("click", async () => {
      const all = [...row.children];
      all.forEach((other) => (other.disabled = true));
      if (!(await tap({ id, title }))) all.forEach((other) => (other.disabled = false));
    });
    row.append(button);
  }
  return row;
}

// WhatsApp's own marks: *bold*, _italic_, ~struck~. Everything else is plain text.
function formatted(text) {
  const tags = { "*": "strong", _: "em", "~": "s" };
  const marks = /(?<![\p{L}\p{N}])([*_~])(?=\S)([^\n]*?\S)\1(?![\p{L}\p{N}])/gu;
  const nodes = [];
  let from = 0;
  for (const found of text.matchAll(marks)) {
    nodes.push(document.createTextNode(text.slice(from, found.index)));
    const node = document.createElement(tags[found[1]]);
    node.textContent = found[2];
    nodes.push(node);
    from = found.index + found[0].length;
  }
  nodes.push(document.createTextNode(text.slice(from)));
  return nodes;
}

function hint(words) {
  const item = document.createElement("li");
  item.className = "hint";
  item.textContent = words;
  return item;
}
