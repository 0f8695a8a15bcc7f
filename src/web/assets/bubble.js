// One message as the phone shows it, and what can be done with it.

const TICKS = { accepted: "✓", sent: "✓", delivered: "✓✓", read: "✓✓", failed: "!" };
const TICK_WORDS = {
  accepted: "enviado",
  sent: "enviado",
  delivered: "entregado",
  read: "leído",
  failed: "no entregado",
};
const FILES = new Map([
  ["image", "📷 Foto"],
  ["video", "🎬 Video"],
  ["audio", "🎵 Audio"],
  ["document", "📎 Documento"],
  ["sticker", "🖼 Sticker"],
]);
const PICTURES = new Set(["image", "sticker"]);
const FACES = ["👍", "❤️", "😂", "🙏"];
const clock = new Intl.DateTimeFormat("es", { hour: "2-digit", minute: "2-digit" });

// `acts` are what a tap does: button, row, react, answer. `quoted` is the message it answers, `file`
// the address of what it shows.
export function bubble(message, { acts, quoted, file, said }) {
  const mine = message.direction === "in";
  const item = element("li", `bubble ${mine ? "mine" : "theirs"}`);
  item.dataset.n = message.n;
  item.dataset.id = message.id;
  if (quoted) item.append(element("blockquote", "quoted", quoted));
  const body = element("div", "text");
  body.append(...formatted(said));
  if (PICTURES.has(message.type)) item.append(picture(message, file));
  item.append(body, meta(message, mine));
  if (message.buttons?.length) item.append(choices(message.buttons, acts.button));
  if (message.rows?.length) item.append(list(message, acts.row));
  if (!mine) item.append(more(message, acts));
  return item;
}

// What a bubble reads.
export function words({ type, text, content }, templates) {
  if (FILES.has(type)) {
    const voice = type === "audio" && content?.voice;
    const name = voice ? "🎤 Nota de voz" : content?.filename ? `📎 ${content.filename}` : FILES.get(type);
    return text ? `${name}\n${text}` : name;
  }
  if (type === "location") {
    const place = [content?.name, content?.address].filter(Boolean).join("\n");
    return `📍 ${place || `${content?.latitude}, ${content?.longitude}`}`;
  }
  if (type === "contacts") {
    const name = content?.[0]?.name ?? {};
    return `👤 ${name.formatted_name ?? name.formattedName ?? "Contacto"}`;
  }
  if (type === "template") return templates(content) ?? text ?? `[${type}]`;
  return text ?? `[${type}]`;
}

export function setTicks(ticks, status) {
  ticks.dataset.status = status;
  ticks.textContent = TICKS[status] ?? "";
  ticks.setAttribute("aria-label", TICK_WORDS[status] ?? status);
}

// Puts a reaction onto the bubble that it is about.
export function react(item, emoji) {
  const badge = item.querySelector(".reaction") ?? element("span", "reaction");
  badge.textContent = emoji;
  badge.setAttribute("aria-label", `Reacción: ${emoji}`);
  badge.setAttribute("role", "img");
  if (emoji) item.append(badge);
  else badge.remove();
}

export function hint(words) {
  return element("li", "hint", words);
}

function meta(message, mine) {
  const line = element("div", "meta");
  const at = new Date(message.at_ms);
  const time = element("time", "", clock.format(at));
  time.dateTime = at.toISOString();
  line.append(time);
  if (mine) {
    const ticks = element("span", "ticks");
    ticks.setAttribute("role", "img");
    setTicks(ticks, message.status);
    line.append(ticks);
  }
  return line;
}

function choices(buttons, tap) {
  const row = element("div", "choices");
  for (const { id, title } of buttons) {
    const choice = button(title, async () => {
      const all = [...row.children];
      all.forEach((other) => (other.disabled = true));
      if (!(await tap({ id, title }))) all.forEach((other) => (other.disabled = false));
    });
    row.append(choice);
  }
  return row;
}

// A picture stands above its words; where it cannot be seen yet, its name does.
function picture(message, address) {
  const image = element("img", "picture");
  image.alt = FILES.get(message.type);
  image.hidden = true;
  image.dataset.address = address;
  image.addEventListener("load", () => {
    image.hidden = false;
    const chat = image.closest(".chat");
    if (chat) chat.scrollTop = chat.scrollHeight;
  });
  image.addEventListener("error", () => (image.hidden = true));
  image.src = address;
  return image;
}

// A list opens below its message, as WhatsApp opens it over the chat; any row can be chosen again.
function list(message, tap) {
  const box = element("details", "list");
  box.append(element("summary", "", message.content?.action?.button ?? "Opciones"));
  for (const { id, title, description } of message.rows) {
    const row = button("", () => {
      box.open = false;
      tap({ id, title, ...(description ? { description } : {}) });
    });
    row.dataset.row = id;
    row.append(element("span", "", title));
    if (description) row.append(element("small", "", description));
    box.append(row);
  }
  return box;
}

// Reacting and answering, as a long press does in WhatsApp.
function more(message, acts) {
  const box = element("details", "with");
  const label = element("summary", "");
  label.append(element("span", "unseen", "Reaccionar o responder"), shape("⌄"));
  const sheet = element("div", "sheet");
  const done = (act) => () => {
    box.open = false;
    act();
  };
  for (const emoji of FACES) {
    const face = button(emoji, done(() => acts.react(message, emoji)));
    face.setAttribute("aria-label", `Reaccionar con ${emoji}`);
    sheet.append(face);
  }
  sheet.append(button("↩ Responder", done(() => acts.answer(message))));
  box.append(label, sheet);
  return box;
}

function shape(text) {
  const mark = element("span", "", text);
  mark.setAttribute("aria-hidden", "true");
  return mark;
}

function button(words, act) {
  const made = element("button", "", words);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

// WhatsApp's own marks: *bold*, _italic_, ~struck~. Everything else is plain text.
function formatted(text) {
  const tags = { "*": "strong", _: "em", "~": "s" };
  const marks = /(?<![\p{L}\p{N}])([*_~])(?=\S)([^\n]*?\S)\1(?![\p{L}\p{N}])/gu;
  const nodes = [];
  let from = 0;
  for (const found of text.matchAll(marks)) {
    nodes.push(document.createTextNode(text.slice(from, found.index)));
    nodes.push(element(tags[found[1]], "", found[2]));
    from = found.index + found[0].length;
  }
  nodes.push(document.createTextNode(text.slice(from)));
  return nodes;
}

export function element(tag, kind, text) {
  const node = document.createElement(tag);
  if (kind) node.className = kind;
  if (text) node.textContent = text;
  return node;
}
