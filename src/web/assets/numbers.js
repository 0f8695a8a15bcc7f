// The live numbers of journal, actors and gateways, from the document of /api/v1/health/actors.

const journal = document.getElementById("diario");
const actors = document.getElementById("actores");
const gateways = document.getElementById("pasarelas");
const pulse = document.querySelector("#pulso path");
const SECONDS = 60;
const HEIGHT = 48;
const WIDTH = 240;
const CIRCUIT = { closed: "circuito cerrado", open: "circuito abierto", half_open: "probando" };
const whole = new Intl.NumberFormat("es", { maximumFractionDigits: 0 });
const fine = new Intl.NumberFormat("es", { maximumFractionDigits: 1 });

export class Numbers {
  #before;
  #rates = [];

  show(health) {
    const now = performance.now();
    const records = health.journal?.records ?? health.accepted + health.steps;
    if (this.#before && records >= this.#before.records) {
      const seconds = (now - this.#before.at) / 1000;
      this.#rates.push((records - this.#before.records) / Math.max(seconds, 0.2));
      this.#rates.splice(0, this.#rates.length - SECONDS);
    }
    this.#before = { at: now, records };
    draw(this.#rates);
    showJournal(health, this.#rates.at(-1) ?? 0);
    showActors(health);
    gateways.replaceChildren(...health.gateways.map(gateway));
  }
}

function showJournal({ journal: facts, accepted, steps }, rate) {
  const rows = [
    ["Registros por segundo", fine.format(rate)],
    ["Entradas aceptadas", whole.format(accepted)],
    ["Pasos decididos", whole.format(steps)],
  ];
  if (facts) {
    const perGroup = facts.groups ? facts.records / facts.groups : 0;
    const flush = facts.groups ? facts.flush_ns / facts.groups / 1e6 : 0;
    rows.push(
      ["Registros por grupo", fine.format(perGroup)],
      ["Milisegundos por fdatasync", fine.format(flush)],
      ["Grupos rechazados", whole.format(facts.refused_groups), facts.refused_groups > 0],
    );
  }
  tiles(journal, rows);
}

function showActors({ contacts, restarts, wakes, calls_under_way: calls }) {
  const again = Object.values(restarts).reduce((sum, times) => sum + times, 0);
  const rows = [
    ["Contactos despiertos", whole.format(contacts.live)],
    ["Despertares pendientes", whole.format(wakes)],
    ["Llamadas en curso", whole.format(calls)],
    ["Reinicios de supervisores", whole.format(again), again > 0],
    ["Contactos apartados", whole.format(contacts.parked), contacts.parked > 0],
  ];
  tiles(actors, rows);
}

// Rewrites only what changed, so that a reader's place and selection stay.
function tiles(list, rows) {
  while (list.children.length < rows.length) {
    const tile = document.createElement("div");
    tile.append(document.createElement("dt"), document.createElement("dd"));
    list.append(tile);
  }
  rows.forEach(([name, value, alarm = false], index) => {
    const tile = list.children[index];
    tile.classList.toggle("alarm", alarm);
    put(tile.children[0], name);
    put(tile.children[1], value);
  });
}

function put(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function gateway(facts) {
  const item = document.createElement("li");
  const head = document.createElement("h4");
  const circuit = document.createElement("span");
  circuit.className = "circuit";
  circuit.dataset.circuit = facts.circuit;
  circuit.textContent = CIRCUIT[facts.circuit] ?? facts.circuit;
  const name = facts.provider === "media" ? `${facts.name} · archivos` : facts.name;
  head.append(name, circuit);
  const meter = document.createElement("meter");
  Object.assign(meter, { min: 0, max: Math.max(facts.attempts, 1), value: facts.done });
  Object.assign(meter, { low: facts.attempts * 0.5, high: facts.attempts * 0.9, optimum: facts.attempts });
  meter.setAttribute("aria-label", `Llamadas logradas de ${name}`);
  const words = document.createElement("p");
  const parts = [
    `${whole.format(facts.done)} de ${whole.format(facts.attempts)} logradas`,
    `${whole.format(facts.in_flight)} en curso`,
    `${whole.format(facts.waiting)} en espera`,
  ];
  if (facts.unknown) parts.push(`${whole.format(facts.unknown)} en duda`);
  words.textContent = parts.join(" · ");
  item.append(head, meter, words);
  return item;
}

function draw(rates) {
  const top = Math.max(1, ...rates);
  const step = WIDTH / (SECONDS - 1);
  const start = SECONDS - rates.length;
  const point = (rate, index) => {
    const x = (start + index) * step;
    const y = HEIGHT - 3 - (rate / top) * (HEIGHT - 6);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  };
  pulse.setAttribute("d", rates.length ? `M${rates.map(point).join("L")}` : "");
}
