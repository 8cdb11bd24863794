// Fees that the post has not paid over: what oversight sees by place and dossier, and what the desk is told of them.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { assertAccessible } from "./support/axe.mjs";
import { DESK, launch, NARROW, open, PHONE } from "./support/browser.mjs";
import { Office } from "./support/office.mjs";
import { day } from "./support/papers.mjs";

const FEE = 115_000;

let browser, office;
before(async () => {
  browser = await launch();
  office = await Office.open({ manifests: false, config: "[clocks]\nfee_remittance_days = 2\n[tallies]\ninterval_ms = 50\n" });
  const lines = [1, 2, 3].map((n) => office.papers.line("RESULT", n));
  const { receipt } = await office.manifest("RESULT", lines);
  const legs = receipt.lines.map((line) => line.legId);
  const paid = (event, legId, at) => ({ factId: `${event}-${legId}`, legId, event, occurredAt: `${day(at)}T09:00:00+07:00`, amount: FEE, receiptNo: `BL-26A ${legId.slice(-4)}` });
  const facts = [...legs.map((leg) => paid("FEE_COLLECTED", leg, -20)), ...legs.slice(0, 2).map((leg) => paid("FEE_REMITTED", leg, -19))];
  await office.call("POST", "/v1/facts", { facts }, { side: "post" });
});
after(async () => { await browser?.close(); await office?.close(); });

// SHOTS=folder keeps pictures of the pages, to look at.
const shot = async (page, name) => { if (process.env.SHOTS) await page.screenshot({ path: join(process.env.SHOTS, `${name}.png`), fullPage: true }); };
const sideways = (page) => page.evaluate(() => document.scrollingElement.scrollWidth - document.documentElement.clientWidth);

for (const [name, size, dark, lang] of [["desk", DESK, false, "vi"], ["phone", PHONE, true, "en"], ["narrow", NARROW, false, "vi"]]) {
  test(`what is outstanding stands by place and dossier, ${name}`, async (t) => {
    const page = await open(t, browser, office, { role: "OVERSIGHT", size, dark, lang });
    await page.goto("/oversight/money");
    // The roll-ups follow within a second.
    for (let look = 0; look < 100 && await page.locator("table").count() < 2; look += 1) await page.reload();
    const [places, dossiers] = await page.locator("tbody").allInnerTexts();
    assert.match(places, lang === "vi" ? /115\.000/ : /115[.,]000/, places);
    assert.equal(await page.locator("tbody").nth(1).locator("tr").count(), 1, dossiers);
    assert.equal(await page.locator("tbody .st-bad").count(), 2, "past its term, in both tables");
    assert.equal(await sideways(page), 0);
    await assertAccessible(page);
    await shot(page, `money-${name}`);
  });
}

test("a dossier leads to its page, and the desk is told what is overdue", async (t) => {
  const page = await open(t, browser, office, { role: "OVERSIGHT" });
  await page.goto("/oversight");
  await page.locator("a[href='/oversight/money']").click();
  await page.locator("a[href^='/dossiers/leg_']").first().click();
  await page.waitForURL("**/dossiers/leg_*");
  const desk = await open(t, browser, office, { role: "DESK_CLERK" });
  await desk.goto("/desk/returns");
  assert.equal(await desk.getByText("quá hạn nộp").count(), 1);
  await assertAccessible(desk);
  await shot(desk, "money-returns");
});
