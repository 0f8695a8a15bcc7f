// The demo's page as people use it, from the first look to every function: they read, click, type.
// What each of them does is in `walk/`; here is the order, and what holds all the time.
//
//   node demo.spec.mjs http://127.0.0.1:8080 FOLDER_FOR_PICTURES
//
// WhatsApp takes one message in six seconds for each person, and a burst of a few before that: so
// whoever has said much rests while others go on.

import assert from "node:assert/strict";
import { chromium } from "playwright-core";
import * as desks from "./walk/desks.mjs";
import * as looks from "./walk/looks.mjs";
import * as phones from "./walk/phones.mjs";
import { answer, card, hold } from "./walk/hands.mjs";

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

const began = Date.now();
// Runs one part of the walk and says how long it took.
async function step(name, act) {
  const from = Date.now();
  const result = await act();
  console.log(`${name}: ${Date.now() - from} ms`);
  return result;
}

try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 980 }, colorScheme: "light" });
  page.setDefaultTimeout(45_000);
  const complaints = [];
  page.on("console", (said) => {
    // Without consent the order of a promotion is refused, which is what that step is about.
    const refused = /422/.test(said.text()) && said.location().url.endsWith("/templates");
    if (said.type() === "error" && !refused) complaints.push(`${said.text()} ${said.location().url}`);
  });
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
  await looks.structureIsNamed(page);
  await looks.keyboardReachesTheMessage(page);

  const juans = await step("ticket in three turns", () => phones.ticketInThreeTurns(page));
  await card(page, juans).filter({ hasText: /Alta.*Nuevo.*Computadora no enciende/s }).waitFor();
  assert.equal(await page.locator(".ticket").count(), 1, "one conversation, one ticket");
  await looks.numbersMove(page);
  await page.screenshot({ path: `${pictures}/conversation.png` });
  await looks.contrastIsEnough(page, "light");

  const camilas = await step("files and a place", () => phones.filesAndPlace(page));
  await step("reaction and reply", () => phones.reactionAndReply(page));
  const joaos = await step("Portuguese at Gupshup", () => phones.portugueseAtGupshup(page));
  await step("GLPI fails", () => desks.glpiFails(page));
  await step("operator answers", () => desks.operatorAnswers(page));
  await step("stop word", () => phones.stopWord(page));
  await step("promotion needs consent", () => desks.promotionNeedsConsent(page));
  await step("operator steps in", () => desks.operatorStepsIn(page));
  await step("everything twice", () => desks.everythingTwice(page));
  await step("added person", () => phones.addedPerson(page));
  await step("technician asks", () => desks.technicianAsks(page, juans));
  await step("solved and rated", () => desks.solvedAndRated(page, camilas));
  await step("closed in Portuguese", () => desks.closedInPortuguese(page, joaos));
  await step("GLPI is back", () => desks.glpiIsBack(page));

  await page.reload();
  await answer(page, juans);
  await card(page, juans).waitFor();
  await hold(page, "Camila Rojas");
  await answer(page, camilas);
  await page.emulateMedia({ colorScheme: "dark" });
  await page.screenshot({ path: `${pictures}/dark.png`, fullPage: true });
  await looks.contrastIsEnough(page, "dark");
  await looks.fitsAPhone(page);
  await page.screenshot({ path: `${pictures}/narrow.png`, fullPage: true });

  assert.deepEqual(complaints, [], "the browser complained");
  assert.deepEqual(elsewhere, [], "the page needs nothing from elsewhere");
  console.log(`the whole walk: ${Date.now() - began} ms`);
} finally {
  await browser.close();
}
