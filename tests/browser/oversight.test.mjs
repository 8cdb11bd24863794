// Oversight's first page: numbers with their bases, plots with their figures beside them, and where the worst offices lead.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { assertAccessible } from "./support/axe.mjs";
import { DESK, launch, NARROW, open, PHONE, says } from "./support/browser.mjs";
import { Office } from "./support/office.mjs";
import { day } from "./support/papers.mjs";

let browser, office, late, held;
before(async () => {
  browser = await launch();
  office = await Office.open({ played: 60, config: "[tallies]\ninterval_ms = 50\n" });
  // Results that were promised for yesterday and are still at the desk.
  const lines = [1, 2, 3].map((n) => office.papers.line("RESULT", n, { dueAt: `${day(-1)}T17:00:00+07:00` }));
  late = await office.manifest("RESULT", lines);
  // Results that the post took in time, and has carried for three weeks.
  held = await office.manifest("RESULT", [1, 2].map((n) => office.papers.line("RESULT", n)));
  const taken = ({ legId }) => ({ factId: `taken-${legId}`, legId, event: "ACCEPTED", occurredAt: `${day(-21)}T09:00:00+07:00` });
  await office.call("POST", "/v1/facts", { facts: held.receipt.lines.map(taken) }, { side: "post" });
});
after(async () => { await browser?.close(); await office?.close(); });

// SHOTS=folder keeps pictures of the pages, to look at.
const shot = async (page, name) => { if (process.env.SHOTS) await page.screenshot({ path: join(process.env.SHOTS, `${name}.png`), fullPage: true }); };
const sideways = (page) => page.evaluate(() => document.scrollingElement.scrollWidth - document.documentElement.clientWidth);

test("every main number stands with its base", async (t) => {
  const page = await open(t, browser, office, { role: "OVERSIGHT" });
  await page.goto("/oversight");
  const kpis = await page.locator(".kpi").allInnerTexts();
  assert.equal(kpis.length, 5);
  for (const kpi of kpis) assert.match(kpi, /(?:\d+(?:,\d+)?\s?%|–)[^]*[\d.]+\s?\/\s?[\d.]+/, kpi);
  assert.match(kpis.at(-1), /[1-9][\d.]*\s?\/\s?[1-9][\d.]* hồ sơ đang mở/, "what is overdue is counted");
  await assertAccessible(page);
  await shot(page, "oversight-desk");
});

test("plots are drawings with a sentence for who does not see them, and their figures in a table", async (t) => {
  const page = await open(t, browser, office, { role: "OVERSIGHT" });
  await page.goto("/oversight");
  const figures = await page.locator("figure.chart").all();
  assert.equal(figures.length, 4);
  for (const figure of figures) {
    const finding = await figure.locator("figcaption b").innerText();
    const drawings = await figure.locator("svg[role=img]").all();
    assert.ok(drawings.length >= 1, finding);
    for (const drawing of drawings) {
      const said = (await drawing.getAttribute("aria-label")) ?? (await drawing.locator("title").textContent());
      assert.ok(said.trim().length > 20, `${finding}: ${said}`);
    }
    assert.equal(await figure.locator("svg[role=img]:visible").count(), 1, `${finding}: one drawing for this screen`);
    await figure.locator("summary").click();
    assert.ok(await figure.locator("tbody tr:visible").count() > 0, `${finding}: its figures`);
  }
  await assertAccessible(page);
  await says(figures[2].locator("figcaption b"), /hồ sơ đang trên đường/);
});

test("the worst offices lead to their late dossiers", async (t) => {
  const page = await open(t, browser, office, { role: "OVERSIGHT" });
  const number = (of) => of.manifest.lines[0].dossierNo;
  for (const [table, code, of] of [["agencies", "H32.15", late], ["posts", "650100", held]]) {
    const row = page.locator(`section[aria-labelledby="h-${table}"] tbody tr`, { hasText: code });
    // The roll-ups follow within a second.
    for (let look = 0; look < 100 && await row.count() === 0; look += 1) await page.goto("/oversight");
    await says(row, /\d+\s?\/\s?\d+/);
    await Promise.all([page.waitForURL("**/oversight/late?*"), row.getByRole("link").click()]);
    const list = await page.locator('section[aria-labelledby="h-l"]').innerText();
    assert.ok(list.includes(number(of)), `${table}: the late ones are on it`);
    assert.ok(!list.includes(number(of === late ? held : late)), `${table}: and nobody else's`);
    await assertAccessible(page);
    await shot(page, `oversight-late-${table}`);
  }
  await page.locator("tbody th a", { hasText: number(held) }).click();
  await page.waitForURL("**/dossiers/leg_*");
  const story = await page.locator("main").innerText();
  assert.ok(!story.includes(held.manifest.lines[0].party.name), "oversight sees no names");
});

test("an administrator sees the numbers too, and is led to the work list instead", async (t) => {
  const page = await open(t, browser, office, { role: "ADMINISTRATOR" });
  await page.goto("/oversight");
  assert.equal(await page.locator('a[href^="/dossiers"]').count(), 0);
  await page.getByRole("link", { name: "Mở danh sách việc cần xử lý" }).click();
  await page.waitForURL("**/exceptions");
});

test("it works on a phone, in both languages, light and dark", async (t) => {
  for (const [size, lang, dark] of [[PHONE, "vi", true], [PHONE, "en", false], [DESK, "en", true]]) {
    const page = await open(t, browser, office, { role: "OVERSIGHT", size, lang, dark });
    await page.goto("/oversight");
    await assertAccessible(page);
    await shot(page, `oversight-${size.width}-${lang}-${dark ? "dark" : "light"}`);
    await page.setViewportSize(NARROW);
    assert.equal(await sideways(page), 0, "moves sideways");
    await page.setViewportSize(size);
    assert.equal(await sideways(page), 0, "moves sideways");
  }
});
