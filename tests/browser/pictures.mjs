// The pictures of README and docs/vi, taken anew from a played day: `node pictures.mjs` in this folder, with the program built; names
// of pictures after it take these alone.

import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { DESK, launch, PHONE, room } from "./support/browser.mjs";
import { Office } from "./support/office.mjs";

const FOLDER = fileURLToPath(new URL("../../docs/pictures/", import.meta.url));

/** Name, role, size, where to go; `then` does what must be done before the picture. */
const PICTURES = [
  ["post-today", "POST_CLERK", DESK, "/post"],
  ["post-intake", "POST_CLERK", PHONE, "/post/intake"],
  ["post-scan", "POST_CLERK", PHONE, "/post/scan"],
  ["post-rounds", "POST_CLERK", DESK, "/post/rounds"],
  ["post-delivery", "POSTMAN", PHONE, "/post/delivery"],
  ["desk-today", "DESK_CLERK", DESK, "/desk"],
  ["handover", "DESK_CLERK", DESK, "/handovers", first("main a[href^='/handovers/ho_']")],
  ["desk-discrepancies", "DESK_CLERK", DESK, "/desk/discrepancies"],
  ["dossier", "POST_CLERK", DESK, "/dossiers?state=CONFIRMED", first("main a[href^='/dossiers/leg_']")],
  ["work", "POST_SUPERVISOR", DESK, "/exceptions"],
  ["oversight", "OVERSIGHT", DESK, "/oversight"],
  ["report", "OVERSIGHT", DESK, "/oversight/reports", made("BCCI_ANNEX")],
  ["tracking", undefined, PHONE, "/tracking"],
];

/** Follows the first link of this kind. */
function first(link) {
  return async (page) => {
    await page.goto(await page.locator(link).first().getAttribute("href"));
  };
}

/** Makes this report. */
function made(definition) {
  return async (page) => {
    await page.selectOption("#definition", definition);
    await page.locator("main form button[type=submit]").click();
    await page.waitForURL(/\/oversight\/reports\/cut_/);
  };
}

const asked = process.argv.slice(2);
const [office, browser] = await Promise.all([Office.open({ played: 120 }), launch()]);
const ends = [];
try {
  await mkdir(FOLDER, { recursive: true });
  for (const [name, role, size, path, then] of PICTURES.filter(([name]) => !asked.length || asked.includes(name))) {
    const context = await room({ after: (work) => ends.push(work) }, browser, office, { role, size, serviceWorkers: "block", deviceScaleFactor: 1 });
    const page = await context.newPage();
    await page.goto(path);
    await then?.(page);
    await page.waitForLoadState("networkidle");
    await page.screenshot({ path: `${FOLDER}${name}.png` });
    console.log(name);
  }
} finally {
  for (const end of ends) await end();
  await browser.close();
  await office.close();
}
