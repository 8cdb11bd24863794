// Scanning and delivering without a line: nothing is lost by a reload, a killed page or an ended session, and each act is taken once.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, PHONE, room, setOffline, signIn, waitFor } from "./support/browser.mjs";
import { Office } from "./support/office.mjs";
import { scan } from "./support/wedge.mjs";

let browser, office, results;
before(async () => {
  browser = await launch();
  office = await Office.open({ manifests: false });
  results = (await office.manifest("RESULT", 6)).manifest.lines;
});
after(async () => { await browser?.close(); await office?.close(); });

async function collect(page) {
  await page.goto("/post/scan");
  await page.locator('form:has([value="COLLECT"]) button').first().click();
  await page.waitForSelector("#scan[data-ready]");
  await page.keyboard.press("Shift");      // the first key of a cold page is slower than any scanner
}
/** The worker controls the page and has kept it. */
async function kept(page) {
  await waitFor(page, "the worker", () => navigator.serviceWorker?.controller !== null);
  await page.reload();
  await page.waitForSelector("#scan[data-ready]");
  await waitFor(page, "the page is kept", async () => Boolean(await caches.match(location.href)));
}
const outcome = (page, word) => page.locator(`#last[data-out="${word}"]`).waitFor();
const sent = (page) => waitFor(page, "everything sent", () => document.querySelector(".net span").textContent === "Đã gửi hết");
const serverScans = async (page) => JSON.parse(await page.locator("#data").textContent()).scans.length;

test("a line that goes and comes back loses no scan, not even by a killed page", async (t) => {
  const context = await room(t, browser, office, { role: "POST_CLERK", size: PHONE });
  let page = await context.newPage();
  await collect(page);
  await kept(page);
  await scan(page, results[0].itemNumber);
  await outcome(page, "ok");
  await sent(page);
  await setOffline(context, true);
  for (const line of results.slice(1, 3)) { await scan(page, line.itemNumber); await outcome(page, "ok"); }
  assert.match(await page.locator(".net").innerText(), /2 chưa gửi/);
  const address = page.url();
  await page.reload();
  await page.waitForSelector("#scan[data-ready]");
  assert.match(await page.locator("#h-prog").innerText(), /3\s*\/\s*6/, "reloaded without a line");
  await page.close();
  page = await context.newPage();
  await page.goto(address);
  await page.waitForSelector("#scan[data-ready]");
  assert.match(await page.locator("#h-prog").innerText(), /3\s*\/\s*6/, "opened again without a line");
  await scan(page, results[1].itemNumber);
  await outcome(page, "again");
  await setOffline(context, false);
  await page.evaluate(() => window.dispatchEvent(new Event("online")));
  await sent(page);
  await page.reload();
  await page.waitForSelector("#scan[data-ready]");
  assert.equal(await serverScans(page), 4, "each scan is on the server once");
});

test("a session that ends while somebody scans loses nothing and says so calmly", async (t) => {
  const context = await room(t, browser, office, { role: "POST_CLERK", size: PHONE, statuses: [401] });
  const page = await context.newPage();
  await collect(page);
  await context.clearCookies();
  await scan(page, results[3].itemNumber);
  await outcome(page, "ok");
  await page.locator("#signed-out").waitFor();
  await scan(page, results[4].itemNumber);
  await outcome(page, "ok");
  assert.match(await page.locator("#signed-out a").getAttribute("href"), /^\/sign-in\?next=.*post.*scan/);
  await signIn(context, office, "POST_CLERK");
  await page.reload();
  await page.waitForSelector("#scan[data-ready]");
  await sent(page);
  await page.reload();
  await page.waitForSelector("#scan[data-ready]");
  assert.equal(await serverScans(page), 2);
});
