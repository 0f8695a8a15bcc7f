// What people do with their phones: a ticket in three turns, files and places, another language at
// another provider, lists, and a stop word.

import assert from "node:assert/strict";
import { answer, bubble, card, dial, hold, pick, press, tap, ticketNumber, write } from "./hands.mjs";

// The example conversation; gives the ticket's number.
export async function ticketInThreeTurns(page) {
  await tap(page, "Hola, tengo un problema con mi computadora");
  await answer(page, "Soy el asistente de soporte de IT Green Peru");
  await tap(page, "No enciende desde esta mañana");
  await answer(page, "Problema: Computadora no enciende");
  await write(page, "Juan Pérez, área de contabilidad");
  const number = await ticketNumber(page, "Ticket creado exitosamente");
  const words = await (await answer(page, number)).innerText();
  assert.match(words, /Solicitante: Juan Pérez - Contabilidad/);
  assert.match(words, /Prioridad: Alta/);
  assert.match(words, /Descripción: Computadora no enciende desde esta mañana/);
  const ticks = bubble(page, "mine", "Hola, tengo un problema").locator(".ticks");
  await ticks.and(page.locator('[aria-label="entregado"], [aria-label="leído"]')).waitFor();
  return number;
}

// Files go along with the ticket, those sent before it and those after; so does a place.
export async function filesAndPlace(page) {
  await hold(page, "Camila Rojas");
  const clip = page.locator("#adjuntos");
  const attach = async (what, shown) => {
    await clip.locator("summary").click();
    const cut = (all) => all.filter((one) => one.scrollWidth > one.clientWidth + 1).length;
    assert.equal(await clip.locator("[data-sample]").evaluateAll(cut), 0, "every choice shows its words");
    await clip.getByRole("button", { name: what }).click();
    await bubble(page, "mine", shown).waitFor();
  };
  await attach("Foto de muestra", "📷 Foto");
  await bubble(page, "mine", "📷 Foto").getByRole("img", { name: "Foto" }).waitFor();
  await answer(page, "¿De qué se trata?");
  await write(page, "La impresora no imprime. Soy Camila Rojas de contabilidad");
  await press(page, "¿Lo creo así?", "Sí, crear ticket");
  const number = await ticketNumber(page, "Ticket creado exitosamente");
  await attach("PDF de muestra", "📎 guia-impresora.pdf");
  await attach("Nota de voz", "🎤 Nota de voz");
  await attach("Ubicación", "📍 Oficina de Miraflores");
  await page.getByLabel("Elegir un archivo").setInputFiles({
    name: "pedido.txt",
    mimeType: "text/plain",
    buffer: Buffer.from("dos cartuchos"),
  });
  await bubble(page, "mine", "📎 pedido.txt").waitFor();
  const ticket = card(page, number);
  for (const file of [/📎.*image.*\.png/, /guia-impresora\.pdf/, /pedido\.txt/]) {
    await ticket.locator(".files").filter({ hasText: file }).waitFor();
  }
  return number;
}

// A message is reacted to, and another answers it.
export async function reactionAndReply(page) {
  const message = await answer(page, "Ticket creado exitosamente");
  const more = message.locator(".with");
  await more.locator("summary").click();
  await more.getByRole("button", { name: "Reaccionar con ❤️" }).click();
  await message.getByRole("img", { name: "Reacción: ❤️" }).waitFor();
  await more.locator("summary").click();
  await more.getByRole("button", { name: "Responder" }).click();
  const quote = page.locator("#cita").filter({ hasText: "Ticket creado exitosamente" });
  // The way out is inside the phone's screen, and can be pressed.
  await quote.getByRole("button").click({ trial: true });
  await write(page, "muchas gracias");
  const mine = bubble(page, "mine", "muchas gracias");
  await mine.locator("blockquote").filter({ hasText: "Ticket creado" }).waitFor();
}

// A second phone, in Portuguese, at the other provider; its menu is a list.
export async function portugueseAtGupshup(page) {
  await hold(page, "João Silva");
  await dial(page, "Gupshup");
  await page.getByText("+15550783882", { exact: true }).filter({ visible: true }).first().waitFor();
  assert.equal(await page.locator(".bubble").count(), 0, "the other number's chat is empty");
  await tap(page, "Olá, estou com um problema no meu computador");
  await answer(page, "Sou o assistente de suporte da IT Green Peru");
  await tap(page, "Não liga desde hoje de manhã");
  await answer(page, "Informações do chamado");
  await tap(page, "João Silva, área de contabilidade");
  const number = await ticketNumber(page, "Chamado aberto com sucesso");
  await card(page, number).filter({ hasText: "Computador não liga" }).waitFor();
  await tap(page, "menu");
  await pick(page, "Isto é o que posso fazer", "Ver meus chamados");
  await answer(page, /Chamado #TK/);
  await dial(page, "Meta");
  await page.getByText("João Silva todavía no ha escrito.").waitFor();
  return number;
}

// A word ends promotions at once, whatever else is going on.
export async function stopWord(page) {
  await tap(page, "STOP");
  await answer(page, /promotion/i);
}

// Somebody who is not on the page yet is added by name and number.
export async function addedPerson(page) {
  await page.getByText("Agregar otra persona").click();
  await page.getByLabel("Nombre").fill("Lucía Quispe");
  await page.getByLabel("Número con código de país").fill("+51 987 654 321");
  await page.getByRole("button", { name: "Agregar" }).click();
  await page.getByRole("log", { name: "Conversación de Lucía Quispe" }).waitFor();
  await page.getByText("Lucía Quispe todavía no ha escrito.").waitFor();
  assert.equal(await page.locator(".bubble").count(), 0, "another person, another conversation");
}
