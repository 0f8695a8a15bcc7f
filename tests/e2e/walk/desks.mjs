// What the company does: technician, operator, writing first, and what fails outside.

import assert from "node:assert/strict";
import { answer, bubble, card, dial, hold, pick, press, tap, ticketNumber, work, write } from "./hands.mjs";

// The technician's note stays inside; the answer and the question reach the person.
export async function technicianAsks(page, number) {
  await hold(page, "Juan Pérez");
  await work(page, number, "Asignarme");
  await card(page, number).getByText("Técnico: ", { exact: false }).waitFor();
  await work(page, number, "Nota privada", "Ojo: equipo sin garantía");
  await card(page, number).locator(".private").filter({ hasText: "sin garantía" }).waitFor();
  await work(page, number, "Responder", "Vamos en camino");
  await answer(page, "Vamos en camino");
  await work(page, number, "Preguntar", "¿Suena algún pitido?");
  await answer(page, "¿Suena algún pitido?");
  await answer(page, "Está en espera");
  await card(page, number).getByText("En espera", { exact: true }).waitFor();
  assert.equal(await bubble(page, "theirs", "sin garantía").count(), 0, "a private note stays private");
}

// A solution is accepted with a button and rated with a row of a list.
export async function solvedAndRated(page, number) {
  await hold(page, "Camila Rojas");
  await work(page, number, "Resolver");
  await press(page, "Se revisó el equipo y quedó funcionando.", "Sí, quedó resuelto");
  await answer(page, `cerré el ticket ${number}`);
  await card(page, number).getByText("Cerrado", { exact: true }).waitFor();
  await pick(page, "¿Cómo fue la atención", /Excelente/);
  await answer(page, "Registré tu calificación");
}

// The technician closes: the person is told in their own language, at their own provider.
export async function closedInPortuguese(page, number) {
  await hold(page, "João Silva");
  await dial(page, "Gupshup");
  await answer(page, number);
  await work(page, number, "Cerrar");
  await answer(page, "🔒");
  await card(page, number).getByRole("button", { name: "Resolver" }).waitFor({ state: "hidden" });
  await dial(page, "Meta");
}

// Somebody asks for a person; an operator takes over, answers and hands back.
export async function operatorAnswers(page) {
  await page.getByText("Nadie espera.").waitFor();
  await hold(page, "Emily Carter");
  await tap(page, "I want to talk to a person");
  await answer(page, /person|team/);
  const row = page.locator(".waiting").filter({ hasText: "pidió hablar con una persona" });
  await row.getByRole("button", { name: "Tomar", exact: true }).click();
  await row.filter({ hasText: "la atiende ana" }).waitFor();
  await row.getByRole("textbox", { name: "Respuesta del operador" }).fill("Hello, this is Ana");
  await row.getByRole("button", { name: "Responder" }).click();
  await answer(page, "Hello, this is Ana");
  await row.getByLabel("Adjuntar un archivo para la persona").setInputFiles({
    name: "pasos.pdf",
    mimeType: "application/pdf",
    buffer: Buffer.from("%PDF-1.4\n%%EOF\n"),
  });
  await answer(page, "📎 pasos.pdf");
  await row.getByRole("button", { name: "Devolver al asistente" }).click();
  await answer(page, /assistant/);
  await page.getByText("Nadie espera.").waitFor();
}

// An operator steps in unasked, sees whose conversation it is, and ends it.
export async function operatorStepsIn(page) {
  await page.getByRole("button", { name: "Tomar la conversación de Martín Acosta" }).click();
  const row = page.locator(".waiting").filter({ hasText: "la tomó un operador" });
  await hold(page, "Giulia Bianchi");
  await row.getByRole("button", { name: "Ver en el teléfono" }).click();
  await page.getByRole("log", { name: "Conversación de Martín Acosta" }).waitFor();
  await row.getByRole("button", { name: "Cerrar", exact: true }).click();
  await page.getByText("Nadie espera.").waitFor();
}

// A promotion needs consent: refused in plain words, and sent once consent is on record.
export async function promotionNeedsConsent(page) {
  await hold(page, "Martín Acosta");
  await write(page, "Hola");
  await answer(page, "Soy el asistente");
  const desk = page.locator("#plantillas");
  await desk.getByText("Martín Acosta · español · acepta avisos de sus tickets").waitFor();
  await desk.getByLabel("Plantilla").selectOption("promo · es · promoción, aprobada");
  assert.equal(await desk.getByLabel("Dato 1").inputValue(), "Martín");
  await desk.locator("#vista").filter({ hasText: "Hola Martín, este mes hay 20 % de descuento" }).waitFor();
  const send = desk.getByRole("button", { name: "Enviar plantilla" });
  await send.click();
  await desk.getByText("No se envió: esta persona no ha dado su permiso").waitFor();
  await desk.getByRole("button", { name: "Anotar que acepta promociones" }).click();
  await desk.getByText("acepta avisos y promociones").waitFor();
  await send.click();
  await answer(page, "Hola Martín, este mes hay 20 % de descuento para clientes.");
}

// Switches a fault on or off, and waits until the page shows it.
async function turn(page, name, on) {
  const fault = page.getByRole("switch", { name });
  await fault.click();
  await fault.and(page.locator(`[aria-checked="${on}"]`)).waitFor();
}

// Every webhook comes twice: each message is answered once.
export async function everythingTwice(page) {
  await hold(page, "Giulia Bianchi");
  await turn(page, /Cada mensaje llega dos veces/, true);
  await tap(page, "Ciao, ho un problema con il mio computer");
  await answer(page, "Sono l'assistente del supporto");
  await tap(page, "Non si accende da stamattina");
  await answer(page, "Informazioni del ticket");
  await tap(page, "annulla");
  await answer(page, "annullato");
  assert.equal(await page.locator(".theirs:not(.typing)").count(), 3, "three messages, three answers");
  await turn(page, /Cada mensaje llega dos veces/, false);
}

// GLPI is down: the person is told so in plain words, and has the ticket when it is back.
export async function glpiFails(page) {
  await hold(page, "María Fernanda López");
  await turn(page, /GLPI no responde/, true);
  await write(page, "La impresora no imprime. Soy María Fernanda López de ventas");
  await press(page, "¿Lo creo así?", "Sí, crear ticket");
  await answer(page, "El sistema de tickets está tardando más de lo normal");
  await turn(page, /GLPI no responde/, false);
}

export async function glpiIsBack(page) {
  await hold(page, "María Fernanda López");
  const number = await ticketNumber(page, /Ticket.*#TK/s);
  await card(page, number).waitFor();
}
