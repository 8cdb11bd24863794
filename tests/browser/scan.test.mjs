// A session of scanning with a keyboard-wedge scanner: the four outcomes, undo, garbled text, typed codes, the end.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible } from "./support/axe.mjs";
import { DESK, launch, NARROW, open, PHONE, says, waitFor } from "./support/browser.mjs";
import { Office } from "./support/office.mjs";
import { scan } from "./support/wedge.mjs";

let browser, office, results;
before(async () => {
  browser = await launch();
  office = await Office.open({ manifests: false });
  results = (await office.manifest("RESULT", 4)).manifest.lines;
});
after(async () => { await browser?.close(); await office?.close(); });

/** A new session to collect the results of the agency. */
async function collect(t, options) {
  const page = await open(t, browser, office, { role: "POST_CLERK", ...options });
  await page.goto("/post/scan");
  await page.locator('form:has([value="COLLECT"]) button').first().click();
  await page.waitForSelector("#scan[data-listed]");
  await page.keyboard.press("Shift");      // the first key of a cold page is slower than any scanner
  return page;
}
const outcome = (page, word) => page.locator(`#last[data-out="${word}"]`).waitFor();
const rows = (page) => page.locator("#feed > li");
const sent = (page) => waitFor(page, "everything sent", () => document.querySelector(".net span").textContent === "Đã gửi hết");

test("each of the four outcomes has its card, and the same code twice makes no second event", async (t) => {
  const page = await collect(t, { size: PHONE });
  const [first, second] = results;
  const height = await page.locator("#last").evaluate((card) => card.offsetHeight);
  await scan(page, first.dossierNo);
  await outcome(page, "ok");
  await says(page.locator("#last"), /Đúng, đã ghi/);
  await says(page.locator("#h-prog"), /1\s*\/\s*4/);
  await scan(page, first.itemNumber);
  await outcome(page, "again");
  await says(page.locator("#last"), /không ghi lần hai/);
  await scan(page, "EE123456785VN");
  await outcome(page, "not");
  await scan(page, second.itemNumber);
  await outcome(page, "ok");
  assert.equal(await page.locator("#last").evaluate((card) => card.offsetHeight), height, "the card never moves the page");
  await says(page.locator("#h-prog"), /2\s*\/\s*4/);
  assert.equal(await rows(page).count(), 4);
  await says(rows(page).first(), new RegExp(second.dossierNo.slice(-4) + "|" + second.itemNumber.slice(-6)), "newest on top");
  await assertAccessible(page);
  await page.locator("#t-left").click();
  assert.equal(await page.locator("#left > li").count(), 2);
  await page.locator("#t-out").click();
  assert.equal(await page.locator("#out > li").count(), 1);
  await sent(page);
});

test("undo is a line of its own, both stay, and the scanner's Enter presses nothing", async (t) => {
  const page = await collect(t, { size: DESK, lang: "vi" });
  const [first] = results;
  await scan(page, first.dossierNo);
  await outcome(page, "ok");
  await page.locator("#undo").click();
  await outcome(page, "idle");
  await says(page.locator("#feed > li.undone"), /hoàn tác/i);
  assert.equal(await page.evaluate(() => document.activeElement.id), "last");
  await scan(page, first.dossierNo);
  await outcome(page, "ok");
  await says(page.locator("#h-prog"), /1\s*\/\s*4/);
  await sent(page);
  await page.reload();
  await page.waitForSelector("#scan[data-listed]");
  assert.equal(await rows(page).count(), 2);
  assert.equal(await page.locator("#feed > li.undone").count(), 1);
  await says(page.locator("#h-prog"), /1\s*\/\s*4/);
});

test("text that an input method rewrote is repaired, or told as such", async (t) => {
  const page = await collect(t);
  const [, , third] = results;
  // A scan into the typed field keeps what arrives; outside it the listener folds en dashes.
  await scan(page, third.dossierNo.toLowerCase());
  await outcome(page, "ok");
  await page.locator("#type").click();
  await page.locator("#code").fill(third.dossierNo.replaceAll("-", "–"));
  await page.keyboard.press("Enter");
  await outcome(page, "again");
  await page.locator("#type").click();
  await page.locator("#last").focus();
  await page.evaluate(() => {
    for (const key of [..."ÂẤẦ12ƠỚ9", "Enter"]) window.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  });
  await outcome(page, "idle");
  await says(page.locator("#last"), /Bộ gõ làm sai mã/);
});

test("closing waits for the line, then opens the handover of what was scanned", async (t) => {
  const page = await collect(t, { size: NARROW, statuses: [404] });
  for (const line of results.slice(0, 2)) { await scan(page, line.itemNumber); await outcome(page, "ok"); }
  await sent(page);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, "nothing scrolls sideways");
  await Promise.all([page.waitForRequest((request) => /\/handovers\/ho_/.test(request.url())), page.locator("#close").click()]);
  const { items } = await office.call("GET", "/v1/handovers?status=OPEN", undefined, { side: "post" });
  assert.equal(items[0].lines.length, 2);
});
