// What a person does with the page, in the words of the page.

export function bubble(page, side, text) {
  return page.locator(`.bubble.${side}`).filter({ hasText: text });
}

// Puts the phone into somebody's hand. The radio lies under its label.
export async function hold(page, name) {
  await page.getByRole("radio", { name }).check({ force: true });
  await page.getByRole("log", { name: `Conversación de ${name}` }).waitFor();
}

// Writes to the other number.
export async function dial(page, provider) {
  const lines = page.getByRole("group", { name: "¿A qué número?" });
  await lines.getByRole("radio", { name: provider }).check({ force: true });
}

// Types a message and sends it with the Enter key.
export async function write(page, text) {
  const field = page.getByRole("textbox", { name: "Mensaje" });
  await field.fill(text);
  await field.press("Enter");
  await bubble(page, "mine", text).last().waitFor();
}

// Taps one of the phrases below the phone.
export async function tap(page, phrase) {
  await page.getByRole("button", { name: phrase, exact: true }).click();
  await bubble(page, "mine", phrase).last().waitFor();
}

// Waits for what came back, and gives it.
export async function answer(page, text) {
  const found = bubble(page, "theirs", text).last();
  await found.waitFor();
  return found;
}

// Presses a button of the newest message with this text.
export async function press(page, text, button) {
  const message = await answer(page, text);
  await message.getByRole("button", { name: button, exact: true }).click();
}

// Opens the list of the newest message with this text and picks a row.
export async function pick(page, text, row) {
  const message = await answer(page, text);
  await message.locator("summary").filter({ visible: true }).first().click();
  await message.getByRole("button", { name: row }).click();
}

// The number of the ticket that the newest confirmation tells.
export async function ticketNumber(page, confirmation) {
  const words = await (await answer(page, confirmation)).innerText();
  const [number] = words.match(/#TK-\d{4}-\d{6,}/) ?? [];
  if (!number) throw new Error(`no number in ${words}`);
  return number;
}

export function card(page, number) {
  return page.locator(".ticket").filter({ hasText: number });
}

// The technician says something on a ticket, or does it without words.
export async function work(page, number, act, text) {
  const ticket = card(page, number);
  if (text) await ticket.getByRole("textbox", { name: "Texto del técnico" }).fill(text);
  await ticket.getByRole("button", { name: act, exact: true }).click();
  await page.getByText(`${act}: hecho en el ticket ${Number(number.split("-").at(-1))}.`).waitFor();
}
