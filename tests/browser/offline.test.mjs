// Scanning and delivering without a line: nothing is lost by a reload, a killed page or an ended session, and each act is taken once.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, PHONE, room, says, setOffline, signIn, waitFor } from "./support/browser.mjs";
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
  await page.waitForSelector("#scan[data-listed]");
  await page.keyboard.press("Shift");      // the first key of a cold page is slower than any scanner
}
/** The worker controls the page and has kept it. */
async function kept(page) {
  await waitFor(page, "the worker", () => navigator.serviceWorker?.controller !== null);
  await page.reload();
  await page.waitForSelector("#scan[data-listed]");
  await waitFor(page, "the page is kept", async () => Boolean(await caches.match(location.href)));
}
/** Types a code into its field: as slow as the machine, and no less a scan. */
async function typed(page, code) {
  if (!(await page.locator("#code").isVisible())) await page.locator("#type").click();
  await page.locator("#code").fill(code);
  await page.keyboard.press("Enter");
}
const outcome = (page, word) => page.locator(`#last[data-out="${word}"]`).waitFor();
const sent = (page) => waitFor(page, "everything sent", () => document.querySelector(".net span").textContent === "Đã gửi hết");
const serverScans = (page) => page.evaluate(async () => (await (await fetch(`${location.pathname}/list`)).json()).scans.length);

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
  await waitFor(page, "both wait", () => document.querySelector(".net span").textContent === "2 chưa gửi");
  const address = page.url();
  await page.reload();
  await page.waitForSelector("#scan[data-listed]");
  await says(page.locator("#h-prog"), /3\s*\/\s*6/, "reloaded without a line");
  await page.close();
  page = await context.newPage();
  await page.goto(address);
  await page.waitForSelector("#scan[data-listed]");
  await says(page.locator("#h-prog"), /3\s*\/\s*6/, "opened again without a line");
  await scan(page, results[1].itemNumber);
  await outcome(page, "again");
  await setOffline(context, false);
  await page.evaluate(() => window.dispatchEvent(new Event("online")));
  await sent(page);
  await page.reload();
  await page.waitForSelector("#scan[data-listed]");
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
  await page.waitForSelector("#scan[data-listed]");
  await sent(page);
  await page.reload();
  await page.waitForSelector("#scan[data-listed]");
  assert.equal(await serverScans(page), 2);
});

test("a scan that is made before the list is there is kept, and answered when it comes", async (t) => {
  const context = await room(t, browser, office, { role: "POST_CLERK", size: PHONE });
  const page = await context.newPage();
  let letGo, asked = 0;
  const late = new Promise((done) => { letGo = done; });
  await page.route(/\/list$/, async (route) => { asked += 1; await late; await route.continue(); });
  // The server knows without a list; its answer is held back as well.
  await page.route("**/sync", async (route) => { await late; await route.continue(); });
  await page.goto("/post/scan");
  await page.locator('form:has([value="COLLECT"]) button').first().click();
  await page.waitForSelector("#scan[data-ready]");
  await typed(page, "EE123456785VN");
  await page.getByText("Đã lưu, chờ danh sách").waitFor();
  await typed(page, results[5].itemNumber);
  await waitFor(page, "both are kept", () => document.querySelectorAll("#feed > li").length === 2);
  assert.equal(await page.locator("#last").getAttribute("data-out"), "idle", "no verdict without a list");
  assert.equal(await page.locator("#scan[data-listed]").count(), 0);
  letGo();
  await page.waitForSelector("#scan[data-listed]");
  assert.ok(asked >= 1);
  await outcome(page, "not");
  await says(page.locator("#last"), /EE1234|5VN/, "what must be put aside is what is shown");
  await says(page.locator("#h-prog"), /1\s*\/\s*6/);
  await sent(page);
});

test("the list comes once, compressed, and again only when it has changed; without a line the kept one answers", async (t) => {
  const context = await room(t, browser, office, { role: "POST_CLERK", size: PHONE });
  const page = await context.newPage(), replies = [];
  page.on("response", (reply) => { if (reply.url().endsWith("/list")) replies.push([reply.status(), reply.headers()["content-encoding"]]); });
  // All of an agency's results, whatever their manifest.
  const clerk = await office.session("POST_CLERK"), begun = await clerk.form("/post/scan", { purpose: "COLLECT", agency: "H32.15" });
  await page.goto(begun.headers.get("location"));
  await page.waitForSelector("#scan[data-listed]");
  await kept(page);
  assert.deepEqual(replies, [[200, "gzip"], [304, undefined]]);
  await office.manifest("RESULT", 1);
  await page.reload();
  await page.waitForSelector("#scan[data-listed]");
  await says(page.locator("#n-list"), /^7 hồ sơ/);
  assert.equal(replies.at(-1)[0], 200);
  await setOffline(context, true);
  await page.reload();
  await page.waitForSelector("#scan[data-listed]");
  await says(page.locator("#n-list"), /^7 hồ sơ/);
  await typed(page, "EE123456785VN");
  await outcome(page, "not");
  await setOffline(context, false);
  await page.evaluate(() => window.dispatchEvent(new Event("online")));
  await sent(page);
});
