// How the page looks and what it says of itself: names, contrast, width, numbers.

import assert from "node:assert/strict";

export async function structureIsNamed(page) {
  const tree = await page.locator("body").ariaSnapshot();
  for (const part of [
    'heading "Chasqui" [level=1]',
    'heading "IT Green Peru" [level=2]',
    'heading "Tickets en GLPI" [level=2]',
    'heading "Personas que esperan" [level=2]',
    'heading "Averías" [level=2]',
    'heading "Plantillas y consentimiento" [level=2]',
    'heading "El servidor, en vivo" [level=2]',
    'list "Cómo se usa"',
    'log "Conversación de Juan Pérez"',
    'group "¿Quién escribe?"',
    'group "¿A qué número?"',
    'textbox "Mensaje"',
    'button "Enviar"',
  ]) {
    assert.ok(tree.includes(part), `${part} is missing from:\n${tree}`);
  }
  const nameless = await page.evaluate(() =>
    [...document.querySelectorAll("button, input, select, textarea, summary")]
      .filter((node) => node.checkVisibility() && !node.labels?.length)
      .filter((node) => !node.textContent.trim() && !node.getAttribute("aria-label"))
      .map((node) => node.outerHTML.slice(0, 120)),
  );
  assert.deepEqual(nameless, [], "everything that can be used has a name");
}

// The whole page can be used without a mouse: the message field is one key away.
export async function keyboardReachesTheMessage(page) {
  await page.keyboard.press("Tab");
  await page.getByRole("link", { name: "Ir al mensaje" }).and(page.locator(":focus")).waitFor();
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => location.hash === "#mensaje");
}

export async function numbersMove(page) {
  const reads = (name, value) =>
    page.locator(".tiles div").filter({ hasText: name }).locator("dd").filter({ hasText: value });
  await reads("Pasos decididos", /^([3-9]|[1-9]\d+)$/).waitFor();
  await reads("Contactos despiertos", /^[1-9]/).waitFor();
  for (const gateway of ["demo-meta", "demo-glpi"]) {
    const facts = page.locator(".gateways li").filter({ hasText: gateway });
    await facts.filter({ hasText: "circuito cerrado" }).first().waitFor();
  }
}

// In a narrow window nothing is cut off, and every part is one tap away.
export async function fitsAPhone(page) {
  await page.setViewportSize({ width: 390, height: 844 });
  const overflow = () => document.documentElement.scrollWidth - window.innerWidth;
  assert.ok((await page.evaluate(overflow)) <= 0, "a narrow page does not scroll sideways");
  const places = page.getByRole("navigation", { name: "Partes de la página" });
  for (const [link, part] of [["Averías", "#averias"], ["Tickets", "#mesa"], ["Teléfono", "#telefono"]]) {
    await places.getByRole("link", { name: link }).click();
    await page.waitForFunction((part) => {
      const { top, bottom } = document.querySelector(part).getBoundingClientRect();
      return top < innerHeight / 2 && bottom > 0;
    }, part);
  }
}

// WCAG 2.2, contrast (minimum): 4.5 for text, 3 for large text.
export async function contrastIsEnough(page, scheme) {
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
