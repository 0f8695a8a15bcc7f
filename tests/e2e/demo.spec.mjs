// The example conversation on the demo's page, as a person holds it: reads, clicks, types, looks.
//
//   node demo.spec.mjs http://127.0.0.1:8080 FOLDER_FOR_PICTURES

import assert from "node:assert/strict";
import { chromium } from "playwright-core";

const [address, pictures] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});

try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 980 }, colorScheme: "light" });
  page.setDefaultTimeout(20_000);
  const complaints = [];
  page.on("console", (said) => said.type() === "error" && complaints.push(said.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  const elsewhere = [];
  page.on("request", (request) => {
    if (!request.url().startsWith(address)) elsewhere.push(request.url());
  });

  const opened = await page.goto(`${address}/`);
  const policy = opened.headers()["content-security-policy"];
  assert.match(policy, /default-src 'none'/);
  assert.doesNotMatch(policy, /unsafe/);
  await page.getByText("En vivo", { exact: true }).waitFor();
  await structureIsNamed(page);

  const ticket = await conversation(page);
  await board(page, ticket);
  await numbers(page);
  await page.screenshot({ path: `${pictures}/conversation.png` });
  await contrastIsEnough(page, "light");

  await fileOnTheTicket(page, ticket);
  await anotherPerson(page);
  await otherProvider(page);
  await addedPerson(page);
  await page.reload();
  await bubble(page, "theirs", ticket).first().waitFor();
  await page.getByRole("listitem").filter({ hasText: ticket }).last().waitFor();

  await page.emulateMedia({ colorScheme: "dark" });
  await page.screenshot({ path: `${pictures}/dark.png` });
  await contrastIsEnough(page, "dark");
  await page.setViewportSize({ width: 400, height: 860 });
  const overflow = () => document.documentElement.scrollWidth - window.innerWidth;
  assert.ok((await page.evaluate(overflow)) <= 0, "a narrow page does not scroll sideways");
  await page.screenshot({ path: `${pictures}/narrow.png`, fullPage: true });

  assert.deepEqual(complaints, [], "the browser complained");
  assert.deepEqual(elsewhere, [], "the page needs nothing from elsewhere");
} finally {
  await browser.close();
}

// The other number is another provider's: the same person starts a conversation of its own there.
async function otherProvider(page) {
  const lines = page.getByRole("group", { name: "¿A qué número?" });
  await lines.getByRole("radio", { name: /Gupshup/ }).check({ force: true });
  await page.getByText("+15550783882", { exact: true }).first().waitFor();
  assert.equal(await page.locator(".bubble").count(), 0, "the other chat is empty");
  await page.getByRole("textbox", { name: "Mensaje" }).fill("Hola, mi impresora no imprime");
  await page.getByRole("button", { name: "Enviar" }).click();
  await page.locator(".bubble.theirs").first().waitFor();
  await lines.getByRole("radio", { name: /Meta/ }).check({ force: true });
}

function bubble(page, side, text) {
  return page.locator(`.bubble.${side}`).filter({ hasText: text });
}

async function structureIsNamed(page) {
  const tree = await page.locator("body").ariaSnapshot();
  for (const part of [
    'heading "Chasqui" [level=1]',
    'heading "IT Green Peru" [level=2]',
    'heading "Tickets en GLPI" [level=2]',
    'heading "El servidor, en vivo" [level=2]',
    'log "Conversación de Juan Pérez"',
    'group "¿Quién escribe?"',
    'group "¿A qué número?"',
    'textbox "Mensaje"',
    'button "Enviar"',
  ]) {
    assert.ok(tree.includes(part), `${part} is missing from:\n${tree}`);
  }
}

// Holds the conversation of three turns and gives the ticket's number.
async function conversation(page) {
  await page.getByRole("button", { name: "Hola, tengo un problema con mi computadora" }).click();
  await bubble(page, "mine", "Hola, tengo un problema").waitFor();
  await bubble(page, "theirs", "Soy el asistente de soporte de IT Green Peru").waitFor();
  await page.getByRole("button", { name: "No enciende desde esta mañana" }).click();
  await bubble(page, "theirs", "Problema: Computadora no enciende").waitFor();
  const field = page.getByRole("textbox", { name: "Mensaje" });
  await field.fill("Juan Pérez, área de contabilidad");
  await field.press("Enter");
  const confirmation = bubble(page, "theirs", "Ticket creado exitosamente");
  await confirmation.waitFor();
  const words = await confirmation.innerText();
  assert.match(words, /Solicitante: Juan Pérez - Contabilidad/);
  assert.match(words, /Prioridad: Alta/);
  assert.match(words, /Descripción: Computadora no enciende desde esta mañana/);
  const [number] = words.match(/#TK-\d{4}-\d{6,}/) ?? assert.fail(`no number in ${words}`);
  const ticks = bubble(page, "mine", "Hola, tengo un problema").getByRole("img");
  await ticks.and(page.locator('[aria-label="entregado"], [aria-label="leído"]')).waitFor();
  return number;
}

// A photo sent after the ticket goes onto it, and the board names the document.
async function fileOnTheTicket(page, number) {
  const pixel =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
  await page.getByLabel("Adjuntar un archivo").setInputFiles({
    name: "pantalla.png",
    mimeType: "image/png",
    buffer: Buffer.from(pixel, "base64"),
  });
  await bubble(page, "mine", "📎 Foto").waitFor();
  await bubble(page, "theirs", "lo agrego a tu ticket").waitFor();
  const card = page.locator(".ticket").filter({ hasText: number });
  await card.getByText(/📎 whatsapp-image-[0-9a-f]{8}\.png/).first().waitFor();
}

async function board(page, number) {
  const card = page.locator(".ticket").filter({ hasText: number });
  await card.waitFor();
  const words = await card.innerText();
  assert.match(words, /Alta/);
  assert.match(words, /Nuevo/);
  assert.match(words, /Computadora no enciende/);
  assert.match(words, /Solicitante: .*Pérez/);
  assert.equal(await page.locator(".ticket").count(), 1, "one conversation, one ticket");
}

async function numbers(page) {
  const reads = (name, value) =>
    page.locator(".tiles div").filter({ hasText: name }).locator("dd").filter({ hasText: value });
  await reads("Pasos decididos", /^([3-9]|[1-9]\d+)$/).waitFor();
  await reads("Contactos despiertos", /^1$/).waitFor();
  for (const gateway of ["demo-meta", "demo-glpi"]) {
    const facts = page.locator(".gateways li").filter({ hasText: gateway });
    await facts.filter({ hasText: "circuito cerrado" }).waitFor();
  }
}

async function anotherPerson(page) {
  await page.getByRole("radio", { name: /María Fernanda/ }).check({ force: true });
  await page.getByText("María Fernanda López todavía no ha escrito.").waitFor();
  assert.equal(await page.locator(".bubble").count(), 0, "another person, another conversation");
  await page.getByRole("button", { name: "Hola, tengo un problema con mi computadora" }).click();
  await bubble(page, "theirs", "Soy el asistente de soporte").waitFor();
  await page.getByRole("button", { name: "cancelar" }).click();
  await page.locator(".bubble.theirs").nth(1).waitFor();
}

async function addedPerson(page) {
  await page.getByText("Agregar otra persona").click();
  await page.getByLabel("Nombre").fill("Lucía Quispe");
  await page.getByLabel("Número con código de país").fill("+51 987 654 321");
  await page.getByRole("button", { name: "Agregar" }).click();
  await page.getByRole("log", { name: "Conversación de Lucía Quispe" }).waitFor();
  await page.getByText("Lucía Quispe todavía no ha escrito.").waitFor();
}

// WCAG 2.2, contrast (minimum): 4.5 for text, 3 for large text.
async function contrastIsEnough(page, scheme) {
  await page.waitForFunction(() => document.getAnimations().every((a) => a.playState !== "running"));
  const poor = await page.evaluate(() => {
    const rgba = (text) => text.match(/[\d.]+/g).map(Number);
    const channel = (value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    };
    const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
    const ground = (node) => {
      for (let at = node; at; at = at.parentElement) {
        const [r, g, b, alpha = 1] = rgba(getComputedStyle(at).backgroundColor);
        if (alpha === 1) return [r, g, b];
      }
      return [255, 255, 255];
    };
    const own = (node) => [...node.childNodes].some((c) => c.nodeType === 3 && c.data.trim());
    const poor = [];
    for (const node of document.querySelectorAll("body *")) {
      if (!own(node) || !node.checkVisibility() || node.closest(".unseen, .skip, noscript")) continue;
      const style = getComputedStyle(node);
      const [one, two] = [light(rgba(style.color)), light(ground(node))];
      const ratio = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
      const large = parseFloat(style.fontSize) >= 24;
      if (ratio < (large ? 3 : 4.5)) poor.push(`${ratio.toFixed(2)} ${node.className} ${node.textContent}`);
    }
    return poor;
  });
  assert.deepEqual(poor, [], `contrast in the ${scheme} scheme`);
}
