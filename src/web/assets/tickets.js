// The tickets of the help desk, newest first, and what the technician does with them.

import { refusal, world } from "./api.js";

const list = document.getElementById("tickets");
const empty = document.getElementById("tickets-vacio");
const count = document.getElementById("tickets-cuenta");
const told = document.getElementById("tickets-aviso");
const URGENCY = { 1: "Muy baja", 2: "Baja", 3: "Media", 4: "Alta", 5: "Muy alta" };
const STATUS = {
  1: "Nuevo",
  2: "En curso (asignado)",
  3: "En curso (planificado)",
  4: "En espera",
  5: "Resuelto",
  6: "Cerrado",
};
const CLOSED = 6;

// What the technician can do: the act, its words, and what is said when the field is empty.
const ACTS = [
  ["assign", "Asignarme"],
  ["answer", "Responder", "Ya lo estamos revisando."],
  ["ask", "Preguntar", "¿Podrías contarnos desde cuándo ocurre?"],
  ["note", "Nota privada", "Revisar el inventario antes de ir."],
  ["solve", "Resolver", "Se revisó el equipo y quedó funcionando."],
  ["close", "Cerrar"],
];

// Ticket numbers as the person reads them: the year is that of the creation in the tenant's zone.
const { zone, prefix } = document.body.dataset;
const year = new Intl.DateTimeFormat("es", { year: "numeric", timeZone: zone });
const moment = new Intl.DateTimeFormat("es", { dateStyle: "short", timeStyle: "short", timeZone: zone });

export class Tickets {
  #cards = new Map();

  async refresh() {
    const answer = await fetch("/demo/tickets");
    if (!answer.ok) return;
    const { tickets } = await answer.json();
    for (const ticket of tickets) this.change(ticket);
  }

  // Shows a ticket, or what changed in it; the technician's field keeps what stands in it.
  change(ticket) {
    const before = this.#cards.get(ticket.id);
    const text = JSON.stringify(ticket);
    if (before?.text === text) return;
    const card = before?.card ?? this.#add(ticket);
    this.#cards.set(ticket.id, { text, card });
    card.dataset.urgency = ticket.urgency;
    card.dataset.status = ticket.status;
    card.querySelector(".facts").replaceChildren(...facts(ticket));
    // Nothing can be done with a closed ticket.
    card.querySelector(".work").inert = ticket.status === CLOSED;
    if (before) flash(card);
    empty.hidden = true;
    const many = this.#cards.size;
    count.textContent = many === 1 ? "1 ticket" : `${many} tickets`;
  }

  #add({ id }) {
    const card = part("li", "ticket");
    card.dataset.id = id;
    card.append(part("div", "facts"), desk(id));
    const older = [...list.children].find((other) => Number(other.dataset.id) < id);
    list.insertBefore(card, older ?? null);
    return card;
  }
}

// Starts the mark of a change anew, even when the last one still runs.
function flash(card) {
  card.classList.remove("changed");
  void card.offsetWidth;
  card.classList.add("changed");
}

function facts(ticket) {
  const at = instant(ticket.date);
  const number = `#${prefix}-${year.format(at)}-${String(ticket.id).padStart(6, "0")}`;
  const head = part("header");
  const status = part("span", "badge status", STATUS[ticket.status] ?? `Estado ${ticket.status}`);
  head.append(
    part("span", "number", number),
    part("span", "badge priority", URGENCY[ticket.urgency] ?? "Sin prioridad"),
    status,
  );
  const foot = part("footer");
  foot.append(part("span", "requester", `Solicitante: ${names(ticket.requesters)}`));
  if (ticket.assigned?.length) foot.append(part("span", "assigned", `Técnico: ${names(ticket.assigned)}`));
  if (ticket.category) foot.append(part("span", "category", ticket.category));
  foot.append(part("span", "date", moment.format(at)));
  const shown = [head, part("h3", "title", ticket.name), part("p", "what", plain(ticket.content))];
  const files = (ticket.documents ?? []).map((file) => `📎 ${file.name}`);
  if (files.length) shown.push(part("p", "files", files.join(" · ")));
  const said = history(ticket);
  if (said) shown.push(said);
  return [...shown, foot];
}

// What was said on the ticket, oldest first.
function history({ followups = [], solutions = [] }) {
  const words = followups.map((one) => [one, one.is_private ? "nota privada" : ""]);
  const lines = [...words, ...solutions.map((one) => [one, "solución"])];
  if (!lines.length) return null;
  lines.sort(([a], [b]) => a.date.localeCompare(b.date));
  const said = part("ul", "said");
  for (const [{ author, content, is_private }, kind] of lines) {
    const line = part("li", is_private ? "private" : kind && "solution");
    line.append(part("strong", "", [author, kind].filter(Boolean).join(" · ")), " ", plain(content));
    said.append(line);
  }
  return said;
}

function desk(id) {
  const form = part("form", "work");
  const field = document.createElement("input");
  Object.assign(field, { name: "text", maxLength: 2000, autocomplete: "off" });
  field.placeholder = "Lo que dice el técnico (vacío: frase de muestra)";
  field.setAttribute("aria-label", "Texto del técnico");
  const row = part("p", "acts");
  for (const [act, words, sample = ""] of ACTS) {
    const button = part("button", "act", words);
    Object.assign(button, { type: act === "answer" ? "submit" : "button", value: act });
    const does = async () => {
      const text = field.value.trim() || sample;
      if (await order(id, act, words, text)) field.value = "";
    };
    if (act !== "answer") button.addEventListener("click", does);
    else form.addEventListener("submit", (event) => (event.preventDefault(), does()));
    row.append(button);
  }
  form.append(field, row);
  return form;
}

async function order(id, act, words, text) {
  const answer = await world(`tickets/${id}/${act}`, { text });
  told.textContent = answer.ok ? `${words}: hecho en el ticket ${id}.` : await refusal(answer);
  return answer.ok;
}

// GLPI's times are UTC here, without saying so.
function instant(date) {
  return new Date(`${date.replace(" ", "T")}Z`);
}

function names(people) {
  return people.map((who) => who.name).join(", ") || "nadie";
}

function part(tag, kind, text) {
  const node = document.createElement(tag);
  if (kind) node.className = kind;
  if (text) node.textContent = text;
  return node;
}

// GLPI keeps HTML, partly as entities; the board shows its words only. A parsed document that is
// never shown runs no script and loads nothing.
function plain(html) {
  const parse = (text) => new DOMParser().parseFromString(text, "text/html").body;
  const broken = (text) => text.replace(/<(br|\/p|\/div|\/li)[^>]*>/gi, "$&\n");
  let text = parse(broken(html ?? "")).textContent;
  if (/<\w+[^>]*>/.test(text)) text = parse(broken(text)).textContent;
  return text.replace(/\n{3,}/g, "\n\n").trim();
}
