// The tickets of the help desk, newest first.

const list = document.getElementById("tickets");
const empty = document.getElementById("tickets-vacio");
const count = document.getElementById("tickets-cuenta");
const URGENCY = { 1: "Muy baja", 2: "Baja", 3: "Media", 4: "Alta", 5: "Muy alta" };
const STATUS = {
  1: "Nuevo",
  2: "En curso (asignado)",
  3: "En curso (planificado)",
  4: "En espera",
  5: "Resuelto",
  6: "Cerrado",
};

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

  // Shows a ticket, or what changed in it.
  change(ticket) {
    const before = this.#cards.get(ticket.id);
    const text = JSON.stringify(ticket);
    if (before?.text === text) return;
    const card = cardOf(ticket);
    if (before) {
      card.classList.add("changed");
      before.card.replaceWith(card);
    } else {
      const older = [...list.children].find((other) => Number(other.dataset.id) < ticket.id);
      list.insertBefore(card, older ?? null);
    }
    this.#cards.set(ticket.id, { text, card });
    empty.hidden = true;
    const many = this.#cards.size;
    count.textContent = many === 1 ? "1 ticket" : `${many} tickets`;
  }
}

function cardOf(ticket) {
  // GLPI's times are UTC here, without saying so.
  const at = new Date(`${ticket.date.replace(" ", "T")}Z`);
  const card = document.createElement("li");
  card.className = "ticket";
  card.dataset.id = ticket.id;
  card.dataset.urgency = ticket.urgency;
  const head = document.createElement("header");
  head.append(
    part("span", "number", `#${prefix}-${year.format(at)}-${String(ticket.id).padStart(6, "0")}`),
    part("span", "badge priority", URGENCY[ticket.urgency] ?? "Sin prioridad"),
    part("span", "badge", STATUS[ticket.status] ?? `Estado ${ticket.status}`),
  );
  const foot = document.createElement("footer");
  foot.append(
    part("span", "requester", `Solicitante: ${requester(ticket)}`),
    part("span", "date", moment.format(at)),
  );
  card.append(head, part("h3", "title", ticket.name), part("p", "what", plain(ticket.content)));
  const files = (ticket.documents ?? []).map((file) => `📎 ${file.name}`);
  if (files.length) card.append(part("p", "files", files.join(" · ")));
  card.append(foot);
  return card;
}

function requester(ticket) {
  return ticket.requesters.map((who) => who.name).join(", ") || "nadie";
}

function part(tag, kind, text) {
  const node = document.createElement(tag);
  node.className = kind;
  node.textContent = text;
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
